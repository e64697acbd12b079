"""Reptile (Nichol, Achiam & Schulman 2018, arXiv 1803.02999, alg. 2): move the start towards each task's adapted weights.

    theta <- theta + eps mean over tasks of (phi_S - theta)

so theta - phi_S stands where a gradient would; the returned loss has exactly that gradient, for any optimiser to take.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.func import vmap

from pixelmind.adaptation.maml_wrapper import MAMLWrapper


class Reptile(nn.Module):
    """The same start and inner loop as a first-order `MAMLWrapper`, moved by Reptile's rule."""

    def __init__(self, wrapper: MAMLWrapper) -> None:
        super().__init__()
        self.wrapper = wrapper

    def direction(self, support: Any) -> dict[str, Tensor]:
        """Mean of theta - phi_S over stacked tasks, by name."""
        start = {name: value.detach() for name, value in self.wrapper.params().items()}
        adapted = vmap(self.wrapper.adapt, in_dims=(None, 0))(start, support)
        return {name: (value - adapted[name].detach().mean(0)) for name, value in start.items()}

    def forward(self, support: Any, query: Any) -> dict[str, Tensor]:
        """Stacked tasks: "loss" has Reptile's direction as its gradient and the query loss after adaptation as its value; "before" is
        the query loss without."""
        wrapper = self.wrapper
        start = wrapper.params()
        fixed = {name: value.detach() for name, value in start.items()}
        with torch.no_grad():
            before = vmap(wrapper.loss, in_dims=(None, 0))(fixed, query)
        adapted = vmap(wrapper.adapt, in_dims=(None, 0))(fixed, support)
        with torch.no_grad():
            after = vmap(wrapper.loss)({n: v.detach() for n, v in adapted.items()}, query)
        pull = sum(
            ((value * (fixed[name] - adapted[name].detach().mean(0))).sum() for name, value in start.items()),
            torch.zeros(()),
        )
        return {"loss": pull - pull.detach() + after.mean(), "before": before.mean()}
