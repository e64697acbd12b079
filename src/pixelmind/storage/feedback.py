"""What people say and do about their sprites: ratings, events, choices, verdicts. Simulated people's are labelled so.

A reaction is on disk when its call returns.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pixelmind.errors import BadInput
from pixelmind.records import Sprite
from pixelmind.storage.errors import Conflict
from pixelmind.storage.ids import known, new_id, now, read_time
from pixelmind.storage.models import AXES, KINDS, FeedbackTable, PairTable, SpriteTable
from pixelmind.storage.rows import FeedbackRow, PreferenceRow, User
from pixelmind.storage.sprites import Sprites
from pixelmind.storage.table import Store, check_limit, own, user_id
from pixelmind.storage.transactions import Transactions

EVENTS = ("view", "select", "edit", "export", "iterate", "abandon", "return", "undo", "share", "tone")
VERDICTS = ("approve", "reject")
PAGE = 500


class FeedbackStore(Store):
    """Reactions of one person or of all."""

    def __init__(self, transactions: Transactions, sprites: Sprites) -> None:
        super().__init__(transactions)
        self._sprites = sprites

    def rate(
        self,
        user: User | str,
        sprite_id: str,
        ratings: Mapping[str, int],
        *,
        simulated: bool = False,
        comment: str = "",
    ) -> FeedbackRow:
        """Ratings from 1 to 5 on some of AXES.

        Raises:
            NotFound: no such sprite of theirs. BadInput: another axis, another number, or none.
        """
        if not ratings:
            raise BadInput(f"rate at least one of {', '.join(AXES)}")
        for axis, value in ratings.items():
            if axis not in AXES:
                raise BadInput(f"ratings are on {', '.join(AXES)}, not {axis!r}")
            if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 5:
                raise BadInput(f"a rating is a whole number from 1 to 5, got {value!r} on {axis}")
        return self._add(user, sprite_id, kind="rating", simulated=simulated, comment=comment, **ratings)

    def event(
        self,
        user: User | str,
        sprite_id: str,
        event: str,
        seconds: float | None = None,
        details: Mapping[str, Any] | None = None,
        simulated: bool = False,
    ) -> FeedbackRow:
        """Something of EVENTS that the person did with a sprite, and how many seconds it took.

        Raises:
            NotFound: no such sprite of theirs. BadInput: another event, negative seconds, details that are no JSON.
        """
        if event not in EVENTS:
            raise BadInput(f"events are {', '.join(EVENTS)}, not {event!r}")
        return self._add(
            user,
            sprite_id,
            kind="event",
            event=event,
            seconds=_seconds(seconds),
            details=dict(details or {}),
            simulated=simulated,
        )

    def verdict(
        self,
        user: User | str,
        sprite_id: str,
        verdict: str,
        comment: str = "",
        *,
        details: Mapping[str, Any] | None = None,
        simulated: bool = False,
    ) -> FeedbackRow:
        """Approve or reject a sprite. `details` say so where it was a reviewer who did.

        Raises:
            NotFound: no such sprite of theirs. BadInput: another verdict, details that are no JSON.
        """
        if verdict not in VERDICTS:
            raise BadInput(f"a verdict is approve or reject, not {verdict!r}")
        values = dict(verdict=verdict, comment=comment, details=dict(details or {}))
        return self._add(user, sprite_id, kind="verdict", simulated=simulated, **values)

    def prefer(
        self,
        user: User | str,
        chosen: str,
        rejected: str,
        *,
        tie: bool = False,
        prompt: str = "",
        pair_id: str | None = None,
        left: str | None = None,
        simulated: bool = False,
        seconds: float | None = None,
    ) -> FeedbackRow:
        """A choice between two of the person's sprites, or that neither is better (`tie`).

        Args:
            user: who chose.
            chosen: the better sprite.
            rejected: the other one.
            tie: neither is better; the order then means nothing.
            prompt: what both were drawn for; empty: the chosen sprite's own.
            pair_id: the offered pair that this answers.
            left: which of the two was shown on the left; known where a pair is named.
            simulated: the person is.
            seconds: how long the choice took.

        Raises:
            NotFound: no such sprites or pair of theirs. BadInput: one sprite twice, or others than the pair's.
            Conflict: the pair was answered before.
        """
        if chosen == rejected:
            raise BadInput("a preference is between two different sprites")
        if left not in (None, chosen, rejected):
            raise BadInput("left must be one of the two sprites")
        values = dict(other_id=rejected, tie=tie, prompt=prompt, left_id=left, seconds=_seconds(seconds))
        return self._add(user, chosen, kind="preference", pair_id=pair_id, simulated=simulated, **values)

    def _add(self, user: User | str, sprite_id: str, **values: Any) -> FeedbackRow:
        identity, moment = new_id("fbk"), now()
        values = {"event": "", "tie": False, "prompt": "", "comment": "", "details": {}, **values}

        def work(session: Session) -> FeedbackRow:
            sprite = own(session, SpriteTable, user, sprite_id, "spr", "sprite")
            row = FeedbackTable(id=identity, created=moment, user_id=sprite.user_id, sprite_id=sprite_id, **values)
            row.prompt = row.prompt or sprite.prompt
            if row.other_id is not None:
                own(session, SpriteTable, user, row.other_id, "spr", "sprite")
            if row.pair_id is not None:
                _answer(session, user, row, moment)
            session.add(row)
            session.flush()
            session.refresh(row)
            return _row(row)

        return self._tx.write(work)

    def list(
        self,
        user: User | str | None = None,
        kind: str | None = None,
        since: str | datetime | None = None,
        *,
        sprite: str | None = None,
        after: str | None = None,
        limit: int = 1000,
    ) -> list[FeedbackRow]:
        """A page, oldest first: of one person, kind ("rating", "event", "preference", "verdict"), since a time, about one sprite, after
        an id.

        Raises:
            BadInput: unknown kind, no time, or `limit` not from 1 to 1,000.
        """
        query = select(FeedbackTable)
        if user is not None:
            query = query.where(FeedbackTable.user_id == user_id(user))
        if kind is not None:
            if kind not in KINDS:
                raise BadInput(f"kinds of feedback are {', '.join(KINDS)}, not {kind!r}")
            query = query.where(FeedbackTable.kind == kind)
        if since is not None:
            query = query.where(FeedbackTable.created >= read_time(since))
        if sprite is not None:
            known(sprite, "spr", "sprite")
            query = query.where((FeedbackTable.sprite_id == sprite) | (FeedbackTable.other_id == sprite))
        if after is not None:
            query = query.where(FeedbackTable.id > known(after, "fbk", "feedback"))
        query = query.order_by(FeedbackTable.id).limit(check_limit(limit))
        return self._tx.read(lambda s: [_row(r) for r in s.scalars(query)])

    def each(
        self, user: User | str | None = None, kind: str | None = None, since: str | datetime | None = None
    ) -> Iterator[FeedbackRow]:
        """As `list`, but all of them, read page by page."""
        after: str | None = None
        while page := self.list(user, kind, since, after=after, limit=PAGE):
            yield from page
            after = page[-1].id

    def pairs(
        self, user: User | str | None = None, simulated: bool | None = None, *, ties: bool = False
    ) -> Iterator[PreferenceRow]:
        """Choices, oldest first, read page by page; `record()` of one reads its sprites. Ties only if asked for.

        Args:
            user: of this person only.
            simulated: only those of simulated people, or only those of real ones.
            ties: also those where neither was better.
        """
        for row in self.each(user, "preference"):
            if (simulated is None or row.simulated == simulated) and (ties or not row.tie):
                yield self._preference(row)

    def means(self, user: User | str | None = None, simulated: bool | None = None) -> dict[str, float]:
        """The mean rating of each axis that was rated."""
        query = select(*(func.avg(getattr(FeedbackTable, axis)) for axis in AXES))
        if user is not None:
            query = query.where(FeedbackTable.user_id == user_id(user))
        if simulated is not None:
            query = query.where(FeedbackTable.simulated == simulated)
        found = self._tx.read(lambda s: s.execute(query).one())
        return {axis: float(value) for axis, value in zip(AXES, found) if value is not None}

    def _preference(self, row: FeedbackRow) -> PreferenceRow:
        assert row.other is not None
        chosen, rejected = row.sprite, row.other

        def load() -> tuple[Sprite, Sprite]:
            return self._sprites.load(chosen), self._sprites.load(rejected)

        return PreferenceRow(
            id=row.id,
            user=row.user,
            chosen=chosen,
            rejected=rejected,
            tie=row.tie,
            prompt=row.prompt,
            simulated=row.simulated,
            created=row.created,
            pair=row.pair,
            left=row.left,
            seconds=row.seconds,
            _load=load,
        )


def _answer(session: Session, user: User | str, row: FeedbackTable, moment: str) -> None:
    assert row.pair_id is not None
    pair = own(session, PairTable, user, row.pair_id, "par", "pair")
    if {row.sprite_id, row.other_id} != {pair.left_id, pair.right_id}:
        raise BadInput("the preference is not between the sprites of its pair")
    session.refresh(pair, with_for_update=True)
    if pair.answered is not None:
        raise Conflict("this pair was answered before")
    pair.answered, row.left_id = moment, pair.left_id


def _seconds(seconds: float | None) -> float | None:
    if seconds is not None and (not math.isfinite(seconds) or seconds < 0):
        raise BadInput(f"seconds must be 0 or more, got {seconds}")
    return None if seconds is None else float(seconds)


def _row(found: FeedbackTable) -> FeedbackRow:
    return FeedbackRow(
        id=found.id,
        user=found.user_id,
        kind=found.kind,
        sprite=found.sprite_id,
        other=found.other_id,
        created=found.created,
        simulated=found.simulated,
        ratings={axis: value for axis in AXES if (value := getattr(found, axis)) is not None},
        event=found.event,
        verdict=found.verdict,
        tie=found.tie,
        pair=found.pair_id,
        left=found.left_id,
        prompt=found.prompt,
        comment=found.comment,
        seconds=found.seconds,
        details=found.details,
    )
