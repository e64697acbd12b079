"""Pictures in as frames: a PNG is one frame; GIF, APNG and .aseprite bring all theirs, with their times, and .aseprite its tags."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageSequence

from pixelmind.errors import BadInput
from pixelmind.pixels import aseprite, metadata, png
from pixelmind.pixels.strip import MAX_MS, Tag
from pixelmind.records import MAX_SIZE_PX, U8, Sprite

MAX_FRAMES = 1024


@dataclass(frozen=True, kw_only=True)
class Frames:
    """Sprites in order, the ms of each where its file says so (None: a still picture), and tags."""

    sprites: tuple[Sprite, ...]
    durations: tuple[int | None, ...]
    tags: tuple[Tag, ...] = ()


def read_frames(paths: Sequence[Path]) -> Frames:
    """Read pictures at native size, one after the other; the tags of later files move with their frames.

    What a PNG of ours carries (region mask, palette order, provenance) comes along. Cells of alpha 128 or more count as opaque.

    Raises:
        BadInput: unreadable, damaged, more than 1,024 frames or too many px, or more than 255 colours; the message names the file.
    """
    sprites: list[Sprite] = []
    durations: list[int | None] = []
    tags: list[Tag] = []
    for path in map(Path.expanduser, paths):
        frames, times, own = _read(path)
        try:
            made = [_still(path, frames[0])] if len(frames) == 1 else [Sprite.from_rgba(f) for f in frames]
        except BadInput as error:
            if str(path) in str(error):
                raise
            raise BadInput(f"{path}: {error} (see: pixelmind snap)") from error
        start = len(sprites)
        tags += [Tag(name=t.name, first=t.first + start, last=t.last + start, direction=t.direction) for t in own]
        sprites += made
        durations += times
        if len(sprites) > MAX_FRAMES:
            raise BadInput(f"{path} brings the frames to {len(sprites)}; at most {MAX_FRAMES} go together")
    return Frames(sprites=tuple(sprites), durations=tuple(durations), tags=tuple(tags))


def read_canvases(path: Path) -> list[U8]:
    """All frames of a picture as they are, uint8 [H, W, 4] each, whatever their alpha and number of colours.

    Raises:
        BadInput: missing, unreadable or damaged, more than 1,024 frames or too many px; the message names the file.
    """
    return _read(path.expanduser())[0]


def _read(path: Path) -> tuple[list[U8], list[int | None], tuple[Tag, ...]]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(f"cannot read image {path}: {error.strerror or error}") from error
    try:
        if data[4:6] == b"\xe0\xa5":
            file = aseprite.decode(data)
            last = len(file.frames) - 1
            times = [ms if last else None for ms in file.durations]
            return list(file.frames), times, tuple(t for t in file.tags if t.first <= t.last <= last)
        frames, shown = _animated(data)
        return (frames, shown, ()) if frames else ([png.decode_png(data)], [None], ())
    except BadInput as error:
        raise BadInput(f"cannot read image {path}: {error}") from error


def _animated(data: bytes) -> tuple[list[U8], list[int | None]]:
    """Frames and ms of an animated GIF, PNG or WebP; nothing of any other picture."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=png.FORMATS) as image:
                count = int(getattr(image, "n_frames", 1))
                if count < 2:
                    return [], []
                if count > MAX_FRAMES or count * image.width * image.height > png.MAX_PIXELS:
                    raise BadInput(
                        f"it has {count} frames of {image.width}x{image.height} px; at most {MAX_FRAMES} frames and "
                        f"{png.MAX_PIXELS >> 20} megapixels together can be read"
                    )
                frames: list[U8] = []
                times: list[int | None] = []
                for frame in ImageSequence.Iterator(image):
                    frames.append(np.array(frame.convert("RGBA"), dtype=np.uint8))
                    times.append(min(MAX_MS, round(frame.info.get("duration", 0))) or None)
                return frames, times
    except BadInput:
        raise
    except png.DAMAGE:
        return [], []  # read as a still picture, which reports the damage


def _still(path: Path, rgba: U8) -> Sprite:
    """The sprite of a single frame, with what our own PNGs carry where it is one."""
    hard = bool(np.isin(rgba[..., 3], (0, 255)).all())
    if hard and max(rgba.shape[:2]) <= MAX_SIZE_PX and path.suffix.lower() == ".png":
        return metadata.read_sprite(path)
    return Sprite.from_rgba(rgba)
