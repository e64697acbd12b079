"""Mixels, a wrong grid: the whole picture is an enlarged one, or a region of it is drawn in larger pixels than the rest.

Source: the pixel artists' term for mixed pixel sizes. The whole: every colour change lies on multiples of k (`pixels.grid.detect_upscale`).
A region: a corner is a point where the four cells around it are neither all alike nor split by one straight edge. All corners of a window
of 3 k + 1 points a side lie on one lattice of k px, k = 2, 3 or 4; they are `CORNERS` or more, on `LINES` rows and columns of it or more.
In native art a corner lies on a lattice of 2 px by chance about one time in four. Unit: cells of such windows; the share is of all cells.
Cannot tell: bricks, checks and dither of 2 px on purpose. Missed: regions below 8 cells of the larger size, and plain ones.
"""

from __future__ import annotations

import numpy as np

from pixelmind.pixels.clusters import Ints, Mask
from pixelmind.quality.lint.base import Canvas, Found, Options, counted

CORNERS, LINES = 8, 3
FACTORS = (4, 3, 2)


def corners(number: Ints) -> Mask:
    """Inner points [H - 1, W - 1] that are corners (see the header); point (y, x) lies below cell (y, x) and to its right."""
    a, b, c, d = number[:-1, :-1], number[:-1, 1:], number[1:, :-1], number[1:, 1:]
    straight = ((a == b) & (c == d)) | ((a == c) & (b == d))
    found: Mask = ~straight
    return found


def _boxes(points: Mask, side: int) -> Ints:
    """Sums over all boxes of `side` x `side` points, [H - side + 1, W - side + 1]."""
    sums = np.pad(points.astype(np.int64), ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    found: Ints = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    return found


def find(canvas: Canvas, options: Options) -> Found:
    """Cells of windows at another scale."""
    cells = canvas.none()
    points = corners(canvas.number)
    for factor in FACTORS:
        side = 3 * factor + 1
        if min(points.shape) < side:
            continue
        total = _boxes(points, side)
        for top in range(factor):
            for left in range(factor):
                on = np.zeros(points.shape, bool)
                on[top::factor, left::factor] = points[top::factor, left::factor]
                held = _boxes(on, side)
                for y, x in np.argwhere((held == total) & (held >= CORNERS)):
                    ys, xs = np.nonzero(on[y : y + side, x : x + side])
                    if min(len(np.unique(ys)), len(np.unique(xs))) >= LINES:
                        cells[y + ys.min() : y + ys.max() + 2, x + xs.min() : x + xs.max() + 2] = True
    return counted(cells, cells.size)
