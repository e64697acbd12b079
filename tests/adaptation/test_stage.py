"""`train maml` in its smallest form: it learns, it resumes bit for bit, and its start is found and used."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
import torch

from pixelmind.adaptation import starts
from pixelmind.adaptation.config import MamlConfig
from pixelmind.adaptation.stage import run
from pixelmind.errors import BadInput
from pixelmind.generator.bundle import Bundle
from pixelmind.training.config import LoopConfig, build, load_preset
from pixelmind.training.lora import LoraConfig


def config(steps: int, **changes) -> MamlConfig:
    loop = LoopConfig(
        steps=steps,
        batch_size=3,
        lr=2e-2,
        warmup_steps=2,
        weight_decay=0.0,
        schedule="constant",
        ema_halflife_samples=(6.0,),
        ema_every=1,
        checkpoint_every_steps=4,
        log_every=1,
        autocast="none",
        prefetch=0,
    )
    base = MamlConfig(
        loop=loop,
        levels=(16,),
        lora=LoraConfig(rank=2, alpha=2.0),
        rows=4,
        shots=(1, 4),
        inner_steps=2,
        inner_lr=0.1,
        report_episodes=1,
    )
    return dataclasses.replace(base, **changes)


def metrics(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


@pytest.mark.slow
def test_meta_training_lowers_the_loss_and_its_start_is_used(style_store, style_bundle, tmp_path):
    fresh = run(config(1), style_store, tmp_path / "fresh", weights=style_bundle)
    result = run(config(15, levels=(16, 64)), style_store, tmp_path, weights=style_bundle)
    assert len(result.held_out) == 1
    rows = [r for r in metrics(tmp_path / "level16") if "query_after" in r]
    assert len(rows) == 15  # every meta-update tells its query loss before and after
    assert {"query_before", "query_after", "gain"} <= rows[0].keys()
    assert sum(r["gain"] for r in rows) > 0
    name = "level16 held_out_after"
    assert result.figures()[name] < fresh.figures()[name]
    start = starts.find(Bundle(style_bundle), result.bundle)
    assert start is not None
    assert set(start.levels) == {16, 64}
    assert start.rates[16].shape == (2, len(start.levels[16]))
    assert start.about["algorithm"] == "fomaml"


@pytest.mark.parametrize("algorithm", ["maml", "reptile"])
def test_the_other_algorithms_run_and_move_the_start(algorithm, style_store, style_bundle, tmp_path):
    found = run(config(2, algorithm=algorithm), style_store, tmp_path, weights=style_bundle)
    start = starts.find(Bundle(style_bundle), found.bundle)
    assert start is not None
    moved = [value.abs().sum().item() for name, value in start.levels[16].items() if name.endswith(".b")]
    assert max(moved) > 0


def test_a_resumed_run_is_the_unbroken_one(style_store, style_bundle, tmp_path):
    whole = run(config(6), style_store, tmp_path / "whole", weights=style_bundle)
    calls = iter([False, False, False, True])
    part = run(config(6), style_store, tmp_path / "part", weights=style_bundle, stop=lambda: next(calls))
    assert part.interrupted
    rest = run(config(6), style_store, tmp_path / "part", weights=style_bundle)
    assert rest.levels[16].step == 6
    a, b = (dict(r.levels[16].modules["start"].named_parameters()) for r in (whole, rest))
    assert all(torch.equal(a[name], b[name]) for name in a)
    with pytest.raises(BadInput, match=r"inner_steps was 2, now 3"):
        run(config(6, inner_steps=3), style_store, tmp_path / "part", weights=style_bundle)


def test_bad_settings_are_refused(style_store, style_bundle, tmp_path):
    for changes, message in (
        ({"levels": (256,)}, "levels must be of"),
        ({"shots": (0,)}, "shots must lie"),
        ({"rows": 0}, "at least 1"),
        ({"held_out": 1.0}, "held_out must lie"),
        ({"recolor": 2.0}, "recolor must lie"),
    ):
        with pytest.raises(BadInput, match=message):
            config(1, **changes)
    with pytest.raises(BadInput, match="no store at"):
        run(config(1), tmp_path / "nowhere", tmp_path / "out", weights=style_bundle)


@pytest.mark.parametrize("preset", ["nano", "small", "base"])
def test_presets_hold_a_table(preset):
    table = build(MamlConfig, load_preset(preset)["maml"], "maml")
    assert table.loop.steps == {"nano": 20, "small": 80, "base": 1000}[preset]
    assert table.loop.batch_size == (4 if preset == "nano" else 16)
    assert table.inner_steps == 5
