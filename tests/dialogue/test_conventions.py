"""What follows from the words alone: pointers, how pieces are cut, mistyped words."""

import pytest

from pixelmind.dialogue.conventions import tidy
from pixelmind.dialogue.language import nothing_said, remark
from pixelmind.dialogue.pointing import marked, mentioned, pointed_turn, region_of
from pixelmind.dialogue.reading import Reader
from pixelmind.dialogue.spelling import as_typed, corrected
from pixelmind.errors import BadInput


@pytest.mark.parametrize(
    ("text", "act", "found"),
    [
        ("make it darker", "edit", ("it",)),
        ("make her darker", "edit", ("her",)),
        ("make her coat darker", "edit", ()),
        ("redo that", "redo", ("that",)),
        ("how wide is this sprite?", "ask", ("this sprite",)),
        ("paint that roof blue", "edit", ()),
        ("that's it", "approve", ()),
        ("a dog and it barks", "generate", ()),
        ("back to the golden one", "undo", ("the golden one",)),
    ],
)
def test_pronouns_that_point(text: str, act: str, found: tuple[str, ...]) -> None:
    assert tidy(text, act, {}).get("reference", ()) == found


def test_pieces_are_cut_as_agreed() -> None:
    assert tidy("compare 2 and 4", "compare", {"reference": ("2 and 4",)})["reference"] == ("2", "4")
    assert tidy("the left tower", "edit", {"region": ("the left tower",)})["region"] == ("left tower",)
    assert tidy("hover jets", "generate", {"subject": ("hover", "jets")})["subject"] == ("hover jets",)
    cut = tidy("a duck with a straw hat", "generate", {"subject": ("duck", "straw"), "attribute": ("hat",)})
    assert (cut["subject"], cut["attribute"]) == (("duck",), ("straw hat",))
    assert tidy("hut made of mud", "generate", {"attribute": ("made of", "mud")})["attribute"] == ("made of mud",)
    assert tidy("move up a bit", "edit", {"amount": ("up", "a bit")}, "move")["amount"] == ("up a bit",)
    assert tidy("wider by 4 px", "edit", {"amount": ("4 px",)}, "pad")["amount"] == ("by 4 px",)
    assert tidy("car from 1984", "generate", {"palette": ("1984",)}) == {"style": ("1984",)}
    assert tidy("undo the castle", "undo", {"subject": ("castle",)}, "none") == {}


def test_parts_and_turns_that_were_named() -> None:
    assert mentioned(["a knight", "make the cape red", "and the helmets"])[:2] == ("helmet", "cape")
    assert (region_of(["golden helmet"]), region_of(["gizmo"]), region_of([])) == ("helmet", "", "")
    turns = ["an owl", "make it snow", "darker wings"]
    assert pointed_turn(["the snowy one"], turns) == 2
    assert pointed_turn(["the first version"], turns) == 1
    assert pointed_turn(["the blue one"], turns) is None
    assert marked("make the part I selected darker")
    assert not marked("make the third part darker")


def test_mistyped_words_are_read_and_found_as_typed() -> None:
    vocabulary = Reader().vocabulary()
    text, changed = corrected("a catsle with a purpel flag", vocabulary)
    assert text == "a castle with a purple flag"
    slots = {"subject": ("castle",), "color": ("purple",), "attribute": ("flag",)}
    typed = as_typed("a catsle with a purpel flag", slots, changed)
    assert typed == {"subject": ("catsle",), "color": ("purpel",), "attribute": ("flag",)}
    right = "make his robe duller, shift the hues, export to aseprite"
    assert corrected(right, vocabulary) == (right, [])


def test_what_is_no_english_and_what_is_nothing() -> None:
    assert "English" in remark("mach den Himmel dunkler")
    assert "English" in remark("нарисуй замок")
    assert "sorry" in remark("this is stupid")
    assert remark("a castle with two towers, 32x32") == ""
    for text in ("", "  ", "🐉🔥", "?!", "word " * 5000):
        with pytest.raises(BadInput):
            nothing_said(text)
