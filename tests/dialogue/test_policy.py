"""Vague words and their readings, what is asked, simulated people, and the value of a question."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelmind import cli
from pixelmind.dialogue.defaults import SLOTS, close, entry, fill, open_points, vocabulary
from pixelmind.dialogue.grounding import Open, Wish, ground
from pixelmind.dialogue.policy import MAX_QUESTIONS, Policy, load_policy, question
from pixelmind.dialogue.policy_stage import PolicyConfig, compare, learn
from pixelmind.dialogue.simulated import IMPORTANCE, Person, always, answered, at_random, match, never, person, talk
from pixelmind.records import Intent


def test_every_reading_of_every_word_can_be_drawn() -> None:
    words = [(slot, word, r) for slot, table in vocabulary().items() for word, rs in table.items() for r in rs]
    assert len({(slot, word) for slot, word, _ in words}) >= 60
    for slot, word, reading in words:
        wish = close(Wish(subject="castle"), Open(slot=slot, word=word), reading)
        assert slot in wish.settled
        assert ground(wish).prompt


def test_a_default_is_taken_and_stated() -> None:
    filled, said = fill(Wish(subject="castle", mood="nostalgic", size_word="tiny"))
    assert (filled.palette, filled.size) == ("gameboy", (8, 8))
    assert said == ("I took nostalgic as Game Boy colours; say otherwise.", "I took tiny as 8x8 px; say otherwise.")
    assert fill(filled) == (filled, ())


def test_what_was_said_exactly_closes_a_point() -> None:
    assert open_points(Wish(subject="car", style="retro", palette="nes")) == []
    assert open_points(Wish(subject="car", size_word="big", size=(48, 48))) == []
    assert fill(Wish(subject="car", mood="nostalgic", palette="c64"))[0].palette == "c64"
    assert [o.slot for o in open_points(Wish())] == ["subject"]


def test_a_vague_word_is_found_inside_others() -> None:
    assert entry("mood", "really nostalgic feeling")[0] == "nostalgic"
    assert entry("mood", "Highly-Nostalgic")[0] == "nostalgic"
    assert entry("mood", "purposeful") == ("", ())


@given(st.integers(0, 10_000))
def test_people_want_what_closing_their_own_readings_gives(index: int) -> None:
    one = person(index, 5)
    assert match(one.wants, one) == 1.0
    assert 0.0 <= match(fill(one.says)[0], one) <= 1.0
    wish = one.says
    for point in open_points(wish):
        if point.slot in one.meant:
            wish = close(wish, point, one.meant[point.slot])
    assert match(fill(wish)[0], one) == pytest.approx(1.0)


def test_match_by_hand() -> None:
    wants = Wish(subject="cat", colors=("red", "blue"), size=(32, 32), palette="nes")
    one = Person(
        says=Wish(),
        wants=wants,
        meant={},
        importance={**dict.fromkeys(IMPORTANCE, 0.0), "subject": 3, "colors": 2, "size": 1, "palette": 2},
    )
    has = Wish(subject="cat", colors=("red",), size=(64, 32))
    # subject 3 of 3, colours half of 2, size half of 1, palette none of 2
    assert match(has, one) == pytest.approx((3 + 1 + 0.5 + 0) / 8)


def test_the_gain_of_a_question_by_hand() -> None:
    wish = Wish(subject="castle", mood="nostalgic")
    readings = vocabulary()["mood"]["nostalgic"]
    people = [
        Person(
            says=wish,
            wants=close(wish, Open(slot="mood", word="nostalgic"), r),
            meant={"mood": r},
            importance={"palette": 1.0, "time": 1.0},
        )
        for r in (readings[0], readings[1])
    ]
    never_slips: Any = SimpleNamespace(random=lambda: 0.5)
    # the first person loses nothing by the default, the second all: gains 0 and 1
    gains = learn(people, 0.0, never_slips)
    assert gains["mood/nostalgic"] == gains["mood"] == pytest.approx(0.5)


def test_policy_asks_what_is_worth_most_and_no_more_than_it_may() -> None:
    policy = Policy({"mood": 0.2, "size": 0.05, "style": 0.4, "style/retro": 0.1}, cost=0.08)
    wish = Wish(subject="castle", mood="nostalgic", size_word="tiny", style="retro")
    intent = Intent(text="x")
    first = policy.next_question(wish, intent, 0)
    assert first is not None
    assert (first.slot, first.word, first.kind) == ("mood", "nostalgic", "reference")
    assert 2 <= len(first.options) <= 4
    assert [o.wish.palette for o in first.options[:2]] == ["gameboy", "nes"]
    assert all(f"{i} {o.label}" in first.text for i, o in enumerate(first.options, 1))
    second = policy.next_question(first.options[0].wish, intent, 1)
    assert second is None or second.slot != "size"
    assert policy.next_question(wish, intent, MAX_QUESTIONS) is None
    assert Policy({"mood": 0.01, "size": 0.0, "style/retro": 0.0}, 0.08).next_question(wish, intent, 0) is None


def test_an_edit_with_no_change_named_is_asked_about() -> None:
    asks = Policy().next_question(
        Wish(subject="cat"), Intent(text="fix the hat", act="edit", operation="unclear", slots={"region": ("hat",)}), 0
    )
    assert asks is not None
    assert (asks.slot, asks.options) == ("operation", ())
    assert "the hat" in asks.text
    assert (
        Policy().next_question(Wish(), Intent(text="darker", act="edit", operation="darken", region="whole"), 0) is None
    )


def test_ways_of_asking() -> None:
    rng = np.random.default_rng(0)
    people = [person(i, 9) for i in range(200)]
    found = {way: np.array([talk(p, way, rng, 2) for p in people]).mean(0) for way in (never, at_random, always)}
    assert found[never][1] == 0
    assert found[never][0] < found[at_random][0] < found[always][0]
    point = open_points(people[0].says)
    assert not point or point[0].slot in SLOTS


def test_learned_policy_beats_never_asking_and_asks_less_than_always(tmp_path: Path) -> None:
    assert (
        cli.run(
            [
                "train",
                "policy",
                "--out",
                str(tmp_path),
                "--set",
                "policy.people=1200",
                "--set",
                "policy.test_people=400",
            ]
        )
        == 0
    )
    policy = load_policy(tmp_path)
    assert {name.partition("/")[0] for name in policy.gains} <= set(SLOTS)
    table = compare(policy, PolicyConfig(people=1200, test_people=400))
    assert table["policy"]["gain"] - table["policy"]["gain_spread"] > 0.08
    assert table["policy"]["questions"] <= 0.55 * table["always"]["questions"]
    assert table["policy"]["match"] > table["random"]["match"]


def test_bad_settings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["train", "policy", "--out", str(tmp_path), "--set", "policy.share=0"]) == 2
    assert "policy.share" in capsys.readouterr().err
    assert cli.run(["train", "policy", "--out", str(tmp_path), "--minutes", "1"]) == 2
    assert not (tmp_path / "manifest.json").exists()


def test_question_without_known_readings_offers_none() -> None:
    assert question(Wish(), Open(slot="mood", word="unheard of")).options == ()
    slip = answered(
        Wish(subject="cat", size_word="tiny"), Open(slot="size", word="tiny"), person(0, 0), np.random.default_rng(0)
    )
    assert slip.size is not None
