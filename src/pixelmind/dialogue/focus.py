"""What the turns before a turn were about: the part that "it" is, kept from change to change (centering, Grosz, Joshi & Weinstein 1995)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pixelmind.data.procedural.regions import UNKNOWN, region_class
from pixelmind.dialogue.pointing import mentioned, region_of
from pixelmind.dialogue.schema import NO_REGION, OUTLINE, POINTED, SUBJECT, WHOLE
from pixelmind.records import Intent

#: Words for the part spoken of, in front of or behind the verb.
PRONOUNS = frozenset(("it", "them", "they", "that", "those", "these", "this"))


def focus(turns: Sequence[Intent]) -> str:
    """The region that the last change was about: a class of masks; `WHOLE` where it was about all of the picture; "" where nothing was
    changed since the wish.

    Args:
        turns: what was read of the turns before, oldest first.
    """
    for turn in reversed(turns):
        if turn.act in ("generate", "refine", "compare"):
            return ""
        if turn.act == "ask" and (
            asked := region_of(turn.slots.get("region", ())) or next(iter(mentioned((turn.text,), wish=False)), "")
        ):
            return asked  # "does it have a door?"
        if turn.act != "edit":
            continue
        if turn.operation.endswith("_outline") and turn.operation != "remove_outline":
            return OUTLINE
        if turn.operation == "remove" and not turn.slots.get("count"):
            return ""
        if turn.operation in ("add", "replace") and turn.slots.get("subject"):
            return region_class(turn.slots["subject"][0].lower())
        if turn.slots.get("region"):
            return region_of(turn.slots["region"]) or (UNKNOWN if turn.region == NO_REGION else turn.region)
        return WHOLE if turn.region == NO_REGION else turn.region
    return ""


#: Changes that mean the whole picture whatever was spoken of.
_WHOLE = frozenset(
    ("shift", "crop", "pad", "enlarge", "tile", "symmetric", "center", "fewer_colors")
    + ("restrict_palette", "tone_map", "swap_colors", "replace_color", "remove_background", "fill_background")
)
#: Changes that a part is mostly meant by: without a place they are of the part changed before.
_OF_PARTS = frozenset(
    ("darken", "lighten", "saturate", "desaturate", "warmer", "colder", "recolor", "resize_part", "move", "redraw")
    + ("shade", "highlight", "pattern")
)
#: One of several by its place, size or turn: "the left one", "the other", "those on the right".
_ONE_OF = re.compile(
    r"(?:only |just )?the (?:(?:far|very|\w+est|\w+er|left|right|middle|upper|lower|top|bottom|front|back|rear|other|big|small|first|second"
    r"|third|last|new|remaining|red|blue|green|yellow|brown|black|white|gr[ae]y|purple|pink|orange)(?:most)? ?)+(?:ones?)?"
    r"|(?:the )?(?:ones?|those) (?:on|at|in) the [\w ]+|the other(?: ones?| two)?|both(?: of them)?|all of them|the rest",
    re.IGNORECASE,
)
#: Groups of changes that go on with one another: "darker", "no, now it is too dark".
_ALIKE = (
    frozenset(("darken", "lighten")),
    frozenset(("saturate", "desaturate", "grayscale")),
    frozenset(("warmer", "colder")),
    frozenset(("recolor", "recolor_outline", "fill_background")),
)


#: A turn of these words alone repeats the last change.
_MORE = re.compile(
    r"(?:(?:and|also|even|still|just|only|ok(?:ay)?|yes|hm+|please|no|a (?:bit|little|lot|tad|touch)|much|some|once|go|keep|do|it|that)"
    r"[, ]+)*(?:more|again|further|going|not enough|(?:one|another) (?:more )?(?:notch|step|time|shade)|one more)"
    r"(?:,? (?:please|pls))?[.! ]*",
    re.IGNORECASE,
)
#: A turn that gives the last change another place.
_MEANT = re.compile(
    r"(?:(?:no+|sorry|oops|wait|hey|ok)[,. ]+)*(?:(?:leave|not) [\w ]+?, )?i (?:only |just )?(?:meant|mean) (?:only |just )?"
    r"(?:the|his|her|its|their) [\w ]+[.! ]*",
    re.IGNORECASE,
)
#: A turn that gives the last change to another place, too.
_ALSO = re.compile(
    r"(?:(?:and|also|ok(?:ay)?|now|then|same|the same)[, ]+)*(?:(?:for|on|in|with) )?(?:the |his |her |its |their )?"
    r"(?P<place>[\w-]+(?: [\w-]+)?)"
    r",? (?:too|as well)[.! ]*",
    re.IGNORECASE,
)
_NO_PLACE = frozenset(("it", "that", "this", "them", "me", "him", "her", "those", "these", "you", "one", "much"))
_TOO_MUCH = re.compile(
    r"(?:(?:no+|hm+|ok|oh|wait|ugh|now)[,. ]+)*(?:(?:that'?s|it'?s|that was|this is|now it'?s) )?"
    r"(?:a bit |a little |way |far |slightly |just )?too much(?: now)?[.! ]*",
    re.IGNORECASE,
)
_OPPOSITES = {
    "darken": "lighten",
    "lighten": "darken",
    "saturate": "desaturate",
    "desaturate": "saturate",
    "warmer": "colder",
    "colder": "warmer",
    "resize_part": "resize_part",
    "enlarge": "enlarge",
    "move": "move",
    "hue_shift": "hue_shift",
}
#: A place and nothing else, after a thing was put somewhere.
_ELSEWHERE = re.compile(
    r"(?:(?:no+|not there|rather|better|i meant|sorry|put it|it goes)[,. ]+)*"
    r"(?:(?:on|in|at|to) the (?:other|left|right|opposite)(?: (?!one\b)\w+)?|(?:the )?other (?:side|hand|arm|shoulder))"
    r"(?:,? (?:please|pls|not [\w ]+))?[.! ]*",
    re.IGNORECASE,
)
#: Where a new thing goes: beside it is beside the picture's figure, through it through the picture; under, over or around it is where the
#: part at hand is, if there is one.
_BESIDE = re.compile(
    r"\b(?:behind|beside|near|by|next to|in front of|through|across) (?:it|them|that|this)\b", re.IGNORECASE
)
_WHERE = re.compile(r"\b(?:under|below|beneath|over|above|around|round) (?:it|them|that|this)\b", re.IGNORECASE)
#: What a change of a part is called where the part is the outline.
_OF_OUTLINE = {
    "recolor": "recolor_outline",
    "replace_color": "recolor_outline",
    "resize_part": "thicken_outline",
    "remove": "remove_outline",
}
#: Changes of the outline itself.
OUTLINES = frozenset(("thicken_outline", "remove_outline", "recolor_outline"))


def repeated(text: str, before: Sequence[Intent]) -> str:
    """The operation of the change that a turn goes on with: the same ("again", "I meant the grass"), its opposite ("too much"), or that
    the thing just added stands elsewhere ("on the other arm"); "" where it is no such turn."""
    last = next((t for t in reversed(before) if t.act not in ("ask", "answer")), None)
    if last is None or last.act != "edit":
        return ""
    if _MORE.fullmatch(text) or _MEANT.fullmatch(text) or also(text):
        return last.operation
    if _TOO_MUCH.fullmatch(text):
        return _OPPOSITES.get(last.operation, "")
    return "move" if elsewhere(text, before) else ""


def also(text: str) -> str:
    """The place of a turn that names one for the last change, too: "tracks too"; "" where it is no such turn or names no known part."""
    found = _ALSO.fullmatch(text)
    place = found["place"].lower() if found else ""
    return "" if set(place.split()) & _NO_PLACE else region_of((place,)) if place else ""


def elsewhere(text: str, before: Sequence[Intent]) -> str:
    """The class of the thing just put somewhere that a turn says belongs elsewhere: "on the other arm"; "" where it does not."""
    last = next((t for t in reversed(before) if t.act not in ("ask", "answer")), None)
    if last is None or last.operation not in ("add", "move", "duplicate") or not _ELSEWHERE.fullmatch(text):
        return ""
    about = focus(before)
    return "" if about == WHOLE else about


def of_outline(operation: str, region: str) -> str:
    """The operation on a region: on the outline its own one."""
    return _OF_OUTLINE.get(operation, operation) if region == OUTLINE else operation


def one_of_several(references: Sequence[str]) -> bool:
    """Whether a reference chooses among several parts: "the left one", "the other"."""
    return any(_ONE_OF.fullmatch(r) for r in references)


def place_by_focus(
    operation: str,
    references: Sequence[str],
    refers: str,
    before: Sequence[Intent],
    whole: bool = False,
    text: str = "",
) -> tuple[str, str] | None:
    """The region and what is pointed to ("region" or "last") of a change that names no place; None where the turns before do not tell.

    Args:
        operation: of the change. references: its words that point. refers: what the network takes them to point to.
        before: what was read of the turns before, oldest first. whole: whether the turn speaks of the picture, or of all of it.
        text: of the turn.
    """
    about = focus(before)
    if about == POINTED and references:  # "and that one too"
        return POINTED, "region"
    if any(r.lower() in PRONOUNS for r in references):
        if (
            operation in _WHOLE
            or (operation == "add_outline" and about in ("", WHOLE))
            or (operation == "restyle" and refers != "region")
        ):
            return WHOLE, "last"
        last = next((t.operation for t in reversed(before) if t.act == "edit"), "")
        if operation == "add" and _BESIDE.search(text) and last not in ("add", "replace", "duplicate"):
            return WHOLE, "last"
        if about not in ("", WHOLE):
            return about, "region"
        if operation == "add" and _WHERE.search(text):
            return WHOLE, "last"
        if not about and any(r.lower() in ("they", "them") for r in references) and _several(before):
            return SUBJECT, "region"
        return None if refers == "region" else (WHOLE, "last")
    if one_of_several(references) and about not in ("", WHOLE):
        return about, "region"
    if references or whole or about in ("", WHOLE):
        return None
    if operation in _OF_PARTS:
        return about, refers
    last = next((t.operation for t in reversed(before) if t.act == "edit"), "")
    if operation == last or any({operation, last} <= group for group in _ALIKE):
        return (about, refers) if operation not in _WHOLE else None
    return None


def part_at_hand(references: Sequence[str], before: Sequence[Intent]) -> bool:
    """Whether words that point by a pronoun, or not at all, go on with a part and not with the picture."""
    return (not references or any(r.lower() in PRONOUNS for r in references)) and focus(before) not in ("", WHOLE)


def thing_at_hand(before: Sequence[Intent]) -> str:
    """The words for the thing that was put in last, while changes go on with it; "" where they went elsewhere."""
    for turn in reversed(before):
        if turn.act in ("generate", "refine", "compare"):
            return ""
        if turn.act != "edit":
            continue
        if turn.operation in ("add", "replace") and turn.slots.get("subject"):
            return turn.slots["subject"][0]
        if turn.slots.get("region") or turn.region in (WHOLE, SUBJECT, NO_REGION):
            return ""
    return ""


def _several(turns: Sequence[Intent]) -> bool:
    """Whether the last wish is of several beings or things: "two kids on a swing"."""
    wish = next((t for t in reversed(turns) if t.act == "generate"), None)
    if wish is None or not wish.slots.get("count") or not wish.slots.get("subject"):
        return False
    count, subject = wish.slots["count"][0], wish.slots["subject"][0]
    return not count.lower().startswith(("one", "1")) and f"{count} {subject}" in wish.text


def pictures(turns: Sequence[Intent]) -> list[int]:
    """The turns, from 1, that made the pictures from the first to the one at hand; what was taken back is not among them."""
    out: list[int] = []
    for number, turn in enumerate(turns, 1):
        if turn.act in ("generate", "edit", "refine"):
            out.append(number)
        elif turn.act == "answer" and turns[number - 2].ambiguous:
            out[-1:] = [number]  # drawn only once the question was answered
        elif turn.act == "undo" and len(out) > 1:
            out.pop()
    return out
