"""Aliens: big-headed greys, one- to three-eyed blobs with tentacles, and walkers with antennae."""

from __future__ import annotations

from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice, flag
from pixelmind.data.procedural.grid import Grid, paint_rows
from pixelmind.data.procedural.rng import Rng

PARAMETERS = {
    "shape": choice("grey", "blob", "squid", weights=(4, 3, 3)),
    "color": choice(
        "green", "grey", "purple", "blue", "lime", "pink", "orange", "teal", weights=(4, 3, 3, 2, 3, 1, 1, 2)
    ),
    "eyes": choice(1, 2, 3, weights=(2, 3, 2)),
    "eye_color": choice("ink", "red", "yellow", "cyan", weights=(4, 2, 2, 2)),
    "antennae": flag(0.4),
    "suit_color": choice(None, "silver", "blue", "red", "orange", weights=(4, 2, 1, 1, 1)),
    "spots": flag(0.35),
    "mouth": choice("none", "smile", "teeth", weights=(3, 2, 2)),
    "held": choice("none", "ray gun", weights=(3, 1)),
}


def fit(p: Params, h: int, w: int) -> None:
    s = min(h, w)
    if p["shape"] == "grey":
        p.update(eyes=2, spots=False)
    else:
        p.update(suit_color=None, held="none")
    if s < 16:
        p.update(spots=False, mouth="none", held="none")
    if s < 20 and p["mouth"] == "teeth":
        p["mouth"] = "smile"
    if s <= 10 and p["eyes"] == 3:
        p["eyes"] = 2
    if p["suit_color"] == p["color"]:
        p["suit_color"] = "silver"
    if p["eye_color"] == "ink" and p["shape"] != "grey":
        p["eye_color"] = "red" if p["color"] not in ("pink", "orange") else "cyan"


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    if c.s <= 10:
        _tiny(p, c)
        return
    g = Grid(c)
    if p["antennae"]:
        stalk = g.stroke((6.4, 3), (5, 0.8))
        c.paint(g.sides(stalk), p["color"], "antennae", -0.6)
        bulb = g.oval(4.2, 0, 1.5, 1.5)
        g.pair(bulb, "yellow", "antennae", 1.0, rim=g.fine)
    {"grey": _grey, "blob": _blob, "squid": _squid}[p["shape"]](p, c, g)


def _eye_row(p: Params, c: Canvas, g: Grid, y: float, d: float) -> None:
    n, step = p["eyes"], d + 0.5
    white, pupil = c.empty(), c.empty()
    for i in range(n):
        x = 8 + (i - (n - 1) / 2) * step
        up = -0.7 if n == 3 and i == 1 else 0.0
        white |= g.oval(x - d / 2, y + up, d, d)
        pupil |= g.oval(x - d * 0.27, y + up + d * 0.25, d * 0.55, d * 0.55)
    if n != 3:
        white, pupil = g.sides(white), g.sides(pupil)
    c.paint(white, "white", "eyes", 0.2, rim=True)
    c.paint(pupil, p["eye_color"], "eyes", 0)
    if g.large:
        small = c.empty()
        for i in range(n):
            x = 8 + (i - (n - 1) / 2) * step
            small |= g.oval(x - d * 0.13, y + (-0.7 if n == 3 and i == 1 else 0) + d * 0.38, d * 0.28, d * 0.28)
        c.paint(small, "ink", "eyes", 0)


def _mouth(p: Params, c: Canvas, g: Grid, y: float, wide: float) -> None:
    if p["mouth"] == "none":
        return
    if p["mouth"] == "smile":
        line = g.stroke((8 - wide * 0.6, y - 0.4), (8 - wide * 0.35, y), (8, y + 0.1))
        c.paint(g.sides(line), "ink", "mouth", 0)
        return
    gap = g.rect(8 - wide, y - 0.3, 2 * wide, 1.3)
    c.paint(gap, "ink", "mouth", 0)
    c.paint(gap & (c.ys == c.box(gap)[1]) & ((c.xs - c.box(gap)[0]).astype(int) % 2 == 0), "white", "teeth", 0.3)


def _grey(p: Params, c: Canvas, g: Grid) -> None:
    color, suit = p["color"], p["suit_color"] or p["color"]
    leg = g.rect(6.1, 13, 1.3, 3)
    c.paint(g.sides(leg), suit, "legs", -0.4)
    c.paint(g.sides(g.rect(5.4, 15.2, 2, 0.8)), "dark grey" if p["suit_color"] else color, "feet", 0)
    arm = g.stroke((5.8, 9.8), (4.2, 11.4), (4, 13), width=1)
    c.paint(g.sides(arm), suit, "arms", -0.3, rim=g.fine)
    c.paint(g.sides(g.oval(3.3, 12.6, 1.5, 1.5)), color, "hands", 0.1, rim=g.fine)
    body = g.oval(5.4, 8.6, 5.2, 5.6) | g.rect(5.8, 9.4, 4.4, 3.2)
    c.paint(body, suit, "body", c.ball(body, 1.1), rim=True)
    if p["suit_color"] and g.fine:
        c.paint(g.rect(5.6, 11.9, 4.8, 0.7) & body, "dark grey", "belt", 0)
        c.paint(g.rect(6.8, 9.9, 2.4, 1.2) & body, "gold", "badge", 0.2, rim=True)
    head = g.oval(2.8, 1.6, 10.4, 6.6) | g.poly((3.4, 5.4), (12.6, 5.4), (9.2, 9.4), (6.8, 9.4))
    c.paint(head, color, "head", c.ball(head, 1.4), rim=True)
    eye = g.poly((3.8, 4.6), (5.4, 4.4), (7.2, 6.2), (7.0, 7.2), (5.2, 6.8))
    c.paint(g.sides(eye), "ink" if p["eye_color"] == "ink" else p["eye_color"], "eyes", -0.2, rim=g.large)
    if g.fine:
        c.paint(g.sides(g.rect(4.5, 4.9, 0.7, 0.7)), "white", "eyes", 0.4)
    _mouth(p, c, g, 8.2, 0.9)
    if p["held"] == "ray gun":
        gun = g.rect(1, 12.2, 3.2, 0.9)
        c.paint(g.rect(3.3, 12.6, 0.9, 1.5), "dark grey", "weapon", 0)
        c.paint(gun, "silver", "weapon", 0.4, rim=g.fine)
        c.paint(g.oval(0.3, 11.9, 1.3, 1.5), "red", "weapon", 0.3)


def _blob(p: Params, c: Canvas, g: Grid) -> None:
    color = p["color"]
    foot = g.oval(2.4, 14, 3.6, 2) | g.oval(5.8, 14.2, 2.4, 1.8)
    c.paint(g.sides(foot), color, "feet", -0.7)
    arm = g.taper(((4, 9), (1.6, 9.4), (1.2, 7)), 1.6, 1.0)
    c.paint(g.sides(arm), color, "arms", -0.4, rim=g.fine)
    body = g.oval(2.8, 2.6, 10.4, 12.6) | g.oval(2.2, 9, 11.6, 6.2)
    c.paint(body, color, "body", c.ball(body, 1.5), rim=True)
    belly = g.oval(5, 10.4, 6, 4)
    c.touch(belly & body, 0.7)
    if p["spots"]:
        for x, y, d in ((4.2, 10.4, 1.4), (10.6, 9.6, 1.6), (11, 12.2, 1.0), (5.2, 12.8, 1.0), (9.8, 4.0, 1.0)):
            spot = g.oval(x, y, d, d)
            c.paint(spot & body, "yellow" if color not in ("orange",) else "purple", "spots", -0.2)
    _eye_row(p, c, g, 5, 4.2 if p["eyes"] == 1 else 3.0)
    _mouth(p, c, g, 10.6, 1.8)


def _squid(p: Params, c: Canvas, g: Grid) -> None:
    color = p["color"]
    for x0, x1, y1, x2, y2 in ((4.6, 2.4, 11, 0.8, 14.6), (5.8, 4, 13, 3.2, 15.6), (7.2, 6.6, 14, 6, 15.8)):
        arm = g.taper(((x0, 8.6), (x1, y1), (x2, y2)), 2.0, 0.9)
        c.paint(g.sides(arm), color, "tentacles", c.fall(arm, 0.3, -0.9), rim=g.fine)
        if g.large:
            c.paint(
                g.sides(g.oval(x2 + (x1 - x2) * 0.4, (y1 + y2) / 2, 0.6, 0.6) & arm),
                "pink" if color != "pink" else "white",
                "tentacles",
                0,
            )
    head = g.oval(3.2, 1.4, 9.6, 10) | g.oval(4.2, 5.4, 7.6, 6.4)
    c.paint(head, color, "head", c.ball(head, 1.5), rim=True)
    if p["spots"]:
        for x, y, d in ((5.2, 2.8, 1.3), (9.4, 2.6, 1.6), (8, 1.8, 0.8)):
            c.paint(g.oval(x, y, d, d) & head, "yellow" if color not in ("orange",) else "purple", "spots", -0.2)
    _eye_row(p, c, g, 5, 4 if p["eyes"] == 1 else 2.7)
    _mouth(p, c, g, 9.8, 1.3)


def _tiny(p: Params, c: Canvas) -> None:
    top = ".A....A." if p["antennae"] else "........"
    eyes = {1: ".CCEECC.", 2: ".CECCEC."}[p["eyes"]]
    rows = {
        "grey": [top, ".CCCCCC.", "CCCCCCCC", "CEECCEEC", ".CECCEC.", "..CCCC..", "..SSSS..", "..S..S.."],
        "blob": [top, "..CCCC..", ".CCCCCC.", eyes, ".CCCCCC.", "CCCCCCCC", "CCCCCCCC", "CC.CC.CC"],
        "squid": [top, "..CCCC..", ".CCCCCC.", eyes, ".CCCCCC.", "..CCCC..", ".C.CC.C.", "C..CC..C"],
    }[p["shape"]]
    legend = {
        "A": ("yellow", "antennae", 0.0),
        "C": (p["color"], "head" if p["shape"] != "blob" else "body", 0.0),
        "E": (p["eye_color"], "eyes", 0.0),
        "S": (p["suit_color"] or p["color"], "body", -0.4),
    }
    paint_rows(c, rows, legend)
    c.touch(c.rect((c.w - 8) // 2 + 2, c.h - 7, 2, 1), 0.9)


def words(p: Params) -> Words:
    n, eye = p["eyes"], f"{{{p['eye_color']}}}" if p["eye_color"] != "ink" else "{black}"
    having: list[Fact] = []
    if p["shape"] == "grey":
        having += [(f"big {eye} eyes", "big eyes"), ("a big head", "a large head")]
    elif n == 1:
        having.append((f"one {eye} eye", "a single eye", "one big eye"))
    else:
        having.append((f"{'two' if n == 2 else 'three'} {eye} eyes", f"{n} eyes"))
    if p["shape"] == "squid":
        having.append(("tentacles", "six tentacles" if "tentacles" in p["visible"] else "tentacles"))
    if p["antennae"]:
        having.append(("antennae", "two antennae"))
    if p["suit_color"]:
        having.append((f"a~{{{p['suit_color']}}} suit", "a space suit"))
    if p["spots"]:
        having.append("spots")
    if p["mouth"] == "teeth":
        having.append(("teeth", "sharp teeth"))
    elif p["mouth"] == "smile":
        having.append("a smile")
    if p["held"] != "none":
        having.append(("a ray gun", "a blaster"))
    return Words(
        nouns=(
            "alien",
            "alien",
            "extraterrestrial",
            "martian" if p["color"] in ("green", "lime") else "space creature",
            "space alien",
        ),
        adjectives=(f"{{{p['color']}}}",),
        having=tuple(having),
        lacking=() if p["antennae"] else ("antennae",),
    )


FAMILY = Family(
    name="alien",
    kind="creature",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=SQUARE,
    genres=("space", "sci-fi"),
)
