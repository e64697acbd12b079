"""Contrast: the spread of lightness over the drawn cells.

Source: E. Peli, "Contrast in complex images" (JOSA A 1990), root-mean-square contrast, here of OKLab lightness; doubled, since half of
the cells black and half white have 0.5.
"""

from __future__ import annotations

from pixelmind.pixels.oklab import srgb_to_oklab
from pixelmind.records import Sprite


def contrast(sprite: Sprite) -> float:
    """In [0, 1]; 0 for one flat lightness or an empty picture."""
    cells = sprite.indices[sprite.palette[sprite.indices, 3] == 255]
    if not cells.size:
        return 0.0
    lightness = srgb_to_oklab(sprite.palette[:, :3])[:, 0][cells]
    return min(1.0, 2 * float(lightness.std()))
