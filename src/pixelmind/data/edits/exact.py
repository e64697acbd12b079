"""The exact operations by name, for pairs here and for `pixelmind edit` on any picture: (rgba, region, arguments) to rgba.

`COLOR` keeps geometry and changes cells inside the region only; `SHAPE` paints or clears cells in or beside the region (the subject);
`GRID` moves cells, masks with them. What an operation may change is `touched`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pixelmind.data.edits import color, geometry, shape
from pixelmind.data.edits.color import Region
from pixelmind.errors import BadInput
from pixelmind.records import U8

COLOR: dict[str, Callable[..., U8]] = {
    "darken": color.darken,
    "lighten": color.lighten,
    "saturate": color.saturate,
    "desaturate": color.desaturate,
    "grayscale": color.grayscale,
    "invert": color.invert,
    "warmer": color.warmer,
    "colder": color.colder,
    "hue_shift": color.hue_shift,
    "contrast": color.contrast,
    "recolor": color.recolor,
    "fewer_colors": color.fewer_colors,
    "restrict_palette": color.restrict_palette,
    "tone_map": color.tone_map,
    "fog": color.fog,
}
SHAPE: dict[str, Callable[..., U8]] = {
    "replace_color": color.replace_color,
    "swap_colors": color.swap_colors,
    "add_outline": shape.add_outline,
    "remove_outline": shape.remove_outline,
    "recolor_outline": shape.recolor_outline,
    "thicken_outline": shape.thicken_outline,
    "remove_background": shape.clear,
    "fill_background": shape.fill,
    "drop_shadow": shape.drop_shadow,
    "highlight": shape.highlight,
    "shade": shape.shade,
    "dither": shape.dither,
    "undither": shape.undither,
    "pattern": shape.pattern,
}
#: name -> function of (array, opaque cells, arguments)
GRID: dict[str, Callable[..., Any]] = {
    "mirror": lambda a, full: geometry.mirror(a),
    "flip": lambda a, full: geometry.flip(a),
    "rotate": lambda a, full, degrees: geometry.rotate(a, degrees),
    "shift": lambda a, full, direction, pixels: geometry.shift(a, direction, pixels),
    "crop": lambda a, full, size=None: (
        geometry.crop(a, geometry.box(full)) if size is None else geometry.resize(a, *size)
    ),
    "pad": lambda a, full, pixels=0, size=None: geometry.pad(a, pixels) if size is None else geometry.resize(a, *size),
    "enlarge": lambda a, full, times: geometry.enlarge(a, times),
    "tile": lambda a, full, columns, rows: geometry.tile(a, columns, rows),
    "symmetric": lambda a, full, side: geometry.symmetric(a, side),
    "center": lambda a, full: geometry.center(a, geometry.box(full)),
}
NAMES = (*COLOR, *SHAPE, *GRID)
#: What "a bit", nothing and "much" mean for the operations that have an amount (`contrast`: its factor).
DEGREES: dict[str, tuple[float, float, float]] = {
    "darken": (0.15, 0.27, 0.42),
    "lighten": (0.2, 0.35, 0.55),
    "saturate": (0.35, 0.6, 1.0),
    "desaturate": (0.3, 0.55, 0.8),
    "warmer": (0.03, 0.055, 0.085),
    "colder": (0.03, 0.055, 0.085),
    "contrast": (1.3, 1.55, 1.9),
    "fog": (0.45, 0.7, 0.95),
}


def apply(operation: str, rgba: U8, region: Region | None = None, within: U8 | None = None, **arguments: Any) -> U8:
    """Apply an exact operation.

    Args:
        operation: one of NAMES.
        rgba: uint8 [H, W, 4], alpha 0 or 255.
        region: bool [H, W], the part, subject or background meant; None means every opaque cell.
        within: uint8 [K, 3], a fixed palette that changed cells must keep to; None for any colour.
        arguments: as the operation's function names them.

    Returns:
        uint8 [H', W', 4]; the size changes for `rotate`, `crop`, `pad`, `enlarge` and `tile` only.

    Raises:
        BadInput: an unknown operation or argument value.
    """
    full = color.opaque(rgba)
    if operation in GRID:
        out: U8 = GRID[operation](rgba, full, **arguments)
        return out
    function = COLOR.get(operation) or SHAPE.get(operation)
    if function is None:
        raise BadInput(f"no edit operation named {operation!r}; there are: {', '.join(NAMES)}")
    after = function(rgba, full if region is None else region, **arguments)
    if within is not None:
        after = color.near_colors(after, (after != rgba).any(-1), within)
    return after


def touched(operation: str, before: U8, after: U8, region: Region) -> Region:
    """The region mask of an exact edit, bool of the canvas before: what it was allowed to change."""
    if operation in GRID:
        return np.ones(before.shape[:2], dtype=bool)
    if operation in COLOR:
        return region & color.opaque(before)
    changed: Region = (before != after).any(-1)
    return changed
