"""Two faults that `quality.defects` does not draw, for measuring their rules: doubled steps of an outline and a half-clear rim.

A fault takes uint8 [H, W, 4] of alpha 0 or 255 and returns the picture with it, or None where it cannot be made there.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pixelmind.pixels.clusters import shifted
from pixelmind.quality.lint.base import Canvas
from pixelmind.quality.lint.outline import outlined
from pixelmind.records import U8

Fault = Callable[[U8, np.random.Generator], "U8 | None"]


def _some(cells: np.ndarray, share: float, rng: np.random.Generator, least: int = 1) -> np.ndarray | None:
    """Random cells [n, 2] of a mask, a share of them and at least `least`; None where it has fewer."""
    places = np.argwhere(cells)
    count = max(least, round(share * len(places)))
    return rng.permutation(places)[:count] if len(places) >= max(count, 1) else None


def doubles(rgba: U8, rng: np.random.Generator) -> U8 | None:
    """30 % of the outline's clean diagonal steps, at least two, get the cell inside their corner."""
    canvas = Canvas.of(rgba)
    color = outlined(canvas)
    if color is None:
        return None
    line = canvas.number == color
    corner = np.zeros(line.shape, bool)
    for dy in (-1, 1):
        for dx in (-1, 1):
            corner |= ~line & canvas.body & shifted(line, dy, 0) & shifted(line, 0, dx) & ~shifted(line, dy, dx)
    places = _some(corner, 0.3, rng, 2)
    if places is None:
        return None
    out = rgba.copy()
    out[places[:, 0], places[:, 1]] = canvas.colors[color]
    return out


def half_clear(rgba: U8, rng: np.random.Generator) -> U8 | None:
    """A tenth of the silhouette gets an alpha of 60 to 200."""
    places = _some(Canvas.of(rgba).silhouette, 0.1, rng)
    if places is None:
        return None
    out = rgba.copy()
    out[places[:, 0], places[:, 1], 3] = rng.integers(60, 200, len(places))
    return out


#: By name: the fault and the rule that should notice it.
FAULTS: dict[str, tuple[Fault, str]] = {
    "doubled steps": (doubles, "doubles"),
    "half-clear rim": (half_clear, "semi-clear"),
}
