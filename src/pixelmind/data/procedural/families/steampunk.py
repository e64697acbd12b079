"""Steampunk things: airships, boilers, gears, clockwork engines, gauges and goggles."""

from __future__ import annotations

from pixelmind.data.procedural import backdrop as bd
from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import NUMBERS, Fact, Words
from pixelmind.data.procedural.families.icon import gear_wheel
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice, count
from pixelmind.data.procedural.pen import Pen, colors, smoke
from pixelmind.data.procedural.rng import Rng

METALS = {"copper": "copper", "gold": "gold", "iron": "iron", "steel": "steel"}
PARAMETERS = {
    "thing": choice("airship", "boiler", "gears", "gauge", "goggles", "steam engine", weights=(5, 3, 3, 2, 2, 3)),
    "metal": choice(*METALS, weights=(5, 4, 2, 2)),
    "color": colors("red", "brown", "blue", "green", "beige", "purple"),
    "number": count(1, 3),
    "reading": choice("low", "middle", "high"),
    "steam": choice("steam", "none", weights=(3, 2)),
    "backdrop": bd.backdrop(0.6),
}


def fit(p: Params, h: int, w: int) -> None:
    kind, s = p["thing"], min(h, w)
    if kind != "airship":
        p["backdrop"] = "none"
    if kind not in ("airship", "goggles", "steam engine"):
        p["color"] = None
    if kind != "gears":
        p["number"] = 0
    elif s < 16:
        p["number"] = min(p["number"], 2)
    if kind != "gauge" and (kind != "boiler" or s < 16):
        p["reading"] = None
    if kind not in ("boiler", "steam engine") or s < 12:
        p["steam"] = "none"


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    pen, kind, metal, rim = Pen(c, stretch=1.0), p["thing"], METALS[p["metal"]], c.s >= 16
    other = "iron" if metal in ("copper", "gold") else "copper"
    if kind == "airship":
        if p["backdrop"] != "none":
            bd.sky(c, p["backdrop"], rng, c.h)
        bag = pen.oval(0, 0.4, 14, 8)
        c.paint(
            pen.line((3.4, 7), (4.6, 10)) | pen.line((10.6, 7), (9.4, 10)) | pen.line((7, 7.6), (7, 10)),
            "dark brown",
            "ropes",
            0,
        )
        c.paint(pen.poly((11.4, 2), (14, 0.6), (14, 7.6), (11.4, 6.2)), p["color"], "fin", -0.7)
        c.paint(bag, p["color"], "balloon", c.ball(bag, 1.6), rim=rim)
        if c.s >= 16:
            for x in (3.6, 7, 10.4):
                c.paint(
                    pen.limb(((x, 0), (x - (x - 7) * 0.1, 4), (x, 8.4)), 0.5, 0.5) & bag,
                    metal,
                    "bands",
                    c.ball(bag, 1.2),
                )
        hull = pen.poly((2.6, 10), (11.4, 10), (10, 13), (4, 13))
        c.paint(hull, "wood", "gondola", c.fall(hull, 0.8, -1.0), rim=rim)
        c.paint(pen.rect(2.4, 9.4, 11.6, 10.3), metal, "rail", 0.3, rim=rim)
        if c.s >= 16:
            for x in (4.6, 6.6, 8.6):
                c.paint(pen.rect(x, 11, x + 0.9, 11.9), "flame", "windows", 0.3)
        c.paint(pen.rect(11.4, 10.6, 12.4, 11.6), "iron", "propeller", 0)
        c.paint(pen.rect(12.2, 9, 13, 13.2), metal, "propeller", "fall", rim=rim)
    elif kind == "boiler":
        c.paint(pen.rect(9, 1, 10.6, 5), other, "chimney", "column")
        c.paint(pen.rect(8.4, 0.4, 11.2, 1.4), other, "chimney", 0.6, rim=rim)
        c.paint(pen.rect(2.6, 12, 4.6, 14) | pen.rect(9.4, 12, 11.4, 14), "iron", "feet", -0.3)
        body = pen.oval(1.6, 3, 12.4, 7) | pen.rect(1.6, 5, 12.4, 12.6)
        c.paint(body, metal, "boiler", "column", rim=rim)
        bands = pen.rect(1.2, 5.4, 12.8, 6.4) | pen.rect(1.2, 11.4, 12.8, 12.6)
        c.paint(bands, other, "bands", c.column(bands, 1.2), rim=c.s >= 24)
        if c.s >= 24:
            x, _, _, _ = c.box(bands)
            c.touch(bands & ((c.xs - x) % 4 == 1) & ((c.ys - pen.y(5.4)) % pen.px(1) == 0), 1.2)
        fire = pen.rect(4.6, 8.6, 9.4, 11)
        c.paint(fire, "ink", "firebox", 0.2, rim=rim)
        c.paint(pen.rect(5.2, 9.4, 8.8, 11), "fire", "firebox", 0)
        c.paint(fire & ((c.xs - c.box(fire)[0]) % 2 == 1) & (c.s >= 16), "iron", "firebox", -0.3)
        if p["reading"]:
            _dial(p, c, pen, 4.6, 7.4, 1.5, other)
        if p["steam"] == "steam":
            smoke(c, pen, 9.8, 0.6, 2, 1.6, 1.2, "white")
    elif kind == "gears":
        spots = {
            1: ((7, 7, 7.0),),
            2: ((5, 5.2, 5.0), (10.2, 10.4, 3.6)),
            3: ((4.8, 4.8, 4.6), (10.4, 7.4, 3.4), (5, 11.2, 2.8)),
        }[p["number"]]
        for i, (x, y, r) in reversed(list(enumerate(spots))):
            wheel = gear_wheel(c, pen, x, y, r, 10 if r > 6 and c.s >= 24 else 8)
            c.paint(wheel, metal if i % 2 == 0 else other, "gears", c.ball(wheel, 1.4), rim=rim)
            if r * pen.u >= 12:
                groove = pen.ring(x - r * 0.62, y - r * 0.62, x + r * 0.62, y + r * 0.62, r * 0.12) & wheel
                c.touch(groove, -0.9)
    elif kind == "gauge":
        c.paint(pen.rect(5.6, 12, 8.4, 14), other, "pipe", "column")
        _dial(p, c, pen, 7, 6.6, 6.6, metal)
    elif kind == "goggles":
        strap = pen.rect(0, 5.4, 14, 8.4)
        c.paint(strap, p["color"], "strap", c.fall(strap, 0.6, -0.8))
        for x in (4, 10):
            rim_ = pen.oval(x - 3, 3.8, x + 3, 10)
            c.paint(rim_, metal, "frame", c.ball(rim_, 1.4), rim=rim)
            lens = pen.oval(x - 1.9, 4.9, x + 1.9, 8.9)
            c.paint(lens, "teal", "lenses", c.ball(lens, 1.9), rim=c.s >= 24)
            if c.s >= 24:
                c.tone[pen.rect(x - 1.2, 5.6, x - 0.4, 6.4)] = 4
        c.paint(pen.rect(6.4, 6.2, 7.6, 7.4), metal, "frame", 0.3)
    else:  # steam engine: a flywheel driven by a cylinder
        base = pen.rect(0, 11.6, 14, 14)
        c.paint(base, p["color"], "base", "bevel")
        tank = pen.rect(0.6, 7, 6, 11)
        c.paint(tank, metal, "cylinder", c.fall(tank, 1.4, -1.2), rim=rim)
        c.paint(pen.rect(0.6, 7, 1.6, 11) | pen.rect(5, 7, 6, 11), other, "cylinder", c.fall(tank, 1.2, -1.0))
        c.paint(pen.rect(2, 2.4, 3.6, 7), other, "chimney", "column", rim=rim)
        c.paint(pen.rect(1.4, 1.6, 4.2, 2.8), other, "chimney", 0.6)
        wheel = pen.ring(6.6, 3, 14, 11.8, 1.2)
        spokes = (pen.rect(9.9, 3, 10.7, 11.8) | pen.rect(6.6, 7, 14, 7.8)) & pen.oval(6.6, 3, 14, 11.8)
        c.paint(spokes, other, "wheel", -0.6)
        c.paint(wheel, metal, "wheel", c.ball(wheel, 1.3), rim=rim)
        c.paint(pen.line((5.6, 9), (10.4, 9.4), width=0.8), "steel", "rod", 0.6)
        c.paint(pen.oval(9.4, 6.4, 11.2, 8.4), "gold" if metal != "gold" else "steel", "hub", 0.4)
        if p["steam"] == "steam":
            smoke(c, pen, 3, 1.8, 2, 1.5, 1.6, "white")


def _dial(p: Params, c: Canvas, pen: Pen, x: float, y: float, r: float, metal: str) -> None:
    case = pen.oval(x - r, y - r, x + r, y + r)
    c.paint(case, metal, "case", c.ball(case, 1.4), rim=c.s >= 16)
    face = pen.oval(x - r * 0.74, y - r * 0.74, x + r * 0.74, y + r * 0.74)
    c.paint(face, "white", "dial", 0)
    if r > 3 and c.s >= 16:
        for dx, dy in ((-0.55, 0.1), (-0.4, -0.4), (0, -0.6), (0.4, -0.4), (0.55, 0.1)):
            c.paint(pen.rect(x + dx * r - 0.3, y + dy * r - 0.3, x + dx * r + 0.3, y + dy * r + 0.3), "ink", "dial", 0)
    dx, dy = {"low": (-0.5, 0.1), "middle": (0.0, -0.56), "high": (0.5, 0.1)}[p["reading"]]
    c.paint(pen.line((x, y + 0.1), (x + dx * r, y + dy * r), width=r * 0.12), "red", "needle", 0)


def words(p: Params) -> Words:
    kind, metal = p["thing"], p["metal"]
    nouns = {
        "airship": ("airship", "steampunk airship", "zeppelin", "dirigible"),
        "boiler": ("boiler", "steam boiler", "furnace"),
        "gears": ("gear", "cogwheel", "cog") if p["number"] == 1 else ("gears", "cogwheels", "clockwork gears"),
        "gauge": ("pressure gauge", "steam gauge", "dial"),
        "goggles": ("goggles", "steampunk goggles", "aviator goggles"),
        "steam engine": ("steam engine", "steampunk engine", "steam machine"),
    }[kind]
    having: list[Fact] = []
    if kind == "airship":
        having.append((f"a~{{{p['color']}}} balloon", f"a~{{{p['color']}}} envelope"))
        having.append(("a propeller", "a wooden gondola"))
    if p["reading"] and "needle" in p["visible"]:
        having.append(
            {
                "low": ("a low reading", "its needle to the left"),
                "middle": ("its needle pointing up",),
                "high": ("a high reading", "its needle to the right"),
            }[p["reading"]]
            if kind == "gauge"
            else ("a gauge", "a pressure gauge")
        )
    if p["steam"] == "steam" and "smoke" in p["visible"]:
        having.append(("steam", "rising steam", "puffs of steam"))
    if kind == "goggles":
        having.append((f"a~{{{p['color']}}} strap", "{teal} lenses"))
    if kind == "steam engine":
        having.append((f"a~{{{p['color']}}} base", "a flywheel"))
    amount: Fact = (NUMBERS[p["number"]], "") if p["number"] > 1 else ""
    look: Fact = {"gold": ("brass", "{gold}")}.get(metal, (metal,)) if kind != "airship" else ("",)
    if p["number"] > 1:
        look = ""
    return Words(
        nouns=nouns,
        adjectives=(amount, look),
        having=tuple(having),
        place=bd.places(p),
        plural=kind == "goggles" or p["number"] > 1,
    )


FAMILY = Family(
    name="steampunk",
    kind="object",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=SQUARE,
    weight=1.3,
    genres=("steampunk",),
)
