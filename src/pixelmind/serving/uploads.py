"""Pictures that callers send: checked before they are unpacked, then read as sprites and masks.

What a file carries beside its cells (provenance) is data of a stranger: only what is of the expected kind is taken over.
"""

from __future__ import annotations

import base64
import binascii
import io
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from pixelmind.errors import BadInput
from pixelmind.pixels import metadata, png
from pixelmind.records import MAX_SIZE_PX, U8, Sprite

#: Formats that Pillow may try; others of its readers start programs or read documents.
FORMATS = ("PNG", "GIF", "BMP", "WEBP")
MAX_NAMES, MAX_NAME = 256, 100
MAX_TEXT = 1000


def check_picture(data: bytes) -> tuple[int, int]:
    """(width, height) of a picture in px, read from its head alone.

    Raises:
        BadInput: no picture of these formats, damaged, or larger than a sprite.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                width, height = image.size
    except UnidentifiedImageError as error:
        raise BadInput("the file is no picture that can be read; send a PNG, GIF, BMP or WebP") from error
    except Image.DecompressionBombError as error:
        raise BadInput(f"the picture has far more px than a sprite, which goes up to {MAX_SIZE_PX} a side") from error
    except png.DAMAGE as error:
        raise BadInput(f"the picture is damaged ({type(error).__name__}); save it again as PNG") from error
    if max(width, height) > MAX_SIZE_PX:
        raise BadInput(
            f"the picture is {width}x{height} px, sprites go up to {MAX_SIZE_PX} a side; bring enlarged art back to native "
            "size first: pixelmind snap"
        )
    return width, height


def read_sprite(data: bytes) -> Sprite:
    """The bytes of a picture at native size as a sprite, with the palette order, mask and provenance of our own PNGs.

    Raises:
        BadInput: no picture, larger than a sprite, animated, with half-clear cells or too many colours.
    """
    check_picture(data)
    sprite = metadata.decode_sprite(data)
    if not sprite.palette[sprite.indices, 3].any():
        raise BadInput("the picture is empty: every cell is clear")
    names = tuple(name[:MAX_NAME] for name in sprite.mask_names[:MAX_NAMES])
    mask = sprite.mask if len(names) == len(sprite.mask_names) else None
    return replace(
        sprite, mask=mask, mask_names=names if mask is not None else (), provenance=_trusted(sprite.provenance)
    )


def read_mask(text: str, sprite: Sprite) -> U8:
    """Cells uint8 [H, W] that a base64 PNG marks white, of the sprite's size.

    Raises:
        BadInput: no base64, no picture, another size, or nothing marked.
    """
    try:
        data = base64.b64decode(text.removeprefix("data:image/png;base64,"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadInput("the mask is not base64; send a PNG, white where the picture may change") from error
    width, height = check_picture(data)
    if (height, width) != sprite.indices.shape:
        raise BadInput(
            f"the mask is {width}x{height} px, the picture {sprite.width}x{sprite.height}; give both one size"
        )
    rgba = png.decode_image(data)
    cells: U8 = ((rgba[..., :3].max(2) >= 128) & (rgba[..., 3] >= 128)).astype(np.uint8)
    if not cells.any():
        raise BadInput("the mask marks nothing; paint the cells that may change white")
    return cells


def _trusted(told: dict[str, Any]) -> dict[str, Any]:
    """Of a file's provenance what is of the kind it should be."""
    out: dict[str, Any] = {}
    for name in ("prompt", "weights", "palette"):
        if isinstance(told.get(name), str):
            out[name] = told[name][:MAX_TEXT]
    for name, low, high in (("seed", 0, (1 << 53) - 1), ("max_colors", 2, 255)):
        value = told.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            out[name] = value
    return out
