"""Open points and contradictions that follow from the other labels of a turn: a turn of so many places with no number, two colours that a
palette has not. The network says what needs a sense of the whole. Conventions: tests/assets/requests/README.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from pixelmind.dialogue import values
from pixelmind.dialogue.lexicon import lists
from pixelmind.dialogue.schema import AMBIGUITIES, CONTRADICTIONS, UNCLEAR
from pixelmind.dialogue.values import PaletteChoice, find_values, value_of

#: Changes that need a number, a direction or a size.
_MEASURED = frozenset(("move", "shift", "rotate", "pad", "enlarge", "fewer_colors", "hue_shift", "tile"))
UNLIKELY = 0.05  # chance below which an open point is left out whatever the labels say
POSSIBLE = 0.1  # chance from which two kinds of view or time are a contradiction
_MEASURES = ("amount", "size", "palette", "count")
#: Changes that need a colour.
_COLORED = frozenset(("recolor", "replace_color", "fill_background", "tone_map", "recolor_outline"))
#: Amounts that are no number, direction or place.
_NO_MEASURE = re.compile(
    r"(?:over |just |only |by )*"
    r"(?:a (?:(?:tiny|little|wee) )?(?:bit|little|touch|tad|lot|smidge)|slightly|much|many|some|a few|several|somewhat)"
    r"(?: (?:more|less|over))?",
    re.IGNORECASE,
)
_WISHES = ("generate", "edit")
_UNKNOWN_REFERENCE = re.compile(
    r"\b(?:the other (?:one|version|picture)|those two|these two|the better one|(?:like|as) before|like last time"
    r"|(?:as|than|from|like) last (?:time|week)"
    r"|from (?:yesterday|before|earlier|last week)|the usual|same again|(?:talked|spoke) about|one of (?:those|them|these)"
    r"|you know which)\b",
    re.IGNORECASE,
)
_UNKNOWN_PART = re.compile(
    r"\b(?:this|that) (?:area|part|spot|bit|corner)\b(?! (?:here|i |there))|\bone of the\b", re.IGNORECASE
)
#: Some of several, without saying which.
_SOME_OF = re.compile(r"\b(?:one|some|a few|two|half) of (?:the|his|her|its|their)\b", re.IGNORECASE)
_ONE_OF_THEM = re.compile(r"\bone of (?:them|these|those)\b", re.IGNORECASE)
#: Kinds of views, of times of day and of seasons: two of a row cannot be in one picture.
_VIEWS = (
    r"isometric",
    r"top[- ]?down|above|bird'?s|overhead|from the top",
    r"side|profile",
    r"front|head[- ]on",
    r"\bback\b|behind",
    r"below|under",
    r"portrait|close[- ]?up",
    r"full[- ]body",
)
_DAYS = (
    r"noon|midday|daylight|daytime|\bday\b|afternoon|sunny|sunshine",
    r"night|moon|starry|starlight",
    r"sunrise|dawn|morning",
    r"sunset|dusk|evening",
)
_SEASONS = (
    r"winter|snow|blizzard|frost|\bice\b|freezing|christmas",
    r"spring|blossom",
    r"summer|heat|\bhot\b|tropical",
    r"autumn|\bfall\b|harvest",
)
_SHEET = re.compile(r"\b(?:sheet|turnaround|views)\b", re.IGNORECASE)
_SINGLE = re.compile(r"\b(?:single|one|only|lone|pair|twin|both|half|double|triple|no)\b", re.IGNORECASE)


def settled(
    text: str,
    found: Mapping[str, str],
    slots: Mapping[str, Sequence[str]],
    history: Sequence[str],
    points: Mapping[str, float],
    contradictions: Mapping[str, float],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The open points and the contradictions of a turn, from its other labels (act, operation) and the chances of those read."""
    act, operation = found["act"], found["operation"]
    told = {a for a in AMBIGUITIES if points[a] > 0.5}

    def tell(name: str, whether: bool) -> None:
        """What the labels say, unless the network is all but sure of the other."""
        if whether and points[name] > UNLIKELY:
            told.add(name)
        elif not whether and points[name] < 1 - UNLIKELY / 2:
            told.discard(name)

    if act == "edit":
        tell(
            "amount",
            operation in _MEASURED
            and not any(not _NO_MEASURE.fullmatch(p) for k in _MEASURES for p in slots.get(k, ()))
            and not re.search(r"\d", text),
        )
        tell("operation", operation == UNCLEAR)
        if operation not in _COLORED or any(slots.get(k) for k in ("color", "palette")):
            told.discard("color")
        elif not history and not slots.get("reference") and points["color"] > UNLIKELY:
            told.add("color")
        if (_UNKNOWN_PART.search(text) and not history) or (_SOME_OF.search(text) and slots.get("region")):
            told.add("region")
        if history and _ONE_OF_THEM.search(text):
            told.add("region")
    if act == "generate":
        told -= {"amount", "operation", "region", "color"}
        tell("subject", not slots.get("subject") and not slots.get("reference"))
        if not any(slots.values()):
            told.add("subject")
    elif act != "generate":
        told.discard("subject")
    if act in _WISHES:
        vague = frozenset(lists()["count.vague"])
        some = [p for p in slots.get("count", ()) if p.lower() in vague]
        tell("count", bool(some))
        exact = any(isinstance(value_of("count", p), int) for p in slots.get("count", ()))
        if exact or (some and re.search(rf"\b{re.escape(some[0])} (?:\w+ )?(?:stars|grass)\b", text, re.IGNORECASE)):
            told.discard("count")
        tell("size", any(value_of("size", p) is None for p in slots.get("size", ())))
        if _named_palette(slots):
            told.discard("style")
        elif any(p.lower() in _vague("style.vague") or _ERA.search(p) for p in slots.get("style", ())):
            told.add("style")
        alone = operation == "restyle" and not any(slots.get(k) for k in ("style", "time", "genre", "palette", "view"))
        if slots.get("mood") and (alone or any(p.lower() in _vague("mood.vague") for p in slots["mood"])):
            told.add("mood")
    else:
        told -= set(AMBIGUITIES) - {"reference"}
    if not history and act in (*_WISHES, "refine", "compare", "save") and _UNKNOWN_REFERENCE.search(text):
        told.add("reference")
        told.discard("region")
    return tuple(a for a in AMBIGUITIES if a in told), _clashes(text, act, slots, contradictions)


#: Words of an era that name no machine.
_ERA = re.compile(
    r"\b(?:(?:19)?[5-9]0'?s|(?:fif|six|seven|eigh|nine)ties)\b"
    r"|\b(?:old[- ](?:school|games?|style|fashioned|timey)|retro|vintage|classic|traditional|modern|contemporary|throwback|good old)\b",
    re.IGNORECASE,
)
_TONES = re.compile(r"\b(?:tones?|shades?|brightness|lightness|luminance)\b", re.IGNORECASE)
_GREYS = re.compile(r"gr[ae]y-?scale|black and white|monochrome|shades of gr[ae]y", re.IGNORECASE)
_RECOLOR = re.compile(r"\bre-?colou?r", re.IGNORECASE)
_HEX = re.compile(r"#[0-9a-f]{6}\b", re.IGNORECASE)
_COPY = re.compile(r"\b(?:copy|clone|duplicate|twin)\b", re.IGNORECASE)
_BACKGROUND = re.compile(r"\b(?:background|backdrop|bg)\b", re.IGNORECASE)


def operation_told(text: str, operation: str, slots: Mapping[str, Sequence[str]]) -> str:
    """The operation of a change, of two that are near the one that its words and slots tell."""
    palettes = slots.get("palette", ())
    if operation in ("restrict_palette", "tone_map", "fewer_colors") and palettes:
        if operation == "restrict_palette" and _GREYS.fullmatch(palettes[0]):
            return "grayscale"
        if _named_palette(slots):
            return "tone_map" if _TONES.search(text) else "restrict_palette"
    first = (slots.get("region") or ("",))[0]
    if operation == "recolor" and _BACKGROUND.fullmatch(first) and slots.get("color") and not _RECOLOR.search(text):
        return "fill_background"
    if operation == "fill_background" and (not slots.get("color") or _RECOLOR.search(text)):
        return "recolor"
    if operation in ("recolor", "replace_color") and len(_HEX.findall(text)) > 2:
        return "restrict_palette"
    if operation in ("add", "replace", "unclear") and _COPY.search(text):
        return "duplicate"
    return operation


def _vague(key: str) -> frozenset[str]:
    return frozenset(lists()[key])


def _named_palette(slots: Mapping[str, Sequence[str]]) -> bool:
    values = (value_of("palette", p) for p in slots.get("palette", ()))
    return any(isinstance(v, PaletteChoice) and v.name for v in values)


def _kinds(kinds: Sequence[str], said: str) -> int:
    """How many of these kinds are said."""
    return sum(re.search(kind, said, re.IGNORECASE) is not None for kind in kinds)


def _clashes(text: str, act: str, slots: Mapping[str, Sequence[str]], chances: Mapping[str, float]) -> tuple[str, ...]:
    """The contradictions: none but in wishes; those of colours and presence by their words, those of two numbers or views only where
    there are two."""
    if act not in (*_WISHES, "refine"):
        return ()
    clashes = {c for c in CONTRADICTIONS if chances[c] > 0.5}
    if act in _WISHES:
        clashes |= set(implied(slots.get("color", ()), slots.get("palette", ())))
    wanted = {p.lower().rstrip("s") for slot in ("attribute", "subject") for p in slots.get(slot, ())}
    if any(p.lower().rstrip("s") in wanted for p in slots.get("absent", ())):
        clashes.add("presence")
    if "count" in clashes and sum(slot == "count" for slot, *_ in find_values(text)) + len(_SINGLE.findall(text)) < 2:
        clashes.discard("count")
    views, times = " ".join(slots.get("view", ())), " ".join(slots.get("time", ()))
    if _kinds(_VIEWS, views) < 2 or _SHEET.search(text):
        clashes.discard("view")
    elif chances["view"] > POSSIBLE:
        clashes.add("view")
    if (_kinds(_DAYS, times) > 1 or _kinds(_SEASONS, times) > 1) and chances["time"] > POSSIBLE:
        clashes.add("time")
    return tuple(c for c in CONTRADICTIONS if c in clashes)


_GREY = (
    *(
        "black",
        "white",
        "grey",
        "gray",
        "silver",
        "charcoal",
        "slate",
        "dark",
        "light",
        "ink",
        "bone",
        "pearl",
        "ivory",
    ),
    *("monochrome", "shades"),
)
_GREEN = ("green", "lime", "olive", "moss", "sage")


def implied(colors: Sequence[str], palettes: Sequence[str]) -> Iterator[str]:
    """Contradictions of colours with palettes: a told palette that has not the colours, or fewer of them than are named."""
    wanted = [c.lower() for c in colors]
    if not wanted:
        return
    for text in palettes:
        found = values.palette(text)
        if found is None:
            continue
        own = (
            _GREY
            if found.name in ("1bit", "grey-8", "gameboy-pocket")
            else (*_GREY, *_GREEN)
            if found.name == "gameboy"
            else ()
        )
        if own and any(not any(g in c for g in own) for c in wanted):
            yield "palette_color"
        if 0 < found.limit < len({values.color(c) for c in wanted}):
            yield "color_budget"
