"""Named colours and their hue-shifted ramps: shadows lean to blue, lights to yellow, as pixel artists mix them, computed in OKLCh.

OKLab is Björn Ottosson's ("A perceptual color space for image processing", 2020).
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pixelmind.errors import BadInput
from pixelmind.pixels.oklab import srgb_to_oklab

#: Base tone of every colour a scene may name, and the basic colour words a person would accept for it.
COLORS: dict[str, tuple[str, tuple[str, ...]]] = {
    "red": ("#cf3038", ("red",)),
    "dark red": ("#8a2030", ("red",)),
    "orange": ("#e67a28", ("orange",)),
    "yellow": ("#f2cf3e", ("yellow",)),
    "gold": ("#e3ab32", ("yellow", "orange", "gold")),
    "lime": ("#96d636", ("green",)),
    "green": ("#45a83e", ("green",)),
    "dark green": ("#27653a", ("green",)),
    "olive": ("#7b8436", ("green",)),
    "teal": ("#259a92", ("teal", "cyan", "green")),
    "cyan": ("#42c8e2", ("cyan", "blue")),
    "light blue": ("#78b8f2", ("blue", "cyan")),
    "blue": ("#3a64d4", ("blue",)),
    "navy": ("#27346f", ("blue",)),
    "purple": ("#8142b2", ("purple",)),
    "violet": ("#a884e8", ("purple",)),
    "magenta": ("#c93ba2", ("pink", "purple")),
    "pink": ("#f192b4", ("pink",)),
    "brown": ("#8c5732", ("brown",)),
    "dark brown": ("#5b3826", ("brown",)),
    "tan": ("#c99a66", ("brown", "orange", "yellow")),
    "beige": ("#e6caa0", ("yellow", "white", "orange", "brown")),
    "grey": ("#8a8e9c", ("grey",)),
    "dark grey": ("#535663", ("grey", "black")),
    "light grey": ("#b9bec8", ("grey", "white")),
    "silver": ("#aeb8ca", ("grey", "white")),
    "black": ("#33303d", ("black", "grey")),
    "white": ("#eae8e0", ("white",)),
    "blond": ("#ecc868", ("yellow",)),
    "ginger": ("#c9622c", ("orange", "brown", "red")),
    # materials that are rarely named by colour
    "pale skin": ("#f3c9a8", ()),
    "tan skin": ("#d99a6c", ()),
    "brown skin": ("#9c6240", ()),
    "dark skin": ("#6b4130", ()),
    "bone": ("#ded6bd", ()),
    "wood": ("#96623a", ()),
    "dark wood": ("#68432c", ()),
    "stone": ("#868b96", ()),
    "sandstone": ("#d2a868", ()),
    "brick": ("#b0533c", ()),
    "steel": ("#a2aebf", ()),
    "iron": ("#707888", ()),
    "copper": ("#c2703c", ()),
    "glass": ("#bfdfe8", ()),
    "grass": ("#57a640", ()),
    "leaf": ("#3f8f3c", ()),
    "pine": ("#2a6c4a", ()),
    "sand": ("#e3c683", ()),
    "dirt": ("#82573a", ()),
    "water": ("#3a86cf", ()),
    "sea": ("#2a62ad", ()),
    "ice": ("#a8daee", ()),
    "snow": ("#e6eff6", ()),
    "lava": ("#ea5a1c", ()),
    "fire": ("#f69428", ()),
    "flame": ("#fbd657", ()),
    "cloud": ("#eef3f8", ()),
    "day sky": ("#6fb7ec", ()),
    "night sky": ("#27306a", ()),
    "dusk sky": ("#7a4a94", ()),
    "dusk glow": ("#f0925a", ()),
    "dawn sky": ("#c9a0d2", ()),
    "dawn glow": ("#f7cfa8", ()),
    "storm sky": ("#5c6678", ()),
    "space": ("#1f1c3a", ()),
    "mountain": ("#6c7590", ()),
    "ink": ("#241f2e", ()),
    "moon": ("#f0ebcb", ()),
    "sun": ("#fbd94e", ()),
    "screen": ("#58d8b0", ()),
}

#: Basic colour words with reference points, for naming a colour that was changed by a style.
_BASIC = {
    "red": ("#cf3038", "#8a2030", "#f84040", "#b83028"),
    "orange": ("#e67a28", "#f89838", "#c05a18"),
    "yellow": ("#f2cf3e", "#d8c048", "#f8e878"),
    "green": ("#45a83e", "#27653a", "#96d636", "#7b8436", "#a8e070"),
    "teal": ("#259a92", "#1c6c68"),
    "cyan": ("#42c8e2", "#90e4f0"),
    "blue": ("#3a64d4", "#27346f", "#78b8f2", "#2848a0"),
    "purple": ("#8142b2", "#a884e8", "#4c2878"),
    "pink": ("#f192b4", "#c93ba2", "#f8b8cc"),
    "brown": ("#8c5732", "#5b3826", "#a87048"),
    "grey": ("#8a8e9c", "#5c5f6b", "#b9bec8"),
    "black": ("#201e26", "#33303d", "#000000"),
    "white": ("#eae8e0", "#ffffff"),
    "gold": ("#e3ab32",),
}


#: What the light of a time or a place does to a colour: OKLab L scale, L shift, chroma scale, a shift, b shift.
TINTS: dict[str, tuple[float, float, float, float, float]] = {
    "night": (0.74, 0.0, 0.8, 0.0, -0.045),
    "sunset": (0.92, 0.0, 0.95, 0.022, 0.02),
    "dawn": (0.96, 0.01, 0.85, 0.014, -0.012),
    "storm": (0.84, 0.0, 0.75, -0.003, -0.014),
    "fog": (0.84, 0.13, 0.6, -0.003, -0.008),
    "far": (0.8, 0.17, 0.6, -0.004, -0.02),
    "deep": (0.84, 0.0, 0.82, -0.028, -0.04),
    "torch": (0.9, 0.0, 0.95, 0.008, 0.014),
}
#: Materials that shine by themselves: no light changes them.
GLOWING = frozenset(
    (
        "fire",
        "flame",
        "lava",
        "moon",
        "sun",
        "screen",
        "day sky",
        "night sky",
        "dusk sky",
        "dusk glow",
        "dawn sky",
        "dawn glow",
    )
    + ("storm sky", "space")
)


def tinted(name: str, tint: str) -> str:
    """The material `name` in the light `tint` (one of TINTS, "" for plain light); glowing materials stay."""
    return name if not tint or name in GLOWING or tint in name.split("|")[1:] else f"{name}|{tint}"


def hex_rgb(text: str) -> tuple[int, int, int]:
    """'#rrggbb' to three integers."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def _turn(hue: float, target: float, amount: float) -> float:
    """`hue` moved by up to `amount` degrees toward `target` the short way."""
    gap = (target - hue + 180) % 360 - 180
    return hue + max(-amount, min(amount, gap))


@lru_cache(maxsize=1 << 15)
def ramp_lab(name: str, variant: int = 0) -> tuple[tuple[float, float, float], ...]:
    """Five OKLab tones of a named colour, dark to light. `variant` (0-8) shifts lightness and hue a little, 0 not at all.

    "red|night" is the colour in one of the TINTS, "red|far|night" in two, one after the other.
    """
    name, *tints = name.split("|")
    if name not in COLORS:
        raise BadInput(f"no colour named {name!r}; known colours are in pixelmind.data.procedural.ramps.COLORS")
    l, a, b = (float(v) for v in srgb_to_oklab(np.array(hex_rgb(COLORS[name][0]), dtype=np.uint8)))
    chroma, hue = math.hypot(a, b), math.degrees(math.atan2(b, a))
    l += (0, 0.025, -0.025)[variant % 3]
    hue += (0, 6, -6)[variant // 3 % 3]
    tones = []
    for step, down in ((-2, 0.5), (-1, 0.24), (0, 0.0), (1, 0.0), (2, 0.0)):
        if step < 0:
            tone_l = l * (1 - down) if l < 0.75 else l * (1 - 0.82 * down)
            c, h = chroma * (1 - 0.12 * -step) + 0.012 * -step, _turn(hue, 285, 11 * -step)
        else:
            tone_l = l + (0.985 - l) * (0.0, 0.3, 0.62)[step]
            c, h = chroma * (1 - 0.17 * step), _turn(hue, 100, 9 * step)
        tones.append((tone_l, c * math.cos(math.radians(h)), c * math.sin(math.radians(h))))
    for tint in tints:
        scale, lift, fade, da, db = TINTS[tint]
        tones = [(l * scale + lift, a * fade + da, b * fade + db) for l, a, b in tones]
    return tuple(tones)


@lru_cache(maxsize=1)
def _basic_points() -> tuple[list[str], NDArray[np.float32]]:
    names = [name for name, points in _BASIC.items() for _ in points]
    return names, srgb_to_oklab(np.array([hex_rgb(p) for points in _BASIC.values() for p in points], dtype=np.uint8))


def basic_name(rgb: tuple[int, int, int]) -> str:
    """The basic colour word nearest to an sRGB colour (hue weighs more than lightness)."""
    names, points = _basic_points()
    gap = (points - srgb_to_oklab(np.array(rgb, dtype=np.uint8))) * np.array([0.6, 1.0, 1.0])
    return names[int((gap**2).sum(1).argmin())]


def accepts(name: str, rgb: tuple[int, int, int]) -> bool:
    """Whether a person would still call `rgb` by the colour word `name`."""
    return says(name, basic_name(rgb))


def says(name: str, basic: str) -> bool:
    """Whether the colour word `name` fits a colour whose basic word is `basic`."""
    words = COLORS[name][1]
    return basic in words or (basic == "gold" and "yellow" in words)
