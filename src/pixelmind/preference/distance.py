"""How different two sprites look: the mean OKLab distance of their canvases averaged down to 8x8, clear cells as a fourth channel.

Two pictures that a person cannot tell apart teach nothing; this finds them without a network.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pixelmind.pixels.oklab import srgb_to_oklab
from pixelmind.records import Sprite

GRID = 8
F64 = NDArray[np.float64]


def thumbnail(sprite: Sprite) -> F64:
    """Area average of premultiplied OKLab and alpha on an 8x8 grid over the whole canvas, float64 [256]."""
    rgba = sprite.rgba()
    drawn = (rgba[..., 3] == 255).astype(np.float64)
    lab = srgb_to_oklab(rgba[..., :3]).astype(np.float64) * drawn[..., None]
    channels = np.concatenate([lab, drawn[..., None]], axis=2)
    rows, columns = _averaging(rgba.shape[0]), _averaging(rgba.shape[1])
    return np.asarray(np.einsum("gh,hwc,kw->gkc", rows, channels, columns)).ravel()


def _averaging(side: int) -> F64:
    """Matrix [GRID, side] of area averages; a cell that crosses a border counts for both by its share."""
    edges = np.arange(GRID + 1) * side / GRID
    cell = np.arange(side)
    share = np.minimum(edges[1:, None], cell + 1) - np.maximum(edges[:-1, None], cell)
    share = np.clip(share, 0, None)
    return np.asarray(share / share.sum(1, keepdims=True))


def between(thumbnails: Sequence[F64]) -> F64:
    """Distance of each thumbnail to each, float64 [N, N]; 0 for the same picture, about 0.3 for quite different ones."""
    flat = np.array(thumbnails).reshape(len(thumbnails), GRID * GRID, 4)
    return np.asarray(np.sqrt(((flat[:, None] - flat[None]) ** 2).sum(-1)).mean(-1))


def distances(sprites: Sequence[Sprite]) -> F64:
    """`between` of the sprites' thumbnails, float64 [N, N]."""
    return between([thumbnail(s) for s in sprites])
