"""How far the pieces of a turn reach, where its words alone say so: prepositions that lead to a place, what stands behind a part, what is
given up, words that belong to no piece. Conventions: tests/assets/requests/README.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from pixelmind.dialogue.closed import added, moved
from pixelmind.dialogue.lexicon import lists, nouns, part_words
from pixelmind.dialogue.spans import Slots, Span, slots_from, spans_in
from pixelmind.dialogue.values import value_of

_WISHES = ("generate", "refine", "answer")
_ARTICLE = r"(?:(?:the|a|an|his|her|its|their|my|some) )?"
_PLACE = re.compile(
    r"\b(?:in front of|on top of|next to|in the middle of|at the (?:foot|edge|end|top|bottom) of|(?:made|built|carved) (?:of|from|out of)"
    r"|(?:covered|dressed|wrapped|buried|stuck) in|covered with|full of|filled with|surrounded by|in|on|by|at|under|behind|near|beside"
    rf"|inside|above|below|over|between|through|from|against|into|onto) {_ARTICLE}$",
    re.IGNORECASE,
)
_VERBAL = re.compile(
    rf"\b[a-z]{{3,}}ing (?:(?:at|on|in|with|over|under|for|to|behind|through|against|from) )?{_ARTICLE}$", re.IGNORECASE
)
_OPENS = re.compile(r"(?:in|on|by|at|under|behind|near|with|from|into|onto|next) ", re.IGNORECASE)
_DONE = re.compile(r"\b(?:[a-z]{3,}ed|made|built|hidden|lost|stuck|drawn|hung|sunk|caught|seen|torn) $", re.IGNORECASE)
_NOT_VERBAL = re.compile(
    r"\b(?:something|anything|nothing|showing|featuring|depicting|having|including|saying|king|ring|wing|being|using) ",
    re.IGNORECASE,
)
_ENDS_OPEN = re.compile(
    r" (?:(?:of|in|on|to|with|by|at|for|from|out|and|or|into|onto|next|near|behind|under) )*"
    r"(?:of|in|on|the|a|an|to|with|by|at|his|her|its|and|or|for|from|next)$",
    re.IGNORECASE,
)
_SIDE = (
    r" (?:on|at|to|in|from) the (?:far |very |upper |lower |top |bottom )?"
    r"(?:left|right|top|bottom|middle|cent(?:er|re)|back|front|corner|edge|side)"
    r"(?: side| corner| edge)?\b"
)
_BY_OTHER = r" (?:next to|behind|in front of|beside|near|above|below|under|on top of) (?:the|his|her|its|that) [\w-]+"
_BEHIND_PART = re.compile(rf"{_SIDE}|{_BY_OTHER}", re.IGNORECASE)
#: Changes of a part as it stands: what follows it tells which one, not where to.
_STANDING = frozenset(
    ["darken", "lighten", "saturate", "desaturate", "grayscale", "invert", "warmer", "colder", "recolor", "remove", "resize_part", "redraw"]
    + ["unclear", "restyle", "shade", "highlight", "dither", "undither", "pattern", "hue_shift", "contrast"]
)  # fmt: skip
#: Changes for which a colour in front of a part tells which one.
_NO_COLOR = frozenset(
    [
        "remove",
        "remove_outline",
        "darken",
        "lighten",
        "duplicate",
        "move",
        "resize_part",
        "redraw",
        "unclear",
        "remove_background",
    ]
)
_ONLY_SIDE = re.compile(
    r"(?:the )?(?:far |very |upper |lower |top |bottom )*(?:left|right|top|bottom|upper|lower|side|edge|half|middle)(?: half| side)?",
    re.IGNORECASE,
)
#: Words for some of a part: the part behind them is meant.
_EDGE = re.compile(
    r"(?:[\w-]+ )?(?:edges?|rims?|sides?|top|bottom|half|middle|tips?|corners?|lines?|bands?|rest|shades?|colou?rs?|tones?|part)",
    re.IGNORECASE,
)
_WITH = re.compile(r"\bwith(?: (?:a|an|the|his|her|its))? $", re.IGNORECASE)
_FACES = ("side", "front", "back", "rear")
_ONLY_SMALL = re.compile(
    r"(?:in|on|by|at|of|to|with|the|a|an|and|or|that|more|something|from|for|it|is|seen|viewed|words?)", re.IGNORECASE
)
_UNIT = re.compile(r" ?(?:px|pixels?)\b", re.IGNORECASE)
_SPARED = re.compile(
    r"(?:\bnot|\bbut (?:keep|leave)|\band (?:keep|leave)|, (?:keep|leave)|\bexcept|\bdon'?t (?:touch|change))(?: the| his| her| its)? $",
    re.IGNORECASE,
)
_PERSON = re.compile(r"\b(?:him|her|he|she|it|them|they)\b", re.IGNORECASE)
_REACH = re.compile(r"\b(?:down|up) to (?:the|his|her|its|their) [\w-]+", re.IGNORECASE)
_APART = re.compile(r"(?: (?:closer|further|farther))? (?:together|apart)\b", re.IGNORECASE)
_ABOUT = re.compile(r"\b(?:about|around|roughly|almost|nearly) $", re.IGNORECASE)
_UP_TO = re.compile(r"\b(?:forget|drop|skip|without|w/o|no|lose|leave out|not)(?: the| a| an| any)? $", re.IGNORECASE)
_TAILS = {
    "palette": re.compile(r"(?<!\d)(?<!two)(?<!four) (?:palette|colou?r palette|colou?rs)$", re.IGNORECASE),
    "style": re.compile(r" (?:style|look)$", re.IGNORECASE),
    "amount": re.compile(r"(?<=pixels|egrees) (?:wide|thick|further|each)$", re.IGNORECASE),
    "format": re.compile(r" file$", re.IGNORECASE),
}
_HEADS = {
    "view": re.compile(r"^(?:seen|viewed) (?=from)", re.IGNORECASE),
    "attribute": re.compile(
        r"^(?:saying|that says|(?:the )?words?|(?:the )?letters?|(?:the )?text) (?=\S)", re.IGNORECASE
    ),
}
_OR = re.compile(r" or ", re.IGNORECASE)

#: What stands before a place, as against a thing.
_PLACED = re.compile(
    r"\b(?:on|in|at|to|from|of|off|over|under|above|below|behind|into|onto|inside|around|round|through|across|along|by|near|beside|between|for)"
    r"(?: (?:the|his|her|its|their|my|that|this|each|every|both|one|top of))* ?$",
    re.IGNORECASE,
)


def settle(text: str, act: str, operation: str, slots: Mapping[str, Sequence[str]]) -> Slots:
    """The slots with their pieces cut to their extents."""
    spans = [
        s for s in spans_in(text, slots) if not _ONLY_SMALL.fullmatch(text[s.start : s.end]) or s.slot == "reference"
    ]
    spans = moved(text, _renamed(text, spans, act, operation), operation)
    if act in _WISHES:
        spans = _split(text, spans)
        spans = _led_by_place(text, spans)
        spans = _given_up(text, spans)
    spans = _open_ends(text, spans)
    if act == "edit":
        spans = _parts(text, spans, operation)
    spans = _amounts(text, spans, act)
    for s in spans:
        if (
            (tail := _TAILS.get(s.slot))
            and (found := tail.search(text[s.start : s.end]))
            and not _limit(text[s.start : s.end], s.slot)
        ):
            s.end -= len(found[0])
        if (head := _HEADS.get(s.slot)) and (found := head.match(text[s.start : s.end])):
            s.start += len(found[0])
    return slots_from(text, added(text, _apart(_joined(text, spans)), act, operation))


def _limit(piece: str, slot: str) -> bool:
    """Whether a palette is a number of colours, whose last word belongs to it."""
    value = value_of("palette", piece) if slot == "palette" else None
    return getattr(value, "limit", 0) > 0 and not getattr(value, "name", "")


def _apart(spans: Sequence[Span]) -> list[Span]:
    """Spans without those that lie in another."""
    out: list[Span] = []
    for s in sorted(spans, key=lambda s: s.start - s.end):
        if all(s.end <= o.start or s.start >= o.end for o in out):
            out.append(s)
    return sorted(out, key=lambda s: s.start)


def _renamed(text: str, spans: Sequence[Span], act: str, operation: str) -> list[Span]:
    """Pieces in the slot that their turn has room for: a wish has no place, what is added is a subject, some changes want no colour."""
    has_subject = any(s.slot == "subject" for s in spans)
    out = list[Span]()
    had: Span | None = None
    for s in spans:
        if act == "generate" and s.slot == "region":
            beside = out and out[-1].slot == "subject" and text[out[-1].end : s.start] == " "
            s.slot = "subject" if not has_subject or beside else "attribute"
            has_subject = True
        elif act == "edit" and operation in ("add", "replace") and s.slot == "attribute" and not has_subject:
            s.slot, has_subject = "subject", True
        elif (
            act == "edit"
            and operation == "add"
            and s.slot == "region"
            and not has_subject
            and not _PLACED.search(text[: s.start])
        ):
            s.slot, has_subject = "subject", True  # "the spear is missing"
        if operation == "grayscale" and s.slot in ("palette", "color", "old_color"):
            continue
        if act == "ask" and s.slot == "color":
            continue
        if operation == "swap_colors" and s.slot == "color" and not any(o.slot == "old_color" for o in spans):
            s.slot = "old_color"  # the first of two
        if (
            act == "generate"
            and s.slot == "subject"
            and any(o.slot == "subject" for o in out)
            and _WITH.search(text[: s.start])
        ):
            s.slot, had = "attribute", s
        elif had is not None and s.slot == "attribute" and text[had.end : s.start] == " ":
            had.end = s.end
            continue
        if s.slot == "color" and " " in text[s.start : s.end] and value_of("color", text[s.start : s.end]) is None:
            words = text[s.start : s.end].rsplit(" ", 1)
            if value_of("color", words[1]) is not None:
                if act == "edit" and words[0].lower() in part_words():
                    out.append(Span(s.start, s.start + len(words[0]), "region"))
                s.start = s.end - len(words[1])
        out.append(s)
    return out


def _joined(text: str, spans: Sequence[Span]) -> list[Span]:
    """Times and places that touch as one, sizes with their unit, "at night"."""
    out: list[Span] = []
    for s in sorted(spans, key=lambda s: s.start):
        if (
            s.slot == "size"
            and text[: s.start].lower().endswith("by ")
            and "x" not in text[s.start : s.end].replace("px", "")
        ):
            s.slot, s.start = "amount", s.start - 3
        if s.slot == "size" and text[s.start : s.end].isdigit() and (found := _UNIT.match(text, s.end)):
            s.end = found.end()
        if s.slot == "view" and text[s.start : s.end].lower() in _FACES and text[s.end :].lower().startswith(" view"):
            s.end += len(" view")
        if s.slot == "time" and text[s.start : s.end].lower() == "night" and text[: s.start].lower().endswith("at "):
            s.start -= 3
        if out and s.slot in ("time", "region") and out[-1].slot == s.slot and text[out[-1].end : s.start] == " ":
            out[-1].end = s.end
        else:
            out.append(s)
    return out


@lru_cache(maxsize=1)
def _before_nouns() -> dict[str, str]:
    """Words that stand before a thing, and their slot."""
    out: dict[str, str] = {}
    keys = {"attribute": "adjectives.", "style": "style.", "genre": "genre.", "mood": "mood."}
    for slot, start in keys.items():
        for key, words in lists().items():
            if key.startswith(start) and "more" not in key and "phrase" not in key and key != "mood.noun":
                for word in words:
                    out.setdefault(word.lower(), slot)
    return {word: "attribute" for word in map(str.lower, lists()["more.like"])} | out


def _split(text: str, spans: Sequence[Span]) -> list[Span]:
    """Things without the words before them that say what they are like or belong to another slot, unless both are one thing's name."""
    before, known = _before_nouns(), nouns()
    out: list[Span] = []
    for s in spans:
        while s.slot == "subject":
            words = text[s.start : s.end].split(" ")
            if " ".join(words).lower() in known:
                break
            most = next((n for n in (2, 1) if n < len(words) and " ".join(words[:n]).lower() in before), 0)
            if not most:
                break
            length = len(" ".join(words[:most]))
            out.append(Span(s.start, s.start + length, before[" ".join(words[:most]).lower()]))
            s.start += length + 1
        out.append(s)
    return out


def _led_by_place(text: str, spans: Sequence[Span]) -> list[Span]:
    """Attributes, and things behind the first, with the preposition or verb that leads to them: "by a" + "river"."""
    out: list[Span] = []
    first = next((s.start for s in spans if s.slot == "subject"), len(text))
    for s in spans:
        if s.slot == "attribute" or (s.slot == "subject" and s.start > first):
            before = text[: s.start]
            found = _PLACE.search(before)
            if found is None and (found := _VERBAL.search(before)) and _NOT_VERBAL.match(found[0]):
                found = None
            taken = max((o.end for o in out), default=0)
            start = found.start() if found else s.start
            if (
                s.slot == "attribute"
                and (done := _DONE.search(text[:start]))
                and (found or _OPENS.match(text, s.start))
            ):
                found = done
            if found and found.start() >= taken and found.start() > first:
                s.start, s.slot = found.start(), "attribute"
        out.append(s)
    return out


def _given_up(text: str, spans: Sequence[Span]) -> list[Span]:
    """What a wish gives up: "forget the game boy", "without flags"."""
    for s in spans:
        if s.slot in ("attribute", "region", "color", "palette", "subject") and _UP_TO.search(text[: s.start]):
            s.slot = "absent"
    return list(spans)


def _parts(text: str, spans: Sequence[Span], operation: str) -> list[Span]:
    """Places: without words for the whole picture and bare sides, with the words or colour beside them that tell which one."""
    whole = frozenset(lists()["whole.words"])
    out = list[Span]()
    for s in spans:
        piece = text[s.start : s.end].lower()
        if s.slot == "region" and (piece in whole or _ONLY_SIDE.fullmatch(piece)):
            continue
        if (
            s.slot == "region"
            and operation != "replace"
            and _SPARED.search(text[: s.start])
            and (out or _PERSON.search(text[: s.start]) or any(o.slot == "region" and o.start > s.start for o in spans))
        ):
            continue
        if (
            s.slot == "region"
            and _EDGE.fullmatch(piece)
            and re.match(r" (?:of|in|on|at|along) (?:the|his|her|its) ", text[s.end :])
        ):
            continue
        if s.slot == "region" and operation in _STANDING and (found := _BEHIND_PART.match(text, s.end)):
            s.end = found.end()
        if (
            s.slot == "region"
            and operation in _NO_COLOR
            and out
            and out[-1].slot == "color"
            and text[out[-1].end : s.start] == " "
        ):
            s.start = out.pop().start
        out.append(s)
    return out


def _open_ends(text: str, spans: Sequence[Span]) -> list[Span]:
    """Pieces that end in a preposition or article: on to the next piece where that follows, else without these words."""
    out: list[Span] = []
    for i, s in enumerate(spans):
        if s.slot in ("attribute", "subject", "region", "amount", "style") and (
            found := _ENDS_OPEN.search(text[s.start : s.end])
        ):
            following = spans[i + 1] if i + 1 < len(spans) else None
            if s.slot == "attribute" and following and following.start - s.end <= 1:
                s.end = following.end
            elif s.slot == "attribute" and (word := re.match(r" [\w-]+", text[s.end :])):
                s.end += word.end()
            else:
                s.end -= len(found[0])
        out.append(s)
    return out


def _amounts(text: str, spans: Sequence[Span], act: str) -> list[Span]:
    """Amounts with "about" before and what they reach to behind; counts joined by "or"."""
    out = list(spans)
    if (
        act == "edit"
        and (found := _REACH.search(text))
        and any(s.slot == "amount" and found.start() <= s.start < found.end() for s in out)
    ):
        out = [s for s in out if s.end <= found.start() or s.start >= found.end()]
        out.append(Span(found.start(), found.end(), "amount"))
    for s in out:
        if s.slot == "amount":
            if found := _ABOUT.search(text[: s.start]):
                s.start = found.start()
            if found := _APART.match(text, s.end):
                s.end = found.end()
    out.sort(key=lambda s: s.start)
    merged: list[Span] = []
    for s in out:
        if (
            merged
            and s.slot == "count"
            and merged[-1].slot == "count"
            and _OR.fullmatch(text[merged[-1].end : s.start])
        ):
            merged[-1].end = s.end
        else:
            merged.append(s)
    return merged


_TAIL = re.compile(
    r" (?:on|in|at|behind|of|next|from|with|without|above|below|under|near|beside|between|that|which|standing|hanging) .*$",
    re.IGNORECASE,
)


def head_of(place: str) -> str:
    """The part that a place told at length is about: "tree" of "tree next to the house"."""
    return _TAIL.sub("", place)
