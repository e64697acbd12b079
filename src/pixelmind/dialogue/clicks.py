"""What a person points at while speaking: cells clicked on the picture, or a part picked by its name."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pixelmind.data.edits.color import Region
from pixelmind.dialogue.edits import EditRequest
from pixelmind.dialogue.regions import find, pointed_at
from pixelmind.errors import BadInput
from pixelmind.records import U8, Sprite

MAX_POINTS = 256
MAX_NAME = 100


@dataclass(frozen=True)
class Pointing:
    """`points`: cells (x, y), each of which means the piece of its part that holds it; `region`: the name of a part. With both, the part
    is cut to those pieces.

    Raises:
        BadInput: too many points, or no name of a part.
    """

    points: tuple[tuple[int, int], ...] = ()
    region: str = ""

    def __post_init__(self) -> None:
        if len(self.points) > MAX_POINTS:
            raise BadInput(f"{len(self.points)} cells are pointed at; use at most {MAX_POINTS}")
        if len(self.region) > MAX_NAME:
            raise BadInput(f"the region's name has {len(self.region)} characters; use at most {MAX_NAME}")

    def __bool__(self) -> bool:
        return bool(self.points or self.region.strip())

    def applied(self, request: EditRequest, sprite: Sprite) -> EditRequest:
        """The request about the place pointed at.

        Raises:
            BadInput: a point outside the canvas, or no part of this name.
        """
        if self.points:
            cells = np.zeros(sprite.indices.shape, bool)
            for x, y in dict.fromkeys(self.points):
                if not (0 <= x < sprite.width and 0 <= y < sprite.height):
                    raise BadInput(f"the cell {x},{y} lies outside the sprite of {sprite.width}x{sprite.height} px")
                if not cells[y, x]:
                    cells |= pointed_at(sprite, x, y)
            request = replace(request, pointed=cells.astype(np.uint8))
        name = self.region.strip()
        if not name:
            return request
        try:
            if sprite.mask is not None:  # else the parts are found by the edit itself
                find(sprite, name, pointed=request.pointed)
        except BadInput:
            if (exactly := self._exactly(sprite, request.pointed)) is None:
                raise
            return replace(request, pointed=exactly.astype(np.uint8))
        return replace(request, place=name, region="")

    def _exactly(self, sprite: Sprite, within: U8 | None) -> Region | None:
        """The cells that the mask calls by this very name, however few; words find parts of some size only."""
        if sprite.mask is None or self.region.strip() not in sprite.mask_names:
            return None
        cells: Region = sprite.mask == sprite.mask_names.index(self.region.strip())
        if within is not None:
            cells = cells & within.astype(bool)
        return cells if cells.any() else None
