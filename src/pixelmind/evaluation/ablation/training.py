"""Generators trained for so many CPU seconds, and what the judge says of what they draw, prompt by prompt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from pixelmind.evaluation import core, testset
from pixelmind.evaluation.ablation.budget import DECAY, CpuClock, spend
from pixelmind.evaluation.judge import Judge
from pixelmind.evaluation.metrics import intent_fidelity, retrieval
from pixelmind.evaluation.oracles import Generator
from pixelmind.evaluation.testset import TestItem
from pixelmind.generator import stage
from pixelmind.generator.config import GeneratorConfig, LevelConfig
from pixelmind.generator.denoiser import DenoiserConfig
from pixelmind.records import Conditioning, GenerationRequest
from pixelmind.training.config import LoopConfig

LEVEL_SHARE = {16: 2 / 3, 64: 1 / 3}  # of the CPU seconds, as the preset small has it
#: Batch and EMA half-life in samples, by run. A sample of a large canvas costs more, so there are fewer of them.
LOOPS = {"level16": (128, 8000.0), "level64": (48, 2000.0), "single-level": (32, 2000.0)}
NETWORKS = {16: DenoiserConfig(), 64: DenoiserConfig(in_channels=8, width=192, depth=6)}


def loop(batch: int, halflife: float, steps: int, seed: int, lr: float = 1e-3) -> LoopConfig:
    """The loop of a run of equal compute; only batch and EMA differ between models."""
    return LoopConfig(
        steps=steps, batch_size=batch, lr=lr, warmup_steps=50, schedule="wsd", decay_fraction=DECAY, seed=seed,
        ema_halflife_samples=(halflife,), device="cpu", threads=1, prefetch=0, keep_checkpoints=1,
    )  # fmt: skip


def train_levels(
    data: Path,
    out: Path,
    mix: str,
    seconds: float,
    seed: int,
    *,
    share: dict[int, float] = LEVEL_SHARE,
    networks: dict[int, DenoiserConfig] = NETWORKS,
    name: str = "ablation",
    init_from: Path | None = None,
    lr: float = 1e-3,
) -> list[CpuClock] | None:
    """The product's own training stage, level after level, each with its share of the CPU seconds; its bundle lies in `out`/bundle.

    It starts from nothing, or from the levels of the bundle `init_from`. Returns None where a signal cut it short; the same call goes on.
    """
    clocks = []
    for level, part in share.items():

        def step_on(steps: int, stop: Callable[[], bool], level: int = level) -> None:
            tables = {
                f"level{k}": LevelConfig(
                    level=k, network=net, mix=mix, fade_samples=5000, loop=loop(*LOOPS[f"level{k}"], steps, seed, lr)
                )
                for k, net in networks.items()
            }
            torch.manual_seed(seed)
            stage.run(GeneratorConfig(name=name, **tables), data, out, levels=(level,), init_from=init_from, stop=stop)

        clock = spend(seconds * part, out / f"level{level}", step_on)
        if clock is None:
            return None
        clocks.append(clock)
    return clocks


def judged(
    generator: Generator, judge: Judge, items: Sequence[TestItem], count: int, seed: int, *, side: int = 0, name: str
) -> dict[str, list[float]]:
    """Draw `count` prompts once each and score them one by one: rank-1 hits among 100 captions and cosines.

    The prompts and pools are the same for every seed; the seed moves the drawing's noise. With `side` every picture is asked for at
    side x side px, else at its own size.
    """
    own = testset.choose(items, count, 0)
    texts, pools = retrieval.build_pools([i.captions for i in items], [i.cluster for i in items], own, seed=0)
    requests = [
        GenerationRequest(
            conditioning=Conditioning(
                prompt=items[i].prompt, height=side or items[i].rgba.shape[0], width=side or items[i].rgba.shape[1]
            ),
            seed=seed * 1_000_003 + n,
        )
        for n, i in enumerate(own)
    ]
    drawn = [group[0].rgba() for group in core.generate(generator, requests, 16)]
    text, image = judge.text_features(texts), judge.image_features(drawn)
    hits = retrieval.ranks(image, text, pools) == 1
    cosines = intent_fidelity.cosines(image, text[pools[:, 0]])
    return {f"{name}: judge R@1": hits.astype(float).tolist(), f"{name}: cosine": [round(float(c), 5) for c in cosines]}


def real_items(data: Path, origin: str = "real") -> list[TestItem]:
    """Test pictures of the store of one origin, up to 64 px."""
    return [i for i in testset.load_items([data]) if i.origin == origin]
