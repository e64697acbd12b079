"""Animated files come back in with all their frames, times and tags; our own PNGs with what they carry."""

import numpy as np
import pytest
from PIL import Image

from pixelmind.errors import BadInput
from pixelmind.pixels import export, png, reading
from pixelmind.pixels.strip import Tag
from pixelmind.records import Sprite

TAGS = (Tag(name="walk", first=0, last=1), Tag(name="turn", first=1, last=2, direction="pingpong"))


@pytest.mark.parametrize("format", ["gif", "apng", "aseprite"])
@pytest.mark.parametrize("own", [False, True])
def test_what_we_write_reads_back(draw, tmp_path, format, own):
    sprites = draw(4, 3, colors=120, own=own)
    (path,) = export.save(sprites, tmp_path / "a", format, tags=TAGS, durations=[50, 100, 1500])
    read = reading.read_frames([path])
    assert read.durations == (50, 100, 1500)
    assert read.tags == (TAGS if format == "aseprite" else ())
    for got, wanted in zip(read.sprites, sprites, strict=True):
        np.testing.assert_array_equal(got.rgba(), wanted.rgba())


def test_files_join_and_tags_move_with_their_frames(draw, tmp_path):
    (still,) = export.save(draw(count=1, masks=True), tmp_path / "still")
    (strip,) = export.save(draw(count=3), tmp_path / "strip", "aseprite", tags=TAGS, durations=70)
    read = reading.read_frames([still, strip, still, strip])
    assert read.durations == (None, 70, 70, 70, None, 70, 70, 70)
    assert [(t.name, t.first, t.last) for t in read.tags] == [
        ("walk", 1, 2),
        ("turn", 2, 3),
        ("walk", 5, 6),
        ("turn", 6, 7),
    ]


def test_our_png_brings_mask_palette_order_and_provenance(draw, tmp_path):
    (sprite,) = draw(count=1, masks=True)
    sprite = Sprite(
        indices=sprite.indices,
        palette=sprite.palette,
        mask=sprite.mask,
        mask_names=sprite.mask_names,
        provenance={"seed": 3},
    )
    (path,) = export.save([sprite], tmp_path / "a")
    assert reading.read_frames([path]).sprites == (sprite,)


def test_soft_and_large_pictures_are_taken_as_they_always_were(tmp_path):
    rgba = np.zeros((300, 4, 4), np.uint8)
    rgba[0, 0] = (9, 9, 9, 200)
    rgba[1, 0] = (9, 9, 9, 90)
    (tmp_path / "a.png").write_bytes(png.encode_rgba_png(rgba))
    (sprite,) = reading.read_frames([tmp_path / "a.png"]).sprites
    assert (sprite.height, sprite.width, sprite.num_colors) == (300, 4, 1)
    assert sprite.rgba()[1, 0].tolist() == [0, 0, 0, 0]


def test_bad_files_are_named(draw, tmp_path):
    (tmp_path / "text.png").write_bytes(b"<svg></svg>")
    photo = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    Image.fromarray(photo).save(tmp_path / "photo.png")
    (gif,) = export.save(draw(count=3), tmp_path / "cut", "gif")
    gif.write_bytes(gif.read_bytes()[:60])
    many = Sprite(indices=np.zeros((1, 1), np.uint8), palette=np.zeros((1, 4), np.uint8))
    other = Sprite(indices=np.zeros((1, 1), np.uint8), palette=np.full((1, 4), 255, np.uint8))
    (long,) = export.save([many, other] * 600, tmp_path / "long", "gif")
    for name, message in (
        ("none.png", "cannot read image .*none.png"),
        ("text.png", "text.png"),
        ("photo.png", "photo.png.*pixelmind snap"),
        ("cut.gif", "cut.gif"),
        (long.name, "long.gif.*at most 1024 frames"),
    ):
        with pytest.raises(BadInput, match=message) as caught:
            reading.read_frames([tmp_path / name])
        assert "\n" not in str(caught.value)
