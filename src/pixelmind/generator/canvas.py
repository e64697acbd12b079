"""Model canvases: premultiplied RGBA in [-1, 1], and the exact area average that makes a coarser level's target.

Shapes: rgba_HW4 uint8 straight alpha 0 or 255; x_4HW float32. A clear cell is (-1, -1, -1, -1).
"""

from __future__ import annotations

import functools
import math

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]


def to_canvas(rgba_HW4: U8) -> F32:
    """uint8 RGBA with hard alpha -> premultiplied float32 [4, H, W] in [-1, 1]."""
    x = rgba_HW4.astype(np.float32) * (2 / 255)
    x[..., :3] *= rgba_HW4[..., 3:] >= 128
    return np.ascontiguousarray(x.transpose(2, 0, 1)) - np.float32(1)


def from_canvas(x_4HW: F32) -> U8:
    """Premultiplied float [4, H, W] -> uint8 RGBA [H, W, 4]; alpha is thresholded at one half, so it is 0 or 255."""
    unit = np.clip((np.asarray(x_4HW, dtype=np.float32).transpose(1, 2, 0) + 1) / 2, 0, 1)
    opaque = unit[..., 3:] >= 0.5
    color = unit[..., :3] / np.maximum(unit[..., 3:], 0.5)
    out = np.zeros(unit.shape, dtype=np.uint8)
    out[..., :3] = np.where(opaque, np.rint(np.clip(color, 0, 1) * 255), 0)
    out[..., 3:] = np.where(opaque, 255, 0)
    return out


def coarse_size(height: int, width: int, level_size: int) -> tuple[int, int]:
    """Size in px of a picture on a level whose longest side is `level_size`, aspect kept; never larger than native."""
    longest = max(height, width)
    if longest <= level_size:
        return height, width
    scale = level_size / longest
    return max(1, math.floor(height * scale + 0.5)), max(1, math.floor(width * scale + 0.5))


@functools.lru_cache(maxsize=4096)
def area_matrix(size_in: int, size_out: int) -> F32:
    """Row-stochastic [size_out, size_in] whose rows average the input cells by overlapped length (exact for any ratio)."""
    edges = np.arange(size_out + 1) * (size_in / size_out)
    cells = np.arange(size_in)
    overlap = np.minimum(edges[1:, None], cells + 1) - np.maximum(edges[:-1, None], cells)
    overlap = np.clip(overlap, 0, None)
    return (overlap / overlap.sum(axis=1, keepdims=True)).astype(np.float32)


def area_average(x_4HW: F32, height: int, width: int) -> F32:
    """Average a canvas down (or spread it up) to [4, height, width]; the mean colour is kept."""
    rows, cols = area_matrix(x_4HW.shape[1], height), area_matrix(x_4HW.shape[2], width)
    out: F32 = np.matmul(np.matmul(rows, x_4HW), cols.T)
    return out


def place(x_4HW: F32, frame_height: int, frame_width: int) -> tuple[F32, int, int]:
    """Centre a canvas in a clear frame; return the frame and the offsets (top, left) in px."""
    height, width = x_4HW.shape[1:]
    top, left = (frame_height - height) // 2, (frame_width - width) // 2
    frame = np.full((x_4HW.shape[0], frame_height, frame_width), -1, dtype=np.float32)
    frame[:, top : top + height, left : left + width] = x_4HW
    return frame, top, left


def frame_sizes(
    heights: NDArray[np.int64], widths: NDArray[np.int64], level_size: int, patch: int
) -> NDArray[np.int64]:
    """Bucket numbers int64 [N] of pictures: equal where `frame_size` of their size on the level is equal."""
    sizes = [
        frame_size(*coarse_size(h, w, level_size), level_size, patch) for h, w in zip(heights.tolist(), widths.tolist())
    ]
    return np.array([h * 1024 + w for h, w in sizes], dtype=np.int64)


def frame_size(height: int, width: int, level_size: int, patch: int) -> tuple[int, int]:
    """Frame of a picture on a level: the fixed square for the first level, else native size padded to whole patches."""
    if level_size <= 16:
        return level_size, level_size
    return -(-height // patch) * patch, -(-width // patch) * patch
