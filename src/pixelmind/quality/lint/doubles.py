"""Doubles: steps of an outline drawn two cells wide, where the line should go on diagonally.

Source: the pixel artists' term (M. Azzi, "Pixel Logic", ch. "Lines"; Aseprite's "pixel-perfect" strokes leave them out). A double is
a pair of cells of the outline's colour, one beside the other, at which the line turns one way and at once back (a Z): one of the two
could go. A clean step goes on diagonally. Corners of boxes turn once and are none. Unit: doubles; the share is of all steps, clean
ones and doubles, and where doubles are the rule (half the steps and more) the outline is drawn so on purpose and none is counted.
Cannot tell: shadows that meet the outline in its own colour.
"""

from __future__ import annotations

import numpy as np

from pixelmind.pixels.clusters import Mask
from pixelmind.quality.lint.base import Canvas, Found, Options
from pixelmind.quality.lint.outline import outlined

ON_PURPOSE = 0.5


def _steps(line: Mask) -> tuple[int, Mask]:
    """Clean steps down to the right, and cells of doubled ones, in a mask of the line.

    Clean: (0, 0) and (1, 1) of the line and neither cell beside both. Doubled: the line comes from the left to (0, 0), goes down to
    (1, 0) and off to the right, and is one cell wide there.
    """
    padded = np.pad(line, 1)
    here, right, below, diagonal = padded[:-1, :-1], padded[:-1, 1:], padded[1:, :-1], padded[1:, 1:]
    clean = int((here & diagonal & ~right & ~below).sum())
    wide = np.pad(line, 2)
    height, width = line.shape

    def at(dy: int, dx: int) -> Mask:
        found: Mask = wide[2 + dy : 2 + dy + height, 2 + dx : 2 + dx + width]
        return found

    z = at(0, -1) & line & at(1, 0) & at(1, 1) & ~at(-1, 0) & ~at(0, 1) & ~at(1, -1) & ~at(2, 0)
    cells = z.copy()
    cells[1:] |= z[:-1]
    return clean, cells


def find(canvas: Canvas, options: Options) -> Found:
    """Doubled steps of the outline."""
    color = outlined(canvas)
    if color is None:
        return Found(count=0, of=0, cells=canvas.none())
    line = canvas.number == color
    count = steps = 0
    cells = canvas.none()
    for turned in (False, True):
        for mirrored in (False, True):
            seen = line.T if turned else line
            seen = seen[:, ::-1] if mirrored else seen
            clean, doubled = _steps(seen)
            doubles = int(doubled.sum()) // 2
            count += doubles
            steps += doubles + (0 if turned else clean)
            doubled = doubled[:, ::-1] if mirrored else doubled
            cells |= doubled.T if turned else doubled
    if steps and count / steps >= ON_PURPOSE:
        return Found(count=0, of=steps, cells=canvas.none())
    return Found(count=count, of=steps, cells=cells)
