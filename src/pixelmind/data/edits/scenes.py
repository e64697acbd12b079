"""Edits of whole scenes: a subject, sky, ground, things in the sky and small objects as layers, so that taking one out shows what is
behind it, and everything outside the changed layers is bit-identical by construction.

A scene is a tuple of layers, bottom first. Each `SCENE` entry draws the layers before and after, with the words for what was done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from pixelmind.data.edits.color import Region, opaque
from pixelmind.data.edits.geometry import box, crop
from pixelmind.data.edits.instructions import about, article, plural, pluralized, say
from pixelmind.data.edits.pair import Edit
from pixelmind.data.procedural import backdrop as bd
from pixelmind.data.procedural.canvas import Canvas, grow
from pixelmind.data.procedural.captions import NUMBERS
from pixelmind.data.procedural.family import Family
from pixelmind.data.procedural.rng import Rng
from pixelmind.data.procedural.scene import CREDIT, LICENCE, SOURCE, draw_scene, families
from pixelmind.data.procedural.styles import STYLES, render
from pixelmind.data.sources.base import RawSprite
from pixelmind.records import U8

#: time -> (name, "a … sky", "at …")
TIMES = {
    "day": ("day", "a day sky", "by day"),
    "night": ("night", "a night sky", "at night"),
    "sunset": ("sunset", "a sunset sky", "at sunset"),
    "dawn": ("dawn", "a dawn sky", "at dawn"),
    "storm": ("stormy weather", "a stormy sky", "in a storm"),
}
GROUNDS = {
    "grass": "grass",
    "sand": "sand",
    "snow": "snow",
    "stone": "stone",
    "dirt": "dirt",
    "lava": "lava",
    "water": "water",
}
FALLING = {"rain": ("rain", "raining"), "snow": ("snow", "snowing")}
#: What may hang in the sky, and at which times.
LIGHTS = {
    "moon": ("night", "dawn"),
    "sun": ("day", "sunset", "dawn"),
    "stars": ("night",),
    "clouds": ("day", "dawn", "sunset", "night"),
    "birds": ("day", "sunset", "dawn"),
    "rainbow": ("day",),
    "lightning": ("storm",),
}
ANCHORS = {
    "bottom left": (0.0, 1.0),
    "bottom right": (1.0, 1.0),
    "top left": (0.0, 0.0),
    "top right": (1.0, 0.0),
    "left": (0.0, 0.5),
    "right": (1.0, 0.5),
}
SUBJECT_KINDS = ("character", "creature", "building", "plant", "object", "vehicle")
#: Entries of a record that follow from the size.
PLACED = ("size", "visible", "cluster")
OBJECT_KINDS = ("item", "plant", "object", "creature")


@dataclass(frozen=True, eq=False)
class Layer:
    """A picture part on the full canvas: `rgba` uint8 [H, W, 4], `part` uint8 [H, W] into `names` (entry 0 is the background)."""

    name: str
    role: str
    rgba: U8
    part: U8
    names: tuple[str, ...]
    where: str = ""


Layers = tuple[Layer, ...]
Made = tuple[Layers, Layers, dict[str, Any], dict[str, str]]


def at(anchor: str) -> str:
    """ "on the left", "at the top right"."""
    return ("on" if anchor in ("left", "right") else "at") + f" the {anchor}"


@dataclass
class Setting:
    """What the operations draw from: one style, a canvas, a subject that stands in it, and a stream of choices."""

    rng: Rng
    seed: int
    style: str
    subject: Layer
    noun: str
    family: str
    cluster: str
    object_px: int
    variants: tuple[int, ...] = field(default_factory=tuple)

    @cached_property
    def shape(self) -> tuple[int, int]:
        return self.subject.rgba.shape[0], self.subject.rgba.shape[1]

    @property
    def horizon(self) -> int:
        return round(self.shape[0] * 0.8)

    def layer(
        self, paint: Callable[[Canvas, Rng], object], name: str, role: str, only: str | None = None, where: str = ""
    ) -> Layer:
        """A layer painted by the procedural drawing board; `only` keeps the cells of one part."""
        c = Canvas(*self.shape)
        paint(c, Rng(self.seed, name, where))
        rgba = render(c, STYLES[self.style], self.variants)
        part, names = c.part, tuple(c.parts)
        if only is not None:
            keep = part == names.index(only) if only in names else np.zeros_like(part, dtype=bool)
            rgba, part, names = rgba * keep[..., None], keep.astype(np.uint8), ("background", only)
        return Layer(name, role, rgba, part, names, where)

    def sky(self, time: str) -> Layer:
        return self.layer(lambda c, rng: bd.sky(c, time, rng, c.h, extras=False), time, "sky")

    def ground(self, color: str) -> Layer:
        return self.layer(lambda c, rng: bd.ground(c, self.horizon, color, rng), color, "ground")

    def light(self, thing: str, side: str, time: str) -> Layer:
        """A thing in the sky, on one side of it where it has a place."""
        h, w = self.shape
        d = max(3, round(min(h, w) * 0.2))
        x = 1 if side == "left" else w - d - 1

        def paint(c: Canvas, rng: Rng) -> None:
            c.paint(c.full(), "day sky", "sky", back=True)  # clouds need something behind them
            if thing in ("moon", "sun"):
                bd.disc(c, rng, thing, thing, c.h, x, 1)
            elif thing == "stars":
                bd.stars(c, rng, self.horizon, max(5, h * w // 70))
            elif thing == "clouds":
                for cx in (w * 0.2, w * 0.75):
                    bd.cloud(
                        c, round(cx), rng.integer(1, max(2, h // 6)), rng, "light grey" if time == "night" else "cloud"
                    )
            elif thing == "birds":
                for _ in range(3):
                    bx, by = rng.integer(2, w - 3), rng.integer(1, max(2, h // 4))
                    c.paint(
                        c.dots((bx - 2, by - 1), (bx - 1, by - 1), (bx, by), (bx + 1, by - 1), (bx + 2, by - 1)),
                        "ink",
                        "birds",
                        back=True,
                    )
            elif thing == "rainbow":
                r = min(w * 0.48, h * 0.75)
                for i, color in enumerate(("red", "orange", "yellow", "green", "blue", "purple")):
                    arc = c.ellipse(w / 2, h * 0.85, r - i, r - i) & ~c.ellipse(w / 2, h * 0.85, r - i - 1, r - i - 1)
                    c.paint(arc, color, "rainbow", 0.5, back=True)
            else:
                sx = w * (0.2 if side == "left" else 0.8)
                bolt = c.stroke(
                    (sx, 0),
                    (sx - w * 0.07, h * 0.22),
                    (sx + w * 0.04, h * 0.26),
                    (sx - w * 0.05, h * 0.55),
                    width=1 + (h > 32),
                )
                c.paint(bolt, "flame", "lightning", 1.0, back=True)

        return self.layer(paint, thing, "light", only=thing, where=side)

    def falling(self, weather: str, time: str) -> Layer:
        """Rain or snow all over the sky."""
        h, w = self.shape

        def paint(c: Canvas, rng: Rng) -> None:
            for _ in range(h * w // 26):
                x, y = rng.integer(0, w - 1), rng.integer(-2, h - 1)
                if weather == "rain":
                    c.paint(
                        c.dots((x, y), (x, y + 1), (x - 1, y + 2), *(((x - 1, y + 3),) if h > 32 else ())),
                        "navy" if time == "day" else "light blue",
                        "rain",
                        0.6,
                        back=True,
                    )
                else:
                    c.paint(
                        c.dots(
                            (x, y), *(((x + 1, y), (x, y + 1), (x + 1, y + 1)) if h > 40 and rng.chance(0.3) else ())
                        ),
                        "snow",
                        "snow",
                        1.0,
                        back=True,
                    )

        return self.layer(paint, weather, "weather", only=weather)

    def thing(self, not_like: str = "", number: int = 0) -> tuple[str, RawSprite]:
        """A small object in the scene's style: its noun and picture.

        Raises:
            LookupError: none of twenty is small and single.
        """
        rng = Rng(self.seed, "thing", number)
        known = families()
        names = [
            n for n, f in known.items() if f.kind in OBJECT_KINDS and n != self.family and min(map(min, f.sizes)) <= 12
        ]
        for attempt in range(20):
            name = rng.choice(names)
            raw = self.drawn(name, self.seed + 7919 * (number + 31 * attempt), self.object_px)
            noun, full = subject_noun(known[name], raw.params), opaque(raw.rgba)
            if not (full.all() or full.sum() < 12 or plural(noun) or noun in (not_like, self.noun)):
                return noun, raw
        raise LookupError("no small object fits")

    def drawn(self, family: str, seed: int, px: int) -> RawSprite:
        """One small object of a family, single where the family counts."""
        numbers = families()[family].parameters.get("number")
        return draw_scene(
            seed, family, self.style, (px, px), {"number": 1} if numbers and 1 in numbers.values else None
        )

    def placed(self, noun: str, raw: RawSprite, anchor: str, offset: int = 0) -> Layer | None:
        """The object at an anchor, moved right by `offset`; None where it would touch the subject or leave the canvas."""
        cut = box(opaque(raw.rgba))
        small = crop(raw.rgba, cut)
        (h, w), (oh, ow) = self.shape, small.shape[:2]
        fx, fy = ANCHORS[anchor]
        floor = h - 1 if fy == 1.0 else h - oh - 1
        x = round(1 + fx * (w - ow - 2)) + offset
        y = (floor - oh) if fy == 1.0 else round(1 + fy * (h - oh - 2))
        if min(x, y) < 0 or x + ow > w or y + oh > h:
            return None
        rgba, part = np.zeros((h, w, 4), dtype=np.uint8), np.zeros((h, w), dtype=np.uint8)
        rgba[y : y + oh, x : x + ow], part[y : y + oh, x : x + ow] = small, opaque(small)
        if (grow(opaque(rgba)) & opaque(self.subject.rgba)).any():
            return None
        return Layer(noun, "object", rgba, part, ("background", noun), anchor)

    def anchors(self, noun: str, raw: RawSprite) -> list[str]:
        """Where the object fits, in random order."""
        return [a for a in self.rng.shuffled(list(ANCHORS)) if self.placed(noun, raw, a)]

    def backed(self, chance: float = 0.5) -> tuple[Layers, str]:
        """A sky and a ground, or nothing, behind the subject; with the time of day."""
        if not self.rng.chance(chance):
            return (), ""
        time = self.rng.choice(("day", "night", "sunset", "dawn"))
        return (self.sky(time), self.ground(self.rng.choice(("grass", "grass", "sand", "stone", "snow")))), time


def subject_noun(family: Family, params: Mapping[str, Any]) -> str:
    """What people call the subject, plainly."""
    return family.words(dict(params)).nouns[0]


def setting(seed: int, style: str | None = None) -> Setting | None:
    """A setting drawn from a seed; None where the subject fills its canvas."""
    rng = Rng(seed, "setting")
    known = families()
    names = [n for n, f in known.items() if f.kind in SUBJECT_KINDS]
    name = rng.choice(names, [known[n].weight for n in names])
    family = known[name]
    h, w = rng.choice([s for s in family.sizes if min(s) >= 16 and max(s) <= 64] or [(32, 32)])
    style = style or rng.choice(list(STYLES), [s.weight for s in STYLES.values()])
    fixed = {k: "none" for k in ("backdrop",) if k in family.parameters and "none" in family.parameters[k].values}
    raw = draw_scene(seed, name, style, (h, w), fixed)
    if opaque(raw.rgba).mean() > 0.9 or raw.mask is None:
        return None
    px = rng.choice([p for p in (10, 12, 14, 16) if p <= max(10, h * 0.45)])
    side, top = px + 2, rng.choice((0, h // 6, h // 4))
    place = ((top, 1 if h + top + 1 <= 256 else 0), (side, side))
    figure = Layer("subject", "subject", np.pad(raw.rgba, (*place, (0, 0))), np.pad(raw.mask, place), raw.mask_names)
    return Setting(
        rng=rng,
        seed=seed,
        style=style,
        subject=figure,
        noun=subject_noun(family, raw.params),
        family=name,
        cluster=str(raw.params["cluster"]),
        object_px=px,
        variants=tuple(rng.integer(0, 8) for _ in range(7)),
    )


def flatten(s: Setting, layers: Layers) -> tuple[RawSprite, U8]:
    """The picture of the layers, and the number of the layer seen in each cell (0 = none, from 1 on)."""
    h, w = s.shape
    rgba, mask, owner = np.zeros((h, w, 4), np.uint8), np.zeros((h, w), np.uint8), np.zeros((h, w), np.uint8)
    names = ["background"]
    for i, layer in enumerate(layers, start=1):
        cells = opaque(layer.rgba)
        rgba[cells], owner[cells] = layer.rgba[cells], i
        table = [0]
        for name in layer.names[1:]:
            if name not in names:
                names.append(name)
            table.append(names.index(name))
        mask[cells] = np.array(table, dtype=np.uint8)[layer.part[cells]]
    objects = [f"{article(layer.name)} {at(layer.where)}" for layer in layers if layer.role == "object"]
    lights = [article(layer.name) for layer in layers if layer.role == "light"]
    when = next((TIMES[layer.name][2] for layer in layers if layer.role == "sky"), "")
    having = " and ".join(lights + objects)
    full = " ".join(t for t in (article(s.noun), f"with {having}" if having else "", when) if t)
    raw = RawSprite(
        rgba=rgba,
        captions=tuple(dict.fromkeys((full, s.noun, f"pixel art of {article(s.noun)}"))),
        source=SOURCE,
        licence=LICENCE,
        credit=CREDIT,
        tags={
            "kind": families()[s.family].kind,
            "style": s.style,
            "subject": s.family,
            "view": families()[s.family].view,
        },
        mask=mask,
        mask_names=tuple(names),
        params={"family": s.family, "style": s.style, "seed": s.seed, "size": [h, w], "cluster": s.cluster},
    )
    return raw, owner


#: Layers whose change means the whole sky: their own cells are too few to be pointed at.
WIDE = ("stars", "rain", "snow", "birds", "lightning")
BEHIND = ("sky", "light", "weather")


def compose(s: Setting, operation: str, made: Made) -> Edit:
    """The edit between two stacks of layers: its region is what is seen of the layers that only one of them has."""
    first, second, arguments, words = made
    (before, old), (after, new) = flatten(s, first), flatten(s, second)

    def seen(owner: U8, layers: Layers, others: Layers) -> Region:
        return np.isin(owner, [i for i, layer in enumerate(layers, start=1) if not any(layer is o for o in others)])

    region = seen(old, first, second) | seen(new, second, first)
    different = [x for x in first if not any(x is o for o in second)] + [
        x for x in second if not any(x is o for o in first)
    ]
    if any(layer.name in WIDE and layer.role in BEHIND for layer in different):
        region |= np.isin(old, [i for i, layer in enumerate(first, start=1) if layer.role in BEHIND])
    edit = Edit(before=before, after=after, region=region, operation=operation, arguments=arguments)
    return _said(edit, words, s.rng)


def _said(edit: Edit, words: dict[str, str], rng: Rng) -> Edit:
    return replace(edit, wordings=say(edit.operation, words, rng))


# ---- operations --------------------------------------------------------------------------------------------------------
def _add_sky(s: Setting) -> Made:
    time = s.rng.choice(list(TIMES))
    front = (s.ground("grass"), s.subject) if s.rng.chance(0.4) else (s.subject,)
    words = about(s.noun) | {"sky": TIMES[time][1]}
    return front, (s.sky(time), *front), {"time": time}, words


def _change_time(s: Setting) -> Made:
    old, new = s.rng.shuffled(list(TIMES))[:2]
    front = (s.ground("grass"), s.subject)
    words = about(s.noun) | {
        "time": TIMES[new][0],
        "old_time": TIMES[old][0],
        "sky": TIMES[new][1],
        "at": TIMES[new][2],
    }
    return (s.sky(old), *front), (s.sky(new), *front), {"time": new, "was": old}, words


def _weather(s: Setting, kind: str) -> Made:
    time = s.rng.choice(("night", "storm", "day", "sunset"))
    new, old = s.rng.shuffled(list(FALLING))
    back, front = (s.sky(time),), (s.ground("grass"), s.subject)
    words = about(s.noun)
    for slot, weather in (("weather", new if kind != "remove" else old), ("old_weather", old)):
        words |= {slot: weather, f"{slot}_verb": FALLING[weather][0], f"{slot}_ing": FALLING[weather][1]}
    first = (*back, *((s.falling(old, time),) if kind != "add" else ()), *front)
    second = (*back, *((s.falling(new, time),) if kind != "remove" else ()), *front)
    return first, second, {"weather": words["weather"]} | ({"was": old} if kind == "change" else {}), words


def _light(s: Setting, kind: str) -> Made:
    thing = s.rng.choice([t for t in LIGHTS if kind != "move" or t in ("moon", "sun", "lightning")])
    time = s.rng.choice(LIGHTS[thing])
    side, other = s.rng.shuffled(["left", "right"])
    sided = thing in ("moon", "sun", "lightning")
    back, front = (s.sky(time),), (s.ground("grass"), s.subject)
    one, two = (*back, s.light(thing, side, time), *front), (*back, *front)
    words = about("sky") | {
        "thing": thing,
        "a_thing": f"the {thing}" if thing == "sun" else article(thing),
        "a_sky": TIMES[time][1],
        "at_side": f" on the {side}" if sided else "",
        "side": other,
        "old_side": side,
    }
    if kind == "add":
        return two, one, {"thing": thing} | ({"side": side} if sided else {}), words
    if kind == "remove":
        return one, two, {"thing": thing}, words
    return one, (*back, s.light(thing, other, time), *front), {"thing": thing, "from": side, "to": other}, words


def _ground(s: Setting, kind: str) -> Made:
    new, old = s.rng.shuffled(list(GROUNDS))[:2]
    back = (s.sky(s.rng.choice(("day", "night", "sunset"))),) if kind == "change" or s.rng.chance(0.5) else ()
    words = about(s.noun) | {"ground": GROUNDS[new], "old_ground": GROUNDS[old]}
    first = (*back, *((s.ground(old),) if kind == "change" else ()), s.subject)
    return first, (*back, s.ground(new), s.subject), {"ground": new} | ({"was": old} if kind == "change" else {}), words


def _object(s: Setting, kind: str) -> Made | None:
    back, _ = s.backed()
    noun, raw = s.thing()
    spots = s.anchors(noun, raw)
    if len(spots) < 2:
        return None
    here, there = spots[:2]
    one = s.placed(noun, raw, here)
    assert one is not None
    words = about(s.noun) | {"thing": noun, "a_thing": article(noun), "where": at(here)}
    none, some = (*back, s.subject), (*back, s.subject, one)
    if kind == "add":
        return none, some, {"thing": noun, "where": here}, words
    if kind == "remove":
        return some, none, {"thing": noun, "where": here}, words
    if kind == "move":
        two = s.placed(noun, raw, there)
        assert two is not None
        words |= {"where": at(there), "to_where": f"the {there}", "old_where": f"the {here}", "old_at": at(here)}
        return some, (*back, s.subject, two), {"thing": noun, "from": here, "to": there}, words
    if kind == "resize":
        bigger = s.rng.chance(0.5)
        large = s.drawn(raw.params["family"], raw.params["seed"], s.object_px * 3 // 2)
        if {k: v for k, v in large.params.items() if k not in PLACED} != {
            k: v for k, v in raw.params.items() if k not in PLACED
        }:
            return None
        big = s.placed(noun, large, here)
        if big is None:
            return None
        words |= {"size": "bigger" if bigger else "smaller", "opposite": "small" if bigger else "big"}
        with_big = (*back, s.subject, big)
        return (
            (some, with_big, {"thing": noun, "size": "bigger"}, words)
            if bigger
            else (with_big, some, {"thing": noun, "size": "smaller"}, words)
        )
    other, picture = s.thing(not_like=noun, number=1)
    two = s.placed(other, picture, here)
    if two is None:
        return None
    words |= {"old": noun, "a_old": article(noun), "thing": other, "a_thing": article(other)}
    return some, (*back, s.subject, two), {"thing": other, "was": noun, "where": here}, words


def _object_count(s: Setting) -> Made | None:
    back, _ = s.backed()
    noun, raw = s.thing()
    step = crop(raw.rgba, box(opaque(raw.rgba))).shape[1] + 1
    spots = [("bottom left", i * step) for i in range(8)] + [("top left", i * step) for i in range(8)]
    fit = [layer for a, x in spots if (layer := s.placed(noun, raw, a, x))]
    fit = [layer for layer in fit if layer.where == fit[0].where]
    if len(fit) < 2:
        return None
    old, new = s.rng.shuffled(list(range(1, min(len(fit), 5) + 1)))[:2]
    things = pluralized(noun)
    words = about(s.noun) | {
        "n": NUMBERS[new] if s.rng.chance(0.7) else str(new),
        "old_n": NUMBERS[old],
        "things": things if new > 1 else noun,
        "many": things,
        "are": "is" if new == 1 else "are",
        "things_is": "is" if old == 1 else "are",
        "more_or_less": f"add {article(noun)}"
        if new == old + 1
        else "add some"
        if new > old
        else "take some away"
        if old - new > 1
        else "take one away",
    }
    first, second = (*back, s.subject, *fit[:old]), (*back, s.subject, *fit[:new])
    return first, second, {"thing": noun, "count": new, "was": old}, words


SCENE: dict[str, Callable[[Setting], Made | None]] = {
    "add_sky": _add_sky,
    "change_time": _change_time,
    "add_weather": lambda s: _weather(s, "add"),
    "remove_weather": lambda s: _weather(s, "remove"),
    "change_weather": lambda s: _weather(s, "change"),
    "add_sky_object": lambda s: _light(s, "add"),
    "remove_sky_object": lambda s: _light(s, "remove"),
    "move_sky_object": lambda s: _light(s, "move"),
    "add_ground": lambda s: _ground(s, "add"),
    "change_ground": lambda s: _ground(s, "change"),
    "add_object": lambda s: _object(s, "add"),
    "remove_object": lambda s: _object(s, "remove"),
    "replace_object": lambda s: _object(s, "replace"),
    "move_object": lambda s: _object(s, "move"),
    "resize_object": lambda s: _object(s, "resize"),
    "change_object_count": _object_count,
}


def draw(operation: str, seed: int) -> Edit | None:
    """A scene edit from a seed, or None where the drawn scene cannot show it."""
    s = setting(seed)
    if s is None:
        return None
    try:
        made = SCENE[operation](s)
    except LookupError:
        return None
    return compose(s, operation, made) if made else None
