"""Faults of shading and of alpha: banding, pillow shading, holes in the body, specks in the clear margin."""

from __future__ import annotations

import numpy as np

from pixelmind.pixels.clusters import Ints, shifted
from pixelmind.pixels.oklab import oklab_to_srgb
from pixelmind.quality.defects.base import Draft, Mask
from pixelmind.quality.defects.material import AROUND, Material, depth, grown, spread

BAND_LEAST = 14
"""Cells of a flat that is wide enough to be banded."""
BANDED_LEAST = 0.08
"""Share of the body in bands, at least: in a few cells of a texture they are one."""
DARK = 0.22
"""OKLab L below which bands do not show."""
RINGS = 3
"""Rings a pillow has, at least."""
TRIES = 4


# ---- banding ---------------------------------------------------------------------------------------------------------
def banding(m: Material, severity: float, rng: np.random.Generator) -> Draft | None:
    """Flats become steps of light that hug one of their edges, each band as wide as the next.

    Severity: step of OKLab L from band to band, 0.035 + 0.055 s, over at least 0.1 + 0.4 s of the body where its flats suffice.
    """
    labels, sizes = m.clusters
    thick = np.bincount(labels[m.flat], minlength=len(sizes)) if len(sizes) else sizes
    dark = np.bincount(labels[m.body & (m.lightness < DARK)], minlength=len(sizes)) > 0
    fit = np.flatnonzero((sizes >= BAND_LEAST) & (thick >= 0.3 * sizes) & (thick >= 4) & ~dark)
    if not len(fit):
        return None
    order = fit[np.argsort(-sizes[fit] * rng.uniform(0.5, 1.0, len(fit)), kind="stable")]
    enough = np.searchsorted(np.cumsum(sizes[order]), (0.1 + 0.4 * severity) * m.body_cells) + 1
    flats = np.isin(labels, order[:enough])
    if flats.sum() < BANDED_LEAST * m.body_cells:
        return None
    dy, dx = AROUND[rng.integers(len(AROUND))]
    band = _bands(np.where(flats, labels, -1), dy, dx) // (1 if m.size <= 24 else int(rng.integers(1, 3)))
    band = np.minimum(band, 3 + int(rng.integers(0, 3)))
    step = (0.035 + 0.055 * severity) * (1 if rng.random() < 0.5 else -1)
    lab = m.lab_cells[flats].copy()
    start = lab[:, 0] - 1.5 * step
    lab[:, 0] = np.clip(start + band[flats] * step, 0.03, 0.99)
    rgba = m.rgba.copy()
    rgba[flats, :3] = oklab_to_srgb(lab)
    return Draft(rgba=rgba)


def _bands(labels: Ints, dy: int, dx: int) -> Ints:
    """Steps from each cell towards (dy, dx) to the end of its cluster, [H, W]; labels below 0 are no cluster."""
    height, width = labels.shape
    padded = np.pad(labels, 1, constant_values=-1)
    joined = (labels >= 0) & (padded[1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width] == labels)
    out, cells = np.zeros(labels.shape, np.int64), joined
    for _ in range(12):
        if not cells.any():
            break
        out += cells
        cells = joined & shifted(cells, dy, dx)
    return out


# ---- pillow shading --------------------------------------------------------------------------------------------------
def pillow(m: Material, severity: float, rng: np.random.Generator) -> Draft | None:
    """The body is lit as if it were a pillow: rings lighter from the silhouette inwards on all sides, whatever it shows.

    Of a picture without clear cells its largest cluster is. Severity: span of OKLab L from rim to middle, 0.15 + 0.3 s.
    """
    inside = m.body
    deep = m.deep
    if m.silhouette.sum() < 8:
        labels, sizes = m.clusters
        if not len(sizes):
            return None
        inside = labels == sizes.argmax()
        deep = depth(inside)
    most = int(deep.max())
    if most < RINGS + 1:
        return None
    first = 2 if m.silhouette.any() else 1  # the rim is the outline
    width = max(1, round((most - first + 1) / (RINGS + rng.integers(0, 3))))
    ring = (np.clip(deep, first, most) - first) // width
    lit = inside & (deep >= first)
    span, last = 0.15 + 0.3 * severity, max(1, int(ring.max()))
    lab = m.lab_cells[lit].copy()
    lab[:, 0] = np.clip(lab[:, 0] + span * (ring[lit] / last - 0.5), 0.05, 0.98)
    rgba = m.rgba.copy()
    rgba[lit, :3] = oklab_to_srgb(lab)
    return Draft(rgba=rgba)


# ---- stray transparency ----------------------------------------------------------------------------------------------
def holes(m: Material, severity: float, rng: np.random.Generator) -> Draft | None:
    """Cells inside the body are clear or half clear, singly or in twos and threes.

    Severity: share of the inner cells at which one starts, 0.01 + 0.05 s, at least two.
    """
    inner = (m.deep >= 2) & _within(m)
    total = int(inner.sum())
    if total < 6:
        return None
    places = spread(inner, max(2, round((0.01 + 0.05 * severity) * total)), rng, apart=2)
    hole = np.zeros(m.shape, bool)
    hole[places[:, 0], places[:, 1]] = True
    if rng.random() < 0.4:
        hole |= grown(hole) & inner & (rng.random(m.shape) < 0.25)
    rgba = m.rgba.copy()
    rgba[hole, 3] = 0 if rng.random() < 0.6 else int(rng.integers(50, 190))
    return Draft(rgba=rgba)


def _within(m: Material) -> Mask:
    """Cells that do not lie on the canvas's edge."""
    inside = np.zeros(m.shape, bool)
    inside[1:-1, 1:-1] = True
    return inside


def specks(m: Material, severity: float, rng: np.random.Generator) -> Draft | None:
    """Stray opaque cells of the picture's colours in the clear margin, away from the body.

    Severity: share of the margin's cells, 0.005 + 0.03 s, at least two.
    """
    margin = ~grown(m.drawn)
    used = np.flatnonzero(m.colors[:, 3] >= 128)
    if margin.sum() < 12 or not len(used):
        return None
    places = spread(margin, max(2, round((0.005 + 0.03 * severity) * int(margin.sum()))), rng)
    rgba = m.rgba.copy()
    rgba[places[:, 0], places[:, 1]] = m.colors[rng.choice(used, len(places))]
    rgba[places[:, 0], places[:, 1], 3] = 255
    return Draft(rgba=rgba)
