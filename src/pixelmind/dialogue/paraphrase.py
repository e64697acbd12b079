"""Other words for the same: synonyms, contractions, fillers at the start and the end, clauses in another order. Labels stay."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from pixelmind.data.procedural.rng import Rng
from pixelmind.dialogue.lexicon import read
from pixelmind.dialogue.pieces import Draft, Segment, tidy

_PHRASES: dict[str, Any] = read("rough.toml")["phrases"]
#: Too loose to swap at any place.
_LOOSE = frozenset(_PHRASES["loose"])


@lru_cache(maxsize=1)
def _table() -> tuple[dict[str, tuple[str, ...]], re.Pattern[str]]:
    groups: dict[str, tuple[str, ...]] = {}
    for group in _PHRASES["synonyms"]:
        for said in group:
            if said not in _LOOSE and said not in groups:
                groups[said] = tuple(w for w in group if w != said and w not in _LOOSE) or group
    pattern = "|".join(sorted(map(re.escape, groups), key=len, reverse=True))
    return groups, re.compile(rf"(?<![\w'-])(?:{pattern})(?![\w'-])")


def rephrase(draft: Draft, rng: Rng) -> Draft:
    """The draft in other words; the same where nothing offers itself."""
    segments = draft.segments
    changed = False
    if rng.chance(0.3) and draft.act in ("generate", "edit", "answer", "ask", "save"):
        segments, changed = _synonyms(segments, rng), True
    if rng.chance(0.12) and draft.act == "generate":
        segments, changed = _reordered(segments, rng), True
    length = sum(len(t) for t, _ in segments)
    if rng.chance(0.07) and length > 8 and segments[0][0][:1].islower():
        segments, changed = [(rng.choice(_PHRASES["openings"]), ""), *segments], True
    last = segments[-1][0]
    if rng.chance(0.09) and last[-1:].isalnum() and not re.search(r"please|pls|thank|thx|ty$|you\?", segments[-1][0]):
        segments, changed = [*segments, (rng.choice(_PHRASES["closings"]), "")], True
    if not changed:
        return draft
    return _with(draft, tidy(segments))


def _with(draft: Draft, segments: list[Segment]) -> Draft:
    return Draft(
        segments,
        draft.act,
        draft.operation,
        draft.region,
        draft.ambiguous,
        draft.contradictions,
        draft.asked,
        draft.history,
        dict(draft.resolved),
    )


def _synonyms(segments: list[Segment], rng: Rng) -> list[Segment]:
    """Some unlabelled words by others of their group."""
    groups, pattern = _table()
    return [
        (text, slot)
        if slot
        else (pattern.sub(lambda m: rng.choice(groups[m[0]]) if rng.chance(0.4) else m[0], text), "")
        for text, slot in segments
    ]


def _reordered(segments: list[Segment], rng: Rng) -> list[Segment]:
    """The clauses between commas in another order, the first kept in its place."""
    if any(not slot and re.search(r"[.?!:;\n(]", text) for text, slot in segments):
        return segments
    clauses: list[list[Segment]] = [[]]
    for text, slot in segments:
        parts = [text] if slot else text.split(", ")
        for i, part in enumerate(parts):
            if i:
                clauses.append([])
            if part:
                clauses[-1].append((part, slot))
    if (
        len(clauses) < 3
        or any(not c for c in clauses)
        or any(c[0][0].startswith(("and ", "but ", "or ", "which ", "so ")) for c in clauses)
    ):
        return segments
    order = [clauses[0], *rng.shuffled(clauses[1:])]
    out = list(order[0])
    for clause in order[1:]:
        out += [(", ", ""), *clause]
    return out
