"""Exact operations on outlines, backgrounds, light and texture of any picture: pure functions of a canvas and a region.

Legend as in `color`; for outlines and shadows the region is the subject (the figure, or all opaque cells). What is outside the
subject may be clear or a backdrop.
"""

from __future__ import annotations

import numpy as np

from pixelmind.data.edits.color import Region, color_rgb, darken, lighten, opaque
from pixelmind.data.procedural.canvas import grow, shift, shrink
from pixelmind.pixels.oklab import srgb_to_oklab
from pixelmind.pixels.quantize import bayer
from pixelmind.records import U8

INK = {"black": (16, 12, 20), "white": (255, 255, 255)}
PATTERNS = ("stripes", "vertical stripes", "diagonal stripes", "polka dots", "checks")


def paint(rgba: U8, region: Region, rgb: tuple[int, int, int]) -> U8:
    """One opaque colour in every cell of the region."""
    out = rgba.copy()
    out[region] = (*rgb, 255)
    return out


def ink(color: str) -> tuple[int, int, int]:
    """The colour a person means when asking for a line of this colour: black and white are full ones."""
    return INK[color] if color in INK else color_rgb(color)


# ---- outlines --------------------------------------------------------------------------------------------------------
def edge(subject: Region) -> Region:
    """The subject's own cells that touch a cell outside it (the canvas border does not count)."""
    return subject & grow(~subject)


def ring(subject: Region) -> Region:
    """The cells just outside the subject."""
    return grow(subject) & ~subject


def outline_cells(rgba: U8, subject: Region) -> Region:
    """The subject's edge cells, with those on the canvas border that have a colour of the others."""
    rim = edge(subject)
    border = subject & ~shrink(subject) & ~rim
    packed = rgba[..., :3].astype(np.int64) @ np.array([65536, 256, 1])
    cells: Region = rim | (border & np.isin(packed, np.unique(packed[rim])))
    return cells


def outlined(rgba: U8, subject: Region) -> bool:
    """Whether the subject has an outline: nine in ten of its edge cells are of one colour that is rare inside, or all are dark."""
    rim = outline_cells(rgba, subject)
    inner = subject & ~rim
    if rim.sum() < 4 or not inner.any():
        return False
    colors, counts = np.unique(rgba[rim][:, :3], axis=0, return_counts=True)
    main = colors[int(counts.argmax())]
    if counts.max() >= 0.9 * rim.sum():
        return bool((rgba[inner][:, :3] == main).all(-1).mean() < 0.4)
    light = srgb_to_oklab(rgba[..., :3])[..., 0]
    return bool((light[rim] < 0.42).mean() > 0.9 and light[inner].mean() - light[rim].mean() > 0.12)


def add_outline(rgba: U8, subject: Region, color: str = "black") -> U8:
    """Draw a line of one pixel around the subject, outside it."""
    return paint(rgba, ring(subject), ink(color))


def remove_outline(rgba: U8, subject: Region) -> U8:
    """Clear the outline's cells."""
    return clear(rgba, outline_cells(rgba, subject))


def recolor_outline(rgba: U8, subject: Region, color: str) -> U8:
    """Give all outline cells one colour."""
    return paint(rgba, outline_cells(rgba, subject), ink(color))


def thicken_outline(rgba: U8, subject: Region) -> U8:
    """A second line around the first, of the same colour."""
    rim = rgba[outline_cells(rgba, subject)][:, :3]
    if not len(rim):
        return rgba.copy()
    colors, counts = np.unique(rim, axis=0, return_counts=True)
    r, g, b = colors[int(counts.argmax())]
    return paint(rgba, ring(subject), (int(r), int(g), int(b)))


# ---- background ------------------------------------------------------------------------------------------------------
def clear(rgba: U8, region: Region) -> U8:
    """Make the region transparent."""
    out = rgba.copy()
    out[region] = 0
    return out


def fill(rgba: U8, region: Region, color: str) -> U8:
    """Fill the region flat, whatever was there."""
    return paint(rgba, region, ink(color))


def drop_shadow(rgba: U8, subject: Region, pixels: int = 1) -> U8:
    """A hard shadow below and to the right: dark on clear cells, darker cells on a backdrop."""
    shade = np.zeros_like(subject)
    for step in range(1, pixels + 1):
        shade |= shift(subject, step, step)
    shade &= ~subject
    solid = opaque(rgba)
    return paint(darken(rgba, shade & solid, 0.45), shade & ~solid, (38, 32, 52))


# ---- light and texture -----------------------------------------------------------------------------------------------
def _body(rgba: U8, region: Region) -> Region:
    """The region without its dark lines."""
    light = srgb_to_oklab(rgba[..., :3])[..., 0]
    body: Region = region & opaque(rgba) & ((light > 0.32) | ~edge(region))
    return body


def highlight(rgba: U8, region: Region, amount: float = 0.45) -> U8:
    """Lighten the cells on the upper and left edge of the region's body (the canvas border is no edge)."""
    body = _body(rgba, region)
    return lighten(rgba, body & (shift(~body, 0, 1) | shift(~body, 1, 0)), amount)


def shade(rgba: U8, region: Region, amount: float = 0.3) -> U8:
    """Darken the cells on the lower and right edge of the region's body, two deep in large regions."""
    body = _body(rgba, region)
    dark = np.zeros_like(body)
    for step in range(1, 3 if body.sum() > 300 else 2):
        dark |= shift(~body, 0, -step) | shift(~body, -step, 0)
    return darken(rgba, body & dark, amount)


def dither(rgba: U8, region: Region, amount: float = 0.22) -> U8:
    """Ordered dither that grows darker downward (Bayer 4x4, see `pixels.quantize`)."""
    rows = np.flatnonzero(region.any(1))
    if not len(rows):
        return rgba.copy()
    h, w = region.shape
    tiled = np.tile(bayer(4), (-(-h // 4), -(-w // 4)))[:h, :w]
    depth = (np.arange(h)[:, None] - rows[0] + 0.5) / max(1, rows[-1] - rows[0] + 1)
    return darken(rgba, region & (tiled < depth), amount)


def undither(rgba: U8, region: Region) -> U8:
    """Fill lone cells of a dither: those with three of four neighbours of one other colour and two diagonal ones of their own take
    that colour where it is the more frequent about them, or the lighter of two equals."""
    packed = np.where(opaque(rgba), rgba[..., :3].astype(np.int64) @ np.array([65536, 256, 1]), -1)
    light = srgb_to_oklab(rgba[..., :3])[..., 0]
    h, w = packed.shape
    edged = np.pad(packed, 1, constant_values=-1)
    lit = np.pad(light, 1)
    at = {(dy, dx): edged[1 + dy : 1 + dy + h, 1 + dx : 1 + dx + w] for dy in (-1, 0, 1) for dx in (-1, 0, 1)}
    lit_at = {(dy, dx): lit[1 + dy : 1 + dy + h, 1 + dx : 1 + dx + w] for dy in (-1, 0, 1) for dx in (-1, 0, 1)}
    sides = ((-1, 0), (1, 0), (0, -1), (0, 1))
    corners = ((-1, -1), (-1, 1), (1, -1), (1, 1))
    own = sum((at[c] == packed).astype(int) for c in corners)
    out = rgba.copy()
    done = np.zeros_like(region)
    inside = region & (packed >= 0)
    for side in sides:
        other = at[side]
        same = sum((at[s] == other).astype(int) for s in sides)
        # near in lightness only: eyes and rivets are lone cells too, but they stand out
        fits = inside & ~done & (other >= 0) & (other != packed) & (same >= 3) & (np.abs(lit_at[side] - light) < 0.16)
        turn = fits & ((own <= 1) | (lit_at[side] > light))
        y, x = np.nonzero(turn)
        out[y, x] = rgba[np.clip(y + side[0], 0, h - 1), np.clip(x + side[1], 0, w - 1)]
        done |= turn
    return out


def pattern(rgba: U8, region: Region, kind: str, amount: float = 0.3) -> U8:
    """Stripes, dots or checks of a darker tone on the region's body."""
    y, x = np.indices(region.shape)
    marks = {
        "stripes": y % 4 < 2,
        "vertical stripes": x % 4 < 2,
        "diagonal stripes": (x + y) % 4 < 2,
        "polka dots": (y % 4 == 1) & ((x + y // 4 % 2 * 2) % 4 == 1),
        "checks": (y // 2 + x // 2) % 2 == 0,
    }[kind]
    return darken(rgba, _body(rgba, region) & marks, amount)
