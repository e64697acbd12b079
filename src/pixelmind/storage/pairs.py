"""Pairs of sprites put before a person: which is better?"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from pixelmind.errors import BadInput
from pixelmind.storage.ids import new_id, now
from pixelmind.storage.models import PairTable, SpriteTable
from pixelmind.storage.rows import PairRow, User
from pixelmind.storage.table import Store, check_limit, own, user_id


class Pairs(Store):
    """A person's pairs. `db.feedback.prefer(…, pair_id=…)` answers one."""

    def offer(self, user: User | str, left: str, right: str, reason: str = "") -> str:
        """Note that two sprites of theirs are shown side by side, and why; the pair's id.

        Raises:
            NotFound: no such sprites of theirs. BadInput: one sprite twice.
        """
        if left == right:
            raise BadInput("a pair is of two different sprites")
        identity, moment = new_id("par"), now()

        def work(session: Session) -> str:
            for sprite in (left, right):
                own(session, SpriteTable, user, sprite, "spr", "sprite")
            values = dict(left_id=left, right_id=right, reason=reason, created=moment, answered=None)
            session.add(PairTable(id=identity, user_id=user_id(user), **values))
            return identity

        return self._tx.write(work)

    def get(self, user: User | str, identity: str) -> PairRow:
        """One pair.

        Raises:
            NotFound: none, or another person's.
        """
        return self._tx.read(lambda s: _row(own(s, PairTable, user, identity, "par", "pair")))

    def open(self, user: User | str, limit: int = 50) -> list[PairRow]:
        """Pairs without an answer, oldest first."""
        return self._list(user, answered=False, limit=limit)

    def answered(self, user: User | str, limit: int = 1000) -> list[PairRow]:
        """Answered pairs, newest first."""
        return self._list(user, answered=True, limit=limit)

    def _list(self, user: User | str, answered: bool, limit: int) -> list[PairRow]:
        query = select(PairTable).where(PairTable.user_id == user_id(user)).limit(check_limit(limit))
        if answered:
            query = query.where(PairTable.answered.is_not(None)).order_by(PairTable.id.desc())
        else:
            query = query.where(PairTable.answered.is_(None)).order_by(PairTable.id)
        return self._tx.read(lambda s: [_row(r) for r in s.scalars(query)])


def _row(found: PairTable) -> PairRow:
    return PairRow(
        id=found.id,
        user=found.user_id,
        left=found.left_id,
        right=found.right_id,
        reason=found.reason,
        created=found.created,
        answered=found.answered,
    )
