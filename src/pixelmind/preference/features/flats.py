"""Flats: the share of equal neighbours, against that of real sprites of the size.

Real `val` sprites have 0.30 of equal 4-neighbours up to 16 px, 0.34 at 24 to 32 px and 0.44 above (docs/log.md, "Flats"). Less is
speckle; more is not held against a picture, since contrast and match tell of an empty one.
"""

from __future__ import annotations

import numpy as np

from pixelmind.records import Sprite

#: Longest side up to so many px -> the usual share.
USUAL = ((16, 0.30), (32, 0.34), (256, 0.44))


def equal_neighbours(sprite: Sprite) -> float:
    """Share of pairs of drawn 4-neighbours with one colour; 1 where there is no pair."""
    cells, drawn = sprite.indices, sprite.palette[sprite.indices, 3] == 255
    down, right = drawn[1:] & drawn[:-1], drawn[:, 1:] & drawn[:, :-1]
    pairs = int(down.sum() + right.sum())
    equal = int((down & (cells[1:] == cells[:-1])).sum() + (right & (cells[:, 1:] == cells[:, :-1])).sum())
    return equal / pairs if pairs else 1.0


def flatness(sprite: Sprite) -> float:
    """In [0, 1]; 1 from the usual share on."""
    usual = next(share for side, share in USUAL if max(sprite.indices.shape) <= side)
    return float(np.clip(equal_neighbours(sprite) / usual, 0, 1))
