"""How reliable each annotator is, together with the strengths: Crowd-BT by expectation and maximisation.

X. Chen, P. Bennett, K. Collins-Thompson and E. Horvitz, "Pairwise ranking aggregation in a crowdsourced setting" (WSDM 2013), eq. 5:
person k says that i beats j with chance eta_k P(i beats j) + (1 - eta_k) P(j beats i). Here P is Davidson's with ties, which say nothing of
eta. E: the chance that an answer was given as meant. M: strengths from answers counted by that chance each way, eta from its mean with a
Beta prior, which also says that most people mean what they say (without it, all the world turned round fits as well).

Fails when: most people are poisoned alike; or nobody shares a pair with anybody, even through others (eta then stays at its prior).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixelmind.errors import BadInput
from pixelmind.preference.aggregate import Z95, Strength, check, davidson, fit, parts, tie_parameter
from pixelmind.preference.agreement import Choice

F64 = NDArray[np.float64]
#: Beta prior of eta: as if each had answered so many of these as meant and the other way round; mean 0.8.
AS_MEANT, TURNED = 4.0, 1.0
MAX_ROUNDS, TOLERANCE = 300, 1e-4


@dataclass(frozen=True, kw_only=True)
class Trust:
    """One annotator: `eta`, the chance that an answer is as meant, with a 95 % interval (curvature of the likelihood at the fitted
    strengths), and `weight` = max(0, 2 eta - 1), by which their pairs count in training."""

    annotator: str
    answers: int
    eta: float
    low: float
    high: float

    @property
    def weight(self) -> float:
        return max(0.0, 2 * self.eta - 1)

    @property
    def poisoned(self) -> bool:
        """Whether the answers go against the others' for sure: the whole interval lies below one half."""
        return self.high < 0.5


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """Strengths of things, strongest first in each part; trust in people, by name; Davidson's nu; EM rounds."""

    strengths: tuple[Strength, ...]
    trust: tuple[Trust, ...]
    nu: float
    rounds: int

    def weight(self, annotator: str) -> float:
        """What a pair of this annotator counts; that of the prior for somebody unknown."""
        known = {t.annotator: t.weight for t in self.trust}
        return known.get(annotator, 2 * AS_MEANT / (AS_MEANT + TURNED) - 1)


def crowd(choices: Sequence[Choice], counts: Sequence[float] | None = None, *, reliabilities: bool = True) -> Crowd:
    """Fit strengths and reliabilities to answers.

    Args:
        choices: the answers.
        counts: what each answer counts; None: 1 each.
        reliabilities: False takes everybody at their word (Davidson's model, or Bradley-Terry without ties).

    Raises:
        BadInput: no answers, nothing but ties, or answers that cancel out.
    """
    check(choices)
    if counts is not None and len(counts) != len(choices):
        raise BadInput(f"{len(choices)} answers need as many counts, got {len(counts)}")
    groups = parts([c.unit for c in choices])
    place = {name: (g, i) for g, names in enumerate(groups) for i, name in enumerate(names)}
    people = sorted({c.annotator for c in choices})
    group = np.array([place[c.one][0] for c in choices])
    one, other = (np.array([place[getattr(c, side)][1] for c in choices]) for side in ("one", "other"))
    who = np.array([people.index(c.annotator) for c in choices])
    value = np.array([c.value for c in choices])
    count = np.ones(len(choices)) if counts is None else np.asarray(counts, np.float64)
    decided = value != 0.5
    sign = np.where(value > 0.5, 1.0, -1.0)
    eta = np.full(len(people), AS_MEANT / (AS_MEANT + TURNED) if reliabilities else 1.0)
    theta: list[F64] = [np.zeros(len(names)) for names in groups]
    covariance: list[F64] = [np.zeros((len(names), len(names))) for names in groups]
    rows = [np.flatnonzero(group == g) for g in range(len(groups))]
    meant, nu, rounds = np.where(decided, eta[who], 1.0), 0.0, 0
    d = np.zeros(len(choices))
    for rounds in range(1, MAX_ROUNDS + 1):
        for g, own in enumerate(rows):
            wins, ties = _tables(len(groups[g]), one[own], other[own], sign[own], decided[own], count[own], meant[own])
            theta[g], covariance[g] = fit(wins, ties, nu, theta[g])
            d[own] = theta[g][one[own]] - theta[g][other[own]]
        nu = tie_parameter(d, float(count[~decided].sum()), nu) if not decided.all() else 0.0
        win, _, loss = davidson(d * sign, nu)
        if not reliabilities:
            if decided.all() or rounds > 20:
                break
            continue
        given, turned = eta[who] * win, (1 - eta[who]) * loss
        meant = np.where(decided, given / (given + turned), 1.0)
        before = eta
        eta = np.array([_mode(meant[m], count[m]) for k in range(len(people)) for m in [decided & (who == k)]])
        if np.abs(eta - before).max() < TOLERANCE:
            break
    low, high = _interval(eta, who, decided, count, davidson(d * sign, nu), reliabilities)
    answers = np.bincount(who, minlength=len(people))
    trust = tuple(
        Trust(annotator=name, answers=int(answers[k]), eta=float(eta[k]), low=float(low[k]), high=float(high[k]))
        for k, name in enumerate(people)
    )
    return Crowd(strengths=_strengths(choices, groups, theta, covariance), trust=trust, nu=nu, rounds=rounds)


def _tables(
    size: int,
    one: NDArray[np.int64],
    other: NDArray[np.int64],
    sign: F64,
    decided: NDArray[np.bool_],
    count: F64,
    meant: F64,
) -> tuple[F64, F64]:
    """Wins and ties [size, size]; an answer counts for its winner by the chance that it was meant, else for the loser."""
    wins, ties = np.zeros((size, size)), np.zeros((size, size))
    better, worse = np.where(sign > 0, one, other), np.where(sign > 0, other, one)
    np.add.at(wins, (better[decided], worse[decided]), (count * meant)[decided])
    np.add.at(wins, (worse[decided], better[decided]), (count * (1 - meant))[decided])
    for a, b in ((one, other), (other, one)):
        np.add.at(ties, (a[~decided], b[~decided]), count[~decided])
    return wins, ties


def _mode(meant: F64, count: F64) -> float:
    """Eta of the posterior's mean, which stays inside 0 and 1."""
    return float((AS_MEANT + (count * meant).sum()) / (AS_MEANT + TURNED + count.sum()))


def _interval(
    eta: F64,
    who: NDArray[np.int64],
    decided: NDArray[np.bool_],
    count: F64,
    chances: tuple[F64, F64, F64],
    reliabilities: bool,
) -> tuple[F64, F64]:
    if not reliabilities:
        return eta, eta
    win, _, loss = chances
    told = (win - loss) ** 2 / (eta[who] * win + (1 - eta[who]) * loss) ** 2
    seen = np.bincount(who[decided], (count * told)[decided], minlength=len(eta)).astype(np.float64)
    curvature = seen + AS_MEANT / eta**2 + TURNED / (1 - eta) ** 2
    half = Z95 / np.sqrt(curvature)
    return np.clip(eta - half, 0, 1), np.clip(eta + half, 0, 1)


def _strengths(
    choices: Sequence[Choice], groups: Sequence[Sequence[str]], theta: Sequence[F64], covariance: Sequence[F64]
) -> tuple[Strength, ...]:
    asked: dict[str, int] = defaultdict(int)
    for c in choices:
        asked[c.one] += 1
        asked[c.other] += 1
    out = []
    for g, names in enumerate(groups):
        half = Z95 * np.sqrt(np.maximum(np.diag(covariance[g]), 0))
        for i in np.argsort(-theta[g], kind="stable"):
            t, h = float(theta[g][i]), float(half[i])
            out.append(Strength(name=names[i], part=g, theta=t, low=t - h, high=t + h, answers=asked[names[i]]))
    return tuple(out)
