"""The critic: how much a picture is like real art, which families of fault it has, and in which cells.

A small U-Net (Ronneberger et al. 2015) without batch norm, as the gradient penalty asks (Gulrajani et al. 2017, sec. 4): each picture is
normalised by itself (group normalisation: Wu & He 2018). Three heads: the Wasserstein score, a logit a family, and a heat map a family.

Shapes: B batch, C channels of `cells`, H, W frame in px (whole multiples of `cells.MULTIPLE`), F families.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pixelmind.errors import BadInput
from pixelmind.quality.cells import CHANNELS, MULTIPLE
from pixelmind.quality.verdict import FAMILIES
from pixelmind.training.bundle import load_into
from pixelmind.training.config import build
from pixelmind.training.weights import Bundle

PART = "critic"
GROUPS = 8
INSIDE = 5
"""Channel of `cells` that is 1 within the picture."""
TOP = 8
"""The hottest cells whose mean heat a family's logit is told."""


@dataclass(frozen=True, kw_only=True)
class CriticConfig:
    """Shape of the network."""

    widths: tuple[int, ...] = (24, 48, 72, 96)
    """Channels at each scale; each scale halves the sides."""
    hidden: int = 96
    """Width of the heads that judge the whole picture."""

    def __post_init__(self) -> None:
        if not self.widths or any(width < 1 or width % GROUPS for width in self.widths):
            raise BadInput(f"critic.network.widths must be multiples of {GROUPS}, got {list(self.widths)}")
        if 2 ** (len(self.widths) - 1) > MULTIPLE:
            raise BadInput(f"critic.network.widths may have {MULTIPLE.bit_length()} scales at most")


class Judged(NamedTuple):
    """Scores [B], logits of the families [B, F] and of the cells [B, F, H, W]."""

    score: Tensor
    families: Tensor
    heat: Tensor


class Block(nn.Module):
    """Two convolutions with a residual, each after group normalisation and SiLU (He et al. 2016, pre-activation)."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.norm_in, self.norm = nn.GroupNorm(GROUPS, inputs), nn.GroupNorm(GROUPS, width)
        self.first, self.second = nn.Conv2d(inputs, width, 3, padding=1), nn.Conv2d(width, width, 3, padding=1)
        self.skip = nn.Conv2d(inputs, width, 1) if inputs != width else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        h = self.second(F.silu(self.norm(self.first(F.silu(self.norm_in(x))))))
        out: Tensor = self.skip(x) + h
        return out


class UNet(nn.Module):
    """Features of each cell [B, widths[0], H, W] and of the coarsest scale [B, widths[-1], h, w], of inputs [B, C, H, W]."""

    def __init__(self, inputs: int, widths: tuple[int, ...]) -> None:
        super().__init__()
        self.stem = nn.Conv2d(inputs, widths[0], 3, padding=1)
        self.down = nn.ModuleList(Block(a, b) for a, b in zip((widths[0], *widths), widths))
        self.whole = nn.Linear(widths[-1], widths[-1])
        self.up = nn.ModuleList(Block(a + b, b) for a, b in zip(reversed(widths[1:]), reversed(widths[:-1])))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x, kept = self.stem(x), []
        for index, block in enumerate(self.down):
            x = block(F.avg_pool2d(x, 2) if index else x)
            kept.append(x)
        deep = x = x + self.whole(x.mean(dim=(2, 3)))[..., None, None]
        for block, skip in zip(self.up, reversed(kept[:-1])):
            x = block(torch.cat([F.interpolate(x, scale_factor=2.0), skip], dim=1))
        return x, deep


class Critic(nn.Module):
    """Judges frames of `cells`."""

    def __init__(self, config: CriticConfig) -> None:
        super().__init__()
        self.config = config
        widths, count = config.widths, len(FAMILIES)
        self.trunk = UNet(CHANNELS, widths)
        self.norm = nn.GroupNorm(GROUPS, widths[0])
        self.heat = nn.Conv2d(widths[0], count, 1)
        pooled = 2 * widths[0] + 2 * widths[-1]
        self.scoring = nn.Sequential(nn.Linear(pooled, config.hidden), nn.SiLU(), nn.Linear(config.hidden, 1))
        self.naming = nn.Sequential(
            nn.Linear(pooled + count, config.hidden), nn.SiLU(), nn.Linear(config.hidden, count)
        )
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # a seventh faster on CPUs

    def forward(self, cells: Tensor) -> Judged:
        """Judge frames float [B, C, H, W]."""
        fine, deep = self.trunk(cells.contiguous(memory_format=torch.channels_last))
        fine = F.silu(self.norm(fine))
        heat = self.heat(fine)
        inside = cells[:, INSIDE : INSIDE + 1].clamp(0, 1)
        pooled = torch.cat([*_pooled(fine, inside), *_pooled(deep, F.adaptive_max_pool2d(inside, deep.shape[2:]))], 1)
        hot = heat.masked_fill(inside < 0.5, -20.0).flatten(2)
        hottest = hot.topk(min(TOP, hot.shape[2]), dim=2).values.mean(2)
        return Judged(self.scoring(pooled)[:, 0], self.naming(torch.cat([pooled, hottest], 1)), heat)

    def score(self, cells: Tensor) -> Tensor:
        """The Wasserstein scores [B] alone."""
        return self(cells).score

    def save(self, folder: Path | str, **about: Any) -> Path:
        """Put the critic into the bundle at `folder` (made where there is none); return the weights file."""
        network = {"widths": list(self.config.widths), "hidden": self.config.hidden}
        return Bundle.create(folder).put(PART, self.state_dict(), network=network, **about)

    @classmethod
    def from_network(cls, about: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> Critic:
        """Rebuild from its entry in a manifest and a state dict, in evaluation mode.

        Raises:
            BadInput: tensors that do not fit the network.
        """
        found = cls(build(CriticConfig, about["network"], "critic.network"))
        load_into({PART: found}, {PART: tensors}, "the critic weights")
        return found.requires_grad_(False).eval()


def _pooled(x: Tensor, inside: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and maximum [B, C] of features [B, C, h, w] over the cells where `inside` [B, 1, h, w] is 1."""
    mean = (x * inside).sum((2, 3)) / inside.sum((2, 3)).clamp_min(1)
    return mean, x.masked_fill(inside < 0.5, -1e4).amax((2, 3))


def load_critic(folder: Path | str | None = None) -> tuple[Critic, dict[str, Any]]:
    """The critic of a bundle (default: the released one), in evaluation mode, and its entry in the manifest.

    Raises:
        BadInput: no critic there. CorruptFile: damaged, or the hash differs.
    """
    tensors, about = Bundle(folder).get(PART)
    return Critic.from_network(about, tensors), about
