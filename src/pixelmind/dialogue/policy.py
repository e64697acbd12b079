"""The clarifying policy: whether to ask, and about which open point, by what an answer is worth.

The value of an answer is the expected gain of the match with the person's wish over the default (value of information, Howard 1966,
"Information Value Theory"), learned on simulated people (`simulated`, `policy_stage`); it is asked where it exceeds what a question costs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import torch

from pixelmind.dialogue.defaults import close, entry, open_points
from pixelmind.dialogue.grounding import Open, Wish
from pixelmind.dialogue.schema import UNCLEAR
from pixelmind.records import Intent
from pixelmind.training.weights import Bundle

PART = "policy"
MAX_QUESTIONS = 2
MAX_OPTIONS = 4
#: Of a word that no simulated person said, in units of match.
PRIOR_GAIN = 0.1
Kind = Literal["style", "technical", "reference"]
#: Looks are asked about with pictures, numbers and sizes in words.
KINDS: dict[str, Kind] = {
    "subject": "style",
    "style": "reference",
    "mood": "reference",
    "color": "style",
    "size": "technical",
}
_ASKING = {
    "subject": "What shall I draw?",
    "style": 'What does "{}" mean to you here?',
    "mood": 'How shall "{}" show?',
    "color": 'Which colours do you mean by "{}"?',
    "size": 'How large is "{}"?',
    "count": 'How many are "{}"?',
}


@dataclass(frozen=True, kw_only=True)
class Option:
    """An answer that can be picked: how it is named, the wish it leads to, and what it would be to say it."""

    label: str
    wish: Wish
    words: str


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question about one open point. Options of kind "reference" are to be shown as sprites."""

    slot: str
    word: str
    text: str
    options: tuple[Option, ...] = ()
    kind: Kind = "style"

    @property
    def open(self) -> Open:
        """The point it is about."""
        return Open(slot=self.slot, word=self.word)


def question(wish: Wish, point: Open) -> Question:
    """The question about an open point of a wish, with its most usual readings as options."""
    _, readings = entry(point.slot, point.word)
    options = tuple(Option(label=r.label, wish=close(wish, point, r), words=r.label) for r in readings[:MAX_OPTIONS])
    text = _ASKING[point.slot].format(point.word)
    if options:
        listed = ", ".join(f"{i} {o.label}" for i, o in enumerate(options, 1))
        text += f" {listed}; or say it in your own words."
    return Question(
        slot=point.slot, word=point.word, text=text, options=options, kind=KINDS.get(point.slot, "technical")
    )


@dataclass(frozen=True)
class Policy:
    """Asks about the open point whose answer is worth most, where that exceeds `cost`.

    `gains`: "slot/word" and "slot" to the expected gain of the match.
    """

    gains: Mapping[str, float] = field(default_factory=dict)
    cost: float = 0.05

    def value(self, point: Open) -> float:
        """Expected gain of asking about a point; of an unknown word, its slot's."""
        return self.gains.get(f"{point.slot}/{point.word}", self.gains.get(point.slot, PRIOR_GAIN))

    def choose(self, wish: Wish, asked_before: int) -> Open | None:
        """The point to ask about, or None."""
        if asked_before >= MAX_QUESTIONS:
            return None
        best = max(open_points(wish), key=self.value, default=None)
        return best if best is not None and self.value(best) > self.cost else None

    def next_question(self, wish: Wish, intent: Intent, asked_before: int) -> Question | None:
        """What to ask now, or None where it is better to go on by the defaults.

        Args:
            wish: as it is so far.
            intent: the last turn. An edit whose operation is open is always asked about: there is no default for it.
            asked_before: questions already asked about this wish.
        """
        if intent.act == "edit":
            if intent.operation != UNCLEAR or asked_before >= MAX_QUESTIONS:
                return None
            place = next(iter(intent.slots.get("region", ())), "it")
            what = place if place == "it" else f"the {place}"
            text = f"What shall change about {what}? Say for example: darker, red, larger, remove it, redraw it."
            return Question(slot="operation", word=place, text=text, kind="technical")
        point = self.choose(wish, asked_before)
        return None if point is None else question(wish, point)

    def save(self, folder: Path | str, **about: object) -> Path:
        """Put the policy into the bundle at `folder` (made where there is none)."""
        names = sorted(self.gains)
        values = torch.tensor([self.gains[name] for name in names])
        return Bundle.create(folder).put(PART, {"gains": values}, names=names, cost=self.cost, **about)


def load_policy(folder: Path | str | None = None) -> Policy:
    """The policy of a bundle (default: the released one); one with the prior gains where the bundle has none.

    Raises:
        BadInput: no bundle there. CorruptFile: damaged, or the hash differs.
    """
    bundle = Bundle(folder)
    if PART not in bundle:
        return Policy()
    tensors, about = bundle.get(PART)
    return Policy(dict(zip(about["names"], tensors["gains"].tolist())), about["cost"])
