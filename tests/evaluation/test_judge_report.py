"""The ruler's own report: hand labels, robustness, sensitivity."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from pixelmind import cli
from pixelmind.errors import BadInput
from pixelmind.evaluation import hand_labels, judge_report
from pixelmind.evaluation.config import EvaluationConfig
from pixelmind.evaluation.hand_labels import CELL, Labelled, balanced_accuracy, cell, read_labels, threshold
from pixelmind.evaluation.judge import Judge
from pixelmind.evaluation.metrics import intent_fidelity
from pixelmind.evaluation.testset import load_items
from pixelmind.pixels.png import decode_png


def test_the_labels_that_ship_are_whole() -> None:
    labels = read_labels()
    assert len(labels) == len({x.id for x in labels}) == 300
    assert sum(x.again is not None for x in labels) == 60
    assert 100 <= sum(x.label for x in labels) <= 200
    sheet = decode_png((Path(hand_labels.__file__).parent / "suite" / "labels.png").read_bytes())
    drawn = [x for x in labels if x.picture.startswith("drawn:")]
    assert len(drawn) == 150
    found = hand_labels.pictures(labels, [], sheet)
    assert set(found) == {x.id for x in drawn}
    for x in drawn:
        assert found[x.id].shape == (x.height, x.width, 4)
        assert max(x.height, x.width) <= CELL
        assert found[x.id][..., 3].any()
    with pytest.raises(BadInput, match="line 2 of the labels"):
        read_labels('\n{"id": 3}\n')


def test_a_cell_of_the_sheet() -> None:
    sheet = np.zeros((2 * CELL, 16 * CELL, 4), np.uint8)
    sheet[CELL, 2 * CELL] = 9
    assert cell(sheet, 18, 3, 5).shape == (3, 5, 4)
    assert cell(sheet, 18, 3, 5)[0, 0].tolist() == [9] * 4
    assert not cell(sheet, 2, 3, 5).any()


def test_agreement_by_hand() -> None:
    truth = np.array([True, True, True, False])
    assert balanced_accuracy(np.array([True, True, False, False]), truth) == pytest.approx((2 / 3 + 1) / 2)
    assert np.isnan(balanced_accuracy(truth, np.ones(4, bool)))
    assert threshold(np.array([0.5, 0.7, 0.9]), np.array([0.1, 0.2, 0.6])) == pytest.approx(0.35)
    with pytest.raises(BadInput, match="one cosine"):
        threshold(np.array([0.5]), np.array([0.5]))
    said = np.arange(400) % 10 < 8
    assert hand_labels.interval(said, np.ones(400, bool) & (np.arange(400) % 2 == 0)) < 0.1
    looked = [
        Labelled(id=str(n), prompt="x", picture="p", kind="k", label=True, width=8, height=8, again=n < 3)
        for n in range(4)
    ]
    assert hand_labels.second_look(looked)[0] == 0.75  # type: ignore[index]


def test_changes_of_pictures() -> None:
    rgba = np.zeros((4, 5, 4), np.uint8)
    rgba[1, 2] = (200, 30, 30, 255)
    assert judge_report.shifted(rgba, 1, 0)[1, 3].tolist() == [200, 30, 30, 255]
    assert judge_report.shifted(rgba, 0, -1)[0, 2].tolist() == [200, 30, 30, 255]
    assert judge_report.has_rim(rgba)
    turned = judge_report.turned(rgba, 120)
    assert turned[1, 2, 1] > turned[1, 2, 0]  # red to green
    assert turned[..., 3].tolist() == rgba[..., 3].tolist()
    back = judge_report.turned(rgba, 360)[1, 2].astype(int) - rgba[1, 2]
    assert np.abs(back).max() <= 1
    assert judge_report.lit(rgba, 0.9)[1, 2, :3].sum() < rgba[1, 2, :3].sum()


def test_the_report(store: Path, judge: Judge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A judge that knows its small world agrees with labels that are true, and with fewer where they are drawn by lot."""
    items = [i for i in load_items([store]) if i.origin == "real"]
    rng = np.random.default_rng(0)
    labels = []
    for n, item in enumerate(items):
        other = items[(n + 5) % len(items)]  # of another colour and shape
        words, yes = (item.prompt, True) if n % 2 else (other.prompt, False)
        labels.append(
            Labelled(id=str(n), prompt=words, picture=item.id, kind="toy", label=yes, width=8, height=8, again=yes)
        )
    gone = Labelled(id="gone", prompt="x", picture="nowhere", kind="toy", label=True, width=8, height=8)
    monkeypatch.setattr(judge_report.hand_labels, "read_labels", lambda: [*labels, gone])
    # In this world val's captions have numbers that the judge has seen and test's have not: its threshold is another.
    assert 0 < hand_labels.threshold_of(judge, [store]) < 1
    cosine = intent_fidelity.cosines(
        judge.image_features([i.rgba for i in items]), judge.text_features([i.prompt for i in items])
    )
    monkeypatch.setattr(hand_labels, "threshold_of", lambda *args, **kwargs: float(np.quantile(cosine, 0.1)))
    config = EvaluationConfig(pool_size=10)
    figures = judge_report.run(judge, [store], tmp_path, config, count=40)
    by_name = {(f.section, f.metric): f for f in figures}
    agrees = by_name["judge", "balanced accuracy against hand labels"]
    assert agrees.value > 0.85
    assert agrees.n == len(labels)
    assert by_name["judge", "labels alike in a second look"].value == 1
    assert by_name["judge: sensitivity", "hues turned by 120 degrees: fits worse"].value > 0.8
    assert by_name["judge: sensitivity", "another colour named: fits worse"].value > 0.8
    assert by_name["judge: robustness", "mirrored: judge R@1 of 10"].value > 0.5
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["kind"] == "judge"
    assert "1 of" in report["missing"][0]["reason"]
    assert "balanced accuracy" in (tmp_path / "report.md").read_text()
    by_lot = [Labelled(**{**vars(x), "label": bool(rng.integers(2))}) for x in labels]
    monkeypatch.setattr(judge_report.hand_labels, "read_labels", lambda: by_lot)
    lot = judge_report.run(judge, [store], tmp_path / "lot", config, count=4)
    assert lot[0].value < 0.75


def test_a_store_without_val_is_refused(judge_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["eval", "judge", "--data", str(tmp_path / "none"), "--judge", str(judge_folder), "--out", "x"]) == 2
    assert "no store at" in capsys.readouterr().err.strip().splitlines()[-1]
