"""The caption grammar: from the facts of a scene to many wordings, from two-word tags to questions, none of which contradicts the picture.

Facts are plain strings in which a colour word stands in braces, "three {red} flags": the word is left out where the style does not show it.
A fact may be a tuple of alternatives that all hold. Words are US and UK spelt, as people type them. A brace may say more after the colour
("{red@2:flags}": of subject 2, said of flags), which is for the eyes of `shows` and `exact` only. The wordings are in `phrases.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pixelmind.data.procedural.rng import Rng

Fact = str | tuple[str, ...]
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

#: Other words people use for a colour, finer and coarser ones; every one of them is true of the colour.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "red": ("crimson", "scarlet"),
    "dark red": ("crimson", "maroon", "red"),
    "gold": ("golden", "gold"),
    "green": ("green", "bright green"),
    "lime": ("lime green", "bright green", "green"),
    "dark green": ("green", "deep green"),
    "light blue": ("sky blue", "pale blue", "blue"),
    "navy": ("dark blue", "navy blue", "blue"),
    "violet": ("lavender", "light purple", "purple"),
    "purple": ("deep purple", "purple"),
    "magenta": ("hot pink", "magenta"),
    "grey": ("gray", "grey"),
    "dark grey": ("dark gray", "charcoal", "gray"),
    "light grey": ("light gray", "pale grey"),
    "silver": ("silver", "silvery"),
    "dark brown": ("brown", "chocolate brown"),
    "blond": ("blond", "blonde"),
    "ginger": ("ginger", "orange"),
    "teal": ("teal", "turquoise"),
}
_IRREGULAR = {
    "man": "men",
    "woman": "women",
    "person": "people",
    "mouse": "mice",
    "goose": "geese",
    "wolf": "wolves",
    "knife": "knives",
    "leaf": "leaves",
    "elf": "elves",
    "dwarf": "dwarves",
    "shelf": "shelves",
    "loaf": "loaves",
    "thief": "thieves",
    "child": "children",
    "tooth": "teeth",
    "foot": "feet",
    "octopus": "octopuses",
    "cactus": "cacti",
    "potato": "potatoes",
    "tomato": "tomatoes",
    "hero": "heroes",
    "torpedo": "torpedoes",
}
_SAME = (
    "fish",
    "sheep",
    "deer",
    "spacecraft",
    "aircraft",
    "squid",
    "samurai",
    "ninja",
    "bison",
    "moose",
    "bonsai",
    "ronin",
    "salmon",
)


_ARTICLE = re.compile(r"a~\s*([\w#-]+)")
_BRACE, _PAIR = re.compile(r"\{([^}]*)\}"), re.compile(r"(\{[^}]*\}) (?:and|or) (\{[^}]*\})")
#: Joints that join nothing, and what stays of them.
_LOOSE = (
    (re.compile(r"\b(and|or|,)\s+(?=(?:and|or|,)(?:\s|$))"), ""),
    (re.compile(r"(a~|\ban? )\s*(?:and|or|with) "), r"\1"),
    (re.compile(r"^\s*(?:and|or|,)\s+"), ""),
    (re.compile(r"\s*(?:,|\b(?:and|or|with|a~))\s*$"), ""),
)


@dataclass(frozen=True, kw_only=True)
class Words:
    """What may be said of a scene.

    `nouns`: names of the subject, the plainest first (singular, no article, colours in braces as in facts);
    `adjectives` in speaking order; `having`: what follows "with";
    `place`: where or when ("at night", "on a hill"); `lacking`: true things that follow "without"; `plural`: the noun takes no article.
    """

    nouns: tuple[str, ...]
    adjectives: tuple[Fact, ...] = ()
    having: tuple[Fact, ...] = ()
    place: tuple[Fact, ...] = ()
    lacking: tuple[str, ...] = ()
    plural: bool = False


def pluralize(noun: str) -> str:
    """The plural of a noun or a noun phrase ("a man with a hat" is none: it ends at " of ", " with ", " in " or " from ")."""
    head, cut, tail = noun, "", ""
    if found := re.search(r" (of|with|in|from|on) ", noun):
        head, cut, tail = noun[: found.start()], found[0], noun[found.end() :]
    first, _, last = head.rpartition(" ")
    if last in _SAME or last.endswith("fish"):
        many = last
    elif last in _IRREGULAR:
        many = _IRREGULAR[last]
    elif last.endswith("man") and last not in ("human", "shaman", "talisman", "german"):
        many = last[:-3] + "men"
    elif last.endswith("y") and last[-2:-1] not in "aeiou":
        many = last[:-1] + "ies"
    else:
        many = last + ("es" if re.search(r"(s|x|z|ch|sh)$", last) else "s")
    return f"{first} {many}".strip() + cut + tail


def counted(n: int, thing: str, plural: str | None = None) -> Fact:
    """Ways to say "n things"; `thing` may hold a colour in braces."""
    many = plural or (thing if thing.endswith("s") else thing + "s")
    if n == 1:
        return (article(thing), article(thing), f"one {thing}", f"a single {thing}")
    number = NUMBERS[n] if n < len(NUMBERS) else str(n)
    return (f"{number} {many}", f"{n} {many}", many, many)


def article(phrase: str) -> str:
    """The phrase with "a" or "an" (a colour in braces is read through)."""
    return f"a~{phrase}"


@lru_cache(maxsize=1 << 14)
def _with_article(word: str) -> str:
    low = word.lower()
    vowel = (low[0] in "aeiou8" and not re.match(r"(uni|use|euro|one\b|ufo)", low)) or re.match(r"(11|18)(x|\b)", low)
    return ("an " if vowel else "a ") + word


def _articles(text: str) -> str:
    """Resolve "a~" once the words behind it are final."""
    text = " ".join(text.split()).replace(" ,", ",").replace(" ?", "?")
    return _ARTICLE.sub(lambda match: _with_article(match[1]), text)


@lru_cache(maxsize=1 << 14)
def tidy(text: str) -> str:
    """A fact after colours were left out of it, without the joints that now join nothing ("a~ and checkered" to "a~checkered")."""
    text = re.sub(r"\s+", " ", text).replace("a~ ", "a~")
    before = None
    while before != text:
        before = text
        for loose, kept in _LOOSE:
            text = loose.sub(kept, text)
    return text.strip()


class Speaker:
    """Says facts in the words a style allows.

    `shows(brace)` tells whether the colour is true on the canvas; `exact(brace)` gives a hex value that is, or nothing.
    """

    def __init__(self, rng: Rng, shows: Callable[[str], bool], exact: Callable[[str], str] | None = None) -> None:
        self.rng, self.shows, self.exact = rng, shows, exact

    def say(self, fact: Fact) -> str:
        """One wording of a fact, colours resolved; empty where nothing is left."""
        text = fact if isinstance(fact, str) else self.rng.choice(fact)
        if "{" not in text:
            return text.strip()

        def pair(match: re.Match[str]) -> str:  # "{red} and {white}": what of the two is shown
            kept = [brace for brace in match.groups() if self.shows(brace[1:-1])]
            return match[0] if len(kept) == 2 else kept[0] if kept else ""

        def color(match: re.Match[str]) -> str:
            name = match[1].partition("@")[0].partition(":")[0]
            if not self.shows(match[1]):
                return ""
            if self.exact and self.rng.chance(0.05) and (value := self.exact(match[1])):
                return value
            return self.rng.choice(SYNONYMS[name]) if name in SYNONYMS and self.rng.chance(0.3) else name

        text = _PAIR.sub(pair, text)
        text = re.sub(r"\ban? (?=\{)", "a~", text)  # the colour, and with it the article, may change
        return tidy(_BRACE.sub(color, text))


def _and(parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return ", ".join(parts[:-1]) + " and " + parts[-1]


@lru_cache(maxsize=1 << 14)
def _bare(text: str) -> str:
    """A fact as a tag: without its article."""
    return re.sub(r"^(a~\s*|an? |one |a single )", "", text)


@lru_cache(maxsize=1)
def phrases() -> dict[str, Any]:
    """The wordings, from `phrases.toml`."""
    return tomllib.loads((Path(__file__).parent / "phrases.toml").read_text())


def captions(
    words: Words | Sequence[Words],
    rng: Rng,
    shows: Callable[[str], bool],
    style: Sequence[str],
    size: tuple[int, int],
    *,
    count: int = 12,
    genre: str = "",
    thing: str = "sprite",
    exact: Callable[[str], str] | None = None,
) -> tuple[str, ...]:
    """Up to `count` distinct wordings, the fullest first; as many as asked, 20 and more, for nearly any scene.

    Args:
        words: what may be said; several for a picture that can be told from more than one end, the main one first.
        style: words for the art style ("8-bit", "nes style"); used in a part of the captions only.
        size: (height, width) in pixels, rarely mentioned.
        genre: the world the scene belongs to, now and then mentioned; empty means never.
        thing: "sprite" or "scene", how requests call the picture.
        exact: the hex value of a brace's colour in the picture, or "".
    """
    views = (words,) if isinstance(words, Words) else tuple(words)
    speak = Speaker(rng, shows, exact)
    out: list[str] = []
    for text in _wordings(views, speak, style, size, count, genre, thing):
        clean = _articles(text)
        if clean and clean not in out:
            out.append(clean)
        if len(out) == count:
            break
    return tuple(out)


def _wordings(
    views: tuple[Words, ...],
    speak: Speaker,
    style: Sequence[str],
    size: tuple[int, int],
    count: int,
    genre: str,
    thing: str,
) -> Iterator[str]:
    """Wordings, perhaps with doubles: a dozen of every register, then more until the patience for `count` is over."""
    rng, table = speak.rng, phrases()
    look = rng.choice(style)

    def say_all(facts: Sequence[Fact], low: int, high: int) -> list[str]:
        said: list[str] = []
        ends: list[str] = []
        for text in map(speak.say, rng.subset(facts, low, high)):
            if text and text != "a~" and _bare(text).rpartition(" ")[2] not in ends:
                said.append(text)
                ends.append(text.rpartition(" ")[2])
        return said

    def phrase(words: Words, adjectives: int, having: int, place: int, noun: str | None = None) -> str:
        name = noun or speak.say(rng.choice(words.nouns))
        first = [t for t in say_all(words.adjectives, adjectives, adjectives) if not {*t.split()} & {*name.split()}]
        out = " ".join([*first, name])  # not "a wooden wooden shield"
        with_ = say_all(words.having, having, having)
        if with_:
            out += (" with " if words.plural or rng.chance(0.9) else " that has ") + _and(with_)
        elif words.lacking and having and rng.chance(0.5):
            out += " without " + rng.choice(words.lacking)
        for where in say_all(words.place, place, place):
            out += " " + where
        return out

    def some(words: Words, most: int = 2) -> str:
        return phrase(words, rng.integer(0, 1), rng.integer(0, most), rng.integer(0, 1) if rng.chance(0.7) else 2)

    def tags(words: Words) -> str:
        facts = [_bare(t) for t in say_all((*words.adjectives, *words.having, *words.place), 1, 4)]
        facts = [re.sub(r"^(at|in|on|under|during|by|with) (a~|a |the )?", "", f) for f in facts]
        return ", ".join(
            [_bare(speak.say(rng.choice(words.nouns))), *rng.shuffled(facts)] + ([look] if rng.chance(0.3) else [])
        )

    def wrapped(register: str, words: Words, text: str) -> str:
        art = "" if words.plural else "a~"
        world = rng.choice(table["game"].get(genre, (genre,)))
        if register == "genres" and any(word in text for word in re.split(r"\W", world)):
            register = "phrases"  # "western western hero"
        return str(
            rng.choice(table[register]).format(
                a=art + text,
                n=text,
                look=rng.choice(style),
                size=f"{size[1]}x{size[0]}",
                genre=world,
                thing=rng.choice(table["things"][thing]),
            )
        )

    first = views[0]
    plain, art = speak.say(first.nouns[0]), "" if first.plural else "a~"
    many_a, many_h, many_p = len(first.adjectives), len(first.having), len(first.place)
    other = rng.choice(views)
    yield art + phrase(first, many_a, many_h, many_p, noun=plain if first.plural else None)
    yield plain
    yield phrase(first, 1, 0, 0, noun=plain) if many_a else phrase(first, 0, 1, 0, noun=plain)
    yield phrase(first, 0, 1, 0, noun=plain) if many_h else phrase(first, 0, 0, 1, noun=plain)
    yield art + phrase(first, rng.integer(0, many_a), rng.integer(1, 2), rng.integer(0, 1))
    yield ("" if other.plural else "a~") + phrase(other, 1, rng.integer(1, 3), rng.integer(0, 2))
    yield tags(other)
    if rng.chance(0.4) and not first.plural:
        yield wrapped("names", first, phrase(first, rng.integer(0, 1), 0, 0))
    else:
        yield wrapped("phrases", first, phrase(first, rng.integer(0, 1), 0, rng.integer(0, 1)))
    yield wrapped("looks", first, phrase(first, rng.integer(0, 1), rng.integer(0, 1), 0))
    yield wrapped("requests", first, some(first))
    yield wrapped("questions" if rng.chance(0.6) else "sentences", other, some(other))
    extra = ["sizes", "phrases"] + (["genres"] * 2 if genre else [])
    yield wrapped(rng.choice(extra), first, phrase(first, rng.integer(0, 1), rng.integer(0, 1), 0))
    registers = ("requests", "questions", "phrases", "looks", "sentences", "sizes") + (("genres",) if genre else ())
    for turn in range(count * 6):
        words = rng.choice(views)
        kind = turn % (len(registers) + 2)
        if kind == 0:
            yield tags(words)
        elif kind == 1:
            yield ("" if words.plural or rng.chance(0.3) else "a~") + some(words, 3)
        else:
            yield wrapped(registers[kind - 2], words, some(words))
