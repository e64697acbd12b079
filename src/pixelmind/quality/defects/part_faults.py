"""Faults of proportion that are made with parts: displaced, scaled, missing, doubled, swapped.

What a part leaves behind is filled as `parts.without` says. `where` holds the cells that changed and, of a part that was drawn elsewhere or
otherwise, all cells that it covers now.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat

import numpy as np

from pixelmind.quality.defects.base import Draft, Mask, changed
from pixelmind.quality.defects.line_faults import dark_lines
from pixelmind.quality.defects.material import Material, grown, seen
from pixelmind.quality.defects.parts import choose, part_sets, put, without
from pixelmind.records import U8

TRIES = 3
"""Tries with the parts that one way of finding them gives."""
CONTRAST_LEAST = 0.05
"""Mean OKLab change of the cells that changed, at least."""
KEPT = 0.7
"""Share of a moved part that must stay on the canvas."""
OUTLINED, MUCH = 0.5, 0.1
"""Share of the silhouette in dark lines from which art counts as outlined; share of the body that is much to lose."""
SHOWS = 0.25
"""Share of a part's cells that must change for the fault to show."""


def displaced(m: Material, severity: float, rng: np.random.Generator) -> Draft | None:
    """A part drawn away from its place.

    Severity: the way, 1 px and s / 10 of the longest side, at least 2 px from s = 0.5 on.
    """
    way = max(1 + severity * m.size / 10, 2.0 if severity >= 0.5 else 1.0)
    for parts in _tries(m, rng):
        part = choose(m, parts, float(rng.uniform(0.06, 0.25)), rng)
        angle = rng.integers(8) * np.pi / 4 + rng.uniform(-0.3, 0.3)
        dy, dx = round(way * np.sin(angle)), round(way * np.cos(angle))
        rgba = without(m, part)
        covered = put(rgba, m, part, dy, dx)
        if covered.sum() >= KEPT * part.sum() and _shows(m, rgba, part):
            return Draft(rgba=rgba, also=covered)
    return None


def scaled(m: Material, severity: float, rng: np.random.Generator) -> Draft | None:
    """A part drawn too large or too small about the place where it is joined to the rest.

    Severity: the factor, 1.25 + 0.75 s, or its inverse.
    """
    for parts in _tries(m, rng):
        part = choose(m, parts, float(rng.uniform(0.06, 0.2)), rng)
        factor = 1.25 + 0.75 * severity
        factor = factor if rng.random() < 0.65 else 1 / factor
        joint = np.argwhere(part & grown(m.body & ~part))
        y, x = np.argwhere(part).mean(0) if not len(joint) else joint.mean(0)
        rgba = without(m, part)
        covered = _enlarge(rgba, m, part, float(y), float(x), factor)
        if covered.sum() >= KEPT * part.sum() * min(1.0, factor**2) and _shows(m, rgba, part):
            return Draft(rgba=rgba, also=covered)
    return None


def missing(m: Material, severity: float, rng: np.random.Generator) -> Draft | None:
    """A part is not there, and its cut shows: the outline is open, what was behind it is smeared over, or much is gone.

    Severity: the part's share of the body's cells, about 0.04 + 0.3 s, as near as the parts come.
    """
    for parts in _tries(m, rng):
        part = choose(m, parts, 0.04 + 0.3 * severity, rng)
        rgba = without(m, part)
        if _shows(m, rgba, part) and _cut_shows(m, rgba, part):
            return Draft(rgba=rgba)
    return None


def _cut_shows(m: Material, rgba: U8, part: Mask) -> bool:
    """Whether what is left tells that a part is gone; an outlined rest, or little less of an art without outlines, does not."""
    gone = part & (rgba[..., 3] == 0)
    if (part & ~gone).sum() >= max(4, 0.25 * part.sum()):
        return True
    bare = grown(gone, corners=False) & m.body & ~part
    if bare.sum() < 3:
        return False
    lines = dark_lines(m)
    if (lines & m.silhouette).sum() >= OUTLINED * m.silhouette.sum():
        return bool((bare & ~lines).sum() >= max(3, 0.4 * bare.sum()))
    return bool(part.sum() >= MUCH * m.body_cells)


def doubled(m: Material, severity: float, rng: np.random.Generator) -> Draft | None:
    """A part is there twice, the second time beside or half over itself.

    Severity: the part's share of the body's cells, about 0.04 + 0.25 s, as near as the parts come.
    """
    for parts in _tries(m, rng):
        part = choose(m, parts, 0.04 + 0.25 * severity, rng)
        places = np.argwhere(part)
        high, wide = np.ptp(places, axis=0) + 1
        angle = rng.integers(8) * np.pi / 4
        reach = rng.uniform(0.55, 1.1)
        dy = round(np.sin(angle) * max(2.0, reach * high))
        dx = round(np.cos(angle) * max(2.0, reach * wide))
        rgba = m.rgba.copy()
        covered = put(rgba, m, part, dy, dx)
        if covered.sum() >= KEPT * part.sum() and _shows(m, rgba, part, 2 * SHOWS):
            return Draft(rgba=rgba, also=covered)
    return None


def swapped(m: Material, severity: float, rng: np.random.Generator) -> Draft | None:
    """Two parts have changed places.

    Severity: the share of the body's cells of the first, about 0.04 + 0.2 s, as near as the parts come; the other's is like it.
    """
    for parts in _tries(m, rng):
        if len(parts) < 2:
            continue
        one = choose(m, parts, 0.04 + 0.2 * severity, rng)
        others = [p for p in parts if not (p & one).any() and 0.3 <= p.sum() / one.sum() <= 3]
        if not others:
            continue
        other = others[int(rng.integers(len(others)))]
        (y0, x0), (y1, x1) = np.argwhere(one).mean(0), np.argwhere(other).mean(0)
        dy, dx = round(y1 - y0), round(x1 - x0)
        rgba = without(m, one | other)
        covered = put(rgba, m, one, dy, dx)
        covered |= put(rgba, m, other, -dy, -dx)
        if covered.sum() >= KEPT * (one | other).sum() and _shows(m, rgba, one | other):
            return Draft(rgba=rgba, also=covered)
    return None


def _tries(m: Material, rng: np.random.Generator) -> Iterator[list[Mask]]:
    """Each set of parts a few times."""
    for parts in part_sets(m, rng):
        yield from repeat(parts, TRIES)


def _shows(m: Material, rgba: U8, part: Mask, share: float = SHOWS) -> bool:
    """Whether enough cells changed for the part's size, and enough each."""
    count = int(changed(m.rgba, rgba).sum())
    return count >= max(4, share * int(part.sum())) and seen(m, rgba) >= CONTRAST_LEAST


def _enlarge(rgba: U8, m: Material, part: Mask, y: float, x: float, factor: float) -> Mask:
    """Draw a part scaled about (y, x) over `rgba`, in place; the cells [H, W] it covers.

    Larger ones are sampled from the part doubled by EPX, so that its lines stay lines.
    """
    doubled_ = factor > 1
    grid, inside = (epx(m.rgba, m.number), np.kron(part, np.ones((2, 2), bool))) if doubled_ else (m.rgba, part)
    fine = 2 if doubled_ else 1
    rows, columns = (
        np.floor((middle + 0.5 + (np.arange(length) - middle) / factor) * fine).astype(np.int64)
        for middle, length in ((y, m.shape[0]), (x, m.shape[1]))
    )
    on_y, on_x = (rows >= 0) & (rows < grid.shape[0]), (columns >= 0) & (columns < grid.shape[1])
    at = np.ix_(np.clip(rows, 0, grid.shape[0] - 1), np.clip(columns, 0, grid.shape[1] - 1))
    covered: Mask = inside[at] & on_y[:, None] & on_x[None, :]
    source = grid[at]
    covered &= source[..., 3] > 0
    rgba[covered] = source[covered]
    return covered


def epx(rgba: U8, number: np.ndarray) -> U8:
    """A picture doubled with its diagonals kept, [2H, 2W, 4] (Eric's pixel expansion: E. Johnston 1992, also known as Scale2x)."""
    padded = np.pad(number, 1, mode="edge")
    a, b, c, d = padded[:-2, 1:-1], padded[1:-1, 2:], padded[1:-1, :-2], padded[2:, 1:-1]
    shape = number.shape
    place = np.arange(number.size).reshape(shape)
    around = np.pad(place, 1, mode="edge")
    up, down = around[:-2, 1:-1], around[2:, 1:-1]
    out = np.empty((2 * shape[0], 2 * shape[1]), np.int64)
    out[::2, ::2] = np.where((c == a) & (c != d) & (a != b), up, place)
    out[::2, 1::2] = np.where((a == b) & (a != c) & (b != d), up, place)
    out[1::2, ::2] = np.where((d == c) & (d != b) & (c != a), down, place)
    out[1::2, 1::2] = np.where((b == d) & (b != a) & (d != c), down, place)
    large: U8 = rgba.reshape(-1, 4)[out]
    return large
