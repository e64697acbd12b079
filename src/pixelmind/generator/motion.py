"""Motion: a sprite, an action and a phase of it -> the sprite in that phase, every cell copied from a cell near by.

A small convolutional U-Net (Ronneberger et al. 2015; the segmenter's blocks) tells for every cell how likely each cell around it, or
none, is the one whose colour comes here: pointers into the source (Vinyals et al. 2015). All pointers to one colour add up, in
training (the pointer sum of Kadlec et al. 2016, eq. 2) and when a frame is drawn. Frames can therefore hold no colour that the source
has not.

Shapes: B batch, H, W padded canvas in px (whole multiples of 2^levels), P pointers: (2 radius + 1)^2 offsets, row by row, and
last "clear".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from scipy import ndimage
from torch import Tensor, nn

from pixelmind import files
from pixelmind.errors import BadInput
from pixelmind.generator.canvas import to_canvas
from pixelmind.generator.segmenter import GROUPS, _Block
from pixelmind.pixels import export, gif
from pixelmind.records import U8, Sprite
from pixelmind.training.bundle import load_into
from pixelmind.training.config import build
from pixelmind.training.weights import Bundle

PART = "motion"
Action = Literal["idle", "walk"]
ACTIONS: tuple[Action, ...] = ("idle", "walk")
TOLD = 5 * len(ACTIONS)
MAX_SIDE, MAX_FRAMES = 128, 64
TINY = 1e-12
SPECK = 4  # cells of a loose piece that is cleared
SHIN = (
    0.18  # height above the ground, as a share of the figure's, of the rows that take up how far its ground line moves
)


@dataclass(frozen=True, kw_only=True)
class MotionConfig:
    """Shape of the network."""

    widths: tuple[int, ...] = (48, 64, 96)
    """Channels at each scale. The first works on blocks of 2 x 2 cells; each further one halves the sides."""
    radius: int = 6
    """How far a cell may come from, in px along each axis."""

    def __post_init__(self) -> None:
        if not self.widths or any(width < 1 or width % GROUPS for width in self.widths):
            raise BadInput(f"motion.network.widths must be multiples of {GROUPS}, got {list(self.widths)}")
        if not 1 <= self.radius <= 16:
            raise BadInput(f"motion.network.radius must lie between 1 and 16, got {self.radius}")

    @property
    def multiple(self) -> int:
        """Sides of a canvas are padded to whole multiples of this, in px."""
        return int(2 ** len(self.widths))


def told_of(action: Action, phase: float) -> NDArray[np.float32]:
    """What the network is told, float32 [TOLD]: for its action 1 and two harmonics of the phase in [0, 1), zeros for the others."""
    out = np.zeros((len(ACTIONS), 5), np.float32)
    turn = 2 * np.pi * phase
    out[ACTIONS.index(action)] = (1, np.sin(turn), np.cos(turn), np.sin(2 * turn), np.cos(2 * turn))
    return out.ravel()


def canvas_of(rgba: U8) -> NDArray[np.float32]:
    """The input float32 [6, H, W] of a picture uint8 [H, W, 4]: its canvas, and where each cell lies in the figure's box, -1 to 1."""
    seen = rgba[..., 3] >= 128
    places = []
    for axis in (0, 1):
        at = np.flatnonzero(seen.any(1 - axis))
        first, last = (at[0], at[-1]) if len(at) else (0, seen.shape[axis] - 1)
        along = (np.arange(seen.shape[axis]) - (first + last) / 2) / max((last - first) / 2, 1)
        along = np.clip(along, -1.5, 1.5).astype(np.float32)
        places.append(np.broadcast_to(along[:, None] if axis == 0 else along[None], seen.shape))
    return np.concatenate([to_canvas(rgba), np.stack(places)])


def sources_of(labels: Tensor, radius: int) -> Tensor:
    """The labels that the offsets point at, [B, P - 1, H, W], of source labels [B, H, W] of any whole type; 0 (clear) beyond the edge."""
    size = 2 * radius + 1
    padded = F.pad(labels, (radius,) * 4)
    windows = padded.unfold(1, size, 1).unfold(2, size, 1)
    return windows.flatten(3).permute(0, 3, 1, 2).contiguous()


def distances(radius: int) -> Tensor:
    """How far each pointer reaches in px, float32 [P]; "clear" counts as no way."""
    along = torch.arange(-radius, radius + 1, dtype=torch.float32)
    return torch.cat([torch.hypot(along[:, None], along[None]).flatten(), torch.zeros(1)])


def pointer_sum(logits: Tensor, sources: Tensor, target: Tensor, price: float = 0.0) -> Tensor:
    """-log sum_p P(p) exp(-price d_p) over the pointers p to the target's colour, [B, H, W] (Kadlec et al. 2016, eq. 2, and a prior).

    Args:
        logits: [B, P, H, W].
        sources: `sources_of` the source, [B, P - 1, H, W].
        target: labels of the frame to be drawn, [B, H, W], of the same type; 0 is clear.
        price: what a px of way costs; of two cells of one colour the nearer is then preferred.

    Returns:
        The loss of each cell; 0 where no pointer reaches the target's colour.
    """
    right = torch.cat([sources == target[:, None], (target == 0)[:, None]], dim=1)
    toll = torch.exp(-price * distances((round(sources.shape[1] ** 0.5) - 1) // 2)).to(logits)
    found = (logits.softmax(1) * (right * toll[:, None, None])).sum(1)
    return torch.where(right.any(1), -torch.log(found + TINY), torch.zeros_like(found))


class Motion(nn.Module):
    """The U-Net and its use on one sprite."""

    def __init__(self, config: MotionConfig) -> None:
        super().__init__()
        self.config = config
        widths = config.widths
        told = widths[-1]
        self.told = nn.Sequential(nn.Linear(TOLD, told), nn.SiLU(), nn.Linear(told, told))
        self.stem = nn.Conv2d(4 * 6, widths[0], 3, padding=1)
        self.down = nn.ModuleList(_Block(a, b, told) for a, b in zip((widths[0], *widths), widths))
        self.whole = nn.Linear(widths[-1], widths[-1])
        self.up = nn.ModuleList(_Block(a + b, b, told) for a, b in zip(reversed(widths[1:]), reversed(widths[:-1])))
        self.norm = nn.GroupNorm(GROUPS, widths[0])
        way = distances(config.radius)
        way[-1] = 2.0
        self.head = nn.Conv2d(widths[0], 4 * len(way), 1, bias=False)
        self.bias = nn.Parameter(-2 * way)
        nn.init.zeros_(self.head.weight)  # at first every cell stays where it is

    def forward(self, canvas: Tensor, told: Tensor) -> Tensor:
        """Logits [B, P, H, W] of `canvas_of` [B, 6, H, W] and `told_of` [B, TOLD]."""
        said = F.silu(self.told(told))
        x, kept = self.stem(F.pixel_unshuffle(canvas, 2)), []
        for index, block in enumerate(self.down):
            x = block(F.avg_pool2d(x, 2) if index else x, said)
            kept.append(x)
        x = x + self.whole(x.mean(dim=(2, 3)))[..., None, None]
        for block, skip in zip(self.up, reversed(kept[:-1])):
            x = block(torch.cat([F.interpolate(x, scale_factor=2.0), skip], dim=1), said)
        out: Tensor = F.pixel_shuffle(self.head(F.silu(self.norm(x))), 2) + self.bias[:, None, None]
        return out

    @torch.no_grad()
    def scores(self, sprite: Sprite, action: Action, phase: float) -> Tensor:
        """How likely each palette entry of a sprite with clear cells is at each cell in that phase, float32 [K, H, W]; 0 is clear."""
        height, width = sprite.indices.shape
        down, right = (-side % self.config.multiple for side in (height, width))
        padded = np.pad(sprite.indices, ((0, down), (0, right)))
        canvas, labels = canvas_of(sprite.palette[padded]), torch.from_numpy(padded).long()
        device = self.head.weight.device
        told = torch.from_numpy(told_of(action, phase))[None]
        logits = self(torch.from_numpy(canvas)[None].to(device), told.to(device)).float().cpu()
        chance = logits.softmax(1)[0, :, :height, :width]
        out = torch.zeros(len(sprite.palette), height, width)
        out.scatter_add_(0, sources_of(labels[None], self.config.radius)[0, :, :height, :width], chance[:-1])
        out[0] += chance[-1]
        return out

    def frame(self, sprite: Sprite, action: Action, phase: float) -> Sprite:
        """The sprite in one phase of an action: the likeliest colour of each cell, without loose specks, on the same ground line."""
        indices = self.scores(sprite, action, phase).argmax(0).numpy().astype(np.uint8)
        ground = np.flatnonzero(sprite.indices.any(1))
        indices[ground[-1] + 1 if len(ground) else 0 :] = 0
        indices = grounded(without_specks(indices, sprite.indices), sprite.indices)
        return replace(sprite, indices=indices, mask=None, mask_names=())

    def animate(self, sprite: Sprite, action: Action, frames: int = 4) -> list[Sprite]:
        """A strip of `frames` sprites of one size and palette; the first shows the sprite itself.

        Raises:
            BadInput: an unknown action, a count outside 2 to 64, a sprite over 128 px a side or with nothing to see.
        """
        if action not in ACTIONS:
            raise BadInput(f"unknown action {action!r}; use one of {', '.join(ACTIONS)}")
        if not 2 <= frames <= MAX_FRAMES:
            raise BadInput(f"{frames} frames are out of range: ask for 2 to {MAX_FRAMES}")
        if max(sprite.indices.shape) > MAX_SIDE:
            raise BadInput(
                f"the sprite is {sprite.width}x{sprite.height} px; at most {MAX_SIDE} a side can be animated"
            )
        opaque = sprite.palette[sprite.indices][..., 3] == 255
        if not opaque.any():
            raise BadInput("the sprite is clear everywhere; there is nothing to animate")
        if opaque.all():
            raise BadInput(
                "the picture has no clear cell, so no figure stands out to be moved; clear its background first"
            )
        return [
            replace(sprite, mask=None, mask_names=()),
            *(self.frame(sprite, action, k / frames) for k in range(1, frames)),
        ]

    def save(self, folder: Path | str, **about: Any) -> Path:
        """Put the network into the bundle at `folder` (made where there is none); return the weights file."""
        network = {"widths": list(self.config.widths), "radius": self.config.radius}
        return Bundle.create(folder).put(PART, self.state_dict(), network=network, actions=list(ACTIONS), **about)

    @classmethod
    def from_network(cls, about: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> Motion:
        """Rebuild from its entry in a manifest and a state dict, in evaluation mode.

        Raises:
            BadInput: tensors that do not fit the network.
        """
        found = cls(build(MotionConfig, about["network"], "motion.network"))
        load_into({PART: found}, {PART: tensors}, "the motion weights")
        return found.requires_grad_(False).eval()


def grounded(indices: U8, still: U8) -> U8:
    """A frame's indices [H, W], 0 clear, with its lowest row where that of `still` is, bent at the shins.

    As many rows of the shins as its ground line has moved are left out or repeated, so that what is above keeps its place.
    """
    ground, lowest = np.flatnonzero(still.any(1)), np.flatnonzero(indices.any(1))
    if not len(ground) or not len(lowest) or ground[-1] == lowest[-1]:
        return indices
    lower = int(lowest[-1] - ground[-1])
    shin = int(min(ground[-1] - round(SHIN * len(ground)), lowest[-1]))
    rows = np.arange(len(indices))
    taken = np.where(rows < shin, rows, np.maximum(rows + lower, shin))
    return np.where((taken < len(rows))[:, None], indices[np.minimum(taken, len(rows) - 1)], 0).astype(np.uint8)


def without_specks(indices: U8, source: U8) -> U8:
    """Clear the pieces of at most `SPECK` cells that touch no other cell, of indices [H, W], but those that the source has too."""
    pieces, count = ndimage.label(indices > 0, np.ones((3, 3)))
    sizes = np.bincount(pieces.ravel(), minlength=count + 1)
    kept = np.append(True, ndimage.minimum(source > 0, pieces, np.arange(1, count + 1)) > 0) | (sizes > SPECK)
    return np.where(kept[pieces], indices, 0).astype(np.uint8)


def load_motion(folder: Path | str | None = None) -> Motion:
    """Load the motion network of a bundle (default: the released one), in evaluation mode.

    Raises:
        BadInput: none there. CorruptFile: damaged, or the hash differs.
    """
    tensors, about = Bundle(folder).get(PART)
    return Motion.from_network(about, tensors)


def save_strip(strip: Sequence[Sprite], sheet_path: Path, action: Action, fps: float, scale: int = 1) -> list[Path]:
    """Write a strip as a sheet PNG, Aseprite's JSON with the action as its frame tag, and a GIF beside it; return the three files.

    Raises:
        BadInput: a place that cannot be written.
    """
    frame_ms = round(1000 / fps)
    image, description = export.sheet(strip, sheet_path.name, scale)
    frames, meta = cast("dict[str, Any]", description["frames"]), cast("dict[str, Any]", description["meta"])
    for frame in frames.values():
        frame["duration"] = frame_ms
    meta["frameTags"] = [{"name": action, "from": 0, "to": len(strip) - 1, "direction": "forward"}]
    try:
        return [
            files.write_bytes(sheet_path, image),
            files.write_json(sheet_path.with_suffix(".json"), description),
            files.write_bytes(sheet_path.with_suffix(".gif"), gif.encode(strip, scale, frame_ms)),
        ]
    except OSError as error:
        raise BadInput(f"cannot write {sheet_path}: {error.strerror or error}") from error


def anchor_drift(frames: Sequence[Sprite]) -> int:
    """By how many px the lowest opaque row of the frames strays from the first one's, at most."""
    lowest = [np.flatnonzero((f.rgba()[..., 3] == 255).any(1)) for f in frames]
    return max(abs(int(rows[-1]) - int(lowest[0][-1])) if len(rows) else frames[0].height for rows in lowest)


def flicker(frames: Sequence[U8]) -> float:
    """Cells of labels [F, H, W] that change and at once change back in a cycle of frames, as a share of the cells ever opaque."""
    stack = np.stack(frames)
    before, after = np.roll(stack, 1, 0), np.roll(stack, -1, 0)
    blinks = (before == after) & (stack != before)
    return float(blinks.sum() / max(int(stack.any(0).sum()) * len(stack), 1))
