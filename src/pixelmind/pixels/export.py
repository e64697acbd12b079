"""Sprites to files that Aseprite, Godot, Tiled and a browser take unchanged: PNG, GIF, .aseprite, sprite sheet.

png: one indexed file a sprite, its provenance and region mask inside. gif: one file, a frame a sprite. aseprite: one file, a
frame a sprite, layers from region masks, at native size. sheet: one PNG with the sprites side by side and Aseprite's JSON
(json-hash) beside it.
All files are written whole or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from pixelmind import __version__, files
from pixelmind.errors import BadInput
from pixelmind.pixels import aseprite, gif, metadata, png
from pixelmind.records import U8, Sprite

Format = Literal["png", "gif", "aseprite", "sheet"]
FORMATS: tuple[str, ...] = get_args(Format)
SUFFIX = {"png": ".png", "gif": ".gif", "aseprite": ".aseprite", "sheet": ".png"}
FRAME_MS = 200
SHEET_COLUMNS = 16


def save(sprites: Sequence[Sprite], out_path: Path | str, format: Format = "png", scale: int = 1) -> list[Path]:
    """Write the sprites and return the files written, in order; a sheet's are the PNG and its JSON.

    `out_path` is a file (its ending is optional) or a folder that exists or ends in "/"; there, names begin "sprite".
    Several PNGs get _1, _2, … before the ending.

    Raises:
        BadInput: no sprite, an unknown format, an ending that contradicts it, a scale outside 1..64, sprites of
            different sizes in one gif, aseprite or sheet file, or a place that cannot be written.
    """
    if not sprites:
        raise BadInput("there is no sprite to save")
    path = check(format, scale, out_path)
    if format != "png" and any(s.indices.shape != sprites[0].indices.shape for s in sprites):
        raise BadInput(f"sprites of different sizes cannot share one {format} file; use format png")
    try:
        if format == "png":
            targets = _numbered(path, len(sprites))
            return [
                files.write_bytes(p, png.encode_png(s, scale, metadata.text_of(s))) for p, s in zip(targets, sprites)
            ]
        if format == "gif":
            return [files.write_bytes(path, gif.encode(sprites, scale, FRAME_MS))]
        if format == "aseprite":
            return [files.write_bytes(path, aseprite.encode(sprites, [FRAME_MS] * len(sprites)))]
        image, description = sheet(sprites, path.name, scale)
        return [files.write_bytes(path, image), files.write_json(path.with_suffix(".json"), description)]
    except OSError as error:
        raise BadInput(f"cannot write {path}: {error.strerror or error}") from error


def check(format: str, scale: int, out_path: Path | str) -> Path:
    """Return the file that `save` would write, or name what is wrong with the request.

    Raises:
        BadInput: an unknown format, a scale outside 1..64, or an ending that contradicts the format.
    """
    if format not in FORMATS:
        raise BadInput(f"unknown format {format!r}; use one of {', '.join(FORMATS)}")
    if not 1 <= scale <= 64:
        raise BadInput(f"scale must be from 1 to 64, got {scale}")
    if format == "aseprite" and scale != 1:
        raise BadInput("an .aseprite file keeps native pixels; leave scale at 1")
    return _target(out_path, SUFFIX[format])


def _target(out_path: Path | str, suffix: str) -> Path:
    path = Path(out_path).expanduser()
    if path.is_dir() or str(out_path).endswith("/"):
        return path / f"sprite{suffix}"
    known = {*SUFFIX.values(), ".ase"}
    if path.suffix.lower() == suffix or (suffix == ".aseprite" and path.suffix.lower() == ".ase"):
        return path
    if path.suffix.lower() in known:
        raise BadInput(f"{path.name} ends in {path.suffix} but the format writes {suffix}; change one of the two")
    return path.with_name(path.name + suffix)


def _numbered(path: Path, count: int) -> list[Path]:
    if count == 1:
        return [path]
    return [path.with_name(f"{path.stem}_{i + 1}{path.suffix}") for i in range(count)]


def sheet(sprites: Sequence[Sprite], image_name: str, scale: int = 1) -> tuple[bytes, dict[str, object]]:
    """Return a sheet PNG (rows of 16; indexed where 255 colours suffice) and its description, Aseprite's json-hash."""
    h, w = (int(v) for v in sprites[0].indices.shape)
    columns = min(SHEET_COLUMNS, len(sprites))
    rows = -(-len(sprites) // columns)
    palette = aseprite.merged_palette(sprites)
    canvas = np.zeros((rows * h, columns * w) + (() if palette is not None else (4,)), dtype=np.uint8)
    frames = {}
    for i, sprite in enumerate(sprites):
        y, x = i // columns * h, i % columns * w
        canvas[y : y + h, x : x + w] = sprite.rgba() if palette is None else aseprite.remap(sprite, palette)
        box = {"x": x * scale, "y": y * scale, "w": w * scale, "h": h * scale}
        frames[f"{Path(image_name).stem} {i}.aseprite"] = {
            "frame": box,
            "rotated": False,
            "trimmed": False,
            "spriteSourceSize": {**box, "x": 0, "y": 0},
            "sourceSize": {"w": w * scale, "h": h * scale},
            "duration": FRAME_MS,
        }
    if palette is None:
        image = png.encode_rgba_png(_enlarge(canvas, scale))
    else:
        image = png.encode_png(Sprite(indices=canvas, palette=palette), scale)
    meta: dict[str, object] = {
        "app": "pixelmind",
        "version": __version__,
        "image": image_name,
        "format": "RGBA8888" if palette is None else "I8",
        "size": {"w": columns * w * scale, "h": rows * h * scale},
        "scale": str(scale),
        "frameTags": [],
    }
    return image, {"frames": frames, "meta": meta}


def _enlarge(canvas: U8, scale: int) -> U8:
    return canvas.repeat(scale, 0).repeat(scale, 1)
