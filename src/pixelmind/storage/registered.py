"""Registered models and their states: candidate, canary, champion, retired. Each change is one commit, kept with its reason."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from pixelmind.errors import BadInput
from pixelmind.storage.errors import Conflict, NotFound
from pixelmind.storage.ids import new_id, now
from pixelmind.storage.models import ModelEventTable, ModelTable, RolloutTable
from pixelmind.storage.table import Store


@dataclass(frozen=True)
class ModelRow:
    """A registered model. `weights` is its bundle's id, `sha256` that of its manifest, `replaced` the champion before it."""

    id: str
    state: str
    weights: str
    sha256: str
    lineage: dict[str, Any]
    replaced: str | None
    created: str


@dataclass(frozen=True)
class ModelEvent:
    """A change of a model's state; `before` is empty where it was new."""

    model: str
    before: str
    after: str
    reason: str
    created: str


class Models(Store):
    """The registry's rows."""

    def add(
        self, identity: str, weights: str, sha256: str, lineage: Mapping[str, Any], *, champion: bool = False
    ) -> ModelRow:
        """Register a candidate, or the first champion.

        Raises:
            Conflict: it is registered, or there is a champion already.
        """

        def work(session: Session) -> ModelRow:
            if session.get(ModelTable, identity) is not None:
                raise Conflict(f"model {identity} is registered already")
            if champion and _in(session, "champion") is not None:
                raise Conflict("there is a champion already; promote the model instead")
            row = ModelTable(id=identity, weights=weights, sha256=sha256, lineage=dict(lineage), created=now())
            row.state = "champion" if champion else "candidate"
            session.add(row)
            session.flush()
            _note(session, row, "", "added")
            return _row(row)

        return self._tx.write(work)

    def get(self, name: str) -> ModelRow:
        """The model of an id, or of the beginning of one.

        Raises:
            NotFound: none. BadInput: several begin so.
        """
        return self._tx.read(lambda s: _row(find(s, name)))

    def list(self, state: str | None = None) -> builtins.list[ModelRow]:
        """All, or those in a state, oldest first."""
        query = select(ModelTable).order_by(ModelTable.created, ModelTable.id)
        if state is not None:
            query = query.where(ModelTable.state == state)
        return self._tx.read(lambda s: [_row(r) for r in s.scalars(query)])

    def champion(self) -> ModelRow | None:
        """The model in use; None: none is registered."""
        return self._tx.read(lambda s: None if (row := _in(s, "champion")) is None else _row(row))

    def events(self, name: str | None = None) -> builtins.list[ModelEvent]:
        """What happened to a model, or to all, oldest first.

        Raises:
            NotFound: no such model.
        """

        def work(session: Session) -> builtins.list[ModelEvent]:
            query = select(ModelEventTable).order_by(ModelEventTable.id)
            if name is not None:
                query = query.where(ModelEventTable.model_id == find(session, name).id)
            return [ModelEvent(e.model_id, e.before, e.after, e.reason, e.created) for e in session.scalars(query)]

        return self._tx.read(work)

    def promote(self, name: str, reason: str = "promoted") -> ModelRow:
        """Make a model the champion and retire the one before, in one commit. A rollout that runs ends: promoted if it was of this model.

        Raises:
            NotFound: no such model. Conflict: it is the champion.
        """

        def work(session: Session) -> ModelRow:
            row = find(session, name)
            if row.state == "champion":
                raise Conflict(f"model {row.id} is the champion already")
            end_running(session, row.id, reason)
            enthrone(session, row, reason)
            return _row(row)

        return self._tx.write(work)

    def rollback(self, reason: str = "rolled back") -> ModelRow:
        """Put the champion before back and retire the one that replaced it, in one commit; a rollout that runs is stopped.

        Raises:
            Conflict: there is none to go back to.
        """

        def work(session: Session) -> ModelRow:
            row = _in(session, "champion")
            old = None if row is None or row.replaced is None else session.get(ModelTable, row.replaced)
            if row is None or old is None:
                raise Conflict("there is no champion before this one to go back to; see pixelmind models list")
            end_running(session, None, reason)
            move(session, row, "retired", reason)
            session.flush()  # before the next, of which there may be one only
            move(session, old, "champion", reason)
            session.flush()
            return _row(old)

        return self._tx.write(work)

    def retire(self, name: str, reason: str = "retired") -> ModelRow:
        """Take a model out of use; its files stay. A rollout of it is stopped.

        Raises:
            NotFound: no such model. Conflict: it is the champion, or retired.
        """

        def work(session: Session) -> ModelRow:
            row = find(session, name)
            if row.state in ("champion", "retired"):
                more = "; promote another one, or roll back" if row.state == "champion" else ""
                raise Conflict(f"model {row.id} is {row.state}{more}")
            if row.state == "canary":
                end_running(session, None, reason)
            move(session, row, "retired", reason)
            return _row(row)

        return self._tx.write(work)


def find(session: Session, name: str) -> ModelTable:
    """The row of an id or of the beginning of one.

    Raises:
        NotFound, BadInput.
    """
    if not name or not name.isalnum() or not name.isascii():
        raise NotFound(f"no model {name[:40]!r}; pixelmind models list shows them")
    found = list(session.scalars(select(ModelTable).where(ModelTable.id.startswith(name)).limit(2)))
    if not found:
        raise NotFound(f"no model {name[:40]!r}; pixelmind models list shows them")
    if len(found) > 1:
        raise BadInput(f"several models begin with {name!r}; give more of the id")
    return found[0]


def _in(session: Session, state: str) -> ModelTable | None:
    return session.scalar(select(ModelTable).where(ModelTable.state == state))


def move(session: Session, row: ModelTable, state: str, reason: str) -> None:
    """Change a model's state and write that down."""
    before, row.state = row.state, state
    _note(session, row, before, reason)


def _note(session: Session, row: ModelTable, before: str, reason: str) -> None:
    event = ModelEventTable(id=new_id("evt"), model_id=row.id, before=before, after=row.state, created=now())
    event.reason = reason
    session.add(event)


def enthrone(session: Session, row: ModelTable, reason: str) -> None:
    """Make a model the champion in place of the one there is."""
    old = _in(session, "champion")
    if old is not None:
        move(session, old, "retired", reason)
        session.flush()  # before the next, of which there may be one only
    row.replaced = None if old is None else old.id
    move(session, row, "champion", reason)
    session.flush()


def end_running(session: Session, promoted: str | None, reason: str) -> None:
    """End the rollout that runs, if any: promoted where it is of this model; else its canary is a candidate again."""
    running = session.scalar(select(RolloutTable).where(RolloutTable.state == "running"))
    if running is None:
        return
    running.state = "promoted" if running.treatment_id == promoted else "stopped"
    running.ended, running.conclusion = now(), {"reason": reason}
    canary = session.get(ModelTable, running.treatment_id)
    if canary is not None and canary.state == "canary" and canary.id != promoted:
        move(session, canary, "candidate", reason)
    session.flush()


def _row(found: ModelTable) -> ModelRow:
    return ModelRow(found.id, found.state, found.weights, found.sha256, found.lineage, found.replaced, found.created)
