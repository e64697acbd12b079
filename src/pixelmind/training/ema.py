"""Exponential moving average of weights, with a half-life in samples and EDM's ramp-up.

Karras et al. 2022 (EDM, arXiv 2206.00364), appendix F.2: beta = 0.5 ** (samples passed / half-life), where early on
half-life = min(half-life, 0.05 * samples seen), so that the average forgets the random start.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping

import torch
from torch import Tensor, nn

RAMP_UP = 0.05


def decay(halflife_samples: float, samples_seen: int, samples_passed: int) -> float:
    """Return beta for an update after `samples_passed` more samples, `samples_seen` in all."""
    return 0.5 ** (samples_passed / max(min(halflife_samples, RAMP_UP * samples_seen), 1e-8))


class Ema:
    """A second set of networks that follows the trained ones. `modules` are in eval mode, without gradients."""

    def __init__(self, modules: Mapping[str, nn.Module], halflife_samples: float) -> None:
        self.halflife_samples = halflife_samples
        self.modules = {name: copy.deepcopy(m).eval().requires_grad_(False) for name, m in modules.items()}
        self._sources = dict(modules)
        self._mean: list[Tensor] = []
        self._live: list[Tensor] = []
        for name, module in modules.items():
            for mean, live in zip(self.modules[name].parameters(), module.parameters(), strict=True):
                if live.requires_grad:
                    self._mean.append(mean)
                    self._live.append(live)

    @torch.no_grad()
    def update(self, samples_seen: int, samples_passed: int) -> None:
        """Move towards the trained weights: mean += (1 - beta) * (live - mean)."""
        beta = decay(self.halflife_samples, samples_seen, samples_passed)
        torch._foreach_lerp_(self._mean, self._live, 1.0 - beta)

    @torch.no_grad()
    def copy_buffers(self) -> None:
        """Take over buffers (running statistics and the like) as they are; done before sampling and saving."""
        for name, module in self._sources.items():
            for mean, live in zip(self.modules[name].buffers(), module.buffers(), strict=True):
                mean.copy_(live)
