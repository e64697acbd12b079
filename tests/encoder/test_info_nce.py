"""InfoNCE against values computed by hand."""

from __future__ import annotations

import math

import pytest
import torch

from pixelmind.encoder.info_nce import (
    INITIAL_LOGIT_SCALE,
    MAX_LOGIT_SCALE,
    Pairs,
    Rivals,
    apart,
    cosine_temperature,
    info_nce,
)

E2 = torch.eye(2)


def test_two_perfect_pairs_by_hand():
    # logits s·I: each row is (s, 0), so the loss is ln(1 + e^-s), both ways
    for s in (1.0, 5.0):
        loss = info_nce(E2, E2, torch.tensor(math.log(s)))
        assert loss.item() == pytest.approx(math.log(1 + math.exp(-s)), rel=1e-5)


def test_asymmetric_by_hand():
    # cosines [[1, 0.6], [0, 0.8]] at s = 2: rows are images, columns texts
    images, texts = E2, torch.tensor([[1.0, 0.0], [0.6, 0.8]])
    rows = (math.log(math.exp(2) + math.exp(1.2)) - 2 + math.log(math.exp(0) + math.exp(1.6)) - 1.6) / 2
    cols = (math.log(math.exp(2) + math.exp(0)) - 2 + math.log(math.exp(1.2) + math.exp(1.6)) - 1.6) / 2
    assert info_nce(images, texts, torch.tensor(math.log(2))).item() == pytest.approx((rows + cols) / 2, rel=1e-5)


def test_untold_features_cost_log_n():
    same = torch.ones(8, 4) / 2
    assert info_nce(same, same, torch.tensor(INITIAL_LOGIT_SCALE)).item() == pytest.approx(math.log(8), rel=1e-5)


def test_temperature_is_clamped_at_100():
    texts = torch.tensor([[1.0, 0.0], [0.999, math.sqrt(1 - 0.999**2)]])
    at_limit = info_nce(E2, texts, torch.tensor(MAX_LOGIT_SCALE))
    assert torch.equal(info_nce(E2, texts, torch.tensor(50.0)), at_limit)
    assert torch.isfinite(at_limit)


def test_pairs_of_the_same_words_are_no_negatives():
    # rows 0 and 1 have the same words: row 0 then competes with row 2 alone
    x = torch.tensor([[1.0, 0, 0], [1.0, 0, 0], [0, 1.0, 0]])
    same = torch.tensor([[True, True, False], [True, True, False], [False, False, True]])
    expected = (math.log(1 + math.exp(-1)) * 2 + math.log(1 + 2 * math.exp(-1))) / 3
    assert info_nce(x, x, torch.tensor(0.0), same).item() == pytest.approx(expected, rel=1e-5)
    assert info_nce(x, x, torch.tensor(0.0), torch.eye(3, dtype=torch.bool)) == info_nce(x, x, torch.tensor(0.0))


def test_gradient_is_finite_and_pulls_pairs_together():
    torch.manual_seed(0)
    images = torch.randn(6, 8)
    scale = torch.tensor(INITIAL_LOGIT_SCALE, requires_grad=True)
    texts = torch.randn(6, 8, requires_grad=True)
    unit = torch.nn.functional.normalize
    losses = []
    for _ in range(50):
        loss = info_nce(unit(images, dim=1), unit(texts, dim=1), scale, torch.zeros(6, 6, dtype=torch.bool))
        loss.backward()
        assert torch.isfinite(scale.grad)
        with torch.no_grad():
            texts -= 0.5 * texts.grad
        texts.grad = scale.grad = None
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 2


def test_a_false_caption_stands_against_its_own_picture_alone_by_hand():
    # s = 2, perfect pairs; the false caption has cosine 0.6 with picture 0 and is no negative of picture 1
    rivals = Rivals(features=torch.tensor([[0.6, 0.8]]), against=torch.tensor([[True], [False]]))
    zero = math.log(math.exp(2) + 1 + math.exp(1.2)) - 2
    one = math.log(math.exp(2) + 1) - 2
    expected = ((zero + one) / 2 + one) / 2  # the way from words to pictures is as without it
    assert info_nce(E2, E2, torch.tensor(math.log(2)), rivals=rivals).item() == pytest.approx(expected, rel=1e-5)


def test_rivals_of_nobody_change_nothing():
    rivals = Rivals(features=torch.ones(3, 2) / math.sqrt(2), against=torch.zeros(2, 3, dtype=torch.bool))
    scale = torch.tensor(1.0)
    assert info_nce(E2, E2, scale, rivals=rivals) == info_nce(E2, E2, scale)


def test_a_false_caption_is_pushed_from_its_picture():
    false = torch.tensor([[0.8, 0.6]], requires_grad=True)
    info_nce(
        E2, E2, torch.tensor(1.0), rivals=Rivals(features=false, against=torch.tensor([[True], [False]]))
    ).backward()
    assert false.grad[0, 0] > 0
    assert false.grad[0, 1] == 0


def test_cosine_temperature_by_hand():
    values = [cosine_temperature(step, 0.15, 0.05, 100) for step in (0, 25, 50, 100)]
    assert values == pytest.approx([0.15, 0.10, 0.05, 0.15])


def test_apart_by_hand():
    # s = 2: picture 0 at cosines 1 and 0.6 of its captions, weight 1; picture 1 at 0.8 and 1, weight 3
    pairs = Pairs(
        true=torch.tensor([[1.0, 0.0], [0.6, 0.8]]),
        false=torch.tensor([[0.6, 0.8], [0.0, 1.0]]),
        owner=torch.tensor([0, 1]),
        weight=torch.tensor([1.0, 3.0]),
    )
    expected = (math.log(1 + math.exp(-0.8)) + 3 * math.log(1 + math.exp(0.4))) / 4
    assert apart(E2, torch.tensor(math.log(2)), pairs).item() == pytest.approx(expected, rel=1e-5)
