"""Grid score: how far a picture is true pixel art of the size asked for (ours).

A picture of H x W asked for and k times as large is cut into k x k blocks; the score is the share of blocks of one single colour: 1 for a
nearest-neighbour enlargement, about 0 for a photo or a drifting grid. 1 at the size itself. 0 where the size is no whole multiple.
Fails when: a large flat background lifts a bad picture (flat blocks count as good); at k = 1 cells of two sizes are not seen, which
is what the lint rule `mixels` counts.
"""

from __future__ import annotations

import numpy as np

from pixelmind.records import U8


def grid_score(rgba: U8, height: int, width: int) -> float:
    """Return the score in [0, 1] of uint8 [kH, kW, 4] against the size `height` x `width` px that was asked for."""
    k = rgba.shape[0] // height
    if k < 1 or rgba.shape[:2] != (k * height, k * width):
        return 0.0
    clean = np.where(rgba[..., 3:] == 0, np.uint8(0), rgba)
    blocks = clean.reshape(height, k, width, k, 4)
    return float((blocks == blocks[:, :1, :, :1]).all(axis=(1, 3, 4)).mean())


def at_size(rgba: U8, height: int, width: int) -> U8:
    """Return uint8 [height, width, 4]: the cell at the middle of each block; the picture itself where it has that size.

    Where the size is no whole multiple, cells are picked evenly (nearest neighbour).
    """
    rows = ((np.arange(height) + 0.5) * rgba.shape[0] / height).astype(np.int64)
    cols = ((np.arange(width) + 0.5) * rgba.shape[1] / width).astype(np.int64)
    return np.ascontiguousarray(rgba[rows[:, None], cols[None, :]])
