"""From records and words to the tensors a denoiser is told, and the prior that fills in what the person left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from pixelmind.data.sources.base import KINDS
from pixelmind.encoder.text_tower import TextFeatures
from pixelmind.errors import BadInput
from pixelmind.generator.canvas import F32, coarse_size
from pixelmind.generator.denoiser import NUM_KINDS, NUM_STYLES, TEXT_DIM, Condition
from pixelmind.generator.references import reference_tensors
from pixelmind.pixels.oklab import srgb_to_oklab
from pixelmind.records import U8

MAX_PALETTE_TOKENS = 16
MAX_TEXT_TOKENS = 24


@dataclass(frozen=True)
class Vocabulary:
    """Names of the style and kind tables. Entry 0 of both tables is "not told", so name i has index i + 1."""

    styles: tuple[str, ...]
    kinds: tuple[str, ...] = KINDS

    def __post_init__(self) -> None:
        if len(self.styles) >= NUM_STYLES or len(self.kinds) >= NUM_KINDS:
            raise BadInput(
                f"at most {NUM_STYLES - 1} styles and {NUM_KINDS - 1} kinds fit the weights, got {len(self.styles)} styles"
            )

    def extend(self, styles: Sequence[str]) -> Vocabulary:
        """Append new styles, keeping the index of the known ones."""
        return Vocabulary(self.styles + tuple(sorted(set(styles) - set(self.styles))), self.kinds)

    def style(self, name: str | None) -> int:
        return self.styles.index(name) + 1 if name in self.styles else 0

    def kind(self, name: str | None) -> int:
        return self.kinds.index(name) + 1 if name in self.kinds else 0


def spread_colors(colors: U8, count: int = MAX_PALETTE_TOKENS) -> U8:
    """Pick at most `count` of uint8 [K, 3] colours that cover the set best: farthest-point sampling in OKLab from the darkest."""
    if len(colors) <= count:
        return colors
    lab = srgb_to_oklab(colors)
    chosen = [int(lab[:, 0].argmin())]
    distance = ((lab - lab[chosen[0]]) ** 2).sum(-1)
    while len(chosen) < count:
        chosen.append(int(distance.argmax()))
        distance = np.minimum(distance, ((lab - lab[chosen[-1]]) ** 2).sum(-1))
    return colors[np.sort(chosen)]


def palette_tensors(palettes: Sequence[U8 | None], count: int = MAX_PALETTE_TOKENS) -> tuple[Tensor, Tensor]:
    """Pad palettes (uint8 [K, 3], None = not told; at most `count` of its colours) to OKLab float [B, K, 3] and a mask [B, K];
    K = 0 where none is told."""
    spread = [None if p is None else srgb_to_oklab(spread_colors(p, count)) for p in palettes]
    longest = max((len(p) for p in spread if p is not None), default=0)
    out = torch.zeros(len(spread), longest, 3)
    mask = torch.zeros(len(spread), longest, dtype=torch.bool)
    for row, lab in enumerate(spread):
        if lab is not None:
            out[row, : len(lab)] = torch.from_numpy(np.asarray(lab, dtype=np.float32))
            mask[row, : len(lab)] = True
    return out, mask


def region_frame(regions: U8 | None, level: int, frame: tuple[int, int]) -> NDArray[np.int64]:
    """Region classes uint8 [H, W] of a picture on a level's frame, int64 [h, w]: the class at the middle of each cell; -1 where
    nothing is known."""
    out = np.full(frame, -1, np.int64)
    if regions is not None:
        height, width = regions.shape
        h, w = coarse_size(height, width, level)
        rows, cols = ((2 * np.arange(n) + 1) * size // (2 * n) for n, size in ((h, height), (w, width)))
        top, left = (frame[0] - h) // 2, (frame[1] - w) // 2
        out[top : top + h, left : left + w] = regions[rows[:, None], cols]
    return out


def layout_frames(layouts: Sequence[U8 | None], level: int, frame: tuple[int, int]) -> Tensor:
    """`Condition.layout` of rows told where the parts go: uint8 [H, W] of 1 + region class, 0 open; [B, 0, 0] where no row is told."""
    if all(layout is None for layout in layouts):
        return torch.zeros(len(layouts), 0, 0, dtype=torch.long)
    return torch.from_numpy(np.stack([np.maximum(region_frame(layout, level, frame), 0) for layout in layouts]))


def make_condition(
    text: TextFeatures,
    sizes: Sequence[tuple[int, int]],
    styles: Sequence[int],
    kinds: Sequence[int],
    palettes: Sequence[U8 | None],
    references: Sequence[Sequence[F32]] = (),
    layout: Tensor | None = None,
) -> Condition:
    """Stack everything told about a batch. `sizes` are native (height, width) in px, `references` canvases [4, S, S] of each row,
    `layout` is of the level's frames (see `Condition`)."""
    palette, palette_mask = palette_tensors(palettes)
    shown, shown_mask = reference_tensors(references or [()] * len(sizes))
    return Condition(
        text=text.tokens[:, :MAX_TEXT_TOKENS],
        text_mask=text.mask[:, :MAX_TEXT_TOKENS],
        pooled=text.pooled,
        size=torch.tensor(sizes, dtype=torch.float32),
        style=torch.tensor(styles, dtype=torch.long),
        kind=torch.tensor(kinds, dtype=torch.long),
        palette=palette,
        palette_mask=palette_mask,
        augment=torch.zeros(len(sizes)),
        references=shown,
        reference_mask=shown_mask,
        layout=torch.zeros(len(sizes), 0, 0, dtype=torch.long) if layout is None else layout,
    )


def in_place(cond: Condition) -> Condition:
    """Leave room for all colours before the references of a condition, where it has any: what a row attends to then stands at the same
    place in any batch, and its sums have the same bits (docs/log.md, 2026-11-28)."""
    if not cond.references.shape[1]:
        return cond
    more = MAX_PALETTE_TOKENS - cond.palette.shape[1]
    return replace(cond, palette=F.pad(cond.palette, (0, 0, 0, more)), palette_mask=F.pad(cond.palette_mask, (0, more)))


class ConditionPrior(nn.Module):
    """p(kind | words) and p(style | words, kind): what a prompt leaves open is drawn from what such words came with in training."""

    def __init__(self, width: int = 128) -> None:
        super().__init__()
        self.hidden = nn.Linear(TEXT_DIM, width)
        self.kinds = nn.Linear(width, NUM_KINDS)
        self.kind_embedding = nn.Embedding(NUM_KINDS, width)
        self.styles = nn.Linear(width, NUM_STYLES)

    def forward(self, pooled: Tensor, kind: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits of kinds [B, NUM_KINDS] and of styles [B, NUM_STYLES] for pooled text [B, 384] and kind long [B]."""
        h = torch.nn.functional.silu(self.hidden(pooled * TEXT_DIM**0.5))
        return self.kinds(h), self.styles(h + self.kind_embedding(kind))
