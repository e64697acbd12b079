"""Snakes: coiled, slithering or rearing as a cobra, banded or diamond-backed."""

from __future__ import annotations

from pixelmind.data.procedural.canvas import Canvas, Region
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice, flag
from pixelmind.data.procedural.grid import Grid, paint_rows
from pixelmind.data.procedural.rng import Rng

PARAMETERS = {
    "shape": choice("coiled", "slithering", "cobra", weights=(4, 3, 3)),
    "color": choice(
        "green", "red", "purple", "yellow", "brown", "black", "white", "blue", weights=(5, 2, 2, 2, 2, 2, 1, 1)
    ),
    "pattern": choice("none", "bands", "diamonds", weights=(2, 3, 2)),
    "pattern_color": choice("black", "yellow", "red", "white", "dark green"),
    "eye_color": choice("red", "yellow", "ink", weights=(3, 3, 2)),
    "tongue": flag(0.7),
    "rattle": flag(0.25),
    "facing": choice("left", "right"),
}


def fit(p: Params, h: int, w: int) -> None:
    s = min(h, w)
    if p["pattern_color"] == p["color"]:
        p["pattern_color"] = "yellow" if p["color"] != "yellow" else "black"
    if s < 20 or p["shape"] == "cobra":
        p["rattle"] = False
    if s < 14:
        p["tongue"] = False
        p["pattern"] = "bands" if p["pattern"] == "bands" else "none"
    if s <= 10:
        p["pattern"] = "none"
    if p["pattern"] == "none":
        p["pattern_color"] = None
    if p["eye_color"] == p["color"] or (p["eye_color"] == "ink" and p["color"] == "black"):
        p["eye_color"] = "red" if p["color"] != "red" else "yellow"


_TINY = {
    "coiled": ("........", ".CCC....", "CECCC...", "CCCCC...", "...CCC..", ".CCCCCC.", ".KKKKKK.", "CCCCCCCC"),
    "slithering": ("........", "........", "..CCC...", ".CCCCC..", "CEC.KCC.", "CCC..CC.", ".....CCC", "......CC"),
    "cobra": ("..CCC...", ".CECC...", "CCCCCC..", "CCCCCC..", ".CCCC...", "..CCCC..", ".KKCCCC.", ".CCCCCCC"),
}


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    color = p["color"]
    if c.s <= 10:
        paint_rows(
            c,
            _TINY[p["shape"]],
            {"C": (color, "body", 0.1), "K": (color, "body", -1.0), "E": (p["eye_color"], "eyes", 0.2)},
        )
    else:
        {"coiled": _coiled, "slithering": _slither, "cobra": _cobra}[p["shape"]](p, c, Grid(c))
    if p["facing"] == "right":
        c.flip()


def _scales(p: Params, c: Canvas, g: Grid, body: Region) -> None:
    k = g.px(2.2)
    x0 = round(g.ox)
    if p["pattern"] == "bands":
        mark = ((c.xs - x0 + c.ys * 0.3).astype(int) % (2 * k)) < k
    elif p["pattern"] == "diamonds":
        mark = (abs((c.xs - x0) % (2 * k) - k) + abs((c.ys - round(g.oy)) % (2 * k) - k)) < k * 0.75
    else:
        return
    c.paint(body & mark, p["pattern_color"], "pattern", c.fall(body, 0.7, -0.9))


def _head(p: Params, c: Canvas, g: Grid, x: float, y: float) -> None:
    if p["tongue"]:
        tongue = g.stroke((x + 0.4, y + 2.4), (x - 1.2, y + 2.8))
        if g.fine:
            tongue |= g.dots((x - 1.6, y + 2.2), (x - 1.6, y + 3.4))
        c.paint(tongue, "red" if p["color"] != "red" else "black", "tongue", 0)
    head = g.oval(x, y, 5.2, 4) | g.oval(x - 0.2, y + 1.2, 3.4, 2.8)
    c.paint(head, p["color"], "head", c.ball(head, 1.3), rim=True)
    eye = g.oval(x + 1.6, y + 0.7, 1.3, 1.4)
    c.paint(eye, p["eye_color"], "eyes", 0.3, rim=g.large)
    if g.fine and p["eye_color"] != "ink":
        ex, ey, ew, eh = c.box(eye)
        c.paint(c.rect(ex + ew // 2, ey, max(1, ew // 3), eh), "ink", "eyes", 0)
    if g.fine:
        c.touch(g.stroke((x, y + 3), (x + 2.4, y + 2.9)) & head, -1.5)
        c.paint(g.dots((x + 0.5, y + 1.7)), "ink", "head", 0.4)


def _coiled(p: Params, c: Canvas, g: Grid) -> None:
    color = p["color"]
    tail = g.taper(((11, 13), (15, 12.4), (15.4, 9.6)), 2, 0.7)
    c.paint(tail, color, "tail", c.fall(tail, 0.6, -0.7))
    if p["rattle"]:
        for i in range(3):
            c.paint(g.oval(14.5, 7.4 + i * 1.0, 1.6, 1.3), "tan", "rattle", 0.3 - 0.4 * i, rim=True)
    for y, x, w in ((11.8, 1.4, 13), (9, 3, 9.6)):
        coil = g.oval(x, y, w, 4.2)
        c.paint(coil, color, "body", c.fall(coil, 0.9, -1.3), rim=True)
        _scales(p, c, g, coil)
        c.touch(coil & (c.ys >= g.at(0, y + 3.2)[1]), -0.5)
    neck = g.taper(((9.6, 10.4), (12.8, 6), (7, 3.8)), 3.4, 2.8)
    c.paint(neck, color, "body", c.fall(neck, 0.8, -0.8), rim=True)
    _scales(p, c, g, neck)
    _head(p, c, g, 2.4, 2)


def _slither(p: Params, c: Canvas, g: Grid) -> None:
    color = p["color"]
    path = (
        ((4, 8.4), (6.6, 2.8), (8.4, 8), 3.0, 3.0),
        ((8.4, 8), (10, 14.6), (12.4, 10.4), 3.0, 2.2),
        ((12.4, 10.4), (13.6, 7.6), (15.8, 9.4), 2.2, 0.7),
    )
    whole = c.empty()
    for a, b, d, w0, w1 in reversed(path):
        whole |= g.taper((a, b, d), w0, w1)
    c.paint(whole, color, "body", c.fall(whole, 0.9, -1.1))
    _scales(p, c, g, whole)
    under = whole.copy()
    under[:-1] &= ~whole[1:]
    c.touch(under & whole, -0.8)
    if p["rattle"]:
        for i in range(3):
            c.paint(g.oval(13.8 + i * 0.8, 8.6 + i * 0.3, 1.3, 1.6), "tan", "rattle", 0.3 - 0.3 * i, rim=True)
    _head(p, c, g, 1.4, 6.6)


def _cobra(p: Params, c: Canvas, g: Grid) -> None:
    color = p["color"]
    tail = g.taper(((10, 14), (14.6, 15), (15.6, 11.6)), 2.0, 0.7)
    c.paint(tail, color, "tail", c.fall(tail, 0.5, -0.7))
    coil = g.oval(2, 11.6, 12, 4.4)
    c.paint(coil, color, "body", c.fall(coil, 0.9, -1.2), rim=True)
    _scales(p, c, g, coil)
    neck = g.taper(((8.4, 13.6), (10, 10), (7.4, 6)), 3.6, 3.0)
    c.paint(neck, color, "body", c.fall(neck, 0.6, -0.8), rim=True)
    hood = g.oval(3, 3.2, 9.4, 7.6) | g.poly((4.4, 8), (11, 8), (8.4, 12), (7, 12))
    c.paint(hood, color, "hood", c.ball(hood, 1.3), rim=True)
    _scales(p, c, g, hood & ~g.oval(5, 4, 5.4, 9))
    throat = g.oval(5.6, 5, 4.2, 7) & (hood | neck)
    c.paint(throat, "beige" if color not in ("white", "yellow") else "orange", "belly", c.fall(throat, 0.2, -0.7))
    if g.fine:
        c.touch(throat & (c.ys.astype(int) % g.px(1) == 0), -0.7)
    _head(p, c, g, 4.4, 1)


def words(p: Params) -> Words:
    having: list[Fact] = []
    if p["pattern"] != "none":
        having.append((f"{{{p['pattern_color']}}} {p['pattern']}", p["pattern"]))
    if p["eye_color"] != "ink":
        having.append((f"{{{p['eye_color']}}} eyes",))
    if p["tongue"]:
        having.append(("a forked tongue", "its tongue out", "a tongue"))
    if p["rattle"]:
        having.append(("a rattle", "a rattle on its tail"))
    if p["shape"] == "cobra" and "hood" in p["visible"]:
        having.append(("a hood", "a spread hood"))
    nouns = {
        "cobra": ("snake", "cobra", "king cobra"),
        "coiled": ("snake", "snake", "serpent"),
        "slithering": ("snake", "snake", "serpent"),
    }[p["shape"]]
    if p["rattle"]:
        nouns = ("snake", "rattlesnake", "rattlesnake")
    return Words(
        nouns=nouns,
        adjectives=(
            {"coiled": ("coiled", ""), "slithering": ("slithering", ""), "cobra": ("",)}[p["shape"]],
            f"{{{p['color']}}}",
        ),
        having=tuple(having),
        place=((f"facing {p['facing']}", f"looking {p['facing']}"),),
        lacking=() if p["tongue"] else ("a tongue",),
    )


FAMILY = Family(
    name="snake",
    kind="creature",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    view="side",
    sizes=SQUARE,
    genres=("western", "fantasy"),
)
