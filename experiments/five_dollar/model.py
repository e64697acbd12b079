"""The Five-Dollar Model (Merino et al. 2023, fig. 2): sentence vector + noise -> up-sampling residual decoder ->
palette softmax.

Shape legend: B pictures, C = 33 classes (class 0 is clear, 1..32 the global palette), S = 16 or 32.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from pixelmind.encoder.text_tower import TEXT_DIM, TextTower
from pixelmind.evaluation.oracles import fit, obey
from pixelmind.records import U8, GenerationRequest, GenerationResult

NUM_COLORS, NOISE_DIM = 32, 16


@dataclass(frozen=True, kw_only=True)
class FiveDollarConfig:
    """Width of the decoder."""

    width: int = 128


class _Up(nn.Module):
    """Doubles the side: nearest up-sampling, then a residual pair of 3x3 convolutions."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(width, width, 3, 1, 1), nn.Conv2d(width, width, 3, 1, 1)
        self.norm1, self.norm2 = nn.BatchNorm2d(width), nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        x = F.interpolate(x, scale_factor=2.0, mode="nearest")
        h = self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x)))))
        return F.relu(x + h)


class FiveDollarModel(nn.Module):
    """pooled [B, 384], noise [B, 16], side 16 or 32 -> logits [B, C, S, S]."""

    def __init__(self, config: FiveDollarConfig) -> None:
        super().__init__()
        w = config.width
        self.width = w
        self.dense = nn.Linear(TEXT_DIM + NOISE_DIM, w * 4 * 4)
        self.up = nn.ModuleList(_Up(w) for _ in range(3))
        self.heads = nn.ModuleDict({str(s): nn.Conv2d(w, NUM_COLORS + 1, k, 1, "same") for s, k in ((16, 5), (32, 9))})

    def forward(self, pooled: Tensor, noise: Tensor, side: int) -> Tensor:
        x = F.relu(self.dense(torch.cat([pooled * TEXT_DIM**0.5, noise], dim=1))).view(-1, self.width, 4, 4)
        for block in list(self.up)[: 2 if side == 16 else 3]:
            x = block(x)
        out: Tensor = self.heads[str(side)](x)
        return out


def to_classes(rgba: U8, palette: U8, side: int) -> NDArray[np.int64]:
    """Centre uint8 [H, W, 4] on [side, side] and name each cell's class: 0 clear, else 1 + the nearest palette
    entry.
    """
    canvas = fit(rgba, side, side)
    near = ((canvas[..., None, :3].astype(np.int32) - palette.astype(np.int32)) ** 2).sum(-1).argmin(-1)
    return np.where(canvas[..., 3] >= 128, near + 1, 0)


def enlarge(rgba: U8, height: int, width: int) -> U8:
    """Bring a 32x32 picture to a larger size: cut to the aspect, then nearest neighbour."""
    scale = max(height, width) / rgba.shape[0]
    part = fit(rgba, max(1, round(height / scale)), max(1, round(width / scale)))
    rows = (np.arange(height) * part.shape[0] // height)[:, None]
    return part[rows, np.arange(width) * part.shape[1] // width]


class FiveDollarPipeline:
    """The trained baseline behind the generator's call."""

    name = "five-dollar baseline"

    def __init__(self, net: FiveDollarModel, palette: U8) -> None:
        self.net, self.palette = net.eval(), palette
        self.tower = TextTower()

    @torch.inference_mode()
    def generate_batch(self, requests: Sequence[GenerationRequest]) -> list[GenerationResult]:
        """Draw every request; image i of a request has seed + i. Cells take their likeliest class, as in the paper."""
        start = time.perf_counter()
        pooled = self.tower.encode([r.conditioning.prompt for r in requests]).pooled
        opaque = np.pad(self.palette, ((0, 0), (0, 1)), constant_values=255)
        colors = np.concatenate([np.zeros((1, 4), np.uint8), opaque])
        drawn = []
        for row, request in enumerate(requests):
            c, n = request.conditioning, request.num_images
            rngs = [torch.Generator().manual_seed(request.seed + i) for i in range(n)]
            noise = torch.stack([torch.randn(NOISE_DIM, generator=rng) for rng in rngs])
            side = 16 if max(c.height, c.width) <= 16 else 32
            for classes in self.net(pooled[row].expand(n, -1), noise, side).argmax(dim=1).numpy():
                rgba = colors[classes]
                large = max(c.height, c.width) > 32
                rgba = enlarge(rgba, c.height, c.width) if large else fit(rgba, c.height, c.width)
                drawn.append(obey(rgba, c))
        seconds, out = time.perf_counter() - start, []
        for request in requests:
            sprites, drawn = tuple(drawn[: request.num_images]), drawn[request.num_images :]
            seeds = tuple(request.seed + i for i in range(request.num_images))
            out.append(GenerationResult(sprites=sprites, seeds=seeds, seconds=seconds, weights=self.name))
        return out
