"""`eval copies`: planted copies are found, strangers are not, and the reports are whole."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pixelmind import cli
from pixelmind.data import dedup
from pixelmind.data.store import Store
from pixelmind.errors import BadInput
from pixelmind.evaluation import copies, testset
from pixelmind.evaluation.figures import Figure
from pixelmind.evaluation.judge import Judge
from pixelmind.evaluation.metrics import bootstrap
from pixelmind.evaluation.oracles import fit
from pixelmind.records import U8, GenerationRequest, GenerationResult, Sprite


@pytest.fixture(scope="module")
def training(store: Path) -> list[tuple[str, U8]]:
    return list(testset.training_pictures([store]))


def stranger(size: int = 16) -> U8:
    """A picture of another world: grey vertical noise on an opaque canvas."""
    rgba = np.full((size, size, 4), 255, dtype=np.uint8)
    rgba[..., :3] = np.random.default_rng(5).integers(0, 2, (1, size, 1)) * 255
    rgba[: size // 3] = (10, 90, 90, 255)
    return rgba


def test_an_exact_copy_is_found_by_hash_and_by_features(
    store: Path, judge: Judge, training: list[tuple[str, U8]]
) -> None:
    planted = training[5:50:9]
    pictures = [p for _, p in planted]
    for found, (name, _) in zip(copies.by_hash(pictures, [store]), planted):
        assert found == copies.Neighbour(id=name, score=0, near=True)
    for found, (name, _) in zip(copies.by_features(pictures, training, judge), planted):
        assert found.score == pytest.approx(1, abs=1e-4)
        assert found.id == name


def test_a_mirrored_copy_is_found_and_said_to_be_mirrored(store: Path, training: list[tuple[str, U8]]) -> None:
    name, rgba = next((n, p) for n, p in training if (p != p[:, ::-1]).any() and p.shape[0] == 24)
    (found,) = copies.by_hash([np.ascontiguousarray(rgba[:, ::-1])], [store])
    assert found == copies.Neighbour(id=name, score=0, mirrored=True, near=True)


def test_one_changed_cell_is_still_near(store: Path, judge: Judge, training: list[tuple[str, U8]]) -> None:
    name, rgba = next((n, p) for n, p in training if p.shape[0] == 24)
    changed = rgba.copy()
    changed[12, 12, :3] ^= 32
    (hashed,) = copies.by_hash([changed], [store])
    assert hashed.id == name
    assert hashed.near
    (felt,) = copies.by_features([changed], training, judge)
    assert felt.id == name
    assert felt.score > 0.98


def test_a_stranger_is_not_near(store: Path, judge: Judge, training: list[tuple[str, U8]]) -> None:
    (found,) = copies.by_hash([stranger()], [store])
    assert not found.near
    assert found.score > dedup.MAX_BITS
    assert copies.by_features([stranger()], training, judge)[0].score < 0.98


def test_features_are_searched_exactly_across_blocks(
    judge: Judge, training: list[tuple[str, U8]], monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = [p[::-1].copy() for _, p in training[::20]]
    features = judge.image_features([p for _, p in training])
    whole = (judge.image_features(pictures) @ features.T).max(axis=1)
    monkeypatch.setattr(copies, "_BLOCK", 7)
    told: list[str] = []
    blocks = copies.by_features(pictures, iter(training), judge, told.append)
    np.testing.assert_allclose([b.score for b in blocks], whole, atol=1e-5)
    assert told[-1].endswith(f"{len(training)} training pictures")


def test_prompts_are_training_captions_drawn_once_and_again_alike(store: Path, training: list[tuple[str, U8]]) -> None:
    prompts = copies.training_prompts([store], 30)
    assert prompts == copies.training_prompts([store], 30)
    assert prompts != copies.training_prompts([store], 30, seed=1)
    assert len({p.text for p in prompts}) == 30
    pictures = dict(training)
    assert all(pictures[p.id].shape[:2] == (p.height, p.width) for p in prompts)
    assert {max(p.height, p.width) for p in copies.training_prompts([store], 99, max_size=16)} == {12, 16}
    with pytest.raises(BadInput, match="no training pictures up to 8 px"):
        copies.training_prompts([store], 3, max_size=8)


@settings(deadline=None)  # the first call imports scipy.stats
@given(st.integers(1, 2000), st.data())
def test_the_interval_holds_the_share_and_narrows(n: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, n))
    low, high = bootstrap.wilson(count, n)
    assert 0 <= low <= count / n + 1e-9
    assert count / n - 1e-9 <= high <= 1
    wide = bootstrap.wilson(10 * count, 10 * n)
    assert wide[1] - wide[0] < high - low


def test_none_of_a_thousand_is_surely_under_one_percent_none_of_a_hundred_is_not() -> None:
    figure = Figure(section="copies", metric="x", value=0.0, n=1000, baseline=0.25)
    told = copies.with_interval(figure, 4)
    assert told.note == "95 % Wilson interval 0.0000 to 0.0038; held-out: 0.0456 to 0.6994 (n = 4)"
    assert told.spread == pytest.approx(0.0019, abs=1e-4)
    assert bootstrap.wilson(0, 100)[1] > 0.03


def test_the_sheet_takes_turns_among_the_three_measures() -> None:
    distance, bits, cosine = (
        np.array([3.0, 1, 2, 9, 9]),
        np.array([9.0, 9, 9, 1, 2]),
        np.array([0.1, 0.2, 0.3, 0.4, 0.9]),
    )
    assert copies.most_alike(distance, bits, cosine, 4) == [1, 3, 4, 2]
    assert sorted(copies.most_alike(distance, bits, cosine, 99)) == [0, 1, 2, 3, 4]


class Planter:
    """Answers every second request with the picture the caption was taken from, mirrored; else with a stranger."""

    name = "planter"

    def __init__(self, store: Path) -> None:
        prompts = {p.text: p.id for p in copies.training_prompts([store], 20)}
        pictures = dict(testset.training_pictures([store]))
        self.known = {text: pictures[name] for text, name in prompts.items()}

    def generate_batch(self, requests: list[GenerationRequest]) -> list[GenerationResult]:
        out = []
        for r in requests:
            asked = r.conditioning
            copied = np.ascontiguousarray(self.known[asked.prompt][:, ::-1])
            rgba = copied if r.seed % 2 else fit(stranger(64), asked.height, asked.width)
            sprite = Sprite.from_rgba(rgba)
            out.append(GenerationResult(sprites=(sprite,), seeds=(r.seed,), seconds=0.0, weights=self.name))
        return out


@pytest.fixture(scope="module")
def audited(store: Path, judge: Judge, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Figure], Path]:
    out = tmp_path_factory.mktemp("audit") / "new"
    return copies.run(Planter(store), [store], out, count=20, judge=judge), out


def test_planted_copies_are_counted(audited: tuple[list[Figure], Path]) -> None:
    by_name = {f.metric: f for f in audited[0]}
    for metric in ("exact copies", "near copies of training pictures", "near duplicates by the store's rule"):
        assert by_name[metric].value == 0.5
        assert by_name[metric].baseline is not None
        assert by_name[metric].baseline <= 0.1
        assert by_name[metric].note.count("n = 20")
    assert by_name["near copies, captions of game art"].n == 20
    assert by_name["bits to the nearest, median"].baseline is not None


def test_the_report_files_are_whole(audited: tuple[list[Figure], Path], store: Path) -> None:
    figures, out = audited
    report: dict[str, Any] = json.loads((out / "report.json").read_text())
    assert sorted(p.name for p in out.iterdir()) == ["copies.png", "report.html", "report.json"]
    assert [f["metric"] for f in report["figures"]] == [f.metric for f in figures]
    assert report["weights"] == "planter"
    assert report["data"]["stores"][0]["content_hash"] == Store.open(store).manifest_hash
    planted = [o for o in report["outputs"] if o["seed"] % 2]
    assert all(o["near"] and o["hash"]["near"] and o["hash"]["id"] == o["id"] for o in planted)
    assert all(o["hash"]["bits"] == 0 for o in planted)
    assert not any(o["near"] for o in report["outputs"] if o["seed"] % 2 == 0)
    assert {m["section"] for m in report["missing"]} == {"by origin"}  # the training split holds no procedural picture
    html = (out / "report.html").read_text()
    assert html.count("data:image/png;base64,") == 4 * 20 + 1
    assert html.count("generated near copy") == 10
    assert "same pixels" in html
    assert "its own picture" in html
    assert "no such caption was drawn" in html
    with Image.open(out / "copies.png") as sheet:
        assert sheet.width == 8 * (128 + 6) + 6
        assert sheet.height > 10 * 128


def test_weights_trained_on_another_store_are_told(store: Path, judge: Judge, tmp_path: Path) -> None:
    copies.audit(Planter(store), judge, [store], tmp_path, count=4, weights_id="w", trained_on="f" * 64)
    missing = json.loads((tmp_path / "report.json").read_text())["missing"]
    assert missing[0] == {
        "section": "training data",
        "reason": "the weights were trained on content ffffffffffff, which is not in --data",
    }


def test_the_command_audits_a_bundle(
    store: Path, judge_folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    from pixelmind.generator.bundle import Bundle
    from pixelmind.generator.conditioning import ConditionPrior, Vocabulary
    from pixelmind.generator.denoiser import Denoiser, DenoiserConfig

    torch.manual_seed(0)
    bundle = Bundle.create(tmp_path / "bundle", preset="tiny", data_sha256=Store.open(store).manifest_hash)
    network = DenoiserConfig(in_channels=4, width=32, depth=2, heads=2, stem=8)
    modules: dict[str, torch.nn.Module] = {"denoiser": Denoiser(network), "prior": ConditionPrior()}
    bundle.put_level(16, modules, network, Vocabulary(("crawl",)), samples=0)
    arguments = ["eval", "copies", "--weights", tmp_path / "bundle", "--data", store, "--judge", judge_folder]
    assert cli.run([str(a) for a in [*arguments, "--out", tmp_path / "out", "-n", 5, "--json"]]) == 0
    printed = capfd.readouterr()
    answer = json.loads(printed.out)
    assert Path(answer["sheet"]).is_file()
    assert Path(answer["report"]).is_file()
    assert {"near copies of training pictures", "exact copies"} <= {f["metric"] for f in answer["figures"]}
    assert "5 of 5 pictures drawn" in printed.err
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert {o["height"] for o in report["outputs"]} <= {12, 16}  # these weights draw up to 16 px
    assert not [m for m in report["missing"] if m["section"] == "training data"]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"--data": "nowhere"}, "no store at nowhere"),
        ({"--weights": "nowhere"}, "no weights at nowhere"),
        ({"-n": "0"}, "-n must be at least 1"),
        ({"-n": "many"}, "'many'"),
        ({"--judge": "nowhere"}, "nowhere"),
        ({"--out": "taken"}, "taken is a file"),
        ({"--out": None}, "--out"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(
    changed: dict[str, str | None],
    message: str,
    store: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("taken").write_text("a file")
    options = {"--data": str(store), "--out": "out", "-n": "3"} | changed
    words = [w for key, value in options.items() if value is not None for w in (key, value)]
    assert cli.run(["eval", "copies", *words]) == 2
    printed = capfd.readouterr()
    assert message in printed.err
    assert printed.err.count("\n") == 1
    assert not printed.out
    assert not Path("out").exists()
