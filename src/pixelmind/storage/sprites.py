"""Sprites and where they came from. A sprite is kept as its record, lossless; pictures for display are made from it."""

from __future__ import annotations

import builtins
import json
import math
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
from sqlalchemy import Select, func, literal, select, update
from sqlalchemy.orm import Session, aliased

from pixelmind.errors import BadInput
from pixelmind.records import U8, Sprite
from pixelmind.storage.errors import NotFound
from pixelmind.storage.ids import known, new_id, now
from pixelmind.storage.models import CellsTable, SessionTable, SpriteTable
from pixelmind.storage.rows import SpriteRow, User
from pixelmind.storage.table import Store, check_limit, own, user_id

SOURCES = ("generated", "edited", "uploaded")
BACKGROUND = "background"
ARRAYS = ("palette", "indices", "mask")


def pack(sprite: Sprite) -> bytes:
    """The record as bytes, deflated: the length of a JSON head, the head, then palette, indices and mask as they are in memory."""
    about = sprite.to_dict()
    head = {k: v for k, v in about.items() if k not in ARRAYS}
    arrays = [array for name in ARRAYS if (array := getattr(sprite, name)) is not None]
    head["shapes"] = {name: about[name] and about[name]["shape"] for name in ARRAYS}
    text = json.dumps(head, separators=(",", ":")).encode()
    return zlib.compress(struct.pack("<I", len(text)) + text + b"".join(a.tobytes() for a in arrays), 4)


def unpack(data: bytes) -> Sprite:
    """The record back, equal in every field.

    Raises:
        BadInput: written by a newer program.
    """
    raw = zlib.decompress(data)
    at = 4 + struct.unpack_from("<I", raw)[0]
    head = json.loads(raw[4:at])
    if head["version"] > Sprite.version:
        raise BadInput(f"a sprite of version {head['version']} is newer than this program knows; update pixelmind")
    arrays: dict[str, U8 | None] = {}
    for name, shape in head["shapes"].items():
        count = 0 if shape is None else math.prod(shape)
        arrays[name] = None if shape is None else np.frombuffer(raw, np.uint8, count, at).reshape(shape).copy()
        at += count
    assert arrays["palette"] is not None
    assert arrays["indices"] is not None
    return Sprite(
        palette=arrays["palette"],
        indices=arrays["indices"],
        mask=arrays["mask"],
        mask_names=tuple(head["mask_names"]),
        provenance=head["provenance"],
    )


class Sprites(Store):
    """A person's sprites."""

    def add(
        self,
        user: User | str,
        sprite: Sprite,
        *,
        prompt: str = "",
        operation: str = "",
        instruction: str = "",
        parent: str | None = None,
        session: str | None = None,
        seed: int | None = None,
        weights: str = "",
        source: str = "generated",
    ) -> SpriteRow:
        """Keep a sprite. `parent` is the sprite it was made from, `session` the dialogue it was made in, both the person's own. What the
        check found is read from its provenance, unless it was uploaded.

        Raises:
            NotFound: no such user, parent or session. BadInput: another source than SOURCES, or a seed beyond 63 bits.
        """
        if source not in SOURCES:
            raise BadInput(f"a sprite's source is {', '.join(SOURCES)}, not {source!r}")
        if seed is not None and not -(1 << 63) <= seed < 1 << 63:
            raise BadInput(f"a seed has at most 63 bits, got {seed}")
        identity, record = new_id("spr"), pack(sprite)
        values = dict(
            id=identity,
            user_id=user_id(user),
            created=now(),
            source=source,
            prompt=prompt,
            operation=operation,
            instruction=instruction,
            parent_id=parent,
            session_id=session,
            seed=seed,
            weights=weights,
            quality=None if source == "uploaded" else sprite.provenance.get("quality"),
            **_about(sprite),
        )

        def work(open_: Session) -> SpriteRow:
            if parent is not None:
                own(open_, SpriteTable, user, parent, "spr", "parent sprite")
            if session is not None:
                own(open_, SessionTable, user, session, "ses", "session")
            row = SpriteTable(**values)
            open_.add(row)
            open_.flush()
            open_.add(CellsTable(sprite_id=identity, record=record))
            open_.flush()
            open_.refresh(row)
            return self.row(row)

        return self._tx.write(work)

    def get(self, user: User | str, identity: str) -> SpriteRow:
        """One sprite.

        Raises:
            NotFound: none, or another person's.
        """
        return self._tx.read(lambda s: self.row(own(s, SpriteTable, user, identity, "spr", "sprite")))

    def list(
        self, user: User | str, limit: int = 50, before: str | None = None, session: str | None = None
    ) -> builtins.list[SpriteRow]:
        """A page, newest first: those before the id `before`, those of one `session`.

        Raises:
            BadInput: `limit` not from 1 to 1,000.
        """
        query = select(SpriteTable).where(SpriteTable.user_id == user_id(user))
        if before is not None:
            query = query.where(SpriteTable.id < known(before, "spr", "sprite"))
        if session is not None:
            query = query.where(SpriteTable.session_id == known(session, "ses", "session"))
        return self._rows(query.order_by(SpriteTable.id.desc()).limit(check_limit(limit)))

    def drawn(self, weights: str, limit: int, newest: bool = False) -> builtins.list[SpriteRow]:
        """Pictures that these weights drew for anybody, the first or the newest first; of a prompt's variations one each.

        Raises:
            BadInput: `limit` not from 1 to 1,000.
        """
        check_limit(limit)
        where = (SpriteTable.weights == weights, SpriteTable.source == "generated")
        pick = func.max(SpriteTable.id) if newest else func.min(SpriteTable.id)
        order = pick.desc() if newest else pick
        one = select(pick).where(*where).group_by(SpriteTable.user_id, SpriteTable.prompt).order_by(order).limit(limit)
        ids = self._tx.read(lambda s: list(s.scalars(one)))
        rows = self._rows(select(SpriteTable).where(SpriteTable.id.in_(ids)))
        return sorted(rows, key=lambda row: row.id, reverse=newest)

    def children(self, user: User | str, identity: str) -> builtins.list[SpriteRow]:
        """What was made from a sprite directly, oldest first.

        Raises:
            NotFound: none, or another person's.
        """
        return self._tx.read(lambda s: self._children(s, user, identity))

    def _children(self, session: Session, user: User | str, identity: str) -> builtins.list[SpriteRow]:
        own(session, SpriteTable, user, identity, "spr", "sprite")
        query = select(SpriteTable).where(SpriteTable.parent_id == identity, SpriteTable.user_id == user_id(user))
        return [self.row(r) for r in session.scalars(query.order_by(SpriteTable.id))]

    def ancestors(self, user: User | str, identity: str) -> builtins.list[SpriteRow]:
        """What a sprite was made from, nearest first; the last is the root.

        Raises:
            NotFound: none, or another person's.
        """
        return self._tx.read(lambda s: self._ancestors(s, user, identity)[1:])

    def _ancestors(self, session: Session, user: User | str, identity: str) -> builtins.list[SpriteRow]:
        own(session, SpriteTable, user, identity, "spr", "sprite")
        start = select(SpriteTable.id, SpriteTable.parent_id, literal(0).label("depth")).where(
            SpriteTable.id == identity
        )
        up = start.cte("up", recursive=True)
        older = aliased(SpriteTable)
        step = select(older.id, older.parent_id, up.c.depth + 1).where(older.id == up.c.parent_id)
        up = up.union_all(step)
        query = select(SpriteTable).join(up, SpriteTable.id == up.c.id).where(SpriteTable.user_id == user_id(user))
        return [self.row(r) for r in session.scalars(query.order_by(up.c.depth))]

    def lineage(self, user: User | str, identity: str) -> builtins.list[SpriteRow]:
        """The whole family of a sprite: its root and all that was made from that, oldest first.

        Raises:
            NotFound: none, or another person's.
        """

        def work(session: Session) -> builtins.list[SpriteRow]:
            root = self._ancestors(session, user, identity)[-1].id
            down = select(SpriteTable.id).where(SpriteTable.id == root).cte("down", recursive=True)
            younger = aliased(SpriteTable)
            down = down.union_all(select(younger.id).where(younger.parent_id == down.c.id))
            query = select(SpriteTable).join(down, SpriteTable.id == down.c.id)
            query = query.where(SpriteTable.user_id == user_id(user))
            return [self.row(r) for r in session.scalars(query.order_by(SpriteTable.id))]

        return self._tx.read(work)

    def delete(self, user: User | str, identity: str) -> None:
        """Delete a sprite and what was said about it, for good. What was made from it then hangs on its parent.

        Raises:
            NotFound: none, or another person's.
        """

        def work(session: Session) -> None:
            row = own(session, SpriteTable, user, identity, "spr", "sprite")
            session.execute(
                update(SpriteTable).where(SpriteTable.parent_id == identity).values(parent_id=row.parent_id)
            )
            session.delete(row)

        self._tx.write(work)

    def load(self, identity: str) -> Sprite:
        """The record of a sprite that the caller may see.

        Raises:
            NotFound: none.
        """
        query = select(CellsTable.record).where(CellsTable.sprite_id == identity)
        data = self._tx.read(lambda s: s.scalar(query))
        if data is None:
            raise NotFound("no such sprite")
        return unpack(data)

    def _rows(self, query: Select[SpriteTable]) -> builtins.list[SpriteRow]:
        return self._tx.read(lambda s: [self.row(r) for r in s.scalars(query)])

    def row(self, found: SpriteTable) -> SpriteRow:
        """A table's row as callers see it."""
        identity = found.id
        load: Callable[[], Sprite] = lambda: self.load(identity)  # noqa: E731
        return SpriteRow(
            id=identity,
            user=found.user_id,
            created=found.created,
            source=found.source,
            parent=found.parent_id,
            session=found.session_id,
            prompt=found.prompt,
            operation=found.operation,
            instruction=found.instruction,
            seed=found.seed,
            weights=found.weights,
            width=found.width,
            height=found.height,
            colors=found.num_colors,
            transparent=found.transparent,
            palette=tuple(found.palette),
            regions=tuple(found.regions),
            quality=found.quality,
            review=found.review,
            _load=load,
        )


def _about(sprite: Sprite) -> dict[str, Any]:
    opaque = sprite.palette[sprite.palette[:, 3] == 255, :3]
    present = [] if sprite.mask is None else np.unique(sprite.mask).tolist()
    names = [sprite.mask_names[i] for i in present if i < len(sprite.mask_names)]
    return {
        "width": sprite.width,
        "height": sprite.height,
        "num_colors": sprite.num_colors,
        "transparent": bool((sprite.palette[sprite.indices, 3] == 0).any()),
        "palette": ["#{:02x}{:02x}{:02x}".format(*(int(v) for v in c)) for c in opaque],
        "regions": [n for n in names if n != BACKGROUND],
    }
