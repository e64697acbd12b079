"""Faults of lines and single cells: jaggies, orphan pixels, broken outline."""

from __future__ import annotations

import numpy as np

from pixelmind.quality.defects.base import Draft, Mask
from pixelmind.quality.defects.material import AROUND, Material, seen, spread
from pixelmind.quality.lint.base import STEPS4

FOREIGN = 0.15
"""OKLab distance of an orphan from each of its neighbours, at least."""
EDGE_LEAST = 0.06
"""Mean OKLab change of jagged cells, at least: softer edges hide them."""
DARKER = 0.1
"""How much darker than what it encloses an outline is, in OKLab L."""


# ---- jaggies ---------------------------------------------------------------------------------------------------------
def jaggies(m: Material, severity: float, rng: np.random.Generator) -> Draft | None:
    """Runs of one to three cells of an edge pushed out or in by a cell with the line they carry, so that the edge steps unevenly.

    The edge is the silhouette; of a picture without clear cells, that of a cluster of one colour. Severity: share of the edge's
    cells in such runs, 0.1 + 0.4 s.
    """
    shape = _shape(m, rng)
    if shape is None:
        return None
    height, width = m.shape
    padded = np.pad(shape, 1, constant_values=True)
    edges = [shape & ~padded[1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width] for dy, dx in STEPS4]
    edge = np.logical_or.reduce(edges)
    if edge.sum() < 8:
        return None
    rgba, left = m.rgba.copy(), max(3, round((0.1 + 0.4 * severity) * int(edge.sum())))
    for y, x in spread(edge, left, rng, apart=2).tolist():
        sides = [i for i in range(4) if edges[i][y, x]]
        side = sides[int(rng.integers(len(sides)))]
        dy, dx = STEPS4[side]
        inwards, length = bool(rng.random() < 0.5), int(rng.integers(1, 4 if m.size > 20 else 3))
        for k in range(length):
            py, px = y + k * abs(dx), x + k * abs(dy)
            if not (py < height and px < width and edges[side][py, px]):
                break
            iy, ix = py - dy, px - dx
            inner = 0 <= iy < height and 0 <= ix < width and bool(shape[iy, ix])
            if inwards and inner:
                rgba[py, px], rgba[iy, ix] = m.rgba[py + dy, px + dx], m.rgba[py, px]
            else:
                rgba[py + dy, px + dx] = m.rgba[py, px]
                if inner:
                    rgba[py, px] = m.rgba[iy, ix]
            left -= 1
        if left <= 0:
            break
    return Draft(rgba=rgba) if seen(m, rgba) >= EDGE_LEAST else None


def _shape(m: Material, rng: np.random.Generator) -> Mask | None:
    """The body where it has a silhouette, else one of its larger clusters that does not hold nearly all of it."""
    if m.silhouette.sum() >= 8:
        return m.body
    labels, sizes = m.clusters
    fit = np.flatnonzero((sizes >= 10) & (sizes <= 0.8 * m.body_cells))
    if not len(fit):
        return None
    chosen: Mask = labels == rng.choice(fit, p=sizes[fit] / sizes[fit].sum())
    return chosen


# ---- orphan pixels ---------------------------------------------------------------------------------------------------
def orphans(m: Material, severity: float, rng: np.random.Generator) -> Draft | None:
    """Single cells inside the body take another colour of the picture that none of their neighbours is near to.

    Severity: share of the body's inner cells, 0.01 + 0.07 s, at least three.
    """
    padded = np.pad(m.body, 1, constant_values=True)
    inner = m.body & ~m.silhouette
    used = np.flatnonzero(m.colors[:, 3] >= 128)
    if len(used) < 2 or inner.sum() < 12:
        return None
    used = used[rng.permutation(len(used))[:24]]
    count = max(3, round((0.01 + 0.07 * severity) * int(inner.sum())))
    places = spread(inner, 3 * count, rng, apart=2 if m.size > 20 else 1)
    number = np.pad(m.number, 1, mode="edge")
    y, x = places.T
    steps = ((0, 0), *AROUND)
    beside = np.stack([number[1 + y + dy, 1 + x + dx] for dy, dx in steps])  # [9, N]
    solid = np.stack([padded[1 + y + dy, 1 + x + dx] for dy, dx in steps])
    far = np.linalg.norm(m.lab[used][:, None, None] - m.lab[beside][None], axis=-1)
    far[:, ~solid] = np.inf
    nearest = far.min(1)  # [K', N]
    fit = (nearest >= FOREIGN) * (rng.random(nearest.shape) + 1e-3)
    chosen, possible = fit.argmax(0), fit.max(0) > 0
    keep = np.flatnonzero(possible)[:count]
    if len(keep) < 3:
        return None
    rgba = m.rgba.copy()
    rgba[y[keep], x[keep]] = m.colors[used[chosen[keep]]]
    rgba[y[keep], x[keep], 3] = 255
    return Draft(rgba=rgba)


# ---- broken outline --------------------------------------------------------------------------------------------------
def broken_outline(m: Material, severity: float, rng: np.random.Generator) -> Draft | None:
    """Gaps of one to three cells in dark lines (the outline, and lines inside the body), filled from beside the line or left clear.

    Severity: share of the lines' cells, 0.1 + 0.35 s, in at least two gaps.
    """
    line = dark_lines(m)
    total = int(line.sum())
    if total < 10:
        return None
    wanted = max(3, round((0.1 + 0.35 * severity) * total))
    clear = rng.random() < 0.35
    gap = np.zeros(m.shape, bool)
    for number, (y, x) in enumerate(spread(line, wanted, rng, apart=2).tolist()):
        if number >= 2 and gap.sum() >= wanted:
            break
        reach = (slice(max(0, y - 1), y + 2), slice(max(0, x - 1), x + 2))
        gap[reach] |= line[reach] if rng.random() < 0.6 else False
        gap[y, x] = True
    rgba = m.rgba.copy()
    open_ = gap & m.silhouette if clear else np.zeros(m.shape, bool)
    rgba[open_] = 0
    filled = ~gap | open_
    height, width = m.shape
    solid, source = np.pad(m.body & ~line, 1), np.pad(m.rgba, ((1, 1), (1, 1), (0, 0)))
    for dy, dx in AROUND:
        here = (slice(1 + dy, 1 + dy + height), slice(1 + dx, 1 + dx + width))
        take = ~filled & solid[here]
        rgba[take] = source[here][take]
        filled |= take
    return Draft(rgba=rgba)


def dark_lines(m: Material) -> Mask:
    """Cells [H, W] of dark lines: of the silhouette where darker than the body just inside, and one cell wide within the body."""
    light, height, width = np.pad(m.lightness, 1, constant_values=np.nan), *m.shape
    body, rim = np.pad(m.body, 1), np.pad(m.silhouette, 1)
    line = np.zeros(m.shape, bool)
    around = []
    for dy, dx in STEPS4:
        here = (slice(1 + dy, 1 + dy + height), slice(1 + dx, 1 + dx + width))
        lighter = body[here] & (light[here] >= m.lightness + DARKER)
        line |= m.silhouette & lighter & ~rim[here]
        around.append(lighter)
    line |= m.body & ((around[0] & around[2]) | (around[1] & around[3]))
    # corners of an outline have only outline beside them
    dark = m.silhouette & (m.lightness < np.median(m.lightness[line]) + DARKER / 2) if line.any() else line
    found: Mask = line | dark
    return found
