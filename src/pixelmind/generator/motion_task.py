"""How motion is trained: pairs of a standing figure and one phase of its cycle, at many sizes and in many colours; and its figures."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pixelmind.data.sources import lpc
from pixelmind.errors import BadInput
from pixelmind.files import write_json
from pixelmind.generator.motion import (
    ACTIONS,
    Motion,
    MotionConfig,
    anchor_drift,
    canvas_of,
    flicker,
    pointer_sum,
    sources_of,
    told_of,
)
from pixelmind.generator.motion_cycles import Cycle, read_cycles
from pixelmind.records import U8, EvalResult, Sprite
from pixelmind.training.config import LoopConfig, plain
from pixelmind.training.loop import TrainResult, train
from pixelmind.training.task import Modules, Task


@dataclass(frozen=True, kw_only=True)
class MotionStageConfig:
    """The `[motion]` table of a preset."""

    network: MotionConfig = field(default_factory=MotionConfig)
    loop: LoopConfig = field(default_factory=lambda: LoopConfig(minutes=10, batch_size=16))
    walkers: int = 100
    """People composed to walk, and to breathe too, each from four sides."""
    idlers: int = 80
    """People composed only to breathe."""
    walk: float = 0.7
    """Share of the pairs that walk."""
    sides: tuple[int, ...] = (56, 40, 32, 24, 16)
    """Canvas sides in px; the first holds figures at native size, the others figures reduced to fill them."""
    side_weights: tuple[float, ...] = (0.15, 0.2, 0.3, 0.25, 0.1)
    """How often each side is drawn."""
    price: float = 0.1
    """Cost in nats of a px of way (`pointer_sum`)."""
    still: float = 0.3
    """Weight of a figure's cells that stay as they are, beside 1 for those that change; cells clear before and after have a third."""
    test_figures: int = 40
    """Cycles an action that are measured on."""

    def __post_init__(self) -> None:
        if any(side % self.network.multiple or side < 8 for side in self.sides) or not self.sides:
            raise BadInput(f"motion.sides must be whole multiples of {self.network.multiple}, got {list(self.sides)}")
        if len(self.side_weights) != len(self.sides) or min(self.side_weights) < 0 or sum(self.side_weights) <= 0:
            raise BadInput(f"motion.side_weights must be {len(self.sides)} shares, got {list(self.side_weights)}")
        if self.walkers < 2 or self.idlers < 0:
            raise BadInput(f"motion.walkers must be at least 2, got {self.walkers}")
        if not (0 <= self.walk <= 1 and 0 < self.still <= 1 and self.price >= 0):
            raise BadInput("motion.walk and motion.still must lie between 0 and 1, motion.price must not be negative")


def overlaps(edges: NDArray[np.float64], cells: int) -> NDArray[np.float32]:
    """How much of each of `cells` unit cells lies between neighbouring edges, [len(edges) - 1, cells]."""
    at = np.arange(cells)
    found = np.minimum(edges[1:, None], at + 1) - np.maximum(edges[:-1, None], at)
    return np.clip(found, 0, None).astype(np.float32)


def area_majority(labels: U8, rows: NDArray[np.float64], cols: NDArray[np.float64]) -> U8:
    """Resample labels [F, H, W] to cells between the edges `rows` and `cols`, in cells of the source: exact, edge by edge.

    A cell is clear where less than half of it is covered, else it has the label that covers most of it.
    """
    counts = int(labels.max()) + 1
    one_hot = (labels[:, None] == np.arange(1, counts, dtype=np.uint8)[:, None, None]).astype(np.float32)
    down, across = overlaps(rows, labels.shape[1]), overlaps(cols, labels.shape[2])
    cover = np.matmul(np.matmul(down, one_hot), across.T)
    if not cover.shape[1]:
        return np.zeros((len(labels), len(rows) - 1, len(cols) - 1), np.uint8)
    area = np.diff(rows)[:, None] * np.diff(cols)
    return np.where(cover.sum(1) * 2 >= area, cover.argmax(1) + 1, 0).astype(np.uint8)


def reduced(labels: U8, height: int) -> U8:
    """Labels [F, H, W] as a figure `height` px high, with one clear px around."""
    scale = labels.shape[1] / height
    width = int(np.ceil(labels.shape[2] / scale))
    start = (labels.shape[2] - width * scale) / 2
    return area_majority(labels, np.arange(-1, height + 2) * scale, start + np.arange(-1, width + 2) * scale)


class MotionTask(Task):
    """Binds the network to cycles of people."""

    def __init__(self, config: MotionStageConfig, cycles: Sequence[Cycle]) -> None:
        self.config, self.seed = config, config.loop.seed
        self.batch_samples = config.loop.batch_size
        digest = hashlib.sha256(b"".join(c.labels.tobytes() + c.palette.tobytes() for c in cycles))
        self.data_hash = digest.hexdigest()[:16]
        self.train_cycles = {a: [c for c in cycles if c.action == a and not c.held_out] for a in ACTIONS}
        self.test_cycles = {a: [c for c in cycles if c.action == a and c.held_out] for a in ACTIONS}
        if not all(self.train_cycles.values()):
            raise BadInput("too few people to train on; raise motion.walkers")
        torch.manual_seed(self.seed)
        self.motion = Motion(config.network)

    def modules(self) -> dict[str, nn.Module]:
        """The one network."""
        return {"motion": self.motion}

    def batch(self, step: int) -> dict[str, Tensor]:
        """Canvases [B, 6, S, S], labels before and after uint8 [B, S, S], and what is told [B, TOLD]; one side S a batch."""
        rng = np.random.default_rng((self.seed, 3, step))
        weights = np.array(self.config.side_weights)
        number = int(rng.choice(len(weights), p=weights / weights.sum()))
        pairs = [self._pair(rng, number) for _ in range(self.batch_samples)]
        canvas, before, after, told = (torch.from_numpy(np.stack(part)) for part in zip(*pairs))
        return {"canvas": canvas, "before": before, "after": after, "told": told}

    def _pair(self, rng: np.random.Generator, number: int) -> tuple[NDArray[np.float32], U8, U8, NDArray[np.float32]]:
        action = "walk" if rng.random() < self.config.walk else "idle"
        cycles = self.train_cycles["walk" if action == "walk" else "idle"]
        cycle = cycles[int(rng.integers(len(cycles)))]
        which = int(rng.integers(len(cycle.labels)))
        side = self.config.sides[number]
        labels = cycle.labels[[0, which]]
        labels = area_majority(labels, *_edges(labels, side, number == 0, rng))
        phase = cycle.phases[which]
        if rng.random() < 0.5:
            labels = labels[..., ::-1]
            if action == "walk" and cycle.view in ("front", "back"):
                phase = (phase + 0.5) % 1 if which else phase  # the other leg goes first
        palette, labels = recolored(cycle.palette, labels, rng)
        return canvas_of(palette[labels[0]]), labels[0].copy(), labels[1].copy(), told_of(cycle.action, phase)

    def loss(self, batch: dict[str, Tensor], rng: torch.Generator) -> dict[str, Tensor]:
        """The pointer sum, weighted; logged beside it: how many of the figure's cells have the right colour."""
        logits = self.motion(batch["canvas"], batch["told"]).float()
        before, after = batch["before"], batch["after"]
        sources = sources_of(before, self.config.network.radius)
        cells = pointer_sum(logits, sources, after, self.config.price)
        figure, moved = (before > 0) | (after > 0), before != after
        still = self.config.still
        weight = torch.where(moved, 1.0, torch.where(figure, still, still / 3))
        with torch.no_grad():
            best = torch.cat([sources, torch.zeros_like(sources[:, :1])], 1).gather(1, logits.argmax(1, keepdim=True))
            right = (best[:, 0] == after) & moved
        return {"loss": (cells * weight).sum() / weight.sum(), "moved_right": right.sum() / moved.sum().clamp_min(1)}

    def validate(self, ema_modules: Modules) -> dict[str, float]:
        """Cells right, and of those that move, on held-out people who walk, at native size."""
        motion = ema_modules["motion"]
        assert isinstance(motion, Motion)
        found = measure(self.test_cycles["walk"], 8, None, _network(motion), "validation")
        return {figure.metric: figure.value for figure in found}


def _edges(
    labels: U8, side: int, native: bool, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Edges that fit a figure into a square canvas: somewhere in it, and reduced unless native.

    Heads, trunks and legs are reduced by different amounts, so that big-headed figures are learnt too; nothing is enlarged.
    """
    height, width = labels.shape[1:]
    if native:
        tall, wide = float(height), float(width)
        cuts = np.array([0.0, height])
        into = cuts
    else:
        cuts = height * np.array([0, rng.uniform(0.3, 0.5), rng.uniform(0.6, 0.75), 1])
        shares = np.diff(cuts) * rng.uniform(0.6, 1.0, 3)
        tall = float(min(rng.uniform(0.65, 0.97) * side, shares.sum()))
        into = np.concatenate([[0], np.cumsum(shares / shares.sum() * tall)])
        wide = min(width * tall / height * rng.uniform(0.85, 1.35), width)
    ground = side - int(rng.integers(0, max(1, min(4, int(side - tall) + 1))))
    at = np.arange(side + 1) - (ground - tall)
    rows = np.where(at < 0, at, np.where(at > tall, height + at - tall, np.interp(at, into, cuts)))
    left = (side - wide) / 2 + rng.integers(-2, 3)
    if native:
        left = np.floor(left)
    return rows.astype(np.float64), (np.arange(side + 1) - left) * (width / wide)


def recolored(palette: U8, labels: U8, rng: np.random.Generator) -> tuple[U8, U8]:
    """The same cells in other colours: fewer of them at times, turned in hue, darker or lighter, the outline in another shade."""
    if (
        len(palette) > 6 and rng.random() < 0.4
    ):  # few colours, as small sprites have: each goes to the nearest of those kept
        kept = 1 + rng.permutation(len(palette) - 1)[: int(rng.integers(4, 14))]
        away = ((palette[:, None, :3].astype(np.int64) - palette[kept, :3]) ** 2).sum(-1)
        to = kept[away.argmin(1)].astype(np.uint8)
        to[0] = 0
        labels = to[labels]
    if rng.random() < 0.8:
        rgb = palette[:, :3].astype(np.float64) / 255
        rgb = rgb[:, rng.permutation(3)]
        if rng.random() < 0.15:
            rgb = 1 - rgb
        rgb = rgb ** rng.uniform(0.6, 1.6) * rng.uniform(0.7, 1.0, 3) + rng.uniform(0, 0.15, 3)
        palette = palette.copy()
        palette[1:, :3] = np.clip(rgb[1:] * 255, 0, 255).astype(np.uint8)
    return palette, labels


Drawer = Callable[[Sprite, Cycle, float], U8]


def _network(motion: Motion) -> Drawer:
    return lambda sprite, cycle, phase: motion.frame(sprite, cycle.action, phase).indices


def _static(sprite: Sprite, cycle: Cycle, phase: float) -> U8:
    return sprite.indices


def _bob(sprite: Sprite, cycle: Cycle, phase: float) -> U8:
    """The whole sprite a px lower in the second and last quarter of a walk, a px higher in the middle of a breath."""
    quarter = int(phase * 4)
    shift = quarter % 2 if cycle.action == "walk" else -(quarter in (1, 2))
    return np.roll(sprite.indices, shift, axis=0)


DRAWERS: dict[str, Drawer] = {"still": _static, "bob": _bob}


def measure(cycles: Sequence[Cycle], limit: int, height: int | None, draw: Drawer, name: str) -> list[EvalResult]:
    """Figures of drawn frames against the art's, over up to `limit` cycles of one action with four frames each.

    Counted over the box of each figure with a margin of 2 px (`height` None: native size, else reduced to so many px).
    """
    picked = (
        [cycles[i] for i in np.unique(np.linspace(0, len(cycles) - 1, min(limit, len(cycles))).astype(int))]
        if cycles
        else []
    )
    right = cells = moved_right = moved = reachable = 0
    ious: list[float] = []
    drifts: list[int] = []
    blinks: list[tuple[float, float]] = []
    for cycle in picked:
        labels = cycle.labels if height is None else reduced(cycle.labels, height)
        labels = np.pad(labels, ((0, 0), (2, 2), (2, 2)))
        sprite = Sprite(indices=labels[0], palette=cycle.palette)
        step = len(labels) // 4
        own, drawn = [labels[0]], [labels[0]]
        for which in range(step, len(labels), step):
            truth, frame = labels[which], draw(sprite, cycle, cycle.phases[which])
            own.append(truth)
            drawn.append(frame)
            changed = truth != labels[0]
            right += int((frame == truth).sum())
            cells += truth.size
            moved += int(changed.sum())
            moved_right += int(((frame == truth) & changed).sum())
            reachable += int((np.isin(truth, labels[0]) & changed).sum())
            ious.append(float(((frame > 0) & (truth > 0)).sum() / max(((frame > 0) | (truth > 0)).sum(), 1)))
        drifts.append(anchor_drift([Sprite(indices=f, palette=cycle.palette) for f in drawn]))
        blinks.append((flicker(drawn), flicker(own)))
    if not picked:
        return []
    note = f"{name}, {picked[0].action}, {'native size' if height is None else f'{height} px high'}"
    flickers = np.array(blinks).mean(0)
    values = {
        "cells_right": right / cells,
        "moved_right": moved_right / max(moved, 1),
        "silhouette_iou": float(np.mean(ious)),
        "anchor_drift_px": float(np.mean(drifts)),
        "flicker": float(flickers[0]),
        "flicker_of_the_art": float(flickers[1]),
    }
    return [EvalResult(metric=metric, value=value, n=len(picked), note=note) for metric, value in values.items()]


def report(motion: Motion, task: MotionTask, limit: int) -> list[EvalResult]:
    """The network beside a still copy and a bobbing one, on held-out people, at native size and 32 and 20 px high."""
    drawers = {"network": _network(motion), **DRAWERS}
    return [
        figure
        for action in ACTIONS
        for height in (None, 32, 20)
        for name, draw in drawers.items()
        for figure in measure(task.test_cycles[action], limit, height, draw, name)
    ]


def run(config: MotionStageConfig, art: Path, out_dir: Path) -> tuple[TrainResult, list[EvalResult]]:
    """Train on the LPC checkouts under `art` in the run directory `out_dir`, or go on from where it stands; measure on held-out people.

    Writes a bundle with part "motion" (the EMA weights) and report.json beside the loop's own files.

    Raises:
        BadInput: no such art there.
    """
    task = MotionTask(config, read_cycles(art, config.walkers, config.idlers, config.loop.seed))
    settings = {key: value for key, value in plain(config).items() if key != "loop"}
    trained = train(task, config.loop, out_dir, resolved_config={"motion": settings})
    motion = (trained.ema[0] if trained.ema else trained.modules)["motion"]
    assert isinstance(motion, Motion)
    motion.cpu().eval()
    figures = report(motion, task, config.test_figures)
    about = {"samples": trained.samples, "seconds": round(trained.seconds, 1), "data": task.data_hash}
    licences = {i.name: i.licence for i in (lpc.LpcGeneratorImporter(), lpc.IMPORTER)}
    motion.save(out_dir, **about, licences=licences)
    results = [figure.to_dict() for figure in figures]
    write_json(out_dir / "report.json", {"format": 1, "split": "held-out people", **about, "results": results})
    return trained, figures
