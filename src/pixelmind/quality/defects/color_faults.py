"""Faults of a palette: drift, near-duplicate colours, colour noise, random dither."""

from __future__ import annotations

import numpy as np

from pixelmind.pixels.oklab import oklab_to_srgb, srgb_to_oklab
from pixelmind.quality.defects.base import Draft, Mask
from pixelmind.quality.defects.material import F64, JND, Material, direction, window

FLAT_LEAST = 10
"""Cells of flats that a fault of flats needs."""
DITHER_NEAR, DITHER_FAR = 0.06, 0.35
CUT = 0.4
"""Share of a drifted region's cells whose colour is also seen outside it, at least: a part in colours of its own is no fault."""
TRIES = 4


# ---- drift -----------------------------------------------------------------------------------------------------------
def drift(m: Material, severity: float, rng: np.random.Generator) -> Draft | None:
    """All colours of one side or a round spot of the body moved the same way in OKLab, across the parts that lie there.

    Severity: OKLab distance, 0.05 + 0.15 s.
    """
    if m.body_cells < 24:
        return None
    for _ in range(TRIES):
        region = m.body & _blot(m, rng)
        inside = np.bincount(m.number[region], minlength=len(m.colors))
        cut = inside[m.cells_of - inside >= 2].sum()
        if inside.sum() >= 8 and cut >= CUT * inside.sum():
            break
    else:
        return None
    distance = 0.05 + 0.15 * severity
    numbers = np.unique(m.number[region])
    weight = np.bincount(m.number[region], minlength=len(m.colors))[numbers]
    best, table = 0.0, None
    for _ in range(TRIES):
        moved = oklab_to_srgb(m.lab[numbers] + distance * direction(rng, 0.7))
        reached = np.linalg.norm(srgb_to_oklab(moved) - m.lab[numbers], axis=-1)
        mean = float((np.minimum(reached, distance) * weight).sum() / weight.sum())
        if mean > best:
            best, table = mean, moved
    if table is None or best < 2 * JND:
        return None
    rgba = m.rgba.copy()
    rgba[region, :3] = table[np.searchsorted(numbers, m.number[region])]
    return Draft(rgba=rgba)


def _blot(m: Material, rng: np.random.Generator) -> Mask:
    """A half-plane or an ellipse over a quarter to some three fifths of the body's box."""
    top, left, bottom, right = m.box
    y, x = np.ogrid[: m.shape[0], : m.shape[1]]
    v, u = (y + 0.5 - top) / (bottom - top), (x + 0.5 - left) / (right - left)
    found: Mask
    if rng.random() < 0.5:
        angle = rng.uniform(0, 2 * np.pi)
        found = (u - 0.5) * np.cos(angle) + (v - 0.5) * np.sin(angle) > rng.uniform(-0.1, 0.15)
        return found
    (cy, cx), (ry, rx) = rng.uniform(0.25, 0.75, 2), rng.uniform(0.28, 0.45, 2)
    found = ((v - cy) / ry) ** 2 + ((u - cx) / rx) ** 2 < 1
    return found


# ---- near-duplicate colours ------------------------------------------------------------------------------------------
def near_colors(m: Material, severity: float, rng: np.random.Generator) -> Draft | None:
    """Cells of flats take one of three near duplicates of their colour.

    Severity: distance of the duplicates, 1 + 2 s just noticeable differences (0.02 in OKLab), over 0.2 + 0.4 s of the flats' cells.
    """
    even = m.body & (m.alike >= 2)
    if not _enough(m, even):
        return None
    pick = even & (rng.random(m.shape) < 0.2 + 0.4 * severity)
    steps = rng.standard_normal((len(m.colors), 3, 3))
    steps *= JND * (1 + 2 * severity) / np.linalg.norm(steps, axis=-1, keepdims=True)
    table = oklab_to_srgb(m.lab[:, None] + steps)
    rgba = m.rgba.copy()
    rgba[pick, :3] = table[m.number[pick], rng.integers(0, 3, int(pick.sum()))]
    return Draft(rgba=rgba)


def _enough(m: Material, cells: Mask) -> bool:
    """Whether flats make up enough of the body that a fault in them shows."""
    count = int(cells.sum())
    return count >= FLAT_LEAST and count >= 0.15 * m.body_cells


# ---- colour noise ----------------------------------------------------------------------------------------------------
def noise(m: Material, severity: float, rng: np.random.Generator) -> Draft | None:
    """Every cell in a box takes a colour of its own around the one it had, as after a photo filter.

    Severity: standard deviation on each axis of OKLab, 0.015 + 0.03 s, over 0.3 + 0.7 s of the body's box.
    """
    for _ in range(TRIES):
        cells = np.zeros(m.shape, bool)
        cells[window(m, 0.3 + 0.7 * severity, rng)] = True
        cells &= m.body
        if (cells & (m.alike >= 2)).sum() >= max(FLAT_LEAST, 0.15 * cells.sum()):
            break
    else:
        return None
    lab: F64 = m.lab_cells[cells]
    rgba = m.rgba.copy()
    rgba[cells, :3] = oklab_to_srgb(lab + rng.standard_normal(lab.shape) * (0.015 + 0.03 * severity))
    return Draft(rgba=rgba)


# ---- random dither ---------------------------------------------------------------------------------------------------
def dither(m: Material, severity: float, rng: np.random.Generator) -> Draft | None:
    """Cells of flats thrown at random between their colour and another of the picture: a dither without a pattern.

    Severity: share of the flats' cells, 0.15 + 0.3 s.
    """
    if not _enough(m, m.flat):
        return None
    pick = m.flat & (rng.random(m.shape) < 0.15 + 0.3 * severity)
    if pick.sum() < 4:
        return None
    numbers = np.unique(m.number[pick])
    used = np.flatnonzero(m.colors[:, 3] >= 128)
    far = np.linalg.norm(m.lab[numbers][:, None] - m.lab[used][None], axis=-1)
    fit = (far >= DITHER_NEAR) & (far <= DITHER_FAR)
    partner = used[(fit * (rng.random(far.shape) + 1e-3)).argmax(1)]
    table = m.colors[partner, :3]
    lone = ~fit.any(1)
    if lone.any():
        towards = np.where(m.lab[numbers, 0] > 0.5, -1.0, 1.0)[:, None] * np.array([0.12, 0, 0])
        table[lone] = oklab_to_srgb(m.lab[numbers] + towards)[lone]
    rgba = m.rgba.copy()
    rgba[pick, :3] = table[np.searchsorted(numbers, m.number[pick])]
    return Draft(rgba=rgba)
