"""The image tower: native sizes, padding that does not matter, and the canvas's arithmetic."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmind.encoder.image_tower import ImageTower, ImageTowerConfig, canvases, valid_cells
from pixelmind.errors import BadInput

SMALL = ImageTowerConfig(conv_width=16, conv_blocks=1, width=32, depth=1, heads=4)


def noise(height: int, width: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    picture = rng.integers(0, 256, (height, width, 4), dtype=np.uint8)
    picture[..., 3] = np.where(rng.random((height, width)) < 0.5, 0, 255)
    return picture


@pytest.fixture(scope="module", params=[1, 2], ids=["stride 1", "stride 2"])
def tower_(request) -> ImageTower:
    torch.manual_seed(0)
    return ImageTower(dataclasses.replace(SMALL, stem_stride=request.param), embed_dim=24).eval()


def test_canvas_by_hand():
    picture = np.zeros((8, 8, 4), dtype=np.uint8)
    picture[0, 0] = (255, 0, 51, 255)
    picture[0, 1] = (255, 255, 255, 0)  # colour under clear cells is not seen
    canvas, sizes = canvases([picture, np.zeros((9, 16, 4), dtype=np.uint8)])
    assert canvas.shape == (2, 4, 16, 16)
    assert sizes.tolist() == [[8, 8], [9, 16]]
    assert torch.allclose(canvas[0, :, 0, 0], torch.tensor([1.0, -1.0, -0.6, 1.0]))
    assert (canvas[0, :, 0, 1] == -1).all()


def test_large_pictures_are_block_averages():
    picture = np.zeros((100, 128, 4), dtype=np.uint8)
    picture[:2, :1] = 255
    canvas, sizes = canvases([picture])
    assert sizes.tolist() == [[50, 64]]
    assert torch.allclose(canvas[0, :, 0, 0], torch.zeros(4))  # half of a 2x2 block is white


def test_valid_cells():
    cells = valid_cells(torch.tensor([[9, 16], [1, 8]]), 16, 16, 8)
    assert cells.tolist() == [[[True, True], [True, True]], [[True, False], [False, False]]]


def test_default_size_and_features():
    tower = ImageTower(ImageTowerConfig()).eval()
    assert 1.8e6 < sum(p.numel() for p in tower.parameters()) < 2.4e6
    with torch.no_grad():
        features = tower(*canvases([noise(8, 8), noise(64, 40)]))
    assert features.shape == (2, 256)
    assert torch.allclose(features.norm(dim=1), torch.ones(2), atol=1e-5)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(8, 40), st.integers(8, 40)), min_size=2, max_size=4))
def test_features_do_not_depend_on_the_neighbours(tower_, sizes):
    pictures = [noise(h, w, i) for i, (h, w) in enumerate(sizes)]
    with torch.no_grad():
        together = tower_(*canvases(pictures))
        for i, picture in enumerate(pictures):
            assert torch.allclose(tower_(*canvases([picture]))[0], together[i], atol=1e-5)


def test_what_lies_outside_the_picture_is_not_seen(tower_):
    canvas, sizes = canvases([noise(12, 12)])
    dirty = canvas.clone()
    dirty[:, :, 12:] = 0.7
    dirty[:, :, :, 12:] = -0.3
    with torch.no_grad():
        assert torch.allclose(tower_(canvas, sizes), tower_(dirty, sizes), atol=1e-6)


def test_size_is_seen(tower_):
    with torch.no_grad():
        a, b = (tower_(*canvases([np.zeros((s, s, 4), dtype=np.uint8)])) for s in (8, 16))
    assert not torch.allclose(a, b, atol=1e-3)


def test_tokens_for_alignment_losses(tower_):
    with torch.no_grad():
        tokens, mask, summary = tower_.tokens(*canvases([noise(8, 8), noise(16, 24)]))
    assert tokens.shape == (2, 6, 32)
    assert mask.sum(1).tolist() == [1, 6]
    assert summary.shape == (2, 32)


def test_bad_input(tower_):
    with pytest.raises(BadInput, match="no picture"):
        canvases([])
    with pytest.raises(BadInput, match="uint8"):
        canvases([np.zeros((8, 8, 3), dtype=np.uint8)])
    with pytest.raises(BadInput, match="steps of 8"):
        tower_(torch.zeros(1, 4, 10, 16), torch.tensor([[10, 16]]))
    with pytest.raises(BadInput, match="heads"):
        ImageTowerConfig(width=30, heads=8)
    with pytest.raises(BadInput, match="stem_stride"):
        ImageTowerConfig(stem_stride=4)
