"""Edits change what was asked and nothing else: for any sprite and request, in the sprite's palette, masks moving along."""

import dataclasses

import numpy as np
import pytest
from drawn_sprites import ROWS, castle, hero, sprites
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmind.data.edits import exact
from pixelmind.data.edits.shape import PATTERNS
from pixelmind.dialogue import drawn
from pixelmind.dialogue.edits import EditRequest, apply, needs_drawing, needs_parts
from pixelmind.dialogue.instruction import amount_of, read_instruction, request_of
from pixelmind.dialogue.results import fixed_colors
from pixelmind.dialogue.schema import DRAWN_OPERATIONS, OPERATIONS, PART_OPERATIONS
from pixelmind.errors import BadInput
from pixelmind.pixels import palettes, quantize
from pixelmind.records import Sprite

DONE_EXACTLY = (*exact.NAMES, *PART_OPERATIONS)


def cells(letters: str) -> np.ndarray:
    return np.array([[c in letters for c in row] for row in ROWS])


def ask(sprite: Sprite, text: str):
    return apply(sprite, read_instruction(text))


def with_provenance(sprite: Sprite, **about: object) -> Sprite:
    return dataclasses.replace(sprite, provenance={**sprite.provenance, **about})


requests = st.builds(
    EditRequest,
    operation=st.sampled_from(DONE_EXACTLY),
    place=st.sampled_from(["", "sky", "left arm", "wall", "head", "it", "top half", "the big one", "background"]),
    region=st.sampled_from(["", "whole", "figure", "outline", "sky"]),
    color=st.sampled_from(["red", "#10f0a0", "crimson", "white"]),
    old_color=st.sampled_from(["blue", "green", "grey"]),
    palette=st.sampled_from(["gameboy", "pico-8", "1bit"]),
    degree=st.sampled_from(["little", "normal", "much"]),
    count=st.none() | st.integers(1, 4),
    pixels=st.none() | st.integers(1, 6),
    degrees=st.sampled_from([None, 90, 180, 270]),
    direction=st.sampled_from(["", "left", "right"]),
    position=st.sampled_from(["", "left", "top right"]),
    kind=st.sampled_from(PATTERNS),
)


@settings(max_examples=400, deadline=None)
@given(sprites(), requests)
def test_nothing_outside_the_region_changes_whatever_is_asked(sprite, request_):
    before = sprite.rgba().copy()
    result, message = None, ""
    try:
        result = apply(sprite, request_)
    except BadInput as error:
        message = str(error)
    assert np.array_equal(sprite.rgba(), before)  # the sprite before stays as it is
    assert "\n" not in message
    if result is None:
        return
    after = result.sprite.rgba()
    assert set(np.unique(after[..., 3])) <= {0, 255}
    assert result.changed_outside == 0
    if after.shape == before.shape:
        outside = ~result.allowed
        assert np.array_equal(after[outside], before[outside])
        assert result.changed_cells == int((after != before).any(-1).sum())
    if sprite.mask is not None:
        assert result.sprite.mask.shape == result.sprite.indices.shape
        assert int(result.sprite.mask.max()) < len(result.sprite.mask_names)
    assert result.sentence.startswith("I ")
    assert result.sentence.endswith(".")
    Sprite.from_dict(result.sprite.to_dict())  # its provenance can be stored


@settings(max_examples=150, deadline=None)
@given(sprites(), requests, st.sampled_from(["gameboy", "pico-8", "mine"]))
def test_a_sprite_made_for_a_palette_stays_in_it(sprite, request_, name):
    if name != "mine":
        sprite = dataclasses.replace(
            quantize.to_palette(sprite.rgba(), palettes.get(name)), mask=sprite.mask, mask_names=sprite.mask_names
        )
    sprite = with_provenance(sprite, palette=name)
    allowed = {tuple(c) for c in fixed_colors(sprite).tolist()}
    try:
        result = apply(sprite, request_)
    except BadInput:
        return
    after = result.sprite.rgba()
    used = {tuple(c) for c in after[after[..., 3] > 0][:, :3].tolist()}
    if result.operation not in ("restrict_palette", "tone_map"):
        assert used <= allowed
    elif result.place == "whole":
        assert used <= {tuple(c) for c in palettes.get(result.sprite.provenance["palette"]).colors.tolist()}


@settings(max_examples=100, deadline=None)
@given(sprites(), requests)
def test_a_limit_of_colours_holds(sprite, request_):
    limit = max(2, sprite.num_colors)
    sprite = with_provenance(sprite, max_colors=limit)
    try:
        result = apply(sprite, request_)
    except BadInput:
        return
    if result.operation not in ("restrict_palette", "tone_map"):
        assert result.sprite.num_colors <= limit


def test_every_exact_operation_can_be_asked_for():
    tried = set()
    for name in DONE_EXACTLY:
        sprite = (
            castle() if name in ("remove_background", "fill_background", "replace_color", "swap_colors") else hero()
        )
        request_ = EditRequest(
            operation=name,
            place="sword" if name in PART_OPERATIONS else "",
            color="red",
            old_color="grey",
            palette="pico-8",
            direction="left" if name in ("shift", "move", "symmetric", "duplicate") else "",
            count=2 if name == "enlarge" else None,
        )
        result = apply(sprite, request_)
        assert result.changed_cells > 0 or name == "undither", name
        tried.add(result.operation)
    assert tried == set(DONE_EXACTLY)


def test_the_sky_and_nothing_else_gets_darker():
    sprite = castle()
    result = ask(sprite, "make the sky darker")
    assert result.sentence == f"I made the sky darker: {cells('s').sum()} cells."
    assert np.array_equal(result.changed, cells("s"))
    wanted = exact.apply("darken", sprite.rgba(), cells("s"), amount=0.27)
    assert np.array_equal(result.sprite.rgba(), wanted)
    assert result.sprite.provenance["edits"] == [{"operation": "darken", "place": "sky", "amount": 0.27}]


@settings(max_examples=40, deadline=None)
@given(sprites())
def test_geometry_comes_round_with_its_mask(sprite):
    for text, times in (("mirror it", 2), ("flip it", 2), ("rotate it", 4), ("rotate it by 180 degrees", 2)):
        turned = sprite
        for _ in range(times):
            turned = ask(turned, text).sprite
        assert np.array_equal(turned.rgba(), sprite.rgba()), text
        assert (turned.mask is None) == (sprite.mask is None)
        if sprite.mask is not None:
            assert np.array_equal(turned.mask, sprite.mask), text


def test_the_palette_keeps_its_order_and_loses_what_is_unused():
    sprite = castle()
    after = ask(sprite, "make the flags purple").sprite
    old = [tuple(c) for c in sprite.palette.tolist()]
    new = [tuple(c) for c in after.palette.tolist()]
    assert (207, 48, 56, 255) not in new
    assert [c for c in new if c in old] == [c for c in old if c in new]
    assert len(new) == len(old)


def test_removing_a_part_leaves_clear_ground_or_what_is_around():
    free = ask(hero(), "remove the sword")
    assert (free.sprite.rgba()[4:10, 12:14] == 0).all()
    belt = ask(hero(), "remove the belt")
    assert (belt.sprite.rgba()[8, 5:9] == hero().rgba()[7, 5:9]).all()  # the torso goes on
    cloud = ask(castle(), "remove the clouds")
    assert (cloud.sprite.rgba()[cells("c")] == castle().rgba()[0, 0]).all()
    assert (cloud.sprite.mask[cells("c")] == 1).all()
    tower = ask(castle(), "remove the door")
    assert set(np.unique(tower.sprite.mask[cells("d")])) <= {3, 4, 8}


def test_moving_copying_and_resizing_a_part():
    moved = ask(hero(), "move the sword 2 pixels up")
    assert (moved.sprite.rgba()[2:8, 12:14] == hero().rgba()[4:10, 12:14]).all()
    assert (moved.sprite.mask == 5).sum() == 12
    copied = ask(castle(), "duplicate the clouds")
    assert (copied.sprite.mask == 2).sum() == 2 * cells("c").sum()
    larger = ask(castle(), "make the left flag bigger")
    assert (larger.sprite.mask == 6).sum() > 4
    with pytest.raises(BadInput, match="no room"):
        apply(hero(), EditRequest(operation="duplicate", place="torso", count=4))
    with pytest.raises(BadInput, match="off the canvas"):
        apply(hero(), EditRequest(operation="move", place="sword", direction="right", pixels=9))
    with pytest.raises(BadInput, match="move it where"):
        apply(hero(), EditRequest(operation="move", place="sword"))
    corner = apply(hero(), EditRequest(operation="move", place="sword", position="bottom left"))
    assert (corner.sprite.mask[9:15, 1:3] == 5).all()


def test_a_part_can_be_mirrored_by_itself():
    mirrored = ask(hero(), "mirror the sword")
    assert (mirrored.changed & ~mirrored.allowed).sum() == 0
    assert np.array_equal(mirrored.sprite.rgba()[:, :11], hero().rgba()[:, :11])


def test_canvas_sizes():
    assert ask(hero(), "extend the canvas by 4 pixels").sprite.indices.shape == (24, 24)
    assert ask(hero(), "extend the canvas to 32x20").sprite.indices.shape == (20, 32)
    assert ask(hero(), "crop it").sprite.indices.shape == (14, 10)
    assert ask(hero(), "scale it 3x").sprite.indices.shape == (48, 48)
    cropped = apply(hero(), EditRequest(operation="crop", place="sword"))
    assert cropped.sprite.indices.shape == (6, 2)
    with pytest.raises(BadInput, match="up to 256"):
        ask(hero(), "extend the canvas by 200 pixels")


def test_wishes_about_the_palette_set_it():
    boy = ask(castle(), "use the game boy palette")
    assert boy.operation == "tone_map"
    assert boy.sprite.provenance["palette"] == "gameboy"
    darker = ask(boy.sprite, "make the windows red")
    assert fixed_colors(darker.sprite).tolist() == palettes.get("gameboy").colors.tolist()
    few = ask(castle(), "fewer colours: 3")
    assert few.sprite.num_colors == 3
    assert ask(few.sprite, "add a red outline").sprite.num_colors <= 3


def test_wrong_requests_are_one_clear_line():
    empty = Sprite(indices=np.zeros((8, 8), np.uint8), palette=np.zeros((1, 4), np.uint8))
    cases = (
        (empty, EditRequest(operation="mirror"), "every cell is clear"),
        (castle(), EditRequest(operation="unclear"), "not clear what"),
        (castle(), EditRequest(operation="recolor", place="wall"), "which colour"),
        (castle(), EditRequest(operation="recolor", place="wall", color="blurple"), "unknown colour"),
        (castle(), EditRequest(operation="restrict_palette"), "which palette"),
        (castle(), EditRequest(operation="restrict_palette", palette="pico9"), "pico-8"),
        (castle(), EditRequest(operation="rotate", degrees=45), "quarter turns"),
        (castle(), EditRequest(operation="pattern", kind="tartan"), "unknown pattern"),
        (castle(), EditRequest(operation="add"), "weights"),
        (hero(), EditRequest(operation="remove", place="it"), "leave nothing"),
        (hero(), EditRequest(operation="darken", pointed=np.ones((3, 3), np.uint8)), "one size"),
    )
    for sprite, request_, message in cases:
        with pytest.raises(BadInput, match=message):
            apply(sprite, request_)
    for wrong in ({"operation": "melt"}, {"operation": "darken", "degree": "huge"}):
        with pytest.raises(BadInput):
            EditRequest(**wrong)


def test_requests_are_records():
    request_ = EditRequest(operation="pad", size=(20, 30), pointed=np.ones((4, 4), np.uint8), arguments={"pixels": 2})
    assert EditRequest.from_dict(request_.to_dict()) == request_


def test_what_an_edit_needs_is_known_before():
    for text, parts, drawing in (
        ("make the sky darker", True, False),
        ("make it darker", False, False),
        ("mirror it", False, False),
        ("use the pico-8 palette", False, False),
        ("remove the background", True, False),
        ("add a red outline", True, False),
        ("add a hat", True, True),
        ("replace the sword with an axe", True, True),
    ):
        request_ = read_instruction(text)
        assert (needs_parts(request_), needs_drawing(request_)) == (parts, drawing), text


@pytest.mark.parametrize(
    ("text", "operation", "told"),
    [
        ("make the sky darker", "darken", {"place": "sky"}),
        ("Could you please make the sky a bit darker?", "darken", {"place": "sky", "degree": "little"}),
        ("recolor the cape to green", "recolor", {"place": "cape", "color": "green"}),
        ("mirror it", "mirror", {}),
        ("fewer colours: 8", "fewer_colors", {"count": 8}),
        ("remove the background", "remove", {"place": "background"}),
        ("add a red outline", "add_outline", {"color": "red"}),
        ("add a hat", "add", {"subject": "hat"}),
        ("replace the sword with an axe", "replace", {"place": "sword", "subject": "axe"}),
        ("use the game boy palette", "tone_map", {"palette": "game boy"}),
        ("use the nes palette", "restrict_palette", {"palette": "nes"}),
        ("replace the red with blue", "replace_color", {"old_color": "red", "color": "blue"}),
        ("move the moon 4 pixels to the left", "move", {"place": "moon", "pixels": 4, "direction": "left"}),
        ("duplicate the left flag", "duplicate", {"place": "left flag", "direction": ""}),
        ("make the sword smaller", "resize_part", {"place": "sword", "direction": "smaller"}),
        ("the walls are too dark", "lighten", {"place": "walls"}),
        ("turn it 90 degrees to the left", "rotate", {"degrees": 270}),
        ("make it look like winter", "restyle", {"subject": "winter"}),
    ],
)
def test_plain_instructions_are_read(text, operation, told):
    request_ = read_instruction(text)
    assert request_.operation == operation
    assert {name: getattr(request_, name) for name in told} == told


def test_instructions_that_say_nothing():
    for text, message in (("", "empty"), ("  ", "empty"), ("x" * 2000, "2000 characters"), ("🙂🙂", "not understood")):
        with pytest.raises(BadInput, match=message):
            read_instruction(text)


def test_amounts_and_slots():
    assert amount_of("darken", "by 20%") == {"amount": 0.2}
    assert amount_of("rotate", "90 degrees counterclockwise") == {"degrees": 270}
    assert amount_of("shift", "three pixels upwards") == {"pixels": 3, "direction": "up"}
    assert amount_of("resize_part", "twice as big") == {"amount": 2}
    request_ = request_of("recolor", "cape", {"region": ("cape",), "color": ("green",), "amount": ()})
    assert (request_.place, request_.region, request_.color) == ("cape", "cape", "green")
    request_ = request_of("restyle", "whole", {"mood": ("spooky",), "time": ("at night",)})
    assert request_.subject == "spooky, at night"


def test_an_added_thing_goes_where_it_belongs():
    def at(sprite: Sprite, subject: str, **more: str) -> np.ndarray:
        _, region = drawn.where(sprite, EditRequest(operation="add", subject=subject, **more))
        assert region.any()
        return np.argwhere(region)

    top, left = at(hero(), "hat").min(0)
    bottom, right = at(hero(), "hat").max(0)
    assert top == 0
    assert bottom <= 4
    assert left >= 2
    assert right <= 11
    assert set(map(tuple, at(castle(), "clouds"))) <= set(map(tuple, np.argwhere(cells("s"))))
    assert at(castle(), "flag", place="left half of the wall")[:, 1].max() <= 10
    assert (at(castle(), "window")[:, 0] >= 4).all()
    assert at(hero(), "cat", position="left")[:, 1].max() < 8
    assert at(castle(), "cow").min(0)[0] >= 0
    marked = np.zeros((16, 16), np.uint8)
    marked[2:4, 3:5] = 1
    assert len(np.argwhere(drawn.where(hero(), EditRequest(operation="add", subject="gem", pointed=marked))[1])) == 4


def test_the_words_for_new_drawing():
    sprite = with_provenance(hero(), prompt="a knight with a sword")
    cases = (
        (EditRequest(operation="add", subject="hat", color="red"), "a knight with a sword with a red hat"),
        (EditRequest(operation="replace", place="sword", subject="axe"), "a knight with an axe"),
        (EditRequest(operation="restyle", subject="winter"), "a knight with a sword, winter"),
    )
    for request_, words in cases:
        assert drawn.prompt(sprite, request_, "whole") == words
    assert drawn.prompt(hero(), EditRequest(operation="add", subject="hat"), "head") == "hat"


def test_all_operations_of_the_schema_are_done_here():
    assert set(OPERATIONS) - {"none", "unclear"} == set(DONE_EXACTLY) | set(DRAWN_OPERATIONS)
