"""Exact colour operations on any picture: pure functions of a canvas and a region, the same colour always becoming the same colour.

Legend: `rgba` uint8 [H, W, 4] with alpha 0 or 255; `region` bool [H, W]. Only opaque cells inside the region change, so clear
cells stay clear. Lightness, chroma and hue are OKLab's (Ottosson 2020), L in [0, 1].
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from pixelmind.data.procedural.ramps import COLORS, basic_name, hex_rgb, says
from pixelmind.errors import BadInput
from pixelmind.pixels import palettes, quantize
from pixelmind.pixels.oklab import oklab_to_srgb, srgb_to_oklab
from pixelmind.records import U8, Palette

Region = NDArray[np.bool_]
Lab = NDArray[np.floating]


def opaque(rgba: U8) -> Region:
    """The opaque cells."""
    out: Region = rgba[..., 3] >= quantize.OPAQUE
    return out


def remap(rgba: U8, region: Region, change: Callable[[Lab], Lab]) -> U8:
    """Change the colours of the region's opaque cells by a map of OKLab [N, 3] to [N, 3]."""
    inside = region & opaque(rgba)
    out = rgba.copy()
    if inside.any():
        colors, inverse = np.unique(rgba[inside][:, :3], axis=0, return_inverse=True)
        out[inside, :3] = oklab_to_srgb(change(srgb_to_oklab(colors).astype(np.float64)))[inverse.reshape(-1)]
    return out


def _chroma(lab: Lab, factor: float) -> Lab:
    return lab * np.array([1.0, factor, factor])


def darken(rgba: U8, region: Region, amount: float = 0.25) -> U8:
    """Take away this share of the lightness."""
    return remap(rgba, region, lambda lab: lab * np.array([1 - amount, 1 - amount / 2, 1 - amount / 2]))


def lighten(rgba: U8, region: Region, amount: float = 0.25) -> U8:
    """Go this share of the way to white in lightness."""

    def change(lab: Lab) -> Lab:
        out = _chroma(lab, 1 - amount / 3)
        out[:, 0] = lab[:, 0] + (1 - lab[:, 0]) * amount
        return out

    return remap(rgba, region, change)


def saturate(rgba: U8, region: Region, amount: float = 0.6) -> U8:
    """Raise the chroma by this share."""
    return remap(rgba, region, lambda lab: _chroma(lab, 1 + amount))


def desaturate(rgba: U8, region: Region, amount: float = 0.6) -> U8:
    """Lower the chroma by this share."""
    return remap(rgba, region, lambda lab: _chroma(lab, 1 - amount))


def grayscale(rgba: U8, region: Region) -> U8:
    """Greys of the same lightness."""
    return remap(rgba, region, lambda lab: _chroma(lab, 0.0))


def invert(rgba: U8, region: Region) -> U8:
    """The complement of every channel: its own inverse, bit for bit."""
    out = rgba.copy()
    inside = region & opaque(rgba)
    out[inside, :3] = 255 - out[inside, :3]
    return out


def warmer(rgba: U8, region: Region, amount: float = 0.045) -> U8:
    """Shift toward orange (a and b up)."""
    return remap(rgba, region, lambda lab: lab + np.array([0.0, amount * 0.6, amount]))


def colder(rgba: U8, region: Region, amount: float = 0.045) -> U8:
    """Shift toward blue (a and b down)."""
    return remap(rgba, region, lambda lab: lab - np.array([0.0, amount * 0.5, amount]))


def hue_shift(rgba: U8, region: Region, degrees: float = 120.0) -> U8:
    """Turn the hue; lightness and chroma stay."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turn = np.array([[1, 0, 0], [0, cos, sin], [0, -sin, cos]])
    return remap(rgba, region, lambda lab: lab @ turn)


def contrast(rgba: U8, region: Region, factor: float = 1.5) -> U8:
    """Spread (factor > 1) or gather (< 1) lightness about the region's mean."""
    inside = region & opaque(rgba)
    mean = float(srgb_to_oklab(rgba[inside][:, :3])[:, 0].mean()) if inside.any() else 0.5

    def change(lab: Lab) -> Lab:
        out = lab.copy()
        out[:, 0] = np.clip(mean + (lab[:, 0] - mean) * factor, 0.0, 1.0)
        return out

    return remap(rgba, region, change)


def color_rgb(color: str) -> tuple[int, int, int]:
    """A colour word of the scene grammar, or '#rrggbb', as three integers.

    Raises:
        BadInput: neither.
    """
    if color in COLORS:
        return hex_rgb(COLORS[color][0])
    if len(color) == 7 and color[0] == "#":
        try:
            return hex_rgb(color)
        except ValueError:
            pass
    raise BadInput(f"unknown colour {color!r}; use a word such as red or a value such as #cc3322")


def dominant(rgba: U8, region: Region) -> tuple[int, int, int] | None:
    """The colour of most of the region's opaque cells that is not near black (outlines); None where all are clear."""
    cells = rgba[region & opaque(rgba)][:, :3]
    if not len(cells):
        return None
    colors, counts = np.unique(cells, axis=0, return_counts=True)
    light = srgb_to_oklab(colors)[:, 0] > 0.3
    if light.any():
        colors, counts = colors[light], counts[light]
    r, g, b = colors[int(counts.argmax())]
    return int(r), int(g), int(b)


def recolor(rgba: U8, region: Region, color: str) -> U8:
    """Give the region another colour and keep its shading: its dominant colour becomes `color` exactly, darker and lighter cells follow.

    Args:
        color: a colour word or '#rrggbb'.
    """
    base = dominant(rgba, region)
    if base is None:
        return rgba.copy()
    return remap(rgba, region, _ramp(base, color_rgb(color)))


def _ramp(base: tuple[int, int, int], target: tuple[int, int, int]) -> Callable[[Lab], Lab]:
    """The map that takes `base` to `target` and bends lightness so that black and white stay where they are."""
    b, t = (srgb_to_oklab(np.array(c, dtype=np.uint8)).astype(np.float64) for c in (base, target))
    bl, tl = min(max(float(b[0]), 0.02), 0.98), float(t[0])

    def change(lab: Lab) -> Lab:
        light = lab[:, 0]
        new = np.where(light <= bl, tl * light / bl, 1 - (1 - tl) * (1 - light) / (1 - bl))
        share = np.where(light <= bl, 0.25 + 0.75 * light / bl, 0.3 + 0.7 * (1 - light) / (1 - bl))
        share = np.where(light < 0.2, light / bl, share)  # outlines stay near black
        return np.stack([new, t[1] * share, t[2] * share], axis=1)

    return change


@lru_cache(maxsize=65536)
def basic_word(r: int, g: int, b: int) -> str:
    """The basic colour word of an sRGB colour (`ramps.basic_name`, remembered)."""
    return basic_name((r, g, b))


def cells_called(rgba: U8, color: str) -> Region:
    """The opaque cells that a person would call by this colour word."""
    out = np.zeros(rgba.shape[:2], dtype=bool)
    cells = opaque(rgba)
    colors, inverse = np.unique(rgba[cells][:, :3], axis=0, return_inverse=True)
    hit = np.array([says(color, basic_word(int(r), int(g), int(b))) for r, g, b in colors], dtype=bool)
    out[cells] = hit[inverse.reshape(-1)] if len(colors) else False
    return out


def replace_color(rgba: U8, region: Region, color: str, to: str) -> U8:
    """Recolour those cells of the region that are called `color`."""
    return recolor(rgba, region & cells_called(rgba, color), to)


def swap_colors(rgba: U8, region: Region, color: str, other: str) -> U8:
    """Cells called `color` take the dominant colour of those called `other`, and the other way round."""
    a, b = (region & cells_called(rgba, c) for c in (color, other))
    ca, cb = dominant(rgba, a), dominant(rgba, b)
    if ca is None or cb is None:
        return rgba.copy()
    return remap(remap(rgba, a, _ramp(ca, cb)), b & ~a, _ramp(cb, ca))


def fewer_colors(rgba: U8, region: Region, count: int) -> U8:
    """At most `count` colours inside the region, chosen among those that are there."""
    return _quantized(rgba, region, lambda cut: quantize.to_num_colors(cut, count).rgba())


def restrict_palette(rgba: U8, region: Region, palette: str) -> U8:
    """The nearest colours of a built-in palette or a palette file."""
    return _quantized(rgba, region, lambda cut: quantize.to_palette(cut, palettes.resolve(palette)).rgba())


def near_colors(rgba: U8, region: Region, colors: U8) -> U8:
    """The nearest of `colors` uint8 [K, 3]: keeps an edited region inside a picture's fixed palette."""
    fixed = Palette(name="fixed", colors=colors)
    return _quantized(rgba, region, lambda cut: quantize.to_palette(cut, fixed).rgba())


def tone_map(rgba: U8, region: Region, palette: str) -> U8:
    """Match by lightness alone, stretched over the palette's own range: a palette swap in the style of old handhelds."""
    colors = palettes.resolve(palette).colors
    light = srgb_to_oklab(colors)[:, 0].astype(np.float64)
    inside = region & opaque(rgba)
    out = rgba.copy()
    if inside.any():
        own, inverse = np.unique(rgba[inside][:, :3], axis=0, return_inverse=True)
        value = srgb_to_oklab(own)[:, 0].astype(np.float64)
        low, high = float(value.min()), float(value.max())
        level = (value - low) / max(high - low, 1e-6) if len(own) > 1 else value
        goal = light.min() + level * (light.max() - light.min())
        out[inside, :3] = colors[np.abs(light[None] - goal[:, None]).argmin(1)][inverse.reshape(-1)]
    return out


def _quantized(rgba: U8, region: Region, reduce: Callable[[U8], U8]) -> U8:
    inside = region & opaque(rgba)
    out = rgba.copy()
    if inside.any():
        out[inside] = reduce(rgba[inside][None])[0]
    return out


def fog(rgba: U8, region: Region, amount: float = 0.75) -> U8:
    """Mist that thickens downward in clean bands, with a checkered row between two bands."""
    rows = np.flatnonzero(region.any(1))
    if not len(rows):
        return rgba.copy()
    h, w = region.shape
    y, x = np.indices((h, w))
    depth = (y - rows[0] + ((x + y) % 2) * max(1, len(rows) // 12)) / max(1, len(rows))
    out = rgba
    for band, share in enumerate((0.25, 0.5, 0.75, 1.0)):
        inside = region & (np.clip(np.floor(depth * 4), 0, 3) == band)
        out = remap(out, inside, partial(_toward, np.array([0.86, -0.005, -0.012]), amount * share))
    return out


def _toward(goal: Lab, share: float, lab: Lab) -> Lab:
    return lab * (1 - share) + goal * share
