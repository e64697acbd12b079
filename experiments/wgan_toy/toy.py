"""Toy distributions in the plane, a small critic on them, and the exact Wasserstein-1 distance to hold it against.

8 Gaussians, 25 Gaussians and the Swiss roll are those of Gulrajani et al. 2017 (fig. 1 and its published code), at their scales.
Legend: N, M samples.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import ot
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pixelmind.quality.wgan import critic_loss, gradient_norms, gradient_penalty

F64 = NDArray[np.float64]
Draw = Callable[[int, torch.Generator], Tensor]
"""So many samples [N, 2] of a distribution."""


def eight_gaussians(count: int, rng: torch.Generator) -> Tensor:
    """Modes evenly on a circle of radius sqrt(2), standard deviation 0.02 / sqrt(2)."""
    angle = torch.randint(8, (count,), generator=rng) * (math.pi / 4)
    modes = 2 * torch.stack([angle.cos(), angle.sin()], 1)
    return (modes + 0.02 * torch.randn(count, 2, generator=rng)) / math.sqrt(2)


def twenty_five_gaussians(count: int, rng: torch.Generator) -> Tensor:
    """Modes on a 5 x 5 grid, standard deviation 0.05 / sqrt(8)."""
    modes = 2.0 * torch.randint(-2, 3, (count, 2), generator=rng)
    return (modes + 0.05 * torch.randn(count, 2, generator=rng)) / math.sqrt(8)


def swiss_roll(count: int, rng: torch.Generator) -> Tensor:
    """A spiral of one and a half turns with noise 0.25, over 7.5."""
    t = 1.5 * math.pi * (1 + 2 * torch.rand(count, generator=rng))
    return (torch.stack([t * t.cos(), t * t.sin()], 1) + 0.25 * torch.randn(count, 2, generator=rng)) / 7.5


def gaussian(count: int, rng: torch.Generator) -> Tensor:
    """The standard normal in the plane."""
    return torch.randn(count, 2, generator=rng)


DISTRIBUTIONS: dict[str, Draw] = {
    "8 Gaussians": eight_gaussians,
    "25 Gaussians": twenty_five_gaussians,
    "Swiss roll": swiss_roll,
}


def shifted(draw: Draw, by: tuple[float, float]) -> Draw:
    """Moved by a vector; W1 to the original is exactly its length."""
    return lambda count, rng: draw(count, rng) + torch.tensor(by)


def scaled(draw: Draw, by: float) -> Draw:
    """Scaled about 0. W1 to the original is |by - 1| E|X|: the map x -> by x costs that, and f(x) = |x| shows that no map costs less."""
    return lambda count, rng: by * draw(count, rng)


def noised(draw: Draw, deviation: float) -> Draw:
    """With normal noise added: the paper's fixed generator in fig. 1 where the deviation is 1."""
    return lambda count, rng: draw(count, rng) + deviation * torch.randn(count, 2, generator=rng)


def mlp(inputs: int, outputs: int, width: int = 128, layers: int = 3) -> nn.Sequential:
    """Layers of ReLU without any normalisation."""
    sizes = [inputs] + [width] * layers
    hidden = [m for a, b in itertools.pairwise(sizes) for m in (nn.Linear(a, b), nn.ReLU())]
    return nn.Sequential(*hidden, nn.Linear(width, outputs))


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a critic is trained. The paper's are lr 1e-4 throughout, betas (0, 0.9) and weight 10; its toys had 512 units and weight 0.1."""

    steps: int = 3000
    batch: int = 256
    lr: float = 1e-3
    cooled: bool = True
    """Let the rate fall to 0 along a half cosine."""
    betas: tuple[float, float] = (0.0, 0.9)
    weight: float = 10.0
    """Of the penalty (lambda)."""
    one_sided: bool = False
    """Penalise slopes above 1 only."""
    width: int = 128


class CriticTrainer:
    """Critic steps of alg. 1 on fresh samples."""

    def __init__(self, settings: Settings, seed: int) -> None:
        torch.manual_seed(seed)
        self.settings, self.rng = settings, torch.Generator().manual_seed(seed)
        self.critic = mlp(2, 1, settings.width)
        self.optimizer = torch.optim.Adam(self.critic.parameters(), lr=settings.lr, betas=settings.betas)

    def step(self, real: Tensor, fake: Tensor) -> float:
        """One update; the estimate on the batch before it."""
        loss = critic_loss(self.critic(real), self.critic(fake))
        penalty = gradient_penalty(self.critic, real, fake, self.rng, one_sided=self.settings.one_sided)
        self.optimizer.zero_grad()
        (loss + self.settings.weight * penalty).backward()
        self.optimizer.step()
        return -loss.item()

    def fit(self, p: Draw, q: Draw) -> CriticTrainer:
        """All steps on two fixed distributions."""
        s = self.settings
        for step in range(s.steps):
            if s.cooled:
                self.optimizer.param_groups[0]["lr"] = s.lr * (1 + math.cos(math.pi * step / s.steps)) / 2
            self.step(p(s.batch, self.rng), q(s.batch, self.rng))
        return self


@dataclass(frozen=True)
class Estimate:
    """What a critic says of two samples. The slopes are norms of its gradient on points between them (and on them, for the largest)."""

    raw: float
    mean_slope: float
    largest_slope: float
    weight: float

    @property
    def by_mean_slope(self) -> float:
        return self.raw / self.mean_slope

    @property
    def by_largest_slope(self) -> float:
        """A lower bound of the distance, as far as no steeper place was missed."""
        return self.raw / self.largest_slope

    @property
    def solved(self) -> float:
        """W of raw = W (1 + W / (2 lambda)): what the penalty's optimal slope leaves of the raw estimate."""
        return self.weight * (math.sqrt(1 + 2 * max(self.raw, 0.0) / self.weight) - 1)


def estimate(trainer: CriticTrainer, p: Tensor, q: Tensor, seed: int = 0) -> Estimate:
    """Of held-out samples [N, 2], [N, 2]."""
    critic = trainer.critic
    epsilon = torch.rand(len(p), 1, generator=torch.Generator().manual_seed(seed))
    with torch.no_grad():
        between = gradient_norms(critic, epsilon * p + (1 - epsilon) * q)
        ends = torch.cat([gradient_norms(critic, p), gradient_norms(critic, q)])
        raw = -critic_loss(critic(p), critic(q)).item()
    return Estimate(raw, between.mean().item(), torch.cat([between, ends]).max().item(), trainer.settings.weight)


def exact_w1(p: Tensor, q: Tensor) -> tuple[float, F64]:
    """W1 of two samples by the network simplex (POT), and the dual values [M] of the second: f(x) = min_j |x - q_j| - g_j is optimal."""
    a, b = np.full(len(p), 1 / len(p)), np.full(len(q), 1 / len(q))
    cost = torch.cdist(p.double(), q.double()).numpy()
    value, log = ot.emd2(a, b, cost, numItermax=10_000_000, return_matrix=False, log=True)
    return float(value), np.asarray(log["v"])


def dual_bound(q: Tensor, g: F64, fresh_p: Tensor, fresh_q: Tensor) -> float:
    """A lower bound of the W1 of the distributions themselves: E f(P) - E f(Q) of the 1-Lipschitz f above, on samples it never saw."""
    values = torch.from_numpy(g)

    def f(x: Tensor) -> float:
        parts = [(torch.cdist(part.double(), q.double()) - values).amin(1) for part in x.split(4096)]
        return torch.cat(parts).mean().item()

    return f(fresh_p) - f(fresh_q)


@dataclass(frozen=True)
class Truth:
    """The exact W1 of two held-out samples (too high for the distributions, on average) and a lower bound that is sound for those."""

    samples: float
    below: float

    @property
    def middle(self) -> float:
        return (self.samples + self.below) / 2


def truth(p: Draw, q: Draw, count: int, seed: int, fresh: int = 50_000) -> tuple[Truth, Tensor, Tensor]:
    """And the samples [N, 2] it is of."""
    rng = torch.Generator().manual_seed(1_000_000 + seed)
    sample_p, sample_q = p(count, rng), q(count, rng)
    value, g = exact_w1(sample_p, sample_q)
    below = dual_bound(sample_q, g, p(fresh, rng), q(fresh, rng))
    return Truth(value, below), sample_p, sample_q
