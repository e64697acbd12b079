"""Doors in their frames: wooden, iron, stone and sci-fi doors, closed, open or barred, arched or square."""

from __future__ import annotations

from pixelmind.data.procedural.canvas import Canvas, Region
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import TALL, Family, Params, choice
from pixelmind.data.procedural.pen import Pen, bricks, colors, planks
from pixelmind.data.procedural.rng import Rng

FRAMES = {"stone": "stone", "brick": "brick", "wooden": "dark wood", "sandstone": "sandstone"}
PARAMETERS = {
    "door": choice("wooden", "iron", "painted", "sci-fi", "barred", weights=(5, 2, 3, 2.5, 2)),
    "color": colors("red", "blue", "green", "purple", "teal", "white"),
    "shape": choice("arched", "square"),
    "frame": choice(*FRAMES, weights=(4, 2, 2, 1)),
    "state": choice("closed", "ajar", "open", weights=(6, 1.5, 2)),
    "window": choice("none", "window", "skull", "heart", weights=(5, 3, 1, 1)),
    "light_color": colors("green", "red", "cyan", "yellow"),
}


def fit(p: Params, h: int, w: int) -> None:
    kind, s = p["door"], min(h, w)
    if kind != "painted":
        p["color"] = None
    if kind == "sci-fi":
        p["shape"], p["frame"] = "square", None
        if p["state"] == "ajar":
            p["state"] = "open"
    elif p["frame"] == "wooden" and kind == "wooden":
        p["frame"] = "stone"
    if kind == "barred" and p["state"] != "open":
        p["state"] = "closed"
    if kind != "sci-fi":
        p["light_color"] = None
    if p["state"] != "closed" or kind in ("barred", "sci-fi") or s < 16:
        p["window"] = "none"
    if s < 16 and p["state"] == "ajar":
        p["state"] = "closed"
    if s < 12:
        p["shape"] = "square"


def _opening(pen: Pen, shape: str, x0: float, y0: float, x1: float) -> Region:
    if shape == "square":
        return pen.rect(x0, y0, x1, 14)
    r = (x1 - x0) / 2
    return pen.oval(x0, y0, x1, y0 + 2 * r) | pen.rect(x0, y0 + r, x1, 14)


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    y: float
    pen, kind, rim = Pen(c), p["door"], c.s >= 16
    if kind == "sci-fi":
        _hatch(p, c, pen)
        return
    outer = _opening(pen, p["shape"], 1, 0, 13)
    inner = _opening(pen, p["shape"], 3, 2, 11)
    color = FRAMES[p["frame"]]
    c.paint(outer, color, "frame", c.bevel(outer, 0.7))
    if p["frame"] != "wooden":
        bricks(c, outer, rng, 0.9, -1.0)
    c.paint(inner, "ink", "doorway", 0.2, rim=rim)
    if c.s >= 24 and p["state"] != "closed":
        c.touch(inner & (c.ys > pen.y(12)), 0.8)
    leaf_color = {"wooden": "wood", "iron": "iron", "painted": p["color"], "barred": "iron"}[kind]
    if kind == "barred":
        if p["state"] == "closed":
            x, y = c.box(inner)[:2]
            step = 2 if c.s < 24 else 4 if c.s < 64 else 6
            bars = inner & (((c.xs - x) % step >= step - max(1, step // 3)) | ((c.ys - y) % (step * 2) == step))
            c.paint(bars, "iron", "bars", 0.2)
        return
    if p["state"] == "closed":
        leaf = inner
    elif p["state"] == "ajar":
        leaf = inner & pen.rect(0, 0, 8.4, 14)
    else:
        leaf = inner & pen.rect(0, 0, 4.8, 14)
    c.paint(leaf, leaf_color, "door", c.column(leaf, 0.8), rim=rim)
    if kind == "wooden":
        planks(c, leaf, 2 if c.s < 24 else 3 if c.s < 48 else 6, upright=True)
    elif kind == "painted" and c.s >= 16 and p["state"] == "closed":
        for y0, y1 in ((8, 10.4), (11.2, 13.4)) if p["window"] != "none" else ((4.6, 8), (9.4, 13)):
            for x0, x1 in ((4, 6.4), (7.6, 10)):
                c.touch(pen.rect(x0, y0, x1, y1), c.bevel(pen.rect(x0, y0, x1, y1), -0.9) - 0.4)
    if kind in ("wooden", "iron") and c.s >= 16:
        for y in (5, 10.6):
            c.paint(pen.rect(3, y, 11, y + 1) & leaf, "dark grey", "hinges", 0.4)
        if kind == "iron" and c.s >= 24:
            x, y, _w, _h = c.box(leaf)
            c.touch(leaf & ((c.xs - x) % 4 == 1) & ((c.ys - y) % 5 == 2), 1.4)
    if p["state"] != "open":
        knob = pen.oval(9.2, 8, 10.6, 9.4) if p["state"] == "closed" else pen.oval(7, 8, 8.2, 9.2)
        c.paint(knob, "gold", "knob", 0.5, rim=c.s >= 24)
    if p["window"] == "window":
        pane = pen.rect(5, 3.6, 9, 6.8) if p["shape"] == "square" else pen.oval(5, 3, 9, 7)
        c.paint(pane, "light blue", "window", c.ball(pane, 1.0), rim=True)
        c.paint(pane & pen.rect(6.7, 0, 7.3, 14), leaf_color, "window", -0.6)
    elif p["window"] == "skull":
        c.paint(pen.oval(4.8, 3, 9.2, 6.6) | pen.rect(5.8, 5.8, 8.2, 7.6), "bone", "sign", 0.3, rim=rim)
        c.paint(pen.rect(5.6, 4.4, 6.5, 5.6) | pen.rect(7.5, 4.4, 8.4, 5.6), "ink", "sign", 0)
    elif p["window"] == "heart":
        heart = pen.oval(4.8, 3.4, 7.3, 6) | pen.oval(6.7, 3.4, 9.2, 6) | pen.poly((4.9, 5), (9.1, 5), (7, 7.6))
        c.paint(heart, "red" if p["color"] not in ("red", "purple") else "white", "sign", 0.2)


def _hatch(p: Params, c: Canvas, pen: Pen) -> None:
    outer, inner = pen.rect(0.6, 0, 13.4, 14), pen.rect(2, 2, 12, 14)
    c.paint(outer, "iron", "frame", "bevel")
    if c.s >= 16:
        stripes = (
            outer & ~inner & (c.ys >= pen.y(9)) & ((c.xs + c.ys) % (4 if c.s < 48 else 8) < (2 if c.s < 48 else 4))
        )
        c.paint(stripes, "yellow", "stripes", -0.2)
    c.paint(inner, "ink", "doorway", 0.2, rim=c.s >= 16)
    leaf = inner if p["state"] == "closed" else inner & ~pen.rect(4, 0, 10, 14)
    c.paint(leaf, "steel", "door", c.fall(leaf, 0.7, -0.8))
    if p["state"] == "closed":
        c.touch(pen.line((7, 2), (7, 6), (5.6, 8), (7, 10), (7, 14)) & leaf, -2.0)
        if c.s >= 24:
            for x0, x1 in ((3, 5), (9, 11)):
                c.touch(c.bevel(pen.rect(x0, 3.4, x1, 6), -1.0) != 0, c.bevel(pen.rect(x0, 3.4, x1, 6), -1.0))
                c.touch(pen.rect(x0, 11, x1, 13), c.bevel(pen.rect(x0, 11, x1, 13), -1.0))
    light = pen.rect(5, 0.5, 9, 1.5)
    c.paint(light, p["light_color"], "light", 0.5, rim=c.s >= 24)


def words(p: Params) -> Words:
    kind, state = p["door"], p["state"]
    nouns = {
        "wooden": ("wooden door", "door", "wooden door"),
        "iron": ("iron door", "metal door", "door"),
        "painted": ("door", "front door", "house door"),
        "sci-fi": ("sci-fi door", "spaceship door", "metal hatch"),
        "barred": ("cell door", "barred gate", "dungeon gate"),
    }[kind]
    if kind == "barred" and state == "open":
        nouns = ("doorway", "open doorway", "dark entrance")
    having: list[Fact] = []
    if p["frame"]:
        having.append((f"a~{p['frame']} frame", f"a~{p['frame']} doorframe"))
    if p["window"] == "window":
        having.append(("a window", "a small window"))
    elif p["window"] != "none":
        having.append((f"a~{p['window']} on it", f"a~{p['window']}"))
    if kind == "barred" and state == "closed":
        having.append("iron bars")
    if kind == "sci-fi":
        having.append((f"a~{{{p['light_color']}}} light", f"a~{{{p['light_color']}}} lamp above"))
        if "stripes" in p["visible"]:
            having.append(("warning stripes", "{yellow} stripes"))
    if "knob" in p["visible"] and state != "open":
        having.append(("a doorknob", "a {gold} knob"))
    how = {"closed": ("closed", "shut", ""), "ajar": ("half open", "ajar"), "open": ("open",)}[state]
    shape = "arched" if p["shape"] == "arched" else ""
    color = f"{{{p['color']}}}" if p["color"] else ""
    return Words(
        nouns=nouns,
        adjectives=(how if kind != "barred" or state == "closed" else "", shape, color),
        having=tuple(having),
    )


FAMILY = Family(
    name="door",
    kind="object",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=TALL,
    weight=1.2,
    genres=("fantasy", "horror"),
)
