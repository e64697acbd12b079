"""DPO on a 2-D diffusion whose optimum is known.

The reference is the exact denoiser of N(0, S^2 I); choices are drawn by the Bradley-Terry model with the reward r(x) = a x. DPO's optimum
is p_ref(x) exp(r(x) / beta), here N(S^2 a / beta, S^2 I): the mean moves by S^2 a / beta and the spread stays.

    python experiments/dpo_toy/toy.py            # about 5 minutes on one core

`gaussian`: the policy is the exact denoiser of N(mu, S^2 I) with mu learnt. `network`: a small network added to the reference's output,
sampled from in 100 Euler steps. Both use `pixelmind.preference.dpo` as training does.
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from pixelmind.generator.schedule import add_noise
from pixelmind.preference.dpo import Weighting, dpo_loss, even_timesteps, log_ratio, path_kl

S = 0.7
A = (1.0, -0.5)
Net = Callable[[Tensor, Tensor], Tensor]


def exact(mean: Tensor, x: Tensor, t: Tensor) -> Tensor:
    """E[x | x_t] of N(mean, S^2 I) on the path, for x_t [B, 2, 1, 1], t [B], mean [2]."""
    t, m = t[:, None, None, None].to(x), mean[None, :, None, None]
    return m + S**2 * (1 - t) / ((1 - t) ** 2 * S**2 + t**2) * (x - (1 - t) * m)


def choices(count: int, seed: int, dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor]:
    """(chosen, rejected) [count, 2, 1, 1], drawn by the reference and chosen by the reward."""
    rng = torch.Generator().manual_seed(seed)
    one, other = (S * torch.randn(count, 2, generator=rng, dtype=dtype) for _ in range(2))
    margin = (one - other) @ torch.tensor(A, dtype=dtype)
    first = torch.rand(count, generator=rng, dtype=dtype) < torch.sigmoid(margin)
    chosen = torch.where(first[:, None], one, other)[..., None, None]
    rejected = torch.where(first[:, None], other, one)[..., None, None]
    return chosen, rejected


def ratios(
    policy: Net, pictures: tuple[Tensor, Tensor], rng: torch.Generator, draws: int, weighting: Weighting
) -> tuple[Tensor, Tensor, Tensor]:
    """Mean log ratios of chosen and rejected, and the divergence; the pair shares noise and noise levels."""
    size = len(pictures[0])
    valid, zero = torch.ones(size, 1, 1, 1), torch.zeros(2, dtype=pictures[0].dtype)
    totals: list[list[Tensor]] = [[], [], []]
    for t in even_timesteps(size * draws, rng).view(draws, size).to(pictures[0]):
        noise = torch.randn(pictures[0].shape, generator=rng, dtype=pictures[0].dtype)
        for i, target in enumerate(pictures):
            noisy = add_noise(target, noise, t)
            own, other = policy(noisy, t), exact(zero, noisy, t)
            totals[i].append(log_ratio(own, other, target, t, valid, weighting))
            totals[2].append(path_kl(own, other, t, valid))
    chosen, rejected, kl = (torch.stack(v).mean(0) for v in totals)
    return chosen, rejected, kl


def gaussian(beta: float, *, pairs: int, draws: int, steps: int, seed: int = 0) -> dict[str, float]:
    """Learn mu by the likelihood weighting; returns its first and second entry, and those of the optimum."""
    pictures = choices(pairs, seed)
    mean = nn.Parameter(torch.zeros(2, dtype=torch.float64))
    optimizer = torch.optim.Adam([mean], lr=0.1)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.02, steps)
    for step in range(steps):
        rng = torch.Generator().manual_seed(seed * 10**6 + step)
        chosen, rejected, _ = ratios(lambda x, t: exact(mean, x, t), pictures, rng, draws, "likelihood")
        optimizer.zero_grad()
        dpo_loss(chosen, rejected, beta).backward()
        optimizer.step()
        schedule.step()
    best = S**2 * torch.tensor(A) / beta
    return {"x": mean[0].item(), "y": mean[1].item(), "best_x": float(best[0]), "best_y": float(best[1])}


class Moved(nn.Module):
    """The reference's prediction and a learnt change of it, 0 at the start."""

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(4, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU(), nn.Linear(width, 2)
        )
        last = self.net[-1]
        assert isinstance(last, nn.Linear)
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        told = torch.cat([x[..., 0, 0], t[:, None], t[:, None] ** 2], dim=1)
        change: Tensor = self.net(told)
        return exact(torch.zeros(2), x, t) + t[:, None, None, None] * change[..., None, None]


@torch.no_grad()
def drawn(policy: Net, count: int, seed: int, steps: int = 100) -> Tensor:
    """Samples [count, 2] by Euler steps down the path."""
    x = torch.randn(count, 2, 1, 1, generator=torch.Generator().manual_seed(seed))
    times = torch.linspace(1, 0, steps + 1)
    for t, s in itertools.pairwise(times):
        clean = policy(x, t.expand(count))
        x = clean + (s / t) * (x - clean)
    return x[..., 0, 0]


def network(
    beta: float, weighting: Weighting, *, draws: int, steps: int, batch: int = 512, pairs: int = 20000, seed: int = 0
) -> dict[str, float]:
    """Train a network, draw from it, compare mean and spread with the optimum's."""
    chosen_all, rejected_all = choices(pairs, seed, torch.float32)
    torch.manual_seed(seed)
    policy = Moved()
    optimizer = torch.optim.Adam(policy.parameters(), lr=2e-3)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.02, steps)
    kl = torch.zeros(1)
    for step in range(steps):
        rng = torch.Generator().manual_seed(seed * 10**6 + step)
        rows = torch.randint(pairs, (batch,), generator=rng)
        chosen, rejected, kl = ratios(policy, (chosen_all[rows], rejected_all[rows]), rng, draws, weighting)
        optimizer.zero_grad()
        dpo_loss(chosen, rejected, beta).backward()
        optimizer.step()
        schedule.step()
    x = drawn(policy, 20000, seed)
    best = S**2 * torch.tensor(A) / beta
    along = best / best.norm()
    return {
        "shift": float(x.mean(0) @ along),
        "best_shift": float(best.norm()),
        "aside": float(x.mean(0) @ torch.stack([-along[1], along[0]])),
        "spread": float(x.std(0).mean()),
        "best_spread": S,
        "kl": kl.mean().item(),
        "best_kl": float(best.square().sum() / (2 * S**2)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=1500)
    args = parser.parse_args()
    torch.set_num_threads(1)
    for draws in (1, 8, 32):
        told = gaussian(1.0, pairs=4000, draws=draws, steps=150)
        tell(policy="gaussian", beta=1.0, draws=draws, **told)
    weightings: tuple[Weighting, Weighting] = ("likelihood", "velocity")
    for weighting in weightings:
        for beta in (0.5, 1.0, 2.0):
            for draws in (1, 8):
                told = network(beta, weighting, draws=draws, steps=args.steps)
                tell(policy="network", weighting=weighting, beta=beta, draws=draws, **told)


def tell(**row: Any) -> None:
    """One line of JSON."""
    print(json.dumps({k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()}), flush=True)


if __name__ == "__main__":
    main()
