"""Turns of kept dialogues as labelled examples for the parser, after Ponnusamy et al. 2020 (arXiv 1911.02557): people's own corrections
teach what their first words meant.

confirmed  A turn of an accepted dialogue whose picture is the accepted one, or one that it was made from: the reading it had is its label.
corrected  An edit that was undone or rejected at once and said again in other words, where that second edit stayed until acceptance: the
           first words get the operation and the region of the second reading.

What led to no picture (a question, an answer, a failure) tells nothing here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pixelmind.dialogue.schema import DRAWN_OPERATIONS, Example
from pixelmind.errors import BadInput
from pixelmind.records import Record

if TYPE_CHECKING:
    from pixelmind.dialogue.outcomes import Turn
    from pixelmind.dialogue.session import Reply

#: Slots that name things; a second wording that names any must name one that the first words name too.
_NAMING = ("subject", "region", "attribute", "color", "old_color", "palette")


@dataclass(frozen=True, kw_only=True, eq=False)
class Label(Example, Record):
    """A turn with what it means, and whether it was `corrected` (else confirmed).

    Raises:
        BadInput: the labels do not hold together (`Example.faults`).
    """

    corrected: bool = False

    def __post_init__(self) -> None:
        if faults := self.faults():
            raise BadInput("; ".join(faults))


def reading(reply: Reply) -> dict[str, Any]:
    """What is kept of how a turn was read, and for an edit the operation that was done; empty where it was not read."""
    intent = reply.intent
    if intent is None:
        return {}
    out: dict[str, Any] = {name: getattr(intent, name) for name in ("text", "act", "operation", "region", "refers")}
    out |= {"slots": {slot: list(pieces) for slot, pieces in intent.slots.items()}, "number": intent.number}
    out |= {"ambiguous": list(intent.ambiguous), "contradictions": list(intent.contradictions), "asked": reply.expected}
    return out if reply.edit is None else {**out, "done": reply.edit.operation}


def labels(turns: Sequence[Turn], history: Sequence[str], taken: str) -> Iterator[Label]:
    """The labels of an accepted dialogue.

    Args:
        turns: its turns; those kept before readings were have no label.
        history: what was said in the session before.
        taken: the sprite that was accepted.
    """
    kept = _line(turns, taken)
    before = list(history)
    for number, turn in enumerate(turns):
        then, second, after = (turns[number + i] if number + i < len(turns) else None for i in (1, 2, 3))
        label = None
        with suppress(BadInput):  # labels that do not hold together
            if _stays(turn, then, kept):
                label = _labelled(turn.reading, before)
            elif then and second and _again(turn, then, second) and _stays(second, after, kept):
                label = _corrected(turn.reading, second.reading, before)
        if label is not None:
            yield label
        if turn.text:
            before.append(turn.text)


def _line(turns: Sequence[Turn], taken: str) -> set[str]:
    """The accepted sprite and those that it was made from, back to the drawing."""
    made_from, viewed = dict[str, str](), ""
    for turn in turns:
        if turn.sprites and turn.kind in ("sprites", "edit", "history"):
            if turn.kind == "edit":
                made_from.setdefault(turn.sprites[0], viewed)
            viewed = turn.sprites[0]
    out: set[str] = set()
    while taken and taken not in out:
        out.add(taken)
        taken = made_from.get(taken, "")
    return out


def _again(turn: Turn, then: Turn, second: Turn) -> bool:
    """Whether an edit was taken back or rejected, and another one made."""
    return turn.kind == second.kind == "edit" and (then.kind == "history" or _rejects(then))


def _rejects(turn: Turn) -> bool:
    return turn.kind == "answer" and turn.reading.get("act") == "reject"


def _stays(turn: Turn, then: Turn | None, kept: set[str]) -> bool:
    """Whether a turn made or chose a picture that was accepted in the end, and was not rejected by the turn after it."""
    return turn.kind in ("sprites", "edit") and not kept.isdisjoint(turn.sprites) and not (then and _rejects(then))


def _labelled(read: Mapping[str, Any], history: Sequence[str], **other: Any) -> Label | None:
    """A reading as a label, with `other` fields in place of its own; None where it is not what was done: the plain rules did it, or a
    question was answered by half a sentence."""
    if not read or read["asked"] == "operation" or read.get("done", read["operation"]) != read["operation"]:
        return None
    told = {**read, **other}
    pointed = {"region": told["region"], "last": "last"}.get(told["refers"], f"{told['refers']} {told['number']}")
    resolved = {} if told["refers"] == "nothing" else dict.fromkeys(told["slots"].get("reference", ["it"])[:1], pointed)
    return Label(
        **{name: told[name] for name in ("text", "act", "operation", "region", "asked")},
        slots={slot: tuple(pieces) for slot, pieces in told["slots"].items()},
        ambiguous=tuple(told["ambiguous"]),
        contradictions=tuple(told["contradictions"]),
        history=tuple(history),
        resolved=resolved,
        corrected=bool(told.get("corrected")),
    )


def _corrected(first: Mapping[str, Any], second: Mapping[str, Any], history: Sequence[str]) -> Label | None:
    """The first words with what the second say; None where that is another wish than before, and not the same in other words."""
    from pixelmind.dialogue.conventions import tidy
    from pixelmind.dialogue.pointing import region_of

    meant = _labelled(second, history)
    if meant is None or meant.act != "edit" or not first or _plainly(first["text"]) == first.get("done"):
        return None
    words = set(first["text"].lower().split())
    named = {w for slot in _NAMING for piece in meant.slots.get(slot, ()) for w in piece.lower().split()}
    if (meant.operation, meant.region) == (first["operation"], first["region"]) or (named and not named & words):
        return None
    slots = tidy(first["text"], "edit", first["slots"], meant.operation)
    if region_of(slots.get("region", ())) not in ("", meant.region):
        return None
    return _labelled(
        {**first, "done": first["operation"]},
        history,
        act="edit",
        slots=slots,
        operation=meant.operation,
        region=meant.region,
        ambiguous=meant.ambiguous,
        contradictions=meant.contradictions,
        corrected=True,
    )


def _plainly(text: str) -> str:
    """The exact command that the plain rules read, "" for none. What they read too was understood, and undone by a change of mind."""
    from pixelmind.dialogue.instruction import read_instruction

    try:
        found = read_instruction(text).operation
        return "" if found in DRAWN_OPERATIONS else found
    except BadInput:
        return ""
