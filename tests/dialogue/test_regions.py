"""Which cells words mean: by name, class, side, rank, colour and pointing; what is not there; guessed masks."""

import numpy as np
import pytest
from drawn_sprites import ROWS, castle, hero, sprites
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from pixelmind.dialogue.parts import components, figure, guessed, pieces, settled
from pixelmind.dialogue.regions import candidates, find, pointed_at, read
from pixelmind.dialogue.schema import REGION_NAMES
from pixelmind.errors import BadInput
from pixelmind.records import Sprite


def cells(letters: str) -> np.ndarray:
    return np.array([[c in letters for c in row] for row in ROWS])


@pytest.mark.parametrize(
    ("words", "letters"),
    [
        ("sky", "s"),
        ("the sky", "s"),
        ("windows", "o"),
        ("all windows", "o"),
        ("wall", "w"),
        ("walls", "w"),
        ("castle", "wrodf"),
        ("everything", "scwodfrg"),
        ("it", "scwodfrg"),
        ("lawn", "g"),
        ("portal gate", "d"),
        ("background", "scg"),
        ("the figure", "wodfr"),
        ("yellow part", "o"),
    ],
)
def test_words_of_parts(words, letters):
    assert np.array_equal(find(castle(), words).cells, cells(letters))


@pytest.mark.parametrize(
    ("words", "column"),
    [("left flag", 1), ("right flag", 13), ("first flag", 1), ("second flag from the left", 13), ("last flag", 13)],
)
def test_sides_and_ranks_choose_a_piece(words, column):
    found = find(castle(), words).cells
    assert np.array_equal(np.flatnonzero(found.any(0)), [column])
    assert found.sum() == 2


def test_windows_by_place():
    sprite = castle()
    assert np.argwhere(find(sprite, "top left window").cells).tolist() == [[5, 1]]
    assert np.argwhere(find(sprite, "bottom right window").cells).tolist() == [[7, 13]]
    assert np.argwhere(find(sprite, "the third window from the left").cells).tolist() == [[6, 5]]


def test_a_side_of_a_part():
    left = find(castle(), "left half of the sky").cells
    assert np.array_equal(left, cells("s") & (np.arange(16) < 8))
    assert np.array_equal(find(castle(), "top half").cells, np.arange(12)[:, None].repeat(16, 1) < 6)


def test_a_singular_word_for_several_pieces_is_a_reason_to_ask():
    found = candidates(castle(), "flag")
    assert [c.name for c in found] == ["flag", "left flag", "right flag"]
    assert found[0].cells.sum() == 4
    assert found[1].score > 0.8 * found[0].score
    assert len(candidates(castle(), "flags")) == 1
    chosen, other = candidates(castle(), "left flag")
    assert chosen.score > 3 * other.score


def test_colours_narrow_a_part_or_stand_alone():
    sprite = castle()
    assert np.array_equal(find(sprite, "red flags").cells, cells("f"))
    assert np.array_equal(find(sprite, "the grey thing").cells, cells("w"))
    with pytest.raises(BadInput, match=r"nothing purple .* its colours are .*blue"):
        find(sprite, "the purple part")


def test_what_is_not_there_is_named_with_what_is():
    with pytest.raises(BadInput, match=r"there is no moat in this sprite; I see wall, sky, grass"):
        find(castle(), "moat")
    with pytest.raises(BadInput, match="there are no wings in this sprite"):
        find(hero(), "wings")
    with pytest.raises(BadInput, match="no hat"):
        find(castle(), region="hat")
    bare = hero().palette, hero().indices
    with pytest.raises(BadInput, match="--region"):
        find(Sprite(palette=bare[0], indices=bare[1]), "sword")


def test_an_empty_sprite_is_one_line():
    empty = Sprite(indices=np.zeros((8, 8), np.uint8), palette=np.zeros((1, 4), np.uint8))
    with pytest.raises(BadInput, match="every cell is clear"):
        find(empty, "sky")


def test_a_full_name_beats_its_side():
    sprite = castle()
    names = tuple("left arm" if n == "door" else n for n in sprite.mask_names)
    renamed = Sprite(indices=sprite.indices, palette=sprite.palette, mask=sprite.mask, mask_names=names)
    assert np.array_equal(find(renamed, "left arm").cells, cells("d"))


def test_a_subject_word_of_the_prompt_is_the_figure_and_only_as_a_word():
    told = Sprite.from_dict(hero().to_dict() | {"provenance": {"prompt": "a goblin in the street"}})
    assert np.array_equal(find(told, "goblin").cells, figure(told))
    with pytest.raises(BadInput, match="no tree"):
        find(told, "tree")


def test_pointing():
    sprite = castle()
    assert np.array_equal(pointed_at(sprite, 1, 1), cells("f") & (np.arange(16) < 8))
    assert pointed_at(sprite, 2, 3, 4, 5).sum() == 20
    box = pointed_at(sprite, 0, 0, 16, 2)
    assert np.array_equal(find(sprite, "sky", pointed=box).cells, cells("s") & box)
    assert np.array_equal(find(sprite, pointed=box).cells, box)
    with pytest.raises(BadInput, match="outside the sprite"):
        pointed_at(sprite, 16, 0)
    with pytest.raises(BadInput, match="one size"):
        find(sprite, "sky", pointed=np.ones((3, 3), bool))


def test_specks_of_a_guessed_mask_go_to_the_flat_around_them():
    sprite = castle()
    names = ("background", "sky", "cloud", "wall", "window", "door", "flag", "roof", "grass")
    mask = sprite.mask.copy()
    mask[0, 9] = names.index("flag")
    guess = Sprite(indices=sprite.indices, palette=sprite.palette, mask=mask, mask_names=names)
    assert guessed(guess)
    assert not guessed(sprite)
    assert np.array_equal(settled(guess), sprite.mask)
    assert np.array_equal(find(guess, "flag").cells, cells("f"))
    true = Sprite(indices=sprite.indices, palette=sprite.palette, mask=mask, mask_names=sprite.mask_names)
    assert settled(true)[0, 9] == names.index("flag")


def test_a_figure_without_a_mask_is_what_stands_free_or_before_a_flat_backdrop():
    free = hero()
    assert np.array_equal(figure(Sprite(indices=free.indices, palette=free.palette)), free.rgba()[..., 3] > 0)
    rgba = free.rgba().copy()
    rgba[rgba[..., 3] == 0] = (10, 200, 10, 255)
    assert np.array_equal(figure(Sprite.from_rgba(rgba)), free.rgba()[..., 3] > 0)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 24), st.integers(1, 24), st.booleans())
def test_components_are_those_of_scipy(seed, height, width, diagonal):
    values = np.random.default_rng(seed).integers(0, 3, (height, width))
    ours = components(values, diagonal)
    structure = np.ones((3, 3)) if diagonal else None
    for value in range(3):
        theirs, count = ndimage.label(values == value, structure)
        assert len(np.unique(ours[values == value])) == count
        pairs = {(a, b) for a, b in zip(ours[values == value].tolist(), theirs[values == value].tolist())}
        assert len(pairs) == count


@settings(max_examples=60, deadline=None)
@given(sprites(), st.sampled_from(["", "sky", "left arm", "the big one", "top left part", "red part", "head"]),
       st.sampled_from(["", *REGION_NAMES]))  # fmt: skip
def test_what_is_found_is_never_empty_and_lies_on_the_canvas(sprite, words, region):
    found, message = None, ""
    try:
        found = find(sprite, words, region=region)
    except BadInput as error:
        message = str(error)
    assert "\n" not in message
    if found is None:
        return
    assert found.cells.shape == sprite.indices.shape
    assert found.cells.any()
    assert found.name
    assert all((piece & ~found.cells).sum() == 0 for piece in pieces(found.cells, 0))


def test_reading_words():
    assert read("the second flag from the left").rank == 1
    assert read("dark red cape").color == "dark red"
    assert read("dark red cape").noun == "cape"
    assert read("lower left corner").sides == ("bottom", "left")
    assert read("both towers").every
