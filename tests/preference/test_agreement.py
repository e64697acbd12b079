"""Agreement against published worked examples, and on answers whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from pixelmind.errors import BadInput
from pixelmind.preference.agreement import (
    Choice,
    agreement,
    alpha_of,
    reliabilities,
    self_consistency,
    side_bias,
    wilson,
)
from pixelmind.preference.krippendorff import coincidences, krippendorff_alpha

GAP = np.nan
#: Krippendorff 2011, section C: four observers, twelve units, gaps.
FOUR = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, GAP, GAP, GAP],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, GAP, 3],
        [GAP, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, GAP],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, GAP],
    ]
)


@pytest.mark.parametrize(
    ("level", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_alpha_of_the_published_example_with_gaps(level, published) -> None:
    assert krippendorff_alpha(FOUR, level) == pytest.approx(published, abs=6e-4)


def test_alpha_of_two_observers_and_binary_data() -> None:
    """Krippendorff 2011, section A: alpha = 0.095."""
    two = np.array([[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]], float)
    values, table = coincidences(two)
    assert values.tolist() == [0, 1]
    assert table.tolist() == [[10, 4], [4, 2]]
    assert krippendorff_alpha(two) == pytest.approx(0.095, abs=5e-4)


def test_alpha_of_two_observers_and_names() -> None:
    """Krippendorff 2011, section B: alpha = 0.692."""
    two = np.array([[ord(c) for c in "aabbdccceddaa"[:12]], [ord(c) for c in "babbbcccedddd"[:12]]], float)
    assert krippendorff_alpha(two) == pytest.approx(0.692, abs=5e-4)


def test_alpha_where_it_is_not_defined() -> None:
    assert krippendorff_alpha(np.array([[1.0, GAP], [GAP, 2.0]])) is None
    assert krippendorff_alpha(np.ones((3, 4))) is None
    assert krippendorff_alpha(np.full((2, 2), GAP)) is None
    with pytest.raises(BadInput):
        krippendorff_alpha(FOUR, "fuzzy")
    assert alpha_of(np.full((0, 0), GAP), "nominal") is None


def test_alpha_interval_holds_the_value_and_shrinks_with_units() -> None:
    rng = np.random.default_rng(0)

    def noisy(units: int) -> np.ndarray:
        truth = rng.integers(0, 2, units)
        return np.where(rng.random((4, units)) < 0.85, truth, 1 - truth).astype(float)

    small, large = alpha_of(noisy(30), "nominal"), alpha_of(noisy(600), "nominal")
    assert small is not None
    assert large is not None
    assert small.low < small.value < small.high
    assert large.high - large.low < (small.high - small.low) / 2
    assert large.low < 0.49 < large.high  # two answers agree with 0.745, chance is 0.5: alpha 0.49
    assert (large.units, large.annotators) == (600, 4)


def test_wilson_is_the_published_interval() -> None:
    """Newcombe 1998, table I: 81 of 263 gives 0.2553 to 0.3662; 0 of 20 gives 0 to 0.1611."""
    share = wilson(81, 263)
    assert share is not None
    assert (share.low, share.high) == (pytest.approx(0.2553, abs=1e-4), pytest.approx(0.3662, abs=1e-4))
    none = wilson(0, 20)
    assert none is not None
    assert (none.low, none.high) == (0, pytest.approx(0.1611, abs=1e-4))
    assert wilson(0, 0) is None


def choice(who: str, pair: int, value: float, left: bool | None = None) -> Choice:
    return Choice(annotator=who, one=f"a{pair}", other=f"b{pair}", value=value, left=left)


def test_self_consistency_counts_repeats_alone() -> None:
    said = [choice("x", 1, 1), choice("x", 2, 0), choice("y", 1, 0), choice("x", 1, 1), choice("x", 2, 1)]
    same = self_consistency(said)
    assert same is not None
    assert (same.value, same.n) == (0.5, 2)
    assert self_consistency(said[:3]) is None


def test_agreement_takes_first_answers_on_shared_pairs() -> None:
    said = [choice(who, pair, pair % 2) for pair in range(10) for who in "xyz"]
    said += [choice("x", pair, 1 - pair % 2) for pair in range(10)]  # repeats, another answer
    said.append(choice("x", 99, 1))  # nobody else saw it
    found = agreement(said)
    assert found is not None
    assert (found.value, found.units, found.annotators) == (1, 10, 3)
    assert agreement(said[-1:]) is None
    assert agreement([]) is None


def test_side_bias_is_found_where_it_is() -> None:
    rng = np.random.default_rng(1)
    fair = [choice("x", i, float(rng.random() < 0.5), bool(rng.random() < 0.5)) for i in range(400)]
    left = [choice("x", i, float(side), bool(side)) for i, side in enumerate(rng.integers(0, 2, 40))]
    unknown = [choice("x", 1, 1), choice("x", 2, 0.5, True)]
    found, biased = side_bias(fair), side_bias(left + unknown)
    assert found is not None
    assert biased is not None
    assert found.p > 0.05
    assert found.low < 0.5 < found.high
    assert (biased.left, biased.n) == (1, 40)
    assert biased.p < 1e-9
    assert side_bias(unknown) is None


def test_reliability_of_each() -> None:
    honest = [choice(who, pair, pair % 2, True) for pair in range(8) for who in "abc"]
    liar = [choice("liar", pair, 1 - pair % 2, True) for pair in range(8)]
    alone = [choice("alone", 77, 1, True)]
    found = {r.annotator: r for r in reliabilities(honest + liar + alone)}
    assert found["a"].with_others is not None
    assert found["a"].with_others.value == 1
    assert found["liar"].with_others is not None
    assert found["liar"].with_others.value == 0
    assert found["alone"].with_others is None
    assert found["a"].answers == 8
    assert found["liar"].with_self is None
