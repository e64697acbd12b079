"""AdamW (Loshchilov & Hutter 2019, arXiv 1711.05101), or Muon for hidden matrices and AdamW for the rest.

Muon (Jordan et al. 2024) replaces a matrix's momentum by its nearest orthogonal matrix (five Newton-Schulz steps); its
update is scaled by 0.2 sqrt(max(rows, columns)) to AdamW's RMS (Liu et al. 2025, arXiv 2502.16982): one rate for both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from pixelmind.errors import CorruptFile
from pixelmind.training.config import LoopConfig

#: Words in a parameter's dotted name that keep it with AdamW: first and last layers are not hidden matrices.
NOT_HIDDEN = frozenset({"embed", "embedding", "embeddings", "input", "output", "head"})


def muon_names(module: nn.Module) -> set[str]:
    """Names of the parameters Muon trains: the module's own `muon_parameters()`, else its hidden 2-D weights."""
    named = {name: p for name, p in module.named_parameters() if p.requires_grad}
    if hasattr(module, "muon_parameters"):
        chosen = {id(p) for p in module.muon_parameters()}  # type: ignore[operator]
        return {name for name, p in named.items() if id(p) in chosen}
    tables = {id(m.weight) for m in module.modules() if isinstance(m, nn.Embedding)}
    return {
        name
        for name, p in named.items()
        if p.ndim == 2 and id(p) not in tables and not NOT_HIDDEN & set(re.split(r"[._]", name))
    }


class Optimizers:
    """AdamW, and Muon where chosen, stepped as one. States are named after parameters: saved without pickle."""

    def __init__(self, modules: Mapping[str, nn.Module], config: LoopConfig) -> None:
        self.parameters: dict[str, nn.Parameter] = {}
        seen: set[int] = set()
        hidden: list[nn.Parameter] = []
        decayed: list[nn.Parameter] = []
        rest: list[nn.Parameter] = []
        for module_name, module in modules.items():
            chosen = muon_names(module) if config.optimizer == "muon" else set()
            for name, p in module.named_parameters():
                if p.requires_grad and id(p) not in seen:
                    seen.add(id(p))
                    self.parameters[f"{module_name}.{name}"] = p
                    (hidden if name in chosen else decayed if p.ndim >= 2 else rest).append(p)
        groups = [
            {"params": decayed, "weight_decay": config.weight_decay},
            {"params": rest, "weight_decay": 0.0},
        ]
        groups = [g for g in groups if g["params"]]
        self.all: list[torch.optim.Optimizer] = []
        if groups:
            self.all.append(torch.optim.AdamW(groups, lr=config.lr, betas=config.betas, eps=config.eps, fused=True))
        if hidden:
            self.all.append(
                torch.optim.Muon(hidden, lr=config.lr, weight_decay=config.weight_decay, adjust_lr_fn="match_rms_adamw")
            )

    def step(self, lr: float) -> None:
        """Take one step at rate `lr` with the gradients at hand."""
        for optimizer in self.all:
            for group in optimizer.param_groups:
                group["lr"] = lr
            optimizer.step()

    def zero_grad(self) -> None:
        """Drop all gradients."""
        for p in self.parameters.values():
            p.grad = None

    def state(self) -> dict[str, Tensor]:
        """Return every state tensor as `<module>.<parameter>:<state>`."""
        found: dict[str, Tensor] = {}
        for optimizer in self.all:
            for name, p in self.parameters.items():
                found |= {f"{name}:{key}": value for key, value in optimizer.state.get(p, {}).items()}
        return found

    def load_state(self, tensors: Mapping[str, Tensor]) -> None:
        """Put back what `state` returned.

        Raises:
            CorruptFile: a state of a parameter that is not trained here, or of another shape.
        """
        owner = {id(p): o for o in self.all for g in o.param_groups for p in g["params"]}
        for optimizer in self.all:
            optimizer.state.clear()
        for full, value in tensors.items():
            name, _, key = full.rpartition(":")
            p = self.parameters.get(name)
            if p is None or (value.ndim and value.shape != p.shape):
                raise CorruptFile(f"optimizer state {full!r} does not belong to this network")
            owner[id(p)].state[p][key] = value.to(p.device)
