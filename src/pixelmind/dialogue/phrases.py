"""Long phrases put together from words: what somebody does, where it stands, what it has, a place told at length.

Cut as the labels are (tests/assets/requests/README.md): verbs and prepositions belong to an attribute, "with" and the article after it do
not, and where a colour stands inside, colour and noun are two pieces.
"""

from __future__ import annotations

from collections.abc import Callable

from pixelmind.data.edits.instructions import plural
from pixelmind.data.procedural.captions import pluralize
from pixelmind.dialogue.lexicon import mass
from pixelmind.dialogue.pieces import needs_an
from pixelmind.dialogue.speech import SPOKEN, Speech, place_of, words

_NOUNS = ("item", "item", "animal", "person", "monster", "food", "plant", "furniture", "vehicle", "building")
_SIDES = (
    "on the left", "on the right", "on the far left", "on the far right", "on top", "at the top", "at the very top", "at the bottom",
    "in the middle", "in the back", "in the front", "in the corner", "on the left side", "on the right side", "in the background",
    "in the foreground", "at the edge", "from the left",
)  # fmt: skip
_RANKS = ("second", "third", "first", "last", "middle", "biggest", "smallest", "tallest", "leftmost", "outer", "other")
_BETWEEN = (
    "next to",
    "behind",
    "in front of",
    "above",
    "below",
    "under",
    "on",
    "beside",
    "near",
    "standing next to",
    "hanging from",
    "left of",
)


def odd(s: Speech) -> str:
    """An adjective, a rare one in six of ten."""
    key = SPOKEN.get(s.kind(), s.kind())
    if s.rng.chance(0.6):
        return s.rng.choice(words()["more.like"])
    return s.rng.choice(words()[f"adjectives.{key}" if f"adjectives.{key}" in words() else "adjectives.any"])


def with_article(s: Speech, noun: str, adjective: float = 0.2) -> str:
    """A noun with an article, a possessive or "the", perhaps an adjective."""
    said = f"{s.rng.choice(words()['belong.kinds'])} {noun}" if s.rng.chance(adjective) else noun
    roll = s.rng.unit()
    if plural(noun) or noun in mass():
        return said if roll < 0.6 else f"{s.rng.choice(('the', 'some', 'two', 'three', 'his', 'its', 'many'))} {said}"
    if roll < 0.66:
        return f"{'an' if needs_an(said.split(' ')[0]) else 'a'} {said}"
    return f"{s.rng.choice(('the', 'the', 'his', 'her', 'its', 'another', 'one'))} {said}"


def any_noun(s: Speech) -> str:
    """A thing of any kind, plural at times."""
    noun = s.rng.choice(words()[f"nouns.{s.rng.choice(_NOUNS)}"])
    return pluralize(noun) if s.rng.chance(0.14) and noun not in mass() and not plural(noun) else noun


def doing(s: Speech) -> str:
    """What somebody does or what it is made of: "chewing on a straw", "made of rusty iron", "half asleep"."""
    roll = s.rng.unit()
    if roll < 0.36:
        return f"{s.rng.choice(words()['act.to'])} {with_article(s, any_noun(s))}"
    if roll < 0.62:
        noun = any_noun(s) if s.rng.chance(0.4) else s.rng.choice(words()["where.spots"])
        return f"{s.rng.choice(words()['act.at'])} {with_article(s, noun)}"
    if roll < 0.8:
        stuff = s.rng.choice(words()["stuff.words"]) if s.rng.chance(0.75) else pluralize(any_noun(s))
        return f"{s.rng.choice(words()['act.of'])} {stuff}"
    return s.rng.choice(words()["act.alone"])


def where(s: Speech) -> str:
    """Where somebody or something is: "by a frozen river", "on top of the castle wall"."""
    spot = s.rng.choice(words()["where.spots"]) if s.rng.chance(0.75) else s.rng.choice(words()["nouns.place"])
    return f"{s.rng.choice(words()['where.before'])} {with_article(s, spot)}"


def having(s: Speech) -> str:
    """What something has, without article: "crooked weather vane on the roof", "smoke coming out of the chimney"."""
    rng, roll = s.rng, s.rng.unit()
    thing = rng.choice(words()["belong.things"]) if rng.chance(0.6) else any_noun(s)
    if rng.chance(0.2) and not plural(thing):
        thing = pluralize(thing)
    if roll < 0.3:
        return f"{rng.choice(words()['belong.kinds'])} {thing}"
    if roll < 0.36:
        return f"{rng.choice(words()['more.like'])} {thing}"
    if roll < 0.6:
        return f"{thing} {rng.choice(words()['belong.on'])}"
    if roll < 0.75:
        what = thing if rng.chance(0.6) else rng.choice(words()["stuff.words"])
        whose = rng.choice(("the", "the", "its", "his", "her"))
        return f"{what} {rng.choice(words()['belong.doing'])} {whose} {rng.choice(words()['belong.places'])}"
    if roll < 0.82:
        return f"{thing} {doing(s)}"
    if roll < 0.88:
        return f"{thing} {where(s)}"
    return thing


def _long(inner: Callable[[Speech], str]) -> Callable[[Speech], None]:
    def run(s: Speech) -> None:
        said = inner(s)
        if said.startswith("with "):
            s.say("with ")
            said = said[5:]
        s.label("attribute", said)

    return run


def _having(article: bool) -> Callable[[Speech], None]:
    """What something has; a colour in front is a piece of its own."""

    def run(s: Speech) -> None:
        said = having(s)
        head = said.split(" ")[0]
        many = plural(said) or plural(head) or head.endswith("s") or said in mass() or head in words()["stuff.words"]
        if many and s.rng.chance(0.25):
            s.label("count", s.rng.choice(words()["count.exact"]))
            s.say(" ")
        elif article and not many:
            s.say("a~ " if s.rng.chance(0.9) else "the ")
        if s.rng.chance(0.16):
            s.fill("color")
            s.say(" ")
        s.label("attribute", said)

    return run


def region_long(s: Speech) -> tuple[str, str]:
    """A place told at length, without article, and its part word: "tree next to the house", "third window from the left"."""
    rng = s.rng
    part = s.part(None if rng.chance(0.25) else False, False)
    roll = rng.unit()
    if roll < 0.3:
        return f"{part} {rng.choice(_SIDES)}", part
    if roll < 0.42:
        return (
            f"{rng.choice(_RANKS)} {part}{rng.choice(('', '', ' from the left', ' from the right', ' from the top'))}",
            part,
        )
    if roll < 0.68:
        other = s.rng.choice(words()["popular.words"]) if rng.chance(0.6) else any_noun(s)
        return f"{part} {rng.choice(_BETWEEN)} {rng.choice(('the', 'the', 'the', 'his', 'her', 'its'))} {other}", part
    if roll < 0.85:
        kind = rng.choice(words()["belong.kinds"] if rng.chance(0.6) else words()["more.like"])
        return f"{kind} {part}", part
    return f"{part} with the {rng.choice(words()['belong.things'])}", part


def _region_long(article: bool) -> Callable[[Speech], None]:
    def run(s: Speech) -> None:
        said, part = region_long(s)
        s.many = plural(part)
        s.place(place_of(part), 2)
        if article:
            s.say("the ")
        s.out.append((said, "region"))

    return run


def _second_part(article: bool) -> Callable[[Speech], None]:
    """A part named beside the one that the turn is about: of a second wish, which has no labels."""

    def run(s: Speech) -> None:
        many, region, rank = s.many, s.region, s._rank
        word = s.part(None, False)
        s.many, s.region, s._rank = many, region, rank
        s.say(f"the {word}" if article else word)

    return run


def _his_part(s: Speech) -> None:
    s.say(s.rng.choice(("his ", "her ", "its ", "the ")))
    s.label("region", s.part(None, False))


def _figure_the(s: Speech) -> None:
    """The figure, by pronoun or noun, in front of its verb."""
    if s.rng.chance(0.5):
        word = s.rng.choice(("he", "she", "he"))
        s.place("figure", 1)
        s.resolved[word] = "figure"
        s.out.append((word, "reference"))
        return
    s.say("the ")
    noun = s.rng.choice(words()[f"nouns.{s.rng.choice(('person', 'person', 'animal', 'monster'))}"])
    s.place("figure", 1)
    s.out.append((noun, "region"))


def _figure_he(s: Speech) -> None:
    """The figure by a pronoun in front of its verb."""
    word = {"him": "he", "her": "she"}.get(s.memo.get("person", ""), "") or s.rng.choice(("he", "she", "he"))
    s.place("figure", 1)
    s.resolved[word] = "figure"
    s.out.append((word, "reference"))


def _other_noun(many: bool) -> Callable[[Speech], None]:
    return lambda s: s.label("subject", pluralize(any_noun(s)) if many else any_noun(s))


def _them_part(s: Speech) -> None:
    """The part just named, by its pronoun."""
    word = "them" if s.many else "it"
    s.resolved[word] = s.region
    s.out.append((word, "reference"))


def _a_part(s: Speech) -> None:
    word = s.part(None, False)
    s.say("" if s.many or word in mass() else "a~ ")
    s.label("region", word)


def _part_again(s: Speech) -> None:
    s.say("the ")
    s.out.append((next((t for t, slot in s.out if slot == "region"), "hat"), "region"))


#: Name in braces to what says it.
TABLE: dict[str, Callable[[Speech], None]] = {
    "odd": lambda s: s.label("attribute", odd(s)),
    "does_long": _long(doing),
    "at_place": _long(where),
    "at_place_plain": lambda s: s.say(with_article(s, s.rng.choice(words()["nouns.place"]))),
    "having": _having(True),
    "having_bare": _having(False),
    "region_long": _region_long(False),
    "the_region_long": _region_long(True),
    "the_b": _second_part(True),
    "part_b": _second_part(False),
    "part_his": _his_part,
    "part_plain": lambda s: s.say(s.part(None, False)),
    "them_part": _them_part,
    "part_bare_article": _a_part,
    "figure_the": _figure_the,
    "figure_he": _figure_he,
    "noun_b": _other_noun(False),
    "nouns_b": _other_noun(True),
    "part_the_same": _part_again,
    "part_bare_plain": lambda s: s.label("region", s.part(None, False)),
    "a_subject_plain": lambda s: s.say(with_article(s, any_noun(s), 0.0)),
    "a_noun_plain": lambda s: s.say(with_article(s, any_noun(s), 0.0)),
    "color_plain": lambda s: s.say(s.rng.choice(words()["color.plain"])),
    "view_from_plain": lambda s: s.label("view", s.rng.choice(("above", "behind", "below", "the side", "the front"))),
    "s": lambda s: s.say("" if s.many else "s"),
    "es": lambda s: s.say("" if s.many else "es"),
}
