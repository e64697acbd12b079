"""People's own sprites in the studio's database, as styles to meta-learn from and to make adapters of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pixelmind import cli
from pixelmind.adaptation.feedback import groups, people
from pixelmind.errors import BadInput
from pixelmind.records import Sprite
from pixelmind.storage import Database

from .conftest import STYLES, shape


@pytest.fixture(scope="module")
def studio(tmp_path_factory) -> Path:
    """Ann and Bob, real, with ten sprites each that they uploaded; Cy, simulated, who liked three of six that were drawn."""
    path = tmp_path_factory.mktemp("studio") / "pixelmind.db"
    with Database(f"sqlite:///{path}") as db:
        db.upgrade()
        for name, style in (("Ann", "sea"), ("Bob", "gold")):
            user = db.users.ensure(name)
            for index in range(10):
                sprite = Sprite.from_rgba(shape(style, 60 + index, 16))
                db.sprites.add(user, sprite, source="uploaded", prompt=f"a {style} gem")
        cy = db.users.ensure("Cy")
        drawn = [
            db.sprites.add(cy, Sprite.from_rgba(shape("moss", index, 16)), source="generated", prompt="a gem").id
            for index in range(6)
        ]
        db.feedback.verdict(cy, drawn[0], "approve", simulated=True)
        db.feedback.prefer(cy, drawn[1], drawn[2], simulated=True)
        db.feedback.rate(cy, drawn[3], {"accuracy": 5, "aesthetics": 4}, simulated=True)
        db.feedback.event(cy, drawn[4], "export", simulated=True)
        db.feedback.verdict(cy, drawn[4], "reject", simulated=True)
        db.feedback.rate(cy, drawn[5], {"accuracy": 3, "aesthetics": 5}, simulated=True)
    return path


def test_what_was_liked_is_whose(studio):
    found = {p.name: p for p in people(studio, "both")}
    assert {name: (len(p.pictures), p.simulated) for name, p in found.items()} == {
        "Ann": (10, False),
        "Bob": (10, False),
        "Cy": (3, True),
    }
    liked = {p.rgba.tobytes() for p in found["Cy"].pictures}
    assert liked == {shape("moss", index, 16).tobytes() for index in (0, 1, 3)}
    assert [p.name for p in people(studio, "simulated")] == ["Cy"]
    assert "Ann" not in found["Ann"].style
    styles = [g.style for g in groups(list(found.values()), 16, 2)]
    assert styles == [found["Ann"].style, found["Bob"].style]  # three sprites are no task
    assert groups([found["Ann"]], 16, 2, without=frozenset({found["Ann"].style})) == []


def test_bad_sources_are_one_line(studio, tmp_path):
    with Database(f"sqlite:///{tmp_path / 'empty.db'}") as db:
        db.upgrade()
    for source, given, message in (
        (studio, {}, "real people .2. and of simulated ones .1."),
        (studio, {"whose": "both", "user": "Zoe"}, "knows nobody called 'Zoe'; people there: Ann, Bob, Cy"),
        (tmp_path / "none.db", {}, "there is no database"),
        (tmp_path / "empty.db", {}, "holds no sprites that anybody uploaded or liked"),
    ):
        with pytest.raises(BadInput, match=message) as caught:
            people(source, **given)
        assert "\n" not in str(caught.value)


@pytest.fixture
def command(capfd, tmp_path, monkeypatch):
    monkeypatch.setenv("PIXELMIND_HOME", str(tmp_path / "home"))

    def call(*arguments: object) -> tuple[int, str, str]:
        code = cli.run([str(a) for a in arguments])
        captured = capfd.readouterr()
        return code, captured.out, captured.err

    return call


def test_a_style_is_made_of_a_persons_sprites(command, studio, style_bundle):
    made = ("adapt", "style", "--name", "mine", "--steps", 1, "--weights", style_bundle)
    code, out, err = command(*made, "--feedback", studio, "--user", "Ann", "--json")
    assert code == 0, err
    assert json.loads(out)["pictures"] == 10
    for given, message in (
        (("--feedback", studio), "say whose: --user NAME"),
        ((), "name the sprites, --images DIR, or the database"),
        (("--images", "x", "--user", "Ann"), "--user goes with --feedback"),
    ):
        code, out, err = command(*made, *given)
        assert (code, out) == (2, "")
        assert message in err
        assert err.count("\n") == 1


def test_maml_learns_from_people_and_reports_before_and_after(command, studio, style_store, style_bundle, tmp_path):
    given = ("train", "maml", "--preset", "nano", "--data", style_store, "--init-from", style_bundle, "--json")
    given += ("--set", "maml.loop.steps=2", "--set", "maml.report_episodes=2", "--feedback", studio)
    code, out, err = command(*given, "--out", tmp_path / "run", "--whose", "human")
    report = json.loads((tmp_path / "run" / "report.json").read_text())
    assert code == (0 if report["accepted"] else 1), err
    told = json.loads(out)
    assert (told["people"], told["accepted"]) == (2, report["accepted"])
    (level,) = report["levels"]
    assert set(level["loss"]) == {"nothing", "references", "fine-tuning", "start"}
    assert level["over_fine_tuning"]["low"] <= level["over_fine_tuning"]["value"] <= level["over_fine_tuning"]["high"]
    assert level["over_references"]["value"] == pytest.approx(level["loss"]["references"] - level["loss"]["start"])
    assert report["accepted"] == (not report["reasons"])
    assert ("refused" in err) == (not report["accepted"])
    assert (tmp_path / "run" / "bundle" / "manifest.json").is_file()
    code, out, err = command(*given, "--out", tmp_path / "other", "--whose", "simulated")
    assert (code, out) == (2, "")
    assert "nobody" in err
    assert len(STYLES) + 2 == len(report["held_out"]) + 4  # a quarter of six, rounded up
