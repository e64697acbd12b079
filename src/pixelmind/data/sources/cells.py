"""Plain sheets: pictures that hold a grid of sprites and no description; their cells are found and cut out.

The cell size comes from metadata (`grid: "16x16"`, with `margin` and `spacing` in px where there are any), else from the
picture: on clear ground, the smallest cell whose borders next to nothing crosses; on full canvases, the cell whose
borders stand out most from other lines. A picture that shows neither is no sheet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelmind.errors import BadInput
from pixelmind.records import MAX_SIZE_PX, MIN_SIZE_PX, U8

#: File names that say a picture is a sheet; others are only taken for one where they are larger than a sprite can be.
SHEET_WORDS = frozenset(
    ["sheet", "spritesheet", "tileset", "tilesheet", "tilemap", "atlas", "tiles", "sprites", "strip"]
)
SPACINGS = ((0, 0), (0, 1), (1, 1), (0, 2), (2, 2))  # margin, spacing
CROSSED = 0.06  # share of a border's neighbours of which both are drawn, against that of all lines
STANDS_OUT = 1.8  # how much stronger the steps at borders are than elsewhere


@dataclass(frozen=True, kw_only=True)
class Cut:
    """How a sheet is divided: cells of `width` x `height` px, `margin` px around and `spacing` px between them."""

    width: int
    height: int
    margin: int = 0
    spacing: int = 0

    def boxes(self, shape: tuple[int, ...]) -> Iterator[tuple[int, int, int, int]]:
        """Yield row, column, y, x of every whole cell on a canvas of `shape`, row by row."""
        high, wide = shape[0] - 2 * self.margin + self.spacing, shape[1] - 2 * self.margin + self.spacing
        for row in range(high // (self.height + self.spacing)):
            for column in range(wide // (self.width + self.spacing)):
                y, x = (
                    self.margin + row * (self.height + self.spacing),
                    self.margin + column * (self.width + self.spacing),
                )
                yield row, column, y, x


def parse_cut(row: dict[str, Any]) -> Cut | None:
    """The `grid` of a metadata row ("16x24", 16 or [16, 24], width first), or None where it names none.

    Raises:
        BadInput: not a size of 1 to 256 px, or a margin or spacing that is no count of px.
    """
    value = row.get("grid")
    if value in (None, ""):
        return None
    numbers = [str(v) for v in value] if isinstance(value, list) else re.split(r"[x×,* ]+", str(value).strip().lower())
    rest = [str(row.get(name) or 0) for name in ("margin", "spacing")]
    if len(numbers) not in (1, 2) or not all(re.fullmatch(r"\d{1,4}", n) for n in numbers + rest):
        raise BadInput(f"grid {value!r} is not a cell size like 16x16")
    width, height = int(numbers[0]), int(numbers[-1])
    if not (1 <= width <= MAX_SIZE_PX and 1 <= height <= MAX_SIZE_PX):
        raise BadInput(f"grid {value!r} lies outside 1 to {MAX_SIZE_PX} px")
    return Cut(width=width, height=height, margin=int(rest[0]), spacing=int(rest[1]))


def looks_like_sheet(words: list[str], rgba: U8) -> bool:
    """Whether a picture is worth searching for a grid: its name says so, or it is too large to be one sprite."""
    return bool(SHEET_WORDS.intersection(words)) or max(rgba.shape[:2]) > MAX_SIZE_PX


def find_cut(rgba: U8) -> Cut | None:
    """Find the grid of a sheet uint8 [H, W, 4] of two cells or more, or None where there is none to see.

    Square cells go first, then the best by their borders, then those that touch.
    """
    opaque = rgba[..., 3] >= 128
    find = _by_gaps if not opaque.all() else _by_steps
    cuts: list[tuple[bool, float, int, Cut]] = []
    for order, (margin, spacing) in enumerate(SPACINGS):
        high, wide = (find(rgba, opaque, axis, margin, spacing) for axis in (0, 1))
        for height in high:
            for width in wide:
                cut = Cut(width=width, height=height, margin=margin, spacing=spacing)
                if len(list(cut.boxes(rgba.shape))) > 1:
                    cuts.append((width != height, high[height] + wide[width], order, cut))
    return min(cuts, key=lambda c: c[:3])[3] if cuts else None


def _sides(length: int, margin: int, spacing: int) -> list[int]:
    """Cell sides that fill an axis with at least one cell: the whole axis too, for strips."""
    inside = length - 2 * margin + spacing
    return [s for s in range(MIN_SIZE_PX, min(MAX_SIZE_PX, inside) + 1) if inside % (s + spacing) == 0]


def _borders(length: int, side: int, margin: int, spacing: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First pixels of all cells but the first, and the pixels that belong to no cell."""
    starts = margin + np.arange((length - 2 * margin + spacing) // (side + spacing)) * (side + spacing)
    inside = np.zeros(length, dtype=bool)
    for offset in range(side):
        inside[starts + offset] = True
    return starts[1:], np.flatnonzero(~inside)


def _by_gaps(rgba: U8, opaque: NDArray[np.bool_], axis: int, margin: int, spacing: int) -> dict[int, float]:
    """Cell sides whose borders hardly anything crosses and whose gutters are clear or of one colour: the least is best."""
    lines = np.moveaxis(opaque, axis, 0)
    crossing = np.concatenate([[0.0], (lines[1:] & lines[:-1]).mean(axis=1)])
    usual, found = crossing.mean(), {}
    for side in _sides(len(lines), margin, spacing):
        starts, gutter = _borders(len(lines), side, margin, spacing)
        if _plain(rgba.take(gutter, axis)) and (
            spacing or float(crossing[starts].sum()) <= CROSSED * usual * len(starts)
        ):
            found[side] = float(side + spacing)
    return found


def _by_steps(rgba: U8, opaque: NDArray[np.bool_], axis: int, margin: int, spacing: int) -> dict[int, float]:
    """Cell sides whose borders stand out from all other lines; the clearest is best."""
    lines = np.moveaxis(rgba[..., :3].astype(np.int16), axis, 0)
    steps = np.concatenate([[0.0], np.abs(np.diff(lines, axis=0)).mean(axis=(1, 2))])
    found = {}
    for side in _sides(len(lines), margin, spacing):
        starts, gutter = _borders(len(lines), side, margin, spacing)
        if spacing and _plain(rgba.take(gutter, axis)):
            found[side] = float(side + spacing)
        elif not spacing and len(starts):
            ratio = float(steps[starts].mean() / max(1e-9, np.delete(steps[1:], starts - 1).mean()))
            if ratio >= STANDS_OUT:
                found[side] = -ratio
    return found


def _plain(pixels: U8) -> bool:
    """Whether pixels are all clear or all of one colour."""
    return not (pixels[..., 3] >= 128).any() or bool((pixels == pixels.reshape(-1, 4)[0]).all())
