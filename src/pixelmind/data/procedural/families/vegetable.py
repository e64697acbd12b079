"""Fruit and vegetables from the field: tomatoes, corn, pumpkins, aubergines, peppers, broccoli, strawberries and more."""

from __future__ import annotations

from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice, flag
from pixelmind.data.procedural.pen import Pen, colors, snap
from pixelmind.data.procedural.rng import Rng

COLORS = ("red", "green", "yellow", "orange", "purple", "white", "tan", "brown", "pink", "dark green", "lime")
KINDS = {
    "tomato": ("red", "green", "yellow"),
    "corn": ("yellow", "purple"),
    "pumpkin": ("orange", "white", "green"),
    "eggplant": ("purple",),
    "pepper": ("red", "green", "yellow", "orange"),
    "broccoli": ("green",),
    "onion": ("tan", "purple", "white"),
    "strawberry": ("red", "pink"),
    "pineapple": ("orange", "yellow"),
    "radish": ("pink", "purple", "white"),
    "cabbage": ("lime", "green", "purple"),
    "potato": ("tan", "brown"),
    "chili": ("red", "green", "orange"),
}
PARAMETERS = {
    "vegetable": choice(*KINDS),
    "color": choice(*COLORS),
    "leaf_color": colors("green", "dark green", "lime"),
    "face": choice("none", "smiling", weights=(6, 1)),
    "dew": flag(0.2),
}


def fit(p: Params, h: int, w: int) -> None:
    kind, s = p["vegetable"], min(h, w)
    snap(p, "color", COLORS, KINDS[kind])
    if kind in ("potato", "cabbage", "onion"):
        p["leaf_color"] = None
    elif p["leaf_color"] == p["color"]:
        p["leaf_color"] = "dark green"
    if s < 16 or kind in ("broccoli", "pineapple", "corn", "chili", "strawberry"):
        p["face"] = "none"
    if s < 24 or p["face"] != "none" or kind in ("broccoli", "pineapple", "corn"):
        p["dew"] = False


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    w: float
    x: float
    y: float
    pen, kind, color, leaf, rim = Pen(c, stretch=1.0), p["vegetable"], p["color"], p["leaf_color"], c.s >= 16
    big, fx, fy = c.s >= 24, 7.0, 9.0
    body = c.empty()
    if kind == "tomato":
        body = c.paint(pen.oval(0.6, 2.6, 13.4, 14), color, "tomato", c.ball(pen.oval(0.6, 2.6, 13.4, 14), 1.7))
        cap = (
            pen.poly((3.4, 3), (10.6, 3), (9.4, 4.6), (4.6, 4.6))
            | pen.rect(6.4, 3, 7.6, 6)
            | pen.rect(4, 4, 5, 5.4)
            | pen.rect(9, 4, 10, 5.4)
        )
        c.paint(cap, leaf, "leaves", 0.2, rim=rim)
        c.paint(pen.rect(6.5, 1, 7.6, 3.2), leaf, "stem", -0.6)
    elif kind == "corn":
        cob = pen.oval(4, 0, 10, 13)
        c.paint(cob, color, "corn", c.column(cob, 1.4))
        x, y, _, _ = c.box(cob)
        if c.s >= 16:
            step = 2 if c.s < 32 else 3 if c.s < 64 else 4
            c.touch(cob & (((c.xs - x) % step == step - 1) | ((c.ys - y) % step == step - 1)), -0.9)
        husk = pen.poly((1.6, 5), (2.4, 5), (7, 11), (7, 14), (5, 14), (2.4, 10.6))
        husk |= pen.poly((4, 14), (7, 14), (7, 10), (4, 9))
        c.paint(c.mirror(husk), leaf, "leaves", 0.2, rim=rim)
        c.touch(husk[:, ::-1], -1.0)
    elif kind == "pumpkin":
        c.paint(pen.limb(((7, 4), (6.8, 2), (9, 0.8)), 1.6, 1.4), leaf, "stem", 0)
        side = pen.oval(0, 3.4, 6.4, 13.4)
        c.paint(c.mirror(side), color, "pumpkin", c.ball(c.mirror(side), 1.4))
        inner = pen.oval(2, 2.8, 8, 14)
        body = c.mirror(side | inner)
        c.paint(c.mirror(inner), color, "pumpkin", c.ball(body, 1.4), rim=c.s >= 12)
        middle = pen.oval(4.6, 2.6, 9.4, 14)
        c.paint(middle, color, "pumpkin", c.ball(body, 1.4) + 0.2, rim=c.s >= 12)
    elif kind == "eggplant":
        body = pen.oval(1, 5, 9.6, 14) | pen.limb(((5.4, 9.4), (8, 7), (10, 4.4)), 8, 4)
        c.paint(body, color, "eggplant", c.ball(body, 1.7))
        cap = pen.poly((8, 2.6), (11, 2), (12.8, 5), (11.6, 7), (9, 4.8), (7.4, 4.6))
        c.paint(cap, leaf, "leaves", 0.1, rim=rim)
        c.paint(pen.line((10.6, 2.8), (12, 0.8), width=1.1), leaf, "stem", -0.4)
        fx, fy = 5.4, 9.6
    elif kind == "pepper":
        lobe = pen.oval(1, 3, 7, 13.4)
        body = c.mirror(lobe) | pen.rect(3, 4, 11, 10)
        c.paint(body, color, "pepper", c.ball(body, 1.6))
        middle = pen.oval(4.4, 3.4, 9.6, 14)
        c.paint(middle, color, "pepper", c.ball(body, 1.6) + 0.3, rim=c.s >= 16)
        body |= middle
        c.paint(pen.oval(5, 2.4, 9, 4.6), leaf, "leaves", 0.2, rim=rim)
        c.paint(pen.limb(((7, 3), (7, 1.4), (8.4, 0.6)), 1.3, 1.1), leaf, "stem", -0.4)
    elif kind == "broccoli":
        stalk = pen.rect(5.4, 8, 8.6, 14) | pen.poly((3.4, 8), (10.6, 8), (8.6, 11), (5.4, 11))
        c.paint(stalk, "lime", "stem", c.column(stalk, 1.0))
        for x0, y0, x1, y1 in ((0, 3.4, 6, 9), (8, 3.4, 14, 9), (3, 0, 11, 6.6), (3.6, 4, 10.4, 9.4)):
            tuft = pen.oval(x0, y0, x1, y1)
            c.paint(tuft, leaf if leaf != "lime" else color, "broccoli", c.ball(tuft, 1.6), rim=rim)
        if big:
            crown = c.part == c.part_id("broccoli")
            noise = rng.noise(c.h, c.w)
            c.touch(crown & (noise > 0.82), 0.9)
            c.touch(crown & (noise < 0.14), -0.9)
    elif kind == "onion":
        body = pen.oval(1, 4, 13, 13) | pen.poly((6.4, 1), (7.6, 1), (10.4, 5), (3.6, 5))
        c.paint(pen.rect(6.4, 0, 7.6, 2), "tan" if color != "tan" else "brown", "stem", 0)
        c.paint(pen.rect(5.4, 12.8, 8.6, 13.8), "beige", "roots", -0.6)
        c.paint(body, color, "onion", c.ball(body, 1.5))
        if c.s >= 16:
            for x in (4, 10):
                c.touch(pen.limb(((7, 3), (x, 5), (x, 11)), 0.3, 0.3) & body, -0.9)
    elif kind == "strawberry":
        body = pen.poly((3, 3.4), (11, 3.4), (12.6, 5.4), (12, 8), (7.8, 14), (6.2, 14), (2, 8), (1.4, 5.4))
        c.paint(body, color, "strawberry", c.ball(body, 1.5))
        step = 3 if c.s < 24 else 4 if c.s < 48 else 6
        x, y, _, h = c.box(body)
        seed = body & ((c.xs - x + (c.ys - y) // step % 2 * (step // 2)) % step == 1) & ((c.ys - y) % step == step - 1)
        if c.s >= 12:
            c.paint(seed & (c.ys < y + h - 2), "flame", "seeds", 0.2)
        cap = (
            pen.poly((2.4, 2.4), (11.6, 2.4), (10, 4), (4, 4))
            | pen.poly((4, 3), (6, 3), (4.6, 5.8))
            | pen.poly((10, 3), (8, 3), (9.4, 5.8))
            | pen.poly((6, 3), (8, 3), (7, 5.6))
        )
        c.paint(cap, leaf, "leaves", 0.2, rim=rim)
        c.paint(pen.rect(6.5, 0.6, 7.5, 2.6), leaf, "stem", -0.5)
    elif kind == "pineapple":
        body = pen.oval(3, 5, 11, 14)
        c.paint(body, color, "pineapple", c.ball(body, 1.5))
        if c.s >= 16:
            step = 3 if c.s < 32 else 5 if c.s < 64 else 7
            c.touch(body & (((c.xs + c.ys) % step == 0) | ((c.xs - c.ys + 1000) % step == 0)), -1.0)
        for x, y, w in ((2.6, 2.4, 3), (11.4, 2.4, 3), (4.6, 0.6, 3), (9.4, 0.6, 3), (7, 0, 2.6)):
            blade = pen.poly((x - 0.3, y), (x + 0.3, y), (7 + w / 2, 6), (7 - w / 2, 6))
            c.paint(blade, leaf, "leaves", 0.5 if x < 7 else -0.3 if x > 7 else 0.1, rim=rim)
    elif kind == "radish":
        for turn in (-1, 1):
            c.paint(
                pen.limb(((7, 5), (7 + turn, 3), (7 + turn * 3.4, 1.6)), 1.2, 2.8),
                leaf,
                "leaves",
                0.3 if turn < 0 else -0.4,
            )
        c.paint(pen.limb(((7, 5), (7, 2), (7, 1)), 1.2, 2.4), leaf, "leaves", 0, rim=rim)
        c.paint(pen.limb(((7, 11), (7, 13), (8, 13.6)), 1.4, 0.6), "white", "root", 0)
        body = pen.oval(2.4, 4, 11.6, 12.6)
        c.paint(body, color, "radish", c.ball(body, 1.7), rim=rim)
        if color != "white":
            c.paint(body & (c.ys >= pen.y(11)), "white", "root", 0)
        fy = 8.0
    elif kind == "cabbage":
        body = pen.oval(0.4, 1.6, 13.6, 14)
        c.paint(body, color, "cabbage", c.ball(body, 1.6))
        for turn in (0, 1):
            wrap = pen.oval(-1, 4, 6.4, 14.6) & body
            wrap = wrap[:, ::-1] if turn else wrap
            c.paint(wrap, color, "cabbage", c.ball(body, 1.4) - 0.5, rim=rim)
        if big:
            for x in (4, 7, 10):
                c.touch(pen.limb(((7, 11), (x, 8), (x + (x - 7) * 0.4, 4)), 0.3, 0.3) & body, 0.9)
    elif kind == "potato":
        body = pen.oval(1, 3, 12, 13) | pen.oval(4, 5, 13.6, 13.4)
        c.paint(body, color, "potato", c.ball(body, 1.5))
        if c.s >= 16 and p["face"] == "none":
            for x, y in ((4, 6), (8.4, 5.6), (6, 10), (10.6, 9)):
                c.touch(pen.oval(x - 0.6, y - 0.5, x + 0.6, y + 0.5), -1.1)
    else:  # chili
        body = pen.limb(((10, 4), (10.4, 10), (2, 12.4)), 4.6, 0.8)
        c.paint(body, color, "chili", c.ball(body, 1.6))
        c.paint(pen.oval(7.8, 2.2, 12.2, 5), leaf, "leaves", 0.1, rim=rim)
        c.paint(pen.limb(((10, 3), (10, 1.4), (8.4, 0.8)), 1.2, 1.0), leaf, "stem", -0.4)
    if p["dew"] and body.any():
        for x, y in ((fx - 2.6, fy + 1.4), (fx + 1.6, fy - 0.6), (fx + 0.4, fy + 2.6)):
            drop = pen.oval(x - 0.5, y - 0.5, x + 0.5, y + 0.6) & body
            c.paint(drop, "cyan", "water drops", 0.6)
    if p["face"] == "smiling":
        k = max(1, round(pen.u))
        for x in (fx - 2.2, fx + 2.2):
            ex, ey = pen.at(x, fy)
            c.paint(c.rect(math_round(ex - k / 2 + 0.5), math_round(ey - k / 2), k, k + (k > 1)), "ink", "face", -0.5)
        mouth = pen.line((fx - 1, fy + 1.3), (fx, fy + 2), (fx + 1, fy + 1.3))
        c.paint(mouth, "ink", "face", -0.5)


def math_round(v: float) -> int:
    """Round half down for the left, half up for the right, so that a face is symmetrical about the middle."""
    return int(v + 0.499)


def words(p: Params) -> Words:
    kind, leaf = p["vegetable"], p["leaf_color"]
    nouns = {
        "tomato": ("tomato", "tomato", "ripe tomato" if p["color"] != "green" else "unripe tomato"),
        "corn": ("corn", "ear of corn", "corn cob", "maize"),
        "pumpkin": ("pumpkin", "pumpkin", "gourd"),
        "eggplant": ("eggplant", "aubergine", "eggplant"),
        "pepper": ("bell pepper", "pepper", "sweet pepper"),
        "broccoli": ("broccoli", "broccoli floret", "head of broccoli"),
        "onion": ("onion", "onion", "onion bulb"),
        "strawberry": ("strawberry", "strawberry", "berry"),
        "pineapple": ("pineapple", "pineapple", "tropical fruit"),
        "radish": ("radish", "turnip", "radish"),
        "cabbage": ("cabbage", "head of cabbage", "cabbage"),
        "potato": ("potato", "potato", "spud"),
        "chili": ("chili pepper", "hot pepper", "chili"),
    }[kind]
    having: list[Fact] = []
    if leaf and "leaves" in p["visible"] and kind != "broccoli":
        having.append((f"{{{leaf}}} leaves", "leaves"))
    elif leaf and "stem" in p["visible"] and kind != "broccoli":
        having.append((f"a~{{{leaf}}} stem", "a stem"))
    if p["face"] == "smiling":
        having.append(("a smiling face", "a cute face", "a face"))
    if p["dew"] and "water drops" in p["visible"]:
        having.append(("water drops", "drops of water"))
    color = f"{{{p['color']}}}" if kind not in ("broccoli",) else "{green}"
    return Words(
        nouns=nouns, adjectives=(("fresh", ""), color), having=tuple(having), plural=kind in ("corn", "broccoli")
    )


FAMILY = Family(
    name="vegetable",
    kind="item",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=SQUARE,
    weight=1.4,
    genres=("farm", "modern", "fantasy"),
)
