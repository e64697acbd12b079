"""Sprite sheets: many sprites in one picture, and where each lies; Aseprite's JSON of it in both of its shapes.

JSON fields: Aseprite's own export (`--format json-hash`, `json-array`, with `--list-tags` and `--list-slices`); the frame
entries are those of TexturePacker, so whatever reads one reads the other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pixelmind import __version__
from pixelmind.errors import BadInput
from pixelmind.pixels import png
from pixelmind.pixels.strip import Strip, merged_palette, name_color, region_slices, remap
from pixelmind.records import U8, Sprite

COLUMNS = 16


@dataclass(frozen=True, kw_only=True)
class Box:
    """A rectangle of whole px."""

    x: int
    y: int
    width: int
    height: int

    def scaled(self, scale: int) -> Box:
        return Box(x=self.x * scale, y=self.y * scale, width=self.width * scale, height=self.height * scale)

    def xywh(self) -> dict[str, int]:
        return {"x": self.x, "y": self.y, "w": self.width, "h": self.height}


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A sheet's PNG, its size in px, the `boxes` where the sprites lie in it, and `parts`: what each box shows of its sprite.

    All in px of the PNG (enlarged), but `parts`, which are native cells; `columns` of a grid (0: none); `indexed` or RGBA.
    """

    image: bytes
    width: int
    height: int
    boxes: tuple[Box, ...]
    parts: tuple[Box, ...]
    columns: int
    indexed: bool


def grid(sprites: Sequence[Sprite], scale: int = 1, columns: int = COLUMNS) -> Sheet:
    """Sprites of one size side by side in frame order, without gaps, in rows of at most `columns`."""
    h, w = (int(v) for v in sprites[0].indices.shape)
    columns = min(columns, len(sprites))
    boxes = [Box(x=i % columns * w, y=i // columns * h, width=w, height=h) for i in range(len(sprites))]
    whole = [Box(x=0, y=0, width=w, height=h)] * len(sprites)
    return _draw(sprites, boxes, whole, (-(-len(sprites) // columns) * h, columns * w), scale, columns)


def packed(sprites: Sequence[Sprite], scale: int = 1, trim: bool = False, gap: int = 1) -> Sheet:
    """Sprites of any sizes on shelves, the tallest first, `gap` clear cells between them; `trim` leaves out clear margins.

    A wholly clear sprite keeps one cell when trimmed.
    """
    parts = [_opaque_box(s) if trim else Box(x=0, y=0, width=s.width, height=s.height) for s in sprites]
    order = sorted(range(len(parts)), key=lambda i: (-parts[i].height, -parts[i].width, i))
    area = sum((p.width + gap) * (p.height + gap) for p in parts)
    limit = max(math.isqrt(area) + 1, *(p.width for p in parts), 1)
    boxes: dict[int, Box] = {}
    x = y = shelf = right = 0
    for i in order:
        part = parts[i]
        if x and x + part.width > limit:
            x, y, shelf = 0, y + shelf + gap, 0
        boxes[i] = Box(x=x, y=y, width=part.width, height=part.height)
        right, shelf = max(right, x + part.width), max(shelf, part.height)
        x += part.width + gap
    return _draw(sprites, [boxes[i] for i in range(len(parts))], parts, (y + shelf, right), scale, 0)


def _opaque_box(sprite: Sprite) -> Box:
    opaque = sprite.palette[sprite.indices, 3] == 255
    rows, columns = np.flatnonzero(opaque.any(1)), np.flatnonzero(opaque.any(0))
    if not len(rows):
        return Box(x=0, y=0, width=1, height=1)
    x, y = int(columns[0]), int(rows[0])
    return Box(x=x, y=y, width=int(columns[-1]) - x + 1, height=int(rows[-1]) - y + 1)


def _draw(
    sprites: Sequence[Sprite],
    boxes: Sequence[Box],
    parts: Sequence[Box],
    shape: tuple[int, int],
    scale: int,
    columns: int,
) -> Sheet:
    height, width = shape
    if height * width * scale**2 > png.MAX_PIXELS:
        raise BadInput(
            f"the sheet would be {width * scale}x{height * scale} px, above {png.MAX_PIXELS >> 20} megapixels; use a smaller scale"
        )
    palette = merged_palette(sprites)
    canvas = np.zeros(shape + (() if palette is not None else (4,)), dtype=np.uint8)
    for sprite, box, part in zip(sprites, boxes, parts):
        cells = sprite.rgba() if palette is None else remap(sprite, palette)
        canvas[box.y : box.y + box.height, box.x : box.x + box.width] = cells[
            part.y : part.y + part.height, part.x : part.x + part.width
        ]
    if palette is None:
        image = png.encode_rgba_png(enlarge(canvas, scale))
    else:
        image = png.encode_png(Sprite(indices=canvas, palette=palette), scale)
    return Sheet(
        image=image,
        width=width * scale,
        height=height * scale,
        boxes=tuple(box.scaled(scale) for box in boxes),
        parts=tuple(parts),
        columns=columns,
        indexed=palette is not None,
    )


def enlarge(canvas: U8, scale: int) -> U8:
    """Repeat each cell of [H, W, ...] `scale` times down and across."""
    return canvas.repeat(scale, 0).repeat(scale, 1) if scale > 1 else canvas


def frame_entry(sheet: Sheet, index: int, sprite: Sprite, scale: int) -> dict[str, Any]:
    """What TexturePacker and Aseprite say of a frame: where it lies, and where that belongs in the untrimmed sprite."""
    part = sheet.parts[index]
    return {
        "frame": sheet.boxes[index].xywh(),
        "rotated": False,
        "trimmed": (part.width, part.height) != (sprite.width, sprite.height),
        "spriteSourceSize": part.scaled(scale).xywh(),
        "sourceSize": {"w": sprite.width * scale, "h": sprite.height * scale},
    }


def aseprite_json(strip: Strip, sheet: Sheet, image_name: str, scale: int = 1, array: bool = False) -> dict[str, Any]:
    """Aseprite's description of a sheet: frames with times, frameTags, and slices from the region masks."""
    stem = image_name.rpartition(".")[0] or image_name
    frames = {
        f"{stem} {i}.aseprite": {**frame_entry(sheet, i, sprite, scale), "duration": strip.durations[i]}
        for i, sprite in enumerate(strip.sprites)
    }
    meta: dict[str, Any] = {
        "app": "pixelmind",
        "version": __version__,
        "image": image_name,
        "format": "I8" if sheet.indexed else "RGBA8888",
        "size": {"w": sheet.width, "h": sheet.height},
        "scale": str(scale),
        "frameTags": [
            {"name": t.name, "from": t.first, "to": t.last, "direction": t.direction, "color": _color(t.name)}
            for t in strip.tags
        ],
        "slices": _slices(strip, scale),
    }
    return {"frames": [{"filename": k, **v} for k, v in frames.items()] if array else frames, "meta": meta}


def _slices(strip: Strip, scale: int) -> list[dict[str, Any]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for key in region_slices(strip.sprites):
        box = Box(x=key.x, y=key.y, width=key.width, height=key.height).scaled(scale)
        found.setdefault(key.name, []).append({"frame": key.first, "bounds": box.xywh()})
    return [{"name": name, "color": _color(name), "keys": keys} for name, keys in found.items()]


def _color(name: str) -> str:
    return f"#{bytes(name_color(name)).hex()}ff"
