from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from pixelmind.data.store import Store
from pixelmind.encoder.text_cache import TextCache
from pixelmind.errors import BadInput
from pixelmind.generator.bundle import Bundle
from pixelmind.generator.config import LEVELS, GeneratorConfig, LevelConfig
from pixelmind.generator.denoiser import Denoiser, DenoiserConfig
from pixelmind.generator.pipeline import load
from pixelmind.generator.stage import grow, run, store_vocabulary, trainable
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
    level256=LevelConfig(
        level=256,
        crop=32,
        network=DenoiserConfig(width=32, depth=2, heads=2, in_channels=8, patch=8),
        loop=replace(LOOP, steps=6, batch_size=8),
    ),
)


def test_every_preset_builds() -> None:
    for name in ("nano", "small", "base"):
        config = build(GeneratorConfig, load_preset(name)["generator"], "generator")
        assert config.name == name
        assert config.level64.network.in_channels == 8


def test_small_and_base_share_their_networks() -> None:
    small, base = (build(GeneratorConfig, load_preset(n)["generator"]) for n in ("small", "base"))
    assert [small.level(n).network for n in LEVELS] == [base.level(n).network for n in LEVELS]


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
    big = np.arange(4 * 128 * 96, dtype=np.float32).reshape(4, 128, 96)
    target, _, coarse = level_frames([big], 256, 8)
    assert target.shape == (1, 4, 128, 96)
    assert coarse is not None
    # from 64x48, two cells a side each: the mean of the four cells they cover
    torch.testing.assert_close(coarse[0, 0, 2:4, 4:6], torch.full((2, 2), float(big[0, 2:4, 4:6].mean())))
    target, _, _ = level_frames([big], 64, 4)  # a large picture is area-averaged for the levels below its own
    torch.testing.assert_close(target[0, 0, 1, 2], torch.tensor(float(big[0, 2:4, 4:6].mean())))


def test_batches_are_a_pure_function_of_seed_and_step(tiny_store: Path) -> None:
    store = Store.open(tiny_store)
    cache = TextCache(tiny_store / "text")
    make = lambda seed: LevelTask(TINY.level16, store, cache, store_vocabulary(store), batch_size=8, seed=seed)  # noqa: E731
    first, second, other = make(0), make(0), make(1)
    cache.ensure(first.captions())
    assert torch.equal(first.batch(3)["target"], second.batch(3)["target"])
    assert not torch.equal(first.batch(3)["target"], other.batch(3)["target"])
    assert not torch.equal(first.batch(3)["target"], first.batch(4)["target"])
    weights = [
        torch.cat([p.flatten() for m in t.modules().values() for p in m.parameters()]) for t in (first, second, other)
    ]
    assert torch.equal(weights[0], weights[1])  # the first weights, too, are the seed's
    assert not torch.equal(weights[0], weights[2])


def test_an_upper_level_is_faded_in_over_what_it_starts_from(tiny_store: Path) -> None:
    store, cache = Store.open(tiny_store), TextCache(tiny_store / "text")
    config = replace(TINY.level64, fade_samples=64)
    task = LevelTask(config, store, cache, store_vocabulary(store), batch_size=16, seed=0)
    cache.ensure(task.captions())
    assert [task.batch(step)["fade"] for step in range(5)] == [0.25, 0.5, 0.75, 1, 1]
    batch = task.batch(0)
    exact = {**batch, "target": batch["coarse"], "fade": 0.0}  # not faded in at all: the coarse canvas itself
    assert task.loss(exact, torch.Generator().manual_seed(0))["velocity"].item() == 0
    late = {**exact, "fade": 1.0}
    assert task.loss(late, torch.Generator().manual_seed(0))["velocity"].item() > 0.1


def test_a_batch_of_large_canvases_keeps_as_many_rows_as_cost_the_same(tiny_store: Path) -> None:
    store, cache = Store.open(tiny_store), TextCache(tiny_store / "text")
    task = LevelTask(TINY.level256, store, cache, store_vocabulary(store), batch_size=8, seed=0)
    cache.ensure(task.captions())
    rows = {tuple(batch["target"].shape[-2:]): len(batch["target"]) for batch in map(task.batch, range(24))}
    assert rows == {(32, 32): 8, (72, 80): 8 * 32 * 32 // (72 * 80)}


def test_a_level_grows_from_the_one_below() -> None:
    small, large = (Denoiser(TINY.level(n).network) for n in (64, 256))
    names = grow(large, small.state_dict())
    assert torch.equal(large.blocks[1].up.weight, small.blocks[1].up.weight)
    assert "blocks.0.qkv.weight" in names
    assert "embed.weight" not in names  # patches of another size
    assert large.embed.weight.shape != small.embed.weight.shape


def test_a_store_without_large_pictures_leaves_the_upper_levels_out(tiny_store: Path, tmp_path: Path) -> None:
    store = Store.open(tiny_store)
    assert trainable(store) == (16, 64, 256)
    little = Store.create(tmp_path / "little")
    little.append([s for s in store.samples(range(len(store))) if max(s.height, s.width) <= 16])
    assert trainable(little) == (16,)


def test_training_learns_and_its_bundle_draws(tiny_store: Path, tmp_path: Path) -> None:
    result = run(TINY, tiny_store, tmp_path / "run")
    rows = [r for r in (tmp_path / "run/level16/metrics.jsonl").read_text().splitlines() if '"velocity"' in r]
    assert rows
    assert result.levels[16].metrics["val_mse_t0.2"] < 0.5  # a constant guess scores about 0.9 on these discs
    sprite = load(result.bundle)("a red disc", size=(24, 32), num_inference_steps=4).sprites[0]
    assert sprite.rgba().shape == (24, 32, 4)
    assert load(result.bundle)("a red disc", size=(96, 200), num_inference_steps=4).sprites[0].rgba().shape == (
        96,
        200,
        4,
    )
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
