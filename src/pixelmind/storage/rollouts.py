"""Rollouts: which share of the units gets which model, who was shown which, and what came of it."""

from __future__ import annotations

import builtins
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pixelmind.errors import BadInput
from pixelmind.storage.errors import Conflict, NotFound
from pixelmind.storage.ids import iso, known, new_id, now
from pixelmind.storage.models import AXES, ExposureTable, FeedbackTable, ModelTable, RolloutTable, SpriteTable
from pixelmind.storage.registered import ModelRow, _row, end_running, enthrone, find, move
from pixelmind.storage.rows import User
from pixelmind.storage.table import Store, insert_if_absent, user_id

#: Events that say that a picture was of use.
USED = ("select", "export", "share")


@dataclass(frozen=True)
class RolloutRow:
    """A comparison of the champion `control` and the canary `treatment`."""

    id: str
    control: str
    treatment: str
    state: str
    salt: str
    settings: dict[str, Any]
    stage: int
    share: float
    stage_began: str
    created: str
    ended: str | None
    conclusion: dict[str, Any] | None


@dataclass(frozen=True)
class Exposure:
    """A unit that was shown an arm in a stage."""

    unit: str
    stage: int
    arm: str
    chance: float
    segment: str
    created: str
    until: str
    requests: int
    errors: int
    seconds: float


@dataclass
class Outcome:
    """What came of an exposure before its end: satisfactions in [0, 1] (ratings and verdicts), sprites, those used, checked and flagged."""

    exposure: Exposure
    satisfaction: list[float] = field(default_factory=list)
    sprites: int = 0
    used: set[str] = field(default_factory=set)
    checked: int = 0
    flagged: int = 0


class Rollouts(Store):
    """Rollouts, one running at most, and their exposures."""

    def start(self, model: str, settings: Mapping[str, Any], share: float, salt: str = "") -> RolloutRow:
        """Make a candidate the canary and begin to compare it with the champion, in one commit.

        Raises:
            NotFound: no such model. Conflict: it is no candidate, there is no champion, or another rollout runs.
        """
        identity = new_id("rol")

        def work(session: Session) -> RolloutRow:
            row = find(session, model)
            champion = session.scalar(select(ModelTable).where(ModelTable.state == "champion"))
            running = session.scalar(select(RolloutTable.id).where(RolloutTable.state == "running"))
            if running is not None:
                raise Conflict(
                    "a rollout runs already; see pixelmind rollout status, or end it: pixelmind rollout stop"
                )
            if champion is None:
                raise Conflict("there is no champion to compare with; promote a model first")
            if row.state != "candidate":
                raise Conflict(f"model {row.id} is {row.state}; only a candidate can be rolled out")
            moment = now()
            found = RolloutTable(
                id=identity,
                control_id=champion.id,
                treatment_id=row.id,
                state="running",
                salt=salt or secrets.token_hex(16),
                settings=dict(settings),
                stage=0,
                share=share,
                stage_began=moment,
                created=moment,
            )
            session.add(found)
            move(session, row, "canary", f"rollout {identity}")
            session.flush()
            return _rollout(found)

        return self._tx.write(work)

    def running(self) -> RolloutRow | None:
        """The rollout that runs."""
        return self.deployment()[1]

    def deployment(self) -> tuple[ModelRow | None, RolloutRow | None]:
        """The champion and the rollout that runs, as of one moment: what a service follows."""

        def work(session: Session) -> tuple[ModelRow | None, RolloutRow | None]:
            champion = session.scalar(select(ModelTable).where(ModelTable.state == "champion"))
            running = session.scalar(select(RolloutTable).where(RolloutTable.state == "running"))
            return (
                None if champion is None else _row(champion),
                None if running is None else _rollout(running),
            )

        return self._tx.read(work)

    def get(self, identity: str) -> RolloutRow:
        """One of them.

        Raises:
            NotFound: none of this id.
        """
        found = self._tx.read(lambda s: s.get(RolloutTable, known(identity, "rol", "rollout")))
        if found is None:
            raise NotFound("no such rollout")
        return _rollout(found)

    def list(self) -> builtins.list[RolloutRow]:
        """All, oldest first."""
        return self._tx.read(lambda s: [_rollout(r) for r in s.scalars(select(RolloutTable).order_by(RolloutTable.id))])

    def advance(self, identity: str, stage: int, share: float, moment: str | None = None) -> bool:
        """Go from the stage before to `stage`; False where somebody else did, or it has ended."""
        query = (
            update(RolloutTable)
            .where(RolloutTable.id == identity, RolloutTable.stage == stage - 1, RolloutTable.state == "running")
            .values(stage=stage, share=share, stage_began=moment or now())
            .returning(RolloutTable.id)
        )
        return self._tx.write(lambda s: s.scalar(query)) is not None

    def end(self, identity: str, state: str, conclusion: Mapping[str, Any]) -> bool:
        """End a rollout and move its models, in one commit: promoted: the treatment is champion; refused: it is retired; stopped: it is a
        candidate again. False where it had ended.

        Raises:
            BadInput: another state.
        """
        if state not in ("promoted", "refused", "stopped"):
            raise BadInput(f"a rollout ends promoted, refused or stopped, not {state}")
        reason = str(conclusion.get("reason", state))

        def work(session: Session) -> bool:
            row = session.get(RolloutTable, identity, with_for_update=True)
            if row is None or row.state != "running":
                return False
            model = find(session, row.treatment_id)
            end_running(session, row.treatment_id if state == "promoted" else None, reason)
            row.state, row.conclusion = state, dict(conclusion)
            if state == "promoted":
                enthrone(session, model, reason)
            elif state == "refused":
                move(session, model, "retired", reason)
            session.flush()
            return True

        return self._tx.write(work)

    # ---- exposures ---------------------------------------------------------------------------------------------------
    def expose(
        self,
        rollout: RolloutRow,
        user: User | str,
        unit: str,
        segment: str,
        draw: float,
        window_hours: float,
        moment: datetime | None = None,
    ) -> Exposure:
        """What a unit is shown in the stage that `rollout` is in: the row there is, or a new one by its draw in [0, 1).

        The treatment where the draw lies below the share. Its chance, given what the unit was shown before: 1 where that was the treatment,
        (share - s) / (1 - s) where it was the control at a share s, else the share.
        """
        begun = now() if moment is None else iso(moment)
        until = iso(datetime.fromisoformat(begun) + timedelta(hours=window_hours))
        mine = (ExposureTable.rollout_id == rollout.id, ExposureTable.unit == unit)

        def work(session: Session) -> Exposure:
            rows = list(session.scalars(select(ExposureTable).where(*mine).order_by(ExposureTable.stage)))
            if rows and rows[-1].stage >= rollout.stage:
                return _exposure(rows[-1])
            chance = rollout.share
            if rows:
                reached = rows[-1].share
                chance = 1.0 if rows[-1].arm == "treatment" else (rollout.share - reached) / (1 - reached)
                rows[-1].until = min(rows[-1].until, begun)
            values = {
                "arm": "treatment" if draw < rollout.share else "control",
                "chance": chance,
                "share": rollout.share,
                "segment": segment,
                "created": begun,
                "until": until,
                "requests": 0,
                "errors": 0,
                "seconds": 0.0,
            }
            key = {"rollout_id": rollout.id, "unit": unit, "stage": rollout.stage}
            insert_if_absent(session, ExposureTable, **key, user_id=user_id(user), **values)
            session.flush()
            return _exposure(
                session.scalars(select(ExposureTable).where(*mine, ExposureTable.stage == rollout.stage)).one()
            )

        return self._tx.write(work)

    def count(self, rollout: str, unit: str, stage: int, requests: int, errors: int, seconds: float) -> None:
        """Add requests to an exposure; nothing where it is gone."""
        query = (
            update(ExposureTable)
            .where(ExposureTable.rollout_id == rollout, ExposureTable.unit == unit, ExposureTable.stage == stage)
            .values(
                requests=ExposureTable.requests + requests,
                errors=ExposureTable.errors + errors,
                seconds=ExposureTable.seconds + seconds,
            )
        )
        self._tx.write(lambda s: s.execute(query))

    def outcomes(self, rollout: str, *, simulated: bool = False, before: str | None = None) -> builtins.list[Outcome]:
        """What came of each exposure that ended, in the order of their ends; of feedback that of real people, or that of simulated ones."""
        over = (ExposureTable.rollout_id == rollout, ExposureTable.until <= (before or now()))
        made = (
            SpriteTable.user_id == ExposureTable.user_id,
            SpriteTable.created >= ExposureTable.created,
            SpriteTable.created < ExposureTable.until,
        )
        key = (ExposureTable.unit, ExposureTable.stage)
        drawn = select(*key, SpriteTable.quality).join(SpriteTable, SpriteTable.user_id == ExposureTable.user_id)
        said = (
            select(*key, FeedbackTable.sprite_id, FeedbackTable.event, FeedbackTable.verdict)
            .add_columns(*(getattr(FeedbackTable, axis) for axis in AXES))
            .join(SpriteTable, SpriteTable.user_id == ExposureTable.user_id)
            .join(FeedbackTable, FeedbackTable.sprite_id == SpriteTable.id)
            .where(FeedbackTable.created < ExposureTable.until, FeedbackTable.simulated == simulated)
            .where(FeedbackTable.kind != "preference")
        )

        def work(session: Session) -> builtins.list[Outcome]:
            rows = session.scalars(select(ExposureTable).where(*over).order_by(ExposureTable.until, *key))
            found = {(row.unit, row.stage): Outcome(_exposure(row)) for row in rows}
            for unit, stage, quality in session.execute(drawn.where(*over, *made)):
                outcome = found[unit, stage]
                outcome.sprites += 1
                outcome.checked += quality is not None
                outcome.flagged += bool(quality and quality.get("flagged"))
            for unit, stage, sprite, event, verdict, *ratings in session.execute(said.where(*over, *made)):
                outcome = found[unit, stage]
                outcome.satisfaction += [(value - 1) / 4 for value in ratings if value is not None]
                if verdict is not None:
                    outcome.satisfaction.append(float(verdict == "approve"))
                if event in USED:
                    outcome.used.add(sprite)
            return list(found.values())

        return self._tx.read(work)


def _rollout(row: RolloutTable) -> RolloutRow:
    return RolloutRow(
        id=row.id,
        control=row.control_id,
        treatment=row.treatment_id,
        state=row.state,
        salt=row.salt,
        settings=row.settings,
        stage=row.stage,
        share=row.share,
        stage_began=row.stage_began,
        created=row.created,
        ended=row.ended,
        conclusion=row.conclusion,
    )


def _exposure(row: ExposureTable) -> Exposure:
    return Exposure(
        unit=row.unit,
        stage=row.stage,
        arm=row.arm,
        chance=row.chance,
        segment=row.segment,
        created=row.created,
        until=row.until,
        requests=row.requests,
        errors=row.errors,
        seconds=row.seconds,
    )
