"""Open points of a wish: the readings a vague word has, which of them is taken where nobody is asked, and how that is stated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from pixelmind.dialogue.grounding import Open, Wish, normal
from pixelmind.dialogue.lexicon import read

#: Slots that may be left open by a word, in the order in which they matter to a picture.
SLOTS = ("subject", "style", "mood", "color", "size", "count")
_TUPLES = ("attributes", "absent", "colors", "size")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One meaning of a vague word: how it is said, and the fields of a wish it sets."""

    label: str
    fields: dict[str, Any]

    def applied(self, wish: Wish) -> Wish:
        """The wish with this meaning; what was said exactly (size, palette, limit, count, subject) stays as said."""
        new = dict(self.fields)
        for name in ("attributes", "colors"):
            if name in new:
                new[name] = tuple(dict.fromkeys((*getattr(wish, name), *new[name])))
        for name in ("size", "palette", "max_colors", "count", "subject"):
            if name in new and getattr(wish, name):
                del new[name]
        if new.get("time") and wish.time:
            new["time"] = wish.time
        return replace(wish, **new)


@lru_cache(maxsize=1)
def vocabulary() -> dict[str, dict[str, tuple[Reading, ...]]]:
    """Slot to word to readings, most usual first; other forms of a word have an entry of their own."""
    table: dict[str, dict[str, tuple[Reading, ...]]] = {slot: {} for slot in SLOTS}
    for slot, words in read("defaults.toml").items():
        for word, entry in words.items():
            readings = tuple(
                Reading(
                    label=r["label"], fields={k: tuple(v) if k in _TUPLES else v for k, v in r.items() if k != "label"}
                )
                for r in entry["readings"]
            )
            for form in (word, *entry.get("also", ())):
                table[slot][normal(form)] = readings
    return table


def entry(slot: str, word: str) -> tuple[str, tuple[Reading, ...]]:
    """The vague word that a piece of text is or holds, and its readings; ("", ()) where it holds none."""
    known, low = vocabulary().get(slot, {}), normal(word)
    if low in known:
        return low, known[low]
    inside = [form for form in known if form and f" {form} " in f" {low} "]
    form = max(inside, key=len, default="")
    return (form, known[form]) if form else ("", ())


def open_points(wish: Wish) -> list[Open]:
    """What a wish leaves open so far that two people would expect different pictures, most important first."""
    found = []
    if not wish.subject and not wish.attributes:
        found.append(Open(slot="subject"))
    for slot, words in (
        ("style", wish.style), ("mood", wish.mood), ("size", wish.size_word), ("count", wish.count_word),
    ):  # fmt: skip
        if not words or slot in wish.settled:
            continue
        form, _ = entry(slot, words)
        if form and not _told(wish, slot):
            found.append(Open(slot=slot, word=form))
    for color in wish.colors:
        form, _ = entry("color", color)
        if form and "color" not in wish.settled and normal(color) == form:
            found.append(Open(slot="color", word=form))
    return sorted((o for o in found if o.slot not in wish.settled), key=lambda o: SLOTS.index(o.slot))


def _told(wish: Wish, slot: str) -> bool:
    """Whether what a vague word could mean was said exactly: a palette and a size close a style, a time closes nothing."""
    if slot == "size":
        return wish.size is not None
    if slot == "count":
        return wish.count is not None
    return bool(wish.palette) and slot == "style"


def close(wish: Wish, point: Open, reading: Reading) -> Wish:
    """The wish with an open point given this meaning, which takes the place of the vague word."""
    if point.slot in ("style", "mood"):
        said = (w.strip() for w in getattr(wish, point.slot).split(","))
        left: dict[str, Any] = {point.slot: ", ".join(w for w in said if entry(point.slot, w)[0] != point.word)}
        wish = replace(wish, **left)
    if point.slot == "color":
        wish = replace(wish, colors=tuple(c for c in wish.colors if normal(c) != point.word))
    return reading.applied(wish).settle(point.slot)


def fill(wish: Wish) -> tuple[Wish, tuple[str, ...]]:
    """Close every open point by its most usual reading, and state each: "I took nostalgic as Game Boy colours; say otherwise."."""
    stated = []
    for point in open_points(wish):
        _, readings = entry(point.slot, point.word)
        if not readings:
            continue
        first = readings[0]
        wish = close(wish, point, first)
        what = f"took {point.word} as {first.label}" if point.word else f"drew {first.label}"
        stated.append(f"I {what}; say otherwise.")
    return wish, tuple(stated)
