"""`eval core` end to end on a drawn world: the oracles mark the ends, the reports are whole, the gate decides."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pixelmind.errors import BadInput
from pixelmind.evaluation import testset
from pixelmind.evaluation.compare import compare, compare_files
from pixelmind.evaluation.config import EvaluationConfig
from pixelmind.evaluation.judge import Judge
from pixelmind.evaluation.oracles import RealImages, fit, obey
from pixelmind.evaluation.report import render
from pixelmind.evaluation.stage import run
from pixelmind.pixels import palettes
from pixelmind.records import Conditioning, GenerationRequest, GenerationResult, Sprite

CONFIG = EvaluationConfig(num_prompts=24, num_procedural=8, num_unseen=8, num_images=2, num_conformance=20, num_timed=1)


@pytest.fixture(scope="module")
def reports(store: Path, judge: Judge, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("reports")
    for name in ("real", "shuffled"):
        run(CONFIG, name, store, out / name, judge=judge, progress=lambda _: None)
    return {"real": out / "real", "shuffled": out / "shuffled"}


def read(folder: Path) -> dict[str, Any]:
    result: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return result


def figure(folder: Path, metric: str, section: str = "prompts") -> dict[str, Any]:
    return next(f for f in read(folder)["figures"] if (f["section"], f["metric"]) == (section, metric))


def test_real_pictures_reach_the_ceiling_and_shuffled_ones_the_floor(reports: dict[str, Path]) -> None:
    share = {k: figure(v, "judge R@1 share")["value"] for k, v in reports.items()}
    assert share["real"] == pytest.approx(1, abs=0.15)  # colour limits and cut alpha change a few cells at most
    assert share["shuffled"] < 0.5
    fidelity = {k: figure(v, "Intent Fidelity share")["value"] for k, v in reports.items()}
    assert fidelity["real"] == pytest.approx(1, abs=0.05)
    assert fidelity["shuffled"] < 0.35
    accuracy = {k: figure(v, "Pixel-Accuracy@1 (simulated)") for k, v in reports.items()}
    assert accuracy["real"]["value"] == pytest.approx(accuracy["real"]["ceiling"], abs=0.1)
    assert accuracy["shuffled"]["value"] < accuracy["real"]["value"]


def test_held_out_pictures_are_no_copies_and_conform(reports: dict[str, Path]) -> None:
    for folder in reports.values():
        assert figure(folder, "conformance", "pixels")["value"] == 1
        near = figure(folder, "near copies of training pictures", "copies")
        assert near["baseline"] <= 0.05
        assert "near-duplicate pairs" in near["note"]
    assert figure(reports["real"], "diversity a prompt", "distribution")["value"] == pytest.approx(0, abs=1e-5)
    assert figure(reports["shuffled"], "diversity a prompt", "distribution")["value"] > 0.05


def test_what_cannot_be_measured_is_listed(reports: dict[str, Path]) -> None:
    missing = {m["section"] for m in read(reports["real"])["missing"]}
    assert missing == {
        "Pixel-Accuracy@3",
        "Pixel-Accuracy@5",
        "styles",
        "concepts",
    }  # two pictures a prompt; few of a style
    html = (reports["real"] / "report.html").read_text()
    assert "only 2 pictures a prompt" in html


def test_pictures_by_themselves_equal_the_real_ones_where_these_answer(reports: dict[str, Path]) -> None:
    for metric in ("unique colours", "flat-area ratio", "orphan pixels"):
        told = figure(reports["real"], metric, "pixels")
        assert told["value"] == pytest.approx(told["baseline"], rel=0.1)  # colour limits change some
    assert figure(reports["real"], "palette adherence", "pixels")["value"] == 1
    assert figure(reports["real"], "FID", "distribution")["spread"] > 0


def test_report_json_says_where_a_figure_comes_from(reports: dict[str, Path]) -> None:
    report = read(reports["real"])
    assert {"commit", "date", "hardware", "command"} <= set(report["environment"])
    assert report["data"]["test_pictures"] == {"real": 48, "procedural": 12, "unseen": 12}
    assert report["config"]["num_prompts"] == 24
    assert len(report["judge"]["sha256"]) == 64
    assert all(f["n"] > 0 and np.isfinite(f["value"]) for f in report["figures"])
    assert {f["section"] for f in report["figures"]} >= {
        "prompts", "procedural prompts", "unseen sources", "distribution", "copies", "pixels", "speed", "by source"
    }  # fmt: skip


def test_report_html_is_one_file_with_pictures_and_escaped_words(reports: dict[str, Path]) -> None:
    html = (reports["real"] / "report.html").read_text()
    shown = len(read(reports["real"])["prompts"])
    assert html.count("data:image/png;base64,") == 2 * (shown + 2 * min(16, shown)) + 3
    assert "http" not in html
    page = reports["real"] / "again"
    page.mkdir()
    report = read(reports["real"])
    report["weights"] = "<script>alert(1)</script>"
    (page / "report.json").write_text(json.dumps(report))
    (page / "pictures").symlink_to(reports["real"] / "pictures")
    assert "<script>alert" not in render(page).read_text()
    with pytest.raises(BadInput, match="no readable report"):
        render(page / "nowhere")


def test_the_gate_takes_better_and_guards(reports: dict[str, Path]) -> None:
    up = compare_files(reports["shuffled"], reports["real"])
    assert up.better
    assert not compare_files(reports["real"], reports["shuffled"]).better
    same = compare_files(reports["real"], reports["real"])
    assert not same.better
    base, calm = read(reports["real"]), read(reports["real"])
    for report, value in ((base, 3.0), (calm, 1.0)):
        kid = next(f for f in report["figures"] if f["metric"] == "KID x 1000")
        kid.update(value=value, spread=0.5)
    assert compare(base, calm).better  # as good on prompts, nearer to real art
    assert not compare(calm, base).better
    assert "not clearly better" in same.reasons[0]
    more = compare_files(reports["real"], reports["real"], gains=["layout"])
    assert more.better  # no worse, and it can do more
    assert more.reasons[0].startswith("it also does layout")
    worse = compare_files(reports["real"], reports["shuffled"], gains=["layout"])
    assert not worse.better
    assert worse.reasons[0].startswith("worse")
    assert not compare(calm, base, gains=["layout"]).better  # KID rose
    low, high = read(reports["shuffled"]), read(reports["real"])
    for section, metric, value, words in (
        ("pixels", "conformance", 0.999, "conformance"),
        ("copies", "near copies of training pictures", 0.3, "near copies"),
        ("copies", "exact copies", 0.2, "exact copies"),
    ):
        bad = json.loads(json.dumps(high))
        next(f for f in bad["figures"] if (f["section"], f["metric"]) == (section, metric))["value"] = value
        decision = compare(low, bad)
        assert not decision.better
        assert words in decision.reasons[0]
    with pytest.raises(BadInput, match="differ in judge"):
        compare(low, {**high, "judge": {"sha256": "other"}})
    with pytest.raises(BadInput, match="readable"):
        compare_files(reports["real"], reports["real"] / "nothing.json")


def test_any_generator_is_evaluated_and_a_copier_is_caught(store: Path, judge: Judge, tmp_path: Path) -> None:
    copies = [rgba for _, rgba in testset.training_pictures([store])][:40]

    class Copier:
        name = "copier"

        def generate_batch(self, requests: list[GenerationRequest]) -> list[GenerationResult]:
            return [
                GenerationResult(
                    sprites=tuple(
                        Sprite.from_rgba(fit(copies[(r.seed + k) % 40], r.conditioning.height, r.conditioning.width))
                        for k in range(r.num_images)
                    ),
                    seeds=tuple(range(r.num_images)), seconds=0.0, weights="none",
                )
                for r in requests
            ]  # fmt: skip

    figures = run(CONFIG, Copier(), store, tmp_path, judge=judge, progress=lambda _: None)
    by_name = {f.metric: f for f in figures}
    assert by_name["exact copies"].value > 0.5
    assert by_name["conformance"].value < 1  # it ignores palettes
    assert read(tmp_path)["weights"] == "copier"


def test_a_generator_that_returns_too_little_is_refused(store: Path, judge: Judge, tmp_path: Path) -> None:
    class Lazy:
        def generate_batch(self, requests: list[GenerationRequest]) -> list[GenerationResult]:
            return []

    with pytest.raises(BadInput, match="did not return one result"):
        run(CONFIG, Lazy(), store, tmp_path, judge=judge, progress=lambda _: None)


def test_prompts_are_distinct_deterministic_and_state_what_real_art_keeps(store: Path) -> None:
    items = [i for i in testset.load_items([store]) if i.origin == "real"]
    chosen = testset.choose(items, 30, 0)
    assert chosen == testset.choose(items, 30, 0) != testset.choose(items, 30, 1)
    assert len({items[i].prompt for i in chosen}) == len(chosen) == 30
    requests = [testset.request_for(items[i], n, num_images=1, seed=0) for n, i in enumerate(chosen)]
    assert sum(r.conditioning.max_colors is not None for r in requests) == 15
    answers = RealImages(items).generate_batch(requests)
    for request, answer, i in zip(requests, answers, chosen):
        assert (answer.sprites[0].rgba() == items[i].rgba).all(), request.conditioning.prompt


def test_oracles_keep_to_palettes_and_colour_counts() -> None:
    rgba = np.random.default_rng(0).integers(0, 256, (16, 16, 4), dtype=np.uint8)
    asked = Conditioning(prompt="x", height=16, width=16, palette=palettes.get("pico-8"), max_colors=3)
    sprite = obey(rgba, asked)
    assert sprite.num_colors <= 3


@pytest.mark.parametrize(
    ("key", "value"), [("num_prompts", 0), ("num_unseen", -1), ("pool_size", 1), ("max_size", 4), ("batch", 0)]
)
def test_bad_settings_name_their_key(key: str, value: int) -> None:
    with pytest.raises(BadInput, match=key):
        EvaluationConfig(**{key: value})


def test_no_store_is_told(tmp_path: Path, judge: Judge) -> None:
    with pytest.raises(BadInput, match="no store at"):
        run(CONFIG, "real", tmp_path / "none", tmp_path, judge=judge)
    with pytest.raises(BadInput, match="at least one store"):
        run(CONFIG, "real", [], tmp_path, judge=judge)
