"""Fillings that gainsay each other: two times, views, sizes, numbers or colours of one thing."""

from __future__ import annotations

from collections.abc import Callable

from pixelmind.data.procedural.captions import pluralize
from pixelmind.dialogue import values
from pixelmind.dialogue.speech import Speech, words


def _pair(first: str, second: str, slot: str) -> Callable[[Speech], None]:
    """Two different colours, the second kept for `_kept`."""

    def run(s: Speech) -> None:
        a = s.rng.choice(words()[first])
        b = s.rng.choice([w for w in words()[second] if values.color(w) != values.color(a)])
        s.memo[f"{slot}_other"] = b
        s.label(slot, a)

    return run


def _kept(slot: str) -> Callable[[Speech], None]:
    def run(s: Speech) -> None:
        if f"{slot}_other" not in s.memo:
            s.memo[f"{slot}_other"] = s.rng.choice(words()["color.plain"])
        s.label(slot, s.memo[f"{slot}_other"])

    return run


_VIEW_PAIRS = (
    ("iso", "side"),
    ("top", "side"),
    ("front", "back"),
    ("top", "front"),
    ("iso", "front"),
    ("iso", "top"),
    ("side", "front"),
)


def _view_one(s: Speech) -> None:
    a, b = s.rng.shuffled(s.rng.choice(_VIEW_PAIRS))
    s.memo["view_other"] = s.rng.choice(words()[f"view.{b}"])
    s.label("view", s.rng.choice(words()[f"view.{a}"]))


def _time_one(s: Speech) -> None:
    a, b = s.rng.shuffled(s.rng.choice(words()["time.pairs"]).split("/"))
    s.memo["time_other"] = b
    s.label("time", a)


def _two_numbers(s: Speech) -> tuple[str, str]:
    table = words()["count.numbers"]
    a, b = s.rng.choice(table), s.rng.choice(table)
    while values.count(a) == values.count(b):
        b = s.rng.choice(table)
    return a, b


def _two_counts(attribute: bool) -> Callable[[Speech], None]:
    def run(s: Speech) -> None:
        a, b = _two_numbers(s)
        if attribute:
            noun = s.rng.choice(words()["clash.parts"])
            slot = "attribute"
        else:
            noun, slot = pluralize(s.pick_noun()), "subject"
        s.label("count", a)
        s.say(" ")
        s.label(slot, noun)
        s.say(s.rng.choice((" and ", ", ", " but ", ", exactly ", " and exactly ", ", i mean ", ", with ")))
        s.label("count", b)
        s.say(" ")
        s.label(slot, noun)

    return run


def _size_one(s: Speech) -> None:
    table = words()["size.cross"][:38]
    a, b = s.rng.choice(table), s.rng.choice(table)
    while values.size(a) == values.size(b):
        b = s.rng.choice(table)
    if s.rng.chance(0.25):
        b = s.rng.choice(("128px", "256 px", "64px", "500 pixels wide", "8px", "100px"))
    s.memo["size_other"] = b
    s.label("size", a)


def _same_attr(s: Speech) -> None:
    noun = s.rng.choice(words()["clash.had"])
    s.memo["attr"] = noun
    s.label("attribute", noun)


#: Name in braces to what says it.
TABLE: dict[str, Callable[[Speech], None]] = {
    "chroma": lambda s: s.label("color", s.rng.choice([c for c in words()["clash.chroma"] if c not in s.colors])),
    "ref_them": lambda s: s.label("reference", "it" if not s.many else "them"),
    "two_counts": _two_counts(False),
    "two_counts_attr": _two_counts(True),
    "time_one": _time_one,
    "time_other": _kept("time"),
    "view_one": _view_one,
    "view_other": _kept("view"),
    "same_attr": _same_attr,
    "same_attr_again": lambda s: s.label("absent", s.memo["attr"]),
    "same_attr_again_attr": lambda s: s.label("attribute", s.memo["attr"]),
    "size_one": _size_one,
    "size_other": _kept("size"),
    "color_one": _pair("color.plain", "color.plain", "color"),
    "color_other": _kept("color"),
}
