"""Near duplicates: a perceptual hash, a small colour signature, LSH over hash bands, clusters by connected components.

- Hash: pHash (Zauner 2010, "Implementation and benchmarking of perceptual image hash functions", section 3.2): the 8x8
  lowest DCT-II coefficients of OKLab lightness, each against the median; here of the visible part on a grey background,
  so that the silhouette counts and margins do not.
- Candidates: locality-sensitive hashing (Indyk and Motwani 1998) by bands of hash bits, with a sorted neighbourhood
  inside a bucket: time grows as N * window * bands, never as N^2.
- Proof of a candidate: Hamming distance of hashes and distance of 4x4 OKLab signatures; a recolour is another picture.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pixelmind.pixels.oklab import srgb_to_oklab
from pixelmind.records import U8

U64 = NDArray[np.uint64]
SIGNATURE_SIDE = 4
SIGNATURE_BYTES = SIGNATURE_SIDE * SIGNATURE_SIDE * 3
#: Of a near copy: largest Hamming distance of hashes, largest mean and single difference of signature bytes.
MAX_BITS, MAX_MEAN, MAX_CELL = 12, 2.0, 40
BANDS, WINDOW = 16, 64
_GREY = 0.6  # OKLab lightness of mid grey
_LIGHTNESS_SCALE, _CHROMA_SCALE = 255.0, 320.0


@lru_cache(maxsize=1024)
def _area(size: int, cells: int) -> NDArray[np.float32]:
    """[cells, size] matrix that averages `size` pixels into `cells` equal intervals."""
    edges = np.arange(size + 1)
    cuts = np.linspace(0, size, cells + 1)
    overlap = np.minimum(edges[None, 1:], cuts[1:, None]) - np.maximum(edges[None, :-1], cuts[:-1, None])
    return np.asarray(np.clip(overlap, 0, None) * cells / size, dtype=np.float32)


@lru_cache(maxsize=1024)
def _dct(size: int) -> NDArray[np.float32]:
    """[8, size] matrix: area average to 32 samples, then the 8 lowest rows of the DCT-II."""
    k, n = np.arange(8)[:, None], np.arange(32)[None]
    return np.asarray(np.cos(np.pi * k * (2 * n + 1) / 64) @ _area(size, 32), dtype=np.float32)


def _visible(rgba: U8) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """OKLab on grey [h, w, 3] of the visible bounding box, and its opacity [h, w]."""

    opaque = rgba[..., 3] >= 128
    rows, cols = np.flatnonzero(opaque.any(1)), np.flatnonzero(opaque.any(0))
    if not len(rows):
        return np.full((1, 1, 3), (_GREY, 0, 0), dtype=np.float32), np.zeros((1, 1), dtype=bool)
    box = np.s_[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    lab = np.asarray(srgb_to_oklab(rgba[box][..., :3]), dtype=np.float32)
    return np.where(opaque[box][..., None], lab, np.array([_GREY, 0, 0], dtype=np.float32)), opaque[box]


def phash(rgba: U8) -> int:
    """64-bit perceptual hash of uint8 [H, W, 4]; bit 63 says lighter or darker than the background."""
    light = _visible(rgba)[0][..., 0] - _GREY
    coefficients = (_dct(light.shape[0]) @ light @ _dct(light.shape[1]).T).reshape(-1)
    bits = coefficients > np.median(coefficients[1:])
    bits[0] = coefficients[0] > 0
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def signature(rgba: U8) -> bytes:
    """48 bytes: OKLab means of a 4x4 grid over the visible part, on grey; a unit is 1/255 lightness or 1/320 chroma."""
    lab, _ = _visible(rgba)
    rows, cols = _area(lab.shape[0], SIGNATURE_SIDE), _area(lab.shape[1], SIGNATURE_SIDE)
    cells = np.einsum("ih,hwc,jw->ijc", rows, lab, cols, optimize=True)
    scaled = cells * (_LIGHTNESS_SCALE, _CHROMA_SCALE, _CHROMA_SCALE) + (0, 127.5, 127.5)
    return np.clip(np.round(scaled), 0, 255).astype(np.uint8).tobytes()


def near_pairs(hashes: U64, signatures: U8) -> NDArray[np.int64]:
    """Return near-duplicate pairs int64 [P, 2] (i < j) of `hashes` uint64 [N] and `signatures` uint8 [N, 48]."""
    found = []
    width = 64 // BANDS
    for band in range(BANDS):
        turned = np.bitwise_or(hashes << np.uint64(width * band), hashes >> np.uint64((64 - width * band) % 64))
        order = np.argsort(turned if band else hashes, kind="stable")
        found.append(_neighbours(order, hashes, signatures))
    pairs = np.concatenate(found)
    return np.unique(np.sort(pairs, axis=1), axis=0) if len(pairs) else pairs


def _neighbours(order: NDArray[np.int64], hashes: U64, signatures: U8) -> NDArray[np.int64]:
    """Compare every row with its next `WINDOW` neighbours in an order that puts like hash bits side by side."""
    found = [np.empty((0, 2), dtype=np.int64)]
    for step in range(1, min(WINDOW, len(order) - 1) + 1):
        left, right = order[:-step], order[step:]
        near = np.flatnonzero(np.bitwise_count(hashes[left] ^ hashes[right]) <= MAX_BITS)
        if len(near):
            left, right = left[near], right[near]
            gap = np.abs(signatures[left].astype(np.int16) - signatures[right])
            same = (gap.mean(axis=1) <= MAX_MEAN) & (gap.max(axis=1) <= MAX_CELL)
            found.append(np.stack([left[same], right[same]], axis=1))
    return np.concatenate(found)


def components(count: int, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Label rows 0..count-1 by connected component of the pairs: int64 [count]."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ones = np.ones(len(pairs), dtype=np.int8)
    graph = coo_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def group_pairs(groups: NDArray[np.object_]) -> NDArray[np.int64]:
    """Chain rows that share a non-empty group name: int64 [P, 2]."""
    rows = np.flatnonzero(groups != "")
    if not len(rows):
        return np.empty((0, 2), dtype=np.int64)
    rows = rows[np.argsort(groups[rows].astype(str), kind="stable")]
    same = groups[rows[:-1]] == groups[rows[1:]]
    return np.stack([rows[:-1][same], rows[1:][same]], axis=1)
