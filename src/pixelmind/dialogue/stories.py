"""Dialogues that lean on what was said: parts named in the wish, things added, other creatures, pictures told by what was done to them.

As `turns`, with turns of `templates_free.toml` between; what only a story has lies in `templates_stories.toml` and, read as
one with it, `templates_stories_more.toml`.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache, partial
from typing import Any

from pixelmind.data.edits.instructions import plural
from pixelmind.data.procedural.regions import UNKNOWN
from pixelmind.data.procedural.rng import Rng
from pixelmind.dialogue import free, grammar, turns
from pixelmind.dialogue.lexicon import read
from pixelmind.dialogue.pieces import Draft, needs_an, tidy
from pixelmind.dialogue.schema import NO_REGION, OUTLINE, SUBJECT, UNCLEAR, WHOLE, Example
from pixelmind.dialogue.speech import Speech, place_of, weights, words

#: How often a part or a new thing is called by a word that no other list has: what people name has no end.
WIDE = 0.3
_OF_OUTLINE = ("remove_outline", "recolor_outline", "thicken_outline")
_BEASTS = ("dog", "cat", "horse", "wolf", "bird", "owl", "fox", "spider", "monster", "goat", "rabbit", "bear", "parrot")


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    table = read("templates_stories.toml")
    for section, groups in read("templates_stories_more.toml").items():
        for key, lines in groups.items():
            table.setdefault(section, {}).setdefault(key, []).extend(lines)
    return table


@cache
def _changes() -> dict[str, str]:
    pairs = (x.split(" = ") for x in str(_table()["change"]["names"]).split(", "))
    return {operation.strip(): name for operation, name in pairs}


class StorySpeech(Speech):
    """A turn whose next part is the one at hand, where there is one."""

    forced = ""

    def part(self, many: bool | None = None, spots: bool = True) -> str:
        """A part; the one at hand first."""
        if self.forced:
            word, self.forced = self.forced, ""
            self.many = plural(word)
            return word
        return super().part(many, spots)


class Story(turns.Dialogue):
    """A dialogue whose parts, things and pictures come up again."""

    def __init__(self, seed: int, index: int, rough: float) -> None:
        super().__init__(seed, index, rough)
        self.rng = Rng(seed, index, "story")
        self.parts: list[tuple[str, str]] = []  # words and region of the parts named so far
        self.waiting: tuple[str, str, bool] | None = None  # a part named with an open number
        self.beast: tuple[str, str] | None = None  # a second creature: its word, and he or she
        self.beast_said = False
        self.told: dict[int, list[str]] = {}  # turn to what its picture may be called
        self.batches = 0
        self.added = ""
        self.after_compare: list[int] = []
        self.several = False  # whether the wish is of several figures

    # ---- what is known -----------------------------------------------------------------------------------------------
    def start(self) -> Draft:
        """A wish, mostly with parts named."""
        s = self.speech()
        if self.rng.chance(0.15):
            return free.say_generate(s)
        vague = self.rng.chance(0.12)
        template = self.rng.choice(_table()["start"]["vague" if vague else "words"])
        many = [w for w in words()["popular.words"] if plural(w)]
        one = [w for w in words()["popular.words"] if not plural(w)]
        ps, p, q = self.rng.choice(many), self.rng.choice(one), self.rng.choice(one)
        beast = self.rng.choice(_BEASTS)
        s.memo |= {"ps": ps, "p": p, "q": q, "beast": beast}
        if not vague and self.rng.chance(0.06):
            template, self.several = "{count} {nouns}", True
        s.run(template)
        if vague:
            s.ambiguous["count"] = None
            self.waiting = (ps, place_of(ps), True)
        for key in ("ps", "p", "q"):
            if re.search(rf"\{{{key}(?:_bare)?\}}", template):
                self.parts.append((s.memo[key], place_of(s.memo[key])))
        if "{beast}" in template:
            self.beast = (beast, self.rng.choice(("he", "she", "he", "it")))
        return grammar._draft(s, "generate")

    def speech(self) -> Speech:
        """A turn to be said."""
        s = StorySpeech(self.rng, "pixel")
        s.it_taken = self.part is not None
        s.places, s.wide = (0.86, 0.92, 0.98), WIDE
        return s

    def possible(self) -> dict[str, float]:
        """The kinds of turn that make sense now."""
        out = super().possible()
        operation = self.last.operation if self.last is not None else ""
        table = _table()
        part, made = self.part, self.picture is not None
        changed = self.picture is not None and self.picture.before is not None
        can = {
            "follow": part is not None and part[1] not in (WHOLE, SUBJECT),
            "more": operation in table["more"] and part is not None,
            "opposite": part is not None and any(w.startswith(operation + ": ") for w in table["opposite"]["words"]),
            "hers": self.beast is not None and self.beast_said,
            "its_name": self.beast is not None and made,
            "by_name": bool(self.added),
            "mentioned": bool(self.parts) and made,
            "described": changed,
            "part_back": bool(self.parts) and changed,
            "two": len(self.after_compare) == 2,
            "free_edit": True,
            "short": True,
            "batch": self.batches > 1,
            "bare": bool(self._at_hand()),
            "which": part is not None and part[2] and part[1] not in (WHOLE, SUBJECT),
            "which_figure": self.several and made and self.shown < 2,
        }
        boost = {"two": 40.0} if self.after_compare else {}
        out |= {k: w * boost.get(k, 1) for k, w in weights("stories").items() if can[k]}
        return out

    def _after(self, draft: Draft) -> None:
        now, before, asked = len(self.said), self.picture, self.asked
        had = self.part
        super()._after(draft)
        compared = draft.act == "compare" and [
            int(t.split()[1]) for t in draft.resolved.values() if t.startswith("turn")
        ]
        self.after_compare = list(compared) if compared and len(compared) == 2 else []
        if draft.act == "refine" and self.picture is not before:
            self.batches += 1
            self.told[now] = list(_table()["told"]["refine"])
            self.added = ""
        if draft.act == "generate":
            self.batches, self.added = 1, ""
            self.told = {now: list(_table()["told"]["generate"])}
        if draft.act == "answer" and self.waiting is not None and asked == "count":
            self.part = self.waiting
        if draft.act in ("undo", "redo", "refine"):
            self.added = ""
        if draft.act == "ask":
            self.part = had
        if draft.act != "edit" or self.picture is before:
            return
        said = {slot: t for t, slot in reversed(draft.segments) if slot}
        same = had is not None and draft.region == had[1] and ("reference" in said or "region" not in said)
        place = said.get("region", "") or (had[0] if had is not None and same else "")
        of_part = draft.region not in (WHOLE, SUBJECT, NO_REGION)
        if draft.operation == "remove":
            self.parts = [p for p in self.parts if p[1] != draft.region]
            if draft.region == self._region_of_added():
                self.added = ""
        elif place and of_part and (place, draft.region) not in self.parts:
            self.parts = [*self.parts, (place, draft.region)][-4:]
        if draft.operation in ("add", "replace"):
            self.added = said.get("subject", "")
        elif (
            draft.operation not in turns.WHOLE_OPERATIONS and draft.operation != "remove" and same and self.part is None
        ):
            self.part = had
        self.told[now] = self._names(draft, said, place)

    def _region_of_added(self) -> str:
        region = place_of(self.added) if self.added else ""
        return UNKNOWN if region in (SUBJECT, WHOLE) else region

    def _names(self, draft: Draft, said: dict[str, str], place: str) -> list[str]:
        """What the picture that a change made may be called."""
        table: dict[str, list[str]] = _table()["told"]
        look = next((said[slot] for slot in ("time", "palette", "style", "genre", "mood") if slot in said), "")
        part = place if draft.region not in (WHOLE, SUBJECT) else ""
        known = {"c": said.get("color", ""), "p": part, "x": said.get("subject", ""), "l": look}
        found = []
        names = table.get(draft.operation, [])
        changed = _changes().get(draft.operation)
        if changed:
            names = [*names, *(t.replace("{n}", changed) for t in table["change"] if "after" in t)]
        for template in names:
            needed = re.findall(r"\{(\w)\}", template)
            if all(known[k] for k in needed):
                found.append(template.format(**known))
        return found

    def _described_turn(self) -> tuple[str, int] | None:
        """Words for an earlier picture, and the turn that made it."""
        now = self.picture.turn if self.picture else 0
        can = [(name, turn) for turn, names in self.told.items() if turn != now for name in names]
        before = self.picture.before if self.picture else None
        if before is not None and before.before is not None:
            can += [(name, before.before.turn) for name in _table()["told"]["two_back"]]
        by_turn = sorted({turn for _, turn in can})
        if not by_turn:
            return None
        turn = self.rng.choice(by_turn)
        return self.rng.choice([c for c in can if c[1] == turn])

    # ---- kinds of turns ----------------------------------------------------------------------------------------------
    def _say(self, s: Speech, operation: str, template: str, region: str, target: str) -> Draft:
        """A change whose references point to `target`."""
        if operation == UNCLEAR:
            s.ambiguous["operation"] = None
        s.run(template)
        region = OUTLINE if operation in _OF_OUTLINE else region
        draft = self._made(s, operation, region, target)
        if operation in ("add", "replace") and target == region:
            draft.resolved = {t: target for t, slot in draft.segments if slot == "reference"}
        return draft

    def _pick(self, group: str) -> tuple[str, str]:
        table: dict[str, list[str]] = _table()[group]
        operation = self.rng.choice(list(table), [len(t) ** 0.5 for t in table.values()])
        return operation, self.rng.choice(table[operation])

    def _follow(self) -> Draft:
        assert self.part is not None
        return self._following(self.part[1], self.part[2])

    def _following(self, region: str, many: bool) -> Draft:
        operation, template = self._pick("follow")
        return self._say(self._of_number(many), operation, template, region, region)

    def _of_number(self, many: bool) -> Speech:
        s = self.speech()
        s.memo |= {"they": "they" if many else "it", "them": "them" if many else "it"}
        s.many = many
        return s

    def _about_thing(self) -> Draft:
        """A change of the thing just added, in the words for a part."""
        if not self.added or self.rng.chance(0.4):
            return super()._about_thing()
        return self._following(self._added(), plural(self.added))

    def _more(self) -> Draft:
        assert self.last is not None
        s = self.speech()
        return self._say(
            s, self.last.operation, self.rng.choice(_table()["more"][self.last.operation]), self.last.region, ""
        )

    def _opposite(self) -> Draft:
        assert self.last is not None
        assert self.part is not None
        lines = [w for w in _table()["opposite"]["words"] if w.startswith(self.last.operation + ": ")]
        _, operation, template = self.rng.choice(lines).split(": ", 2)
        return self._say(self._of_number(self.part[2]), operation, template, self.part[1], self.part[1])

    def _hers(self) -> Draft:
        """A change of the second creature by its pronoun."""
        assert self.beast is not None
        operation, template = self._pick("beast")
        s = self.speech()
        he = self.beast[1]
        s.memo |= {"he": he, "him_": {"he": "him", "she": "her", "it": "it"}[he]}
        region = place_of(self.beast[0])
        region = "creature" if region == SUBJECT else region
        return self._say(s, operation, template.replace("{him}", "{him_}"), region, region)

    def _its_name(self) -> Draft:
        """A change of the second creature by its name."""
        assert self.beast is not None
        self.beast_said = True
        operation, template = self._pick("named")
        return self._named(operation, template, self.beast[0])

    def _by_name(self) -> Draft:
        operation, template = self._pick("named")
        return self._named(operation, template, self.added)

    def _at_hand(self) -> str:
        """The region of the part changed last or of the thing added last; "" where there is none."""
        if self.part is not None:
            return self.part[1] if self.part[1] not in (WHOLE, SUBJECT) else ""
        return self._added() if self.thing else ""

    def _bare(self) -> Draft:
        """A change of what is at hand, in words that name it nowhere."""
        operation, template = self._pick("bare")
        return self._say(self.speech(), operation, template, self._at_hand(), "")

    def _which(self, region: str = "") -> Draft:
        """A change of one of several parts, or of several figures."""
        operation, template = self._pick("which")
        s = self.speech()
        s.memo["w"] = self.rng.choice(words()["which.words"])
        assert region or self.part is not None
        region = region or (self.part[1] if self.part is not None else "")
        return self._say(s, operation, template, region, region)

    def _which_figure(self) -> Draft:
        return self._which(SUBJECT)

    def _named(self, operation: str, template: str, name: str) -> Draft:
        s = self._of_number(plural(name))
        s.memo["x"] = name
        region = place_of(name)
        region = UNKNOWN if region in (SUBJECT, WHOLE) else region
        if name in _BEASTS and region == UNKNOWN:
            region = "creature"
        return self._say(s, operation, template, region, region)

    def _mentioned(self) -> Draft:
        """A change of a part that was named before."""
        word, _ = self.rng.choice(self.parts)
        while True:
            operation, _, _, template = self.rng.choice(free._edits(True))
            if re.search(r"\{part_(?:bare|the)\}", template) and operation != UNCLEAR:
                break
        s = self.speech()
        assert isinstance(s, StorySpeech)
        s.forced = word
        s.run(grammar.referring(template))
        return grammar._draft(s, "edit", operation)

    def _free_edit(self) -> Draft:
        return free.say_edit(self.speech(), firm=True)

    def _short(self) -> Draft:
        """The shortest forms of a change."""
        s = self.speech()
        operation, template = self.rng.choice(
            [x for x in _SHORT if self.part is None or not re.search(r"\b(?:it|him)\b", x[1])]
        )
        s.run(grammar.referring(template))
        return grammar._draft(s, "edit", operation)

    def _described(self) -> Draft:
        act = self.rng.choice(("undo", "undo", "undo", "compare", "compare", "approve", "save", "refine"))
        first = self._described_turn()
        if first is None or (act == "refine" and self.last is not None):
            return self._undo()
        second = self._described_turn() or first
        template = self.rng.choice([t for t in _table()["past"][act] if second[1] != first[1] or "{d_b}" not in t])
        s = self.speech()
        s.memo |= {"d": first[0], "d_b": second[0]}
        s.run(grammar.referring(template))
        draft = Draft(tidy(s.out), act)
        known = (
            {second[0]: f"turn {second[1]}", first[0]: f"turn {first[1]}"}
            if "{d_b}" in template
            else {first[0]: f"turn {first[1]}"}
        )
        draft.resolved = {t: known.get(t, "last") for t, slot in draft.segments if slot == "reference"}
        return draft

    def _redo(self) -> Draft:
        """The undone picture again, at times by what was done to it."""
        turn = self.undone[-1].turn
        names = self.told.get(turn)
        if not names or self.rng.chance(0.65):
            return super()._redo()
        s = self.speech()
        s.memo["d"] = self.rng.choice(names)
        s.run(self.rng.choice(_table()["past"]["redo"]))
        draft = Draft(tidy(s.out), "redo")
        draft.resolved = {t: f"turn {turn}" for t, slot in draft.segments if slot == "reference"}
        return draft

    def _two(self) -> Draft:
        s = self.speech()
        s.run(self.rng.choice(_table()["past"]["two"]))
        draft = Draft(tidy(s.out), "undo")
        target = f"turn {min(self.after_compare)}"
        draft.resolved = {t: target for t, slot in draft.segments if slot == "reference"}
        return draft

    def _batch(self) -> Draft:
        name = self.rng.choice(_table()["told"]["batch"])
        act = self.rng.choice(("undo", "compare", "refine"))
        s = self.speech()
        s.memo |= {"d": name, "d_b": name}
        s.run(grammar.referring(self.rng.choice([t for t in _table()["past"][act] if "{d_b}" not in t])))
        draft = Draft(tidy(s.out), act)
        draft.resolved = {t: "turn 1" if t == name else "last" for t, slot in draft.segments if slot == "reference"}
        return draft

    def _part_back(self) -> Draft:
        word, _ = self.rng.choice(self.parts)
        lines = [t for t in free.table()["undo"]["words"] if "{part_" in t]
        s = self.speech()
        assert isinstance(s, StorySpeech)
        s.forced = word
        s.run(grammar.referring(self.rng.choice(lines)))
        return Draft(tidy(s.out), "undo")

    def _plain(self, act: str) -> Draft:
        if self.rng.chance(0.5):
            s = self.speech()
            draft = free.say_act(s, act)
            said = {t for t, slot in draft.segments if slot == "reference"}
            draft.resolved = {k: v for k, v in s.resolved.items() if k in said and self._there(v)}
            return draft
        return super()._plain(act)

    def answer(self) -> Draft:
        """An answer to what was asked."""
        if self.rng.chance(0.5):
            draft = free.say_answer(self.speech(), self.asked)
            draft.resolved = {k: v for k, v in draft.resolved.items() if self._there(v)}
            return draft
        return super().answer()


#: The shortest forms of a change.
_SHORT = tuple(
    line.split(": ", 1)
    for line in (
        "recolor: {part_bare} {color}",
        "recolor: {color} {part_bare}",
        "recolor: {part_the} {color}",
        "darken: {part_bare} darker",
        "darken: darker {part_bare}",
        "darken: {part_the} is too bright",
        "lighten: {part_bare} brighter",
        "lighten: brighter {part_bare}",
        "resize_part: bigger {part_bare}",
        "resize_part: {part_bare} smaller",
        "resize_part: {part_the} bigger",
        "saturate: {part_the} more colourful",
        "fog: fog over {part_the}",
        "fog: fog",
        "restyle: make it {time=time.edit}",
        "restyle: {style}",
        "mirror: mirror it",
        "contrast: more contrast",
        "add: add {a_thing}",
        "add: {a_thing} on {part_the}",
        "add: {n_things} on it",
        "remove: no {part_bare}",
        "remove: without {part_the}",
        "restrict_palette: {palette} colours",
        "restrict_palette: {palette}",
        "hue_shift: shift the hues {hue}",
        "add_outline: {color} outline",
        "dither: dither {part_the}",
        "fewer_colors: {limit}",
        "recolor: {color}",
        "recolor: make {him} {color}",
    )
)


# ---- fillings of templates_stories.toml and templates_stories_more.toml ------------------------------------------------
_THAT_ONE = ("that one", "this one", "that thing", "this thing", "the thing")
_THOSE_ONES = ("all of them", "both of them", "both", "those things", "these ones", "those ones")


def _spoken(key: str, slot: str) -> Any:
    return lambda s: s.out.append((s.memo[key], slot))


def _with_article(key: str) -> Any:
    def run(s: Speech) -> None:
        word = s.memo[key]
        s.say(
            ""
            if plural(word) or word in ("grass", "snow", "water", "hair", "fire", "armor")
            else "an "
            if needs_an(word)
            else "a "
        )
        if s.rng.chance(0.15):
            s.fill("color")
            s.say(" ")
        s.out.append((word, "attribute"))

    return run


def _by_number(one: tuple[str, ...], many: tuple[str, ...]) -> Any:
    return lambda s: s.out.append((s.rng.choice(many if s.many else one), "reference"))


def _theyre(s: Speech) -> None:
    many = s.memo.get("they") == "they"
    s.out.append((s.memo.get("they", "it"), "reference"))
    s.say(s.rng.choice(("'re ", " are ") if many else ("'s ", " is ")))


turns.FILLINGS |= {
    "ps": _spoken("ps", "attribute"),
    **{key: _with_article(key) for key in ("p", "q", "beast")},
    **{key: _spoken(key, "reference") for key in ("they", "them", "he", "him_", "d", "d_b", "w")},
    "q_bare": _spoken("q", "attribute"),
    "x": _spoken("x", "region"),
    "theyre": _theyre,
    "those": _by_number(("that", "this"), ("those", "these")),
    "that_one": _by_number(_THAT_ONE, _THOSE_ONES),
    "det": lambda s: s.say("those" if s.many else "that"),
    "was": lambda s: s.say("were" if s.many else "was"),
    "open_amount": lambda s: s.ambiguous.__setitem__("amount", None),
    "open_color": lambda s: s.ambiguous.__setitem__("color", None),
}


def dialogue(seed: int, index: int, rough: float = 0.35) -> list[Example]:
    """The story of (seed, index): 3 to 8 turns."""
    d = Story(seed, index, rough)
    for _ in range(d.rng.integer(turns.LEAST, turns.MOST)):
        d.add()
    return d.said


@lru_cache(maxsize=64)
def _kept(seed: int, index: int) -> tuple[Example, ...]:
    return tuple(dialogue(seed, index))


def turn(seed: int, index: int) -> Example:
    """A turn by index, as `turns.turn`."""
    said = _kept(seed, index // turns.MOST)
    return said[index % turns.MOST % len(said)]


def source(seed: int, held_out: bool = False) -> Any:
    """Turns of stories by index."""
    return partial(turn, -seed - 1 if held_out else seed)
