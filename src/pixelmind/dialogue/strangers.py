"""Words that the lexicon has not in place of things that were named, so that the sentence and not the word tells the slot
(delexicalised training text, after Henderson et al. 2014, "Word-Based Dialog State Tracking with Recurrent Neural Networks", sec. 3.2)."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from pixelmind.data.procedural.rng import Rng
from pixelmind.dialogue.lexicon import lists
from pixelmind.dialogue.pieces import Draft, Segment, needs_an
from pixelmind.encoder.text_tower import read_tokenizer

#: Places of the tokenizer's vocabulary, which is in order of frequency: behind the function words, before the names.
_FIRST, _LAST = 4500, 16000
_INFLECTED = re.compile(r"(?:ed|ly|est|ally|tion|ness|ism|ity|ious|ive)$")
#: Chance that the last word of a piece is replaced, and that a word is put before it.
RATES = {"subject": (0.35, 0.2), "attribute": (0.3, 0.15), "absent": (0.3, 0.1), "region": (0.0, 0.1)}
_ARTICLE = re.compile(r"\b(an?)( +)$", re.IGNORECASE)
_HAVING = re.compile(r"\b(?:with|having|has|wearing|and)(?: an?| the| his| her)? $", re.IGNORECASE)
_SIDES = frozenset(
    [
        "left",
        "right",
        "top",
        "bottom",
        "upper",
        "lower",
        "first",
        "second",
        "third",
        "other",
        "big",
        "small",
        "middle",
        "last",
    ]
)


@lru_cache(maxsize=1)
def strangers() -> tuple[str, ...]:
    """English words of 4 to 10 letters that no list of the lexicon holds."""
    known = {w for pieces in lists().values() for p in pieces for w in re.findall(r"[a-z]+", p.lower())}
    ranked = sorted(read_tokenizer().get_vocab().items(), key=lambda item: item[1])
    words = (w for w, rank in ranked if _FIRST <= rank < _LAST)
    return tuple(w for w in words if re.fullmatch(r"[a-z]{4,10}", w) and w not in known and not _INFLECTED.search(w))


def estranged(draft: Draft, rng: Rng, share: float) -> Draft:
    """A draft with strange words in some of its pieces; one with contradictions stays as it is, since they hang on the words."""
    if draft.contradictions or not rng.chance(share):
        return draft
    out: list[Segment] = []
    for piece, slot in draft.segments:
        swap, before = RATES.get(slot, (0.0, 0.0))
        words = piece.split(" ")
        new = words
        if swap and rng.chance(swap) and re.fullmatch(r"[a-z]{3,}", words[-1]):
            word = rng.choice(strangers())
            new = [*words[:-1], f"{word}s" if words[-1].endswith("s") and not word.endswith("s") else word]
        compound = slot != "attribute" or (
            out and not out[-1][1] and _HAVING.search(out[-1][0])
        )  # adjectives stand alone
        if (
            compound
            and before
            and rng.chance(before)
            and words[0].islower()
            and words[0] not in _SIDES
            and len(words) < 3
        ):
            new = [rng.choice(strangers()), *new]
        if new is not words and out and not out[-1][1] and (found := _ARTICLE.search(out[-1][0])):
            article = "an" if needs_an(new[0]) else "a"
            out[-1] = (
                out[-1][0][: found.start()] + (article.capitalize() if found[1][0] == "A" else article) + found[2],
                "",
            )
        out.append((" ".join(new), slot))
    return replace(draft, segments=out)
