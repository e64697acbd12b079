"""README's three stories (artist, studio, company), each line of them as it stands there, in a folder and a home of its own."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STORIES = ("An artist", "A studio", "A company")


def block(story: str) -> str:
    """The commands that stand under a story."""
    text = (ROOT / "README.md").read_text()
    found = re.search(rf"\\*\\*{story},.*?```bash\n(.*?)```", text, re.DOTALL)
    assert found, f"README tells no story of {story}"
    return found[1]


def play(story: str, folder: Path) -> str:
    """What the commands of a story print."""
    for name in ("runs", "src"):
        (folder / name).symlink_to(ROOT / name)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    # TMPDIR stays: Ray's sockets have room for short paths only.
    surroundings = {**os.environ, "PIXELMIND_HOME": str(folder / "home"), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block(story)],
        cwd=folder,
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_every_story_has_commands() -> None:
    for story in STORIES:
        assert ".venv/bin/pixelmind" in block(story)


@pytest.mark.slow
@pytest.mark.skipif(not (ROOT / ".venv").exists(), reason="README's commands want .venv: make .venv/.dev")
def test_the_artist(tmp_path: Path) -> None:
    play("An artist", tmp_path)
    for name in ("night.png", "night-lint.png", "walk.gif", "potion.aseprite", "knights/knight_4.png"):
        assert (tmp_path / name).stat().st_size > 100, name


@pytest.mark.slow
@pytest.mark.skipif(not (ROOT / ".venv").exists(), reason="README's commands want .venv: make .venv/.dev")
def test_the_studio(tmp_path: Path) -> None:
    play("A studio", tmp_path)
    assert b"b64_json" in (tmp_path / "slime.json").read_bytes()
    assert (tmp_path / "chest.png").stat().st_size > 100


@pytest.mark.ray
@pytest.mark.skipif(not (ROOT / ".venv").exists(), reason="README's commands want .venv: make .venv/.dev")
def test_the_company(tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="needs the extra 'ray'")
    said = play("A company", tmp_path)
    assert "champion" in said  # models list
    assert (tmp_path / "home/loop-nano/loop").is_dir()
