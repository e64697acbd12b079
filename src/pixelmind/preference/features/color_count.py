"""Thrift of colours: how many a picture uses, against what its size asks for.

The budgets lie a little above the medians of real sprites (8, 13 and 26 colours up to 16, 32 and 256 px), as the generator's default.
"""

from __future__ import annotations

from pixelmind.records import Sprite

#: Longest side up to so many px -> colours that are no more than usual.
BUDGETS = ((16, 10), (32, 16), (256, 26))


def color_thrift(sprite: Sprite) -> float:
    """In (0, 1]; 1 within the budget, else the budget's share of the colours used."""
    budget = next(count for side, count in BUDGETS if max(sprite.indices.shape) <= side)
    return min(1.0, budget / max(1, sprite.num_colors))
