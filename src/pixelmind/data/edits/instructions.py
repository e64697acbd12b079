"""What people say for an edit: a small grammar of commands, wishes and complaints in several registers.

A template holds alternatives in parentheses, "(make|turn) {the} darker", and slots in braces, filled from an edit's words: {the} the
region or thing with its article, {bare} without, {is} "is" or "are", {it} "it" or "them", {a} the article a wish needs, {more} and
{lots} the amount; other slots are named where they are filled, in `operations`.
"""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources

from pixelmind.data.procedural.rng import Rng

Words = Mapping[str, str]

#: How a command, a wish and a statement are put to somebody.
COMMANDS = (
    "{}",
    "{}",
    "{}",
    "please {}",
    "{} please",
    "can you {}?",
    "could you {}?",
    "could you please {}?",
    "I'd like you to {}",
    "let's {}",
    "now {}",
    "ok, now {}",
    "just {}",
    "try to {}",
)
WISHES = (
    "{}",
    "{} please",
    "I want {}",
    "I'd like {}",
    "how about {}?",
    "what about {}?",
    "give me {}",
    "can I have {}?",
)
STATEMENTS = ("{}", "{}", "hmm, {}", "I think {}", "{}, can you fix that?")


@lru_cache(maxsize=1)
def templates() -> dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]]:
    """operation -> (commands, wishes, statements), from instructions.toml."""
    table = tomllib.loads(resources.files(__package__).joinpath("instructions.toml").read_text(encoding="utf-8"))
    return {name: (tuple(t["commands"]), tuple(t["wishes"]), tuple(t["statements"])) for name, t in table.items()}


@lru_cache(maxsize=4096)
def expand(template: str) -> tuple[str, ...]:
    """All readings of a template, alternatives resolved."""
    parts = re.split(r"\(([^()]*)\)", template)
    options = [p.split("|") if i % 2 else [p] for i, p in enumerate(parts)]
    return tuple(dict.fromkeys(" ".join("".join(c).split()) for c in itertools.product(*options)))


def _fill(text: str, words: Words) -> str:
    out = re.sub(r"\{(\w+)\}", lambda m: words[m[1]], text)
    return articles(re.sub(r"\s+([,?])", r"\1", " ".join(out.split())))


_VOWEL = r"(?:[aeio](?!ne\b)|u(?!fo|i\b|ni))"


def articles(text: str) -> str:
    """The text with "a" or "an" as the next word wants it."""
    return re.sub(rf"\ban (?!{_VOWEL})", "a ", re.sub(rf"\ba (?={_VOWEL})", "an ", text))


def _fits(text: str, words: Words) -> bool:
    """Whether every slot has words; an empty filling is fine, an absent one is not."""
    return all(slot in words for slot in re.findall(r"\{(\w+)\}", text))


#: Operations that are spoken of like another one.
SPOKEN_AS = {"change_color": "recolor", "move_part": "move_object"}


def wordings(operation: str, words: Words) -> tuple[str, ...]:
    """Every way to say an edit, without the registers."""
    out: dict[str, None] = {}
    for group in templates()[SPOKEN_AS.get(operation, operation)]:
        for template in group:
            for text in expand(template):
                if _fits(text, words):
                    out[_fill(text, words)] = None
    return tuple(out)


def say(operation: str, words: Words, rng: Rng, count: int = 4) -> tuple[str, ...]:
    """`count` distinct instructions for an edit in mixed registers: commands twice as often as wishes and complaints."""
    out: dict[str, None] = {}
    groups = list(zip(templates()[SPOKEN_AS.get(operation, operation)], (COMMANDS, WISHES, STATEMENTS)))
    for _ in range(12 * count):
        options, registers = rng.choice(groups, (2.0, 1.0, 1.0))
        fit = [t for t in options if any(_fits(text, words) for text in expand(t))]
        if not fit:
            continue
        text = rng.choice([t for t in expand(rng.choice(fit)) if _fits(t, words)])
        filled = _fill(text, words)
        register = rng.choice([r for r in registers if not ("please" in r and "please" in filled)])
        if register.startswith(("I ", "I'd", "can I", "give", "how", "what")) and re.match(
            r"(no|just|more|even|a bit|also|the same but|no,)\b", filled
        ):
            register = "{}"
        said = register.format(filled)
        if rng.chance(0.2):
            said = said[0].upper() + said[1:]
        out[said] = None
        if len(out) == count:
            break
    return tuple(out)


def article(phrase: str) -> str:
    """The phrase with "a" or "an"; plural and uncountable ones stay as they are."""
    if plural(phrase) or phrase.split()[-1] in UNCOUNTED or phrase.startswith(("a ", "an ", "the ", "one ")):
        return phrase
    return articles(f"a {phrase}")


UNCOUNTED = frozenset(
    ("hair", "skin", "fire", "ice", "smoke", "steam", "foam", "water", "dew", "rain", "snow", "fog", "lightning", "lava")
    + ("grass", "moss", "dirt", "sand", "stone", "sandstone", "wood", "brick", "marble", "glass", "carpet", "furniture")
    + ("gold", "silver", "copper", "iron", "steel", "metal", "treasure", "armour", "armor")
    + ("bread", "meat", "cheese", "garlic", "salad", "fruit")
)  # fmt: skip
_SINGULAR_S = ("ss", "us", "is", "cactus", "octopus", "bus", "lens")


def plural(phrase: str) -> bool:
    """Whether a noun phrase is spoken of as "them"."""
    last = phrase.split(" of ")[0].split()[-1]
    return (last.endswith("s") and not last.endswith(_SINGULAR_S)) or last in (
        "people",
        "sheep",
        "teeth",
        "feet",
        "hair clips",
    )


def pluralized(noun: str) -> str:
    """The plural of a singular noun phrase."""
    if " of " in noun:
        head, rest = noun.split(" of ", 1)
        return f"{pluralized(head)} of {rest}"
    if plural(noun) or noun.endswith("fish"):
        return noun
    if re.search(r"(s|x|ch|sh)$", noun):
        return noun + "es"
    if re.search(r"[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    return noun[:-1] + "ves" if noun.endswith("leaf") else noun + "s"


def about(bare: str, *, the: str | None = None) -> dict[str, str]:
    """The slots that speak of a region or thing: {the}, {bare}, {is}, {has}, {it}, {a}, {on}, {of}, {needs}, {of_under}."""
    many = plural(bare)
    the = the or f"the {bare}"
    return {
        "the": the,
        "bare": bare,
        "is": "are" if many else "is",
        "has": "have" if many else "has",
        "needs": "need" if many else "needs",
        "it": "them" if many else "it",
        "a": "" if many else "a ",
        "on": f" on {the}",
        "of": f" of {the}",
        "of_under": f" under {the}",
    }


#: Amount -> the words {more} ("make it much darker"), {some} ("a slightly darker sky") and {lots} ("darken it a lot").
AMOUNTS = {
    "little": {"more": "a bit ", "some": "slightly ", "lots": " a bit"},
    "normal": {"more": "", "some": "", "lots": ""},
    "much": {"more": "much ", "some": "much ", "lots": " a lot"},
}
