"""Animated PNGs decode to exactly what went in, frame for frame and ms for ms; Pillow is the reader."""

import io
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pixelmind.pixels import apng, png
from pixelmind.pixels.strip import make_strip
from pixelmind.records import Sprite


def frames_of(data: bytes) -> tuple[list[np.ndarray], list[int], int]:
    frames, times = [], []
    with Image.open(io.BytesIO(data)) as image:
        for i in range(getattr(image, "n_frames", 1)):
            image.seek(i)
            frames.append(np.array(image.convert("RGBA")))
            times.append(round(image.info["duration"]))
        return frames, times, image.info["loop"]


def color_type(data: bytes) -> int:
    return data[25]


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 1 << 30),
    st.integers(2, 5),
    st.integers(1, 9),
    st.integers(1, 9),
    st.integers(1, 120),
    st.booleans(),
    st.booleans(),
    st.integers(1, 3),
    st.lists(st.integers(1, 65535), min_size=5, max_size=5),
)
def test_every_cell_and_time_survives(draw, seed, count, h, w, colors, clear, own, scale, times):
    sprites = draw(seed, count, h, w, colors, clear, own)
    sprites.append(sprites[-1])  # a frame in which nothing changes
    times = [*times[:count], 7]
    data = apng.encode(make_strip(sprites, times), scale)
    frames, shown, loops = frames_of(data)
    assert (shown, loops) == (times, 0)
    for frame, sprite in zip(frames, sprites, strict=True):
        np.testing.assert_array_equal(frame, sprite.rgba().repeat(scale, 0).repeat(scale, 1))


@pytest.mark.parametrize(
    ("colors", "clear", "own", "kind"),
    [
        (2, False, False, png.INDEXED),
        (255, True, False, png.INDEXED),
        (256, False, False, png.INDEXED),
        (200, True, True, png.RGBA),
    ],
)
def test_indexed_as_long_as_the_colours_fit(draw, colors, clear, own, kind):
    sprites = draw(3, 3, 20, 30, colors, clear, own)
    data = apng.encode(make_strip(sprites))
    assert color_type(data) == kind
    for frame, sprite in zip(frames_of(data)[0], sprites, strict=True):
        np.testing.assert_array_equal(frame, sprite.rgba())


def test_one_frame_is_an_ordinary_picture_and_once_means_once(draw):
    (sprite,) = draw(count=1)
    np.testing.assert_array_equal(png.decode_png(apng.encode(make_strip([sprite]))), sprite.rgba())
    assert frames_of(apng.encode(make_strip(draw(count=2), loop=False)))[2] == 1


def test_only_what_changes_is_stored_again():
    still = np.zeros((64, 64), np.uint8)
    palette = np.array([[0, 0, 0, 0], [255, 0, 0, 255]], np.uint8)
    sprites = []
    for i in range(8):
        cells = still.copy()
        cells[30, 20 + i] = 1
        sprites.append(Sprite(indices=cells, palette=palette))
    data = apng.encode(make_strip(sprites))
    at = data.index(b"fcTL", data.index(b"fcTL") + 4)
    assert struct.unpack_from(">IIIII", data, at + 4) == (1, 2, 1, 20, 30)  # number, width, height, x, y
    assert len(data) < 1000
