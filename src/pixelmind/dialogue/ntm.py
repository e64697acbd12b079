"""Neural Turing Machine (Graves, Wayne & Danihelka 2014, arXiv 1410.5401): a controller that reads and writes a memory of fixed size.

Every step each head tells a key k, its strength beta, a gate g, a shift s and a sharpness gamma; the weights over the rows of the memory
come by content (eq. 5-6), interpolation with the weights of the step before (eq. 7), circular convolution (eq. 8) and sharpening
(eq. 9). Reading: eq. 2. Writing: erase (eq. 3), then add (eq. 4).

Shapes: B batch, N rows of the memory, M numbers a row, H heads, S shifts, I inputs, O outputs.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pixelmind.errors import BadInput


@dataclass(frozen=True, kw_only=True)
class NTMConfig:
    """Size of memory and controller."""

    rows: int = 128
    width: int = 20
    controller: int = 100
    """Units of the LSTM controller."""
    read_heads: int = 1
    write_heads: int = 1
    shift: int = 1
    """A head may move this many rows either way in a step."""

    def __post_init__(self) -> None:
        if min(self.rows, self.width, self.controller, self.read_heads, self.write_heads) < 1:
            raise BadInput("ntm: rows, width, controller, read_heads and write_heads must be at least 1")
        if not 0 <= self.shift < (self.rows + 1) // 2:
            raise BadInput(f"ntm.shift must lie between 0 and {(self.rows - 1) // 2}, got {self.shift}")


@dataclass(frozen=True)
class NTMState:
    """What is carried from step to step: `memory` [B, N, M], `weights` [B, H, N] of all heads (read heads first), what was `read`
    [B, read heads x M], and the controller's `hidden` and `cell` [B, C]."""

    memory: Tensor
    weights: Tensor
    read: Tensor
    hidden: Tensor
    cell: Tensor

    def detach(self) -> NTMState:
        """The same without its past: gradients end here."""
        return NTMState(
            self.memory.detach(), self.weights.detach(), self.read.detach(), self.hidden.detach(), self.cell.detach()
        )


def content_weights(memory: Tensor, key: Tensor, strength: Tensor) -> Tensor:
    """Softmax over rows of strength times cosine similarity (eq. 5-6): memory [B, N, M], key [B, H, M], strength [B, H] -> [B, H, N]."""
    cosine = F.normalize(key, dim=-1, eps=1e-6) @ F.normalize(memory, dim=-1, eps=1e-6).transpose(1, 2)
    return (strength[..., None] * cosine).softmax(-1)


def shifted(weights: Tensor, shift: Tensor) -> Tensor:
    """Circular convolution (eq. 8): weights [B, H, N], shift [B, H, 2 k + 1] over moves -k .. k -> [B, H, N]."""
    reach = shift.shape[-1] // 2
    moved = torch.stack([weights.roll(move, -1) for move in range(-reach, reach + 1)], -1)
    return (moved * shift[..., None, :]).sum(-1)


def sharpened(weights: Tensor, gamma: Tensor) -> Tensor:
    """w^gamma, normalised (eq. 9): weights [B, H, N] >= 0, gamma [B, H] >= 1."""
    powered = (weights + 1e-12) ** gamma[..., None]
    return powered / powered.sum(-1, keepdim=True)


def written(memory: Tensor, weights: Tensor, erase: Tensor, add: Tensor) -> Tensor:
    """Erase, then add, all write heads at once (eq. 3-4): weights [B, H, N], erase in [0, 1] and add [B, H, M]."""
    kept = (1 - weights[..., None] * erase[:, :, None]).prod(1)
    return memory * kept + torch.einsum("bhn,bhm->bnm", weights, add)


class NTM(nn.Module):
    """The machine: step by step, [B, I] in and [B, O] out."""

    def __init__(self, inputs: int, outputs: int, config: NTMConfig) -> None:
        super().__init__()
        self.config = c = config
        heads, shifts = c.read_heads + c.write_heads, 2 * c.shift + 1
        self.heads = heads
        self.controller = nn.LSTMCell(inputs + c.read_heads * c.width, c.controller)
        #: for each head: key, strength, gate, shift, sharpness; then erase and add for the write heads
        self.sizes = [heads * c.width, heads, heads, heads * shifts, heads, *[c.write_heads * c.width] * 2]
        self.interface = nn.Linear(c.controller, sum(self.sizes))
        self.output = nn.Linear(c.controller + c.read_heads * c.width, outputs)
        self.first_hidden, self.first_cell = (nn.Parameter(torch.randn(c.controller) * 0.05) for _ in range(2))
        self.first_read = nn.Parameter(torch.randn(c.read_heads * c.width) * 0.01)
        self.first_memory = nn.Parameter(torch.full((c.width,), 1e-2))
        nn.init.xavier_uniform_(self.interface.weight, gain=1.4)
        nn.init.normal_(self.interface.bias, std=0.01)

    def start(self, batch: int) -> NTMState:
        """The state before the first step: every row of the memory alike, all heads on row 0."""
        c = self.config
        weights = self.first_memory.new_zeros(batch, self.heads, c.rows)
        weights[..., 0] = 1
        return NTMState(
            self.first_memory.tanh().expand(batch, c.rows, c.width),
            weights,
            self.first_read.expand(batch, -1),
            self.first_hidden.expand(batch, -1),
            self.first_cell.expand(batch, -1),
        )

    def forward(self, x: Tensor, state: NTMState) -> tuple[Tensor, NTMState]:
        """One step: write, then read."""
        c = self.config
        hidden, cell = self.controller(torch.cat([x, state.read], -1), (state.hidden, state.cell))
        key, strength, gate, shift, gamma, erase, add = self.interface(hidden).split(self.sizes, -1)
        weights = content_weights(state.memory, key.unflatten(-1, (self.heads, -1)).tanh(), F.softplus(strength))
        gate = gate.sigmoid()[..., None]
        weights = gate * weights + (1 - gate) * state.weights  # eq. 7
        weights = shifted(weights, shift.unflatten(-1, (self.heads, -1)).softmax(-1))
        weights = sharpened(weights, 1 + F.softplus(gamma))
        to_read, to_write = weights[:, : c.read_heads], weights[:, c.read_heads :]
        changes = (part.unflatten(-1, (c.write_heads, -1)) for part in (erase.sigmoid(), add))
        memory = written(state.memory, to_write, *changes)
        read = (to_read @ memory).flatten(1)
        out: Tensor = self.output(torch.cat([hidden, read], -1))
        return out, NTMState(memory, weights, read, hidden, cell)

    def run(self, inputs: Tensor, state: NTMState | None = None) -> tuple[Tensor, NTMState]:
        """All steps of inputs [T, B, I]: outputs [T, B, O] and the last state."""
        state = self.start(inputs.shape[1]) if state is None else state
        outputs = []
        for x in inputs:
            y, state = self(x, state)
            outputs.append(y)
        return torch.stack(outputs), state
