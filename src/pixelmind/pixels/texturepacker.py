"""TexturePacker's JSON (hash), as PixiJS, Phaser, Unity and Cocos importers read it, over one sheet.

Format: TexturePacker's "JSON (Hash)" exporter: frame, rotated, trimmed, spriteSourceSize, sourceSize, pivot; animations as
PixiJS reads them (lists of frame names in playing order). It has no place for frame times; Aseprite's JSON (format sheet) has.
"""

from __future__ import annotations

from typing import Any

from pixelmind import __version__
from pixelmind.pixels.sheets import Sheet, frame_entry
from pixelmind.pixels.strip import Strip

PIVOT = {"x": 0.5, "y": 0.5}


def description(strip: Strip, sheet: Sheet, stem: str, image_name: str, scale: int = 1) -> dict[str, Any]:
    """The JSON object; frames are named as single PNGs would be: stem_1.png, stem_2.png, …, or stem.png where there is one."""
    count = len(strip.sprites)
    names = [f"{stem}_{i + 1}.png" for i in range(count)] if count > 1 else [f"{stem}.png"]
    about: dict[str, Any] = {
        "frames": {
            name: {**frame_entry(sheet, i, strip.sprites[i], scale), "pivot": dict(PIVOT)}
            for i, name in enumerate(names)
        }
    }
    if strip.tags:
        about["animations"] = {name: [names[i] for i in frames] for name, frames in strip.runs()}
    about["meta"] = {
        "app": "pixelmind",
        "version": __version__,
        "image": image_name,
        "format": "RGBA8888",
        "size": {"w": sheet.width, "h": sheet.height},
        "scale": str(scale),
    }
    return about
