"""Conformance: does a sprite keep to what was stated? Exact size, alpha 0 or 255 only, no colour outside the palette,
no more colours than allowed. Pixel-native promises, so the target is 100 %, and one miss is a fault.

Fails when: it says nothing about the picture: an empty canvas conforms. The share of empty canvases is counted beside
it.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from pixelmind.records import U8, Conditioning


class Drawn(Protocol):
    """A sprite, or any picture that tells its cells."""

    def rgba(self) -> U8:
        """uint8 [H, W, 4]."""
        ...


CHECKS = ("size", "alpha", "palette", "max_colors")


def violations(sprite: Drawn, asked: Conditioning) -> tuple[str, ...]:
    """Return the names of the CHECKS that fail; empty where all stated constraints hold."""
    rgba = sprite.rgba()
    opaque = rgba[rgba[..., 3] == 255][:, :3]
    failed = []
    if rgba.shape[:2] != (asked.height, asked.width):
        failed.append("size")
    if not np.isin(rgba[..., 3], (0, 255)).all():
        failed.append("alpha")
    if asked.palette is not None and len(opaque):
        allowed = {tuple(c) for c in asked.palette.colors.tolist()}
        if not {tuple(c) for c in np.unique(opaque, axis=0).tolist()} <= allowed:
            failed.append("palette")
    if asked.max_colors is not None and len(np.unique(opaque, axis=0)) > asked.max_colors:
        failed.append("max_colors")
    return tuple(failed)


def is_empty(sprite: Drawn) -> bool:
    """Return whether nothing is drawn: no opaque cell, or one single colour on the whole canvas."""
    return len(np.unique(sprite.rgba().reshape(-1, 4), axis=0)) < 2
