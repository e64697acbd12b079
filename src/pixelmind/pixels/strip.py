"""A strip: sprites in frame order with their times and tags, the one shape from which every exporter writes.

Frames are counted from 0 here and in all files; a tag's first and last frames are both part of it. Times are ms, 1 to 65535.
"""

from __future__ import annotations

import colorsys
import unicodedata
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from pixelmind.errors import BadInput
from pixelmind.records import U8, Sprite

DIRECTIONS = ("forward", "reverse", "pingpong", "pingpong_reverse")
FRAME_MS = 200
MAX_MS = 65535
MAX_STEM = 80
DEFAULT_RUN = "default"
_JOINERS = "\u200c\u200d"  # of Persian words and of emoji
_ILLEGAL = dict.fromkeys(map(ord, '<>:"/\\|?*'), "_")
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}


@dataclass(frozen=True, kw_only=True)
class Tag:
    """A named run of frames, first and last included."""

    name: str
    first: int
    last: int
    direction: str = "forward"

    def sequence(self) -> list[int]:
        """Frames in the order of one round of playing; a ping-pong does not show its two ends twice."""
        frames = list(range(self.first, self.last + 1))
        if self.direction in ("reverse", "pingpong_reverse"):
            frames.reverse()
        return frames + frames[-2:0:-1] if self.direction.startswith("pingpong") else frames


@dataclass(frozen=True, kw_only=True)
class Slice:
    """A named rectangle, in px, that holds from frame `first` on until the next slice of that name; 0 px wide: none there."""

    name: str
    first: int
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Strip:
    """Sprites in frame order, `durations` in ms, tags; `loop`: whether it plays for ever."""

    sprites: tuple[Sprite, ...]
    durations: tuple[int, ...]
    tags: tuple[Tag, ...] = ()
    loop: bool = True

    @property
    def even(self) -> bool:
        """Whether all frames have one size."""
        return len({s.indices.shape for s in self.sprites}) == 1

    def runs(self) -> list[tuple[str, list[int]]]:
        """Animations (name, frames in playing order): the tags under names that differ; all frames where there are none."""
        if not self.tags:
            return [(DEFAULT_RUN, list(range(len(self.sprites))))]
        return list(zip(distinct(tag.name for tag in self.tags), (tag.sequence() for tag in self.tags)))


def make_strip(
    sprites: Sequence[Sprite], durations: int | Sequence[int] = FRAME_MS, tags: Sequence[Tag] = (), loop: bool = True
) -> Strip:
    """Check and join what an animation is made of. One number of ms holds for all frames.

    Raises:
        BadInput: no sprite, times that are not one a frame or out of range, a tag that is unnamed or leaves the frames.
    """
    if not sprites:
        raise BadInput("there is no sprite to save")
    times = (durations,) * len(sprites) if isinstance(durations, int) else tuple(durations)
    if len(times) != len(sprites):
        raise BadInput(f"{len(sprites)} frames need {len(sprites)} durations, got {len(times)}")
    wrong = next((ms for ms in times if not 1 <= ms <= MAX_MS), None)
    if wrong is not None:
        raise BadInput(f"a frame of {wrong} ms cannot be written; use 1 to {MAX_MS} ms")
    cleaned = []
    for tag in tags:
        name = printable(tag.name)
        if not name:
            raise BadInput("a tag has no name; give each a name such as walk")
        if not 0 <= tag.first <= tag.last < len(sprites):
            raise BadInput(
                f"tag {name} covers the frames {tag.first + 1} to {tag.last + 1}; there are {len(sprites)}, counted from 1"
            )
        if tag.direction not in DIRECTIONS:
            raise BadInput(f"tag {name} has the direction {tag.direction!r}; use one of {', '.join(DIRECTIONS)}")
        cleaned.append(Tag(name=name, first=tag.first, last=tag.last, direction=tag.direction))
    return Strip(sprites=tuple(sprites), durations=times, tags=tuple(cleaned), loop=loop)


def printable(text: str) -> str:
    """The text without what no file name or XML can hold (control characters, direction marks) and with single spaces."""
    kept = (" " if c.isspace() else c for c in unicodedata.normalize("NFC", text))
    return " ".join("".join(c for c in kept if not unprintable(c)).split())


def unprintable(character: str) -> bool:
    """Whether a character is a control, a lone surrogate, a noncharacter, or changes the direction of what follows."""
    kind = unicodedata.category(character)
    return kind in ("Cc", "Cs") or character in "\ufffe\uffff" or (kind == "Cf" and character not in _JOINERS)


def safe_stem(text: str) -> str:
    """A file name without ending that is harmless on every system: no folders, no reserved names, at most 80 bytes.

    "../../etc/pass wd?" is "etc_pass wd_"; nothing left: "sprite".
    """
    name = printable(text).translate(_ILLEGAL).strip(" ._")
    name = name.encode()[:MAX_STEM].decode(errors="ignore").rstrip(" .")
    if not name:
        return "sprite"
    return f"{name}_" if name.split(".")[0].strip().lower() in _DEVICES else name


def distinct(names: Iterable[str]) -> list[str]:
    """The names in order; the second "walk" is "walk 2"."""
    taken: set[str] = set()
    out = []
    for name in names:
        own, number = name, 2
        while own in taken:
            own, number = f"{name} {number}", number + 1
        taken.add(own)
        out.append(own)
    return out


def merged_palette(sprites: Sequence[Sprite]) -> U8 | None:
    """One RGBA palette uint8 [K, 4] for all, entry 0 clear, or None where they need more than 255 opaque colours.

    Whole palettes are kept where they fit, else only the colours used.
    """
    for opaque in (
        [s.palette[s.palette[:, 3] == 255] for s in sprites],
        [s.palette[u][s.palette[u, 3] == 255] for s in sprites for u in [np.unique(s.indices)]],
    ):
        values = dict.fromkeys(tuple(int(v) for v in c) for c in np.concatenate(opaque))
        if len(values) <= 255:
            return np.array([(0, 0, 0, 0), *values], dtype=np.uint8)
    return None


def remap(sprite: Sprite, palette: U8) -> U8:
    """Indices uint8 [H, W] of the sprite in `palette`, which holds all its colours and a clear entry 0."""
    position = {tuple(int(v) for v in c): i for i, c in reversed(list(enumerate(palette)))}
    table = np.array([position.get(tuple(int(v) for v in c), 0) for c in sprite.palette], dtype=np.uint8)
    table[sprite.palette[:, 3] == 0] = 0
    return table[sprite.indices]


def regions(sprite: Sprite) -> list[tuple[int, str]]:
    """Classes of the sprite's mask that occur, with their names; none without a mask."""
    if sprite.mask is None:
        return []
    named = sprite.mask_names
    return [(int(c), named[c] if c < len(named) and named[c] else f"region {c}") for c in np.unique(sprite.mask)]


def region_slices(sprites: Sequence[Sprite]) -> tuple[Slice, ...]:
    """The bounding box of each region of the masks (but the background), with a new slice where it changes from frame to frame."""
    boxes: dict[str, list[Slice]] = {}
    for i, sprite in enumerate(sprites):
        found = {}
        for region, name in regions(sprite):
            if name != "background" and sprite.mask is not None:
                inside = sprite.mask == region
                rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
                x, y = int(columns[0]), int(rows[0])
                found[name] = (x, y, int(columns[-1]) - x + 1, int(rows[-1]) - y + 1)
        for name in dict.fromkeys((*boxes, *found)):
            x, y, width, height = found.get(name, (0, 0, 0, 0))
            keys = boxes.setdefault(name, [])
            if not keys or (keys[-1].x, keys[-1].y, keys[-1].width, keys[-1].height) != (x, y, width, height):
                keys.append(Slice(name=name, first=i, x=x, y=y, width=width, height=height))
    return tuple(key for keys in boxes.values() for key in keys)


def name_color(name: str) -> tuple[int, int, int]:
    """A strong colour to mark a region, tag or terrain by: the same for the same name, always."""
    red, green, blue = colorsys.hsv_to_rgb((zlib.crc32(name.encode()) % 360) / 360, 0.75, 0.9)
    return round(255 * red), round(255 * green), round(255 * blue)
