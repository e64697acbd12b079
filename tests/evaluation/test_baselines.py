"""The baselines learn from a store for equal CPU seconds, answer requests exactly, and are tabled beside ours."""

import importlib.util
import json
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from pixelmind.data.loader import Loader
from pixelmind.data.store import Store
from pixelmind.encoder.text_cache import TextCache
from pixelmind.evaluation.metrics import conformance
from pixelmind.generator.canvas import to_canvas
from pixelmind.generator.denoiser import DenoiserConfig
from pixelmind.generator.stage import store_vocabulary
from pixelmind.generator.task import LevelBatch
from pixelmind.pixels import palettes
from pixelmind.records import Conditioning, GenerationRequest
from pixelmind.training.config import LoopConfig
from pixelmind.training.loop import TrainResult, train
from pixelmind.training.task import Task

FOLDER = Path(__file__).parents[2] / "experiments" / "baselines"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="experiments/ is not part of an installed package")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("baselines_run", FOLDER / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    before = list(sys.path)
    spec.loader.exec_module(module)
    sys.path[:] = before
    small = DenoiserConfig(width=32, depth=2, heads=2)
    module.SingleLevelTask.network = module.PlainTask.network = small
    return module


@pytest.fixture(scope="module", params=["single-level", "plain-diffusion"])
def pair(request: pytest.FixtureRequest, script: ModuleType, store: Path, tmp_path_factory: Any) -> tuple[Any, Any]:
    """A task and a pipeline of its fresh networks."""
    opened, name = Store.open(store), request.param
    vocabulary = store_vocabulary(opened)
    cache = TextCache(tmp_path_factory.mktemp("text"))
    task_class, pipeline_class = {
        "single-level": (script.SingleLevelTask, script.SingleLevelPipeline),
        "plain-diffusion": (script.PlainTask, script.PlainPipeline),
    }[name]
    torch.manual_seed(0)
    task = task_class(opened, cache, vocabulary, mix="", batch_size=4, seed=0)
    cache.ensure(task.captions())
    return task, pipeline_class(task.modules(), vocabulary, name)


def requests(**more: Any) -> list[GenerationRequest]:
    return [
        GenerationRequest(conditioning=Conditioning(prompt="red square", height=h, width=w, **k), seed=5, **more)
        for h, w, k in (
            (16, 16, {}), (8, 13, {}), (32, 24, {"max_colors": 3}), (64, 40, {"palette": palettes.get("pico-8")})
        )
    ]  # fmt: skip


def check_answers(generator: Any, asked: list[GenerationRequest]) -> None:
    first, again = (generator.generate_batch(asked) for _ in range(2))
    for request, a, b in zip(asked, first, again, strict=True):
        assert len(a.sprites) == request.num_images
        for one, two in zip(a.sprites, b.sprites):
            assert conformance.violations(one, request.conditioning) == ()
            assert (one.rgba() == two.rgba()).all()


def test_a_step_of_training_reaches_every_network(pair: tuple[Any, Any]) -> None:
    task, _ = pair
    assert {max(r.shape[:2]) for step in range(12) for r in task.loader.batch(step).rgba} == {12, 16, 24}
    batch = task.batch(0)
    terms = task.loss(batch, torch.Generator().manual_seed(0))
    terms["loss"].backward()
    for name, module in task.modules().items():
        assert any(p.grad is not None and bool(p.grad.abs().sum() > 0) for p in module.parameters()), name
        module.zero_grad(set_to_none=True)


def test_diffusion_baselines_answer_as_asked(pair: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pair[1], "steps", 2)
    check_answers(pair[1], requests(num_images=2))


@pytest.mark.parametrize("pair", ["plain-diffusion"], indirect=True)
def test_plain_diffusion_learns_whole_enlarged_pictures(pair: tuple[Any, Any]) -> None:
    task, pipeline = pair
    rows = task.loader.batch(3)
    batch: LevelBatch = task._assemble(rows, np.random.default_rng(0), training=False)
    assert batch.target.shape[1:] == (4, 64, 64)
    for rgba, canvas in zip(rows.rgba, batch.target.numpy()):
        told = Conditioning(prompt="x", height=rgba.shape[0], width=rgba.shape[1])
        if rgba.shape[0] in (12, 16):  # snapping gives back what was enlarged
            assert np.abs(pipeline.native(canvas, told) - to_canvas(rgba)).mean() < 0.02


@pytest.mark.parametrize("pair", ["plain-diffusion"], indirect=True)
def test_ddim_with_the_true_noise_lands_on_the_picture(pair: tuple[Any, Any]) -> None:
    _, pipeline = pair
    plain = sys.modules["plain_diffusion"]
    clean = torch.rand(2, 4, 64, 64, generator=torch.Generator().manual_seed(1)) * 2 - 1

    def oracle(x: Tensor, t: Tensor, cond: Any) -> Tensor:
        a = plain.ALPHA_BAR[(t * plain.T).round().long()][:, None, None, None]
        return (x - a.sqrt() * clean.repeat(2, 1, 1, 1)) / (1 - a).sqrt()

    known, pipeline.net = pipeline.net, oracle
    try:
        with torch.inference_mode():
            cond, away = pipeline.condition([Conditioning(prompt="a", height=64, width=64)] * 2, [0, 1])
            noise = torch.randn(clean.shape, generator=torch.Generator().manual_seed(2))
            drawn = pipeline.denoise(noise, cond, away)
    finally:
        pipeline.net = known
    assert torch.allclose(drawn, clean, atol=1e-3)


# ----------------------------------------------------------------------------------------------------------- Five-Dollar
def test_classes_name_clear_cells_and_the_nearest_colour(script: ModuleType) -> None:
    five = sys.modules["five_dollar"]
    palette = np.array([[0, 0, 0], [250, 0, 0]], dtype=np.uint8)
    rgba = np.zeros((2, 2, 4), dtype=np.uint8)
    rgba[0, 0], rgba[1, 1] = (200, 10, 10, 255), (9, 9, 9, 255)
    assert five.to_classes(rgba, palette, 4).tolist() == [[0, 0, 0, 0], [0, 2, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]]
    assert five.to_classes(np.full((64, 48, 4), 255, np.uint8), palette, 32).sum() == 2 * 32 * 24  # the whole picture


def test_the_palette_comes_from_the_pictures(script: ModuleType, store: Path) -> None:
    loader = Loader(Store.open(store), "train", 16, 0)
    palette = sys.modules["five_dollar"].global_palette(loader, num_pictures=64)
    assert palette.shape == (32, 3)
    assert {(200, 30, 30), (40, 160, 50)} <= {tuple(c) for c in palette.tolist()}


def test_five_dollar_answers_as_asked(script: ModuleType) -> None:
    net = sys.modules["five_dollar"].FiveDollarModel(8)
    for side in (16, 32):
        assert net(torch.zeros(2, 384), torch.zeros(2, 16), side).shape == (2, 33, side, side)
    net.palette.copy_(torch.arange(96).reshape(32, 3))
    check_answers(script.FiveDollarPipeline({"five_dollar": net}, "five"), requests(num_images=2))


# ----------------------------------------------------------------------------------------------------- budget and table
class _Busy(Task):
    """A step burns 5 ms of CPU."""

    batch_samples = 1

    def __init__(self) -> None:
        self.net = nn.Linear(1, 1)

    def modules(self) -> dict[str, nn.Module]:
        return {"net": self.net}

    def batch(self, step: int) -> Tensor:
        end = time.process_time() + 0.005
        while time.process_time() < end:
            pass
        return torch.ones(1, 1)

    def loss(self, batch: Tensor, rng: torch.Generator) -> dict[str, Tensor]:
        return {"loss": self.net(batch).square().mean()}


def test_a_run_spends_its_cpu_seconds_and_decays_at_their_end(script: ModuleType, tmp_path: Path) -> None:
    signals = [20, 10]  # steps after which the first two calls are cut short
    out = tmp_path / "run"

    def step_on(steps: int, stop: Any) -> TrainResult:
        left = signals.pop() if signals else 10**9

        def cut() -> bool:
            nonlocal left
            left -= 1
            return bool(stop()) or left <= 0

        loop = LoopConfig(
            steps=steps, threads=1, warmup_steps=1, log_every=1, prefetch=0, device="cpu", checkpoint_every_seconds=0
        )
        return train(_Busy(), loop, out, resolved_config={}, stop=cut)

    assert script.spend(0.6, out, step_on) is None
    assert script.spend(0.6, out, step_on) is None
    clock = script.spend(0.6, out, step_on)
    assert clock is not None
    assert clock.finished
    assert clock.step == clock.steps
    assert 0.4 < clock.spent < 1.0
    rates = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    rates = [r["lr"] for r in rates if "lr" in r]
    flat = sum(r == rates[1] for r in rates) / len(rates)
    assert 0.7 < flat < 0.8
    assert rates[-1] < 0.1 * rates[1]


@pytest.mark.slow
def test_the_experiment_is_kept_and_tabled(
    script: ModuleType, store: Path, judge_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    args = ["--data", str(store), "--judge", str(judge_folder), "--out", str(tmp_path), "--mix", "", "--cpu-minutes"]
    few = ["--prompts", "8", "--images", "1", "--only", "five-dollar", "--seeds", "3"]
    monkeypatch.setitem(script.LOOPS, "five-dollar", (8, 100.0))
    assert script.main([*args, "0.01", *few]) == 0
    table = json.loads((tmp_path / "table.json").read_text())
    assert table["models"]["five-dollar"]["seeds"] == [3]
    assert set(table["models"]["five-dollar"]["figures"]) >= {"judge R@1", "IFS", "near copies", "CPU s"}
    assert "| five-dollar | 1 |" in (tmp_path / "table.md").read_text()
    before = (tmp_path / "five-dollar" / "seed3" / "result.json").stat().st_mtime_ns
    assert script.main([*args, "0.01", *few]) == 0
    assert (tmp_path / "five-dollar" / "seed3" / "result.json").stat().st_mtime_ns == before
    assert script.main([*args, "0.02", *few]) == 2


def test_ours_is_above_only_where_the_intervals_do_not_meet(script: ModuleType) -> None:
    def model(mean: float, half: float | None) -> dict[str, Any]:
        return {"figures": {"judge R@1": {"mean": mean, "half": half}}}

    summary = {"ours": model(0.3, 0.05), "a": model(0.2, 0.04), "b": model(0.2, 0.06), "c": model(0.1, None)}
    assert script.above(summary) == {"a": True, "b": False}
    assert script.interval([0.2, 0.3, 0.4]) == pytest.approx(4.3027 * 0.1 / 3**0.5, rel=1e-4)
