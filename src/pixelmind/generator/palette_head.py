"""The palette-aware head: which colour of a palette each cell takes, from the predicted canvas and from what the network knows of the cell.

logit of colour k at a cell = -beta(t) |OKLab(x) - OKLab(p_k)|^2 + f . key(p_k), with x the cell's predicted colour, f its features and
beta(t) = exp(a) t^b learnt: the less noise, the surer the colour. With key = 0, as it starts, the choice is plain snapping to the nearest
colour; training is by cross-entropy, the choice is hard. Clear cells are chosen by alpha as everywhere.

Shapes: B batch, P features a cell, K palette colours, H, W canvas in px.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pixelmind.generator.schedule import T_MIN
from pixelmind.pixels.oklab import M1, M2


def oklab(rgb: Tensor) -> Tensor:
    """OKLab [..., 3] of sRGB [..., 3] in [0, 1] (Ottosson 2020); `pixels.oklab` for tensors."""
    linear = torch.where(rgb <= 0.04045, rgb / 12.92, ((rgb.clamp_min(0) + 0.055) / 1.055) ** 2.4)
    lms = linear @ torch.as_tensor(M1.T, dtype=rgb.dtype, device=rgb.device)
    return lms.clamp_min(1e-9) ** (1 / 3) @ torch.as_tensor(M2.T, dtype=rgb.dtype, device=rgb.device)


def cell_colors(canvas: Tensor) -> Tensor:
    """Straight sRGB [B, H, W, 3] in [0, 1] of premultiplied canvases [B, 4, H, W]."""
    unit = (canvas.clamp(-1, 1) + 1) / 2
    return (unit[:, :3] / unit[:, 3:].clamp_min(0.5)).clamp(0, 1).movedim(1, -1)


class PaletteHead(nn.Module):
    """Logits [B, H, W, K] of a palette's colours."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.log_beta = nn.Parameter(torch.tensor([math.log(50.0), -1.0]))
        self.hidden = nn.Linear(3, 64)
        self.key = nn.Linear(64, features)
        nn.init.zeros_(self.key.weight)
        nn.init.zeros_(self.key.bias)

    def beta(self, t: Tensor) -> Tensor:
        """Weight of the squared distance at noise levels t [B]."""
        return (self.log_beta[0] + self.log_beta[1] * t.clamp_min(T_MIN).log()).exp()

    def forward(self, canvas: Tensor, features: Tensor, palette: Tensor, t: Tensor) -> Tensor:
        """Logits of OKLab palettes [B, K, 3] for canvases [B, 4, H, W] predicted at noise levels t [B], and features [B, P, H, W]."""
        with torch.autocast(canvas.device.type, enabled=False):  # differences of colours need all their digits
            return self._logits(canvas.float(), features.float(), palette.float(), self.beta(t.float()))

    def _logits(self, canvas: Tensor, features: Tensor, palette: Tensor, beta: Tensor) -> Tensor:
        lab = oklab(cell_colors(canvas)).flatten(1, 2)
        near = (
            2 * lab @ palette.mT - palette.square().sum(-1)[:, None]
        )  # the negative distance, less what is equal for all k
        near = near * beta[:, None, None]
        keys = self.key(F.silu(self.hidden(palette)))
        known = features.flatten(2).mT @ keys.mT
        return (near + known).unflatten(1, canvas.shape[-2:])


def palette_loss(logits: Tensor, mask: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Cross-entropy [] of the true colours.

    logits [B, H, W, K]; mask bool [B, K], the colours that are there; target long [B, H, W], below 0 where a cell does not count;
    weight [B] of each picture. Every picture counts by its weight whatever its size.
    """
    log_p = logits.masked_fill(~mask[:, None, None], -1e4).log_softmax(-1)
    counted = target >= 0
    per_cell = -log_p.gather(-1, target.clamp_min(0)[..., None])[..., 0] * counted
    per_image = per_cell.sum((1, 2)) / counted.sum((1, 2)).clamp_min(1)
    return (per_image * weight).sum() / (weight * counted.any(2).any(1)).sum().clamp_min(1e-6)
