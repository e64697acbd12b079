"""Sea creatures: sharks, whales, octopuses, jellyfish, sea horses and crabs."""

from __future__ import annotations

from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice, flag
from pixelmind.data.procedural.grid import Grid, paint_rows
from pixelmind.data.procedural.rng import Rng

COLORS = {
    "shark": ("grey", "blue", "dark grey"),
    "whale": ("blue", "navy", "light blue"),
    "octopus": ("purple", "red", "orange"),
    "jellyfish": ("pink", "violet", "cyan"),
    "seahorse": ("orange", "yellow", "pink"),
    "crab": ("red", "orange", "blue"),
}
PARAMETERS = {
    "animal": choice(*COLORS, weights=(4, 3, 4, 3, 2, 3)),
    "color": choice(0, 1, 2, weights=(3, 2, 2)),
    "mood": choice("calm", "fierce", weights=(3, 2)),
    "spots": flag(0.4),
    "spot_color": choice("white", "yellow", "dark red", "lime"),
    "bubbles": flag(0.4),
    "spout": flag(0.5),
    "facing": choice("left", "right"),
}


def fit(p: Params, h: int, w: int) -> None:
    kind, s = p["animal"], min(h, w)
    if isinstance(p["color"], int):
        p["color"] = COLORS[kind][p["color"]]
    if kind in ("octopus", "jellyfish", "crab"):
        p["facing"] = None
    if s < 20:
        p.update(spots=False, mood="calm")
    if s < 14:
        p["bubbles"] = False
    if kind != "whale" or s <= 10:
        p["spout"] = False
    if kind == "whale" and p["spout"]:
        p["bubbles"] = False
    if kind in ("shark", "whale", "jellyfish", "seahorse") and kind != "shark":
        p["mood"] = "calm"
    if p["spot_color"] == p["color"] or (p["color"] in ("orange",) and p["spot_color"] == "yellow"):
        p["spot_color"] = "white"
    if not p["spots"]:
        p["spot_color"] = None


_TINY = {
    "shark": ("........", "....F...", "...FF..F", ".CCCCCFF", "CECCCCCF", "WWWWWC.F", "..WF....", "........"),
    "whale": ("........", "......F.F", "..CCC..F", ".CCCCCCF", "CCECCCC.", "CCCCCCC.", "WWWWWW..", ".WWFW..."),
    "octopus": ("..CCCC..", ".CCCCCC.", ".CCCCCC.", ".CECCEC.", ".CCCCCC.", "CCCCCCCC", "C.C..C.C", "C.C..C.C"),
    "jellyfish": ("..CCCC..", ".CCCCCC.", "CCCCCCCC", "CECCCCEC", ".F.FF.F.", ".F..F.F.", "..F.F..F", "..F..F.."),
    "seahorse": ("...CC...", "..CCCC..", "CCCEC...", "...CCF..", "...CCFF.", "..CCC...", "...CC...", "..CC...."),
    "crab": ("F......F", "FF.WW.FF", ".F.EE.F.", "..CCCC..", ".CCCCCC.", "CCCCCCCC", "FCCCCCCF", "F.F..F.F"),
}


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    kind, color = p["animal"], p["color"]
    if c.s <= 10:
        rows = [row[:8] for row in _TINY[kind]]
        eye = "ink"
        part = {"octopus": "head", "jellyfish": "bell"}.get(kind, "body")
        legend = {
            "C": (color, part, 0.1),
            "F": (color, {"crab": "claws", "jellyfish": "tentacles"}.get(kind, "fins"), -0.7),
            "W": ("white", "belly" if kind != "crab" else "eyes", 0.0),
            "E": (eye, "eyes", 0.0),
        }
        paint_rows(c, rows, legend)
    else:
        g = Grid(c)
        {
            "shark": _shark,
            "whale": _whale,
            "octopus": _octopus,
            "jellyfish": _jellyfish,
            "seahorse": _seahorse,
            "crab": _crab,
        }[kind](p, c, g)
        if p["bubbles"]:
            side = {"shark": ((1, 2.2, 1.8), (3.6, 0.6, 1.3)), "seahorse": ((1, 1.4, 1.8), (2.6, 0, 1.2))}.get(
                kind, ((0.4, 2.4, 1.8), (14, 1.2, 1.5))
            )
            for x, y, d in side:
                c.paint(g.oval(x, y, d, d), "ice", "bubbles", 0.4)
    if p["facing"] == "right":
        c.flip()


def _spots(p: Params, c: Canvas, g: Grid, within: object, places: tuple[tuple[float, float, float], ...]) -> None:
    if p["spots"]:
        for x, y, d in places:
            c.paint(g.oval(x, y, d, d) & within, p["spot_color"], "spots", 0)  # type: ignore[operator]


def _shark(p: Params, c: Canvas, g: Grid) -> None:
    color = p["color"]
    tail = g.poly((12.6, 8.6), (15.9, 3.6), (14.8, 8), (15.7, 12), (12.6, 9.8))
    c.paint(tail, color, "fins", c.fall(tail, 0.4, -0.7))
    fin = g.poly((6.4, 6.2), (8.6, 1.6), (10.4, 6.4))
    c.paint(fin, color, "fins", c.column(fin, 0.8))
    c.paint(g.poly((11, 10), (12.6, 12.2), (12.4, 9.6)), color, "fins", -0.8)
    body = g.poly(
        (0.2, 8), (3, 5.9), (7, 5), (11, 6.4), (14, 8.6), (14, 9.6), (10.6, 11), (6, 12), (2.4, 11.4), (0.6, 9.6)
    )
    c.paint(body, color, "body", c.fall(body, 1.2, -0.6), rim=True)
    belly = body & ~g.poly((0, 0), (16, 0), (16, 9.2), (9, 9.4), (4, 9.4), (0, 8.6))
    c.paint(belly, "white", "belly", c.fall(belly, 0.3, -1.0))
    side = g.poly((5.4, 10), (8.6, 14.6), (8.8, 10.2))
    c.paint(side, color, "fins", c.fall(side, 0.2, -0.8), rim=True)
    _spots(p, c, g, body, ((8, 6.4, 1.2), (10, 7.4, 1), (6, 6.4, 0.9)))
    if g.fine:
        for x in (5.2, 6.2, 7.2)[: 2 if not g.large else 3]:
            c.touch(g.stroke((x, 7.6), (x - 0.3, 9.4)) & body, -1.3)
    if p["mood"] == "fierce":
        gap = g.poly((0.9, 9.6), (4.4, 9.2), (3.6, 11.2), (1.8, 11)) & body
        c.paint(gap, "dark red", "mouth", -0.4)
        x0, y0, _, gh = c.box(gap)
        teeth = gap & ((c.xs - x0).astype(int) % 2 == 0) & ((c.ys == y0 + (gh > 2)) | (c.ys == y0 + gh - 1))
        c.paint(teeth, "white", "teeth", 0.4)
    elif g.fine:
        c.paint(g.stroke((1.2, 9.8), (3.8, 10)) & body, "ink", "mouth", 0)
    c.paint(g.rect(2.9, 7.2, 0.9, 0.9), "ink", "eyes", 0)
    if p["mood"] == "fierce":
        c.paint(g.stroke((2.4, 6.5), (4.2, 7.2)) & body, "ink", "eyes", 0)


def _whale(p: Params, c: Canvas, g: Grid) -> None:
    color = p["color"]
    top = 5.2 if p["spout"] else 3.6
    tail = g.poly(
        (11.4, 11), (13.2, 7.4), (11.4, 5.2), (13.6, 5.4), (14.2, 6.6), (15.2, 4.8), (15.9, 6.2), (14.8, 8), (13.8, 12)
    )
    c.paint(tail, color, "fins", c.fall(tail, 0.7, -0.7))
    body = (g.oval(0.4, top, 12.4, 15.4 - top) | g.poly((8, 8), (12, 8.6), (14, 8.2), (12.6, 13), (8, 15))) & ~g.rect(
        0, 15.2, 16, 1
    )
    c.paint(body, color, "body", c.ball(body, 1.5), rim=True)
    belly = body & ~g.oval(-3, top - 7, 20, 13.8)
    c.paint(belly, "white", "belly", c.fall(belly, 0.4, -0.9))
    if g.fine:
        for x in range(1, 10, 2):
            c.touch(g.stroke((x + 0.6, 11), (x + 1.6, 15)) & belly, -0.9)
    fin = g.poly((6.4, 11.6), (9.4, 15), (8.8, 11.2))
    c.paint(fin, color, "fins", -0.3, rim=True)
    _spots(p, c, g, body & ~belly, ((5, top + 1, 1.2), (8, top + 1.4, 1.5), (9.8, top + 3.2, 1)))
    c.paint(g.oval(3, 9, 1.3, 1.3), "ink", "eyes", 0)
    if g.fine:
        c.paint(g.dots((3.3, 9.3)), "white", "eyes", 0.5)
    if p["spout"]:
        jet = (
            g.rect(5.8, 2, 1, 3)
            | g.taper(((6.2, 2.6), (5, 0.2), (3.4, 2.2)), 1.1, 0.8)
            | g.taper(((6.4, 2.6), (7.6, 0.2), (9.2, 2.2)), 1.1, 0.8)
        )
        c.paint(jet, "light blue", "spout", 0.3)


def _octopus(p: Params, c: Canvas, g: Grid) -> None:
    color = p["color"]
    for x0, x1, y1, x2, y2 in (
        (4.4, 0.6, 9, 0.8, 12.6),
        (4.8, 2.4, 12, 1.6, 15.6),
        (6.2, 4.4, 13.4, 4.6, 15.8),
        (7.4, 7, 13.6, 6.8, 15.6),
    ):
        arm = g.taper(((x0, 9), (x1, y1), (x2, y2)), 2.2, 1.1)
        c.paint(g.sides(arm), color, "tentacles", c.fall(arm, 0.2, -0.9), rim=g.fine)
        if g.fine:
            for t in (0.5, 0.8):
                c.paint(
                    g.sides(g.oval(x1 + (x2 - x1) * t - 0.2, y1 + (y2 - y1) * t, 0.6, 0.6) & arm), "beige", "suckers", 0
                )
    head = g.oval(2.8, 0.4, 10.4, 9.4) | g.oval(3.8, 5.4, 8.4, 6)
    c.paint(head, color, "head", c.ball(head, 1.5), rim=True)
    _spots(p, c, g, head, ((5, 2, 1.4), (8.6, 1.6, 1.8), (10.6, 3.6, 1), (3.8, 4, 0.9)))
    eye = g.oval(4.6, 5.4, 2.6, 2.8)
    c.paint(g.sides(eye), "white", "eyes", 0.2, rim=g.fine)
    c.paint(g.sides(g.oval(5.5, 6.2, 1.3, 1.6)), "ink", "eyes", 0)
    if p["mood"] == "fierce":
        c.paint(g.sides(g.stroke((4.2, 4.6), (7.2, 5.9), width=0.5)), "ink", "eyes", 0)
        c.paint(g.rect(6.6, 9.2, 2.8, 0.9), "ink", "mouth", 0)
    elif g.fine:
        c.paint(g.rect(7, 9.4, 2, 0.5) | g.sides(g.dots((6.7, 9.2))), "ink", "mouth", 0)


def _jellyfish(p: Params, c: Canvas, g: Grid) -> None:
    color = p["color"]
    for i, x in enumerate((4, 6, 8, 10, 12)):
        bend = 1.2 if i % 2 else -1.2
        arm = (
            g.taper(((x, 7), (x + bend, 10)), 1.1, 0.9)
            | g.taper(((x + bend, 10), (x - bend * 0.6, 13)), 0.9, 0.7)
            | g.taper(((x - bend * 0.6, 13), (x + bend * 0.5, 15.6 - (i % 2))), 0.7, 0.5)
        )
        c.paint(arm, color, "tentacles", c.fall(arm, -0.2, -1.3) if i % 2 else c.fall(arm, 0.6, -0.6))
    bell = (g.oval(1.8, 0.6, 12.4, 13.4) & ~g.rect(0, 7.6, 16, 9)) | g.oval(1.8, 5.8, 12.4, 2.8)
    c.paint(bell, color, "bell", c.ball(bell, 1.6), rim=True)
    if g.fine:
        hem = bell & (c.ys >= g.at(0, 6.9)[1])
        c.touch(hem & ((c.xs - round(g.ox)).astype(int) % g.px(1.8) == 0), -1.0)
        c.touch(g.oval(4, 1.8, 3, 2) & bell, 0.8)
    _spots(p, c, g, bell, ((5.4, 2.4, 1.5), (8.8, 1.8, 1.8), (11, 4, 1.2)))
    c.paint(g.sides(g.rect(5.4, 4.8, 1.1, 1.5)), "ink", "eyes", 0)
    if g.fine:
        c.paint(g.rect(7.2, 6.4, 1.6, 0.5), "ink", "mouth", 0)


def _seahorse(p: Params, c: Canvas, g: Grid) -> None:
    color = p["color"]
    fin = g.poly((10, 6), (13.4, 5.6), (13, 10), (10.6, 10))
    c.paint(fin, color, "fins", c.column(fin, 0.6) - 0.4)
    if g.fine:
        c.touch(fin & (c.ys.astype(int) % g.px(0.9) == 0), -0.7)
    tail = g.taper(((9.4, 10), (10.6, 13.6), (7.6, 14.4)), 2.6, 1.4) | g.taper(
        ((7.6, 14.4), (5.2, 14.4), (6.6, 12.4)), 1.4, 0.8
    )
    c.paint(tail, color, "tail", c.fall(tail, 0.2, -1.0), rim=g.fine)
    body = g.oval(6, 4.6, 5.2, 7.6) | g.taper(((8.6, 6), (8.2, 3), (7.4, 2.8)), 3.6, 3.4)
    c.paint(body, color, "body", c.ball(body, 1.4), rim=True)
    belly = g.oval(5.8, 6, 2.6, 5.4) & body
    c.paint(belly, "beige", "belly", 0)
    if g.fine:
        c.touch((body | tail) & (c.ys.astype(int) % g.px(1.2) == 0) & (c.ys > g.at(0, 5)[1]), -0.7)
    head = g.oval(4.8, 1.4, 5.2, 4.4)
    snout = g.rect(1.6, 3.4, 4.4, 1.4) | g.rect(1.6, 3, 0.9, 2.1)
    crest = g.poly((6.4, 1.8), (7, 0), (8, 1.2), (8.8, 0.2), (9.4, 2.2))
    c.paint(crest, color, "crest", -0.5)
    c.paint(head | snout, color, "head", c.ball(head | snout, 1.2), rim=True)
    _spots(p, c, g, body | head, ((9, 6, 1), (9.4, 8.4, 1.1), (8.4, 2.4, 0.8)))
    c.paint(g.rect(6.4, 2.8, 1, 1.1), "ink", "eyes", 0)


def _crab(p: Params, c: Canvas, g: Grid) -> None:
    color = p["color"]
    for y, reach in ((10.2, 1.6), (11.6, 1.4), (12.8, 2.6)):
        leg = g.stroke((5, y), (reach + 0.6, y + 0.4), (reach, y + 2.6), width=0.9)
        c.paint(g.sides(leg), color, "legs", -0.9)
    c.paint(g.sides(g.stroke((4.4, 9), (2.4, 8), (2.2, 6), width=1.3)), color, "claws", -0.5, rim=g.fine)
    claw = g.oval(0.2, 2, 4.8, 5) & ~g.poly((2.4, 5), (1.8, 1.6), (4.2, 1.6))
    g.pair(claw, color, "claws", 1.2, rim=g.fine)
    body = g.oval(2.8, 7, 10.4, 7.4)
    c.paint(body, color, "body", c.ball(body, 1.5), rim=True)
    _spots(p, c, g, body, ((4.6, 9, 1.2), (9.8, 8.4, 1.4), (7.2, 11.8, 1.2), (10.8, 10.8, 0.9)))
    c.paint(g.sides(g.rect(5.9, 5.4, 0.8, 2.4)), color, "eyes", -0.4)
    c.paint(g.sides(g.oval(5.2, 3.8, 2.2, 2.4)), "white", "eyes", 0.2, rim=g.fine)
    c.paint(g.sides(g.rect(5.9, 4.6, 0.9, 1)), "ink", "eyes", 0)
    if p["mood"] == "fierce":
        c.paint(g.sides(g.stroke((4.8, 3.2), (7.2, 4.2), width=0.5)), "ink", "eyes", 0)
        c.paint(g.rect(6.2, 11.2, 3.6, 0.9), "ink", "mouth", 0)
    else:
        c.paint(g.rect(6.8, 11, 2.4, 0.6), "ink", "mouth", 0.4)


def words(p: Params) -> Words:
    kind, seen = p["animal"], p["visible"]
    nouns = {
        "shark": ("shark", "shark", "great shark"),
        "whale": ("whale", "whale", "big whale"),
        "octopus": ("octopus", "octopus", "squid monster" if p["mood"] == "fierce" else "cute octopus"),
        "jellyfish": ("jellyfish", "jellyfish", "sea jelly"),
        "seahorse": ("seahorse", "seahorse", "little seahorse"),
        "crab": ("crab", "crab", "sea crab"),
    }[kind]
    having: list[Fact] = []
    if p["spots"]:
        having.append((f"{{{p['spot_color']}}} spots", "spots"))
    if "teeth" in seen:
        having.append(("sharp teeth", "an open mouth full of teeth"))
    if "tentacles" in seen:
        having.append(("tentacles", "long tentacles"))
    if "claws" in seen:
        having.append(("claws", "two claws", "big claws"))
    if "belly" in seen and kind in ("shark", "whale"):
        having.append("a {white} belly")
    if p["spout"]:
        having.append(("a spout of water", "water spouting from its blowhole"))
    if p["bubbles"]:
        having.append(("bubbles", "two bubbles"))
    place: tuple[Fact, ...] = ((f"facing {p['facing']}", f"swimming to the {p['facing']}"),) if p["facing"] else ()
    return Words(
        nouns=nouns,
        adjectives=(("angry", "fierce") if p["mood"] == "fierce" else "", f"{{{p['color']}}}"),
        having=tuple(having),
        place=place,
        lacking=() if p["bubbles"] else ("bubbles",),
    )


FAMILY = Family(
    name="sea_creature",
    kind="creature",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    view="side",
    sizes=SQUARE,
    genres=("underwater",),
    weight=1.2,
)
