"""Requests that may be sent twice and act once: the answer is kept under the key the client gave, with the work, in one commit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from pixelmind.storage.errors import Conflict
from pixelmind.storage.ids import now
from pixelmind.storage.models import IdempotencyTable
from pixelmind.storage.rows import User
from pixelmind.storage.table import Store, check_name, insert_if_absent, user_id

Answer = dict[str, Any]


class Idempotency(Store):
    """Kept answers of a person's requests."""

    def run(self, user: User | str, key: str, request_hash: str, work: Callable[[Session], Answer]) -> Answer:
        """The answer kept under this key, or else that of `work`, which is then kept.

        `work` gets the open session; calls of the same `Database` made in it, in this thread, are part of its transaction. It must not act
        outside the database, nor draw: a long work keeps SQLite's other writers waiting. Draw first, after `find` gave nothing.

        Raises:
            Conflict: the key was used for another request. BadInput: no key of 1 to 255 printable characters, or an answer that is no JSON.
        """
        owner, _ = user_id(user), check_name(key, "an Idempotency-Key", 255)

        def once(session: Session) -> Answer:
            values = dict(user_id=owner, key=key, request_hash=request_hash, created=now())
            if not insert_if_absent(session, IdempotencyTable, **values):
                kept = self._find(session, owner, key, request_hash)
                assert kept is not None
                return kept
            answer = work(session)
            mine = (IdempotencyTable.user_id == owner, IdempotencyTable.key == key)
            session.execute(update(IdempotencyTable).where(*mine).values(answer=answer))
            return answer

        return self._tx.write(once)

    def find(self, user: User | str, key: str, request_hash: str) -> Answer | None:
        """The answer kept under this key; None: none yet.

        Raises:
            Conflict: the key was used for another request. BadInput: no key of 1 to 255 printable characters.
        """
        owner, _ = user_id(user), check_name(key, "an Idempotency-Key", 255)
        return self._tx.read(lambda s: self._find(s, owner, key, request_hash))

    def prune(self, days: float = 30.0) -> int:
        """Forget answers older than this; how many."""
        old = delete(IdempotencyTable).where(IdempotencyTable.created < now(-days * 86400))
        return self._tx.write(lambda s: int(getattr(s.execute(old), "rowcount", 0)))

    def _find(self, session: Session, owner: str, key: str, request_hash: str) -> Answer | None:
        mine = (IdempotencyTable.user_id == owner, IdempotencyTable.key == key)
        kept = session.execute(
            select(IdempotencyTable.request_hash, IdempotencyTable.answer).where(*mine)
        ).one_or_none()
        if kept is None:
            return None
        if kept[0] != request_hash:
            raise Conflict("this Idempotency-Key was used for another request; take a new one")
        answer: Answer | None = kept[1]
        return answer
