"""The critic: how much a picture is like real art, which families of fault it has, and in which cells.

Two networks side by side, since training one for both was measured to ruin either (docs/quality.md). The scorer, a few convolutions without
any normalisation, gives the Wasserstein score; batch norm would break its gradient penalty (Gulrajani et al. 2017, sec. 4). A small U-Net
(Ronneberger et al. 2015) with group normalisation (Wu & He 2018) gives a logit and a heat map a family.

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
from pixelmind.quality.cells import CHANNELS, LOCAL, MULTIPLE
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


def check_widths(name: str, widths: tuple[int, ...]) -> None:
    """Refuse widths of a `UNet` that its groups or its frames do not fit.

    Raises:
        BadInput: see there.
    """
    if not widths or any(width < 1 or width % GROUPS for width in widths):
        raise BadInput(f"{name}.network.widths must be multiples of {GROUPS}, got {list(widths)}")
    if 2 ** (len(widths) - 1) > MULTIPLE:
        raise BadInput(f"{name}.network.widths may have {MULTIPLE.bit_length()} scales at most")


@dataclass(frozen=True, kw_only=True)
class CriticConfig:
    """Shape of the network."""

    widths: tuple[int, ...] = (24, 48, 72, 96)
    """Channels at each scale; each scale halves the sides."""
    hidden: int = 96
    """Width of the head that judges the whole picture."""
    scorer: tuple[int, ...] = (24, 48, 72, 96)
    """Channels of the scorer at each scale."""
    channels: int = CHANNELS
    """How many channels of `cells` the U-Net sees; the scorer sees the first LOCAL."""

    def __post_init__(self) -> None:
        check_widths("critic", self.widths)
        if self.channels not in (LOCAL, CHANNELS):
            raise BadInput(f"critic.network.channels must be {LOCAL} or {CHANNELS}, got {self.channels}")
        if not self.scorer or any(width < 1 for width in self.scorer) or 2 ** (len(self.scorer) - 1) > MULTIPLE:
            raise BadInput(
                f"critic.network.scorer must be 1 to {MULTIPLE.bit_length()} widths, got {list(self.scorer)}"
            )


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


class Scorer(nn.Module):
    """Scores [B] of frames [B, C, H, W]: what each cell of the coarsest scale says, added up and divided by the root of their number."""

    def __init__(self, inputs: int, widths: tuple[int, ...]) -> None:
        super().__init__()
        self.convolutions = nn.ModuleList(
            nn.Conv2d(a, b, 3, stride=1 + (k > 0), padding=1) for k, (a, b) in enumerate(zip((inputs, *widths), widths))
        )
        self.last = nn.Conv2d(widths[-1], 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        inside = x[:, INSIDE : INSIDE + 1].clamp(0, 1)
        for convolution in self.convolutions:
            x = F.silu(convolution(x))
        inside = F.adaptive_max_pool2d(inside, x.shape[2:])
        return (self.last(x) * inside).sum((1, 2, 3)) / inside.sum((1, 2, 3)).clamp_min(1).sqrt()


class Critic(nn.Module):
    """Judges frames of `cells`."""

    def __init__(self, config: CriticConfig) -> None:
        super().__init__()
        self.config = config
        widths, count = config.widths, len(FAMILIES)
        self.trunk = UNet(config.channels, widths)
        self.norm = nn.GroupNorm(GROUPS, widths[0])
        self.heat = nn.Conv2d(widths[0], count, 1)
        pooled = 2 * widths[0] + 2 * widths[-1]
        self.scorer = Scorer(LOCAL, config.scorer)
        self.naming = nn.Sequential(
            nn.Linear(pooled + count, config.hidden), nn.SiLU(), nn.Linear(config.hidden, count)
        )
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # a seventh faster on CPUs

    def forward(self, cells: Tensor) -> Judged:
        """Judge frames float [B, C, H, W]."""
        return Judged(self.score(cells), *self.named(cells))

    def named(self, cells: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of the families [B, F] and of the cells [B, F, H, W]."""
        fine, deep = self.trunk(cells.contiguous(memory_format=torch.channels_last))
        fine = F.silu(self.norm(fine))
        heat = self.heat(fine)
        inside = cells[:, INSIDE : INSIDE + 1].clamp(0, 1)
        pooled = torch.cat([*_pooled(fine, inside), *_pooled(deep, F.adaptive_max_pool2d(inside, deep.shape[2:]))], 1)
        hot = heat.masked_fill(inside < 0.5, -20.0).flatten(2)
        hottest = hot.topk(min(TOP, hot.shape[2]), dim=2).values.mean(2)
        return self.naming(torch.cat([pooled, hottest], 1)), heat

    def score(self, cells: Tensor) -> Tensor:
        """The Wasserstein scores [B] alone."""
        found: Tensor = self.scorer(cells[:, :LOCAL])
        return found

    def save(self, folder: Path | str, **about: Any) -> Path:
        """Put the critic into the bundle at `folder` (made where there is none); return the weights file."""
        config = self.config
        network = {"widths": list(config.widths), "hidden": config.hidden, "scorer": list(config.scorer)}
        network["channels"] = config.channels
        return Bundle.create(folder).put(PART, self.state_dict(), network=network, **about)

    @classmethod
    def from_network(cls, about: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> Critic:
        """Rebuild from its entry in a manifest and a state dict, in evaluation mode.

        Raises:
            BadInput: tensors that do not fit the network.
        """
        found = cls(build(CriticConfig, {"channels": LOCAL, **about["network"]}, "critic.network"))
        load_into({PART: found}, {PART: tensors}, "the critic weights")
        return found.requires_grad_(False).eval()


def grown(state: Mapping[str, Tensor], channels: int) -> dict[str, Tensor]:
    """The tensors of a critic that saw fewer channels of `cells`, for one that sees `channels`: it judges alike, for new ones weigh 0."""
    stem = state["trunk.stem.weight"]
    more = stem.new_zeros(len(stem), max(0, channels - stem.shape[1]), *stem.shape[2:])
    return {**state, "trunk.stem.weight": torch.cat([stem, more], 1)}


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
