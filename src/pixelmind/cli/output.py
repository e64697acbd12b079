"""What commands print: one JSON object, paths, previews. Only results go to stdout."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pixelmind.records import Sprite

MAX_PREVIEWS = 4


def print_json(value: Any) -> None:
    """Print one JSON object on stdout and nothing else."""
    print(json.dumps(value, ensure_ascii=False, default=str))


def log(line: str) -> None:
    """Print a line for people on stderr."""
    print(line, file=sys.stderr)


def colored() -> bool:
    """Whether escape codes may be printed on stdout: a terminal, and no NO_COLOR."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def print_previews(sprites: Sequence[Sprite]) -> None:
    """Show the first sprites in the terminal in 24-bit colour; nothing where NO_COLOR is set."""
    if os.environ.get("NO_COLOR"):
        return
    from pixelmind.pixels.preview import terminal_preview

    columns = shutil.get_terminal_size((80, 24)).columns
    for sprite in sprites[:MAX_PREVIEWS]:
        print(terminal_preview(sprite, columns))
    if len(sprites) > MAX_PREVIEWS:
        log(f"({len(sprites) - MAX_PREVIEWS} more not shown)")
