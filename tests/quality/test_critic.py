"""The critic: its figures by hand, its losses, and a tiny one that learns to tell faults from real art's like."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from pixelmind import cli
from pixelmind.data.store import Store
from pixelmind.errors import BadInput
from pixelmind.quality.cells import CHANNELS
from pixelmind.quality.critic import INSIDE, Critic, CriticConfig, load_critic
from pixelmind.quality.critic_task import CriticStageConfig, CriticTask, soft_jaccard
from pixelmind.quality.critic_test import auroc, held_out, iou, judged, measure, thresholds
from pixelmind.quality.defects.base import changed
from pixelmind.quality.examples import recoloured
from pixelmind.quality.verdict import FAMILIES
from pixelmind.training.config import LoopConfig

TINY = CriticStageConfig(
    network=CriticConfig(widths=(16, 24), hidden=16, scorer=(8, 16)),
    drawn=0,
    cells=4096,
    mix="",
    test_pictures=20,
    loop=LoopConfig(
        steps=4, batch_size=6, lr=3e-3, warmup_steps=1, threads=1, prefetch=0, ema_halflife_samples=(16.0,)
    ),
)


def test_auroc_by_hand() -> None:
    assert auroc([3, 4], [1, 2]) == 1
    assert auroc([1, 2], [3, 4]) == 0
    assert auroc([1, 3], [2]) == 0.5
    assert auroc([1, 1], [1]) == 0.5  # ties count half
    assert np.isnan(auroc([], [1]))


def test_iou_by_hand() -> None:
    a, b = np.zeros((2, 3), bool), np.zeros((2, 3), bool)
    assert iou(a, b) == 1
    a[0], b[:, 0] = True, True
    assert iou(a, b) == 1 / 4


def test_thresholds_leave_the_asked_share() -> None:
    rng = np.random.default_rng(0)
    clean = rng.normal(size=(5000, 3)) * [1, 5, 0.1]
    limits = thresholds(clean, 0.02)
    at = np.array([limits[f] for f in FAMILIES])
    assert (clean > at).any(1).mean() <= 0.02
    assert (clean > at).any(1).mean() > 0.018
    alone = (clean > at).mean(0)
    assert alone == pytest.approx(alone.mean(), abs=5e-4)


def test_soft_jaccard_by_hand() -> None:
    where = torch.tensor([[[1.0, 1.0, 0.0, 0.0]]])
    inside = torch.tensor([[[1.0, 1.0, 1.0, 0.0]]])
    assert soft_jaccard(where, where, inside).item() == 0
    # p = 0.5 everywhere: both 1; either (0.5 + 1 - 0.5) * 2 + 0.5 = 2.5 in the cells inside
    assert soft_jaccard(torch.full((1, 1, 4), 0.5), where, inside).item() == pytest.approx(1 - 1 / 2.5)


def test_each_picture_is_judged_by_itself_and_frames_do_not_score() -> None:
    torch.manual_seed(0)
    net = Critic(CriticConfig(widths=(16, 24), hidden=16, scorer=(8, 16))).eval()
    x = torch.randn(3, CHANNELS, 16, 16)
    x[:, INSIDE] = 1
    whole, alone = net(x), net(x[1:2])
    assert torch.allclose(whole.score[1:2], alone.score, atol=1e-5)
    assert torch.allclose(whole.heat[1:2], alone.heat, atol=1e-5)
    assert not any(isinstance(m, torch.nn.modules.batchnorm._BatchNorm) for m in net.modules())


def test_recolouring_keeps_shapes() -> None:
    rng = np.random.default_rng(3)
    rgba = np.zeros((8, 8, 4), np.uint8)
    rgba[2:6, 2:6] = (200, 40, 90, 255)
    rgba[3:5, 3:5] = (20, 140, 60, 255)
    out = recoloured(rgba, rng)
    assert (out[..., 3] == rgba[..., 3]).all()
    assert len(np.unique(out.reshape(-1, 4), axis=0)) == 3
    assert (out != rgba).any()
    assert not out[rgba[..., 3] == 0].any()


def test_batches_hold_pairs_and_depend_on_the_step_alone(store: Path) -> None:
    fakes = [np.full((16, 16, 4), 255, np.uint8)] * 8
    task = CriticTask(TINY, Store.open(store), fakes)
    drawn = 0
    for step in range(12):
        batch, again = task.batch(step), task.batch(step)
        assert all(torch.equal(batch[k], again[k]) for k in batch)
        size = len(batch["where"])
        cells = batch["cells"]
        drawn += len(cells) - 2 * size
        assert 0 < size <= 6
        clean, damaged = cells[:size], cells[size : 2 * size]
        differ = (clean[:, :4] != damaged[:, :4]).any(1)
        assert differ.flatten(1).any(1).all()
        assert not (differ & ~batch["where"].any(1)).any()  # what changed is marked
        assert bool(batch["scored"]) == (step % TINY.wasserstein_every == 0)
    assert drawn > 0


def test_the_wasserstein_terms_move_the_score_only_when_due(store: Path) -> None:
    task = CriticTask(TINY, Store.open(store))
    rng = torch.Generator().manual_seed(0)
    last = task.critic.scorer.last.weight

    def gradient(step: int) -> float:
        task.critic.zero_grad()
        task.loss(task.batch(step), rng)["loss"].backward()
        return 0.0 if last.grad is None else float(last.grad.abs().sum())

    assert gradient(0) > 0
    assert gradient(1) == 0
    found = task.loss(task.batch(0), rng)
    assert float(found["penalty"]) > 0


def test_a_tiny_critic_learns_a_batch_by_heart(store: Path) -> None:
    """All losses' gradients lead where they should: families, places, and a distance that the penalty bounds."""
    config = replace(TINY, wasserstein=0.1, loop=replace(TINY.loop, batch_size=8))
    task = CriticTask(config, Store.open(store))
    batch = task.batch(0)
    size = len(batch["where"])
    optimizer = torch.optim.AdamW(task.critic.parameters(), lr=5e-3)
    for step in range(150):
        found = task.loss(batch, torch.Generator().manual_seed(step))
        optimizer.zero_grad()
        found["loss"].backward()
        torch.nn.utils.clip_grad_norm_(task.critic.parameters(), 1.0)
        optimizer.step()
    with torch.no_grad():
        said = task.critic(batch["cells"])
    labels = batch["where"].flatten(2).any(2)
    logits = said.families[: 2 * size].numpy()
    truth = torch.cat([torch.zeros_like(labels), labels]).numpy()
    for f in range(len(FAMILIES)):
        if truth[:, f].any():
            assert auroc(logits[truth[:, f], f], logits[~truth[:, f], f]) > 0.95
    heat = said.heat[size : 2 * size].sigmoid().numpy()
    hits = [iou(heat[i, f] > 0.5, batch["where"][i, f].numpy()) for i, f in np.argwhere(labels.numpy())]
    assert np.mean(hits) > 0.4
    assert float(found["distance"]) > 0.2
    apart = (batch["cells"][:size] - batch["cells"][size : 2 * size]).flatten(1).norm(dim=1).mean()
    assert float(found["distance"]) < 1.5 * float(apart)  # of slope 1 no critic could say more than the pairs are apart


def test_figures_of_an_untrained_critic_are_chance(store: Path) -> None:
    torch.manual_seed(0)
    held = held_out(Store.open(store), "train", 30, 0)
    found = measure(
        Critic(CriticConfig(widths=(16, 24), hidden=16, scorer=(8, 16))).eval(), held, {"low": 0.25}, seed=1
    )
    rows = found.by_family("low")
    assert all(0.25 < rows[f]["auroc"] < 0.75 for f in FAMILIES)
    assert rows["palette"]["n"] <= len(held)
    assert sum(r["n"] for r in found.by_defect("low").values()) == len(found.cases)
    limits = thresholds(found.clean, 0.1)
    assert found.alarms(limits) <= 0.1


def test_judged_cuts_the_frame_away() -> None:
    torch.manual_seed(0)
    net = Critic(CriticConfig(widths=(16, 24), hidden=16, scorer=(8, 16))).eval()
    sizes = [(9, 22), (16, 16), (9, 22), (40, 8)]
    rng = np.random.default_rng(0)
    pictures = [
        np.concatenate([rng.integers(0, 256, (*s, 3), np.uint8), np.full((*s, 1), 255, np.uint8)], 2) for s in sizes
    ]
    found = judged(net, pictures)
    for size, picture, (score, logits, heat) in zip(sizes, pictures, found):
        assert heat.shape == (3, *size)
        assert logits.shape == (3,)
        alone = judged(net, [picture])[0]
        assert score == pytest.approx(alone[0], abs=1e-4)


def test_a_run_can_start_from_a_bundle_of_its_shape(store: Path, tmp_path: Path) -> None:
    torch.manual_seed(5)
    saved = Critic(TINY.network)
    saved.save(tmp_path)
    started = CriticTask(replace(TINY, init_from=str(tmp_path)), Store.open(store)).critic
    for key, value in saved.state_dict().items():
        assert torch.equal(started.state_dict()[key], value.half().float()), key
    assert all(p.requires_grad for p in started.parameters())
    other = replace(TINY, init_from=str(tmp_path), network=CriticConfig(widths=(16, 32), hidden=16, scorer=(8, 16)))
    with pytest.raises(BadInput, match="the critic of"):
        CriticTask(other, Store.open(store))


def test_nonsense_is_refused() -> None:
    for bad in ({"penalty": -1}, {"wasserstein_every": 0}, {"mix": "real"}):
        with pytest.raises(BadInput, match=r"critic|mix"):
            CriticStageConfig(**bad)  # type: ignore[arg-type]
    for widths in ((), (12,), (8, 8, 8, 8, 8)):
        with pytest.raises(BadInput, match="widths"):
            CriticConfig(widths=widths)


def test_the_command_trains_resumes_and_reports(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    small = ["--set", "critic.loop.steps=3", "--set", "critic.test_pictures=6", "--set", "critic.mix=procedural 1"]
    arguments = ["train", "critic", "--preset", "nano", "--data", str(store), "--out", str(run), *small]
    assert cli.run([*arguments, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["samples"] == 3 * 12
    critic, about = load_critic(run)
    assert set(about["thresholds"]) == set(FAMILIES)
    assert not critic.training
    assert (run / "report.json").is_file()
    assert cli.run(arguments) == 0
    assert (
        cli.run(["train", "critic", "--preset", "nano", "--data", str(store), "--out", str(run), "--level", "16"]) == 2
    )
    assert "no levels" in capsys.readouterr().err


def test_changed_marks_only_what_differs() -> None:
    one = np.zeros((2, 2, 4), np.uint8)
    other = one.copy()
    other[0, 1] = 9
    assert changed(one, other).tolist() == [[False, True], [False, False]]
