"""Dialogues: labels that follow from what was said before."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmind.dialogue import turns
from pixelmind.dialogue.schema import ACTS, REGION_NAMES


@pytest.fixture(scope="module")
def dialogues() -> list:
    return [turns.dialogue(0, i) for i in range(1200)]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_any_dialogue_is_faultless_and_remembers(seed: int, index: int) -> None:
    said = turns.dialogue(seed, index)
    assert turns.LEAST <= len(said) <= turns.MOST
    for place, example in enumerate(said):
        assert example.faults() == []
        assert example.history == tuple(e.text for e in said[:place])
    assert said == turns.dialogue(seed, index)


def test_what_is_pointed_at_is_there(dialogues: list) -> None:
    for said in dialogues:
        for example in said:
            for words, target in example.resolved.items():
                kind, _, number = target.partition(" ")
                assert words in example.slots.get("reference", ())
                if kind == "turn":
                    assert 1 <= int(number) <= len(example.history)
                else:
                    assert target in REGION_NAMES or kind in ("last", "candidate")


def test_a_pronoun_is_the_part_of_the_change_before(dialogues: list) -> None:
    followed = 0
    for said in dialogues:
        for before, example in pairwise(said):
            part = set(example.resolved.values()) & (
                set(REGION_NAMES) - {"figure", "whole", "none", "pointed", "object"}
            )
            if (
                example.act == "edit"
                and before.act == "edit"
                and before.operation not in ("add", "replace")
                and part
                and "region" not in example.slots
            ):
                followed += 1
                assert part == {example.region}
                assert before.region == example.region
    assert followed > 100


def test_redo_follows_an_undo(dialogues: list) -> None:
    for said in dialogues:
        acts = [e.act for e in said]
        for place, act in enumerate(acts):
            if act == "redo":
                assert "undo" in acts[:place]
            if act == "answer":
                assert said[place].asked


def test_all_acts_and_ways_of_pointing_are_there(dialogues: list) -> None:
    acts = Counter(e.act for said in dialogues for e in said)
    kinds = Counter(t.split(" ")[0] for said in dialogues for e in said for t in e.resolved.values())
    assert set(acts) == set(ACTS)
    assert min(kinds[k] for k in ("turn", "candidate", "last", "figure")) > 60
    assert sum(n for k, n in kinds.items() if k in REGION_NAMES) > 300
    assert sum(bool(e.resolved) for said in dialogues for e in said) > 0.25 * sum(map(len, dialogues))


def test_turns_by_index_come_from_dialogues() -> None:
    draw = turns.source(4)
    assert draw(0) == turns.dialogue(4, 0)[0]
    assert draw(turns.MOST + 1) == turns.dialogue(4, 1)[1]
    assert draw(3) != turns.source(4, held_out=True)(3)
