"""Exact operations on the grid: pure functions of an array [H, W, ...], so a canvas and its masks move alike. Nothing is resampled.

New cells are zero: clear in a canvas, class 0 in a mask.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelmind.data.edits.color import Region
from pixelmind.data.procedural import canvas
from pixelmind.errors import BadInput
from pixelmind.records import MAX_SIZE_PX

A = NDArray[Any]

STEPS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}


def mirror(a: A) -> A:
    """Left becomes right; its own inverse."""
    return a[:, ::-1].copy()


def flip(a: A) -> A:
    """Top becomes bottom; its own inverse."""
    return a[::-1].copy()


def rotate(a: A, degrees: int) -> A:
    """Turn clockwise by 90, 180 or 270 degrees; four quarter turns are nothing."""
    if degrees % 90:
        raise BadInput(f"pixel art turns by quarter turns only, got {degrees} degrees; use 90, 180 or 270")
    return np.rot90(a, -(degrees // 90)).copy()


def shift(a: A, direction: str, pixels: int) -> A:
    """Move everything; what leaves the canvas is lost."""
    dx, dy = (v * pixels for v in STEPS[direction])
    if a.ndim == 2:
        return canvas.shift(a, dx, dy)
    return np.dstack([canvas.shift(plane, dx, dy) for plane in np.moveaxis(a, -1, 0)])


def box(region: Region) -> tuple[int, int, int, int]:
    """Bounds (top, bottom, left, right) of a region, ends excluded; the whole canvas where it is empty."""
    rows, cols = np.flatnonzero(region.any(1)), np.flatnonzero(region.any(0))
    if not len(rows):
        return 0, region.shape[0], 0, region.shape[1]
    return int(rows[0]), int(rows[-1]) + 1, int(cols[0]), int(cols[-1]) + 1


def crop(a: A, bounds: tuple[int, int, int, int]) -> A:
    """The part inside the bounds (top, bottom, left, right)."""
    top, bottom, left, right = bounds
    return a[top:bottom, left:right].copy()


def pad(a: A, pixels: int) -> A:
    """Empty cells on all four sides."""
    h, w = a.shape[:2]
    _room(h + 2 * pixels, w + 2 * pixels)
    widths = ((pixels, pixels), (pixels, pixels), *((0, 0),) * (a.ndim - 2))
    return np.pad(a, widths)


def resize(a: A, height: int, width: int) -> A:
    """A canvas of this size about the same middle: cells are cut off or empty ones added, none is resampled."""
    _room(height, width)
    if min(height, width) < 1:
        raise BadInput(f"a canvas of {width}x{height} pixels cannot be; give each side at least 1")
    out = np.zeros((height, width, *a.shape[2:]), a.dtype)
    (from_y, to_y, high), (from_x, to_x, wide) = (
        (max(0, (old - new) // 2), max(0, (new - old) // 2), min(old, new))
        for old, new in zip(a.shape, (height, width))
    )
    out[to_y : to_y + high, to_x : to_x + wide] = a[from_y : from_y + high, from_x : from_x + wide]
    return out


def enlarge(a: A, times: int) -> A:
    """Every cell becomes times x times cells."""
    _room(a.shape[0] * times, a.shape[1] * times)
    return a.repeat(times, 0).repeat(times, 1)


def tile(a: A, columns: int, rows: int) -> A:
    """Copies side by side."""
    _room(a.shape[0] * rows, a.shape[1] * columns)
    return np.tile(a, (rows, columns, *(1,) * (a.ndim - 2)))


def symmetric(a: A, side: str) -> A:
    """The mirror image of the `side` half ("left" or "right") replaces the other half."""
    w = a.shape[1]
    out = a.copy()
    if side == "left":
        out[:, w - w // 2 :] = a[:, : w // 2][:, ::-1]
    else:
        out[:, : w // 2] = a[:, w - w // 2 :][:, ::-1]
    return out


def center(a: A, bounds: tuple[int, int, int, int]) -> A:
    """Move the content within the bounds to the middle of the canvas (half pixels go up and left)."""
    top, bottom, left, right = bounds
    h, w = a.shape[:2]
    out = np.zeros_like(a)
    y, x = (h - (bottom - top)) // 2, (w - (right - left)) // 2
    out[y : y + bottom - top, x : x + right - left] = a[top:bottom, left:right]
    return out


def _room(height: int, width: int) -> None:
    if max(height, width) > MAX_SIZE_PX:
        raise BadInput(f"the result would be {width}x{height}; sprites go up to {MAX_SIZE_PX} pixels a side")
