"""From what is measured of a picture to the chance that a person is dissatisfied with it, and how far such chances can be believed.

Logistic regression on standardised features with an L2 prior, by Newton's method (iteratively reweighted least squares: Bishop 2006,
Pattern Recognition and Machine Learning, sec. 4.3.3). The expected calibration error is that of Guo et al. 2017 (eq. 3), the Brier score
that of Brier 1950.

Array legend: N pictures, F features.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pixelmind.errors import BadInput

F64 = NDArray[np.float64]
FORMAT = 1
MAX_STEPS, TOLERANCE = 100, 1e-12
WHOSE = ("human", "simulated", "both")


def examples(features: ArrayLike, dissatisfied: ArrayLike, weights: ArrayLike | None) -> tuple[F64, F64, F64]:
    """(features [N, F], dissatisfied [N] of 0 and 1, weights [N]) that can be learnt from; features [N] are one column.

    Raises:
        BadInput: none, of different lengths, of one class only, not finite, or weights below 0.
    """
    x, y = np.asarray(features, np.float64), np.asarray(dissatisfied, np.float64)
    x = x[:, None] if x.ndim == 1 else x
    w = np.ones(len(y)) if weights is None else np.asarray(weights, np.float64)
    if not len(y):
        raise BadInput("there are no examples to calibrate on: collect verdicts, ratings or choices first")
    if x.ndim != 2 or not len(x) == len(y) == len(w):
        raise BadInput(f"features {x.shape}, labels {y.shape} and weights {w.shape} must be of the same pictures")
    if not np.isin(y, (0, 1)).all():
        raise BadInput("labels must be 0 (satisfied) or 1 (dissatisfied)")
    if not np.isfinite(x).all():
        raise BadInput(f"feature {int(np.argwhere(~np.isfinite(x))[0, 1])} is not a finite number in some picture")
    if not np.isfinite(w).all() or (w < 0).any():
        raise BadInput("weights must be finite and 0 or more")
    if not (w[y == 0].sum() > 0 and w[y == 1].sum() > 0):
        known = "satisfied" if w[y == 0].sum() > 0 else "dissatisfied"
        raise BadInput(f"all {len(y)} examples are of {known} people; calibration needs both kinds")
    return x, y, w


def logistic(z: F64) -> F64:
    """1 / (1 + exp(-z)), without overflow."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * z)))


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """P(dissatisfied) = logistic(bias + sum_f coefficients_f (x_f - mean_f) / scale_f).

    `examples` and `base` tell how many examples it was fitted on and their weighted share of dissatisfied ones; `whose` whether people
    were real.
    """

    mean: tuple[float, ...]
    scale: tuple[float, ...]
    coefficients: tuple[float, ...]
    bias: float
    examples: int
    base: float
    whose: str = ""
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        count = len(self.coefficients)
        numbers = (*self.mean, *self.scale, *self.coefficients, self.bias)
        if not count or len(self.mean) != count or len(self.scale) != count or len(self.names) not in (0, count):
            raise BadInput(
                "a calibration needs a mean, a scale and a coefficient for each feature, and names for all or none"
            )
        if not np.isfinite(numbers).all() or min(self.scale) <= 0:
            raise BadInput("a calibration's numbers must be finite and its scales above 0")
        if self.whose not in ("", *WHOSE):
            raise BadInput(f"a calibration is of {', '.join(WHOSE)} people, not {self.whose!r}")

    @classmethod
    def fit(
        cls,
        features: ArrayLike,
        dissatisfied: ArrayLike,
        weights: ArrayLike | None = None,
        *,
        l2: float = 1.0,
        whose: str = "",
        names: Sequence[str] = (),
    ) -> Calibration:
        """The most likely chances: minimises sum_i w_i crossentropy_i + l2 / 2 |coefficients|^2; the bias is not pulled to 0.

        Args:
            features: [N, F], or [N] of one feature.
            dissatisfied: [N], 0 or 1; values between are not taken.
            weights: [N], 0 or more; 1 each where nothing is given.
            l2: strength of the prior, 0 or more; without it, classes that can be parted have no finite answer.
            whose: "human", "simulated" or "both", kept with the numbers.
            names: of the features, kept with the numbers.

        Raises:
            BadInput: see `examples`; a negative `l2`; no finite answer.
        """
        x, y, w = examples(features, dissatisfied, weights)
        if not l2 >= 0:
            raise BadInput(f"l2 must be 0 or more, got {l2}")
        mean = np.average(x, axis=0, weights=w)
        spread = np.sqrt(np.average((x - mean) ** 2, axis=0, weights=w))
        scale = np.where(spread > 1e-12 * (1 + np.abs(mean)), spread, 1.0)
        theta = newton((x - mean) / scale, y, w, l2)
        return cls(
            mean=tuple(mean.tolist()),
            scale=tuple(scale.tolist()),
            coefficients=tuple(theta[1:].tolist()),
            bias=float(theta[0]),
            examples=len(y),
            base=float(np.average(y, weights=w)),
            whose=whose,
            names=tuple(names),
        )

    def chance(self, features: ArrayLike) -> F64:
        """Chances [N] of dissatisfaction, of features [N, F] ([N] where there is one).

        Raises:
            BadInput: another number of features, or one that is not finite.
        """
        x = np.asarray(features, np.float64)
        x = x[:, None] if x.ndim == 1 else x
        if x.ndim != 2 or x.shape[1] != len(self.coefficients):
            raise BadInput(f"this calibration takes {len(self.coefficients)} features a picture, got {x.shape}")
        if not np.isfinite(x).all():
            raise BadInput("a feature is not a finite number")
        return logistic(self.bias + (x - np.array(self.mean)) / np.array(self.scale) @ np.array(self.coefficients))

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON, for a bundle's manifest."""
        plain = {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}
        return {"format": FORMAT, **plain}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Calibration:
        """Back from `to_dict`, equal in every number.

        Raises:
            BadInput: of a newer program, or something else.
        """
        try:
            if data["format"] > FORMAT:
                raise BadInput(f"a calibration of format {data['format']} is newer than this program; update pixelmind")
            return cls(
                mean=tuple(float(v) for v in data["mean"]),
                scale=tuple(float(v) for v in data["scale"]),
                coefficients=tuple(float(v) for v in data["coefficients"]),
                bias=float(data["bias"]),
                examples=int(data["examples"]),
                base=float(data["base"]),
                whose=str(data["whose"]),
                names=tuple(str(v) for v in data["names"]),
            )
        except BadInput:
            raise
        except (KeyError, TypeError, ValueError) as error:
            raise BadInput(f"this is no calibration: {type(error).__name__} {error}") from error


def newton(x: F64, y: F64, w: F64, l2: float) -> F64:
    """(bias, coefficients) [1 + F] of the minimum; y [N] may lie between 0 and 1. Steps that do not lower the loss are halved.

    Raises:
        BadInput: no minimum is reached, as with classes that can be parted and no prior.
    """
    design = np.concatenate([np.ones((len(x), 1)), x], axis=1)
    pull = np.array([0.0] + [l2] * x.shape[1])

    def loss(theta: F64) -> float:
        z = design @ theta
        return float((w * (np.logaddexp(0, z) - y * z)).sum() + (pull * theta**2).sum() / 2)

    theta = np.zeros(design.shape[1])
    now = loss(theta)
    for _ in range(MAX_STEPS):
        p = logistic(design @ theta)
        gradient = design.T @ (w * (p - y)) + pull * theta
        curvature = (design * (w * p * (1 - p))[:, None]).T @ design + np.diag(pull)
        step = np.linalg.lstsq(curvature, gradient, rcond=None)[0]
        if float(gradient @ step) / 2 <= TOLERANCE * (1 + abs(now)):  # the last step doubles the digits
            if not l2 and np.abs(design @ theta).max() > 20:
                break
            return theta - step
        rate = 1.0
        while rate > 1e-6 and loss(theta - rate * step) > now:
            rate /= 2
        theta = theta - rate * step
        now = loss(theta)
    raise BadInput("no finite chances fit these examples: the features part the classes fully; set l2 above 0")


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float


def brier(chances: F64, dissatisfied: F64, weights: F64) -> float:
    """Weighted mean of (chance - outcome)^2, in [0, 1]; always saying the base rate p scores p (1 - p)."""
    return float(np.average((chances - dissatisfied) ** 2, weights=weights))


def calibration_error(chances: F64, dissatisfied: F64, weights: F64, bins: int = 10) -> float:
    """Over bins of equal width of the chance: the gap of mean chance and share dissatisfied, weighted by bin (Guo, eq. 3)."""
    place = np.minimum((chances * bins).astype(np.int64), bins - 1)
    gaps = np.bincount(place, weights * (chances - dissatisfied), minlength=bins)
    return float(np.abs(gaps).sum() / weights.sum())


def assess(
    chances: ArrayLike,
    dissatisfied: ArrayLike,
    weights: ArrayLike | None = None,
    users: Sequence[str] | None = None,
    *,
    bins: int = 10,
    resamples: int = 1000,
    seed: int = 0,
) -> dict[str, Interval]:
    """ "calibration_error" and "brier" of chances [N] for pictures not fitted on, with intervals.

    Whole people are drawn again where `users` [N] says whose the examples are, else single examples. Draws of the calibration error lie
    higher than it, as noise in a bin adds to it: the interval is the basic one, reflected about the value, and cut at 0.

    Raises:
        BadInput: see `examples`; chances outside 0 to 1; users of another number.
    """
    p, y, w = examples(chances, dissatisfied, weights)
    p = p[:, 0]
    if (p < 0).any() or (p > 1).any():
        raise BadInput("chances must lie in [0, 1]")
    if users is not None and len(users) != len(y):
        raise BadInput(f"there are {len(users)} users for {len(y)} examples")
    groups = np.arange(len(y)) if users is None else np.unique(np.asarray(users), return_inverse=True)[1]
    rng, count = np.random.default_rng(seed), int(groups.max()) + 1
    measures = {"calibration_error": lambda v: calibration_error(p, y, v, bins), "brier": lambda v: brier(p, y, v)}
    draws: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(resamples):
        again = w * np.bincount(rng.integers(count, size=count), minlength=count)[groups]
        if again.sum() > 0:
            for name, measure in measures.items():
                draws[name].append(measure(again))
    found = {}
    for name, measure in measures.items():
        value = measure(w)
        low, high = np.quantile(draws[name], [0.025, 0.975])
        found[name] = Interval(value, max(0.0, float(2 * value - high)), max(value, float(2 * value - low)))
    return found
