"""Facts of a clean picture that defects draw on, each computed when first asked for.

Array legend: H, W canvas in px; K colours used; the body, its silhouette and the numbering of colours are those of lint (`lint/base.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pixelmind.pixels.clusters import Ints
from pixelmind.pixels.oklab import srgb_to_oklab
from pixelmind.quality.defects.base import Mask, Picture, changed
from pixelmind.quality.lint.base import Canvas
from pixelmind.records import U8

F64 = NDArray[np.float64]
JND = 0.02
"""A just noticeable difference in OKLab, about."""
AROUND = ((-1, 0), (0, 1), (1, 0), (0, -1), (-1, -1), (-1, 1), (1, 1), (1, -1))
"""Steps to the neighbours of a cell, the four beside it first."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Material(Canvas):
    """A picture with its colours numbered and its region classes."""

    regions: U8 | None = None

    @classmethod
    def from_picture(cls, picture: Picture) -> Material:
        """Number the colours."""
        base = Canvas.of(picture.rgba)
        return cls(rgba=base.rgba, number=base.number, colors=base.colors, regions=picture.mask)

    @cached_property
    def size(self) -> int:
        """Longest side in px."""
        return max(self.shape)

    @cached_property
    def body_cells(self) -> int:
        """Cells of the body."""
        return int(self.body.sum())

    @cached_property
    def box(self) -> tuple[int, int, int, int]:
        """Top, left, bottom and right (past the end) of the body; the canvas where there is none."""
        ys, xs = np.flatnonzero(self.body.any(1)), np.flatnonzero(self.body.any(0))
        if not len(ys):
            return 0, 0, *self.shape
        return int(ys[0]), int(xs[0]), int(ys[-1]) + 1, int(xs[-1]) + 1

    @cached_property
    def lab_cells(self) -> F64:
        """OKLab of each cell, [H, W, 3]."""
        return np.asarray(self.lab[self.number])

    @cached_property
    def alike(self) -> Ints:
        """How many of the four cells beside each have its colour, [H, W]."""
        number = self.number
        count = np.zeros(self.shape, np.int64)
        down, right = number[1:] == number[:-1], number[:, 1:] == number[:, :-1]
        count[1:] += down
        count[:-1] += down
        count[:, 1:] += right
        count[:, :-1] += right
        return count

    @cached_property
    def flat(self) -> Mask:
        """Cells of flats: in the body, at least three of the four cells beside them are of their colour."""
        found: Mask = self.body & (self.alike >= 3)
        return found

    @cached_property
    def clusters(self) -> tuple[Ints, Ints]:
        """Labels [H, W] of the body's clusters of one colour (-1 off the body; corners do not join), and their sizes in cells."""
        return clusters_of(self.number, self.body)

    @cached_property
    def deep(self) -> Ints:
        """Steps from each cell of the body to the nearest that is not, [H, W]; the canvas's edge is as far as it goes."""
        return depth(self.body)


def depth(inside: Mask, beyond: bool = True) -> Ints:
    """Steps beside (not diagonally) from cells [H, W] to the nearest that is not `inside`: 0 off it, 1 on its rim.

    Past the canvas all is inside (`beyond`) or not; steps are counted to the longest side at most.
    """
    height, width = inside.shape
    left = np.pad(inside, 1, constant_values=beyond)
    out = np.zeros(inside.shape, np.int64)
    for _ in range(max(height, width)):
        inner = left[1:-1, 1:-1]
        if not inner.any():
            break
        out += inner
        left[1:-1, 1:-1] = inner & left[:-2, 1:-1] & left[2:, 1:-1] & left[1:-1, :-2] & left[1:-1, 2:]
    return out


def clusters_of(values: NDArray[np.integer] | Mask, inside: Mask) -> tuple[Ints, Ints]:
    """Clusters of cells of one value that touch with their sides: labels [H, W], -1 off `inside`, and sizes [N] in cells.

    `pixels.clusters.label` in a third of its time: on a grid of twice the size, cells are joined by the cells between them.
    """
    height, width = inside.shape
    joined = np.zeros((2 * height - 1, 2 * width - 1), bool)
    joined[::2, ::2] = inside
    joined[1::2, ::2] = inside[1:] & inside[:-1] & (values[1:] == values[:-1])
    joined[::2, 1::2] = inside[:, 1:] & inside[:, :-1] & (values[:, 1:] == values[:, :-1])
    labels = ndimage.label(joined)[0][::2, ::2].astype(np.int64) - 1
    return labels, np.bincount(labels[inside]).astype(np.int64)


def window(m: Material, share: float, rng: np.random.Generator, least: int = 4) -> tuple[slice, slice]:
    """A random box over a share of the body's own box (all of it at 1), at least `least` px a side where that has so many."""
    top, left, bottom, right = m.box
    high, wide = bottom - top, right - left
    stretch = float(rng.uniform(0.75, 1.33)) ** (1 - share)
    h = int(np.clip(round(high * np.sqrt(share) * stretch), min(least, high), high))
    w = int(np.clip(round(share * high * wide / h), min(least, wide), wide))
    y, x = int(rng.integers(top, bottom - h + 1)), int(rng.integers(left, right - w + 1))
    return slice(y, y + h), slice(x, x + w)


def spread(cells: Mask, count: int, rng: np.random.Generator, apart: int = 1) -> Ints:
    """Up to `count` random places [N, 2] among `cells`, no two within `apart` px of another (diagonals count as one)."""
    places = np.argwhere(cells)
    if not len(places):
        return places
    taken = np.zeros(cells.shape, bool)
    chosen = []
    for y, x in places[rng.permutation(len(places))].tolist():
        if not taken[y, x]:
            taken[max(0, y - apart) : y + apart + 1, max(0, x - apart) : x + apart + 1] = True
            chosen.append((y, x))
            if len(chosen) >= count:
                break
    return np.array(chosen, np.int64).reshape(-1, 2)


def grown(cells: Mask, corners: bool = True) -> Mask:
    """Cells and their neighbours (with `corners` the diagonal ones too), [H, W]."""
    out = cells.copy()
    out[1:] |= cells[:-1]
    out[:-1] |= cells[1:]
    if corners:
        cells = out.copy()
    out[:, 1:] |= cells[:, :-1]
    out[:, :-1] |= cells[:, 1:]
    return out


def seen(m: Material, rgba: U8) -> float:
    """How far apart in OKLab the cells that changed in `rgba` [H, W, 4] are from what they were, on average; alpha counts as 0.5."""
    differs = changed(m.rgba, rgba)
    before, after = m.rgba[differs], rgba[differs]
    if not len(after):
        return 0.0
    far = np.linalg.norm(m.lab_cells[differs] - srgb_to_oklab(after[:, :3]), axis=-1)
    return float(np.where((before[:, 3] >= 128) != (after[:, 3] >= 128), 0.5, far).mean())


def direction(rng: np.random.Generator, light: float = 1.0) -> F64:
    """A random direction in OKLab, of length 1; `light` stretches its lightness first."""
    v = rng.standard_normal(3) * np.array([light, 1.0, 1.0])
    return np.asarray(v / max(float(np.linalg.norm(v)), 1e-9))
