"""The bootstrap: known answers for constant, symmetric and shifted differences."""

from __future__ import annotations

import numpy as np
import pytest

from pixelmind.evaluation.metrics.bootstrap import half_width, probability_of_rise


def test_a_constant_difference_is_certain_and_none_is_undecided() -> None:
    assert probability_of_rise([0.2] * 10) == 1.0
    assert probability_of_rise([-0.2] * 10) == 0.0
    assert probability_of_rise([0.0] * 10) == 0.5
    assert probability_of_rise([]) == 0.5


def test_probability_follows_the_normal_law() -> None:
    d = np.random.default_rng(0).normal(size=400)
    d = (d - d.mean()) / d.std() + 0.05  # mean one standard error above 0
    assert probability_of_rise(d) == pytest.approx(0.841, abs=0.03)


def test_half_width_follows_the_normal_law() -> None:
    d = np.random.default_rng(1).normal(size=400)
    assert half_width((d - d.mean()) / d.std()) == pytest.approx(1.96 / 20, rel=0.1)
