"""R@k against hand-made similarity tables, and what a pool may hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmind.errors import BadInput
from pixelmind.evaluation.metrics import retrieval


def test_ranks_of_a_known_permutation() -> None:
    """One-hot texts; picture n puts its mass so that its own caption comes n-th."""
    n = 5
    texts = np.eye(n)
    pools = np.array([[i, *(j for j in range(n) if j != i)] for i in range(n)])
    images = np.zeros((n, n))
    for i in range(n):
        images[i, pools[i, 1:]] = np.where(np.arange(1, n) <= i, 2.0, 0.0)  # i distractors score above the own 1.0
        images[i, i] = 1.0
    rank = retrieval.ranks(images, texts, pools)
    assert rank.tolist() == [1, 2, 3, 4, 5]
    assert [retrieval.recall_at(rank, k) for k in (1, 3, 5)] == [0.2, 0.6, 1.0]


def test_a_tie_counts_against_the_picture() -> None:
    same = np.ones((1, 2))
    assert retrieval.ranks(same, np.ones((3, 2)), np.array([[0, 1, 2]])).tolist() == [3]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_random_features_reach_chance(seed: int) -> None:
    rng = np.random.default_rng(seed)
    images, texts = rng.normal(size=(400, 8)), rng.normal(size=(40, 8))
    pools = np.stack([rng.permutation(40)[:20] for _ in range(400)])
    assert abs(retrieval.recall_at(retrieval.ranks(images, texts, pools), 5) - 0.25) < 0.12


def test_pools_hold_the_own_caption_first_and_no_relative() -> None:
    captions = [("cat", "a cat"), ("dog",), ("a cat",), ("bird",), ("dog", "hound"), ("fish",)]
    groups = ["a", "b", "c", "d", "e", "d"]
    texts, pools = retrieval.build_pools(captions, groups, [0, 1, 3], pool_size=10)
    named = [[texts[t] for t in row] for row in pools]
    assert [row[0] for row in named] == ["cat", "dog", "bird"]
    assert all(len(set(row)) == len(row) for row in named)
    assert "a cat" not in named[0]  # row 2 shares "a cat" with row 0
    assert "fish" not in named[2]  # same near-duplicate group as "bird"
    assert pools.shape == (3, 4)  # the narrowest pool sets the size: bird, cat, dog, a cat


def test_pools_are_a_function_of_the_seed() -> None:
    captions = [(f"thing {i}",) for i in range(50)]
    groups = [str(i) for i in range(50)]
    one, again, other = (retrieval.build_pools(captions, groups, range(9), pool_size=5, seed=s)[1] for s in (1, 1, 2))
    assert (one == again).all()
    assert (one != other).any()


def test_one_caption_is_no_pool() -> None:
    with pytest.raises(BadInput, match="at least 2 pictures"):
        retrieval.build_pools([("cat",), ("cat",)], ["a", "b"], [0])
