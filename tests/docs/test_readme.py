"""The README: its two commands come first, every figure has its command, its tree is what lies on disk."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.M | re.S)


def holds_files(path: Path) -> bool:
    """Whether anything of ours lies there; folders left empty are not in a checkout."""
    return path.is_file() or any(p.is_file() and "__pycache__" not in p.parts for p in path.rglob("*"))


def test_the_readme_has_its_two_commands_first() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    first = next(block for language, block in FENCE.findall(text) if language == "bash")
    assert first.splitlines() == ['make generate PROMPT="8-bit castle with red flags"', "make test"]
    assert text.index("docs/images/hero.png") < text.index(first) < 1500


def test_every_figure_of_the_readme_has_a_command() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    tables = re.findall(r"^\| what \| figure \|[^\n]*\n\|[-|:]+\n((?:\|[^\n]*\n)+)", text, re.M)
    assert len(tables) == 2  # what the card writes, and speeds
    for row in "".join(tables).splitlines():
        what, _, command = (cell.strip() for cell in row.strip("|").split("|"))
        assert re.search(r"`[^`]+`|^the same$|^as the ", command), f"{what}: no command"


def test_the_tree_is_what_lies_on_disk() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = next(b for _, b in FENCE.findall(text) if b.startswith("src/pixelmind/"))
    entries: list[Path] = []
    for line in block.splitlines():
        found = re.fullmatch(r"( *)(\S+)\s+\S.*", line)
        assert found, f"no comment: {line}"
        entries.append((ROOT / "src/pixelmind" if found[1] else ROOT) / found[2])
    missing = [str(e) for e in entries if not e.exists()]
    assert not missing, f"in the tree, not on disk: {missing}"
    own = re.compile(r"\.|__pycache__$|build$|dist$|site$|(out|data)$|RUN|weights\.(new|old)$|.*\.egg-info$")
    there = [
        p for p in [*ROOT.iterdir(), *(ROOT / "src/pixelmind").iterdir()] if not own.match(p.name) and holds_files(p)
    ]
    known = {e.resolve() for e in entries} | {ROOT / "src"}
    forgotten = [p.name for p in there if p.resolve() not in known]
    assert not forgotten, f"on disk, not in the tree: {forgotten}"
