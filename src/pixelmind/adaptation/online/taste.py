"""What one person likes, learned from a handful of choices: Bayesian logistic regression on differences of features.

P(i before j) = sigma(theta (phi_i - phi_j)): Bradley and Terry (1952) with linear strengths, prior theta ~ N(mean, diag(scale^2)). The
posterior is Laplace's (D. MacKay, "The evidence framework applied to classification networks", Neural Computation 4, 1992): the mode by
Newton's method and the curvature there; the chance of a new choice is sigma(kappa m), kappa = 1 / sqrt(1 + pi v / 8), with m and v the mean
and variance of theta (phi_i - phi_j) (his eq. 2.8 and 2.11). A tie counts half each way.

The mean of the prior says what everybody is taken to like: that pictures match their words. So a person of whom nothing is known gets what
the encoder alone would choose.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixelmind.errors import BadInput

F64 = NDArray[np.float64]
NEWTON_STEPS, TOLERANCE = 50, 1e-9


def sigmoid(x: F64) -> F64:
    """1 / (1 + e^-x) without overflow."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * x)))


@dataclass(frozen=True, kw_only=True, eq=False)
class Prior:
    """Normal prior of theta: mean [D] and standard deviations [D]."""

    mean: F64
    scale: F64

    def __post_init__(self) -> None:
        if self.mean.shape != self.scale.shape or self.mean.ndim != 1 or not (self.scale > 0).all():
            raise BadInput(
                f"a prior needs a mean and scales above 0 of one length, got {self.mean.shape} and {self.scale.shape}"
            )


@dataclass(frozen=True, kw_only=True, eq=False)
class Taste:
    """Posterior of theta: mean [D] and covariance [D, D], from `choices` of a person."""

    mean: F64
    covariance: F64
    choices: int = 0

    def worth(self, features: F64) -> F64:
        """Expected worth [N] of pictures with features [N, D]."""
        return np.asarray(features @ self.mean)

    def chance(self, differences: F64) -> F64:
        """Chance [N] that the first of two pictures is chosen, from differences of features [N, D]."""
        mean = differences @ self.mean
        variance = np.einsum("nd,de,ne->n", differences, self.covariance, differences)
        return sigmoid(mean / np.sqrt(1 + np.pi * variance / 8))


def unknown(prior: Prior) -> Taste:
    """What is expected of a person of whom nothing is known."""
    return Taste(mean=prior.mean, covariance=np.diag(prior.scale**2))


def learn(prior: Prior, differences: F64, weights: Sequence[float] | F64, ties: Sequence[bool]) -> Taste:
    """The posterior after choices.

    Args:
        prior: of D weights.
        differences: features of the chosen picture less those of the other, [N, D].
        weights: what each choice counts, 0 or more, [N].
        ties: neither was better.
    """
    x, w = np.asarray(differences, float), np.asarray(weights, float)
    if not len(x):
        return unknown(prior)
    if x.shape != (len(w), len(prior.mean)) or not np.isfinite(x).all():
        raise BadInput(
            f"choices need finite features [N, {len(prior.mean)}] and a weight each, got {x.shape} and {w.shape}"
        )
    target = np.where(np.asarray(ties, bool), 0.5, 1.0)
    precision = 1 / prior.scale**2
    theta = prior.mean.copy()
    for _ in range(NEWTON_STEPS):
        chance = sigmoid(x @ theta)
        gradient = x.T @ (w * (target - chance)) - precision * (theta - prior.mean)
        step = _inverse_times(gradient, x, w * chance * (1 - chance), precision)
        theta = theta + _shortened(step, theta, x, w, target, precision, prior.mean)
        if np.abs(step).max() < TOLERANCE:
            break
    chance = sigmoid(x @ theta)
    covariance = _inverse_times(np.eye(len(theta)), x, w * chance * (1 - chance), precision)
    return Taste(mean=theta, covariance=covariance, choices=len(x))


def _inverse_times(right: F64, x: F64, slope: F64, precision: F64) -> F64:
    """(P + X' S X)^-1 times `right` [D, ...], with P and S diagonal: with fewer choices than weights by Woodbury's identity, in the space
    of the choices."""
    if len(x) > x.shape[1]:
        return np.asarray(np.linalg.solve(np.diag(precision) + (x.T * slope) @ x, right))
    rows = np.sqrt(slope)[:, None] * x
    spread = rows / precision
    free = right / (precision if right.ndim == 1 else precision[:, None])
    return np.asarray(free - spread.T @ np.linalg.solve(np.eye(len(x)) + spread @ rows.T, spread @ right))


def _shortened(step: F64, theta: F64, x: F64, w: F64, target: F64, precision: F64, mean: F64) -> F64:
    """The step, halved until the log posterior no longer falls."""

    def log_posterior(at: F64) -> float:
        z = x @ at
        data = w @ (target * -np.logaddexp(0, -z) + (1 - target) * -np.logaddexp(0, z))
        return float(data - 0.5 * (precision * (at - mean) ** 2).sum())

    before = log_posterior(theta)
    for _ in range(30):
        if log_posterior(theta + step) >= before - 1e-12:
            break
        step = step / 2
    return step
