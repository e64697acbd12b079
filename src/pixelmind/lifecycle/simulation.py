"""Rollouts on simulated people, to check how often they are right. Nobody real is in here.

A person's ratings are 1 to 5 around a level of their own; a treatment multiplies the level. The mean level rises during the rollout, and
people come again in later stages, so that neither a trend nor the growing share can pass for an effect unnoticed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixelmind.lifecycle.rollout import GUARDRAILS, SATISFACTION, Settings, decide
from pixelmind.lifecycle.statistics import Series, best_rho, path

F64 = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class People:
    """Who is simulated. `mean` and `spread` of the levels in [0, 1]; `noise` of one rating; `ratings` of a unit at most; `trend`: how far
    the mean rises in all."""

    count: int = 10_000
    mean: float = 0.7
    spread: float = 0.12
    noise: float = 0.2
    ratings: int = 3
    trend: float = 0.1


@dataclass(frozen=True, eq=False)
class Played:
    """All units of a rollout in order, [N]: their series, and the stage of each."""

    series: Series
    stage: NDArray[np.int64]


def play(settings: Settings, lift: float, rng: np.random.Generator, people: People | None = None) -> Played:
    """Units as they would come if nobody stopped the rollout: `stage_units` in each stage, the last one up to `max_units` in all.

    Args:
        lift: relative change of the level by the treatment; -0.05 is 5 % worse.
    """
    people = people or People()
    level = rng.normal(people.mean - people.trend / 2, people.spread, people.count)
    draws = rng.random(people.count)
    sizes = [settings.stage_units] * (len(settings.shares) - 1)
    sizes.append(settings.max_units - sum(sizes))
    reached = np.full(
        people.count, np.nan
    )  # the share at which somebody was last shown the control; 1: was shown the treatment
    parts: list[tuple[NDArray[np.bool_], F64, F64, NDArray[np.int64]]] = []
    begun = 0
    for stage, (share, size) in enumerate(zip(settings.shares, sizes)):
        who = rng.permutation(people.count)[:size] if size <= people.count else rng.permutation(people.count)
        treated = draws[who] < share
        before = reached[who]
        chance = np.where(
            np.isnan(before),
            share,
            np.where(before >= 1, 1.0, (share - before) / np.where(before >= 1, 1.0, 1 - before)),
        )
        reached[who] = np.where(treated, 1.0, share)
        trend = people.trend * (begun + np.arange(len(who))) / settings.max_units
        truth = (level[who] + trend) * (1 + lift * treated)
        heard = truth[:, None] + rng.normal(0, people.noise, (len(who), people.ratings))
        rated = np.clip(np.round(4 * heard), 0, 4) / 4
        given = np.arange(people.ratings) < rng.integers(1, people.ratings + 1, len(who))[:, None]
        outcome = (rated * given).sum(1) / given.sum(1)
        parts.append((treated, chance, outcome, np.full(len(who), stage)))
        begun += len(who)
    treated, chance, outcome, stages = (np.concatenate(column) for column in zip(*parts))
    return Played(Series(treated, chance, outcome), stages)


def crossed(settings: Settings, played: Played) -> bool:
    """Whether the satisfaction's interval leaves 0 out after any unit, looked at after each."""
    rho = best_rho(settings.max_units / 4 * SATISFACTION.spread / 4, settings.alpha)
    _, low, high, _ = path(played.series, settings.alpha, rho)
    return bool(((low > 0) | (high < 0)).any())


def conclude(settings: Settings, played: Played, every: int = 50) -> tuple[str, int]:
    """How the rollout ends, and after how many units, where it is looked at after each `every` of them."""
    none = Series(np.zeros(0, bool), np.zeros(0), np.zeros(0))
    whole = played.series
    total = len(whole)
    for n in [*range(every, total, every), total]:
        now = Series(whole.treated[:n], whole.chance[:n], whole.outcome[:n])
        stage = int(played.stage[n - 1])
        decision, *_ = decide(
            settings,
            stage,
            {"satisfaction": now, **dict.fromkeys(GUARDRAILS, none)},
            stage_units=0,  # the stages are played already
            stage_hours=0.0,
            days=0.0,
        )
        if decision in ("promoted", "refused"):
            return decision, n
    return "refused", total
