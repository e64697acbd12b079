"""A person's tone: lightness contrast and chroma of a finished sprite's palette, moved a step where their choices say so for sure enough.

Each variant keeps every cell's palette entry; only the colours move, in OKLab: lightness away from or towards the picture's mean, chroma
times a factor. What a variant is worth is told by the looks that it changes and the posterior of their weights; the best one whose gain
less `CAUTION` standard deviations is above 0 is taken. So somebody of whom little is known gets their pictures as they came.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pixelmind.adaptation.online.looks import looks
from pixelmind.pixels.oklab import oklab_to_srgb, srgb_to_oklab
from pixelmind.records import Sprite

F64 = NDArray[np.float64]
CONTRASTS = (1.0, 0.85, 1.18)
CHROMAS = (1.0, 0.8, 1.25)
CAUTION = 0.5


#: What a question about the tone shows beside the drawing as it is: the ends of both.
TONES: dict[str, tuple[float, float]] = {
    "soft and muted": (0.85, 0.8),
    "soft and vivid": (0.85, 1.25),
    "strong and muted": (1.18, 0.8),
    "strong and vivid": (1.18, 1.25),
}
AS_IT_IS = "as it is"
MARK = "#"  # between a sprite's id and the name of one of its tones


def moved(sprite: Sprite, contrast: float, chroma: float) -> Sprite | None:
    """The sprite in another tone; None where two of its colours would become one, or nothing is drawn."""
    drawn = sprite.palette[sprite.indices, 3] == 255
    if not drawn.any():
        return None
    lab = srgb_to_oklab(sprite.palette[:, :3]).astype(np.float64)
    mean = lab[sprite.indices[drawn], 0].mean()
    opaque = sprite.palette[:, 3] == 255
    lab *= [1, chroma, chroma]
    lab[:, 0] = np.clip(mean + contrast * (lab[:, 0] - mean), 0, 1)
    palette = sprite.palette.copy()
    palette[opaque, :3] = oklab_to_srgb(lab[opaque])
    same = len(np.unique(palette[opaque], axis=0)) == len(np.unique(sprite.palette[opaque], axis=0))
    return replace(sprite, palette=palette) if same else None


def question(sprite: Sprite) -> dict[str, Sprite]:
    """What a person is shown who is asked which tone is best: the sprite as it is, first, and in those of TONES that it can have."""
    found = {name: moved(sprite, *by) for name, by in TONES.items()}
    return {AS_IT_IS: sprite} | {name: tried for name, tried in found.items() if tried is not None}


def variants(sprite: Sprite) -> list[Sprite]:
    """The sprite as it is, and in the other tones that keep its colours apart."""
    ways = [(contrast, chroma) for contrast in CONTRASTS for chroma in CHROMAS if not contrast == chroma == 1]
    tried = (moved(sprite, *way) for way in ways)
    return [sprite, *(found for found in tried if found is not None)]


def chosen(seen: F64, mean: F64, covariance: F64) -> int:
    """The variant to give: its place among the looks `seen` [N, L] of all, the first being those of the sprite as it came.

    Args:
        seen: looks of the variants.
        mean, covariance: of the looks' weights, [L] and [L, L].
    """
    change = seen - seen[0]
    gain = change @ mean - CAUTION * np.sqrt(np.maximum(np.einsum("nd,de,ne->n", change, covariance, change), 0))
    return int(gain.argmax())


def toned(sprite: Sprite, mean: F64, covariance: F64) -> Sprite:
    """The sprite in the person's tone, see `chosen`."""
    tried = variants(sprite)
    return tried[chosen(looks([v.rgba() for v in tried]), mean, covariance)]
