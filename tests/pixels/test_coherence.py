"""Potts smoothing: hand-computed cases, the energy never rises, fine detail stays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pixelmind.errors import BadInput
from pixelmind.pixels.coherence import cohere, neighbour_votes
from pixelmind.pixels.oklab import srgb_to_oklab
from pixelmind.pixels.quantize import to_num_colors
from pixelmind.records import Sprite


def energy(sprite: Sprite, rgba: np.ndarray, beta: float) -> float:
    opaque = sprite.rgba()[..., 3] == 255
    gap = srgb_to_oklab(rgba[..., :3]).astype(float) - srgb_to_oklab(sprite.rgba()[..., :3]).astype(float)
    unlike = 0
    for a, b, both in (
        (sprite.indices[1:], sprite.indices[:-1], opaque[1:] & opaque[:-1]),
        (sprite.indices[:, 1:], sprite.indices[:, :-1], opaque[:, 1:] & opaque[:, :-1]),
    ):
        unlike += int(((a != b) & both).sum())
    return float((gap**2).sum(-1)[opaque].sum() + beta * unlike)


def square(center: tuple[int, int, int]) -> np.ndarray:
    out = np.full((3, 3, 4), (100, 100, 100, 255), dtype=np.uint8)
    out[1, 1, :3] = center
    return out


def test_votes_count_four_neighbours():
    votes = neighbour_votes(np.array([[0, 1, 0], [1, 1, -1]]), 2)
    assert votes[0, 1].tolist() == [2, 1]
    assert votes[1, 2].tolist() == [1, 1]
    assert votes[0, 0].tolist() == [0, 2]


def test_a_speckle_joins_its_neighbours_and_an_eye_stays():
    for center, alone in (((108, 100, 100), False), ((255, 0, 0), True)):
        rgba = square(center)
        drawn = cohere(to_num_colors(rgba, 4), rgba, beta=0.002)
        assert (tuple(drawn.rgba()[1, 1, :3]) == center) is alone


def test_the_threshold_is_four_beta_inside_a_flat():
    rgba = square((130, 100, 100))
    gap = float(
        ((srgb_to_oklab(rgba[1, 1, :3]).astype(float) - srgb_to_oklab(rgba[0, 0, :3]).astype(float)) ** 2).sum()
    )
    for factor, stays in ((0.98, True), (1.02, False)):
        drawn = cohere(to_num_colors(rgba, 2), rgba, beta=gap / 4 * factor)
        assert bool(drawn.indices[1, 1] != drawn.indices[0, 0]) is stays


@given(arrays(np.uint8, (6, 5, 4)), st.integers(2, 8), st.floats(0, 0.1))
def test_energy_never_rises_and_colours_and_clear_cells_stay(rgba, n, beta):
    rgba[..., 3] = np.where(rgba[..., 3] > 100, 255, 0)
    start = to_num_colors(rgba, n)
    drawn = cohere(start, rgba, beta)
    assert energy(drawn, rgba, beta) <= energy(start, rgba, beta) + 1e-9
    assert (drawn.rgba()[..., 3] == rgba[..., 3]).all()
    assert (drawn.palette == start.palette).all()


@given(arrays(np.uint8, (5, 5, 4)), st.integers(1, 6))
def test_beta_zero_changes_nothing(rgba, n):
    start = to_num_colors(rgba, n)
    assert (cohere(start, rgba, 0.0).rgba() == start.rgba()).all()


def test_bad_input():
    rgba = square((0, 0, 0))
    with pytest.raises(BadInput):
        cohere(to_num_colors(rgba, 2), rgba[:2], 0.1)
    with pytest.raises(BadInput):
        cohere(to_num_colors(rgba, 2), rgba, -1.0)
