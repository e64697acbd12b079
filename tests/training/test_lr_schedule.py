import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmind.training.config import LoopConfig
from pixelmind.training.schedule import learning_rate


def rate(schedule, step, fraction, warmup=4):
    config = LoopConfig(steps=1, lr=0.8, warmup_steps=warmup, schedule=schedule, decay_fraction=0.25)
    return learning_rate(config, step, fraction)


@pytest.mark.parametrize(
    ("schedule", "step", "fraction", "by_hand"),
    [
        ("constant", 0, 0.0, 0.8 / 4),
        ("constant", 1, 0.0, 0.8 / 2),
        ("constant", 3, 0.9, 0.8),
        ("linear", 100, 0.25, 0.8 * 0.75),
        ("linear", 1, 0.25, 0.8 * 0.5 * 0.75),
        ("cosine", 100, 0.5, 0.4),
        ("cosine", 100, 1 / 3, 0.8 * 0.75),
        ("cosine", 100, 1.0, 0.0),
        ("wsd", 100, 0.5, 0.8),
        ("wsd", 100, 0.75, 0.8),
        ("wsd", 100, 0.875, 0.4),
        ("wsd", 100, 1.0, 0.0),
        ("wsd", 100, 1.2, 0.0),
    ],
)
def test_values_by_hand(schedule, step, fraction, by_hand):
    assert rate(schedule, step, fraction) == pytest.approx(by_hand, abs=1e-12)


def test_no_warm_up():
    assert rate("constant", 0, 0.0, warmup=0) == 0.8


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(["constant", "cosine", "linear", "wsd"]), st.integers(0, 50), st.floats(0, 1), st.floats(0, 1))
def test_never_above_the_peak_and_never_rising_after_warm_up(schedule, step, f, g):
    assert 0 <= rate(schedule, step, f) <= 0.8
    assert rate(schedule, 60, max(f, g)) <= rate(schedule, 60, min(f, g))
