"""Farm animals in profile: cows, pigs, sheep, goats, horses and chickens, standing, walking or grazing."""

from __future__ import annotations

import numpy as np

from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import WIDE, Family, Params, choice
from pixelmind.data.procedural.grid import Grid, paint_rows
from pixelmind.data.procedural.rng import Rng

COLORS = {
    "cow": ("white", "brown", "black"),
    "pig": ("pink", "beige", "dark grey"),
    "sheep": ("white", "beige", "black"),
    "goat": ("white", "brown", "grey"),
    "horse": ("brown", "black", "white"),
    "chicken": ("white", "brown", "black"),
}
PARAMETERS = {
    "animal": choice(*COLORS, weights=(4, 3, 3, 2, 4, 3)),
    "color": choice(0, 1, 2, weights=(3, 2, 1)),
    "marks": choice("none", "spots", "white feet", weights=(3, 2, 1)),
    "wear": choice("none", "bell", "saddle", "ribbon", weights=(5, 1.5, 1.5, 1)),
    "wear_color": choice("red", "blue", "green", "purple"),
    "pose": choice("standing", "walking", "grazing", weights=(5, 2, 2)),
    "facing": choice("left", "right"),
}


def fit(p: Params, h: int, w: int) -> None:
    kind, s = p["animal"], min(h, w)
    if isinstance(p["color"], int):
        p["color"] = COLORS[kind][p["color"]]
    if kind in ("sheep", "chicken") or s < 16:
        p["marks"] = "none"
    if p["marks"] == "white feet" and (p["color"] in ("white", "beige") or kind in ("cow", "pig") or s < 20):
        p["marks"] = "spots" if kind in ("cow", "pig") else "none"
    if s < 20 or kind in ("chicken", "sheep"):
        p["wear"] = "none"
    if p["wear"] == "saddle" and kind != "horse":
        p["wear"] = "bell"
    if p["wear"] == "bell" and kind in ("pig", "horse"):
        p["wear"] = "ribbon"
    if p["wear"] == "none":
        p["wear_color"] = None
    if s <= 10:
        p["pose"] = "standing"
    if kind == "horse" and p["wear"] == "ribbon":
        p["wear"], p["wear_color"] = "saddle", p["wear_color"]


_TINY = {
    "cow": ("", "", "N.......", "HHCCCCC.", "HHCSCCCT", "MMCCSCCT", "..CCCCC.", "..L...L."),
    "pig": ("", "", ".N......", "HHCCCCC.", "HECCCCCT", "MHCCCCC.", "..CCCCC.", "..L...L."),
    "sheep": ("", "", "..CCCC..", ".CCCCCC.", "HHCCCCCC", "HECCCCCC", "..CCCCC.", "..L...L."),
    "goat": ("", "N.......", "HH......", "HECCCCCT", ".HCCCCC.", ".MCCCCC.", "..CCCCC.", "..L...L."),
    "horse": (".NN.....", "HHCN....", "HECN....", "..CCCCCT", "..CCCCCT", "..CCCCCT", "..L...L.", "..L...L."),
    "chicken": ("..NN....", "..HH....", ".MEHH..T", "..HHCCCT", "..CCCCCC", "..CCCCC.", "...CCC..", "...L.L.."),
}


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    kind, color = p["animal"], p["color"]
    if c.s <= 10:
        head = "ink" if kind == "sheep" and color != "black" else "grey" if kind == "sheep" else color
        legend = {
            "C": (color, "body", 0.1),
            "H": (head, "head", 0.4),
            "E": ("ink" if head not in ("ink", "black") else "white", "eyes", 0.0),
            "L": (color if kind not in ("sheep", "chicken") else "ink" if kind == "sheep" else "orange", "legs", -0.8),
            "T": (color if kind != "horse" else "ink", "tail", -0.5),
            "S": ("ink" if color == "white" else "white", "body", 0.0),
            "M": (
                "pink"
                if kind in ("cow",)
                else "magenta"
                if kind == "pig"
                else "orange"
                if kind == "chicken"
                else color,
                "muzzle",
                0.0,
            ),
            "N": (
                "bone"
                if kind in ("cow", "goat")
                else "red"
                if kind == "chicken"
                else "ink"
                if kind == "horse"
                else color,
                "ears" if kind == "pig" else "mane" if kind == "horse" else "comb" if kind == "chicken" else "horns",
                -0.2,
            ),
        }
        paint_rows(c, [row.ljust(8, ".") or "........" for row in _TINY[kind]], legend)
    elif kind == "chicken":
        _chicken(p, c, Grid(c))
    else:
        _four(p, c, rng, Grid(c))
    if p["facing"] == "right":
        c.flip()


def _four(p: Params, c: Canvas, rng: Rng, g: Grid) -> None:
    kind, color, pose = p["animal"], p["color"], p["pose"]
    horse = kind == "horse"
    top = {"cow": 5.2, "pig": 6.4, "sheep": 4.6, "goat": 6.0, "horse": 6.0}[kind]
    deep = {"cow": 6.0, "pig": 6.0, "sheep": 7.2, "goat": 4.8, "horse": 4.6}[kind]
    low = top + deep
    leg_w = {"cow": 1.8, "pig": 1.8, "sheep": 1.4, "goat": 1.3, "horse": 1.5}[kind]
    skin = ("ink" if color != "black" else "grey") if kind == "sheep" else color
    step = 1.3 if pose == "walking" else 0.0
    # tail
    if horse:
        tail = g.taper(((14, top + 1), (16.2, top + 2), (15.2, top + 7)), 1.8, 1.0)
        c.paint(tail, _mane(color), "tail", c.fall(tail, 0.4, -0.6))
    elif kind == "pig":
        curl = g.stroke((14.2, top + 2), (15.2, top + 1), (15.6, top + 2), width=0.6)
        c.paint(curl, color, "tail", -0.6)
    elif kind == "cow":
        c.paint(g.taper(((14.4, top + 0.8), (15.9, top + 2), (15.4, top + 5.4)), 0.7, 0.7), color, "tail", -0.6)
        c.paint(g.oval(14.8, top + 5, 1.2, 1.8), "ink" if color != "black" else "grey", "tail", 0.3)
    else:
        c.paint(g.oval(14.0, top + 0.4, 1.8, 2.2), color, "tail", -0.4)
    # far and near legs
    for near in (False, True):
        for back in (False, True):
            x = (11.6 if back else 4.4) + (0.0 if near else 1.7 if not back else -1.7)
            dx = step if back == near else -step
            leg = g.poly((x, low - 1.4), (x + leg_w, low - 1.4), (x + leg_w + dx, 16), (x + dx, 16))
            if near and g.fine:
                leg |= g.oval(x - 0.5, low - 2.4, leg_w + 1, 3.6)
            c.paint(leg, skin, "legs", -1.1 if not near else c.column(leg, 0.5) - 0.2, rim=g.fine and near)
            foot = leg & (c.ys >= g.at(0, 15.0)[1] + 0.2)
            if p["marks"] == "white feet":
                c.paint(leg & (c.ys >= g.at(0, 14)[1]), "white", "feet", -0.9 if not near else 0)
            c.paint(foot, "dark brown" if color != "brown" else "ink", "hooves", -0.4 if not near else 0.2)
    body = g.oval(3, top, 12, deep + 0.6)
    if kind != "sheep":
        body |= g.rect(4.4, top + 0.5, 9.4, deep - 0.8)
    if kind == "sheep":
        for i in range(7):
            body |= g.oval(3 + i * 1.6, top - 0.5 + 0.5 * (i % 2), 3, 3) | g.oval(
                3 + i * 1.6, low - 2.4 - 0.4 * (i % 2), 3, 3
            )
        shade = c.ball(body, 1.3)
        if g.fine:
            shade = shade + (rng.smooth(c.h, c.w, max(2, g.px(1.8))) - 0.5).astype(np.float32) * 2.2
        c.paint(body, color, "wool", shade, rim=True)
    else:
        c.paint(body, color, "body", c.ball(body, 1.4), rim=True)
    if kind == "cow" and g.fine:
        c.paint(g.oval(10, low - 0.6, 2.2, 1.3), "pink", "udder", 0, rim=True)
    if p["marks"] == "spots":
        spot = g.oval(5.6, top + 0.4, 3, 2.6) | g.oval(10, top + 1.4, 3.6, 3) | g.oval(7.4, low - 2.4, 2, 1.6)
        c.paint(spot & body, _spot(color), "spots", c.ball(body, 1.0))
    if p["wear"] == "saddle":
        cloth = (g.rect(7, top - 0.2, 4.4, 3.6)) & body
        c.paint(cloth, p["wear_color"], "saddle", c.column(cloth, 0.8), rim=True)
        seat = g.oval(7.2, top - 0.9, 4, 1.8)
        c.paint(seat, "dark brown", "saddle", c.ball(seat, 1.0), rim=True)
    _head(p, c, g, top, skin)


def _mane(color: str) -> str:
    return "dark brown" if color not in ("black", "brown") else "ink" if color == "brown" else "grey"


def _spot(color: str) -> str:
    return "ink" if color in ("white", "pink", "beige") else "white"


def _head(p: Params, c: Canvas, g: Grid, top: float, skin: str) -> None:
    kind, color, graze = p["animal"], p["color"], p["pose"] == "grazing"
    hx, hy = {
        "cow": (0.2, top - 2.6),
        "pig": (0.6, top - 1.2),
        "sheep": (0.4, top - 0.4),
        "goat": (0.8, top - 4.2),
        "horse": (0.2, top - 4.6),
    }[kind]
    if graze:
        hy = {"pig": 10.2}.get(kind, 10.6)
        hx = max(hx, 0.4)
    if kind in ("horse", "goat", "cow"):
        wide = {"horse": 4.8, "goat": 2.6, "cow": 3.6}[kind]
        neck = g.taper(((5.4, top + 2.2), (4.6, top + (2 if graze else -0.4)), (hx + 3, hy + 1.8)), wide, wide * 0.72)
        c.paint(neck, color, "neck", c.ball(neck, 1.2))
        if kind == "horse":
            mane = g.taper(((6.4, top + 0.6), (5.9, top - (1 if not graze else -2.4)), (hx + 4.2, hy + 0.4)), 1.6, 1.4)
            c.paint(mane, _mane(color), "mane", c.fall(mane, 0.5, -0.4), rim=g.fine)
    if kind in ("horse", "cow"):
        head = g.poly(
            (hx + 2.2, hy),
            (hx + 4.8, hy + 0.4),
            (hx + 4.8, hy + 2.8),
            (hx + 1.4, hy + 4.4),
            (hx, hy + 4),
            (hx, hy + 2.8),
        )
    elif kind == "goat":
        head = g.poly((hx + 1.4, hy), (hx + 3.8, hy + 0.4), (hx + 3.8, hy + 2.4), (hx + 0.8, hy + 3.4), (hx, hy + 2.4))
    else:
        head = g.oval(hx, hy, 4.6, 4.6) if kind == "sheep" else g.oval(hx, hy, 5.6, 5.2)
    ear = {
        "cow": g.oval(hx + 4.2, hy + 0.4, 2.2, 1.3),
        "pig": g.poly((hx + 2.8, hy + 0.4), (hx + 4.4, hy - 1.2), (hx + 5.2, hy + 1), (hx + 4.2, hy + 2)),
        "sheep": g.oval(hx + 3.2, hy + 0.6, 2.4, 1.3),
        "goat": g.oval(hx + 3.2, hy + 0.6, 1.6, 2.4),
        "horse": g.poly((hx + 3.2, hy + 0.6), (hx + 3.8, hy - 1.4), (hx + 4.8, hy + 0.8)),
    }[kind]
    if kind in ("cow", "goat"):
        bend = -0.6 if kind == "cow" else 3.2
        horn = g.taper(((hx + 2.8, hy + 0.6), (hx + 2.4 + bend * 0.3, hy - 0.8), (hx + 2.4 + bend, hy - 1.6)), 1.0, 0.5)
        c.paint(horn, "bone", "horns", 0.1, rim=g.fine)
    c.paint(head, skin, "head", c.ball(head, 1.2), rim=True)
    c.paint(ear, skin, "ears", -0.5, rim=g.fine)
    if kind == "sheep":
        tuft = g.oval(hx + 1.6, hy - 0.7, 3.6, 2)
        c.paint(tuft, color, "wool", c.ball(tuft, 0.9), rim=g.fine)
    if kind in ("cow", "pig"):
        snout = g.oval(hx - 0.4, hy + 2.2, 2.8, 2.7) if kind == "cow" else g.oval(hx - 0.6, hy + 2, 2, 2.6)
        c.paint(snout, "pink" if color != "pink" else "magenta", "muzzle", 0.4 if color == "pink" else 0, rim=g.fine)
        if g.fine:
            c.paint(
                g.rect(hx + (0.3 if kind == "cow" else 0.1), hy + (3.1 if kind == "cow" else 2.9), 0.6, 0.6),
                "ink",
                "muzzle",
                0,
            )
    elif kind == "goat":
        c.paint(g.poly((hx + 0.8, hy + 3), (hx + 2, hy + 2.8), (hx + 1.2, hy + 5)), color, "beard", -0.9, rim=g.fine)
    elif g.fine:
        c.paint(g.dots((hx + 0.6, hy + 3.3)), "ink" if skin not in ("ink", "black") else "pink", "muzzle", 0)
    eye = g.rect(
        hx + {"cow": 2.4, "horse": 2.5, "goat": 1.8, "pig": 2.0, "sheep": 1.3}[kind],
        hy + {"pig": 1.3, "sheep": 1.6}.get(kind, 1.1),
        0.8,
        0.9,
    )
    dark = skin in ("ink", "black", "dark grey")
    c.paint(eye, "white" if dark else "ink", "eyes", 0)
    if p["marks"] == "spots" and kind == "cow" and g.fine:
        c.touch(eye, 0)
    if p["wear"] in ("bell", "ribbon"):
        x, y = hx + 3.8, hy + 4
        if kind == "pig":
            x, y = hx + 3.4, hy + 4
        band = g.stroke((x - 1.2, y), (x + 1.4, y - 0.8), width=0.7)
        c.paint(band, p["wear_color"], "collar", 0, rim=g.fine)
        if p["wear"] == "bell":
            bell = g.oval(x - 1.4, y + 0.4, 1.6, 1.7)
            c.paint(bell, "gold", "bell", c.ball(bell, 1.2), rim=True)
        else:
            bow = g.poly((x, y), (x - 1.2, y - 0.9), (x - 1.2, y + 0.9)) | g.poly(
                (x, y), (x + 1.2, y - 0.9), (x + 1.2, y + 0.9)
            )
            c.paint(bow, p["wear_color"], "collar", 0.2, rim=True)


def _chicken(p: Params, c: Canvas, g: Grid) -> None:
    color, graze = p["color"], p["pose"] == "grazing"
    for i, x in enumerate((6.8, 9.2)):
        dx = 1.2 * (1 if i else -1) if p["pose"] == "walking" else 0
        leg = g.stroke((x, 12), (x + dx, 15.4), width=0.7) | g.rect(x + dx - 1.4, 15.2, 2.2, 0.8)
        c.paint(leg, "orange", "legs", -0.6 if i else 0)
    for i in range(3):
        feather = g.taper(((11, 8.5), (13.4, 7 - i), (14.2 - i * 0.4, 3 + i * 1.7)), 2.2, 1.4)
        c.paint(feather, color, "tail", -1.0 + 0.3 * i, rim=g.fine)
    hx, hy = (3.4, 1.6) if not graze else (1.2, 8.2)
    body = g.oval(3.6, 6, 10, 7.6)
    neck = g.taper(((5.6, 9), (5.0, 7), (hx + 2, hy + 2)), 4.6, 3.4)
    both = body | neck
    head = g.oval(hx, hy, 4, 4)
    comb = (
        g.oval(hx + 0.8, hy - 1.4, 1.4, 2.2) | g.oval(hx + 1.9, hy - 1.5, 1.4, 2.4) | g.oval(hx + 3, hy - 0.9, 1.2, 2)
    )
    c.paint(comb, "red", "comb", 0.1, rim=g.fine)
    c.paint(both | head, color, "body", c.ball(both, 1.4), rim=True)
    wing = g.oval(7, 7.8, 5.6, 3.8)
    c.paint(wing, color, "wing", c.fall(wing, 0.3, -1.2), rim=True)
    if g.large:
        for x in (8.4, 10, 11.4):
            c.touch(g.stroke((x, 9.4), (x + 0.7, 11)) & wing, -0.9)
    beak = g.poly((hx + 0.3, hy + 1.4), (hx - 1.3, hy + 2.1), (hx + 0.3, hy + 2.8))
    c.paint(beak, "orange", "beak", 0.2, rim=g.fine)
    c.paint(g.oval(hx + 0.2, hy + 2.8, 1.2, 2), "red", "comb", -0.3, rim=g.fine)
    c.paint(g.rect(hx + 1.4, hy + 1.2, 0.8, 0.9), "ink" if color != "black" else "white", "eyes", 0)


def words(p: Params) -> Words:
    kind = p["animal"]
    nouns = {
        "cow": ("cow", "cow", "farm cow"),
        "pig": ("pig", "pig", "hog", "farm pig"),
        "sheep": ("sheep", "sheep", "farm sheep", "woolly sheep"),
        "goat": ("goat", "goat", "farm goat"),
        "horse": ("horse", "horse", "farm horse"),
        "chicken": ("chicken", "hen", "chicken", "farm chicken"),
    }[kind]
    having: list[Fact] = []
    seen = p["visible"]
    if "spots" in seen:
        having.append(("spots", f"{{{'black' if _spot(p['color']) == 'ink' else 'white'}}} spots"))
    if "feet" in seen:
        having.append("{white} feet")
    if "horns" in seen:
        having.append(("horns", "two horns") if kind == "ghost" else "horns")
    if "mane" in seen:
        having.append("a mane")
    if "comb" in seen:
        having.append(("a {red} comb", "a comb"))
    if "beard" in seen:
        having.append("a goatee")
    if p["wear_color"] and ("bell" in seen or "collar" in seen or "saddle" in seen):
        color = f"{{{p['wear_color']}}}"
        having.append(
            {
                "bell": ("a bell", "a bell around the neck"),
                "saddle": (f"a~{color} saddle", "a saddle"),
                "ribbon": (f"a~{color} ribbon", "a bow"),
            }[p["wear"]]
        )
    doing: tuple[Fact, ...] = {
        "standing": (),
        "walking": (("walking", "trotting along"),),
        "grazing": (
            ("pecking at the ground", "looking for food")
            if kind == "chicken"
            else ("grazing", "with its head down", "eating"),
        ),
    }[p["pose"]]
    return Words(
        nouns=nouns,
        adjectives=(f"{{{p['color']}}}",),
        having=tuple(having),
        place=(*doing, (f"facing {p['facing']}", f"looking {p['facing']}")),
        lacking=("a saddle",) if kind == "horse" and p["wear"] == "none" else (),
    )


FAMILY = Family(
    name="farm_animal",
    kind="creature",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    view="side",
    sizes=WIDE,
    genres=("farm", "western"),
    weight=1.4,
)
