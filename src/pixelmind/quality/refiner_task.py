"""How the refiner is trained: damaged pictures and suspected cells in, the clean pictures as the answer.

A suspected cell's loss is -log of the chances of all options that wear the clean colour; cells with no such option do not count. In each
picture cells at fault and others weigh as `at_fault` says, so that it learns to leave well alone, and small faults count as much as
large ones. Suspected are most cells at fault, at times others, and a rim: what a critic that errs might say.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from pixelmind.data.config import mix_of
from pixelmind.data.store import Store
from pixelmind.errors import BadInput
from pixelmind.quality.cells import LOCAL, frame_sides, framed
from pixelmind.quality.defects.base import changed
from pixelmind.quality.examples import faulty, loader, suspected, window
from pixelmind.quality.refiner import (
    NONE,
    OPTIONS,
    OWN,
    PART,
    SWATCHES,
    TOLD,
    Refiner,
    RefinerConfig,
    load_refiner,
    options,
)
from pixelmind.quality.verdict import FAMILIES, Family
from pixelmind.training.bundle import load_into
from pixelmind.training.config import LoopConfig
from pixelmind.training.task import Modules, Task


@dataclass(frozen=True, kw_only=True)
class RefinerStageConfig:
    """The `[refiner]` table of a preset."""

    network: RefinerConfig = field(default_factory=RefinerConfig)
    loop: LoopConfig = field(default_factory=lambda: LoopConfig(minutes=30, batch_size=16))
    mix: str = "real 0.85, procedural 0.15"
    """Shares of real and procedural art, or of single sources; empty: by the loader's temperature."""
    clean: float = 0.2
    """Share of pictures that come without a fault."""
    families: tuple[Family, ...] = ("alignment", "palette")
    """Faults that are learnt; whole parts out of place are nothing that moves mend."""
    at_fault: float = 0.5
    """Weight of a picture's cells at fault in the loss, all together; the others have the rest."""
    init_from: str = ""
    """Bundle whose refiner a fresh run starts from, "released" is the released one's; it must have the network's shape."""
    test_pictures: int = 300

    def __post_init__(self) -> None:
        if self.mix:
            mix_of(self.mix)
        for name in ("clean", "at_fault"):
            if not 0 <= getattr(self, name) <= 1:
                raise BadInput(f"refiner.{name} must lie between 0 and 1, got {getattr(self, name)}")
        if not self.families or not set(self.families) <= set(FAMILIES):
            raise BadInput(f"refiner.families must be of {', '.join(FAMILIES)}, got {list(self.families)}")
        if self.test_pictures < 1:
            raise BadInput(f"refiner.test_pictures must be 1 or more, got {self.test_pictures}")


def pointer_loss(logits: Tensor, there: Tensor, right: Tensor) -> Tensor:
    """-log sum of the chances of the right options, [B, H, W], of logits [B, O, H, W]; `there` and `right` are bool of that shape.

    0 where no option is right.
    """
    whole = logits.masked_fill(~there, -torch.inf).logsumexp(1)
    known = right.any(1)
    some = logits.masked_fill(~(right & there), -torch.inf)
    found = torch.where(known[:, None], some, torch.zeros_like(some)).logsumexp(1)
    return torch.where(known, whole - found, torch.zeros_like(whole))


class RefinerTask(Task):
    """Binds the refiner to the pictures of a store."""

    def __init__(self, config: RefinerStageConfig, store: Store) -> None:
        self.config, self.store, self.seed = config, store, config.loop.seed
        self.batch_samples, self.data_hash = config.loop.batch_size, store.manifest_hash
        self.loader = loader(
            store, "train", config.loop.batch_size, self.seed, mix_of(config.mix) if config.mix else None
        )
        torch.manual_seed(self.seed)
        self.refiner = Refiner(config.network)
        if config.init_from:
            started = load_refiner(None if config.init_from == "released" else config.init_from)[0]
            load_into({PART: self.refiner}, {PART: started.state_dict()}, f"the refiner of {config.init_from}")

    def modules(self) -> dict[str, nn.Module]:
        """The one network."""
        return {"refiner": self.refiner}

    def batch(self, step: int) -> dict[str, Tensor]:
        """Frames [B, C, H, W], suspected cells [B, 1, H, W], descriptions [B, SWATCHES, TOLD, H, W]; bool [B, O, H, W] which options there
        are and which are right."""
        rows = self.loader.batch(step)
        rng = np.random.default_rng((self.seed, 2, step))
        pairs = []
        for index in range(len(rows)):
            picture = window(rows, index, rng)
            if picture is None:
                continue
            pair = None if rng.random() < self.config.clean else faulty(picture, rng, families=self.config.families)
            pairs.append((picture.rgba, picture.rgba) if pair is None else (pair.clean, pair.damaged))
        sides = [frame_sides(*clean.shape[:2]) for clean, _ in pairs]
        up, across = (max((s[k] for s in sides), default=16) for k in (0, 1))
        size = len(pairs)
        frames = np.zeros((size, LOCAL, up, across), np.float32)
        told = np.zeros((size, SWATCHES, TOLD, up, across), np.float32)
        marked = np.zeros((size, 1, up, across), np.float32)
        there, right = np.zeros((2, size, OPTIONS, up, across), bool)
        for i, (clean, damaged) in enumerate(pairs):
            frames[i], top, left = framed(damaged, up, across, LOCAL)
            found = options(damaged)
            cut = (..., slice(top, top + clean.shape[0]), slice(left, left + clean.shape[1]))
            told[i][cut] = found.told
            marked[i][cut] = suspected(changed(clean, damaged), damaged, rng)
            there[i][cut] = found.number != NONE
            packed = np.ascontiguousarray(found.colors).view(np.uint32)[:, 0]
            wanted = np.ascontiguousarray(clean).view(np.uint32)[..., 0]
            right[i][cut] = (packed[found.number] == wanted) & (found.number != NONE)
        arrays = {"cells": frames, "suspected": marked, "told": told, "there": there, "right": right}
        return {name: torch.from_numpy(array) for name, array in arrays.items()}

    def loss(self, batch: dict[str, Tensor], rng: torch.Generator) -> dict[str, Tensor]:
        """The header's loss; beside it, of suspected cells: how many mendable faults get the right colour, how many others stay."""
        there, right = batch["there"], batch["right"]
        logits = self.refiner(batch["cells"], batch["suspected"], batch["told"]).float()
        there = there.clone()
        there[:, OWN] = True  # frames have an own colour too: no row of a softmax is empty
        each = pointer_loss(logits, there, right)
        counted = right.any(1) & (batch["suspected"][:, 0] > 0)
        fault, sound = counted & ~right[:, OWN], counted & right[:, OWN]
        loss = torch.zeros((), device=each.device)
        for cells, weight in ((fault, self.config.at_fault), (sound, 1 - self.config.at_fault)):
            number = cells.sum((1, 2))
            mean = (each * cells).sum((1, 2)) / number.clamp_min(1)
            loss = loss + weight * mean.sum() / (number > 0).sum().clamp_min(1)
        with torch.no_grad():
            best = logits.masked_fill(~there, -torch.inf).argmax(1, keepdim=True)
            hit = right.gather(1, best)[:, 0]
            shares = [(hit & m).sum() / m.sum().clamp_min(1) for m in (fault, sound)]
        return {"loss": loss, "mended": shares[0], "kept": shares[1]}

    def validate(self, ema_modules: Modules) -> dict[str, float]:
        """None of its own: the stage measures at the end."""
        return {}
