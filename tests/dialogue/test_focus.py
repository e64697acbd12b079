"""What turns were about from change to change, operations told by words, and words of one slot wherever they stand."""

import pytest

from pixelmind.dialogue.closed import added, moved
from pixelmind.dialogue.extents import settle
from pixelmind.dialogue.flags import operation_told, settled
from pixelmind.dialogue.focus import focus, of_outline, part_at_hand, pictures, place_by_focus, repeated, thing_at_hand
from pixelmind.dialogue.parser import load_parser
from pixelmind.dialogue.pointing import candidate_told, choice_told, pointed_turn, spoken_of
from pixelmind.dialogue.schema import AMBIGUITIES, CONTRADICTIONS
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
    assert place_by_focus("mirror", ("it",), "region", [WISH, roof]) == ("roof", "region")
    assert place_by_focus("crop", ("it",), "region", [WISH, roof]) == ("whole", "last")
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


def test_a_turn_goes_on_with_the_last_change() -> None:
    darker = read("darker sky", operation="darken", region="sky")
    crow = read("a crow on its arm", operation="add", region="arm", subject="crow")
    assert repeated("no, that's too much", [WISH, darker]) == "lighten"
    assert repeated("I only meant the grass", [WISH, darker]) == "darken"
    assert repeated("no, on the other arm", [WISH, crow]) == "move"
    assert repeated("other side", [WISH, crow]) == "move"
    assert repeated("on the other arm a watch", [WISH, crow]) == ""
    assert repeated("other side", [WISH, darker]) == ""
    assert repeated("too much", [WISH]) == ""
    assert repeated("tracks too", [WISH, darker]) == repeated("and the roof as well.", [WISH, darker]) == "darken"
    assert repeated("me too", [WISH, darker]) == repeated("that too", [WISH, darker]) == ""


def test_it_behind_a_preposition_is_where_a_new_thing_goes() -> None:
    roof = read("the roof red", region="roof")
    bench = read("add a bench", operation="add", subject="bench")
    where = ("add", ("it",), "region")
    assert place_by_focus(*where, [WISH, roof], text="put clouds behind it") == ("whole", "last")
    assert place_by_focus(*where, [WISH, roof], text="put a cross on it") == ("roof", "region")
    assert place_by_focus(*where, [WISH, bench], text="a bin beside it") == ("furniture", "region")


def test_a_part_asked_about_is_spoken_of() -> None:
    asked = Intent(text="does it have a door?", act="ask", slots={"region": ("door",)})
    assert focus([WISH, asked]) == "door"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2", ("2", False)),
        ("I would take the first one, please", ("the first one", False)),
        ("top left", ("top left", False)),
        ("the one on the right", ("the one on the right", False)),
        ("the two is nice", ("the two", False)),
        ("2nd, but open", ("2nd", True)),
        ("take 2. the robe is one blob", ("2", True)),
        ("two is good but the awning green", ("two", True)),
        ("the left one red", None),
        ("two cats", None),
        ("first make it darker", None),
    ],
)
def test_one_of_what_is_shown_is_taken(text: str, told: tuple[str, bool] | None) -> None:
    assert choice_told(text) == told


def test_which_candidate_a_side_is() -> None:
    assert [candidate_told((p,)) for p in ("the left one", "middle", "the one on the right", "the last one")] == [
        1,
        2,
        2,
        -1,
    ]


def test_a_choice_is_read_only_where_pictures_were_shown() -> None:
    parser = load_parser()
    taken = parser.parse("2", ["a knight"])
    assert (taken.act, taken.refers, taken.number) == ("approve", "candidate", 2)
    assert "count" not in taken.slots
    changed = parser.parse("2nd, but with a red cape", ["a knight"])
    assert (changed.act, changed.refers, changed.number) == ("edit", "candidate", 2)
    assert parser._shown(["a knight"])
    assert not parser._shown(["a knight", "make it darker"])


def test_what_is_added_stands_in_no_place() -> None:
    slots = settle("the spear is missing", "edit", "add", {"region": ("spear",)})
    assert slots == {"subject": ("spear",)}
    assert settle("add something on the roof", "edit", "add", {"region": ("roof",)}) == {"region": ("roof",)}


def test_vague_amounts_are_no_measure_and_stars_need_no_count() -> None:
    sure = dict.fromkeys(AMBIGUITIES, 0.5)
    none = dict.fromkeys(CONTRADICTIONS, 0.0)
    move = {"act": "edit", "operation": "move"}
    assert settled("move the lamp a bit", move, {"amount": ("a bit",)}, (), sure, none)[0] == ("amount",)
    assert settled("move it 3 px", move, {"amount": ("3 px",)}, (), sure, none)[0] == ()
    assert settled("move it up", move, {"amount": ("up",)}, (), sure, none)[0] == ()
    add = {"act": "edit", "operation": "add"}
    assert settled("some stars", add, {"count": ("some",)}, (), sure, none)[0] == ()
    assert settled("some birds", add, {"count": ("some",)}, (), sure, none)[0] == ("count",)


def test_a_pronoun_has_an_antecedent_beside_the_part_that_is_changed() -> None:
    parser = load_parser()
    looks = parser.parse("he should look to the left", ["a knight"])
    assert (looks.refers, looks.antecedent) == ("region", "figure")
    nearer = parser.parse("move it closer to the water", ["a park with a lake", "add a bench", "darken the bench"])
    assert (nearer.operation, nearer.region, nearer.antecedent) == ("move", "furniture", "furniture")
    lifted = parser.parse("hm now it's darker than the stones, lift it a bit", ["a well", "the bucket copper"])
    assert lifted.region == lifted.antecedent == "container"
    assert parser.parse("the roof is too dark, make it lighter", ["a mill"]).antecedent == "roof"
    assert parser.parse("a knight").antecedent == "none"
    two = parser.parse("the two is nice", ["a bull"])
    assert (two.act, two.number) == ("approve", 2)


def test_another_one_is_a_new_picture_unless_a_thing_was_put_in() -> None:
    parser = load_parser()
    assert parser.parse("another one", ["a castle, 16x16", "number 2", "make it darker"]).act == "refine"
    assert parser.parse("another one", ["a castle", "add a tree"]).act == "edit"


def test_a_pronoun_behind_a_named_part_is_that_part() -> None:
    assert spoken_of("there's a claw sticking out, right? make that bigger", ("that",)) == "arm"
    assert spoken_of("the roof is odd. can you tilt it", ("it",)) == "roof"
    assert spoken_of("make it fit the roof", ("it",)) == ""  # named behind it
    assert spoken_of("the roof and the door are dull, make them red", ("them",)) == ""  # two of them
    assert spoken_of("too dull, make it red", ("it",)) == ""
    assert spoken_of("the roof is odd, paint the left one", ("the left one",)) == ""


def test_growing_what_was_just_put_in_is_a_change_of_it() -> None:
    stain = read("a stain on the apron", operation="add", subject="stain")
    assert part_at_hand(("it",), [WISH, stain])
    assert not part_at_hand(("it",), [WISH])
    assert part_at_hand((), [WISH, stain])  # "bigger"
    assert not part_at_hand(("the first one",), [WISH, stain])


def test_the_thing_put_in_last_is_spoken_of_until_another_place_is() -> None:
    parrot = read("a parrot on the mast", operation="add", subject="parrot")
    green = Intent(text="make it green", act="edit", operation="recolor", region="object", refers="region")
    assert thing_at_hand([WISH, parrot]) == thing_at_hand([WISH, parrot, green]) == "parrot"
    assert thing_at_hand([WISH, parrot, Intent(text="undo", act="undo")]) == "parrot"
    assert thing_at_hand([WISH, parrot, read("mirror the picture", operation="mirror")]) == ""
    roof = Intent(text="the roof red", act="edit", operation="recolor", region="roof", slots={"region": ("roof",)})
    assert thing_at_hand([WISH, parrot, roof]) == thing_at_hand([WISH]) == ""
    assert thing_at_hand([WISH, parrot, Intent(text="another", act="refine")]) == ""


def test_before_a_change_is_the_picture_that_stood_then() -> None:
    said = ("a ship", "1 please", "put clouds under it", "smaller clouds")
    assert (
        pointed_turn(("before the clouds",), said, "undo", (1, 3, 4)) == 3
    )  # the last that speaks of clouds is turn 4
    assert pointed_turn(("before the clouds",), said[:3], "undo", (1, 3)) == 1  # turn 2 made no picture
    assert pointed_turn(("before the clouds",), said[:3], "undo") == 2  # nothing known of pictures


def test_where_a_new_thing_goes() -> None:
    roof = read("a red roof", region="roof")
    assert place_by_focus("add", ("it",), "last", [WISH, roof], text="moss under it") == ("roof", "region")
    assert place_by_focus("add", ("it",), "last", [WISH, roof], text="a cat next to it") == ("whole", "last")
    assert place_by_focus("add", ("it",), "region", [WISH], text="clouds under it") == ("whole", "last")
    seen = Intent(text="show it next to the first", act="compare", refers="turn", number=1)
    assert place_by_focus("darken", ("it",), "last", [WISH, roof, seen]) == (
        "whole",
        "last",
    )  # pictures are spoken of now


@pytest.mark.parametrize(
    ("text", "taken", "number"),
    [
        ("bottom right", "bottom right", 4),
        ("the cute one on the right", "the cute one on the right", 2),
        ("3 is closest", "3", 3),
    ],
)
def test_one_of_what_is_shown_in_peoples_words(text: str, taken: str, number: int) -> None:
    assert choice_told(text) == (taken, False)
    assert candidate_told((taken.removeprefix("the "),)) == number


def test_the_first_sentence_takes_one_and_the_second_changes_it() -> None:
    assert choice_told("third one. make the engines green") == ("third one", True)
    assert choice_told("third row. make the engines green") is None
