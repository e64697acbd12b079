"""Few orphan pixels: single cells of a colour that none of their eight neighbours has (`quality.lint.orphans`).

A few are eyes and glints, so the share counts.
"""

from __future__ import annotations

from pixelmind.quality.lint.orphans import lone
from pixelmind.records import Sprite

#: So large a share of orphans, or a larger one, counts as nothing but noise.
WORST = 0.5


def orphan_share(sprite: Sprite) -> float:
    """Share of the drawn cells that are orphans; 0 for an empty picture."""
    drawn = sprite.palette[sprite.indices, 3] == 255
    return float(lone(sprite.indices, drawn)[drawn].mean()) if drawn.any() else 0.0


def orphan_free(sprite: Sprite) -> float:
    """In [0, 1]; 1 without an orphan."""
    return max(0.0, 1 - orphan_share(sprite) / WORST)
