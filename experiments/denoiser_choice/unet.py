"""The other candidate: a convolutional U-Net with attention at the two coarse scales (Ho et al. 2020; adaptive norm as in
Dhariwal & Nichol 2021), told the same things in the same way as the patch transformer."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pixelmind.generator.denoiser import Condition, Denoiser, DenoiserConfig, Window, attention


class ResBlock(nn.Module):
    def __init__(self, c_in: int, c_out: int, emb: int) -> None:
        super().__init__()
        self.norm1, self.conv1 = nn.GroupNorm(8, c_in), nn.Conv2d(c_in, c_out, 3, padding=1)
        self.norm2, self.conv2 = nn.GroupNorm(8, c_out), nn.Conv2d(c_out, c_out, 3, padding=1)
        self.emb = nn.Linear(emb, 2 * c_out)
        self.skip = nn.Conv2d(c_in, c_out, 1) if c_in != c_out else nn.Identity()
        nn.init.zeros_(self.conv2.weight)

    def forward(self, x: Tensor, c: Tensor) -> Tensor:
        h = self.conv1(F.silu(self.norm1(x)))
        scale, shift = self.emb(c)[..., None, None].chunk(2, dim=1)
        return self.skip(x) + self.conv2(F.silu(self.norm2(h) * (1 + scale) + shift))


class Attention(nn.Module):
    def __init__(self, c: int, context: int, heads: int = 4) -> None:
        super().__init__()
        self.heads = heads
        self.qkv, self.proj = nn.Linear(c, 3 * c), nn.Linear(c, c)
        self.q, self.kv, self.cross = nn.Linear(c, c), nn.Linear(context, 2 * c), nn.Linear(c, c)
        nn.init.zeros_(self.proj.weight)
        nn.init.zeros_(self.cross.weight)

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def forward(self, x: Tensor, context: Tensor, bias: Tensor) -> Tensor:
        shape = x.shape
        h = x.flatten(2).transpose(1, 2)
        q, k, v = (self._split(t) for t in self.qkv(F.layer_norm(h, h.shape[-1:])).chunk(3, -1))
        h = h + self.proj(attention(q, k, v).transpose(1, 2).flatten(2))
        q = self._split(self.q(F.layer_norm(h, h.shape[-1:])))
        k, v = (self._split(t) for t in self.kv(context).chunk(2, -1))
        h = h + self.cross(attention(q, k, v, bias).transpose(1, 2).flatten(2))
        return h.transpose(1, 2).reshape(shape)


class UNet(Denoiser):
    """Same signature as Denoiser; its embeddings are reused, its body replaced."""

    def __init__(
        self, config: DenoiserConfig, channels: tuple[int, ...] = (48, 96, 192), attend: tuple[int, ...] = (1, 2)
    ) -> None:
        super().__init__(config)
        del self.blocks, self.embed, self.output, self.final, self.shared, self.position
        for name in ("stem_in", "stem_mid", "head_mid", "head_out"):
            if hasattr(self, name):
                delattr(self, name)
        emb = config.width
        self.inp = nn.Conv2d(config.in_channels, channels[0], 3, padding=1)
        self.down, self.up, self.down_attn, self.up_attn = (nn.ModuleList() for _ in range(4))
        c = channels[0]
        for i, ch in enumerate(channels):
            self.down.append(nn.ModuleList([ResBlock(c, ch, emb), ResBlock(ch, ch, emb)]))
            self.down_attn.append(Attention(ch, emb) if i in attend else nn.Identity())
            c = ch
        self.mid = nn.ModuleList([ResBlock(c, c, emb), ResBlock(c, c, emb)])
        for i, ch in reversed(list(enumerate(channels))):
            self.up.append(nn.ModuleList([ResBlock(c + ch, ch, emb), ResBlock(ch, ch, emb)]))
            self.up_attn.append(Attention(ch, emb) if i in attend else nn.Identity())
            c = ch
        self.out_norm, self.out = nn.GroupNorm(8, c), nn.Conv2d(c, 4, 3, padding=1)
        nn.init.zeros_(self.out.weight)

    def muon_parameters(self) -> list[nn.Parameter]:
        return []

    def forward(self, x: Tensor, t: Tensor, cond: Condition, window: Window | None = None) -> Tensor:
        c = self.vector(t, self.embeddings(cond))
        context, bias = self.context(cond)
        h, skips = self.inp(x), []
        for i, (blocks, attn) in enumerate(zip(self.down, self.down_attn)):
            for block in blocks:
                h = block(h, c)
            h = attn(h, context, bias) if isinstance(attn, Attention) else h
            skips.append(h)
            if i + 1 < len(self.down):
                h = F.avg_pool2d(h, 2)
        for block in self.mid:
            h = block(h, c)
        for i, (blocks, attn) in enumerate(zip(self.up, self.up_attn)):
            h = torch.cat([h, skips.pop()], dim=1)
            for block in blocks:
                h = block(h, c)
            h = attn(h, context, bias) if isinstance(attn, Attention) else h
            if i + 1 < len(self.up):
                h = F.interpolate(h, scale_factor=2, mode="nearest")
        return self.out(F.silu(self.out_norm(h))).float()
