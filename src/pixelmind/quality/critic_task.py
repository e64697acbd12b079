"""How the critic is trained: real art against the same with faults put in, and against what the generator draws.

    scorer:  E f(fake) - E f(real) + lambda E (|grad f(x^)| - 1)^2      Gulrajani et al. 2017, eq. 3
    U-Net:   cross-entropy of the families + cross-entropy and soft Jaccard loss of the heat maps (Rahman & Wang 2016)

Fakes are damaged and drawn pictures; only the damaged tell which families and which cells. The points x^ lie between a real picture
and its own damaged version: these are the pairs of the best transport plan, along which the optimal critic's slope is 1 (prop. 1 there).
Drawn ones are paired at random. No generator learns from this critic, so there is no n_critic: every step is the critic's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pixelmind.data.config import mix_of
from pixelmind.data.store import Store
from pixelmind.errors import BadInput
from pixelmind.quality.cells import LOCAL, frame_sides, framed
from pixelmind.quality.critic import INSIDE, PART, Critic, CriticConfig, grown, load_critic
from pixelmind.quality.critic_test import held_out, measure
from pixelmind.quality.examples import CROP, Pair, faulty, loader, window
from pixelmind.quality.wgan import LAMBDA, critic_loss, gradient_penalty
from pixelmind.records import U8
from pixelmind.training.bundle import load_into
from pixelmind.training.config import LoopConfig
from pixelmind.training.task import Modules, Task


@dataclass(frozen=True, kw_only=True)
class CriticStageConfig:
    """The `[critic]` table of a preset."""

    network: CriticConfig = field(default_factory=CriticConfig)
    loop: LoopConfig = field(default_factory=lambda: LoopConfig(minutes=45, batch_size=16))
    mix: str = "real 0.85, procedural 0.15"
    """Shares of real and procedural art, or of single sources; empty: by the loader's temperature."""
    cells: int = 16384
    """Cells of the clean pictures of a step: of large frames fewer than a whole batch are learnt; 0 is no limit."""
    drawn: int = 1500
    """Pictures by the generator, 0 for none."""
    drawn_share: float = 0.25
    """Drawn pictures of a step over its real ones."""
    wasserstein: float = 0.05
    """Weight of the scorer's loss: with a share of the clipped gradient it trains alone."""
    penalty: float = LAMBDA
    """Weight of the gradient penalty within them."""
    wasserstein_every: int = 2
    """Steps between those that train the scorer."""
    jaccard: float = 0.5
    """Weight of the soft Jaccard loss of the heat maps."""
    hotter: float = 2.0
    """Weight of cells at fault over the others in the heat maps' cross-entropy."""
    init_from: str = ""
    """Bundle whose critic a fresh run starts from, "released" is the released one's; it must have the network's shape."""
    test_pictures: int = 400

    def __post_init__(self) -> None:
        if self.mix:
            mix_of(self.mix)
        for name in ("cells", "drawn", "drawn_share", "wasserstein", "penalty", "jaccard", "hotter"):
            if getattr(self, name) < 0:
                raise BadInput(f"critic.{name} must be 0 or more, got {getattr(self, name)}")
        for name in ("wasserstein_every", "test_pictures"):
            if getattr(self, name) < 1:
                raise BadInput(f"critic.{name} must be 1 or more, got {getattr(self, name)}")


def soft_jaccard(chances: Tensor, where: Tensor, inside: Tensor) -> Tensor:
    """1 - sum(p y) / sum(p + y - p y) over the cells inside, [N] of maps [N, H, W]."""
    both = (chances * where * inside).sum((1, 2))
    either = ((chances + where - chances * where) * inside).sum((1, 2))
    return 1 - both / either.clamp_min(1e-6)


class CriticTask(Task):
    """Binds the critic to the real and procedural pictures of a store, and to drawn ones uint8 [H, W, 4].

    Raises:
        BadInput: the store has no picture to learn from.
    """

    def __init__(self, config: CriticStageConfig, store: Store, drawn: Sequence[U8] = ()) -> None:
        self.config, self.store, self.seed = config, store, config.loop.seed
        self.batch_samples, self.data_hash = config.loop.batch_size, store.manifest_hash
        self.loader = loader(
            store, "train", config.loop.batch_size, self.seed, mix_of(config.mix) if config.mix else None
        )
        torch.manual_seed(self.seed)
        self.critic = Critic(config.network)
        if config.init_from:
            started = load_critic(None if config.init_from == "released" else config.init_from)[0]
            state = grown(started.state_dict(), config.network.channels)
            load_into({PART: self.critic}, {PART: state}, f"the critic of {config.init_from}")
        self.drawn: dict[tuple[int, int], list[U8]] = {}
        for picture in drawn:
            self.drawn.setdefault(frame_sides(*picture.shape[:2]), []).append(picture)
        self._held: list[Any] | None = None

    def modules(self) -> dict[str, nn.Module]:
        """The one network."""
        return {"critic": self.critic}

    def pairs(self, step: int) -> list[Pair]:
        """Clean pictures of a step and the same damaged."""
        rows = self.loader.batch(step)
        rng = np.random.default_rng((self.seed, 2, step))
        up, across = frame_sides(*(min(side, CROP) for side in rows.rgba[0].shape[:2]))
        count = min(len(rows), max(2, self.config.cells // (up * across))) if self.config.cells else len(rows)
        found = []
        for index in range(count):
            picture = window(rows, index, rng)
            pair = None if picture is None else faulty(picture, rng)
            if pair is not None:
                found.append(pair)
        return found

    def batch(self, step: int) -> dict[str, Tensor]:
        """Frames [N, C, H, W]: B clean ones, B damaged, G drawn; where [B, F, H, W] the damaged are so. B is at most the batch size."""
        pairs = self.pairs(step)
        sides = [frame_sides(*p.clean.shape[:2]) for p in pairs]
        up, across = (max((s[k] for s in sides), default=16) for k in (0, 1))
        rng = np.random.default_rng((self.seed, 3, step))
        pool = self.drawn.get((up, across), [])
        count = min(round(self.config.drawn_share * len(pairs)), len(pool))
        fakes = [pool[i] for i in rng.choice(len(pool), count, replace=False)] if count else []
        pictures = [*(p.clean for p in pairs), *(p.damaged for p in pairs), *fakes]
        channels = self.config.network.channels
        frames = np.zeros((len(pictures), channels, up, across), np.float32)
        where = np.zeros((len(pairs), 3, up, across), bool)
        for i, picture in enumerate(pictures):
            frames[i], top, left = framed(picture, up, across, channels)
            if len(pairs) <= i < 2 * len(pairs):
                marked = pairs[i - len(pairs)].where
                where[i - len(pairs), :, top : top + marked.shape[1], left : left + marked.shape[2]] = marked
        due = step % self.config.wasserstein_every == 0
        return {
            "cells": torch.from_numpy(frames),
            "where": torch.from_numpy(where),
            "scored": torch.tensor(due and len(pairs) > 0),
        }

    def loss(self, batch: dict[str, Tensor], rng: torch.Generator) -> dict[str, Tensor]:
        """See the header; "distance" is the estimated Wasserstein distance, in units of the input channels."""
        cells, where = batch["cells"], batch["where"].float()
        size = len(where)
        if not size:
            return {"loss": sum((p.sum() for p in self.critic.parameters()), torch.zeros(())) * 0}
        zero, every = torch.zeros((), device=cells.device), self.config.wasserstein_every
        total, distance, penalty = zero, zero, zero
        if bool(batch["scored"]):
            with torch.autocast(cells.device.type, enabled=False):
                distance, penalty = self._wasserstein(cells.float(), size, rng)
            total = self.config.wasserstein * (self.config.penalty * penalty - distance)
        logits, heat = self.critic.named(cells[: 2 * size])
        at_fault = torch.cat([torch.zeros_like(where), where])
        families = F.binary_cross_entropy_with_logits(logits.float(), at_fault.flatten(2).amax(2))
        inside = cells[: 2 * size, INSIDE : INSIDE + 1]
        heat = heat.float()
        weights = inside * (1 + (self.config.hotter - 1) * at_fault)
        places = (F.binary_cross_entropy_with_logits(heat, at_fault, reduction="none") * weights).sum() / weights.sum()
        hurt = at_fault.flatten(2).any(2)
        overlap = soft_jaccard(heat.sigmoid()[hurt], at_fault[hurt], inside.expand_as(heat)[hurt]).mean()
        total = total + families + places + self.config.jaccard * overlap
        return {
            "loss": total,
            "families": families.detach(),
            "heat": places.detach(),
            "overlap": overlap.detach(),
            "distance": every * distance.detach(),
            "penalty": every * penalty.detach(),
        }

    def _wasserstein(self, cells: Tensor, size: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """Estimated distance and penalty, over the pairs of clean and damaged and every drawn picture with a clean one."""
        cells = cells[:, :LOCAL]
        drawn = cells[2 * size :]
        real, fake = torch.cat([cells[:size], cells[:size][: len(drawn)]]), cells[size:]
        distance = -critic_loss(self.critic.score(real), self.critic.score(fake))
        return distance, gradient_penalty(self.critic.score, real, fake, rng)

    def validate(self, ema_modules: Modules) -> dict[str, float]:
        """AUROC and mean IoU by family on real `val` pictures, at medium severity."""
        critic = ema_modules["critic"]
        assert isinstance(critic, Critic)
        if self._held is None:
            self._held = held_out(self.store, "val", min(120, self.config.test_pictures), self.seed)
        if not self._held:
            return {}
        found = measure(critic, self._held, {"medium": 0.5}, seed=self.seed)
        return {f"{key} {f}": v for f, figures in found.by_family("medium").items() for key, v in figures.items()}
