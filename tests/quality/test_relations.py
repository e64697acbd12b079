"""What cells have to do with cells far away, by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from pixelmind.pixels.oklab import oklab_to_srgb, srgb_to_oklab
from pixelmind.quality import relations
from pixelmind.quality.cells import CHANNELS, LOCAL, cells
from pixelmind.quality.critic import Critic, CriticConfig, grown
from pixelmind.quality.lint.base import Canvas

PATCH = np.array([[1, 2, 3], [3, 1, 2], [2, 2, 1]])


def colored(number: np.ndarray) -> np.ndarray:
    """A picture of clearly different greys and colours by number; 0 is clear."""
    table = np.array(
        [[0, 0, 0, 0], [250, 10, 10, 255], [10, 250, 30, 255], [20, 40, 240, 255], [128, 128, 128, 255]], np.uint8
    )
    return table[number]


def test_a_patch_drawn_twice_is_told_with_its_share() -> None:
    number = np.full((8, 12), 4)
    number[1:4, 1:4] = number[4:7, 7:10] = PATCH
    found = relations.twins(*seen(number))
    # the patch itself, and the ten windows around it that hold enough of it and of the grey ground: all lie the same way apart
    both = np.zeros(number.shape, bool)
    both[1:4, 1:4] = both[4:7, 7:10] = True
    assert (found[0][both] > 0).all()
    assert (found[1][both] == 1).all()
    counts = 2 ** (10 * found[0][both]) - 1
    assert len(set(counts.round(3).tolist())) == 1
    assert counts[0] == pytest.approx(round(float(counts[0])), abs=1e-3)
    number[4:7, 7:10] = PATCH[::-1]
    assert not relations.twins(*seen(number)).any()


def seen(number: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    canvas = Canvas.of(colored(number))
    return canvas.number, canvas.drawn


def test_flats_and_two_colours_are_no_twins() -> None:
    number = np.full((9, 9), 1)
    number[::3] = 2
    assert not relations.twins(*seen(number)).any()


def test_a_mirror_is_found_off_the_middle_and_a_cell_that_breaks_it() -> None:
    number = np.zeros((4, 9), int)
    number[:, 3:8] = [1, 2, 3, 2, 1]
    assert relations.mirrored(*seen(number))[:, 3:8].tolist() == [[1] * 5] * 4
    number[0, 3] = 4
    found = relations.mirrored(*seen(number))
    assert found[0, 3] == found[0, 7] == pytest.approx(-18 / 20)
    assert found[1, 3] == pytest.approx(18 / 20)
    assert (found[:, :3] == 0).all()


def test_a_spot_whose_colours_all_moved_alike_shows_at_its_rim() -> None:
    flats = np.array([[180, 60, 60], [60, 150, 80], [70, 80, 190], [150, 140, 60]], np.uint8)
    rgba = np.full((4, 8, 4), 255, np.uint8)
    rgba[..., :3] = flats[:, None]
    moved = oklab_to_srgb(srgb_to_oklab(flats) + np.array([0.1, 0.02, -0.03]))
    rgba[:, 4:, :3] = moved[:, None]
    right, below, pairs = relations.parallel(Canvas.of(rgba))
    assert pairs == 4 + 3 + 3
    assert right[:, 3] == pytest.approx(np.log2(4) / 6)
    assert not right[:, :3].any()
    assert not right[:, 4:].any()
    assert below[:, 0] == pytest.approx(
        np.log2(2) / 6
    )  # each step between two flats is there again between the moved two


def test_steps_of_two_and_differences_in_oklab() -> None:
    number = np.array([[1, 2, 1, 3], [0, 1, 1, 1], [1, 2, 4, 3]])
    rgba = colored(number)
    found = cells(rgba)[LOCAL:]
    assert found[12].tolist() == [[0, 1, 1, 1], [0, 0, 1, 1], [1, 1, 1, 1]]
    assert found[13, 0].tolist() == [0, 0, 1, 0]
    lab = srgb_to_oklab(rgba[..., :3])
    expected = np.clip((lab[0, 1] - lab[0, 0]) / relations.FAR, -1, 1)
    assert found[6:9, 0, 0] == pytest.approx(expected, abs=1e-5)
    assert not found[6:9, 1, 0].any()  # a clear cell beside
    assert found[14, 0, 0] == pytest.approx(np.log2(1 + 5) / 12)


@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(1, 12), st.integers(1, 6))
def test_relations_are_finite_and_bounded_and_clear_cells_have_none(
    seed: int, height: int, width: int, colors: int
) -> None:
    rng = np.random.default_rng(seed)
    palette = rng.integers(0, 256, (colors, 4), np.uint8)
    canvas = Canvas.of(palette[rng.integers(0, colors, (height, width))])
    found = relations.relations(canvas)
    assert np.isfinite(found).all()
    assert found.min() >= -1
    assert found.max() <= 1
    assert not found[:, ~canvas.drawn].any()


def test_a_critic_that_is_given_more_channels_judges_as_before() -> None:
    torch.manual_seed(0)
    small = Critic(CriticConfig(widths=(8, 8), hidden=8, scorer=(8, 8), channels=LOCAL)).eval()
    wide = Critic(CriticConfig(widths=(8, 8), hidden=8, scorer=(8, 8))).eval()
    wide.load_state_dict(grown(small.state_dict(), CHANNELS))
    frames = torch.randn(2, CHANNELS, 16, 16)
    with torch.no_grad():
        for a, b in zip(small(frames[:, :LOCAL]), wide(frames)):
            torch.testing.assert_close(a, b)
