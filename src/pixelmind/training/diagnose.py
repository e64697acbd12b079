"""Where a loss stopped being finite: the layer that made the first number that is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn


def _finite(value: Any) -> bool:
    if isinstance(value, Tensor):
        return not value.is_floating_point() or bool(torch.isfinite(value).all())
    if isinstance(value, (tuple, list)):
        return all(map(_finite, value))
    return True


def first_nonfinite(modules: Mapping[str, nn.Module], run: Callable[[], object]) -> str:
    """Name the culprit in `run`, a forward pass of the modules and its backward pass.

    The weight that is not finite, else the first layer whose output is not though its inputs are, else the first weight whose
    gradient is not, else "the loss itself".
    """
    named = [(f"{name}.{path}".rstrip("."), m) for name, net in modules.items() for path, m in net.named_modules()]
    for path, module in named:
        for name, p in module.named_parameters(recurse=False):
            if not _finite(p):
                return f"weight {path}.{name}"
    found: list[str] = []

    def watch(path: str) -> Callable[[nn.Module, Any, Any], None]:
        def hook(module: nn.Module, inputs: Any, output: Any) -> None:
            if not found and _finite(inputs) and not _finite(output):
                found.append(f"layer {path}")

        return hook

    leaves = [(path, m) for path, m in named if not any(True for _ in m.children())]
    handles = [module.register_forward_hook(watch(path)) for path, module in leaves]
    try:
        run()
    finally:
        for handle in handles:
            handle.remove()
    if found:
        return found[0]
    for path, module in named:
        for name, p in module.named_parameters(recurse=False):
            if p.grad is not None and not _finite(p.grad):
                return f"the gradient of {path}.{name}"
    return "the loss itself"
