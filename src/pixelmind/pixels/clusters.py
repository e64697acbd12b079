"""Clusters, the pixel artists' word for connected cells: labelled without scipy, which takes longer to load than a picture to label.

Source: label propagation with pointer jumping over the pairs of equal neighbours (Y. Shiloach and U. Vishkin, "An O(log n) parallel
connectivity algorithm", 1982); a few rounds whatever the shape. Array legend: H, W canvas in px; N clusters.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
SIDES = ((0, 1), (1, 0))
CORNERS = ((1, 1), (1, -1))


def _halves(shape: tuple[int, int], dy: int, dx: int) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Slices of the cells that have a neighbour at (dy, dx), dy >= 0, and of those neighbours."""
    height, width = shape
    here = slice(max(0, -dx), width - max(0, dx))
    there = slice(max(0, dx), width - max(0, -dx))
    return (slice(0, height - dy), here), (slice(dy, height), there)


def label(alike: NDArray[np.integer] | Mask, inside: Mask, corners: bool = True) -> tuple[Ints, Ints]:
    """Clusters of cells of one value: labels [H, W] from 0 in reading order, -1 off `inside`, and their sizes [N] in cells.

    `alike` [H, W] are the values (a colour's number, or one value for all); `corners` also joins cells that touch diagonally.
    """
    shape = (alike.shape[0], alike.shape[1])
    place = np.arange(alike.size, dtype=np.int64).reshape(shape)
    one, other = [], []
    for dy, dx in (*SIDES, *CORNERS) if corners else SIDES:
        a, b = _halves(shape, dy, dx)
        joined = inside[a] & inside[b] & (alike[a] == alike[b])
        one.append(place[a][joined])
        other.append(place[b][joined])
    left, right = np.concatenate(one), np.concatenate(other)
    root = place.ravel().copy()
    while True:
        first, second = root[left], root[right]
        if (first == second).all():
            break
        np.minimum.at(root, np.maximum(first, second), np.minimum(first, second))
        while (root[root] != root).any():
            root = root[root]
    labels = np.full(alike.size, -1, np.int64)
    within = inside.ravel()
    _, number, sizes = np.unique(root[within], return_inverse=True, return_counts=True)
    labels[within] = number
    return labels.reshape(shape), sizes.astype(np.int64)


def shifted(cells: NDArray[np.bool_], dy: int, dx: int, beyond: bool = False) -> Mask:
    """What each cell's neighbour at (dy, dx), at most one step away, is: bool [H, W], `beyond` past the canvas."""
    padded = np.pad(cells, 1, constant_values=beyond)
    height, width = cells.shape
    found: Mask = padded[1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width]
    return found
