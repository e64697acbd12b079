"""Demons and imps: horns, wings, tails, claws, flames and tridents."""

from __future__ import annotations

from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice, flag
from pixelmind.data.procedural.grid import Grid, paint_rows
from pixelmind.data.procedural.rng import Rng

PARAMETERS = {
    "color": choice("red", "purple", "dark red", "black", "green", "orange", "navy", weights=(5, 2, 3, 2, 1.5, 1, 1)),
    "horns": choice("curved", "straight", "ram", weights=(4, 3, 2)),
    "wings_color": choice(None, "dark red", "black", "purple", "orange", weights=(2.5, 2, 3, 1, 1)),
    "belly_color": choice("tan", "orange", "dark grey", "beige"),
    "eye_color": choice("yellow", "white", "lime", "cyan", weights=(4, 2, 1, 1)),
    "tail": flag(0.7),
    "held": choice("none", "trident", "fire", weights=(3, 2, 2)),
    "mouth": choice("grin", "fangs", weights=(1, 1)),
    "build": choice("imp", "brute", weights=(1, 1)),
}


def fit(p: Params, h: int, w: int) -> None:
    s = min(h, w)
    if p["wings_color"] == p["color"]:
        p["wings_color"] = "orange"
    if p["belly_color"] == p["color"]:
        p["belly_color"] = "tan"
    if s < 20:
        p["mouth"] = "grin"
        p["horns"] = "straight" if p["horns"] == "ram" else p["horns"]
    if s <= 10:
        p.update(held="none", tail=False, belly_color=None, build="imp", horns="straight")


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    color = p["color"]
    if c.s <= 10:
        rows = ("H......H", "HCCCCCCH", ".CECCEC.", ".CCCCCC.", "..CKKC..", "WWCCCCWW", "W.CCCC.W", "..C..C..")
        legend = {
            "C": (color, "body", 0.1),
            "H": ("bone", "horns", 0.1),
            "E": (p["eye_color"], "eyes", 0.3),
            "K": ("ink", "mouth", 0.0),
        }
        if p["wings_color"]:
            legend["W"] = (p["wings_color"], "wings", 0.0)
        paint_rows(c, rows, legend)
        return
    g = Grid(c)
    brute = p["build"] == "brute"
    if p["wings_color"]:
        wing = g.poly((6, 9), (2.4, 3), (0, 4.6), (0.2, 11), (1.8, 9.8), (3, 11.6), (4.2, 10.2), (6, 11.4))
        g.pair(wing, p["wings_color"], "wings", 1.1)
        if g.fine:
            c.touch(
                g.sides(g.stroke((2.4, 3.4), (1.8, 9.6)) | g.stroke((2.4, 3.4), (4.2, 10)))
                & (c.part == c.part_id("wings")),
                -0.9,
            )
    if p["tail"]:
        tail = g.taper(((9, 13), (13, 15.6), (14.2, 11.4)), 1.2, 0.7)
        c.paint(tail, color, "tail", -0.5)
        c.paint(g.poly((14.2, 9.4), (13, 11.8), (15.4, 11.8)), color, "tail", 0.2, rim=g.fine)
    hoof = g.sides(g.rect(4.6 if not brute else 3.8, 15, 2.4, 1))
    leg = g.sides(
        g.taper(((6, 11.6), (4.6, 13.4), (5.8, 15.4)) if not brute else ((5.6, 11), (4, 13), (5.2, 15.4)), 2.4, 1.5)
    )
    c.paint(leg, color, "legs", -0.5)
    c.paint(hoof, "ink", "hooves", 0.3)
    top = 7.4 if not brute else 6.4
    body = (
        g.oval(4.8, top, 6.4, 6.4)
        if not brute
        else g.poly((2.8, 6.4), (13.2, 6.4), (11.6, 11), (10.4, 13), (5.6, 13), (4.4, 11))
    )
    if p["held"] == "trident":
        pole = g.rect(1.6, 4.6, 0.7, 11.2)
        c.paint(pole, "dark wood", "weapon", 0)
        fork = (
            g.rect(0.4, 4.6, 3.1, 0.7)
            | g.rect(0.4, 2.4, 0.7, 2.6)
            | g.rect(1.6, 1.8, 0.7, 3)
            | g.rect(2.8, 2.4, 0.7, 2.6)
        )
        c.paint(fork, "iron", "weapon", 0.5, rim=g.fine)
    wide = 2.2 if brute else 1.4
    left_hand = (2, 9.8) if p["held"] != "none" else (2.6, 11.4)
    for i, (hx, hy) in enumerate((left_hand, (13.4, 11.4))):
        side = 1 if i else -1
        sx = 8 + side * (4.2 if brute else 2.6)
        arm = g.taper(((sx, top + 1.4), (hx + side * -0.4, top + 2.6), (hx, hy)), wide, wide * 0.8)
        c.paint(arm, color, "arms", c.fall(arm, 0.3, -0.4) - 0.5 * i, rim=g.fine)
        hand = g.oval(hx - wide * 0.6, hy - wide * 0.4, wide * 1.2, wide * 1.2)
        c.paint(hand, color, "hands", 0.2 - 0.5 * i, rim=g.fine)
        if g.fine and p["held"] == "none":
            c.paint(g.dots((hx - 0.6, hy + wide * 0.8), (hx + 0.6, hy + wide * 0.8)), "bone", "claws", 0.2)
    c.paint(body, color, "body", c.ball(body, 1.3), rim=True)
    belly = g.oval(6, top + 1.6, 4, 4.4) if not brute else g.poly((5.6, 8.4), (10.4, 8.4), (9.6, 12.6), (6.4, 12.6))
    c.paint(belly & body, p["belly_color"], "belly", c.fall(belly, 0.3, -0.8))
    if g.fine:
        c.touch(belly & (c.ys.astype(int) % g.px(1.1) == 0), -0.7)
    if p["held"] == "fire":
        flame = g.oval(0.4, 7, 3.2, 3) | g.poly((0.8, 8), (1.4, 4.6), (2.2, 6.2), (3, 5), (3.4, 8.4))
        c.paint(flame, "fire", "flame", 0)
        c.paint(g.oval(1.2, 7.6, 1.6, 2), "flame", "flame", 0.4)
    _head(p, c, g, brute)


def _head(p: Params, c: Canvas, g: Grid, brute: bool) -> None:
    color = p["color"]
    x, y, w, h = (4, 2.4, 8, 5.8) if not brute else (5, 2.2, 6, 4.8)
    if p["horns"] == "curved":
        horn = g.taper(((x + 1, y + 1.6), (x - 1.8, y + 0.8), (x - 0.8, y - 2.4)), 1.7, 0.5)
    elif p["horns"] == "straight":
        horn = g.poly((x + 0.6, y + 1.8), (x + 0.2, y - 2.4), (x + 2.4, y + 0.6))
    else:
        horn = g.taper(((x + 1.2, y + 0.8), (x - 2.2, y - 0.6), (x - 1.4, y + 2.6)), 1.9, 1.0) | g.taper(
            ((x - 1.4, y + 2.6), (x - 0.8, y + 3.6)), 1.0, 0.6
        )
    horn_color = "bone" if p["horns"] != "ram" else "sandstone"
    c.paint(g.sides(horn), horn_color, "horns", c.fall(horn, 0.5, -0.6), rim=g.fine)
    if p["build"] == "imp":
        ear = g.poly((x + 0.4, y + 2.4), (x - 2, y + 1.6), (x + 0.4, y + 4.2))
        c.paint(g.sides(ear), color, "ears", -0.4, rim=g.fine)
    head = g.oval(x, y, w, h) if not brute else g.oval(x, y, w, h) | g.rect(x + 0.6, y + 1.4, w - 1.2, h - 2)
    c.paint(head, color, "head", c.ball(head, 1.3), rim=True)
    ex = x + w * 0.18
    eye = (
        g.poly((ex, y + h * 0.38), (ex + w * 0.24, y + h * 0.52), (ex + w * 0.2, y + h * 0.62), (ex, y + h * 0.56))
        if g.fine
        else g.rect(ex, y + h * 0.4, w * 0.16, 1)
    )
    c.paint(g.sides(eye), p["eye_color"], "eyes", 0.4)
    if g.fine:
        c.paint(g.sides(g.stroke((ex - 0.2, y + h * 0.28), (ex + w * 0.28, y + h * 0.46))), "ink", "eyes", 0.2)
    my = y + h * 0.74
    mouth = g.rect(8 - w * 0.24, my, w * 0.48, 0.9)
    c.paint(mouth, "ink", "mouth", 0)
    if p["mouth"] == "fangs":
        c.paint(g.sides(g.rect(8 - w * 0.22, my, 0.7, 1.3)), "white", "fangs", 0.4)
    elif g.fine:
        x0, y0, mw, _ = c.box(mouth)
        c.paint(c.rect(x0, y0, mw, 1) & ((c.xs - x0).astype(int) % 2 == 0), "white", "teeth", 0.3)


def words(p: Params) -> Words:
    having: list[Fact] = [
        {"curved": ("curved horns", "horns"), "straight": ("horns", "two horns"), "ram": ("ram horns", "curled horns")}[
            p["horns"]
        ],
        (f"{{{p['eye_color']}}} eyes",),
    ]
    if p["wings_color"]:
        having.append((f"{{{p['wings_color']}}} wings", "wings", "bat wings"))
    if p["tail"]:
        having.append(("a tail", "a pointed tail"))
    if p["held"] == "trident":
        having.append(("a trident", "a pitchfork", "a trident in hand"))
    elif p["held"] == "fire":
        having.append(("a flame in hand", "fire in its hand", "a fireball"))
    if p["mouth"] == "fangs":
        having.append("fangs")
    if p["belly_color"]:
        having.append((f"a~{{{p['belly_color']}}} belly",))
    imp = p["build"] == "imp"
    return Words(
        nouns=("demon", "imp", "little devil", "devil") if imp else ("demon", "demon", "devil", "fiend"),
        adjectives=(("small", "") if imp else ("big", "muscular", ""), f"{{{p['color']}}}"),
        having=tuple(having),
        lacking=() if p["wings_color"] else ("wings",),
    )


FAMILY = Family(
    name="demon",
    kind="creature",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=SQUARE,
    genres=("horror", "fantasy"),
)
