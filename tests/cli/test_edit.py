"""`pixelmind edit` with a tiny untrained bundle: what it prints, what stays as it was, and every kind of bad input."""

import numpy as np
import pytest
from PIL import Image

from pixelmind.pixels import export, png
from pixelmind.pixels.metadata import MASK, PROVENANCE, read_sprite
from pixelmind.records import Sprite


def sprite() -> Sprite:
    """16x16: blue sky over green grass, a red tower with a mask, as a generated picture would say it."""
    rgba = np.zeros((16, 16, 4), np.uint8)
    rgba[:10], rgba[10:], rgba[4:14, 6:11] = (90, 160, 240, 255), (60, 160, 60, 255), (200, 40, 40, 255)
    mask = np.full((16, 16), 1, np.uint8)
    mask[10:], mask[4:14, 6:11] = 2, 3
    about = {"prompt": "a red tower", "seed": 3, "palette": None, "max_colors": None, "size": [16, 16]}
    return Sprite.from_rgba(rgba, mask=mask, mask_names=("background", "sky", "grass", "wall"), provenance=about)


@pytest.fixture
def picture(tmp_path):
    (path,) = export.save([sprite()], tmp_path / "c.png")
    return path


def test_the_sky_gets_darker_and_json_says_so(command, picture, tmp_path):
    found = command("edit", picture, "make the sky darker", "-o", tmp_path / "d.png", "--json").json()
    sky = sprite().mask == 1
    assert found["region"] == "sky"
    assert found["operation"] == "darken"
    assert found["changed_cells"] == int(sky.sum())
    assert found["changed_outside"] == 0
    assert found["sentence"] == f"I made the sky darker: {sky.sum()} cells."
    assert found["seconds"] > 0
    assert len(found["weights"]) == 12
    (image,) = found["images"]
    assert image == {"path": str((tmp_path / "d.png").resolve()), "width": 16, "height": 16, "colors": 3, "seed": None}
    after, before = png.read_image(image["path"]), sprite().rgba()
    assert np.array_equal((after != before).any(-1), sky)
    again = read_sprite(image["path"])  # mask and provenance travel on
    assert np.array_equal(again.mask, sprite().mask)
    assert again.provenance["edits"][0]["operation"] == "darken"


def test_without_json_the_path_and_a_sentence(command, picture):
    ran = command("edit", picture, "mirror it", "--no-preview")
    assert ran.code == 0, ran.err
    assert ran.out.strip().endswith("c-edited.png")
    assert ran.err == "I mirrored the picture: 20 cells.\n"


@pytest.mark.parametrize(
    ("region", "cells"),
    [("wall", 50), ("0,0,4,2", 8), ("8,8", 50), ("left half of the sky", None), ("mask.png", 6)],
)
def test_regions(command, picture, tmp_path, region, cells):
    mask = np.zeros((16, 16), np.uint8)
    mask[0:2, 0:3] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    found = command("edit", picture, "invert it", "--region", region, "--json").json()
    assert found["changed_cells"] == (cells or int(((sprite().mask == 1) & (np.arange(16) < 8)).sum()))
    assert found["changed_outside"] == 0


def test_something_new_is_drawn_inside_its_region(command, picture, tiny_bundle):
    arguments = ("edit", picture, "add a flag", "--weights", tiny_bundle, "--seed", 5, "--json", "-o", "f.png")
    found = command(*arguments).json()
    assert found["operation"] == "add"
    assert found["changed_outside"] == 0
    assert found["images"][0]["seed"] == 5
    first = png.read_image("f.png")
    command(*arguments).json()
    assert np.array_equal(png.read_image("f.png"), first)
    assert (first[14:] == sprite().rgba()[14:]).all()


BAD = [
    (["c.png", ""], "nothing was said"),
    (["c.png", "wibble the frob"], "is not understood; say it like"),
    (["c.png", "make the dragon darker"], "there is no dragon in this sprite; I see sky, grass, wall"),
    (["c.png", "use the gmeboy palette"], "gameboy"),
    (["c.png", "mirror it", "--region", "1,2,3"], "three numbers"),
    (["c.png", "mirror it", "--region", "20,1"], "outside the sprite"),
    (["c.png", "mirror it", "--region", "missing.png"], "missing.png"),
    (["c.png", "mirror it", "--region", "small.png"], "one size"),
    (["c.png", "mirror it", "--region", "black.png"], "marks nothing"),
    (["c.png", "mirror it", "--seed", "-1"], "--seed"),
    (["c.png", "mirror it", "--threads", "0"], "--threads"),
    (["c.png", "mirror it", "--scale", "0"], "scale"),
    (["c.png", "mirror it", "-o", "d.gif"], "ends in .gif"),
    (["c.png", "mirror it", "--weights", "nowhere"], "nowhere"),
    (["missing.png", "mirror it"], "missing.png"),
    (["empty.png", "mirror it"], "every cell is clear"),
    (["soft.png", "mirror it"], "pixelmind snap"),
    (["large.png", "mirror it"], "pixelmind snap"),
    (["text.png", "mirror it"], "not an image"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD)
def test_bad_input_is_one_line_and_two(command, picture, tmp_path, arguments, message):
    for name, size, value in (("small", 8, 255), ("black", 16, 0), ("large", 300, 9)):
        Image.fromarray(np.full((size, size), value, np.uint8)).save(tmp_path / f"{name}.png")
    Image.fromarray(np.zeros((16, 16, 4), np.uint8)).save(tmp_path / "empty.png")
    Image.fromarray(np.full((16, 16, 4), 99, np.uint8)).save(tmp_path / "soft.png")
    (tmp_path / "text.png").write_text("hello")
    ran = command("edit", *arguments)
    assert ran.code == 2
    assert ran.out == ""
    assert message in ran.err
    assert ran.err.count("\n") == 1
    assert not (tmp_path / "c-edited.png").exists()


def test_a_picture_of_another_program_has_no_parts_but_can_be_edited(command, tmp_path):
    Image.fromarray(sprite().rgba()[..., :3]).save(tmp_path / "plain.png")
    assert command("edit", "plain.png", "make it darker", "--json").json()["changed_cells"] == 256
    assert command("edit", "plain.png", "make the red part blue", "--json").json()["changed_cells"] == 50


@pytest.mark.parametrize(
    "entries",
    [
        {MASK: "{"},
        {MASK: "[1]"},
        {MASK: '{"names": ["a"], "size": [16, 16], "cells": "AAAA"}'},
        {MASK: '{"names": [], "size": [16, 16], "cells": "eJxjYIAAAAAIAAE="}'},
        {PROVENANCE: "not json"},
        {PROVENANCE: '["list"]'},
    ],
)
def test_strange_text_entries_are_left_out(tmp_path, entries):
    path = tmp_path / "odd.png"
    path.write_bytes(png.encode_png(sprite(), 1, entries))
    found = read_sprite(path)
    assert found.mask is None
    assert found.provenance == {}
    assert np.array_equal(found.rgba(), sprite().rgba())


def test_palette_order_mask_and_provenance_come_back(tmp_path):
    first = sprite()
    order = np.array([2, 0, 1])
    shuffled = Sprite(
        indices=np.argsort(order).astype(np.uint8)[first.indices],
        palette=np.concatenate([first.palette[order], [[9, 9, 9, 255]]]).astype(np.uint8),
        mask=first.mask,
        mask_names=first.mask_names,
        provenance=first.provenance,
    )
    (path,) = export.save([shuffled], tmp_path / "s.png")
    assert read_sprite(path) == shuffled
    (large,) = export.save([shuffled], tmp_path / "l.png", scale=2)
    assert read_sprite(large).mask is None
