"""Low-rank adapters (Hu et al. 2022, "LoRA", arXiv 2106.09685, eq. 3): h = W0 x + (alpha / r) B A x, with A drawn and B zero at the start.

An adapter is a plain dict of tensors, two a layer: "blocks.0.qkv.a" [r, in] and "blocks.0.qkv.b" [out, r]. For a convolution A takes
its whole receptive field, [r, in kh kw], and B its output channels.
`Lora` runs a network as a pure function of such a dict, which torch.func can differentiate and vmap; `LowRank` is a module that an
optimiser trains; `merged_weights` adds one to the weights.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pixelmind.errors import BadInput

Params = dict[str, Tensor]
#: Attention and MLP of a denoiser's blocks, and the convolutions of a stem where there is one.
DENOISER_LAYERS = (
    r"blocks\.\d+\.(qkv|proj|cross_q|cross_kv|cross_proj|up|down)",
    r"stem_(in|mid)",
    r"head_(mid|out)",
)


@dataclass(frozen=True, kw_only=True)
class LoraConfig:
    """Which layers are adapted and how much they can move."""

    rank: int = 4
    alpha: float = 16.0
    """The low-rank path is scaled by alpha / rank."""
    layers: tuple[str, ...] = DENOISER_LAYERS
    """Regular expressions of whole layer names."""

    def __post_init__(self) -> None:
        if not 1 <= self.rank <= 64:
            raise BadInput(f"lora.rank must lie between 1 and 64, got {self.rank}")
        if not self.alpha > 0:
            raise BadInput(f"lora.alpha must be above 0, got {self.alpha}")


def adaptable(module: nn.Module, patterns: Sequence[str]) -> dict[str, nn.Linear | nn.Conv2d]:
    """Linear and plain convolution layers whose whole name fits one of the patterns.

    Raises:
        BadInput: none fits, or one is neither.
    """
    found: dict[str, nn.Linear | nn.Conv2d] = {}
    for name, layer in module.named_modules():
        if not any(re.fullmatch(pattern, name) for pattern in patterns):
            continue
        if not isinstance(layer, (nn.Linear, nn.Conv2d)) or (isinstance(layer, nn.Conv2d) and layer.groups > 1):
            raise BadInput(f"layer {name} cannot be adapted: only linear layers and convolutions of one group can")
        found[name] = layer
    if not found:
        raise BadInput(f"no layer's name fits {', '.join(patterns)}")
    return found


class Lora:
    """A network with adapters beside some of its layers, as a function of the adapters' tensors. The network stays as it is."""

    def __init__(self, module: nn.Module, config: LoraConfig) -> None:
        self.module, self.config = module, config
        self.layers = adaptable(module, config.layers)
        self.scale = config.alpha / config.rank

    def init(self, rng: torch.Generator) -> Params:
        """A start that changes nothing: A uniform with bound 1 / sqrt(inputs) (a linear layer's own start), B zero; float32."""
        params: Params = {}
        for name, layer in self.layers.items():
            inputs = layer.weight[0].numel()
            bound = 1 / math.sqrt(inputs)
            a = torch.rand(self.config.rank, inputs, generator=rng, device=rng.device) * 2 * bound - bound
            params[f"{name}.a"] = a
            params[f"{name}.b"] = torch.zeros(len(layer.weight), self.config.rank, device=rng.device)
        return params

    def shapes(self) -> dict[str, tuple[int, int]]:
        """The shape of every tensor of an adapter."""
        rank, shapes = self.config.rank, {}
        for name, layer in self.layers.items():
            shapes[f"{name}.a"], shapes[f"{name}.b"] = (rank, layer.weight[0].numel()), (len(layer.weight), rank)
        return shapes

    def __deepcopy__(self, memo: dict[int, Any]) -> Lora:
        """The network is shared, not part of what is copied."""
        return self

    def __call__(self, params: Mapping[str, Tensor], *args: Any, **kwargs: Any) -> Any:
        """What the network makes of the arguments with these adapters. A pure function of `params`; not for two threads at once."""
        with self._beside(params):
            return self.module(*args, **kwargs)

    @contextmanager
    def _beside(self, params: Mapping[str, Tensor]) -> Iterator[None]:
        hooks = []
        for name, layer in self.layers.items():
            a, b = params[f"{name}.a"], params[f"{name}.b"]
            hooks.append(layer.register_forward_hook(_path(a, b, self.scale)))
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def deltas(self, params: Mapping[str, Tensor]) -> Params:
        """The change of each layer's weight, float32, in the weight's own shape."""
        return {
            name: (self.scale * (params[f"{name}.b"].float() @ params[f"{name}.a"].float())).view(layer.weight.shape)
            for name, layer in self.layers.items()
        }


class LowRank(nn.Module):
    """A frozen network with an adapter as its parameters, in the order of `Lora.shapes`."""

    def __init__(self, module: nn.Module, config: LoraConfig, rng: torch.Generator) -> None:
        super().__init__()
        self.lora = Lora(module.requires_grad_(False), config)
        start = self.lora.init(rng)
        self.names = list(start)
        self.tensors = nn.ParameterList(start.values())

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the network makes of the arguments with the adapter."""
        return self.lora(dict(zip(self.names, self.tensors)), *args, **kwargs)


def merged_state(module: nn.Module, config: LoraConfig, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The network's state with a trained `LowRank`'s state added."""
    lora = Lora(module, config)
    params = {name: state[f"tensors.{i}"] for i, name in enumerate(lora.shapes())}
    weights = {f"{name}.weight": value for name, value in merged_weights(lora, params).items()}
    return {**module.state_dict(), **weights}


def _path(a: Tensor, b: Tensor, scale: float) -> Any:
    def add(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        x = inputs[0]
        if isinstance(layer, nn.Conv2d):
            small = F.conv2d(
                x, a.view(len(a), *layer.weight.shape[1:]), None, layer.stride, layer.padding, layer.dilation
            )
            return output + scale * F.conv2d(small, b[:, :, None, None])
        return output + scale * F.linear(F.linear(x, a), b)

    return add


@contextmanager
def merged(lora: Lora, weights: Mapping[str, Tensor]) -> Iterator[None]:
    """Put other weights into the adapted layers, and back afterwards bit for bit whatever happens. Written in place and outside of
    inference mode, so that whatever was made from a weight can see by its version that it changed."""
    with torch.inference_mode(False):
        kept = {name: layer.weight.detach().clone() for name, layer in lora.layers.items()}
    try:
        with torch.inference_mode(False), torch.no_grad():
            for name, layer in lora.layers.items():
                layer.weight.copy_(weights[name])
        yield
    finally:
        with torch.inference_mode(False), torch.no_grad():
            for name, layer in lora.layers.items():
                layer.weight.copy_(kept[name])


def merged_weights(lora: Lora, params: Mapping[str, Tensor]) -> Params:
    """The adapted layers' weights with an adapter added, in each weight's own type."""
    deltas = lora.deltas(params)
    return {
        name: (layer.weight.detach().float() + deltas[name]).to(layer.weight.dtype)
        for name, layer in lora.layers.items()
    }
