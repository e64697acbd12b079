"""Other ways from one score to a chance, and a comparison on held-out people: which one's chances can be believed.

Platt scaling: J. Platt, "Probabilistic outputs for support vector machines", 1999, with its softened targets. Isotonic regression:
B. Zadrozny and C. Elkan, "Transforming classifier scores into accurate multiclass probability estimates", 2002 (pool adjacent violators).

Array legend: N pictures, F features.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import isotonic_regression

from pixelmind.errors import BadInput
from pixelmind.quality.calibration import F64, Calibration, Interval, assess, examples, logistic, newton

Chance = Callable[[F64], F64]


def platt(scores: ArrayLike, dissatisfied: ArrayLike, weights: ArrayLike | None = None) -> tuple[float, float]:
    """(a, b) of P = logistic(a score + b), fitted to targets (N1 + 1) / (N1 + 2) and 1 / (N0 + 2), N1 and N0 the classes' weights.

    Raises:
        BadInput: see `calibration.examples`; more than one score a picture.
    """
    x, y, w = examples(scores, dissatisfied, weights)
    if x.shape[1] != 1:
        raise BadInput(f"Platt scaling is of one score a picture, got {x.shape[1]}")
    ones, zeros = w[y == 1].sum(), w[y == 0].sum()
    target = np.where(y == 1, (ones + 1) / (ones + 2), 1 / (zeros + 2))
    middle, spread = float(x.mean()), float(x.std()) or 1.0
    bias, slope = newton((x - middle) / spread, target, w, 0.0)
    return float(slope / spread), float(bias - slope * middle / spread)


@dataclass(frozen=True, eq=False)
class Isotonic:
    """Chances that rise with the score: `at` [K] scores and their `chances` [K], straight lines between, flat beyond."""

    at: F64
    chances: F64

    @classmethod
    def fit(cls, scores: ArrayLike, dissatisfied: ArrayLike, weights: ArrayLike | None = None) -> Isotonic:
        """The rising chances with the least weighted squared error; pictures of one score count as one.

        Raises:
            BadInput: see `calibration.examples`; more than one score a picture.
        """
        x, y, w = examples(scores, dissatisfied, weights)
        if x.shape[1] != 1:
            raise BadInput(f"isotonic regression is of one score a picture, got {x.shape[1]}")
        kept = w > 0
        at, place = np.unique(x[kept, 0], return_inverse=True)
        mass = np.bincount(place, w[kept])
        share = np.bincount(place, w[kept] * y[kept]) / mass
        return cls(at, np.asarray(isotonic_regression(share, weights=mass).x, np.float64))

    def chance(self, scores: ArrayLike) -> F64:
        """Chances [N] of scores [N]."""
        return np.asarray(np.interp(np.asarray(scores, np.float64).reshape(-1), self.at, self.chances))


def folds_of(users: Sequence[str], folds: int, seed: int = 0) -> np.ndarray:
    """Fold [N] of each example; a person's examples share one.

    Raises:
        BadInput: fewer people than folds.
    """
    people, place = np.unique(np.asarray(users), return_inverse=True)
    if len(people) < folds:
        raise BadInput(f"{folds} folds need as many people, there are {len(people)}")
    order = np.random.default_rng(seed).permutation(len(people)) % folds
    return np.asarray(order[place])


def compare(
    features: ArrayLike,
    dissatisfied: ArrayLike,
    weights: ArrayLike | None = None,
    users: Sequence[str] | None = None,
    *,
    score: int = 0,
    folds: int = 5,
    l2: float = 1.0,
    seed: int = 0,
) -> dict[str, dict[str, Interval]]:
    """Figures of `calibration.assess` by method, each on people held out of its fit.

    "logistic" takes all features; "platt" and "isotonic" the column `score` alone; "logistic, then isotonic" redraws the logistic
    chances by a rising curve; "base rate" says the share of dissatisfied ones always.

    Raises:
        BadInput: see `calibration.examples`; fewer people than folds; a fold whose other examples are of one class.
    """
    x, y, w = examples(features, dissatisfied, weights)
    names = [str(i) for i in range(len(y))] if users is None else list(users)
    if len(names) != len(y):
        raise BadInput(f"there are {len(names)} users for {len(y)} examples")
    if not 0 <= score < x.shape[1]:
        raise BadInput(f"there is no feature {score}, only 0 to {x.shape[1] - 1}")
    fold = folds_of(names, folds, seed)
    chances: dict[str, F64] = {}
    for held_out in range(folds):
        out = fold == held_out
        for method, chance in _fitted(x[~out], y[~out], w[~out], score, l2).items():
            chances.setdefault(method, np.empty(len(y)))[out] = chance(x[out])
    return {method: assess(p, y, w, names, seed=seed) for method, p in chances.items()}


def _fitted(x: F64, y: F64, w: F64, score: int, l2: float) -> dict[str, Chance]:
    whole = Calibration.fit(x, y, w, l2=l2)
    a, b = platt(x[:, score], y, w)
    falls = a < 0
    one = Isotonic.fit(-x[:, score] if falls else x[:, score], y, w)
    both = Isotonic.fit(whole.chance(x), y, w)
    return {
        "logistic": whole.chance,
        "platt": lambda v: logistic(a * v[:, score] + b),
        "isotonic": lambda v: one.chance(-v[:, score] if falls else v[:, score]),
        "logistic, then isotonic": lambda v: both.chance(whole.chance(v)),
        "base rate": lambda v: np.full(len(v), whole.base),
    }
