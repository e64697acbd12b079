"""Islands: tropical ones with palms in the sea, islands that float in the sky, volcano islands and lighthouse rocks."""

from __future__ import annotations

from pixelmind.data.procedural import backdrop as bd
from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import NUMBERS, Fact, Words
from pixelmind.data.procedural.family import LARGE, Family, Params, choice, count, flag
from pixelmind.data.procedural.pen import Pen, smoke, specks
from pixelmind.data.procedural.rng import Rng

PARAMETERS = {
    "island": choice("tropical", "floating", "volcano", "lighthouse", weights=(4, 4, 3, 2)),
    "palms": count(1, 3),
    "top": choice("tree", "house", "tower", "waterfall", weights=(3, 3, 2, 3)),
    "stripe_color": choice("red", "blue", "green", "black", weights=(4, 2, 1, 1)),
    "erupting": flag(0.6),
    "chest": flag(0.3),
    "backdrop": bd.backdrop(0.35),
}


def fit(p: Params, h: int, w: int) -> None:
    kind, s = p["island"], min(h, w)
    if kind not in ("tropical", "volcano"):
        p["palms"] = 0
    elif kind == "volcano" or s < 16:
        p["palms"] = 1
    if kind == "volcano" and s < 24:
        p["palms"] = 0
    if kind != "floating":
        p["top"] = None
    elif s < 16 and p["top"] == "tower":
        p["top"] = "house"
    if kind != "lighthouse":
        p["stripe_color"] = None
    if kind != "volcano":
        p["erupting"] = False
    if kind != "tropical" or s < 16:
        p["chest"] = False


def _palm(c: Canvas, pen: Pen, x: float, base: float, tall: float, lean: float, rim: bool) -> None:
    tip_x, tip_y = x + lean, base - tall
    trunk = pen.limb(((x, base), (x + lean * 0.2, base - tall * 0.6), (tip_x, tip_y)), 1.2, 0.8)
    c.paint(trunk, "wood", "palms", 0.1)
    if c.s >= 24:
        c.touch(trunk & (c.ys % 3 == 0), -0.8)
    for dx, dy in ((-3.4, 1.4), (3.4, 1.4), (-2.8, -0.8), (2.8, -0.8), (-1.2, 2.6), (1.4, 2.4)):
        k = tall / 7.4
        leaf = pen.limb(
            ((tip_x, tip_y), (tip_x + dx * 0.6 * k, tip_y - 1.4 * k), (tip_x + dx * k, tip_y + dy * k)), 1.3, 0.5
        )
        c.paint(leaf, "leaf", "palms", 0.5 if dx < 0 else -0.4, rim=rim and abs(dx) < 2)
    if c.s >= 24:
        c.paint(pen.oval(tip_x - 0.7, tip_y - 0.1, tip_x + 0.3, tip_y + 0.9), "brown", "palms", 0)


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    pen, kind, rim = Pen(c), p["island"], c.s >= 16
    back, sea = p["backdrop"], 11.0
    if back != "none":
        bd.sky(c, back, rng, c.h if kind == "floating" else pen.y(sea - 1.4))
    if kind == "floating":
        _floating(p, c, rng, pen, rim)
        return
    dim = -1.0 if back == "night" else 0.0
    x0 = 0 if back != "none" else pen.m
    water = c.rect(x0, pen.y(sea - (1.4 if back != "none" else 0)), c.w - 2 * x0, c.h) & (
        c.ys < (c.h if back != "none" else pen.low)
    )
    c.paint(water, "sea", "water", c.fall(water, 0.9, -0.6).round() + dim * 0.5, back=back != "none")
    sand = pen.oval(1, 9.4, 13, 15.4) & (c.ys < pen.y(12.6))
    if kind == "volcano":
        cone = pen.poly((5.4, 2.6), (8.6, 2.6), (13, 11.6), (1, 11.6))
        c.paint(cone, "dark grey", "volcano", c.column(cone, 1.2), rim=rim)
        specks(c, cone, rng, 0.05)
        if p["erupting"]:
            flow = pen.limb(((7, 2.6), (7.8, 6), (6.2, 9.6)), 1.8, 1.0) | pen.rect(5.6, 2.6, 8.4, 3.4)
            c.paint(flow, "lava", "lava", 0.4)
            if c.s >= 16:
                c.paint(
                    pen.rect(6.7, 0.6, 7.3, 2.6) | pen.rect(5, 1, 5.6, 1.7) | pen.rect(8.6, 0.4, 9.2, 1.1),
                    "fire",
                    "lava",
                    0.3,
                )
            smoke(c, pen, 8, 1.8, 1, 1.8, 0.6, "dark grey")
        c.paint(pen.oval(0.6, 9.8, 13.4, 15) & (c.ys < pen.y(12.6)), "grass", "grass", 0, rim=rim)
    elif kind == "lighthouse":
        rock = pen.oval(2, 8.6, 12, 16) & (c.ys < pen.y(12.8))
        c.paint(rock, "stone", "rocks", c.ball(rock, 1.5))
        body = pen.poly((5.6, 3.6), (8.4, 3.6), (9.2, 10), (4.8, 10))
        c.paint(body, "white", "lighthouse", c.column(body, 1.1), rim=rim)
        for y in (4.4, 7.2):
            c.paint(body & pen.rect(0, y, 14, y + 1.4), p["stripe_color"], "stripes", c.column(body, 1.0))
        c.paint(pen.rect(5.2, 3, 8.8, 3.9), "dark grey", "lighthouse", 0.4, rim=rim)
        c.paint(pen.rect(5.9, 1.4, 8.1, 3), "flame", "light", 0.5)
        c.paint(pen.poly((6.8, 0), (7.2, 0), (8.6, 1.5), (5.4, 1.5)), p["stripe_color"], "roof", 0.2, rim=rim)
        c.paint(pen.rect(6.4, 8.4, 7.6, 10), "ink", "door", 0.2)
    else:
        c.paint(sand, "sand", "sand", c.fall(sand, 0.8, -0.4), rim=rim)
        top = pen.oval(2.4, 8.8, 11.6, 12) & (c.ys < pen.y(10.6))
        c.paint(top, "grass", "grass", c.fall(top, 0.8, -0.4))
    if p["palms"]:
        spots = {
            1: ((6.6, 9.6, 7.0, 1.2),),
            2: ((5, 9.8, 6.6, -1.4), (8.4, 9.8, 7.4, 1.4)),
            3: ((3.6, 10, 5, -1.2), (10.4, 10, 5, 1.0), (7, 9.6, 7.4, 0.6)),
        }[p["palms"]]
        if kind == "volcano":
            spots = ((11.4, 11, 4.6, 0.6),)
        for x, base, tall, lean in spots:
            _palm(c, pen, x, base, tall, lean, rim)
    if p["chest"]:
        box = pen.rect(8.6, 9.8, 11.4, 11.6)
        c.paint(box, "brown", "chest", "bevel", rim=True)
        c.paint(pen.rect(9.6, 10.3, 10.4, 11), "gold", "chest", 0.3)
    foam = water & (abs(c.ys - pen.y(12.6)) < max(0.6, pen.u * 0.3)) & (c.xs.astype(int) % 4 > 0)
    c.paint(foam & (c.part == c.part_id("water")), "cloud", "foam", 0.1 + dim * 0.5, back=back != "none")


def _floating(p: Params, c: Canvas, rng: Rng, pen: Pen, rim: bool) -> None:
    rock = pen.poly((0.6, 7.4), (13.4, 7.4), (11.8, 9.4), (9.4, 10.8), (8, 13.8), (6.6, 14), (5, 11.4), (2.4, 9.8))
    c.paint(rock, "dirt", "rock", c.column(rock, 1.1) + c.fall(rock, 0.4, -0.6))
    specks(c, rock, rng, 0.07)
    grass = pen.oval(0, 6, 14, 9) | (
        pen.rect(1, 7.6, 13, 9.6) & (c.xs.astype(int) % max(3, round(pen.u * 1.4)) < max(1, round(pen.u * 0.7)))
    )
    c.paint(grass, "grass", "grass", c.fall(grass, 0.9, -0.7), rim=rim)
    kind = p["top"]
    if kind == "tree":
        c.paint(pen.rect(6.3, 4, 7.7, 7.4), "wood", "tree", "column")
        for x0, y0, x1, y1 in ((3, 1.8, 8, 5.6), (6, 1.6, 11, 5.6), (4, 0, 10, 4.4)):
            crown = pen.oval(x0, y0, x1, y1)
            c.paint(crown, "leaf", "tree", c.ball(crown, 1.4), rim=rim)
    elif kind == "house":
        c.paint(pen.rect(4.4, 3.8, 9.6, 7.4), "beige", "house", c.column(pen.rect(4.4, 3.8, 9.6, 7.4), 0.8))
        c.paint(pen.rect(6.2, 5, 7.8, 7.4), "dark wood", "house", 0, rim=rim)
        roof = pen.poly((6.8, 0.4), (7.2, 0.4), (10.8, 4.2), (3.2, 4.2))
        c.paint(roof, "red", "house", c.column(roof, 1.1), rim=rim)
    elif kind == "tower":
        body = pen.rect(5.4, 2, 8.6, 7.4)
        c.paint(body, "stone", "tower", "column")
        c.paint(pen.rect(4.8, 1, 9.2, 2.4), "stone", "tower", 0.5, rim=rim)
        teeth = pen.rect(4.8, 0.2, 5.8, 1.2) | pen.rect(6.5, 0.2, 7.5, 1.2) | pen.rect(8.2, 0.2, 9.2, 1.2)
        c.paint(teeth, "stone", "tower", 0.6)
        c.paint(pen.rect(6.5, 3.4, 7.5, 5), "ink", "tower", 0.2)
    else:
        hill = pen.oval(1.6, 2, 9.4, 12) & (c.ys < pen.y(7))
        c.paint(hill, "stone", "hill", c.ball(hill, 1.4), rim=rim)
        c.paint(hill & (c.ys < pen.y(3.4)), "grass", "grass", 0.4)
        fall = pen.rect(8.6, 4.4, 10.8, 13.4)
        c.paint(fall, "water", "waterfall", (c.xs.astype(int) % 3 == 0) * 1.2 + c.ys * 0, rim=rim)
        c.paint(pen.rect(7, 4, 10.8, 5), "water", "waterfall", 0.8)
        c.paint(pen.oval(7.8, 12.4, 11.6, 14), "cloud", "mist", 0.2, rim=rim)


def words(p: Params) -> Words:
    kind, seen = p["island"], p["visible"]
    nouns = {
        "tropical": ("island", "tropical island", "desert island"),
        "floating": ("floating island", "sky island", "island in the sky"),
        "volcano": ("volcano island", "volcanic island", "volcano island"),
        "lighthouse": ("lighthouse", "lighthouse on a rock", "lighthouse island"),
    }[kind]
    having: list[Fact] = []
    n = p["palms"]
    if n and "palms" in seen:
        having.append(
            ("a palm tree", "one palm tree", "a palm")
            if n == 1
            else (f"{NUMBERS[n]} palm trees", f"{n} palms", "palm trees")
        )
    if kind == "floating":
        having.append(
            {
                "tree": ("a tree", "a tree on top"),
                "house": ("a house", "a house on top"),
                "tower": ("a tower", "a stone tower"),
                "waterfall": ("a waterfall", "water pouring down"),
            }[p["top"]]
        )
    if p["erupting"] and "lava" in seen:
        having.append(("flowing lava", "lava"))
    if p["chest"] and "chest" in seen:
        having.append(("a chest", "a treasure chest"))
    if p["stripe_color"]:
        having.append(f"{{{p['stripe_color']}}} stripes")
    state: Fact = ""
    if kind == "volcano":
        state = ("erupting", "active") if p["erupting"] else ("sleeping", "extinct")
    place: tuple[Fact, ...] = (("in the sea", "in the ocean"),) if kind != "floating" else ()
    lacking = ("lava",) if kind == "volcano" and not p["erupting"] else ()
    return Words(nouns=nouns, adjectives=(state,), having=tuple(having), place=(*place, *bd.places(p)), lacking=lacking)


FAMILY = Family(
    name="island",
    kind="scene",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    view="side",
    sizes=((8, 8), *LARGE, (24, 32), (32, 48)),
    weight=1.2,
    genres=("pirate", "fantasy"),
)
