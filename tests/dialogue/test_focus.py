"""What turns were about from change to change, operations told by words, and words of one slot wherever they stand."""

import pytest

from pixelmind.dialogue.closed import added, moved
from pixelmind.dialogue.flags import operation_told
from pixelmind.dialogue.focus import focus, of_outline, pictures, place_by_focus, repeated
from pixelmind.dialogue.parser import load_parser
from pixelmind.dialogue.spans import Span, slots_from, spans_in
from pixelmind.dialogue.spelling import as_typed, corrected, foreign
from pixelmind.records import Intent


def read(
    text: str,
    act: str = "edit",
    operation: str = "recolor",
    region: str = "whole",
    ambiguous: tuple[str, ...] = (),
    **slots: str,
) -> Intent:
    return Intent(
        text=text,
        act=act,
        operation=operation if act == "edit" else "none",
        region=region if act == "edit" else "none",
        slots={slot: (piece,) for slot, piece in slots.items()},
        ambiguous=ambiguous,
    )


WISH = read("a mill by a brook", "generate", subject="mill")


def test_the_part_spoken_of_is_kept() -> None:
    roof = Intent(text="the roof red", act="edit", operation="recolor", region="roof", slots={"region": ("roof",)})
    cat = Intent(text="add a cat", act="edit", operation="add", region="whole", slots={"subject": ("cat",)})
    gone = Intent(text="no roof", act="edit", operation="remove", region="roof", slots={"region": ("roof",)})
    asked = Intent(text="how big is it?", act="ask")
    assert focus([WISH, roof]) == focus([WISH, roof, asked]) == "roof"
    assert focus([WISH, roof, cat]) == "creature"
    assert focus([WISH, roof, gone]) == focus([WISH]) == focus([]) == ""
    assert place_by_focus("darken", ("it",), "last", [WISH, roof]) == ("roof", "region")
    assert place_by_focus("mirror", ("it",), "region", [WISH, roof]) == ("whole", "last")
    assert place_by_focus("darken", ("it",), "last", [WISH]) == ("whole", "last")
    assert place_by_focus("darken", ("them",), "region", [WISH]) is None
    assert place_by_focus("recolor", (), "nothing", [WISH, roof]) == ("roof", "nothing")
    assert place_by_focus("contrast", (), "nothing", [WISH, roof]) is None


def test_a_change_without_a_place_keeps_the_part() -> None:
    sign = Intent(text="a bigger sign", act="edit", operation="resize_part", region="sign", slots={"region": ("sign",)})
    line = read("outline", operation="add_outline")
    assert place_by_focus("recolor", (), "nothing", [WISH, sign]) == ("sign", "nothing")  # "and red"
    assert place_by_focus("recolor", (), "nothing", [WISH, sign], whole=True) is None  # "everything red"
    assert place_by_focus("recolor", ("the left one",), "last", [WISH, sign]) == ("sign", "region")
    assert place_by_focus("recolor", ("the snowy one",), "last", [WISH, sign]) is None
    assert place_by_focus("recolor", (), "nothing", [WISH, line]) == ("outline", "nothing")
    assert of_outline("recolor", "outline") == "recolor_outline"
    assert of_outline("recolor", "sign") == "recolor"


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ("also more", True),
        ("once more, please", True),
        ("one more notch", True),
        ("more contrast", False),
        ("shade", False),
    ],
)
def test_words_that_only_repeat(text: str, again: bool) -> None:
    darker = read("roof darker", operation="darken")
    assert repeated(text, [WISH, darker]) == ("darken" if again else "")
    assert repeated(text, [WISH]) == ""


def test_pictures_know_what_was_taken_back() -> None:
    change, back = read("roof red"), read("undo", "undo")
    vague = read("a few huts", "generate", ambiguous=("count",))
    answer = read("four", "answer")
    assert pictures([WISH, change, change]) == [1, 2, 3]
    assert pictures([WISH, change, back, change]) == [1, 4]
    assert pictures([vague, answer, change]) == [2, 3]


@pytest.mark.parametrize(
    ("text", "operation", "slots", "told"),
    [
        ("GB palette", "tone_map", {"palette": ("GB",)}, "restrict_palette"),
        ("the tones of the GB", "restrict_palette", {"palette": ("GB",)}, "tone_map"),
        ("greyscale", "restrict_palette", {"palette": ("greyscale",)}, "grayscale"),
        ("background red", "recolor", {"region": ("background",), "color": ("red",)}, "fill_background"),
        ("recolour the background red", "fill_background", {"color": ("red",)}, "recolor"),
        ("a copy of the tree", "add", {"subject": ("tree",)}, "duplicate"),
        ("roof red", "recolor", {"region": ("roof",), "color": ("red",)}, "recolor"),
    ],
)
def test_operations_told_by_words(text: str, operation: str, slots: dict[str, tuple[str, ...]], told: str) -> None:
    assert operation_told(text, operation, slots) == told


def test_words_of_one_slot() -> None:
    text = "sepia barn, lineless, 32x32, NES, from above, brown"
    found = added(text, moved(text, spans_in(text, {"color": ("sepia",), "subject": ("barn",)}), "none"), "generate", "none")  # fmt: skip
    assert slots_from(text, found) == {
        "palette": ("sepia", "NES"),
        "subject": ("barn",),
        "style": ("lineless",),
        "size": ("32x32",),
        "view": ("from above",),
        "color": ("brown",),
    }
    assert added("not red", [], "generate", "none") == []
    assert [s.slot for s in added("turn it 30 degrees", [], "edit", "rotate")] == ["amount"]
    assert added("as png", [Span(3, 6, "format")], "save", "none") == [Span(3, 6, "format")]


def test_other_languages_are_read_word_by_word() -> None:
    assert foreign("mach das Dach heller") == "de"
    assert foreign("plus de fleurs") == "fr"
    assert foreign("un perro rojo") == "es"
    assert foreign("make the roof brighter") == foreign("rot 90") == ""
    text, changed = corrected("mach das Dach heller", frozenset())
    assert text == "make the roof brighter"
    assert as_typed("mach das Dach heller", {"region": ("roof",)}, changed) == {"region": ("Dach",)}


def test_it_is_the_part_changed_last() -> None:
    parser = load_parser()
    said = ["a castle with a drawbridge", "make the roof red"]
    intent = parser.parse("make it a bit darker", said)
    assert (intent.act, intent.operation, intent.region, intent.refers) == ("edit", "darken", "roof", "region")
    back = parser.parse("back to the red one", [*said, "more contrast"])
    assert (back.act, back.refers, back.number) == ("undo", "turn", 2)
    assert parser.parse("make it darker", ["", "make the roof red"]).region == "roof"
