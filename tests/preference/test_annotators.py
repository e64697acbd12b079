"""Simulated people: their chances are those of the models, and everything they say is labelled."""

from __future__ import annotations

import numpy as np
import pytest

from pixelmind.errors import BadInput
from pixelmind.preference.annotators import AXES, POISONS, Annotator, population

EVEN = np.full(4, 0.5)


def person(**about) -> Annotator:
    return Annotator(user="simulated-test", taste=EVEN, **about)


def test_chances_are_bradley_terrys() -> None:
    left, right, tie = person(temperature=0.5).chances(1.0, 0.6)
    assert left == pytest.approx(1 / (1 + np.exp(-0.4 / 0.5)))
    assert left + right == pytest.approx(1)
    assert tie == 0


def test_ties_are_davidsons() -> None:
    left, right, tie = person(temperature=1.0, tie=0.7).chances(0.3, -0.2)
    assert left / right == pytest.approx(np.exp(0.5))
    assert tie == pytest.approx(0.7 * np.sqrt(left * right))
    assert np.isclose(person(tie=1.0).chances(0, 0), 1 / 3).all()


def test_a_side_can_be_a_favourite_and_attention_can_lapse() -> None:
    assert person(left_bias=0.4).chances(0, 0)[0] == pytest.approx(1 / (1 + np.exp(-0.4)))
    assert person(lapse=1.0).chances(5, -5)[0] == 0.5
    assert person(temperature=0.01, lapse=0.1).chances(5, -5)[0] == pytest.approx(0.95)


def test_choices_follow_the_chances() -> None:
    who, rng = person(temperature=0.4, tie=0.3), np.random.default_rng(0)
    said = [who.choose(0.2, 0.0, rng) for _ in range(4000)]
    for outcome, chance in zip(("left", "right", "tie"), who.chances(0.2, 0.0)):
        assert said.count(outcome) / 4000 == pytest.approx(chance, abs=0.03)


def test_poisoned_ones() -> None:
    features = np.array([[1.0, 1, 1, 1]])
    assert person(poison="flip").worth(features) == -person().worth(features)
    assert person(poison="left").chances(-9, 9)[0] == 1
    assert person(poison="random").chances(-9, 9)[0] == 0.5
    rng = np.random.default_rng(0)
    assert person(poison="left").rate(features[0], rng) == dict.fromkeys(AXES, 3)
    assert set(person(poison="random").rate(features[0], rng)) == set(AXES)


def test_ratings_rise_with_their_own_axis() -> None:
    who = person(temperature=0.05)
    rng = np.random.default_rng(0)
    good = who.rate(np.array([2.0, 2.0, -2.0, 0.0]), rng)
    assert good == {"accuracy": 1, "aesthetics": 5, "technical": 3}
    assert person(poison="flip", temperature=0.05).rate(np.array([2.0, 2.0, -2.0, 0.0]), rng)["accuracy"] == 5
    many = [person(leniency=9).rate(np.zeros(4), rng)["accuracy"] for _ in range(50)]
    assert set(many) == {5}


def test_populations_come_from_their_seed_and_differ_by_their_spread() -> None:
    one, same, other = population(5, 3), population(5, 3), population(5, 4)
    assert all(np.array_equal(a.taste, b.taste) and a.user == b.user for a, b in zip(one, same))
    assert not np.array_equal(one[0].taste, other[0].taste)
    assert np.allclose([np.linalg.norm(p.taste) for p in one], 1)
    alike = population(20, 0, spread=0)
    assert np.allclose([p.taste for p in alike], alike[0].taste)
    assert population(8, 3)[4].user == one[4].user  # a larger population begins with the smaller one
    assert np.array_equal(population(8, 3)[4].taste, one[4].taste)


def test_the_last_are_poisoned() -> None:
    people = population(6, poisoned=2, poison="random")
    assert [p.poison for p in people] == ["", "", "", "", "random", "random"]
    assert set(POISONS) == {"flip", "random", "left"}


def test_records_are_labelled_simulated(draw) -> None:
    who, left, right = person(), draw(1), draw(2)
    pair = who.pair("a castle", left, right, "right")
    assert pair is not None
    assert pair.simulated
    assert pair.user == "simulated-test"
    assert pair.chosen == right
    assert pair.rejected == left
    assert who.pair("a castle", left, right, "tie") is None
    said = who.feedback("spr_1", np.zeros(4), np.random.default_rng(0))
    assert said.simulated
    assert set(said.ratings) == set(AXES)


@pytest.mark.parametrize(
    "about",
    [
        {"user": "alice", "taste": EVEN},
        {"user": "simulated", "taste": np.ones(3)},
        {"user": "simulated", "taste": EVEN, "temperature": 0},
        {"user": "simulated", "taste": EVEN, "lapse": 2},
        {"user": "simulated", "taste": EVEN, "poison": "arsenic"},
    ],
)
def test_what_is_no_annotator(about) -> None:
    with pytest.raises(BadInput):
        Annotator(**about)


@pytest.mark.parametrize("about", [{"count": 0}, {"count": 2, "poisoned": 3}, {"count": 2, "temperature": 0}])
def test_what_is_no_population(about) -> None:
    with pytest.raises(BadInput):
        population(**about)
