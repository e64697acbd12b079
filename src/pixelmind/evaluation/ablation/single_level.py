"""Single level: our denoiser straight at native sizes up to 64 px, with no coarse picture first (the ablation of hierarchy)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pixelmind.data.config import mix_of
from pixelmind.data.loader import Loader
from pixelmind.data.store import Store
from pixelmind.encoder.text_cache import TextCache
from pixelmind.encoder.text_tower import TextTower
from pixelmind.evaluation.oracles import obey
from pixelmind.generator.canvas import F32, coarse_size, frame_size, frame_sizes, from_canvas
from pixelmind.generator.conditioning import ConditionPrior, Vocabulary, make_condition
from pixelmind.generator.config import LEVELS, LevelConfig
from pixelmind.generator.denoiser import Condition, Denoiser, DenoiserConfig
from pixelmind.generator.pipeline import default_colors, flat_pull
from pixelmind.generator.sampler import sample, seeded_noise
from pixelmind.generator.task import LevelBatch, LevelTask
from pixelmind.pixels.coherence import cohere
from pixelmind.records import U8, Conditioning, GenerationRequest, GenerationResult, Sprite
from pixelmind.training.backends.local import bf16_pays
from pixelmind.training.task import Modules

LEVEL = 64
STEPS, GUIDANCE = 24, 4.0  # as many network calls as ours takes on both levels together; our first level's guidance


class SingleLevelTask(LevelTask):
    """The level-64 task without its coarse canvas: all sizes, whole frames, and the prior of level 16."""

    network = DenoiserConfig()

    def __init__(
        self, store: Store, cache: TextCache, vocabulary: Vocabulary, *, mix: str, batch_size: int, seed: int
    ) -> None:
        network = DenoiserConfig(in_channels=8, patch=self.network.patch, width=32, depth=1)  # not used
        # whole frames, since no coarse picture tells a window what is around it; noisier levels, since composition is decided here
        config = LevelConfig(level=LEVEL, crop=LEVEL, fade_samples=0, t_mean=0.8, mix=mix, network=network)
        super().__init__(config, store, cache, vocabulary, batch_size=batch_size, seed=seed)
        self.loader = Loader(
            store,
            "train",
            batch_size,
            seed,
            mix=mix_of(mix) if mix else None,
            temperature=config.temperature,
            max_size=LEVELS[-1],
            max_captions=config.max_captions,
            bucket_fn=self.buckets(),
        )
        self.val_loader = None
        self.denoiser, self.prior = self.build(), ConditionPrior()

    def buckets(self) -> Any:
        """Which pictures may share a batch: those of one frame."""
        return partial(frame_sizes, level_size=LEVEL, patch=self.network.patch)

    @classmethod
    def build(cls) -> Denoiser:
        """A fresh network."""
        return Denoiser(cls.network)

    def _inputs(
        self, batch: LevelBatch, noisy: Tensor, augment: Tensor, rng: torch.Generator
    ) -> tuple[Tensor, Condition]:
        return noisy, batch.cond

    def sample(self, modules: Modules) -> None:  # type: ignore[override]
        """No picture at the end of training."""
        return None


class SingleLevelPipeline:
    """The trained network behind the generator's call; words, prior, solver and colours are the product's."""

    steps = STEPS

    def __init__(self, modules: Modules, vocabulary: Vocabulary, name: str) -> None:
        self.net: Any = modules["denoiser"].eval()
        self.prior, self.vocabulary, self.name = modules["prior"].eval(), vocabulary, name
        self.tower = TextTower()
        self.autocast = partial(torch.autocast, "cpu", torch.bfloat16, enabled=bf16_pays(torch.device("cpu")))

    def frame(self, cond: Conditioning) -> tuple[int, int]:
        """Size of the canvas that the network draws for a request."""
        return frame_size(*coarse_size(cond.height, cond.width, LEVEL), LEVEL, self.net.config.patch)

    def denoise(self, noise: Tensor, cond: Condition, negative: Condition) -> Tensor:
        """Noise [B, 4, H, W] to canvases, told `cond` and guided away from `negative`."""
        how: dict[str, Any] = {"num_inference_steps": self.steps, "guidance_scale": GUIDANCE, "negative": negative}
        return sample(self.net.predict, noise, cond, **how)[0]

    def native(self, canvas: F32, cond: Conditioning) -> F32:
        """Cut the picture [4, h, w] out of its canvas."""
        top, left = (canvas.shape[1] - cond.height) // 2, (canvas.shape[2] - cond.width) // 2
        return canvas[:, top : top + cond.height, left : left + cond.width]

    def condition(self, conds: Sequence[Conditioning], seeds: Sequence[int]) -> tuple[Condition, Condition]:
        """What the network is told and guided away from; kind and style are filled in by the prior, as in the product."""
        text = self.tower.encode([c.prompt for c in conds])
        kinds = self.prior(text.pooled, torch.zeros(len(conds), dtype=torch.long))[0]
        kinds = kinds[:, 1 : 1 + len(self.vocabulary.kinds)].argmax(1) + 1
        likely = self.prior(text.pooled, kinds)[1][:, 1 : 1 + len(self.vocabulary.styles)].double() * 1.5
        p = torch.softmax(likely, 1).numpy()
        p = np.where(p >= 0.25 * p.max(1, keepdims=True), p, 0)
        styles = [
            1 + int(np.random.default_rng((s, 77)).choice(len(row), p=row / row.sum())) for s, row in zip(seeds, p)
        ]
        colors = [None if c.palette is None else c.palette.colors for c in conds]
        cond = make_condition(text, [(c.height, c.width) for c in conds], styles, kinds.tolist(), colors)
        return cond, cond.without(torch.ones(len(conds), dtype=torch.bool), "text", "kind")

    @torch.inference_mode()
    def generate_batch(self, requests: Sequence[GenerationRequest]) -> list[GenerationResult]:
        """Draw every request; image i of a request has seed + i."""
        start = time.perf_counter()
        conds = [r.conditioning for r in requests for _ in range(r.num_images)]
        seeds = [r.seed + i for r in requests for i in range(r.num_images)]
        cond, negative = self.condition(conds, seeds)
        by_frame: dict[tuple[int, int], list[int]] = {}
        for i, c in enumerate(conds):
            by_frame.setdefault(self.frame(c), []).append(i)
        drawn: dict[int, Sprite] = {}
        for frame, members in by_frame.items():
            chunk = max(1, 16 * 32 * 32 // (frame[0] * frame[1]))
            for first in range(0, len(members), chunk):
                part = members[first : first + chunk]
                told, away = (Condition(**{n: v[part] for n, v in vars(x).items()}) for x in (cond, negative))
                with self.autocast():
                    canvases = self.denoise(seeded_noise([seeds[i] for i in part], 4, *frame), told, away)
                for i, canvas in zip(part, canvases.float().numpy()):
                    drawn[i] = finish(from_canvas(self.native(canvas, conds[i])), conds[i])
        seconds, out, at = time.perf_counter() - start, [], 0
        for r in requests:
            here = slice(at, at := at + r.num_images)
            sprites = tuple(drawn[i] for i in range(len(conds))[here])
            out.append(GenerationResult(sprites=sprites, seeds=tuple(seeds[here]), seconds=seconds, weights=self.name))
        return out


def finish(rgba: U8, cond: Conditioning) -> Sprite:
    """Choose the colours and clean the flats, as the product does."""
    asked = cond
    if cond.palette is None and cond.max_colors is None:
        asked = replace(cond, max_colors=default_colors(cond.height, cond.width))
    return cohere(obey(rgba, asked), rgba, flat_pull(cond.height, cond.width))
