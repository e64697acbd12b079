"""Dialogues: their state, saved under a version check so that two tabs cannot overwrite each other, and what was said."""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.orm import Session

from pixelmind.storage.errors import Conflict, NotFound
from pixelmind.storage.ids import known, new_id, now
from pixelmind.storage.models import MessageTable, SessionTable
from pixelmind.storage.rows import SessionRow, User
from pixelmind.storage.table import Store, check_limit, own, user_id


class Sessions(Store):
    """A person's dialogues."""

    def create(self, user: User | str, name: str = "", settings: Mapping[str, Any] | None = None) -> SessionRow:
        """A new dialogue at version 0 with an empty state.

        Raises:
            NotFound: no such user. BadInput: settings that are no JSON.
        """
        moment = now()
        values = dict(id=new_id("ses"), user_id=user_id(user), name=name, settings=dict(settings or {}), state={})

        def work(session: Session) -> SessionRow:
            row = SessionTable(**values, version=0, created=moment, updated=moment)
            session.add(row)
            session.flush()
            session.refresh(row)
            return self._row(row)

        return self._tx.write(work)

    def get(self, user: User | str, identity: str) -> SessionRow:
        """One dialogue.

        Raises:
            NotFound: none, or another person's.
        """
        return self._tx.read(lambda s: self._row(own(s, SessionTable, user, identity, "ses", "session")))

    def list(self, user: User | str, limit: int = 50, before: str | None = None) -> builtins.list[SessionRow]:
        """A page, newest first: those before the id `before`.

        Raises:
            BadInput: `limit` not from 1 to 1,000.
        """
        query = select(SessionTable).where(SessionTable.user_id == user_id(user))
        if before is not None:
            query = query.where(SessionTable.id < known(before, "ses", "session"))
        query = query.order_by(SessionTable.id.desc()).limit(check_limit(limit))
        return self._tx.read(lambda s: [self._row(r) for r in s.scalars(query)])

    def save(
        self,
        user: User | str,
        identity: str,
        state: Mapping[str, Any],
        messages: Sequence[Mapping[str, Any]],
        version: int,
    ) -> SessionRow:
        """Replace the state and append the new `messages`, if the dialogue is still at `version`; it is then one higher.

        Raises:
            NotFound: none, or another person's. Conflict: it was saved by someone else meanwhile; load it again.
            BadInput: a state or message that is no JSON.
        """
        moment, said = now(), [dict(message) for message in messages]

        def work(session: Session) -> SessionRow:
            mine = (SessionTable.id == known(identity, "ses", "session"), SessionTable.user_id == user_id(user))
            change = update(SessionTable).where(*mine, SessionTable.version == version)
            done = session.execute(change.values(state=dict(state), version=version + 1, updated=moment))
            assert isinstance(done, CursorResult)
            row = own(session, SessionTable, user, identity, "ses", "session")
            if not done.rowcount:
                raise Conflict(f"the session is at version {row.version}, not {version}; load it again")
            last = session.scalar(select(func.max(MessageTable.number)).where(MessageTable.session_id == identity))
            first = 0 if last is None else last + 1
            session.add_all(
                MessageTable(session_id=identity, number=n, created=moment, body=body)
                for n, body in enumerate(said, first)
            )
            return self._row(row)

        return self._tx.write(work)

    def messages(
        self, user: User | str, identity: str, after: int = -1, limit: int = 1000
    ) -> builtins.list[dict[str, Any]]:
        """What was said, in order, from the number after `after`: each message as saved, with its `number` and `created`.

        Raises:
            NotFound: none, or another person's. BadInput: `limit` not from 1 to 1,000.
        """

        def work(session: Session) -> builtins.list[dict[str, Any]]:
            own(session, SessionTable, user, identity, "ses", "session")
            query = select(MessageTable).where(MessageTable.session_id == identity, MessageTable.number > after)
            rows = session.scalars(query.order_by(MessageTable.number).limit(check_limit(limit)))
            return [{"created": r.created, **r.body, "number": r.number} for r in rows]

        return self._tx.read(work)

    def rename(self, user: User | str, identity: str, name: str) -> SessionRow:
        """Give a dialogue another name; its version stays.

        Raises:
            NotFound: none, or another person's.
        """

        def work(session: Session) -> SessionRow:
            row = own(session, SessionTable, user, identity, "ses", "session")
            row.name, row.updated = name, now()
            session.flush()
            session.refresh(row)
            return self._row(row)

        return self._tx.write(work)

    def delete(self, user: User | str, identity: str) -> None:
        """Delete a dialogue and what was said in it; its sprites stay.

        Raises:
            NotFound: none, or another person's.
        """
        self._tx.write(lambda s: s.delete(own(s, SessionTable, user, identity, "ses", "session")))

    def _state(self, identity: str) -> dict[str, Any]:
        state = self._tx.read(lambda s: s.scalar(select(SessionTable.state).where(SessionTable.id == identity)))
        if state is None:
            raise NotFound("no such session")
        return state

    def _row(self, found: SessionTable) -> SessionRow:
        identity = found.id
        return SessionRow(
            id=identity,
            user=found.user_id,
            name=found.name,
            settings=found.settings,
            version=found.version,
            created=found.created,
            updated=found.updated,
            _load=lambda: self._state(identity),
        )
