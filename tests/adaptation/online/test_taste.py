"""Laplace's posterior of a Bradley-Terry taste against hand-worked values, an integral, and what must always hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import expit

from pixelmind.adaptation.online.taste import Prior, Taste, learn, sigmoid, unknown
from pixelmind.errors import BadInput


def prior(*mean: float, scale: float = 1.0) -> Prior:
    return Prior(mean=np.array(mean), scale=np.full(len(mean), scale))


def test_one_choice_by_hand() -> None:
    """One feature, x = 1, prior N(0, 1): the mode solves 1 - sigma(theta) = theta, theta = 0.401058; curvature 1 + sigma (1 - sigma)."""
    mode = brentq(lambda t: 1 - expit(t) - t, 0, 1)
    assert mode == pytest.approx(0.401058, abs=1e-6)
    found = learn(prior(0.0), np.array([[1.0]]), [1.0], [False])
    assert found.mean == pytest.approx([mode], abs=1e-9)
    assert found.covariance[0, 0] == pytest.approx(1 / (1 + expit(mode) * (1 - expit(mode))), abs=1e-9)
    assert found.choices == 1


def test_the_chance_of_a_choice_is_moderated_as_mackay_says() -> None:
    """sigma(m / sqrt(1 + pi v / 8)); at m = 2, v = 4 that is sigma(1.2476) = 0.7769, against 0.7717 of the integral itself."""
    taste = Taste(mean=np.array([2.0]), covariance=np.array([[4.0]]))
    told = float(taste.chance(np.array([[1.0]]))[0])
    assert told == pytest.approx(0.7769, abs=1e-3)
    at = np.linspace(-30, 34, 200_001)
    density = np.exp(-((at - 2) ** 2) / 8) / np.sqrt(8 * np.pi)
    assert told == pytest.approx(float(np.trapezoid(expit(at) * density, at)), abs=0.01)


def test_nothing_said_is_the_prior_and_a_tie_of_equals_says_nothing_new() -> None:
    known = prior(1.0, 0.0)
    assert unknown(known).worth(np.array([[2.0, 5.0]])) == pytest.approx([2.0])
    nothing = learn(known, np.zeros((0, 2)), [], [])
    assert nothing.mean == pytest.approx(known.mean)
    tied = learn(prior(0.0, 0.0), np.array([[1.0, 0.5]]), [1.0], [True])
    assert tied.mean == pytest.approx([0.0, 0.0], abs=1e-12)
    assert tied.covariance[0, 0] < 1  # a tie of different pictures says that both features matter little
    pulled = learn(prior(2.0), np.array([[1.0]]), [1.0], [True])
    assert 0 < pulled.mean[0] < 2


def test_weights_count_as_repeats_and_forgotten_ones_not_at_all() -> None:
    x = np.array([[1.0, -0.5], [0.2, 0.9]])
    twice = learn(prior(0.0, 0.0), np.concatenate([x, x[:1]]), [1, 1, 1], [False] * 3)
    weighed = learn(prior(0.0, 0.0), x, [2, 1], [False] * 2)
    assert twice.mean == pytest.approx(weighed.mean, abs=1e-9)
    assert twice.covariance == pytest.approx(weighed.covariance, abs=1e-9)
    without = learn(prior(0.0, 0.0), x, [0, 1], [False] * 2)
    assert without.mean == pytest.approx(learn(prior(0.0, 0.0), x[1:], [1], [False]).mean, abs=1e-9)


@settings(deadline=None, max_examples=30)
@given(
    seed=st.integers(0, 10_000),
    count=st.integers(1, 12),
    dimensions=st.integers(1, 40),
    size=st.sampled_from([0.1, 1.0, 30.0]),
)
def test_it_is_the_mode_and_the_curvature_there(seed: int, count: int, dimensions: int, size: float) -> None:
    """The log posterior is concave, so where its slope is nought it is highest; the covariance is the plain inverse of the Hessian."""
    rng = np.random.default_rng(seed)
    x = size * rng.standard_normal((count, dimensions))
    known = Prior(mean=rng.standard_normal(dimensions), scale=rng.uniform(0.2, 2.0, dimensions))
    weights, ties = rng.uniform(0, 2, count), rng.random(count) < 0.2
    found = learn(known, x, weights, ties.tolist())

    p = expit(x @ found.mean)
    gradient = x.T @ (weights * (np.where(ties, 0.5, 1.0) - p)) - (found.mean - known.mean) / known.scale**2
    assert np.abs(gradient).max() < 1e-5 * max(1.0, size)
    hessian = np.diag(1 / known.scale**2) + (x.T * (weights * p * (1 - p))) @ x
    assert found.covariance == pytest.approx(np.linalg.inv(hessian), abs=1e-7)


def test_known_weights_are_found_again() -> None:
    """From 3,000 choices of a known taste; and its intervals hold it about as often as they say."""
    rng = np.random.default_rng(0)
    taste = np.array([1.5, -0.7, 0.0, 0.4])
    x = rng.standard_normal((3000, 4))
    turned = np.where(rng.random(3000) < expit(x @ taste), 1.0, -1.0)
    found = learn(prior(0.0, 0.0, 0.0, 0.0), x * turned[:, None], np.ones(3000), [False] * 3000)
    assert np.abs(found.mean - taste).max() < 0.15
    assert np.abs((found.mean - taste) / np.sqrt(np.diag(found.covariance))).max() < 3.5


def test_bad_input() -> None:
    with pytest.raises(BadInput, match="finite features"):
        learn(prior(0.0), np.array([[np.nan]]), [1.0], [False])
    with pytest.raises(BadInput, match="finite features"):
        learn(prior(0.0), np.array([[1.0, 2.0]]), [1.0], [False])
    with pytest.raises(BadInput, match="scales above 0"):
        Prior(mean=np.zeros(2), scale=np.array([1.0, 0.0]))
    assert sigmoid(np.array([-1000.0, 0.0, 1000.0])) == pytest.approx([0, 0.5, 1])
