"""Caption-aware augmentation: a picture is changed and its words stay true.

Random crops, colour jitter and grayscale as in SimCLR (Chen et al. 2020, arXiv 2002.05709, §3), made safe for pixel art
and for captions: pixels are moved or recoloured, never resampled; alpha is never touched; a hue turn renames the
caption's colour words, a grayscale copy loses them, a mirrored copy swaps left and right. Recolouring works on the
picture's palette in OKLCh (B. Ottosson 2020), so equal colours stay equal.

What happens to a caption is decided by a named operation alone ("none", "gray", "hue0" …, each also mirrored), not by
chance, so that all wordings can be put into the text cache beforehand (`caption_variants`).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixelmind.data.captions import COLOUR_WORDS, color_shares
from pixelmind.errors import BadInput
from pixelmind.pixels.oklab import M1_INVERSE, M2_INVERSE, oklab_to_srgb, srgb_to_oklab
from pixelmind.records import U8


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


#: Words for lightness and for grays: they stay true in a grayscale copy, and under a turn of the hue.
ACHROMATIC = _set("black gray grey white silver silvery ebony ivory cream dark pale light bright")
#: Words that a grayscale copy loses.
CHROMATIC = COLOUR_WORDS - ACHROMATIC
#: The colour that a hue word stands for, sRGB; a turn of the hue renames it by where this prototype goes.
HUES: dict[str, tuple[int, int, int]] = {
    "red": (224, 24, 24), "crimson": (190, 20, 50), "scarlet": (240, 40, 20), "maroon": (120, 10, 20),
    "reddish": (200, 60, 50), "orange": (240, 128, 24), "brown": (128, 80, 40), "tan": (200, 160, 110),
    "beige": (220, 200, 160), "ochre": (200, 130, 40), "yellow": (248, 224, 32), "yellowish": (220, 200, 80),
    "lime": (140, 230, 40), "olive": (112, 128, 40), "green": (48, 176, 48), "greenish": (80, 160, 80),
    "teal": (16, 120, 120), "turquoise": (48, 208, 192), "aqua": (64, 220, 220), "cyan": (48, 216, 216),
    "azure": (60, 140, 240), "cerulean": (40, 120, 190), "blue": (32, 80, 224), "bluish": (80, 110, 200),
    "blueish": (80, 110, 200), "navy": (16, 24, 100), "cobalt": (20, 60, 170), "indigo": (70, 20, 140),
    "violet": (130, 50, 210), "purple": (128, 48, 192), "lavender": (180, 150, 230), "lilac": (190, 150, 210),
    "mauve": (180, 130, 180), "magenta": (230, 30, 200), "pink": (240, 128, 176), "rosy": (240, 140, 150),
}  # fmt: skip
#: Things whose own colour a turned hue would belie: captions that name one are not turned.
BOUND = (CHROMATIC - HUES.keys()) | _set(
    "fire fiery flame flames flaming burning lava magma blood bloody grass grassy leaf leaves tree trees forest bush "
    "water sea ocean river lake sky sun moon ice icy snow snowy sand sandy wood wooden skin flesh human person man "
    "woman boy girl banana apple lemon carrot pumpkin tomato cherry strawberry corn flower sunset "
    "sunrise dawn dusk night"
)
#: Where the first hue word of a caption is turned to, in this order, its own colour left out.
_RING = ("green", "blue", "red", "purple", "orange", "cyan")
MAX_HUE_VARIANTS = len(_RING) - 1

_WORD = re.compile(r"[a-z]+", re.I)
_ALT = "|".join(sorted(CHROMATIC, key=len, reverse=True))
_ONE = rf"(?:(?:dark|pale|light|bright|deep)[ -])?\b(?:{_ALT})\b"
_COLOURS = rf"{_ONE}(?:(?:\s*,\s*|\s*,?\s+and\s+|\s+or\s+|-|\s+){_ONE})*"
_GRAYS = "black|gray|grey|white|silver"
_END = r"(?=\s*(?:[,.;]|$|\bwith\b|\band\b))"
#: What a phrase of colours takes with it, longest first, and what stays of it.
_DROP = [
    (re.compile(pattern, re.I), stays)
    for pattern, stays in (
        (rf"\b(?:(?:dressed|clad)\s+)?(?:in|of)\s+{_COLOURS}(?:\s+colou?rs?)?{_END}", ""),
        (rf"{_COLOURS}\s+and\s+(?=(?:{_GRAYS})\b)", ""),
        (rf"\b({_GRAYS})\s+and\s+{_COLOURS}", r"\1"),
        (rf"{_COLOURS}-\w+ed\b", ""),
        (rf"{_COLOURS}(?:\s+colou?red\b|-)?", ""),
    )
]
_SWAP = {"left": "right", "right": "left", "leftmost": "rightmost", "rightmost": "leftmost", "lefthand": "righthand",
         "righthand": "lefthand", "leftward": "rightward", "rightward": "leftward", "leftwards": "rightwards",
         "rightwards": "leftwards"}  # fmt: skip


# ------------------------------------------------------------------------------------------------------------- captions
def drop_colors(caption: str) -> str:
    """The caption without its hue words ("a dark red and blue flag" -> "a flag"); "" where nothing is left to say."""
    if CHROMATIC.isdisjoint(_WORD.findall(caption.lower())):
        return caption
    text = caption
    for pattern, instead in _DROP:
        text = pattern.sub(instead, text)
    text = re.sub(r"\s+([,.;:])", r"\1", re.sub(r"\s{2,}", " ", text))
    text = re.sub(r"([,;])\s*(?=[,.;])|^[\s,;.-]+|[\s,;-]+$", "", text)
    text = re.sub(r"\b(?:a|an|the|with|and|in|of|on)$", "", text).strip()
    text = re.sub(r"\ba(?= [aeiou])(?! (?:uni|one\b|eu|use))", "an", text)
    text = re.sub(r"\ban(?= [^aeiouh8])", "a", text)
    return text if _WORD.search(re.sub(r"\b(?:a|an|the)\b", "", text)) else ""


def mirror_caption(caption: str) -> str:
    """The caption with left and right swapped."""
    return _WORD.sub(lambda m: _SWAP.get(m[0].lower(), m[0]), caption)


def hue_turn(caption: str, variant: int) -> float | None:
    """Angle in radians by which variant 0 … 4 turns a picture's hue; None where its words forbid it or name no hue."""
    words = [w.lower() for w in _WORD.findall(caption)]
    first = next((w for w in words if w in HUES), None)
    return _angle(first, variant) if first is not None and BOUND.isdisjoint(words) else None


def hue_caption(caption: str, variant: int) -> str | None:
    """The caption with its hue words renamed for `hue_turn`'s angle, or None where there is none."""
    theta = hue_turn(caption, variant)
    if theta is None:
        return None
    text = _WORD.sub(lambda m: _turned_name(m[0].lower(), theta) if m[0].lower() in HUES else m[0], caption)
    text = re.sub(r"\b(\w+)( \1\b)+", r"\1", text)
    text = re.sub(r"\ba(?= orange\b)", "an", text)
    return re.sub(r"\ban(?= (?:green|blue|red|purple|cyan|yellow|pink|brown|black|gray|white)\b)", "a", text)


def augment_caption(caption: str, operation: str) -> str | None:
    """What an operation ("none", "gray", "hue0" …; "+mirror" mirrors too) makes of a caption; None: not applicable."""
    recolour, _, mirror = operation.partition("+")
    text: str | None
    if recolour == "none":
        text = caption
    elif recolour == "gray":
        text = drop_colors(caption) or None
    elif re.fullmatch(rf"hue[0-{MAX_HUE_VARIANTS - 1}]", recolour):
        text = hue_caption(caption, int(recolour[3:]))
    else:
        raise BadInput(f"unknown augmentation {operation!r}; use none, gray or hue0 to hue{MAX_HUE_VARIANTS - 1}")
    return mirror_caption(text) if text is not None and mirror else text


def caption_variants(caption: str, hue_variants: int) -> list[str]:
    """Every wording that `augment` may give this caption, itself first: what the text cache must hold."""
    recolours = ["none", "gray", *(f"hue{k}" for k in range(hue_variants))]
    found = (augment_caption(caption, r + m) for m in ("", "+mirror") for r in recolours)
    return list(dict.fromkeys(text for text in found if text is not None))


# ------------------------------------------------------------------------------------------------------------ colours
def name_of(rgb: tuple[int, int, int]) -> str:
    """The plain colour name of one sRGB colour, by the prototypes that name colours in captions."""
    return next(iter(color_shares(np.array([[[*rgb, 255]]], dtype=np.uint8))))


def _hue(rgb: tuple[int, int, int]) -> float:
    _, a, b = srgb_to_oklab(np.array(rgb, dtype=np.uint8))
    return float(np.arctan2(b, a))


@functools.cache
def _angle(word: str, variant: int) -> float:
    """Angle that takes a hue word's prototype to the ring's `variant`-th other hue."""
    ring = [name for name in _RING if name != name_of(HUES[word])]
    return (_hue(HUES[ring[variant]]) - _hue(HUES[word])) % (2 * np.pi)


@functools.lru_cache(maxsize=4096)
def _turned_name(word: str, theta: float) -> str:
    r, g, b = (int(v) for v in turn_colors(np.array([HUES[word]], dtype=np.uint8), theta)[0])
    return name_of((r, g, b))


def turn_colors(rgb: U8, theta: float, *, chroma: float = 1.0, lightness: float = 0.0) -> U8:
    """Turn the hue of uint8 [N, 3] by `theta` radians in OKLCh; chroma is lowered where needed to stay inside sRGB."""
    lab = srgb_to_oklab(rgb).astype(np.float64)
    c, s = np.cos(theta) * chroma, np.sin(theta) * chroma
    ab = np.stack([lab[:, 1] * c - lab[:, 2] * s, lab[:, 1] * s + lab[:, 2] * c], axis=1)
    light = np.clip(lab[:, :1] + lightness, 0, 1)
    scale = np.linspace(1, 0, 17)[:, None, None]
    tried = np.concatenate([np.broadcast_to(light, (17, *light.shape)), ab * scale], axis=2)
    linear = ((tried @ M2_INVERSE.T) ** 3) @ M1_INVERSE.T
    inside = np.all((linear > -2e-3) & (linear < 1 + 2e-3), axis=-1).reshape(17, -1)
    inside[-1] = True
    return oklab_to_srgb(tried[inside.argmax(0), np.arange(len(rgb))])


def grayscale_colors(rgb: U8) -> U8:
    """uint8 [N, 3] at the same OKLab lightness without chroma."""
    lab = srgb_to_oklab(rgb)
    lab[:, 1:] = 0
    return np.repeat(oklab_to_srgb(lab)[:, 1:2], 3, axis=1)


def recolour(rgba: U8, change: Callable[[U8], U8]) -> U8:
    """Apply `change` (uint8 [N, 3] to uint8 [N, 3]) to the colours of uint8 [H, W, 4]; alpha and clear cells stay."""
    opaque = np.flatnonzero(rgba[..., 3])
    packed = rgba[..., :3].astype(np.uint32) @ np.array([65536, 256, 1], dtype=np.uint32)
    colors, where = np.unique(packed.reshape(-1)[opaque], return_inverse=True)
    if not len(colors):
        return rgba
    found = np.stack([colors >> 16, (colors >> 8) & 255, colors & 255], axis=1).astype(np.uint8)
    cells = rgba.reshape(-1, 4).copy()
    cells[opaque, :3] = change(found)[where]
    return cells.reshape(rgba.shape)


def random_crop(rgba: U8, rng: np.random.Generator, min_keep: float = 0.8) -> U8:
    """Cut an integer window out of uint8 [H, W, 4] that keeps the whole subject (all opaque cells), never resampled.

    A picture with clear margins is cut somewhere inside them; one that fills its canvas keeps at least `min_keep` of
    each side. No side falls below 8 px.
    """

    def window(filled: NDArray[np.bool_]) -> slice:
        side, at = len(filled), np.flatnonzero(filled)
        low, high = (int(at[0]), int(at[-1]) + 1) if len(at) else (0, side)
        if low == 0 and high == side:
            length = int(rng.integers(max(min(8, side), int(np.ceil(side * min_keep))), side + 1))
            start = int(rng.integers(0, side - length + 1))
            return slice(start, start + length)
        start, stop = int(rng.integers(0, low + 1)), int(rng.integers(high, side + 1))
        stop = max(stop, min(side, start + 8))
        return slice(max(0, min(start, stop - 8)), stop)

    opaque: NDArray[np.bool_] = np.asarray(rgba[..., 3] > 0)
    return np.ascontiguousarray(rgba[window(np.any(opaque, 1)), window(np.any(opaque, 0))])


# ------------------------------------------------------------------------------------------------------------ the whole
@dataclass(frozen=True, kw_only=True)
class AugmentConfig:
    """How often each augmentation is used, in [0, 1]; gray and hue take the place of one another and of jitter."""

    crop: float = 0.5
    """Integer crop that keeps the subject."""
    mirror: float = 0.5
    """Left-right mirror; left and right are swapped in the words."""
    grayscale: float = 0.1
    """Grayscale copy; hue words go."""
    hue: float = 0.3
    """Hue turned by a large angle, hue words renamed; only captions that name a hue."""
    jitter: float = 0.5
    """Small change of hue (8 degrees), chroma (15 %) and lightness (0.04) that no word notices."""
    hue_variants: int = 3
    """Different hue turns a caption can get (each is one more row in the text cache)."""

    def __post_init__(self) -> None:
        for name in ("crop", "mirror", "grayscale", "hue", "jitter"):
            if not 0 <= getattr(self, name) <= 1:
                raise BadInput(f"augment.{name} must lie in [0, 1], got {getattr(self, name)}")
        if not 0 <= self.hue_variants <= MAX_HUE_VARIANTS:
            raise BadInput(f"augment.hue_variants must lie in 0 to {MAX_HUE_VARIANTS}, got {self.hue_variants}")
        if self.grayscale + self.hue > 1:
            raise BadInput("augment.grayscale and augment.hue must not sum to more than 1")


def apply(rgba: U8, caption: str, operation: str) -> tuple[U8, str]:
    """Apply a named operation to a picture uint8 [H, W, 4] and its caption; one not applicable changes neither."""
    text = augment_caption(caption, operation)
    if text is None:
        return rgba, caption
    kind, _, mirror = operation.partition("+")
    if kind == "gray":
        rgba = recolour(rgba, grayscale_colors)
    elif kind.startswith("hue"):
        theta = hue_turn(caption, int(kind[3:]))
        assert theta is not None
        rgba = recolour(rgba, functools.partial(turn_colors, theta=theta))
    return (np.ascontiguousarray(rgba[:, ::-1]) if mirror else rgba), text


def augment(rgba: U8, caption: str, rng: np.random.Generator, config: AugmentConfig) -> tuple[U8, str, str]:
    """Draw and apply augmentations; return picture, caption and the named operation behind the caption.

    The caption is one of `caption_variants(caption, config.hue_variants)`.
    """
    u, crop, mirror, jitter = rng.random(4)
    kind = "none"
    if u < config.grayscale:
        kind = "gray"
    elif u < config.grayscale + config.hue and config.hue_variants:
        kind = f"hue{rng.integers(config.hue_variants)}"
    suffix = "+mirror" if mirror < config.mirror else ""
    if augment_caption(caption, kind) is None:
        kind = "none"
    if kind == "none" and jitter < config.jitter:
        theta, chroma, light = rng.uniform((-0.14, 0.85, -0.04), (0.14, 1.15, 0.04))
        rgba = recolour(rgba, functools.partial(turn_colors, theta=theta, chroma=chroma, lightness=light))
    if crop < config.crop:
        rgba = random_crop(rgba, rng)
    return *apply(rgba, caption, kind + suffix), kind + suffix


def false_colours(caption: str, operation: str, hue_variants: int) -> list[str]:
    """Wordings of the caption whose hues are those of other operations than the one that was applied, so false of the result.

    All of them are `caption_variants`. Empty where the caption names no hue, or the picture was made grey.
    """
    recolour = operation.partition("+")[0]
    if recolour == "gray":
        return []
    suffix = operation[len(recolour) :]
    said = augment_caption(caption, operation)
    others = (augment_caption(caption, kind + suffix) for kind in ("none", *(f"hue{k}" for k in range(hue_variants))))
    found = [text for text in dict.fromkeys(others) if text is not None and text != said]
    return found if hue_turn(caption, 0) is not None else []
