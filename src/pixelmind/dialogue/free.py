"""Turns as very different people write them (`templates_free.toml`, `templates_wide.toml`, `templates_more.toml`): less regular than the
request grammar, with long phrases."""

from __future__ import annotations

import re
from functools import cache, lru_cache, partial
from typing import Any

from pixelmind.data.procedural.regions import UNKNOWN
from pixelmind.data.procedural.rng import Rng
from pixelmind.dialogue import grammar, pointing
from pixelmind.dialogue.lexicon import read
from pixelmind.dialogue.pieces import Draft
from pixelmind.dialogue.schema import NO_REGION, POINTED, SUBJECT, UNCLEAR, Example
from pixelmind.dialogue.speech import Speech, weights

FILES = ("templates_free.toml", "templates_wide.toml", "templates_more.toml")
_FORM = re.compile(r"(?:(\w+))?(?:\?(\w+))?(?:!(\w+))?:? (.*)", re.DOTALL)
_HERE = re.compile(
    r"(?:this|that) (?:part|area|spot|bit|corner|thing|blob|speck|mess|side)|the (?:thing (?:over )?there|stuff over there|bit i)"
    r"|that (?:stuff|there)|(?:this|this one|right) here|there$",
    re.IGNORECASE,
)
_LOOSE = re.compile(
    r"\b(?:it|him|her|them|he|she|this|that)\b|\{(?:him|figure_the|figure_he|whole|the_figure|the|reference|pair)\}"
)


#: What stands by itself: "could you …?" and the like do not go around it.
_SENTENCE = re.compile(
    r"[,.!?;:=] |^(?:so|if|as|there|for|on|in) |\{(?:hedge|trail|reason|has|looks|feels|lacks|isnt|doesnt|s|es)\}"
    r"|\b(?:reads|have|could|can|must|goes|would|looks?|seems|came)\b"
)


@lru_cache(maxsize=1)
def table() -> dict[str, Any]:
    """The templates by act, of all files."""
    first, *others = map(read, FILES)
    return {
        act: {key: [*lines, *(x for o in others for x in o.get(act, {}).get(key, ()))] for key, lines in groups.items()}
        for act, groups in first.items()
    }


@cache
def _edits(firm: bool) -> tuple[tuple[str, str, str, str], ...]:
    """(operation, open point, contradiction, template); `firm`: without pronouns and other words for the whole."""
    found = [split(line) for line in table()["edit"]["words"]]
    return tuple(f for f in found if not firm or (not _LOOSE.search(f[3]) and not f[1] and not f[2]))


def split(line: str) -> tuple[str, str, str, str]:
    """A line "name?open!clash: words" in its four parts, "" for those not told."""
    found = _FORM.fullmatch(line)
    if found is None:
        raise ValueError(f"not of the form 'name?open!clash: words': {line}")
    return found[1] or "", found[2] or "", found[3] or "", found[4]


def say_edit(s: Speech, firm: bool = False) -> Draft:
    """A change asked for."""
    operation, point, clash, template = s.rng.choice(_edits(firm))
    if point:
        s.ambiguous[point] = None
    if operation == UNCLEAR:
        s.ambiguous["operation"] = None
    group = grammar._group_of(template)
    register = grammar._register(s, group, template) if s.rng.chance(0.25) and not _SENTENCE.search(template) else "{}"
    grammar.say_registered(s, register, template)
    told = [t for t, slot in s.out if slot == "reference"]
    for said in told:
        if pointing.marked(said) or _HERE.match(said):
            s.place(POINTED, 3)
            s.resolved[said] = POINTED
    if point == "region" and s.region in (NO_REGION, SUBJECT):
        s.region = UNKNOWN
    return grammar._draft(s, "edit", operation, (clash,) if clash else ())


def say_generate(s: Speech) -> Draft:
    """A new picture asked for."""
    if s.rng.chance(0.14):
        _, point, clash, template = split(s.rng.choice(table()["generate"]["open"]))
        if point:
            s.ambiguous[point] = None
        s.run(template)
        return grammar._draft(s, "generate", contradictions=(clash,) if clash else ())
    s.run(s.rng.choice(table()["generate"]["words"]))
    return grammar._draft(s, "generate")


def say_answer(s: Speech, question: str) -> Draft:
    """An answer to a question; of the grammar where none is here."""
    found = [w for name, _, _, w in map(split, table()["answer"]["words"]) if name == question]
    if not found:
        return grammar._about(s, question)
    s.run(grammar.referring(s.rng.choice(found)))
    return grammar._draft(s, "answer")


def say_act(s: Speech, act: str) -> Draft:
    """A turn of any act beside these."""
    s.run(grammar.referring(s.rng.choice(table()[act]["words"])))
    draft = grammar._draft(s, act)
    if act in ("undo", "redo"):
        draft.resolved = {}
    return draft


def say(s: Speech) -> Draft:
    """A turn of an act drawn by its weight."""
    act = s.weighted(weights("acts.free"))
    if act == "edit":
        draft = say_edit(s)
    elif act == "generate":
        draft = say_generate(s)
    elif act == "answer":
        question = s.rng.choice(grammar.QUESTIONS)
        draft = say_answer(s, question)
        draft.asked = question
    else:
        draft = say_act(s, act)
    if not draft.asked and s.rng.chance(grammar.ASIDE):
        draft.asked = s.rng.choice(grammar.QUESTIONS)
    return draft


def request(seed: int, index: int, rough: float = 0.4) -> Example:
    """The labelled turn of (seed, index)."""
    rng = Rng(seed, index, "free")
    while True:
        draft = say(Speech(rng))
        if draft.text and draft.found_again():
            return grammar.finished(draft, Rng(seed, index, "rough"), rough)


def source(seed: int, held_out: bool = False) -> Any:
    """Examples by index."""
    return partial(request, -seed - 1 if held_out else seed)


def templates() -> list[tuple[str, str]]:
    """Every template with its act, without its labels."""
    out = []
    for act, groups in table().items():
        for key, lines in groups.items():
            labelled = act in ("edit", "answer") or key == "open"
            out += [(f"free.{act}", split(line)[3] if labelled else line) for line in lines]
    return out
