"""Games nobody trained on, each apart, and satisfaction out of a database: sections, counts and what is missing."""

import json
from pathlib import Path

import numpy as np
import pytest

from pixelmind import cli
from pixelmind.data.store import Store
from pixelmind.errors import BadInput
from pixelmind.evaluation import satisfaction, unseen
from pixelmind.evaluation.config import EvaluationConfig
from pixelmind.evaluation.judge import Judge
from pixelmind.evaluation.oracles import RealImages
from pixelmind.evaluation.testset import load_items
from pixelmind.records import Sprite
from pixelmind.storage import Database

CONFIG = EvaluationConfig(num_prompts=8, num_unseen=6, num_images=1, pool_size=10)


def test_each_game_stands_apart_beside_those_trained_on(store: Path, judge: Judge, tmp_path: Path) -> None:
    parts = unseen.Parts(judge=judge, generator=RealImages(load_items([store])))
    figures = unseen.run(parts, [store], tmp_path, CONFIG, count=30)
    assert {f.section for f in figures} == {"unseen game", unseen.SEEN}
    by_name = {(f.section, f.metric): f for f in figures}
    game = by_name["unseen game", "judge R@1 of 10"]
    assert game.baseline == by_name[unseen.SEEN, "judge R@1 of 10"].value
    assert game.n == 12
    assert game.floor == 0.1
    assert by_name["unseen game", "drawn: judge R@1 of 10"].value == pytest.approx(
        by_name["unseen game", "drawn: judge R@1 of 10"].ceiling
    )  # the real pictures answered
    report = json.loads((tmp_path / "report.json").read_text())
    assert {m["reason"] for m in report["missing"]} >= {"the weights hold no encoder", "the weights hold no critic"}
    assert "| unseen game | judge R@1 of 10 |" in (tmp_path / "report.md").read_text()


def test_a_store_without_unseen_games_is_refused(store: Path, judge: Judge, tmp_path: Path) -> None:
    seen = [
        s for s in Store.open(store).samples(range(len(Store.open(store)))) if s.tags.get("evaluation_only") != "yes"
    ]
    Store.create(tmp_path / "s").append(seen[-60:])
    with pytest.raises(BadInput, match="no evaluation-only art"):
        unseen.groups_of([tmp_path / "s"], CONFIG, 10)


def test_satisfaction_of_humans_and_simulated_people_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path / 'people.db'}"
    rgba = np.random.default_rng(0).integers(0, 2, (8, 8, 4), dtype=np.uint8) * 255
    with Database(url) as db:
        db.upgrade()
        for name, simulated, rating in (("ann", False, 2), ("bot", True, 5)):
            user = db.users.ensure(name)
            sprite = db.sprites.add(user, Sprite.from_rgba(rgba))
            db.feedback.rate(user, sprite.id, {"accuracy": rating, "aesthetics": rating}, simulated=simulated)
            db.feedback.event(user, sprite.id, "edit", seconds=30.0 * rating, simulated=simulated)
        figures, missing = satisfaction.measure(db.feedback.each())
    value = {(f.section, f.metric): f.value for f in figures}
    assert value["satisfaction (human)", "explicit, 1 to 5"] == 2
    assert value["satisfaction (simulated)", "explicit, 1 to 5"] == 5
    assert value["satisfaction (human)", "time an artwork"] == 60
    assert value["satisfaction (simulated)", "iteration requests a sprite"] == 1
    assert any("retention" in m["reason"] for m in missing)
    monkeypatch.setenv("PIXELMIND_DATABASE_URL", url)
    assert cli.run(["eval", "satisfaction", "--out", str(tmp_path / "out"), "--json"]) == 0
    told = json.loads(capfd.readouterr().out)["figures"]
    assert [(f["section"], f["metric"]) for f in told] == list(value)
