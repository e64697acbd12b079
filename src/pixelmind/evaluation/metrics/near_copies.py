"""Near copies: outputs that are (nearly) a training picture, mirrored ones too (the question of Carlini et al. 2023,
"Extracting training data from diffusion models", §4, asked with pixel distances made for small sprites).

Two pictures are cropped to what is visible, brought to the same size by nearest neighbour, and compared cell by cell:
distance = mean absolute difference of premultiplied RGBA over the cells visible in either, in [0, 1]. An 8x8 area
average finds the candidates (exact search, in blocks, constant memory); the exact distance is taken over the nearest
few.

The threshold comes from real art, not from taste: the median distance of pairs that the store's near-duplicate search
put in one cluster (`choose_threshold`).

Fails when: a copy is recoloured or its parts are rearranged (not found); plain tiles (one flat texture) are "near" many
training tiles without being copied, which is why the same share of held-out *real* pictures stands beside the figure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixelmind.records import U8

_GRID = 8
_BLOCK = 8192


@dataclass(frozen=True, kw_only=True)
class Match:
    """The nearest training picture of one output: its id, the distance in [0, 1], whether it is mirrored, whether
    exact.
    """

    id: str
    distance: float
    mirrored: bool
    exact: bool


def crop_visible(rgba: U8) -> U8:
    """Cut uint8 [H, W, 4] to the box of cells with alpha >= 128; colours of clear cells become 0. Whole canvas if
    empty.
    """
    seen = rgba[..., 3] >= 128
    out = np.where(seen[..., None], rgba, 0)
    out[..., 3] = np.where(seen, 255, 0)
    if not seen.any():
        return out
    rows, cols = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    return out[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]


def resize_nearest(rgba: U8, height: int, width: int) -> U8:
    """Bring [H, W, 4] to [height, width, 4] by nearest neighbour (cell centres)."""
    rows = ((np.arange(height) + 0.5) * rgba.shape[0] / height).astype(np.int64)
    cols = ((np.arange(width) + 0.5) * rgba.shape[1] / width).astype(np.int64)
    return rgba[rows[:, None], cols[None, :]]


def pixel_distance(a: U8, b: U8) -> float:
    """Return the distance in [0, 1] of two cropped pictures; `b` is brought to the size of `a`."""
    if a.shape != b.shape:
        b = resize_nearest(b, *a.shape[:2])
    either = (a[..., 3] > 0) | (b[..., 3] > 0)
    if not either.any():
        return 0.0
    return float(np.abs(a[either].astype(np.int16) - b[either].astype(np.int16)).mean() / 255)


def descriptor(cropped: U8) -> NDArray[np.float32]:
    """Area-average a cropped picture to 8x8 premultiplied RGBA plus its log aspect: float32 [257]."""
    height, width = cropped.shape[:2]
    big = resize_nearest(cropped, -(-height // _GRID) * _GRID, -(-width // _GRID) * _GRID).astype(np.float32) / 255
    mean = big.reshape(_GRID, big.shape[0] // _GRID, _GRID, big.shape[1] // _GRID, 4).mean(axis=(1, 3))
    return np.append(mean.ravel(), 4 * np.log(height / width)).astype(np.float32)


def _key(cropped: U8) -> bytes:
    return hashlib.sha256(bytes(str(cropped.shape), "ascii") + cropped.tobytes()).digest()


def _blocks(items: Iterable[tuple[str, U8]]) -> Iterator[list[tuple[str, U8]]]:
    block: list[tuple[str, U8]] = []
    for item in items:
        block.append(item)
        if len(block) == _BLOCK:
            yield block
            block = []
    if block:
        yield block


def nearest(
    outputs: Sequence[U8],
    training: Iterable[tuple[str, U8]],
    *,
    num_candidates: int = 8,
    skip: Sequence[str] | None = None,
) -> list[Match]:
    """Find the nearest training picture of every output.

    Args:
        outputs: uint8 RGBA canvases.
        training: (id, uint8 RGBA canvas) pairs, read once in blocks.
        num_candidates: candidates a block whose exact distance is taken.
        skip: one training id an output that does not count (itself), or None.

    Returns:
        One Match an output; distance 1.0 and id "" where there is no training picture.
    """
    crops = [crop_visible(o) for o in outputs]
    views = [(c, False) for c in crops] + [(np.ascontiguousarray(c[:, ::-1]), True) for c in crops]
    queries = np.stack([descriptor(v) for v, _ in views]) if views else np.zeros((0, 257), dtype=np.float32)
    keys = [_key(v) for v, _ in views]
    best = [Match(id="", distance=1.0, mirrored=False, exact=False) for _ in outputs]
    for block in _blocks(training):
        ids = [i for i, _ in block]
        targets = [crop_visible(p) for _, p in block]
        known = {_key(t): i for t, i in zip(targets, ids)}
        index = np.stack([descriptor(t) for t in targets])
        distance = (index**2).sum(1)[None] - 2 * queries @ index.T
        k = min(num_candidates + 1, len(ids))
        near = np.argpartition(distance, k - 1, axis=1)[:, :k]
        for row, (view, mirrored) in enumerate(views):
            n = row % len(outputs)
            own = skip[n] if skip is not None else None
            if (same := known.get(keys[row])) is not None and same != own and not best[n].exact:
                best[n] = Match(id=same, distance=0.0, mirrored=mirrored, exact=True)
            for j in near[row]:
                if ids[j] != own and (d := pixel_distance(view, targets[j])) < best[n].distance:
                    best[n] = Match(
                        id=ids[j], distance=d, mirrored=mirrored, exact=d == 0 and view.shape == targets[j].shape
                    )
    return best


def choose_threshold(cluster_distances: NDArray[np.floating]) -> float:
    """Return the distance at and under which a picture counts as a near copy: the median of [A] distances of real
    near-duplicate pairs. 0.0, that is only exact copies, where there is no such pair.
    """
    return float(np.median(cluster_distances)) if len(cluster_distances) else 0.0
