"""Sprites for the eye: half blocks in 24-bit colour for the terminal, and contact sheets with captions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pixelmind.records import U8, Sprite

UPPER, LOWER, RESET = "▀", "▄", "\x1b[0m"
CHECKER = (110, 140)  # grey levels behind transparency
MARGIN, FONT_PX = 6, 11


def terminal_preview(sprite: Sprite, max_width: int = 80) -> str:
    """Return the sprite as lines of half blocks (two cells a character) with ANSI 24-bit colours.

    Clear cells show the terminal's own ground. A sprite wider than `max_width` columns is shown with every k-th cell.
    """
    step = -(-sprite.width // max(1, max_width))
    rgba = sprite.rgba()[::step, ::step]
    if len(rgba) % 2:
        rgba = np.concatenate([rgba, np.zeros_like(rgba[:1])])
    lines = []
    for upper, lower in zip(rgba[::2], rgba[1::2]):
        line, state = "", ""
        for u, d in zip(upper, lower):
            if u[3] and d[3]:
                code, glyph = f"\x1b[0;{_fg(u)};{_bg(d)}m", UPPER
            elif u[3]:
                code, glyph = f"\x1b[0;{_fg(u)}m", UPPER
            elif d[3]:
                code, glyph = f"\x1b[0;{_fg(d)}m", LOWER
            else:
                code, glyph = RESET, " "
            line += (code if code != state else "") + glyph
            state = code
        lines.append(line + RESET)
    return "\n".join(lines)


def _fg(c: U8) -> str:
    return f"38;2;{c[0]};{c[1]};{c[2]}"


def _bg(c: U8) -> str:
    return f"48;2;{c[0]};{c[1]};{c[2]}"


def contact_sheet(images: Sequence[U8], captions: Sequence[str] = (), columns: int = 8, scale: int = 2) -> Image.Image:
    """Return an RGB picture of canvases uint8 [H, W, 4] of any sizes in rows, enlarged `scale` times on a checkerboard.

    Captions stand below their picture, wrapped to the column, which is at least 96 px wide where there are captions.
    """
    font = ImageFont.load_default(FONT_PX)
    line_height = FONT_PX + 3
    columns = max(1, min(columns, len(images)))
    widest = max((i.shape[1] for i in images), default=1) * scale
    cell = max(widest, 96 if any(captions) else 1)
    texts = [_wrap(c, cell, font) for c in captions] + [[] for _ in range(len(images) - len(captions))]
    rows = [range(i, min(i + columns, len(images))) for i in range(0, len(images), columns)]
    heights = [
        max(images[i].shape[0] for i in row) * scale + max(len(texts[i]) for i in row) * line_height + MARGIN
        for row in rows
    ]
    sheet = Image.new("RGB", (columns * (cell + MARGIN) + MARGIN, max(1, sum(heights)) + MARGIN), (40, 40, 44))
    draw = ImageDraw.Draw(sheet)
    top = MARGIN
    for row, height in zip(rows, heights):
        for i in row:
            left = MARGIN + (i - row[0]) * (cell + MARGIN)
            sheet.paste(Image.fromarray(_on_checker(images[i], scale)), (left, top))
            below = top + images[i].shape[0] * scale + 2
            for n, line in enumerate(texts[i]):
                draw.text((left, below + n * line_height), line, font=font, fill=(230, 230, 230))
        top += height
    return sheet


def _on_checker(rgba: U8, scale: int) -> U8:
    """Blend uint8 [H, W, 4], enlarged, over a checkerboard of 4 px squares: uint8 [H*scale, W*scale, 3]."""
    big = rgba.repeat(scale, 0).repeat(scale, 1)
    y, x = np.indices(big.shape[:2]) // 4
    ground = np.where((y + x) % 2 == 0, CHECKER[0], CHECKER[1])[..., None]
    alpha = big[..., 3:] / 255
    return np.rint(big[..., :3] * alpha + ground * (1 - alpha)).astype(np.uint8)


def _wrap(text: str, width: int, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> list[str]:
    """Break at spaces, and inside words that are wider than the column."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        joined = f"{line} {word}" if line else word
        if font.getlength(joined) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        line = word
        while font.getlength(line) > width and len(line) > 1:
            cut = next(n for n in range(len(line) - 1, 0, -1) if n == 1 or font.getlength(line[:n]) <= width)
            lines.append(line[:cut])
            line = line[cut:]
    return [*lines, line] if line else lines
