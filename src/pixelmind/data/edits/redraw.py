"""Edits by drawing a scene again with one parameter changed: colours, counts, parts, materials, poses, styles, sizes.

Each part of a scene has its own stream of choices, so most of it stays; a pair is kept only where the parameters differ in the one
asked for and every changed cell lies in the region of the parts concerned. Any family of the grammar takes part: what a parameter
means is read from its name and values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np

from pixelmind.data.edits.color import Region, opaque
from pixelmind.data.edits.instructions import about, article, plural, pluralized, say
from pixelmind.data.edits.pair import Edit
from pixelmind.data.edits.scenes import PLACED, subject_noun
from pixelmind.data.procedural.canvas import grow
from pixelmind.data.procedural.captions import NUMBERS
from pixelmind.data.procedural.family import Family, Param
from pixelmind.data.procedural.ramps import COLORS
from pixelmind.data.procedural.rng import Rng
from pixelmind.data.procedural.scene import draw_scene, families
from pixelmind.data.procedural.styles import STYLES, keeps
from pixelmind.data.sources.base import RawSprite

MATERIALS = frozenset(
    ("wall", "walls", "blade", "metal", "body", "floor", "ground", "hull", "material", "roof_material")
)
EXPRESSIONS = frozenset(("mood", "face", "expression"))
POSES = frozenset(("pose", "facing", "view", "wings", "action", "stance"))
STATES = {
    "state": "the {noun}",
    "level": "the {noun}",
    "fill": "the {noun}",
    "lit": "the {noun}",
    "windows": "the windows",
    "glow": "the {noun}",
}
#: Nothing a person would ask for by these names, or asked for in other ways (`scenes`).
SKIPPED = frozenset(
    (
        "backdrop",
        "time",
        "weather",
        "lighting",
        "light",
        "light_dir",
        "genre",
        "tint",
        "land",
        "walk",
        "cut",
        "disc",
        "season",
    )
)
#: Values that say where something is, and values that name nothing by themselves.
SIDES = frozenset(("left", "right", "top", "bottom", "middle"))
VAGUE = frozenset(("shown", "hidden", "few", "many", "small", "large", "big", "plain", "same"))
#: Parameters whose value is a thing only together with their name: "round bottle", not "round".
GENERIC = frozenset(
    ("extra", "detail", "mark", "thing", "object", "wears", "on_top", "inside", "core", "stand", "emblem", "furniture")
)
NOTHING = (None, "none", "nothing", False, 0)
#: Parts that are drawn behind a subject.
BACK = frozenset(("background", "sky", "clouds", "stars", "moon", "sun", "rain", "snow"))
SIDE = {
    "left": "facing left",
    "right": "facing right",
    "front": "facing forward",
    "back": "facing away",
    "raised": "with raised wings",
    "folded": "with folded wings",
}
#: Parameters whose value is the thing itself.
HELD = frozenset(("held", "hat", "mask", "weapon", "wears", "item", "outfit"))
NAMES_OF = {"cloth_color": "clothes", "clothes_color": "clothes", "card_color": "background", "hair_color": "hair"}


@dataclass(frozen=True)
class Change:
    """One parameter of a family going from one value to another."""

    family: str
    key: str
    old: Any
    new: Any


def _texts(p: Param) -> list[str]:
    return [v for v in p.values if isinstance(v, str)]


def _nothing(value: Any) -> bool:
    return value is None or value is False or value in ("none", "nothing") or (value == 0 and value is not True)


def kind_of(key: str, p: Param) -> str:
    """What a parameter is about: color, count, flag, place, material, expression, pose, state, part, or "" for nothing to ask for."""
    if p.minor or key in SKIPPED:
        return ""
    if key.endswith("color"):
        return "color" if _texts(p) else ""
    if all(isinstance(v, bool) for v in p.values):
        return "flag"
    if all(isinstance(v, int) for v in p.values):
        return "count" if key == "number" or (key.endswith("s") and not key.endswith("ss")) else ""
    if not _texts(p):
        return ""
    if {v for v in _texts(p) if not _nothing(v)} <= SIDES and key not in POSES:
        return "place"
    for name, keys in (("material", MATERIALS), ("expression", EXPRESSIONS), ("pose", POSES), ("state", STATES)):
        if key in keys:
            return name
    return "part"


#: operation -> (kinds of parameter, whether the old and the new value are nothing)
PARAMETER_OPERATIONS: dict[str, tuple[tuple[str, ...], bool, bool]] = {
    "change_color": (("color",), False, False),
    "change_count": (("count",), False, False),
    "add_part": (("flag", "part", "color", "count"), True, False),
    "remove_part": (("flag", "part", "color", "count"), False, True),
    "replace_part": (("part",), False, False),
    "move_part": (("place",), False, False),
    "change_material": (("material",), False, False),
    "change_pose": (("pose",), False, False),
    "change_expression": (("expression",), False, False),
    "change_state": (("state",), False, False),
    "change_subject": (("part",), False, False),
}


@lru_cache(maxsize=64)
def changes(operation: str) -> dict[str, tuple[Change, ...]]:
    """All changes of parameters that an operation may be, by family."""
    kinds, from_nothing, to_nothing = PARAMETER_OPERATIONS[operation]
    out: dict[str, tuple[Change, ...]] = {}
    for name, family in families().items():
        found = []
        for key, p in family.parameters.items():
            if kind_of(key, p) in kinds:
                old = [v for v in p.values if _nothing(v) == from_nothing]
                new = [v for v in p.values if _nothing(v) == to_nothing]
                found += [Change(name, key, a, b) for a in dict.fromkeys(old) for b in dict.fromkeys(new) if a != b]
        if found:
            out[name] = tuple(found)
    return out


def pick(operation: str, rng: Rng) -> Change:
    """A change of a parameter: family, then parameter, then values, so that long value lists do not crowd out the rest."""
    table = changes(operation)
    family = rng.choice(list(table), [families()[n].weight for n in table])
    key = rng.choice(list(dict.fromkeys(c.key for c in table[family])))
    return rng.choice([c for c in table[family] if c.key == key])


def plan(seed: int, rng: Rng, family: str, colored: bool) -> tuple[int, str, str, tuple[int, int]]:
    """Seed, family, style and size of a scene; `colored` leaves out styles that show no colour words."""
    size = rng.choice([s for s in families()[family].sizes if min(s) >= 12] or list(families()[family].sizes))
    styles = [s for s in STYLES.values() if not (colored and s.mono)]
    return seed, family, rng.choice(styles, [s.weight for s in styles]).name, size


def part_cells(raw: RawSprite, names: set[str]) -> Region:
    """Cells of the parts with these names."""
    assert raw.mask is not None
    return np.isin(raw.mask, [i for i, n in enumerate(raw.mask_names) if n in names])


def region_of(
    before: RawSprite, after: RawSprite, changed: Region, whole: bool = False, apart: bool = False
) -> Region | None:
    """The cells, before and after, of the parts that changed substantially, with the changed contour cells beside them.

    Args:
        whole: the whole figure counts as changed.
        apart: a part came or went: others may change only where it lies and just beside; None where they changed elsewhere.
    """
    names: set[str] = set()
    cells = {n: (part_cells(before, {n}), part_cells(after, {n})) for n in {*before.mask_names, *after.mask_names}}
    for name, (old, new) in cells.items():
        both = old | new
        if name == "background":
            continue
        if (whole and name not in BACK and both.any()) or (changed & both).sum() > 0.2 * both.sum():
            names.add(name)
    if apart:
        fresh = {n for n in names if cells[n][0].any() != cells[n][1].any()}
        if fresh:
            near = grow(grow(part_cells(before, fresh) | part_cells(after, fresh)))
            if (changed & ~near).any():
                return None
            names = fresh
        elif len(names) > 1:
            return None
    region = part_cells(before, names) | part_cells(after, names)
    return region | (changed & grow(grow(region)))


def _same_but(change: Change, before: RawSprite, after: RawSprite) -> bool:
    """Whether the records differ in the changed parameter alone, and in colours of what came or went with it."""
    for key in before.params:
        a, b = before.params[key], after.params.get(key)
        if key == change.key:
            if a != change.old or b != change.new:
                return False
        elif a != b and key not in PLACED and not ((a is None or b is None) and key.endswith(("color", "side"))):
            return False
    return True


@lru_cache(maxsize=1)
def _nouns() -> frozenset[str]:
    """Words that families use as names of subjects."""
    out: set[str] = set()
    for family in families().values():
        for seed in range(8):
            p = family.sample(Rng(seed, "nouns"))
            if family.fit:
                family.fit(p, 24, 24)
            out |= set(family.words(p | {"visible": []}).nouns)
    return frozenset(out)


def _thing(change: Change, value: Any, raw: RawSprite) -> str | None:
    """What a value of a parameter is called: "crown", "red cape", "round bottle", "three flags"."""
    stem = change.key.removesuffix("_color").replace("_", " ")
    if isinstance(value, bool):
        return stem
    if isinstance(value, int):
        return f"{NUMBERS[value]} {_counted(change, raw)[value > 1]}"
    text = str(value)
    if change.key.endswith("color"):
        if change.key == "color" or value not in COLORS:
            return None
        return f"{value} {stem}" if keeps(raw.tags["style"], text) else stem
    if text in VAGUE:
        return None
    last, named = text.split()[-1], _nouns() | set(raw.mask_names)
    known = bool({text, last, pluralized(last)} & named)
    if known or last == stem or plural(text) or change.key in HELD:
        return text
    return None if change.key in GENERIC or change.key == change.family else f"{text} {stem}"


def _counted(change: Change, raw: RawSprite) -> tuple[str, str]:
    """Singular and plural of what a count parameter counts."""
    if change.key == "number":
        noun = subject_noun(families()[change.family], raw.params)
        return noun, pluralized(noun)
    word = change.key.replace("_", " ")
    return (word[:-2] if word.endswith(("ches", "shes", "xes")) else word[:-1]), word


def _words(operation: str, change: Change, before: RawSprite, after: RawSprite) -> dict[str, str] | None:
    """The slots of the instruction, None where the change has no good words."""
    family = families()[change.family]
    noun, new_noun = subject_noun(family, before.params), subject_noun(family, after.params)
    words = about(noun)
    if operation == "change_subject":
        return (
            words | {"thing": new_noun, "a_thing": article(new_noun), "a_old": article(noun)}
            if noun != new_noun
            else None
        )
    if noun != new_noun:
        return None
    if operation == "change_color":
        style = before.tags["style"]
        if not (keeps(style, str(change.old)) and keeps(style, str(change.new))):
            return None
        stem = change.key.removesuffix("color").strip("_").replace("_", " ")
        named = next((n for n in before.mask_names[1:] if stem and n.startswith(stem)), stem or noun)
        part = NAMES_OF.get(change.key, named)
        return about(part) | {
            "color": str(change.new),
            "a_color": "" if plural(part) else article(str(change.new)).removesuffix(str(change.new)),
        }
    if operation == "change_count":
        one, many = _counted(change, before)
        number = {
            "n": NUMBERS[change.new],
            "old_n": NUMBERS[change.old],
            "things": many if change.new > 1 else one,
            "many": many,
        }
        return (about(many, the="it") | {"the": "it"} if change.key == "number" else words) | number
    if operation == "move_part":
        stem = change.key.removesuffix("_side").replace("_", " ")
        moved = next((n for n in after.mask_names[1:] if n.startswith(stem)), None)
        old, new = (
            f"{'on' if v in ('left', 'right') else 'in' if v == 'middle' else 'at'} the {v}"
            for v in (change.old, change.new)
        )
        if moved is None:
            return None
        return words | {
            "thing": moved,
            "where": new,
            "to_where": f"the {change.new}",
            "old_where": f"the {change.old}",
            "old_at": old,
        }
    if operation == "change_material" and COLORS.get(str(change.new), ("", ()))[1]:
        return None  # a colour, not what it is made of
    if operation in ("change_material", "change_pose", "change_expression", "change_state"):
        old, new = (SIDE.get(str(v), str(v)) for v in (change.old, change.new))
        part = (
            STATES.get(change.key, "{noun}").format(noun=noun)
            if operation == "change_state"
            else change.key.replace("_", " ")
        )
        if part in ("body", "material", "blade", "metal") and part not in before.mask_names:
            part = "metal parts" if part == "metal" and before.tags["kind"] == "character" else noun
        return words | {"thing": new, "old": old, "a_thing": article(new) if not plural(part) else new, "part": part}
    thing = _thing(
        change,
        change.new if operation != "remove_part" else change.old,
        before if operation == "remove_part" else after,
    )
    old_thing = _thing(change, change.old, before) if operation == "replace_part" else thing
    if thing is None or old_thing is None or thing == noun:
        return None
    return words | {"thing": thing, "a_thing": article(thing), "old": old_thing, "a_old": article(old_thing)}


#: Operations that concern the whole figure.
WHOLE = ("change_pose", "change_subject")
#: Operations that concern some part of it.
PARTIAL = ("add_part", "remove_part", "change_color", "change_count")


def _parameter(operation: str, seed: int, rng: Rng) -> Edit | None:
    change = pick(operation, rng)
    at = plan(seed, rng, change.family, operation == "change_color")
    before, after = (draw_scene(*at, params={change.key: value}) for value in (change.old, change.new))
    if operation != "change_subject" and not _same_but(change, before, after):
        return None
    words = _words(operation, change, before, after)
    if words is None:
        return None
    changed = (before.rgba != after.rgba).any(-1)
    full = opaque(before.rgba) | opaque(after.rgba)
    region = region_of(before, after, changed, operation in WHOLE, operation in ("add_part", "remove_part"))
    if region is None:
        return None
    if operation == "change_color" and change.key == "color" and changed.sum() < 0.3 * full.sum():
        return None  # of the subject's colour only a detail is seen
    if operation in PARTIAL and len(before.mask_names) > 3 and changed.sum() > 0.6 * full.sum():
        return None
    arguments = {"parameter": change.key, "was": change.old, "now": change.new}
    return Edit(
        before=before,
        after=after,
        region=region,
        operation=operation,
        arguments=arguments,
        wordings=say(operation, words, rng),
    )


def _style(seed: int, rng: Rng) -> Edit | None:
    name = rng.choice(list(families()), [f.weight for f in families().values()])
    at = plan(seed, rng, name, False)
    look = STYLES[
        rng.choice([n for n in STYLES if n != at[2] and not (set(STYLES[n].words) & set(STYLES[at[2]].words))])
    ]
    before, after = draw_scene(*at), draw_scene(at[0], name, look.name, at[3])
    words = about(subject_noun(families()[name], before.params)) | {
        "style": rng.choice(look.words).removesuffix(" style")
    }
    return Edit(
        before=before,
        after=after,
        region=opaque(before.rgba) | opaque(after.rgba),
        operation="change_style",
        arguments={"style": look.name, "was": at[2]},
        wordings=say("change_style", words, rng),
    )


def _resize(seed: int, rng: Rng) -> Edit | None:
    name = rng.choice([n for n, f in families().items() if len(set(f.sizes)) > 1])
    old, new = rng.shuffled(list(dict.fromkeys(families()[name].sizes)))[:2]
    _, _, style, _ = plan(seed, rng, name, False)
    before, after = (draw_scene(seed, name, style, size) for size in (old, new))
    if any(before.params[k] != after.params[k] for k in before.params if k not in PLACED):
        return None
    bigger = new[0] * new[1] > old[0] * old[1]
    words = about(subject_noun(families()[name], before.params)) | {
        "size": "bigger" if bigger else "smaller",
        "width": str(new[1]),
        "height": str(new[0]),
    }
    return Edit(
        before=before,
        after=after,
        region=np.ones(old, dtype=bool),
        operation="resize",
        arguments={"height": new[0], "width": new[1]},
        wordings=say("resize", words, rng),
    )


REDRAW: dict[str, Callable[[int, Rng], Edit | None]] = {
    **{name: partial(_parameter, name) for name in PARAMETER_OPERATIONS},
    "change_style": _style,
    "resize": _resize,
}


def draw(operation: str, seed: int) -> Edit | None:
    """A redrawn edit from a seed, or None where this scene cannot show it or more changed than was asked."""
    return REDRAW[operation](seed, Rng(seed, "redraw", operation))


def all_changes() -> Iterator[tuple[Family, str, str]]:
    """Every (family, parameter, kind) that edits may change: the coverage of `redraw`."""
    for family in families().values():
        for key, p in family.parameters.items():
            yield family, key, kind_of(key, p)
