"""Orphan pixels: single cells of a colour that none of their eight neighbours has.

Source: the pixel artists' term (M. Azzi, "Pixel Logic", 2018, ch. "Clusters"): a cluster of one cell reads as noise. A few are eyes
and glints, so the share counts.
"""

from __future__ import annotations

import numpy as np

from pixelmind.records import Sprite

STEPS = tuple((dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dy or dx)
#: So large a share of orphans, or a larger one, counts as nothing but noise.
WORST = 0.5


def orphan_share(sprite: Sprite) -> float:
    """Share of the drawn cells that are orphans; 0 for an empty picture."""
    cells = np.pad(sprite.indices.astype(np.int64), 1, constant_values=-1)
    middle = cells[1:-1, 1:-1]
    high, wide = middle.shape
    alike = [cells[1 + dy : 1 + dy + high, 1 + dx : 1 + dx + wide] == middle for dy, dx in STEPS]
    drawn = sprite.palette[sprite.indices, 3] == 255
    return float((~np.logical_or.reduce(alike))[drawn].mean()) if drawn.any() else 0.0


def orphan_free(sprite: Sprite) -> float:
    """In [0, 1]; 1 without an orphan."""
    return max(0.0, 1 - orphan_share(sprite) / WORST)
