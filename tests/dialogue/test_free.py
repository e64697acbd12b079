"""Freely worded turns and stories: every template speaks, labels are faultless, what is pointed to is there."""

import re
from collections import Counter

import pytest

from pixelmind.data.procedural.regions import UNKNOWN
from pixelmind.data.procedural.rng import Rng
from pixelmind.dialogue import free, grammar, lexicon, stories
from pixelmind.dialogue.intent_task import points_to, stage_weights
from pixelmind.dialogue.phrases import doing, having, region_long, where
from pixelmind.dialogue.schema import ACTS, AMBIGUITIES, CONTRADICTIONS, OPERATIONS, SLOTS
from pixelmind.dialogue.speech import Speech


def test_there_are_many_templates_and_each_can_be_said() -> None:
    found = free.templates()
    assert len(found) >= 1500
    assert {where.removeprefix("free.") for where, _ in found} == set(ACTS)
    for place, template in found:
        s = Speech(Rng(1, template))
        s.run(grammar.referring(template))
        text = "".join(t for t, _ in s.out)
        assert text.strip(), place
        assert not set("{}") & set(text), (place, text)
        assert all(slot == "" or slot in SLOTS for _, slot in s.out), place


def test_lines_name_known_labels() -> None:
    for line in free.table()["edit"]["words"]:
        operation, point, clash, _ = free.split(line)
        assert operation in OPERATIONS, line
        assert point in ("", *AMBIGUITIES), line
        assert clash in ("", *CONTRADICTIONS), line
    with pytest.raises(ValueError, match="not of the form"):
        free.split("")


def test_free_turns_are_faultless_and_differ() -> None:
    drawn = [free.request(0, i) for i in range(3000)]
    assert [e.faults() for e in drawn if e.faults()] == []
    assert set(Counter(e.act for e in drawn)) == set(ACTS)
    longer = [e.text for e in drawn if e.act in ("generate", "edit")]
    assert len(set(longer)) > 0.95 * len(longer)
    assert free.request(0, 5) == free.request(0, 5)
    assert [free.source(0, held_out=True)(i) for i in range(9)] != drawn[:9]


def test_phrases_are_long_and_without_gaps() -> None:
    for i in range(400):
        s = Speech(Rng(i, "phrase"))
        place, part = region_long(s)
        for said in (doing(s), where(s), having(s), place):
            assert re.fullmatch(r"\S+(?: \S+)*", said), said
        assert part in place


def test_stories_are_faultless_and_point_to_turns_that_were() -> None:
    targets = Counter[str]()
    for i in range(150):
        for example in stories.dialogue(3, i):
            assert example.faults() == [], example
            kind, back = points_to(example)
            targets[kind] += 1
            if kind == "turn":
                assert 0 <= back < len(example.history)
    assert {"turn", "region", "last", "candidate"} <= set(targets)
    assert stories.turn(3, 0) == stories.dialogue(3, 0)[0]


def test_later_stages_have_free_turns() -> None:
    assert stage_weights("art", 0.4, 0.5) == {"art": 1.0}
    assert stage_weights("pixel", 0.4, 0.5) == pytest.approx({"art": 0.2, "pixel": 0.3, "free": 0.5})
    last = stage_weights("dialogue", 0.4, 0.5)
    assert sum(last.values()) == pytest.approx(1.0)
    assert last["free"] == last["stories"] == pytest.approx(0.25)


def test_stories_call_parts_and_things_by_words_of_no_other_list() -> None:
    rare = lexicon.wide_parts()
    assert rare["claw"] == "arm"
    assert rare["barns"] == rare["barn"] == UNKNOWN
    assert not set(rare) & lexicon.part_words()
    named = [
        (e.region, piece)
        for i in range(250)
        for e in stories.dialogue(5, i, rough=0.0)
        if e.act == "edit" and e.operation not in ("add", "replace", "duplicate")
        for piece in e.slots.get("region", ())[:1]
    ]
    own = [
        (region, rare[piece]) for region, piece in named if piece in rare and region != "creature"
    ]  # a second one is told apart
    assert 0.15 < len(own) / len(named) < 0.45
    assert sum(region == told for region, told in own) / len(own) > 0.9  # the rest: operations that are of no part
