"""The Five-Dollar Model (Merino, Negri, Rajesh, Charity, Togelius, "The Five-Dollar Model: Generating Game Maps and Sprites from
Sentence Embeddings", AIIDE 2023, fig. 2), written anew: sentence vector + noise -> up-sampling residual decoder -> palette softmax.

Two differences: two output heads, so that 16x16 and 32x32 are both native, and noise at training as at drawing. Pictures above
32 px are learned at 32 px and enlarged again, both by nearest neighbour.

Shape legend: B pictures, C = 33 classes (class 0 is clear, 1..32 the global palette), S = 16 or 32.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from pixelmind.data.config import mix_of
from pixelmind.data.loader import Loader
from pixelmind.data.store import Store
from pixelmind.encoder.text_cache import TextCache
from pixelmind.encoder.text_tower import TEXT_DIM, TextTower
from pixelmind.evaluation.oracles import fit, obey
from pixelmind.pixels.quantize import to_num_colors
from pixelmind.records import U8, GenerationRequest, GenerationResult
from pixelmind.training.task import Modules, Task

NUM_COLORS, NOISE_DIM, LARGE = 32, 16, 32


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
    """pooled [B, 384], noise [B, 16], side 16 or 32 -> logits [B, C, S, S]. The palette travels with it as a buffer."""

    palette: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width
        self.dense = nn.Linear(TEXT_DIM + NOISE_DIM, width * 4 * 4)
        self.up = nn.ModuleList(_Up(width) for _ in range(3))
        heads = {str(s): nn.Conv2d(width, NUM_COLORS + 1, k, 1, "same") for s, k in ((16, 5), (LARGE, 9))}
        self.heads = nn.ModuleDict(heads)
        self.register_buffer("palette", torch.zeros(NUM_COLORS, 3))

    def forward(self, pooled: Tensor, noise: Tensor, side: int) -> Tensor:
        x = F.relu(self.dense(torch.cat([pooled * TEXT_DIM**0.5, noise], dim=1))).view(-1, self.width, 4, 4)
        for block in list(self.up)[: 2 if side == 16 else 3]:
            x = block(x)
        out: Tensor = self.heads[str(side)](x)
        return out


def resize(rgba: U8, height: int, width: int) -> U8:
    """Bring uint8 [H, W, 4] to another size by nearest neighbour."""
    rows, cols = (np.arange(n) * old // n for n, old in zip((height, width), rgba.shape))
    return rgba[rows[:, None], cols]


def shrunk(height: int, width: int) -> tuple[int, int]:
    """The size at which a picture is learned and drawn: at most 32 px a side, aspect kept."""
    scale = min(1.0, LARGE / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def side_of(height: int, width: int) -> int:
    """The canvas, 16 or 32, that a picture lies on."""
    return 16 if max(height, width) <= 16 else LARGE


def to_classes(rgba: U8, palette: U8, side: int) -> NDArray[np.int64]:
    """Centre uint8 [H, W, 4] on [side, side] and name each cell's class: 0 clear, else 1 + the nearest palette entry."""
    canvas = fit(resize(rgba, *shrunk(*rgba.shape[:2])), side, side)
    near = ((canvas[..., None, :3].astype(np.int32) - palette.astype(np.int32)) ** 2).sum(-1).argmin(-1)
    return np.where(canvas[..., 3] >= 128, near + 1, 0)


def global_palette(loader: Loader, num_pictures: int = 2000, side: int = 128) -> U8:
    """Choose 32 colours for all pictures, uint8 [32, 3]: k-medoids in OKLab over cells of a fixed draw of pictures."""
    rng = np.random.default_rng(0)
    cells = []
    for step in range(-(-num_pictures // loader.batch_size)):
        for rgba in loader.batch(step).rgba:
            opaque = rgba[rgba[..., 3] == 255]
            cells.append(opaque[rng.integers(len(opaque), size=16)] if len(opaque) else opaque)
    pool = np.concatenate(cells)
    canvas = pool[rng.integers(len(pool), size=side * side)].reshape(side, side, 4)
    colors = to_num_colors(canvas, NUM_COLORS).palette[:, :3]
    return np.pad(colors, ((0, NUM_COLORS - len(colors)), (0, 0)), mode="edge")


class FiveDollarTask(Task):
    """Cross-entropy of the palette class of every cell."""

    def __init__(
        self, store: Store, cache: TextCache, *, mix: str, batch_size: int, seed: int, width: int = 192
    ) -> None:
        self.batch_samples, self.seed, self.data_hash, self.cache = batch_size, seed, store.manifest_hash, cache
        self.loader = Loader(
            store,
            "train",
            batch_size,
            seed,
            mix=mix_of(mix) if mix else None,
            max_size=256,
            max_captions=4,
            bucket_fn=lambda h, w: (np.maximum(h, w) > 16).astype(np.int64),
        )
        self.palette = global_palette(self.loader)
        self.net = FiveDollarModel(width)
        self.net.palette.copy_(torch.from_numpy(self.palette))

    def captions(self) -> list[str]:
        """Every caption the task can meet, for the text cache."""
        return self.loader.captions()

    def modules(self) -> dict[str, nn.Module]:
        """The one network."""
        return {"five_dollar": self.net}

    def batch(self, step: int) -> dict[str, Tensor]:
        """Return sentence vectors, noise and classes [B, S, S] of one step."""
        rows = self.loader.batch(step)
        side = side_of(max(rows.heights), max(rows.widths))
        rng = np.random.default_rng((self.seed, 9, step))
        return {
            "pooled": self.cache.get(rows.captions).pooled,
            "noise": torch.from_numpy(rng.normal(size=(len(rows), NOISE_DIM)).astype(np.float32)),
            "classes": torch.from_numpy(np.stack([to_classes(r, self.palette, side) for r in rows.rgba])),
        }

    def loss(self, batch: Any, rng: torch.Generator) -> dict[str, Tensor]:
        """Cross-entropy over 33 classes."""
        logits = self.net(batch["pooled"], batch["noise"], batch["classes"].shape[-1])
        return {"loss": F.cross_entropy(logits.float(), batch["classes"])}


class FiveDollarPipeline:
    """The trained baseline behind the generator's call."""

    def __init__(self, modules: Modules, name: str) -> None:
        net = modules["five_dollar"].eval()
        assert isinstance(net, FiveDollarModel)
        self.net, self.name, self.tower = net, name, TextTower()

    @torch.inference_mode()
    def generate_batch(self, requests: Sequence[GenerationRequest]) -> list[GenerationResult]:
        """Draw every request; image i of a request has seed + i. Cells take their likeliest class, as in the paper."""
        start = time.perf_counter()
        pooled = self.tower.encode([r.conditioning.prompt for r in requests]).pooled
        palette = np.pad(self.net.palette.numpy().round().astype(np.uint8), ((0, 0), (0, 1)), constant_values=255)
        colors = np.concatenate([np.zeros((1, 4), np.uint8), palette])
        drawn = []
        for row, request in enumerate(requests):
            c, n = request.conditioning, request.num_images
            rngs = [torch.Generator().manual_seed(request.seed + i) for i in range(n)]
            noise = torch.stack([torch.randn(NOISE_DIM, generator=rng) for rng in rngs])
            logits = self.net(pooled[row].expand(n, -1), noise, side_of(c.height, c.width))
            for classes in logits.argmax(dim=1).numpy():
                native = fit(colors[classes], *shrunk(c.height, c.width))
                drawn.append(obey(resize(native, c.height, c.width), c))
        seconds, out = time.perf_counter() - start, []
        for request in requests:
            sprites, drawn = tuple(drawn[: request.num_images]), drawn[request.num_images :]
            seeds = tuple(request.seed + i for i in range(request.num_images))
            out.append(GenerationResult(sprites=sprites, seeds=seeds, seconds=seconds, weights=self.name))
        return out
