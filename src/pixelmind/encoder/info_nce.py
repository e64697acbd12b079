"""Symmetric InfoNCE with a learned temperature.

Radford et al. 2021 (CLIP, arXiv 2103.00020), figure 3, after van den Oord et al. 2018 (arXiv 1807.03748), eq. 4:

    L = 1/2 [ CE(s · I Tᵀ, diagonal) + CE(s · T Iᵀ, diagonal) ],   s = exp(logit_scale), logit_scale <= ln 100.

Two pictures with the same words are both right answers: such pairs are taken out of the denominators.

Harder negatives are further columns of the picture's softmax alone, as in Yuksekgonul et al. 2023 (NegCLIP, arXiv
2210.01936): captions false of one picture stand in that picture's row only, captions of mined neighbours in all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

MAX_LOGIT_SCALE = math.log(100)
INITIAL_LOGIT_SCALE = math.log(1 / 0.07)


@dataclass(frozen=True, kw_only=True)
class Rivals:
    """M captions that only pictures compete with: `features` unit vectors [M, E], and `against` bool [B, M], True where
    the caption is a negative of the picture."""

    features: Tensor
    against: Tensor


def info_nce(
    image_features: Tensor,
    text_features: Tensor,
    logit_scale: Tensor,
    same: Tensor | None = None,
    rivals: Rivals | None = None,
) -> Tensor:
    """Return the scalar loss of B pairs of unit features [B, E]; in float32.

    Args:
        image_features, text_features: unit vectors [B, E]; row i of one belongs to row i of the other.
        logit_scale: scalar, log of the inverse temperature; clamped to ln 100.
        same: bool [B, B], symmetric; True where two rows have the same words or picture, so that they are no negatives
            of each other (its diagonal does not matter). None: all rows differ.
        rivals: captions that stand against pictures beside the B ones. None: none.
    """
    scale = logit_scale.float().clamp(max=MAX_LOGIT_SCALE).exp()
    logits = scale * image_features.float() @ text_features.float().T
    if same is not None:
        own = torch.eye(len(same), dtype=torch.bool, device=same.device)
        logits = logits.masked_fill(same & ~own, -torch.inf)
    rows = logits
    if rivals is not None:
        more = scale * image_features.float() @ rivals.features.float().T
        rows = torch.cat([logits, more.masked_fill(~rivals.against, -torch.inf)], 1)
    target = torch.arange(len(logits), device=logits.device)
    return (F.cross_entropy(rows, target) + F.cross_entropy(logits.T, target)) / 2


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """P pairs of captions that differ in one fact: `true` and `false` unit vectors [P, E], `owner` int64 [P], the row of the
    picture that the first is true of and the second is not, and `weight` [P] above 0."""

    true: Tensor
    false: Tensor
    owner: Tensor
    weight: Tensor


def apart(image_features: Tensor, logit_scale: Tensor, pairs: Pairs) -> Tensor:
    """Return the scalar loss of telling a true caption from the same one made false in one fact, the batch left out.

    The contrast of Doveh et al. 2023 (arXiv 2211.11733) as a softmax over two: in the softmax over a whole batch, what is
    false in one fact gets a share of the gradient only once nearly all other captions are told apart.
    """
    scale = logit_scale.float().clamp(max=MAX_LOGIT_SCALE).exp()
    margin = (image_features.float()[pairs.owner] * (pairs.true.float() - pairs.false.float())).sum(1)
    return (F.softplus(-scale * margin) * pairs.weight).sum() / pairs.weight.sum()


def cosine_temperature(step: int, high: float, low: float, period: int) -> float:
    """Temperature that swings from `high` at step 0 to `low` half a `period` later and back, along a cosine.

    Kukleva et al. 2023 (arXiv 2303.13664): high temperatures tell groups apart, low ones single pictures.
    """
    return low + (high - low) * (1 + math.cos(2 * math.pi * step / period)) / 2
