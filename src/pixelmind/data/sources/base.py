"""What an importer is: it reads a game's own checkout (or a plain folder) and yields pictures with words, licence and credit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from pixelmind.records import U8

#: What a picture shows, coarsely. Given to the generator as a condition, so that whole-tile textures do not swallow objects.
KINDS = (
    "character",  # people and humanoid figures a player could be or talk to
    "creature",  # monsters and animals
    "portrait",  # a face or bust filling the canvas
    "item",  # what can be carried: weapons, armour, food, potions, books
    "object",  # furniture, statues, doors, machines, containers
    "plant",  # trees, flowers, crops, mushrooms standing by themselves
    "building",  # houses, castles, towers, shops, seen from outside
    "vehicle",  # ships, carts, cars, space ships and their parts
    "tile",  # seamless or full-canvas terrain, walls, floors, blocks
    "scene",  # a whole picture with background: landscapes, rooms
    "icon",  # spell, skill, status and menu symbols
    "effect",  # explosions, flames, projectiles, clouds
)
#: Mask classes of a picture without parts of its own.
FOREGROUND = ("background", "subject")
VIEWS = ("front", "back", "left", "right", "top", "side", "isometric")


@dataclass(frozen=True, kw_only=True)
class RawSprite:
    """One picture as an importer found it, at native size, before deduplication and splitting.

    `rgba` uint8 [H, W, 4] (straight alpha); `captions` clean English, best first, lower case, no file names or ids;
    `source` the importer's name (the game); `licence` an SPDX id or LicenseRef; `credit` who to name;
    `tags`: kind (one of KINDS), and where known style (the art set, e.g. "crawl", "ultica", "lpc"), genre, view (VIEWS), subject;
    `mask` uint8 [H, W] of region classes into `mask_names` (entry 0 is "background"). Without one, a picture of a thing
    with clear cells around it gets the foreground mask: "background" and "subject". Whole canvases have none.
    """

    rgba: U8
    captions: tuple[str, ...]
    source: str
    licence: str
    credit: str
    tags: dict[str, str]
    mask: U8 | None = None
    mask_names: tuple[str, ...] = ()
    params: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        whole = self.rgba.ndim != 3 or self.rgba.shape[2] != 4 or self.tags.get("kind") in ("tile", "scene")
        if self.mask is None and not whole:
            seen = self.rgba[..., 3] >= 128
            if seen.any() and not seen.all():
                object.__setattr__(self, "mask", seen.astype(np.uint8))
                object.__setattr__(self, "mask_names", FOREGROUND)


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """A file an importer left out, and why: reported and summarised, never fatal."""

    path: str
    reason: str


class Importer(Protocol):
    """One file in `data/sources/` (or an entry point in the group `pixelmind.importers`) holding an `IMPORTER` of this shape."""

    name: str

    def detect(self, root: Path) -> bool:
        """Return whether `root` is a checkout this importer understands (cheap: looks for a few known paths)."""
        ...

    def read(self, root: Path) -> Iterator[RawSprite | Skipped]:
        """Yield pictures in a stable order, one at a time (constant memory). Unreadable files become `Skipped`."""
        ...
