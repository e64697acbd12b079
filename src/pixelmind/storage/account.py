"""All that is kept of a person, taken out as files for a zip, or deleted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session, undefer

from pixelmind.pixels.png import encode_png
from pixelmind.storage.audit import hashed
from pixelmind.storage.errors import NotFound
from pixelmind.storage.models import (
    AuditTable,
    Base,
    CellsTable,
    ExposureTable,
    FeedbackTable,
    KeyTable,
    MessageTable,
    PairTable,
    PaletteTable,
    QuotaTable,
    ReviewTable,
    SessionTable,
    SpriteTable,
    UserTable,
)
from pixelmind.storage.rows import User
from pixelmind.storage.sprites import unpack
from pixelmind.storage.table import Store, user_id

T = TypeVar("T", bound=Base)
PAGE = 500
#: What an export leaves out: the hash of a key's secret opens nothing and is nobody's to read.
SECRET = ("secret_hash",)
#: Tables with one file of lines for each page.
LISTED: tuple[type[Base], ...] = (KeyTable, SessionTable, SpriteTable, FeedbackTable, PairTable, ReviewTable)


class Account(Store):
    """One person's account."""

    def export(self, user: User | str) -> Iterator[tuple[str, bytes]]:
        """File names and their bytes, one at a time: tables as JSON Lines, pictures as PNG beside their records as JSON.

        Raises:
            NotFound: no such user.
        """
        owner = user_id(user)
        person = self._tx.read(lambda s: s.get(UserTable, owner))
        if person is None:
            raise NotFound("no such user")
        return self._files(owner, person)

    def _files(self, owner: str, person: UserTable) -> Iterator[tuple[str, bytes]]:
        yield "account.json", _lines([_values(person)])
        for table in LISTED:
            columns: Any = table
            name = table.__tablename__
            for number, rows in enumerate(self._pages(table, columns.id, columns.user_id == owner), 1):
                yield f"{name}-{number:04}.jsonl", _lines(_values(row) for row in rows)
                for row in rows:
                    yield from self._beside(row)
        for table in (PaletteTable, QuotaTable, ExposureTable):
            columns = table
            found = self._tx.read(lambda s: list(s.scalars(select(table).where(columns.user_id == owner))))  # noqa: B023
            if found:
                yield f"{table.__tablename__}.jsonl", _lines(_values(row) for row in found)
        yield from self._memory(owner)
        for number, lines in enumerate(self._pages(AuditTable, AuditTable.id, AuditTable.user == owner), 1):
            yield f"audit-{number:04}.jsonl", _lines(_values(row) for row in lines)

    def _beside(self, row: Base) -> Iterator[tuple[str, bytes]]:
        if isinstance(row, SpriteTable):
            query = select(CellsTable.record).where(CellsTable.sprite_id == row.id)
            data = self._tx.read(lambda s: s.scalar(query))
            if data is not None:
                sprite = unpack(data)
                yield f"sprites/{row.id}.png", encode_png(sprite)
                yield f"sprites/{row.id}.json", _lines([sprite.to_dict()])
        elif isinstance(row, SessionTable):
            mine = MessageTable.session_id == row.id
            for number, messages in enumerate(self._pages(MessageTable, MessageTable.number, mine), 1):
                yield f"messages/{row.id}-{number:04}.jsonl", _lines(_values(m) for m in messages)
        elif isinstance(row, ReviewTable):
            wanted = select(ReviewTable.heatmap).where(ReviewTable.id == row.id)
            heatmap = self._tx.read(lambda s: s.scalar(wanted))
            if heatmap:
                yield f"reviews/{row.id}.png", heatmap

    def _memory(self, owner: str) -> Iterator[tuple[str, bytes]]:
        from pixelmind.storage.memory import MemoryStore

        kept = MemoryStore(self._tx).load(owner)
        if kept is not None:
            yield "memory/state.safetensors", kept[0]
            yield "memory/memory.json", _lines([kept[1]])

    def _pages(self, table: type[T], order: Any, mine: ColumnElement[bool]) -> Iterator[list[T]]:
        after = None
        while True:
            query = select(table).where(mine).order_by(order).limit(PAGE)
            if table is SessionTable:
                query = query.options(undefer(SessionTable.state))
            if after is not None:
                query = query.where(order > after)
            page = self._tx.read(lambda s: list(s.scalars(query)))  # noqa: B023
            if not page:
                return
            yield page
            after = getattr(page[-1], order.key)

    def delete(self, user: User | str) -> None:
        """Delete the person and all that is theirs, for good, in one commit. The audit log keeps a hash in place of them, and no details.

        Raises:
            NotFound: no such user.
        """
        owner = user_id(user)

        def work(session: Session) -> None:
            person = session.get(UserTable, owner)
            if person is None:
                raise NotFound("no such user")
            gone = update(AuditTable).where(AuditTable.user == owner).values(user=hashed(owner), details={}, target="")
            session.execute(gone)
            session.delete(person)

        self._tx.write(work)


def _values(row: Base) -> dict[str, Any]:
    loaded = row.__dict__
    out = {c.key: loaded[c.key] for c in row.__mapper__.column_attrs if c.key in loaded and c.key not in SECRET}
    return {key: value.hex() if isinstance(value, bytes) else value for key, value in out.items()}


def _lines(values: Any) -> bytes:
    return "".join(json.dumps(value, ensure_ascii=True) + "\n" for value in values).encode()
