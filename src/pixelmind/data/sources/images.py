"""Reading a source's pictures safely: RGBA or nothing, what counts as showing nothing, and walking large folders."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from pixelmind.errors import BadInput
from pixelmind.pixels import png
from pixelmind.records import U8

#: A picture of more pixels (a 4096 x 4096 sheet is the most) is refused from its header, before it is decoded.
MAX_PIXELS = 1 << 24


def read_rgba(path: Path) -> U8:
    """Read a picture file's first frame as uint8 [H, W, 4].

    Raises:
        BadInput: no readable picture, or one too large to be art; the reason does not repeat the path.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of bombs; the limit here is lower
            with Image.open(path, formats=png.FORMATS) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise BadInput(f"more than {MAX_PIXELS >> 20} megapixels, too large for a sheet or a sprite")
                return np.array(image.convert("RGBA"))
    except BadInput:
        raise
    except Image.DecompressionBombError as error:
        raise BadInput(f"more than {MAX_PIXELS >> 20} megapixels, too large for a sheet or a sprite") from error
    except png.DAMAGE as error:
        raise BadInput("unreadable image") from error


def load_rgba(path: Path) -> U8 | None:
    """Read a picture as uint8 [H, W, 4]; None where `read_rgba` would refuse it."""
    try:
        return read_rgba(path)
    except BadInput:
        return None


def blank(rgba: U8) -> bool:
    """Whether a picture shows nothing: under 6 opaque pixels, or one flat colour over the whole canvas."""
    opaque = rgba[..., 3] >= 128
    if opaque.sum() < 6:
        return True
    return bool(opaque.all() and (rgba == rgba[0, 0]).all())


def walk(root: Path) -> Iterator[Path]:
    """Yield all files below `root` in path order, without hidden ones and linked folders.

    Holds the names of one folder a level at a time, never the whole tree. Folders that cannot be read are passed over.
    """
    try:
        with os.scandir(root) as entries:
            found = sorted((e.name, e.is_dir(follow_symlinks=False), e.is_file()) for e in entries)
    except OSError:
        return
    for name, is_folder, is_file in found:
        if name.startswith("."):
            continue
        if is_folder:
            yield from walk(root / name)
        elif is_file:
            yield root / name
