"""Prioritised replay against numbers worked out by hand from Schaul et al. 2016, and what must always hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmind.adaptation.online.replay import Entry, Replay, ReplayConfig
from pixelmind.errors import BadInput


def entry(key: str, error: float | None, turn: int = 1) -> Entry:
    return Entry(key=key, kind="pair", one="a", other="b", turn=turn, error=error)


def test_chances_and_weights_by_hand() -> None:
    """p = 0.5, 0.25, 0.25 with alpha 1: P as they are; w = (3 P)^-beta over the largest: (2/3 over 4/3)^beta and 1."""
    config = ReplayConfig(alpha=1.0, beta=0.5, epsilon=1e-9, half_life=1e9)
    buffer = Replay(config, [entry("a", 0.5), entry("b", 0.25), entry("c", 0.25)], turn=1)
    assert buffer.chances(buffer.entries) == pytest.approx([0.5, 0.25, 0.25], abs=1e-6)
    rows, weights = buffer.sample(buffer.entries, 400, np.random.default_rng(0))
    wanted = np.array([0.5**0.5, 1.0, 1.0])
    assert weights == pytest.approx(wanted[rows], abs=1e-6)
    assert np.bincount(rows, minlength=3) / 400 == pytest.approx([0.5, 0.25, 0.25], abs=0.08)


def test_alpha_one_half_and_nought() -> None:
    """Errors 0.4 and 0.1: with alpha 0.5 their roots stand 2 to 1; with alpha 0 evenly, and then no weight is below 1."""
    entries = [entry("a", 0.4), entry("b", 0.1)]
    rooted = Replay(ReplayConfig(alpha=0.5, epsilon=1e-12), entries, turn=1)
    assert rooted.chances(entries) == pytest.approx([2 / 3, 1 / 3], abs=1e-5)
    even = Replay(ReplayConfig(alpha=0.0), entries, turn=1)
    assert even.chances(entries) == pytest.approx([0.5, 0.5])
    assert even.sample(entries, 4, np.random.default_rng(0))[1] == pytest.approx(np.ones(4))


def test_recent_turns_come_first_and_new_entries_at_once() -> None:
    """Two half-lives are a quarter of the priority; what was not seen yet has the highest error so far."""
    config = ReplayConfig(alpha=1.0, epsilon=1e-9, half_life=5.0)
    buffer = Replay(config, [entry("old", 0.8, turn=1), entry("new", 0.8, turn=11)], turn=11)
    assert buffer.chances(buffer.entries) == pytest.approx([0.2, 0.8], abs=1e-6)
    buffer.add(entry("unseen", None, turn=11))
    assert buffer.priorities(buffer.entries)[2] == pytest.approx(0.8, abs=1e-6)
    buffer.learned({"unseen": 0.1})
    assert buffer.priorities(buffer.entries)[2] == pytest.approx(0.1, abs=1e-6)


def test_a_full_buffer_forgets_the_least_likely() -> None:
    buffer = Replay(ReplayConfig(capacity=3), [entry(k, e) for k, e in (("a", 0.9), ("b", 0.1), ("c", 0.5))], turn=1)
    buffer.add(entry("d", 0.7))
    assert [e.key for e in buffer.entries] == ["a", "c", "d"]
    buffer.add(replace(buffer.entries[0], error=0.2))
    assert [(e.key, e.error) for e in buffer.entries] == [("c", 0.5), ("d", 0.7), ("a", 0.2)]
    buffer.drop({"c", "nobody"})
    assert [e.key for e in buffer.entries] == ["d", "a"]


def test_a_fifth_is_set_aside_for_good() -> None:
    aside = [entry(f"fbk_{i}", None).aside for i in range(2000)]
    assert 0.16 < np.mean(aside) < 0.24
    assert entry("fbk_7", 0.3, turn=9).aside == entry("fbk_7", None).aside


def test_entries_come_back_from_json() -> None:
    one = Entry(key="k", kind="liked", one="spr_1", prompt="a key", turn=3, trust=0.5, error=0.25)
    assert Entry.from_dict(one.to_dict()) == one


@pytest.mark.parametrize("bad", [{"capacity": 0}, {"alpha": -1}, {"beta": 1.5}, {"epsilon": 0}, {"half_life": 0}])
def test_bad_settings(bad: dict[str, float]) -> None:
    with pytest.raises(BadInput, match="replay"):
        ReplayConfig(**bad)  # type: ignore[arg-type]


@settings(deadline=None, max_examples=30)
@given(
    errors=st.lists(st.floats(0, 100), min_size=1, max_size=30),
    alpha=st.floats(0, 2),
    seed=st.integers(0, 99),
)
def test_full_weights_undo_the_bias(errors: list[float], alpha: float, seed: int) -> None:
    """At beta = 1 every entry's chance times its weight is the same, so that weighted means are those of even drawing."""
    entries = [entry(str(i), e, turn=i) for i, e in enumerate(errors)]
    buffer = Replay(ReplayConfig(alpha=alpha, beta=1.0), entries, turn=len(errors))
    chances = buffer.chances(entries)
    assert chances.sum() == pytest.approx(1)
    rows, weights = buffer.sample(entries, 8, np.random.default_rng(seed))
    assert (weights <= 1 + 1e-9).all()
    products = weights * chances[rows]
    assert products == pytest.approx(np.full(8, chances.min()))
