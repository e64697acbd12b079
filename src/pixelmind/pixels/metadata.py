"""What a PNG says of its sprite beside the cells: program, provenance and region mask, as text entries; and reading it back.

Another program's picture has none of this; what does not fit the picture any more (it was enlarged, cropped) or is not of our making
is left out, never an error. The entries are data: nothing in them is run or opened.
"""

from __future__ import annotations

import base64
import io
import json
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from pixelmind import __version__
from pixelmind.errors import BadInput
from pixelmind.pixels import png
from pixelmind.records import MAX_SIZE_PX, U8, Sprite

PROVENANCE, MASK = "pixelmind", "pixelmind-mask"
MAX_ENTRY = 1 << 20


def text_of(sprite: Sprite) -> dict[str, str]:
    """Text entries for a sprite's PNG; nothing that changes from run to run."""
    text = {"Software": f"pixelmind {__version__}"}
    if sprite.provenance:
        text[PROVENANCE] = json.dumps(sprite.provenance, sort_keys=True, ensure_ascii=False, default=str)
    if sprite.mask is not None:
        cells = base64.b64encode(zlib.compress(sprite.mask.tobytes(), 9)).decode()
        size = [sprite.height, sprite.width]
        text[MASK] = json.dumps({"names": list(sprite.mask_names), "size": size, "cells": cells}, ensure_ascii=False)
    return text


def read_sprite(path: Path | str) -> Sprite:
    """Read a picture at native size as a sprite, with the palette order, the provenance and the mask that its file carries.

    Raises:
        BadInput: unreadable, over 256 px a side, half-clear cells or too many colours; the message says what to do.
    """
    path = Path(path).expanduser()
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(f"cannot read image {path}: {error.strerror or error}") from error
    return decode_sprite(data, str(path), f"pixelmind snap {path}")


def decode_sprite(data: bytes, told: str = "the picture", mend: str = "pixelmind snap") -> Sprite:
    """The bytes of a picture as a sprite; see `read_sprite`. `told` is what messages call it, `mend` the command that they advise.

    Raises:
        BadInput: as `read_sprite`.
    """
    try:
        rgba = png.decode_image(data, still=True)
    except BadInput as error:
        raise BadInput(f"cannot read image {told}: {error}") from error
    height, width = rgba.shape[:2]
    if max(height, width) > MAX_SIZE_PX:
        raise BadInput(f"{told} is {width}x{height} px, sprites go up to {MAX_SIZE_PX}; enlarged art: {mend}")
    soft = int(((rgba[..., 3] > 0) & (rgba[..., 3] < 255)).sum())
    if soft:
        raise BadInput(f"{told} has {soft} half-clear cells, true pixel art has none; mend it first: {mend}")
    try:
        sprite = Sprite.from_rgba(rgba)
    except BadInput as error:
        raise BadInput(f"{told}: {error} (see: pixelmind snap)") from error
    entries, table = _entries(data)
    about = _json(entries.get(PROVENANCE))
    mask, names = _mask(_json(entries.get(MASK)), (height, width))
    indices, palette = sprite.indices, sprite.palette
    if table is not None and len(table) <= 256:
        wanted = _in_order(sprite, table)
        indices, palette = wanted if wanted is not None else (indices, palette)
    return Sprite(indices=indices, palette=palette, mask=mask, mask_names=names, provenance=about)


def _entries(data: bytes) -> tuple[dict[str, str], U8 | None]:
    """Text entries of a PNG and its palette uint8 [K, 4] where it has one; nothing of other files."""
    try:
        if not data.startswith(png.SIGNATURE):
            return {}, None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=png.FORMATS) as image:
                image.load()
                text = {str(k): str(v) for k, v in getattr(image, "text", {}).items() if len(str(v)) <= MAX_ENTRY}
                colors = image.getpalette("RGB") if image.mode == "P" else None
                clear = image.info.get("transparency", b"")
    except png.DAMAGE:
        return {}, None
    if not colors:
        return text, None
    table = np.full((len(colors) // 3, 4), 255, np.uint8)
    table[:, :3] = np.array(colors, np.uint8).reshape(-1, 3)
    if isinstance(clear, int):  # Pillow's short form of a single clear entry
        table[clear : clear + 1, 3] = 0
    else:
        table[: len(clear), 3] = np.frombuffer(clear, np.uint8)[: len(table)]
    return text, table


def _in_order(sprite: Sprite, table: U8) -> tuple[U8, U8] | None:
    """Indices and palette in the order of the file's own palette; None where that is no palette of a sprite."""
    table = np.where(table[:, 3:] == 0, 0, table).astype(np.uint8)
    if (table[1:, 3] == 0).any() or ((table[:, 3] > 0) & (table[:, 3] < 255)).any():
        return None
    packed, own = table.view(np.uint32)[:, 0], np.ascontiguousarray(sprite.palette).view(np.uint32)[:, 0]
    if not np.isin(own[np.unique(sprite.indices)], packed).all():
        return None
    place = np.array([int(np.flatnonzero(packed == c)[0]) if c in packed else 0 for c in own], np.uint8)
    return place[sprite.indices], table


def _json(text: str | None) -> dict[str, Any]:
    try:
        value = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _mask(about: dict[str, Any], size: tuple[int, int]) -> tuple[U8 | None, tuple[str, ...]]:
    """The mask of an entry, where it fits the picture."""
    names = about.get("names")
    if about.get("size") != list(size) or not isinstance(names, list) or not all(isinstance(n, str) for n in names):
        return None, ()
    try:
        packed = base64.b64decode(str(about.get("cells")), validate=True)
        cells = zlib.decompressobj().decompress(packed, size[0] * size[1] + 1)
    except (ValueError, zlib.error):
        return None, ()
    if len(cells) != size[0] * size[1]:
        return None, ()
    mask = np.frombuffer(cells, np.uint8).reshape(size).copy()
    return (mask, tuple(names)) if names and int(mask.max()) < len(names) else (None, ())
