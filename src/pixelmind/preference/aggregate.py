"""Strengths from the answers of many people, with ties and with people of different reliability.

Ties: R. Davidson, "On extending the Bradley-Terry model to accommodate ties in paired comparison experiments" (JASA 1970). With
strengths theta and nu >= 0

    P(i beats j) = e^(d/2) / Z,   P(tie) = nu / Z,   P(j beats i) = e^(-d/2) / Z,   d = theta_i - theta_j,   Z = the sum of the three.

People: X. Chen et al., "Pairwise ranking aggregation in a crowdsourced setting" (Crowd-BT, WSDM 2013): person k answers by the model with
chance eta_k and the other way round otherwise, so that a poisoned one, who always picks the worse, has eta near 0. See `reliability`.

Things that were never compared, even through others, cannot be ranked together: strengths are fitted and centred in each connected
part of its own. As in `bradley_terry`, every thing has won and lost `PRIOR` times beforehand, spread over its part.
Legend: N things.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixelmind.errors import BadInput
from pixelmind.preference.agreement import Choice
from pixelmind.preference.bradley_terry import PRIOR

F64 = NDArray[np.float64]
Z95 = 1.959964
MAX_STEPS, TOLERANCE = 100, 1e-8


@dataclass(frozen=True, kw_only=True)
class Strength:
    """One thing's strength in logits, mean 0 over its part, with its 95 % interval (Laplace), and how many answers it has."""

    name: str
    part: int
    theta: float
    low: float
    high: float
    answers: int


def sigmoid(x: F64 | float) -> F64:
    """1 / (1 + e^-x), without overflow."""
    return np.asarray(0.5 * (1 + np.tanh(np.asarray(x, np.float64) / 2)))


def davidson(d: F64, nu: float) -> tuple[F64, F64, F64]:
    """Chances of (win, tie, loss) for differences of strength d."""
    half = np.abs(d) / 2
    better, worse, tie = np.ones_like(half), np.exp(-2 * half), nu * np.exp(-half)
    total = better + worse + tie
    win = np.where(d >= 0, better, worse) / total
    return win, tie / total, 1 - win - tie / total


def fit(wins: F64, ties: F64, nu: float, start: F64 | None = None) -> tuple[F64, F64]:
    """Strengths [N], mean 0, and their covariance [N, N], by Newton's method on the concave log-likelihood.

    Args:
        wins: how often the row beat the column, [N, N]; may be fractions.
        ties: how often the two tied, [N, N] symmetric.
        nu: Davidson's parameter; 0 for Bradley-Terry.
        start: strengths to begin from.

    Raises:
        BadInput: fewer than two things.
    """
    count = len(wins)
    if count < 2:
        raise BadInput(f"strengths need at least two things to compare, got {count}")
    full = wins + PRIOR / count * (1 - np.eye(count))
    total = full + full.T + ties
    theta = np.zeros(count) if start is None else np.array(start, np.float64)
    for _ in range(MAX_STEPS):
        d = theta[:, None] - theta[None]
        win, _, loss = davidson(d, nu)
        expected, variance = (win - loss) / 2, (win + loss - (win - loss) ** 2) / 4  # of the score and its slope
        gradient = ((full - full.T) / 2 - total * expected).sum(1)
        slope = total * variance
        curvature = np.diag(slope.sum(1)) - slope
        step = np.linalg.lstsq(curvature, gradient, rcond=None)[0]
        theta = theta + np.clip(step, -2, 2)
        if np.abs(step).max() < TOLERANCE:
            break
    return theta - theta.mean(), np.asarray(np.linalg.pinv(curvature, hermitian=True), np.float64)


def tie_parameter(d: F64, observed: float, start: float = 1.0) -> float:
    """Davidson's nu for which as many ties are expected among comparisons of differences d [M] as were `observed`; 0 without a tie."""
    if observed <= 0 or not len(d):
        return 0.0
    nu = start or 1.0
    for _ in range(MAX_STEPS):
        expected = davidson(d, nu)[1].sum()
        if abs(expected - observed) < 1e-9 * observed:
            break
        nu = min(nu * observed / expected, 1e6)
    return float(nu)


def parts(pairs: Sequence[tuple[str, str]]) -> list[list[str]]:
    """The things of each connected part, names sorted, larger parts first."""
    above: dict[str, str] = {}

    def root(name: str) -> str:
        above.setdefault(name, name)
        while above[name] != name:
            above[name] = above[above[name]]
            name = above[name]
        return name

    for one, other in pairs:
        above[root(one)] = root(other)
    groups: dict[str, list[str]] = defaultdict(list)
    for name in sorted(above):
        groups[root(name)].append(name)
    return sorted(groups.values(), key=lambda g: (-len(g), g[0]))


def rating_choices(ratings: Mapping[tuple[str, str], float], groups: Mapping[str, str]) -> list[tuple[Choice, float]]:
    """Ratings as choices: each person's pictures of one prompt, pair by pair, the higher one chosen, a tie where equal.

    Args:
        ratings: (annotator, picture) -> mean of the axes.
        groups: picture -> what it was drawn for; only pictures of one group are compared.

    Returns:
        The choices and what each counts: n pictures make n (n - 1) / 2 pairs out of n ratings, so each counts 1 / (n - 1).
    """
    own: dict[tuple[str, str], list[tuple[str, float]]] = defaultdict(list)
    for (person, picture), value in sorted(ratings.items()):
        if picture in groups:
            own[person, groups[picture]].append((picture, value))
    out = []
    for (person, _), rated in own.items():
        for i, (one, a) in enumerate(rated):
            for other, b in rated[i + 1 :]:
                value = 0.5 if a == b else float(a > b)
                out.append((Choice(annotator=person, one=one, other=other, value=value), 1 / (len(rated) - 1)))
    return out


def check(choices: Sequence[Choice]) -> None:
    """Refuse answers from which nothing can be learnt.

    Raises:
        BadInput: no answers, nothing but ties, or people who only contradict themselves.
    """
    if not choices:
        raise BadInput(
            "there are no pairs to learn from: collect choices in the studio, or run: pixelmind preference simulate"
        )
    decided = [c for c in choices if c.value != 0.5]
    if not decided:
        raise BadInput(f"all {len(choices)} answers are ties, which say nothing of what is better; collect choices")
    net: dict[tuple[str, str, str], float] = defaultdict(float)
    for c in decided:
        net[c.annotator, *c.unit] += 2 * c.value - 1
    if not any(net.values()):
        people = len({c.annotator for c in decided})
        who = "the only annotator" if people == 1 else f"all {people} annotators"
        raise BadInput(
            f"{who} chose each of {len({c.unit for c in decided})} pairs both ways as often, so the answers cancel out; "
            "ask again, or ask others"
        )


def contradictions(choices: Sequence[Choice]) -> dict[str, tuple[int, int]]:
    """Annotator -> (pairs decided both ways, pairs decided more than once)."""
    seen: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for c in choices:
        if c.value != 0.5:
            seen[c.annotator, *c.unit].append(c.value)
    out: dict[str, tuple[int, int]] = {c.annotator: (0, 0) for c in choices}
    for (person, *_), values in seen.items():
        if len(values) > 1:
            both, more = out[person]
            out[person] = both + (len(set(values)) > 1), more + 1
    return out
