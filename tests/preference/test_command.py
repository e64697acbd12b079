"""`pixelmind preference …` as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pixelmind import cli
from pixelmind.errors import BadInput
from pixelmind.pixels import export
from pixelmind.preference.material import drawn, from_folder
from pixelmind.records import Sprite


@pytest.fixture
def command(capfd, tmp_path, monkeypatch):
    monkeypatch.setenv("PIXELMIND_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PIXELMIND_DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> tuple[int, str, str]:
        code = cli.run(["preference", *(str(a) for a in arguments)])
        captured = capfd.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.fixture
def folder(tmp_path, draw) -> Path:
    """Five sprites of a prompt that their files carry, and two whose names say it."""
    place = tmp_path / "art"
    for i in range(5):
        plain = draw(i)
        sprite = Sprite(indices=plain.indices, palette=plain.palette, provenance={"prompt": "a red castle"})
        export.save([sprite], place / f"x{i}.png")
    export.save([draw(20), draw(21)], place / "deeper" / "blue-dragon.png")
    export.save([draw(30)], place / "alone.png")
    return place


def test_simulate_stats_export(command, folder, tmp_path) -> None:
    code, out, err = command("simulate", folder, "--annotators", 3, "--answers", 6, "--seed", 4, "--json")
    assert code == 0, err
    done = json.loads(out)
    assert (done["annotators"], done["sprites"], done["choices"], done["poisoned"]) == (3, 7, 18, [])
    code, out, err = command("stats", "--json")
    assert code == 0, err
    assert json.loads(out)["simulated"]["choices"] == 18
    code, out, err = command("stats")
    assert out.startswith("human: 0 annotators, 0 choices")
    assert "simulated: 3 annotators, 18 choices" in out
    code, out, err = command("export", "--out", "all.jsonl", "--simulated-only", "--json")
    assert code == 0, err
    assert json.loads(out)["pairs"] == Path("all.jsonl").read_text().count("PreferencePair")
    code, out, err = command("export", "--out", "none.jsonl", "--human-only")
    assert code == 2
    assert err == "error: there is nothing to export: no one has chosen or rated yet\n"
    assert not Path("none.jsonl").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("export", "--out", "x.jsonl", "--human-only", "--simulated-only"), "leave nothing"),
        (("simulate", "nowhere"), "no folder"),
        (("simulate", ".", "--annotators", "0"), "--annotators"),
        (("simulate", ".", "--poison", "tea"), "--poison"),
        (("simulate", ".", "--poisoned", "99"), "poisoned"),
        (("simulate", ".", "--prompt", "x"), "--prompt"),
        (("simulate", "-n", "1"), "-n 1"),
        (("simulate", "--size", "7"), "size"),
        (("simulate", "--seed", "-1"), "--seed"),
    ],
)
def test_bad_input_is_one_line(command, arguments, says) -> None:
    code, out, err = command(*arguments)
    assert code == 2
    assert out == ""
    assert says in err
    assert err.count("\n") == 1


def test_a_folders_prompts(folder) -> None:
    found = {group.prompt: len(group.sprites) for group in from_folder(folder)}
    assert found == {"a red castle": 5, "blue dragon": 2}


def test_a_folder_without_two_alike_is_refused(tmp_path, draw) -> None:
    export.save([draw(1)], tmp_path / "one.png")
    with pytest.raises(BadInput, match="nothing to compare"):
        from_folder(tmp_path)


def test_sprites_are_drawn_by_the_released_pipeline() -> None:
    from pixelmind.generator.pipeline import load

    pipe = load(threads=1, best_of=1)
    (one, other) = drawn(pipe, ["a red potion", "a key"], 2, (16, 16), seed=3)
    assert (one.prompt, other.prompt) == ("a red potion", "a key")
    assert len(one.sprites) == 2
    assert one.sprites[0] != other.sprites[0]
    with pytest.raises(BadInput, match="two sprites"):
        drawn(pipe, ["x"], 1)
