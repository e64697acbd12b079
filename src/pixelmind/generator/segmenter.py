"""The segmenter: which part of a picture each cell belongs to, in the region classes that procedural and layered real art share.

A small convolutional U-Net (Ronneberger et al. 2015) with group normalisation, told the words where there are any (FiLM: Perez et
al. 2018), run on finished native canvases: on what was just drawn, and on art that came without a mask.

Shapes: B batch, H, W padded canvas in px (whole multiples of 2^(levels - 1)), K region classes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from pixelmind.data.procedural.regions import REGIONS
from pixelmind.errors import BadInput
from pixelmind.generator.canvas import place, to_canvas
from pixelmind.generator.denoiser import TEXT_DIM
from pixelmind.records import U8
from pixelmind.training.bundle import load_into
from pixelmind.training.config import build
from pixelmind.training.weights import Bundle

PART = "segmenter"
GROUPS = 8


@dataclass(frozen=True, kw_only=True)
class SegmenterConfig:
    """Shape of the network."""

    widths: tuple[int, ...] = (32, 64, 96, 128)
    """Channels at each scale; each scale halves the sides."""

    def __post_init__(self) -> None:
        if not self.widths or any(width < 1 or width % GROUPS for width in self.widths):
            raise BadInput(f"segmenter.network.widths must be multiples of {GROUPS}, got {list(self.widths)}")

    @property
    def multiple(self) -> int:
        """Sides of a canvas are padded to whole multiples of this, in px."""
        return int(2 ** (len(self.widths) - 1))


class _Block(nn.Module):
    """Two convolutions with a residual; the words scale and shift between them."""

    def __init__(self, inputs: int, width: int, told: int) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(inputs, width, 3, padding=1), nn.Conv2d(width, width, 3, padding=1)
        self.norm_in, self.norm = nn.GroupNorm(GROUPS, inputs), nn.GroupNorm(GROUPS, width)
        self.film = nn.Linear(told, 2 * width)
        self.skip = nn.Conv2d(inputs, width, 1) if inputs != width else nn.Identity()
        nn.init.zeros_(self.film.weight)
        nn.init.zeros_(self.film.bias)

    def forward(self, x: Tensor, told: Tensor) -> Tensor:
        scale, shift = self.film(told)[..., None, None].chunk(2, dim=1)
        h = self.norm(self.first(F.silu(self.norm_in(x)))) * (1 + scale) + shift
        out: Tensor = self.skip(x) + self.second(F.silu(h))
        return out


def named_mask(classes: NDArray[np.integer], names: Sequence[str]) -> tuple[U8, tuple[str, ...]]:
    """The mask uint8 [H, W] of region classes [H, W] and the names of its values, as `Sprite` keeps them; value 0 is class 0."""
    found, mask = np.unique(np.append(classes, 0), return_inverse=True)
    return mask[:-1].reshape(classes.shape).astype(np.uint8), tuple(names[k] for k in found)


class Segmenter(nn.Module):
    """Region class logits of canvases. `names[k]` is class k; "background" is class 0 and holds every clear cell."""

    def __init__(self, config: SegmenterConfig, names: Sequence[str] = REGIONS) -> None:
        super().__init__()
        self.config, self.names = config, tuple(names)
        widths = config.widths
        told = widths[-1]
        self.words = nn.Linear(TEXT_DIM, told)
        self.stem = nn.Conv2d(4, widths[0], 3, padding=1)
        self.down = nn.ModuleList(_Block(a, b, told) for a, b in zip((widths[0], *widths), widths))
        self.whole = nn.Linear(widths[-1], widths[-1])
        self.up = nn.ModuleList(_Block(a + b, b, told) for a, b in zip(reversed(widths[1:]), reversed(widths[:-1])))
        self.norm = nn.GroupNorm(GROUPS, widths[0])
        self.head = nn.Conv2d(widths[0], len(self.names), 1)

    def forward(self, canvas: Tensor, pooled: Tensor) -> Tensor:
        """Logits [B, K, H, W] of premultiplied canvases [B, 4, H, W] in [-1, 1]; pooled text [B, 384], zero where nothing is told."""
        told = F.silu(self.words(pooled * TEXT_DIM**0.5))
        x, kept = self.stem(canvas), []
        for index, block in enumerate(self.down):
            x = block(F.avg_pool2d(x, 2) if index else x, told)
            kept.append(x)
        x = x + self.whole(x.mean(dim=(2, 3)))[..., None, None]
        for block, skip in zip(self.up, reversed(kept[:-1])):
            x = block(torch.cat([F.interpolate(x, scale_factor=2.0), skip], dim=1), told)
        out: Tensor = self.head(F.silu(self.norm(x)))
        return out

    @torch.no_grad()
    def log_probs(self, rgba: U8, pooled: Tensor | None = None) -> Tensor:
        """Log chances float [K, H, W] of the classes of a picture's cells.

        Args:
            rgba: uint8 [H, W, 4], a picture at native size, alpha 0 or 255.
            pooled: what it shows, as pooled text features [384]; None where nothing is known.
        """
        height, width = rgba.shape[:2]
        multiple = self.config.multiple
        frame, top, left = place(to_canvas(rgba), -(-height // multiple) * multiple, -(-width // multiple) * multiple)
        device = self.head.weight.device
        told = torch.zeros(1, TEXT_DIM) if pooled is None else pooled[None]
        logits = self(torch.from_numpy(frame)[None].to(device), told.to(device))
        return logits[0, :, top : top + height, left : left + width].float().log_softmax(0).cpu()

    def segment(self, rgba: U8, pooled: Tensor | None = None) -> tuple[U8, tuple[str, ...]]:
        """The mask uint8 [H, W] of a picture and the names of its values, as `Sprite` keeps them; arguments as of `log_probs`."""
        found = self.log_probs(rgba, pooled).argmax(0).numpy()
        found[rgba[..., 3] == 0] = 0
        return named_mask(found, self.names)

    def save(self, folder: Path | str, **about: Any) -> Path:
        """Put the segmenter into the bundle at `folder` (made where there is none); return the weights file."""
        network = {"widths": list(self.config.widths)}
        return Bundle.create(folder).put(PART, self.state_dict(), network=network, regions=list(self.names), **about)

    @classmethod
    def from_network(cls, about: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> Segmenter:
        """Rebuild from its entry in a manifest and a state dict, in evaluation mode.

        Raises:
            BadInput: tensors that do not fit the network.
        """
        found = cls(build(SegmenterConfig, about["network"], "segmenter.network"), about["regions"])
        load_into({PART: found}, {PART: tensors}, "the segmenter weights")
        return found.requires_grad_(False).eval()


def load_segmenter(folder: Path | str | None = None) -> Segmenter:
    """Load the segmenter of a bundle (default: the released one), in evaluation mode.

    Raises:
        BadInput: no segmenter there. CorruptFile: damaged, or the hash differs.
    """
    tensors, about = Bundle(folder).get(PART)
    return Segmenter.from_network(about, tensors)
