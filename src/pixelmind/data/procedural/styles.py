"""Art styles: how materials and tones become colours, which outline is drawn, and what a caption may say about it.

A style never resamples or blurs: it maps (material, tone) to a colour, so a part keeps one ramp all over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pixelmind.data.procedural.canvas import BAYER, Canvas
from pixelmind.data.procedural.ramps import accepts, hex_rgb, ramp_lab
from pixelmind.pixels import palettes
from pixelmind.pixels.oklab import oklab_to_srgb, srgb_to_oklab

RGB = NDArray[np.uint8]
#: Colours of a material in a style: five tones, the inner contour, the black outline.
TONES = 7

Colors = tuple[tuple[int, int, int], ...]


def _colors(text: str) -> Colors:
    return tuple(hex_rgb("#" + part) for part in text.split())


def _builtin(name: str) -> Colors:
    return tuple((int(r), int(g), int(b)) for r, g, b in palettes.get(name).colors)


SEPIA = _colors("2b1a12 5c3d28 96703f cba568 f0dcb0")
NOIR = _colors("0b0b0f 35353c 83838c d3d3da ffffff")


@dataclass(frozen=True, kw_only=True)
class Style:
    """One art style.

    `steps`: which of the five tones each tone becomes; `outline`: 'self' (dark tone of the part), 'black', 'none', 'bright' or 'white';
    `palette`: fixed colours, matched in OKLab; `mono`: matched by lightness only (no colour words in captions);
    `adjust`: (lightness scale, lightness shift, chroma scale); `dither` spreads tones over this many steps.
    """

    name: str
    words: tuple[str, ...]
    weight: float = 1.0
    steps: tuple[int, int, int, int, int] = (0, 1, 2, 3, 4)
    outline: str = "self"
    inner: str = "self"
    palette: Colors = ()
    mono: bool = False
    adjust: tuple[float, float, float] = (1.0, 0.0, 1.0)
    dither: float = 0.0
    variants: bool = False

    @property
    def lined(self) -> bool:
        """The style lives by its outline, for which the smallest canvases have no room."""
        return self.name in ("outlined", "neon")


STYLES: dict[str, Style] = {
    s.name: s
    for s in (
        Style(name="snes", words=("16-bit", "snes style", "16-bit rpg style"), weight=6, variants=True),
        Style(
            name="outlined",
            words=("outlined", "cartoon style", "bold outline"),
            weight=4,
            outline="black",
            inner="black",
            variants=True,
        ),
        Style(
            name="lineless",
            words=("lineless", "soft lineless", "no outline"),
            weight=1.5,
            outline="none",
            inner="none",
            variants=True,
        ),
        Style(
            name="1-bit",
            words=("1-bit", "one bit", "black and white 1-bit"),
            outline="black",
            inner="black",
            mono=True,
            palette=_colors("0b0b0f f4f4ee"),
            dither=1,
        ),
        Style(
            name="gameboy",
            words=("game boy", "gameboy style", "game boy green"),
            outline="black",
            inner="black",
            mono=True,
            palette=_builtin("gameboy"),
        ),
        Style(
            name="nes",
            words=("8-bit", "nes style", "8-bit nes"),
            weight=2,
            steps=(1, 1, 2, 3, 3),
            outline="black",
            palette=_builtin("nes"),
        ),
        Style(
            name="c64",
            words=("8-bit", "commodore 64 style", "c64"),
            steps=(1, 1, 2, 3, 3),
            outline="black",
            palette=_builtin("c64"),
        ),
        Style(
            name="cga",
            words=("cga", "8-bit cga", "cga palette"),
            weight=0.5,
            steps=(1, 1, 2, 3, 3),
            outline="black",
            inner="black",
            palette=_builtin("cga-mode4-1-high"),
            dither=0.6,
        ),
        Style(
            name="ega",
            words=("ega", "dos game style", "ega palette"),
            weight=0.7,
            steps=(1, 1, 2, 3, 3),
            outline="black",
            palette=_builtin("ega16"),
        ),
        Style(
            name="zx-spectrum",
            words=("8-bit", "zx spectrum style", "spectrum"),
            weight=0.5,
            steps=(1, 1, 2, 3, 3),
            outline="black",
            inner="black",
            palette=_builtin("zx-spectrum"),
        ),
        Style(
            name="pico-8",
            words=("8-bit", "pico-8", "pico-8 style"),
            weight=2,
            steps=(0, 1, 2, 3, 3),
            outline="black",
            palette=_builtin("pico-8"),
        ),
        Style(name="dithered", words=("dithered", "dithering", "dithered shading"), dither=1, variants=True),
        Style(
            name="neon",
            words=("neon", "glowing neon", "synthwave"),
            weight=0.8,
            outline="bright",
            inner="bright",
            adjust=(0.62, -0.08, 1.15),
        ),
        Style(
            name="pastel",
            words=("pastel", "soft pastel", "pastel colors"),
            adjust=(0.52, 0.44, 0.72),
            steps=(0, 1, 2, 3, 4),
            variants=True,
        ),
        Style(
            name="noir",
            words=("noir", "grayscale", "monochrome"),
            weight=0.8,
            outline="black",
            inner="black",
            mono=True,
            palette=NOIR,
        ),
        Style(name="sepia", words=("sepia", "old photo colors", "sepia toned"), weight=0.4, mono=True, palette=SEPIA),
    )
}


@lru_cache(maxsize=len(STYLES))
def _palette_lab(style_name: str) -> NDArray[np.float32]:
    """The palette of a style in OKLab."""
    return srgb_to_oklab(np.array(STYLES[style_name].palette, dtype=np.uint8))


@lru_cache(maxsize=1 << 17)
def tone_colors(style_name: str, color: str, variant: int) -> tuple[tuple[int, int, int], ...]:
    """The five tones and the contour colour (entry 5) of a named colour in a style."""
    style = STYLES[style_name]
    if variant and not style.variants:
        return tone_colors(style_name, color, 0)
    lab = np.array(ramp_lab(color, variant))
    scale, lift, chroma = style.adjust
    lab = lab * np.array([scale, chroma, chroma]) + np.array([lift, 0, 0])
    lab = lab[list(style.steps)]
    if style.inner == "black":
        line = np.array([0.17, 0.0, -0.015])
    elif style.inner == "bright":
        base = np.array(ramp_lab(color, 0))[2]
        line = np.array([max(0.82, base[0]), *(base[1:] * 1.25)])
    else:
        line = lab[0] * np.array([0.72, 0.9, 0.9])
    lab = np.vstack([lab, line])
    if style.palette:
        points = _palette_lab(style_name)
        weights = np.array([1.0, 0.0, 0.0]) if style.mono else np.array([0.8, 1.0, 1.0])
        if style.mono:
            lab[:5, 0] = points[0, 0] + (points[-1, 0] - points[0, 0]) * np.clip((lab[:5, 0] - 0.2) / 0.75, 0, 1)
            lab[5] = points[0]
        gap = (((points[None] - lab[:, None]) * weights) ** 2).sum(-1)
        if not style.mono:  # a coloured tone rather becomes another lightness than a grey
            chroma_here, chroma_there = np.hypot(lab[:, 1], lab[:, 2]), np.hypot(points[:, 1], points[:, 2])
            gap += 0.03 * np.outer(chroma_here > 0.06, chroma_there < 0.03)
            gap += 0.05 * np.outer(chroma_here < 0.035, chroma_there > 0.12)  # and a grey no strong colour
        return tuple(style.palette[i] for i in gap.argmin(1))
    return tuple((r, g, b) for r, g, b in oklab_to_srgb(lab).tolist())


@lru_cache(maxsize=1 << 17)
def _tone_row(style_name: str, color: str, variant: int) -> NDArray[np.uint32]:
    """`tone_colors` as packed opaque RGBA, and black where a style outlines in it (entry 6)."""
    style = STYLES[style_name]
    if variant and not style.variants:
        return _tone_row(style_name, color, 0)
    black = (0, 0, 0) if style.palette else (26, 22, 32)
    colors = (*tone_colors(style_name, color, variant), black)
    return np.array([r | g << 8 | b << 16 | 255 << 24 for r, g, b in colors], dtype=np.uint32)


@lru_cache(maxsize=4096)
def keeps(style_name: str, color: str) -> bool:
    """Whether captions may use this colour word in this style: the base tone still reads as that colour."""
    style = STYLES[style_name]
    if style.mono or style.name == "cga":
        return False
    tones = tone_colors(style_name, color, 0)
    return accepts(color, tones[5] if style.inner == "bright" else tones[2])


def render(canvas: Canvas, style: Style, variants: Sequence[int]) -> RGB:
    """Colour a canvas: uint8 [H, W, 4] with alpha 0 or 255.

    The outline is drawn on the cells around the figure, whose part it joins; below 12 px there is no room for one.
    """
    c = canvas
    h, w = c.h, c.w
    mat, tone, line = c.mat, c.tone, c.line
    if style.outline != "none" and c.s >= 12 and c.figure.any():
        out_mat = np.zeros_like(mat)
        out_part = np.zeros_like(c.part)
        free = ~c.figure
        # the neighbour below or right of an outline cell gives the colour last, so that the lit side wins ties
        for dst, src in (
            ((slice(1, None), slice(None)), (slice(None, -1), slice(None))),
            ((slice(None), slice(1, None)), (slice(None), slice(None, -1))),
            ((slice(None), slice(None, -1)), (slice(None), slice(1, None))),
            ((slice(None, -1), slice(None)), (slice(1, None), slice(None))),
        ):
            hit = c.figure[src] & free[dst]
            np.copyto(out_mat[dst], mat[src], where=hit)
            np.copyto(out_part[dst], c.part[src], where=hit)
        ring = out_mat > 0
        mat = np.where(ring, out_mat, mat)
        c.part[ring] = out_part[ring]
        line = (line & ~ring) | ring
    else:
        ring = None
    if style.dither and style.mono:
        return _one_bit(mat, tone, line, style, c.materials)
    rows = [
        _tone_row(style.name, color, variants[i % len(variants)]) for i, color in enumerate(c.materials[1:], start=1)
    ]
    table = np.concatenate([np.zeros(TONES, dtype=np.uint32), *rows])
    level: NDArray[np.floating] = tone + 0.5
    if style.dither:
        level = level + style.dither * (np.tile(BAYER, (h // 4 + 1, w // 4 + 1))[:h, :w] - 0.5)
    index = np.clip(np.floor(level), 0, 4).astype(np.intp)
    if style.inner != "none":
        index[line & (mat > 0)] = 5
    if style.outline == "black" and style.inner != "black" and ring is not None:
        index[ring] = 6
    index += mat * np.intp(TONES)
    return table[index].view(np.uint8).reshape(h, w, 4)


@lru_cache(maxsize=1024)
def _lightness(color: str) -> tuple[float, ...]:
    return tuple(tone[0] for tone in ramp_lab(color, 0))


def _one_bit(
    mat: NDArray[np.uint8],
    tone: NDArray[np.float32],
    line: NDArray[np.bool_],
    style: Style,
    materials: list[str],
) -> RGB:
    """Two colours: light materials with dark lines, dark materials with light ones, ordered dither between."""
    levels = np.array([(0.0,) * 5] + [_lightness(m) for m in materials[1:]])
    value = levels[mat, np.clip(np.floor(tone + 0.5), 0, 4).astype(np.int64)]
    seen = value[mat > 0]
    low, high = float(seen.min()), float(seen.max())
    # half by absolute lightness, half by where it lies among this picture's own, so that both colours are used
    own = (value - low) / (high - low) if high - low > 0.02 else np.full_like(value, 0.5)
    stretched = 0.5 * np.clip((value - 0.36) / 0.26, 0, 1) + 0.5 * own
    half = (np.add.outer(np.arange(mat.shape[0]), np.arange(mat.shape[1])) % 2).astype(bool)
    light = (stretched > 0.66) | ((stretched > 0.3) & half)
    light = light & ~line
    table = np.array([(*style.palette[0], 255), (*style.palette[1], 255)], dtype=np.uint8)
    out = table[light.astype(np.int64)]
    out[mat == 0] = 0
    return out
