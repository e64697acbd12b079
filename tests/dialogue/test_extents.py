"""How far pieces reach, what is pointed to, open points by the other labels, and tags decoded as a whole."""

import numpy as np
import pytest

from pixelmind.dialogue.extents import head_of, settle
from pixelmind.dialogue.flags import implied, settled
from pixelmind.dialogue.intent_network import TAGS
from pixelmind.dialogue.pointing import candidate_told, mentioned, other_creature, pointed_turn, version_told
from pixelmind.dialogue.reading import Word, best_tags, slots_of
from pixelmind.dialogue.schema import AMBIGUITIES, CONTRADICTIONS


@pytest.mark.parametrize(
    ("text", "act", "operation", "read", "found"),
    [
        (
            "a mill by a brook",
            "generate",
            "none",
            {"subject": ("mill", "brook")},
            {"subject": ("mill",), "attribute": ("by a brook",)},
        ),
        (
            "a boy building a raft",
            "generate",
            "none",
            {"subject": ("boy",), "attribute": ("raft",)},
            {"subject": ("boy",), "attribute": ("building a raft",)},
        ),
        ("another, without wheels", "refine", "none", {"region": ("wheels",)}, {"absent": ("wheels",)}),
        (
            "the shed next to the barn darker",
            "edit",
            "darken",
            {"region": ("shed", "barn")},
            {"region": ("shed next to the barn",)},
        ),
        (
            "move the sun to the left",
            "edit",
            "move",
            {"region": ("sun",), "amount": ("to the left",)},
            {"region": ("sun",), "amount": ("to the left",)},
        ),
        ("not the grass, I meant the bush", "edit", "recolor", {"region": ("grass", "bush")}, {"region": ("bush",)}),
        ("mirror the picture", "edit", "mirror", {"region": ("picture",)}, {}),
        ("shine on the edge of the axe", "edit", "highlight", {"region": ("edge", "axe")}, {"region": ("axe",)}),
        ("remove the red flag", "edit", "remove", {"color": ("red",), "region": ("flag",)}, {"region": ("red flag",)}),
        (
            "make the cape longer, down to the floor",
            "edit",
            "resize_part",
            {"region": ("cape", "floor"), "amount": ("down",)},
            {"region": ("cape",), "amount": ("down to the floor",)},
        ),
        (
            "taller mast, about 4 px",
            "edit",
            "resize_part",
            {"region": ("mast",), "amount": ("4 px",)},
            {"region": ("mast",), "amount": ("about 4 px",)},
        ),
        ("three or four", "answer", "none", {"count": ("three", "four")}, {"count": ("three or four",)}),
        ("NES colours please", "edit", "restrict_palette", {"palette": ("NES colours",)}, {"palette": ("NES",)}),
        ("16 colours please", "edit", "fewer_colors", {"palette": ("16 colours",)}, {"palette": ("16 colours",)}),
        (
            "a lance and a helmet hanging from a",
            "generate",
            "none",
            {"subject": ("lance",), "attribute": ("helmet hanging from a",)},
            {"subject": ("lance",), "attribute": ("helmet hanging",)},
        ),
        ("give him a scarf", "edit", "add", {"attribute": ("scarf",)}, {"subject": ("scarf",)}),
        ("make him darker, not the sky", "edit", "darken", {"region": ("sky",)}, {}),
    ],
)
def test_pieces_reach_as_far_as_their_words_say(
    text: str, act: str, operation: str, read: dict[str, tuple[str, ...]], found: dict[str, tuple[str, ...]]
) -> None:
    assert settle(text, act, operation, read) == found


def test_a_place_told_at_length_has_a_head() -> None:
    assert head_of("window behind the tree") == "window"
    assert head_of("left tower") == "left tower"


def test_pictures_are_told_by_what_was_done_to_them() -> None:
    said = ["a ferry", "make the hull teal", "more contrast", "the hull darker", "compare the teal one with this"]
    assert pointed_turn(["the teal one"], said, "undo") == 2
    assert pointed_turn(["the one with more contrast"], said) == 3
    assert pointed_turn(["the teal one without the contrast"], said) == 2
    assert pointed_turn(["the one before the contrast"], said) == 2
    assert pointed_turn(["the one without the contrast"], said) == 2
    assert pointed_turn(["the beginning"], said) == 1
    assert pointed_turn(["the first"], said, "undo") == 1
    assert pointed_turn(["the first of the two"], said) == 2
    assert pointed_turn(["the green one"], said) is None
    assert version_told("show versions 2 and 3", said) == 2
    assert version_told("show version 9", said) is None
    assert (candidate_told(["the left one"]), candidate_told(["number 3"]), candidate_told(["that"])) == (1, 3, None)


def test_pronouns_agree_in_number_with_what_was_named() -> None:
    said = ["a keep with windows", "the tower taller"]
    assert mentioned(said, "it")[0] == "wall"
    assert mentioned(said, "they")[0] == "window"
    assert other_creature(["a girl with a dog", "the dog bigger"])
    assert not other_creature(["a girl with a dog", "her coat red"])


def flags(
    text: str,
    act: str,
    operation: str,
    slots: dict[str, tuple[str, ...]],
    chance: float = 0.3,
    history: tuple[str, ...] = (),
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return settled(
        text,
        {"act": act, "operation": operation},
        slots,
        history,
        dict.fromkeys(AMBIGUITIES, chance),
        dict.fromkeys(CONTRADICTIONS, chance),
    )


def test_open_points_follow_from_the_other_labels() -> None:
    assert flags("move the moon", "edit", "move", {"region": ("moon",)}) == (("amount",), ())
    assert flags("move the moon up", "edit", "move", {"region": ("moon",), "amount": ("up",)}) == ((), ())
    assert flags("move the moon", "edit", "move", {"region": ("moon",)}, chance=0.01) == ((), ())
    assert flags("paint the door", "edit", "recolor", {"region": ("door",)}) == (("color",), ())
    assert flags("a few huts", "generate", "none", {"count": ("a few",), "subject": ("huts",)}) == (("count",), ())
    assert flags(
        "retro bus, NES", "generate", "none", {"style": ("retro",), "palette": ("NES",), "subject": ("bus",)}, 0.9
    )[0] == ("mood", "reference")
    assert flags("more like the other one", "refine", "none", {"reference": ("the other one",)}) == (("reference",), ())
    assert flags(
        "more like the other one", "refine", "none", {"reference": ("the other one",)}, history=("a fox",)
    ) == ((), ())
    assert flags("this area is too dark", "edit", "lighten", {}) == (("region",), ())


def test_contradictions_need_two_sides() -> None:
    assert (
        flags("isometric hut", "generate", "none", {"view": ("isometric",), "subject": ("hut",)}, 0.9)[1].count("view")
        == 0
    )
    assert (
        "presence"
        in flags("hat, no hat", "generate", "none", {"attribute": ("hat",), "absent": ("hat",), "subject": ("elf",)})[1]
    )
    assert flags("fine", "approve", "none", {}, 0.9) == (("reference",), ())
    assert list(implied(["red"], ["game boy"])) == ["palette_color"]
    assert list(implied(["green"], ["game boy"])) == []
    assert list(implied(["red", "green", "blue"], ["2 colours"])) == ["color_budget"]
    assert list(implied(["red"], ["NES"])) == []


def scores(*rows: dict[str, float]) -> np.ndarray:
    table = np.full((len(rows), len(TAGS)), -9.0)
    for i, row in enumerate(rows):
        for tag, value in row.items():
            table[i, TAGS.index(tag)] = value
    return table


def test_tags_are_decoded_as_a_whole() -> None:
    text = "a sci-fi gun"
    words = [Word(0, 1, 1), Word(2, 5, 2), Word(5, 6, 3), Word(6, 8, 4), Word(9, 12, 5)]
    read = scores(
        {"O": -0.1}, {"B-genre": -0.2}, {"B-view": -0.3, "I-genre": -2.0}, {"B-genre": -0.4}, {"B-subject": -0.1}
    )
    tags = best_tags(text, read, words)
    assert slots_of(text, tags, words) == {"genre": ("sci-fi",), "subject": ("gun",)}
    loose = [Word(0, 3, 1), Word(4, 7, 2)]
    tags = best_tags("old oak", scores({"O": -0.5, "B-subject": -1.0}, {"I-subject": -0.1, "B-attribute": -2.0}), loose)
    assert [TAGS[t] for t in tags] == ["B-subject", "I-subject"]
    assert best_tags("", np.zeros((0, len(TAGS))), []) == []
