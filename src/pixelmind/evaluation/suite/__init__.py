"""The stress suite: prompts written by hand with what is expected of each, in three files, one JSON object a line.

    turns       what is said, in order; the last is what is tested. "repeat" says a turn so many times over.
    origin      the methodology's example that it is
    ambiguous   "ask": slots a good question is about (none: nothing is open, and a question is unneeded), "word": what leaves it open,
                "default": words of which a sensible stated default holds one, "keep": what was said exactly and must hold
    edge        "options": asked for as `generate` flags, else in words as `chat`; "check": names of `checks.CHECKS` with their values;
                "cannot": what no check here can tell
    adversarial "expect": named, clear, safe, refused, asked, english or rude; "kinds" of contradiction, "sides": for each side, words of
                which the sentence that names it holds one; "check" as in edge; "never": what no answer may hold

Nobody tunes on it: the dialogue room may not read these files (`tests/evaluation/test_stress.py`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args

from pixelmind.errors import BadInput

Kind = Literal["ambiguous", "edge", "adversarial"]
KINDS: tuple[Kind, ...] = get_args(Kind)
EXPECTED = ("named", "clear", "safe", "refused", "asked", "english", "rude")
FOLDER = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Case:
    """A prompt with what is expected; the head of this file tells the fields."""

    id: str
    turns: tuple[str, ...]
    repeat: int = 1
    origin: str = ""
    ask: tuple[str, ...] = ()
    word: str = ""
    default: tuple[str, ...] = ()
    keep: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] | None = None
    check: Mapping[str, Any] = field(default_factory=dict)
    cannot: tuple[str, ...] = ()
    expect: str = ""
    kinds: tuple[str, ...] = ()
    sides: tuple[tuple[str, ...], ...] = ()
    never: tuple[str, ...] = ()

    @property
    def said(self) -> tuple[str, ...]:
        """The turns as they are said."""
        return self.turns if self.repeat == 1 else tuple(" ".join([t] * self.repeat) for t in self.turns)


def read(folder: Path | str = FOLDER) -> dict[Kind, list[Case]]:
    """The cases of the three files in a folder.

    Raises:
        BadInput: a file is missing, a line is no such object, or an id occurs twice; the message names the line.
    """
    out: dict[Kind, list[Case]] = {}
    for kind in KINDS:
        path = Path(folder) / f"{kind}.jsonl"
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(
                f"cannot read {path}; name a folder with {', '.join(f'{k}.jsonl' for k in KINDS)}"
            ) from error
        out[kind] = [_case(line, f"{path}:{number}", kind) for number, line in enumerate(lines, 1) if line.strip()]
        ids = [c.id for c in out[kind]]
        if len(set(ids)) < len(ids) or not ids:
            raise BadInput(f"{path}: every line needs an id of its own, and there must be one line at least")
    return out


def _case(line: str, where: str, kind: Kind) -> Case:
    from pixelmind.evaluation.checks import CHECKS

    try:
        row = json.loads(line)
        known = {f.name for f in fields(Case)}
        odd = sorted(set(row) - known)
        if odd:
            raise BadInput(f"{where}: unknown field {odd[0]!r}; use {', '.join(sorted(known))}")
        texts = {k: tuple(row[k]) for k in ("turns", "ask", "default", "cannot", "kinds", "never") if k in row}
        case = Case(**{**row, **texts, "sides": tuple(tuple(s) for s in row.get("sides", ()))})
    except BadInput:
        raise
    except (ValueError, TypeError) as error:
        raise BadInput(f"{where}: not a JSON object with id and turns ({error})") from error
    if not case.turns or not all(isinstance(t, str) for t in case.turns):
        raise BadInput(f'{where}: "turns" must be a list of at least one text')
    unknown = [c for c in (*case.check, *case.keep) if c not in CHECKS]
    if unknown:
        raise BadInput(f"{where}: unknown check {unknown[0]!r}; use {', '.join(CHECKS)}")
    if kind == "adversarial" and case.expect not in EXPECTED:
        raise BadInput(f'{where}: "expect" must be one of {", ".join(EXPECTED)}')
    return case


def fingerprint(folder: Path | str = FOLDER) -> str:
    """sha256 of the three files: reports of one suite only are compared."""
    return hashlib.sha256(b"".join((Path(folder) / f"{kind}.jsonl").read_bytes() for kind in KINDS)).hexdigest()
