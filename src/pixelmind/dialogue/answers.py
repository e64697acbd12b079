"""Short answers that need no network: which option is taken, "you decide", how many turns back."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pixelmind.dialogue.grounding import normal
from pixelmind.dialogue.policy import Question
from pixelmind.dialogue.values import NUMBER, number, reference
from pixelmind.errors import BadInput
from pixelmind.records import Intent

_YOU_DECIDE = re.compile(
    r"\W*(?:(?:i|oh|well|just|please|really|ok|okay|then|hmm?)[ ,]+)*"
    r"(?:you (?:decide|choose|pick)|(?:it's |its )?up to you|whatever(?: you (?:like|want|think))?|surprise me|no idea|"
    r"(?:don'?t|do not) (?:care|mind|know)|any(?:thing|one| one)?(?: of (?:them|these))?(?: is fine| goes| will do)?|"
    r"either(?: one)?(?: is fine)?)(?:[ ,]+please)?\W*",
    re.IGNORECASE,
)
_BACK = re.compile(rf"\b(?:({NUMBER}) (?:\w+ )?(?:times|steps?|turns?|changes?|edits?)|(twice))\b", re.IGNORECASE)
#: Words of an option's label that tell nothing.
_DULL = frozenset(
    ["colours", "colors", "a", "an", "the", "and", "in", "it", "of", "px", "around", "behind", "on", "at", "with"]
)


def left_open(text: str) -> bool:
    """Whether the whole turn leaves the choice to us."""
    return _YOU_DECIDE.fullmatch(text) is not None


def option_taken(asks: Question, text: str, intent: Intent) -> int | None:
    """Which option an answer takes, from 0: by number, or by at least half of the telling words of its label; None for words of one's own.

    Raises:
        BadInput: a number that no option has.
    """
    if not asks.options:
        return None
    if left_open(text):
        return 0
    told = [reference(piece) for piece in intent.slots.get("reference", ())]
    which = next((n for n in (*told, reference(text.rstrip(".!"))) if n), None)
    if which is None and (digits := re.fullmatch(r"\D{0,12}(\d)\W*", text)):
        which = int(digits[1])
    if which is not None:
        which = len(asks.options) + 1 + which if which < 0 else which
        if not 1 <= which <= len(asks.options):
            raise BadInput(f"there is no number {which}; there are 1 to {len(asks.options)}")
        return which - 1
    return label_named(text, [o.label for o in asks.options])


def label_named(text: str, labels: Sequence[str]) -> int | None:
    """The label of which a turn says most of the telling words, at least half of them; from 0, None where none is named."""
    said = set(normal(text).split())
    telling = [set(normal(label).split()) - _DULL for label in labels]
    shares = [len(words & said) / max(1, len(words)) for words in telling]
    best = max(range(len(shares)), key=shares.__getitem__, default=None)
    return best if best is not None and shares[best] >= 0.5 else None


def turns_back(text: str) -> int:
    """How many turns to go: "undo the last two changes" is 2."""
    if not (found := _BACK.search(text)):
        return 1
    return 2 if found[2] else max(1, int(number(found[1]) or 1))
