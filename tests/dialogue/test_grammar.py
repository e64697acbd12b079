"""The request grammar: every template speaks without faults, everything a turn can mean is drawn often enough, and always the same."""

import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmind.data.procedural.regions import region_class
from pixelmind.data.procedural.rng import Rng
from pixelmind.dialogue import grammar
from pixelmind.dialogue.lexicon import lists, nouns, part_words
from pixelmind.dialogue.schema import ACTS, AMBIGUITIES, CONTRADICTIONS, OPERATIONS, QUESTIONS, REGION_NAMES, SLOTS
from pixelmind.dialogue.speech import Speech, place_of, rules, words
from pixelmind.dialogue.templates import compiled
from pixelmind.errors import BadInput

N = 12_000


@pytest.fixture(scope="module")
def drawn() -> list:
    return [grammar.request(0, i) for i in range(N)]


def test_there_are_enough_templates_and_words() -> None:
    assert len(grammar.templates()) >= 3000
    assert len(nouns()) >= 1500
    assert sum(map(len, lists().values())) >= 4000


def test_every_template_can_be_said() -> None:
    for where, template in grammar.templates():
        if where.startswith("edit_clash"):
            template = template.partition(": ")[2]
        for seed in range(2):
            s = Speech(Rng(seed, template))
            s.run(template)
            text = "".join(t for t, _ in s.out)
            assert text.strip(), where
            assert not set("{}|") - set("|") & set(text), (where, text)
            assert all(slot == "" or slot in SLOTS for _, slot in s.out), where


def test_every_rule_and_word_list_can_be_said() -> None:
    for name, templates in rules().items():
        for template in templates:
            s = Speech(Rng(name))
            s.pick_noun()
            s.memo |= {"attr": "hat"}
            if (
                not any(f"{{{leaning}}}" in template for leaning in ("size_other", "view_other", "time_other"))
                or "_one" in template
            ):
                s.run(template)
    for key, table in words().items():
        assert all(w and w == w.strip() for w in table), key


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**9), st.integers(0, 10**9), st.sampled_from(grammar.CURRICULA))
def test_any_turn_is_faultless(seed: int, index: int, curriculum: str) -> None:
    example = grammar.request(seed, index, curriculum)
    assert example.faults() == []
    assert not example.text.startswith(" ")
    assert example == grammar.request(seed, index, curriculum)


def test_every_turn_drawn_is_faultless(drawn: list) -> None:
    assert [e for e in drawn if e.faults()] == []
    assert not [e.text for e in drawn if "~" in e.text or "{" in e.text or "\x1f" in e.text]


def test_every_meaning_is_drawn_often_enough(drawn: list) -> None:
    acts = Counter(e.act for e in drawn)
    operations = Counter(e.operation for e in drawn)
    open_points = Counter(a for e in drawn for a in e.ambiguous)
    clashes = Counter(c for e in drawn for c in e.contradictions)
    slots = Counter(s for e in drawn for s in e.slots)
    assert min(acts[a] for a in ACTS) > N / 80
    assert min(operations[o] for o in OPERATIONS) > N / 500
    assert min(open_points[a] for a in AMBIGUITIES) > N / 200
    assert min(clashes[c] for c in CONTRADICTIONS) > N / 300
    assert min(slots[s] for s in SLOTS) > N / 150
    assert {e.asked for e in drawn} == {"", *QUESTIONS}
    assert len(set(REGION_NAMES) - {e.region for e in drawn}) <= 4


def test_half_of_the_wishes_are_ordinary(drawn: list) -> None:
    asked_for = [e for e in drawn if e.act in ("generate", "edit")]
    plain = sum(not e.ambiguous and not e.contradictions for e in asked_for)
    assert 0.45 < plain / len(asked_for) < 0.75


def test_texts_differ(drawn: list) -> None:
    longer = [e.text for e in drawn if e.act in ("generate", "edit")]
    assert len(set(longer)) > 0.95 * len(longer)


def test_held_out_examples_are_others() -> None:
    train, held = (grammar.source("pixel", 0, held_out=h) for h in (False, True))
    assert [train(i) for i in range(20)] != [held(i) for i in range(20)]
    assert train(7) == grammar.request(0, 7)


def test_art_speaks_no_jargon_of_consoles() -> None:
    plain = [grammar.request(1, i, "art") for i in range(3000)]
    told = sum("palette" in e.slots and not e.contradictions for e in plain) / len(plain)
    assert told < 0.08


def test_places_mean_the_classes_of_masks() -> None:
    for name, table in lists().items():
        if name.startswith("region."):
            assert all(region_class(w) == name.removeprefix("region.") for w in table), name
    assert place_of("left tower") == "wall"
    assert place_of("tower on the left") == "wall"
    assert place_of("everything") == "whole"
    assert place_of("knight") == "figure"
    assert place_of("outline") == "outline"
    assert place_of("part I marked") == "pointed"
    assert "sky" in part_words()


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("a(b|b)c", "abbc"[:2] + "c"),
        ("x (y) z", "x (y) z"),
        ("<3 :)", "<3 :)"),
        ("<color:(red|red)>", "red"),
        ("->", "->"),
    ],
)
def test_the_language_of_templates(template: str, said: str) -> None:
    s = Speech(Rng(0))
    compiled(template)(s)
    assert "".join(t for t, _ in s.out) == said


def test_loose_pronouns_are_references() -> None:
    assert grammar.referring("save it as {format}") == "save <reference:it> as {format}"
    assert grammar.referring("that's it") == "that's it"
    assert grammar.referring("make it rain") == "make it rain"
    assert grammar.referring("undo that") == "undo <reference:that>"
    assert grammar.referring("bring that change back") == "bring that change back"
    assert grammar.referring("<region:it> with it") == "<region:it> with <reference:it>"


def test_colors_beyond_a_palette_are_told_as_clash() -> None:
    found = [e for i in range(6000) if "palette_color" in (e := grammar.request(5, i)).contradictions]
    assert found
    assert all("palette" in e.slots for e in found)


def test_unknown_names_are_refused() -> None:
    with pytest.raises(BadInput, match="curriculum"):
        grammar.draw(0, 0, "music")
    with pytest.raises(BadInput, match="act"):
        grammar.draw(0, 0, "pixel", act="sing")


def test_it_is_quick() -> None:
    start = time.process_time()
    for i in range(1500):
        grammar.request(11, i)
    assert 1500 / (time.process_time() - start) > 1500  # about 10,000 on an idle core
