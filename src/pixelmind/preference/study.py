"""How many answers a ranking takes: ways of choosing pairs, compared on simulated people.

One trial: the sprites of one prompt, one annotator, one policy. After each answer the Bradley-Terry strengths are ranked and compared with
the annotator's own, noise-free order by Kendall's tau-b (M. Kendall 1938); counted is the first answer at which tau reaches the goal.
Policies of a trial share sprites and annotator, so their counts are compared in pairs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import kendalltau

from pixelmind.errors import BadInput
from pixelmind.preference.annotators import Annotator
from pixelmind.preference.bradley_terry import strengths, wins
from pixelmind.preference.sampling import SHARE, Answer, Group, Policy, next_question

F64 = NDArray[np.float64]
GOAL = 0.8
POLICIES: dict[str, Policy] = {
    "random": Policy(informed=False),
    "uncertain": Policy(alike=0.0, margin=0.0),
    "uncertain, diverse": Policy(margin=0.0),
    "uncertain, diverse, encoder": Policy(),
}


@dataclass(frozen=True, eq=False)
class Trial:
    """Sprites of one prompt, and their features [N, 4]."""

    group: Group
    features: F64


def answers_needed(
    trial: Trial, annotator: Annotator, policy: Policy, seed: int, limit: int, goal: float = GOAL, least: int = 0
) -> tuple[int, list[float]]:
    """Answers until the ranking reaches the goal (limit + 1 where it never does), and tau after each answer.

    The asking ends there, but not before `least` answers.
    """
    worth = annotator.worth(trial.features)
    number = {identity: i for i, identity in enumerate(trial.group.ids)}
    rng, chance = np.random.default_rng([seed, 0]), np.random.default_rng([seed, 1])
    answers: list[Answer] = []
    told: list[tuple[int, int, float]] = []
    taus: list[float] = []
    while len(answers) < limit:
        ask = next_question([trial.group], answers, rng, policy)
        if ask is None:
            break
        i, j = number[ask.left], number[ask.right]
        outcome = annotator.choose(worth[i], worth[j], chance)
        answers.append(Answer(ask.left, ask.right, outcome))
        told.append((i, j, SHARE[outcome]))
        taus.append(float(kendalltau(strengths(wins(len(number), told)).theta, worth).statistic))
        if len(taus) >= least and max(taus) >= goal:
            break
    reached = next((i + 1 for i, tau in enumerate(taus) if tau >= goal), limit + 1)
    return reached, taus


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table: answers needed, with a 95 % bootstrap interval, and against random pairs."""

    policy: str
    trials: int
    mean: float
    low: float
    high: float
    unreached: float
    ratio: float
    ratio_low: float
    ratio_high: float


def table(needed: Mapping[str, Sequence[int]], limit: int, baseline: str = "random", seed: int = 0) -> list[Row]:
    """Sum up trials: policy -> answers needed, in the same order of trials for all.

    Means are over trials, those that never got there at the limit + 1; `ratio` is the mean over that of the baseline, resampled by trials.

    Raises:
        BadInput: no baseline or different numbers of trials.
    """
    count = len(needed.get(baseline, ()))
    if not count or any(len(v) != count for v in needed.values()):
        raise BadInput(f"every policy needs as many trials as the baseline {baseline!r}, at least one")
    rng = np.random.default_rng(seed)
    draws = rng.integers(0, count, (2000, count))
    base = np.asarray(needed[baseline], np.float64)
    rows = []
    for name, values in needed.items():
        v = np.asarray(values, np.float64)
        low, high = np.quantile(v[draws].mean(1), [0.025, 0.975])
        ratio_low, ratio_high = np.quantile(v[draws].mean(1) / base[draws].mean(1), [0.025, 0.975])
        rows.append(
            Row(
                policy=name,
                trials=count,
                mean=float(v.mean()),
                low=float(low),
                high=float(high),
                unreached=float((v > limit).mean()),
                ratio=float(v.mean() / base.mean()),
                ratio_low=float(ratio_low),
                ratio_high=float(ratio_high),
            )
        )
    return rows
