"""Colours off the palette that was asked for: opaque cells whose colour is not exactly one of its entries.

Unit: cells; the share is of the drawn cells. Without a palette nothing is counted. One code value beside counts: indexed art has no
"almost".
"""

from __future__ import annotations

import numpy as np

from pixelmind.quality.lint.base import Canvas, Found, Options, counted


def find(canvas: Canvas, options: Options) -> Found:
    """Drawn cells off the palette."""
    if options.palette is None:
        return Found(count=0, of=0, cells=canvas.none())
    known = {tuple(color) for color in options.palette.colors.tolist()}
    off = np.array([a > 0 and (r, g, b) not in known for r, g, b, a in canvas.colors.tolist()], bool)
    cells = off[canvas.number]
    says = f"{int(off.sum())} of the picture's colours are not in {options.palette.name}" if off.any() else ""
    return counted(cells, int(canvas.drawn.sum()), says=says)
