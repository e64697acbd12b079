"""Near duplicates: a perceptual hash, a small colour signature, LSH over hash bands, clusters by connected components.

- Hash: pHash (Zauner 2010, "Implementation and benchmarking of perceptual image hash functions", section 3.2): the 8x8
  lowest DCT-II coefficients of OKLab lightness, each against the median; here of the visible part on a grey background,
  so that the silhouette counts and margins do not.
- Candidates: locality-sensitive hashing (Indyk and Motwani 1998) in the form of Charikar 2002, "Similarity estimation
  techniques from rounding algorithms", section 5: the hashes are sorted under fixed random orders of their bits, and each
  is compared with its neighbours. Time grows as tables * N * (window + log N), never as N^2. A mirror image is sought
  under its own hash.
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
TABLES, WINDOW = 64, 128
_BLOCK = 1 << 16  # rows compared at a time, so that they stay in the processor's cache
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


def _visible(rgba: U8) -> NDArray[np.float32]:
    """OKLab on grey, float32 [h, w, 3], of the visible bounding box."""
    opaque = rgba[..., 3] >= 128
    rows, cols = np.flatnonzero(opaque.any(1)), np.flatnonzero(opaque.any(0))
    if not len(rows):
        return np.full((1, 1, 3), (_GREY, 0, 0), dtype=np.float32)
    box = np.s_[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    cells = np.ascontiguousarray(rgba[box]).view(np.uint32)[..., 0]
    values = np.unique(cells)  # few colours: convert each once
    colors = values[:, None].view(np.uint8).reshape(-1, 4)
    lab = np.asarray(srgb_to_oklab(colors[:, :3]), dtype=np.float32)
    lab[colors[:, 3] < 128] = (_GREY, 0, 0)
    return np.asarray(lab[np.searchsorted(values, cells)])


def fingerprint(rgba: U8) -> tuple[int, bytes]:
    """Return `phash` and `signature` of uint8 [H, W, 4] at once."""
    lab = _visible(rgba)
    return _phash(lab), _signature(lab)


def phash(rgba: U8) -> int:
    """64-bit perceptual hash of uint8 [H, W, 4]; bit 63 says lighter or darker than the background."""
    return _phash(_visible(rgba))


def _phash(lab: NDArray[np.float32]) -> int:
    light = lab[..., 0] - _GREY
    coefficients = (_dct(light.shape[0]) @ light @ _dct(light.shape[1]).T).reshape(-1)
    bits = coefficients > np.sort(coefficients[1:])[31]  # their median
    bits[0] = coefficients[0] > 0
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def signature(rgba: U8) -> bytes:
    """48 bytes: OKLab means of a 4x4 grid over the visible part, on grey; a unit is 1/255 lightness or 1/320 chroma."""
    return _signature(_visible(rgba))


def _signature(lab: NDArray[np.float32]) -> bytes:
    rows, cols = _area(lab.shape[0], SIGNATURE_SIDE), _area(lab.shape[1], SIGNATURE_SIDE)
    cells = (rows @ lab.transpose(2, 0, 1) @ cols.T).transpose(1, 2, 0)
    scaled = cells * (_LIGHTNESS_SCALE, _CHROMA_SCALE, _CHROMA_SCALE) + (0, 127.5, 127.5)
    return np.clip(np.round(scaled), 0, 255).astype(np.uint8).tobytes()


def mirrored(hashes: U64, signatures: U8) -> tuple[U64, U8]:
    """Hashes and signatures of the pictures seen in a mirror (left and right exchanged), from those of the pictures.

    The signature is exact. Mirroring turns the sign of the DCT's odd columns, so their bits flip, but for coefficients
    between 0 and the median: some bits are off (2 at the median of real art), which `MAX_BITS` allows for.
    """
    cells = signatures.reshape(-1, SIGNATURE_SIDE, SIGNATURE_SIDE, 3)[:, :, ::-1]
    return hashes ^ np.uint64(0x5555555555555555), np.ascontiguousarray(cells).reshape(signatures.shape)


def near_pairs(hashes: U64, signatures: U8, mirror: bool = False) -> NDArray[np.int64]:
    """Return near-duplicate pairs int64 [P, 2] (i < j) of `hashes` uint64 [N] and `signatures` uint8 [N, 48].

    With `mirror`, pairs in which one is nearly the other's mirror image count too. Working memory is about 60 bytes a
    row (twice that with `mirror`), beside the arrays given.
    """
    count = len(hashes)
    keys = np.concatenate([hashes, mirrored(hashes, signatures[:0])[0]]) if mirror else hashes
    found = np.empty(0, dtype=np.int64)
    for table in range(TABLES):
        order = np.argsort(_reordered(keys, table), kind="stable")
        fresh = [np.empty(0, dtype=np.int64)]
        for start in range(0, len(order), _BLOCK):
            candidates = _neighbours(order[start : start + _BLOCK + WINDOW], keys, min(_BLOCK, len(order) - start))
            proven = _proven(candidates, count, signatures)
            fresh.append(proven[:, 0] * count + proven[:, 1])
        found = np.union1d(found, np.concatenate(fresh))
    return np.stack([found // count, found % count], axis=1) if count else np.empty((0, 2), dtype=np.int64)


def _reordered(keys: U64, table: int) -> U64:
    """Put the 64 bits of each key in the order of a table (its own fixed random permutation), by bytes."""
    places = np.random.default_rng([2002, table]).permutation(64).astype(np.uint64)
    octets = np.arange(256, dtype=np.uint64)
    out = np.zeros(len(keys), dtype=np.uint64)
    for byte in range(8):
        spread = np.zeros(256, dtype=np.uint64)
        for bit in range(8):
            spread |= (octets >> np.uint64(bit) & np.uint64(1)) << places[8 * byte + bit]
        out |= spread[(keys >> np.uint64(8 * byte) & np.uint64(255)).astype(np.intp)]
    return out


def _neighbours(order: NDArray[np.int64], keys: U64, count: int) -> NDArray[np.int64]:
    """Compare the first `count` rows of `order`, which puts like hash bits side by side, with their next `WINDOW`."""
    near, part = [], keys[order]
    for step in range(1, min(WINDOW, len(order) - 1) + 1):
        last = min(count, len(order) - step)
        at = np.flatnonzero(np.bitwise_count(part[:last] ^ part[step : step + last]) <= MAX_BITS)
        near.append(np.stack([order[at], order[at + step]], axis=1))
    return np.concatenate(near) if near else np.empty((0, 2), dtype=np.int64)


def _proven(candidates: NDArray[np.int64], count: int, signatures: U8) -> NDArray[np.int64]:
    """Of candidate pairs keep those with like signatures; a row from `count` on is the mirror image of row - count."""
    turned = candidates >= count
    rows, flip = candidates % count, turned[:, 0] != turned[:, 1]
    use = (rows[:, 0] != rows[:, 1]) & ~turned.all(axis=1)
    rows, flip = np.sort(rows[use], axis=1), flip[use]
    left, right = signatures[rows[:, 0]], signatures[rows[:, 1]]
    right[flip] = mirrored(np.empty(0, dtype=np.uint64), right[flip])[1]
    gap = np.abs(left.astype(np.int16) - right)
    return np.asarray(rows[(gap.mean(axis=1) <= MAX_MEAN) & (gap.max(axis=1) <= MAX_CELL)])


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
