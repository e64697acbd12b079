"""Edits of one part, cell by cell: taking it away, copying, moving, turning and resizing it.

What lies behind a part is not known. Its hole becomes clear where the part stood out into clear ground, with the figure's outline
closed again; else it is filled from around: row by row where a backdrop shows there, inwards from the rim where it does not.

Legend: `Board` is a canvas uint8 [H, W, 4] with its mask uint8 [H, W]; regions are bool [H, W].
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixelmind.data.edits import geometry
from pixelmind.data.edits.color import Region, opaque
from pixelmind.data.edits.shape import outline_cells, outlined
from pixelmind.data.procedural.canvas import grow, shift
from pixelmind.dialogue.parts import pieces
from pixelmind.errors import BadInput
from pixelmind.records import U8

#: Share of clear cells around a hole from which on it becomes clear, and of backdrop cells from which on that shows in it.
CLEAR_SHARE, BEHIND_SHARE = 0.35, 0.5
NO_ROOM = "there is no room for another one beside it; extend the canvas first, for example by 8 pixels"
Cells = NDArray[np.int64]
_AROUND = ((-1, 0, 2), (1, 0, 2), (0, -1, 2), (0, 1, 2), (-1, -1, 1), (-1, 1, 1), (1, -1, 1), (1, 1, 1))


@dataclass(frozen=True, eq=False)
class Board:
    """A canvas and its mask, changed together."""

    rgba: U8
    mask: U8

    def copy(self) -> Board:
        return Board(self.rgba.copy(), self.mask.copy())


def _around(region: Region) -> Region:
    """Cells beside a region, diagonally too."""
    wide = region | shift(region, 1, 0) | shift(region, -1, 0)
    return (wide | shift(wide, 0, 1) | shift(wide, 0, -1)) & ~region


def remove(board: Board, part: Region, figure: Region) -> Board:
    """Take the part's cells away; `figure` says which cells are no backdrop."""
    out = board.copy()
    behind, full = ~figure & ~part, opaque(board.rgba)
    lined = outlined(board.rgba, figure & full) if (~full).any() else False
    for hole in pieces(part, 0):
        rim = _around(hole) & ~part
        clear = rim & ~full
        if not rim.any() or clear.sum() >= CLEAR_SHARE * rim.sum():
            out.rgba[hole], out.mask[hole] = 0, 0
            if lined:
                _close(out, hole, figure & ~part, outline_cells(board.rgba, figure & full))
        elif (rim & behind & full).sum() >= BEHIND_SHARE * rim.sum():
            _fill_rows(out, hole, behind & full)
        else:
            _fill_inwards(out, hole, full & ~part)
    return out


def _close(out: Board, hole: Region, rest: Region, line: Region) -> None:
    """Draw the outline anew where the hole laid the rest of the figure open."""
    cells = out.rgba[line & ~hole]
    if not len(cells):
        return
    colors, counts = np.unique(cells, axis=0, return_counts=True)
    ink = colors[int(counts.argmax())]
    bare = rest & ~(out.rgba == ink).all(-1)
    gap = hole & grow(bare)
    out.rgba[gap], out.mask[gap] = ink, np.bincount(out.mask[bare]).argmax() if bare.any() else 0


def _fill_rows(out: Board, hole: Region, source: Region) -> None:
    """Each cell takes the nearest source cell of its row; rows without one are filled inwards."""
    for y in np.flatnonzero(hole.any(1)):
        xs = np.flatnonzero(source[y])
        if len(xs):
            for x in np.flatnonzero(hole[y]):
                near = xs[np.abs(xs - x).argmin()]
                out.rgba[y, x], out.mask[y, x] = out.rgba[y, near], out.mask[y, near]
    left = hole.copy()
    left[source.any(1)] = False
    if left.any():
        _fill_inwards(out, left, source | (hole & ~left))


def _fill_inwards(out: Board, hole: Region, known: Region) -> None:
    """Ring by ring, each cell takes the commonest colour of its known neighbours (straight ones count twice)."""
    h, w = hole.shape
    todo, known = hole.copy(), known.copy()
    while todo.any():
        front = todo & _around(known)
        if not front.any():
            out.rgba[todo], out.mask[todo] = 0, 0
            return
        for y, x in zip(*np.nonzero(front)):
            votes: Counter[tuple[int, ...]] = Counter()
            for dy, dx, weight in _AROUND:
                j, i = y + dy, x + dx
                if 0 <= j < h and 0 <= i < w and known[j, i]:
                    votes[(*out.rgba[j, i].tolist(), int(out.mask[j, i]))] += weight
            *color, part = votes.most_common(1)[0][0]
            out.rgba[y, x], out.mask[y, x] = color, part
        known |= front
        todo &= ~front


def pasted(board: Board, source: Board, part: Region, dx: int, dy: int) -> tuple[Board, Region]:
    """The board with the part's cells of `source` put (dx, dy) further, and where they lie; what leaves the canvas is lost."""
    out = board.copy()
    there = shift(part, dx, dy)
    y, x = np.nonzero(there)
    out.rgba[y, x], out.mask[y, x] = source.rgba[y - dy, x - dx], source.mask[y - dy, x - dx]
    return out, there


def move(board: Board, part: Region, figure: Region, dx: int, dy: int) -> tuple[Board, Region]:
    """Put the part elsewhere; returns the board and where it lies now.

    Raises:
        BadInput: nothing of it would stay on the canvas.
    """
    if not shift(part, dx, dy).any():
        raise BadInput("that would move it off the canvas; use fewer pixels, or extend the canvas first")
    return pasted(remove(board, part, figure), board, part, dx, dy)


def offset(part: Region, taken: Region, direction: str) -> tuple[int, int]:
    """Where a copy fits beside a part, as (dx, dy): in that direction, or where it covers least of `taken` and stays on the canvas.

    Raises:
        BadInput: no room.
    """
    top, bottom, left, right = geometry.box(part)
    sides = (direction,) if direction else ("right", "left", "down", "up")
    fits = []
    for gap in (1, 0):
        for rank, side in enumerate(sides):
            sx, sy = geometry.STEPS[side]
            dx, dy = sx * (right - left + gap), sy * (bottom - top + gap)
            there = shift(part, dx, dy)
            if there.sum() == part.sum():
                fits.append((int((there & taken).sum()) + rank, dx, dy))
        if fits:
            _, dx, dy = min(fits)
            return dx, dy
    raise BadInput(NO_ROOM)


def resized(board: Board, part: Region, figure: Region, factor: float) -> tuple[Board, Region]:
    """The part larger or smaller by repeating or leaving out cells, its foot where it was; returns the board and where it lies now."""
    top, bottom, left, right = geometry.box(part)
    high, wide = max(1, round((bottom - top) * factor)), max(1, round((right - left) * factor))
    rows = top + np.minimum((np.arange(high) + 0.5) * (bottom - top) / high, bottom - top - 1e-9).astype(int)
    cols = left + np.minimum((np.arange(wide) + 0.5) * (right - left) / wide, right - left - 1e-9).astype(int)
    return _placed(board, part, figure, rows[:, None], cols[None], bottom - high, round((left + right - wide) / 2))


def turned(board: Board, part: Region, figure: Region, operation: str, degrees: int = 90) -> tuple[Board, Region]:
    """The part mirrored, flipped or rotated about its own middle; returns the board and where it lies now."""
    top, bottom, left, right = geometry.box(part)
    cells = np.moveaxis(np.mgrid[top:bottom, left:right], 0, -1)
    turn = {"mirror": geometry.mirror, "flip": geometry.flip}.get(operation, lambda a: geometry.rotate(a, degrees))
    rows, cols = np.moveaxis(turn(cells), -1, 0)
    high, wide = rows.shape
    return _placed(board, part, figure, rows, cols, (top + bottom - high) // 2, (left + right - wide) // 2)


def _placed(
    board: Board, part: Region, figure: Region, rows: Cells, cols: Cells, top: int, left: int
) -> tuple[Board, Region]:
    """The part taken away and its cells (rows, cols) put down from (top, left) on."""
    out = remove(board, part, figure)
    rows, cols = (np.broadcast_to(a, (rows.shape[0], cols.shape[1])) for a in (rows, cols))
    y, x = np.mgrid[top : top + rows.shape[0], left : left + rows.shape[1]]
    h, w = part.shape
    keep = part[rows, cols] & (y >= 0) & (y < h) & (x >= 0) & (x < w)
    out.rgba[y[keep], x[keep]] = board.rgba[rows[keep], cols[keep]]
    out.mask[y[keep], x[keep]] = board.mask[rows[keep], cols[keep]]
    there = np.zeros_like(part)
    there[y[keep], x[keep]] = True
    return out, there
