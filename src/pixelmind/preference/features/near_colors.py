"""Near colours: palette entries that the eye can hardly tell apart, as banding and careless blending leave them.

A colour counts as near where another used colour lies within 0.04 in OKLab (B. Ottosson 2020), taken for about two just noticeable
differences.
"""

from __future__ import annotations

import numpy as np

from pixelmind.pixels.oklab import srgb_to_oklab
from pixelmind.records import Sprite

NEAR = 0.04


def near_share(sprite: Sprite) -> float:
    """Share of the used colours that have a near one; 0 for fewer than two colours."""
    entries = np.unique(sprite.indices)
    entries = entries[sprite.palette[entries, 3] == 255]
    if len(entries) < 2:
        return 0.0
    lab = srgb_to_oklab(sprite.palette[entries, :3]).astype(np.float64)
    apart = np.sqrt(((lab[:, None] - lab[None]) ** 2).sum(-1))
    np.fill_diagonal(apart, np.inf)
    return float((apart.min(1) < NEAR).mean())


def distinct_colors(sprite: Sprite) -> float:
    """In [0, 1]; 1 where all colours can be told apart."""
    return 1 - near_share(sprite)
