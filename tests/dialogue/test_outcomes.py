"""How kept dialogues ended, what they tell of a question's worth, whose they are, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pixelmind import cli
from pixelmind.dialogue.defaults import entry
from pixelmind.dialogue.grounding import Open, Wish, from_dict, to_dict
from pixelmind.dialogue.outcome_stage import DialogueConfig, decide, shift
from pixelmind.dialogue.outcomes import OWN_WORDS, Dialogue, Point, Sign, dialogues
from pixelmind.dialogue.policy import Policy
from pixelmind.dialogue.recall import batch_of, pairs
from pixelmind.dialogue.regulars import correction, regular, request
from pixelmind.dialogue.stored import chosen, read, split, write
from pixelmind.dialogue.worth import evidence, gain_of, relearned, replayed
from pixelmind.encoder.text_tower import TextTower
from pixelmind.errors import BadInput

CASTLE = to_dict(Wish(subject="castle", mood="nostalgic"))
BARE = to_dict(Wish(subject="castle"))
LABELS = [r.label for r in entry("mood", "nostalgic")[1]]


def at(minute: int) -> str:
    return f"2026-11-28T10:{minute:02d}:00.000Z"


def told(*turns: tuple[str, str, list[str], dict[str, Any]]) -> list[dict[str, Any]]:
    """Messages of turns (said, kind, sprites, note), a minute each."""
    out: list[dict[str, Any]] = []
    for minute, (said, kind, sprites, note) in enumerate(turns):
        if said:
            out.append({"role": "user", "text": said, "created": at(minute)})
        out.append({"role": "assistant", "kind": kind, "sprites": sprites, "learning": note, "created": at(minute)})
    return out


def of(messages: Sequence[dict[str, Any]], *signs: Sign, quiet: str = "9999") -> list[Dialogue]:
    return list(dialogues(messages, signs, session="s", user="u", simulated=False, quiet=quiet))


DREW = ("draw a castle", "sprites", ["a", "b"], {"wish": BARE})
TOOK = ("the second", "sprites", ["b"], {"wish": BARE, "chosen": 2})
EDIT = ("darker", "edit", ["c"], {"wish": BARE})


@pytest.mark.parametrize(
    ("turns", "signs", "outcome", "taken"),
    [
        ((DREW, TOOK), (), "accepted", "b"),  # chosen, and nothing after
        ((DREW, TOOK), (Sign(sprite="b", good=False, created=at(5)),), "abandoned", ""),
        ((DREW,), (Sign(sprite="a", good=True, created=at(1)),), "accepted", "a"),
        ((DREW, EDIT), (Sign(sprite="c", good=True, created=at(2)),), "accepted", "c"),
        ((DREW, EDIT), (Sign(sprite="a", good=True, created=at(0)),), "iterated", ""),  # changed after the sign
        ((DREW, EDIT), (Sign(sprite="other", good=True, created=at(9)),), "iterated", ""),
        ((DREW, EDIT, ("save it", "saved", ["c"], {"wish": BARE})), (), "accepted", "c"),
        ((DREW, TOOK, EDIT), (), "iterated", ""),
        ((DREW,), (), "abandoned", ""),
        ((("castle", "question", [], {"wish": CASTLE, "asked": {"slot": "mood", "word": "nostalgic"}}),), (), "abandoned", ""),
        ((DREW, ("unheard", "error", [], {})), (), "abandoned", ""),
    ],
)  # fmt: skip
def test_the_rule_of_outcomes(turns: Any, signs: Any, outcome: str, taken: str) -> None:
    (found,) = of(told(*turns), *signs)
    assert (found.outcome, found.taken) == (outcome, taken)


def test_a_dialogue_that_may_go_on_is_open_until_it_was_idle() -> None:
    assert [d.outcome for d in of(told(DREW, TOOK), quiet=at(0))] == ["open"]
    assert [d.outcome for d in of(told(DREW, TOOK), quiet=at(1))] == ["accepted"]
    good = Sign(sprite="b", good=True, created=at(2))
    assert [d.outcome for d in of(told(DREW, TOOK), good, quiet=at(0))] == ["accepted"]


def test_a_session_is_cut_where_its_subject_changes() -> None:
    other = ("draw a dog", "sprites", ["d"], {"wish": {"subject": "small dog"}})
    found = of(told(DREW, TOOK, other), quiet=at(0))
    assert [(d.outcome, d.taken, d.request) for d in found] == [
        ("accepted", "b", "draw a castle"),
        ("open", "", "draw a dog"),
    ]


def test_points_are_answered_corrected_or_left() -> None:
    asked = {"slot": "mood", "word": "nostalgic"}
    question = ("nostalgic castle", "question", [], {"wish": CASTLE, "asked": asked})
    for said, label, meant in (
        (LABELS[1], LABELS[1], LABELS[1]),
        ("you decide", "", LABELS[0]),
        ("like my old watch", "", OWN_WORDS),
    ):
        answered = (said, "sprites", ["a"], {"wish": BARE, "answered": {**asked, "label": label}})
        (found,) = of(told(question, answered))
        assert [(p.slot, p.word, p.asked, p.meant) for p in found.points] == [("mood", "nostalgic", True, meant)]
    drew = ("nostalgic castle", "sprites", ["a", "b"], {"wish": CASTLE})
    assert [(p.asked, p.meant) for p in of(told(drew, TOOK))[0].points] == [(False, "")]
    wrong = (f"no, I meant {LABELS[1]}", "edit", ["c"], {"wish": CASTLE})
    assert [(p.asked, p.meant) for p in of(told(drew, wrong))[0].points] == [(False, LABELS[1])]
    (left,) = of(told(question))
    assert [(p.asked, p.meant) for p in left.points] == [(True, "")]


def dialogue(
    meant: str = "", *, asked: bool = True, outcome: str = "accepted", user: str = "u", **more: Any
) -> Dialogue:
    point = Point(slot="mood", word="nostalgic", wish=CASTLE, asked=asked, meant=meant)
    values = {"session": "s", "simulated": False, "created": at(0), "points": (point,)} | more
    return Dialogue(user=user, outcome=outcome, **values)


def test_the_worth_of_a_question_by_hand() -> None:
    wish, point = from_dict(CASTLE), Open(slot="mood", word="nostalgic")
    assert gain_of(wish, point, LABELS[0]) == 0
    # castle is right (3), of palettes the default's is wrong (2): NES instead of Game Boy
    assert gain_of(wish, point, LABELS[1]) == pytest.approx(1 - 3 / 5)
    others = [gain_of(wish, point, label) for label in LABELS[1:]]
    assert gain_of(wish, point, OWN_WORDS) == pytest.approx(np.mean(np.array(others, float)))
    assert gain_of(wish, point, "no label") is None
    assert [(e.gain, e.weight) for e in evidence(dialogue(asked=False), 0.25)] == [(0.0, 0.25)]
    assert evidence(dialogue(asked=False, outcome="iterated"), 0.25) == []
    assert evidence(dialogue(asked=True), 0.25) == []


def test_the_policy_moves_from_its_prior_to_what_was_seen() -> None:
    start = Policy({"mood": 0.1, "mood/nostalgic": 0.1, "size": 0.3}, 0.15)
    answered = [dialogue(LABELS[1])] * 10
    after = relearned(start, answered, 10, 0.25)
    assert after.gains["mood/nostalgic"] == pytest.approx((10 * 0.1 + 10 * 0.4) / 20)
    assert (after.gains["size"], after.cost) == (0.3, 0.15)
    # people leave after half of the questions: the same answers are then worth as much, the unfinished ones nothing
    half = answered[:5] + [dialogue(LABELS[1], outcome="abandoned")] * 5
    credit = [1 / 0.5] * 5 + [0.0] * 5
    assert relearned(start, half, 10, 0.25).gains["mood"] == pytest.approx((1 + 0.4 * sum(credit)) / 20)
    left = relearned(start, [dialogue(asked=False)] * 40, 10, 0.25)
    assert left.gains["mood/nostalgic"] == pytest.approx(0.05)


def test_replay_counts_match_won_and_questions() -> None:
    asks, never = Policy({"mood": 0.3}, 0.1), Policy({"mood": 0.0}, 0.1)
    found = [dialogue(LABELS[1]), dialogue(LABELS[0]), dialogue(asked=False), dialogue(outcome="abandoned")]
    rows = replayed(asks, found, 0.25)
    assert rows == pytest.approx(np.array([[0.4, 1], [0, 1], [0, 0.25], [0, 0]]))
    assert not replayed(never, found, 0.25).any()
    assert replayed(asks, [], 0.25).shape == (0, 2)


def test_people_are_held_out_whole_and_few_by_time() -> None:
    many = [dialogue(user=f"u{i % 5}", created=at(i)) for i in range(20)]
    train, aside = split(many, 0.4)
    assert not {d.user for d in train} & {d.user for d in aside}
    assert (len({d.user for d in aside}), len(train) + len(aside)) == (2, 20)
    train, aside = split(many[:2] * 5, 0.3)
    assert (len(train), len(aside)) == (7, 3)


def test_answers_become_batches_of_the_memory() -> None:
    told_ = [dialogue(label, user=user) for user, label in (("a", LABELS[1]), ("a", LABELS[1]), ("b", LABELS[0]))]
    people = pairs([*told_, dialogue(OWN_WORDS, user="b"), dialogue("", user="b")])
    assert people == [[("nostalgic", tuple(LABELS), 1)] * 2]  # of b there is but one
    batch = batch_of([*people, people[0] * 2], TextTower(), 3)
    assert batch["choice"].shape == (3, 2)  # the fourth pair of the second person stands alone and is left out
    assert batch["real"].tolist() == [[True, True], [True, True], [False, True]]
    assert batch["again"].tolist() == [[False, False], [True, True], [False, True]]


def test_whose_dialogues_and_json_lines(tmp_path: Path) -> None:
    mixed = [dialogue(LABELS[1]), dialogue(simulated=True), dialogue(outcome="open")]
    path = write(mixed, tmp_path / "d.jsonl")
    assert [d.outcome for d in read(path, "both")] == ["accepted"] * 2
    assert read(path, "human") == mixed[:1]
    with pytest.raises(BadInput, match=r"real people \(2\) and of simulated ones \(1\)"):
        read(path)
    with pytest.raises(BadInput, match="no dialogues of human people, only of simulated"):
        chosen(mixed[1:2], "human", "x")
    with pytest.raises(BadInput, match="all 1 dialogues in x may still go on"):
        chosen(mixed[2:], "", "x")
    path.write_text("{")
    with pytest.raises(BadInput, match="line 1 is no dialogue"):
        read(path)


def test_a_worse_candidate_is_refused_with_its_reason() -> None:
    config = DialogueConfig()
    same = shift(np.ones(50), np.ones(50), 0)
    worse = shift(np.ones(50), np.ones(50) - 0.05, 0)
    noisy = shift(np.zeros(8), np.array([-1.0, 0.8, -0.5, 0.4, 0, 0, 0, 0]), 0)
    fine = {"policy": {"held_out": {"net": same}, "simulated": {"net": same}}, "memory": {"kept": "no pairs"}}
    assert decide(fine, config) == []
    bad = fine | {"policy": {"held_out": {"net": noisy}, "simulated": {"net": worse}}}
    assert decide(bad, config) == [
        "match less the cost of questions on simulated people falls from 1.000 to 0.950, more than 0.02"
    ]
    lost = fine | {"memory": {"held_out": {"n": 0}, "simulated": worse}}
    assert decide(lost, config)[0].startswith("answers foretold on simulated people falls from 1.000 to 0.950")


def test_regulars_keep_to_their_words() -> None:
    one, again = regular(3, 5, 2), regular(3, 5, 2)
    assert one == again
    assert one.name.startswith("simulated-")
    wishes = [one.wish(np.random.default_rng(i)) for i in range(40)]
    assert {p.says.style for p in wishes} <= {"", *one.words["style"]}
    assert any(correction(p, p.says).startswith("no, I meant ") for p in wishes)
    assert (
        request(Wish(subject="cats", count_word="some", size_word="tiny", mood="cozy")) == "draw some tiny cats, cozy"
    )


# ---- command ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("found", "more", "words"),
    [
        ([], (), "holds no dialogues"),
        ([dialogue(LABELS[1], outcome="abandoned")] * 12, (), "all 12 dialogues were abandoned"),
        ([dialogue(asked=False)] * 12, (), "none of the 12 dialogues holds an answered question"),
        ([dialogue(LABELS[1])] * 3, (), "3 dialogues are too few to learn from, 10 are needed"),
        ([dialogue(LABELS[1])] * 12, ("--init-from", "empty"), "no weights at empty"),
        ([dialogue(LABELS[1])] * 12, ("--init-from", "other"), "neither a policy nor a memory"),
        ([dialogue(LABELS[1])] * 12, ("--data", "x"), "leave --data and --level out"),
        ([dialogue(LABELS[1])] * 12, ("--whose", "nobody"), "unknown --whose 'nobody'"),
        ([dialogue(LABELS[1])] * 12, ("--set", "dialogue.prior=0"), "dialogue.prior above 0"),
    ],
)
def test_bad_input(
    found: list[Dialogue], more: tuple[str, ...], words: str, tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("other").mkdir()
    Path("other/manifest.json").write_text(json.dumps({"format": 1, "parts": {}}))
    write(found, Path("d.jsonl"))
    assert cli.run(["train", "dialogue", "--feedback", "d.jsonl", "--out", "run", *more]) == 2
    err = capsys.readouterr().err
    assert words in err
    assert err.count("\n") == 1
    assert not Path("run/bundle").exists()


def test_no_feedback_and_no_database(tmp_path: Path, capsys: Any) -> None:
    assert cli.run(["train", "dialogue", "--out", str(tmp_path)]) == 2
    assert "name the dialogues to learn from" in capsys.readouterr().err
    assert cli.run(["data", "from-dialogues", "--feedback", str(tmp_path / "x.db"), "--out", str(tmp_path / "s")]) == 2
    assert "there is no database" in capsys.readouterr().err
    assert cli.run(["train", "policy", "--feedback", "x", "--out", str(tmp_path)]) == 2
