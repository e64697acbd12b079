"""The word lists of `lexicon*.toml`, ready for drawing."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources
from typing import Any

from pixelmind.data.edits.instructions import plural, pluralized
from pixelmind.data.procedural.regions import UNKNOWN, region_class, region_words
from pixelmind.dialogue.schema import SUBJECT

Words = tuple[str, ...]


def read(name: str) -> dict[str, Any]:
    """A TOML table of this package."""
    return tomllib.loads(resources.files("pixelmind.dialogue").joinpath(name).read_text(encoding="utf-8"))


#: Lists that are longer by another.
_MORE = {
    "nouns.person": "more.nouns",
    "nouns.item": "more.things",
    "nouns.place": "more.spots",
    "nouns.animal": "more.beasts",
    "style.plain": "looks.style",
    "mood.plain": "looks.mood",
    "time.tag": "looks.time",
}


@lru_cache(maxsize=1)
def lists() -> dict[str, Words]:
    """Every list by "table.key". A word that stands in a list twice is drawn twice as often."""
    out: dict[str, Words] = {}
    for name in ("lexicon.toml", "lexicon_looks.toml", "lexicon_regions.toml", "lexicon_phrases.toml"):
        for table, keys in read(name).items():
            for key, text in keys.items():
                out[f"{table}.{key}"] = tuple(w for w in (x.strip() for x in text.split(",")) if w)
    for to, more in _MORE.items():
        out[to] += out[more]
    return out


@lru_cache(maxsize=1)
def nouns() -> frozenset[str]:
    """All head nouns."""
    return frozenset(w for k, ws in lists().items() if k.startswith("nouns.") for w in ws)


@lru_cache(maxsize=1)
def colors() -> tuple[str, ...]:
    """Colour words, the longest first."""
    found = {*lists()["color.plain"], *lists()["color.fancy"]}
    return tuple(sorted(found, key=len, reverse=True))


@lru_cache(maxsize=8192)
def place_class(words: str) -> str:
    """The region name that the words of a place mean: a class of masks, or the figure where they name the thing drawn."""
    head = words.split(" ")[-1]
    found = region_class(words)
    if words in part_words() or (words not in nouns() and head in part_words()):
        return found
    return SUBJECT if words in nouns() or found == UNKNOWN else found


@lru_cache(maxsize=1)
def part_words() -> frozenset[str]:
    """Words for parts of a sprite."""
    return frozenset(w for k, ws in lists().items() if k.startswith("region.") for w in ws)


#: Lists of nouns that a scene may have as a thing of its own.
_THINGS = ("item", "food", "plant", "furniture", "vehicle", "animal", "building")
#: Words of the masks' table that no person calls a part by.
_NO_PARTS = frozenset(
    ("clear", "cut", "dark", "lit", "nothing", "container", "building", "food", "vegetables", "furniture", "creature")
)


@lru_cache(maxsize=1)
def wide_parts() -> dict[str, str]:
    """Words that `part_words` lacks, with their region: others of the masks' table, and things that a scene may have."""
    parts = {w: name for w, name in region_words().items() if w.isalpha() and w not in _NO_PARTS}
    things = [w for key in _THINGS for w in lists()[f"nouns.{key}"] if w.isalpha() and region_class(w) == UNKNOWN]
    found = {w: UNKNOWN for w in things} | {pluralized(w): UNKNOWN for w in things if not plural(w)} | parts
    return {w: found[w] for w in sorted(found) if w not in part_words()}


@lru_cache(maxsize=1)
def mass() -> frozenset[str]:
    """Nouns that take no "a"."""
    return frozenset(lists()["mass.words"])
