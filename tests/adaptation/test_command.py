"""`pixelmind adapt`, `generate --style NAME` and `train maml` from the command line, one after the other as a person would."""

from __future__ import annotations

import json

import pytest

from pixelmind import cli
from pixelmind.data.store import Store

from .conftest import sample


@pytest.fixture
def command(capfd, tmp_path, monkeypatch):
    """Run `pixelmind ARGS…` in a home of its own: exit code, stdout, stderr."""
    monkeypatch.setenv("PIXELMIND_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> tuple[int, str, str]:
        code = cli.run([str(a) for a in arguments])
        captured = capfd.readouterr()
        return code, captured.out, captured.err

    return call


def test_a_style_is_made_listed_drawn_in_replaced_and_removed(command, style_bundle, sprites):
    quick = ("--steps", 2, "--weights", style_bundle)
    code, out, err = command("adapt", "style", "--images", sprites, "--name", "mine", *quick, "--json")
    assert code == 0, err
    made = json.loads(out)
    assert (made["name"], made["pictures"], made["steps"]) == (
        "mine",
        4,
        {"16": made["steps"]["16"], "64": made["steps"]["64"]},
    )
    assert made["bytes"] <= 1_000_000
    code, out, err = command("adapt", "style", "--images", sprites, "--name", "mine", *quick)
    assert (code, out) == (2, "")
    assert "--replace" in err
    assert command("adapt", "style", "--images", sprites, "--name", "mine", *quick, "--replace")[0] == 0
    code, out, _ = command("adapt", "list", "--json")
    assert [s["name"] for s in json.loads(out)["styles"]] == ["mine"]
    draw = ("generate", "a gem", "--size", "24x24", "--seed", 3, "--weights", style_bundle, "--json")
    code, out, err = command(*draw, "--style", "mine")
    assert code == 0, err
    styled = json.loads(out)["images"][0]["path"]
    code, out, _ = command(*draw, "--style", "yours")
    assert code == 2
    code, out, err = command("adapt", "remove", "mine")
    assert (code, out) == (0, "removed the style mine\n")
    assert command("adapt", "remove", "mine")[0] == 2
    assert command(*draw, "--style", "mine")[0] == 2
    assert "no styles yet" in command("adapt", "list")[2]
    assert styled.endswith(".png")


def test_a_style_of_other_weights_is_refused(command, style_bundle, sprites):
    assert (
        command("adapt", "style", "--images", sprites, "--name", "mine", "--steps", 0, "--weights", style_bundle)[0]
        == 0
    )
    code, _, err = command("generate", "a gem", "--style", "mine", "--size", "16x16")
    assert code == 2
    assert "belongs to the weights" in err
    assert err.count("\n") == 1


def test_bad_numbers_are_refused(command, sprites):
    for option, value in (("--seconds", 0), ("--steps", -1), ("--rank", 0), ("--threads", 0), ("--seed", -1)):
        code, out, err = command("adapt", "style", "--images", sprites, "--name", "mine", option, value)
        assert (code, out) == (2, ""), option
        assert err.count("\n") == 1


def test_train_maml_at_nano(command, style_store, style_bundle, tmp_path):
    given = ("train", "maml", "--preset", "nano", "--data", style_store, "--init-from", style_bundle)
    given += ("--set", "maml.report_episodes=2", "--set", "maml.loop.steps=3")
    code, out, err = command(*given, "--out", tmp_path / "run", "--json")
    told = json.loads(out)
    assert code == (0 if told["accepted"] else 1), err
    assert told["level16 updates"] == 3
    assert told["level16 held_out_after"] > 0
    code, out, _ = command("train", "maml", "--preset", "small", "--dry-run")
    assert "steps = 80" in out
    start = tmp_path / "run" / "bundle"
    file = tmp_path / "one.png"
    file.write_bytes(sample("sea", 60, 16, "train").png)
    code, out, err = command(
        *("adapt", "style", "--images", file, "--name", "mine", "--steps", 1, "--start", start),
        *("--weights", style_bundle, "--json"),
    )
    assert code == 0, err
    assert json.loads((tmp_path / "home" / "adapters" / "mine" / "manifest.json").read_text())["start"] == "fomaml"
    assert len(Store.open(style_store)) == 160
