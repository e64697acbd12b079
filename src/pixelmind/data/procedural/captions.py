"""The caption grammar: from the facts of a scene to many wordings, from two-word tags to sentences, none of which contradicts the picture.

Facts are plain strings in which a colour word stands in braces, "three {red} flags": the word is left out where the style does not show it.
A fact may be a tuple of alternatives that all hold. Words are US and UK spelt, as people type them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pixelmind.data.procedural.rng import Rng

Fact = str | tuple[str, ...]
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

#: Other words people use for a colour; every one of them is true of the colour.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "red": ("crimson", "scarlet"),
    "dark red": ("crimson", "maroon"),
    "gold": ("golden", "gold"),
    "green": ("green", "bright green"),
    "lime": ("lime green", "bright green"),
    "light blue": ("sky blue", "pale blue"),
    "navy": ("dark blue", "navy blue"),
    "violet": ("lavender", "light purple"),
    "purple": ("deep purple", "purple"),
    "grey": ("gray", "grey"),
    "dark grey": ("dark gray", "charcoal"),
    "light grey": ("light gray", "pale grey"),
    "blond": ("blond", "blonde"),
    "ginger": ("ginger", "orange"),
    "teal": ("teal", "turquoise"),
}


@dataclass(frozen=True, kw_only=True)
class Words:
    """What may be said of a scene.

    `nouns`: names of the subject, the plainest first (singular, no article); `adjectives` in speaking order; `having`: what follows "with";
    `place`: where or when ("at night", "on a hill"); `lacking`: true things that follow "without"; `plural`: the noun takes no article.
    """

    nouns: tuple[str, ...]
    adjectives: tuple[Fact, ...] = ()
    having: tuple[Fact, ...] = ()
    place: tuple[Fact, ...] = ()
    lacking: tuple[str, ...] = ()
    plural: bool = False


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


def _articles(text: str) -> str:
    """Resolve "a~" once the words behind it are final."""
    text = re.sub(r"\s+", " ", text).strip()
    return re.sub(r"a~\s*(\w)", lambda m: ("an " if m[1].lower() in "aeiou" else "a ") + m[1], text)


class Speaker:
    """Says facts in the words a style allows. `shows(color)` tells whether a colour word is true on the canvas."""

    def __init__(self, rng: Rng, shows: Callable[[str], bool]) -> None:
        self.rng, self.shows = rng, shows

    def say(self, fact: Fact) -> str:
        """One wording of a fact, colours resolved; empty where nothing is left."""
        text = fact if isinstance(fact, str) else self.rng.choice(fact)

        def color(match: re.Match[str]) -> str:
            name = match[1]
            if not self.shows(name):
                return ""
            return self.rng.choice(SYNONYMS[name]) if name in SYNONYMS and self.rng.chance(0.25) else name

        return re.sub(r"\s+", " ", re.sub(r"\{([^}]*)\}", color, text)).strip()


def _and(parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return ", ".join(parts[:-1]) + " and " + parts[-1]


def _bare(text: str) -> str:
    """A fact as a tag: without its article."""
    return re.sub(r"^(a~\s*|one |a single )", "", text)


def captions(
    words: Words, rng: Rng, shows: Callable[[str], bool], style: Sequence[str], size: tuple[int, int]
) -> tuple[str, ...]:
    """Six to twelve distinct wordings, the fullest first.

    Args:
        style: words for the art style ("8-bit", "nes style"); used in a part of the captions only.
        size: (height, width) in pixels, rarely mentioned.
    """
    speak = Speaker(rng, shows)
    art = "" if words.plural else "a~"

    def say_all(facts: Sequence[Fact], low: int, high: int) -> list[str]:
        return [t for t in (speak.say(f) for f in rng.subset(facts, low, high)) if t and t != "a~"]

    def phrase(adjectives: int, having: int, place: int, noun: str | None = None, head: str = "") -> str:
        name = noun or rng.choice(words.nouns)
        out = " ".join([head, *say_all(words.adjectives, adjectives, adjectives), name])
        with_ = say_all(words.having, having, having)
        if with_:
            out += (" with " if rng.chance(0.9) else " that has ") + _and(with_)
        elif words.lacking and having and rng.chance(0.5):
            out += " without " + rng.choice(words.lacking)
        for where in say_all(words.place, place, place):
            out += " " + where
        return out

    plain = words.nouns[0]
    look = rng.choice(style)
    many_a, many_h, many_p = len(words.adjectives), len(words.having), len(words.place)

    def tags() -> str:
        facts = [_bare(t) for t in say_all((*words.adjectives, *words.having, *words.place), 1, 4)]
        facts = [re.sub(r"^(at|in|on|under|during) (a |the )?", "", f) for f in facts]
        return ", ".join([rng.choice(words.nouns), *rng.shuffled(facts)] + ([look] if rng.chance(0.3) else []))

    wrap = rng.choice(
        ("pixel art of {}", "{}, pixel art", "a pixel art sprite of {}", "sprite of {}", "pixel art {}", "{} sprite")
    )
    inner = (art if "of" in wrap or wrap.startswith("{},") else "") + phrase(rng.integer(0, 1), 0, 0)
    if wrap == "pixel art {}" and rng.chance(0.5):
        inner = phrase(0, 1, 0)
    made = [
        art + phrase(many_a, many_h, many_p),
        plain,
        phrase(1, 0, 0, noun=plain) if many_a else phrase(0, 1, 0, noun=plain),
        phrase(0, 1, 0, noun=plain) if many_h else phrase(0, 0, 1, noun=plain),
        art + phrase(rng.integer(0, many_a), rng.integer(1, 2), rng.integer(0, 1)),
        tags(),
        wrap.format(inner),
        f"{look} " + phrase(rng.integer(0, 1), rng.integer(0, 1), 0),
        phrase(1, 1, 1) if many_p else phrase(rng.integer(0, 1), 0, 0),
        art
        + phrase(rng.integer(1, 2), 0, 0)
        + (f" in {look} style" if "style" not in look and rng.chance(0.5) else ""),
        rng.choice((tags(), f"{size[1]}x{size[0]} " + phrase(rng.integer(0, 1), rng.integer(0, 1), 0))),
    ]
    spare = [
        f"a small picture of {art}{plain}",
        f"pixel art {plain}",
        f"{look} {plain}",
        f"{plain} sprite",
        f"{plain} for a game",
    ]
    out: list[str] = []
    for text in [*made, *spare]:
        clean = _articles(text)
        if clean and clean not in out and (text not in spare or len(out) < 6):
            out.append(clean)
    return tuple(out[:12])
