"""Clean flats: choose each cell's palette entry with a pull towards its neighbours', so that near-equal colours do not speckle.

Potts energy E = sum_i |x_i - c(k_i)|^2 + beta * #{4-neighbours i, j: k_i != k_j} over opaque cells (x in OKLab), lowered by
iterated conditional modes (J. Besag, "On the statistical analysis of dirty pictures", 1986). The 4-neighbour graph is
two-coloured like a chessboard, so all cells of one colour are updated at once and E never rises. A cell whose colour stands
far from its neighbours' (an eye, a glint) stays: leaving would cost more than beta a neighbour.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pixelmind.errors import BadInput
from pixelmind.pixels.oklab import srgb_to_oklab
from pixelmind.records import U8, Sprite

SWEEPS = 6


def neighbour_votes(labels: NDArray[np.int64], num_labels: int) -> NDArray[np.float64]:
    """How many of a cell's four neighbours have each label, [H, W, K]; labels below 0 do not vote."""
    height, width = labels.shape
    one_hot = (labels[..., None] == np.arange(num_labels)).astype(np.float64)
    votes = np.zeros((height, width, num_labels))
    votes[1:] += one_hot[:-1]
    votes[:-1] += one_hot[1:]
    votes[:, 1:] += one_hot[:, :-1]
    votes[:, :-1] += one_hot[:, 1:]
    return votes


def cohere(
    sprite: Sprite, rgba: U8, beta: float, cost: NDArray[np.floating] | None = None, sweeps: int = SWEEPS
) -> Sprite:
    """Reassign the sprite's opaque cells among its own colours by the Potts energy against the unquantised picture.

    Args:
        sprite: a quantised picture; its palette and its clear cells stay.
        rgba: what it was made from, uint8 [H, W, 4].
        beta: price of a pair of unlike neighbours, in squared OKLab units; 0 gives the cheapest colours.
        cost: price [H, W, K] of each opaque palette entry for each cell, in squared OKLab units; None is the distance to `rgba`.
        sweeps: upper bound of passes; it stops when nothing changes.

    Raises:
        BadInput: sizes differ or beta is negative.
    """
    if rgba.shape[:2] != sprite.indices.shape or beta < 0:
        raise BadInput(f"cohere needs a picture of {sprite.indices.shape} and beta >= 0, got {rgba.shape} and {beta}")
    entries = np.flatnonzero(sprite.palette[:, 3] == 255)
    opaque = sprite.palette[sprite.indices][..., 3] == 255
    if len(entries) < 2 or not opaque.any():
        return sprite
    colors = srgb_to_oklab(sprite.palette[entries, :3]).astype(np.float64)
    lab = srgb_to_oklab(rgba[..., :3]).astype(np.float64)
    if cost is None:
        cost = ((lab[:, :, None] - colors) ** 2).sum(-1)
    elif cost.shape != (*lab.shape[:2], len(entries)):
        raise BadInput(f"cohere needs costs of {(*lab.shape[:2], len(entries))}, got {cost.shape}")
    position = np.full(len(sprite.palette), -1, dtype=np.int64)
    position[entries] = np.arange(len(entries))
    labels = position[sprite.indices]
    chess = np.add.outer(np.arange(labels.shape[0]), np.arange(labels.shape[1])) % 2
    for _ in range(sweeps):
        before = labels
        for parity in (0, 1):
            best = (cost - beta * neighbour_votes(labels, len(entries))).argmin(-1)
            labels = np.where(opaque & (chess == parity), best, labels)
        if (labels == before).all():
            break
    indices = np.where(opaque, entries[np.maximum(labels, 0)], sprite.indices).astype(np.uint8)
    return replace(sprite, indices=indices)
