"""A person's own sprites as pictures to adapt to: 1 to 16, pixel art as it is drawn, captions from the file names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from pixelmind.adaptation.config import MAX_SPRITES
from pixelmind.adaptation.tasks import Picture
from pixelmind.data.captions import clean_caption, words_from_stem
from pixelmind.errors import BadInput
from pixelmind.pixels import png
from pixelmind.pixels.grid import detect_upscale
from pixelmind.records import MIN_SIZE_PX, U8

ENDINGS = (".png", ".gif", ".bmp", ".webp")
MAX_SIDE, MAX_COLORS = 256, 256
NOTHING_SAID = frozenset({"sprite", "image", "img", "picture", "untitled", "frame", "tile", "icon", "asset", "export"})


def find_images(paths: Sequence[Path], tell: Callable[[str], None] = lambda line: None) -> list[Path]:
    """The files named, and the pictures in the folders named, sorted; of more than `MAX_SPRITES`, as many evenly among them.

    Raises:
        BadInput: nothing there.
    """
    found: list[Path] = []
    for path in paths:
        path = path.expanduser()
        if path.is_dir():
            found += sorted(p for p in path.iterdir() if p.suffix.lower() in ENDINGS and not p.name.startswith("."))
        elif path.is_file():
            found.append(path)
        else:
            raise BadInput(f"there is nothing at {path}; name sprites or a folder of them")
    found = list(dict.fromkeys(found))
    if not found:
        raise BadInput(f"no pictures in {', '.join(map(str, paths))}; a style is made from 1 to {MAX_SPRITES} sprites")
    if len(found) > MAX_SPRITES:
        tell(
            f"{len(found):,} pictures are there, {MAX_SPRITES} are taken, evenly by name; "
            "to choose them yourself, name fewer"
        )
        found = [found[i * len(found) // MAX_SPRITES] for i in range(MAX_SPRITES)]
    return found


def read_sprite(path: Path) -> U8:
    """A sprite, uint8 RGBA [H, W, 4], alpha 0 or 255.

    Raises:
        BadInput: unreadable, animated, too small or large, enlarged, half-clear cells, too many colours, empty, or one flat colour.
    """
    rgba = png.read_image(path, still=True)
    height, width = rgba.shape[:2]
    mend = f"mend it first: pixelmind snap {path}"
    soft = int(((rgba[..., 3] > 0) & (rgba[..., 3] < 255)).sum())
    if max(height, width) > MAX_SIDE:
        raise BadInput(f"{path} is {width}x{height} px, a sprite has at most {MAX_SIDE} a side; enlarged art: {mend}")
    if min(height, width) < MIN_SIZE_PX:
        raise BadInput(f"{path} is {width}x{height} px, a sprite has at least {MIN_SIZE_PX} a side")
    if soft:
        raise BadInput(f"{path} has {soft} half-clear cells, true pixel art has none; {mend}")
    opaque = rgba[rgba[..., 3] > 0]
    if not len(opaque):
        raise BadInput(f"{path} is empty: every cell is clear; leave it out")
    colors = len(np.unique(opaque, axis=0))
    if colors > MAX_COLORS:
        raise BadInput(f"{path} has {colors:,} colours, pixel art has at most {MAX_COLORS}; {mend}")
    if colors == 1 and len(opaque) == height * width:
        raise BadInput(f"{path} is one flat colour: it shows no style; leave it out")
    factor = detect_upscale(rgba, MIN_SIZE_PX)
    if factor > 1:
        raise BadInput(f"{path} is enlarged {factor} times; {mend}")
    return rgba


def caption_of(path: Path) -> str:
    """What a file's name says of its picture; "" where it says nothing."""
    words = words_from_stem(path.stem)
    return "" if set(words) <= NOTHING_SAID else clean_caption(" ".join(words))


def read_pictures(paths: Sequence[Path]) -> list[Picture]:
    """All sprites, each picture once.

    Raises:
        BadInput: see `read_sprite`.
    """
    found: dict[bytes, Picture] = {}
    for path in paths:
        rgba = read_sprite(path)
        found.setdefault(rgba.tobytes() + bytes(str(rgba.shape), "ascii"), Picture(rgba=rgba, caption=caption_of(path)))
    return list(found.values())
