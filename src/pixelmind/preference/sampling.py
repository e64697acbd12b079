"""Which pair of sprites to ask about next, from what was answered so far. Knows no database.

A pair is worth asking where its answer is open and would tell much: the gain is the information of a coin of the expected chance about
the difference of two strengths, 0.5 log(1 + p (1 - p) s^2) with s the deviation of that difference (D-optimal design for the
Bradley-Terry model; e.g. A. Mikhailiuk et al., "Active sampling for pairwise comparisons via approximate message passing", 2020, measure
the same by message passing). Gains count less for pictures that look alike. A stated share of questions repeats an earlier pair with its
sides swapped; no other pair is asked twice. Sides are balanced a sprite. Legend: N sprites of one prompt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pixelmind.errors import BadInput
from pixelmind.preference.annotators import Outcome
from pixelmind.preference.bradley_terry import Strengths, strengths, wins

F64 = NDArray[np.float64]
Reason = Literal["uncertain", "repeat", "random"]
SHARE = {"left": 1.0, "right": 0.0, "tie": 0.5}


@dataclass(frozen=True, kw_only=True)
class Policy:
    """How pairs are chosen.

    Attributes:
        repeats: share of questions that repeat an earlier pair.
        gap: answers that lie between a pair and its repetition, at least.
        alike: distance at which two pictures' gain counts half; see `distance.distances`.
        margin: worth in logits of a standard deviation of the encoder's match, as long as a sprite was not compared.
        informed: choose by gain; else at random.
    """

    repeats: float = 0.1
    gap: int = 4
    alike: float = 0.005
    margin: float = 0.5
    informed: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.repeats <= 0.5 or self.gap < 0 or self.alike < 0:
            raise BadInput("a policy needs repeats from 0 to 0.5, and gap and alike of 0 or more")


@dataclass(frozen=True, kw_only=True, eq=False)
class Group:
    """Sprites of one prompt: ids, how different they look [N, N], and the cosine of each with the words [N] where it is known."""

    ids: Sequence[str]
    apart: F64
    match: F64 | None = None


@dataclass(frozen=True)
class Answer:
    """An earlier question and its answer, oldest first in a sequence; None for one that was left open."""

    left: str
    right: str
    outcome: Outcome | None


@dataclass(frozen=True)
class Ask:
    """The next question."""

    left: str
    right: str
    reason: Reason


def gains(fit: Strengths, apart: F64, match: F64 | None, compared: F64, policy: Policy) -> F64:
    """Worth of asking about each pair, float64 [N, N].

    Args:
        fit: strengths of the N sprites.
        apart: how different they look [N, N].
        match: cosines with the words [N], None where not known.
        compared: how often each was compared [N].
    """
    margin = fit.margin()
    if match is not None and policy.margin and match.std() > 0:
        guess = policy.margin * (match - match.mean()) / match.std() / (1 + compared)
        margin = margin + guess[:, None] - guess[None]
    chance = 1 / (1 + np.exp(-np.clip(margin, -30, 30)))
    gain = 0.5 * np.log1p(chance * (1 - chance) * fit.deviation() ** 2)
    return gain * apart / (apart + policy.alike) if policy.alike else gain


def next_question(
    groups: Sequence[Group], answers: Sequence[Answer], rng: np.random.Generator, policy: Policy | None = None
) -> Ask | None:
    """The next pair worth asking about, or None where there is none left.

    Args:
        groups: what can be asked about; pairs are made within a group.
        answers: what was asked before, oldest first; sprites that are in no group any more are passed over.
        rng: decides between equals, and throws the coin for the sides.
        policy: how to choose, by default informed with 10 % repeats.
    """
    policy = policy or Policy()
    seen = Counter(frozenset((a.left, a.right)) for a in answers)
    if again := _repeat(answers, seen, {i for g in groups for i in g.ids}, rng, policy):
        return again
    best: tuple[float, str, str] | None = None
    for group in groups:
        if len(group.ids) < 2:
            continue
        worth = _worth(group, answers, policy, rng)
        for i, one in enumerate(group.ids):
            for j, other in enumerate(group.ids):
                if j <= i or frozenset((one, other)) in seen:
                    worth[i, j] = 0.0
        i, j = divmod(int(worth.argmax()), len(group.ids))
        if worth[i, j] > (best[0] if best else 0.0):
            best = (float(worth[i, j]), group.ids[i], group.ids[j])
    if best is None:
        return None
    left, right = _sides(best[1], best[2], answers, rng)
    return Ask(left, right, "uncertain" if policy.informed else "random")


def _worth(group: Group, answers: Sequence[Answer], policy: Policy, rng: np.random.Generator) -> F64:
    """Worth of each pair [N, N], above 0; 0 for pictures that are the same."""
    noise = rng.random(group.apart.shape)
    if not policy.informed:
        return np.where(group.apart > 0, noise + 1e-9, 0.0)
    number = {identity: i for i, identity in enumerate(group.ids)}
    told = [
        (number[a.left], number[a.right], SHARE[a.outcome])
        for a in answers
        if a.outcome is not None and a.left in number and a.right in number
    ]
    table = wins(len(number), told)
    worth = gains(strengths(table), group.apart, group.match, (table + table.T).sum(1), policy)
    return np.where(group.apart > 0, worth * (1 + 1e-3 * noise), 0.0)


def _repeat(
    answers: Sequence[Answer],
    seen: Mapping[frozenset[str], int],
    known: set[str],
    rng: np.random.Generator,
    policy: Policy,
) -> Ask | None:
    """An earlier pair with its sides swapped, where repeats are behind their share."""
    repeated = sum(n - 1 for n in seen.values())
    if not policy.repeats or repeated >= policy.repeats * (len(answers) + 1):
        return None
    ready = [
        a
        for a in answers[: max(0, len(answers) - policy.gap)]
        if a.outcome is not None and seen[frozenset((a.left, a.right))] == 1 and {a.left, a.right} <= known
    ]
    if not ready:
        return None
    earlier = ready[int(rng.integers(len(ready)))]
    return Ask(earlier.right, earlier.left, "repeat")


def _sides(one: str, other: str, answers: Sequence[Answer], rng: np.random.Generator) -> tuple[str, str]:
    """(left, right): the sprite that stood on the left less often goes there; a coin where both did as often."""
    lean = Counter(a.left for a in answers)
    lean.subtract(Counter(a.right for a in answers))
    difference = lean[one] - lean[other]
    if difference == 0:
        difference = 1 if rng.random() < 0.5 else -1
    return (one, other) if difference < 0 else (other, one)
