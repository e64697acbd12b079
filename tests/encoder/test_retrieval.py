"""Retrieval figures against hand-computed values."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pixelmind.encoder.retrieval import (
    alignment,
    caption_key,
    colour_counterfactuals,
    ranks,
    ranks_among,
    recall_at,
    report,
    same_words,
    uniformity,
)


def test_ranks_by_hand():
    similarity = np.array([[0.9, 0.1, 0.2], [0.5, 0.4, 0.1], [0.3, 0.2, 0.1]], dtype=np.float32)
    rank = ranks(similarity, np.eye(3, dtype=bool))
    assert rank.tolist() == [0, 1, 2]
    assert [recall_at(rank, k) for k in (1, 2, 3)] == pytest.approx([1 / 3, 2 / 3, 1])


def test_same_words_are_right_answers_and_ties_are_not():
    similarity = np.array([[0.1, 0.9, 0.5], [0.5, 0.5, 0.5]], dtype=np.float32)
    relevant = np.array([[True, True, False], [True, False, False]])
    assert ranks(similarity, relevant).tolist() == [0, 2]


def test_caption_key():
    assert caption_key("A red  Sword.") == caption_key("red sword") != caption_key("blue sword")
    assert caption_key("the") == "the"
    assert same_words(["a dog", "dog", "cat"]).tolist() == [[1, 1, 0], [1, 1, 0], [0, 0, 1]]


def test_alignment_and_uniformity_by_hand():
    x = np.array([[1.0, 0], [0, 1.0]], dtype=np.float32)
    assert alignment(x, x) == 0
    assert alignment(x, x[::-1]) == pytest.approx(2)  # right angle: |x - y|² = 2
    assert uniformity(x) == pytest.approx(-4)  # one pair at squared distance 2: log exp(-2·2)
    opposite = np.array([[1.0, 0], [-1.0, 0], [1.0, 0]], dtype=np.float32)
    assert uniformity(opposite) == pytest.approx(math.log((1 + 2 * math.exp(-8)) / 3))


def test_ranks_among_leaves_out_the_right_ones_and_is_fair_by_chance():
    rng = np.random.default_rng(0)
    similarity = rng.random((400, 300)).astype(np.float32)
    relevant = np.zeros((400, 300), dtype=bool)
    relevant[:, 0] = True
    rank = ranks_among(similarity, relevant, 10)
    assert len(rank) == 400
    assert rank.max() <= 9
    assert rank.mean() == pytest.approx(4.5, abs=0.6)
    assert len(ranks_among(similarity, np.ones_like(relevant), 10)) == 0


def test_report_of_a_perfect_and_a_constant_space():
    eye = np.eye(150, dtype=np.float32)
    captions = [f"thing number {i}" for i in range(150)]
    perfect = {r.metric: r for r in report(eye, eye, captions)}
    assert perfect["image_to_text_r@1"].value == perfect["text_to_image_r@1_of_100"].value == 1
    assert perfect["image_to_text_r@1"].n == 150
    assert perfect["alignment"].value == 0
    constant = np.tile(eye[:1], (150, 1))
    flat = {r.metric: r.value for r in report(constant, constant, captions)}
    assert flat["image_to_text_r@10"] == flat["text_to_image_r@1_of_100"] == 0
    assert flat["uniformity_image"] == pytest.approx(0)


def test_colour_counterfactuals():
    found = colour_counterfactuals(["a red sword", "a sword", "a blue flame"], variants=2)
    assert found == {0: ["a green sword", "a blue sword"]}
