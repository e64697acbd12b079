"""Bridges seen from the side, over water or a gorge: stone arches, wooden, rope and suspension bridges."""

from __future__ import annotations

import numpy as np

from pixelmind.data.procedural import backdrop as bd
from pixelmind.data.procedural.canvas import Canvas, grow
from pixelmind.data.procedural.captions import NUMBERS, Fact, Words
from pixelmind.data.procedural.family import Family, Params, choice, count
from pixelmind.data.procedural.pen import bricks
from pixelmind.data.procedural.rng import Rng

PARAMETERS = {
    "bridge": choice("stone", "wooden", "rope", "suspension", weights=(4, 3, 2.5, 3)),
    "material": choice("grey", "sandstone", "brick", "red", "brown", "dark brown", weights=(3, 2, 2, 2, 3, 1)),
    "arches": count(1, 3),
    "below": choice("water", "gorge", weights=(3, 2)),
    "lamps": count(0, 2),
    "backdrop": choice("none", "day", "sunset", "night", "dawn", weights=(4, 3, 2, 2, 1)),
}


def fit(p: Params, h: int, w: int) -> None:
    kind, s = p["bridge"], min(h, w)
    allowed = {
        "stone": ("grey", "sandstone", "brick"),
        "suspension": ("red", "grey"),
        "wooden": ("brown", "dark brown", "red"),
        "rope": ("brown", "dark brown"),
    }[kind]
    if p["material"] not in allowed:
        p["material"] = allowed[PARAMETERS["material"].values.index(p["material"]) % len(allowed)]
    if kind not in ("stone",):
        p["arches"] = 0
    elif s < 12:
        p["arches"] = 1
    elif s < 24:
        p["arches"] = min(p["arches"], 2)
    if p["backdrop"] == "none":
        p["below"] = "water"
    if kind in ("rope", "suspension") or s < 24:
        p["lamps"] = 0
    if kind == "rope" and p["backdrop"] != "none":
        p["below"] = "gorge"


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    s, u, kind, m = c.s, c.s / 32, p["bridge"], 0 if c.s <= 10 else 1
    color: str = p["material"]
    deck, low = round(c.h * 0.56), round(c.h * 0.82)
    bank = max(2, round(c.w * 0.12))
    dim = {"none": 0.0, "day": 0.0, "dawn": -0.2, "sunset": -0.5, "night": -1.2}[p["backdrop"]]
    back = p["backdrop"] != "none"
    x0, x1 = (0, c.w) if back else (m, c.w - m)
    if back:
        bd.sky(c, p["backdrop"], rng, c.h if p["below"] == "gorge" else low)
        if s >= 16:
            far = (c.ys >= low - 2 * u - (rng.smooth(1, c.w, max(4, c.w // 3)) * 8 * u).round()) & (c.ys < c.h)
            c.paint(far, "mountain" if p["below"] == "gorge" else "pine", "hills", -0.6 + dim, back=True)
    if p["below"] == "water":
        water = c.rect(x0, low, x1 - x0, c.h - low - (0 if back else m))
        c.paint(water, "water", "water", c.fall(water, 0.7, -0.8).round() + dim * 0.5, back=back)
        c.touch(water & (rng.noise(c.h, c.w) > 0.86) & ((c.ys - low) % 2 == 1), 1.0)
    else:
        mist = c.rect(0, c.h - round(4 * u), c.w, round(4 * u))
        c.paint(mist, "water", "river", -0.4 + dim, back=True)
    cliff = c.poly(
        (x0, deck + 1),
        (x0 + bank, deck + 1),
        (x0 + bank * 0.7, c.h - 1 - (0 if back else m)),
        (x0, c.h - 1 - (0 if back else m)),
    )
    both = c.mirror(cliff)
    c.paint(both, "dirt" if p["below"] == "water" else "stone", "banks", c.fall(both, 0.2, -0.9) + dim)
    c.paint(both & (c.ys < deck + 1 + max(1, round(1.4 * u))), "grass", "grass", dim)
    if p["below"] == "gorge" and s >= 24:
        c.touch(both & ((c.ys + c.xs // 3).astype(int) % 6 == 0) & (c.ys > deck + 3), -0.7)
    thick = max(1, round(1.6 * u))
    if kind == "stone":
        n = p["arches"]
        rise = round(2.4 * u) if n == 1 else 0
        crown = deck - np.round(rise * (1 - ((c.xs + 0.5) / c.w * 2 - 1) ** 2))
        wall = (c.ys >= crown) & (c.ys < low + (c.h - low) * 0.4) & (c.xs >= x0) & (c.xs < x1)
        span = (x1 - x0 - bank) / n
        hole = c.empty()
        for i in range(n):
            ax = x0 + bank / 2 + span * i + max(1, 1.2 * u)
            aw = span - 2 * max(1, 1.2 * u)
            tall = min(aw * 0.6, low - deck - 1.4 * u + rise * 0.7)
            hole |= c.oval(ax, low - tall, aw, 2 * tall) & (c.ys < c.h)
            hole |= c.rect(ax, low, aw, c.h)
        c.paint(wall & ~hole, color, "bridge", c.fall(wall, 0.5, -0.7) + dim * 0.6)
        if s >= 24:
            bricks(c, wall & ~hole & ~grow(hole), rng, 0.6)
            c.touch(grow(hole) & ~hole & wall, 0.9)
        rail = (c.ys >= crown - max(1, round(1.8 * u))) & (c.ys < crown) & (c.xs >= x0) & (c.xs < x1)
        c.paint(rail, color, "railing", 0.8 + dim * 0.6, rim=s >= 16)
        if s >= 32:
            c.touch(rail & (c.xs % max(4, round(3 * u)) == 0), -1.2)
    elif kind == "wooden":
        for i in range(1, 4 if s >= 16 else 3):
            x = x0 + (x1 - x0) * i / (4 if s >= 16 else 3)
            post = c.rect(round(x - thick / 2), deck, thick, low - deck + 2 * u)
            c.paint(post, color, "posts", -0.8 + dim * 0.6)
        if s >= 24:
            for i in range(4):
                a, b = x0 + (x1 - x0) * i / 4, x0 + (x1 - x0) * (i + 1) / 4
                c.paint(
                    c.stroke((a, deck + 1), (b, low - 1)) if i % 2 == 0 else c.stroke((b, deck + 1), (a, low - 1)),
                    color,
                    "posts",
                    -1.0 + dim * 0.6,
                )
        planks_ = c.rect(x0, deck, x1 - x0, max(1, round(2 * u)))
        c.paint(planks_, color, "bridge", c.fall(planks_, 0.8, -0.4) + dim * 0.6, rim=s >= 16)
        if s >= 16:
            c.touch(planks_ & (c.xs % max(2, round(2 * u)) == 0), -0.9)
            rail_y = deck - max(2, round(4 * u))
            c.paint(c.rect(x0, rail_y, x1 - x0, max(1, round(u))), color, "railing", 0.5 + dim * 0.6)
            step = max(4, round(5 * u))
            c.paint(
                c.rect(x0, rail_y, x1 - x0, deck - rail_y) & ((c.xs - x0) % step < max(1, round(u))),
                color,
                "railing",
                0.1 + dim * 0.6,
            )
    elif kind == "rope":
        sag = 4 * u
        t = (c.xs - c.w / 2 + 0.5) / (c.w / 2)
        sagging = np.round(deck + sag * (1 - t * t))
        floor_ = (c.ys >= sagging) & (c.ys < sagging + max(1, round(1.6 * u))) & (c.xs >= x0) & (c.xs < x1)
        c.paint(floor_, color, "bridge", 0.3 + dim * 0.6)
        c.touch(floor_ & (c.xs % max(2, round(2 * u)) == 0), -1.2)
        gap = max(2, round(4 * u))
        rope = (c.ys == sagging - gap) & (c.xs >= x0) & (c.xs < x1)
        ties = (
            (c.ys > sagging - gap) & (c.ys < sagging) & (c.xs % max(3, round(4 * u)) == 1) & (c.xs >= x0) & (c.xs < x1)
        )
        c.paint(rope | ties, "tan", "ropes", 0.2 + dim * 0.6)
        for x in (x0 + bank - thick, x1 - bank):
            c.paint(c.rect(x, deck - gap - 2 * u, thick, gap + 3 * u), color, "posts", 0.4 + dim * 0.6)
    else:
        top = max(m, round(c.h * 0.12))
        towers = (x0 + (x1 - x0) * 0.26, x0 + (x1 - x0) * 0.74 - thick)
        t0, t1 = towers[0] + thick / 2, towers[1] + thick / 2
        xs = c.xs + 0.5
        middle = (t0 + t1) / 2
        half = (t1 - t0) / 2
        inner = top + (deck - top - 1.5 * u) * (1 - ((xs - middle) / half) ** 2)
        left = top + (deck - top) * (t0 - xs) / max(1.0, t0 - x0)
        right = top + (deck - top) * (xs - t1) / max(1.0, x1 - t1)
        line = np.round(np.where(xs < t0, left, np.where(xs > t1, right, inner)))
        prev = np.concatenate([line[:, :1], line[:, :-1]], axis=1)
        inside = (c.xs >= x0) & (c.xs < x1)
        cable = (c.ys >= np.minimum(line, prev)) & (c.ys <= np.maximum(line, prev)) & inside
        hangers = (c.ys > line) & (c.ys < deck) & ((c.xs - x0).astype(int) % max(2, round(2.6 * u)) == 0) & inside
        if s >= 16:
            c.paint(hangers, color, "cables", -0.5 + dim * 0.6)
        c.paint(cable, color, "cables", 0.3 + dim * 0.6)
        for x in towers:
            tower = c.rect(round(x), top - 1, max(1, thick), low - top + 2 * u)
            c.paint(tower, color, "towers", c.column(tower, 0.8) + dim * 0.6, rim=s >= 16)
        road = c.rect(x0, deck, x1 - x0, max(1, round(1.8 * u)))
        c.paint(road, color, "bridge", c.fall(road, 0.8, -0.8) + dim * 0.6, rim=s >= 16)
    for i in range(p["lamps"]):
        x = round(c.w * (0.3 + 0.4 * i))
        y = deck - round(9 * u)
        c.paint(c.rect(x, y, max(1, round(0.8 * u)), deck - y), "black", "lamps", 0.3)
        k = max(2, round(2 * u))
        c.paint(c.rect(x - k // 2 + (thick > 1), y - k, k, k), "flame", "lamps", 0.5)


def words(p: Params) -> Words:
    kind, material = p["bridge"], p["material"]
    nouns = {
        "stone": ("bridge", "stone bridge", "arch bridge")
        if material == "grey"
        else ("bridge", "arch bridge", "bridge with arches"),
        "wooden": ("bridge", "wooden bridge", "footbridge"),
        "rope": ("rope bridge", "hanging bridge", "rope bridge"),
        "suspension": ("suspension bridge", "bridge", "cable bridge"),
    }[kind]
    having: list[Fact] = []
    if p["arches"]:
        n = p["arches"]
        having.append(("one arch", "a single arch") if n == 1 else (f"{NUMBERS[n]} arches", f"{n} arches"))
    if kind == "suspension":
        having.append(("two towers", "two pylons"))
    if p["lamps"] and "lamps" in p["visible"]:
        having.append(("a lamp", "a street lamp") if p["lamps"] == 1 else ("two lamps", "lamps"))
    where: Fact = ("over water", "over a river") if p["below"] == "water" else ("over a gorge", "over a deep gorge")
    look: Fact = {"brick": ("brick",), "sandstone": ("sandstone",)}.get(material, f"{{{material}}}")
    return Words(
        nouns=nouns,
        adjectives=(look,),
        having=tuple(having),
        place=(where, *bd.places(p)),
        lacking=("lamps",) if not p["lamps"] else (),
    )


FAMILY = Family(
    name="bridge",
    kind="building",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    view="side",
    sizes=((8, 8), (16, 16), (24, 24), (32, 32), (32, 32), (48, 48), (64, 64), (32, 48), (24, 32), (16, 32), (48, 64)),
    weight=1.3,
    genres=("fantasy", "modern"),
)
