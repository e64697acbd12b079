"""What a cell has to do with cells far away: facts of a picture that a few convolutions cannot work out and faults show in.

Channels, CHANNELS in all; clear cells 0:
    0..1    twins: 3x3 patches of three colours or more that are there again elsewhere, so far the same way as others are. How many are
            (log2(1 + n) / 10), and their share among all that are there again. A part drawn twice, but also a row of equal windows.
    2..3    mirror: the share of drawn cells that the best upright axis maps onto their own colour, negative where this cell does not;
            and the same of the silhouette alone
    4..5    parallel steps: how many other pairs of neighbouring colours lie apart the same way in OKLab, up to ALIKE, as the cell and the
            one to the right (below): log2(n) / 6. All colours of a spot moved alike do; so do bands of light.
    6..11   OKLab difference (L, a, b) to the neighbour right, then below, where both are drawn, over FAR
    12..13  1 where the cell two to the right (below) wears another colour: 0 in a chequered dither
    14..15  log2(1 + n) / 12 of the picture's colours, and of its pairs of neighbouring colours

Array legend: H, W picture in px; C channels; K colours.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter
from scipy.spatial import cKDTree

from pixelmind.quality.lint.base import Canvas

F32 = NDArray[np.float32]
Ints = NDArray[np.int64]
CHANNELS = 16
FAR = 0.25
ALIKE = 0.006
"""OKLab; rounding to 8 bits moves a difference by up to about 0.004."""
PATCH = 3
LAGS = 3
"""A patch is compared with the next so many equal ones."""
PAIRS = 2000
"""So many pairs of neighbouring colours, the commonest, are looked at."""
_HASH = np.random.default_rng(20).integers(1, 2**63, (4096 + PATCH * PATCH), dtype=np.uint64) | np.uint64(1)


def relations(canvas: Canvas) -> F32:
    """The channels float32 [C, H, W]."""
    drawn = canvas.drawn
    out = np.zeros((CHANNELS, *canvas.shape), np.float32)
    out[0:2] = twins(canvas.number, drawn)
    out[2] = mirrored(canvas.number, drawn)
    out[3] = mirrored(drawn.astype(np.int64), drawn)
    right, below, pairs = parallel(canvas)
    out[4, :, :-1], out[5, :-1] = right, below
    lab = canvas.lab[canvas.number].astype(np.float32)
    for k, (a, b, d) in enumerate(
        ((lab[:, :-1], lab[:, 1:], drawn[:, :-1] & drawn[:, 1:]), (lab[:-1], lab[1:], drawn[:-1] & drawn[1:]))
    ):
        apart = np.clip((b - a) / FAR, -1, 1) * d[..., None]
        out[6 + 3 * k : 9 + 3 * k, : a.shape[0], : a.shape[1]] = np.moveaxis(apart, -1, 0)
    out[12:14] = 1
    out[12, :, :-2] = canvas.number[:, :-2] != canvas.number[:, 2:]
    out[13, :-2] = canvas.number[:-2] != canvas.number[2:]
    out[14], out[15] = np.log2(1 + len(canvas.colors)) / 12, min(1.0, np.log2(1 + pairs) / 12)
    out *= drawn
    return out


def twins(number: Ints, drawn: NDArray[np.bool_]) -> F32:
    """Channels 0 and 1 [2, H, W] of colours by number [H, W]."""
    height, width = number.shape
    out = np.zeros((2, height, width), np.float32)
    if height < PATCH or width < PATCH:
        return out
    up, across = height - PATCH + 1, width - PATCH + 1
    windows = [number[y : y + up, x : x + across] for y in range(PATCH) for x in range(PATCH)]
    low, high = np.minimum.reduce(windows), np.maximum.reduce(windows)
    varied = np.logical_or.reduce([(w != low) & (w != high) for w in windows])
    hashed = _HASH[number % 4096]
    with np.errstate(over="ignore"):
        keys = np.zeros((up, across), np.uint64)
        for k in range(PATCH * PATCH):
            y, x = divmod(k, PATCH)
            keys += hashed[y : y + up, x : x + across] * _HASH[4096 + k]
    rows, columns = np.nonzero(varied)
    found = keys[rows, columns]
    order = np.argsort(found, kind="stable")
    found, rows, columns = found[order], rows[order], columns[order]
    ends: list[list[Ints]] = [[], [], [], []]
    for lag in range(1, min(LAGS, len(found) - 1) + 1):
        same = np.flatnonzero(found[lag:] == found[:-lag])
        for kept, values in zip(ends, (rows[same], columns[same], rows[same + lag], columns[same + lag])):
            kept.append(values)
    y0, x0, y1, x1 = (np.concatenate(e) if e else np.zeros(0, np.int64) for e in ends)
    if not len(y0):
        return out
    way = (y1 - y0) * (2 * width) + (x1 - x0)
    _, inverse, counts = np.unique(way, return_inverse=True, return_counts=True)
    count = counts[inverse]
    rising = np.argsort(count, kind="stable")  # where patches lie over one another, the way of most holds
    at = np.zeros((up, across), np.int64)
    for rows, columns in ((y0, x0), (y1, x1)):
        seen = np.zeros((up, across), np.int64)
        seen[rows[rising], columns[rising]] = count[rising]
        at = np.maximum(at, seen)
    whole = np.zeros((height, width), np.int64)
    whole[1 : up + 1, 1 : across + 1] = at
    whole = maximum_filter(whole, PATCH)
    out[0], out[1] = np.minimum(np.log2(1 + whole) / 10, 1), whole / len(way)
    return out * drawn


def mirrored(number: Ints, drawn: NDArray[np.bool_]) -> F32:
    """Channel 2 [H, W] of numbers [H, W]: the best axis within the middle half of the drawn cells' box."""
    columns = np.flatnonzero(drawn.any(0))
    out = np.zeros(number.shape, np.float32)
    if not len(columns):
        return out
    first, last = int(columns[0]), int(columns[-1])
    slack, best, cells = (last - first) // 4, -1.0, int(drawn.sum())
    for total in range(first + last - slack, first + last + slack + 1):
        a, b = max(0, total - number.shape[1] + 1), min(number.shape[1] - 1, total)
        part, flipped = number[:, a : b + 1], number[:, total - b : total - a + 1][:, ::-1]
        same = (part == flipped) & drawn[:, a : b + 1]
        share = int(same.sum()) / cells
        if share > best:
            best, span, kept = share, slice(a, b + 1), same
    sign = np.full(number.shape, -1, np.float32)
    sign[:, span][kept] = 1
    return sign * np.float32(best) * drawn


def parallel(canvas: Canvas) -> tuple[F32, F32, int]:
    """Channels 4 and 5, [H, W - 1] and [H - 1, W], and how many pairs of neighbouring colours there are."""
    number, drawn, count = canvas.number, canvas.drawn, len(canvas.colors)
    sides, codes = [], []
    for a, b, both in (
        (number[:, :-1], number[:, 1:], drawn[:, :-1] & drawn[:, 1:]),
        (number[:-1], number[1:], drawn[:-1] & drawn[1:]),
    ):
        codes.append(np.where(both & (a != b), np.minimum(a, b) * count + np.maximum(a, b), -1))
        sides.append(np.zeros(a.shape, np.float32))
    every = np.concatenate([c[c >= 0] for c in codes])
    pairs, often = np.unique(every, return_counts=True)
    if len(pairs) < 2:
        return sides[0], sides[1], len(pairs)
    number_of = len(pairs)
    if number_of > PAIRS:
        pairs = np.sort(pairs[np.argsort(-often, kind="stable")[:PAIRS]])
    apart = canvas.lab[pairs % count] - canvas.lab[pairs // count]
    tree = cKDTree(apart)
    near = tree.query_ball_point(apart, ALIKE, return_length=True)
    near = near + tree.query_ball_point(-apart, ALIKE, return_length=True)  # a pair has no direction
    value = np.minimum(np.log2(near) / 6, 1).astype(np.float32)
    for side, code in zip(sides, codes):
        place = np.minimum(np.searchsorted(pairs, code), len(pairs) - 1)
        side[:] = np.where(pairs[place] == code, value[place], 0)
    return sides[0], sides[1], number_of
