"""Colours that can be told apart: the share without a near one among those used (`quality.lint.near_colors`)."""

from __future__ import annotations

import numpy as np

from pixelmind.quality.lint.near_colors import near
from pixelmind.records import Sprite


def near_share(sprite: Sprite) -> float:
    """Share of the used colours that have a near one; 0 for fewer than two colours."""
    entries = np.unique(sprite.indices)
    entries = entries[sprite.palette[entries, 3] == 255]
    return float(near(sprite.palette[entries, :3]).mean()) if len(entries) else 0.0


def distinct_colors(sprite: Sprite) -> float:
    """In [0, 1]; 1 where all colours can be told apart."""
    return 1 - near_share(sprite)
