"""A denoiser's calls for the steps of one drawing: the arithmetic of `Denoiser.predict` with all that does not depend on the canvas made
once, in the blocks' own number format throughout. For few rows most of a call on a CPU is the overhead of its operations and the
conversion of weights, not the products (docs/log.md, 2026-11-28).

Shapes: as in denoiser.py; L blocks.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pixelmind.generator.denoiser import Block, Condition, Denoiser, Read

FEW_TOKENS = 64  # up to here the fused kernel's forward pass is the faster one on CPUs
ROWS = 64  # the number of tokens that weights are laid out for
_packed: WeakKeyDictionary[nn.Linear, tuple[tuple[Any, ...], Tensor]] = WeakKeyDictionary()


def packed(layer: nn.Linear) -> Tensor | None:
    """A bf16 layer's weight as oneDNN's products want it, kept until the weight changes; None where torch cannot make it. Else every
    call lays it out anew, which takes a quarter of a call with few rows."""
    weight = layer.weight
    if weight.dtype != torch.bfloat16 or weight.is_cuda or not hasattr(torch.ops.mkldnn, "_linear_pointwise"):
        return None
    state = (weight.data_ptr(), -1 if weight.is_inference() else weight._version, tuple(weight.shape))
    kept = _packed.get(layer)
    if kept is None or kept[0] != state:
        kept = _packed[layer] = state, torch.ops.mkldnn._reorder_linear_weight(weight.detach(), ROWS)
    return kept[1]


def _call(layer: nn.Linear, weight: Tensor | None, x: Tensor, gelu: bool = False) -> Tensor:
    """The layer, and GELU behind it."""
    if weight is None:
        y = layer(x)
        return F.gelu(y) if gelu else y
    out: Tensor = torch.ops.mkldnn._linear_pointwise(x, weight, layer.bias, "gelu" if gelu else "none", [], "none")
    return out


class _Told(NamedTuple):
    """What a condition alone decides."""

    read: Read
    bias: Tensor
    layout: Tensor | None


class Stepper:
    """Call it like `Denoiser.predict` with one noise level for all rows.

    Args:
        net: in evaluation mode.
        heads_at: the features of the cells are made at noise levels up to this.
    """

    def __init__(self, net: Denoiser, heads_at: float = 1.0) -> None:
        self.net, self.heads_at = net, heads_at + 1e-6
        self.blocks = [block for block in net.blocks if isinstance(block, Block)]
        self.dtype = self.blocks[0].qkv.weight.dtype
        self.packed = {
            layer: packed(layer) for block in self.blocks for layer in block.children() if isinstance(layer, nn.Linear)
        }
        self.modulation = torch.stack([block.modulation for block in self.blocks]).to(self.dtype)[:, None]
        self._linears: dict[str, tuple[Tensor, Tensor | None]] = {}
        # Dicts, not lru_cache of the methods: those would tie the stepper into a ring, which keeps its tensors until a full collection.
        self._kept: dict[Condition, _Told] = {}
        self._frames: dict[tuple[int, int], Tensor] = {}

    def __call__(self, x: Tensor, t: Tensor, cond: Condition) -> tuple[Tensor, Tensor | None]:
        net, level, told = self.net, float(t[0]), self._told(cond)
        if net.config.stem:
            return net.predict(x, t, cond, read=told.read, heads=level <= self.heads_at)
        c = net.vector(t[:1], told.read.embeddings).to(self.dtype)
        places = self._places(x.shape[-2], x.shape[-1])
        with torch.autocast("cpu", enabled=False):
            modulations = (self._linear("shared", c) + self.modulation).unflatten(-1, (6, -1))
            modulations[:, :, 0::3] += 1
            h = self._linear("embed", F.pixel_unshuffle(x, net.config.patch).flatten(2).transpose(1, 2)) + places
            if told.layout is not None:
                h = h + told.layout
            for block, own, keys_values in zip(self.blocks, modulations, told.read.keys_values):
                h = self._block(block, h, own[:, :, None].unbind(1), keys_values, told.bias)
            scale, shift = self._linear("final", c)[:, None].chunk(2, dim=-1)
            h = torch.addcmul(shift, F.layer_norm(h, (h.shape[-1],)), 1 + scale)
            heads = net.config.cell_features and level <= self.heads_at
            return self._cells("output", h, x).float(), self._cells("cells", h, x) if heads else None

    def _told(self, cond: Condition) -> _Told:
        if cond not in self._kept:
            for old in list(self._kept)[:-1]:  # a drawing goes on with fewer rows, not back to more
                del self._kept[old]
            self._kept[cond] = self._tell(cond)
        return self._kept[cond]

    def _places(self, height: int, width: int) -> Tensor:
        if (height, width) not in self._frames:
            self._frames[height, width] = self._place(height, width)
        return self._frames[height, width]

    def _tell(self, cond: Condition) -> _Told:
        net, layout = self.net, None
        read = net.read(cond)
        if net.config.layout and cond.layout.shape[1]:
            layout = net.layout_in(
                F.pixel_unshuffle(net.layout(cond.layout).movedim(-1, 1), net.config.patch).flatten(2).transpose(1, 2)
            ).to(self.dtype)
        return _Told(read, read.bias.to(self.dtype), layout)

    def _place(self, height: int, width: int) -> Tensor:
        places = self.net._positions((0, 0, height, width, height, width), self.modulation.device)
        return places.to(self.dtype)

    def _linear(self, name: str, x: Tensor) -> Tensor:
        """A layer outside the blocks, its weights converted the first time."""
        if name not in self._linears:
            layer = getattr(self.net, name)
            assert isinstance(layer, nn.Linear)
            self._linears[name] = layer.weight.to(self.dtype), None if layer.bias is None else layer.bias.to(self.dtype)
        return F.linear(x.to(self.dtype), *self._linears[name])

    def _cells(self, name: str, h: Tensor, x: Tensor) -> Tensor:
        p = self.net.config.patch
        grid = (x.shape[-2] // p, x.shape[-1] // p)
        return F.pixel_shuffle(self._linear(name, h).transpose(1, 2).unflatten(2, grid), p)

    def _block(
        self,
        block: Block,
        x: Tensor,
        modulation: tuple[Tensor, ...],
        keys_values: tuple[Tensor, Tensor] | None,
        bias: Tensor,
    ) -> Tensor:
        """`Block.forward`; the scales of `modulation` [B, 1, D] have their one already."""
        s1, b1, g1, s2, b2, g2 = modulation
        width, parts = (x.shape[-1],), (3, block.heads, -1)
        qkv = self._through(block.qkv, torch.addcmul(b1, F.layer_norm(x, width), s1)).unflatten(-1, parts)
        q, k, v = (part.transpose(1, 2) for part in qkv.unbind(2))
        x = torch.addcmul(x, g1, self._through(block.proj, attend(q, k, v, None)))
        if keys_values is not None and block.cross_q is not None and block.cross_proj is not None:
            q = self._through(block.cross_q, F.layer_norm(x, width)).unflatten(-1, parts[1:]).transpose(1, 2)
            x = x + self._through(block.cross_proj, attend(q, *keys_values, bias))
        h = self._through(block.up, torch.addcmul(b2, F.layer_norm(x, width), s2), gelu=True)
        return torch.addcmul(x, g2, self._through(block.down, h))

    def _through(self, layer: nn.Linear, x: Tensor, gelu: bool = False) -> Tensor:
        return _call(layer, self.packed[layer], x, gelu)


def attend(q: Tensor, k: Tensor, v: Tensor, bias: Tensor | None) -> Tensor:
    """Attention of [B, heads, N or M, d] as [B, N, heads d]. With a mask it is written out: the fused kernel's sums then change with the
    padding that the other rows of a batch bring, and it is not faster (docs/log.md, 2026-11-28)."""
    if bias is None and q.shape[-2] <= FEW_TOKENS:
        seen = F.scaled_dot_product_attention(q, k.to(q.dtype), v.to(q.dtype))
    else:
        scores = (q * q.shape[-1] ** -0.5) @ k.to(q.dtype).transpose(-1, -2)
        if bias is not None:
            scores = scores.float() + bias  # a bf16 softmax over few keys is slower than an fp32 one
        seen = torch.softmax(scores, dim=-1).to(q.dtype) @ v.to(q.dtype)
    return seen.transpose(1, 2).flatten(2)
