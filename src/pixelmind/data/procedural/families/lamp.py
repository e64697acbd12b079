"""Lights: street lamps, hanging lanterns, wall torches, candelabra, paper lanterns, desk lamps and braziers."""

from __future__ import annotations

from pixelmind.data.procedural import backdrop as bd
from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import TALL, Family, Params, choice, flag
from pixelmind.data.procedural.pen import Pen, colors, flame, snap
from pixelmind.data.procedural.rng import Rng

METALS = ("black", "gold", "silver", "green", "red", "white")
KINDS = {
    "street lamp": ("black", "green", "silver"),
    "hanging lantern": ("black", "gold", "silver"),
    "wall torch": ("black",),
    "candelabra": ("gold", "silver", "black"),
    "paper lantern": ("red", "white", "green"),
    "desk lamp": ("red", "green", "black", "white"),
    "brazier": ("black", "gold", "silver"),
}
PARAMETERS = {
    "lamp": choice(*KINDS, weights=(4, 3, 3, 2, 2.5, 2, 2)),
    "color": choice(*METALS),
    "lit": choice("lit", "unlit", weights=(4, 1)),
    "light_color": colors("yellow", "orange", "blue", "green"),
    "twin": flag(0.35),
    "backdrop": choice("none", "night", "sunset", weights=(7, 2, 1)),
}


def fit(p: Params, h: int, w: int) -> None:
    kind, s = p["lamp"], min(h, w)
    snap(p, "color", METALS, KINDS[kind])
    if p["lit"] == "unlit":
        p["light_color"] = None
    if kind not in ("street lamp", "candelabra") or s < 16:
        p["twin"] = False
    if kind != "street lamp":
        p["backdrop"] = "none"


def _light(p: Params, pen: Pen, c: Canvas, x: float, y: float, w: float, h: float) -> None:
    """A flame in the light's own colour, or a dark wick."""
    if p["lit"] == "lit":
        hot, outer = {
            "yellow": ("white", "yellow"),
            "orange": ("flame", "orange"),
            "blue": ("white", "blue"),
            "green": ("white", "green"),
        }[p["light_color"]]
        flame(c, pen, x, y, w, h, hot, outer)
    else:
        c.paint(pen.rect(x - 0.3, y - 1, x + 0.3, y), "ink", "wick", 0)


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    x: float
    pen, kind, color, rim = Pen(c), p["lamp"], p["color"], c.s >= 16
    glass, tone = (p["light_color"], 0.6) if p["lit"] == "lit" else ("glass", -1.0)
    if p["backdrop"] != "none":
        bd.sky(c, p["backdrop"], rng, round(c.h * 0.86))
        bd.ground(c, round(c.h * 0.86), "stone", rng)
        if p["lit"] == "lit":
            c.touch(pen.oval(1, -2, 13, 9) & (c.mat > 0), 0.8)
    if kind == "street lamp":
        c.paint(pen.rect(6.4, 3, 7.6, 13.4), color, "post", "column")
        c.paint(pen.rect(5, 12.4, 9, 14), color, "base", "bevel", rim=rim)
        c.paint(pen.rect(5.8, 11, 8.2, 12.4), color, "base", 0.2)
        heads = ((3, 1.4), (11, 1.4)) if p["twin"] else ((7, 1),)
        if p["twin"]:
            c.paint(pen.rect(3, 5, 11, 6), color, "arms", 0.3, rim=rim)
            c.paint(pen.rect(6.2, 2.6, 7.8, 4), color, "post", 0.6)
        for x, y in heads:
            body = pen.poly((x - 1.8, y), (x + 1.8, y), (x + 1.2, y + 4), (x - 1.2, y + 4))
            c.paint(body, glass, "lamp", c.ball(body, 0.8) + tone * 0.4)
            c.paint(
                pen.poly((x - 0.5, y - 1.4), (x + 0.5, y - 1.4), (x + 2.3, y + 0.5), (x - 2.3, y + 0.5)),
                color,
                "cap",
                0.4,
                rim=rim,
            )
            c.paint(pen.rect(x - 1.5, y + 3.6, x + 1.5, y + 4.4), color, "lamp", 0)
            if c.s >= 32:
                c.paint(pen.rect(x - 0.2, y + 0.4, x + 0.2, y + 3.6), color, "lamp", -0.2)
    elif kind == "hanging lantern":
        c.paint(pen.ring(5, 0, 9, 4, 0.8), color, "handle", 0.3)
        body = pen.rect(3.4, 4.6, 10.6, 11.6)
        c.paint(body, glass, "glass", c.ball(body, 1.0) + tone * 0.3)
        if p["lit"] == "lit":
            flame(c, pen, 7, 11.4, 3.2, 4.6, "white", p["light_color"])
        bars = c.mirror(pen.rect(3, 4.6, 4, 12)) | (pen.rect(6.7, 4.6, 7.3, 6) if c.s >= 24 else c.empty())
        c.paint(bars, color, "frame", "column")
        cap = pen.poly((5.6, 2.6), (8.4, 2.6), (11.6, 5), (2.4, 5))
        c.paint(cap, color, "frame", c.column(cap, 1.2), rim=rim)
        foot = pen.rect(2.4, 11.4, 11.6, 13.4)
        c.paint(foot, color, "frame", c.column(foot, 1.2), rim=rim)
    elif kind == "wall torch":
        c.paint(pen.rect(4.6, 8, 9.4, 12.4), "iron", "bracket", "bevel")
        stick = pen.poly((6, 6), (8, 6), (7.6, 14), (6.4, 14))
        c.paint(stick, "wood", "torch", c.column(stick, 1.2), rim=rim)
        cup = pen.poly((4.4, 5.4), (9.6, 5.4), (8.4, 8), (5.6, 8))
        c.paint(cup, color, "cup", c.column(cup, 1.2), rim=rim)
        _light(p, pen, c, 7, 5.6, 5.4, 5.8)
    elif kind == "candelabra":
        xs = (2, 7, 12) if p["twin"] else (7,)
        c.paint(pen.rect(6.4, 6, 7.6, 13), color, "stand", "column")
        c.paint(pen.poly((5, 12), (9, 12), (10.6, 14), (3.4, 14)), color, "stand", "column", rim=rim)
        if p["twin"]:
            arm = pen.limb(((2, 7.4), (3, 10.6), (7, 10)), 1.1, 1.1)
            c.paint(c.mirror(arm), color, "arms", 0.3, rim=rim)
        for x in xs:
            y = 7.4 if x != 7 else 6.4
            c.paint(pen.rect(x - 0.8, y - 3, x + 0.8, y), "white", "candles", "column")
            c.paint(pen.rect(x - 1.5, y - 0.4, x + 1.5, y + 0.7), color, "cups", 0.4, rim=rim)
            _light(p, pen, c, x, y - 3, 1.7, 3)
    elif kind == "paper lantern":
        c.paint(pen.rect(6.6, 0, 7.4, 2), "ink", "string", 0.3)
        body = pen.oval(1.4, 1.6, 12.6, 11.4)
        c.paint(body, color, "paper", c.ball(body, 1.2) + (0.5 if p["lit"] == "lit" else -0.7))
        if p["lit"] == "lit":
            c.paint(pen.oval(4.6, 4.4, 9.4, 9.4), p["light_color"], "light", 0.6)
        if c.s >= 16:
            for y in (3.6, 5.6, 7.6, 9.4):
                c.touch(pen.rect(0, y, 14, y + 0.4) & body, -0.9)
        c.paint(pen.rect(4.4, 1, 9.6, 2.2) | pen.rect(4.4, 10.8, 9.6, 12), "ink", "caps", 0.4, rim=rim)
        c.paint(pen.rect(6.5, 12, 7.5, 14), "gold", "tassel", 0)
    elif kind == "desk lamp":
        base = pen.rect(3, 12.4, 10, 14)
        c.paint(pen.line((6.4, 12.4), (3.4, 7.4), (7.6, 3.6), width=0.9), "iron", "arm", 0.2)
        c.paint(base, color, "base", "bevel", rim=rim)
        if p["lit"] == "lit":
            c.paint(pen.oval(9, 6.4, 13, 9.2), p["light_color"], "bulb", 0.6)
        else:
            c.paint(pen.oval(9.4, 6.4, 12.6, 9), "glass", "bulb", -0.6)
        shade = pen.poly((7, 1.6), (9.6, 1.6), (14, 8), (7.4, 8))
        c.paint(shade, color, "shade", c.column(shade, 1.3), rim=rim)
    else:  # brazier
        for x in (3.4, 10.6):
            c.paint(pen.line((7, 8), (x, 13.8), width=1.0), color, "legs", -0.3)
        c.paint(pen.rect(6.4, 8, 7.6, 14), color, "legs", -0.9)
        _light(p, pen, c, 7, 7.4, 8, 7.4)
        bowl = pen.oval(2, 3, 12, 11) & pen.rect(0, 7, 14, 14)
        c.paint(bowl, color, "bowl", c.column(bowl, 1.3), rim=rim)
        c.paint(pen.rect(1.4, 6.4, 12.6, 7.6), color, "bowl", 0.7, rim=rim)


def words(p: Params) -> Words:
    kind, light = p["lamp"], p["light_color"]
    nouns = {
        "street lamp": ("street lamp", "lamp post", "street light", "lamppost"),
        "hanging lantern": ("lantern", "hanging lantern", "lantern"),
        "wall torch": ("wall torch", "torch", "torch on a bracket"),
        "candelabra": ("candelabra", "candle holder", "candlestick")
        if p["twin"]
        else ("candlestick", "candle holder", "candle on a stand"),
        "paper lantern": ("paper lantern", "japanese lantern", "chinese lantern"),
        "desk lamp": ("desk lamp", "table lamp", "reading lamp"),
        "brazier": ("brazier", "fire bowl", "fire brazier" if light else "brazier"),
    }[kind]
    having: list[Fact] = []
    flame_like = kind in ("wall torch", "candelabra", "brazier")
    if light:
        what = ("flames" if p["twin"] else "flame") if flame_like else "light"
        having.append((f"{{{light}}} {what}" if what == "flames" else f"a~{{{light}}} {what}", f"a~{{{light}}} glow"))
    if kind == "street lamp" and p["twin"]:
        having.append(("two lamps", "two lights"))
    if kind == "candelabra" and p["twin"]:
        having.append(("three candles", "3 candles"))
    state = ("lit", "burning" if flame_like else "glowing", "shining") if light else ("unlit", "dark")
    return Words(
        nouns=nouns,
        adjectives=(state, f"{{{p['color']}}}" if kind != "wall torch" else ""),
        having=tuple(having),
        place=bd.places(p),
    )


FAMILY = Family(
    name="lamp",
    kind="object",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=TALL,
    weight=1.2,
    genres=("modern", "fantasy"),
)
