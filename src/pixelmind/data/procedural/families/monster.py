"""Monsters of no other family: floating eyeballs, man-eating plants and fire spirits."""

from __future__ import annotations

from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice, flag
from pixelmind.data.procedural.grid import Grid, paint_rows
from pixelmind.data.procedural.rng import Rng

COLORS = {
    "eyeball": ("purple", "green", "dark red", "teal", "brown"),
    "plant": ("red", "purple", "magenta", "blue", "yellow"),
    "flame": ("orange", "light blue", "lime", "violet", "red"),
}
CORES = {"orange": "yellow", "light blue": "white", "lime": "yellow", "violet": "pink", "red": "orange"}
PARAMETERS = {
    "monster": choice(*COLORS, weights=(3, 2.5, 2)),
    "color": choice(*range(5)),
    "eye_color": choice("red", "blue", "green", "violet", "orange"),
    "mood": choice("angry", "calm", "sleepy", weights=(3, 2, 1)),
    "wings": flag(0.4),
    "potted": flag(0.5),
    "facing": choice("left", "right"),
}


def fit(p: Params, h: int, w: int) -> None:
    kind, s = p["monster"], min(h, w)
    p["color"] = COLORS[kind][p["color"] % len(COLORS[kind])] if isinstance(p["color"], int) else p["color"]
    if kind != "eyeball":
        p.update(eye_color=None, wings=False)
    if kind != "plant":
        p.update(potted=False, facing=None)
    if kind == "plant" or s < 16:
        p["mood"] = "calm"


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    if c.s <= 10:
        _tiny(p, c)
        return
    {"eyeball": _eyeball, "plant": _plant, "flame": _flame}[p["monster"]](p, c, Grid(c))
    if p["facing"] == "left":
        c.flip()


def _tiny(p: Params, c: Canvas) -> None:
    color = p["color"]
    if p["monster"] == "eyeball":
        rows = ("..WWWW..", ".WWWWWW.", "WWWIIWWW", "LWWIIWWL", "LWWWWWWL", ".LWWWWL.", ".L.LL.L.", ".L.L..L.")
        if p["wings"]:
            rows = ("T.WWWW.T", "TWWWWWWT", "TTWIIWTT", "TTWIIWTT", "T.WWWW.T", "...LL...", "..L..L..", "........")
        legend = {
            "W": ("white", "body", 0.0),
            "I": (p["eye_color"], "iris", 0.0),
            "L": (color, "tentacles", -0.6),
            "T": (color, "wings", -0.2),
        }
    elif p["monster"] == "plant":
        rows = (".CCCCC..", "CCCCCC..", "CCWRWR..", "CCCCCCC.", "..GG....", "G.GG.G..", ".GGGG...", "..GG....")
        rows = (*rows[:6], ".PPPP...", ".PPPP...") if p["potted"] else rows
        legend = {
            "C": (color, "head", 0.0),
            "W": ("white", "teeth", 0.4),
            "R": ("ink", "mouth", 0.0),
            "G": ("leaf", "leaves", 0.0),
            "P": ("brick", "pot", 0.0),
        }
    else:
        rows = ("...F....", "..FF.F..", ".FFFFF..", ".FFCCFF.", "FFCCCCFF", "FKCCCKFF", "FFCCCCF.", "..FFFF..")
        legend = {"F": (color, "body", 0.0), "C": (CORES[color], "core", 0.3), "K": ("ink", "eyes", 0.0)}
    paint_rows(c, rows, legend)
    if p["facing"] == "left":
        c.flip()


def _eyeball(p: Params, c: Canvas, g: Grid) -> None:
    color, s = p["color"], c.s
    if p["wings"]:
        wing = g.poly((6, 8), (2.6, 3.6), (0.2, 2), (0, 8.6), (1.6, 8), (2.6, 10), (4, 9), (5.6, 11))
        g.pair(wing, color, "wings", 1.1)
        if g.fine:
            bones = g.stroke((2.6, 3.6), (1.6, 8)) | g.stroke((2.6, 3.6), (4, 9))
            c.touch(g.sides(bones) & (c.part == c.part_id("wings")), -1.0)
    for x, bend, end in ((4.6, 2.6, 3.4), (6.4, 5.6, 7), (9.6, 10.6, 9), (11.4, 13.2, 12.6)):
        limb = g.taper(((x, 10), (bend, 13), (end, 15.4)), 1.9, 0.8)
        c.paint(limb, color, "tentacles", c.fall(limb, 0.4, -0.9), rim=g.fine)
    box = (3.2, 2.6, 9.6, 9.6) if p["wings"] else (2.4, 1, 11.2, 11.2)
    x, y, d, _ = box
    ball = g.oval(*box)
    c.paint(ball, "white", "body", c.ball(ball, 1.5), rim=s >= 16)
    if g.fine:
        for a, b in (
            ((0.02, 0.45), (0.2, 0.5)),
            ((0.12, 0.8), (0.28, 0.68)),
            ((0.86, 0.78), (0.74, 0.68)),
            ((0.98, 0.5), (0.82, 0.52)),
        ):
            vein = g.stroke((x + a[0] * d, y + a[1] * d), (x + b[0] * d, y + b[1] * d))
            c.paint(vein & ball, "red", "eyeball", 0.6)
    iris = g.oval(x + 0.26 * d, y + 0.3 * d, 0.48 * d, 0.48 * d)
    c.paint(iris, p["eye_color"], "iris", c.ball(iris, 1.6) - 0.2, rim=g.fine)
    c.paint(g.oval(x + 0.39 * d, y + 0.4 * d, 0.22 * d, 0.28 * d), "ink", "pupil", 0)
    c.paint(g.oval(x + 0.33 * d, y + 0.35 * d, 0.12 * d, 0.12 * d), "white", "shine", 0.8)
    if p["mood"] == "calm":
        lid = ball & (c.ys < g.at(0, y + 0.18 * d)[1])
    elif p["mood"] == "angry":
        lid = ball & g.sides(g.poly((x - 1, y - 1), (8, y - 1), (8, y + 0.42 * d), (x - 1, y + 0.1 * d)))
    else:
        lid = ball & (c.ys < g.at(0, y + 0.52 * d)[1])
    c.paint(lid, color, "skin", c.ball(ball, 1.4), rim=True)


def _plant(p: Params, c: Canvas, g: Grid) -> None:
    """Faces right; the head leans over its stem with the jaws open."""
    color, floor = p["color"], 12.4 if p["potted"] else 15.2
    for side, lift in ((-1, 0.0), (1, 0.6)):
        leaf = g.poly(
            (6.6, floor),
            (6.6 + side * 2.6, floor - 3 + lift),
            (6.6 + side * 5.8, floor - 1.4 + lift),
            (6.6 + side * 3, floor),
        )
        c.paint(leaf, "leaf", "leaves", c.fall(leaf, 1.0, -1.0), rim=g.fine)
        if g.fine:
            c.touch(g.stroke((6.6 + side, floor - 0.8), (6.6 + side * 4.6, floor - 1.5 + lift)) & leaf, -1.0)
    stem = g.taper(((6.6, floor), (3.6, 9.6), (6, 6.6)), 1.9, 1.6)
    c.paint(stem, "leaf", "stem", c.column(stem, 1.1), rim=g.fine)
    if p["potted"]:
        pot = g.poly((3.6, 12.6), (9.6, 12.6), (8.8, 15.8), (4.4, 15.8))
        c.paint(pot, "brick", "pot", c.column(pot, 1.2), rim=True)
        lip = g.rect(3, 11.8, 7.2, 1.3)
        c.paint(lip, "brick", "pot", c.column(lip, 1.0) + 0.4, rim=True)
    else:
        soil = g.oval(2.6, 14.4, 8, 3)
        c.paint(soil, "dark brown", "soil", c.fall(soil, 0.8, -0.8), rim=True)
    head = g.oval(2.2, 0.4, 10.6, 9.6)
    c.paint(head, color, "head", c.ball(head, 1.6), rim=True)
    maw = g.poly((7, 5.6), (15, 2.4), (15, 8.2)) & head
    c.paint(maw, "ink", "mouth", 0.2)
    lips = g.taper(((6.6, 5.4), (9.6, 4.6), (12.9, 2.6)), 1.0, 1.2) | g.taper(
        ((6.6, 5.9), (9.6, 6.8), (12.4, 8)), 1.0, 1.2
    )
    c.paint(lips, "lime" if color != "yellow" else "orange", "lips", 0.4, rim=g.fine)
    n = 2 if not g.fine else 3
    for i in range(n):
        x = 8.8 + i * (3.6 / n)
        upper, lower = 4.9 - (x - 8) * 0.42, 6.4 + (x - 8) * 0.3
        c.paint(g.poly((x - 0.6, upper), (x + 0.6, upper - 0.2), (x + 0.1, upper + 1.2)) & maw, "white", "teeth", 0.4)
        c.paint(g.poly((x - 0.6, lower), (x + 0.6, lower + 0.2), (x + 0.1, lower - 1.0)) & maw, "white", "teeth", 0.0)
    spots = g.oval(4.4, 1.8, 2, 1.8) | g.oval(7.8, 1, 1.8, 1.5) | g.oval(3, 4.6, 1.6, 1.8) | g.oval(5, 7.4, 1.6, 1.4)
    c.paint(spots & head & ~maw, "white", "spots", c.ball(head, 0.9) - 0.2)


def _flame(p: Params, c: Canvas, g: Grid) -> None:
    color, core = p["color"], CORES[p["color"]]
    body = g.oval(1.8, 5.4, 12.4, 10.4) | g.poly(
        (2.2, 9.6), (3.2, 5), (5, 7.2), (6.6, 0.6), (9.4, 5.2), (10.8, 3.2), (12.4, 6.6), (13.8, 9.8), (8, 12)
    )
    c.paint(body, color, "body", c.fall(body, -0.9, 0.9))
    inner = g.oval(3.8, 8, 8.4, 7.4) | g.poly(
        (4.6, 10.4), (6, 6.8), (7.2, 8), (8, 4.8), (9.6, 8), (10.6, 7.6), (11.6, 10.6)
    )
    c.paint(inner & body, core, "core", c.fall(inner, -0.4, 0.8))
    if c.s >= 16:
        spark = g.oval(11.8, 0.8, 1.3, 1.5) | g.oval(2.6, 2, 1.1, 1.3)
        c.paint(spark & ~body, color, "flame", 0.3)
    eye = g.oval(4.8, 9, 2, 3) if p["mood"] != "sleepy" else g.rect(4.6, 10.6, 2.4, 0.7)
    c.paint(g.sides(eye), "ink", "eyes", 0)
    if p["mood"] == "angry":
        c.paint(g.sides(g.poly((4.2, 7.8), (7.4, 9), (7.4, 9.9), (4.2, 9))), color, "brow", -1.4)
        c.paint(g.rect(6, 13, 4, 0.9), "ink", "mouth", 0)
        if g.fine:
            c.paint(g.sides(g.rect(6.6, 13, 0.7, 0.7)), "white", "mouth", 0.4)
    elif p["mood"] == "calm":
        if g.fine:
            c.paint(g.sides(g.rect(5.2, 9.4, 0.8, 0.9)), "white", "eyes", 0.4)
        c.paint(g.rect(6.8, 13, 2.4, 0.6) | g.sides(g.rect(6.2, 12.5, 0.7, 0.6)), "ink", "mouth", 0)
    else:
        c.paint(g.oval(7.2, 12.6, 1.6, 1.4), "ink", "mouth", 0)


def words(p: Params) -> Words:
    kind, color = p["monster"], f"{{{p['color']}}}"
    mood: Fact = {"angry": ("angry", "mad"), "calm": ("",), "sleepy": ("sleepy",)}[p["mood"]]
    if kind == "eyeball":
        having: list[Fact] = [(f"a~{{{p['eye_color']}}} iris",)]
        if "tentacles" in p["visible"]:
            having.append(("tentacles", f"{color} tentacles"))
        if p["wings"]:
            having.append((f"{color} wings", "bat wings"))
        return Words(
            nouns=("eyeball monster", "floating eye", "giant eyeball"),
            adjectives=(mood,),
            having=tuple(having),
            lacking=() if p["wings"] else ("wings",),
        )
    if kind == "plant":
        having = [("sharp teeth", "teeth"), ("{white} spots",)]
        place: Fact = ("in a flower pot", "in a pot") if p["potted"] else ()
        return Words(
            nouns=("man-eating plant", "carnivorous plant", "plant monster"),
            adjectives=(color,),
            having=tuple(having),
            place=(place, (f"facing {p['facing']}",)) if place else ((f"facing {p['facing']}",),),
        )
    return Words(
        nouns=("fire spirit", "living flame", "flame monster", "fire elemental"),
        adjectives=(mood, color),
        having=(("a face", "eyes and a mouth"),) if "mouth" in p["visible"] else (),
    )


FAMILY = Family(
    name="monster",
    kind="creature",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=SQUARE,
    weight=1.2,
    genres=("fantasy", "horror"),
)
