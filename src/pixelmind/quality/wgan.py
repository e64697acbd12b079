"""Wasserstein GAN with a gradient penalty (Gulrajani et al. 2017, Improved Training of Wasserstein GANs, eq. 3 and alg. 1).

    L_D = E f(fake) - E f(real) + lambda E (|grad f(x^)|_2 - 1)^2,    x^ = e real + (1 - e) fake,  e ~ U[0, 1] a sample
    L_G = -E f(fake)

The critic f must have no batch norm: the penalty is on each sample's own gradient (sec. 4). The paper takes lambda = 10 and 5 critic steps
a generator step. E f(real) - E f(fake) of a trained critic estimates the Wasserstein-1 distance W as far as f is 1-Lipschitz, to which the
penalty only presses it: of all c f* with |grad f*| = 1 the loss -c W + lambda (c - 1)^2 likes c = 1 + W / (2 lambda) best, so the estimate
is too high by that factor where nothing is done about it; docs/quality.md has figures.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Scorer = Callable[[Tensor], Tensor]
"""Scores [B] or [B, 1] of samples [B, ...], each from its own sample alone."""

LAMBDA = 10.0
"""Weight of the penalty in the paper (alg. 1)."""
N_CRITIC = 5
"""Critic steps a generator step in the paper (alg. 1)."""


def critic_loss(real: Tensor, fake: Tensor) -> Tensor:
    """mean(fake) - mean(real) of scores [B]: eq. 3 without its penalty, what the critic minimises; minus it is the estimated distance."""
    return fake.mean() - real.mean()


def generator_loss(fake: Tensor) -> Tensor:
    """-mean(fake) of scores [B] (alg. 1, line 12)."""
    return -fake.mean()


def gradient_norms(critic: Scorer, x: Tensor) -> Tensor:
    """|grad f(x)|_2 of each sample, [B] of samples [B, ...]; can itself be differentiated unless gradients are switched off around it."""
    keep = torch.is_grad_enabled()
    with torch.enable_grad():
        x = x.detach().requires_grad_(True)
        (gradient,) = torch.autograd.grad(critic(x).sum(), x, create_graph=keep)
    return torch.linalg.vector_norm(gradient.flatten(1), dim=1)


def gradient_penalty(
    critic: Scorer, real: Tensor, fake: Tensor, rng: torch.Generator, *, one_sided: bool = False
) -> Tensor:
    """E (|grad f(x^)|_2 - 1)^2 over points x^ between the pairs (alg. 1, lines 4-7); the weight lambda is the caller's.

    Args:
        critic: scores samples, each by itself.
        real, fake: samples of one shape [B, ...]; no gradient flows into them.
        rng: draws one e a pair; may lie on another device than the samples.
        one_sided: penalise norms above 1 only, E max(0, |grad| - 1)^2 (the paper's sec. 4; Petzka et al. 2018). A critic whose slope must
            change sign between real and fake finds the way more often so; see the toys in docs/quality.md.

    Raises:
        ValueError: the shapes differ.
    """
    if real.shape != fake.shape:
        raise ValueError(f"real and fake must have one shape, got {tuple(real.shape)} and {tuple(fake.shape)}")
    epsilon = torch.rand(len(real), generator=rng, device=rng.device, dtype=real.dtype).to(real.device)
    epsilon = epsilon.view(-1, *[1] * (real.dim() - 1))
    between = epsilon * real.detach() + (1 - epsilon) * fake.detach()
    excess = gradient_norms(critic, between) - 1
    return (excess.clamp_min(0) if one_sided else excess).square().mean()
