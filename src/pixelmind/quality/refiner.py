"""The refiner: for each suspected cell, which colour near it belongs there. It moves colours, it does not invent any.

A cell's options are its own colour, those of the 24 cells around it, and, of all colours of the picture and of its commonest ones, those
nearest to its own in OKLab. A small U-Net that is told which cells are suspected (where the critic's heat map is hot, and a rim) points at
one of them (pointer networks: Vinyals et al. 2015, eq. 3, here over a window): a cell's query against the keys of the cells around it, with
a bias for each offset; palette colours are described by how they differ. Options of one colour share their chances.

Shapes: B batch, C channels of `cells`, H, W frame in px; O options.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from torch import Tensor, nn

from pixelmind.errors import BadInput
from pixelmind.quality.cells import LOCAL, frame_sides, framed
from pixelmind.quality.critic import GROUPS, UNet, check_widths
from pixelmind.quality.lint.base import Canvas
from pixelmind.records import U8
from pixelmind.training.bundle import load_into
from pixelmind.training.config import build
from pixelmind.training.weights import Bundle

PART = "refiner"
REACH = 2
OFFSETS = tuple((dy, dx) for dy in range(-REACH, REACH + 1) for dx in range(-REACH, REACH + 1))
OWN = OFFSETS.index((0, 0))
NEAREST, COMMON, COMMONEST = 4, 4, 12
"""Palette options: the NEAREST colours of all, then the COMMON nearest of the COMMONEST colours of the picture."""
SWATCHES = NEAREST + COMMON
OPTIONS = len(OFFSETS) + SWATCHES
TOLD = 5
"""Numbers that describe a palette option: OKLab difference in L, a and b, its distance, and how much commoner it is (log2 over 12)."""
NONE = -1
"""Number of an option that there is not."""


@dataclass(frozen=True, kw_only=True)
class RefinerConfig:
    """Shape of the network."""

    widths: tuple[int, ...] = (24, 48, 72)
    """Channels at each scale; each scale halves the sides."""
    keys: int = 16
    """Width of queries and keys."""

    def __post_init__(self) -> None:
        check_widths("refiner", self.widths)
        if self.keys < 1:
            raise BadInput(f"refiner.network.keys must be 1 or more, got {self.keys}")


@dataclass(frozen=True, kw_only=True, eq=False)
class Options:
    """What each cell of a picture may become: `number` int64 [O, H, W] into `colors` uint8 [K, 4], NONE where there is no such option;
    `told` float32 [SWATCHES, TOLD, H, W] of the palette options."""

    number: NDArray[np.int64]
    colors: U8
    told: NDArray[np.float32]


def options(rgba: U8) -> Options:
    """The options of a picture uint8 [H, W, 4]. Half-clear colours are none, but as a cell's own."""
    canvas = Canvas.of(rgba)
    height, width = canvas.shape
    number = np.full((OPTIONS, height, width), NONE, np.int64)
    usable = np.isin(canvas.colors[:, 3], (0, 255))
    padded = np.pad(canvas.number, REACH, constant_values=NONE)
    for k, (dy, dx) in enumerate(OFFSETS):
        seen = padded[REACH + dy : REACH + dy + height, REACH + dx : REACH + dx + width]
        number[k] = np.where((seen >= 0) & usable[seen], seen, NONE)
    number[OWN] = canvas.number
    told = np.zeros((SWATCHES, TOLD, height, width), np.float32)
    solid, drawn = np.flatnonzero(canvas.colors[:, 3] == 255), np.flatnonzero(canvas.colors[:, 3] > 0)
    lab, cells_of = canvas.lab, canvas.cells_of
    common = solid[np.argsort(-cells_of[solid], kind="stable")[:COMMONEST]]
    for start, among, most in ((0, solid, NEAREST), (NEAREST, common, COMMON)):
        if not len(among) or not len(drawn):
            continue
        count = min(most + 1, len(among))
        _, near = cKDTree(lab[among]).query(lab[drawn], k=count)
        others = np.full((most, len(lab)), NONE, np.int64)
        for place, row in zip(drawn.tolist(), among[near.reshape(len(drawn), count)].tolist()):
            kept = [c for c in row if c != place][:most]
            others[: len(kept), place] = kept
        for k in range(most):
            other = others[k][canvas.number]
            there = other != NONE
            number[len(OFFSETS) + start + k] = other
            apart = np.where(there[..., None], lab[other] - lab[canvas.number], 0)
            told[start + k, :3] = np.moveaxis(apart, -1, 0)
            told[start + k, 3] = np.sqrt((apart**2).sum(-1))
            told[start + k, 4] = np.where(there, np.log2(cells_of[other] / cells_of[canvas.number]) / 12, 0)
    return Options(number=number, colors=canvas.colors, told=told)


class Refiner(nn.Module):
    """Logits of the options of each cell."""

    def __init__(self, config: RefinerConfig) -> None:
        super().__init__()
        self.config = config
        width = config.widths[0]
        self.trunk = UNet(LOCAL + 1, config.widths)
        self.norm = nn.GroupNorm(GROUPS, width)
        self.query, self.key = nn.Conv2d(width, config.keys, 1), nn.Conv2d(width, config.keys, 1)
        self.offset = nn.Conv2d(width, len(OFFSETS), 1)
        self.swatch = nn.Sequential(nn.Conv2d(width + TOLD, config.keys, 1), nn.SiLU(), nn.Conv2d(config.keys, 1, 1))

    def forward(self, cells: Tensor, suspected: Tensor, told: Tensor) -> Tensor:
        """Logits [B, O, H, W] of frames [B, C, H, W], suspected cells [B, 1, H, W] (1, else 0) and descriptions [B, SWATCHES, TOLD, H, W].

        Options there are not must be masked by the caller.
        """
        fine = F.silu(self.norm(self.trunk(torch.cat([cells, suspected], 1))[0]))
        size, _, height, width = fine.shape
        keys = F.unfold(self.key(fine), 2 * REACH + 1, padding=REACH).view(size, -1, len(OFFSETS), height, width)
        pointed = (self.query(fine)[:, :, None] * keys).sum(1) * self.config.keys**-0.5 + self.offset(fine)
        spread = fine[:, None].expand(-1, SWATCHES, -1, -1, -1)
        swatches = self.swatch(torch.cat([spread, told.to(fine.dtype)], 2).flatten(0, 1)).view(
            size, SWATCHES, height, width
        )
        return torch.cat([pointed, swatches], 1)

    @torch.no_grad()
    def moves(self, rgba: U8, suspected: NDArray[np.bool_]) -> tuple[U8, NDArray[np.float32]]:
        """What each cell had best become, uint8 [H, W, 4], and the chance float32 [H, W] that its own colour is wrong.

        Cells that are not suspected, of bool [H, W], stay as they are, with a chance of 0.
        """
        found = options(rgba)
        height, width = rgba.shape[:2]
        frame, top, left = framed(rgba, *frame_sides(height, width), LOCAL)
        told = np.zeros((SWATCHES, TOLD, *frame.shape[1:]), np.float32)
        marked = np.zeros((1, *frame.shape[1:]), np.float32)
        cut = (..., slice(top, top + height), slice(left, left + width))
        told[cut], marked[cut] = found.told, suspected
        inputs = (torch.from_numpy(x)[None] for x in (frame, marked, told))
        logits = self(*inputs)[0].float()[cut][:, torch.from_numpy(suspected)]
        number = found.number[:, suspected]  # [O, M] of the M suspected cells
        chances = logits.masked_fill(torch.from_numpy(number == NONE), -torch.inf).softmax(0).numpy()
        shared = np.zeros_like(chances)
        for k in range(OPTIONS):
            shared += chances[k] * (number == number[k])
        shared[number == NONE] = 0
        best, wrong = found.number[OWN].copy(), np.zeros((height, width), np.float32)
        best[suspected] = np.take_along_axis(number, shared.argmax(0)[None], 0)[0]
        wrong[suspected] = 1 - shared[OWN]
        return found.colors[best], wrong

    def save(self, folder: Path | str, **about: Any) -> Path:
        """Put the refiner into the bundle at `folder` (made where there is none); return the weights file."""
        network = {"widths": list(self.config.widths), "keys": self.config.keys}
        return Bundle.create(folder).put(PART, self.state_dict(), network=network, **about)

    @classmethod
    def from_network(cls, about: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> Refiner:
        """Rebuild from its entry in a manifest and a state dict, in evaluation mode.

        Raises:
            BadInput: tensors that do not fit the network.
        """
        found = cls(build(RefinerConfig, about["network"], "refiner.network"))
        load_into({PART: found}, {PART: tensors}, "the refiner weights")
        return found.requires_grad_(False).eval()


def load_refiner(folder: Path | str | None = None) -> tuple[Refiner, dict[str, Any]]:
    """The refiner of a bundle (default: the released one), in evaluation mode, and its entry in the manifest.

    Raises:
        BadInput: no refiner there. CorruptFile: damaged, or the hash differs.
    """
    tensors, about = Bundle(folder).get(PART)
    return Refiner.from_network(about, tensors), about
