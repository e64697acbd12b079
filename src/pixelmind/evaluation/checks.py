"""Hard checks of a drawn sprite or a done edit: by counting cells and colours, with no network.

Fails when: it says nothing of what is drawn. An isometric view, a reflection on water or a genre is told by no check here; the suite
lists those under "cannot".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from pixelmind.dialogue.results import EditResult
from pixelmind.evaluation.metrics.near_copies import crop_visible
from pixelmind.pixels import palettes
from pixelmind.records import MAX_SIZE_PX, MIN_SIZE_PX, U8, Sprite

#: The 216 colours (1996): 0, 51, 102, 153, 204 or 255 in each channel.
WEB_SAFE = frozenset((r, g, b) for r in range(0, 256, 51) for g in range(0, 256, 51) for b in range(0, 256, 51))
#: A mirrored picture's two halves agree in this share of their visible cells.
MIRRORED = 0.98


def colors(rgba: U8) -> set[tuple[int, ...]]:
    """The opaque colours (r, g, b) of uint8 [H, W, 4]."""
    return {tuple(c) for c in np.unique(rgba[rgba[..., 3] > 0][:, :3], axis=0).tolist()}


def _size(rgba: U8, wanted: Any) -> str:
    height, width = rgba.shape[:2]
    return "" if [width, height] == list(wanted) else f"it is {width}x{height} px, not {wanted[0]}x{wanted[1]}"


def _subset(rgba: U8, allowed: set[tuple[int, ...]] | frozenset[tuple[int, ...]], name: str) -> str:
    odd = sorted(colors(rgba) - allowed)
    return f"{len(odd)} colours are not of {name}, such as #{bytes(odd[0]).hex()}" if odd else ""


def _palette(rgba: U8, name: Any) -> str:
    return _subset(rgba, {tuple(c) for c in palettes.get(name).colors.tolist()}, str(name))


def _colors(rgba: U8, most: Any) -> str:
    count = len(colors(rgba))
    return "" if count <= most else f"it has {count} colours, at most {most} were asked for"


def _grey(rgba: U8, _: Any) -> str:
    return _subset(rgba, {(v, v, v) for v in range(256)}, "the greys")


def _mirror(rgba: U8, _: Any) -> str:
    seen = crop_visible(rgba)
    either = (seen[..., 3] > 0) | (seen[:, ::-1, 3] > 0)
    share = float((seen == seen[:, ::-1]).all(-1)[either].mean()) if either.any() else 0.0
    return (
        ""
        if share >= MIRRORED
        else f"its halves agree in {share:.2f} of the cells, {MIRRORED} make a symmetric picture"
    )


def _clear(rgba: U8, _: Any) -> str:
    edge = np.concatenate([rgba[0], rgba[-1], rgba[:, 0], rgba[:, -1]])[:, 3]
    share = float((edge == 0).mean())
    return "" if share >= 0.5 else f"{share:.2f} of the border is clear; on a clear ground half of it is"


def _full(rgba: U8, _: Any) -> str:
    clear = int((rgba[..., 3] == 0).sum())
    return f"{clear} cells are clear" if clear else ""


def _seamless(rgba: U8, _: Any) -> str:
    """Across the wrap neighbours differ no more than across the roughest line inside."""
    x = rgba.astype(np.int16)
    for axis, name in ((0, "top and bottom"), (1, "left and right")):
        other = 1 - axis
        inside = np.abs(np.diff(x, axis=axis)).mean(axis=(other, 2)).max()
        wrap = float(np.abs(x.take(0, axis) - x.take(-1, axis)).mean())
        if wrap > inside:
            return f"{name} differ by {wrap:.1f} of 255, lines inside by {inside:.1f} at most"
    return ""


#: Checks of a picture: uint8 [H, W, 4] and the value asked for to what is wrong, "" where nothing is.
PICTURE: dict[str, Callable[[U8, Any], str]] = {
    "size": _size,
    "palette": _palette,
    "websafe": lambda rgba, _: _subset(rgba, WEB_SAFE, "the 216 web-safe ones"),
    "colors": _colors,
    "grey": _grey,
    "only": lambda rgba, wanted: _subset(rgba, {tuple(bytes.fromhex(c)) for c in wanted}, " and ".join(wanted)),
    "mirror": _mirror,
    "clear": _clear,
    "full": _full,
    "seamless": _seamless,
}
#: Checks of an edit: cells changed outside of what was asked, the part changed, cells that an undo did not bring back.
EDIT = ("outside", "region", "restored")
CHECKS = (*PICTURE, *EDIT)


def always(rgba: U8) -> list[str]:
    """What holds of every sprite: sides of 8 to 256 px, alpha 0 or 255, something drawn."""
    height, width = rgba.shape[:2]
    wrong = []
    if not (min(height, width) >= MIN_SIZE_PX and max(height, width) <= MAX_SIZE_PX):
        wrong.append(f"it is {width}x{height} px, out of 8 to 256")
    if not np.isin(rgba[..., 3], (0, 255)).all():
        wrong.append("alpha lies between 0 and 255")
    if len(np.unique(rgba.reshape(-1, 4), axis=0)) < 2:
        wrong.append("nothing is drawn: one colour only")
    return wrong


def faults(sprite: Sprite, check: Mapping[str, Any]) -> list[str]:
    """What is wrong with a sprite, one sentence each; empty where all checks of a picture hold."""
    rgba = sprite.rgba()
    found = [PICTURE[name](rgba, value) for name, value in check.items() if name in PICTURE]
    return always(rgba) + [f for f in found if f]


def edit_faults(
    check: Mapping[str, Any], edit: EditResult | None, first: Sprite | None, last: Sprite | None
) -> list[str]:
    """What is wrong with a done edit, or with an undo back to the `first` picture."""
    wrong = []
    if {"outside", "region"} & check.keys():
        if edit is None:
            return ["no edit was done"]
        if edit.changed_outside != check.get("outside", 0):
            wrong.append(f"{edit.changed_outside} cells changed outside of what was asked")
        if not edit.changed_cells:
            wrong.append("no cell changed")
        if "region" in check and check["region"] not in edit.place:
            wrong.append(f"it changed {edit.place or 'the whole'}, not the {check['region']}")
    if "restored" in check and (first is None or last is None or not np.array_equal(first.rgba(), last.rgba())):
        wrong.append("the picture is not the one before")
    return wrong
