"""From kept values to effects: arm less whole, with an interval over seeds and items, and in units of the spread.

The interval is a two-stage bootstrap (Davison and Hinkley 1997, sec. 3.8): seeds are drawn anew, then the items of each; differences are
paired by seed and item, since all arms answer the same items. The standardised effect is the mean difference over the standard deviation of
the paired differences (Cohen 1988, d_z).

Fails when: there are few seeds: three say little of how runs differ, and the interval is then too narrow rather than too wide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
RESAMPLES = 4000


@dataclass(frozen=True, kw_only=True)
class Effect:
    """Of an arm on a measure: its mean, the whole's mean, their difference with 95 % interval, d_z, and how many values it is of."""

    arm: str
    measure: str
    mean: float
    whole: float
    difference: float
    low: float
    high: float
    d: float
    seeds: int
    items: int

    @property
    def verdict(self) -> str:
        """What removing or changing the part did, where the interval leaves 0 out."""
        return "worse" if self.high < 0 else "better" if self.low > 0 else "not told apart"


def interval(by_seed: Sequence[F64], seed: int = 0) -> tuple[float, float]:
    """95 % two-stage bootstrap interval of the mean of values, an array of items for each seed."""
    rng = np.random.default_rng(seed)
    means = np.empty(RESAMPLES)
    for r in range(RESAMPLES):
        picked = rng.integers(len(by_seed), size=len(by_seed))
        means[r] = np.mean([by_seed[i][rng.integers(len(by_seed[i]), size=len(by_seed[i]))].mean() for i in picked])
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def effects(results: Mapping[tuple[str, int], Mapping[str, Sequence[float]]], arms: Sequence[str]) -> list[Effect]:
    """All arms but the first against the first, on the seeds that both have.

    Args:
        results: values by measure, for each (arm, seed).
        arms: the whole first.
    """
    found = []
    for arm in arms[1:]:
        seeds = sorted(s for a, s in results if a == arm and (arms[0], s) in results)
        if not seeds:
            continue
        for measure in results[arm, seeds[0]]:
            own = [np.asarray(results[arm, s][measure], float) for s in seeds]
            whole = [np.asarray(results[arms[0], s][measure], float) for s in seeds]
            differences = [a - b for a, b in zip(own, whole)]
            low, high = interval(differences)
            every = np.concatenate(differences)
            spread = float(every.std(ddof=1)) if len(every) > 1 else 0.0
            found.append(
                Effect(
                    arm=arm,
                    measure=measure,
                    mean=float(np.concatenate(own).mean()),
                    whole=float(np.concatenate(whole).mean()),
                    difference=float(np.mean([d.mean() for d in differences])),
                    low=low,
                    high=high,
                    d=float(every.mean()) / spread if spread > 0 else 0.0,
                    seeds=len(seeds),
                    items=len(every),
                )
            )
    return found
