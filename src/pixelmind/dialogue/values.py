"""Exact values from words: colours, sizes, counts, palettes and colour limits, amounts, file formats, references to what was shown.

Each parser returns the value, or None where the words hold none. `find_values` finds them anywhere in a text.
Colour names are CSS's (Pillow's ImageColor) after the words of the scene grammar, whose tones suit sprites.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import ImageColor

from pixelmind.data.procedural.captions import SYNONYMS
from pixelmind.data.procedural.ramps import COLORS, hex_rgb
from pixelmind.dialogue.lexicon import read
from pixelmind.errors import BadInput
from pixelmind.pixels import palettes
from pixelmind.pixels.oklab import oklab_to_srgb, srgb_to_oklab

RGB = tuple[int, int, int]


@dataclass(frozen=True)
class PaletteChoice:
    """What a palette's words fix: a built-in palette's name ("" for none), a limit on the number of colours (0 for none)."""

    name: str = ""
    limit: int = 0


@dataclass(frozen=True)
class Amount:
    """How much: `share` relative change ("by 20%" 0.2, "a bit" 0.5 of the usual step, "much" 2 steps, see `kind`), `times`, `degrees`
    clockwise, `pixels`, and the direction.

    `kind` says which was told first: "step" (share of an operation's usual step), "share", "times", "degrees", "pixels", "direction".
    """

    kind: str
    value: float = 0.0
    direction: str = ""


# ---- numbers ---------------------------------------------------------------------------------------------------------
_TABLE: dict[str, dict[str, Any]] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
_UNITS, _TENS = (
    {word: start + step * i for i, word in enumerate(_TABLE["counting"][kind])}
    for kind, start, step in (("units", 0, 1), ("tens", 20, 10))
)
_SPECIAL: dict[str, int] = _TABLE["numbers"]
_WORD = "|".join(sorted((*_UNITS, *_TENS), key=len, reverse=True))
#: A number in digits or words.
NUMBER = (
    rf"(?:\d+(?:\.\d+)?|(?:{'|'.join(_TENS)})[- ](?:{'|'.join(list(_UNITS)[1:10])})|(?:{_WORD})(?: hundred| thousand)?)"
)


def number(text: str) -> float | None:
    """A number in digits or words: "12", "1.5", "thirty-two", "two hundred"."""
    low = text.lower().strip()
    if re.fullmatch(r"\d+(\.\d+)?", low):
        return float(low)
    total = 0
    for word in re.split(r"[\s-]+", low):
        if word in _UNITS:
            total += _UNITS[word]
        elif word in _TENS:
            total += _TENS[word]
        elif word in ("hundred", "thousand") and total:
            total *= 100 if word == "hundred" else 1000
        else:
            return None
    return float(total)


def count(text: str) -> int | None:
    """How many: "three", "a pair of", "dozen", "3", "12 of"; None for "a few" and the like."""
    low = " ".join(text.lower().split())
    if low in _SPECIAL:
        return _SPECIAL[low]
    low = re.sub(r"^(exactly|only|just|about|around|all|at least|at most|a) ", "", low)
    low = re.sub(r"( of| of them| times|x)$", "", low)
    found = _SPECIAL.get(low)
    value = number(low) if found is None else None
    return found if found is not None else int(value) if value is not None and value == int(value) else None


# ---- colours ---------------------------------------------------------------------------------------------------------
#: Modifier: lightness factor, lightness shift, chroma factor (OKLab).
_MODIFIERS: dict[str, tuple[float, float, float]] = _TABLE["modifiers"]
_HEX = re.compile(r"#?([0-9a-fA-F]{6})|#([0-9a-fA-F]{3})")


@lru_cache(maxsize=1)
def color_names() -> dict[str, RGB]:
    """Every colour word and its tone, sRGB."""
    table: dict[str, RGB] = {}
    for name, value in ImageColor.colormap.items():
        table[name] = hex_rgb(str(value))
    for base, others in SYNONYMS.items():
        for other in others:
            table.setdefault(other, hex_rgb(COLORS[base][0]))
    table |= {name: hex_rgb(tone) for name, (tone, said) in COLORS.items() if said}
    table |= {name: hex_rgb(tone) for name, tone in _TABLE["colors"].items()}
    return table


def color(text: str) -> RGB | None:
    """A colour by name, with modifiers, or hex: "teal", "dark red", "pale sky-blue", "#f80", "ff8800"; sRGB."""
    low = " ".join(text.lower().replace("coloured", "").replace("colored", "").split())
    if found := _HEX.fullmatch(low):
        digits = found[1] or "".join(2 * c for c in found[2])
        return hex_rgb("#" + digits)
    names = color_names()
    for form in (low, low.replace("-", " "), low.replace("-", "").replace(" ", "")):
        if form in names:
            return names[form]
    first, _, rest = low.replace("-", " ").partition(" ")
    if rest and first in _MODIFIERS and (base := color(rest)) is not None:
        factor, shift, chroma = _MODIFIERS[first]
        lab = srgb_to_oklab(np.array([base], dtype=np.uint8)).astype(float)[0]
        lab = np.array([lab[0] * factor + shift, lab[1] * chroma, lab[2] * chroma])
        r, g, b = oklab_to_srgb(lab[None])[0]
        return int(r), int(g), int(b)
    return None


# ---- sizes -----------------------------------------------------------------------------------------------------------
_CROSS = re.compile(
    rf"(-?{NUMBER})\s*(?:px|pixels?)?\s*(?:x|×|\*|by)\s*(-?{NUMBER})\s*(?:px|pixels?|p)?", re.IGNORECASE
)
_SIDE = re.compile(rf"({NUMBER})\s*(?:px|pixels?)(?: (tall|high|wide|across|square|long))?", re.IGNORECASE)


def size(text: str) -> tuple[int, int] | None:
    """(height, width) in pixels: "64x48" is 48 high and 64 wide; "16px" is square; "32 pixels tall" is (32, 0), the other side open.
    Words ("tiny", "icon") stay open."""
    low = " ".join(text.lower().split())
    if found := _CROSS.fullmatch(low):
        width, height = (_whole(found[i]) for i in (1, 2))
        return None if width is None or height is None else (height, width)
    if found := _SIDE.fullmatch(low):
        side = _whole(found[1])
        if side is None:
            return None
        return (
            (side, 0)
            if found[2] in ("tall", "high")
            else (0, side)
            if found[2] in ("wide", "across", "long")
            else (side, side)
        )
    return None


def _whole(text: str) -> int | None:
    negative = text.startswith("-")
    value = number(text.lstrip("-"))
    return None if value is None or value != int(value) else -int(value) if negative else int(value)


# ---- palettes --------------------------------------------------------------------------------------------------------
#: Machines without a palette of their own among the built-in ones, and how many colours they show at once.
_MACHINES: dict[str, int] = _TABLE["machines"]
_ALSO: dict[str, str] = _TABLE["palettes"]
#: Of a palette's title words that are not palettes when they stand alone.
_NOT_ALONE = frozenset(("web", "pocket", "8-bit", "8bit", "8 bit"))
_LIMIT = re.compile(
    rf"(?:(?:only|just|max|maximum|exactly|using|with|in|at most|no more than) )*({NUMBER}|(?:a )?single)[- ]?"
    r"(?:colou?rs?|tones?|shades?|inks?)(?: palette)?(?: max| only)?",
    re.IGNORECASE,
)
_YEARS = (
    ("web-safe", range(1994, 2000)),
    ("gameboy", range(1989, 1992)),
    ("nes", range(1985, 1989)),
    ("c64", range(1982, 1985)),
)
_TAIL = re.compile(r"(?:'s)?(?: |-)(?:palettes?|colou?rs?|style|graphics|version|look|colou?r scheme)$")


def palette(text: str) -> PaletteChoice | None:
    """A palette, console, computer or colour limit: "game boy", "NES colours", "web-safe 1996", "16 colours", "4-color", "1-bit"."""
    low = re.sub(r"^(?:the|a|an|original|old) ", "", " ".join(text.lower().split()))
    if low in _NOT_ALONE:
        return None
    if low in ("two-tone", "two tone", "duotone"):
        return PaletteChoice(limit=2)
    if found := _LIMIT.fullmatch(low):
        value = 1 if found[1].endswith("single") else number(found[1])
        return PaletteChoice(limit=int(value)) if value else None
    for form in (low, _TAIL.sub("", low)):
        if _ALSO.get(form):
            return PaletteChoice(name=_ALSO[form])
        if form in _MACHINES:
            return PaletteChoice(limit=_MACHINES[form])
        if form and form not in _NOT_ALONE:
            try:
                return PaletteChoice(name=palettes.get(form).name)
            except BadInput:
                pass
    if found := re.fullmatch(r"(.+?)[ ,-]*\(?((?:19|20)\d\d)\)?", low):
        return palette(found[1]) or _by_year(int(found[2]), found[1])
    return None


def _by_year(year: int, said: str) -> PaletteChoice | None:
    wanted = {"web": "web-safe", "nintendo": "nes", "handheld": "gameboy", "computer": "c64"}
    for word, name in wanted.items():
        if word in said and any(n == name and year in span for n, span in _YEARS):
            return PaletteChoice(name=name)
    return None


# ---- amounts ---------------------------------------------------------------------------------------------------------
_SOFT, _STRONG = ("|".join(_TABLE["amounts"][kind]) for kind in ("soft", "strong"))
_DIRECTION = {name: re.compile(pattern) for name, pattern in _TABLE["directions"].items()}
_FRACTIONS = {
    "half": 0.5,
    "a half": 0.5,
    "a third": 1 / 3,
    "a quarter": 0.25,
    "one third": 1 / 3,
    "two thirds": 2 / 3,
    "a tenth": 0.1,
}
_PERCENT = re.compile(
    rf"(?:by |to )?({NUMBER})\s*(?:%|percent|per cent)(?: (?:bigger|larger|smaller|more|less|darker|brighter|lighter))?"
)
_DEGREES = re.compile(rf"(?:by )?(-?{NUMBER})\s*(?:°|degrees?|deg)(.*)")
_PIXELS = re.compile(rf"(?:by )?({NUMBER}|a|an)\s*(?:px|pixels?|cells?)(?: (.*))?")
_TIMES = re.compile(
    rf"(?:by )?(?:a factor of )?(?:({NUMBER})\s*(?:x|times)|x\s*({NUMBER}))(?: as (?:big|large|tall|long))?(?: (?:bigger|larger|smaller))?"
)


def amount(text: str) -> Amount | None:
    """How much: "a bit", "much", "by 20%", "twice", "90 degrees", "two pixels to the left", "clockwise", "half"."""
    low = " ".join(text.lower().split())
    if re.fullmatch(_SOFT, low):
        return Amount("step", 0.5)
    if re.fullmatch(_STRONG, low):
        return Amount("step", 2.0)
    if found := _PERCENT.fullmatch(low):
        return Amount("share", (number(found[1]) or 0.0) / 100)
    if found := _DEGREES.fullmatch(low):
        value, way = number(found[1].lstrip("-")) or 0.0, found[2].strip()
        turned = -value if found[1].startswith("-") else value
        return Amount("degrees", turned, direction(way) or "") if not way or direction(way) else None
    if low in ("a quarter turn", "half a turn", "a half turn", "quarter turn", "upside down"):
        return Amount("degrees", 90.0 if "quarter" in low else 180.0)
    if found := _PIXELS.fullmatch(low):
        value = 1.0 if found[1] in ("a", "an") else number(found[1]) or 0.0
        if not found[2]:
            return Amount("pixels", value)
        return Amount("pixels", value, direction(found[2]) or "") if direction(found[2]) else None
    if low in ("a couple of pixels", "a couple pixels", "a few pixels"):
        return Amount("pixels", 3.0 if "few" in low else 2.0)
    if found := re.fullmatch(rf"(.+?) by ({NUMBER} ?(?:px|pixels?))", low):
        way, inner = direction(found[1]), amount(found[2])
        return Amount("pixels", inner.value, way) if way and inner else None
    if low in (
        "twice",
        "double",
        "twice as",
        "twice as big",
        "twice the size",
        "double the size",
        "twice as large",
        "doubled",
    ):
        return Amount("times", 2.0)
    if low in ("half as big", "half the size", "half as large"):
        return Amount("times", 0.5)
    if low in ("triple", "thrice"):
        return Amount("times", 3.0)
    if found := _TIMES.fullmatch(low):
        return Amount("times", number(found[1] or found[2]) or 0.0)
    if found := re.fullmatch(rf"by (?:a factor of )?({NUMBER})", low):
        return Amount("times", number(found[1]) or 0.0)
    bare = low.removeprefix("by ")
    if bare in _FRACTIONS:
        return Amount("share", _FRACTIONS[bare])
    way = direction(low)
    return Amount("direction", 0.0, way) if way else None


def direction(text: str) -> str | None:
    """left, right, up, down, center, clockwise or counterclockwise."""
    low = " ".join(text.lower().split())
    return next((name for name, pattern in _DIRECTION.items() if pattern.fullmatch(low)), None)


# ---- file formats and references -------------------------------------------------------------------------------------
_FORMATS: dict[str, str] = _TABLE["formats"]


def file_format(text: str) -> str | None:
    """A format of `pixels.export.FORMATS` by its name or a common word for it; None for formats that cannot be written."""
    return _FORMATS.get(" ".join(text.lower().split()).removeprefix("a ").removeprefix("."))


_ORDINALS: dict[str, int] = _TABLE["ordinals"]
_THING = "one|version|picture|image|option|candidate|variant|sprite|choice|try|attempt|result|draft"
_ORDINAL = re.compile(rf"(?:the )?(?:very )?({'|'.join(_ORDINALS)})(?: (?:{_THING}))?")
_SHOWN_AT = re.compile(
    r"(?:the )?(?:(?:top |upper )?(left|right|middle|cent(?:er|re))(?:most)?(?: one)?"
    r"|one (?:on|at|in) the (left|right|middle|cent(?:er|re)))"
)
_NUMBERED = re.compile(
    rf"(?:the )?(?:(?:number|no\.?|nr\.?|num|#|{_THING}|v)\s*#?)\s*(\d+|one|two|three|four|five|six|seven|eight|[a-h])"
)


def reference(text: str) -> int | None:
    """Which of what was shown: 1 for the first; -1 the last, -2 the one before it. "the second one", "#3", "option B", "2", "last", "the
    right one"."""
    low = " ".join(text.lower().split()).rstrip(".!?")
    if found := _SHOWN_AT.fullmatch(low):
        return {"middle": 2, "center": 2, "centre": 2, "right": -1}.get(found[1] or found[2], 1)
    if found := _ORDINAL.fullmatch(low):
        return _ORDINALS[found[1]]
    if low in (
        "the one before",
        "the one before that",
        "the version before",
        "the picture before",
        "the one from before",
    ):
        return -2
    if found := _NUMBERED.fullmatch(low):
        low = found[1]
    if low.isdigit() and int(low) < 100:
        return int(low) or None
    if len(low) == 1 and low in "abcdefgh":
        return None if low == "a" and not found else "abcdefgh".index(low) + 1
    return _UNITS.get(low) or None


# ---- anywhere in a text ----------------------------------------------------------------------------------------------
Value = RGB | tuple[int, int] | PaletteChoice | Amount | int | str


@lru_cache(maxsize=1)
def _finders() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """(slot, pattern) in order of preference where two are of one length."""
    names = "|".join(
        sorted(
            (re.escape(n).replace(r"\ ", "[ -]").replace(r"\-", "[ -]?") for n in color_names()), key=len, reverse=True
        )
    )
    spellings = {
        *palettes.names(),
        *_MACHINES,
        *_ALSO,
        "game boy",
        "game boy pocket",
        "pico 8",
        "zx spectrum",
        "commodore 64",
        "1-bit",
        "web-safe 1996",
        "web safe 1996",
    }
    spellings |= {
        w.strip().lower() for key in ("console", "named") for w in read("lexicon_looks.toml")["palette"][key].split(",")
    }
    spellings = {s for s in spellings if palette(s) and s not in ("grey", "gray", "pocket", "commodore")}
    known = "|".join(
        re.escape(s).replace(r"\ ", "[ -]").replace(r"\-", "[ -]?") for s in sorted(spellings, key=len, reverse=True)
    )
    modifiers = "|".join(_MODIFIERS)
    way = r"(?: (?:to the (?:left|right)|up|down|left|right|higher|lower))?"
    turn = r"(?: (?:counter-?|anti-?)?clockwise| to the (?:left|right))?"
    sides = (
        rf"twice as big|half as big|twice|clockwise|counter-?clockwise|to the (?:left|right)|{NUMBER} times|\d+x(?!\d)"
    )
    shown = (
        r"(?:number|option|candidate|version|variant) (?:\d+|one|two|three|four)|#\d\d?(?![0-9a-fA-F])|the one before"
    )
    pairs = (
        ("size", _CROSS.pattern),
        ("palette", rf"(?:{known})(?:[ -]19\d\d)?|(?:{NUMBER})[- ]?(?:colou?rs?|tones|shades)"),
        ("size", rf"(?:{NUMBER})\s*(?:px|pixels?) (?:tall|high|wide|across)"),
        ("amount", rf"(?:by )?-?{NUMBER}\s*(?:°|degrees?|deg)\b{turn}"),
        ("amount", rf"(?:by )?(?:{NUMBER}|a|a couple of|a few) ?(?:px|pixels?){way}"),
        ("amount", rf"(?:by )?{NUMBER}\s*(?:%|percent)"),
        ("amount", rf"{_SOFT}|{_STRONG}|{sides}"),
        ("reference", rf"the (?:{'|'.join(_ORDINALS)}) (?:{_THING})|{shown}"),
        ("color", rf"#[0-9a-fA-F]{{6}}|#[0-9a-fA-F]{{3}}|[0-9a-fA-F]{{6}}|(?:(?:{modifiers})[ -])*(?:{names})"),
        ("format", r"png|animated gif|gif|aseprite|sprite ?sheet"),
        ("count", rf"a dozen|half a dozen|a pair of|a couple of|{NUMBER}"),
    )
    return tuple((slot, re.compile(rf"(?<![\w#])(?:{pattern})(?!\w)", re.IGNORECASE)) for slot, pattern in pairs)


_PARSERS = {
    "size": size,
    "palette": palette,
    "amount": amount,
    "reference": reference,
    "color": color,
    "format": file_format,
    "count": count,
}


def value_of(slot: str, text: str) -> Value | None:
    """The value of a slot's words; None where they have none or the slot has no values."""
    parser = _PARSERS.get("color" if slot == "old_color" else slot)
    found: Value | None = parser(text) if parser else None
    return found


def find_values(text: str) -> list[tuple[str, int, int, Value]]:
    """All values in a text as (slot, start, end, value), in order; the longest match counts, none overlap."""
    found: list[tuple[str, int, int, Value]] = []
    for slot, pattern in _finders():
        for match in pattern.finditer(text):
            if (
                slot == "color"
                and re.fullmatch(r"[0-9a-fA-F]{6}", match[0])
                and (match[0].isdigit() or match[0].isalpha())
            ):
                continue  # a number or a word such as "decade"
            value = value_of(slot, match[0])
            if value is not None:
                found.append((slot, match.start(), match.end(), value))
    kept: list[tuple[str, int, int, Value]] = []
    for one in sorted(found, key=lambda f: f[1] - f[2]):
        if all(one[2] <= other[1] or one[1] >= other[2] for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda f: f[1])
