"""Broken outline: gaps of one to three cells in an outline that otherwise goes all around.

A picture is outlined where one colour and its near shades (no lighter than 0.1 above it in OKLab L) hold at least `MOSTLY` of the
silhouette. A gap is a cluster of silhouette cells of other colours, of at most `LONGEST` cells, with outline cells on both sides.
Unit: gaps; the share is of the silhouette's cells. Cannot tell: light that eats the outline on purpose (selective outlining) leaves
gaps like a slipped pen.
"""

from __future__ import annotations

import numpy as np

from pixelmind.pixels.clusters import Mask, label, shifted
from pixelmind.quality.lint.base import Canvas, Found, Options
from pixelmind.quality.lint.orphans import STEPS

MOSTLY, LONGEST, SHADE = 0.6, 3, 0.1


def outlined(canvas: Canvas) -> int | None:
    """The number of the colour that outlines the body; None where none has `MOSTLY` of the silhouette."""
    rim = canvas.number[canvas.silhouette]
    if not len(rim):
        return None
    cells_of = np.bincount(rim, minlength=len(canvas.colors))
    color = int(cells_of.argmax())
    return color if cells_of[_shades(canvas, color)].sum() >= MOSTLY * len(rim) else None


def _shades(canvas: Canvas, color: int) -> Mask:
    """Colours [K] that pass for the outline: no lighter than `SHADE` above it."""
    found: Mask = (canvas.lab[:, 0] <= canvas.lab[color, 0] + SHADE) & (canvas.colors[:, 3] >= 128)
    return found


def find(canvas: Canvas, options: Options) -> Found:
    """Short gaps in the silhouette's outline."""
    color = outlined(canvas)
    of = int(canvas.silhouette.sum())
    if color is None:
        return Found(count=0, of=of, cells=canvas.none())
    line = canvas.silhouette & _shades(canvas, color)[canvas.number]
    labels, sizes = label(canvas.silhouette, canvas.silhouette & ~line)
    touching = np.stack([shifted(line, dy, dx) for dy, dx in STEPS]).astype(np.int64).sum(axis=0)
    beside = np.bincount(labels[labels >= 0], weights=touching[labels >= 0], minlength=len(sizes))
    gap = (sizes <= LONGEST) & (beside >= 2)
    return Found(count=int(gap.sum()), of=of, cells=np.append(gap, False)[labels])
