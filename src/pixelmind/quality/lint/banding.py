"""Banding: a shade that hugs the edge of another, one cell wide all along, so that the eye sees stripes and the grid.

Source: the pixel artists' term (D. Yu, "Pixel art tutorial", 2013, "hugging"; M. Azzi, "Pixel Logic", ch. "Banding"). A cell hugs
where, seen across, it lies between two other colours of the body of which one is lighter and one darker, each within `STEP` in OKLab
(a ramp, not an outline). A band is a cluster of hugging cells of one colour that is at least `LONG` cells. Unit: cells in bands; the
share is of the drawn cells. Cannot tell: soft rounded shading and anti-aliasing inside the body are built of the same strips; small
sprites have no room for wider bands.
"""

from __future__ import annotations

import numpy as np

from pixelmind.pixels.clusters import Mask, label
from pixelmind.quality.lint.base import F64, Canvas, Found, Options, counted

STEP, LONG = 0.2, 5


def _between(canvas: Canvas, lab: F64, axis: int) -> Mask:
    """Cells that hug along one axis."""
    number, body = canvas.number, canvas.body
    if axis:
        number, body, lab = number.T, body.T, lab.transpose(1, 0, 2)
    found = np.zeros(number.shape, bool)
    if len(number) >= 3:
        above, here, below = lab[:-2], lab[1:-1], lab[2:]
        rising = (here[..., 0] - above[..., 0]) * (below[..., 0] - here[..., 0]) > 0
        close = (((here - above) ** 2).sum(-1) < STEP**2) & (((here - below) ** 2).sum(-1) < STEP**2)
        found[1:-1] = rising & close & body[:-2] & body[1:-1] & body[2:]
    return found.T if axis else found


def find(canvas: Canvas, options: Options) -> Found:
    """Cells of long hugging strips."""
    lab = canvas.lab[canvas.number]
    hugging = _between(canvas, lab, 0) | _between(canvas, lab, 1)
    labels, sizes = label(canvas.number, hugging)
    long = np.append(sizes >= LONG, False)
    return counted(hugging & long[labels], int(canvas.drawn.sum()))
