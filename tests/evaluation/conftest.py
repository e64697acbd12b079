"""A tiny drawn world: coloured shapes with words, in a real store, and a small judge trained on it."""

from __future__ import annotations

import itertools
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch

from pixelmind.data.store import Store
from pixelmind.evaluation.judge import Judge, JudgeArchitecture
from pixelmind.evaluation.judge_task import JudgeConfig
from pixelmind.evaluation.stage import JudgeStageConfig, train_judge
from pixelmind.pixels.png import encode_rgba_png
from pixelmind.records import U8, Sample
from pixelmind.training.config import LoopConfig

COLORS = {
    "red": (200, 30, 30),
    "green": (40, 160, 50),
    "blue": (40, 60, 200),
    "yellow": (240, 220, 40),
    "white": (240, 240, 240),
    "purple": (130, 40, 170),
}
SHAPES = ("square", "disc", "cross", "stripe")
SMALL = JudgeArchitecture(widths=(8, 16, 16, 24), blocks=(1, 1, 1, 1), embed_dim=24, num_buckets=512, gram_dim=16)


def draw(color: str, shape: str, size: int, rng: np.random.Generator) -> U8:
    """Draw one outlined shape somewhere on a clear canvas uint8 [size, size, 4]."""
    y, x = np.mgrid[:size, :size] + 0.5
    r = size * rng.uniform(0.28, 0.36)
    cy, cx = size / 2 + rng.uniform(-1.5, 1.5, 2)
    dy, dx = np.abs(y - cy), np.abs(x - cx)
    inside = {
        "square": np.maximum(dy, dx) < r,
        "disc": dy**2 + dx**2 < r**2,
        "cross": (np.minimum(dy, dx) < r / 3) & (np.maximum(dy, dx) < r),
        "stripe": dy < r / 3,
    }[shape]
    out: U8 = np.zeros((size, size, 4), dtype=np.uint8)
    out[inside] = (*COLORS[color], 255)
    speck = inside & (rng.random((size, size)) < 0.1)
    out[speck, :3] //= 2
    return out


def sample(color: str, shape: str, split: str, n: int, *, source: str = "drawn", **tags: str) -> Sample:
    """One picture with two captions."""
    rng = np.random.default_rng(zlib.crc32(f"{color} {shape} {split} {n}".encode()))
    size = (12, 16, 24)[n % 3]
    rgba = draw(color, shape, size, rng)
    return Sample(
        png=encode_rgba_png(rgba),
        height=size,
        width=size,
        captions=(f"a {color} {shape} number {n}", f"{color} {shape}"),
        source=source,
        licence="CC0-1.0",
        credit="the tests",
        tags={"kind": "icon", **tags},
        split=split,
    )


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with all four splits, a near-duplicate pair, procedural and evaluation-only pictures."""
    folder = tmp_path_factory.mktemp("store")
    pairs = list(itertools.product(COLORS, SHAPES))
    rows = [sample(c, s, split, n) for split, k in (("train", 3), ("judge", 6), ("val", 1), ("test", 2))
            for n in range(k) for c, s in pairs]  # fmt: skip
    rows += [sample(c, s, "test", 7, source="procedural") for c, s in pairs[:12]]
    rows += [sample(c, s, "test", 8, source="unseen game", evaluation_only="yes") for c, s in pairs[12:]]
    rng = np.random.default_rng(0)
    for n in range(4):
        first = draw("red", "square", 16, rng)
        second = first.copy()
        second[8, 8, :3] = 255
        for rgba in (first, second):
            row = sample("red", "square", "train", 100 + n)
            rows.append(
                Sample(**{**vars(row), "png": encode_rgba_png(rgba), "height": 16, "width": 16, "cluster": f"twins{n}"})
            )
    Store.create(folder / "s").append(rows)
    return folder / "s"


@pytest.fixture(scope="session")
def judge_config() -> JudgeStageConfig:
    loop = LoopConfig(
        steps=70, batch_size=32, lr=4e-3, warmup_steps=10, threads=1, autocast="none", device="cpu",
        ema_halflife_samples=(200.0,), validate_every=35,
    )  # fmt: skip
    return JudgeStageConfig(**{**vars(JudgeConfig(network=SMALL, shift=3)), "loop": loop})


@pytest.fixture(scope="session")
def judge_folder(store: Path, judge_config: JudgeStageConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_judge(judge_config, store, tmp_path_factory.mktemp("judge") / "bundle").folder


@pytest.fixture(scope="session")
def judge(judge_folder: Path) -> Judge:
    return Judge.load(judge_folder)
