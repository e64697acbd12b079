"""What a question was worth, from kept dialogues: the clarifying policy is learned again, with simulated people as the prior.

The policy decides by the words alone and always alike, so whether a point was asked about says nothing of the person beyond its word, and
no weighting by propensity is possible (they are 0 or 1). It is not needed where something was asked: the answer tells what the default
would have cost. So the value is estimated directly, point by point:

    asked, an option taken       1 - match(default, wish with the answer); 0 where the default was taken or the choice left to us
    asked, own words             the mean of that over the readings other than the default
    default taken, corrected     1 - match(default, wish with the correction)
    default taken, not corrected 0 with weight `silence` where the dialogue was accepted; else nothing is known

A question counts by its dialogue's reward (`outcomes.REWARD`) over the mean reward, so that questions after which people leave are worth
less. The gain of a word is the mean of these and of `prior` observations of the policy learned before (a conjugate normal prior).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pixelmind.dialogue.defaults import close, entry, fill
from pixelmind.dialogue.grounding import Open, Wish
from pixelmind.dialogue.outcomes import OWN_WORDS, REWARD, Dialogue, Point, wish_of
from pixelmind.dialogue.policy import MAX_QUESTIONS, Policy
from pixelmind.dialogue.simulated import IMPORTANCE, Person, match


@dataclass(frozen=True)
class Evidence:
    """One observation: the gain that an answer brought or would have brought, and how much it counts."""

    slot: str
    word: str
    gain: float
    weight: float
    asked: bool

    @property
    def open(self) -> Open:
        """The point it is of."""
        return Open(slot=self.slot, word=self.word)


def gain_of(wish: Wish, point: Open, label: str) -> float | None:
    """What knowing that a reading is meant adds to the match over the default; None for a point or label no longer known."""
    readings = entry(point.slot, point.word)[1]
    if label == OWN_WORDS:
        gains = [gain_of(wish, point, r.label) for r in readings[1:]]
        return float(np.mean([g for g in gains if g is not None])) if gains else None
    meant = next((r for r in readings if r.label == label), None)
    if meant is None:
        return None
    wants = fill(close(wish, point, meant))[0]
    return 1 - match(fill(wish)[0], Person(says=wish, wants=wants, meant={}, importance=IMPORTANCE))


def evidence(dialogue: Dialogue, silence: float) -> list[Evidence]:
    """The observations of a dialogue, questions weighed by 1; see the head of this file."""
    found = []
    for point in dialogue.points:
        gain, weight = _gain(point, dialogue.outcome == "accepted"), 1.0
        if gain is None:
            continue
        if not point.asked and not point.meant:
            weight = silence
        if weight > 0:
            found.append(Evidence(point.slot, point.word, gain, weight, point.asked))
    return found


def _gain(point: Point, accepted: bool) -> float | None:
    if point.meant:
        return gain_of(wish_of(point), point.open, point.meant)
    return 0.0 if accepted and not point.asked and entry(point.slot, point.word)[1] else None


def relearned(start: Policy, found: Sequence[Dialogue], prior: float, silence: float) -> Policy:
    """The policy after the dialogues; what a question costs stays as it was."""
    mean = float(np.mean([REWARD[d.outcome] for d in found])) if found else 0.0
    total: defaultdict[str, float] = defaultdict(float)
    weights: defaultdict[str, float] = defaultdict(float)
    for dialogue in found:
        credit = REWARD[dialogue.outcome] / mean if mean else 0.0
        for one in evidence(dialogue, silence):
            gain = one.gain * credit if one.asked else one.gain
            for name in (one.slot, f"{one.slot}/{one.word}"):
                total[name] += one.weight * gain
                weights[name] += one.weight
    gains = dict(start.gains)
    for name, weight in weights.items():
        slot, _, word = name.partition("/")
        gains[name] = (prior * start.value(Open(slot=slot, word=word)) + total[name]) / (prior + weight)
    return Policy(gains, start.cost)


def replayed(policy: Policy, found: Sequence[Dialogue], silence: float) -> np.ndarray:
    """[N, 2]: match won back and questions asked, had the policy served each dialogue, over the points of which the answer is known.

    It asks of the known points those worth more than its cost, the most worth first. The match won is the mean over what the observations
    count.
    """
    rows = []
    for dialogue in found:
        known = sorted(evidence(dialogue, silence), key=lambda e: -policy.value(e.open))
        asked = [e for e in known if policy.value(e.open) > policy.cost][:MAX_QUESTIONS]
        rows.append((sum(e.gain * e.weight for e in asked), sum(e.weight for e in asked)))
    return np.array(rows, float).reshape(-1, 2)
