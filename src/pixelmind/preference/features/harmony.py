"""Harmony of a palette: how near its hues lie to one of the classical hue templates.

Source: D. Cohen-Or, O. Sorkine, R. Gal, T. Leyvand, Y.-Q. Xu, "Color Harmonization" (SIGGRAPH 2006), eq. 1: the distance of each
hue to the nearest border of the template's sectors, weighted by saturation, least over templates and their rotation. Here hue and
chroma are OKLab's, colours are weighted by their cells, and the wide templates T and X, which nearly everything fits, are left out.
"""

from __future__ import annotations

import numpy as np

from pixelmind.pixels.oklab import srgb_to_oklab
from pixelmind.records import Sprite

#: Sectors of each template: (centre, width) in degrees.
TEMPLATES = {
    "i": ((0.0, 18.0),),
    "V": ((0.0, 93.6),),
    "L": ((0.0, 18.0), (90.0, 79.2)),
    "mirrored L": ((0.0, 18.0), (-90.0, 79.2)),
    "I": ((0.0, 18.0), (180.0, 18.0)),
    "Y": ((0.0, 93.6), (180.0, 18.0)),
}
ROTATIONS = np.arange(0.0, 360.0, 5.0)
#: A mean distance of so many degrees or more counts as no harmony.
WORST = 20.0


def harmony(sprite: Sprite) -> float:
    """In [0, 1]; 1 where all hues lie within one template, and for a picture without colour."""
    entries, cells = np.unique(sprite.indices, return_counts=True)
    drawn = sprite.palette[entries, 3] == 255
    if not drawn.any():
        return 1.0
    lab = srgb_to_oklab(sprite.palette[entries[drawn], :3]).astype(np.float64)
    weight = np.hypot(lab[:, 1], lab[:, 2]) * cells[drawn]
    if weight.sum() < 1e-3 * cells[drawn].sum():
        return 1.0
    hue = np.degrees(np.arctan2(lab[:, 2], lab[:, 1]))
    best = min(_distance(hue, weight, sectors) for sectors in TEMPLATES.values())
    return float(np.clip(1 - best / WORST, 0, 1))


def _distance(hue: np.ndarray, weight: np.ndarray, sectors: tuple[tuple[float, float], ...]) -> float:
    """Least mean distance in degrees of hues [K] to the sectors, over all rotations."""
    turned = hue[None, :] - ROTATIONS[:, None]
    away = [np.maximum(np.abs((turned - c + 180) % 360 - 180) - width / 2, 0) for c, width in sectors]
    return float((np.minimum.reduce(away) @ weight).min() / weight.sum())
