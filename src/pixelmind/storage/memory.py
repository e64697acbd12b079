"""The state of the memory network of a person (`pixelmind.dialogue.memory`), kept as bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from pixelmind.storage.ids import now
from pixelmind.storage.models import MemoryTable
from pixelmind.storage.rows import User
from pixelmind.storage.table import Store, insert_if_absent, user_id


class MemoryStore(Store):
    """One state a person."""

    def save(self, user: User | str, state: bytes, about: Mapping[str, Any]) -> None:
        """Keep a state and its description in place of the one before.

        Raises:
            NotFound: no such user. BadInput: a description that is no JSON.
        """
        values = dict(state=state, about=dict(about), updated=now())

        def work(session: Session) -> None:
            if not insert_if_absent(session, MemoryTable, user_id=user_id(user), **values):
                row = session.get_one(MemoryTable, user_id(user))
                for name, value in values.items():
                    setattr(row, name, value)

        self._tx.write(work)

    def load(self, user: User | str) -> tuple[bytes, dict[str, Any]] | None:
        """The state and its description; None: nothing is remembered."""
        query = select(MemoryTable).where(MemoryTable.user_id == user_id(user))
        found = self._tx.read(lambda s: s.scalar(query))
        return None if found is None else (found.state, found.about)

    def delete(self, user: User | str) -> None:
        """Forget, for good. Where nothing is remembered, nothing happens."""
        self._tx.write(lambda s: s.execute(delete(MemoryTable).where(MemoryTable.user_id == user_id(user))))
