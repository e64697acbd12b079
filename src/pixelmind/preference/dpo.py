"""Direct preference optimisation of a denoiser, without a reward model (B. Wallace et al., "Diffusion Model Alignment Using Direct
Preference Optimization", 2023, arXiv 2311.12908, eq. 14):

    L = -E log sigma( -beta T omega(lambda_t) ( ||e_w - e_theta(x_t^w)||^2 - ||e_w - e_ref(x_t^w)||^2
                                              - ||e_l - e_theta(x_t^l)||^2 + ||e_l - e_ref(x_t^l)||^2 ) )

with w the chosen and l the rejected picture, e the noise. Here networks predict the clean canvas x on the path x_t = (1 - t) x + t z, and
t is drawn evenly from [T_MIN, 1] instead of the T steps. The squared error of the velocity z - x is that of x over t^2; that of the
noise is (1 - t)^2 / t^2 times that of x. The likelihood bound (D. Kingma et al., "Variational Diffusion Models", 2021, eq. 17, with
SNR = ((1 - t) / t)^2) weighs the error of x by -SNR'(t) / 2 = (1 - t) / t^3, which is (1 - t) / t times the error of the velocity. So

    log p_theta(x) / p_ref(x)  is about  r = (1 - T_MIN) E_t E_z w(t) / t^2 ( ||x - x_ref(x_t)||^2 - ||x - x_theta(x_t)||^2 )
    L = -E log sigma( beta (r_w - r_l) )

in nats for w(t) = (1 - t) / t ("likelihood"). With w = 1 ("velocity", the weight the networks were trained with) r is that number up to
the weight, as Wallace et al. drop omega. Their E over t and z stands outside the logarithm (Jensen); `draws` > 1 moves part of it inside.
beta is that of DPO: the optimum is p_ref(x) exp(reward(x) / beta) for choices of the chance sigma(reward_w - reward_l).

Over a part of the noise levels only, r is that part of it, up to a constant factor.

Shapes: B pictures, canvases [B, C, H, W], t [B], valid [B, 1, H, W] is 1 inside the picture.
"""

from __future__ import annotations

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from pixelmind.generator.schedule import T_MIN

Weighting = Literal["velocity", "likelihood"]


def even_timesteps(batch: int, rng: torch.Generator, low: float = T_MIN, high: float = 1.0) -> Tensor:
    """Noise levels [batch], evenly spread over [low, high]: one in each of `batch` equal parts, in random order."""
    place = torch.rand(batch, generator=rng, device=rng.device)
    u = (torch.randperm(batch, generator=rng, device=rng.device) + place) / batch
    return low + (high - low) * u


def time_weight(t: Tensor, weighting: Weighting) -> Tensor:
    """Weight [B] of the squared error of the clean canvas at noise levels t in [T_MIN, 1]."""
    t = t.clamp_min(T_MIN)
    return t**-2 if weighting == "velocity" else (1 - t) / t**3


def squared(difference: Tensor, valid: Tensor) -> Tensor:
    """Sum of squares over the cells of the picture and its channels, [B]."""
    return (difference.square() * valid).sum((1, 2, 3))


def log_ratio(
    policy: Tensor, reference: Tensor, target: Tensor, t: Tensor, valid: Tensor, weighting: Weighting
) -> Tensor:
    """One draw's estimate r [B] of log p_theta(x) / p_ref(x), from both networks' predictions of `target` at noise level t."""
    gain = squared(target - reference, valid) - squared(target - policy, valid)
    return (1 - T_MIN) * time_weight(t, weighting) * gain


def path_kl(policy: Tensor, reference: Tensor, t: Tensor, valid: Tensor) -> Tensor:
    """One draw's estimate [B] of the divergence between the two networks' diffusions down to T_MIN, in nats.

    (1 - T_MIN) (1 - t) / t^3 ||x_theta(x_t) - x_ref(x_t)||^2 (Girsanov's theorem; Y. Song et al., "Maximum Likelihood Training of
    Score-Based Diffusion Models", 2021, theorem 1). Where x_t comes from pictures that the reference drew its mean is KL(ref || theta),
    where the policy drew them KL(theta || ref); it bounds that of the pictures from above. Without guidance.
    """
    return (1 - T_MIN) * time_weight(t, "likelihood") * squared(policy - reference, valid)


def dpo_loss(chosen: Tensor, rejected: Tensor, beta: float, weight: Tensor | None = None) -> Tensor:
    """Mean of -log sigma(beta (r_w - r_l)) over pairs, scalar; log 2 where the policy is the reference or beta is 0.

    Args:
        chosen: r of the chosen pictures, [B].
        rejected: r of the rejected ones, [B].
        beta: pull to the reference, 0 or more.
        weight: how much each pair counts, [B], 0 or more; None: all alike.
    """
    each = -F.logsigmoid(beta * (chosen - rejected))
    if weight is None:
        return each.mean()
    return (each * weight).sum() / weight.sum().clamp_min(1e-9)


def bound_penalty(kl: Tensor, bound: float) -> Tensor:
    """How far the mean divergence [B] lies above its bound, as a share of it; 0 within."""
    return F.relu(kl.mean() / bound - 1)
