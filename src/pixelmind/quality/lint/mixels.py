"""Mixels, a wrong grid: the whole picture is an enlarged one, or a region of it is drawn in larger pixels than the rest.

Source: the pixel artists' term for mixed pixel sizes. The whole: every colour change lies on multiples of k
(`pixels.grid.detect_upscale`). A region: every corner (a point where the four cells around it are neither all alike nor split by one
straight edge) of a window of `WINDOW` x `WINDOW` cells lies on one lattice of k px, k = 2, 3 or 4, and there are at least `CORNERS`
corners on at least `LINES` rows and columns of the lattice. In native art a corner lies on a lattice of 2 px by chance about one time
in four. Unit: cells of such windows; the share is of all cells. Cannot tell: bricks, checks and dither of 2 px on purpose; small or
plain mixels.
"""

from __future__ import annotations

import numpy as np

from pixelmind.pixels.clusters import Ints, Mask
from pixelmind.quality.lint.base import Canvas, Found, Options, counted

WINDOW, CORNERS, LINES = 10, 8, 3
FACTORS = (4, 3, 2)


def corners(number: Ints) -> Mask:
    """Inner points [H - 1, W - 1] that are corners (see the header); point (y, x) lies below cell (y, x) and to its right."""
    a, b, c, d = number[:-1, :-1], number[:-1, 1:], number[1:, :-1], number[1:, 1:]
    straight = ((a == b) & (c == d)) | ((a == c) & (b == d))
    found: Mask = ~straight
    return found


def _boxes(points: Mask | Ints, high: int, wide: int) -> Ints:
    """Sums over all boxes of `high` x `wide` points, [H - high + 1, W - wide + 1]."""
    sums = np.pad(points.astype(np.int64), ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    found: Ints = sums[high:, wide:] - sums[:-high, wide:] - sums[high:, :-wide] + sums[:-high, :-wide]
    return found


def find(canvas: Canvas, options: Options) -> Found:
    """Cells of windows at another scale."""
    height, width = canvas.shape
    high, wide = min(WINDOW, height - 1), min(WINDOW, width - 1)
    cells = canvas.none()
    if min(high, wide) < 6:
        return counted(cells, height * width)
    points = corners(canvas.number)
    total = _boxes(points, high, wide)
    for factor in FACTORS:
        for top in range(factor):
            for left in range(factor):
                on = np.zeros(points.shape, bool)
                on[top::factor, left::factor] = points[top::factor, left::factor]
                held = _boxes(on, high, wide)
                for y, x in np.argwhere((held == total) & (held >= CORNERS)):
                    ys, xs = np.nonzero(on[y : y + high, x : x + wide])
                    if min(len(np.unique(ys)), len(np.unique(xs))) >= LINES:
                        cells[y + ys.min() : y + ys.max() + 2, x + xs.min() : x + xs.max() + 2] = True
    return counted(cells, height * width)
