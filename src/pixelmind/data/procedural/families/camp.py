"""Camps: tents, campfires and caravans, with logs, pots and stars above."""

from __future__ import annotations

from pixelmind.data.procedural import backdrop as bd
from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import LARGE, Family, Params, choice, flag
from pixelmind.data.procedural.pen import Pen, colors, flame, smoke
from pixelmind.data.procedural.rng import Rng

PARAMETERS = {
    "camp": choice("tent", "campfire", "tipi", "camp", weights=(4, 4, 2, 3)),
    "cloth_color": colors("orange", "green", "red", "blue", "beige", "yellow"),
    "stripe_color": choice(None, "white", "brown", "red", weights=(3, 2, 1, 1)),
    "fire": choice("burning", "out", weights=(5, 1)),
    "ring": choice("stones", "logs"),
    "smoke": flag(0.3),
    "pot": flag(0.3),
    "backdrop": bd.backdrop(0.5),
}


def fit(p: Params, h: int, w: int) -> None:
    kind, s = p["camp"], min(h, w)
    if kind == "camp" and s < 16:
        p["camp"] = kind = "tent"
    if kind == "campfire":
        p["cloth_color"] = p["stripe_color"] = None
    elif p["stripe_color"] == p["cloth_color"] or s < 12 or (p["cloth_color"], p["stripe_color"]) == ("beige", "white"):
        p["stripe_color"] = None
    if kind in ("tent", "tipi"):
        p["fire"] = p["ring"] = None
        p["smoke"] = p["pot"] = False
    if kind == "camp" or s < 16:
        p["pot"] = False
    if s < 16 or p["fire"] != "burning" or p["pot"]:
        p["smoke"] = False


def _fire(p: Params, c: Canvas, pen: Pen, x: float, y: float, w: float) -> None:
    """A campfire `w` units wide that stands on (x, y)."""
    rim = c.s >= 24
    for side in (1, -1):
        log = pen.line((x - side * w * 0.42, y - w * 0.06), (x + side * w * 0.34, y - w * 0.26), width=w * 0.16)
        c.paint(log, "dark wood" if side < 0 else "wood", "logs", 0.1, rim=rim)
    if p["fire"] == "burning":
        flame(c, pen, x, y - w * 0.14, w * 0.62, w * 0.8)
    else:
        c.paint(pen.oval(x - w * 0.2, y - w * 0.2, x + w * 0.2, y), "dark grey", "ash", 0)
    if p["ring"] == "stones":
        n = 5 if w * pen.u >= 9 else 3
        for i in range(n):
            sx = x - w * 0.46 + w * 0.92 * i / (n - 1)
            sy = y - w * 0.02 + (0.08 * w if 0 < i < n - 1 else -0.06 * w)
            stone = pen.oval(sx - w * 0.13, sy - w * 0.18, sx + w * 0.13, sy + w * 0.04)
            c.paint(stone, "stone", "stones", c.ball(stone, 1.3), rim=rim)
    else:
        log = pen.rect(x - w * 0.5, y - w * 0.1, x + w * 0.5, y + w * 0.06)
        c.paint(log, "wood", "logs", c.fall(log, 0.8, -0.8), rim=rim)
        c.paint(pen.oval(x + w * 0.36, y - w * 0.1, x + w * 0.52, y + w * 0.06), "tan", "logs", 0.4)


def _tent(p: Params, c: Canvas, pen: Pen, x: float, y: float, w: float, h: float) -> None:
    rim, color = c.s >= 16, p["cloth_color"]
    body = pen.poly((x - 0.3, y - h), (x + 0.3, y - h), (x + w / 2, y), (x - w / 2, y))
    c.paint(body, color, "tent", (c.xs < pen.x(x)) * 1.0 - 0.3 + c.ys * 0)
    if p["stripe_color"]:
        band = body & pen.rect(0, y - h * 0.42, 14, y - h * 0.24)
        c.paint(band, p["stripe_color"], "stripe", (c.xs < pen.x(x)) * 0.9 - 0.4 + c.ys * 0)
    door = pen.poly((x - 0.1, y - h * 0.7), (x + 0.1, y - h * 0.7), (x + w * 0.2, y), (x - w * 0.2, y))
    c.paint(door, "ink", "doorway", 0.3, rim=rim)
    flap = pen.poly((x + 0.1, y - h * 0.7), (x + w * 0.2, y), (x + w * 0.08, y))
    c.paint(flap, color, "tent", 0.9)
    c.paint(pen.line((x, y - h), (x, y - h - 0.8), width=0.5), "dark wood", "pole", 0)
    if c.s >= 24:
        c.paint(pen.line((x - w / 2 - 0.1, y - 0.2), (x - w / 2 - 0.5, y + 0.1)), "wood", "pegs", 0)


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    x0: float
    x1: float
    pen, kind, rim = Pen(c, stretch=1.2), p["camp"], c.s >= 16
    if p["backdrop"] != "none":
        horizon = round(c.h * 0.74)
        bd.sky(c, p["backdrop"], rng, horizon)
        if c.s >= 24:
            for i in range(4):
                x = c.w * (i + rng.uniform(0.1, 0.9)) / 4
                tall = c.h * rng.uniform(0.2, 0.34)
                tree = c.poly((x, horizon - tall), (x + tall * 0.36, horizon), (x - tall * 0.36, horizon))
                c.paint(tree, "pine", "trees", -0.9 if p["backdrop"] != "night" else -1.6, back=True)
        bd.ground(c, horizon, "grass", rng)
        if p["backdrop"] == "night":
            c.touch(c.rect(0, horizon, c.w, c.h), -0.7)
    if kind == "campfire":
        _fire(p, c, pen, 7, 13, 12)
        if p["pot"]:
            for x0, x1 in ((1.6, 6), (12.4, 8)):
                c.paint(pen.line((x0, 12.6), (x1, 0.8), width=0.6), "dark wood", "tripod", 0)
            c.paint(pen.rect(6.8, 0.8, 7.2, 3.4), "iron", "tripod", 0)
            pot = pen.oval(4.4, 2, 9.6, 6.8) & pen.rect(0, 3.4, 14, 14)
            c.paint(pot, "black", "pot", c.ball(pot, 1.4), rim=rim)
            c.paint(pen.rect(4.2, 3, 9.8, 3.9), "dark grey", "pot", 0.4)
        if p["smoke"]:
            smoke(c, pen, 7.4, 3.4, 2, 1.6, 0.7)
    elif kind == "tent":
        _tent(p, c, pen, 7, 13.6, 13.4, 11.8)
    elif kind == "tipi":
        for x0, x1 in ((4.4, 8.6), (9.6, 5.4), (7.6, 6.2)):
            c.paint(pen.line((x0, 0), (x1, 4), width=0.6), "dark wood", "pole", 0)
        body = pen.poly((6, 2.6), (8, 2.6), (12.6, 14), (1.4, 14))
        c.paint(body, p["cloth_color"], "tent", c.column(body, 1.2), rim=rim)
        if p["stripe_color"]:
            band = body & pen.rect(0, 8, 14, 10)
            zig = band & (
                abs((c.xs % max(4, round(2 * pen.u))) - max(2, round(pen.u))) + 0 * c.ys <= 1 + (c.ys - pen.y(8)) * 0.6
            )
            c.paint(zig, p["stripe_color"], "stripe", c.column(body, 0.9))
            c.paint(body & pen.rect(0, 4.4, 14, 5.4), p["stripe_color"], "stripe", c.column(body, 0.9))
        door = pen.poly((6.9, 8.4), (7.1, 8.4), (8.8, 14), (5.2, 14))
        c.paint(door, "ink", "doorway", 0.3, rim=rim)
    else:
        _tent(p, c, pen, 4.6, 12.4, 9, 8.6)
        _fire(p, c, pen, 10.8, 13.4, 5.6)
        if p["smoke"]:
            smoke(c, pen, 11, 8.4, 2, 1.1, 0.4)


def words(p: Params) -> Words:
    kind = p["camp"]
    nouns = {
        "tent": ("tent", "camping tent", "tent"),
        "campfire": ("campfire", "bonfire", "fire pit")
        if p["fire"] == "burning"
        else ("campfire", "fire pit", "camp fire"),
        "tipi": ("tipi", "teepee", "tipi tent"),
        "camp": ("camp", "campsite", "camp site"),
    }[kind]
    having: list[Fact] = []
    seen = p["visible"]
    if kind == "camp":
        having.append((f"a~{{{p['cloth_color']}}} tent", "a tent"))
        having.append(("a burning campfire", "a fire") if p["fire"] == "burning" else ("a cold fire pit",))
    elif kind == "campfire":
        having.append(("a ring of stones", "stones around it") if p["ring"] == "stones" else ("logs", "a log in front"))
    if p["stripe_color"] and "stripe" in seen:
        having.append(
            (f"a~{{{p['stripe_color']}}} stripe", "a stripe")
            if kind != "tipi"
            else (f"{{{p['stripe_color']}}} patterns", "patterns")
        )
    if p["pot"]:
        having.append(("a cooking pot", "a pot over it"))
    if p["smoke"] and "smoke" in seen:
        having.append("smoke")
    state: Fact = ""
    if kind == "campfire":
        state = ("burning", "crackling", "") if p["fire"] == "burning" else ("burnt out", "unlit")
    color = f"{{{p['cloth_color']}}}" if kind in ("tent", "tipi") else ""
    return Words(nouns=nouns, adjectives=(state, color), having=tuple(having), place=bd.places(p))


FAMILY = Family(
    name="camp",
    kind="object",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=((8, 8), *LARGE, (24, 32), (32, 48)),
    weight=1.2,
    genres=("fantasy", "western", "modern"),
)
