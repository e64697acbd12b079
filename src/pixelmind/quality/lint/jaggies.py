"""Jaggies: runs of the silhouette that break the flow of a line or curve, such as 3,1,3 in a line of threes.

Source: the pixel artists' term (D. Yu, "Pixel art tutorial", 2013; M. Azzi, "Pixel Logic", ch. "Jaggies"). The silhouette is walked
from all four sides. A run is a straight piece of it, one cell high above the next; runs that go on by one step up (or down) each time
make a staircase, which is the raster of a line or curve. Lengths of a line are equal or differ by one, those of a curve rise or fall.
A jag is a run at least `UNEVEN` shorter than both neighbours, or longer than both where neither neighbour is a jag or an end of the
staircase (ends are cut off by corners, so they may be short); or a bump or dent of at most `BUMP` cells between two level pieces that
are both longer than it, unless the edge falls away on both sides of those (a tip). Unit: runs; the share is of all runs of the
silhouette. Cannot tell: an S-curve's flat middle, rivets and teeth, fur and leaves; lines inside the body are not walked.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pixelmind.pixels.clusters import Mask
from pixelmind.quality.lint.base import Canvas, Found, Options

UNEVEN, BUMP = 2, 3
Run = tuple[int, int, int]  # row, first column, column after the last


def runs(body: Mask) -> list[Run]:
    """Straight pieces of the upper silhouette: body with something clear right above it. The canvas's edge counts for none."""
    top = body.copy()
    top[1:] &= ~body[:-1]
    top[0] = False
    edge = np.zeros((top.shape[0], 1), np.int8)
    change = np.diff(np.concatenate([edge, top.astype(np.int8), edge], axis=1), axis=1)
    rows, firsts = np.nonzero(change == 1)
    ends = np.nonzero(change == -1)[1]
    return list(zip(rows.tolist(), firsts.tolist(), ends.tolist()))


def staircases(pieces: list[Run]) -> Iterator[list[Run]]:
    """Runs in order from left to right, each one row below (or each one row above) the one before, of three runs and more."""
    starts = {(row, first): (row, first, end) for row, first, end in pieces}
    for step in (1, -1):
        followed = {(row + step, end) for row, _, end in pieces}
        for piece in pieces:
            if (piece[0], piece[1]) in followed:
                continue
            chain = [piece]
            while (after := starts.get((chain[-1][0] + step, chain[-1][2]))) is not None:
                chain.append(after)
            if len(chain) >= 3:
                yield chain


def bumps(pieces: list[Run]) -> list[Run]:
    """Bumps and dents (see the header)."""
    starts, ends = {(row, first): end for row, first, end in pieces}, {(row, end): first for row, first, end in pieces}
    found = []
    for row, first, end in pieces:
        for level in (row + 1, row - 1):
            before, after = ends.get((level, first)), starts.get((level, end))
            if end - first > BUMP or before is None or after is None or min(first - before, after - end) <= end - first:
                continue
            further = 2 * level - row
            if (further, before) not in ends or (further, after) not in starts:
                found.append((row, first, end))
    return found


def uneven(lengths: list[int]) -> list[int]:
    """Places of the runs that break the flow (see the header)."""
    inner = range(1, len(lengths) - 1)
    short = {i for i in inner if min(lengths[i - 1], lengths[i + 1]) - lengths[i] >= UNEVEN}
    long = {i for i in inner[1:-1] if lengths[i] - max(lengths[i - 1], lengths[i + 1]) >= UNEVEN}
    return sorted(short | {i for i in long if not short & {i - 1, i + 1}})


def find(canvas: Canvas, options: Options) -> Found:
    """Jags seen from the four sides."""
    count = of = 0
    cells = canvas.none()
    for turns in range(4):
        body: NDArray[np.bool_] = np.rot90(canvas.body, turns)
        marked = np.zeros(body.shape, bool)
        pieces = runs(body)
        jags = bumps(pieces)
        for chain in staircases(pieces):
            jags += [chain[i] for i in uneven([end - first for _, first, end in chain])]
        for row, first, end in jags:
            marked[row, first:end] = True
        of += len(pieces)
        count += len(jags)
        cells |= np.rot90(marked, -turns)
    return Found(count=count, of=of, cells=cells)
