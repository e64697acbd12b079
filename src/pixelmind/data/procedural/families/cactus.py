"""Cacti and desert plants: saguaros, round and prickly cacti, agaves and tumbleweed, in the sand or in a pot."""

from __future__ import annotations

from pixelmind.data.procedural import backdrop as bd
from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import NUMBERS, Fact, Words
from pixelmind.data.procedural.family import TALL, Family, Params, choice, count
from pixelmind.data.procedural.pen import Pen, colors
from pixelmind.data.procedural.rng import Rng

PARAMETERS = {
    "cactus": choice("saguaro", "round cactus", "prickly pear", "agave", weights=(5, 3, 3, 2)),
    "color": colors("green", "dark green", "olive", "teal"),
    "arms": count(0, 3),
    "flower_color": choice(None, "pink", "red", "yellow", "white", weights=(3, 2, 1, 1, 1)),
    "blooms": choice("many", "one", weights=(3, 1)),
    "ground": choice("none", "sand", "pot", weights=(3, 3, 3)),
    "pot_color": colors("brown", "red", "blue", "white", "yellow"),
    "backdrop": choice("none", "day", "sunset", "night", weights=(6, 2, 2, 1)),
}


def fit(p: Params, h: int, w: int) -> None:
    s = min(h, w)
    if p["cactus"] != "saguaro":
        p["arms"] = 0
    elif s < 12:
        p["arms"] = 2
    if p["cactus"] == "agave":
        p["flower_color"] = None
    if p["flower_color"] is None:
        p["blooms"] = "none"
    elif s < 16 or p["cactus"] == "round cactus" or (p["cactus"] == "saguaro" and not p["arms"]):
        p["blooms"] = "one"
    if p["backdrop"] != "none":
        p["ground"] = "sand"
    if p["ground"] != "pot":
        p["pot_color"] = None


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    w: float
    x: float
    y: float
    pen, kind, color, rim = Pen(c), p["cactus"], p["color"], c.s >= 16
    if p["backdrop"] != "none":
        horizon = round(c.h * 0.78)
        bd.sky(c, p["backdrop"], rng, horizon)
        bd.ground(c, horizon, "sand", rng)
        if p["backdrop"] == "night":
            c.touch(c.rect(0, horizon, c.w, c.h), -0.9)
    base = {"pot": 9.6, "sand": 13.2, "none": 14.0}[p["ground"]]
    top = 1.2 if p["flower_color"] else 0.2
    k = (base - top) / 14
    flowers: list[tuple[float, float]] = []
    if kind == "saguaro":
        body = pen.oval(5.2, top, 8.8, top + 5) | pen.rect(5.2, top + 2.4, 8.8, base)
        c.paint(body, color, "cactus", "column")
        spots = [(-1, 5.6, 2.4), (1, 7.2, 4.2), (1, 3.6, 1.4) if p["arms"] == 3 else (-1, 9, 6)][: p["arms"]]
        for side, low, high in spots:
            low, high = top + low * k * 1.1, top + high * k * 1.1
            reach = 4.6 if not (side > 0 and low < top + 5 * k) else 3.4
            x = 7 + side * reach
            arm = pen.rect(min(7, x), low - 0.2, max(7, x), low + 1.6) | pen.rect(x - 1.1, high, x + 1.1, low + 1.6)
            if c.s >= 16:
                arm |= pen.oval(x - 1.1, high - 0.8, x + 1.1, high + 1.4)
            c.paint(arm & ~body, color, "arms", c.column(arm, 0.9) - (0.3 if side > 0 else 0), rim=c.s >= 24)
            flowers.append((x, high - 0.8))
        flowers.insert(0, (7.0, top))
        if c.s >= 24:
            x, _, w, _ = c.box(body)
            c.touch(body & ((c.xs - x) % max(3, w // 3) == max(3, w // 3) - 1), -0.7)
            c.touch(body & ((c.xs - x) % 4 == 1) & ((c.ys + c.xs) % 5 == 0), 1.0)
    elif kind == "round cactus":
        body = pen.oval(1.4, max(top, base - 11.4), 12.6, base + 1.4) & (c.ys < pen.y(base))
        c.paint(body, color, "cactus", c.ball(body, 1.6))
        for x in (4, 7, 10):
            c.touch(
                pen.limb(((7, max(top, base - 11.4)), (x + (x - 7) * 0.6, base - 6), (x, base)), 0.4, 0.4) & body, -1.0
            )
        if c.s >= 16:
            c.touch(body & ((c.xs * 2 + c.ys * 3).astype(int) % 11 == 0), 1.3)
        flowers.append((7.0, max(top, base - 11.4) + 0.4))
    elif kind == "prickly pear":
        for x0, y0, x1, y1 in ((4, 0.5, 10, 1.0), (0.6, 0.2, 5.8, 0.62), (8.4, 0.1, 13.4, 0.56), (4.6, 0.0, 9, 0.4)):
            pad = pen.oval(x0, top + y0 * (base - top), x1, top + y1 * (base - top) + (1 if y1 == 1 else 0)) & (
                c.ys < pen.y(base)
            )
            c.paint(pad, color, "cactus", c.ball(pad, 1.5), rim=rim)
            if c.s >= 24:
                c.touch(pad & (c.xs.astype(int) % 4 == 1) & ((c.ys + c.xs // 4) % 4 == 1), 1.2)
            if y1 < 1:
                flowers.append(((x0 + x1) / 2, top + y0 * (base - top)))
    else:
        for x, y, w in (
            (0.4, 6, 2.6),
            (13.6, 6, 2.6),
            (2.2, 2.4, 2.8),
            (11.8, 2.4, 2.8),
            (4.6, 0.6, 2.6),
            (9.4, 0.6, 2.6),
            (7, 0, 2.8),
        ):
            y = y * base / 14
            leaf = pen.poly((x - 0.2, y), (x + 0.2, y), (7 + w / 2, base), (7 - w / 2, base))
            c.paint(leaf, color, "leaves", 0.6 if x < 7 else -0.5 if x > 7 else 0.2, rim=rim)
    if p["flower_color"]:
        for x, y in flowers[: 1 if p["blooms"] == "one" else 3]:
            bloom = pen.oval(x - 1.1, y - 1.1, x + 1.1, y + 0.9)
            c.paint(bloom, p["flower_color"], "flowers", c.ball(bloom, 1.2), rim=rim)
    if p["ground"] == "pot":
        pot = pen.poly((3.4, 10.4), (10.6, 10.4), (9.6, 14), (4.4, 14))
        c.paint(pot, p["pot_color"], "pot", c.column(pot, 1.2), rim=rim)
        lip = pen.rect(2.8, 9.2, 11.2, 10.8)
        c.paint(lip, p["pot_color"], "pot", c.column(lip, 1.2) + 0.3, rim=rim)
    elif p["ground"] == "sand" and p["backdrop"] == "none":
        mound = pen.oval(1, 12.4, 13, 16) & (c.ys < pen.low)
        c.paint(mound, "sand", "sand", c.fall(mound, 0.8, -0.6), rim=rim)


def words(p: Params) -> Words:
    kind = p["cactus"]
    nouns = {
        "saguaro": ("cactus", "saguaro cactus", "desert cactus"),
        "round cactus": ("cactus", "barrel cactus", "round cactus"),
        "prickly pear": ("prickly pear", "cactus", "prickly pear cactus"),
        "agave": ("agave", "aloe plant", "agave plant"),
    }[kind]
    having: list[Fact] = []
    if p["arms"]:
        having.append(
            ("one arm", "a single arm") if p["arms"] == 1 else (f"{NUMBERS[p['arms']]} arms", f"{p['arms']} arms")
        )
    if p["flower_color"] and "flowers" in p["visible"]:
        one = p["blooms"] == "one"
        thing = f"{{{p['flower_color']}}} flower"
        having.append((f"a~{thing}", "a flower") if one else (f"{thing}s", "flowers"))
    place: list[Fact] = []
    if p["ground"] == "pot":
        place.append((f"in a~{{{p['pot_color']}}} pot", "in a pot", "in a flower pot"))
    elif p["ground"] == "sand":
        place.append(("in the sand", "in the desert"))
    return Words(
        nouns=nouns,
        adjectives=(f"{{{p['color']}}}",),
        having=tuple(having),
        place=(*place, *bd.places(p)),
        lacking=("flowers",) if not p["flower_color"] and kind != "agave" else (),
    )


FAMILY = Family(
    name="cactus",
    kind="plant",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=TALL,
    genres=("western",),
)
