"""Dialogues without end: turns that point back, correct, take back, answer and choose, labelled from the state of a simulated dialogue.

The state knows which turn made which picture, what part was spoken of last and what the program asked, so that `resolved` is right by
construction: "it" is the part of the last change, "the one before" the turn that made the picture before this one, "the same" the turn
of the last change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial
from typing import Any

from pixelmind.data.edits.instructions import plural
from pixelmind.data.procedural.regions import UNKNOWN
from pixelmind.data.procedural.rng import Rng
from pixelmind.dialogue import grammar
from pixelmind.dialogue.lexicon import read
from pixelmind.dialogue.pieces import Draft, tidy
from pixelmind.dialogue.schema import NO_REGION, SUBJECT, WHOLE, Example
from pixelmind.dialogue.speech import FILLINGS, Speech, place_of, weights

LEAST, MOST = 3, 8
OPERATIONS: Any = weights("operations")
#: Operations that mean the whole picture whatever was spoken of.
WHOLE_OPERATIONS = frozenset(OPERATIONS["whole"])
#: Operations that can be asked for again or of another part.
REPEATABLE = tuple(OPERATIONS["repeatable"])
#: Of those, what cannot be done any further.
ONCE = ("recolor", "remove", "grayscale", "pattern", "redraw")


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    return read("templates_turns.toml")


@cache
def _versions(key: str) -> tuple[str, ...]:
    return tuple(w.strip() for w in str(_table()["version"][key]).split(","))


@cache
def _pronoun_templates(operation: str) -> tuple[str, ...]:
    """Wordings of an operation that name one part with its article, where a pronoun fits."""
    found = [t for group in grammar._edit_templates()[operation] for t in group]
    one = [t for t in found if t.count("{the}") + t.count("{part_the}") == 1 and "'s" not in t.split("}")[0]]
    bad = (
        "{bare}",
        "{part_bare",
        "{whole}",
        "{the_figure",
        "{him}",
        "{part_many}",
        " it ",
        "{to_the}",
        "{place",
        "{the_place}",
    )
    return tuple(t for t in one if not any(b in t for b in bad) and not t.endswith(" it") and not t.startswith("it"))


@dataclass
class Picture:
    """A picture of the dialogue: the turn that made it (1 for the first) and the one it was made from."""

    turn: int
    before: Picture | None = None


class Dialogue:
    """A simulated dialogue: `said` grows by one `Example` a turn."""

    def __init__(self, seed: int, index: int, rough: float) -> None:
        self.rng = Rng(seed, index, "dialogue")
        self.rough = rough
        self.said: list[Example] = []
        self.history: tuple[str, ...] = ()
        self.picture: Picture | None = None
        self.undone: list[Picture] = []
        self.shown = 0  # candidates
        self.asked = ""
        self.part: tuple[str, str, bool] | None = None  # words, region, plural: of the last change
        self.last: Draft | None = None  # the last change
        self.last_turn = 0
        self.thing = False  # whether the last change added a thing
        self.person = self.rng.choice(("him", "her", "it", "him", "them"))

    # ---- turns -------------------------------------------------------------------------------------------------------
    def speech(self) -> Speech:
        """A turn to be said."""
        s = Speech(self.rng, "pixel")
        s.it_taken = self.part is not None
        s.places = (0.86, 0.92, 0.98)
        return s

    def start(self) -> Draft:
        """A first turn: mostly a wish, sometimes a change of a picture that is there."""
        if self.rng.chance(0.12):
            self.picture = Picture(0)
            return grammar.say_edit(self.speech(), ordinary=True)
        return grammar.say_generate(self.speech())

    def possible(self) -> dict[str, float]:
        """The kinds of turn that make sense now."""
        repeatable = self.last is not None and self.last.operation in REPEATABLE and self.part is not None
        can = {
            "it": self.part is not None and self.part[1] not in (WHOLE, SUBJECT),
            "same": repeatable, "again": repeatable and self.last is not None and self.last.operation not in ONCE,
            "correct": self.last is not None and (repeatable or self.thing),
            "about_thing": self.thing, "one_too": self.thing and self.last is not None and self.last.operation == "add",
            "undo": self.picture is not None and self.picture.before is not None, "redo": bool(self.undone),
            "compare": self.picture is not None and self.picture.before is not None, "choose": self.shown > 1 and self.last is None,
            "refine": self.last is None, "figure": self.picture is not None, "save": len(self.said) > 1,
        }  # fmt: skip
        boost = {"redo": 6} if self.undone else {}
        return {k: w * boost.get(k, 1) for k, w in weights("turns").items() if can.get(k, True)}

    def turn(self) -> Draft:
        """The next turn."""
        if not self.said:
            return self.start()
        if self.asked and self.rng.chance(0.85):
            return self.answer()
        table = self.possible()
        kind = self.rng.choice(list(table), list(table.values()))
        return getattr(self, f"_{kind}")()

    def add(self) -> None:
        """Say one turn and keep what follows from it."""
        while True:
            draft = self.turn()
            draft.history, draft.asked = self.history, self.asked
            if draft.act == "answer" and not self.asked:
                continue
            if draft.text and draft.found_again():
                break
        example = grammar.finished(draft, Rng(self.rng.unit(), "rough"), self.rough)
        example = replace(example, asked=self.asked, history=self.history)
        self.said.append(example)
        self.history = (*self.history, example.text)
        self._after(draft)

    def _after(self, draft: Draft) -> None:
        """The state after a turn."""
        now, self.asked = len(self.said), ""
        if draft.act in ("generate", "refine") or (draft.act == "answer" and self.picture is None):
            if (draft.ambiguous or draft.contradictions) and self.rng.chance(0.75):
                self.asked = "contradiction" if draft.contradictions else draft.ambiguous[0]
                return
            self.picture = (
                Picture(now) if draft.act == "generate" or self.picture is None else Picture(now, self.picture)
            )
            self.shown, self.last, self.part, self.thing, self.undone = (
                self.rng.choice((1, 2, 3, 4, 4)),
                None,
                None,
                False,
                [],
            )
            if self.shown > 1 and self.rng.chance(0.45):
                self.asked = "candidates"
        elif draft.act == "edit":
            if (draft.ambiguous or draft.contradictions) and self.rng.chance(0.8):
                self.asked = "contradiction" if draft.contradictions else draft.ambiguous[0]
                self.part, self.last, self.thing = None, None, False
                return
            self.picture, self.undone = Picture(now, self.picture), []
            self.last, self.last_turn, self.thing = draft, now, False
            place = [t for t, slot in draft.segments if slot == "region"]
            if draft.operation in ("add", "remove", "replace"):
                self.thing, self.part = draft.operation != "remove", None
            elif draft.operation in WHOLE_OPERATIONS or draft.region in (WHOLE, NO_REGION):
                self.part = None
            else:
                self.part = (place[0], draft.region, plural(place[0])) if place else None
            if self.rng.chance(0.05):
                self.asked = "confirm"
        elif draft.act == "undo" and self.picture and self.picture.before:
            self.undone.append(self.picture)
            self.picture, self.last, self.part, self.thing = self.picture.before, None, None, False
        elif draft.act == "redo" and self.undone:
            self.picture = self.undone.pop()
            self.last, self.part, self.thing = None, None, False
        elif draft.act == "approve":
            self.part = None
        elif draft.act == "answer" and self.picture is not None:
            self.picture = Picture(now, self.picture)
            self.last, self.part, self.thing = None, None, False

    def answer(self) -> Draft:
        """An answer to what was asked."""
        draft = grammar._about(self.speech(), self.asked)
        draft.resolved = {k: v for k, v in draft.resolved.items() if self._there(v)}
        return draft

    def _there(self, target: str) -> bool:
        """Whether a candidate was shown at all."""
        kind, _, number = target.partition(" ")
        return kind != "candidate" or int(number) <= max(self.shown, 1)

    # ---- kinds of turns ----------------------------------------------------------------------------------------------
    def _edit(self) -> Draft:
        operation = self.rng.choice((*REPEATABLE, "recolor", "add", "add", "replace")) if self.rng.chance(0.6) else ""
        return grammar.say_edit(self.speech(), operation, ordinary=True)

    def _open(self) -> Draft:
        return grammar.say_edit(self.speech())

    def _generate(self) -> Draft:
        return grammar.say_generate(self.speech())

    def _it(self) -> Draft:
        """A change of the part spoken of last, by a pronoun."""
        assert self.part is not None
        operations = [
            o
            for o in (*REPEATABLE, "recolor", "darken", "lighten", "replace", "unclear", "restyle")
            if _pronoun_templates(o)
        ]
        operation = self.rng.choice(operations)
        s = self.speech()
        word = self.rng.choice(("them", "them", "those") if self.part[2] else ("it", "it", "it", "it", "that"))
        s.pronoun = (word, self.part[1], self.part[2])
        template = self.rng.choice(_pronoun_templates(operation))
        if operation == "unclear":
            s.ambiguous["operation"] = None
        grammar.say_registered(s, grammar._register(s, grammar._group_of(template), template), template)
        if self.part[2]:
            s.out = [
                ("they", slot) if t == word and slot == "reference" and i == 0 else (t, slot)
                for i, (t, slot) in enumerate(s.out)
            ]
            if s.out[0] == ("they", "reference"):
                s.resolved["they"] = s.resolved.pop(word)
        return grammar._draft(s, "edit", operation)

    def _pointing(self, group: str, operation: str, region: str, target: str) -> Draft:
        """A turn of the turns' table that repeats or corrects a change; its references point to `target`."""
        s = self.speech()
        s.run(self.rng.choice(_table()[group]["words"]))
        return self._made(s, operation, region or s.region, target)

    def _made(self, s: Speech, operation: str, region: str, target: str) -> Draft:
        segments = tidy(s.out)
        resolved = {
            t: s.resolved.get(t, target) if t in ("him", "her", "them") else target
            for t, slot in segments
            if slot == "reference"
        }
        return Draft(
            segments,
            "edit",
            operation,
            WHOLE if region == NO_REGION else region,
            tuple(sorted(s.ambiguous)),
            resolved=resolved if target else {},
        )

    def _same(self) -> Draft:
        assert self.last is not None
        return self._pointing("same", self.last.operation, "", f"turn {self.last_turn}")

    def _again(self) -> Draft:
        assert self.last is not None
        return self._pointing("again", self.last.operation, self.last.region, f"turn {self.last_turn}")

    def _correct(self) -> Draft:
        """The last change was meant otherwise."""
        assert self.last is not None
        if self.thing:
            return self._pointing("correct_thing", "replace", self._added(), self._added())
        s, roll = self.speech(), self.rng.unit()
        if self.last.operation == "recolor" and roll < 0.45:
            s.run(self.rng.choice(_table()["correct_color"]["words"]))
            return self._made(s, "recolor", self.last.region, self.last.region)
        assert self.part is not None
        if roll < 0.7:
            s.memo["last_part"] = self.part[0]
            s.run(self.rng.choice(_table()["correct_part"]["words"]))
            s.out = [(t, "" if slot == "region" and t == self.part[0] else slot) for t, slot in s.out]
            return self._made(s, self.last.operation, s.memo["new_region"], "")
        s.run(self.rng.choice(_table()["correct_one"]["words"]))
        return self._made(s, self.last.operation, self.last.region, self.last.region)

    def _added(self) -> str:
        """The region of the thing just added: that of its words, where a mask could know them."""
        assert self.last is not None
        region = place_of(next((t for t, slot in self.last.segments if slot == "subject"), ""))
        return UNKNOWN if region in (SUBJECT, WHOLE) else region

    def _one_too(self) -> Draft:
        return self._pointing("one_too", "add", "", f"turn {self.last_turn}")

    def _about_thing(self) -> Draft:
        """A change of the thing just added."""
        table = _table()["about_thing"]
        operation = self.rng.choice(list(table))
        region = self._added()
        s = self.speech()
        s.run(self.rng.choice(table[operation]))
        return self._made(s, operation, region, region)

    def _figure(self) -> Draft:
        s = self.speech()
        s.memo["person"] = self.person
        operation, _, template = self.rng.choice(_table()["figure"]["words"]).partition(": ")
        s.run(template)
        return grammar._draft(s, "edit", operation)

    def _past_turn(self, act: str) -> Draft:
        """A turn that names an earlier picture."""
        assert self.picture is not None
        assert self.picture.before is not None
        s = self.speech()
        first = self.picture
        while first.before is not None:
            first = first.before
        which = self.rng.choice(("previous", "previous", "first"))
        target = self.picture.before if which == "previous" else first
        s.memo["past"] = self.rng.choice(_versions(which))
        if self.part is not None:
            s.memo["last_part"] = self.part[0]
        s.run(self.rng.choice([t for t in _table()["past"][act] if self.part is not None or "last_part" not in t]))
        segments = tidy(s.out)
        draft = Draft(segments, act)
        for text, slot in segments:
            if slot == "reference" and text == s.memo["past"]:
                draft.resolved[text] = f"turn {target.turn}" if target.turn else "last"
            elif slot == "reference":
                draft.resolved[text] = f"turn {self.picture.turn}"
        return draft

    def _undo(self) -> Draft:
        return self._past_turn("undo") if self.rng.chance(0.6) else self._plain("undo")

    def _redo(self) -> Draft:
        return self._plain("redo")

    def _compare(self) -> Draft:
        return self._past_turn("compare") if self.rng.chance(0.5) else self._plain("compare")

    def _plain(self, act: str) -> Draft:
        draft = grammar.say(self.speech(), act)
        draft.resolved = {k: v for k, v in draft.resolved.items() if self._there(v)}
        return draft

    def _choose(self) -> Draft:
        """One of the candidates taken, refused or asked to be varied."""
        while True:
            draft = self._plain(self.rng.choice(("approve", "refine", "reject", "approve", "save")))
            if any(slot == "reference" for _, slot in draft.segments):
                return draft

    def _refine(self) -> Draft:
        return self._plain("refine")

    def _approve(self) -> Draft:
        if self.picture and self.picture.before and self.rng.chance(0.3):
            return self._past_turn("approve")
        return self._plain("approve")

    def _reject(self) -> Draft:
        return self._plain("reject")

    def _ask(self) -> Draft:
        return self._plain("ask")

    def _save(self) -> Draft:
        if self.picture and self.picture.before and self.rng.chance(0.25):
            return self._past_turn("save")
        return self._plain("save")


# ---- fillings of templates_turns.toml --------------------------------------------------------------------------------
def _new(s: Speech) -> None:
    """Another part with its article."""
    word = s.part()
    while word == s.memo.get("last_part"):
        word = s.part()
    s.say(s.rng.choice(("the ", "the ", "the ", "the ", "his ", "her ", "its ")) if " on " not in word else "the ")
    rank, s._rank = s._rank, 1
    s.label("region", word)
    s.memo["new_region"], s._rank = s.region, max(rank, 2)


def _last_part(s: Speech) -> None:
    s.say("the ")
    s.out.append((s.memo["last_part"], "region"))


def _figure_word(s: Speech) -> None:
    word = s.memo.get("person", "him")
    s.place(SUBJECT, 1)
    s.resolved[word] = SUBJECT
    s.out.append((word, "reference"))


def _figure_he(s: Speech) -> None:
    word = {"him": "he", "her": "she", "it": "it", "them": "it"}[s.memo.get("person", "him")]
    s.place(SUBJECT, 1)
    s.resolved[word] = SUBJECT
    s.out.append((word, "reference"))


FILLINGS |= {
    "new": _new,
    "last_part": _last_part,
    "figure_word": _figure_word,
    "figure_he": _figure_he,
    "past_ref": lambda s: s.out.append((s.memo["past"], "reference")),
}


def dialogue(seed: int, index: int, rough: float = 0.5) -> list[Example]:
    """The dialogue of (seed, index): 3 to 8 turns, each with the texts before it."""
    d = Dialogue(seed, index, rough)
    for _ in range(d.rng.integer(LEAST, MOST)):
        d.add()
    return d.said


def stream(seed: int, start: int = 0) -> Iterator[list[Example]]:
    """Dialogues without end, from the one at `start`."""
    while True:
        yield dialogue(seed, start)
        start += 1


@lru_cache(maxsize=64)
def _kept(seed: int, index: int) -> tuple[Example, ...]:
    return tuple(dialogue(seed, index))


def turn(seed: int, index: int) -> Example:
    """A turn by index: the turns of `MOST` indices in a row come from one dialogue."""
    said = _kept(seed, index // MOST)
    return said[index % MOST % len(said)]


def source(seed: int, held_out: bool = False) -> Callable[[int], Example]:
    """Turns of dialogues by index."""
    return partial(turn, -seed - 1 if held_out else seed)
