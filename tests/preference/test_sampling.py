"""Which pair is asked about next: never twice but for repeats, sides even, gain where answers are open; and it needs fewer answers."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from pixelmind.errors import BadInput
from pixelmind.preference.annotators import Annotator
from pixelmind.preference.bradley_terry import strengths, wins
from pixelmind.preference.distance import distances, thumbnail
from pixelmind.preference.sampling import Answer, Group, Policy, gains, next_question
from pixelmind.preference.study import Trial, answers_needed, table


def group(count: int, name: str = "a", match: np.ndarray | None = None) -> Group:
    return Group(ids=[f"{name}{i}" for i in range(count)], apart=np.full((count, count), 0.2), match=match)


def play(groups: list[Group], questions: int, policy: Policy | None = None, seed: int = 0) -> list[tuple[Answer, str]]:
    """Answer by the number in the id, the higher one wins."""
    said: list[tuple[Answer, str]] = []
    for _ in range(questions):
        ask = next_question(groups, [a for a, _ in said], np.random.default_rng([seed, len(said)]), policy)
        if ask is None:
            break
        won = "left" if int(ask.left[1:]) > int(ask.right[1:]) else "right"
        said.append((Answer(ask.left, ask.right, won), ask.reason))
    return said


def test_strengths_are_bradley_terrys() -> None:
    """Two things, three wins to one: with PRIOR = 1 pseudo win and loss over both, (3.5, 1.5) give log(3.5 / 1.5)."""
    fit = strengths(wins(2, [(0, 1, 1), (0, 1, 1), (1, 0, 0), (1, 0, 1)]))
    assert fit.margin()[0, 1] == pytest.approx(np.log(3.5 / 1.5), abs=1e-4)
    p = 3.5 / 5
    assert fit.deviation()[0, 1] == pytest.approx(1 / np.sqrt(5 * p * (1 - p)), rel=1e-4)


def test_strengths_find_the_truth_and_ties_draw_together() -> None:
    rng = np.random.default_rng(0)
    truth = np.array([1.5, 0.5, -0.5, -1.5])
    told = []
    for _ in range(2000):
        i, j = (int(v) for v in rng.choice(4, 2, replace=False))
        told.append((i, j, float(rng.random() < 1 / (1 + np.exp(truth[j] - truth[i])))))
    assert np.allclose(strengths(wins(4, told)).theta, truth, atol=0.2)
    ties = strengths(wins(3, [(0, 1, 0.5)] * 20)).theta
    assert np.allclose(ties, 0, atol=1e-6)


def test_unasked_things_lie_in_the_middle_and_are_unsure() -> None:
    fit = strengths(wins(3, [(0, 1, 1)] * 10))
    assert fit.theta[1] < fit.theta[2] < fit.theta[0]
    assert fit.deviation()[0, 2] > fit.deviation()[0, 1]


def test_what_is_no_comparison() -> None:
    for bad in ([(0, 0, 1.0)], [(0, 5, 1.0)], [(0, 1, 2.0)]):
        with pytest.raises(BadInput):
            wins(2, bad)
    with pytest.raises(BadInput):
        strengths(np.zeros((1, 1)))


def test_no_pair_comes_twice_and_all_come() -> None:
    said = play([group(5)], 99, Policy(repeats=0))
    assert len(said) == 10
    assert len({frozenset((a.left, a.right)) for a, _ in said}) == 10


def test_pairs_stay_within_their_group() -> None:
    said = play([group(4, "a"), group(4, "b")], 99, Policy(repeats=0))
    assert len(said) == 12
    assert all(a.left[0] == a.right[0] for a, _ in said)


def test_repeats_are_the_stated_share_with_swapped_sides() -> None:
    said = play([group(20)], 100, Policy(repeats=0.2, gap=4))
    repeats = [i for i, (_, reason) in enumerate(said) if reason == "repeat"]
    assert len(repeats) == 20
    count = Counter(frozenset((a.left, a.right)) for a, _ in said)
    assert max(count.values()) == 2
    for i in repeats:
        asked = said[i][0]
        first = next(k for k, (a, _) in enumerate(said) if {a.left, a.right} == {asked.left, asked.right})
        assert i - first > 4
        assert (said[first][0].left, said[first][0].right) == (asked.right, asked.left)


def test_sides_are_balanced_for_every_sprite() -> None:
    said = play([group(10)], 45, Policy(repeats=0))
    left, right = Counter(a.left for a, _ in said), Counter(a.right for a, _ in said)
    assert all(abs(left[i] - right[i]) <= 3 for i in group(10).ids)


def test_the_same_seed_asks_the_same() -> None:
    assert play([group(8)], 20, seed=5) == play([group(8)], 20, seed=5)
    assert play([group(8)], 20, seed=5) != play([group(8)], 20, seed=6)


def test_nothing_to_ask() -> None:
    rng = np.random.default_rng(0)
    assert next_question([], [], rng) is None
    assert next_question([group(1)], [], rng) is None
    same = Group(ids=["a0", "a1"], apart=np.zeros((2, 2)))
    assert next_question([same], [], rng) is None  # two copies of one picture


def test_open_and_foreign_answers_count_as_asked_and_do_not_disturb() -> None:
    rng = np.random.default_rng(0)
    answers = [Answer("a0", "a1", None), Answer("gone", "a1", "left")]
    ask = next_question([group(3)], answers, rng)
    assert ask is not None
    assert {ask.left, ask.right} != {"a0", "a1"}


def test_gain_prefers_open_unknown_and_different_pairs() -> None:
    policy = Policy(alike=0.05)
    fit = strengths(wins(4, [(0, 1, 1)] * 9 + [(2, 3, 1)] * 2))
    flat = np.full((4, 4), 0.2)
    gain = gains(fit, flat, None, np.array([9, 9, 2, 2]), policy)
    assert gain[0, 2] > gain[0, 1]  # 0 against 1 is settled
    near = flat.copy()
    near[0, 2] = near[2, 0] = 0.01
    assert gains(fit, near, None, np.array([9, 9, 2, 2]), policy)[0, 2] < gain[0, 2] / 2


def test_the_encoders_margin_stands_in_for_answers_at_first() -> None:
    fit = strengths(np.zeros((3, 3)))
    match = np.array([0.1, 0.11, 0.9])
    gain = gains(fit, np.full((3, 3), 0.2), match, np.zeros(3), Policy())
    assert gain[0, 1] > gain[0, 2]
    later = gains(fit, np.full((3, 3), 0.2), match, np.full(3, 50.0), Policy())
    assert later[0, 2] / later[0, 1] > gain[0, 2] / gain[0, 1]


def test_a_policy_is_checked() -> None:
    with pytest.raises(BadInput):
        Policy(repeats=0.9)


def test_distance_is_of_what_is_seen(draw) -> None:
    one, other = draw(1), draw(2)
    apart = distances([one, other, one])
    assert apart[0, 2] == 0
    assert apart[0, 1] > 0.02
    assert np.allclose(apart, apart.T)
    assert thumbnail(draw(1, 24)).shape == thumbnail(one).shape == (256,)


def simulated(count: int, seed: int) -> Trial:
    rng = np.random.default_rng(seed)
    return Trial(group(count), rng.standard_normal((count, 4)))


def test_chosen_pairs_need_fewer_answers_than_random_ones() -> None:
    needed: dict[str, list[int]] = {"random": [], "chosen": []}
    for seed in range(10):
        who = Annotator(user="simulated", taste=np.full(4, 0.5), temperature=0.05)
        trial = simulated(9, seed)
        for name, policy in (("random", Policy(informed=False, repeats=0)), ("chosen", Policy(repeats=0))):
            reached, taus = answers_needed(trial, who, policy, seed, 36)
            assert len(taus) == min(reached, 36)
            assert reached == 37 or taus[-1] >= 0.8 > max(taus[:-1], default=0)
            needed[name].append(reached)
    rows = {row.policy: row for row in table(needed, 36)}
    assert rows["chosen"].ratio_high < 1
    assert rows["random"].ratio == 1
    assert rows["chosen"].low <= rows["chosen"].mean <= rows["chosen"].high


def test_a_study_that_never_gets_there_says_so() -> None:
    who = Annotator(user="simulated", taste=np.zeros(4))
    reached, _ = answers_needed(simulated(6, 0), who, Policy(), 0, 10, goal=1.1)
    assert reached == 11
    (row,) = table({"random": [reached, 3]}, 10)
    assert row.unreached == 0.5
    with pytest.raises(BadInput):
        table({"random": [1], "chosen": [1, 2]}, 10)
