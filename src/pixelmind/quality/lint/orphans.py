"""Orphan pixels: single cells of a colour that none of their eight neighbours has or comes near to.

Source: the pixel artists' term (M. Azzi, "Pixel Logic", 2018, ch. "Clusters"): a cluster of one cell reads as noise. It must stand out:
each drawn neighbour lies at least `FAR` away in OKLab, six just noticeable differences; single cells of anti-aliasing and texture do
not (`noise` counts those that are hardly told apart). Unit: cells; the share is of the drawn cells. Cannot tell: eyes and glints, so some
are usual, and in sprites to 32 px many; orphans in checks and dither touch diagonally and are none.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pixelmind.pixels.clusters import Mask
from pixelmind.quality.lint.base import F64, Canvas, Found, Options, counted

STEPS = tuple((dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dy or dx)
FAR = 0.12


def lone(number: NDArray[np.integer], drawn: Mask) -> Mask:
    """Drawn cells [H, W] whose number none of the eight neighbours has."""
    cells = np.pad(number.astype(np.int64), 1, constant_values=-1)
    middle = cells[1:-1, 1:-1]
    high, wide = middle.shape
    alike = [cells[1 + dy : 1 + dy + high, 1 + dx : 1 + dx + wide] == middle for dy, dx in STEPS]
    found: Mask = ~np.logical_or.reduce(alike) & drawn
    return found


def nearest(canvas: Canvas) -> F64:
    """OKLab distance of each lone cell from the drawn neighbour most like it (none: infinite), [H, W]; NaN elsewhere."""
    out = np.full(canvas.shape, np.nan)
    y, x = np.nonzero(lone(canvas.number, canvas.drawn))
    number, drawn = np.pad(canvas.number, 1), np.pad(canvas.drawn, 1)
    dy, dx = np.array(STEPS).T[..., None]
    beside = (1 + y + dy, 1 + x + dx)  # [8, N]
    apart = np.linalg.norm(canvas.lab[number[beside]] - canvas.lab[canvas.number[y, x]], axis=-1)
    out[y, x] = np.where(drawn[beside], apart, np.inf).min(0)
    return out


def find(canvas: Canvas, options: Options) -> Found:
    """Orphans among the drawn cells."""
    return counted(nearest(canvas) >= FAR, int(canvas.drawn.sum()))
