"""Horror places: tombstones, crypts, coffins, haunted houses, dead trees and graveyard gates."""

from __future__ import annotations

from pixelmind.data.procedural import backdrop as bd
from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import TALL, Family, Params, choice, flag
from pixelmind.data.procedural.pen import Pen, bricks, planks, specks
from pixelmind.data.procedural.rng import Rng

PARAMETERS = {
    "thing": choice("tombstone", "crypt", "coffin", "haunted house", "dead tree", weights=(5, 3, 3, 4, 2)),
    "shape": choice("round", "cross", "square", weights=(4, 3, 2)),
    "stone": choice("grey", "dark grey", "white", weights=(4, 2, 1)),
    "light_color": choice("yellow", "green", "red", "purple", weights=(4, 3, 2, 1)),
    "extra": choice("none", "skull", "flowers", "moss", "bats", weights=(3, 2, 2, 2, 2)),
    "moonlit": flag(0.4),
    "cracked": flag(0.35),
}


def fit(p: Params, h: int, w: int) -> None:
    kind, s = p["thing"], min(h, w)
    if kind != "tombstone":
        p["shape"] = None
    if kind not in ("tombstone", "crypt"):
        p["stone"], p["cracked"] = None, False
    if s < 16:
        p["cracked"] = False
    if kind not in ("haunted house", "crypt"):
        p["light_color"] = None
    allowed = {
        "tombstone": ("skull", "flowers", "moss"),
        "crypt": ("skull", "moss", "bats"),
        "coffin": ("skull", "flowers"),
        "haunted house": ("bats",),
        "dead tree": ("bats",),
    }[kind]
    if p["extra"] not in allowed or s < 16 or (p["extra"] == "bats" and s < 24):
        p["extra"] = "none"
    if kind == "coffin":
        p["moonlit"] = False
    if p["shape"] == "cross" and p["extra"] == "skull":
        p["extra"] = "flowers"


def _skull(c: Canvas, pen: Pen, x: float, y: float, r: float) -> None:
    c.paint(
        pen.oval(x - r, y - r, x + r, y + r * 0.7) | pen.rect(x - r * 0.55, y, x + r * 0.55, y + r * 1.2),
        "bone",
        "skull",
        0.2,
        rim=c.s >= 24,
    )
    k = r * 0.45
    c.paint(
        pen.rect(x - r * 0.65, y - k * 0.6, x - r * 0.65 + k, y + k * 0.5)
        | pen.rect(x + r * 0.65 - k, y - k * 0.6, x + r * 0.65, y + k * 0.5),
        "ink",
        "skull",
        0,
    )


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    x: float
    y: float
    pen, kind, rim = Pen(c), p["thing"], c.s >= 16
    if p["moonlit"]:
        horizon = round(c.h * 0.84)
        bd.sky(c, "night", rng, horizon)
        bd.ground(c, horizon, "dark green", rng)
        c.touch(c.rect(0, horizon, c.w, c.h), -0.6)
    if kind == "tombstone":
        _tombstone(p, c, rng, pen, rim)
    elif kind == "crypt":
        stone = p["stone"]
        c.paint(pen.rect(0.4, 12.4, 13.6, 14), stone, "base", "bevel")
        body = pen.rect(1.6, 5, 12.4, 12.6)
        c.paint(body, stone, "walls", c.column(body, 0.8), rim=rim)
        bricks(c, body, rng, 0.5)
        for x in (1.6, 10.8):
            pillar = pen.rect(x, 5, x + 1.6, 12.6)
            c.paint(pillar, stone, "pillars", c.column(pillar, 1.2), rim=rim)
        gable = pen.poly((6.6, 0.8), (7.4, 0.8), (13.6, 5.4), (0.4, 5.4))
        c.paint(gable, stone, "roof", c.fall(gable, 0.9, -0.5), rim=rim)
        door = pen.oval(4.6, 6.4, 9.4, 11.4) | pen.rect(4.6, 8.8, 9.4, 12.6)
        c.paint(door, p["light_color"], "door", -0.8, rim=rim)
        x, _, w, _ = c.box(door)
        c.paint(door & ((c.xs - x) % max(2, round(w / 3)) == max(2, round(w / 3)) - 1), "ink", "bars", 0.2)
        if p["extra"] == "skull":
            _skull(c, pen, 7, 3.6, 1.3)
        elif c.s >= 16:
            c.paint(pen.rect(6.6, 2.4, 7.4, 5) | pen.rect(5.8, 3.1, 8.2, 3.8), "ink", "cross", 0.3)
    elif kind == "coffin":
        shape = pen.poly((4.6, 0), (9.4, 0), (12, 4.6), (9.6, 14), (4.4, 14), (2, 4.6))
        c.paint(shape, "dark wood", "coffin", -0.4)
        lid = pen.poly((5.2, 1), (8.8, 1), (11, 4.7), (9, 13), (5, 13), (3, 4.7))
        c.paint(lid, "wood", "coffin", c.ball(lid, 1.2), rim=rim)
        if c.s >= 16:
            planks(c, lid, max(2, round(pen.u * 2)), upright=True, tone=-0.6)
        if p["extra"] == "skull":
            _skull(c, pen, 7, 5, 1.9)
        else:
            c.paint(pen.rect(6.3, 2.6, 7.7, 10) | pen.rect(4.6, 4.4, 9.4, 5.8), "gold", "cross", 0.2, rim=c.s >= 24)
        if p["extra"] == "flowers":
            for x, y, color in ((5.4, 11, "red"), (7, 12, "white"), (8.6, 11, "red")):
                c.paint(pen.oval(x - 0.8, y - 0.8, x + 0.8, y + 0.8), color, "flowers", 0.3)
    elif kind == "haunted house":
        _house(p, c, rng, pen, rim)
    else:
        trunk = pen.limb(((6.6, 14), (7.4, 9), (6.6, 5)), 2.6, 1.4)
        for a, b, m in (
            ((6.8, 7), (1.4, 3.4), (3.4, 6.4)),
            ((7, 6), (12, 1.6), (10.4, 5)),
            ((6.7, 5.6), (5, 0.6), (5, 3)),
            ((3.6, 5.4), (3.4, 2.2), (3, 4)),
            ((10, 4), (13, 4.6), (11.4, 5)),
            ((7, 9.6), (10.6, 7.8), (9, 9.4)),
        ):
            trunk |= pen.limb((a, m, b), 1.2, 0.5)
        trunk |= pen.poly((5.4, 12), (8, 12), (10, 14), (3.6, 14))
        c.paint(trunk, "dark brown", "tree", c.column(trunk, 1.0))
        if c.s >= 16:
            c.paint(pen.oval(5.9, 9, 7.7, 11), "ink", "hollow", 0)
    if p["extra"] == "bats":
        for x, y in ((2.2, 2.4), (11.4, 3.4)) if kind != "haunted house" else ((1.8, 3), (12.2, 5)):
            wing = pen.poly((x - 1.8, y - 0.6), (x - 0.4, y), (x - 0.4, y + 0.8), (x - 1.4, y + 0.5)) | pen.poly(
                (x + 1.8, y - 0.6), (x + 0.4, y), (x + 0.4, y + 0.8), (x + 1.4, y + 0.5)
            )
            c.paint((wing | pen.rect(x - 0.5, y - 0.2, x + 0.5, y + 1)) & ~c.figure, "black", "bats", 0.2)
    if p["cracked"]:
        x = 8.6 if kind == "tombstone" else 11
        y = 4 if kind == "tombstone" else 8
        crack = pen.line((x, y - 2), (x - 1, y - 0.6), (x - 0.2, y + 0.6), (x - 1.4, y + 2.2)) & c.figure
        c.touch(crack, -1.8)
    if p["extra"] == "moss":
        noise = rng.smooth(c.h, c.w, max(2, c.s // 8))
        c.paint(
            c.figure & (noise > 0.55) & (c.ys > c.h * 0.45), "olive", "moss", (rng.noise(c.h, c.w) > 0.6) * 0.9 - 0.4
        )


def _tombstone(p: Params, c: Canvas, rng: Rng, pen: Pen, rim: bool) -> None:
    stone = p["stone"]
    if p["shape"] == "cross":
        body = pen.rect(5, 0.4, 9, 12.6) | pen.rect(1.6, 3, 12.4, 6.6)
    elif p["shape"] == "round":
        body = pen.oval(2, 0.4, 12, 10) | pen.rect(2, 5, 12, 12.6)
    else:
        body = pen.rect(2.4, 1, 11.6, 12.6) | pen.rect(3.4, 0.4, 10.6, 1.4)
    c.paint(body, stone, "tombstone", c.bevel(body, 0.9) + c.fall(body, 0.4, -0.4))
    if c.s >= 24:
        specks(c, body, rng, 0.03)
    if p["extra"] == "skull":
        _skull(c, pen, 7, 5, 2.2)
    elif p["shape"] != "cross":
        if c.s >= 16:
            for y, half in ((4, 2.6), (6, 3.2), (8, 2.4)):
                c.touch(pen.rect(7 - half, y, 7 + half, y + 0.7) & (c.xs.astype(int) % 5 != 0), -1.5)
        else:
            c.touch(pen.rect(5, 5, 9, 6.4), -1.4)
    base = pen.rect(1, 12, 13, 14) if p["shape"] != "round" else pen.oval(0.4, 11.4, 13.6, 16) & (c.ys < pen.low)
    c.paint(
        base,
        "dirt" if p["shape"] == "round" else stone,
        "ground" if p["shape"] == "round" else "base",
        c.fall(base, 0.6, -0.8),
        rim=rim,
    )
    if p["extra"] == "flowers":
        for x, color in ((2.6, "red"), (4.2, "yellow"), (11, "red")):
            c.paint(pen.rect(x - 0.2, 11, x + 0.2, 13.4), "leaf", "flowers", 0)
            c.paint(pen.oval(x - 0.9, 9.8, x + 0.9, 11.6), color, "flowers", 0.4, rim=c.s >= 24)


def _house(p: Params, c: Canvas, rng: Rng, pen: Pen, rim: bool) -> None:
    wall, roof = "dark grey", "purple"
    side = pen.rect(7, 6.6, 13, 14)
    c.paint(side, wall, "walls", -0.4)
    planks(c, side, max(2, round(pen.u * 1.3)) if c.s >= 16 else 0)
    c.paint(pen.poly((8.4, 4), (11.6, 4), (13.8, 7), (6.8, 7)), roof, "roof", "fall", rim=rim)
    tower = pen.rect(1.6, 5, 7.4, 14)
    c.paint(tower, wall, "walls", c.column(tower, 1.0), rim=rim)
    planks(c, tower, max(2, round(pen.u * 1.3)) if c.s >= 16 else 0)
    peak = pen.poly((4.2, 0), (4.8, 0), (8.2, 5.4), (0.8, 5.4))
    c.paint(peak, roof, "roof", c.column(peak, 1.1), rim=rim)
    lamp = p["light_color"]
    for x0, y0, x1, y1 in ((3.4, 6.4, 5.6, 9), (8.8, 8, 10, 10), (11, 8, 12.2, 10)):
        pane = pen.rect(x0, y0, x1, y1)
        c.paint(pane, lamp, "windows", 0.3, rim=rim)
        if c.s >= 24:
            c.paint(pane & pen.rect((x0 + x1) / 2 - 0.15, 0, (x0 + x1) / 2 + 0.15, 14), "ink", "windows", 0.2)
    door = pen.rect(3.2, 10.6, 5.8, 14)
    c.paint(door, "ink", "door", 0.2, rim=rim)
    if c.s >= 24:
        c.paint(
            pen.line((9, 11.4), (12.4, 12.6), width=0.6) | pen.line((9, 13), (12.4, 11.8), width=0.6),
            "dark wood",
            "boards",
            0.2,
        )


def words(p: Params) -> Words:
    kind = p["thing"]
    nouns = {
        "tombstone": ("tombstone", "gravestone", "grave", "headstone"),
        "crypt": ("crypt", "mausoleum", "tomb"),
        "coffin": ("coffin", "wooden coffin", "casket"),
        "haunted house": ("haunted house", "spooky house", "haunted mansion"),
        "dead tree": ("dead tree", "bare tree", "spooky tree"),
    }[kind]
    having: list[Fact] = []
    seen = p["visible"]
    if p["light_color"]:
        color = p["light_color"]
        having.append(
            (f"{{{color}}} windows", f"glowing {{{color}}} windows")
            if kind == "haunted house"
            else (f"a~{{{color}}} glow inside", f"a~{{{color}}} light behind bars")
        )
    if p["extra"] != "none" and p["extra"] in seen:
        having.append(
            {
                "skull": ("a skull", "a skull on it"),
                "flowers": ("flowers",),
                "moss": ("moss", "moss on it"),
                "bats": ("bats", "two bats"),
            }[p["extra"]]
        )
    if kind == "coffin" and "cross" in seen:
        having.append(("a {gold} cross", "a cross on the lid"))
    if p["cracked"]:
        having.append(("a crack", "cracks"))
    shape = {"cross": ("cross-shaped", "cross shaped"), "round": ("rounded", ""), "square": ("square",), None: ("",)}[
        p["shape"]
    ]
    stone = f"{{{p['stone']}}}" if p["stone"] else ""
    place: tuple[Fact, ...] = (
        (("at night", "under the moon", "by moonlight"),)
        if p["moonlit"] and "moon" in seen
        else (("at night",),)
        if p["moonlit"]
        else ()
    )
    return Words(nouns=nouns, adjectives=(shape, stone), having=tuple(having), place=place)


FAMILY = Family(
    name="graveyard",
    kind="object",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=TALL,
    weight=1.3,
    genres=("horror",),
)
