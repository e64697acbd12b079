"""`eval compare`: verdicts by hand-made reports whose answer is known, and the exit codes of the command."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pixelmind import cli
from pixelmind.errors import BadInput
from pixelmind.evaluation.differences import compare_reports, direction, read_report


def figure(metric: str, value: float, spread: float | None = None, section: str = "prompts") -> dict[str, Any]:
    return {"section": section, "metric": metric, "value": value, "spread": spread, "n": 100}


def report(*figures: dict[str, Any], prompts: Any = (), **more: Any) -> dict[str, Any]:
    return {"figures": list(figures), "prompts": list(prompts), **more}


def test_spreads_join_as_independent_ones() -> None:
    """0.50 +- 0.03 against 0.60 +- 0.04: the change is 0.10 +- 0.05, so better; of a distance, worse."""
    for metric, verdict in (("quality", "better"), ("FID", "worse"), ("diversity a prompt", "untold")):
        (one,) = compare_reports(report(figure(metric, 0.5, 0.03)), report(figure(metric, 0.6, 0.04))).differences
        assert (one.low, one.high) == (pytest.approx(0.05), pytest.approx(0.15))
        assert one.verdict == verdict
    (near,) = compare_reports(report(figure("q", 0.5, 0.08)), report(figure("q", 0.6, 0.07))).differences
    assert near.verdict == "same"


def test_without_an_interval_nothing_is_judged_but_what_must_hold() -> None:
    a = report(figure("conformance", 1.0), figure("q", 0.5))
    found = compare_reports(a, report(figure("conformance", 0.999), figure("q", 0.1)))
    assert [d.verdict for d in found.differences] == ["worse", "untold"]
    assert [d.verdict for d in compare_reports(a, a).differences] == ["same", "same"]


def test_prompts_are_compared_in_pairs() -> None:
    """200 prompts of very different difficulty, each a little better: unpaired it drowns, paired it shows."""
    rng = np.random.default_rng(0)
    hard = rng.uniform(0, 1, 200)
    names = [{"prompt": f"p{i}", "ranks": [2], "approved": [False], "cosine": c} for i, c in enumerate(hard)]
    up = [{**p, "cosine": p["cosine"] + 0.02 + rng.normal(0, 0.02)} for p in names]
    a = report(figure("Intent Fidelity", float(hard.mean()), 0.04), prompts=names)
    b = report(figure("Intent Fidelity", float(np.mean([p["cosine"] for p in up])), 0.04), prompts=up)
    (paired,) = compare_reports(a, b).differences
    assert paired.paired
    assert paired.verdict == "better"
    assert paired.low is not None
    assert paired.low > 0.01
    other = report(b["figures"][0], prompts=[{**p, "prompt": "x"} for p in up])
    (unpaired,) = compare_reports(a, other).differences
    assert not unpaired.paired
    assert unpaired.verdict == "same"


def test_recall_and_accuracy_of_prompts_are_those_of_the_report() -> None:
    rows = [{"prompt": "a", "ranks": [1, 9], "approved": [False, True], "cosine": 0.1}] * 30
    worse = [{"prompt": "a", "ranks": [7, 9], "approved": [False, False], "cosine": 0.1}] * 30
    figures = [
        figure("judge R@5 of 100", 0.5),
        figure("Pixel-Accuracy@1 (simulated)", 0.0),
        figure("Pixel-Accuracy@3 (simulated)", 1.0),
    ]
    found = compare_reports(report(*figures, prompts=rows), report(*figures, prompts=worse))
    assert [(d.low, d.high) for d in found.differences] == [(-0.5, -0.5), (0, 0), (-1, -1)]


@pytest.mark.parametrize(
    ("metric", "sign"),
    [("judge R@1 share", 1), ("KID x 1000", -1), ("exact copies", -1), ("seconds for one 64x64, warm", -1), ("empty canvases", -1),
     ("judge R@1 of 100, real pictures", 0), ("palette adherence", 1), ("orphan pixels", -1), ("conformance", 1)],
)  # fmt: skip
def test_directions(metric: str, sign: int) -> None:
    assert direction(metric) == sign


def test_exit_codes(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for name, value in (("a", 0.5), ("b", 0.9)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "report.json").write_text(
            json.dumps(report(figure("q", value, 0.01), judge={"sha256": name}))
        )
    a, b = str(tmp_path / "a"), str(tmp_path / "b" / "report.json")
    assert cli.run(["eval", "compare", a, b, "--json"]) == 0
    told = json.loads(capfd.readouterr().out)
    assert told["improvements"] == ["prompts: q"]
    assert told["regressions"] == []
    assert told["warnings"] == ["the two are of other judges"]
    assert cli.run(["eval", "compare", b, a]) == 1
    assert "1 worse, 0 better, 1 compared" in capfd.readouterr().out
    (tmp_path / "none.json").write_text('{"figures": [1]}')
    assert cli.run(["eval", "compare", a, str(tmp_path / "none.json")]) == 2
    error = capfd.readouterr().err
    assert "holds no figures" in error
    assert error.count("\n") == 1


def test_reports_with_nothing_in_common_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no figure in common"):
        compare_reports(report(figure("a", 1)), report(figure("b", 1)))
    with pytest.raises(BadInput, match="readable"):
        read_report(tmp_path / "nothing")
