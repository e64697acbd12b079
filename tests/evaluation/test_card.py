"""The report card: verdicts by hand, pages of a small world's reports, changes since the last card, and the README's table."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from pixelmind import cli
from pixelmind.errors import BadInput
from pixelmind.evaluation import card
from pixelmind.evaluation.config import EvaluationConfig
from pixelmind.evaluation.judge import Judge
from pixelmind.evaluation.stage import run

ROOT = Path(__file__).parents[2]
CONFIG = EvaluationConfig(num_prompts=16, num_procedural=4, num_unseen=4, num_images=3, num_conformance=8, num_timed=1)


@pytest.fixture(scope="module")
def core(store: Path, judge: Judge, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("core")
    run(CONFIG, "real", store, out, judge=judge, progress=lambda _: None)
    return out


def report(*figures: tuple[str, str, float, float], **more: Any) -> dict[str, Any]:
    rows = [{"section": s, "metric": m, "value": v, "spread": d, "n": 50} for s, m, v, d in figures]
    return {"figures": rows, "environment": {"command": "pixelmind eval core", "date": "2026-11-29T00:00:00"}, **more}


def test_every_target_has_a_why_and_a_way() -> None:
    for target in card.targets():
        assert ("least" in target) != ("most" in target)
        assert all(target[k] for k in ("name", "report", "section", "metric", "why", "close"))


@pytest.mark.parametrize(
    ("value", "spread", "status"),
    [(0.95, 0.05, "met"), (0.86, 0.05, "unsure"), (0.84, 0.05, "unsure"), (0.7, 0.05, "short"), (0.85, 0.1, "met")],
)
def test_a_verdict_needs_the_interval_on_one_side(value: float, spread: float, status: str) -> None:
    """Pixel-Accuracy@3 against 0.85."""
    told = card.rows_of({"core": report(("prompts", "Pixel-Accuracy@3 (simulated)", value, spread))})
    row = next(r for r in told if r.name.startswith("Pixel-Accuracy@3"))
    assert row.status == status
    assert bool(row.why) == bool(row.close) == (status != "met")
    assert {r.status for r in told if r is not row} == {"not measured"}


def test_less_is_better_and_scales_that_do_not_compare() -> None:
    figures = [("copies", "near copies of training pictures", 0.002, 0.001), ("distribution", "FID", 0.9, 0.1)]
    rows = {r.name: r.status for r in card.rows_of({"core": report(*figures)})}
    assert rows["near copies of training pictures"] == "met"
    assert rows["FID, judge features (the target is of Inception features)"] == "not comparable"


def test_the_card_is_one_page_with_targets_galleries_and_changes(
    core: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["eval", "card", str(core), "--out", str(tmp_path / "first")]) == 0
    data = json.loads((core / "report.json").read_text())
    for f in data["figures"]:
        if f["metric"] == "conformance":
            f["value"] = 0.5
    (tmp_path / "worse").mkdir()
    (tmp_path / "worse" / "report.json").write_text(json.dumps({**data, "weights": "<b>"}))
    words = [
        "eval",
        "card",
        str(tmp_path / "worse"),
        "--out",
        str(tmp_path / "second"),
        "--against",
        str(tmp_path / "first"),
        "--json",
    ]
    capfd.readouterr()
    assert cli.run(words) == 0
    told = json.loads(capfd.readouterr().out)
    assert told["since"]["regressions"] == ["core: pixels: conformance"]
    second = (tmp_path / "second" / "card.html").read_text()
    assert "worse: core: pixels: conformance" in second
    assert "<dd><b></dd>" not in second
    first = (tmp_path / "first" / "card.html").read_text()
    assert first.count("data:image/png;base64,") == 2 * 3 * 16
    assert not re.search(r"(?:src|href)=\"(?!data:)", first)
    assert "color-scheme: light dark" in first
    page = (tmp_path / "first" / "card.md").read_text()
    made = json.loads((tmp_path / "first" / "report.json").read_text())
    for row in made["targets"]:
        assert row["name"] in page
        assert (f"**{row['name']}**" in page) == (row["status"] != "met")
    assert "prompts" not in made  # small enough to keep


def test_the_readme_table_is_written_and_differences_are_told(
    core: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    readme, out = tmp_path / "README.md", tmp_path / "card"
    readme.write_text(f"# Title\n\n{card.BEGIN}\nold\n{card.END}\n\nafter\n")
    assert cli.run(["eval", "card", str(core), "--out", str(out), "--readme", str(readme), "--check"]) == 1
    assert "-old" in capfd.readouterr().out
    assert cli.run(["eval", "card", str(out), "--readme", str(readme)]) == 0
    text = readme.read_text()
    assert text.startswith(f"# Title\n\n{card.BEGIN}\n")
    assert text.endswith(f"{card.END}\n\nafter\n")
    assert "| size, palette, colours and alpha as asked (n = " in text
    assert "| 100 % |" in text
    assert cli.run(["eval", "card", str(out), "--readme", str(readme), "--check"]) == 0
    readme.write_text(text.replace("100 %", "99 %"))
    assert cli.run(["eval", "card", str(out), "--readme", str(readme), "--check"]) == 1


def test_reports_that_are_not_made_anew_can_be_kept(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def written(name: str, value: float, weights: str = "a", **more: Any) -> Path:
        data = report(
            ("ambiguous", "cases without a failure", value, 0.1), format=1, weights=weights, missing=[], **more
        )
        data["figures"][0] |= dict.fromkeys(("floor", "baseline", "ceiling", "note"))
        data["environment"] |= {"commit": "c", "hardware": "h", "python": "3.11", "torch": "2.13"}
        (tmp_path / name).mkdir()
        (tmp_path / name / "report.json").write_text(json.dumps(data))
        return tmp_path / name

    stress, judge = written("stress", 0.5, kind="stress"), written("judge", 0.7, kind="judge")
    first = card.make([stress, judge], tmp_path / "first")
    newer = written("newer", 0.6, kind="stress")
    second = card.make([newer], tmp_path / "second", keep=tmp_path / "first")
    values = {f["section"]: f["value"] for f in second["figures"]}
    assert values == {"stress: ambiguous": 0.6, "judge: ambiguous": 0.7}
    assert second["reports"]["judge"] == first["reports"]["judge"]
    other = written("other", 0.6, weights="b", kind="stress")
    command = ["eval", "card", "--out", str(tmp_path / "third"), "--keep"]
    assert cli.run([*command, str(tmp_path / "first"), str(other)]) == 2
    assert "is of weights a, the reports are of b" in capfd.readouterr().err
    assert cli.run([*command, str(stress), str(newer)]) == 2
    assert "is no card" in capfd.readouterr().err


def test_bad_input(core: Path, tmp_path: Path) -> None:
    (tmp_path / "plain.md").write_text("no markers")
    with pytest.raises(BadInput, match="once each"):
        card.write_numbers({"figures": [], "weights": "", "reports": {}}, tmp_path / "plain.md")
    with pytest.raises(BadInput, match="second report of eval core"):
        card.make([core, core], tmp_path)
    with pytest.raises(BadInput, match="not a readable report"):
        card.make([tmp_path / "nothing"], tmp_path)
    assert cli.run(["eval", "card", str(core), "--check", "--out", str(tmp_path / "x")]) == 2
    assert cli.run(["eval", "card", str(core)]) == 2


def test_the_readme_holds_the_numbers_of_the_kept_card() -> None:
    """`docs/card/report.json` and README.md say the same; `pixelmind eval card docs/card --readme README.md` mends it."""
    kept, readme = ROOT / "docs" / "card" / "report.json", ROOT / "README.md"
    if not kept.is_file() or card.BEGIN not in readme.read_text(encoding="utf-8"):
        pytest.skip("no kept card, or the README has no markers yet")
    assert card.stale(json.loads(kept.read_text(encoding="utf-8")), readme) == []
