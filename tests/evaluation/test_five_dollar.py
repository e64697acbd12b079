"""The baseline experiment trains on a store, answers requests exactly, and is scored by `eval core`."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from pixelmind.evaluation.judge import Judge
from pixelmind.evaluation.metrics import conformance
from pixelmind.pixels import palettes
from pixelmind.records import Conditioning, GenerationRequest

FOLDER = Path(__file__).parents[2] / "experiments" / "five_dollar"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="experiments/ is not part of an installed package")


@pytest.fixture(scope="module")
def baseline() -> ModuleType:
    spec = importlib.util.spec_from_file_location("five_dollar_train", FOLDER / "train.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    before = list(sys.path)
    spec.loader.exec_module(module)
    sys.path[:] = before
    return module


@pytest.fixture(scope="module")
def pipeline(baseline: ModuleType, store: Path, tmp_path_factory: pytest.TempPathFactory) -> object:
    out = tmp_path_factory.mktemp("five") / "run"
    baseline.main(["--data", str(store), "--out", str(out), "--steps", "30", "--batch-size", "32", "--width", "16"])
    return baseline.load_pipeline(out, baseline.FiveDollarConfig(width=16))


def test_classes_name_clear_cells_and_the_nearest_colour(baseline: ModuleType) -> None:
    palette = np.array([[0, 0, 0], [250, 0, 0]], dtype=np.uint8)
    rgba = np.zeros((2, 2, 4), dtype=np.uint8)
    rgba[0, 0], rgba[1, 1] = (200, 10, 10, 255), (9, 9, 9, 255)
    classes = baseline.to_classes(rgba, palette, 4)
    assert classes.tolist() == [[0, 0, 0, 0], [0, 2, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]]


def test_the_palette_comes_from_the_pictures(baseline: ModuleType, store: Path) -> None:
    from pixelmind.data.loader import Loader
    from pixelmind.data.store import Store

    palette = baseline.global_palette(Loader(Store.open(store), "train", 16, 0), num_pictures=64)
    assert palette.shape == (32, 3)
    assert {(200, 30, 30), (40, 160, 50)} <= {tuple(c) for c in palette.tolist()}


def test_answers_have_the_asked_size_palette_and_seed(pipeline: object) -> None:
    requests = [
        GenerationRequest(conditioning=Conditioning(prompt="red square", height=h, width=w, **k), num_images=2, seed=5)
        for h, w, k in (
            (16, 16, {}), (8, 13, {}), (32, 24, {"max_colors": 3}), (64, 40, {"palette": palettes.get("pico-8")})
        )
    ]  # fmt: skip
    first, again = (pipeline.generate_batch(requests) for _ in range(2))  # type: ignore[attr-defined]
    for request, a, b in zip(requests, first, again):
        assert len(a.sprites) == 2
        for one, two in zip(a.sprites, b.sprites):
            assert conformance.violations(one, request.conditioning) == ()
            assert (one.rgba() == two.rgba()).all()


def test_the_baseline_is_scored_by_eval_core(pipeline: object, store: Path, judge: Judge, tmp_path: Path) -> None:
    from pixelmind.evaluation.config import EvaluationConfig
    from pixelmind.evaluation.stage import run

    config = EvaluationConfig(
        num_prompts=12, num_images=2, num_procedural=4, num_unseen=4, num_conformance=8, num_timed=1
    )
    figures = {f.metric: f for f in run(config, pipeline, store, tmp_path, judge=judge, progress=lambda _: None)}  # type: ignore[arg-type]
    assert figures["conformance"].value == 1
    assert (tmp_path / "report.html").is_file()


def test_the_network_keeps_the_paper_s_shapes(baseline: ModuleType) -> None:
    net = baseline.FiveDollarModel(baseline.FiveDollarConfig(width=8))
    for side in (16, 32):
        assert net(torch.zeros(2, 384), torch.zeros(2, 16), side).shape == (2, 33, side, side)
