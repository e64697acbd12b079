"""Pin-holes: one or two clear cells inside the body, as a fill that missed a cell or a bad cut-out leaves them.

A pin-hole is a cluster of at most two cells that are not body, joined by their sides, away from the canvas's edge, with body all around.
Unit: holes; the share is of the cells of the body. Cannot tell: eyelets, chain mail, gaps between fingers or legs.
"""

from __future__ import annotations

import numpy as np

from pixelmind.pixels.clusters import label
from pixelmind.quality.lint.base import Canvas, Found, Options

LARGEST = 2


def find(canvas: Canvas, options: Options) -> Found:
    """Small holes of the body."""
    labels, sizes = label(canvas.body, ~canvas.body, corners=False)
    small = sizes <= LARGEST
    border = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    small[border[border >= 0]] = False
    cells = ~canvas.body & np.append(small, False)[labels]
    return Found(count=int(small.sum()), of=int(canvas.body.sum()), cells=cells)
