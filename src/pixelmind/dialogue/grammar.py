"""The request grammar: labelled turns without end, each drawn from (seed, index) alone.

What people say lies in `templates_*.toml`, the words in `lexicon*.toml`, the wordings of exact edits also in data/edits/instructions.toml.
Curricula: "art" asks for pictures of all kinds without the jargon of pixel art; "pixel" with sizes, palettes, consoles, dithering,
tiles, and all acts and changes; dialogues are in `turns`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache, partial
from typing import Any

from pixelmind.data.edits import instructions
from pixelmind.data.procedural.rng import Rng
from pixelmind.dialogue import clashes, fillings, noise, paraphrase, phrases
from pixelmind.dialogue.flags import implied
from pixelmind.dialogue.lexicon import read
from pixelmind.dialogue.pieces import Draft, Segment, tidy
from pixelmind.dialogue.schema import (
    ACTS,
    NO_OPERATION,
    NO_REGION,
    OUTLINE,
    QUESTIONS,
    SUBJECT,
    UNCLEAR,
    WHOLE,
    Example,
)
from pixelmind.dialogue.speech import FILLINGS, Speech, weights
from pixelmind.dialogue.templates import compiled
from pixelmind.errors import BadInput

CURRICULA = ("art", "pixel")
#: Share of turns said while a question stands open that answer it no more.
ASIDE = 0.08
GROUPS = ("commands", "wishes", "statements")
#: Wordings of data/edits by the names of their fillings.
_TAGGED: tuple[tuple[str, str], ...] = tuple(weights("wordings").items())


def _small(s: Speech) -> None:
    s.say(s.rng.choice(("2", "3", "4", "two", "three", "1", "5", "6", "8")))


FILLINGS |= (
    fillings.TABLE
    | clashes.TABLE
    | phrases.TABLE
    | {
        "number": lambda s: s.say(s.rng.choice(("90", "60", "180", "120", "30", "45", "20", "50", "10", "240"))),
        "number_small": _small,
        "few": lambda s: s.say(
            s.rng.choice(("two", "three", "four", "5", "6", "8", "4", "2", "16", "eight", "12", "ten"))
        ),
        "dir": lambda s: s.say(s.rng.choice(("left", "right", "up", "down"))),
        "side": lambda s: s.say(s.rng.choice(("left", "right"))),
        "it": lambda s: s.label("reference", "them" if s.many else "it"),
        "article": lambda s: s.say("a~ "),
    }
)


@lru_cache(maxsize=1)
def _tables() -> dict[str, Any]:
    return {name: read(f"templates_{name}.toml") for name in ("generate", "clash", "edit", "talk")}


@lru_cache(maxsize=1)
def _edit_templates() -> dict[str, tuple[tuple[str, ...], ...]]:
    """operation -> (commands, wishes, statements), the wordings of data/edits among them."""
    own: dict[str, dict[str, list[str]]] = _tables()["edit"]["op"]
    out: dict[str, tuple[tuple[str, ...], ...]] = {}
    known = set(FILLINGS)
    others = instructions.templates()
    for operation, groups in own.items():
        found = [list(groups[g]) for g in GROUPS]
        names = ("more_contrast", "less_contrast") if operation == "contrast" else (operation,)
        for name in names:
            for place, templates in enumerate(others.get(name, ((), (), ()))):
                for template in templates:
                    text = _tagged(operation, template)
                    if set(re.findall(r"\{(\w+)\}", text)) <= known:
                        found[place].append(text)
        out[operation] = tuple(tuple(g) for g in found)
    return out


def _tagged(operation: str, template: str) -> str:
    """A wording of data/edits in the language of `templates`."""
    text = template
    if operation == "replace_color":
        text = text.replace("{color}", "{old_color}").replace("{to}", "{color}")
    if operation == "swap_colors":
        if text.count("{color}") > 1:
            return "{unknown}"
        text = text.replace("{other}", "{color}")
    if "outline" in operation and operation != "add_outline":
        text = re.sub(r"\b(outline|border)\b(?![^<]*>)", r"<region:\1>", text)
    if "background" in operation:
        text = re.sub(r"\bbackground\b", "{bg}", text).replace("{the}", "{the_figure_plain}")
    if operation in (
        "mirror",
        "flip",
        "rotate",
        "shift",
        "crop",
        "pad",
        "enlarge",
        "tile",
        "symmetric",
        "center",
        "fewer_colors",
        "restrict_palette",
        "tone_map",
    ):
        text = text.replace("{the}", "{whole}")
    for found, filling in _TAGGED:
        text = text.replace(found, filling)
    return text


#: Pronouns outside labelled pieces, and where they point to nothing.
_PRONOUN = re.compile(
    r"<[a-z_]+:(?:[^<>]|<[^<>]*>)*>|\{[^}]*\}|(?<![\w'-])(this one|that one|it|them|these|those|this|that)(?![\w'-])"
)
_IDIOM = re.compile(
    r"(?:nailed|that's|thats|this is|that is|do|get|isn't|wasn't|not|is not|not quite|not really) it$|(?:make|let) it (?:rain|snow)"
    r"|^is it possible|does it (?:cost|work|take)|long does|is it free|^(?:it would|that will)\b"
)
_DETERMINER = re.compile(
    r" (?!please|as|in|to|again|back|is|looks?|was|for|thing|up|like|out|with|and|or|on|but|side|next|together|compared|differ"
    r"|better|by|from|one|made|after|into|pls|undo|before|the|a|my|best|forward|now|so)\w"
)


@cache
def referring(template: str) -> str:
    """The template with its loose pronouns labelled as references."""
    if _IDIOM.search(template):
        return template

    def mark(m: re.Match[str]) -> str:
        word = m[1]
        if not word or (word in ("this", "that", "these", "those") and _DETERMINER.match(template, m.end())):
            return m[0]
        if word == "that" and re.search(r"\b(?:so|sure|like|all|one|is|what|everything)\s$", template[: m.start()]):
            return m[0]
        return f"<reference:{word}>"

    return _PRONOUN.sub(mark, template)


def say_registered(s: Speech, register: str, template: str) -> None:
    """Say a template as it is put to somebody: a register such as "could you {}?"."""
    before, _, behind = register.partition("{}")
    for part in (before, template, behind):
        if part:
            compiled(referring(part))(s)


@lru_cache(maxsize=1)
def _operation_weights() -> tuple[tuple[str, ...], tuple[float, ...]]:
    names = tuple(_edit_templates())
    return names, tuple(float(weights("common").get(n, 1.6)) for n in names)


# ---- one turn --------------------------------------------------------------------------------------------------------
def say_generate(s: Speech) -> Draft:
    """A new picture asked for."""
    kind = s.weighted(weights("generate"))
    tables = _tables()
    contradictions: tuple[str, ...] = ()
    if kind == "ordinary":
        s.run(s.rng.choice(_fitting(s, "generate", "ordinary")))
    elif kind == "open":
        about = s.weighted(weights("open_generate"))
        if about == "subject":
            s.ambiguous[about] = None
        s.run(s.rng.choice(_fitting(s, "vague", about)))
    elif kind == "lookalike":
        s.run(s.rng.choice(tables["clash"]["lookalike"]["words"]))
    else:
        named = s.rng.choice(list(tables["clash"]["contradiction"]))
        contradictions = (named,)
        s.run(s.rng.choice(tables["clash"]["contradiction"][named]))
    return _draft(s, "generate", contradictions=contradictions)


@cache
def _art_templates(table: str, key: str) -> tuple[str, ...]:
    """Templates without the looks of pixel art."""
    found = _tables()["generate"][table][key]
    return tuple(t for t in found if not re.search(r"\{(size|palette|console|limit|limit_compound)\}|pixel|sprite", t))


def _fitting(s: Speech, table: str, key: str) -> Sequence[str]:
    return _tables()["generate"][table][key] if s.curriculum == "pixel" else _art_templates(table, key)


def say_edit(s: Speech, operation: str = "", ordinary: bool = False) -> Draft:
    """A change asked for, of an operation where one is given."""
    kind = "ordinary" if ordinary or operation else s.weighted(weights("edit"))
    contradictions: tuple[str, ...] = ()
    if kind == "contradiction":
        clashes: dict[str, list[str]] = _tables()["clash"]["edit_clash"]
        named = s.rng.choice(list(clashes))
        operation, _, template = s.rng.choice(clashes[named]).partition(": ")
        contradictions = (named,)
        group = _group_of(template)
    elif kind == "open":
        about = s.weighted(weights("open_edit"))
        table: dict[str, list[str]] = _tables()["edit"]["open"][about]
        operation = s.rng.choice(list(table), [len(t) for t in table.values()])
        template = s.rng.choice(table[operation])
        group = _group_of(template)
        if about == "region_and_operation":
            s.ambiguous["region"] = None
        elif about in ("color", "amount", "count", "mood", "style"):
            s.ambiguous[about] = None
    else:
        operation = operation or s.rng.choice(*_operation_weights())
        place = s.rng.choice((0, 1, 2), (2.0, 1.0, 1.0))
        group, template = GROUPS[place], s.rng.choice(_edit_templates()[operation][place])
    if operation == UNCLEAR:
        s.ambiguous["operation"] = None
    plain = kind == "ordinary" and group == "commands" and s.pronoun is None
    if plain and s.rng.chance(0.05):
        s.run("{edit_before}")
    say_registered(s, "{}" if s.out else _register(s, group, template), template)
    if plain and s.rng.chance(0.09) and not s.out[-1][0].endswith("?"):
        said = len(s.out)
        s.run("{edit_behind}")
        s.out[said:] = [(t, "") for t, _ in s.out[said:]]  # a second wish has no labels
    return _draft(s, "edit", operation, contradictions)


_VERBS = frozenset(
    [
        "make",
        "turn",
        "paint",
        "set",
        "use",
        "reduce",
        "remove",
        "add",
        "darken",
        "brighten",
        "convert",
        "limit",
        "crop",
        "recolor",
        "recolour",
        "give",
        "change",
        "try",
        "repaint",
        "color",
        "switch",
        "pick",
        "replace",
        "swap",
        "get",
        "delete",
        "erase",
        "take",
        "shrink",
        "move",
        "shift",
        "put",
        "redraw",
        "draw",
        "shade",
        "copy",
        "duplicate",
        "fix",
        "do",
        "improve",
        "tweak",
        "extend",
        "leave",
        "expand",
        "widen",
        "relocate",
        "nudge",
        "rotate",
        "spin",
        "tilt",
        "upscale",
        "scale",
        "enlarge",
        "blow",
        "resize",
        "adjust",
        "tile",
        "repeat",
        "sprinkle",
        "fill",
        "throw",
        "bring",
        "turn",
        "redo",
        "cut",
        "simplify",
        "cant",
        "can't",
        "write",
        "fit",
        "delete",
        "pad",
    ]
)


@cache
def _group_of(template: str) -> str:
    """Whether a template is a command, a statement or a wish."""
    if template.split(" ")[0] in _VERBS:
        return "commands"
    return (
        "statements"
        if re.search(
            r"\b(is|are|should|don't|doesn't|has to|looks|needs|bothers|shouldn't|has|i|it's|isn't)\b|\{(is|needs)\}",
            template,
        )
        else "wishes"
    )


def _register(s: Speech, group: str, template: str) -> str:
    """How a sentence is put: a question mark or a "please" only where it suits."""
    registers: list[str] = _tables()["edit"]["register"][group]
    register = s.rng.choice(registers) if s.rng.chance(0.7) else "{}"
    if template.endswith("?") or re.match(
        r"(can|could|what|why|how|no|not|it's|i |i'|the same|same|more|less|another|there|too|maybe|please)\b", template
    ):
        return (
            "{}"
            if not register.endswith("{}")
            or re.match(r"(i|can|could|would|let|we|how|what|gimme|give|maybe|do|is)\b", register)
            else register
        )
    return "{}" if "please" in register and re.search(r"please|pls", template) else register


def _about(s: Speech, question: str) -> Draft:
    """An answer to a question, or sometimes something else in its place."""
    table: dict[str, list[str]] = _tables()["talk"]["answer"]
    if s.rng.chance(0.14) and question != "confirm":
        s.run(s.rng.choice(table["any"]))
    else:
        s.run(referring(s.rng.choice(table[question])))
    return _draft(s, "answer")


def _draft(s: Speech, act: str, operation: str = NO_OPERATION, contradictions: tuple[str, ...] = ()) -> Draft:
    segments = tidy(s.out)
    draft = Draft(
        segments,
        act,
        operation if act == "edit" else NO_OPERATION,
        _region(s, operation) if act == "edit" else NO_REGION,
        () if act not in ("generate", "edit") else tuple(sorted(s.ambiguous)),
        contradictions,
        resolved=_pointed(s, act, segments),
    )
    if act in ("generate", "edit") and not contradictions:
        draft.contradictions = tuple(
            dict.fromkeys(
                implied(*([w for w, slot in draft.segments if slot == kind] for kind in ("color", "palette")))
            )
        )
    return draft


#: Changes of the picture even where a pronoun names the figure.
_OF_PICTURE = frozenset(("mirror", "flip", "shift", "crop", "pad", "enlarge", "tile", "symmetric", "center"))


def _region(s: Speech, operation: str) -> str:
    """The place of a change: what its words mean, the outline or background where the operation is about these, else the whole."""
    if operation.endswith("_outline") and operation != "add_outline":
        return OUTLINE
    if operation.endswith("_background"):
        return "background"
    if operation in _OF_PICTURE and s.region == SUBJECT and not any(slot == "region" for _, slot in s.out):
        return WHOLE  # "turn him around" turns the picture
    return WHOLE if s.region == NO_REGION else s.region


def _pointed(s: Speech, act: str, segments: list[Segment]) -> dict[str, str]:
    """What the references said point to; "it" beside a candidate or behind a part is that one, only changes speak of the figure."""
    said = {t for t, slot in segments if slot == "reference"}
    found = {k: v for k, v in s.resolved.items() if k in said and (act == "edit" or v != SUBJECT)}
    near = next((v for v in found.values() if v.startswith("candidate")), "")
    slots = [slot for _, slot in segments]
    if act == "edit" and s.named_part and "reference" in slots and "region" in slots[: slots.index("reference")]:
        near = s.region
    return {k: near if near and v == "last" else v for k, v in found.items()}


def draw(seed: int, index: int, curriculum: str = "pixel", act: str = "", plain: bool = False) -> Draft:
    """The turn of (seed, index), before noise.

    Args:
        curriculum: one of CURRICULA.
        act: of this act only.
        plain: ordinary wordings only for changes.

    Raises:
        BadInput: an unknown curriculum or act.
    """
    if curriculum not in CURRICULA or (act and act not in ACTS):
        raise BadInput(
            f"unknown curriculum {curriculum!r} or act {act!r}; there are {', '.join(CURRICULA)} and {', '.join(ACTS)}"
        )
    rng = Rng(seed, index, curriculum, act)
    while True:
        s = Speech(rng, curriculum)
        chosen = act or s.weighted(weights("acts." + curriculum))
        draft = say(s, chosen, plain)
        if draft.text and draft.found_again():
            return draft


def say(s: Speech, act: str, plain: bool = False) -> Draft:
    """A turn of an act."""
    if act == "generate":
        draft = say_generate(s)
    elif act == "edit":
        draft = say_edit(s, ordinary=plain)
    elif act == "answer":
        question = s.rng.choice(QUESTIONS)
        draft = _about(s, question)
        draft.asked = question
    else:
        acts: dict[str, list[str]] = _tables()["talk"]["act"]
        templates = acts[act]
        if act == "save" and s.rng.chance(0.35):
            templates = [t for t in templates if "{format}" in t]
        s.run(referring(s.rng.choice(templates)))
        draft = _draft(s, act)
        if act in ("undo", "redo"):
            draft.resolved = {}
    if not draft.asked and s.rng.chance(ASIDE):
        draft.asked = s.rng.choice(QUESTIONS)
    return draft


def request(seed: int, index: int, curriculum: str = "pixel", rough: float = 0.55) -> Example:
    """The labelled turn of (seed, index): drawn, rephrased and made as rough as people type.

    Args:
        rough: share of the turns with noise of any kind.
    """
    draft = draw(seed, index, curriculum)
    return finished(draft, Rng(seed, index, "rough"), rough)


def finished(draft: Draft, rng: Rng, rough: float) -> Example:
    """A draft rephrased, roughened and set in a person's case and punctuation; as it was where its pieces could not be found again."""
    changed = paraphrase.rephrase(draft, rng)
    changed = noise.roughen(changed, rng, rough)
    return (changed if changed.found_again() and changed.text.strip() else draft).example()


def source(curriculum: str, seed: int, held_out: bool = False) -> Callable[[int], Example]:
    """Examples by index. Those held out come from another stream of the same grammar."""
    return partial(request, seed if not held_out else -seed - 1, curriculum=curriculum)


def templates() -> list[tuple[str, str]]:
    """Every template with where it stands: for tests and counts."""
    tables, out = _tables(), []
    for table, group in (
        ("generate", "generate"),
        ("generate", "vague"),
        ("clash", "contradiction"),
        ("clash", "edit_clash"),
        ("talk", "act"),
        ("talk", "answer"),
    ):
        out += [(f"{group}.{key}", t) for key, ts in tables[table][group].items() for t in ts]
    out += [("lookalike", t) for t in tables["clash"]["lookalike"]["words"]]
    out += [
        (f"edit.{operation}.{group}", t)
        for operation, groups in _edit_templates().items()
        for group, ts in zip(GROUPS, groups)
        for t in ts
    ]
    opened: dict[str, dict[str, list[str]]] = tables["edit"]["open"]
    out += [
        (f"open.{about}.{operation}", t)
        for about, table in opened.items()
        for operation, ts in table.items()
        for t in ts
    ]
    return out
