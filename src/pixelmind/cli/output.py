"""What commands print: one JSON object, paths, previews. Only results go to stdout."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pixelmind.errors import BadInput
from pixelmind.files import write_bytes

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


def targets(where: Path | None, pictures: Sequence[tuple[Path, int | None]], ending: str) -> list[Path]:
    """Where what is made of pictures (file, frame) goes: one PNG, or STEM with this ending in a folder, equal names numbered; nothing where
    None is wanted.

    Raises:
        BadInput: one file for several, or the picture itself.
    """
    if where is None:
        return []
    if where.suffix.lower() == ".png" and not where.is_dir():
        if len(pictures) > 1:
            raise BadInput(f"{where} is one file for {len(pictures)} pictures; name a folder")
        if where.resolve() == pictures[0][0].resolve():
            raise BadInput(f"{where} is the picture itself; name another file")
        return [where]
    names: list[Path] = []
    for path, frame in pictures:
        stem = path.stem if frame is None else f"{path.stem}-{frame}"
        number, target = 1, where / f"{stem}{ending}"
        while target in names:
            number += 1
            target = where / f"{stem}-{number}{ending}"
        names.append(target)
    return names


def write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all.

    Raises:
        BadInput: it cannot be written.
    """
    try:
        write_bytes(path, data)
    except OSError as error:
        raise BadInput(f"cannot write {path}: {error.strerror or error}") from error


def print_previews(sprites: Sequence[Sprite]) -> None:
    """Show the first sprites in the terminal in 24-bit colour; nothing in a pipe or a file, so that only paths go there."""
    if not colored():
        return
    from pixelmind.pixels.preview import terminal_preview

    columns = shutil.get_terminal_size((80, 24)).columns
    for sprite in sprites[:MAX_PREVIEWS]:
        print(terminal_preview(sprite, columns))
    if len(sprites) > MAX_PREVIEWS:
        log(f"({len(sprites) - MAX_PREVIEWS} more not shown)")
