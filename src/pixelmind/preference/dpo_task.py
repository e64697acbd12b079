"""Training task of DPO on one level: batches of pairs in, the loss of `dpo` out; the loop in `pixelmind.training` does the rest.

A pair's pictures share their noise, noise level and words; each is told the style that its seed drew, as when it was drawn, since a
sample is the style and the picture. The reference is the frozen start.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from pixelmind.encoder.text_cache import TextCache
from pixelmind.errors import BadInput
from pixelmind.generator.canvas import coarse_size, frame_size
from pixelmind.generator.conditioning import ConditionPrior, Vocabulary, make_condition
from pixelmind.generator.denoiser import Condition, Denoiser
from pixelmind.generator.losses import velocity_loss
from pixelmind.generator.schedule import add_noise
from pixelmind.generator.task import SIDE_WORDS
from pixelmind.preference.dpo import bound_penalty, dpo_loss, even_timesteps, log_ratio, path_kl
from pixelmind.preference.dpo_config import DpoConfig
from pixelmind.preference.dpo_data import Pairs, batches, frames, torch_rng
from pixelmind.records import Sprite
from pixelmind.training.lora import LowRank
from pixelmind.training.task import Modules, Task

#: The heads that name parts and choose colours, and inputs that pairs say nothing of, stay as they are.
FROZEN = ("cells.", "regions.", "palette_head.", "reference.", "reference_mean.", "layout.", "layout_in.")
#: What scales, shifts and gates the blocks and the output by noise level, words and style: it moves how pictures look, not which.
MODULATION = ("shared.", "final.", "time.", "pooled.", "style.", "kind.", "size.", "output.bias")
COARSE_NOISE = 0.1
VALIDATION_DRAWS = 8


class DpoTask(Task):
    """Binds one level's policy and reference to pairs."""

    def __init__(
        self,
        config: DpoConfig,
        level: int,
        start: Denoiser,
        prior: ConditionPrior,
        vocabulary: Vocabulary,
        train: Pairs,
        held_out: Pairs,
        cache: TextCache,
    ) -> None:
        self.config, self.level, self.vocabulary, self.cache = config, level, vocabulary, cache
        self.denoiser = Denoiser(start.config)
        self.denoiser.load_state_dict({k: v.float() for k, v in start.state_dict().items()})
        self.reference = copy.deepcopy(self.denoiser).requires_grad_(False).eval()
        self.policy: nn.Module = self.denoiser
        if config.tune == "lora":
            self.policy = LowRank(self.denoiser, config.lora, torch_rng(config.loop.seed, 7))
        else:
            for name, parameter in self.denoiser.named_parameters():
                modulates = name.startswith(MODULATION) or name.endswith(".modulation")
                tuned = {"all": True, "modulation": modulates, "offsets": modulates and parameter.ndim == 1}
                parameter.requires_grad_(tuned[config.tune] and not name.startswith(FROZEN))
        self.prior = prior
        self.train_pairs, self.held_out = train, held_out
        self.batch_samples = config.loop.batch_size
        self.data_hash = train.sha256
        self.buckets, self.held_buckets = self._buckets(train), self._buckets(held_out)
        if not self.buckets:
            raise BadInput(f"no pair has pictures that level {level} draws; leave --level {level} out")

    def _buckets(self, pairs: Pairs) -> list[list[int]]:
        """Rows by the size of their frames; pictures that the level below draws alone are left out."""
        found: dict[tuple[int, int], list[int]] = defaultdict(list)
        for i, pair in enumerate(pairs.pairs):
            height, width = pair.chosen.indices.shape
            if self.level == 16 or max(height, width) > {64: 16, 256: 64}[self.level]:
                size = coarse_size(height, width, self.level)
                found[frame_size(*size, self.level, self.denoiser.config.patch)].append(i)
        return list(found.values())

    def modules(self) -> dict[str, nn.Module]:
        """The policy."""
        return {"denoiser": self.policy}

    def to(self, device: torch.device) -> None:
        """Move the reference, and what a low-rank policy stands beside."""
        self.reference.to(device)
        self.denoiser.to(device)

    # ------------------------------------------------------------------------------------------------------ batches
    def batch(self, step: int) -> dict[str, Any]:
        """The pairs of a step, a pure function of the step."""
        rows = batches(self.buckets, self.config.loop.batch_size, step, self.config.loop.seed)
        return self.assemble(self.train_pairs.rows(rows), np.random.default_rng((self.config.loop.seed, 1, step)))

    def assemble(self, pairs: Pairs, rng: np.random.Generator) -> dict[str, Any]:
        """A batch of these pairs, all of one frame size."""
        turned = [
            rng.random() < self.config.mirror and not SIDE_WORDS & set(p.prompt.lower().replace(",", " ").split())
            for p in pairs.pairs
        ]
        placed = frames(pairs.pairs, self.level, self.denoiser.config.patch, turned)
        both = [p.chosen for p in pairs.pairs] + [p.rejected for p in pairs.pairs]
        text = self.cache.get([p.prompt for p in pairs.pairs] * 2)
        told = np.tile(rng.random(len(pairs)) < self.config.told_style, 2)
        seeds = [_seed(s) if t else None for s, t in zip(both, told)]
        kinds, styles = prior_conditions(self.prior, self.vocabulary, text.pooled, seeds, rng)
        styles = [style if t else 0 for style, t in zip(styles, told)]
        cond = make_condition(text, [s.indices.shape for s in both], styles, kinds, [None] * len(both))
        silent = torch.from_numpy(np.tile(rng.random(len(pairs)) < self.config.drop_text, 2))
        cond = cond.without(silent, "text", "kind")
        coarse = None
        if placed.coarse_chosen is not None and placed.coarse_rejected is not None:
            coarse = torch.stack([placed.coarse_chosen, placed.coarse_rejected])
        return {
            "pictures": torch.stack([placed.chosen, placed.rejected]),
            "coarse": coarse,
            "valid": placed.valid,
            "cond": dict(vars(cond)),
            "weight": torch.from_numpy(pairs.weights.copy()),
        }

    # --------------------------------------------------------------------------------------------------------- loss
    def loss(self, batch: dict[str, Any], rng: torch.Generator) -> dict[str, Tensor]:
        """DPO, with the penalty of a divergence beyond the bound and, where asked for, the denoising loss on chosen pictures."""
        config = self.config
        told = self.ratios(self.policy, batch, rng, config.draws)
        weight = batch["weight"]
        preference = dpo_loss(told["chosen"], told["rejected"], config.beta, weight)
        penalty = bound_penalty(told["kl"], config.max_kl)
        gained = torch.sign(told["chosen"] - told["rejected"]) / 2 + 0.5
        right = (gained * weight).sum() / weight.sum().clamp_min(1e-9)
        return {
            "loss": preference + config.kl_penalty * penalty + config.sft * told["velocity"],
            "dpo": preference,
            "kl": told["kl"].mean(),
            "right": right,
            "velocity": told["velocity"],
        }

    def ratios(self, policy: nn.Module, batch: dict[str, Any], rng: torch.Generator, draws: int) -> dict[str, Tensor]:
        """Means over `draws` noise levels of the log ratios of chosen and rejected [B] and of the divergence [B]; the policy's
        denoising loss on the chosen pictures."""
        pictures, valid, cond = batch["pictures"], batch["valid"], Condition(**batch["cond"])  # chosen above rejected
        size = pictures.shape[1]
        totals: list[list[Tensor]] = [[], [], []]
        velocity = torch.zeros((), device=pictures.device)
        levels = even_timesteps(size * draws, rng, *self.config.noise_levels).view(draws, size)
        for t in levels:
            noise = torch.randn(pictures.shape[1:], generator=rng, device=rng.device)
            noisy = add_noise(pictures.flatten(0, 1), noise.repeat(2, 1, 1, 1), t.repeat(2))
            both = cond
            if batch["coarse"] is not None:
                mist = torch.randn(pictures.shape[1:], generator=rng, device=rng.device)
                augment = torch.full((2 * size,), COARSE_NOISE, device=pictures.device)
                seen = add_noise(batch["coarse"].flatten(0, 1), mist.repeat(2, 1, 1, 1), augment)
                noisy, both = torch.cat([noisy, seen], 1), replace(both, augment=augment)
            with torch.no_grad():
                references = self.reference(noisy, t.repeat(2), both).view(2, size, *pictures.shape[2:])
            predicted = policy(noisy, t.repeat(2), both).view(2, size, *pictures.shape[2:])
            for i, (own, other) in enumerate(zip(predicted, references)):
                totals[i].append(log_ratio(own, other, pictures[i], t, valid, self.config.weighting))
                totals[2].append(path_kl(own, other, t, valid))
            velocity = velocity + velocity_loss(predicted[0], pictures[0], t, valid) / draws
        chosen, rejected = (torch.stack(totals[i]).mean(0) for i in (0, 1))
        return {"chosen": chosen, "rejected": rejected, "kl": torch.stack(totals[2]).mean(0), "velocity": velocity}

    @torch.no_grad()
    def validate(self, modules: Modules) -> dict[str, float]:
        """On held-out pairs with fixed noise: the loss, the share of pairs in which the chosen picture gained more, the divergence."""
        sums: dict[str, float] = defaultdict(float)
        for number, bucket in enumerate(self.held_buckets):
            for first in range(0, len(bucket), 64):
                rows = self.held_out.rows(bucket[first : first + 64])
                batch = self.assemble(rows, np.random.default_rng((0, number, first)))
                told = self.ratios(modules["denoiser"], batch, torch_rng(0, number, first), VALIDATION_DRAWS)
                sums["n"] += len(rows)
                sums["dpo"] += float(dpo_loss(told["chosen"], told["rejected"], self.config.beta)) * len(rows)
                sums["right"] += float((told["chosen"] > told["rejected"]).sum())
                sums["right"] += 0.5 * float((told["chosen"] == told["rejected"]).sum())
                sums["kl"] += float(told["kl"].mean()) * len(rows)
        return {k: v / sums["n"] for k, v in sums.items() if k != "n"} | ({"pairs": sums["n"]} if sums else {})


def prior_conditions(
    prior: ConditionPrior,
    vocabulary: Vocabulary,
    pooled: Tensor,
    seeds: Sequence[int | None],
    rng: np.random.Generator,
) -> tuple[list[int], list[int]]:
    """(kinds, styles) that the pipeline fills in where none are named: the likeliest kind of the words, and a style drawn among the likely
    ones by the picture's seed, or by `rng` where it has none."""
    num_kinds, num_styles = len(vocabulary.kinds), len(vocabulary.styles)
    with torch.no_grad():
        open_ = torch.zeros(len(pooled), dtype=torch.long)
        kinds = prior(pooled, open_)[0][:, 1 : num_kinds + 1].argmax(1) + 1
        logits = prior(pooled, kinds)[1][:, 1 : num_styles + 1]
    styles = [0] * len(pooled)
    chances = torch.softmax(logits.double() * 1.5, dim=1).numpy() if num_styles else np.zeros((len(pooled), 0))
    for i, (p, seed) in enumerate(zip(chances, seeds)):
        if num_styles:
            p = np.where(p >= 0.25 * p.max(), p, 0)
            own = rng if seed is None else np.random.default_rng((seed, 77))
            styles[i] = int(own.choice(num_styles, p=p / p.sum())) + 1
    return kinds.tolist(), styles


def _seed(sprite: Sprite) -> int | None:
    """The seed that a picture was drawn from, where it says so."""
    seed = sprite.provenance.get("seed")
    return seed if isinstance(seed, int) and seed >= 0 else None
