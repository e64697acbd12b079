"""How people type: slips of the fingers, dropped words and marks, slang, mixed case, either spelling. Labelled pieces are carried along.

Letters of numbers, hex colours and sizes stay as they are: a value must stay readable.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from pixelmind.data.procedural.rng import Rng
from pixelmind.dialogue.lexicon import read
from pixelmind.dialogue.pieces import Draft, Segment

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_KEYS = {c: (r, i) for r, row in enumerate(_ROWS) for i, c in enumerate(row)}
#: Letter -> letters beside it on a keyboard.
NEIGHBOURS = {
    a: "".join(b for b, (s, j) in _KEYS.items() if a != b and abs(r - s) <= 1 and abs(i - j) <= 1)
    for a, (r, i) in _KEYS.items()
}
_TABLE = read("rough.toml")
SLANG: dict[str, list[str]] = _TABLE["slang"]
#: American to British, in labelled pieces too.
SPELLINGS = _TABLE["spellings"]
_BRITISH = re.compile(rf"\b({'|'.join(SPELLINGS)})\b")
_BACK = {b: a for a, b in SPELLINGS.items()}
_AMERICAN = re.compile(rf"\b({'|'.join(_BACK)})\b")
_SLANG = re.compile(
    rf"(?<![\w'])(?:{'|'.join(sorted(map(re.escape, SLANG), key=len, reverse=True))})(?![\w'])", re.IGNORECASE
)
_WORD = re.compile(r"[a-z]{4,}")
#: Words that may be missing.
_SMALL = re.compile(r"(?<![\w'])(?:the|an|a|of|is|are|to|please|some|that|it|me|i|my)(?![\w'])(?!\w) ?", re.IGNORECASE)
_VALUE = re.compile(r"\d|#")
#: Slots whose letters are kept: a slip would make another value of them.
_KEPT = frozenset(("size", "format"))


def typo(word: str, rng: Rng) -> str:
    """The word with one slip: a neighbour's key, two letters swapped, one dropped or doubled."""
    at = rng.integer(0 if len(word) > 5 else 1, len(word) - 2)
    kind = rng.integer(0, 4)
    c = word[at]
    if kind == 0 and c in NEIGHBOURS:
        return word[:at] + rng.choice(NEIGHBOURS[c]) + word[at + 1 :]
    if kind == 1 or (kind == 0 and c not in NEIGHBOURS):
        return word[:at] + word[at + 1] + c + word[at + 2 :]
    if kind == 2:
        return word[:at] + c + word[at:]
    return word[:at] + word[at + 1 :] if kind == 3 else word[: at + 1] + word[at + 2 :]


def typos(segments: list[Segment], rng: Rng, rate: float) -> list[Segment]:
    """About this share of the longer words with a slip."""

    def slip(match: re.Match[str]) -> str:
        return typo(match[0], rng) if rng.chance(rate) else match[0]

    return [
        (t, slot) if slot in _KEPT or (slot and _VALUE.search(t)) else (_WORD.sub(slip, t), slot)
        for t, slot in segments
    ]


def slang(segments: list[Segment], rng: Rng, rate: float) -> list[Segment]:
    """Short forms for some words outside labelled pieces."""

    def short(match: re.Match[str]) -> str:
        return rng.choice(SLANG[match[0].lower()]) if rng.chance(rate) else match[0]

    return [(t, slot) if slot else (_SLANG.sub(short, t), slot) for t, slot in segments]


def dropped(segments: list[Segment], rng: Rng, rate: float) -> list[Segment]:
    """Some small words outside labelled pieces left out."""
    out = [
        (t, slot) if slot else (_SMALL.sub(lambda m: "" if rng.chance(rate) else m[0], t), slot) for t, slot in segments
    ]
    return out if len("".join(t for t, _ in out).split()) > 1 else segments


def spelling(segments: list[Segment], british: bool) -> list[Segment]:
    """British or American spelling throughout."""
    if british:
        return [(_BRITISH.sub(lambda m: SPELLINGS[m[0]], t), slot) for t, slot in segments]
    return [(_AMERICAN.sub(lambda m: _BACK[m[0]], t), slot) for t, slot in segments]


def cased(segments: list[Segment], how: str, rng: Rng) -> list[Segment]:
    """ "sentence": capital at the start of sentences and for I; "upper", "title", "lower"; "mixed": some words in capitals."""
    if how == "sentence":
        out, start = [], True
        for t, slot in segments:
            if start and (found := re.search(r"[A-Za-z0-9#]", t)):
                at = found.start()
                t = t[:at] + t[at].upper() + t[at + 1 :] if not (slot and _VALUE.search(t)) else t
                start = False
            if not slot:
                t = re.sub(r"(?<=[.?!] )[a-z]", lambda m: m[0].upper(), t)
                t = re.sub(r"(?<![\w'])i(?=[ ',.]|$)", "I", t)
            if re.search(r"[.?!\n] ?$", t):
                start = True
            out.append((t, slot))
        return out
    change: Callable[[str], str] = {"upper": str.upper, "lower": str.lower}.get(how, str)
    if how == "title":
        change = lambda t: re.sub(r"\b[a-z]", lambda m: m[0].upper(), t)  # noqa: E731
    elif how == "mixed":
        change = lambda t: re.sub(r"[A-Za-z]+", lambda m: m[0].upper() if rng.chance(0.2) else m[0], t)  # noqa: E731
    return [(change(t), slot) for t, slot in segments]


def ended(segments: list[Segment], rng: Rng) -> list[Segment]:
    """A full stop or another mark at the end, or none; commas left out at times."""
    text, slot = segments[-1]
    roll = rng.unit()
    if text[-1].isalnum():
        mark = (
            "."
            if roll < 0.62
            else "!"
            if roll < 0.74
            else "..."
            if roll < 0.79
            else "!!"
            if roll < 0.82
            else " ."
            if roll < 0.84
            else ""
        )
        return [*segments, (mark, "")] if mark and slot else [*segments[:-1], (text + mark, slot)] if mark else segments
    if roll < 0.6 and not slot and text.endswith(("?", ".", "!")) and len(text) > 1:
        return [*segments[:-1], (text.rstrip("?.! ") or text, "")]
    return segments


def unmarked(segments: list[Segment]) -> list[Segment]:
    """Without the commas between pieces."""
    return [(t, slot) if slot else (t.replace(", ", " ").replace("'", ""), slot) for t, slot in segments]


def roughen(draft: Draft, rng: Rng, rough: float = 0.55) -> Draft:
    """The draft as somebody typed it; `rough` is the share of turns with slips, slang or gaps. Case, spelling and end marks vary anyway."""
    segments = spelling(draft.segments, rng.chance(0.4)) if rng.chance(0.5) else draft.segments
    how = rng.choice(("as is", "sentence", "upper", "title", "lower", "mixed"), (42, 40, 3, 2, 11, 2))
    if rng.chance(0.4):
        segments = ended(segments, rng)
    if rng.chance(rough):
        if rng.chance(0.4):
            segments = typos(segments, rng, 0.1 if rng.chance(0.8) else 0.3)
        if rng.chance(0.3):
            segments = slang(segments, rng, 0.5)
        if rng.chance(0.2):
            segments = dropped(segments, rng, 0.45)
        if rng.chance(0.15):
            segments = unmarked(segments)
    if how != "as is":
        segments = cased(segments, how, rng)
    merged: list[Segment] = []
    for t, slot in segments:
        if t and not slot and merged and not merged[-1][1]:
            merged[-1] = (merged[-1][0] + t, "")
        elif t:
            merged.append((t, slot))
    resolved = dict(draft.resolved)
    if resolved:
        before = [t for t, slot in draft.segments if slot == "reference"]
        after = [t for t, slot in segments if slot == "reference"]
        resolved = {new: resolved[old] for old, new in zip(before, after) if old in resolved}
    return Draft(
        merged,
        draft.act,
        draft.operation,
        draft.region,
        draft.ambiguous,
        draft.contradictions,
        draft.asked,
        draft.history,
        resolved,
    )
