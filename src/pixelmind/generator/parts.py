"""Which part each cell of a drawn sprite belongs to: what the segmenter and the levels' region heads say, over flats of one colour.

Log chances are added (a product of experts, Hinton 2002), those of the heads with a small weight: they saw the canvas before its colours
were chosen, and rare parts are seldom theirs. Then each cell goes some way towards the mean of its flat, the connected cells of one
colour: a part is drawn in whole flats. Both weights were tuned on drawn `val` scenes (docs/log.md, 2026-11-28).

Shapes: R region classes, H, W cells.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from torch import Tensor

from pixelmind.records import U8

HEADS = 0.15
FLATS = 0.4


def flats(indices: U8) -> tuple[int, NDArray[np.int64]]:
    """How many connected pieces of one value (4-neighbours) uint8 [H, W] has, and the piece of each cell, int64 [H W]."""
    cells = np.arange(indices.size).reshape(indices.shape)
    down, right = indices[1:] == indices[:-1], indices[:, 1:] == indices[:, :-1]
    first = np.concatenate([cells[:-1][down], cells[:, :-1][right]])
    second = np.concatenate([cells[1:][down], cells[:, 1:][right]])
    graph = coo_array((np.ones(len(first), np.uint8), (first, second)), shape=(indices.size, indices.size))
    count, piece = connected_components(graph, directed=False)
    return int(count), piece.astype(np.int64)


def over_flats(log_probs: Tensor, indices: U8, share: float = FLATS) -> Tensor:
    """Move log chances [R, H, W] by `share` towards their mean over each flat of the picture."""
    count, piece = flats(indices)
    index, flat = torch.from_numpy(piece), log_probs.flatten(1)
    total = torch.zeros(len(flat), count).index_add_(1, index, flat)
    mean = total / torch.bincount(index, minlength=count)
    return torch.lerp(flat, mean[:, index], share).view_as(log_probs)


def part_classes(indices: U8, seen: Tensor | None, heads: Tensor | None) -> NDArray[np.int64] | None:
    """Region classes int64 [H, W] of a sprite's cells.

    Args:
        indices: the sprite's palette indices uint8 [H, W].
        seen: the segmenter's log chances [R, H, W]; None without one.
        heads: the region heads' log chances [R, H, W] up to a constant a cell; None without heads.
    """
    told = heads if seen is None else seen if heads is None else seen + HEADS * heads
    return None if told is None else over_flats(told, indices).argmax(0).numpy()
