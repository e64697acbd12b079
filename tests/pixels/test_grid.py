"""Integer enlargements are found and undone exactly."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pixelmind.pixels import grid


def checker(h: int, w: int) -> np.ndarray:
    rgba = np.full((h, w, 4), 255, dtype=np.uint8)
    rgba[np.indices((h, w)).sum(0) % 2 == 0, :3] = 0
    return rgba


@settings(max_examples=30, deadline=None)
@given(hnp.arrays(np.uint8, st.tuples(st.integers(2, 10), st.integers(2, 10), st.just(4))), st.integers(1, 6))
def test_enlarging_multiplies_the_factor_and_undoing_gives_the_base(rgba, k):
    base, factor = grid.undo_upscale(rgba)
    big, found = grid.undo_upscale(rgba.repeat(k, 0).repeat(k, 1))
    uniform = len(np.unique(np.where(rgba[..., 3:] == 0, 0, rgba).reshape(-1, 4), axis=0)) == 1
    if uniform:
        assert found == 1
    else:
        assert found == factor * k
        np.testing.assert_array_equal(np.where(big[..., 3:] == 0, 0, big), np.where(base[..., 3:] == 0, 0, base))


def test_known_cases():
    assert grid.detect_upscale(checker(8, 8)) == 1
    assert grid.detect_upscale(checker(8, 6).repeat(3, 0).repeat(3, 1)) == 3
    stretched = checker(8, 8).repeat(4, 0).repeat(2, 1)
    assert grid.detect_upscale(stretched) == 2
    one_off = checker(8, 8).repeat(4, 0).repeat(4, 1)
    one_off[1, 1, 0] ^= 1
    assert grid.detect_upscale(one_off) == 1
    assert grid.detect_upscale(np.zeros((32, 32, 4), dtype=np.uint8)) == 1


def test_colour_under_clear_cells_does_not_count():
    rgba = checker(8, 8).repeat(2, 0).repeat(2, 1)
    rgba[:2, :2] = 0
    rgba[0, 0, 0] = 99
    assert grid.detect_upscale(rgba) == 2


def test_smallest_side_is_kept():
    rgba = checker(8, 8).repeat(12, 0).repeat(12, 1)
    assert grid.detect_upscale(rgba, min_side=8) == 12
    assert grid.detect_upscale(rgba, min_side=9) == 6
    assert grid.undo_upscale(rgba, min_side=16)[0].shape == (16, 16, 4)
