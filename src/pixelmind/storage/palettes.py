"""A person's own palettes, by name. The built-in ones are in `pixelmind.pixels.palettes`."""

from __future__ import annotations

import builtins

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from pixelmind.records import Palette
from pixelmind.storage.errors import Conflict, NotFound
from pixelmind.storage.ids import now
from pixelmind.storage.models import PaletteTable
from pixelmind.storage.rows import User
from pixelmind.storage.table import Store, check_name, insert_if_absent, user_id


class Palettes(Store):
    """Palettes of one person."""

    def add(self, user: User | str, palette: Palette) -> Palette:
        """Keep a palette under its name.

        Raises:
            Conflict: there is one of this name. BadInput: no printable name. NotFound: no such user.
        """
        check_name(palette.name, "a palette's name")
        values = dict(user_id=user_id(user), name=palette.name, colors=palette.colors.tobytes(), created=now())

        def work(session: Session) -> Palette:
            if not insert_if_absent(session, PaletteTable, **values):
                raise Conflict(f"there is a palette {palette.name} already; delete it first or take another name")
            return palette

        return self._tx.write(work)

    def get(self, user: User | str, name: str) -> Palette:
        """One palette.

        Raises:
            NotFound: none of this name.
        """
        return self._tx.read(lambda s: _palette(_find(s, user, name)))

    def list(self, user: User | str) -> builtins.list[Palette]:
        """All palettes, by name."""
        query = select(PaletteTable).where(PaletteTable.user_id == user_id(user))
        return sorted(self._tx.read(lambda s: [_palette(r) for r in s.scalars(query)]), key=lambda p: p.name)

    def delete(self, user: User | str, name: str) -> None:
        """Delete a palette.

        Raises:
            NotFound: none of this name.
        """
        self._tx.write(lambda s: s.delete(_find(s, user, name)))


def _find(session: Session, user: User | str, name: str) -> PaletteTable:
    row = session.get(PaletteTable, (user_id(user), name)) if name.isprintable() else None
    if row is None:
        raise NotFound(f"no palette {name!r}")
    return row


def _palette(found: PaletteTable) -> Palette:
    return Palette(name=found.name, colors=np.frombuffer(found.colors, dtype=np.uint8).reshape(-1, 3).copy())
