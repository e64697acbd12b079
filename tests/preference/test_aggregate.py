"""Strengths with ties and reliabilities: against choix, known strengths, and people who are poisoned or contradict themselves."""

from __future__ import annotations

import numpy as np
import pytest

from pixelmind.cli.preference import _crowd_lines
from pixelmind.errors import BadInput
from pixelmind.preference.aggregate import check, contradictions, davidson, fit, parts, rating_choices, tie_parameter
from pixelmind.preference.agreement import Choice
from pixelmind.preference.annotators import population
from pixelmind.preference.bradley_terry import strengths
from pixelmind.preference.reliability import crowd
from pixelmind.preference.simulate import simulate
from pixelmind.preference.stats import summary


def answers(theta: np.ndarray, people: dict[str, float], each: int, nu: float = 0.0, seed: int = 0) -> list[Choice]:
    """Answers of people with these eta about random pairs of things with these strengths."""
    rng = np.random.default_rng(seed)
    out = []
    for person, eta in people.items():
        for _ in range(each):
            i, j = sorted(rng.choice(len(theta), 2, replace=False))
            win, tie, _ = davidson(np.array([theta[i] - theta[j]]), nu)
            u = rng.random()
            value = 1.0 if u < win[0] else 0.5 if u < win[0] + tie[0] else 0.0
            if value != 0.5 and rng.random() > eta:
                value = 1 - value
            out.append(Choice(annotator=person, one=f"{i:02d}", other=f"{j:02d}", value=value))
    return out


THETA = np.array([-1.5, -0.9, -0.3, 0.1, 0.7, 1.9])


def fitted(found) -> np.ndarray:
    return np.array([s.theta for s in sorted(found.strengths, key=lambda s: s.name)])


def test_without_ties_it_is_choix():
    told = answers(THETA, {"a": 1.0, "b": 1.0}, 200)
    table = np.zeros((6, 6))
    for c in told:
        table[int(c.one), int(c.other)] += c.value
        table[int(c.other), int(c.one)] += 1 - c.value
    theirs = strengths(table)
    mine = crowd(told, reliabilities=False)
    assert fitted(mine) == pytest.approx(theirs.theta, abs=1e-4)
    assert mine.nu == 0
    half = 1.96 * np.sqrt(np.diag(theirs.covariance))
    assert [s.high - s.theta for s in sorted(mine.strengths, key=lambda s: s.name)] == pytest.approx(half, abs=1e-3)


def test_known_strengths_and_ties_are_found():
    found = crowd(answers(THETA, {"a": 1.0}, 6000, nu=0.8), reliabilities=False)
    assert fitted(found) == pytest.approx(THETA - THETA.mean(), abs=0.15)
    assert found.nu == pytest.approx(0.8, abs=0.08)


def test_intervals_hold_what_they_promise():
    held = []
    for seed in range(40):
        found = crowd(answers(THETA, {"a": 1.0}, 300, nu=0.4, seed=seed), reliabilities=False)
        for s in found.strengths:
            held.append(s.low <= THETA[int(s.name)] - THETA.mean() <= s.high)
    assert 0.9 <= np.mean(held) <= 0.99


def test_a_poisoned_annotator_is_weighed_down_and_shown():
    people = {"a": 0.97, "b": 0.95, "c": 0.9, "poisoned": 0.0, "coin": 0.5}
    told = answers(THETA, people, 150, nu=0.3)
    found = crowd(told)
    trust = {t.annotator: t for t in found.trust}
    assert trust["poisoned"].eta < 0.15
    assert trust["poisoned"].poisoned
    assert trust["poisoned"].weight == 0
    assert trust["coin"].weight < 0.35
    assert not trust["a"].poisoned
    assert min(trust[n].weight for n in "abc") > 0.45 > 1.3 * trust["coin"].weight
    assert trust["coin"].low <= 0.5 <= trust["coin"].high
    naive = fitted(crowd(told, reliabilities=False))
    true = THETA - THETA.mean()
    assert np.abs(fitted(found) - true).mean() < 0.7 * np.abs(naive - true).mean()
    assert fitted(found).argmax() == THETA.argmax()


def test_reliability_does_no_harm_among_honest_people():
    found = crowd(answers(THETA, {"a": 1.0, "b": 1.0, "c": 1.0}, 300))
    assert min(t.eta for t in found.trust) > 0.9
    assert np.corrcoef(fitted(found), THETA)[0, 1] > 0.98


def test_parts_are_ranked_apart():
    told = [
        Choice(annotator="a", one="x", other="y", value=1.0),
        Choice(annotator="a", one="p", other="q", value=0.0),
        Choice(annotator="a", one="q", other="r", value=1.0),
    ]
    assert parts([c.unit for c in told]) == [["p", "q", "r"], ["x", "y"]]
    found = crowd(told, reliabilities=False)
    assert [s.name for s in found.strengths if s.part == 1] == ["x", "y"]
    assert found.strengths[0].name == "q"
    for part in (0, 1):
        assert sum(s.theta for s in found.strengths if s.part == part) == pytest.approx(0, abs=1e-6)
    assert all(s.low < s.theta < s.high for s in found.strengths)


def test_davidson_by_hand():
    win, tie, loss = davidson(np.array([0.0, np.log(4)]), 1.0)
    assert (win[0], tie[0], loss[0]) == pytest.approx((1 / 3, 1 / 3, 1 / 3))
    assert (win[1], tie[1], loss[1]) == pytest.approx((4 / 7, 2 / 7, 1 / 7))  # pi 4 and 1: 4 / (4 + 1 + 2)
    assert tie_parameter(np.zeros(9), 3.0) == pytest.approx(1.0)
    assert davidson(np.array([2000.0]), 1.0)[0][0] == 1


def test_ratings_become_pairs():
    ratings = {("a", "x"): 4.0, ("a", "y"): 2.0, ("a", "z"): 2.0, ("a", "far"): 5.0, ("b", "x"): 1.0, ("b", "y"): 3.0}
    found = rating_choices(ratings, {"x": "slime", "y": "slime", "z": "slime", "far": "castle"})
    told = {(c.annotator, c.one, c.other): (c.value, count) for c, count in found}
    assert told == {
        ("a", "x", "y"): (1.0, 0.5),
        ("a", "x", "z"): (1.0, 0.5),
        ("a", "y", "z"): (0.5, 0.5),
        ("b", "x", "y"): (0.0, 1.0),
    }
    strong = crowd([c for c, _ in found], [n for _, n in found], reliabilities=False)
    assert {s.name for s in strong.strengths} == {"x", "y", "z"}


def test_answers_that_teach_nothing_are_refused_in_one_line():
    def said(*values: float, person: str = "a") -> list[Choice]:
        return [Choice(annotator=person, one="x", other="y", value=v) for v in values]

    for told, words in (
        ([], "no pairs to learn from"),
        (said(0.5, 0.5), "all 2 answers are ties"),
        (said(1.0, 0.0), "the only annotator chose each of 1 pairs both ways"),
        (said(1.0, 0.0) + said(0.0, 1.0, person="b"), "all 2 annotators"),
    ):
        with pytest.raises(BadInput, match=words) as caught:
            crowd(told)
        assert "\n" not in str(caught.value)
    check(said(1.0, 0.0, 1.0))
    assert contradictions(said(1.0, 0.0, 1.0)) == {"a": (1, 1)}
    with pytest.raises(BadInput, match="as many counts"):
        crowd(said(1.0), [1.0, 2.0])
    with pytest.raises(BadInput, match="two things"):
        fit(np.zeros((1, 1)), np.zeros((1, 1)), 0.0)


def test_stats_tell_strengths_and_who_is_poisoned(db, groups):
    simulate(db, groups, population(6, 3, spread=0.0, temperature=0.05, poisoned=1), 24, seed=3)
    told = summary(db, num_resamples=20)
    assert told["human"]["crowd"] is None
    found = told["simulated"]["crowd"]
    assert [t["annotator"] for t in found["trust"] if t["poisoned"]] == ["simulated-3-005"]
    assert found["parts"] == 2
    assert found["pictures"] == 11
    assert found["pairs_of_ratings"] == 6 * (15 + 10)
    assert all(s["low"] < s["theta"] < s["high"] for s in found["strengths"])
    words = "\n".join(_crowd_lines(found))
    assert "simulated-3-005: answers as meant 0." in words
    assert words.count("AGAINST THE OTHERS") == 1
    ana = db.users.ensure("ana")
    left, right = (db.sprites.add(ana, s, prompt="x", source="generated").id for s in groups[0].sprites[:2])
    db.feedback.prefer(ana, left, right, tie=True)
    assert _crowd_lines(summary(db, num_resamples=20)["human"]["crowd"]) == [
        "strengths: all 1 answers are ties, which say nothing of what is better; collect choices"
    ]
