"""PixelBench's prompts file: which picture answers which words, in JSON Lines (.jsonl) or CSV (.csv) with a header.

prompt       the words
images       names of the pictures in the images folder: a list, in CSV joined by "|"; "image" for a single one. All lines as many.
width, height   px asked for; left out: the size of the first picture
palette      name of a built-in palette or a palette file, max_colors: at most so many; both may be left out
id           of the store picture the prompt was taken from; it brings the real picture with --data
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pixelmind.errors import BadInput
from pixelmind.files import write_bytes
from pixelmind.pixels import palettes
from pixelmind.records import MAX_SIZE_PX, MIN_SIZE_PX

FIELDS = ("id", "prompt", "images", "width", "height", "palette", "max_colors")


@dataclass(frozen=True, kw_only=True)
class Line:
    """A prompt with the names of the pictures that answer it; width and height 0 where nothing was asked."""

    prompt: str
    images: tuple[str, ...]
    id: str = ""
    width: int = 0
    height: int = 0
    palette: str = ""
    max_colors: int | None = None


def read(path: Path) -> list[Line]:
    """The lines of a prompts file.

    Raises:
        BadInput: unreadable, empty, another ending, or a line that is not of that form; the message names the line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"cannot read {path}; give a prompts file in UTF-8 (docs/evaluation.md)") from error
    if path.suffix.lower() == ".csv":
        table = csv.DictReader(io.StringIO(text))
        rows = [(table.line_num, {k: v for k, v in row.items() if v not in ("", None)}) for row in table]
    elif path.suffix.lower() in (".jsonl", ".ndjson"):
        rows = [(n, _json(line, f"{path}:{n}")) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    else:
        raise BadInput(f"{path} must end in .jsonl or .csv")
    lines = [_line(row, f"{path}:{number}") for number, row in rows]
    if not lines:
        raise BadInput(
            f"{path} holds no prompt; write one a line, or: pixelmind eval external --export-prompts FILE --data STORE"
        )
    counts = {len(line.images) for line in lines}
    if len(counts) > 1:
        raise BadInput(
            f"{path}: prompts have {' and '.join(map(str, sorted(counts)))} images; give every prompt as many"
        )
    return lines


def _json(line: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise BadInput(f"{where}: not JSON ({error})") from error
    if not isinstance(row, dict):
        raise BadInput(f"{where}: a line must be a JSON object")
    return row


def _line(row: dict[str, Any], where: str) -> Line:
    row = {str(k).strip(): v for k, v in row.items() if v is not None}
    images = row.pop("images", None) or row.pop("image", None)
    row.pop("image", None)
    odd = sorted(set(row) - set(FIELDS))
    if odd:
        raise BadInput(f"{where}: unknown field {odd[0]!r}; use {', '.join(FIELDS)}")
    names = images.split("|") if isinstance(images, str) else images
    prompt = row.get("prompt")
    if not isinstance(prompt, str) or not prompt.strip():
        raise BadInput(f'{where}: "prompt" is missing')
    if not isinstance(names, list) or not names or not all(isinstance(n, str) and n.strip() for n in names):
        raise BadInput(f'{where}: "images" must name at least one picture')
    if any(Path(n).is_absolute() or ".." in Path(n).parts for n in names):
        raise BadInput(f"{where}: pictures are named relative to the images folder, without ..")
    numbers = {}
    for name, low, high in (
        ("width", MIN_SIZE_PX, MAX_SIZE_PX),
        ("height", MIN_SIZE_PX, MAX_SIZE_PX),
        ("max_colors", 1, 256),
    ):
        try:
            numbers[name] = int(row.get(name, 0))
        except (TypeError, ValueError) as error:
            raise BadInput(f"{where}: {name} must be a whole number") from error
        if name in row and not low <= numbers[name] <= high:
            raise BadInput(f"{where}: {name} must lie between {low} and {high}, got {numbers[name]}")
    if bool(numbers["width"]) != bool(numbers["height"]):
        raise BadInput(f"{where}: give width and height together")
    if "palette" in row:
        palettes.resolve(str(row["palette"]))
    return Line(
        prompt=" ".join(prompt.split()), images=tuple(n.strip() for n in names), id=str(row.get("id", "")),
        width=numbers["width"], height=numbers["height"], palette=str(row.get("palette", "")),
        max_colors=numbers["max_colors"] or None,
    )  # fmt: skip


def write(path: Path, lines: Sequence[Line]) -> Path:
    """Write a prompts file, CSV or JSON Lines by its ending.

    Raises:
        BadInput: another ending.
    """
    rows = [{name: getattr(line, name) for name in FIELDS if getattr(line, name)} for line in lines]
    if path.suffix.lower() == ".csv":
        out = io.StringIO()
        table = csv.DictWriter(out, FIELDS, lineterminator="\n")
        table.writeheader()
        table.writerows([{**row, "images": "|".join(row["images"])} for row in rows])
        return write_bytes(path, out.getvalue().encode())
    if path.suffix.lower() not in (".jsonl", ".ndjson"):
        raise BadInput(f"{path} must end in .jsonl or .csv")
    return write_bytes(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode())
