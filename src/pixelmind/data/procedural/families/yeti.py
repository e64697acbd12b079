"""Yetis and bigfoots: shaggy fur, horns, tusks, a club or a snowball."""

from __future__ import annotations

import numpy as np

from pixelmind.data.procedural.canvas import Canvas, Region
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice, flag
from pixelmind.data.procedural.grid import Grid, paint_rows
from pixelmind.data.procedural.rng import Rng

PARAMETERS = {
    "fur_color": choice(
        "white", "light blue", "light grey", "brown", "dark grey", "violet", weights=(5, 3, 2, 2, 1, 1)
    ),
    "skin_color": choice("blue", "tan", "dark grey", "pink", "teal"),
    "horns": choice("none", "short", "curved", weights=(2, 2, 2)),
    "eye_color": choice("ink", "red", "yellow", "cyan", weights=(3, 2, 2, 1)),
    "mouth": choice("closed", "roaring", "tusks"),
    "pose": choice("standing", "arms up", weights=(3, 2)),
    "held": choice("none", "club", "snowball", weights=(4, 2, 2)),
    "snow": flag(0.3),
}


def fit(p: Params, h: int, w: int) -> None:
    s = min(h, w)
    if p["held"] != "none" and s >= 14:
        p["pose"] = "standing"
    if s < 20:
        p["mouth"] = "closed"
        p["snow"] = False
    if s < 14:
        p.update(held="none", pose="standing", horns="none" if p["horns"] == "none" else "short")
    if s <= 10 and p["skin_color"] == "dark grey":
        p["skin_color"] = "blue"
    if p["fur_color"] in ("white", "light grey", "light blue"):
        p["snow"] = False
    if p["skin_color"] == p["fur_color"]:
        p["skin_color"] = "tan"


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    fur, skin = p["fur_color"], p["skin_color"]
    if c.s <= 10:
        top = "H.CCCC.H" if p["horns"] != "none" else "..CCCC.."
        paint_rows(
            c,
            (top, ".CCCCCC.", ".CESSEC.", ".CSSSSC.", "CCCCCCCC", "CCCCCCCC", "S.CCCC.S", "..SCCS.."),
            {
                "C": (fur, "fur", 0.2),
                "S": (skin, "skin", 0.0),
                "E": (p["eye_color"], "eyes", 0.0),
                "H": ("bone", "horns", 0.0),
            },
        )
        return
    g = Grid(c)
    up = p["pose"] == "arms up"
    foot = g.oval(3.4, 14, 4, 2)
    c.paint(g.sides(foot), skin, "feet", 0)
    leg = g.rect(4.2, 11, 3.4, 4)
    c.paint(g.sides(leg), fur, "fur", -0.8)
    if p["held"] == "club":
        club = g.taper(((1.6, 14.6), (2, 9), (1.4, 4)), 1.0, 2.6)
        c.paint(club, "wood", "weapon", c.ball(club, 1.2))
    arm = (
        g.taper(((4.4, 6.4), (0.8, 5), (1.6, 1.8)), 3.4, 2.2)
        if up
        else g.taper(((4.4, 6), (1, 7.4), (1.8, 11.6)), 3.4, 2.4)
    )
    g.pair(arm, fur, "fur", 1.1, rim=False)
    body = g.oval(3, 4.2, 10, 10)
    c.paint(body, fur, "fur", c.ball(body, 1.4), rim=True)
    if g.fine:
        _shag(c, g, body, rng)
        chest = g.oval(5.4, 7.6, 5.2, 4.6)
        c.touch(chest, 0.5)
    hand = g.oval(0.6, 0.4, 2.4, 2.4) if up else g.oval(0.8, 10.8, 2.6, 2.6)
    g.pair(hand, skin, "hands", 1.0, rim=g.fine)
    if p["held"] == "snowball":
        ball = g.oval(0.2, 8.6, 4, 4)
        c.paint(ball, "snow", "snowball", c.ball(ball, 1.6), rim=True)
    if p["horns"] != "none":
        horn = (
            g.poly((4.4, 2.6), (3.4, 0.2), (6, 1.6))
            if p["horns"] == "short"
            else g.taper(((5, 2.6), (1.8, 2.4), (2.8, 0)), 1.6, 0.5)
        )
        c.paint(g.sides(horn), "bone", "horns", c.fall(horn, 0.5, -0.6), rim=g.fine)
    head = g.oval(3.8, 0.8, 8.4, 7.4) | g.poly((6.4, 1.4), (7.4, 0), (8.2, 1), (9.2, 0.2), (9.8, 1.6))
    c.paint(head, fur, "fur", c.ball(head, 1.2), rim=True)
    face = g.oval(5, 2.8, 6, 4.8)
    c.paint(face, skin, "face", c.ball(face, 1.0), rim=g.fine)
    brow = g.rect(5, 2.6, 6, 0.9) & face
    c.paint(brow, fur, "fur", -0.9)
    eye = g.rect(5.9, 3.8, 1.2, 1.2)
    if g.large:
        c.paint(g.sides(g.oval(5.6, 3.5, 1.8, 1.8)), "white", "eyes", 0)
    c.paint(g.sides(eye), p["eye_color"], "eyes", 0.2)
    if p["mouth"] == "roaring":
        gap = g.oval(6.2, 5.4, 3.6, 2.1)
        c.paint(gap, "dark red", "mouth", -0.6)
        x0, y0, gw, _ = c.box(gap)
        c.paint(
            gap & (c.ys == y0) | (gap & (c.ys == y0 + 1) & ((c.xs - x0).astype(int) % max(2, gw // 3) == 0)),
            "white",
            "teeth",
            0.3,
        )
    else:
        c.paint(g.rect(6.6, 6, 2.8, 0.6), "ink", "mouth", 0)
        if p["mouth"] == "tusks":
            c.paint(g.sides(g.rect(6.4, 4.9, 0.7, 1.6)), "white", "tusks", 0.3)
    if p["snow"]:
        caps = c.figure.copy()
        k = g.px(1.0)
        caps[k:] &= ~c.figure[:-k]
        c.paint(caps & (c.ys < g.at(0, 9)[1]) & (rng.smooth(c.h, c.w, g.px(2)) > 0.4), "snow", "snow", 0.3)


def _shag(c: Canvas, g: Grid, body: Region, rng: Rng) -> None:
    """Tufts: short dark strokes, denser below."""
    k = g.px(1.5)
    xs, ys = (c.xs - round(g.ox)).astype(int), c.ys.astype(int)
    tuft = ((xs + (ys // k % 2) * (k // 2)) % k == 0) & (ys % k < max(1, k // 2))
    keep = rng.noise(c.h // k + 1, c.w // k + 1).repeat(k, 0).repeat(k, 1)[: c.h, : c.w] < 0.6
    c.touch(body & tuft & keep.astype(np.bool_), -0.9)


def words(p: Params) -> Words:
    fur = f"{{{p['fur_color']}}}"
    having: list[Fact] = [(f"{fur} fur", "shaggy fur", "thick fur"), (f"a~{{{p['skin_color']}}} face",)]
    if p["horns"] != "none":
        having.append(("horns", "two horns") if p["horns"] == "short" else ("curved horns", "horns"))
    if p["eye_color"] != "ink":
        having.append((f"{{{p['eye_color']}}} eyes", f"glowing {{{p['eye_color']}}} eyes"))
    if p["mouth"] == "tusks":
        having.append(("tusks", "two tusks"))
    if p["held"] != "none":
        having.append((f"a {p['held']}", f"a {p['held']} in hand"))
    if p["snow"] and "snow" in p["visible"]:
        having.append(("snow on its fur", "snow on its shoulders"))
    place: list[Fact] = []
    if p["mouth"] == "roaring":
        place.append(("roaring", "with an open mouth"))
    if p["pose"] == "arms up":
        place.append(("with arms raised", "raising its arms"))
    brown = p["fur_color"] in ("brown", "dark grey")
    return Words(
        nouns=("bigfoot", "sasquatch", "hairy beast")
        if brown
        else ("yeti", "yeti", "abominable snowman", "snow beast"),
        adjectives=(fur,),
        having=tuple(having),
        place=tuple(place),
        lacking=() if p["horns"] != "none" else ("horns",),
    )


FAMILY = Family(
    name="yeti",
    kind="creature",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=SQUARE,
    genres=("winter", "fantasy"),
)
