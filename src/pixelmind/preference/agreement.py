"""How far answers can be trusted: with themselves on repeats, with others, and free of a favourite side.

Intervals: Wilson (1927) for shares, bootstrap over units for alpha (A. Hayes and K. Krippendorff 2007 resample too; here whole units, so
that answers about one pair stay together), Clopper and Pearson (1934) for the sides. A unit is a pair of pictures.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixelmind.preference.krippendorff import Level, krippendorff_alpha

F64 = NDArray[np.float64]
Z = 1.959964


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One answer. `one` and `other` name the pictures in an order that does not depend on the sides; `value` is 1 where `one` was chosen, 0
    for `other`, 0.5 for a tie. `left` is whether `one` stood on the left, None where nobody knows."""

    annotator: str
    one: str
    other: str
    value: float
    left: bool | None = None

    @property
    def unit(self) -> tuple[str, str]:
        """The pair."""
        return self.one, self.other


@dataclass(frozen=True, kw_only=True)
class Share:
    """A share `value` of `n`, with its 95 % interval."""

    value: float
    n: int
    low: float
    high: float


def wilson(hits: int, n: int) -> Share | None:
    """The share of hits with Wilson's score interval; None for n = 0."""
    if n == 0:
        return None
    p = hits / n
    middle = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * float(np.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2)))
    return Share(value=p, n=n, low=max(0.0, middle - half), high=min(1.0, middle + half))


def self_consistency(choices: Sequence[Choice]) -> Share | None:
    """Share of repeated questions that were answered as the time before; None without a repeat."""
    before: dict[tuple[str, str, str], float] = {}
    same = []
    for c in choices:
        key = (c.annotator, *c.unit)
        if key in before:
            same.append(before[key] == c.value)
        before[key] = c.value
    return wilson(sum(same), len(same))


@dataclass(frozen=True, kw_only=True)
class Alpha:
    """Krippendorff's alpha with its 95 % bootstrap interval, over `units` that at least two annotators judged."""

    value: float
    units: int
    annotators: int
    low: float
    high: float


def alpha_of(ratings: F64, level: Level, num_resamples: int = 1000, seed: int = 0) -> Alpha | None:
    """Alpha of a table [annotators, units] with NaN for gaps; None where it is not defined."""
    shared = ratings[:, (~np.isnan(ratings)).sum(0) > 1]
    shared = shared[(~np.isnan(shared)).any(1)]
    value = krippendorff_alpha(shared, level)
    if value is None:
        return None
    rng = np.random.default_rng(seed)
    units = shared.shape[1]
    draws = [krippendorff_alpha(shared[:, rng.integers(0, units, units)], level) for _ in range(num_resamples)]
    low, high = np.quantile([d for d in draws if d is not None] or [value], [0.025, 0.975])
    return Alpha(value=value, units=units, annotators=len(shared), low=float(low), high=float(high))


def agreement(choices: Sequence[Choice], num_resamples: int = 1000, seed: int = 0) -> Alpha | None:
    """Agreement of annotators on the same pairs (nominal alpha); each one's first answer to a pair counts."""
    people = sorted({c.annotator for c in choices})
    units = sorted({c.unit for c in choices})
    row = {name: i for i, name in enumerate(people)}
    column = {unit: i for i, unit in enumerate(units)}
    table = np.full((len(people), len(units)), np.nan)
    for c in choices:
        place = row[c.annotator], column[c.unit]
        if np.isnan(table[place]):
            table[place] = c.value
    return alpha_of(table, "nominal", num_resamples, seed)


@dataclass(frozen=True, kw_only=True)
class SideBias:
    """Share of decided answers for the left side with its 95 % interval; `p` of the two-sided binomial test against one half."""

    left: float
    n: int
    low: float
    high: float
    p: float


def side_bias(choices: Sequence[Choice]) -> SideBias | None:
    """Whether a side is a favourite; None where no decided answer has known sides. Pairs should stand either way round as often."""
    from scipy.stats import binomtest

    decided = [(c.value == 1) == c.left for c in choices if c.left is not None and c.value != 0.5]
    if not decided:
        return None
    test = binomtest(sum(decided), len(decided))
    interval = test.proportion_ci(0.95)
    return SideBias(
        left=sum(decided) / len(decided),
        n=len(decided),
        low=float(interval.low),
        high=float(interval.high),
        p=float(test.pvalue),
    )


@dataclass(frozen=True, kw_only=True)
class Reliability:
    """One annotator: answers, share of them as most others answered that pair, share of repeats answered the same, share for the left."""

    annotator: str
    answers: int
    with_others: Share | None
    with_self: Share | None
    left: SideBias | None


def reliabilities(choices: Sequence[Choice]) -> list[Reliability]:
    """Each annotator's reliability, in the order of names. Pairs on which the others are split evenly, or silent, do not count."""
    own: dict[str, list[Choice]] = defaultdict(list)
    votes: dict[tuple[str, str], Counter[tuple[str, float]]] = defaultdict(Counter)
    for c in choices:
        own[c.annotator].append(c)
        votes[c.unit][c.annotator, c.value] += 1
    out = []
    for name in sorted(own):
        asked = [(c.value, _most(votes[c.unit], name)) for c in own[name]]
        judged = [value == most for value, most in asked if most is not None]
        out.append(
            Reliability(
                annotator=name,
                answers=len(own[name]),
                with_others=wilson(sum(judged), len(judged)),
                with_self=self_consistency(own[name]),
                left=side_bias(own[name]),
            )
        )
    return out


def _most(votes: Counter[tuple[str, float]], without: str) -> float | None:
    """The answer that most others gave, None where there is none or two are even."""
    others: Counter[float] = Counter()
    for (name, value), count in votes.items():
        if name != without:
            others[value] += count
    first = others.most_common(2)
    if not first or (len(first) > 1 and first[0][1] == first[1][1]):
        return None
    return first[0][0]
