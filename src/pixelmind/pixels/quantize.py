"""Quantising in OKLab: to a palette, to N colours, to at most N colours of a palette; flat or with ordered dither.

Ordered dither: B. E. Bayer, "An optimum method for two-level rendition of continuous-tone pictures" (ICC 1973),
threshold matrix M(2n) = [[4M, 4M+2], [4M+3, 4M+1]]. With free palettes there are no fixed levels, so each colour is
shown as a mix of two palette colours (after J. Yliluoma's arbitrary-palette positional dithering, 2011): the pair a, b
and share t that come nearest, less a penalty for contrast. Colours of the palette are never dithered.
N colours: S. Lloyd's k-means (1982) over the distinct colours weighted by count, begun farthest-first, ended at
medoids, so that the result keeps colours that were in the picture. All is deterministic.

Legend: N cells or distinct colours, K palette colours.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from pixelmind.errors import BadInput
from pixelmind.pixels.oklab import srgb_to_oklab
from pixelmind.records import MAX_PALETTE, U8, Palette, Sprite

Dither = Literal["bayer2x2", "bayer4x4", "bayer8x8"]
DITHERS: tuple[str, ...] = get_args(Dither)
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

OPAQUE = 128  # alpha from here on is opaque
CONTRAST_PENALTY = 0.15  # weight of t(1-t)|a-b|^2: less noise from pairs far apart
LLOYD_STEPS = 8
CHUNK = 1 << 21  # largest distance table held at once, in entries


def to_palette(rgba: U8, palette: Palette, dither: Dither | None = None) -> Sprite:
    """Quantise uint8 [H, W, 4] to the nearest palette colours in OKLab; alpha >= 128 is opaque, the rest clear.

    The sprite keeps the whole palette in its order (after the transparent entry, where a cell is clear); only a palette
    of 256 with clear cells is cut down to the colours used.

    Raises:
        BadInput: an unknown dither, or not an RGBA canvas.
    """
    clear = _check(rgba)
    lab, inverse = _distinct(rgba)[1:]
    entries = srgb_to_oklab(palette.colors).astype(np.float64)
    if dither is None:
        choice = _nearest(lab, entries)[inverse]
    else:
        low, high, share = _mix(lab, entries)
        h, w = clear.shape
        choice = np.where(share[inverse] > _thresholds(dither, h, w), high[inverse], low[inverse])
    return _sprite(choice, palette.colors, clear)


def to_num_colors(rgba: U8, n: int, dither: Dither | None = None) -> Sprite:
    """Quantise uint8 [H, W, 4] to at most `n` opaque colours; a canvas that has no more is kept exactly.

    Raises:
        BadInput: `n` outside 1..256, an unknown dither, or not an RGBA canvas.
    """
    clear = _check(rgba)
    n = _check_count(n, bool(clear.any()))
    colors, lab, inverse = _distinct(rgba)
    counts = np.bincount(inverse[~clear], minlength=len(colors))
    used = np.flatnonzero(counts)
    if len(used) > n:
        chosen = used[_kmeans_medoids(lab[used], counts[used].astype(np.float64), n)]
    else:
        chosen, dither = used, None
    if not len(chosen):
        chosen = np.zeros(1, dtype=np.int64)
    return to_palette(rgba, Palette(name=f"{len(chosen)} colours", colors=colors[np.sort(chosen)]), dither)


def reduce_to_subset(rgba: U8, palette: Palette, n: int, dither: Dither | None = None) -> Sprite:
    """Quantise uint8 [H, W, 4] to at most `n` colours, all of them from `palette`.

    From the nearest colours of all cells, the one whose loss adds least squared OKLab error is dropped until `n` stay.

    Raises:
        BadInput: as `to_num_colors`.
    """
    clear = _check(rgba)
    n = _check_count(n, bool(clear.any()))
    if len(palette) <= n:
        return to_palette(rgba, palette, dither)
    _, lab, inverse = _distinct(rgba)
    counts = np.bincount(inverse[~clear], minlength=len(lab)).astype(np.float64)
    entries = srgb_to_oklab(palette.colors).astype(np.float64)
    used = np.unique(_nearest(lab, entries)[counts > 0])
    if len(used) > n:
        lab, counts = _coarse(lab, counts, limit=1024)
        distance = _squared(lab, entries[used])
        rows = np.arange(len(lab))
        while len(used) > n:
            best = distance.argmin(axis=1)
            second = np.where(np.arange(len(used)) == best[:, None], np.inf, distance).min(axis=1)
            loss = np.bincount(best, counts * (second - distance[rows, best]), minlength=len(used))
            drop = int(loss.argmin())
            used, distance = np.delete(used, drop), np.delete(distance, drop, axis=1)
    if not len(used):
        used = np.arange(n)
    return to_palette(rgba, Palette(name=palette.name, colors=palette.colors[used]), dither)


def bayer(n: int) -> F64:
    """Bayer's n x n matrix (n a power of two) as thresholds in (0, 1): (rank + 1/2) / n^2."""
    matrix = np.zeros((1, 1))
    while len(matrix) < n:
        matrix = np.block([[4 * matrix, 4 * matrix + 2], [4 * matrix + 3, 4 * matrix + 1]])
    return (matrix + 0.5) / n**2


def _check(rgba: U8) -> NDArray[np.bool_]:
    if rgba.dtype != np.uint8 or rgba.ndim != 3 or rgba.shape[2] != 4 or rgba.size == 0:
        raise BadInput(f"a canvas must be uint8 [height, width, 4], got {rgba.dtype} {list(rgba.shape)}")
    clear: NDArray[np.bool_] = rgba[..., 3] < OPAQUE
    return clear


def _check_count(n: int, any_clear: bool) -> int:
    if not 1 <= n <= MAX_PALETTE:
        raise BadInput(f"the number of colours must be from 1 to {MAX_PALETTE}, got {n}")
    return min(n, MAX_PALETTE - any_clear)


def _thresholds(dither: str, h: int, w: int) -> F64:
    if dither not in DITHERS:
        raise BadInput(f"unknown dither {dither!r}; use one of {', '.join(DITHERS)}")
    tile = bayer(int(dither[-1]))
    return np.tile(tile, (-(-h // len(tile)), -(-w // len(tile))))[:h, :w]


def _distinct(rgba: U8) -> tuple[U8, F64, I64]:
    """Return distinct colours uint8 [N, 3], their OKLab [N, 3] and the index of each cell [H, W]."""
    packed = rgba[..., 0].astype(np.int32) << 16 | rgba[..., 1].astype(np.int32) << 8 | rgba[..., 2]
    values, inverse = np.unique(packed, return_inverse=True)
    colors = np.stack([values >> 16, values >> 8 & 255, values & 255], axis=1).astype(np.uint8)
    return colors, srgb_to_oklab(colors).astype(np.float64), inverse.reshape(packed.shape)


def _squared(lab: F64, entries: F64) -> F64:
    """Squared distances [N, K]."""
    table: F64 = (lab**2).sum(axis=1)[:, None] - 2 * lab @ entries.T + (entries**2).sum(axis=1)
    return np.maximum(table, 0.0)


def _nearest(lab: F64, entries: F64) -> I64:
    step = max(1, CHUNK // len(entries))
    return np.concatenate([_squared(lab[i : i + step], entries).argmin(axis=1) for i in range(0, len(lab), step)])


def _mix(lab: F64, entries: F64) -> tuple[I64, I64, F64]:
    """For each colour [N] return the darker and the lighter entry of its best pair, and the share of the lighter."""
    first = _nearest(lab, entries)
    second, share = np.empty_like(first), np.empty(len(lab))
    step = max(1, CHUNK // (3 * len(entries)))
    for i in range(0, len(lab), step):
        a = entries[first[i : i + step], None]
        x, to_b = lab[i : i + step, None], entries[None] - a
        length = (to_b**2).sum(axis=2)
        t = np.clip(((x - a) * to_b).sum(axis=2) / np.maximum(length, 1e-12), 0.0, 1.0)
        error = ((x - a - t[..., None] * to_b) ** 2).sum(axis=2) + CONTRAST_PENALTY * t * (1 - t) * length
        b = error.argmin(axis=1)
        second[i : i + step], share[i : i + step] = b, t[np.arange(len(b)), b]
    swap = entries[first, 0] > entries[second, 0]
    return np.where(swap, second, first), np.where(swap, first, second), np.where(swap, 1 - share, share)


def _coarse(lab: F64, counts: F64, limit: int = 4096) -> tuple[F64, F64]:
    """Merge colours into OKLab cells of 0.02 where there are more than `limit`: weighted means and summed counts."""
    if len(lab) <= limit:
        return lab, counts
    _, cell = np.unique(np.floor(lab / 0.02).astype(np.int64) @ np.array([1 << 20, 1 << 10, 1]), return_inverse=True)
    total = np.bincount(cell, counts).astype(np.float64)
    summed = np.stack([np.bincount(cell, counts * lab[:, c]) for c in range(3)], axis=1)
    return summed / np.maximum(total, 1e-12)[:, None], total


def _kmeans_medoids(lab: F64, counts: F64, n: int) -> I64:
    """Return `n` distinct indices into `lab`: the members nearest to the weighted k-means centres."""
    points, weights = _coarse(lab, counts)
    if len(points) < n:
        points, weights = lab, counts
    centres = [points[int(weights.argmax())]]
    distance = ((points - centres[0]) ** 2).sum(axis=1)
    while len(centres) < n:
        centres.append(points[int((distance * weights).argmax())])
        distance = np.minimum(distance, ((points - centres[-1]) ** 2).sum(axis=1))
    means = np.array(centres)
    for _ in range(LLOYD_STEPS):
        nearest = _nearest(points, means)
        total = np.bincount(nearest, weights, minlength=n)
        moved = np.stack([np.bincount(nearest, weights * points[:, c], minlength=n) for c in range(3)], axis=1)
        means = np.where(total[:, None] > 0, moved / np.maximum(total, 1e-12)[:, None], means)
    medoids = np.unique(_nearest(means, lab))
    while len(medoids) < n:  # two centres shared a medoid: the worst served colour joins
        rest = _squared(lab, lab[medoids]).min(axis=1) * counts
        rest[medoids] = -1
        medoids = np.append(medoids, int(rest.argmax()))
    return medoids


def _sprite(choice: I64, colors: U8, clear: NDArray[np.bool_]) -> Sprite:
    offset = int(clear.any())
    if len(colors) + offset > MAX_PALETTE:
        used, inverse = np.unique(choice[~clear], return_inverse=True)
        if len(used) + offset > MAX_PALETTE:  # 256 colours in use and a clear cell: the rarest colour gives way
            kept = np.delete(used, int(np.bincount(inverse).argmin()))
            lab = srgb_to_oklab(colors).astype(np.float64)
            choice, used = kept[_nearest(lab, lab[kept])][choice], kept
        position = np.zeros(len(colors), dtype=np.int64)
        position[used] = np.arange(len(used))
        choice, colors = position[choice], colors[used]
    palette = np.zeros((len(colors) + offset, 4), dtype=np.uint8)
    palette[offset:, :3], palette[offset:, 3] = colors, 255
    return Sprite(indices=np.where(clear, 0, choice + offset).astype(np.uint8), palette=palette)
