"""The Dynamic Intent Parser's network: what a turn asks for, read from the frozen text tower's layers with the turns before.

Word pieces of the turn, of the two turns before it, one vector for every earlier turn and one for the question just asked go through a
small transformer (Vaswani et al. 2017). Word pieces are tagged for slots; one learned query a head (Lee et al. 2019, pooling by
multihead attention) reads act, operation, region, open points, contradictions and what is pointed at.

Shapes: B turns, T word pieces of a turn, P = 3 T' pieces of all turns read, H earlier turns, D width, L tower layers read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pixelmind.dialogue.schema import ACTS, AMBIGUITIES, CONTRADICTIONS, OPERATIONS, QUESTIONS, REGION_NAMES, SLOTS
from pixelmind.encoder.text_tower import TEXT_DIM
from pixelmind.errors import BadInput

LAYERS = (0, 2, 4, 6)  # of the tower: word pieces by themselves, and after so many layers
TURNS_READ = 3  # the turn and two before it, piece by piece
HISTORY = 8  # earlier turns told by one vector each
REFERS = ("nothing", "region", "last", "candidate", "turn")
TAGS = ("O", *(f"{mark}-{slot}" for slot in SLOTS for mark in "BI"))
#: Heads that choose one name, and heads that say yes or no of each.
CHOICES: dict[str, tuple[str, ...]] = {
    "act": tuple(ACTS),
    "operation": OPERATIONS,
    "region": REGION_NAMES,
    "refers": REFERS,
}
FLAGS: dict[str, tuple[str, ...]] = {"ambiguous": tuple(AMBIGUITIES), "contradictions": tuple(CONTRADICTIONS)}


@dataclass(frozen=True, kw_only=True)
class IntentNetworkConfig:
    """Shape of the network."""

    width: int = 160
    depth: int = 2
    heads: int = 4
    dropout: float = 0.1
    word_dropout: float = 0.05
    """Chance of a word piece to be hidden in training."""

    def __post_init__(self) -> None:
        if self.width < 8 or self.width % self.heads:
            raise BadInput(f"intent.network.width must be a multiple of heads, got {self.width} and {self.heads}")
        if not (0 <= self.dropout < 1 and 0 <= self.word_dropout < 1):
            raise BadInput("intent.network.dropout and word_dropout must lie in [0, 1)")


@dataclass(frozen=True)
class Turns:
    """A batch of turns as tensors: `pieces` float [B, P, L, 384], each layer of unit variance, with `mask` bool [B, P] and `turn` long
    [B, P] (0 the turn itself, which comes first, 1 the one before …), `history` float [B, H, 384] with `history_mask` [B, H] (nearest
    first), `asked` long [B] (0 nothing, 1 + QUESTIONS), `memory` float [B, M] or [B, 0]."""

    pieces: Tensor
    mask: Tensor
    turn: Tensor
    history: Tensor
    history_mask: Tensor
    asked: Tensor
    memory: Tensor

    def to(self, device: torch.device | str) -> Turns:
        """The same on another device."""
        return Turns(*(getattr(self, f.name).to(device) for f in fields(self)))


class _Block(nn.Module):
    """Pre-norm attention and feed-forward over masked tokens."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        b, t, d = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        scores = (q @ k.transpose(-1, -2)) * (d // self.heads) ** -0.5  # written out: faster on CPUs for few tokens
        mixed = scores.masked_fill(~mask[:, None, None, :], -torch.inf).softmax(-1).to(v.dtype) @ v
        rate = self.dropout if self.training else 0.0
        x = x + F.dropout(self.out(mixed.transpose(1, 2).reshape(b, t, d)), rate)
        out: Tensor = x + F.dropout(self.down(F.gelu(self.up(self.norm2(x)))), rate)
        return out


class IntentNetwork(nn.Module):
    """Logits of everything that a turn may mean."""

    def __init__(self, config: IntentNetworkConfig, memory_dim: int = 0) -> None:
        super().__init__()
        self.config, self.memory_dim = config, memory_dim
        width = config.width
        self.read = nn.Linear(len(LAYERS) * TEXT_DIM, width)
        self.turn = nn.Embedding(TURNS_READ, width)
        self.place = nn.Embedding(64, width)
        self.earlier, self.recency = nn.Linear(TEXT_DIM, width), nn.Embedding(HISTORY, width)
        self.asked = nn.Embedding(1 + len(QUESTIONS), width)
        self.memory = nn.Linear(memory_dim, width) if memory_dim else None
        self.blocks = nn.ModuleList(_Block(width, config.heads, config.dropout) for _ in range(config.depth))
        self.norm = nn.LayerNorm(width)
        self.tags = nn.Linear(width, len(TAGS))
        names = {**CHOICES, **FLAGS}
        self.queries = nn.Parameter(torch.randn(len(names), width) * width**-0.5)
        self.keys = nn.Linear(width, width)
        self.heads = nn.ModuleDict({name: nn.Linear(width, len(all_)) for name, all_ in names.items()})
        self.pointer = nn.Linear(width, width)

    def forward(self, turns: Turns) -> dict[str, Tensor]:
        """Logits: "tags" [B, T, tags] of the turn's own pieces (T: the longest), each head of CHOICES and FLAGS [B, names], and "pointer"
        [B, H] over the earlier turns, nearest first (-inf where there is none)."""
        pieces, mask = turns.pieces.flatten(2), turns.mask
        own = (turns.turn == 0) & mask
        length = int(own.sum(1).max())
        place = torch.arange(pieces.shape[1], device=pieces.device).clamp(max=63)
        x = self.read(pieces)
        if self.training and self.config.word_dropout:
            kept = torch.rand(x.shape[:2], device=x.device) >= self.config.word_dropout
            x = x * kept[..., None]
        x = x + self.turn(turns.turn) + self.place(place)
        steps = torch.arange(turns.history.shape[1], device=x.device)
        earlier = self.earlier(turns.history * TEXT_DIM**0.5) + self.recency(steps)
        extra = [self.asked(turns.asked)[:, None]]
        if self.memory is not None:
            extra.append(self.memory(turns.memory)[:, None])
        told = torch.cat(extra, 1)
        x = torch.cat([x, earlier, told], 1)
        seen = torch.cat([mask, turns.history_mask, mask.new_ones(told.shape[:2])], 1)
        for block in self.blocks:
            x = block(x, seen)
        x = self.norm(x)
        scores = torch.einsum("hd,btd->bht", self.queries, self.keys(x)).masked_fill(~seen[:, None], -torch.inf)
        pooled = torch.einsum("bht,btd->bhd", scores.softmax(-1).to(x.dtype), x)
        out = {name: head(pooled[:, i]) for i, (name, head) in enumerate(self.heads.items())}
        out["tags"] = self.tags(x[:, :length])
        back = x[:, pieces.shape[1] : pieces.shape[1] + turns.history.shape[1]]
        towards = self.pointer(pooled[:, list(self.heads).index("refers")])
        pointed = torch.einsum("bd,bhd->bh", towards, back) * self.config.width**-0.5
        out["pointer"] = pointed.masked_fill(~turns.history_mask, -torch.inf)
        return out


def intent_losses(logits: Mapping[str, Tensor], target: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Cross-entropy of every head, mean over the turns: one name of CHOICES, yes or no of each of FLAGS (summed over the names), tags of
    word starts (target -100: no word start), the pointer where the target is not -100."""
    losses = {name: F.cross_entropy(logits[name].float(), target[name]) for name in CHOICES}
    for name in FLAGS:
        terms = F.binary_cross_entropy_with_logits(logits[name].float(), target[name], reduction="none")
        losses[name] = terms.sum(1).mean()
    losses["tags"] = F.cross_entropy(logits["tags"].float().flatten(0, 1), target["tags"].flatten(), ignore_index=-100)
    points = target["pointer"] != -100
    if bool(points.any()):
        losses["pointer"] = F.cross_entropy(logits["pointer"].float()[points], target["pointer"][points])
    return losses
