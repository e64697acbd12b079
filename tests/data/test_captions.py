"""Caption words: splitting, order, articles, and colours named only where the pixels bear them out."""

import string

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmind.data import captions as c


def filled(*parts: tuple[tuple[int, int, int], int]) -> np.ndarray:
    """A row of opaque cells: each colour `n` times."""
    cells = [[*rgb, 255] for rgb, n in parts for _ in range(n)]
    return np.array([cells], dtype=np.uint8)


@pytest.mark.parametrize(
    ("stem", "words"),
    [
        ("fire_vortex3.png", ["fire", "vortex"]),
        ("drag_steak.base.111.png", ["drag", "steak"]),
        ("KnightsShield", ["knights", "shield"]),
        ("a/b/crumbled_column_6", ["crumbled", "column"]),
        ("vampire-bat", ["vampire", "bat"]),
        ("gray_stone_12_a", ["gray", "stone"]),
        ("leather_armor", ["leather", "armour"]),
    ],
)
def test_words_from_stem(stem, words):
    assert c.words_from_stem(stem) == words


def test_model_names_are_kept_on_request():
    assert c.words_from_stem("m1911_gun", keep_models=True) == ["m1911", "gun"]
    assert c.words_from_stem("m1911_gun") == ["gun"]


def test_noun_last():
    assert c.noun_last(["skeleton", "necro"]) == ["necro", "skeleton"]
    assert c.noun_last(["fire", "dragon"]) == ["fire", "dragon"]
    assert c.noun_last(["potion", "of", "healing"]) == ["potion", "of", "healing"]


@pytest.mark.parametrize(
    ("phrase", "said"),
    [
        ("elf", "an elf"),
        ("unicorn", "a unicorn"),
        ("umbrella", "an umbrella"),
        ("hourglass", "an hourglass"),
        ("leather boots", "leather boots"),
        ("leather armour", "leather armour"),
        ("cyclops", "a cyclops"),
        ("bag of coins", "a bag of coins"),
        ("yellow and brown gloves", "yellow and brown gloves"),
        ("8-headed hydra", "an 8-headed hydra"),
        ("the mouth", "the mouth"),
    ],
)
def test_articles(phrase, said):
    assert c.with_article(phrase) == said


def test_clean_caption():
    assert c.clean_caption("  Red_red  Door 03 ") == "red door"
    assert c.clean_caption("Eöl the {Dark} Elf.png") == "eol the dark elf"
    assert c.clean_caption("7-headed hydra") == "7-headed hydra"
    long = c.clean_caption("A wall, " + "very long word " * 40)
    assert len(long) <= c.MAX_CAPTION_CHARS
    assert not long.endswith(" ")


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=string.ascii_letters + string.digits + " _-.,#", max_size=300))
def test_clean_caption_is_clean_and_stable(text):
    once = c.clean_caption(text)
    assert c.clean_caption(once) == once
    assert "_" not in once
    assert "  " not in once
    assert len(once) <= c.MAX_CAPTION_CHARS
    assert once == once.lower()


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((0, 0, 0), "black"), ((255, 255, 255), "white"), ((128, 128, 128), "gray"), ((220, 20, 20), "red"),
        ((250, 140, 20), "orange"), ((250, 230, 30), "yellow"), ((40, 170, 40), "green"), ((40, 210, 215), "cyan"),
        ((30, 70, 220), "blue"), ((130, 40, 190), "purple"), ((245, 130, 180), "pink"), ((120, 75, 40), "brown"),
    ],
)  # fmt: skip
def test_every_basic_colour_is_named(rgb, name):
    assert c.dominant_color_words(filled((rgb, 10))) == [name]


def test_dominant_colours_need_shares():
    red, blue, green, brown = (220, 20, 20), (30, 70, 220), (40, 170, 40), (120, 75, 40)
    assert c.dominant_color_words(filled((red, 5), (blue, 4), (green, 1))) == ["red", "blue"]
    assert c.dominant_color_words(filled((red, 3), (blue, 3), (green, 3), (brown, 3))) == []
    assert c.dominant_color_words(filled((brown, 6), ((0, 0, 0), 6))) == ["brown"]  # an outline is not a colour
    assert c.dominant_color_words(np.zeros((4, 4, 4), np.uint8)) == []


def test_color_shares_sum_to_one_and_outlines_count_a_third():
    shares = c.color_shares(filled(((120, 75, 40), 3), ((0, 0, 0), 3)))
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["brown"] == pytest.approx(0.75)


def test_describe_names_what_is_seen():
    picture = filled(((120, 75, 40), 10))
    assert c.describe("satyr", rgba=picture, category="horned monster") == (
        "satyr",
        "a satyr, a horned monster",
        "a brown satyr",
        "satyr, horned monster, brown",
    )
    assert c.describe("red door", rgba=picture) == ("red door", "a red door")  # the words already name a colour
    assert c.describe("sigmund", rgba=picture, category="old man", proper=True) == (
        "sigmund",
        "sigmund, an old man",
        "a brown old man named sigmund",
        "sigmund, old man, brown",
    )
    assert "a tree, in autumn" in c.describe("tree", detail="in autumn")
    assert c.describe("", extra=["A thing"]) == ("a thing",)
    assert len(c.describe("orb", rgba=picture, category="item", extra=list("abcdef"))) == c.MAX_CAPTIONS
    assert c.describe("wild cat", category="cat-like animal") == ("wild cat", "a wild cat")  # it would say "cat" twice


def test_a_bright_detail_is_named_as_such():
    brown, red, black = (120, 75, 40), (220, 20, 20), (0, 0, 0)
    assert c.accent_color_word(filled((brown, 80), (red, 15), (black, 5))) == "red"
    assert c.accent_color_word(filled((brown, 97), (red, 3))) == ""  # too little of it
    assert c.accent_color_word(filled((brown, 85), (black, 15))) == ""  # an outline is no detail
    assert c.accent_color_word(filled((red, 60), (brown, 40))) == ""  # it is the main colour
    told = c.describe("chest", rgba=filled((brown, 80), (red, 20)), category="container")
    assert told[-1] == "chest, container, brown, touches of red"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("monk in a orange robe", "monk in an orange robe"),
        ("a one-eyed owl", "a one-eyed owl"),
        ("a eu flag", "a eu flag"),
    ],
)
def test_clean_caption_mends_articles(text, said):
    assert c.clean_caption(text) == said


@pytest.mark.parametrize(
    ("phrase", "said"),
    [("mp5 gun", "an mp5 gun"), ("mri scanner", "an mri scanner"), ("rye loaf", "a rye loaf"), ("m16", "an m16")],
)
def test_letters_said_one_by_one_take_their_own_article(phrase, said):
    assert c.with_article(phrase) == said


def test_rewriter_applies_phrases_and_rules_until_they_are_done():
    rewrite = c.rewriter(
        {"cat blue": "blue cat", "blue cat small": "small blue cat", "thing": ""},
        {r"^(.*) walk$": r"walking \1", r"\bkitty\b": "cat"},
    )
    assert rewrite("kitty blue") == "blue cat"
    assert rewrite("dog walk") == "walking dog"
    assert rewrite("thing") == ""
    assert rewrite("potion of healing") == "potion of healing"
