from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from pixelmind.data.store import Store
from pixelmind.encoder.text_cache import TextCache
from pixelmind.errors import BadInput
from pixelmind.generator.bundle import Bundle
from pixelmind.generator.config import GeneratorConfig, LevelConfig
from pixelmind.generator.denoiser import Denoiser, DenoiserConfig
from pixelmind.generator.pipeline import load
from pixelmind.generator.stage import run, store_vocabulary
from pixelmind.generator.task import LevelTask, level_frames
from pixelmind.training.config import LoopConfig, build, load_preset

LOOP = LoopConfig(steps=60, batch_size=16, lr=3e-3, warmup_steps=5, threads=1, prefetch=0, ema_halflife_samples=(64.0,))
TINY = GeneratorConfig(
    name="test",
    level16=LevelConfig(network=DenoiserConfig(width=32, depth=2, heads=2), loop=LOOP),
    level64=LevelConfig(
        level=64,
        network=DenoiserConfig(width=32, depth=2, heads=2, in_channels=8),
        loop=replace(LOOP, steps=10),
    ),
)


def test_every_preset_builds() -> None:
    for name in ("nano", "small", "base"):
        config = build(GeneratorConfig, load_preset(name)["generator"], "generator")
        assert config.name == name
        assert config.level64.network.in_channels == 8


def test_small_and_base_share_their_networks() -> None:
    small, base = (build(GeneratorConfig, load_preset(n)["generator"]) for n in ("small", "base"))
    assert (small.level16.network, small.level64.network) == (base.level16.network, base.level64.network)


def test_bad_level_configs_are_named() -> None:
    with pytest.raises(BadInput, match="not one of"):
        LevelConfig(level=32)
    with pytest.raises(BadInput, match="in_channels"):
        LevelConfig(level=64)
    with pytest.raises(BadInput, match="drop_text"):
        LevelConfig(drop_text=1.5)


def test_level_frames_by_hand() -> None:
    x = np.full((4, 32, 16), 1.0, dtype=np.float32)
    target, valid, coarse = level_frames([x], 16, 4)
    assert target.shape == (1, 4, 16, 16)
    assert coarse is None
    assert float(valid.sum()) == 16 * 8
    assert torch.equal(target[0, :, :, 4:12], torch.ones(4, 16, 8))
    assert (target[0, :, :, :4] == -1).all()
    target, valid, coarse = level_frames([x], 64, 4)
    assert target.shape == (1, 4, 32, 16)
    assert coarse is not None
    torch.testing.assert_close(coarse, target)


def test_batches_are_a_pure_function_of_seed_and_step(tiny_store: Path) -> None:
    store = Store.open(tiny_store)
    cache = TextCache(tiny_store / "text")
    make = lambda seed: LevelTask(TINY.level16, store, cache, store_vocabulary(store), batch_size=8, seed=seed)  # noqa: E731
    first, second, other = make(0), make(0), make(1)
    cache.ensure(first.captions())
    assert torch.equal(first.batch(3)["target"], second.batch(3)["target"])
    assert not torch.equal(first.batch(3)["target"], other.batch(3)["target"])
    assert not torch.equal(first.batch(3)["target"], first.batch(4)["target"])


def test_training_learns_and_its_bundle_draws(tiny_store: Path, tmp_path: Path) -> None:
    result = run(TINY, tiny_store, tmp_path / "run")
    rows = [r for r in (tmp_path / "run/level16/metrics.jsonl").read_text().splitlines() if '"velocity"' in r]
    assert rows
    assert result.levels[16].metrics["val_mse_t0.2"] < 0.5  # a constant guess scores about 0.9 on these discs
    sprite = load(result.bundle)("a red disc", size=(24, 32), num_inference_steps=4).sprites[0]
    assert sprite.rgba().shape == (24, 32, 4)
    assert list((tmp_path / "run/level16/samples").iterdir())
    again = run(
        replace(TINY, level16=replace(TINY.level16, loop=replace(LOOP, steps=64))),
        tiny_store,
        tmp_path / "run",
        levels=(16,),
    )
    assert again.levels[16].step == 64
    fresh = run(TINY, tiny_store, tmp_path / "other", levels=(64,), init_from=result.bundle)
    assert fresh.levels[64].step == 10


def test_a_run_keeps_the_networks_of_the_weights_it_starts_from(tiny_store: Path, tmp_path: Path) -> None:
    short = replace(LOOP, steps=2)
    other = DenoiserConfig(width=16, depth=1, heads=2, stem=4)
    old = replace(
        TINY,
        level16=replace(TINY.level16, network=other, loop=short),
        level64=replace(TINY.level64, network=replace(other, in_channels=8), loop=short),
    )
    first = run(old, tiny_store, tmp_path / "old")
    fresh = replace(TINY, level16=replace(TINY.level16, loop=short), level64=replace(TINY.level64, loop=short))
    second = run(fresh, tiny_store, tmp_path / "new", init_from=first.bundle)
    for level, network in ((16, other), (64, replace(other, in_channels=8))):
        found = Bundle(second.bundle).get_level(level)[0]["denoiser"]
        assert isinstance(found, Denoiser)
        assert found.config == network
    third = run(
        replace(fresh, level16=replace(fresh.level16, loop=replace(short, steps=4))),
        tiny_store,
        tmp_path / "new",
        levels=(16,),
    )
    assert third.levels[16].samples == 4 * LOOP.batch_size
