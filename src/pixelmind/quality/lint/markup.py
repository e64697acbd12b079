"""The marked-up picture: the sprite, beside it the same dimmed with the cells at fault in full colour and outlined by rule, and a legend.

Array legend: H, W the picture in px; S screen px a cell.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pixelmind.errors import BadInput
from pixelmind.pixels.clusters import Mask, shifted
from pixelmind.quality.lint.base import STEPS4, Finding, LintReport, Rule, plural
from pixelmind.records import U8

GROUND, PANEL, TEXT, FAINT = (27, 29, 36), (36, 39, 48), (236, 238, 244), (150, 156, 170)
CHECKER = (62, 70)
MARGIN, FONT_PX, LINE_PX, BOX_PX = 16, 14, 22, 12
DIM, TINT = 0.38, 0.22
COMFORT_PX, MAX_SCALE = 384, 32
MAX_PX = 1 << 25
"""Screen px of a whole marked-up picture."""


def scale_for(height: int, width: int) -> int:
    """Screen px a cell at which the picture is comfortable to look at."""
    return int(np.clip(COMFORT_PX // max(height, width), 2, MAX_SCALE))


def draw(rgba: U8, report: LintReport, rules: dict[str, Rule], title: str = "", scale: int | None = None) -> bytes:
    """A PNG of the picture and its findings; `scale` is screen px a true px (default: as it looks well).

    Raises:
        BadInput: `scale` outside 1..64, or a picture that would be above 32 megapixels.
    """
    if scale is not None and not 1 <= scale <= 64:
        raise BadInput(f"scale must be from 1 to 64, got {scale}")
    step = report.factor
    small = rgba[::step, ::step]
    s = scale or scale_for(small.shape[0], small.shape[1])
    height, width = small.shape[0] * s, small.shape[1] * s
    font = ImageFont.load_default(FONT_PX)
    entries = [(rules[f.rule], f) for f in report.findings]
    lines = [_line(rule, f) for rule, f in entries] or ["nothing beyond what real pictures of this size have"]
    legend = max(max(int(font.getlength(line)) for line in lines) + BOX_PX + 10, int(font.getlength(title)))
    page = max(2 * width + MARGIN, legend)
    top = MARGIN + (LINE_PX if title else 0)
    total = (page + 2 * MARGIN, top + height + MARGIN + len(lines) * LINE_PX + MARGIN // 2)
    if total[0] * total[1] > MAX_PX:
        raise BadInput(f"the marked-up picture would be {total[0]}x{total[1]} px; use a smaller --scale than {s}")
    sheet = Image.new("RGB", total, GROUND)
    pen = ImageDraw.Draw(sheet)
    if title:
        pen.text((MARGIN, MARGIN - 4), title, font=font, fill=TEXT)
    left = MARGIN + (page - 2 * width - MARGIN) // 2
    sheet.paste(Image.fromarray(_on_checker(small, s)), (left, top))
    marked = _marked(small, [(rule, f.cells[::step, ::step]) for rule, f in entries], s)
    sheet.paste(Image.fromarray(marked), (left + width + MARGIN, top))
    for i, line in enumerate(lines):
        y = top + height + MARGIN + i * LINE_PX
        if not entries:
            pen.text((MARGIN, y - 2), line, font=font, fill=FAINT)
            continue
        color = entries[i][0].color
        pen.rectangle((MARGIN, y, MARGIN + BOX_PX, y + BOX_PX), outline=color, fill=_blend(PANEL, color, TINT), width=2)
        name = entries[i][0].name
        pen.text((MARGIN + BOX_PX + 10, y - 2), name, font=font, fill=TEXT)
        at = MARGIN + BOX_PX + 10 + font.getlength(name)
        pen.text((at, y - 2), line[len(name) :], font=font, fill=FAINT)
    out = io.BytesIO()
    sheet.quantize(255, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def _line(rule: Rule, finding: Finding) -> str:
    count = plural(finding.count, rule.unit)
    return f"{rule.name}   {count}, {finding.message.removeprefix(f'{count}: ').split(';')[0]}"


def _blend(under: Sequence[int], over: Sequence[int], share: float) -> tuple[int, int, int]:
    mixed = [round(u * (1 - share) + o * share) for u, o in zip(under, over)]
    return mixed[0], mixed[1], mixed[2]


def _on_checker(rgba: U8, s: int) -> U8:
    """Enlarged over a dark checkerboard of a cell a square, uint8 [H * S, W * S, 3]."""
    y, x = np.indices(rgba.shape[:2])
    ground = np.where((y + x) % 2 == 0, CHECKER[0], CHECKER[1])[..., None]
    alpha = rgba[..., 3:] / 255
    flat = np.rint(rgba[..., :3] * alpha + ground * (1 - alpha)).astype(np.uint8)
    found: U8 = flat.repeat(s, 0).repeat(s, 1)
    return found


def _marked(rgba: U8, marks: Sequence[tuple[Rule, Mask]], s: int) -> U8:
    """The picture dimmed but for the marked cells, which are tinted where clear and outlined; a later rule's outline lies further in.

    A mark of the whole picture is its outline alone.
    """
    plain = _on_checker(rgba, s).astype(np.float64)
    parts = [cells for _, cells in marks if not cells.all()]
    anywhere = np.logical_or.reduce([np.full(rgba.shape[:2], not parts), *parts])
    bright = anywhere.repeat(s, 0).repeat(s, 1)[..., None]
    grey = plain.mean(-1, keepdims=True)
    out = np.where(bright, plain, (0.5 * plain + 0.5 * grey) * DIM + np.array(GROUND) * (1 - DIM))
    thick = max(1, s // 8)
    level = np.zeros(rgba.shape[:2], np.int64)
    for rule, cells in marks:
        color = np.array(rule.color, float)
        clear = (cells & (rgba[..., 3] == 0) & ~cells.all()).repeat(s, 0).repeat(s, 1)
        out[clear] = out[clear] * (1 - 2 * TINT) + color * 2 * TINT
        for (dy, dx), border in ((step, cells & ~shifted(cells, *step)) for step in STEPS4):
            for y, x in np.argwhere(border):
                inset = int(min(level[y, x], 2)) * thick
                _edge(out, y * s, x * s, s, dy, dx, thick, inset, color)
        level += cells
    found: U8 = np.rint(out).astype(np.uint8)
    return found


def _edge(out: np.ndarray, y: int, x: int, s: int, dy: int, dx: int, thick: int, inset: int, color: np.ndarray) -> None:
    """One side of a cell as a line inside it."""
    if dy:
        row = y + inset if dy < 0 else y + s - inset - thick
        out[row : row + thick, x + inset : x + s - inset] = color
    else:
        column = x + inset if dx < 0 else x + s - inset - thick
        out[y + inset : y + s - inset, column : column + thick] = color
