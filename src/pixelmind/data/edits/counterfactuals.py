"""Counterfactual captions: false of a picture in exactly one fact, beside the true caption they were made from.

They serve as hard negatives for the encoder and as exact tests (accuracy per fact). That one is false is never a guess: a colour word is
used only where no colour of the part (or of the picture) goes by it, a count only where another count is true, a style only where
the picture holds colours that the style's palette lacks, a place only where no cell of the part lies on that side.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from pixelmind.data.edits.color import Region, basic_word, opaque
from pixelmind.data.edits.instructions import article, articles, plural
from pixelmind.data.edits.redraw import EXPRESSIONS, POSES, STATES, VAGUE
from pixelmind.data.procedural.captions import NUMBERS, SYNONYMS
from pixelmind.data.procedural.ramps import COLORS, says
from pixelmind.data.procedural.rng import Rng
from pixelmind.data.procedural.scene import families
from pixelmind.data.procedural.styles import STYLES
from pixelmind.data.sources.base import RawSprite
from pixelmind.pixels import palettes
from pixelmind.pixels.oklab import srgb_to_oklab
from pixelmind.pixels.png import decode_png
from pixelmind.records import U8, Sample


@dataclass(frozen=True)
class Counterfactual:
    """A caption false in one fact, the true one it differs from, and the kind of fact (one of FACTS)."""

    caption: str
    true_caption: str
    fact: str


#: True captions of a picture that are turned into false ones.
MAX_TEXTS = 7
Pairs = Iterator[tuple[str, str]]

#: Every word that names a colour -> the colour of the scene grammar.
SPOKEN: dict[str, str] = {name: name for name, (_, basic) in COLORS.items() if basic}
for _name, _others in SYNONYMS.items():
    for _other in _others:
        SPOKEN.setdefault(_other, _name)
_COLOR = re.compile(r"\b(" + "|".join(sorted(map(re.escape, SPOKEN), key=len, reverse=True)) + r")\b")
_COUNT = re.compile(r"\b(" + "|".join(NUMBERS[2:]) + r"|[2-9])(?= [a-z])")
#: Colours to put in place of a true one.
OTHERS = (
    "red",
    "orange",
    "yellow",
    "green",
    "blue",
    "purple",
    "pink",
    "brown",
    "white",
    "black",
    "grey",
    "cyan",
    "teal",
)
TIMES: dict[str, tuple[str, ...]] = {
    "day": ("by day", "in daylight", "on a sunny day", "during the day"),
    "night": ("at night", "by night", "under a night sky", "in the dark of night"),
    "sunset": ("at sunset", "at dusk", "under a sunset sky", "in the evening"),
    "dawn": ("at dawn", "at sunrise", "in the early morning", "in the morning"),
}
#: A dawn may look like a sunset.
_ALIKE = frozenset(("sunset", "dawn"))
_OPPOSITES = (("left", "right"), ("top", "bottom"), ("above", "below"), ("in front of", "behind"), ("upper", "lower"))
#: Styles with a palette that decides whether a picture can be of that style, as they are called.
STYLED = {
    "1-bit": "1-bit",
    "gameboy": "game boy style",
    "nes": "nes style",
    "c64": "commodore 64 style",
    "zx-spectrum": "zx spectrum style",
    "ega": "ega",
    "pico-8": "pico-8 style",
    "noir": "grayscale",
    "sepia": "sepia",
}
#: Kinds of subject that may stand in for another kind; tiles, scenes and portraits may hold things they do not name.
_SWAPPED = ("character", "creature", "item", "object", "building", "vehicle", "plant")
#: Words too wide to be false of anything near: a knight may be called a soldier, a hen a bird.
GENERAL = frozenset(
    ("man", "woman", "boy", "human", "hero", "soldier", "villager", "bird", "neutral", "calm", "tool", "yes", "painted")
)
#: Things a person might call by each other's names; none of them contradicts another.
ALIKE: tuple[frozenset[str], ...] = tuple(
    frozenset(group.split(", "))
    for group in (
        "sword, short sword, katana, cutlass, dagger",
        "gun, pistol, revolver, rifle, blaster, ray gun, cannon, tank",
        "staff, crook, wand",
        "club, mace, hammer",
        "ship, sailing ship, pirate ship, sailboat",
        "space ship, spaceship, rocket, ufo",
        "cottage, hut, house",
        "dog, wolf, fox",
        "gem, crystal",
        "trophy, cup",
        "skull, skeleton, skeleton king, zombie, mummy",
        "book, open book, spell book, scroll, treasure map, letter",
        "robot, cyborg, astronaut",
        "flame, explosion, torch, fire",
        "stone, cobblestone, brick, bricks, sandstone",
        "wild, long, curly",
        "glasses, goggles, visor",
        "coat, suit, vest, shirt, robe",
        "rake, hoe, pitchfork",
        "demon, dragon, vampire, bat",
        "sleepy, sad",
        "walking, standing",
        "full, half full",
        "empty, nearly empty",
        "tree, bush, sapling, oak",
        "star, sun",
    )
)


def alike(a: str, b: str) -> bool:
    """Whether two words might be said of the same thing."""
    return any(a in group and b in group for group in ALIKE)


NEVER = GENERAL | VAGUE | {"none", "nothing"}
_NOT_ALONE = frozenset(
    ("face", "person", "cup", "head", "leaf", "flame", "drop", "block", "door", "window", "sign", "wood")
)


def _fold(text: str) -> str:
    """Singular and plural alike."""
    return " ".join(word.rstrip("s") for word in re.findall(r"[a-z0-9]+", text.lower()))


@lru_cache(maxsize=1)
def nouns() -> dict[str, frozenset[str]]:
    """Singular names of subjects by kind of picture."""
    out: dict[str, set[str]] = {kind: set() for kind in _SWAPPED}
    for family in families().values():
        for seed in range(24):
            p = family.sample(Rng(seed, "nouns"))
            if family.fit:
                family.fit(p, 24, 24)
            words = family.words(p | {"visible": []})
            if family.kind in out and not words.plural and not plural(words.nouns[0]):
                out[family.kind].add(words.nouns[0])
    return {kind: frozenset(found - _NOT_ALONE) for kind, found in out.items()}


def _strings(value: Any) -> Iterator[str]:
    """All text inside a record."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list, tuple)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner)


class Picture:
    """What is known of a picture: its true captions, its cells, its parts and its parameters."""

    def __init__(self, scene: Sample | RawSprite, rng: Rng) -> None:
        self.captions, self.tags, self.params = scene.captions, scene.tags, scene.params
        self.texts = rng.shuffled(scene.captions)[:MAX_TEXTS]
        self.names = scene.mask_names
        if isinstance(scene, Sample):
            self.rgba: U8 = decode_png(scene.png)
            mask = decode_png(scene.mask_png)[..., 0] if scene.mask_png else None
        else:
            self.rgba, mask = scene.rgba, scene.mask
        self.mask: U8 = np.zeros(self.rgba.shape[:2], dtype=np.uint8) if mask is None else mask
        self.style = STYLES.get(self.tags.get("style", ""))
        self.family = families().get(str(self.params.get("family", "")))
        subjects = self.params.get("subjects") or []
        #: Parameters of the (main) subject; a composition keeps them by subject.
        self.subject: dict[str, Any] = subjects[0]["params"] if subjects else dict(self.params)
        self.nouns: tuple[str, ...] = tuple(str(subject["noun"]) for subject in subjects)

    def distinct(self, cells: Region | None = None) -> U8:
        """Distinct colours uint8 [K, 3] of the opaque cells."""
        inside = self.opaque if cells is None else self.opaque & cells
        packed = np.ascontiguousarray(self.rgba[inside]).view(np.uint32).ravel()
        return np.array(sorted(set(packed.tolist())), dtype=np.uint32).view(np.uint8).reshape(-1, 4)[:, :3]

    def basics(self, cells: Region | None = None) -> frozenset[str]:
        """Basic colour words of the opaque cells."""
        return frozenset(basic_word(r, g, b) for r, g, b in self.distinct(cells).tolist())

    @cached_property
    def opaque(self) -> Region:
        return opaque(self.rgba)

    @cached_property
    def colors(self) -> U8:
        return self.distinct()

    @cached_property
    def all_basics(self) -> frozenset[str]:
        return self.basics()

    @cached_property
    def part_basics(self) -> dict[str, frozenset[str]]:
        return {name: self.basics(cells) for name, cells in self.parts.items()}

    @cached_property
    def parts(self) -> dict[str, Region]:
        """Parts of at least four cells; of a composition ("owl/wings") those of one name together, and each subject whole."""
        found: dict[str, Region] = {}
        for i, name in enumerate(self.names):
            for word in dict.fromkeys((name.split("/")[-1], name.split("/")[0])) if i else ():
                found[word] = found.get(word, np.zeros_like(self.mask, dtype=bool)) | (self.mask == i)
        return {name: cells for name, cells in found.items() if cells.sum() >= 4}

    def part(self, after: str) -> str | None:
        """The part that the words after a colour speak of: "flags and a gate" -> "flags"."""
        for word in after.split()[:2]:
            clean = word.strip(",.")
            for name in self.parts:
                if _fold(name) == _fold(clean):
                    return name
            if word != clean:
                break
        return None

    def says(self, word: str, part: str | None = None) -> bool:
        """Whether some colour of the part, or of the picture, goes by the colour word."""
        seen = self.all_basics if part is None else self.part_basics[part]
        return any(says(SPOKEN[word], basic) for basic in seen)

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word that is said or recorded of the picture, folded."""
        return frozenset(_fold(" ".join((*self.captions, *self.names, *_strings(self.params)))).split())

    @cached_property
    def said(self) -> str:
        """All captions, folded."""
        return _fold(" ".join(self.captions))

    def spoken(self, part: str) -> bool:
        """Whether a caption names the part, and none denies it."""
        return f" {_fold(part)} " in f" {self.said} " and f"without {_fold(part)}" not in self.said

    def knows(self, phrase: str) -> bool:
        """Whether some word of the phrase is said or recorded of the picture."""
        return any(word in self.words for word in _fold(phrase).split())

    def may_be(self, key: str, value: str) -> bool:
        """Whether the family could draw this value beside the picture's other parameters."""
        assert self.family is not None
        p = self.family.sample(Rng(self.params.get("seed", 0), "params", self.family.name)) | {key: value}
        if self.family.fit:
            self.family.fit(p, *self.mask.shape)
        return bool(p[key] == value)

    @cached_property
    def no_facts(self) -> re.Pattern[str]:
        """What captions say of style and size, whose words are no facts of the scene."""
        words = [re.escape(w) for w in (self.style.words if self.style else ())]
        return re.compile("|".join([*words, r"\d+x\d+", r"\b\d+.bit", r"one.bit"]))

    def free(self, text: str, match: re.Match[str]) -> bool:
        """Whether the match lies outside words of style and size."""
        return not any(m.start() < match.end() and match.start() < m.end() for m in self.no_facts.finditer(text))

    @cached_property
    def noun(self) -> str:
        if self.nouns:
            return self.nouns[0]
        if self.family is not None:
            return self.family.words(self.subject).nouns[0]
        return min(self.captions, key=len)


def _color(p: Picture, rng: Rng) -> Pairs:
    values = {v for k, v in p.subject.items() if isinstance(v, str) and not k.endswith("color")}
    for text in p.texts:
        for match in _COLOR.finditer(text):
            if match[1] in values or not p.free(text, match) or not p.says(match[1]):
                continue
            part, true = p.part(text[match.end() :]), set(COLORS[SPOKEN[match[1]]][1])
            fit = [c for c in OTHERS if not p.says(c, part) and not set(COLORS[c][1]) & true]
            if fit:
                yield text, text[: match.start()] + rng.choice(fit) + text[match.end() :]


def _binding(p: Picture, rng: Rng) -> Pairs:
    """Two colours change places."""
    for text in p.texts:
        spoken = [(m, part) for m in _COLOR.finditer(text) if p.free(text, m) and (part := p.part(text[m.end() :]))]
        for (a, one), (b, two) in itertools.pairwise(spoken):
            if one != two and not p.says(b[1], one) and not p.says(a[1], two):
                yield text, text[: a.start()] + b[1] + text[a.end() : b.start()] + a[1] + text[b.end() :]


def _count(p: Picture, rng: Rng) -> Pairs:
    for text in p.texts:
        for match in _COUNT.finditer(text):
            if not p.free(text, match):
                continue
            digit = match[1].isdigit()
            true = int(match[1]) if digit else NUMBERS.index(match[1])
            other = rng.choice([n for n in range(2, 7) if n != true])
            yield text, text[: match.start()] + (str(other) if digit else NUMBERS[other]) + text[match.end() :]


def _subject(p: Picture, rng: Rng) -> Pairs:
    kind = p.family.kind if p.family else ""
    kinds = [k for k in _SWAPPED if k not in (kind, p.tags.get("kind", ""))]
    if kind == "portrait":
        kinds = [k for k in kinds if k not in ("character", "creature")]
    for text in p.texts:
        match = re.search(rf"\b{re.escape(p.noun)}\b(?! of\b)", text)
        if not match or p.family is None:
            continue
        for _ in range(4):
            other = rng.choice(sorted(nouns()[rng.choice(kinds)]))
            if not (p.knows(other) or other in nouns().get(kind, ()) or alike(other, p.noun)):
                yield text, text[: match.start()] + other + text[match.end() :]
                break


def _values(p: Picture, rng: Rng, states: bool) -> Pairs:
    """Another value of a parameter whose value a caption names: of states and moods, or of things."""
    if p.family is None:
        return
    for key, parameter in p.family.parameters.items():
        value = p.subject.get(key)
        is_state = key in EXPRESSIONS or key in POSES or key in STATES
        if not isinstance(value, str) or key.endswith("color") or is_state != states or value in (*VAGUE, *SPOKEN):
            continue
        others = [
            v for v in parameter.values if isinstance(v, str) and v not in (*NEVER, *SPOKEN) and not alike(v, value)
        ]
        found = [
            (text, match)
            for text in p.texts
            if (match := re.search(rf"(?<![\w-]){re.escape(value)}(?![\w-]| along| of\b)", text))
            and p.free(text, match)
        ]
        fit = [v for v in others if plural(v) == plural(value) and not p.knows(v) and p.may_be(key, v)] if found else []
        for text, match in found:
            if fit:
                yield text, text[: match.start()] + rng.choice(fit) + text[match.end() :]


def _presence(p: Picture, rng: Rng) -> Pairs:
    """A part that is there is said to be missing."""
    for name in p.parts:
        if p.spoken(name) and name not in p.nouns and _fold(name) != _fold(p.noun):
            yield f"{article(p.noun)} with {article(name)}", f"{article(p.noun)} without {article(name)}"


def _position(p: Picture, rng: Rng) -> Pairs:
    for text in p.texts:
        for pair in _OPPOSITES:
            for word, other in (pair, pair[::-1]):
                match = re.search(rf"\b{word}\b", text)
                if match and not re.search(rf"\b{other}\b", text):
                    yield text, text[: match.start()] + other + text[match.end() :]
    h, w = p.mask.shape
    for name, cells in p.parts.items():
        if name in ("sky", "ground") or (_fold(name) == _fold(p.noun) and not p.nouns):
            continue
        rows, columns = np.flatnonzero(cells.any(1)), np.flatnonzero(cells.any(0))
        for span, size, (low, high) in (
            (columns, w, ("on the left", "on the right")),
            (rows, h, ("at the top", "at the bottom")),
        ):
            start = f"a picture with the {name} " if p.nouns else f"{article(p.noun)} with the {name} "
            if span[-1] < 0.45 * size:
                yield start + low, start + high
            elif span[0] >= 0.55 * size:
                yield start + high, start + low


def _time(p: Picture, rng: Rng) -> Pairs:
    for text in p.texts:
        for time, phrases in TIMES.items():
            phrase = next((f for f in phrases if re.search(rf"\b{f}\b", text)), None)
            others = [
                t
                for t in TIMES
                if t != time and {t, time} != _ALIKE and not any(f in text for text in p.captions for f in TIMES[t])
            ]
            if phrase and others:
                yield text, text.replace(phrase, rng.choice(TIMES[rng.choice(others)]))


def could_be(style: str, colors: U8) -> bool:
    """Whether a picture with these colours uint8 [K, 3] could be of a style in STYLED: all of them lie in its palette."""
    if style == "1-bit":
        return len(colors) <= 2
    if style == "noir":
        return bool(np.hypot(*srgb_to_oklab(colors)[:, 1:].T).max() < 0.06)
    if style == "sepia":
        lab = srgb_to_oklab(colors)
        return bool((lab[:, 1] > -0.02).all() and (lab[:, 2] > -0.02).all())
    allowed = np.array(STYLES[style].palette, dtype=np.uint8)
    if style == "ega":
        allowed = np.concatenate([allowed, palettes.get("cga").colors])
    return all((allowed == c).all(1).any() for c in colors)


def _style(p: Picture, rng: Rng) -> Pairs:
    if p.style is None:
        return
    others = [s for s in STYLED if s != p.style.name and not could_be(s, p.colors)]
    mine = STYLED.get(p.style.name) or next((w for w in p.style.words if "-bit" not in w), p.style.words[0])
    for other in rng.shuffled(others)[:2]:
        yield f"{mine} {p.noun}", f"{STYLED[other]} {p.noun}"


def _palette(p: Picture, rng: Rng) -> Pairs:
    count = len(p.colors)
    if 2 <= count <= 10:
        other = rng.choice([n for n in range(2, 11) if n != count])
        yield f"{article(p.noun)} in {NUMBERS[count]} colors", f"{article(p.noun)} in {NUMBERS[other]} colors"


FACTS: dict[str, Callable[[Picture, Rng], Pairs]] = {
    "color": _color,
    "binding": _binding,
    "count": _count,
    "object": lambda p, rng: (pair for maker in (_subject, _presence) for pair in maker(p, rng)),
    "part": lambda p, rng: _values(p, rng, False),
    "state": lambda p, rng: _values(p, rng, True),
    "position": _position,
    "time": _time,
    "style": _style,
    "palette": _palette,
}


def counterfactuals(scene: Sample | RawSprite, rng: Rng, n: int = 8) -> list[Counterfactual]:
    """Up to `n` captions that are false of a picture in one fact each, spread over the kinds of fact.

    Args:
        scene: a procedural scene or a sample of one. Of other pictures only the colours that their captions name can be contradicted.
        rng: the stream of choices; the same stream gives the same captions.
    """
    p = Picture(scene, rng)
    facts = list(FACTS) if p.family is not None else ["color"]
    found: dict[str, list[Counterfactual]] = {}
    true_of_it = {articles(c) for c in p.captions}
    for fact in facts:
        pairs = {articles(false): articles(true) for true, false in FACTS[fact](p, rng)}
        found[fact] = [
            Counterfactual(false, true, fact)
            for false, true in rng.shuffled(list(pairs.items()))
            if false not in true_of_it and false != true
        ]
    out: list[Counterfactual] = []
    order = rng.shuffled(facts)
    while len(out) < n and any(found.values()):
        for fact in order:
            if found[fact] and len(out) < n:
                one = found[fact].pop()
                if all(one.caption != other.caption for other in out):
                    out.append(one)
    return out


def as_params(scene: Sample | RawSprite, seed: int, n: int = 6) -> list[dict[str, Any]]:
    """Counterfactuals as a JSON list of {caption, true_caption, fact}: what a store keeps in ``params["counterfactuals"]``."""
    return [asdict(c) for c in counterfactuals(scene, Rng(seed, "counterfactuals"), n)]
