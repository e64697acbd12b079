"""What critic and refiner see, by hand, and the options of a cell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelmind.errors import BadInput
from pixelmind.pixels.oklab import srgb_to_oklab
from pixelmind.quality.cells import CHANNELS, FAR, NEAR, STEPS8, cells, frame_sides, framed
from pixelmind.quality.refiner import NEAREST, NONE, OFFSETS, OPTIONS, OWN, options

RED, DARK, BLUE = (200, 30, 40, 255), (198, 30, 40, 255), (20, 40, 220, 255)


def small() -> np.ndarray:
    """Clear but for a red pair, a near red and a blue cell in the last row."""
    rgba = np.zeros((2, 4, 4), np.uint8)
    rgba[1] = [RED, RED, DARK, BLUE]
    return rgba


def test_channels_by_hand() -> None:
    found = cells(small())
    assert found.shape == (CHANNELS, 2, 4)
    assert found[:4, 0, 0].tolist() == [-1] * 4
    assert found[0, 1, 0] == pytest.approx(200 * 2 / 255 - 1)
    assert (found[3, 1] == 1).all()
    assert not found[4].any()
    assert (found[5] == 1).all()
    right, below = STEPS8.index((0, 1)), STEPS8.index((1, 0))
    assert found[6 + right, 1].tolist() == [0, 1, 1, 1]  # beyond the edge is no colour
    assert found[6 + below, 0].tolist() == [1, 1, 1, 1]
    lab = srgb_to_oklab(small()[1, :, :3])
    apart = np.sqrt(((lab[2] - lab[3]) ** 2).sum())
    assert found[14, 1, 2] == pytest.approx(min(apart / FAR, 1), rel=1e-4)
    assert found[14, 1, 3] == 0
    assert found[15, 0].tolist() == [0] * 4  # clear cells have no distance
    assert found[18, 1, 0] == pytest.approx(1 - 1 / 12)  # half of the drawn cells are red
    assert found[18, 1, 3] == pytest.approx(1 - 2 / 12)
    near = np.sqrt(((lab[0] - lab[2]) ** 2).sum())
    assert found[19, 1, 0] == pytest.approx(near / NEAR, rel=1e-4)
    assert found[19, 1, 3] == 1


def test_half_clear_cells_are_told() -> None:
    rgba = small()
    rgba[1, 0, 3] = 128
    found = cells(rgba)
    assert found[4, 1].tolist() == [1, 0, 0, 0]
    assert found[0, 1, 0] == pytest.approx(200 * (128 / 255) * 2 / 255 - 1, rel=1e-5)


def test_a_frame_is_clear_and_outside() -> None:
    assert frame_sides(2, 33) == (16, 40)
    found, top, left = framed(small(), 16, 16)
    assert (top, left) == (7, 6)
    assert found[5].sum() == 8
    assert (found[:4, 0] == -1).all()
    assert np.array_equal(found[:, top : top + 2, left : left + 4], cells(small()))


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 3), (0, 4, 4)])
def test_other_arrays_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(BadInput, match="must be uint8"):
        cells(np.zeros(shape, np.uint8))


@given(st.integers(0, 2**32 - 1), st.integers(1, 9), st.integers(1, 9), st.integers(1, 6))
def test_channels_are_finite_and_bounded(seed: int, height: int, width: int, colors: int) -> None:
    rng = np.random.default_rng(seed)
    palette = rng.integers(0, 256, (colors, 4), np.uint8)
    found = cells(palette[rng.integers(0, colors, (height, width))])
    assert np.isfinite(found).all()
    assert found.min() >= -1
    assert found.max() <= 1


def test_options_by_hand() -> None:
    found = options(small())
    assert found.number.shape == (OPTIONS, 2, 4)
    colors = [tuple(found.colors[k]) for k in found.number[:, 1, 1] if k != NONE]
    assert tuple(found.colors[found.number[OWN, 1, 1]]) == RED
    assert {(0, 0, 0, 0), RED, DARK, BLUE} <= set(colors)
    assert found.number[OFFSETS.index((2, 0)), 1, 1] == NONE  # below the picture
    nearest = found.number[len(OFFSETS), 1, 1]
    assert tuple(found.colors[nearest]) == DARK
    lab = srgb_to_oklab(small()[1, :, :3])
    assert found.told[0, :3, 1, 1] == pytest.approx(lab[2] - lab[1], abs=1e-6)
    assert found.told[0, 4, 1, 1] == pytest.approx(-1 / 12)  # half as common
    assert (
        found.number[len(OFFSETS) + 2 : len(OFFSETS) + NEAREST, 1, 1] == NONE
    ).all()  # there are but two other colours
    common = found.number[len(OFFSETS) + NEAREST :, 1, 1]
    assert (
        common.tolist() == found.number[len(OFFSETS) : len(OFFSETS) + NEAREST, 1, 1].tolist()
    )  # all of them are common


def test_half_clear_colours_are_no_option() -> None:
    rgba = small()
    rgba[1, 3, 3] = 100
    found = options(rgba)
    half = next(k for k, c in enumerate(found.colors.tolist()) if c[3] == 100)
    assert found.number[OWN, 1, 3] == half
    assert not (found.number[[k for k in range(OPTIONS) if k != OWN]] == half).any()


@given(st.integers(0, 2**32 - 1), st.integers(1, 8), st.integers(1, 8), st.integers(1, 5))
def test_options_are_colours_of_the_picture(seed: int, height: int, width: int, colors: int) -> None:
    rng = np.random.default_rng(seed)
    palette = rng.integers(0, 256, (colors, 4), np.uint8)
    palette[:, 3] = rng.choice([0, 255], colors)
    rgba = palette[rng.integers(0, colors, (height, width))]
    rgba[rgba[..., 3] == 0] = 0
    found = options(rgba)
    assert np.array_equal(found.colors[found.number[OWN]], rgba)
    for k, (dy, dx) in enumerate(OFFSETS):
        for y in range(height):
            for x in range(width):
                inside = 0 <= y + dy < height and 0 <= x + dx < width
                assert (found.number[k, y, x] != NONE) == inside
                if inside:
                    assert np.array_equal(found.colors[found.number[k, y, x]], rgba[y + dy, x + dx])
