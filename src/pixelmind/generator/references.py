"""Style from pictures: what a level is shown of up to eight reference sprites, and the small tower that reads their style.

A reference gives one token: mean and standard deviation of its feature maps (the statistics that adaptive instance normalisation
carries, Huang & Belongie 2017, eq. 5), so it tells colours, outlines and texture and cannot tell where anything is. What is drawn goes
some way towards their colours at the end, too (after Reinhard et al. 2001, in OKLab).

Shapes: R references, S = 32 px, D width of the denoiser.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pixelmind.generator.canvas import F32, to_canvas
from pixelmind.pixels.oklab import oklab_to_srgb, srgb_to_oklab
from pixelmind.pixels.quantize import OPAQUE
from pixelmind.records import U8, GenerationRequest, Palette, Sprite

MAX_REFERENCES = 8
REFERENCE_PX = 32
SHARED_COLORS = 16
COLOR_SHARE = 0.3  # tuned on the `val` art of known styles (docs/log.md, 2026-11-28)
MOST_SPREAD = 2.0  # no spread of colours is more than doubled or halved
MOST_COLORS = 64


def with_shared_palette(request: GenerationRequest) -> GenerationRequest:
    """Ask for the palette that the references share, where none is asked: three or more pictures of at most `SHARED_COLORS` colours
    together are of one fixed palette."""
    c = request.conditioning
    if c.palette is not None or len(c.references) < 3:
        return request
    colors = np.unique(np.concatenate([s.palette[s.palette[:, 3] == 255, :3] for s in c.references]), axis=0)
    if not max(2, c.max_colors or 2) <= len(colors) <= SHARED_COLORS:
        return request
    return replace(request, conditioning=replace(c, palette=Palette(name="of the references", colors=colors)))


def usual_colors(references: Sequence[Sprite]) -> int:
    """How many opaque colours the references wear: their median, 2 to `MOST_COLORS`."""
    return int(np.clip(np.median([s.num_colors for s in references]), 2, MOST_COLORS))


def toward_references(rgba: U8, references: Sequence[Sprite], share: float = COLOR_SHARE) -> U8:
    """Bring the opaque colours of a picture uint8 [H, W, 4] by `share` of the way to the references' mean and spread in OKLab."""
    shown = [s.palette[s.indices][s.palette[s.indices][..., 3] == 255] for s in references]
    wanted, opaque = np.concatenate(shown)[:, :3], rgba[..., 3] >= OPAQUE
    if not len(wanted) or not opaque.any():
        return rgba
    there, here = (srgb_to_oklab(x).astype(np.float64) for x in (wanted, rgba[opaque][:, :3]))
    mean, scale = here.mean(0), (there.std(0) + 1e-3) / (here.std(0) + 1e-3)
    moved = (here - mean) * np.clip(scale, 1 / MOST_SPREAD, MOST_SPREAD) + there.mean(0)
    out = rgba.copy()
    out[opaque, :3] = oklab_to_srgb(here + share * (moved - here))
    return out


def reference_canvas(rgba: U8) -> F32:
    """The middle of what a picture shows, at its native size: float [4, S, S], clear where the picture is smaller."""
    opaque = rgba[..., 3] > 0
    out = np.full((4, REFERENCE_PX, REFERENCE_PX), -1, np.float32)
    if not opaque.any():
        return out
    spans = []
    for axis in (1, 0):
        seen = np.flatnonzero(opaque.any(axis=axis))
        size, middle = rgba.shape[1 - axis], (int(seen[0]) + int(seen[-1]) + 1) // 2
        start = max(0, min(middle - REFERENCE_PX // 2, size - REFERENCE_PX))
        spans.append(slice(start, start + REFERENCE_PX))
    window = to_canvas(rgba[spans[0], spans[1]])
    height, width = window.shape[1:]
    top, left = (REFERENCE_PX - height) // 2, (REFERENCE_PX - width) // 2
    out[:, top : top + height, left : left + width] = window
    return out


def reference_tensors(references: Sequence[Sequence[F32]]) -> tuple[Tensor, Tensor]:
    """Stack each row's reference canvases (none: not told) to [B, R, 4, S, S] and a mask bool [B, R]; R = 0 where none is told."""
    longest = max((len(row) for row in references), default=0)
    out = torch.full((len(references), longest, 4, REFERENCE_PX, REFERENCE_PX), -1.0)
    mask = torch.zeros(len(references), longest, dtype=torch.bool)
    for index, row in enumerate(references):
        for place, canvas in enumerate(row):
            out[index, place] = torch.from_numpy(canvas)
            mask[index, place] = True
    return out, mask


class ReferenceTower(nn.Module):
    """References [B, R, 4, S, S] -> tokens [B, R, D]."""

    def __init__(self, width: int, channels: int) -> None:
        super().__init__()
        quarter, half = channels // 4, channels // 2
        self.conv1 = nn.Conv2d(4, quarter, 4, 2, 1)
        self.conv2 = nn.Conv2d(quarter, half, 4, 2, 1)
        self.conv3 = nn.Conv2d(half, channels, 3, 1, 1)
        self.up = nn.Linear(2 * (4 + quarter + half + channels), width)
        self.down = nn.Linear(width, width)

    def forward(self, references: Tensor) -> Tensor:
        x, statistics = references.flatten(0, 1), []
        for layer in (None, self.conv1, self.conv2, self.conv3):
            x = x if layer is None else F.silu(layer(x))
            cells = x.flatten(2).float()
            mean = cells.mean(2)
            statistics += [mean, ((cells - mean[..., None]).square().mean(2) + 1e-4).sqrt()]
        tokens: Tensor = self.down(F.silu(self.up(torch.cat(statistics, dim=1))))
        return tokens.unflatten(0, references.shape[:2])
