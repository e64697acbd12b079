"""Words that are of one slot wherever they stand: machines, sizes, views, formats, looks with one name. What the network left out of these
is put in, what it put elsewhere is moved. Conventions: tests/assets/requests/README.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from pixelmind.dialogue.lexicon import lists
from pixelmind.dialogue.spans import Span
from pixelmind.dialogue.values import Amount, find_values

_GREYS = re.compile(r"sepia|gr[ae]y-?scale|1-?bit|black and white|monochrome", re.IGNORECASE)
_YEARS = re.compile(r"(?:19|20)\d\d|(?:8|16|32|64)-?bit|[48]k|hd", re.IGNORECASE)
_LOOKS = re.compile(
    r"pixel art|outlined|dithered|lineless|chibi|minimal(?:ist)?|(?:highly |very )?detailed", re.IGNORECASE
)
_NAMED_LOOKS = re.compile(r"\b(?:pixel art|lineless|chibi|(?:8|16|32)-?bit)\b", re.IGNORECASE)
_VIEWS = re.compile(
    r"\b(?:isometric|top[- ]down|(?:side|front|back|rear|bird'?s[- ]eye) view|from (?:above|below|behind|the (?:side|front|back))"
    r"|portrait|full body|close-?up)\b",
    re.IGNORECASE,
)
_SIZES = re.compile(r"(?<![\w-])\d{1,4} ?x ?\d{1,4}(?: ?px)?\b", re.IGNORECASE)
_FORMATS = re.compile(r"\b(?:png|gif|aseprite|sprite ?sheet)\b", re.IGNORECASE)
_COLORS = re.compile(
    r"\b(?:(?:dark|light|pale|bright|deep) )?(?:red|blue|green|yellow|purple|pink|brown|black|white|gr[ae]y|teal|cyan|magenta|turquoise)\b",
    re.IGNORECASE,
)
_NOT_WANTED = re.compile(r"\b(?:no|not|without|forget|than|instead of)(?: the| any)? $", re.IGNORECASE)
_NO_THING = frozenset(
    ("bit", "little", "lot", "one", "few", "tad", "more", "touch", "detail", "try", "go", "shot", "piece")
)
_MEASURED = frozenset(("rotate", "move", "shift", "pad", "enlarge", "hue_shift", "resize_part"))


#: A new thing with its article, up to where it goes: "a stain on it". The last word is the thing.
_NEW_THING = re.compile(
    r"\b(?:an?|some|another)(?: [\w-]+){0,2}? (?P<thing>[a-z][\w-]+)"
    r"(?=(?: (?:on|in|at|over|under|behind|inside|near|next to|beside|around|above|below|into|onto|between|from)\b)|[.,!?;]|$)",
    re.IGNORECASE,
)


@lru_cache(maxsize=1)
def _machines() -> re.Pattern[str]:
    names = {
        w for w in lists()["palette.console"] if len(w) > 2 and w.lower() not in ("commodore", "spectrum", "atari")
    }
    return re.compile(
        rf"(?<![\w-])(?:{'|'.join(sorted(map(re.escape, names), key=len, reverse=True))})(?![\w-])", re.IGNORECASE
    )


def moved(text: str, spans: Sequence[Span], operation: str) -> list[Span]:
    """Pieces of one slot wherever they stand, put into it."""
    for s in spans:
        piece = text[s.start : s.end]
        if s.slot in ("color", "style", "attribute", "mood") and _GREYS.fullmatch(piece) and operation != "grayscale":
            s.slot = "palette"
        elif (s.slot in ("palette", "size", "attribute", "mood", "genre") and _YEARS.fullmatch(piece)) or (
            s.slot in ("attribute", "mood") and _LOOKS.fullmatch(piece)
        ):
            s.slot = "style"
    return list(spans)


def added(text: str, spans: Sequence[Span], act: str, operation: str) -> list[Span]:
    """The spans and those that were left out."""
    out = list(spans)

    def add(slot: str, pattern: re.Pattern[str]) -> None:
        for m in pattern.finditer(text):
            free = all(m.end() <= s.start or m.start() >= s.end for s in out)
            if free and not _NOT_WANTED.search(text[: m.start()]):
                out.append(Span(m.start(), m.end(), slot))

    has = {s.slot for s in out}
    if act in ("generate", "refine"):
        for slot, pattern in (("size", _SIZES), ("view", _VIEWS), ("style", _NAMED_LOOKS), ("palette", _machines())):
            add(slot, pattern)
    if act == "generate":
        add("color", _COLORS)
    if act == "save" and "format" not in has:
        add("format", _FORMATS)
    if act == "edit" and operation == "add" and "subject" not in has and (m := _NEW_THING.search(text)):
        start, end = m.span("thing")
        if m["thing"].lower() not in _NO_THING and all(end <= s.start or start >= s.end for s in out):
            out.append(Span(start, end, "subject"))
    if act == "edit" and operation in _MEASURED and not has & {"amount", "size"}:
        for slot, start, end, value in find_values(text):
            numbered = isinstance(value, Amount) and value.kind in ("degrees", "pixels", "times", "share")
            if slot == "amount" and numbered and all(end <= s.start or start >= s.end for s in out):
                out.append(Span(start, end, "amount"))
                break
    return sorted(out, key=lambda s: s.start)
