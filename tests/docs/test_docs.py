"""The documents keep to the truth: links lead somewhere, commands parse, pictures are there."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import click
import pytest
import typer.main
from PIL import Image

from pixelmind.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/*.md"), *ROOT.glob("experiments/*/*.md")]
)
IDS = [str(p.relative_to(ROOT)) for p in PAGES]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.M | re.S)


def prose(page: Path) -> str:
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", prose(page), re.M)
    return {re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-") for h in heads}


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_relative_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(prose(page)):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        aim = (page.parent / path).resolve() if path else page
        assert aim.exists(), f"{page.name} links to {target}, which is not there"
        if anchor:
            assert anchor in anchors(aim), f"{page.name} links to {target}, but no heading of that name is there"


def commands(page: Path) -> list[str]:
    """Lines of ```bash blocks, and commands in table cells of the form `make …`, `.venv/bin/… …` or `pixelmind … --…`."""
    text = page.read_text(encoding="utf-8")
    lines: list[str] = []
    for language, block in FENCE.findall(text):
        if language == "bash":
            lines += [
                line for line in block.replace("\\\n", " ").splitlines() if line.strip() and not line.startswith("#")
            ]
    for row in re.findall(r"^\|.*\|$", prose(page), re.M):
        lines += re.findall(r"`((?:make [a-z]|\.venv/bin/)[^`]*)`", row)
    return lines


def parse_cli(words: list[str]) -> None:
    """Let the command line's own parser read the words, and run nothing."""
    command: click.Command = typer.main.get_command(app)
    context = None
    while True:
        try:
            context = command.make_context(words[0], words[1:], parent=context)
        except click.exceptions.Exit:  # --help
            return
        if not isinstance(command, click.Group):
            return
        rest = [*getattr(context, "_protected_args", ()), *context.args]
        name, found, left = command.resolve_command(context, rest)
        assert found is not None
        assert name is not None
        command, words = found, [name, *left]


def check_command(line: str) -> None:
    kept = re.fullmatch(r"[A-Z]+=\$\((.*)\)", line)  # what a command prints, kept in a variable
    line, _, _ = (kept[1] if kept else line).partition(" & ")  # one that goes on beside those that follow
    words = shlex.split(line)
    while words and re.fullmatch(r"[A-Z_]+=\S*", words[0]):
        words = words[1:]
    tool = words[0].removeprefix(".venv/bin/")
    if tool == "pixelmind":
        parse_cli(["pixelmind", *words[1:]])
    elif tool == "make":
        targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
        goals = {w for w in words[1:] if "=" not in w}
        assert goals <= targets, f"no make target for: {line}"
    elif tool == "bash":
        script = ROOT / words[1]
        assert script.is_file(), f"no script for: {line}"
        assert subprocess.run(["bash", "-n", str(script)]).returncode == 0
        source = script.read_text()
        assert all(w in source for w in words[2:] if w.startswith("--")), f"unknown flag in: {line}"
    elif tool == "python" and words[1:3] == ["-m", "pytest"]:
        assert (ROOT / words[-1]).is_file(), f"no tests for: {line}"
    elif tool == "python" and words[1] == "-m":
        assert words[2] == "venv", f"no check knows this command: {line}"
    elif tool == "python":
        script = ROOT / words[1]
        assert script.is_file(), f"no script for: {line}"
        source = script.read_text()
        assert all(f'"{w}"' in source for w in words[2:] if w.startswith("--")), f"unknown flag in: {line}"
    elif tool in {"promtool", "prometheus", "docker"}:
        files = [w.rpartition("=")[2] for w in words[1:] if "/" in w or w.endswith((".yml", ".yaml"))]
        assert files, f"names no file of ours: {line}"
        assert all((ROOT / name).is_file() for name in files), f"no file for: {line}"
    else:
        assert tool in {"mkdir", "cd", "export", "curl", "kill"}, f"no check knows this command: {line}"


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_commands_are_ones_that_exist(page: Path) -> None:
    for line in commands(page):
        try:
            check_command(line)
        except click.UsageError as error:
            pytest.fail(f"{page.name}: {line}: {error.format_message()}")


def test_the_parser_refuses_a_wrong_command() -> None:
    for line in ("pixelmind generate x --no-such-flag", "pixelmind paint x", "pixelmind data show", "pixelmind train"):
        with pytest.raises(click.UsageError):
            check_command(line)
    for line in ("make nothing", "bash runs/none.sh", "python benchmarks/gallery.py --nothing", "frobnicate"):
        with pytest.raises(AssertionError):
            check_command(line)


def test_pictures_are_small_and_whole() -> None:
    for path in sorted(p for p in (ROOT / "docs" / "images").rglob("*") if p.is_file()):
        assert path.stat().st_size < 600_000, path.name
        if path.suffix == ".svg":
            assert ET.parse(path).getroot().tag.endswith("svg")
        else:
            with Image.open(path) as image:
                image.load()
                assert path.name != "hero.png" or image.mode == "P"


def test_no_registry_is_named() -> None:
    """Nothing here may depend on where packages or models are fetched from."""
    hosts = re.compile(r"(pypi|pythonhosted|anaconda|npmjs|docker)\.(org|com|io)|huggingface\.co", re.I)
    for page in PAGES:
        assert not hosts.search(page.read_text(encoding="utf-8")), page


def test_gallery_prompts() -> None:
    asked = [
        line.split(maxsplit=2)
        for line in (ROOT / "benchmarks" / "gallery_prompts.txt").read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    ]
    assert len(asked) == 128 == len({prompt for _, _, prompt in asked})
    for size, _, prompt in asked:
        width, height = (int(v) for v in size.split("x"))
        assert 8 <= min(width, height) <= max(width, height) <= 256, prompt
    source = (ROOT / "benchmarks" / "gallery.py").read_text(encoding="utf-8")
    hero = re.search(r"^HERO = \((.*?)^\)", source, re.M | re.S)
    assert hero is not None
    wanted = re.findall(r'"([^"]+)"', hero[1])
    assert len(wanted) == 8
    assert set(wanted) <= {prompt for size, _, prompt in asked if size == "32x32"}


@pytest.mark.parametrize(
    "script",
    [
        "gallery.py",
        "cards.py",
        "data.py",
        "edits.py",
        "masks.py",
        "peers_speed.py",
        "references.py",
        "seams.py",
        "steps.py",
    ],
)
def test_benchmark_scripts_start(script: str) -> None:
    done = subprocess.run([sys.executable, str(ROOT / "benchmarks" / script), "--help"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "usage:" in done.stdout
