"""The heat map as a picture: the sprite dimmed, over it how likely each cell is to be at fault, from dark red to pale yellow.

Array legend: H, W picture in px.
"""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pixelmind.errors import BadInput
from pixelmind.quality.lint.markup import scale_for
from pixelmind.records import U8

DIM = 0.45
CHECKER = (40, 52)
"""Greys of the checkerboard, a cell a square, that clear cells show."""
STOPS = (0.0, 0.4, 0.75, 1.0)
COLORS = ((96, 0, 24), (214, 40, 32), (255, 150, 40), (255, 246, 190))
"""Colour of a chance at each of STOPS, linear between; a cell shows as much of it as its chance."""


def draw(rgba: U8, heat: NDArray[np.float32], scale: int | None = None) -> bytes:
    """A PNG with each cell `scale` px a side (default: as it looks well).

    Args:
        rgba: uint8 [H, W, 4].
        heat: float32 [H, W], chances in [0, 1].

    Raises:
        BadInput: the two are not of one size, or `scale` outside 1 to 64.
    """
    if heat.shape != rgba.shape[:2]:
        raise BadInput(f"the heat is of {list(heat.shape)} cells, the picture of {list(rgba.shape[:2])}")
    if scale is not None and not 1 <= scale <= 64:
        raise BadInput(f"scale must be from 1 to 64, got {scale}")
    y, x = np.indices(heat.shape)
    alpha, share = (part[..., None] for part in (rgba[..., 3] / 255, np.clip(heat, 0, 1).astype(np.float64)))
    plain = rgba[..., :3].astype(np.float64)
    dimmed = DIM * (plain + plain.mean(-1, keepdims=True)) / 2
    under = dimmed * alpha + np.where((y + x) % 2, *CHECKER)[..., None] * (1 - alpha)
    color = np.concatenate([np.interp(share, STOPS, channel) for channel in zip(*COLORS)], -1)
    out = under * (1 - share) + color * share
    height, width = heat.shape
    s = scale or scale_for(height, width)
    image = Image.fromarray(np.rint(out).astype(np.uint8)).resize((width * s, height * s), Image.Resampling.NEAREST)
    data = io.BytesIO()
    image.save(data, "PNG", optimize=True)
    return data.getvalue()
