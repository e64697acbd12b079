"""Parts of a picture: what a limb, a head, a hat or a handle is to a fault of proportion.

Where region classes are known their clusters are the parts. Else parts are guessed from the pixels, four ways: what sticks out of the
body (the body less its morphological opening: J. Serra, "Image Analysis and Mathematical Morphology", 1982), clusters of like colours with
the dark line around them, what lies beyond the body's neck, and pieces that stand apart. Each has a reasonable size.
Array legend: H, W canvas in px; N cells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from pixelmind.pixels.clusters import Ints
from pixelmind.quality.defects.base import Mask
from pixelmind.quality.defects.material import Material, clusters_of, grown
from pixelmind.records import U8

LEAST_CELLS, LEAST_SHARE, MOST_SHARE = 6, 0.02, 0.42
"""A part has at least so many cells, and these shares of the body's cells at least and at most."""
LIKE = 0.11
"""OKLab distance of like colours, with lightness counted half."""
NECK = 0.75
"""Width of a neck at most, of the widest on either side of it."""
BORDER = 0.3
"""Share of the canvas's border that a part holds at most; what holds more is ground or frame."""
INK, DARK = 0.18, 0.42
"""How much darker than its cluster a line is that goes with it, in OKLab L, and how light at most."""


def part_sets(m: Material, rng: np.random.Generator) -> Iterator[list[Mask]]:
    """Parts [H, W], way by way in random order, of the ways that find any; region classes come first where they are known."""
    if m.body_cells < 4 * LEAST_CELLS:
        return
    if m.regions is not None:
        found = _fit(m, _classes(m))
        if found:
            yield found
    ways: tuple[Callable[[Material, np.random.Generator], Iterator[Mask]], ...] = (
        _jutting,
        _colors,
        _beyond_neck,
        _apart,
    )
    for i in rng.choice(len(ways), len(ways), replace=False, p=(0.35, 0.35, 0.2, 0.1)):
        found = _fit(m, ways[i](m, rng))
        if found:
            yield found


def choose(m: Material, parts: list[Mask], share: float, rng: np.random.Generator) -> Mask:
    """A part whose share of the body's cells is about `share`: nearest in its logarithm, give or take a factor of 1.5."""
    shares = np.array([p.sum() for p in parts]) / m.body_cells
    return parts[int(np.abs(np.log(shares / share) + rng.uniform(-0.4, 0.4, len(parts))).argmin())]


def _fit(m: Material, parts: Iterator[Mask]) -> list[Mask]:
    """The parts of a reasonable size."""
    low = max(LEAST_CELLS, LEAST_SHARE * m.body_cells)
    border = np.ones(m.shape, bool)
    border[1:-1, 1:-1] = False
    most = BORDER * border.sum()
    return [p for p in parts if low <= p.sum() <= MOST_SHARE * m.body_cells and p[border].sum() <= most]


def _pieces(values: Ints | Mask, inside: Mask) -> Iterator[Mask]:
    """Clusters of one value, the largest ten of at least `LEAST_CELLS`."""
    labels, sizes = clusters_of(values, inside)
    for i in np.argsort(-sizes, kind="stable")[:10]:
        if sizes[i] < LEAST_CELLS:
            return
        yield labels == i


def _classes(m: Material) -> Iterator[Mask]:
    assert m.regions is not None
    return _pieces(m.regions.astype(np.int64), m.body & (m.regions > 0))


def _jutting(m: Material, rng: np.random.Generator) -> Iterator[Mask]:
    """The body less its opening by a diamond of 1 to 4 px."""
    radius = int(rng.integers(1, 3 if m.size <= 20 else 5))
    opened = m.deep > radius
    for _ in range(radius):
        opened = grown(opened, corners=False)
    rest = m.body & ~opened
    return _pieces(rest, rest)


def _colors(m: Material, rng: np.random.Generator) -> Iterator[Mask]:
    """Clusters of like colours, each with the darker line beside it."""
    group = np.full(len(m.colors), -1, np.int64)
    point = m.lab * np.array([0.5, 1, 1])
    for i in np.argsort(-m.cells_of, kind="stable")[:24].tolist():
        if m.colors[i, 3] >= 128 and group[i] < 0:
            near = (((point - point[i]) ** 2).sum(-1) < LIKE**2) & (group < 0)
            group[near] = i
    group[m.colors[:, 3] < 128] = -1
    dark = m.lightness
    for piece in _pieces(group[m.number], m.body & (group[m.number] >= 0)):
        if not (piece[1:, 1:] & piece[1:, :-1] & piece[:-1, 1:] & piece[:-1, :-1]).any():
            continue  # a line, not a part
        line = grown(piece) & m.body & (dark < min(float(dark[piece].mean()) - INK, DARK))
        yield piece | line


def _beyond_neck(m: Material, rng: np.random.Generator) -> Iterator[Mask]:
    """The body's cells beyond its narrowest line, from each side: a head, feet, a blade."""
    for axis in rng.permutation(2).tolist():
        width = m.body.sum(1 - axis)
        ends = np.flatnonzero(width)
        first, last = int(ends[0]), int(ends[-1]) + 1
        length = last - first
        if length < 8:
            continue
        for side in rng.permutation(2).tolist():
            low, high = (0.15, 0.45) if side == 0 else (0.55, 0.85)
            span = np.arange(first + round(low * length), first + round(high * length))
            cut = int(span[width[span].argmin()])
            if width[cut] > NECK * min(int(width[:cut].max()), int(width[cut:].max())):
                continue
            line = np.arange(m.body.shape[axis]) < cut if side == 0 else np.arange(m.body.shape[axis]) >= cut
            yield m.body & (line[:, None] if axis == 0 else line[None, :])


def _apart(m: Material, rng: np.random.Generator) -> Iterator[Mask]:
    """Pieces of the body that do not touch its largest one."""
    return _pieces(m.body, m.body)


# ---- taking away and putting down ------------------------------------------------------------------------------------
def without(m: Material, part: Mask) -> U8:
    """The picture [H, W, 4] without a part: its cells take the nearest colour of what lies around them, or are clear where it stuck out.

    A cell stuck out where the rest of the body is not on both sides of it along both axes (along one, where the rest is within 2 px).
    """
    rest, rgba = m.body & ~part, m.rgba.copy()
    rgba[part] = 0
    ys, xs = np.nonzero(part)
    rim = np.argwhere(rest & grown(part))
    if not len(rim):
        return rgba
    far = (ys[:, None] - rim[:, 0]) ** 2 + (xs[:, None] - rim[:, 1]) ** 2 + 1.5 * m.silhouette[rim[:, 0], rim[:, 1]]
    nearest = far.argmin(1)
    beside = _between(rest)
    upright = _between(rest.T).T
    inner = (beside & upright)[ys, xs] | ((beside | upright)[ys, xs] & (far.min(1) <= 6))
    if not (grown(part) & ~m.body).any():
        inner[:] = True
    source = rim[nearest[inner]]
    rgba[ys[inner], xs[inner]] = m.rgba[source[:, 0], source[:, 1]]
    return rgba


def _between(cells: Mask) -> Mask:
    """Where there are cells both to the left and to the right in the row."""
    found: Mask = np.logical_or.accumulate(cells, 1) & np.logical_or.accumulate(cells[:, ::-1], 1)[:, ::-1]
    return found


def put(rgba: U8, m: Material, part: Mask, dy: int, dx: int) -> Mask:
    """Draw a part of the picture moved by (dy, dx) over `rgba`, in place; the cells [H, W] that it covers."""
    ys, xs = np.nonzero(part)
    ny, nx = ys + dy, xs + dx
    on = (ny >= 0) & (nx >= 0) & (ny < m.shape[0]) & (nx < m.shape[1])
    rgba[ny[on], nx[on]] = m.rgba[ys[on], xs[on]]
    covered = np.zeros(m.shape, bool)
    covered[ny[on], nx[on]] = True
    return covered
