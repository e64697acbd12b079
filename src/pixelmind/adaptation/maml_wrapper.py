"""Model-agnostic meta-learning (Finn, Abbeel & Levine 2017, arXiv 1703.03400, alg. 1) of any module's chosen parameters or adapters.

    inner loop     phi_0 = theta;  phi_{s+1} = phi_s - alpha_s grad L_support(phi_s)
    meta-loss      mean over tasks of L_query(phi_S), differentiated by theta (and alpha)

Second order differentiates through the inner gradients; first order (FOMAML, their sec. 5.2) takes them as constants, so that the
meta-gradient is the query loss's gradient at phi_S. Inner rates may be learned: one a tensor (Meta-SGD, Li et al. 2017) and one a step
(MAML++, Antoniou et al. 2019, sec. 4).

A loss is a pure function `loss(params, batch) -> []`; a task's batches are nests of tensors. Tasks of equal shapes are run together (vmap).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap

from pixelmind.errors import BadInput
from pixelmind.training.lora import Params

Loss = Callable[[Params, Any], Tensor]
INNER_STEPS, META_BATCH, META_UPDATES = 5, 16, 1000
RATE_GAIN = 10.0


class Selection(Protocol):
    """What is adapted: a start for its tensors, and the module as a function of them. `lora.Lora` is one, `Parameters` another."""

    def init(self, rng: torch.Generator) -> Params: ...

    def __call__(self, params: Mapping[str, Tensor], *args: Any, **kwargs: Any) -> Any: ...


class Parameters:
    """A module's own parameters whose whole name fits one of the patterns; the others stay as they are."""

    def __init__(self, module: nn.Module, patterns: Sequence[str] = (".*",)) -> None:
        self.module = module
        self.names = [n for n, _ in module.named_parameters() if any(re.fullmatch(p, n) for p in patterns)]
        if not self.names:
            raise BadInput(f"no parameter's name fits {', '.join(patterns)}")

    def init(self, rng: torch.Generator) -> Params:
        """Copies of the module's own values; draws nothing."""
        own = dict(self.module.named_parameters())
        return {name: own[name].detach().clone() for name in self.names}

    def __deepcopy__(self, memo: dict[int, Any]) -> Parameters:
        """The module is shared, not part of what is copied."""
        return self

    def __call__(self, params: Mapping[str, Tensor], *args: Any, **kwargs: Any) -> Any:
        """What the module makes of the arguments with these parameters."""
        return functional_call(self.module, dict(params), args, kwargs)


class MAMLWrapper(nn.Module):
    """The meta-learned start and the inner loop of a selection.

    Args:
        selection: what is adapted.
        loss: of a batch, as a function of the selection's tensors.
        inner_lr: rate of an inner step, or its start where rates are learned.
        inner_steps: steps that training unrolls; `adapt` may take more.
        first_order: take inner gradients as constants.
        learn_rates: learn one rate a tensor and step.
        rate_gain: how much faster than the start an outer optimiser moves the log of a learned rate.
        rng: draws the start.
    """

    def __init__(
        self,
        selection: Selection,
        loss: Loss,
        *,
        inner_lr: float = 0.01,
        inner_steps: int = INNER_STEPS,
        first_order: bool = False,
        learn_rates: bool = False,
        rate_gain: float = RATE_GAIN,
        rng: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        if inner_steps < 1 or not inner_lr > 0:
            raise BadInput(f"MAML needs at least 1 inner step and a rate above 0, got {inner_steps} and {inner_lr:g}")
        self.selection, self.loss = selection, loss
        self.inner_steps, self.first_order = inner_steps, first_order
        start = selection.init(rng or torch.Generator().manual_seed(0))
        self.names = list(start)
        self.start = nn.ParameterList(start.values())
        self.inner_lr, self.rate_gain = inner_lr, rate_gain
        self.rate_shifts = nn.Parameter(torch.zeros(inner_steps, len(start)), requires_grad=learn_rates)

    def params(self) -> Params:
        """The start theta, by name."""
        return dict(zip(self.names, self.start))

    def rates(self, steps: int) -> Tensor:
        """Inner rates [steps, tensors], above 0; steps beyond the trained ones take the last one's."""
        rates = self.inner_lr * (self.rate_gain * self.rate_shifts).exp()
        more = max(0, steps - len(rates))
        return torch.cat([rates, rates[-1:].expand(more, -1)])[:steps]

    def adapt(self, params: Params, support: Any, steps: int | None = None) -> Params:
        """phi after `steps` inner steps from `params`. `support` is one batch, taken at every step."""
        count = self.inner_steps if steps is None else steps
        rates = self.rates(count)
        for step in range(count):
            if self.first_order:
                at = {name: value.detach() for name, value in params.items()}
                slopes = {name: value.detach() for name, value in grad(self.loss)(at, support).items()}
            else:
                slopes = grad(self.loss)(params, support)
            params = {name: value - rates[step, i] * slopes[name] for i, (name, value) in enumerate(params.items())}
        return params

    def task_loss(self, params: Params, support: Any, query: Any) -> Tensor:
        """L_query after the inner loop."""
        return self.loss(self.adapt(params, support), query)

    def forward(self, support: Any, query: Any) -> dict[str, Tensor]:
        """The meta-loss of stacked tasks (every tensor [tasks, ...]): "loss", and the query loss "before" adaptation."""
        params = self.params()
        after = vmap(self.task_loss, in_dims=(None, 0, 0))(params, support, query)
        with torch.no_grad():
            before = vmap(self.loss, in_dims=(None, 0))({n: p.detach() for n, p in params.items()}, query)
        return {"loss": after.mean(), "before": before.mean()}
