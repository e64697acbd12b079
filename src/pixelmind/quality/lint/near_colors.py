"""Near colours: palette entries that the eye can hardly tell apart, as banding and careless blending leave them.

A colour counts as near where another used colour lies within 0.04 in OKLab (B. Ottosson 2020), taken for about two just noticeable
differences. Unit: colours; the share is of the colours used. Marked are the cells of the rarer colour of each pair. Cannot
tell: long soft ramps of large pictures are near on purpose.
"""

from __future__ import annotations

import numpy as np

from pixelmind.pixels.clusters import Mask
from pixelmind.pixels.oklab import srgb_to_oklab
from pixelmind.quality.lint.base import F64, Canvas, Found, Options
from pixelmind.records import U8

NEAR = 0.04


def distances(colors: U8) -> F64:
    """OKLab distances [K, K] of uint8 [K, 3]; a colour is infinitely far from itself."""
    lab = srgb_to_oklab(colors).astype(np.float64)
    apart: F64 = np.sqrt(((lab[:, None] - lab[None]) ** 2).sum(-1))
    np.fill_diagonal(apart, np.inf)
    return apart


def near(colors: U8) -> Mask:
    """Which of uint8 [K, 3] have a near one, [K]."""
    if len(colors) < 2:
        return np.zeros(len(colors), bool)
    found: Mask = distances(colors).min(1) < NEAR
    return found


def find(canvas: Canvas, options: Options) -> Found:
    """Near ones among the opaque colours."""
    used = np.flatnonzero(canvas.colors[:, 3] == 255)
    if len(used) < 2:
        return Found(count=0, of=len(used), cells=canvas.none())
    apart = distances(canvas.colors[used, :3])
    cells_of = canvas.cells_of[used]
    rarer = (cells_of[:, None] < cells_of[None]) | (
        (cells_of[:, None] == cells_of[None]) & (np.arange(len(used))[:, None] > np.arange(len(used))[None])
    )
    shown = np.zeros(len(canvas.colors), bool)
    shown[used] = ((apart < NEAR) & rarer).any(1)
    count = int((apart.min(1) < NEAR).sum())
    return Found(count=count, of=len(used), cells=shown[canvas.number])
