"""What a turn points to, where its words tell: parts named before, pictures told by what was done to them, a place that was marked."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pixelmind.data.edits.instructions import plural
from pixelmind.data.procedural.regions import UNKNOWN, region_class
from pixelmind.dialogue.extents import head_of
from pixelmind.dialogue.lexicon import nouns, part_words, place_class, wide_parts
from pixelmind.dialogue.schema import OUTLINE
from pixelmind.dialogue.speech import place_of
from pixelmind.dialogue.values import value_of

PERSONS = frozenset({"he", "she", "him", "her"})
_SEVERAL = frozenset({"they", "them", "these", "those"})
_CREATURE = "creature"
_MARKED = re.compile(
    r"\b(?:i (?:marked|selected|circled|pointed (?:at|to)|dragged|drew|picked|chose|clicked|tapped|touched|highlighted|boxed)"
    r"|under (?:my|the) (?:cursor|mouse|finger)|(?:part|area|bit|spot) (?:here|there)|this (?:part|area|bit|spot|corner))\b",
    re.IGNORECASE,
)
_FIRST = re.compile(
    r"\b(?:at first$|the (?:start|beginning)|original|(?:very )?first (?:version|batch|lot|set|ones|picture|drawing|four|three|two))\b"
    r"|\bv(?:ersion )?1$",
    re.IGNORECASE,
)
_ONLY_FIRST = re.compile(r"the (?:very )?first(?: one)?", re.IGNORECASE)
_OF_TWO = re.compile(r"\bof (?:the two|them|those|these)$", re.IGNORECASE)
_VERSION = re.compile(r"\bversions? (\d)\b", re.IGNORECASE)
_RIGHT = re.compile(r"\bright\b", re.IGNORECASE)
_TAKEN = (
    r"(?:the |number |no\.? ?|#|option )?(?:first|second|third|fourth|fifth|last|1st|2nd|3rd|4th|[1-8]|one|two|three|four|five|left|right"
    r"|[b-d]|middle|(?:top|bottom|upper|lower) (?:left|right))(?: (?:one|picture|version))?(?: (?:on|in|at) the (?:left|right|middle))?"
)
#: A turn that takes one of what is shown, and one that takes it with a change.
_CHOICE = re.compile(
    r"(?:(?:ok(?:ay)?|yes|yeah|hm+|ah|oh|wow|omg|cool|nice|how lovely|let'?s|please|i(?:'ll| will|'d| would| like| want)?|take|like|choose"
    r"|pick|love|go|with|want|use|have|definitely)[,! ]+)*"
    rf"(?P<taken>{_TAKEN}|(?:the )?(?:[\w-]+ )?one (?:on|in|at) the (?:left|right|middle))"
    r"(?:,? (?:please|pls|thanks|thank you|then|it is|for sure"
    r"|(?:is|looks) (?:(?:so|the|really|very) )*"
    r"(?:nice|nicest|good|great|best|better|perfect|fine|lovely|cool|closest|pretty|cute|cutest)))*[.! ]*",
    re.IGNORECASE,
)
_CHANGED_CHOICE = re.compile(
    rf"(?:(?:ok(?:ay)?|yes|i(?:'ll|'d)?|take|like|choose|pick)[, ]+)*(?P<taken>{_TAKEN})"
    rf"(?:(?: is| looks)\b[\w' -]*)?(?:,|\.| -)? (?:but|only|just)\b"
    rf"|(?P<rated>{_TAKEN}) (?:is|looks) (?:ok(?:ay)?|fine|nice|good|great|best|better|perfect|lovely|cool)[\w' -]*(?:,|\.|;) \w"
    rf"|(?:take|pick|choose) (?P<also>{_TAKEN})(?:,|\.| -|;) \w"
    rf"|(?P<plain>(?:the )?(?:first|second|third|fourth|last|1st|2nd|3rd|4th) one)(?:\.|;) \w",
    re.IGNORECASE,
)
_SIDE_OF = re.compile(r" (?:on|in|at) the (left|right|middle)$", re.IGNORECASE)
_LOWER = re.compile(r"\b(?:bottom|lower) (left|right)\b", re.IGNORECASE)
_WITHOUT = re.compile(r" without (?:the |an? )?(.+)$", re.IGNORECASE)
_BEFORE = re.compile(r"\bbefore (?:the |that )?(.+)$", re.IGNORECASE)
#: Turns that speak of pictures rather than make one.
_PARTS_OF_WISH = re.compile(r"\bwith\b|\band\b|,|\bin\b|\bon\b|\bunder\b|\bover\b|\bby\b", re.IGNORECASE)
_VAGUE = re.compile(r"\b(?:spots?|things?|bits?|areas?|parts?|blobs?|pixels?|stuff)$")
_SPEAKS = re.compile(
    r"\b(?:compare|next to|beside|side by side|vs|undo|redo|go back|back to|was better|forget the|save|export)\b",
    re.IGNORECASE,
)
_PREVIOUS = re.compile(
    r"^(?:the )?(?:(?:one|version|picture) (?:from )?before(?: that| this)?|previous(?: one| version| picture)?"
    r"|(?:old|earlier|last) (?:one|version|picture)|old|prev|(?:the )?one (?:you|we|i) had(?: before)?)$",
    re.IGNORECASE,
)
_DULL = frozenset(
    [
        "the",
        "this",
        "that",
        "these",
        "those",
        "one",
        "ones",
        "version",
        "versions",
        "batch",
        "picture",
        "look",
        "before",
        "after",
        "from",
        "with",
        "without",
        "first",
        "last",
        "old",
        "new",
        "colours",
        "colors",
        "shifted",
        "more",
        "bigger",
        "smaller",
    ]
)


def marked(text: str) -> bool:
    """Whether a turn speaks of a place that was pointed at."""
    return bool(_MARKED.search(text))


def region_of(pieces: Sequence[str]) -> str:
    """The class that the words of a place mean, "" where they do not tell."""
    for piece in pieces:
        low = piece.lower()
        name = region_class(head_of(low))
        if name != UNKNOWN and not _VAGUE.search(low):
            return name
        if place_of(low) == OUTLINE:
            return OUTLINE
    return ""


def mentioned(turns: Sequence[str], pronoun: str = "", wish: bool = True, wide: bool = False) -> tuple[str, ...]:
    """Classes of the parts and things that the turns name, the last named first; what a wish is of is no part of it.

    Args:
        turns: the turns before, oldest first.
        pronoun: what points; "they" names several, "it" one, where such are named.
        wish: whether the first turn is the wish.
        wide: whether words count that are parts more seldom.
    """
    rare = wide_parts() if wide else {}
    known, things, found = part_words() | rare.keys(), nouns(), list[tuple[str, bool]]()
    for back, turn in enumerate(reversed(turns)):
        if wish and back == len(turns) - 1:  # the wish: what it is of is the whole
            turn = " ".join(_PARTS_OF_WISH.split(turn, maxsplit=1)[1:])
        for word in reversed(re.findall(r"[a-z]+", turn.lower())):
            form = next((w for w in (word, word.removesuffix("s"), word.rstrip("s")) if w in known), "")
            if form:
                name = rare.get(form) or place_class(form)
            elif back < len(turns) - 1 and (word in things or word.removesuffix("s") in things):
                name = region_class(word)
            else:
                continue
            if name and name != UNKNOWN and all(name != n for n, _ in found):
                found.append((name, plural(word)))
    wanted = True if pronoun.lower() in _SEVERAL else False if pronoun.lower() in ("it", "this", "that") else None
    fitting = [name for name, many in found if wanted is None or many == wanted]
    return tuple(fitting or [name for name, _ in found])


def spoken_of(text: str, references: Sequence[str]) -> str:
    """The class of the one part that a turn names in the clause before its pronoun: "there's a claw there, right? make that bigger"; ""
    where it names none, or several."""
    first = next((r for r in references if r.lower() in _SEVERAL | {"it", "that"}), "")
    at = re.search(rf"\b{re.escape(first)}\b", text) if first else None
    clause = re.search(r"^(.+)[.,;!?]", text[: at.start()]) if at else None
    named = mentioned((clause[1],), wish=False, wide=True) if clause else ()
    return named[0] if len(named) == 1 else ""


def other_creature(history: Sequence[str]) -> bool:
    """Whether the part spoken of last is a second creature: named in one of the last two turns, the wish aside."""
    recent = mentioned(history[1:][-2:], wish=False)
    return bool(recent) and recent[0] == _CREATURE and re.search(r"\b(?:with|and)\b", history[0]) is not None


def _stems(words: str) -> set[str]:
    return {w[:4] for w in re.findall(r"[a-z0-9]{3,}", words.lower()) if w not in _DULL}


def _made_by(words: str, history: Sequence[str], earliest: bool = False) -> int | None:
    """The turn, from 1, that has most of these words; of several the last, or the first."""
    wanted = _stems(words)
    best, found = 0, None
    for number, turn in enumerate(history, 1):
        if _SPEAKS.search(turn):
            continue
        score = len(wanted & _stems(turn))
        if score > best or (score and score == best and not earliest):
            best, found = score, number
    return found


def pointed_turn(
    references: Sequence[str], history: Sequence[str], act: str = "", pictures: Sequence[int] = ()
) -> int | None:
    """The turn, from 1, that the first reference names by its words ("the snowy one" of "make it snow"); None where none does.

    Args:
        references: words that point.
        history: the turns before, oldest first.
        act: of the turn.
        pictures: the turns that made the pictures up to the one at hand, where they are known.
    """
    if not references or not history:
        return None
    said = references[0]
    if act == "compare":
        said = next(
            (r for r in references if len(r.split()) > 1 or r.lower() not in ("this", "it", "that", "these", "them")),
            said,
        )
    if _FIRST.search(said) or (
        act in ("compare", "undo") and len(history) > 1 and len(references) < 3 and _ONLY_FIRST.fullmatch(said)
    ):
        return 1
    if len(pictures) > 1 and act in ("compare", "undo", "approve", "save", "refine") and _PREVIOUS.fullmatch(said):
        return pictures[-2]
    if _OF_TWO.search(said):
        return pointed_turn((history[-1],), history[:-1])
    if found := _BEFORE.search(said):
        number = _made_by(found[1], history)
        made = [p for p in pictures if number and p < number]
        return made[-1] if made else number - 1 if number and number > 1 else None
    without = _WITHOUT.search(said)
    number = _made_by(_WITHOUT.sub("", said), history, "first" in said)
    if number is None and without:
        later = _made_by(without[1], history)
        return later - 1 if later and later > 1 else None
    return number


def version_told(text: str, history: Sequence[str]) -> int | None:
    """The turn that "version 2" names, where there were as many."""
    found = _VERSION.search(text)
    return int(found[1]) if found and 0 < int(found[1]) <= len(history) else None


def candidate_told(references: Sequence[str]) -> int | None:
    """The candidate that the first reference names: a number, 1 for the left one, 2 for the right one (of two, where nobody says more)."""
    for piece in references:
        low = re.sub(r" of .*$", "", piece)
        if found := _SIDE_OF.search(low):
            low = found[1]
        if corner := _LOWER.search(low):
            return 4 if corner[1].lower() == "right" else 3  # of two rows of two
        value = value_of("reference", low)
        if isinstance(value, int):
            return 2 if value == -1 and _RIGHT.search(piece) else value
    return None


def choice_told(text: str) -> tuple[str, bool] | None:
    """Of a turn right after pictures were shown: the piece that takes one of them, and whether a change of it follows."""
    if found := _CHOICE.fullmatch(text):
        return found["taken"], False
    if found := _CHANGED_CHOICE.match(text):
        return found["taken"] or found["rated"] or found["also"] or found["plain"], True
    return None
