"""The denoiser of one level: a patch transformer that predicts the clean canvas.

x-prediction on patches as in Li & He 2025 ("Back to Basics", arXiv 2511.13720); adaLN with one shared modulation network
and a table a block (PixArt-alpha, Chen et al. 2023, sec. 2.3). The choice was measured against a convolutional U-Net and against a
convolutional stem and head: docs/log.md, experiments/denoiser_choice.

Shapes: B batch, C canvas channels (4, or 8 with the coarse canvas), H, W frame in px, N = H W / patch^2 tokens,
D width, T text tokens, K palette colours.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pixelmind.data.procedural.regions import REGIONS
from pixelmind.errors import BadInput
from pixelmind.generator.canvas import F32
from pixelmind.generator.palette_head import PaletteHead
from pixelmind.generator.references import ReferenceTower
from pixelmind.pixels.oklab import srgb_to_oklab
from pixelmind.records import U8

NUM_STYLES, NUM_KINDS = 96, 16  # table sizes; entry 0 is "not told". Names live in the bundle's vocabulary.
NUM_REGIONS = len(REGIONS)
TEXT_DIM = 384
Window = tuple[int, int, int, int, int, int]


@dataclass(frozen=True, kw_only=True)
class DenoiserConfig:
    """Shape of one level's network."""

    in_channels: int = 4
    patch: int = 4
    width: int = 256
    depth: int = 7
    heads: int = 4
    stem: int = 0
    """Channels of a convolutional stem and head; measured slower and worse than none, kept for comparison (docs/log.md)."""
    cross_every: int = 2
    dropout: float = 0.0
    references: int = 0
    """Channels of the tower that reads reference sprites; 0 is none."""
    layout: int = 0
    """Features of a region class of a layout that is told; 0 is none."""
    cell_features: int = 0
    """Features a cell that the palette head and the region head read; 0 is neither."""

    def __post_init__(self) -> None:
        if self.width % self.heads or (self.width // self.heads) % 2:
            raise BadInput(f"generator: width {self.width} must be an even multiple of heads {self.heads}")


@dataclass(frozen=True, kw_only=True, eq=False)
class Condition:
    """What a batch is told, as tensors. Zero entries mean "not told". Equal only to itself.

    text [B, T, 384], text_mask bool [B, T], pooled [B, 384], size float [B, 2] native height and width in px,
    style and kind long [B], palette OKLab [B, K, 3] with palette_mask bool [B, K] (K may be 0),
    augment float [B] noise level of the coarse canvas in [0, 1] (0 on the first level),
    references float [B, R, 4, S, S] with reference_mask bool [B, R] (R may be 0),
    layout long [B, H, W]: 1 + the region class of each cell of the canvas ([B, 0, 0] where no row is told).
    """

    text: Tensor
    text_mask: Tensor
    pooled: Tensor
    size: Tensor
    style: Tensor
    kind: Tensor
    palette: Tensor
    palette_mask: Tensor
    augment: Tensor
    references: Tensor
    reference_mask: Tensor
    layout: Tensor

    def to(self, device: torch.device | str) -> Condition:
        return Condition(**{k: v.to(device) for k, v in vars(self).items()})

    def without(self, drop: Tensor, *parts: str) -> Condition:
        """Forget the named parts ("text", "style", "kind", "palette", "references", "layout") where `drop` bool [B] is set."""
        out, keep = self, ~drop
        if "text" in parts:
            out = replace(out, text_mask=out.text_mask & keep[:, None], pooled=out.pooled * keep[:, None])
        if "style" in parts:
            out = replace(out, style=out.style * keep)
        if "kind" in parts:
            out = replace(out, kind=out.kind * keep)
        if "palette" in parts:
            out = replace(out, palette_mask=out.palette_mask & keep[:, None])
        if "references" in parts:
            out = replace(out, reference_mask=out.reference_mask & keep[:, None])
        if "layout" in parts:
            out = replace(out, layout=out.layout * keep[:, None, None])
        return out

    def rows(self, picks: Tensor | slice) -> Condition:
        """Some rows of the batch."""
        return Condition(**{k: v[picks] for k, v in vars(self).items()})

    @staticmethod
    def cat(parts: list[Condition]) -> Condition:
        """Stack conditions of equal T, K, R and layout along the batch."""
        return Condition(**{k: torch.cat([getattr(p, k) for p in parts]) for k in vars(parts[0])})


def sinusoid(values: Tensor, dim: int, max_period: float = 1000.0) -> Tensor:
    """Sinusoidal features [..., dim] of values [...] (Vaswani et al. 2017, sec. 3.5)."""
    freqs = torch.exp(-math.log(max_period) * torch.arange(dim // 2, device=values.device) / (dim // 2))
    angles = values[..., None].float() * freqs
    return torch.cat([angles.sin(), angles.cos()], dim=-1)


def mean_of_told(tokens: Tensor, mask: Tensor) -> Tensor:
    """Mean [B, D] of tokens [B, K, D] where `mask` bool [B, K]. Summed in float64, in which the order and the padding of a few float32
    do not matter, so that a row's mean is the same bits in any batch."""
    weights = mask[..., None]
    total = torch.where(weights, tokens, 0.0).double().sum(1)
    return (total / weights.sum(1).clamp_min(1)).float()


def attention(q: Tensor, k: Tensor, v: Tensor, bias: Tensor | None = None) -> Tensor:
    """softmax(q k^T / sqrt(d) + bias) v for [B, heads, N or M, d]. On CPU written out: for our few tokens the fused kernel's
    backward pass is 2 to 7 times slower in bf16 (docs/log.md)."""
    if q.is_cuda:
        return F.scaled_dot_product_attention(q, k, v, attn_mask=None if bias is None else bias.to(q.dtype))
    scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)
    if bias is not None:
        scores = scores + bias
    return torch.softmax(scores, dim=-1).to(v.dtype) @ v


@dataclass(frozen=True)
class Read:
    """What a denoiser makes of a Condition, the same at every noise level: the keys and values [B, heads, M, d] of the context by block
    (None without cross-attention), its additive mask [B, 1, 1, M], and the sum of the modulating embeddings [B, D]."""

    keys_values: tuple[tuple[Tensor, Tensor] | None, ...]
    bias: Tensor
    embeddings: Tensor


class Block(nn.Module):
    """Self-attention, optional cross-attention to the context, MLP; modulated by [B, 6 D]."""

    def __init__(self, width: int, heads: int, cross: bool, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.modulation = nn.Parameter(torch.zeros(6 * width))
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)
        self.cross_q = nn.Linear(width, width) if cross else None
        self.cross_kv = nn.Linear(width, 2 * width) if cross else None
        self.cross_proj = nn.Linear(width, width) if cross else None
        if self.cross_proj is not None:
            nn.init.zeros_(self.cross_proj.weight)

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def keys_values(self, context: Tensor) -> tuple[Tensor, Tensor] | None:
        """Keys and values [B, heads, M, d] of a context [B, M, D]; None in a block that does not attend to it."""
        if self.cross_kv is None:
            return None
        k, v = (self._split(t) for t in self.cross_kv(context).chunk(2, dim=-1))
        return k, v

    def forward(
        self, x: Tensor, shared: Tensor, keys_values: tuple[Tensor, Tensor] | None, context_bias: Tensor
    ) -> Tensor:
        s1, b1, g1, s2, b2, g2 = (shared + self.modulation)[:, None].chunk(6, dim=-1)
        width = (x.shape[-1],)
        q, k, v = (self._split(t) for t in self.qkv(F.layer_norm(x, width) * (1 + s1) + b1).chunk(3, dim=-1))
        x = x + g1 * self.proj(attention(q, k, v).transpose(1, 2).flatten(2))
        if keys_values is not None and self.cross_q is not None and self.cross_proj is not None:
            q = self._split(self.cross_q(F.layer_norm(x, width)))
            x = x + self.cross_proj(attention(q, *keys_values, context_bias).transpose(1, 2).flatten(2))
        h = F.gelu(
            self.up(F.layer_norm(x, width) * (1 + s2) + b2)
        )  # torch's tanh form is 5 times slower in bf16 on CPUs
        return x + g2 * self.down(F.dropout(h, self.dropout, self.training))


class Denoiser(nn.Module):
    """Predict the clean canvas [B, 4, H, W] from a noisy one [B, C, H, W] at noise level t [B] under a Condition."""

    def __init__(self, config: DenoiserConfig) -> None:
        super().__init__()
        self.config = c = config
        p2, features = c.patch**2, c.stem or c.in_channels
        if c.stem:
            self.stem_in = nn.Conv2d(c.in_channels, c.stem, 3, padding=1)
            self.stem_mid = nn.Conv2d(c.stem, c.stem, 3, padding=1)
            self.head_mid = nn.Conv2d(2 * c.stem, c.stem, 3, padding=1)
            self.head_out = nn.Conv2d(c.stem, 4, 3, padding=1)
        self.embed = nn.Linear(features * p2, c.width)
        self.position = nn.Linear(128, c.width)
        self.time = nn.Sequential(nn.Linear(128, c.width), nn.SiLU(), nn.Linear(c.width, c.width))
        self.size = nn.Linear(128, c.width)
        self.augment = nn.Linear(64, c.width)
        self.pooled = nn.Linear(TEXT_DIM, c.width)
        self.style = nn.Embedding(NUM_STYLES, c.width)
        self.kind = nn.Embedding(NUM_KINDS, c.width)
        self.palette = nn.Sequential(nn.Linear(3, c.width), nn.SiLU(), nn.Linear(c.width, c.width))
        self.text = nn.Linear(TEXT_DIM, c.width)
        if c.references:
            self.reference = ReferenceTower(c.width, c.references)
            self.reference_mean = nn.Linear(c.width, c.width, bias=False)
            nn.init.zeros_(self.reference_mean.weight)
        if c.layout:
            self.layout = nn.Embedding(1 + NUM_REGIONS, c.layout, padding_idx=0)
            self.layout_in = nn.Linear(c.layout * p2, c.width, bias=False)
            nn.init.zeros_(self.layout_in.weight)
        if c.cell_features:
            self.cells = nn.Linear(c.width, c.cell_features * p2)
            self.regions = nn.Conv2d(c.cell_features, NUM_REGIONS, 1)
            self.palette_head = PaletteHead(c.cell_features)
        self.null_context = nn.Parameter(torch.randn(1, 1, c.width) * 0.02)
        self.shared = nn.Linear(c.width, 6 * c.width)
        self.blocks = nn.ModuleList(
            Block(c.width, c.heads, i % c.cross_every == c.cross_every - 1, c.dropout) for i in range(c.depth)
        )
        self.final = nn.Linear(c.width, 2 * c.width)
        self.output = nn.Linear(c.width, (c.stem or 4) * p2)
        for table in (self.style, self.kind):
            nn.init.normal_(table.weight, std=0.02)
        nn.init.zeros_(self.shared.weight)
        nn.init.zeros_(self.shared.bias)
        with torch.no_grad():  # start as pre-norm blocks with small gates, not as the identity
            self.shared.bias.view(6, -1)[[2, 5]] = 0.1
        nn.init.zeros_(self.final.weight)
        nn.init.zeros_(self.final.bias)
        nn.init.zeros_(self.head_out.weight if c.stem else self.output.weight)

    def muon_parameters(self) -> list[nn.Parameter]:
        """Hidden matrices of the blocks, for matrix-wise orthogonalised updates."""
        return [p for block in self.blocks for p in block.parameters() if p.ndim == 2]

    def _positions(self, window: Window, device: torch.device) -> Tensor:
        """Embed each patch's place in the whole frame, relative to its size and in patches from its centre: [N, D]."""
        p = self.config.patch
        top, left, height, width, frame_height, frame_width = (v // p for v in window)

        def axis(start: int, count: int, total: int) -> Tensor:
            place = torch.arange(start, start + count, device=device) - (total - 1) / 2
            return torch.cat([sinusoid(place / total * 100, 32), sinusoid(place * 10, 32)], dim=-1)

        rows = axis(top, height, frame_height)[:, None].expand(height, width, 64)
        cols = axis(left, width, frame_width)[None].expand(height, width, 64)
        return self.position(torch.cat([rows, cols], dim=-1).flatten(0, 1))

    def read_references(self, cond: Condition) -> Tensor | None:
        """Tokens [B, R, D] of the reference sprites; None where none is told."""
        return self.reference(cond.references) if self.config.references and cond.references.shape[1] else None

    def context(self, cond: Condition, references: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Tokens [B, 1 + T + K + R, D] to attend to and their additive mask [B, 1, 1, 1 + T + K + R]."""
        batch = len(cond.pooled)
        tokens = [self.null_context.expand(batch, 1, -1), self.text(cond.text)]
        masks = [torch.ones(batch, 1, dtype=torch.bool, device=cond.text.device), cond.text_mask]
        if cond.palette.shape[1]:
            tokens.append(self.palette(cond.palette))
            masks.append(cond.palette_mask)
        if references is not None:
            tokens.append(references)
            masks.append(cond.reference_mask)
        bias = torch.zeros_like(torch.cat(masks, 1), dtype=torch.float32).masked_fill(~torch.cat(masks, 1), -1e4)
        return torch.cat([t.to(tokens[-1].dtype) for t in tokens], dim=1), bias[:, None, None]

    def embeddings(self, cond: Condition, references: Tensor | None = None) -> Tensor:
        """Sum of the embeddings of a condition that modulate the blocks, [B, D]."""
        c = self.size(sinusoid(torch.log2(cond.size) * 50, 64).flatten(1))
        c = c + self.pooled(cond.pooled * TEXT_DIM**0.5) + self.style(cond.style) + self.kind(cond.kind)
        c = c + self.augment(sinusoid(cond.augment * 1000, 64))
        if cond.palette.shape[1]:
            c = c + mean_of_told(self.palette(cond.palette), cond.palette_mask)
        if references is not None:
            c = c + self.reference_mean(mean_of_told(references, cond.reference_mask))
        return c

    def vector(self, t: Tensor, embeddings: Tensor) -> Tensor:
        """What modulates the blocks at noise level t [B]: [B, D]."""
        return F.silu(self.time(sinusoid(t * 1000, 128)) + embeddings)

    def read(self, cond: Condition) -> Read:
        """All that follows from a condition alone."""
        references = self.read_references(cond)
        context, bias = self.context(cond, references)
        keys_values = tuple(block.keys_values(context) for block in self.blocks if isinstance(block, Block))
        return Read(keys_values, bias, self.embeddings(cond, references))

    def forward(self, x: Tensor, t: Tensor, cond: Condition, window: Window | None = None) -> Tensor:
        """Predict x from x_t, [B, 4, H, W]: see `predict`."""
        return self._output(*self._trunk(x, t, cond, window), x)

    def predict(
        self,
        x: Tensor,
        t: Tensor,
        cond: Condition,
        window: Window | None = None,
        read: Read | None = None,
        heads: bool = True,
    ) -> tuple[Tensor, Tensor | None]:
        """Predict x from x_t [B, 4, H, W], and features [B, P, H, W] for the palette head and the region head, None without them.

        Args:
            x: [B, C, H, W], H and W whole patches.
            t: [B] noise levels.
            cond: what the batch is told.
            window: where x lies in its frame when it is a crop (top, left, H, W, frame H, frame W); None = the whole frame.
            read: what `read` made of `cond`; None reads it now.
            heads: make the features for the heads.
        """
        h, skip = self._trunk(x, t, cond, window, read)
        cells = None
        if heads and self.config.cell_features:
            p = self.config.patch
            grid = (x.shape[-2] // p, x.shape[-1] // p)
            cells = F.pixel_shuffle(self.cells(h).transpose(1, 2).unflatten(2, grid), p)
        return self._output(h, skip, x), cells

    def palette_cost(self, canvas: F32, cells: Tensor, colors: U8, t: float) -> F32:
        """Price [H, W, K] of each colour uint8 [K, 3] for each cell of a canvas [4, H, W] predicted at noise level t with features
        [P, H, W], in squared OKLab units: the palette head's logits over -beta(t)."""
        level = torch.tensor([t])
        lab = torch.from_numpy(srgb_to_oklab(colors))[None]
        logits = self.palette_head(torch.from_numpy(canvas)[None], cells[None], lab, level)[0]
        out: F32 = (-logits / self.palette_head.beta(level)).float().numpy()
        return out

    def region_log_probs(self, cells: Tensor, below: Tensor | None) -> Tensor:
        """Log chances of each cell's region class [R, H, W], up to a constant, from features [P, H, W]; what the level below said of the
        same picture, [R, h, w], is added to it: a product of experts (Hinton 2002)."""
        own = torch.log_softmax(self.regions(cells[None].float()), dim=1)
        if below is not None:
            own = own + F.interpolate(below[None], own.shape[-2:], mode="bilinear", align_corners=False)
        return own[0]

    def _trunk(
        self, x: Tensor, t: Tensor, cond: Condition, window: Window | None, read: Read | None = None
    ) -> tuple[Tensor, Tensor]:
        """Tokens [B, N, D] behind the last block, normalised and modulated; and what a stem made of x."""
        p, (height, width) = self.config.patch, x.shape[-2:]
        skip = x
        if self.config.stem:
            skip = self.stem_mid(F.silu(self.stem_in(x)))
        h = self.embed(F.pixel_unshuffle(skip, p).flatten(2).transpose(1, 2))
        h = h + self._positions(window or (0, 0, height, width, height, width), x.device)
        if self.config.layout and cond.layout.shape[1]:
            layout = self.layout(cond.layout).movedim(-1, 1)
            h = h + self.layout_in(F.pixel_unshuffle(layout, p).flatten(2).transpose(1, 2))
        read = read or self.read(cond)
        c = self.vector(t, read.embeddings)
        shared = self.shared(c)
        for block, keys_values in zip(self.blocks, read.keys_values):
            h = block(h, shared, keys_values, read.bias)
        scale, shift = self.final(c)[:, None].chunk(2, dim=-1)
        return F.layer_norm(h, (h.shape[-1],)) * (1 + scale) + shift, skip

    def _output(self, h: Tensor, skip: Tensor, x: Tensor) -> Tensor:
        p = self.config.patch
        grid = (x.shape[-2] // p, x.shape[-1] // p)
        out = F.pixel_shuffle(self.output(h).transpose(1, 2).unflatten(2, grid), p)
        if self.config.stem:
            out = self.head_out(F.silu(self.head_mid(torch.cat([F.silu(skip), out], dim=1))))
        return out.float()
