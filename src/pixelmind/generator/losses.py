"""Losses of a level. Each returns one named scalar; the task adds them up."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from pixelmind.generator.schedule import velocity_weight


def velocity_loss(predicted: Tensor, target: Tensor, t: Tensor, valid: Tensor) -> Tensor:
    """Squared velocity error of a predicted clean canvas (Li & He 2025, eq. 6): mean of (x_hat - x)^2 / t^2 over valid cells.

    predicted, target [B, 4, H, W]; t [B]; valid [B, 1, H, W] is 1 inside the picture, 0 in the frame around it.
    Every picture counts the same whatever its size.
    """
    per_cell = (predicted - target).square().mean(dim=1, keepdim=True) * valid
    per_image = per_cell.sum(dim=(1, 2, 3)) / valid.sum(dim=(1, 2, 3)).clamp_min(1)
    return (per_image * velocity_weight(t)).mean()


def region_loss(logits: Tensor, regions: Tensor, weight: Tensor) -> Tensor:
    """Cross-entropy of region classes: logits [B, R, H, W], regions long [B, H, W] (below 0: not known), weight [B]; every picture
    whose parts are known counts by its weight whatever its size."""
    known = regions >= 0
    per_cell = F.cross_entropy(logits, regions.clamp_min(0), reduction="none") * known
    per_image = per_cell.sum((1, 2)) / known.sum((1, 2)).clamp_min(1)
    return (per_image * weight).sum() / (weight * known.any(2).any(1)).sum().clamp_min(1e-6)


def prior_loss(kind_logits: Tensor, style_logits: Tensor, kind: Tensor, style: Tensor) -> Tensor:
    """Cross-entropy of the condition prior; rows whose kind or style is unknown (0) do not count."""
    return F.cross_entropy(kind_logits, kind, ignore_index=0) + F.cross_entropy(style_logits, style, ignore_index=0)


def masked_mse_by_level(predicted: Tensor, target: Tensor, valid: Tensor) -> Tensor:
    """Plain mean squared error over valid cells, [] scalar; what validation reports at fixed noise levels."""
    error = (predicted - target).square().mean(dim=1, keepdim=True) * valid
    return error.sum() / torch.clamp_min(valid.sum(), 1)
