"""Stray specks: one or two cells that stand alone in the clear margin, as a slipped pen or a bad cut-out leaves them.

A speck is a cluster of the body of at most two cells that touches nothing else, not even diagonally, beside one that is at least 16
times larger. Unit: specks; the share is of the cells of the body. Cannot tell: sparks, bubbles, dust and far stars are specks too.
"""

from __future__ import annotations

from pixelmind.pixels.clusters import label
from pixelmind.quality.lint.base import Canvas, Found, Options

LARGEST, TIMES = 2, 16


def find(canvas: Canvas, options: Options) -> Found:
    """Small clusters of the body."""
    labels, sizes = label(canvas.body, canvas.body)
    if len(sizes) < 2:
        return Found(count=0, of=int(canvas.body.sum()), cells=canvas.none())
    small = (sizes <= LARGEST) & (sizes * TIMES <= sizes.max())
    cells = canvas.body & small[labels]
    return Found(count=int(small.sum()), of=int(canvas.body.sum()), cells=cells)
