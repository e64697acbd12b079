"""Adversarial tuning of a level to a few steps, with guidance distilled in.

The tuned denoiser draws in K steps: it predicts the clean canvas x_hat at each of K fixed noise levels and is taken to the next by fresh
noise, x_s = (1 - s) x_hat + s z (multistep sampling of Song et al. 2023, algorithm 1; denoising diffusion GANs, Xiao et al. 2022). It
learns from three things:
- a conditional discriminator on x_hat, with the relativistic pairing loss and zero-centred penalties R1 and R2 on real and drawn
  canvases (Huang et al. 2024, "The GAN is dead", eq. 2 and 4; Jolicoeur-Martineau 2019),
- score distillation from the frozen, guided teacher on x_hat noised again (adversarial diffusion distillation: Sauer et al. 2023, eq. 4),
  which brings guidance in: one network call a step instead of two,
- the velocity loss, so that what was learnt is not lost.

Shapes: B batch, H, W frame in px.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call

from pixelmind.errors import BadInput
from pixelmind.generator.denoiser import NUM_KINDS, NUM_STYLES, TEXT_DIM, Condition, sinusoid
from pixelmind.generator.schedule import inference_timesteps
from pixelmind.training.config import LoopConfig

GROUPS = 8


@dataclass(frozen=True, kw_only=True)
class FewStepsConfig:
    """The `[few_steps]` table of a preset."""

    steps: int = 4
    """Network calls the tuned level takes."""
    shift: float = 1.0
    """Above 1, more of the steps lie at high noise."""
    adversarial: float = 0.1
    """Weight of the discriminator's say; 0 turns it off."""
    distill: float = 1.0
    """Weight of the guided teacher's say."""
    regress: float = 0.25
    """Weight of the velocity loss."""
    guidance: float = 4.0
    """Guidance of the teacher: what is distilled in."""
    penalty: float = 1.0
    """Weight gamma of R1 and R2."""
    widths: tuple[int, ...] = (48, 96, 144)
    """Channels of the discriminator at each scale."""
    loop: LoopConfig = field(default_factory=lambda: LoopConfig(minutes=20, batch_size=64, lr=2e-4, betas=(0.5, 0.99)))

    def __post_init__(self) -> None:
        if not 1 <= self.steps <= 16:
            raise BadInput(f"few_steps.steps must lie between 1 and 16, got {self.steps}")
        if not self.widths or any(w < GROUPS or w % GROUPS for w in self.widths):
            raise BadInput(f"few_steps.widths must be multiples of {GROUPS}, got {list(self.widths)}")
        for name in ("adversarial", "distill", "regress", "penalty", "guidance"):
            if getattr(self, name) < 0:
                raise BadInput(f"few_steps.{name} must not be negative, got {getattr(self, name)}")
        if self.shift <= 0:
            raise BadInput(f"few_steps.shift must be above 0, got {self.shift}")

    def timesteps(self) -> Tensor:
        """The K noise levels at which the network is called, from 1 downwards."""
        return inference_timesteps(self.steps, self.shift)[:-1]


class Discriminator(nn.Module):
    """How real a canvas [B, C, H, W] (with the coarse canvas beside it on upper levels) looks under its words: logits [B].

    Convolutions with group normalisation, no batch statistics; the words, size, style, kind and noise level enter by projection
    (Miyato & Koyama 2018, eq. 5).
    """

    def __init__(self, channels: int, widths: tuple[int, ...]) -> None:
        super().__init__()
        self.stem = nn.Conv2d(channels, widths[0], 3, padding=1)
        self.first = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1) for a, b in zip((widths[0], *widths), widths))
        self.second = nn.ModuleList(nn.Conv2d(b, b, 3, padding=1) for b in widths)
        self.norms = nn.ModuleList(nn.GroupNorm(GROUPS, b) for b in widths)
        top = widths[-1]
        self.hidden = nn.Linear(2 * top, top)
        self.plain = nn.Linear(top, 1)
        self.words = nn.Linear(TEXT_DIM, top)
        self.size, self.noise = nn.Linear(128, top), nn.Linear(64, top)
        self.style, self.kind = nn.Embedding(NUM_STYLES, top), nn.Embedding(NUM_KINDS, top)
        for table in (self.style, self.kind):
            nn.init.normal_(table.weight, std=0.1)

    def forward(self, x: Tensor, t: Tensor, cond: Condition) -> Tensor:
        h = self.stem(x)
        for index, (first, second, norm) in enumerate(zip(self.first, self.second, self.norms)):
            h = F.avg_pool2d(h, 2) if index else h
            h = norm(second(F.silu(first(F.silu(h)))))
        spread = h.flatten(2)
        h = F.silu(self.hidden(torch.cat([spread.mean(2), spread.amax(2)], dim=1)))
        told = self.words(cond.pooled * TEXT_DIM**0.5) + self.size(sinusoid(torch.log2(cond.size) * 50, 64).flatten(1))
        told = told + self.style(cond.style) + self.kind(cond.kind) + self.noise(sinusoid(t * 1000, 64))
        out: Tensor = self.plain(h)[:, 0] + (h * told).mean(1)
        return out


def frozen(module: nn.Module) -> dict[str, Tensor]:
    """The module's parameters and buffers cut off from the gradient, for `functional_call`."""
    return {k: v.detach() for k, v in (*module.named_parameters(), *module.named_buffers())}


def relativistic_loss(better: Tensor, worse: Tensor) -> Tensor:
    """softplus(worse - better), the mean over pairs: small where each first logit is above the second."""
    return F.softplus(worse - better).mean()


def gradient_penalty(logits: Tensor, x: Tensor) -> Tensor:
    """Mean over the batch of |d logit / d x|^2, with x [B, ...] requiring gradients (R1 on real, R2 on drawn canvases)."""
    (gradient,) = torch.autograd.grad(logits.sum(), x, create_graph=True)
    return gradient.square().flatten(1).sum(1).mean()


def adversarial_losses(
    judge: Discriminator, real: Tensor, drawn: Tensor, t: Tensor, cond: Condition, coarse: Tensor | None, penalty: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Losses of the generator (gradients reach `drawn` alone), of the discriminator (its weights alone), and the share of pairs that it
    ranks right. `real`, `drawn` and `coarse` [B, 4, H, W]."""

    def seen(x: Tensor) -> Tensor:
        return x if coarse is None else torch.cat([x, coarse], dim=1)

    fixed = frozen(judge)
    with torch.no_grad():
        real_logit = judge(seen(real), t, cond)
    fooled = relativistic_loss(functional_call(judge, fixed, (seen(drawn), t, cond)), real_logit)
    ours, theirs = real.detach().requires_grad_(), drawn.detach().requires_grad_()
    real_logits, drawn_logits = judge(seen(ours), t, cond), judge(seen(theirs), t, cond)
    told_apart = relativistic_loss(real_logits, drawn_logits)
    if penalty:
        told_apart = told_apart + penalty / 2 * (
            gradient_penalty(real_logits, ours) + gradient_penalty(drawn_logits, theirs)
        )
    return fooled, told_apart, (real_logits > drawn_logits).float().mean()
