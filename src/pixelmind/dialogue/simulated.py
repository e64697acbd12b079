"""Simulated people with known wishes, for learning and measuring the clarifying policy. They stand for nobody: which reading of a vague
word is frequent is drawn at random (Dirichlet), once for a population, so a policy has to find out where the default is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from pixelmind.dialogue.defaults import Reading, close, fill, open_points, vocabulary
from pixelmind.dialogue.grounding import Open, Wish
from pixelmind.dialogue.lexicon import colors, nouns
from pixelmind.dialogue.policy import MAX_OPTIONS

#: What counts in a match, with the mean importance; each person's own is drawn around it.
IMPORTANCE = {"subject": 3.0, "attributes": 1.0, "colors": 2.0, "palette": 2.0, "max_colors": 1.0, "size": 1.5, "count": 1.0,
              "time": 1.5, "style": 1.0, "genre": 0.5}  # fmt: skip
#: How often a wish has a vague word of a slot.
VAGUE = {"subject": 0.08, "style": 0.5, "mood": 0.5, "color": 0.2, "size": 0.4, "count": 0.15}
#: Dirichlet weights of the readings, the usual first: people agree more about sizes and numbers than about looks and feelings.
AGREED, DISPUTED = (3.0, 1.0, 0.5, 0.5), (1.0, 1.0, 1.0, 1.0)
DECIDE, SLIP = 0.08, 0.04  # answers "you decide" and picks the wrong option
_FIELD = {"style": "style", "mood": "mood", "size": "size_word", "count": "count_word"}


@dataclass(frozen=True, kw_only=True)
class Person:
    """A simulated person: what is said, what is wanted, the reading of each open slot, the importance of each field."""

    says: Wish
    wants: Wish
    meant: Mapping[str, Reading]
    importance: Mapping[str, float]


@lru_cache(maxsize=128)
def population(seed: int) -> dict[tuple[str, str], np.ndarray]:
    """(slot, word) to the shares of its readings, and last of an idea of one's own."""
    rng = np.random.default_rng((seed, 11))
    return {
        (slot, word): rng.dirichlet([*(AGREED if slot in ("size", "count") else DISPUTED)[: len(readings)], 0.25])
        for slot, words in vocabulary().items()
        for word, readings in words.items()
    }


def person(index: int, seed: int, world: int = 0) -> Person:
    """The person of an index, of the population `world`."""
    rng = np.random.default_rng((seed, 12, index))
    table, shares = vocabulary(), population(world)
    subject = str(rng.choice(_nouns()))
    says = Wish(subject=subject)
    if rng.random() < 0.4:
        says = replace(says, colors=(str(rng.choice(_colors())),))
    wants, meant = says, dict[str, Reading]()
    for slot, chance in VAGUE.items():
        if rng.random() >= chance:
            continue
        word = str(rng.choice(sorted(table[slot])))
        readings = table[slot][word]
        if slot == "subject":
            says, wants, word = replace(says, subject=""), replace(wants, subject=""), ""
            readings = table[slot][""]
        elif slot == "color":
            says, wants = replace(says, colors=(*says.colors, word)), replace(wants, colors=(*wants.colors, word))
        else:
            said: dict[str, Any] = {_FIELD[slot]: word}
            says, wants = replace(says, **said), replace(wants, **said)
        which = int(rng.choice(len(readings) + 1, p=shares[slot, word]))
        if which < len(readings):
            reading = readings[which]
        else:  # an idea of one's own: a reading that another word of the slot has
            other = table[slot][str(rng.choice(sorted(table[slot])))]
            reading = other[int(rng.integers(len(other)))]
        meant[slot] = reading
        wants = close(wants, Open(slot=slot, word=word), reading)
    importance = {name: mean * math.exp(rng.normal(0, 0.5)) for name, mean in IMPORTANCE.items()}
    return Person(says=says, wants=wants, meant=meant, importance=importance)


@lru_cache(maxsize=1)
def _nouns() -> list[str]:
    return sorted(nouns())


@lru_cache(maxsize=1)
def _colors() -> list[str]:
    return sorted(colors())


def match(wish: Wish, person: Person) -> float:
    """How well a wish is the person's own, 0 to 1: the mean over all fields that one of both has set, weighed by importance. Sets count by
    Jaccard's index, numbers and areas by 1 - |log2 of their ratio| (areas half of that), all else by equality."""
    total = got = 0.0
    for name, weight in person.importance.items():
        has, wants = getattr(wish, name), getattr(person.wants, name)
        if not (has or wants):
            continue
        total += weight
        got += weight * _alike(name, has, wants)
    return got / total if total else 1.0


def _alike(name: str, has: Any, wants: Any) -> float:
    if name in ("attributes", "colors"):
        a, b = set(has), set(wants)
        return len(a & b) / len(a | b)
    if not (has and wants):
        return 0.0
    if name == "size":
        return max(0.0, 1 - abs(math.log2(has[0] * has[1] / (wants[0] * wants[1]))) / 2)
    if isinstance(has, int) and isinstance(wants, int):
        return max(0.0, 1 - abs(math.log2(has / wants)))
    return float(has == wants)


def answered(wish: Wish, point: Open, person: Person, rng: np.random.Generator) -> Wish:
    """The wish after the person answered a question about a point."""
    readings = vocabulary()[point.slot][point.word]
    own, roll = person.meant.get(point.slot, readings[0]), rng.random()
    if roll < DECIDE:
        own = readings[0]
    elif roll < DECIDE + SLIP and own in readings:
        own = readings[int(rng.integers(min(len(readings), MAX_OPTIONS)))]
    return close(wish, point, own)


Chooser = Callable[[Wish, int, np.random.Generator], Open | None]


def talk(person: Person, choose: Chooser, rng: np.random.Generator, most: int) -> tuple[float, int]:
    """(match, number of questions) of a person served by a way of asking, at most so many times."""
    wish, asked = person.says, 0
    while asked < most and (point := choose(wish, asked, rng)) is not None:
        wish, asked = answered(wish, point, person, rng), asked + 1
    return match(fill(wish)[0], person), asked


def never(wish: Wish, asked: int, rng: np.random.Generator) -> Open | None:
    """Asks nothing."""
    return None


def always(wish: Wish, asked: int, rng: np.random.Generator) -> Open | None:
    """Asks as long as anything is open, the most important slot first."""
    return next(iter(open_points(wish)), None)


def at_random(wish: Wish, asked: int, rng: np.random.Generator) -> Open | None:
    """Asks about any open point, or goes on, by a coin."""
    points = open_points(wish)
    return points[int(rng.integers(len(points)))] if points and rng.random() < 0.5 else None
