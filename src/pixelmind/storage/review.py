"""The review queue: sprites that a person must look at. Reviewers see everyone's; who may review is the API's to check."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from pixelmind.errors import BadInput
from pixelmind.storage.errors import Conflict, NotFound
from pixelmind.storage.ids import known, new_id, now
from pixelmind.storage.models import DECISIONS, ReviewTable, SpriteTable
from pixelmind.storage.rows import ReviewRow, User
from pixelmind.storage.sprites import Sprites
from pixelmind.storage.table import Store, check_limit, insert_if_absent, own, user_id
from pixelmind.storage.transactions import Transactions


class Review(Store):
    """Open and decided reviews."""

    def __init__(self, transactions: Transactions, sprites: Sprites) -> None:
        super().__init__(transactions)
        self._sprites = sprites

    def flag(
        self,
        user: User | str,
        sprite_id: str,
        reason: str,
        score: float | None = None,
        heatmap: bytes | None = None,
        candidates: Sequence[str] = (),
    ) -> ReviewRow:
        """Put a sprite of theirs into the queue; where it is in it already, that row.

        Args:
            user: the sprite's owner.
            sprite_id: the sprite.
            reason: why, for the reviewer.
            score: the critic's, where it has one.
            heatmap: a PNG of where the fault is.
            candidates: ids of their sprites that could replace it.

        Raises:
            NotFound: no such sprites of theirs.
        """
        identity, moment = new_id("rev"), now()

        def work(session: Session) -> ReviewRow:
            for sprite in (sprite_id, *candidates):
                own(session, SpriteTable, user, sprite, "spr", "sprite")
            values: dict[str, Any] = dict(id=identity, user_id=user_id(user), sprite_id=sprite_id, reason=reason)
            values |= dict(
                score=score, heatmap=heatmap, candidates=list(candidates), created=moment, status="open", comment=""
            )
            insert_if_absent(session, ReviewTable, **values)
            query = select(ReviewTable).where(ReviewTable.sprite_id == sprite_id, ReviewTable.status == "open")
            return self._row(session.scalars(query).one())

        return self._tx.write(work)

    def list(
        self, status: str | None = "open", user: User | str | None = None, *, after: str | None = None, limit: int = 50
    ) -> list[ReviewRow]:
        """A page: open ones oldest first, done ones (and with None: all) newest first; `after` is the last id of the page before.

        Raises:
            BadInput: another status than open or done, or `limit` not from 1 to 1,000.
        """
        query = select(ReviewTable)
        if status is not None:
            if status not in ("open", "done"):
                raise BadInput(f"a review's status is open or done, not {status!r}")
            query = query.where(ReviewTable.status == status)
        if user is not None:
            query = query.where(ReviewTable.user_id == user_id(user))
        rising = status == "open"
        if after is not None:
            known(after, "rev", "review")
            query = query.where(ReviewTable.id > after if rising else ReviewTable.id < after)
        query = query.order_by(ReviewTable.id if rising else ReviewTable.id.desc()).limit(check_limit(limit))
        return self._tx.read(lambda s: [self._row(r) for r in s.scalars(query)])

    def get(self, identity: str) -> ReviewRow:
        """One review.

        Raises:
            NotFound: none.
        """
        return self._tx.read(lambda s: self._row(_find(s, identity)))

    def decide(
        self, identity: str, reviewer: User | str, decision: str, comment: str = "", replacement: str | None = None
    ) -> ReviewRow:
        """Close a review: approve the sprite, fix it (by `replacement`, a sprite of its owner or of the reviewer), or reject it.

        Raises:
            NotFound: no such review, reviewer or replacement. Conflict: decided before.
            BadInput: another decision, or a replacement without "fix".
        """
        if decision not in DECISIONS:
            raise BadInput(f"decisions are {', '.join(DECISIONS)}, not {decision!r}")
        if replacement is not None and decision != "fix":
            raise BadInput('a replacement goes with the decision "fix"')

        def work(session: Session) -> ReviewRow:
            row = _find(session, identity)
            session.refresh(row, with_for_update=True)
            if row.status != "open":
                raise Conflict(f"this review was decided before: {row.decision}")
            if replacement is not None:
                sprite = session.get(SpriteTable, known(replacement, "spr", "sprite"))
                if sprite is None or sprite.user_id not in (row.user_id, user_id(reviewer)):
                    raise NotFound("no such sprite")
            row.status, row.decision, row.decided, row.comment = "done", decision, now(), comment
            row.reviewer_id, row.replacement_id = user_id(reviewer), replacement
            session.flush()
            session.refresh(row)
            return self._row(row)

        return self._tx.write(work)

    def _row(self, found: ReviewTable) -> ReviewRow:
        identity, sprite_id = found.id, found.sprite_id

        def load(what: str) -> Any:
            if what == "sprite":
                return self._sprites.load(sprite_id)
            query = select(ReviewTable.heatmap).where(ReviewTable.id == identity)
            return self._tx.read(lambda s: s.scalar(query))

        return ReviewRow(
            id=identity,
            user=found.user_id,
            sprite_id=sprite_id,
            status=found.status,
            reason=found.reason,
            score=found.score,
            candidates=tuple(found.candidates),
            created=found.created,
            decided=found.decided,
            decision=found.decision,
            reviewer=found.reviewer_id,
            comment=found.comment,
            replacement=found.replacement_id,
            _load=load,
        )


def _find(session: Session, identity: str) -> ReviewTable:
    row = session.get(ReviewTable, known(identity, "rev", "review"))
    if row is None:
        raise NotFound("no such review")
    return row
