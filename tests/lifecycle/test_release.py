import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from pixelmind.errors import BadInput
from pixelmind.evaluation.compare import Decision
from pixelmind.files import write_json
from pixelmind.generator.bundle import Bundle
from pixelmind.lifecycle import release
from pixelmind.lifecycle.release import ReleaseConfig, abilities, assemble, run, swap_in

QUIET = ReleaseConfig(minutes={16: 0.0, 64: 0.0})


def bundle(folder: Path, fill: float, parts: tuple[str, ...] = ("level16", "level64", "encoder", "judge")) -> Path:
    made = Bundle.create(folder, name=f"fill {fill}")
    for part in parts:
        made.put(part, {"w": torch.full((2,), fill)})
    return folder


def value(folder: Path, part: str) -> float:
    return Bundle(folder).get(part)[0]["w"][0].item()


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Leave the measuring out: what is tested here is what happens with its verdict."""
    seen: list[Path] = []
    monkeypatch.setattr(release, "_export", lambda config, data, out: None)

    def measure(config: object, weights: Path, data: Path, out: Path, judge: Path, progress: object) -> None:
        seen.append(Path(weights))
        figure = {"section": "prompts", "metric": "judge R@1 share", "value": 0.3}
        write_json(out / "report.json", {"environment": {"commit": "abc"}, "figures": [figure]})

    monkeypatch.setattr(release, "evaluate", measure)
    return seen


def verdict(monkeypatch: pytest.MonkeyPatch, better: bool) -> None:
    decision = Decision(better=better, main_a=0.1, main_b=0.2, reasons=("because",))
    monkeypatch.setattr(release, "compare_files", lambda a, b, gains: decision)


def test_a_better_candidate_replaces_the_released_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, measured: list[Path]
) -> None:
    weights, candidate = (
        bundle(tmp_path / "weights", 1.0),
        bundle(tmp_path / "run/generator-small/bundle", 2.0, ("level16", "level64")),
    )
    verdict(monkeypatch, better=True)
    result = run(QUIET, tmp_path, tmp_path / "run", weights=weights)
    assert result.released
    assert result.reasons == ("because",)
    assert measured == [candidate, weights]
    assert value(weights, "level16") == 2.0
    assert Bundle(weights).manifest["metrics"] == {"prompts: judge R@1 share": 0.3}
    assert value(weights, "judge") == 1.0  # carried along
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith("weights")] == ["weights"]


def test_a_worse_candidate_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, measured: list[Path]
) -> None:
    weights = bundle(tmp_path / "weights", 1.0)
    bundle(tmp_path / "run/generator-small/bundle", 2.0, ("level16", "level64"))
    verdict(monkeypatch, better=False)
    result = run(QUIET, tmp_path, tmp_path / "run", weights=weights)
    assert not result.released
    assert value(weights, "level16") == 1.0


def test_first_weights_are_taken_as_they_are(tmp_path: Path, measured: list[Path]) -> None:
    bundle(tmp_path / "run/generator-small/bundle", 2.0, ("level16", "level64"))
    bundle(tmp_path / "run/judge", 3.0, ("judge",))
    result = run(QUIET, tmp_path, tmp_path / "run", weights=tmp_path / "weights")
    assert result.released
    assert measured == [tmp_path / "run/generator-small/bundle"]
    assert value(tmp_path / "weights", "judge") == 3.0


def test_a_level_not_trained_here_is_taken_from_the_released(tmp_path: Path) -> None:
    weights = bundle(tmp_path / "weights", 1.0)
    bundle(tmp_path / "run/generator-small/bundle", 2.0, ("level16",))
    assemble(tmp_path / "run", tmp_path / "run/generator-small", weights)
    assert value(tmp_path / "run/generator-small/bundle", "level64") == 1.0
    assert value(tmp_path / "run/generator-small/bundle", "level16") == 2.0


def test_what_weights_can_be_asked_for(tmp_path: Path) -> None:
    plain = Bundle(bundle(tmp_path / "plain", 1.0, ("level16", "level64")))
    more = Bundle(bundle(tmp_path / "more", 1.0, ("level64", "level256")))
    more.put("level16", {"w": torch.zeros(2)}, network={"references": 16, "layout": 0})
    assert abilities(plain) == {"pictures up to 16 px", "pictures up to 64 px"}
    assert abilities(more) - abilities(plain) == {"pictures up to 256 px", "references"}


def test_without_a_judge_it_says_how_to_get_one(tmp_path: Path) -> None:
    bundle(tmp_path / "run/generator-small/bundle", 2.0, ("level16", "level64"))
    with pytest.raises(BadInput, match="train judge"):
        assemble(tmp_path / "run", tmp_path / "run/generator-small", tmp_path / "weights")


def test_too_large_a_bundle_is_not_released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle(tmp_path / "run/generator-small/bundle", 2.0)
    bundle(tmp_path / "run/judge", 2.0, ("judge",))
    monkeypatch.setattr(release, "MAX_BUNDLE_BYTES", 10)
    with pytest.raises(BadInput, match="MiB"):
        assemble(tmp_path / "run", tmp_path / "run/generator-small", tmp_path / "weights")


def test_swap_survives_a_leftover_of_a_killed_swap(tmp_path: Path) -> None:
    weights, candidate = bundle(tmp_path / "weights", 1.0), bundle(tmp_path / "new", 2.0)
    shutil.copytree(weights, tmp_path / "weights.new")
    swap_in(candidate, weights)
    assert value(weights, "level64") == 2.0
    assert not (tmp_path / "weights.new").exists()


def test_two_writers_of_a_bundle_keep_each_others_parts(tmp_path: Path) -> None:
    first, second = Bundle.create(tmp_path), Bundle.create(tmp_path)
    tensors: dict[str, Any] = {"w": torch.zeros(1)}
    first.put("level16", tensors)
    second.put("level64", tensors)
    assert set(Bundle(tmp_path).manifest["parts"]) == {"level16", "level64"}


def test_a_short_run_from_trained_weights_takes_small_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert release.tempered(1e-3, 60) == pytest.approx(2.5e-4)
    assert release.tempered(1e-3, 600) == 1e-3
    begun: list[list[str]] = []

    class Done:
        def __init__(self, command: list[str], **_: object) -> None:
            begun.append(command)

        def wait(self) -> int:
            return 0

    monkeypatch.setattr(release.subprocess, "Popen", Done)
    monkeypatch.setattr(release, "trainable", lambda store: (16, 64))
    monkeypatch.setattr(release.Store, "open", lambda folder: None)
    monkeypatch.setattr(release.torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(release.os, "cpu_count", lambda: 2)
    config = release.ReleaseConfig(minutes={16: 30.0, 64: 18.0})
    for goes_on, rates in ((True, ["0.0001", "0.0001"]), (False, [])):
        begun.clear()
        assert not release._train(config, tmp_path, tmp_path / "run", None, goes_on)
        told = [word.partition("loop.lr=")[2] for command in begun for word in command if "loop.lr=" in word]
        assert told == rates
        assert len(begun) == 2
