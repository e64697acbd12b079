"""Chances of dissatisfaction: against values worked out by hand, an outside implementation, and known truth."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from pixelmind.errors import BadInput
from pixelmind.quality.calibration import Calibration, assess, brier, calibration_error
from pixelmind.quality.calibration_methods import Isotonic, compare, folds_of, platt

ONES = np.ones(4)


def drawn(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features [N, 3] of different scales, outcomes, and the true chances."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(count, 3)) * [1, 50, 0.02] + [0, 300, -4]
    z = -0.5 + 1.5 * x[:, 0] + 0.02 * (x[:, 1] - 300)
    p = 1 / (1 + np.exp(-z))
    return x, (rng.random(count) < p).astype(float), p


def test_two_groups_by_hand() -> None:
    # Feature 0: 1 of 4 dissatisfied, feature 1: 3 of 4. Without a prior the chances are these shares.
    x, y = [0] * 4 + [1] * 4, [1, 0, 0, 0, 1, 1, 1, 0]
    fitted = Calibration.fit(x, y, l2=0)
    assert fitted.chance([0, 1]) == pytest.approx([0.25, 0.75])
    assert fitted.chance([0.5]) == pytest.approx([0.5])
    assert (fitted.mean, fitted.scale) == ((0.5,), (0.5,))
    assert fitted.bias == pytest.approx(0)
    assert fitted.coefficients[0] == pytest.approx(math.log(3))  # log odds from -log 3 to log 3 over two scales
    assert (fitted.examples, fitted.base) == (8, 0.5)


def test_a_weight_counts_as_so_many_examples() -> None:
    once = Calibration.fit([0, 0, 1, 1], [1, 0, 1, 0], [1, 3, 3, 1])
    often = Calibration.fit([0] * 4 + [1] * 4, [1, 0, 0, 0, 1, 1, 1, 0])
    assert once.coefficients == pytest.approx(often.coefficients)
    assert once.bias == pytest.approx(often.bias, abs=1e-9)


def test_the_prior_by_hand() -> None:
    # Symmetric data at z = -1 and 1: the slope s solves 2 n (logistic(s) - share) + l2 s = 0.
    fitted = Calibration.fit([0] * 4 + [1] * 4, [1, 0, 0, 0, 1, 1, 1, 0], l2=2.0)
    s = fitted.coefficients[0]
    assert 8 * (1 / (1 + math.exp(-s)) - 0.75) + 2 * s == pytest.approx(0, abs=1e-8)
    assert 0 < s < math.log(3)


def test_same_as_scikit_learn() -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    x, y, _ = drawn(400)
    w = np.random.default_rng(1).uniform(0.2, 2, 400)
    fitted = Calibration.fit(x, y, w, l2=0.7)
    z = (x - np.array(fitted.mean)) / np.array(fitted.scale)
    other = linear.LogisticRegression(C=1 / 0.7, tol=1e-10, max_iter=1000).fit(z, y, w)
    assert fitted.coefficients == pytest.approx(other.coef_[0], abs=1e-5)
    assert fitted.bias == pytest.approx(other.intercept_[0], abs=1e-5)


def test_finds_the_chances_that_made_the_outcomes() -> None:
    x, y, p = drawn(20_000)
    fitted = Calibration.fit(x, y)
    found = fitted.chance(x)
    assert np.abs(found - p).max() < 0.05
    assert fitted.coefficients[0] == pytest.approx(1.5, abs=0.1)
    assert fitted.coefficients[1] == pytest.approx(1.0, abs=0.1)
    assert fitted.coefficients[2] == pytest.approx(0.0, abs=0.1)  # tells nothing
    assert np.average(found) == pytest.approx(y.mean(), abs=1e-6)  # a free bias meets the base rate


def test_extreme_features_give_chances_not_warnings() -> None:
    fitted = Calibration.fit([-1e6, -1e5, 1e5, 1e6], [0, 1, 0, 1])
    chances = fitted.chance([-1e300, 0, 1e300])
    assert np.isfinite(chances).all()
    assert (chances[0], chances[2]) == (0, 1)


def test_a_feature_that_never_varies_tells_nothing() -> None:
    fitted = Calibration.fit([[0, 7], [0, 7], [1, 7], [1, 7]], [0, 1, 1, 1])
    assert fitted.coefficients[1] == 0
    assert fitted.chance([[1, 7]]) == pytest.approx(fitted.chance([[1, 99]]))


def test_through_json_and_back() -> None:
    x, y, _ = drawn(60)
    fitted = Calibration.fit(x, y, whose="simulated", names=("score", "cells", "lint"))
    again = Calibration.from_dict(json.loads(json.dumps(fitted.to_dict())))
    assert again == fitted
    assert (again.chance(x) == fitted.chance(x)).all()
    assert again.whose == "simulated"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 2}, "newer than this program"),
        ({"mean": [0.0]}, "for each feature"),
        ({"scale": [1.0, 0.0, 1.0]}, "scales above 0"),
        ({"bias": math.nan}, "must be finite"),
        ({"bias": "much"}, "this is no calibration"),
        ({"whose": "robots"}, "human, simulated, both people"),
        ({"names": ["one"]}, "names for all or none"),
    ],
)
def test_refuses_what_is_no_calibration(change: dict[str, object], message: str) -> None:
    x, y, _ = drawn(60)
    with pytest.raises(BadInput, match=message):
        Calibration.from_dict(Calibration.fit(x, y).to_dict() | change)
    with pytest.raises(BadInput, match="this is no calibration"):
        Calibration.from_dict({})


@pytest.mark.parametrize(
    ("x", "y", "w", "message"),
    [
        ([], [], None, "no examples to calibrate on"),
        ([1.0, 2.0], [1, 1], None, "all 2 examples are of dissatisfied people"),
        ([1.0, 2.0], [0, 0], None, "all 2 examples are of satisfied people"),
        ([1.0, 2.0], [0, 1], [1, 0], "calibration needs both kinds"),
        ([[1.0, 1.0], [2.0, math.nan]], [0, 1], None, "feature 1 is not a finite number"),
        ([1.0, math.inf], [0, 1], None, "feature 0 is not a finite number"),
        ([1.0, 2.0], [0, 0.5], None, r"labels must be 0"),
        ([1.0, 2.0], [0, math.nan], None, r"labels must be 0"),
        ([1.0, 2.0], [0, 1], [1, -1], "weights must be finite and 0 or more"),
        ([1.0, 2.0], [0, 1], [1, math.nan], "weights must be finite and 0 or more"),
        ([1.0, 2.0, 3.0], [0, 1], None, "must be of the same pictures"),
    ],
)
def test_refuses_what_cannot_be_learnt_from(x: list, y: list, w: list | None, message: str) -> None:
    with pytest.raises(BadInput, match=message) as caught:
        Calibration.fit(x, y, w)
    assert "\n" not in str(caught.value)


def test_classes_that_can_be_parted_need_a_prior() -> None:
    with pytest.raises(BadInput, match="set l2 above 0"):
        Calibration.fit([0, 1, 2, 3], [0, 0, 1, 1], l2=0)
    assert 0.5 < Calibration.fit([0, 1, 2, 3], [0, 0, 1, 1]).chance([2.0])[0] < 0.9
    with pytest.raises(BadInput, match="l2 must be 0 or more"):
        Calibration.fit([0, 1], [0, 1], l2=-1)


def test_chance_refuses_other_features() -> None:
    fitted = Calibration.fit([[0, 1], [1, 0], [1, 1]], [0, 1, 1])
    with pytest.raises(BadInput, match="takes 2 features"):
        fitted.chance([[1.0, 2.0, 3.0]])
    with pytest.raises(BadInput, match="not a finite number"):
        fitted.chance([[1.0, math.nan]])


def test_errors_by_hand() -> None:
    # Two bins: chances 0.1 and 0.3 with one of two dissatisfied, 0.8 and 1.0 with both.
    p, y = np.array([0.1, 0.3, 0.8, 1.0]), np.array([0.0, 1, 1, 1])
    assert calibration_error(p, y, ONES, bins=2) == pytest.approx(0.5 * (0.5 - 0.2) + 0.5 * (1 - 0.9))
    assert brier(p, y, ONES) == pytest.approx((0.01 + 0.49 + 0.04 + 0) / 4)
    assert calibration_error(p, y, np.array([1.0, 1, 0, 0]), bins=2) == pytest.approx(0.3)


def test_intervals_hold_the_truth_and_shrink() -> None:
    held = 0
    for seed in range(20):
        _, y, p = drawn(500, seed)
        found = assess(p, y, resamples=200)
        truth = float((p * (1 - p)).mean())  # the Brier score that true chances have
        held += found["brier"].low <= truth <= found["brier"].high
        assert found["calibration_error"].low <= found["calibration_error"].value <= found["calibration_error"].high
    assert held >= 16
    _, y, p = drawn(20_000)
    many = assess(p, y, resamples=200)
    assert many["calibration_error"].value < 0.02
    assert many["brier"].high - many["brier"].low < found["brier"].high - found["brier"].low
    wrong = assess(np.full(20_000, 0.9), y, resamples=200)["calibration_error"]
    assert wrong.low > 0.3
    assert wrong.value == pytest.approx(0.9 - y.mean())


def test_people_are_drawn_whole() -> None:
    """Each person's answers are all alike: fifty times as many examples do not narrow the interval."""
    y = np.repeat([0.0, 1.0, 0.0, 1.0, 1.0, 0.0], 50)
    p = np.full(300, 0.4)
    users = [f"person {i // 50}" for i in range(300)]
    alone, whole = assess(p, y, resamples=300), assess(p, y, users=users, resamples=300)
    assert whole["brier"].high - whole["brier"].low > 3 * (alone["brier"].high - alone["brier"].low)
    with pytest.raises(BadInput, match="3 users for 300 examples"):
        assess(p, y, users=["a", "b", "c"])
    with pytest.raises(BadInput, match=r"chances must lie in \[0, 1\]"):
        assess(p + 1, y)


def test_platt_by_hand() -> None:
    # Scores 0 and 1 with their own class alone: the softened targets are 1 / 5 and 4 / 5, and the curve meets both.
    a, b = platt([0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 1])
    assert b == pytest.approx(math.log(0.2 / 0.8))
    assert a + b == pytest.approx(math.log(0.8 / 0.2))
    with pytest.raises(BadInput, match="one score a picture"):
        platt([[0, 1], [1, 0]], [0, 1])


def test_isotonic_by_hand() -> None:
    # 0, 1, 0, 1 at scores 1 to 4: the second and third are pooled to one half.
    fitted = Isotonic.fit([1, 2, 3, 4], [0, 1, 0, 1])
    assert fitted.chance([1, 2, 3, 4]).tolist() == [0, 0.5, 0.5, 1]
    assert fitted.chance([0, 1.5, 9]).tolist() == [0, 0.25, 1]
    weighted = Isotonic.fit([1, 2, 3, 4, 4], [0, 1, 0, 1, 0], [1, 3, 1, 1, 1])
    assert weighted.chance([2, 4]).tolist() == pytest.approx([4 / 6, 4 / 6])  # 3/4 and 1/2 are pooled over 4 + 2
    with pytest.raises(BadInput, match="one score a picture"):
        Isotonic.fit([[0, 1], [1, 0]], [0, 1])


def test_comparison_is_on_people_held_out() -> None:
    x, y, p = drawn(3000)
    users = [f"person {i % 40}" for i in range(3000)]
    fold = folds_of(users, 5)
    assert all(len({fold[i] for i in range(3000) if users[i] == name}) == 1 for name in set(users))
    assert len(set(fold)) == 5
    found = compare(x, y, users=users)
    best = float((p * (1 - p)).mean())
    assert found["logistic"]["brier"].value == pytest.approx(best, abs=0.02)
    assert found["logistic"]["brier"].value < found["platt"]["brier"].value < found["base rate"]["brier"].value
    assert found["base rate"]["brier"].value == pytest.approx(y.mean() * (1 - y.mean()), abs=0.005)
    assert all(method["calibration_error"].value < 0.06 for method in found.values())
    falling = compare(-x, y, users=users)  # a score that is high for good pictures is turned round
    assert falling["isotonic"]["brier"].value == pytest.approx(found["isotonic"]["brier"].value, abs=1e-9)
    with pytest.raises(BadInput, match="5 folds need as many people"):
        compare(x[:4], [0, 1, 0, 1])
    with pytest.raises(BadInput, match="no feature 3"):
        compare(x, y, score=3)
