"""Broken symmetry: of a picture whose left is its right turned over, one half is drawn otherwise.

Array legend: H, W canvas in px.
"""

from __future__ import annotations

import numpy as np

from pixelmind.pixels.clusters import Ints
from pixelmind.quality.defects.base import Draft, Mask, changed
from pixelmind.quality.defects.material import Material, seen

CONTRAST_LEAST = 0.05
"""Mean OKLab change of the cells that changed, at least."""
LIKE = 0.12
"""OKLab distance of cells that pass for each other's mirror image: light from one side may shade them otherwise."""
SAME_SHAPE, SAME_COLORS = 0.9, 0.75
"""Shares of the body's cells whose mirror image is body, and of like colour, in a picture that counts as symmetric."""
MODES = (0.5, 0.25, 0.25)
"""How often a half is moved, squeezed or stretched, and cut; of a picture without a silhouette it is moved only."""
TRIES = 3


def asymmetry(m: Material, severity: float, rng: np.random.Generator) -> Draft | None:
    """Of a mirror-symmetric picture one half is moved up or down, squeezed or stretched sideways, or cut away from its outer end.

    Severity: up or down by 1 px and s / 12 of the longest side; sideways by, or cut, 0.15 + 0.35 s of the half's width.
    """
    middle = axis(m)
    if middle is None:
        return None
    for _ in range(TRIES):
        right = bool(rng.random() < 0.5)
        columns = np.arange(m.shape[1])
        half = columns > middle if right else columns < middle
        way = np.abs(columns - middle)
        width = float(way[half & m.body.any(0)].max(initial=0))
        if width < 3:
            return None
        mode, rgba = int(rng.choice(3, p=MODES)) if m.silhouette.sum() >= 8 else 0, m.rgba.copy()
        rows, source = np.arange(m.shape[0]), columns
        if mode == 0:
            by = (-1 if rng.random() < 0.5 else 1) * round(1 + severity * m.size / 12)
            rows = rows - by
        elif mode == 1:
            factor = 1 + (0.15 + 0.35 * severity)
            factor = factor if rng.random() < 0.5 else 1 / factor
            source = _sideways(middle, way / factor, right, m.shape[1])
        else:
            gone = half & (way > width * (1 - (0.15 + 0.35 * severity)))
            rgba[:, gone] = 0
        if mode < 2:
            drawn = _taken(m, rows, source)
            rgba[:, half] = drawn[:, half]
        if changed(m.rgba, rgba).sum() >= max(4, 0.03 * m.body_cells) and seen(m, rgba) >= CONTRAST_LEAST:
            now: Mask = (rgba[..., 3] > 0) & half[None, :]
            return Draft(rgba=rgba, also=now if mode < 2 else None)
    return None


def axis(m: Material) -> float | None:
    """Column (halves are between cells) about which the body is mirror-symmetric; None where it is not."""
    if m.body_cells < max(30, 0.3 * (m.box[2] - m.box[0]) * (m.box[3] - m.box[1])):
        return None
    _, left, _, right = m.box
    middle = (left + right - 1) / 2
    if right - left < 7:
        return None
    cells, body = m.lab_cells[:, left:right], m.body[:, left:right]
    both = body & body[:, ::-1]
    count = int(body.sum())
    if both.sum() < SAME_SHAPE * count:
        return None
    like = both & (((cells - cells[:, ::-1]) ** 2).sum(-1) < LIKE**2)
    if m.silhouette.sum() < 8:  # a texture of near colours is like itself however it is turned
        number = m.number[:, left:right]
        like = both & (number == number[:, ::-1])
    return middle if like.sum() >= SAME_COLORS * count else None


def _sideways(middle: float, way: np.ndarray, right: bool, width: int) -> Ints:
    """Columns to take from, `way` px from the middle on one side; past the canvas -1."""
    source = np.rint(middle + (way if right else -way)).astype(np.int64)
    return np.where((source >= 0) & (source < width), source, -1)


def _taken(m: Material, rows: Ints, columns: Ints) -> np.ndarray:
    """The picture's cells at rows and columns, clear past the canvas (or, of a picture without clear cells, its edge's)."""
    height, width = m.shape
    y, x = np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)
    drawn = m.rgba[np.ix_(y, x)]
    if not m.body.all():
        drawn[(rows < 0) | (rows >= height)] = 0
        drawn[:, (columns < 0) | (columns >= width)] = 0
    return drawn
