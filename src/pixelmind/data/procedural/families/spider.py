"""Spiders from above: colours, marks, many eyes, hairy legs, a thread or a web."""

from __future__ import annotations

from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice, flag
from pixelmind.data.procedural.grid import Grid, paint_rows
from pixelmind.data.procedural.rng import Rng

PARAMETERS = {
    "color": choice("black", "brown", "red", "purple", "green", "orange", "grey", weights=(5, 4, 2, 2, 2, 1, 2)),
    "eye_color": choice("red", "yellow", "lime", "white", "cyan", weights=(4, 2, 2, 2, 1)),
    "eyes": choice(2, 4, 8, weights=(3, 3, 2)),
    "mark": choice("none", "hourglass", "stripes", "skull", "cross", weights=(4, 2, 2, 1, 1)),
    "mark_color": choice("red", "yellow", "white", "lime"),
    "fangs": flag(0.5),
    "web": choice("none", "thread", weights=(3, 1)),
    "legs": choice("wide", "raised", weights=(1, 1)),
}


def fit(p: Params, h: int, w: int) -> None:
    s = min(h, w)
    if p["mark_color"] == p["color"]:
        p["mark_color"] = "yellow"
    if s < 20:
        p["mark"] = "none" if p["mark"] == "none" else "hourglass"
        p["eyes"], p["fangs"] = 2, False
    elif s < 32:
        p["eyes"] = min(p["eyes"], 4)
    if s <= 10:
        p.update(mark="none", web="none", legs="wide")
    if p["mark"] == "none":
        p["mark_color"] = None
    if p["eye_color"] == p["color"]:
        p["eye_color"] = "yellow"


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    color = p["color"]
    if c.s <= 10:
        paint_rows(
            c,
            ("L......L", ".L.CC.L.", "L.ECCE.L", ".LCCCCL.", "L.CCCC.L", ".LCCCCL.", "L.CCCC.L", "L..CC..L"),
            {"L": (color, "legs", -0.6), "C": (color, "body", 0.2), "E": (p["eye_color"], "eyes", 0.3)},
        )
        return
    g = Grid(c)
    if p["web"] == "thread":
        c.paint(g.rect(7.7, 0, 0.6, 5), "white", "web", -0.3)
    raised = p["legs"] == "raised"
    for y0, kx, ky, fx, fy in (
        (5.6, 2.6, 2.6 if raised else 1.6, 0.8, 0.4 if raised else 5.4),
        (7, 1.4, 5.4 if raised else 5, 0.2, 3.6 if raised else 9.6),
        (8.4, 1.6, 8.4, 0.4, 12.6),
        (9.6, 3, 11.4, 1.8, 15.6),
    ):
        leg = g.stroke((6, y0), (kx + 0.6, ky), width=0.95) | g.stroke((kx + 0.6, ky), (fx, fy), width=0.7)
        c.paint(g.sides(leg), color, "legs", -0.6, rim=g.fine)
        c.touch(g.sides(g.stroke((6, y0), (kx + 0.6, ky))), 0.7)
        if g.large:
            c.touch(g.sides(g.oval(kx, ky - 0.5, 1.1, 1.1)) & (c.part == c.part_id("legs")), 0.8)
    body = g.oval(4, 6.8, 8, 8.4)
    c.paint(body, color, "body", c.ball(body, 1.6), rim=True)
    _mark(p, c, g, color)
    if p["fangs"]:
        c.paint(g.sides(g.poly((6.4, 3.6), (7.6, 3.4), (7.2, 1.4))), "bone", "fangs", 0.2, rim=g.fine)
    head = g.oval(5.2, 3, 5.6, 5)
    c.paint(head, color, "head", c.ball(head, 1.3), rim=True)
    spots = [(6.1, 4.4, 1.2)]
    if p["eyes"] >= 4:
        spots.append((6.9, 3.4, 0.8))
    if p["eyes"] == 8:
        spots += [(5.5, 5.9, 0.7), (6.9, 5.7, 0.7)]
    for x, y, d in spots:
        c.paint(g.sides(g.rect(x, y, d, d)), p["eye_color"], "eyes", 0.4)


def _mark(p: Params, c: Canvas, g: Grid, color: str) -> None:
    mark = p["mark_color"]
    if p["mark"] == "hourglass":
        c.paint(g.poly((6.6, 9), (9.4, 9), (8.4, 11), (9.4, 13), (6.6, 13), (7.6, 11)), mark, "mark", 0.1)
    elif p["mark"] == "stripes":
        for y in (8.6, 10.6, 12.6):
            c.paint(g.rect(5.2, y, 5.6, 0.8), mark, "mark", c.ball(g.oval(4, 6.8, 8, 8.4), 0.8))
    elif p["mark"] == "cross":
        c.paint(g.rect(7.5, 8.4, 1, 5) | g.rect(6, 9.8, 4, 1), mark, "mark", 0.1)
    elif p["mark"] == "skull":
        c.paint(g.oval(6.2, 9, 3.6, 3) | g.rect(7, 11.4, 2, 1.4), mark, "mark", 0.2)
        c.paint(g.sides(g.rect(6.8, 10, 0.9, 1)), "ink" if color != "black" else color, "mark", 0)


def words(p: Params) -> Words:
    having: list[Fact] = [
        (f"{{{p['eye_color']}}} eyes", f"{ {2: 'two', 4: 'four', 8: 'eight'}[p['eyes']] } {{{p['eye_color']}}} eyes")
    ]
    having.append(("eight legs", "long legs"))
    if p["mark"] != "none":
        mark = f"{{{p['mark_color']}}}"
        having.append(
            {
                "hourglass": (f"a~{mark} mark", f"a~{mark} hourglass on its back"),
                "stripes": (f"{mark} stripes", "stripes"),
                "cross": (f"a~{mark} cross on its back",),
                "skull": (f"a~{mark} skull mark", "a skull on its back"),
            }[p["mark"]]
        )
    if p["fangs"]:
        having.append(("fangs", "two fangs"))
    if p["legs"] == "raised":
        having.append(("raised front legs", "its front legs up"))
    place: tuple[Fact, ...] = (("hanging on a thread", "on a thread"),) if p["web"] == "thread" else ()
    return Words(
        nouns=("spider", "spider", "giant spider", "tarantula" if p["color"] == "brown" else "creepy spider"),
        adjectives=(f"{{{p['color']}}}",),
        having=tuple(having),
        place=place,
        lacking=() if p["mark"] != "none" else ("markings",),
    )


FAMILY = Family(
    name="spider",
    kind="creature",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    view="top",
    sizes=SQUARE,
    genres=("horror", "fantasy"),
)
