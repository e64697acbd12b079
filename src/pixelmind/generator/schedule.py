"""Noise schedule of rectified flow (Liu et al. 2022; Lipman et al. 2022): x_t = (1 - t) x + t z, t = 1 is pure noise.

Training timesteps are logit-normal (Esser et al. 2024, eq. 19); larger canvases shift towards noise (their eq. 23).
"""

from __future__ import annotations

import torch
from torch import Tensor

T_MIN = 0.05  # the velocity weight 1/t^2 is bounded here (Li & He 2025, sec. 4)


def sample_timesteps(batch: int, mean: float, std: float, rng: torch.Generator) -> Tensor:
    """Draw t in [T_MIN, 1], float32 [batch]: sigmoid of a normal."""
    t = torch.sigmoid(torch.randn(batch, generator=rng, device=rng.device) * std + mean)
    return t.clamp(T_MIN, 1.0)


def add_noise(x: Tensor, noise: Tensor, t: Tensor) -> Tensor:
    """x_t = (1 - t) x + t z for x, z [B, C, H, W] and t [B]."""
    t = t[:, None, None, None]
    return (1 - t) * x + t * noise


def inference_timesteps(num_steps: int, shift: float) -> Tensor:
    """Return float32 [num_steps + 1] from 1 to 0; shift > 1 spends more steps at high noise (Esser et al. 2024, eq. 23)."""
    u = torch.linspace(1, 0, num_steps + 1)
    return shift * u / (1 + (shift - 1) * u)


def velocity_weight(t: Tensor) -> Tensor:
    """Weight that turns the squared error of predicted x into that of velocity (z - x): 1 / t^2, with t [B]."""
    return t.clamp_min(T_MIN) ** -2
