"""The hand-written test set: its labels hold together, it covers what the parser is measured on, and broken files are refused."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from pixelmind.data.edits import exact
from pixelmind.data.procedural.regions import UNKNOWN, region_class
from pixelmind.dialogue.examples import read_dialogues, read_requests
from pixelmind.dialogue.schema import (
    ACTS,
    AMBIGUITIES,
    CONTRADICTIONS,
    DRAWN_OPERATIONS,
    OUTLINE,
    PART_OPERATIONS,
    QUESTIONS,
    REGION_NAMES,
    SLOTS,
    SUBJECT,
    UNCLEAR,
    Example,
)
from pixelmind.errors import BadInput

FOLDER = Path(__file__).parents[1] / "assets" / "requests"
GROUPS = ("plain", "edit", "answer", "ambiguous", "contradiction", "typo", "terse", "long", "foreign", "bad")
REQUESTS = read_requests(FOLDER / "requests.jsonl")
DIALOGUES = read_dialogues(FOLDER / "dialogues.jsonl")
TURNS = [turn for dialogue in DIALOGUES for turn in dialogue]
SECOND = read_requests(FOLDER / "second" / "requests.jsonl")
SECOND_TURNS = [turn for dialogue in read_dialogues(FOLDER / "second" / "dialogues.jsonl") for turn in dialogue]
THIRD = read_requests(FOLDER / "third" / "requests.jsonl")
THIRD_TURNS = [turn for dialogue in read_dialogues(FOLDER / "third" / "dialogues.jsonl") for turn in dialogue]
FOURTH_TURNS = [turn for dialogue in read_dialogues(FOLDER / "fourth" / "dialogues.jsonl") for turn in dialogue]


def test_sizes() -> None:
    assert len(REQUESTS) >= 420
    assert len(DIALOGUES) >= 62
    assert all(3 <= len(dialogue) <= 8 for dialogue in DIALOGUES)
    assert sum(bool(turn.resolved) for turn in TURNS) >= 150
    sizes = {group: len(read_requests(FOLDER / "requests.jsonl", group)) for group in GROUPS}
    assert min(sizes.values()) >= 20
    assert sum(sizes.values()) == len(REQUESTS), "every request has one of the groups"


def test_every_kind_is_covered() -> None:
    def least(found: Counter[str], names: tuple[str, ...] | dict[str, str]) -> int:
        return min(found[name] for name in names)

    acts, both = Counter(e.act for e in REQUESTS), Counter(e.act for e in REQUESTS + TURNS)
    assert least(acts, ACTS) >= 15
    assert least(both, ACTS) >= 20
    assert least(Counter(s for e in REQUESTS for s in e.slots), SLOTS) >= 12
    assert least(Counter(a for e in REQUESTS for a in e.ambiguous), AMBIGUITIES) >= 12
    assert least(Counter(c for e in REQUESTS for c in e.contradictions), CONTRADICTIONS) >= 8
    operations = Counter(e.operation for e in REQUESTS)
    assert least(operations, (*exact.NAMES, *PART_OPERATIONS, *DRAWN_OPERATIONS)) >= 4
    assert operations[UNCLEAR] >= 12
    assert least(Counter(e.asked for e in REQUESTS), QUESTIONS) >= 3
    assert sum(bool(e.history) for e in REQUESTS) >= 50


def test_no_text_stands_twice_in_the_same_context() -> None:
    seen = Counter((e.text.casefold(), e.asked, e.history) for e in REQUESTS)
    assert [key for key, times in seen.items() if times > 1] == []


@pytest.mark.parametrize(("single", "turns", "requests"), [(SECOND, SECOND_TURNS, 250), (THIRD, THIRD_TURNS, 220)])
def test_the_other_sets_are_other_text(single: list[Example], turns: list[Example], requests: int) -> None:
    assert len(single) >= requests
    assert len(turns) >= 200
    known = {(e.text.casefold(), e.asked, e.history) for e in REQUESTS}
    shared = [e for e in single if (e.text.casefold(), e.asked, e.history) in known]
    assert len(shared) <= 5, f"{len(shared)} requests stand in the first set too"


def test_pieces_are_whole_words_and_references_resolve() -> None:
    for example in REQUESTS + TURNS + SECOND + SECOND_TURNS + THIRD + THIRD_TURNS + FOURTH_TURNS:
        for piece in (piece for pieces in example.slots.values() for piece in pieces):
            assert piece == piece.strip() != ""
            assert re.search(rf"(?<!\w){re.escape(piece)}(?!\w)", example.text), (piece, example.text)
        named = example.slots.get("reference", ())
        assert set(example.resolved) <= {*named, *example.slots.get("region", ())}, example.text
        if not {"reference", "region"} & set(example.ambiguous):
            assert set(named) <= set(example.resolved), f"a reference that is clear resolves: {example.text}"
        for target in example.resolved.values():
            turn = re.fullmatch(r"turn (\d+)", target)
            assert turn or re.fullmatch(r"candidate \d+|last", target) or target in REGION_NAMES, target
            assert not turn or 1 <= int(turn[1]) <= len(example.history), f"points to an earlier turn: {example.text}"


def test_region_is_the_class_of_a_single_word() -> None:
    plain = [
        e
        for group in GROUPS
        if group not in ("typo", "foreign")
        for e in read_requests(FOLDER / "requests.jsonl", group)
    ]
    checked = 0
    for example in plain + TURNS:
        words = set(example.slots.get("region", ()))
        if example.act != "edit" or len(words) != 1 or " " in (word := words.pop()):
            continue
        of_word = region_class(word)
        allowed = {UNKNOWN, SUBJECT, OUTLINE} if of_word == UNKNOWN else {of_word}
        assert example.region in allowed, f"{word!r} in {example.text!r} is {of_word}, not {example.region}"
        checked += 1
    assert checked >= 150


def test_edits_by_pronoun_have_the_region_pointed_to() -> None:
    checked = 0
    for example in REQUESTS + TURNS + SECOND + SECOND_TURNS + THIRD + THIRD_TURNS + FOURTH_TURNS:
        classes = {target for target in example.resolved.values() if target in REGION_NAMES}
        if example.act == "edit" and classes and "region" not in example.slots and len(example.slots["reference"]) == 1:
            whole_picture = example.region in ("whole", "background") and classes == {
                SUBJECT
            }  # "a dog next to her", "he faces left"
            assert {example.region} == classes or whole_picture, example.text
            checked += 1
    assert checked >= 70


def test_candidates_pointed_to_were_shown() -> None:
    for line in (FOLDER / "dialogues.jsonl").read_text().splitlines():
        dialogue, shown = json.loads(line), 0
        for turn in dialogue["turns"]:
            for target in turn.get("resolved", {}).values():
                if target.startswith("candidate"):
                    assert int(target.split()[1]) <= shown, (dialogue["name"], turn["text"])
            shown = turn.get("candidates") or shown


def test_history_of_a_dialogue_is_the_turns_before() -> None:
    for dialogue in DIALOGUES:
        assert [turn.history for turn in dialogue] == [
            tuple(t.text for t in dialogue[:n]) for n in range(len(dialogue))
        ]


def test_demo_script_plays_a_whole_session() -> None:
    lines = (FOLDER / "demo.txt").read_text().splitlines()
    assert 6 <= len(lines) <= 12
    assert all(line.strip() for line in lines)
    assert any("undo" in line for line in lines)
    assert "aseprite" in lines[-1]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "not JSON"),
        ("[]", "JSON object"),
        ('{"text": "a cat"}', "needs"),
        ('{"text": "a cat", "act": "draw"}', "'draw' is not known"),
        ('{"text": "a cat", "act": "generate", "slot": {}}', "no field 'slot'"),
        ('{"text": "a cat", "act": "generate", "slots": {"subject": "cat"}}', "wrong type"),
        ('{"text": "a cat", "act": "generate", "slots": {"subject": ["dog"]}}', "'dog' is not in the text"),
        ('{"text": "darker", "act": "edit"}', "has an operation"),
    ],
)
def test_bad_lines_are_named(tmp_path: Path, line: str, words: str) -> None:
    path = tmp_path / "requests.jsonl"
    path.write_text('{"text": "a fox", "act": "generate"}\n' + line + "\n")
    with pytest.raises(BadInput, match="line 2") as caught:
        read_requests(path)
    assert words in str(caught.value)
    good, bad = '{"text": "a fox", "act": "generate"}', line
    path.write_text(f'{{"name": "x", "turns": [{good}, {bad}]}}\n')
    with pytest.raises(BadInput, match="line 1"):
        read_dialogues(path)


def test_missing_file_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot read"):
        read_requests(tmp_path / "none.jsonl")
