"""Tuning a trained level to a few steps: the task and its stage. Method and sources: `few_steps`.

    pixelmind train few-steps --init-from BUNDLE --level 16 --data STORE --out RUN

RUN/level16 is a run directory of the one loop; RUN/bundle is BUNDLE with the tuned level in it.
"""

from __future__ import annotations

import copy
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from pixelmind.data.store import Store
from pixelmind.encoder.text_cache import TextCache
from pixelmind.errors import BadInput
from pixelmind.generator.bundle import Bundle
from pixelmind.generator.conditioning import Vocabulary
from pixelmind.generator.config import LevelConfig
from pixelmind.generator.denoiser import Denoiser
from pixelmind.generator.few_steps import Discriminator, FewStepsConfig, adversarial_losses
from pixelmind.generator.losses import velocity_loss
from pixelmind.generator.sampler import guided
from pixelmind.generator.schedule import add_noise
from pixelmind.generator.task import LevelBatch, LevelTask
from pixelmind.training.checkpoint import newest
from pixelmind.training.config import build, plain
from pixelmind.training.loop import TrainResult, train


class FewStepsTask(LevelTask):
    """A level's task whose student starts as the teacher and learns to draw in a few calls."""

    def __init__(
        self,
        config: FewStepsConfig,
        level: LevelConfig,
        teacher: Denoiser,
        prior: nn.Module | None,
        store: Store,
        cache: TextCache,
        vocabulary: Vocabulary,
    ) -> None:
        super().__init__(level, store, cache, vocabulary, batch_size=config.loop.batch_size, seed=config.loop.seed)
        self.tuning, self.times = config, config.timesteps()
        self.denoiser.load_state_dict({k: v.float() for k, v in teacher.state_dict().items()})
        self.teacher = copy.deepcopy(self.denoiser).requires_grad_(False).eval()
        self.prior = None  # it is trained already and goes along as it is
        self.known_prior = prior
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.loop.seed)
            self.judge = Discriminator(4 if level.level == 16 else 8, config.widths)

    def modules(self) -> dict[str, nn.Module]:
        """Student and discriminator."""
        return {"denoiser": self.denoiser, "discriminator": self.judge}

    def to(self, device: torch.device) -> None:
        """Move the teacher."""
        self.teacher.to(device)

    def _loss(self, batch: LevelBatch, rng: torch.Generator) -> dict[str, Tensor]:
        tuning, device, size = self.tuning, rng.device, len(batch.target)
        hidden = torch.rand(batch.cond.text_mask.shape, generator=rng, device=device) < self.config.drop_token
        told = replace(batch.cond, text_mask=batch.cond.text_mask & ~hidden)
        picks = torch.randint(len(self.times), (size,), generator=rng, device=device)
        t = self.times.to(device)[picks]
        noise = torch.randn(batch.target.shape, generator=rng, device=device)
        augment = torch.rand(size, generator=rng, device=device) * self.config.coarse_noise
        inputs, told = self._inputs(replace(batch, cond=told), add_noise(batch.target, noise, t), augment, rng)
        predicted = self.denoiser(inputs, t, told, batch.window)
        drawn = torch.where(batch.valid > 0, predicted, batch.target)  # the frame around a picture is known
        coarse = None if batch.coarse is None else inputs[:, 4:]
        losses = {"velocity": velocity_loss(predicted, batch.target, t, batch.valid)}
        total = tuning.regress * losses["velocity"]
        if tuning.distill:
            losses["distill"] = self._distill(drawn, coarse, batch, told, rng)
            total = total + tuning.distill * losses["distill"]
        if tuning.adversarial:
            with torch.autocast(device.type, enabled=False):
                fooled, told_apart, right = adversarial_losses(
                    self.judge, batch.target, drawn, t, told, coarse, tuning.penalty
                )
            losses |= {"generator": fooled, "discriminator": told_apart, "told_apart": right}
            total = total + tuning.adversarial * fooled + told_apart
        return {"loss": total, **losses}

    def _distill(
        self, drawn: Tensor, coarse: Tensor | None, batch: LevelBatch, told: Any, rng: torch.Generator
    ) -> Tensor:
        """Squared distance to what the guided teacher makes of the drawn canvas noised again, weighed by 1 - s (Sauer et al., eq. 4)."""
        size, device = len(drawn), rng.device
        s = float(
            torch.rand((), generator=rng, device=device) * 0.9 + 0.05
        )  # one level a batch, as the teacher's sampler has
        again = torch.randn(drawn.shape, generator=rng, device=device)
        with torch.no_grad():
            seen = add_noise(drawn.detach(), again, torch.full((size,), s, device=device))
            away = told.without(torch.ones(size, dtype=torch.bool, device=device), "text", "kind")

            def predict(x: Tensor, t: Tensor, cond: Any) -> tuple[Tensor, None]:
                return self.teacher(x, t.to(device), cond, batch.window), None

            target, _ = guided(predict, seen, s, told, away, self.tuning.guidance if s > 0.1 else 1.0, coarse)
            target = target.clamp(-1.2, 1.2)
        error = ((drawn - target).square().mean(1, keepdim=True) * batch.valid).sum((1, 2, 3))
        return (1 - s) * (error / batch.valid.sum((1, 2, 3)).clamp_min(1)).mean()

    @torch.no_grad()
    def sample(self, modules: Any) -> Any:
        """No pictures of its own: the bundle is looked at."""
        return None

    def validate(self, modules: Any) -> dict[str, float]:
        """The level's own figures at other noise levels say nothing of a tuned network: none."""
        return {}


def run(
    config: FewStepsConfig,
    data_dir: Path,
    out_dir: Path,
    *,
    weights: Path,
    levels: Sequence[int] = (16,),
) -> tuple[Bundle, dict[int, TrainResult]]:
    """Tune levels of a bundle; the same call resumes.

    Args:
        weights: the bundle whose levels are teachers and starts.
        levels: which levels, each already in the bundle.

    Raises:
        BadInput: no such level there, or it was tuned before.
    """
    store, teacher = Store.open(data_dir), Bundle(weights)
    cache = TextCache(data_dir / "text")
    preset = teacher.manifest.get("generator", {})
    results: dict[int, TrainResult] = {}
    states: dict[int, Any] = {}
    for level in levels:
        part = f"level{level}"
        if part not in teacher:
            raise BadInput(f"{teacher.folder} has no {part} to tune; it has {', '.join(teacher.manifest['parts'])}")
        about = teacher.manifest["parts"][part]
        if "timesteps" in about:
            raise BadInput(f"{part} of {teacher.folder} was tuned before; start from weights that were not")
        modules, vocabulary = teacher.get_level(level)
        denoiser = modules["denoiser"]
        assert isinstance(denoiser, Denoiser)
        known = {k: v for k, v in preset.get(part, {}).items() if k not in ("network", "loop")}
        table = replace(
            build(LevelConfig, {**known, "level": level, "network": plain(denoiser.config)}, f"generator.{part}"),
            drop_text=0.0,
            region_weight=0.0,
            palette_weight=0.0,
        )
        task = FewStepsTask(config, table, denoiser, modules.get("prior"), store, cache, vocabulary)
        cache.ensure(task.captions())
        settings = {"few_steps": {k: v for k, v in plain(config).items() if k != "loop"}, "level": plain(table)}
        results[level] = train(task, config.loop, out_dir / part, resolved_config=settings)
        states[level] = (table, vocabulary, modules.get("prior"), about)
        if results[level].interrupted:
            break
    bundle_dir = out_dir / "bundle"
    if not (bundle_dir / "manifest.json").is_file():
        shutil.copytree(
            teacher.folder, bundle_dir, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "*.py")
        )
    bundle = Bundle(bundle_dir)
    for level, (table, vocabulary, prior, about) in states.items():
        found = newest(out_dir / f"level{level}")
        if found is None:
            continue
        trained = found.modules(0 if config.loop.ema_halflife_samples else None)["denoiser"]
        own: dict[str, Any] = {"denoiser": trained} | ({} if prior is None else {"prior": prior})
        more = {k: about[k] for k in ("samples", "seconds", "seed") if k in about}
        more |= {"tuned_samples": found.state["samples"], "timesteps": config.timesteps().tolist()}
        bundle.put_level(level, own, table.network, vocabulary, **more)
    return bundle, results
