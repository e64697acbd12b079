"""Labelled text in the making: a row of segments, each with its slot, so that whatever changes the words carries the labels along."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pixelmind.dialogue.schema import NO_OPERATION, NO_REGION, Example

#: A stretch of text and the slot it belongs to, "" for none.
Segment = tuple[str, str]

_SEP = "\x1f"
_SPACES = re.compile(rf" ({_SEP}*) +")
_BEFORE_MARK = re.compile(rf" +({_SEP}*)([,.?!;])(?![\w.])")


_BY = re.compile(r"(?<![\w'-])by $", re.IGNORECASE)
_BEFORE_TIME = re.compile(r"(?:(?:in|during|on) (?:the |an? )?|at |by )(?=\w)", re.IGNORECASE)


def conventional(segments: list[Segment]) -> list[Segment]:
    """The segments as the labels are to be (tests/assets/requests/README.md): amounts that touch are one piece ("3 pixels to the left"),
    with the "by" before them; so are times; a time has no preposition but "at night"."""
    out: list[Segment] = []
    for piece, slot in segments:
        found = _BEFORE_TIME.match(piece) if slot == "time" and piece.lower() != "at night" else None
        if found:
            out.append((found[0], ""))
            piece = piece[found.end() :]
        if (
            slot == "amount"
            and out
            and not out[-1][1]
            and out[-1][0].lower().endswith((" by ", "by "))
            and _BY.search(out[-1][0])
        ):
            before = out[-1][0]
            out[-1] = (before[:-3], "")
            piece = before[-3:] + piece
            if not out[-1][0]:
                out.pop()
        between = out[-1][0] if len(out) > 1 and not out[-1][1] else None
        if slot in ("amount", "time") and between is not None and not between.strip() and out[-2][1] == slot:
            out[-2:] = [(out[-2][0] + between + piece, slot)]
        else:
            out.append((piece, slot))
    return out


@dataclass
class Draft:
    """A turn before it becomes an `Example`; the fields mean the same."""

    segments: list[Segment] = field(default_factory=list)
    act: str = "generate"
    operation: str = NO_OPERATION
    region: str = NO_REGION
    ambiguous: tuple[str, ...] = ()
    contradictions: tuple[str, ...] = ()
    asked: str = ""
    history: tuple[str, ...] = ()
    resolved: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The words."""
        return "".join(t for t, _ in self.segments)

    def example(self) -> Example:
        """The finished turn."""
        slots: dict[str, list[str]] = {}
        for piece, slot in conventional(self.segments):
            if slot:
                slots.setdefault(slot, []).append(piece)
        return Example(
            text=self.text,
            act=self.act,
            slots={s: tuple(p) for s, p in slots.items()},
            operation=self.operation,
            region=self.region,
            ambiguous=self.ambiguous,
            contradictions=self.contradictions,
            asked=self.asked,
            history=self.history,
            resolved=self.resolved,
        )

    def found_again(self) -> bool:
        """Whether `spans` of the example gives back just the labelled segments."""
        at, own = 0, []
        for piece, slot in conventional(self.segments):
            if slot:
                own.append((slot, at, at + len(piece)))
            at += len(piece)
        return spans(self.example()) == own


def tidy(segments: list[Segment]) -> list[Segment]:
    """Resolve "a~" to "a" or "an", drop empty segments and doubled spaces, move spaces out of labelled pieces."""
    parts: list[str] = []
    slots: list[str] = []
    for piece, slot in segments:
        if slot:
            bare = piece.strip(" ")
            if not bare:
                continue
            parts += ["", bare, ""] if piece == bare else [" ", bare, " "]
            slots += ["", slot, ""]
        elif piece:
            parts.append(piece)
            slots.append("")
    text = _SEP.join(parts)
    if "a~" in text:
        text = re.sub(r"\ba~(?=[ \x1f]*([\w-]+)?)", lambda m: "an " if m[1] and needs_an(m[1]) else "a ", text)
    if "  " in text or f" {_SEP}" in text:
        text = _SPACES.sub(r" \1", text)
        while "  " in text or re.search(rf" {_SEP}+ ", text):
            text = re.sub(rf" ({_SEP}*) ", r" \1", text)
        text = _BEFORE_MARK.sub(r"\1\2", text)
    out: list[Segment] = []
    for piece, slot in zip(text.split(_SEP), slots):
        if not piece:
            continue
        if not slot and out and not out[-1][1]:
            out[-1] = (out[-1][0] + piece, "")
        else:
            out.append((piece, slot))
    if out and not out[0][1]:
        out[0] = (out[0][0].lstrip(" ,"), "")
    if out and not out[-1][1]:
        out[-1] = (out[-1][0].rstrip(" "), "")
    return [s for s in out if s[0]]


_SPOKEN_VOWEL = frozenset(
    (
        "nes",
        "rpg",
        "snes",
        "npc",
        "msx",
        "xp",
        "8",
        "8-bit",
        "8x8",
        "80s",
        "11",
        "18",
        "hour",
        "honest",
        "h",
        "n64",
        "lcd",
    )
)
_SPOKEN_CONSONANT = ("uni", "use", "ufo", "eu", "one", "once", "ukulele", "us ", "ut")


def needs_an(word: str) -> bool:
    """Whether the article before a word is "an"."""
    low = word.lower()
    if low in _SPOKEN_VOWEL or low.startswith(("8-", "8x")):
        return True
    return low[0] in "aeiou" and not low.startswith(_SPOKEN_CONSONANT)


def spans(example: Example) -> list[tuple[str, int, int]]:
    """Where the pieces of the slots stand: (slot, start, end) in order of the text.

    Each slot's pieces are looked for in turn at word boundaries, the longest first where two slots could claim the same place.
    """
    taken: list[tuple[int, int]] = []
    found: list[tuple[str, int, int]] = []
    for slot, piece in sorted(((s, p) for s, ps in example.slots.items() for p in ps), key=lambda sp: -len(sp[1])):
        start = _next(example.text, piece, taken)
        if start >= 0:
            taken.append((start, start + len(piece)))
            found.append((slot, start, start + len(piece)))
    return sorted(found, key=lambda f: f[1])


def _next(text: str, piece: str, taken: list[tuple[int, int]]) -> int:
    """The first free place of a piece that cuts no word in two; -1 where there is none."""
    start = text.find(piece)
    while start >= 0:
        end = start + len(piece)
        whole = (start == 0 or not (text[start - 1].isalnum() and piece[0].isalnum())) and (
            end == len(text) or not (text[end].isalnum() and piece[-1].isalnum())
        )
        if whole and all(end <= a or start >= b for a, b in taken):
            return start
        start = text.find(piece, start + 1)
    return -1
