"""Simulated people who come back: each has a few vague words of each slot and keeps to one meaning of a word in most wishes.

As `simulated`, but over several wishes, so that there is something to remember, and with words to say.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pixelmind.dialogue.defaults import Reading, close, fill, open_points, vocabulary
from pixelmind.dialogue.grounding import Open, Wish
from pixelmind.dialogue.lexicon import nouns
from pixelmind.dialogue.policy import Question
from pixelmind.dialogue.simulated import DECIDE, IMPORTANCE, VAGUE, Person, match, population

FAITHFUL = 0.92
WORDS = 2  # vague words of a slot that one person uses
_FIELD = {"style": "style", "mood": "mood", "size": "size_word", "count": "count_word"}
#: Slots that a regular is vague about; what to draw is always said.
SLOTS = ("style", "mood", "color", "size", "count")


@dataclass(frozen=True, kw_only=True)
class Regular:
    """A simulated person: a name, the words used of each slot, and what is usually meant by each."""

    name: str
    words: dict[str, tuple[str, ...]]
    habits: dict[tuple[str, str], Reading]
    importance: dict[str, float]

    def wish(self, rng: np.random.Generator) -> Person:
        """A wish of theirs."""
        subject = str(rng.choice(sorted(nouns())))
        says = wants = Wish(subject=subject)
        meant: dict[str, Reading] = {}
        for slot in SLOTS:
            if rng.random() >= VAGUE[slot]:
                continue
            word = self.words[slot][int(rng.integers(len(self.words[slot])))]
            readings = vocabulary()[slot][word]
            reading = self.habits[slot, word]
            if rng.random() > FAITHFUL:
                reading = readings[int(rng.integers(len(readings)))]
            said: dict[str, Any] = {_FIELD[slot]: word} if slot in _FIELD else {"colors": (*says.colors, word)}
            says, wants = replace(says, **said), replace(wants, **said)
            meant[slot] = reading
            wants = close(wants, Open(slot=slot, word=word), reading)
        return Person(says=says, wants=wants, meant=meant, importance=self.importance)


def regular(index: int, seed: int, world: int = 0) -> Regular:
    """The person of an index, of the population `world` (`simulated.population`: which meanings are frequent)."""
    rng, shares, table = np.random.default_rng((seed, 17, index)), population(world), vocabulary()
    words, habits = {}, {}
    for slot in SLOTS:
        own = rng.choice(sorted(table[slot]), size=WORDS, replace=False)
        words[slot] = tuple(str(w) for w in own)
        for word in words[slot]:
            readings, share = table[slot][word], shares[slot, word][:-1]
            habits[slot, word] = readings[int(rng.choice(len(readings), p=share / share.sum()))]
    importance = {name: mean * math.exp(rng.normal(0, 0.5)) for name, mean in IMPORTANCE.items()}
    name = f"simulated-regular-{seed}-{world}-{index}"
    return Regular(name=name, words=words, habits=habits, importance=importance)


# ---- what is said ----------------------------------------------------------------------------------------------------
def request(wish: Wish) -> str:
    """The words of a wish: "draw some tiny retro warm cats, nostalgic"."""
    thing = " ".join(w for w in (wish.count_word, wish.size_word, wish.style, *wish.colors, wish.subject) if w)
    return f"draw {'' if wish.count_word else 'a '}{thing}{f', {wish.mood}' if wish.mood else ''}"


def answer(person: Person, asks: Question, rng: np.random.Generator) -> str:
    """What is said to a question."""
    reading = person.meant.get(asks.slot)
    if reading is None or rng.random() < DECIDE:
        return "you decide"
    return reading.label


def correction(person: Person, wish: Wish) -> str:
    """What is said of the default that does most harm to a wish; empty where none does any."""
    now, best, said = match(fill(wish)[0], person), 1e-6, ""
    for point in open_points(wish):
        reading = person.meant.get(point.slot)
        if reading is not None and (gain := match(fill(close(wish, point, reading))[0], person) - now) > best:
            best, said = gain, f"no, I meant {reading.label}"
    return said


# ---- changes in words of their own -----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Change:
    """A change that is wanted: the operation, words of a simulated people's own for it, and plain ones."""

    operation: str
    own: str
    plain: str


#: Operation, plain words, and the own ones of each people; no template of the grammar has them.
SAYINGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "darken": ("make it darker", ("dunk it in midnight", "make it vanish at night")),
    "lighten": ("make it brighter", ("make it stadium grade", "make it summer holiday")),
    "desaturate": ("make it less colourful", ("make it oatmeal", "make it dishwater")),
    "mirror": ("mirror it", ("make it left-handed", "have it shake the other hand")),
    "flip": ("flip it upside down", ("make it australian", "make it hang like a bat")),
    "warmer": ("make it warmer", ("make it fireside", "make it woolly")),
}
#: What stands before and behind own words, so that one person's words are not the next one's to the letter.
OPENINGS, ENDINGS = ("", "", "now ", "hey, ", "ok, ", "please "), ("", "", ", please", " for me", ", mate")


def change(rng: np.random.Generator) -> Change:
    """A change in somebody's own words."""
    operation = str(rng.choice(list(SAYINGS)))
    plain, own = SAYINGS[operation]
    said = f"{rng.choice(OPENINGS)}{rng.choice(own)}{rng.choice(ENDINGS)}"
    return Change(operation, said, plain)
