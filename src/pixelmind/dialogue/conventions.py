"""What is certain about a turn once its act is known: closed classes of words that point to something, and how pieces are cut.

The network reads what needs a sense of the whole; these rules put into its output what follows from the words alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pixelmind.dialogue.lexicon import nouns, part_words, place_class

Slots = dict[str, tuple[str, ...]]
#: Acts in which a pronoun points to something shown or said before.
POINTING = ("edit", "refine", "undo", "redo", "compare", "approve", "reject", "answer", "ask", "save")
PERSONS = frozenset({"he", "she", "him", "her"})
_PRONOUN = re.compile(r"\b(it|that|this|them|those|these|they|he|she|him|her)\b(?!-)", re.IGNORECASE)
_SHOWN = r"(?:one|ones|two|three|four|sprite|picture|image|version|drawing|area|part|change|result|thing)"
_PHRASE = re.compile(rf" {_SHOWN}s?\b(?: (?:here|there|i (?:marked|selected|circled)))?", re.IGNORECASE)
_RELATIVE = re.compile(r"\b(?:so|now|one|ones|thing|sure|way|think|know|said|part|everything|all) $", re.IGNORECASE)
_IDIOM = re.compile(r"\bthat'?s it\b|\blet it (?:snow|rain|go|be)\b|\bmake it so\b|\bforget it\b", re.IGNORECASE)
_AFTER_HER = re.compile(
    r" (?:\w+er|a|an|the|more|less|look|in|with|and|or|to|from|on|is|was|some|back|again|too|not|up|down|smile|wear|hold|please|"
    r"red|blue|green|yellow|black|white|purple|pink|orange|brown|grey|gray|golden)\b",
    re.IGNORECASE,
)
_JOINT = re.compile(r"\s*(?:,|\band\b|\bwith\b|\bvs\.?|\bto\b|\bor\b)\s*", re.IGNORECASE)
_OPENS = re.compile(
    r"(?:\w+ing|made|full|covered|in|on|by|under|over|next|near|behind|inside|at|of|standing|between|beside|through|above|below)\b",
    re.IGNORECASE,
)
_LINK = re.compile(
    r" ?(?:(?:on|in|of|to|at|from|by|with|out of|next to|top of|a|an|the|its|his|her|their) ?){1,4}$|^ ?$",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"(?:the|a|an|his|her|its|their|my)\s+", re.IGNORECASE)
_EMPTY = frozenset({"the", "a", "an", "on", "in", "of", "it", "to", "is", "be", "with", "and", "you touched"})


def tidy(text: str, act: str, slots: Mapping[str, Sequence[str]]) -> Slots:
    """Slots cut as the conventions say (tests/assets/requests/README.md): pronouns that point are references, numbers are one each,
    an attribute that begins with a verb or preposition runs to the end of its phrase, places have no article."""
    out: Slots = {slot: tuple(pieces) for slot, pieces in slots.items()}
    if "attribute" in out:
        out["attribute"] = _phrases(text, out["attribute"])
    if "region" in out:
        bare = (_ARTICLE.sub("", p, count=1) if _ARTICLE.match(p) else p for p in out["region"])
        out["region"] = tuple(p for p in bare if p.lower() not in _EMPTY and not _only_pronoun(p))
    if act in POINTING:
        out["reference"] = _references(text, out)
    elif act == "generate":
        out["reference"] = tuple(p for p in out.get("reference", ()) if not _only_pronoun(p))
    for slot in ("subject", "region"):  # one word is one thing
        if slot in out:
            taken = {w.lower() for p in out.get("reference", ()) for w in p.split()} - {"the"}
            out[slot] = tuple(p for p in out[slot] if not set(p.lower().split()) <= taken)
    return {slot: pieces for slot, pieces in out.items() if pieces}


def _only_pronoun(piece: str) -> bool:
    return bool(_PRONOUN.fullmatch(piece))


def _references(text: str, slots: Slots) -> tuple[str, ...]:
    """References in the order in which they stand: those read, cut at "and", and pronouns that point."""
    found: list[tuple[int, int]] = []
    at = 0
    for piece in slots.get("reference", ()):
        start = text.find(piece, at)
        if start < 0:
            continue
        at = start + len(piece)
        for part in _JOINT.split(piece) if len(piece.split()) > 1 else [piece]:
            inner = text.find(part, start)
            if part and part.lower() not in ("the", "versions", "number"):
                found.append((inner, inner + len(part)))
    idioms = [m.span() for m in _IDIOM.finditer(text)]
    known = nouns() | part_words()
    for m in _PRONOUN.finditer(text):
        start, end = m.span()
        word, rest = m[1].lower(), text[end:]
        if any(a <= start < b for a, b in (*found, *idioms)):
            continue
        following = re.match(r"[ ]([a-z'-]+)", rest, re.IGNORECASE)
        if word in ("this", "that", "these", "those"):
            if phrase := _PHRASE.match(rest):
                end += phrase.end()
            elif following and (following[1].lower() in known or following[1].lower().rstrip("s") in known):
                continue  # "that trim" names a part
            if word == "that" and _RELATIVE.search(text[:start]):
                continue
        if word == "her" and following and not _AFTER_HER.match(rest):
            continue  # possessive
        found = [(a, b) for a, b in found if not (start <= a and b <= end)]
        found.append((start, end))
    return tuple(text[a:b] for a, b in sorted(set(found)))


def _phrases(text: str, pieces: Sequence[str]) -> tuple[str, ...]:
    """Attributes that stand side by side, the first begun by a verb or preposition, as one."""
    out: list[tuple[int, int]] = []
    at = 0
    for piece in pieces:
        start = text.find(piece, at)
        if start < 0:
            continue
        at = start + len(piece)
        if out and _OPENS.match(text[out[-1][0] : out[-1][1]]) and _LINK.search(text[out[-1][1] : start]):
            out[-1] = (out[-1][0], at)
        elif out and text[out[-1][1] : start] == " " and _OPENS.match(piece):  # "smoke" + "coming out of the chimney"
            out[-1] = (out[-1][0], at)
        else:
            out.append((start, at))
    return tuple(text[a:b] for a, b in out)


def mentioned(turns: Sequence[str]) -> tuple[str, ...]:
    """Classes of the parts that the turns name, the last named first."""
    known, found = part_words(), list[str]()
    for turn in reversed(turns):
        for word in reversed(re.findall(r"[a-z]+", turn.lower())):
            form = word if word in known else word.rstrip("s")
            if form in known and (name := place_class(form)) and name not in found:
                found.append(name)
    return tuple(found)


def region_of(pieces: Sequence[str]) -> str:
    """The class that the words of a place mean, "" where they do not tell."""
    name = place_class(pieces[0]) if pieces else ""
    return "" if name == "object" else name
