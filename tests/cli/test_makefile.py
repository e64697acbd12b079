"""The Makefile hands the words over as typed, whatever they hold; a recorder stands where the program would."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


@pytest.fixture
def ready(tmp_path):
    """A checkout whose .venv is complete; its `pixelmind` prints its arguments as JSON."""
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path / name)
    program = tmp_path / ".venv" / "bin" / "pixelmind"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!{sys.executable}\nimport json, sys\nprint(json.dumps(sys.argv[1:]))\n")
    program.chmod(0o755)
    for stamp in (".torch", ".core", ".serve", ".dev"):
        (tmp_path / ".venv" / stamp).touch()
    return tmp_path


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    "prompt",
    [
        "8-bit castle with red flags",
        'it\'s a "big", red; castle',
        "$5 & $HOME `ls` $(date)",
        "--x -n 3",
        "100% #1 \\ back",
        "café ☂",
    ],
)
def test_prompts_arrive_as_typed(ready, prompt):
    done = make(ready, "generate", f"PROMPT={prompt}", "ARGS=--size 16x16 -n 2")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == ["generate", "--size", "16x16", "-n", "2", "--", prompt]


def test_default_prompt_and_second_setup_is_instant(ready):
    assert json.loads(make(ready, "generate").stdout)[-1] == "8-bit castle with red flags"
    done = make(ready, "setup")
    assert "Nothing to be done" in done.stdout


def test_studio_opens_with_its_flags(ready):
    assert json.loads(make(ready, "studio", "ARGS=--port 8000 --no-browser").stdout) == [
        "studio",
        "--port",
        "8000",
        "--no-browser",
    ]


def test_release_without_store_or_art_says_what_to_name(ready):
    done = make(ready, "release", "ART=nowhere", "RUN=nowhere")
    assert done.returncode == 2
    assert "ART=DIR" in done.stderr


def test_help_lists_the_verbs(ready):
    shown = make(ready).stdout
    for verb in ("setup", "generate", "studio", "test", "lint", "bench", "release"):
        assert f"make {verb} " in shown
