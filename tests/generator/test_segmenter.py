"""The segmenter: its arithmetic by hand, what it learns from drawn scenes, and the command."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from pixelmind import cli
from pixelmind.data.procedural.config import SynthConfig
from pixelmind.data.procedural.regions import REGIONS
from pixelmind.data.procedural.stage import synth
from pixelmind.data.store import Store
from pixelmind.errors import BadInput
from pixelmind.generator.segmenter import Segmenter, SegmenterConfig, load_segmenter
from pixelmind.generator.segmenter_task import (
    UNKNOWN,
    SegmenterStageConfig,
    SegmenterTask,
    _figures,
    known_parts,
    run,
    soft_jaccard,
)
from pixelmind.pixels.png import encode_rgba_png
from pixelmind.training.config import LoopConfig

TINY = SegmenterStageConfig(
    network=SegmenterConfig(widths=(16, 24)),
    crop=16,
    test_pictures=20,
    loop=LoopConfig(
        steps=60, batch_size=16, lr=3e-3, warmup_steps=5, threads=1, prefetch=0, ema_halflife_samples=(64.0,)
    ),
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scenes") / "store"
    synth(SynthConfig(num_samples=160, families=("landscape",), composed=0.0, max_size=32, progress=False), path)
    return path


def test_mean_iou_by_hand() -> None:
    # two classes: truth 3 cells of a (2 found, 1 taken for b) and 1 cell of b (found): IoU 2/3 and 1/2
    confusion = np.zeros((len(REGIONS), len(REGIONS)), np.int64)
    confusion[1, 1], confusion[1, 2], confusion[2, 2] = 2, 1, 1
    miou, right = _figures(confusion, 1, "here")
    assert miou.value == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert right.value == pytest.approx(3 / 4)


def test_any_size_and_clear_cells_are_background() -> None:
    torch.manual_seed(0)
    net = Segmenter(SegmenterConfig(widths=(16, 24, 32)))
    rgba = np.zeros((9, 22, 4), np.uint8)
    rgba[2:7, 3:20] = (200, 30, 40, 255)
    mask, names = net.segment(rgba, torch.ones(384))
    assert mask.shape == (9, 22)
    assert names[0] == "background"
    assert set(np.unique(mask)) <= set(range(len(names)))
    assert (mask[rgba[..., 3] == 0] == 0).all()


def test_targets_follow_the_picture_through_mirror_and_window(store: Path) -> None:
    task = SegmenterTask(TINY, Store.open(store))
    task.cache.ensure(task.captions())
    batch, again = task.batch(3), task.batch(3)
    assert torch.equal(batch["canvas"], again["canvas"])
    clear = batch["canvas"][:, 3] == -1
    assert (batch["target"][clear] == 0).all()
    opaque = batch["target"][~clear]
    assert len(opaque.unique()) > 3
    assert (opaque != UNKNOWN).all()
    told = batch["pooled"].abs().sum(1) > 0
    assert 0 < int(told.sum()) < len(told)  # some come without words


def test_it_learns_and_the_bundle_and_the_command_use_it(store: Path, tmp_path: Path) -> None:
    trained, figures = run(TINY, store, tmp_path / "run")
    assert trained.finished
    by_metric = {f.metric: f.value for f in figures}
    assert by_metric["cells_right"] > 0.5  # the commonest class alone is right in under 0.4 of cells
    net = load_segmenter(tmp_path / "run")
    assert net.names == REGIONS
    rgba = np.zeros((24, 24, 4), np.uint8)
    rgba[..., 3] = 255
    rgba[:12, :, 2], rgba[12:, :, 1] = 220, 160
    (tmp_path / "scene.png").write_bytes(encode_rgba_png(rgba))
    assert cli.run(["segment", str(tmp_path / "scene.png"), "--weights", str(tmp_path / "run"), "--json"]) == 0
    assert (tmp_path / "scene-parts.png").is_file()


def test_a_store_without_parts_is_refused(tiny_store: Path) -> None:
    assert known_parts(Store.open(tiny_store)) == []
    with pytest.raises(BadInput, match="data synth"):
        SegmenterTask(TINY, Store.open(tiny_store))


def test_bad_configs_are_named() -> None:
    with pytest.raises(BadInput, match="widths"):
        SegmenterConfig(widths=(12,))
    with pytest.raises(BadInput, match="crop"):
        SegmenterStageConfig(crop=20)


def test_soft_jaccard_by_hand() -> None:
    # chances of two classes for three cells, true classes 0, 0, 1; the third class does not occur
    p = torch.tensor([[0.9, 0.1, 1e-9], [0.6, 0.4, 1e-9], [0.2, 0.8, 1e-9]])
    target = torch.tensor([0, 0, 1])
    first, second = 1.5 / (1.7 + 2 - 1.5), 0.8 / (1.3 + 1 - 0.8)
    assert float(soft_jaccard(p.log(), target)) == pytest.approx(1 - (first + second) / 2, abs=1e-5)
    assert float(soft_jaccard(torch.zeros(0, 3), target[:0])) == 0


def test_large_windows_come_fewer_at_a_time(store: Path) -> None:
    task = SegmenterTask(replace(TINY, cells=3 * 16 * 16, jaccard=1.0), Store.open(store))
    task.cache.ensure(task.captions())
    batches = [task.batch(step) for step in range(6)]
    assert all(b["target"].numel() <= 3 * 16 * 16 and len(b["target"]) == len(b["pooled"]) for b in batches)
    assert max(len(b["target"]) for b in batches) >= 3
    assert torch.isfinite(task.loss(batches[0], torch.Generator())["loss"])


def test_a_run_can_start_from_a_bundle(store: Path, tmp_path: Path) -> None:
    torch.manual_seed(3)
    start = Segmenter(TINY.network)
    start.save(tmp_path / "start")
    task = SegmenterTask(replace(TINY, init_from=str(tmp_path / "start")), Store.open(store))
    assert torch.equal(task.segmenter.head.weight, start.head.weight.half().float())
    other = replace(TINY, network=SegmenterConfig(widths=(16, 32)), init_from=str(tmp_path / "start"))
    with pytest.raises(BadInput, match="start"):
        SegmenterTask(other, Store.open(store))


def test_a_pupil_of_a_teacher_comes_near_it(store: Path, tmp_path: Path) -> None:
    """Taught alone, without the truth, it says more and more of what its teacher says."""
    teacher, _ = run(TINY, store, tmp_path / "teacher")
    assert not teacher.interrupted
    config = replace(TINY, teacher=str(tmp_path / "teacher"), distill=1.0, network=SegmenterConfig(widths=(16, 16)))
    task = SegmenterTask(config, Store.open(store))
    task.cache.ensure(task.captions())
    assert task.teacher is not None
    assert task.teacher.config.widths == (16, 24)
    optimizer = torch.optim.AdamW(task.segmenter.parameters(), lr=6e-3)
    losses = []
    for step in range(100):
        loss = task.loss(task.batch(step), torch.Generator())["loss"]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert all(p.grad is None for p in task.teacher.parameters())
    assert np.mean(losses[-8:]) < 0.7 * np.mean(losses[:8])
    with pytest.raises(BadInput, match="distill"):
        SegmenterStageConfig(distill=2)
