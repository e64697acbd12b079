"""Mistyped words of the trade put right before a turn is read, word by word, so that every piece can be found in what was typed."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache

from pixelmind.dialogue.lexicon import lists, read

#: difflib's ratio from which a word is taken for another (Ratcliff & Metzener 1988): one swap or letter in a word of five.
ALIKE = 0.8
_WORD = re.compile(r"[A-Za-z]{3,}")
#: Words of English that other languages have too: they tell no language.
_TYPED_ENGLISH = frozenset(
    (
        "a",
        "i",
        "me",
        "no",
        "in",
        "on",
        "an",
        "am",
        "is",
        "as",
        "at",
        "y",
        "rot",
        "des",
        "image",
        "color",
        "rose",
        "violet",
        "dragon",
        "cape",
        "super",
        "compare",
        "change",
        "winter",
        "boot",
        "hut",
        "tour",
        "tours",
        "porte",
        "more",
        "die",
        "will",
        "was",
        "but",
        "under",
        "kind",
        "hell",
        "war",
        "son",
        "sol",
        "mar",
        "pan",
        "con",
        "fond",
        "tag",
    )
)
#: Small words as fingers mix them up.
_SMALL = {
    "teh": "the",
    "hte": "the",
    "adn": "and",
    "nad": "and",
    "wiht": "with",
    "tihs": "this",
    "taht": "that",
    "waht": "what",
    "ot": "to",
}
_MORE_WORDS = frozenset(
    [
        "make",
        "draw",
        "paint",
        "give",
        "remove",
        "delete",
        "undo",
        "redo",
        "export",
        "save",
        "rotate",
        "mirror",
        "darker",
        "brighter",
    ]
    + [
        "lighter",
        "smaller",
        "bigger",
        "larger",
        "palette",
        "colour",
        "color",
        "colours",
        "colors",
        "should",
        "without",
        "with",
        "please",
    ]
    + [
        "compare",
        "another",
        "background",
        "outline",
        "change",
        "replace",
        "picture",
        "aseprite",
        "sepia",
        "pixel",
        "pixels",
    ]
)
_ENDING = re.compile(r"(?:ies|es|s|ing|ed|er|est|ly|y|ish|less|ness)$")


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    words = frozenset(w for pieces in lists().values() for p in pieces for w in re.findall(r"[a-z]{4,}", p.lower()))
    return words | _MORE_WORDS


def _word(low: str, vocabulary: Container[str]) -> bool:
    """Whether a word, or one that it is a form of, is known."""
    stem = _ENDING.sub("", low)
    doubled = stem[:-1] if stem[-2:-1] == stem[-1:] else stem  # "duller", "redder"
    return any(w in vocabulary or w in _known() for w in (low, stem, f"{stem}e", f"{stem}y", doubled) if len(w) >= 3)


@lru_cache(maxsize=4096)
def _right(word: str) -> str:
    swapped = (f"{word[:i]}{word[i + 1]}{word[i]}{word[i + 2 :]}" for i in range(len(word) - 1))
    if known := next((w for w in swapped if w in _known()), ""):
        return known
    found = get_close_matches(word, sorted(w for w in _known() if abs(len(w) - len(word)) <= 2), 1, ALIKE)
    return found[0] if found else word


@lru_cache(maxsize=1)
def _glossary() -> dict[str, dict[str, str]]:
    """By language: word to English word, "" for a word without meaning here."""
    out = {}
    for language, text in read("glossary.toml")["words"].items():
        pairs = (entry.split() for entry in text.replace("\n", " ").split(","))
        out[language] = {word: english.strip('"') for word, english in pairs}
    return out


def foreign(text: str) -> str:
    """The language of `glossary.toml` that a text is in: most of its words are of it, or some that English has not; "" where none."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    known = [w for w in words if w not in _TYPED_ENGLISH]
    found = {language: sum(w in table for w in known) for language, table in _glossary().items()}
    best = max(found, key=found.__getitem__)
    told = found[best] * 2 > len(words) or found[best] >= max(3, len(words) * 0.4)
    return best if words and told else ""


def _translated(text: str, language: str) -> tuple[str, list[tuple[str, str]]]:
    """The text word by word in English, and (in English, as typed) of each word."""
    table, changed = _glossary()[language], list[tuple[str, str]]()

    def put(m: re.Match[str]) -> str:
        english = table.get(m[0].lower())
        if english is None or not english or english == m[0].lower():
            return m[0] if english is None or english else ""
        changed.append((english, m[0]))
        return english

    return " ".join(re.sub(r"[^\W\d_]+", put, text).split()), changed


def corrected(text: str, vocabulary: Container[str]) -> tuple[str, list[tuple[str, str]]]:
    """The text with mistyped words put right, and (as put right, as typed) of each. Words of `vocabulary` (lower case) stay.

    A text in one of the languages of `glossary.toml` is put into English word by word in the same way.
    """
    if language := foreign(text):
        said, translated = _translated(text, language)
        return (said, translated) if said else (text, [])
    changed: list[tuple[str, str]] = []

    def put(m: re.Match[str]) -> str:
        low = m[0].lower()
        if low in _SMALL:
            changed.append((_SMALL[low], m[0]))
            return _SMALL[low]
        right = m[0] if len(low) < 4 or _word(low, vocabulary) else _right(low)
        if right != m[0] and right != low:
            changed.append((right, m[0]))
            return right
        return m[0]

    return _WORD.sub(put, text), changed


def as_typed(
    text: str, slots: Mapping[str, Sequence[str]], changed: Sequence[tuple[str, str]]
) -> dict[str, tuple[str, ...]]:
    """Pieces of the corrected text as they were typed in `text`."""
    out = {}
    for slot, pieces in slots.items():
        typed = []
        for piece in pieces:
            for right, wrong in changed:
                if piece not in text:
                    piece = re.sub(rf"\b{re.escape(right)}\b", lambda _, wrong=wrong: wrong, piece)  # type: ignore[misc]
            if piece in text:
                typed.append(piece)
        if typed:
            out[slot] = tuple(typed)
    return out
