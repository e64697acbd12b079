"""The sequential comparison: by hand, against numerical optima, and on 2,000 A/A runs looked at after every unit."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from pixelmind.lifecycle.rollout import Settings
from pixelmind.lifecycle.simulation import People, conclude, crossed, play
from pixelmind.lifecycle.statistics import Series, best_rho, boundary, difference, path

SETTINGS = Settings(stage_units=200, max_units=6000)


def series(treated: list[int], chance: list[float], outcome: list[float]) -> Series:
    return Series(np.array(treated, bool), np.array(chance), np.array(outcome))


def test_boundary_by_hand():
    assert boundary(1.0, 0.05, 1.0) == pytest.approx(math.sqrt(2 * math.log(2 / 0.0025)))
    assert boundary(0.0, 0.05, 1.0) == pytest.approx(math.sqrt(2 * math.log(20)))


@pytest.mark.parametrize(("v", "alpha"), [(1.0, 0.05), (300.0, 0.01), (0.02, 0.2)])
def test_best_rho_is_where_the_boundary_is_lowest(v, alpha):
    found = minimize_scalar(lambda log_rho: boundary(v, alpha, math.exp(log_rho)), bounds=(-20, 20), method="bounded")
    assert boundary(v, alpha, best_rho(v, alpha)) == pytest.approx(found.fun, rel=1e-6)


def test_three_units_by_hand():
    found = series([1, 0, 1], [0.5, 0.5, 0.25], [0.8, 0.4, 1.0])
    # means before: (own), 0.8, 0.6; phi: 0, -0.5 * -0.4, 0.75 * 0.4; weights 0.25, 0.25, 0.1875
    effect, low, high, p = path(found, 0.05, 0.1)
    assert effect == pytest.approx([0.0, 0.2 / 0.5, 0.5 / 0.6875])
    half = math.sqrt((0.13 + 0.1) * math.log((0.13 + 0.1) / (0.1 * 0.0025))) / 0.6875
    assert (low[2], high[2]) == pytest.approx((0.5 / 0.6875 - half, 0.5 / 0.6875 + half))
    assert p[2] == pytest.approx(math.sqrt(2.3) * math.exp(-0.25 / (2 * 0.23)))
    told = difference(found, 0.05, 0.1)
    assert (told.control, told.treatment, told.num_control, told.num_treatment) == (0.4, 0.9, 1, 2)


def test_without_weight_nothing_is_known():
    told = difference(series([], [], []), 0.05, 1.0)
    assert (told.effect, told.low, told.high, told.p) == (0.0, -math.inf, math.inf, 1.0)
    told = difference(series([1, 1], [1.0, 1.0], [0.1, 0.9]), 0.05, 1.0)
    assert (told.low, told.high) == (-math.inf, math.inf)


@given(st.integers(0, 2**32 - 1), st.floats(-0.3, 0.3), st.floats(0.001, 0.5))
def test_p_and_the_interval_say_the_same(seed, effect, alpha):
    rng = np.random.default_rng(seed)
    treated = rng.random(60) < 0.5
    found = Series(treated, np.full(60, 0.5), rng.normal(0.5, 0.1, 60) + effect * treated)
    middle, low, high, p = path(found, alpha, 0.5)
    assert (low <= middle).all()
    assert (middle <= high).all()
    out = np.maximum.accumulate((low > 0) | (high < 0))  # always valid p-values only fall
    assert (out == (p < alpha)).all()


def test_a_trend_while_the_share_grows_is_no_effect():
    """Pooled means would call this an effect: late units, of whom more are treated, are better whatever they get."""
    rng = np.random.default_rng(0)
    chance = np.repeat([0.05, 0.5], 2000)
    treated = rng.random(4000) < chance
    outcome = np.repeat([0.4, 0.6], 2000) + rng.normal(0, 0.05, 4000)
    told = difference(Series(treated, chance, outcome), 0.05, best_rho(10.0, 0.05))
    assert told.treatment - told.control > 0.05
    assert told.low < 0 < told.high


def test_false_alarms_of_two_thousand_runs_looked_at_after_every_unit():
    settings = Settings(stage_units=60, max_units=600)
    alarms = [crossed(settings, play(settings, 0.0, np.random.default_rng([2, run]))) for run in range(2000)]
    assert 0 < sum(alarms) <= 0.05 * 2000


def test_false_alarms_where_the_same_people_come_in_every_stage():
    settings, people = Settings(stage_units=150, max_units=650), People(count=200, spread=0.25)
    alarms = [crossed(settings, play(settings, 0.0, np.random.default_rng([3, run]), people)) for run in range(400)]
    assert sum(alarms) <= 0.05 * 400


def test_a_worse_model_is_refused_and_a_better_one_promoted():
    """5 % worse and better, 20 runs each; at most 6,000 simulated people a run."""
    worse = [conclude(SETTINGS, play(SETTINGS, -0.05, np.random.default_rng([4, run]))) for run in range(20)]
    better = [conclude(SETTINGS, play(SETTINGS, 0.05, np.random.default_rng([5, run]))) for run in range(20)]
    assert sum(decision == "refused" for decision, _ in worse) >= 19
    assert sum(n < SETTINGS.max_units for _, n in worse) >= 19  # because it is worse, not because time is up
    assert sum(decision == "promoted" for decision, _ in better) >= 16
