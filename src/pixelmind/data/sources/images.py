"""Reading a source's pictures safely: RGBA or nothing, and what counts as showing nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from pixelmind.records import U8


def load_rgba(path: Path) -> U8 | None:
    """Read a PNG as uint8 [H, W, 4]; None where the file is no readable image."""
    try:
        with Image.open(path) as image:
            return np.array(image.convert("RGBA"))
    except (OSError, UnidentifiedImageError, SyntaxError, ValueError):
        return None


def blank(rgba: U8) -> bool:
    """Whether a picture shows nothing: under 6 opaque pixels, or one flat colour over the whole canvas."""
    opaque = rgba[..., 3] >= 128
    if opaque.sum() < 6:
        return True
    return bool(opaque.all() and len(np.unique(rgba.reshape(-1, 4), axis=0)) == 1)
