"""The image tower: a convolutional stem on native pixels, then a small patch transformer. Size-aware, never resampling.

Vision transformer: Dosovitskiy et al. 2021 (arXiv 2010.11929); a convolutional stem before it: Xiao et al. 2021
(arXiv 2106.14881). Canvases of a batch may differ in size: they lie top-left on a common one, and everything outside
is masked at every layer, so that a picture's features do not depend on the sizes beside it.

Shape legend: B pictures, H, W common canvas (multiples of 8), h, w = H/8, W/8, N = h·w tokens, D width, E features.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pixelmind.errors import BadInput
from pixelmind.records import U8

PATCH = 8
MAX_SIDE = 64


@dataclass(frozen=True, kw_only=True)
class ImageTowerConfig:
    """Sizes of the image tower; the defaults give 2.1 M parameters."""

    conv_width: int = 96
    """Channels at a quarter of the resolution."""
    conv_blocks: int = 2
    """Residual blocks of two 3x3 convolutions there."""
    width: int = 256
    """Token width at an eighth of the resolution."""
    depth: int = 2
    """Transformer layers."""
    heads: int = 8
    """Attention heads."""
    dropout: float = 0.1
    """Dropout on the residual branches of the transformer."""
    stem: int = 24
    """Channels of the first convolution."""
    stem_stride: int = 1
    """Its stride: 1, or 2, which costs a quarter."""

    def __post_init__(self) -> None:
        if self.stem < 1 or self.stem_stride not in (1, 2):
            raise BadInput("image_tower: stem must be at least 1 and stem_stride 1 or 2")
        for name in ("conv_width", "width", "depth", "heads"):
            if getattr(self, name) < 1:
                raise BadInput(f"image_tower.{name} must be at least 1, got {getattr(self, name)}")
        if self.conv_blocks < 0 or not 0 <= self.dropout < 1 or self.width % self.heads:
            raise BadInput("image_tower: conv_blocks >= 0, dropout in [0, 1), and width a multiple of heads are needed")


def canvases(images: Sequence[U8]) -> tuple[Tensor, Tensor]:
    """Lay pictures uint8 [h, w, 4] top-left on one premultiplied canvas: float32 [B, 4, H, W] in [-1, 1], sizes [B, 2].

    A picture with a side above 64 px is looked at through the average of whole f x f blocks, f as small as will do.

    Raises:
        BadInput: no picture, or one that is not uint8 [h, w, 4].
    """
    ready: list[np.ndarray] = []
    for rgba in images:
        if rgba.ndim != 3 or rgba.shape[2] != 4 or rgba.dtype != np.uint8 or not rgba.size:
            raise BadInput(f"a picture must be uint8 [height, width, 4], got {rgba.dtype} {rgba.shape}")
        x = rgba.astype(np.float32) * np.float32(1 / 255)
        x[..., :3] *= x[..., 3:]
        block = -(-max(rgba.shape[:2]) // MAX_SIDE)
        if block > 1:
            pad = [(0, -s % block) for s in rgba.shape[:2]]
            x = np.pad(x, [*pad, (0, 0)])
            x = x.reshape(x.shape[0] // block, block, x.shape[1] // block, block, 4).mean((1, 3))
        ready.append(x)
    if not ready:
        raise BadInput("no picture given")
    sizes = np.array([x.shape[:2] for x in ready])
    height, width = (int(-(-s // PATCH) * PATCH) for s in sizes.max(0))
    out = np.zeros((len(ready), height, width, 4), dtype=np.float32)
    for row, x in zip(out, ready):
        row[: x.shape[0], : x.shape[1]] = x
    return torch.from_numpy(out).permute(0, 3, 1, 2) * 2 - 1, torch.from_numpy(sizes)


def valid_cells(sizes: Tensor, height: int, width: int, cell: int) -> Tensor:
    """Bool [B, height/cell, width/cell]: the cells that hold a pixel of the picture, from sizes int [B, 2]."""
    rows = torch.arange(0, height, cell, device=sizes.device) < sizes[:, :1]
    cols = torch.arange(0, width, cell, device=sizes.device) < sizes[:, 1:]
    return rows[:, :, None] & cols[:, None, :]


class _ConvBlock(nn.Module):
    """Residual pair of 3x3 convolutions with a LayerNorm over channels."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.conv1 = nn.Conv2d(width, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x_BCHW: Tensor, mask_B1HW: Tensor) -> Tensor:
        y = self.norm(x_BCHW.permute(0, 2, 3, 1)).permute(0, 3, 1, 2) * mask_B1HW
        y = F.gelu(self.conv1(y)) * mask_B1HW
        return x_BCHW + self.conv2(y) * mask_B1HW


class _Layer(nn.Module):
    """One pre-norm transformer layer."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, nn.Dropout(dropout)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x_BND: Tensor, mask_B11N: Tensor) -> Tensor:
        b, n, d = x_BND.shape
        q, k, v = self.qkv(self.norm1(x_BND)).view(b, n, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask_B11N).transpose(1, 2).reshape(b, n, d)
        x_BND = x_BND + self.dropout(self.out(mixed))
        return x_BND + self.dropout(self.down(F.gelu(self.up(self.norm2(x_BND)))))


class ImageTower(nn.Module):
    """Pictures to unit vectors `image_features` [B, E], and to the tokens of the last layer for alignment losses."""

    def __init__(self, config: ImageTowerConfig, embed_dim: int = 256) -> None:
        super().__init__()
        c, d = config.conv_width, config.width
        self.stride = config.stem_stride
        self.pixels = nn.Conv2d(5, config.stem, 2 + self.stride, stride=self.stride, padding=1)
        self.quarter = nn.Conv2d(config.stem, c, 4 // self.stride, stride=4 // self.stride)
        self.blocks = nn.ModuleList(_ConvBlock(c) for _ in range(config.conv_blocks))
        self.eighth = nn.Conv2d(c, d, 2, stride=2)
        self.position = nn.Parameter(torch.randn(MAX_SIDE // PATCH, MAX_SIDE // PATCH, d) * 0.02)
        self.size = nn.Linear(2, d)
        self.summary = nn.Parameter(torch.randn(d) * 0.02)
        self.layers = nn.ModuleList(_Layer(d, config.heads, config.dropout) for _ in range(config.depth))
        self.norm = nn.LayerNorm(d)
        self.project = nn.Linear(2 * d, embed_dim, bias=False)

    def tokens(self, canvas_B4HW: Tensor, sizes_B2: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return tokens [B, N, D] (row by row), their mask bool [B, N] and the summary token [B, D].

        Raises:
            BadInput: sides that are not multiples of 8 up to 64.
        """
        height, width = canvas_B4HW.shape[2:]
        if height % PATCH or width % PATCH or max(height, width) > MAX_SIDE:
            raise BadInput(
                f"canvases must have sides of {PATCH} to {MAX_SIDE} in steps of {PATCH}, got {width}x{height}"
            )
        dtype = canvas_B4HW.dtype
        inside, first, quarter, eighth = (
            valid_cells(sizes_B2, height, width, n)[:, None].to(dtype) for n in (1, self.stride, 4, 8)
        )
        x = torch.cat([canvas_B4HW * inside, inside], 1)
        x = x.contiguous(memory_format=torch.channels_last)
        x = F.gelu(self.pixels(x)) * first
        x = F.gelu(self.quarter(x)) * quarter
        for block in self.blocks:
            x = block(x, quarter)
        x = self.eighth(x).permute(0, 2, 3, 1)
        x = x + self.position[: x.shape[1], : x.shape[2]]
        scale = self.size(sizes_B2.to(dtype).log2() / 3 - 1.5)
        x = torch.cat([(self.summary + scale)[:, None], x.flatten(1, 2)], 1)
        mask = F.pad(eighth.flatten(1) > 0, (1, 0), value=True)
        for layer in self.layers:
            x = layer(x, mask[:, None, None])
        x = self.norm(x)
        return x[:, 1:], mask[:, 1:], x[:, 0]

    def forward(self, canvas_B4HW: Tensor, sizes_B2: Tensor) -> Tensor:
        """Unit `image_features` [B, E] of premultiplied canvases in [-1, 1]; sizes int [B, 2] (height, width) in px."""
        tokens, mask, summary = self.tokens(canvas_B4HW, sizes_B2)
        weight = mask[..., None].to(tokens.dtype)
        mean = (tokens * weight).sum(1) / weight.sum(1)
        return F.normalize(self.project(torch.cat([summary, mean], 1)).float(), dim=-1)
