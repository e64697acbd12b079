"""Labelled turns on disk, one JSON object a line: single requests, and dialogues whose turns remember the ones before.

The test set written by hand lies in `tests/assets/requests/` of the repository, with the rules it was labelled by.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from pixelmind.dialogue.schema import Example
from pixelmind.errors import BadInput

_FIELDS = {field.name for field in fields(Example)}
_TEXTS = ("text", "act", "operation", "region", "asked")
_LISTS = ("ambiguous", "contradictions", "history")


def read_requests(path: Path | str, group: str | None = None) -> list[Example]:
    """The single requests of a file, each line the fields of `Example` (defaults left out) and a "group"; of one group where named.

    Raises:
        BadInput: no such file, a line that is no JSON object of that form, or labels with faults; the message names the line.
    """
    out = []
    for where, row in _lines(Path(path)):
        found = row.pop("group", "")
        example = _example(row, where)
        if group is None or found == group:
            out.append(example)
    return out


def read_dialogues(path: Path | str, group: str | None = None) -> list[list[Example]]:
    """The dialogues of a file, each line {"name", "group", "turns"}; `history` of a turn is the texts of the turns before it.

    "candidates" of a turn (how many the program showed after it) is for the reader's eyes and left out here.

    Raises:
        BadInput: as `read_requests`.
    """
    out = []
    for where, row in _lines(Path(path)):
        turns = row.get("turns")
        if not isinstance(turns, list) or not all(isinstance(turn, dict) and "history" not in turn for turn in turns):
            raise BadInput(f'{where}: a dialogue needs "turns", a list of objects without "history"')
        texts: list[str] = []
        dialogue = []
        for number, turn in enumerate(turns, 1):
            labels = {key: value for key, value in turn.items() if key != "candidates"}
            example = _example({**labels, "history": list(texts)}, f"{where}, turn {number}")
            dialogue.append(example)
            texts.append(example.text)
        if group is None or row.get("group") == group:
            out.append(dialogue)
    return out


def _lines(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The JSON objects of a file with the place of each in words; empty lines are passed over."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"cannot read {path} as UTF-8 text: {error}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise BadInput(f"{where}: not JSON: {error}") from error
        if not isinstance(row, dict):
            raise BadInput(f"{where}: must be a JSON object")
        yield where, row


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _example(row: Mapping[str, Any], where: str) -> Example:
    """An `Example` of a row; BadInput where a field is missing, not known, of another type, or a label has faults."""
    for name, value in row.items():
        if name not in _FIELDS:
            raise BadInput(f"{where}: no field {name!r}; there are {', '.join(sorted(_FIELDS))}")
        if name in _TEXTS:
            right = isinstance(value, str)
        elif name in _LISTS:
            right = _texts(value)
        elif name == "slots":
            right = isinstance(value, dict) and all(map(_texts, value.values()))
        else:
            right = isinstance(value, dict) and _texts(list(value.values()))
        if not right:
            raise BadInput(f"{where}: {name!r} has the wrong type")
    if "text" not in row or "act" not in row:
        raise BadInput(f'{where}: needs "text" and "act"')
    values: dict[str, Any] = {name: tuple(value) if name in _LISTS else value for name, value in row.items()}
    values["slots"] = {slot: tuple(pieces) for slot, pieces in row.get("slots", {}).items()}
    example = Example(**values)
    if faults := example.faults():
        raise BadInput(f"{where}: {'; '.join(faults)}")
    return example
