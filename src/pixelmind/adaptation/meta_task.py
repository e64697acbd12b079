"""The meta-training of one level's adapter start as a task of the one loop: a batch is a meta-batch of tasks, a step a meta-update."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pixelmind.adaptation.config import MamlConfig
from pixelmind.adaptation.maml_wrapper import MAMLWrapper
from pixelmind.adaptation.reptile import Reptile
from pixelmind.adaptation.tasks import Episode, Tasks
from pixelmind.adaptation.views import Views, Words, make_views, stack, view_loss
from pixelmind.generator.conditioning import Vocabulary
from pixelmind.generator.config import LevelConfig
from pixelmind.generator.denoiser import Denoiser
from pixelmind.training.lora import Lora
from pixelmind.training.task import Modules, Task

VALIDATION_TASKS, VALIDATION_SHOTS = 16, 4


class MetaTask(Task):
    """Binds a frozen level, its styles, and an algorithm."""

    def __init__(
        self,
        config: MamlConfig,
        level: LevelConfig,
        denoiser: Denoiser,
        tasks: Tasks,
        held_out: Tasks | None,
        words: Words,
        vocabulary: Vocabulary,
        data_hash: str = "",
    ) -> None:
        self.config, self.level, self.tasks, self.held_out = config, level, tasks, held_out
        self.words, self.vocabulary, self.data_hash = words, vocabulary, data_hash
        self.batch_samples = config.loop.batch_size
        self.denoiser = denoiser.eval().requires_grad_(False)
        self.lora = Lora(self.denoiser, config.lora)
        self.wrapper = MAMLWrapper(
            self.lora,
            view_loss(self.lora),
            inner_lr=config.inner_lr,
            inner_steps=config.inner_steps,
            first_order=config.algorithm != "maml",
            learn_rates=config.learn_rates and config.algorithm != "reptile",
            rate_gain=config.rate_gain,
            rng=torch.Generator().manual_seed(config.loop.seed),
        )
        self.reptile = Reptile(self.wrapper)

    def modules(self) -> dict[str, nn.Module]:
        """The start and the inner rates; the level itself is frozen and not saved again."""
        return {"start": self.wrapper}

    def to(self, device: torch.device) -> None:
        self.denoiser.to(device)

    def _episode(self, episode: Episode, show: bool, rng: np.random.Generator) -> tuple[Views, Views]:
        shown = episode.support if show else ()
        forget = episode.recolored and rng.random() < 0.5  # the words may name colours that are gone
        support, query = (
            make_views(
                part,
                self.config.rows,
                self.level,
                self.words,
                self.vocabulary,
                rng,
                shown=shown,
                forget=forget,
                drop=drop,
            )
            # A query that is told nothing would teach the start to draw without words, which loses more of the loss than any style does.
            for part, drop in ((episode.support, self.level.drop_text), (episode.query, 0.0))
        )
        return support, query

    def _meta_batch(
        self, tasks: Tasks, count: int, shots: tuple[int, ...], show: bool, recolor: float, rng: np.random.Generator
    ) -> dict[str, Any]:
        supports, queries = [], []
        for _ in range(count):
            k = shots[int(rng.integers(len(shots)))]
            episode = tasks.draw(rng, k, self.config.rows, recolored=bool(rng.random() < recolor))
            support, query = self._episode(episode, show, rng)
            supports.append(support)
            queries.append(query)
        return {"support": stack(supports), "query": stack(queries)}

    def batch(self, step: int) -> dict[str, Any]:
        """The meta-batch of a step, stacked by task."""
        rng = np.random.default_rng((self.config.loop.seed, 31, step))
        show = self.level.network.references > 0 and bool(rng.random() < self.config.shown)
        return self._meta_batch(self.tasks, self.batch_samples, self.config.shots, show, self.config.recolor, rng)

    def loss(self, batch: dict[str, Any], rng: torch.Generator) -> dict[str, Tensor]:
        """The meta-loss (query loss after adaptation), the query loss before, and what adaptation gained."""
        meta: nn.Module = self.reptile if self.config.algorithm == "reptile" else self.wrapper
        out: dict[str, Tensor] = meta(batch["support"], batch["query"])
        after = out["loss"].detach()
        return {"loss": out["loss"], "query_before": out["before"], "query_after": after, "gain": out["before"] - after}

    @torch.no_grad()
    def validate(self, modules: Modules) -> dict[str, float]:
        """Query loss before and after adaptation to four pictures of held-out styles, always the same tasks."""
        wrapper = modules["start"]
        if self.held_out is None or not isinstance(wrapper, MAMLWrapper):
            return {}
        rng = np.random.default_rng(5)
        before, after = [], []
        for _ in range(VALIDATION_TASKS):
            episode = self.held_out.draw(rng, VALIDATION_SHOTS, self.config.rows)
            support, query = self._episode(episode, self.level.network.references > 0, rng)
            params = {name: value.detach() for name, value in wrapper.params().items()}
            loss = self.wrapper.loss
            before.append(float(loss(params, query)))
            after.append(float(loss(wrapper.adapt(params, support), query)))
        return {"held_out_before": float(np.mean(before)), "held_out_after": float(np.mean(after))}

    def sample(self, modules: Modules) -> NDArray[np.uint8] | None:
        return None
