"""The refiner: its loss by hand, what it may do, and a tiny one that mends."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from pixelmind import cli
from pixelmind.data.store import Store
from pixelmind.errors import BadInput
from pixelmind.quality.examples import near, suspected
from pixelmind.quality.refiner import OPTIONS, OWN, SWATCHES, TOLD, Refiner, RefinerConfig, load_refiner
from pixelmind.quality.refiner_stage import LEVELS, Moved, best_level, figures, tried
from pixelmind.quality.refiner_task import RefinerStageConfig, RefinerTask, pointer_loss
from pixelmind.training.config import LoopConfig

TINY = RefinerStageConfig(
    network=RefinerConfig(widths=(16, 24), keys=8),
    mix="",
    test_pictures=10,
    loop=LoopConfig(
        steps=4, batch_size=6, lr=3e-3, warmup_steps=1, threads=1, prefetch=0, ema_halflife_samples=(16.0,)
    ),
)


def test_the_loss_by_hand() -> None:
    logits = torch.zeros(1, 4, 1, 3)
    logits[0, 3] = 50.0  # not there: does not count
    there = torch.ones(1, 4, 1, 3, dtype=torch.bool)
    there[0, 3] = False
    right = torch.zeros_like(there)
    right[0, :2, 0, 0] = True  # two of three options wear the right colour
    right[0, 0, 0, 1] = True
    found = pointer_loss(logits, there, right)[0, 0]
    assert found.tolist() == pytest.approx([-math.log(2 / 3), -math.log(1 / 3), 0])
    wild = logits.clone().requires_grad_(True)
    pointer_loss(wild, there, right).sum().backward()
    assert wild.grad is not None
    assert torch.isfinite(wild.grad).all()
    assert wild.grad[0, :, 0, 2].abs().sum() == 0  # no option is right there


def test_shapes_and_a_picture_alone_or_among_others() -> None:
    torch.manual_seed(0)
    net = Refiner(RefinerConfig(widths=(16, 24), keys=8)).eval()
    cells, told = torch.randn(2, 20, 16, 24), torch.randn(2, SWATCHES, TOLD, 16, 24)
    suspected = (torch.rand(2, 1, 16, 24) < 0.5).float()
    found = net(cells, suspected, told)
    assert found.shape == (2, OPTIONS, 16, 24)
    assert torch.allclose(found[1:], net(cells[1:], suspected[1:], told[1:]), atol=1e-5)


def test_moves_are_colours_of_the_picture() -> None:
    torch.manual_seed(1)
    net = Refiner(RefinerConfig(widths=(16, 24), keys=8)).eval()
    rng = np.random.default_rng(0)
    palette = np.array([[0, 0, 0, 0], [250, 10, 20, 255], [240, 20, 20, 255], [0, 90, 200, 255]], np.uint8)
    rgba = palette[rng.integers(0, 4, (11, 19))]
    best, wrong = net.moves(rgba, np.ones((11, 19), bool))
    assert best.shape == rgba.shape
    assert wrong.shape == (11, 19)
    assert (wrong >= 0).all()
    assert (wrong <= 1 + 1e-6).all()
    assert set(map(tuple, best.reshape(-1, 4))) <= set(map(tuple, palette))
    flat = np.full((5, 5, 4), 255, np.uint8)
    best, wrong = net.moves(flat, np.ones((5, 5), bool))
    assert np.array_equal(best, flat)
    assert wrong.max() < 1e-5  # there is nothing else to be


def test_targets_lead_back_to_the_clean_picture(store: Path) -> None:
    task = RefinerTask(replace(TINY, clean=0.0), Store.open(store))
    batch, again = task.batch(2), task.batch(2)
    assert all(torch.equal(batch[k], again[k]) for k in batch)
    right, there = batch["right"], batch["there"]
    assert not (right & ~there).any()
    inside = batch["cells"][:, 5] > 0
    assert (there[:, OWN] == inside).all()
    at_fault = inside & ~right[:, OWN]
    assert at_fault.flatten(1).any(1).all()
    assert (at_fault & right.any(1)).any()  # some of them can be mended
    marked = batch["suspected"][:, 0] > 0
    assert (at_fault & marked).sum() > 0.6 * at_fault.sum()
    assert (marked & inside & ~at_fault).any()  # a rim at least is sound


def test_a_tiny_refiner_learns_to_mend(store: Path) -> None:
    torch.manual_seed(0)
    task = RefinerTask(replace(TINY, loop=replace(TINY.loop, batch_size=8)), Store.open(store))
    optimizer = torch.optim.AdamW(task.refiner.parameters(), lr=3e-3)
    first, last = [], []
    for step in range(100):
        found = task.loss(task.batch(step), torch.Generator().manual_seed(step))
        optimizer.zero_grad()
        found["loss"].backward()
        torch.nn.utils.clip_grad_norm_(task.refiner.parameters(), 1.0)
        optimizer.step()
        (first if step < 20 else last).append(float(found["loss"].detach()))
    assert np.mean(last[-30:]) < np.mean(first) * 0.9


def test_figures_by_hand() -> None:
    steps = len(LEVELS)
    ramp = tuple(range(steps))
    one = Moved(
        name="a", family="palette", suspected=10, moved=(4,) * steps, wrong=4, right=(3,) * steps, broken=(3,) * steps
    )
    other = Moved(name="b", family="palette", suspected=5, moved=ramp, wrong=2, right=(0,) * steps, broken=ramp[::-1])
    assert figures([one, other], 1) == pytest.approx(
        {"n": 2.0, "moved": 0.3, "mended": 0.375, "broken": (0.5 + (steps - 2) / 3) / 2}
    )
    assert math.isnan(figures([], 0)["moved"])
    assert best_level([one, other]) == steps - 1  # where the fewest are broken


def test_suspected_cells_have_a_rim_and_err() -> None:
    rgba = np.full((20, 20, 4), 255, np.uint8)
    where = np.zeros((20, 20), bool)
    where[5:9, 5:9] = True
    sizes = []
    for seed in range(40):
        found = suspected(where, rgba, np.random.default_rng(seed))
        sizes.append(int(found.sum()))
        assert (found & where).sum() >= 8
        nothing = suspected(np.zeros_like(where), rgba, np.random.default_rng(seed))
        assert 9 <= nothing.sum() < 200
    assert len(set(sizes)) > 3
    assert near(where).sum() == 36


def test_a_refiner_that_moves_nothing_mends_nothing(store: Path) -> None:
    from pixelmind.quality.critic_test import held_out

    torch.manual_seed(0)
    net = Refiner(RefinerConfig(widths=(16, 24), keys=8)).eval()
    with torch.no_grad():
        net.offset.bias[OWN] = 1e4
    pictures = held_out(Store.open(store), "train", 6, 0)
    found = tried(net, pictures, 0.5, 0)
    assert {m.family for m in found} >= {"clean", "alignment", "palette"}
    assert all(m.moved == (0,) * len(LEVELS) for m in found)
    assert all(m.wrong > 0 and m.right == (0,) * len(LEVELS) for m in found if m.family != "clean")
    assert all(m.wrong == 0 for m in found if m.family == "clean")


def test_a_run_can_start_from_a_bundle_of_its_shape(store: Path, tmp_path: Path) -> None:
    torch.manual_seed(5)
    saved = Refiner(TINY.network)
    saved.save(tmp_path)
    started = RefinerTask(replace(TINY, init_from=str(tmp_path)), Store.open(store)).refiner
    for key, value in saved.state_dict().items():
        assert torch.equal(started.state_dict()[key], value.half().float()), key
    assert all(p.requires_grad for p in started.parameters())


def test_nonsense_is_refused() -> None:
    for bad in ({"clean": 2}, {"at_fault": -1}, {"test_pictures": 0}):
        with pytest.raises(BadInput, match="refiner"):
            RefinerStageConfig(**bad)  # type: ignore[arg-type]
    for network in ({"widths": (12,)}, {"keys": 0}, {"widths": (8, 8, 8, 8, 8)}):
        with pytest.raises(BadInput, match="refiner"):
            RefinerConfig(**network)  # type: ignore[arg-type]


def test_the_command_trains_and_reports(store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = tmp_path / "run"
    small = ["--set", "refiner.loop.steps=3", "--set", "refiner.test_pictures=6", "--set", "refiner.mix=procedural 1"]
    arguments = ["train", "refiner", "--preset", "nano", "--data", str(store), "--out", str(run), *small]
    assert cli.run([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["samples"] == 3 * 8
    refiner, about = load_refiner(run)
    assert 0 < about["move_at"] <= 1
    assert not refiner.training
    assert cli.run([*arguments, "--feedback", "x.db"]) == 2
    assert "--feedback" in capsys.readouterr().err
