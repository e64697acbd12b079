"""Which cells a person means: by the word for a part, by where it is, by its colour, by pointing, or by all of these together.

Words are matched with the names in the sprite's mask and with the region classes of those names; what is left of the words says
which piece ("left tower", "second flag from the left", "the big one") or which side ("top half of the door") is meant.
Legend: H, W canvas in px; `Region` bool [H, W]; a piece is a connected component, diagonal neighbours included.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from pixelmind.data.edits.color import Region, basic_word, cells_called, color_rgb, opaque
from pixelmind.data.edits.geometry import box
from pixelmind.data.edits.instructions import plural
from pixelmind.data.edits.shape import outline_cells
from pixelmind.data.procedural.captions import SYNONYMS
from pixelmind.data.procedural.ramps import COLORS
from pixelmind.data.procedural.regions import UNKNOWN, region_class
from pixelmind.dialogue.parts import BACKGROUND, LAND, colors_seen, components, figure, parts, pieces, seen, settled
from pixelmind.dialogue.schema import OUTLINE, POINTED, SUBJECT, WHOLE
from pixelmind.errors import BadInput
from pixelmind.records import U8, Sprite

TABLE: dict[str, Any] = tomllib.loads(Path(__file__).with_name("places.toml").read_text(encoding="utf-8"))


def _by_word(table: Mapping[str, str]) -> dict[str, str]:
    """Word -> the key it stands under."""
    return {word: key for key, words in table.items() for word in words.split()}


_SPECIAL, _SIDES = _by_word(TABLE["special"]), _by_word(TABLE["sides"])
#: Words that mean several classes at once, and classes that networks and people take for each other (the first that is there is taken).
THINGS = {word: tuple(classes.split()) for words, classes in TABLE["things"].items() for word in words.split()}
NEAR = {name: tuple(others.split()) for name, others in TABLE["near"].items()}
_NOISE, _SLICE, _EVERY = (frozenset(TABLE[name].split()) for name in ("noise", "slice", "every"))
_NTH = TABLE["ordinals"].split()
_ORDINALS = {word: i for words in (_NTH, TABLE["numbered"].split()) for i, word in enumerate(words)}


@dataclass(frozen=True, eq=False)
class Candidate:
    """Cells that may be meant, what to call them, and how sure that is, in [0, 1]."""

    name: str
    cells: Region
    score: float = 1.0


@dataclass(frozen=True)
class Meant:
    """What words say of a place: a noun, sides and ranks of its pieces, a colour; `sliced`: a side of it rather than a piece."""

    noun: str = ""
    sides: tuple[str, ...] = ()
    rank: int | None = None
    from_end: bool = False
    color: str = ""
    sliced: bool = False
    every: bool = False


# ---- words ---------------------------------------------------------------------------------------------------------------
def color_word(text: str) -> str | None:
    """The colour of the scene grammar that a word means ("crimson" is "red"), a hex value as it is, or None."""
    word = text.lower().strip()
    if re.fullmatch(r"#[0-9a-f]{6}", word):
        return word
    word = re.sub(r"\bgray\b", "grey", re.sub(r"\bblonde\b", "blond", word))
    word = re.sub(r"\blight(?=(er)? )", "light", word)
    if word in COLORS and COLORS[word][1]:
        return word
    return next((name for name, others in SYNONYMS.items() if word in others and COLORS.get(name, ("", ()))[1]), None)


def named_color(text: str) -> str:
    """The colour word by which cells are found: that of `color_word`, for a hex value its basic word.

    Raises:
        BadInput: no colour.
    """
    word = color_word(text) or text
    return word if word in COLORS else basic_word(*color_rgb(word))


_BESIDE = re.compile(
    r"(?<=\w) (?:standing |hanging )?(?:next to|behind|in front of|beside|near|above|below|under|on top of|with|between) .*$"
)


def read(words: str) -> Meant:
    """Take the words for a place apart; what they say stands beside it or belongs to it is left out ("tree next to the house")."""
    text = re.sub(r"'s\b", " ", words.lower().replace("’", "'"))
    text = _BESIDE.sub("", text)
    colors = "|".join(sorted((n for n, (_, basic) in COLORS.items() if basic), key=len, reverse=True))
    color = re.search(rf"\b({colors}|gray)\b|#[0-9a-f]{{6}}", text)
    rest = text if color is None else text[: color.start()] + " " + text[color.end() :]
    tokens = re.findall(r"[a-z0-9-]+", rest)
    from_end = "last" in tokens or bool(re.search(r"from the (right|bottom)", text))
    axis = re.search(r"from the (left|right|top|bottom)", text)
    if axis:  # "second from the left" is a rank, not a side
        tokens = re.findall(r"[a-z0-9-]+", rest.replace(axis[0], " "))
    rank = next((_ORDINALS[t] for t in tokens if t in _ORDINALS), 0 if "last" in tokens else None)
    sides = [_SIDES[t] for t in tokens if t in _SIDES]
    if axis and axis[1] in ("top", "bottom"):
        sides.append("vertical")
    used = {*_SIDES, *_ORDINALS, *_NOISE, *_SLICE, *_EVERY, "last"}
    noun = " ".join(t for t in tokens if t not in used)
    sliced = bool(sides) and any(t in _SLICE for t in tokens)
    if not noun and not sides and color is None:  # "it", "this thing", "everything"
        noun = next((t for t in tokens if t in _SPECIAL), "")
    return Meant(
        noun, tuple(sides), rank, from_end, color[0] if color else "", sliced, any(t in _EVERY for t in tokens)
    )


# ---- from words to cells -------------------------------------------------------------------------------------------------
def _union(found: Mapping[str, Region], names: Sequence[str]) -> Region:
    out: Region = np.logical_or.reduce([found[name] for name in names])
    return out


def _special(sprite: Sprite, name: str) -> Region:
    """The cells of one of the regions that are no part."""
    full = opaque(sprite.rgba())
    if name == WHOLE:
        return full
    if name == OUTLINE:
        return outline_cells(sprite.rgba(), figure(sprite))
    return figure(sprite) if name == SUBJECT else ~figure(sprite)


def _called(sprite: Sprite, noun: str) -> list[Candidate]:
    """What a noun may mean in a sprite, best first."""
    if noun in _SPECIAL:
        name = _SPECIAL[noun]
        return [Candidate(name, _special(sprite, name))]
    found, tokens = parts(sprite), set(noun.split())
    last = {name: name.rpartition("/")[2].lower() for name in found}
    forms = {noun, noun.removesuffix("s"), noun.removesuffix("es"), f"{noun}s"}
    same = [name for name in found if name.lower() in forms or last[name] in forms]
    if same:
        return [Candidate(noun, _union(found, same))]
    inside = [name for name in found if tokens <= set(re.split(r"[/\s]+", name.lower()))]
    inside = inside or [name for name in found if name.partition("/")[0].lower() in forms and "/" in name]
    if inside:
        return [Candidate(noun, _union(found, inside), 0.95)]
    classes = {name: region_class(name) for name in found}
    head = noun.split()[-1] if noun else ""
    wide = THINGS.get(head, ())
    own = region_class(noun)
    for wanted, score in ((wide, 0.9), ((own,) if own != UNKNOWN else (), 0.85)):
        match = [name for name, c in classes.items() if c in wanted]
        if match and (
            len(wanted) == 1 or any(classes[n] == wanted[0] for n in match) or own in map(classes.get, match)
        ):
            return [Candidate(noun, _union(found, match), score)]
    if head and re.search(rf"\b{re.escape(head)}\b", str(sprite.provenance.get("prompt", "")).lower()):
        return [Candidate(noun, figure(sprite), 0.6)]
    for other in NEAR.get(own, ()):
        match = [name for name, c in classes.items() if c == other]
        if other == BACKGROUND and sprite.mask is not None:
            cells = ~figure(sprite) & opaque(sprite.rgba()) & ~_of_classes(sprite, LAND)
            if cells.sum() > 0.05 * cells.size:
                return [Candidate(noun, cells, 0.5)]
        elif match:
            return [Candidate(match[0], _union(found, match), 0.5)]
    return []


def _of_classes(sprite: Sprite, wanted: frozenset[str]) -> Region:
    found = [cells for name, cells in parts(sprite).items() if region_class(name) in wanted]
    return np.logical_or.reduce(found) if found else np.zeros(sprite.indices.shape, bool)


def sliced(region: Region, sides: Sequence[str], full_height: bool = False) -> Region:
    """The half (for "middle": the inner third or so) of a region on these sides of its bounds."""
    top, bottom, left, right = box(region)
    y, x = np.indices(region.shape)
    out = region.copy()
    for side in sides:
        out &= {
            "left": x < (left + right) / 2,
            "right": x >= (left + right) / 2,
            "top": y < (top + bottom) / 2,
            "bottom": y >= (top + bottom) / 2,
            "middle": (np.abs(x + 0.5 - (left + right) / 2) <= (right - left) / 4)
            & (np.abs(y + 0.5 - (top + bottom) / 2) <= (bottom - top) / 4),
        }.get(side, np.ones_like(region))
    return out


def _ranked(found: Sequence[Region], meant: Meant) -> list[Region]:
    """Pieces in the order in which the words for a place mean them."""
    at = [box(piece) for piece in found]
    centers = np.array([((left + right) / 2, (top + bottom) / 2) for top, bottom, left, right in at])
    spread = np.maximum(np.ptp(centers, axis=0), 1e-6)
    mid = (centers.min(0) + centers.max(0)) / 2
    sizes = np.array([int(piece.sum()) for piece in found])
    key = np.zeros(len(found))
    for side in meant.sides:
        key += {
            "left": centers[:, 0] / spread[0],
            "right": -centers[:, 0] / spread[0],
            "top": centers[:, 1] / spread[1],
            "bottom": -centers[:, 1] / spread[1],
            "vertical": centers[:, 1] * (-1 if meant.from_end else 1) / spread[1],
            "middle": np.abs((centers - mid) / spread.max()).sum(1),
            "largest": -sizes / sizes.max(),
            "smallest": sizes / sizes.max(),
            "nearest": -np.array([bottom for _, bottom, _, _ in at], float),
            "farthest": np.array([bottom for _, bottom, _, _ in at], float),
        }[side]
    if not meant.sides:
        key = centers[:, 0] * (-1 if meant.from_end else 1)
    return [found[i] for i in np.argsort(key, kind="stable")]


def _named(found: Sequence[Region], noun: str) -> list[str]:
    """Names that tell pieces apart: by side where there are two or three, by number from the left (or top) where there are more."""
    centers = np.array([((b[2] + b[3]) / 2, (b[0] + b[1]) / 2) for b in map(box, found)])
    axis = int(np.ptp(centers, axis=0).argmax())
    order = np.argsort(np.argsort(centers[:, axis], kind="stable"), kind="stable")
    ends = ("left", "right") if axis == 0 else ("top", "bottom")
    words = {2: ends, 3: (ends[0], "middle", ends[1])}.get(len(found))
    if words:
        return [f"{words[i]} {noun}" for i in order]
    return [f"{_NTH[min(i, 7)]} {noun} from the {ends[0]}" for i in order]


def candidates(
    sprite: Sprite, words: str = "", *, region: str = "", pointed: U8 | Region | None = None
) -> list[Candidate]:
    """What a person may mean, best first.

    Where a singular word fits several pieces, all of them together come first and then each by its own name, with nearly the same
    score: that is a reason to ask. Words that say which piece leave that one and, far behind, the others.

    Args:
        sprite: the sprite talked about.
        words: for the place: "sky", "left tower", "the red part", "top half".
        region: the class the words were understood as, one of `schema.REGION_NAMES`; used where the words alone lead nowhere.
        pointed: cells pointed at, [H, W]; a part that the words name is cut to them, and without words they are what is meant.

    Raises:
        BadInput: every cell of the sprite is clear, or `pointed` has another size.
    """
    full = opaque(sprite.rgba())
    if not full.any():
        raise BadInput("the sprite is empty: every cell is clear, so there is nothing to change")
    if pointed is not None and pointed.shape != full.shape:
        raise BadInput(
            f"the region is {pointed.shape[1]}x{pointed.shape[0]} px, the sprite {sprite.width}x{sprite.height}; give both one size"
        )
    meant = read(words)
    found = _called(sprite, meant.noun) if meant.noun else []
    whole_words = re.sub(r"^(the|his|her|its|their|my) ", "", words.lower().strip())
    if whole_words != meant.noun and (exact := _exactly(sprite, whole_words)):
        found, meant = [exact], Meant(noun=whole_words)
    if not found and region and region not in ("none", UNKNOWN, POINTED):
        special = region in (WHOLE, SUBJECT, OUTLINE, BACKGROUND)
        found = [Candidate(region, _special(sprite, region))] if special else _called(sprite, region)
    if not found and (meant.noun or region not in ("", "none", WHOLE, UNKNOWN, POINTED)):
        return []
    if not found:
        found = [Candidate(WHOLE, full)]
    out = [piece for candidate in found for piece in _narrowed(sprite, candidate, meant)]
    if pointed is not None:
        named = bool(meant.noun or meant.sides or meant.color) or region not in ("", "none", WHOLE, POINTED)
        inside = pointed.astype(bool)
        out = [replace(c, cells=c.cells & inside) for c in out] if named else [Candidate("marked part", inside)]
    return [c for c in out if c.cells.any()]


def _exactly(sprite: Sprite, words: str) -> Candidate | None:
    """A part of exactly this name, such as "left arm", whose first word is then no side."""
    same = [cells for name, cells in parts(sprite).items() if words and name.rpartition("/")[2].lower() == words]
    return Candidate(words, np.logical_or.reduce(same)) if same else None


def _narrowed(sprite: Sprite, candidate: Candidate, meant: Meant) -> list[Candidate]:
    """A part cut down to the side, the pieces or the colour that the words say."""
    name, cells, score = candidate.name, candidate.cells, candidate.score
    if meant.color:
        own = cells_called(sprite.rgba(), named_color(meant.color))
        if not meant.noun:
            name, cells = f"{meant.color} part", cells & own
        elif (cells & own).any():
            fit = [p for p in pieces(cells, 0) if (p & own).sum() >= 0.25 * p.sum()]
            name, cells = f"{meant.color} {name}", np.logical_or.reduce(fit) if fit else cells & own
        if not cells.any():
            return []
    if not meant.sides and meant.rank is None:
        several = pieces(cells)
        if meant.every or not meant.noun or meant.noun in _SPECIAL or plural(meant.noun) or len(several) < 2:
            return [Candidate(name, cells, score)]
        each = [Candidate(n, p, score * 0.5) for n, p in zip(_named(several, name), several)]
        return [Candidate(name, cells, score * 0.6), *each]
    said = " ".join((*(s for s in meant.sides if s != "vertical"), name))
    several = pieces(cells)
    if meant.sliced or name == WHOLE or len(several) < 2:
        part = sliced(cells, meant.sides)
        side = " and ".join(s for s in meant.sides if s != "vertical")
        called = f"{side} part of the {'picture' if name == WHOLE else name}" if side and part.any() else name
        return [Candidate(called, part if part.any() else cells, score * (1.0 if meant.sliced else 0.8))]
    order = _ranked(several, meant)
    first = min(meant.rank or 0, len(order) - 1)
    if meant.every or (
        plural(name) and meant.rank is None and len(order) > 2
    ):  # "the upper windows": those on that side
        part = sliced(cells, meant.sides)
        return [Candidate(said, part if part.any() else cells, score)]
    names = _named(order, name)
    chosen = Candidate(said if meant.rank is None else names[first], order[first], score)
    return [chosen, *(Candidate(n, p, score * 0.3) for i, (n, p) in enumerate(zip(names, order)) if i != first)]


def find(sprite: Sprite, words: str = "", *, region: str = "", pointed: U8 | Region | None = None) -> Candidate:
    """The best of `candidates`.

    Raises:
        BadInput: nothing of that name, place or colour is in the sprite; the message says what is.
    """
    found = candidates(sprite, words, region=region, pointed=pointed)
    if found:
        return found[0]
    meant = read(words)
    what = meant.noun or words or region
    if meant.color and not _missing(sprite, meant.noun):
        used = ", ".join(colors_seen(sprite))
        raise BadInput(f"there is nothing {meant.color} in {meant.noun or 'this sprite'}; its colours are {used}")
    listed = seen(sprite)
    if not listed:
        raise BadInput(
            f"I cannot tell where the {what} is: the parts of this picture have no names; "
            "mark the place, for example with --region x,y,width,height or a mask picture"
        )
    raise BadInput(f"there {'are' if plural(what) else 'is'} no {what} in this sprite; I see {', '.join(listed)}")


def _missing(sprite: Sprite, noun: str) -> bool:
    return bool(noun) and not _called(sprite, noun)


def pointed_at(sprite: Sprite, x: int, y: int, width: int = 1, height: int = 1) -> Region:
    """The cells meant by pointing: a box, or for a single cell the piece of its part (without a mask: the flat) that holds it.

    Raises:
        BadInput: outside the canvas.
    """
    if not (0 <= x < sprite.width and 0 <= y < sprite.height and width > 0 and height > 0):
        raise BadInput(
            f"{x},{y},{width},{height} lies outside the sprite of {sprite.width}x{sprite.height} px; give x,y,width,height"
        )
    out = np.zeros(sprite.indices.shape, bool)
    out[y : y + height, x : x + width] = True
    if width * height > 1:
        return out
    mask = settled(sprite)
    values = sprite.indices if mask is None else mask.astype(np.int64) * 2 + opaque(sprite.rgba())
    labels = components(values, diagonal=mask is not None)
    same: Region = labels == labels[y, x]
    return same
