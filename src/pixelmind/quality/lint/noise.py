"""Noise: single cells of a colour that none of their eight neighbours has, but hardly told from one of them.

Photo filters, smoothing, JPEG and careless blending leave them: colours that no eye needs, in no cluster. Such a cell has a drawn neighbour
less than `NEAR` away in OKLab, three just noticeable differences; those that stand out are `orphans`. Unit: cells; the share is
of the drawn cells. Cannot tell: soft texture and long ramps of painted art, so some is usual, and to 16 px much.
"""

from __future__ import annotations

from pixelmind.quality.lint.base import Canvas, Found, Options, counted
from pixelmind.quality.lint.orphans import nearest

NEAR = 0.06


def find(canvas: Canvas, options: Options) -> Found:
    """Lone cells with a near neighbour."""
    return counted(nearest(canvas) < NEAR, int(canvas.drawn.sum()))
