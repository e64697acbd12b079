"""Exact values: every parser by hand cases and properties, and all of them anywhere in a text."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelmind.dialogue import values
from pixelmind.dialogue.values import Amount, PaletteChoice
from pixelmind.pixels import palettes


@pytest.mark.parametrize(
    ("text", "rgb"),
    [
        ("#f80", (255, 136, 0)),
        ("#ff8800", (255, 136, 0)),
        ("ff8800", (255, 136, 0)),
        ("#C0FFEE", (192, 255, 238)),
        ("rebeccapurple", (102, 51, 153)),
        ("Rebecca Purple", (102, 51, 153)),
        ("red", (207, 48, 56)),
        ("golden", (227, 171, 50)),
        ("gray", (138, 142, 156)),
        ("grey", (138, 142, 156)),
    ],
)
def test_colors_by_name_and_hex(text: str, rgb: tuple[int, int, int]) -> None:
    assert values.color(text) == rgb


@pytest.mark.parametrize(
    "text", ["", "banana split", "the", "#12", "#ggg", "f80", "12345", "dark", "nice", "32x32", "ff88001"]
)
def test_what_is_no_color(text: str) -> None:
    assert values.color(text) is None


def test_modifiers_shift_a_color_the_way_they_say() -> None:
    def light(text: str) -> int:
        found = values.color(text)
        assert found is not None
        return sum(found)

    assert light("dark teal") < light("teal") < light("pale teal")
    assert light("very dark red") < light("red")
    assert values.color("bright sky-blue") is not None


@given(st.tuples(*(st.integers(0, 255),) * 3))
def test_every_hex_color_is_itself(rgb: tuple[int, int, int]) -> None:
    digits = "{:02x}{:02x}{:02x}".format(*rgb)
    assert values.color(f"#{digits}") == values.color(digits) == values.color(digits.upper()) == rgb


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("32x32", (32, 32)),
        ("32 by 48", (48, 32)),
        ("64 × 48", (48, 64)),
        ("64*48", (48, 64)),
        ("16px", (16, 16)),
        ("16 px", (16, 16)),
        ("sixteen pixels", (16, 16)),
        ("thirty-two by thirty-two", (32, 32)),
        ("16px x 16px", (16, 16)),
        ("64x64px", (64, 64)),
        ("32 pixels tall", (32, 0)),
        ("64 px wide", (0, 64)),
        ("0x0", (0, 0)),
        ("-16x16", (16, -16)),
        ("4000X4000", (4000, 4000)),
    ],
)
def test_sizes_are_height_and_width(text: str, size: tuple[int, int]) -> None:
    assert values.size(text) == size


@pytest.mark.parametrize("text", ["icon", "tiny", "a big sprite", "32", "x", "1.5x2", "", "full screen"])
def test_sizes_in_words_stay_open(text: str) -> None:
    assert values.size(text) is None


@given(st.integers(1, 999), st.integers(1, 999), st.sampled_from(("x", " x ", " by ", "×", " × ", "*")))
def test_any_size_comes_back(width: int, height: int, sign: str) -> None:
    assert values.size(f"{width}{sign}{height}") == (height, width)


@pytest.mark.parametrize(
    ("text", "count"),
    [("three", 3), ("3", 3), ("a pair of", 2), ("dozen", 12), ("half a dozen", 6), ("a couple of", 2), ("single", 1)]
    + [("twenty-one", 21), ("two hundred", 200), ("exactly four", 4), ("five of them", 5), ("no", 0), ("both", 2)],
)
def test_counts(text: str, count: int) -> None:
    assert values.count(text) == count


@pytest.mark.parametrize("text", ["a few", "some", "several", "lots of", "", "1.5", "red", "many"])
def test_what_is_no_count(text: str) -> None:
    assert values.count(text) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("NES", "nes"),
        ("game boy", "gameboy"),
        ("Game Boy", "gameboy"),
        ("GB", "gameboy"),
        ("the game boy palette", "gameboy"),
    ]
    + [
        ("web-safe 1996", "web-safe"),
        ("web 1996", "web-safe"),
        ("C64", "c64"),
        ("commodore 64", "c64"),
        ("spectrum", "zx-spectrum"),
    ]
    + [
        ("PICO-8", "pico-8"),
        ("pico 8", "pico-8"),
        ("1-bit", "1bit"),
        ("EGA", "ega16"),
        ("NES colours", "nes"),
        ("b&w", "1bit"),
    ]
    + [("greyscale", "grey-8"), ("db32", "db32"), ("original game boy", "gameboy"), ("speccy", "zx-spectrum")],
)
def test_palettes_by_console_and_computer(text: str, name: str) -> None:
    assert values.palette(text) == PaletteChoice(name=name)
    assert name in palettes.names()


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("16 colours", 16),
        ("16 colors", 16),
        ("four-colour", 4),
        ("4-color palette", 4),
        ("only four colors", 4),
        ("2 tones", 2),
    ]
    + [
        ("a single color", 1),
        ("max 8 colors", 8),
        ("snes", 256),
        ("two-tone", 2),
        ("sega genesis", 64),
        ("3 shades", 3),
    ],
)
def test_color_limits(text: str, limit: int) -> None:
    assert values.palette(text) == PaletteChoice(limit=limit)


@pytest.mark.parametrize("text", ["8-bit", "web", "pocket", "red", "", "castle 1996", "colors", "retro"])
def test_what_is_no_palette(text: str) -> None:
    assert values.palette(text) is None


@given(st.sampled_from(palettes.names()), st.sampled_from(("", " palette", " colors", " colours")), st.booleans())
def test_every_built_in_palette_is_known_by_its_name(name: str, tail: str, upper: bool) -> None:
    text = name + tail
    assert values.palette(text.upper() if upper else text) == PaletteChoice(name=name)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("a bit", Amount("step", 0.5)),
        ("much", Amount("step", 2.0)),
        ("by 20%", Amount("share", 0.2)),
        ("20 percent", Amount("share", 0.2)),
        ("half", Amount("share", 0.5)),
        ("twice", Amount("times", 2.0)),
        ("3x", Amount("times", 3.0)),
        ("x2", Amount("times", 2.0)),
        ("three times", Amount("times", 3.0)),
        ("by a factor of 2", Amount("times", 2.0)),
        ("90 degrees", Amount("degrees", 90.0)),
        ("-45°", Amount("degrees", -45.0)),
        ("90 degrees clockwise", Amount("degrees", 90.0, "clockwise")),
        ("a quarter turn", Amount("degrees", 90.0)),
        ("3px", Amount("pixels", 3.0)),
        ("a pixel", Amount("pixels", 1.0)),
        ("two pixels to the left", Amount("pixels", 2.0, "left")),
        ("up by 3 pixels", Amount("pixels", 3.0, "up")),
        ("to the left", Amount("direction", 0.0, "left")),
        ("higher", Amount("direction", 0.0, "up")),
        ("counter-clockwise", Amount("direction", 0.0, "counterclockwise")),
    ],
)
def test_amounts(text: str, amount: Amount) -> None:
    assert values.amount(text) == amount


@pytest.mark.parametrize("text", ["", "darker", "a castle", "3", "90 apples", "3 pixels of padding"])
def test_what_is_no_amount(text: str) -> None:
    assert values.amount(text) is None


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("the second one", 2),
        ("#3", 3),
        ("last", -1),
        ("the last one", -1),
        ("the one before", -2),
        ("the previous one", -2),
        ("2", 2),
    ]
    + [
        ("option B", 2),
        ("number four", 4),
        ("the 3rd one", 3),
        ("version 2", 2),
        ("the original", 1),
        ("no. 4", 4),
        ("b", 2),
        ("First!", 1),
    ],
)
def test_references(text: str, index: int) -> None:
    assert values.reference(text) == index


@pytest.mark.parametrize(
    ("text", "index"),
    [("the left one", 1), ("top left", 1), ("middle", 2), ("one on the right", -1), ("the rightmost one", -1)],
)
def test_sides_of_what_is_shown(text: str, index: int) -> None:
    assert values.reference(text) == index


@pytest.mark.parametrize("text", ["", "it", "a", "0", "the other one", "castle", "left wing"])
def test_references_that_no_number_tells(text: str) -> None:
    assert values.reference(text) is None


def test_formats() -> None:
    told = [values.file_format(t) for t in ("PNG", ".aseprite", "a sprite sheet", "animated gif", "svg", "word")]
    assert told == ["png", "aseprite", "sheet", "gif", None, None]


def test_values_are_found_anywhere_the_longest_first() -> None:
    text = "a 32x32 knight with three red flags, NES colours, a #ff8800 cape; "
    text += "move it two pixels to the left, the second one, as png, 16 colours"
    found = {(slot, text[a:b]) for slot, a, b, _ in values.find_values(text)}
    assert found == {
        ("size", "32x32"),
        ("count", "three"),
        ("color", "red"),
        ("palette", "NES"),
        ("color", "#ff8800"),
        ("amount", "two pixels to the left"),
        ("reference", "the second one"),
        ("format", "png"),
        ("palette", "16 colours"),
    }


@pytest.mark.parametrize("text", ["a decade of facade", "a castle at night", "", "it was great", "orangutan", "redo"])
def test_words_that_hold_no_value(text: str) -> None:
    assert values.find_values(text) == []


@given(st.text(max_size=80))
def test_found_values_never_overlap_and_are_what_their_parser_says(text: str) -> None:
    found = values.find_values(text)
    for slot, start, end, value in found:
        assert values.value_of(slot, text[start:end]) == value
    assert all(a[2] <= b[1] for a, b in pairwise(found))


@given(st.text(max_size=40), st.sampled_from(("color", "size", "count", "palette", "amount", "reference", "format")))
def test_no_text_breaks_a_parser(text: str, slot: str) -> None:
    values.value_of(slot, text)
    assert values.value_of("subject", text) is None
