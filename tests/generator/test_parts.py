"""Parts over flats of one colour, by hand."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from pixelmind.generator.parts import HEADS, flats, over_flats, part_classes

PICTURE = np.array([[1, 1, 2], [2, 1, 2], [2, 2, 1]], np.uint8)


def test_flats_are_connected_cells_of_one_value() -> None:
    count, piece = flats(PICTURE)
    assert count == 4
    grid = piece.reshape(3, 3)
    assert len({grid[0, 0], grid[0, 1], grid[1, 1]}) == 1
    assert grid[2, 2] != grid[0, 0]  # the same colour, met at a corner only
    assert grid[0, 2] == grid[1, 2] != grid[1, 0] == grid[2, 0] == grid[2, 1]


def test_log_chances_move_towards_the_mean_of_their_flat() -> None:
    log_probs = torch.arange(18, dtype=torch.float32).view(2, 3, 3)
    half, whole = over_flats(log_probs, PICTURE, 0.5), over_flats(log_probs, PICTURE, 1.0)
    mean = (0 + 1 + 4) / 3
    assert torch.allclose(whole[0][[0, 0, 1], [0, 1, 1]], torch.tensor(mean))
    assert torch.allclose(half[0, 1, 1], torch.tensor((4 + mean) / 2))
    assert torch.equal(whole[:, 2, 2], log_probs[:, 2, 2])
    assert torch.equal(over_flats(log_probs, PICTURE, 0.0), log_probs)


@settings(deadline=None, max_examples=30)
@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 3)))
def test_sums_over_flats_stay(indices: np.ndarray) -> None:
    log_probs = torch.randn(3, *indices.shape, generator=torch.Generator().manual_seed(0))
    moved, (count, piece) = over_flats(log_probs, indices), flats(indices)
    for number in range(count):
        cells = torch.from_numpy(piece == number)
        torch.testing.assert_close(moved.flatten(1)[:, cells].sum(1), log_probs.flatten(1)[:, cells].sum(1))


def test_the_segmenter_weighs_more_than_the_heads() -> None:
    seen = torch.tensor([[[0.0]], [[-1.0]]])
    assert part_classes(np.zeros((1, 1), np.uint8), seen, torch.tensor([[[-0.9 / HEADS]], [[0.0]]])) == 0
    assert part_classes(np.zeros((1, 1), np.uint8), seen, torch.tensor([[[-1.1 / HEADS]], [[0.0]]])) == 1
    assert part_classes(np.zeros((1, 1), np.uint8), None, seen) == 0
    assert part_classes(np.zeros((1, 1), np.uint8), None, None) is None
