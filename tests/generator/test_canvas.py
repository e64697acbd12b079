import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmind.generator.canvas import area_average, area_matrix, coarse_size, frame_size, from_canvas, place, to_canvas


def test_area_matrix_3_to_2_by_hand() -> None:
    # cells of length 1 into bins of length 1.5: bin 0 takes cell 0 whole and half of cell 1
    np.testing.assert_allclose(area_matrix(3, 2), [[2 / 3, 1 / 3, 0], [0, 1 / 3, 2 / 3]], rtol=1e-6)


def test_area_average_of_2x2_blocks() -> None:
    x = np.arange(16, dtype=np.float32).reshape(1, 4, 4)
    np.testing.assert_allclose(area_average(x, 2, 2), [[[2.5, 4.5], [10.5, 12.5]]])


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 70), st.integers(1, 70), st.integers(1, 40), st.integers(1, 40))
def test_area_average_keeps_the_mean(h: int, w: int, h2: int, w2: int) -> None:
    x = np.random.default_rng(h * 71 + w).normal(size=(4, h, w)).astype(np.float32)
    np.testing.assert_allclose(area_average(x, h2, w2).mean(axis=(1, 2)), x.mean(axis=(1, 2)), atol=1e-4)


@pytest.mark.parametrize(
    ("native", "coarse"),
    [((32, 32), (16, 16)), ((32, 64), (8, 16)), ((48, 20), (16, 7)), ((8, 12), (8, 12)), ((64, 9), (16, 2))],
)
def test_coarse_size_keeps_aspect_and_never_enlarges(native: tuple[int, int], coarse: tuple[int, int]) -> None:
    assert coarse_size(*native, 16) == coarse


def test_frames_are_square_first_then_whole_patches() -> None:
    assert frame_size(9, 13, 16, 4) == (16, 16)
    assert frame_size(30, 33, 64, 4) == (32, 36)


def test_canvas_round_trip_is_exact_and_clear_cells_are_zero() -> None:
    rng = np.random.default_rng(0)
    rgba = rng.integers(0, 256, (9, 7, 4)).astype(np.uint8)
    rgba[..., 3] = np.where(rng.random((9, 7)) < 0.5, 0, 255)
    canvas = to_canvas(rgba)
    assert canvas.shape == (4, 9, 7)
    assert canvas.min() >= -1
    assert canvas.max() <= 1
    assert (canvas[:, rgba[..., 3] == 0] == -1).all()
    expected = np.where(rgba[..., 3:] == 0, 0, rgba)
    np.testing.assert_array_equal(from_canvas(canvas), expected)


def test_half_alpha_is_never_returned() -> None:
    canvas = np.random.default_rng(1).normal(size=(4, 16, 16)).astype(np.float32) * 2
    assert set(np.unique(from_canvas(canvas)[..., 3])) <= {0, 255}


def test_place_centres() -> None:
    frame, top, left = place(np.zeros((4, 2, 4), dtype=np.float32), 8, 8)
    assert (top, left) == (3, 2)
    assert (frame[:, 3:5, 2:6] == 0).all()
    assert (frame == -1).sum() == 4 * (64 - 8)
