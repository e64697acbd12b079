"""Pieces of a turn as stretches of its text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Slots = dict[str, tuple[str, ...]]


@dataclass
class Span:
    """A piece: characters text[start:end] of a slot."""

    start: int
    end: int
    slot: str


def spans_in(text: str, slots: Mapping[str, Sequence[str]]) -> list[Span]:
    """Where the pieces stand, each looked for as whole words after the one before it of its slot."""
    out: list[Span] = []
    for slot, pieces in slots.items():
        at = 0
        for piece in pieces:
            start = whole_words(text, piece, at)
            start = whole_words(text, piece, 0) if start < 0 else start
            while start >= 0 and any(start < o.end and o.start < start + len(piece) for o in out):
                start = whole_words(text, piece, start + 1)
            if start >= 0:
                at = start + len(piece)
                out.append(Span(start, at, slot))
    return sorted(out, key=lambda s: (s.start, s.end))


def whole_words(text: str, piece: str, at: int) -> int:
    """The first place from `at` where a piece stands as whole words; -1 where none is."""
    found = re.compile(
        rf"(?<!\w){re.escape(piece)}(?!\w)" if piece[:1].isalnum() else re.escape(piece) + r"(?!\w)"
    ).search(text, at)
    return found.start() if found else -1


def slots_from(text: str, spans: Sequence[Span]) -> Slots:
    """The pieces of spans by slot, in order."""
    out: dict[str, list[str]] = {}
    for s in sorted(spans, key=lambda s: s.start):
        piece = text[s.start : s.end].strip(" ,!?;").rstrip(".")
        if piece:
            out.setdefault(s.slot, []).append(piece)
    return {slot: tuple(pieces) for slot, pieces in out.items()}
