"""Symmetric InfoNCE with a learned temperature.

Radford et al. 2021 (CLIP, arXiv 2103.00020), figure 3, after van den Oord et al. 2018 (arXiv 1807.03748), eq. 4:

    L = 1/2 [ CE(s · I Tᵀ, diagonal) + CE(s · T Iᵀ, diagonal) ],   s = exp(logit_scale), logit_scale <= ln 100.

Two pictures with the same words are both right answers: such pairs are taken out of the denominators.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

MAX_LOGIT_SCALE = math.log(100)
INITIAL_LOGIT_SCALE = math.log(1 / 0.07)


def info_nce(image_features: Tensor, text_features: Tensor, logit_scale: Tensor, same: Tensor | None = None) -> Tensor:
    """Return the scalar loss of B pairs of unit features [B, D]; in float32.

    Args:
        image_features, text_features: unit vectors [B, D]; row i of one belongs to row i of the other.
        logit_scale: scalar, log of the inverse temperature; clamped to ln 100.
        same: bool [B, B], symmetric; True where two rows have the same words or picture, so that they are no negatives
            of each other (its diagonal does not matter). None: all rows differ.
    """
    scale = logit_scale.float().clamp(max=MAX_LOGIT_SCALE).exp()
    logits = scale * image_features.float() @ text_features.float().T
    if same is not None:
        own = torch.eye(len(same), dtype=torch.bool, device=same.device)
        logits = logits.masked_fill(same & ~own, -torch.inf)
    target = torch.arange(len(logits), device=logits.device)
    return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2
