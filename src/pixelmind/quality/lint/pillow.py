"""Pillow shading: rings of lighter and lighter colour from the edge to the middle, as if light came from nowhere.

Source: the pixel artists' term (D. Yu, "Pixel art tutorial", 2013). Of each cluster of the body, lightness is set against the
distance from the silhouette (in steps, diagonals count one), both less their mean over cells of like hue (OKLab a and b rounded to `LIKE`),
so that a pale face in dark hair is no ring. The outermost ring is left out: it is the outline. A cluster is pillow-shaded where
the correlation of lightness and distance is above `ROUND` (what 98 % of real `train` pictures of a size class keep within,
`experiments/lint/measure.py --calibrate`), at least `RINGS` rings and three colours are there, and the best straight light from one side
explains less than `ONE_SIDED` of the variance. Unit: clusters; the share is of the clusters that are deep enough. Cannot tell: balls
lit from the viewer, gems and glows; parts inside one body (a pillow-shaded head on a body lit from the left) are missed.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pixelmind.pixels.clusters import Ints, Mask, label, shifted
from pixelmind.quality.lint.base import F64, Canvas, Found, Options

ROUND = (0.40, 0.45, 0.28, 0.31)
ONE_SIDED, RINGS, LIKE = 0.3, 3, 0.03
AROUND = tuple((dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dy or dx)


def depth(body: Mask) -> Ints:
    """Steps from each cell of the body to what is not body or beyond the canvas, [H, W]; 0 off the body, 1 on its rim."""
    out = np.zeros(body.shape, np.int64)
    left = body
    while left.any():
        out += left
        left = left & np.logical_and.reduce([shifted(left, dy, dx) for dy, dx in AROUND])
    return out


def roundness(values: F64, group: Ints) -> float:
    """Correlation of lightness and depth within groups, of [N, 4] lightness, depth, y, x; 0 where light from one side explains it."""
    sizes = np.bincount(group)
    centred = values - np.stack([np.bincount(group, v) / sizes for v in values.T], axis=1)[group]
    light, deep, plane = centred[:, 0], centred[:, 1], centred[:, 2:]
    total = float(light @ light)
    if total <= 1e-9 or not deep.any():
        return 0.0
    fitted = plane @ np.linalg.lstsq(plane, light, rcond=None)[0]
    return float(light @ deep / np.sqrt(total * (deep @ deep))) if fitted @ fitted < ONE_SIDED * total else 0.0


def clusters(canvas: Canvas) -> Iterator[tuple[Ints, float]]:
    """Clusters of the body that are deep enough: their cells, as places in the raveled canvas, and their roundness."""
    labels, sizes = label(canvas.body, canvas.body)
    deep = depth(canvas.body).ravel()
    order = np.argsort(labels.ravel(), kind="stable")[int((~canvas.body).sum()) :]
    hue = np.rint(canvas.lab[:, 1:] / LIKE)
    ends = np.cumsum(sizes)
    for i in np.flatnonzero(sizes >= (2 * RINGS + 1) ** 2):
        places = order[ends[i] - sizes[i] : ends[i]]
        if deep[places].max() <= RINGS:
            continue
        inner = places[deep[places] > 1]
        number = canvas.number.ravel()[inner]
        values = np.stack([canvas.lab[number, 0], deep[inner], *np.divmod(inner, canvas.shape[1])], axis=1)
        group = np.unique(hue[number], axis=0, return_inverse=True)[1].ravel()
        yield places, roundness(values, group) if len(np.unique(number)) >= 3 else 0.0


def find(canvas: Canvas, options: Options) -> Found:
    """Pillow-shaded clusters of the body."""
    found = list(clusters(canvas))
    cells = canvas.none()
    pillows = [places for places, correlation in found if correlation > ROUND[canvas.size_class]]
    for places in pillows:
        cells.ravel()[places] = True
    return Found(count=len(pillows), of=len(found), cells=cells)
