"""Orphan pixels: single cells of a colour that none of their eight neighbours has.

Source: the pixel artists' term (M. Azzi, "Pixel Logic", 2018, ch. "Clusters"): a cluster of one cell reads as noise.
Unit: cells; the share is of the drawn cells. Cannot tell: eyes, glints, single-cell anti-aliasing and texture in small sprites are
orphans too, so some are usual; orphans in checks and dither touch diagonally and are none.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pixelmind.pixels.clusters import Mask
from pixelmind.quality.lint.base import Canvas, Found, Options, counted

STEPS = tuple((dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dy or dx)


def lone(number: NDArray[np.integer], drawn: Mask) -> Mask:
    """Drawn cells [H, W] whose number none of the eight neighbours has."""
    cells = np.pad(number.astype(np.int64), 1, constant_values=-1)
    middle = cells[1:-1, 1:-1]
    high, wide = middle.shape
    alike = [cells[1 + dy : 1 + dy + high, 1 + dx : 1 + dx + wide] == middle for dy, dx in STEPS]
    found: Mask = ~np.logical_or.reduce(alike) & drawn
    return found


def find(canvas: Canvas, options: Options) -> Found:
    """Orphans among the drawn cells."""
    return counted(lone(canvas.number, canvas.drawn), int(canvas.drawn.sum()))
