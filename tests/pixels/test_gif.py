"""GIF frames decode to exactly what went in; Pillow is the reader."""

import io
import time

import numpy as np
import pytest
from PIL import Image

from pixelmind.pixels import gif
from pixelmind.records import Sprite


def frames_of(data: bytes) -> list[np.ndarray]:
    with Image.open(io.BytesIO(data)) as image:
        out = []
        for i in range(image.n_frames):
            image.seek(i)
            out.append(np.array(image.convert("RGBA")))
        return out


@pytest.mark.parametrize("colors", [1, 2, 3, 5, 64, 255, 256])
@pytest.mark.parametrize("shape", [(1, 1), (8, 9), (256, 250)])
def test_any_number_of_colours_and_sizes_past_the_code_table(colors, shape):
    rng = np.random.default_rng(colors)
    palette = np.full((colors, 4), 255, dtype=np.uint8)
    palette[:, :3] = rng.permutation(256)[:colors, None]
    sprite = Sprite(indices=rng.integers(0, colors, shape).astype(np.uint8), palette=palette)
    (frame,) = frames_of(gif.encode([sprite]))
    np.testing.assert_array_equal(frame, sprite.rgba())


def test_flat_pictures_have_long_runs():
    sprite = Sprite(indices=np.zeros((256, 256), np.uint8), palette=np.array([[1, 2, 3, 255]], np.uint8))
    data = gif.encode([sprite], scale=2)
    assert len(data) < 2500
    np.testing.assert_array_equal(frames_of(data)[0], sprite.rgba().repeat(2, 0).repeat(2, 1))


def test_clear_cells_do_not_show_the_frame_before():
    full = Sprite(indices=np.zeros((4, 4), np.uint8), palette=np.array([[9, 9, 9, 255]], np.uint8))
    empty = Sprite(indices=np.zeros((4, 4), np.uint8), palette=np.zeros((1, 4), np.uint8))
    alphas = [f[..., 3].max() for f in frames_of(gif.encode([full, empty, full]))]
    assert alphas == [255, 0, 255]


def test_a_large_frame_takes_well_under_a_second():
    rng = np.random.default_rng(0)
    palette = np.full((32, 4), 255, dtype=np.uint8)
    sprite = Sprite(indices=rng.integers(0, 32, (256, 256)).astype(np.uint8), palette=palette)
    start = time.perf_counter()
    gif.encode([sprite])
    assert time.perf_counter() - start < 1.0
