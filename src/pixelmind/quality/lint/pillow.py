"""Pillow shading: rings of lighter and lighter colour from the edge to the middle, as if light came from nowhere.

Source: the pixel artists' term (D. Yu, "Pixel art tutorial", 2013). Of each cluster of the body, lightness is set against the
distance from the silhouette (in steps, diagonals count one). The outermost ring is left out: it is the outline. A cluster is
pillow-shaded where the correlation of lightness and distance is at least `ROUND` in size, at least `RINGS` rings and three colours
are there, and the best straight light from one side explains less than `ONE_SIDED` of the variance. Unit: clusters; the share is of
the clusters that are deep enough. Cannot tell: balls lit from the viewer, gems and glows; parts inside one body (a pillow-shaded head
on a body lit from the left) are missed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pixelmind.pixels.clusters import Ints, Mask, label, shifted
from pixelmind.quality.lint.base import F64, Canvas, Found, Options

ROUND, ONE_SIDED, RINGS = 0.75, 0.3, 3
AROUND = tuple((dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dy or dx)


def depth(body: Mask) -> Ints:
    """Steps from each cell of the body to what is not body or beyond the canvas, [H, W]; 0 off the body, 1 on its rim."""
    out = np.zeros(body.shape, np.int64)
    left = body
    while left.any():
        out += left
        left = left & np.logical_and.reduce([shifted(left, dy, dx) for dy, dx in AROUND])
    return out


def roundness(lightness: F64, deep: NDArray[np.integer], y: Ints, x: Ints) -> tuple[float, float]:
    """Correlation of lightness with depth, and the share of its variance that a plane over (y, x) explains; all [N]."""
    light = lightness - lightness.mean()
    ring = deep - deep.mean()
    total = float((light**2).sum())
    if total <= 1e-9 or not ring.any():
        return 0.0, 0.0
    correlation = float((light * ring).sum() / np.sqrt(total * (ring**2).sum()))
    plane = np.stack([y - y.mean(), x - x.mean()], axis=1)
    fitted = plane @ np.linalg.lstsq(plane, light, rcond=None)[0]
    return correlation, float((fitted**2).sum() / total)


def find(canvas: Canvas, options: Options) -> Found:
    """Pillow-shaded clusters of the body."""
    labels, sizes = label(canvas.body, canvas.body)
    deep = depth(canvas.body)
    order = np.argsort(labels.ravel(), kind="stable")[int((~canvas.body).sum()) :]
    ends = np.cumsum(sizes)
    count = of = 0
    cells = canvas.none()
    for i in np.flatnonzero(sizes >= (2 * RINGS + 1) ** 2):
        places = order[ends[i] - sizes[i] : ends[i]]
        rings = deep.ravel()[places]
        if rings.max() < RINGS + 1:
            continue
        of += 1
        inner, rings = places[rings > 1], rings[rings > 1]
        y, x = np.divmod(inner, canvas.shape[1])
        correlation, plane = roundness(canvas.lightness.ravel()[inner], rings, y, x)
        if abs(correlation) >= ROUND and plane < ONE_SIDED and len(np.unique(canvas.number.ravel()[inner])) >= 3:
            count += 1
            cells.ravel()[places] = True
    return Found(count=count, of=of, cells=cells)
