"""The pixel grid: is a picture an exact integer enlargement, and what was it before?

Colour changes of a k-times nearest-neighbour enlargement lie only at multiples of k, so k is the greatest common
divisor of the positions of all changes and of the canvas sides. Colours under clear cells do not count.
"""

from __future__ import annotations

import numpy as np

from pixelmind.records import U8


def detect_upscale(rgba: U8, min_side: int = 1) -> int:
    """Return the greatest k so that uint8 [H, W, 4] is a k-times enlargement of sides of at least `min_side` px.

    1 where it is none; also for a canvas of one colour, which shows no grid.
    """
    packed = np.ascontiguousarray(np.where(rgba[..., 3:] == 0, 0, rgba)).view(np.uint32)[..., 0]
    rows = np.flatnonzero((packed[1:] != packed[:-1]).any(axis=1)) + 1
    columns = np.flatnonzero((packed[:, 1:] != packed[:, :-1]).any(axis=0)) + 1
    if not len(rows) and not len(columns):
        return 1
    factor = int(np.gcd.reduce(np.concatenate([rows, columns, packed.shape])))
    divisors = [k for k in range(1, factor + 1) if factor % k == 0 and min(packed.shape) // k >= min_side]
    return max(divisors, default=1)


def undo_upscale(rgba: U8, min_side: int = 1) -> tuple[U8, int]:
    """Return the canvas at its true size and the factor that was undone (1: unchanged)."""
    factor = detect_upscale(rgba, min_side)
    return np.ascontiguousarray(rgba[::factor, ::factor]), factor
