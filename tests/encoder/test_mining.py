"""Mined neighbours: planted ones are found, right answers never returned, and a killed run draws the same batches."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmind.encoder.mining import KEEP, NeighbourIndex, may_fit, nearest, words
from pixelmind.errors import CorruptFile
from pixelmind.training.task import TrainingError


def unit(*shape: int, seed: int = 0) -> torch.Tensor:
    return F.normalize(torch.randn(*shape, generator=torch.Generator().manual_seed(seed)), dim=-1)


def test_a_planted_neighbour_is_found():
    images, texts = unit(700, 32), unit(700, 32, seed=1)
    texts[650], images[650] = images[3], texts[3]
    said = [words([f"thing {i}"]) for i in range(700)]
    near = nearest(images, texts, said, np.arange(700), 5)
    assert near[3, 0] == 650
    assert near[650, 0] == 3  # the measure is symmetric
    assert (near != np.arange(700)[:, None]).all()


def test_right_answers_are_passed_over():
    images = unit(1, 16).repeat(5, 1)
    captions = [["a red sword"], ["the red sword."], ["sword"], ["a blue sword"], ["a red sword with a gem"]]
    near = nearest(images, images, [words(c) for c in captions], np.arange(5), 4)
    # 1 says the same, 2 less, 4 more than is said of 0
    assert near[0].tolist() == [3, -1, -1, -1]
    assert set(near[3].tolist()) == {0, 1, 4, -1}
    assert may_fit(words(["axe"]), words(["a big axe"]))
    assert may_fit(words(["axe", "a tool"], shown=["a tool"]), words(["tool of iron"]))
    assert not may_fit(words(["axe", "a tool"], shown=["axe"]), words(["tool of iron"]))
    same_cluster = nearest(images, images, [words([str(i)]) for i in range(5)], np.array([0, 0, 1, 1, 2]), 4)
    assert set(same_cluster[0].tolist()) == {2, 3, 4, -1}


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 60), st.integers(1, 6), st.integers(0, 1000))
def test_no_false_negative_is_ever_returned(n, k, seed):
    rng = np.random.default_rng(seed)
    said = [words([" ".join(rng.choice(["red", "blue", "cat", "dog", "hat"], 2))]) for _ in range(n)]
    clusters = rng.integers(0, max(2, n // 3), n)
    near = nearest(unit(n, 8, seed=seed), unit(n, 8, seed=seed + 1), said, clusters, k)
    assert near.shape == (n, k)
    for i, row in enumerate(near.tolist()):
        kept = [j for j in row if j >= 0]
        assert row[: len(kept)] == kept  # those that are missing stand last
        assert len(set(kept)) == len(kept)
        for j in kept:
            assert clusters[i] != clusters[j]
            assert not may_fit(said[i], said[j])


def test_draw_gives_neighbours_alone():
    index = NeighbourIndex(np.array([4, 9, 20]), np.array([[1, 2], [0, -1], [-1, -1]], dtype=np.int32))
    rng = np.random.default_rng(0)
    drawn = np.stack([index.draw(np.array([4, 9, 20, 7, 99]), rng) for _ in range(50)])
    assert set(drawn[:, 0].tolist()) == {9, 20}
    assert set(drawn[:, 1].tolist()) == {4}
    assert (drawn[:, 2:] == -1).all()


def test_an_index_comes_back_from_disk_and_old_ones_go(tmp_path):
    index = NeighbourIndex(np.arange(3), np.array([[1], [2], [-1]], dtype=np.int32))
    for step in range(10, 10 + 10 * (KEEP + 2), 10):
        index.save(tmp_path, step)
    assert len(list(tmp_path.glob("*.npz"))) == KEEP
    again = NeighbourIndex.load(tmp_path, 60)
    assert np.array_equal(again.rows, index.rows)
    assert np.array_equal(again.near, index.near)
    with pytest.raises(TrainingError, match="are gone"):
        NeighbourIndex.load(tmp_path, 10)
    (tmp_path / "step-00000060.npz").write_bytes(b"PK\x03\x04")
    with pytest.raises(CorruptFile, match="cannot be read"):
        NeighbourIndex.load(tmp_path, 60)
