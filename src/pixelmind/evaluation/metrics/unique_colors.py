"""Unique colours: how many different opaque colours a picture has; the colour counts of pixel artists (Azzi, "Pixel Logic", 2018).

Neither more nor less is better: it is read beside that of real pictures of the same prompts.
Fails when: anti-aliasing to a background is baked in (many colours that no artist chose); a dither shows many tones with two colours.
"""

from __future__ import annotations

import numpy as np

from pixelmind.records import U8


def unique_colors(rgba: U8) -> int:
    """Return the number of distinct colours of the opaque cells of uint8 [H, W, 4]."""
    return len(np.unique(rgba[rgba[..., 3] == 255][:, :3], axis=0))
