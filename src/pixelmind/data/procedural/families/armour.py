"""Shields and helmets as items."""

from __future__ import annotations

import numpy as np

from pixelmind.data.procedural.canvas import Canvas, shrink
from pixelmind.data.procedural.captions import Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice
from pixelmind.data.procedural.rng import Rng

PARAMETERS = {
    "thing": choice("shield", "helmet", "chestplate", "boots", weights=(5, 4, 2, 2)),
    "shape": choice("heater", "round", "kite", "tower", weights=(5, 4, 2, 2)),
    "color": choice(
        "red",
        "blue",
        "green",
        "brown",
        "purple",
        "silver",
        "black",
        "yellow",
        "white",
        weights=(4, 4, 2, 3, 1.5, 3, 1.5, 1, 1),
    ),
    "trim_color": choice("silver", "gold", "brown", "dark grey", weights=(4, 4, 1.5, 1)),
    "emblem": choice("none", "cross", "stripe", "star", weights=(4, 4, 2, 2)),
    "emblem_color": choice("white", "yellow", "red", "black", "blue"),
    "helmet": choice("great helm", "viking helmet", "spartan helmet", "open helmet", weights=(3, 3, 2, 2)),
}


def fit(p: Params, h: int, w: int) -> None:
    if p["thing"] != "shield":
        p["shape"], p["emblem"] = "none", "none"
    if p["thing"] != "helmet":
        p["helmet"] = "none"
    if p["trim_color"] == p["color"]:
        p["trim_color"] = "gold" if p["color"] != "yellow" else "silver"
    if p["emblem"] == "none":
        p["emblem_color"] = None
    elif p["emblem_color"] == p["color"] or (p["emblem_color"] == "white" and p["color"] == "silver"):
        p["emblem_color"] = "yellow" if p["color"] != "yellow" else "red"


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    m, mid, u = 0 if c.s <= 10 else 1, (c.w - 1) / 2, c.s / 16
    {"shield": _shield, "helmet": _helmet, "chestplate": _chest, "boots": _boots}[p["thing"]](p, c, m, mid, u)


def _shield(p: Params, c: Canvas, m: int, mid: float, u: float) -> None:
    s, low = c.s, c.h - 1 - m
    shape = p["shape"]
    if shape == "round":
        body = c.oval(m, m, c.w - 2 * m, c.h - 2 * m)
    elif shape == "tower":
        body = c.rect(m + 2 * u, m, c.w - 2 * m - 4 * u, c.h - 2 * m)
        body &= ~c.mirror(c.rect(m + 2 * u, m, 1, 1) | c.rect(m + 2 * u, low, 1, 1))
    elif shape == "kite":
        body = c.oval(m + u, m, c.w - 2 * m - 2 * u, 11 * u) | c.poly(
            (m + 1.4 * u, m + 6 * u), (c.w - 1 - m - 1.4 * u, m + 6 * u), (mid, low)
        )
    else:
        body = c.rect(m + u, m, c.w - 2 * m - 2 * u, 7 * u) | (
            c.oval(m + u, m - 1 * u, c.w - 2 * m - 2 * u, c.h - 2 * m + u) & (c.ys > m + 5 * u)
        )
        body |= c.poly((mid - 3.6 * u, low - 4 * u), (mid + 3.6 * u, low - 4 * u), (mid, low))
    c.paint(body, p["trim_color"], "rim", c.bevel(body, 0.9))
    inner = body
    for _ in range(1 if s < 28 else 2 if s < 56 else 3):
        inner = shrink(inner)
    c.paint(inner, p["color"], "face", c.ball(inner, 1.4), rim=s >= 24)
    k = max(1, round(1.8 * u))
    k += (c.w - k) % 2
    if p["emblem"] == "cross":
        mark = c.rect((c.w - k) // 2, m, k, c.h) | c.rect(m, m + 5 * u, c.w, k)
    elif p["emblem"] == "stripe":
        mark = (abs(c.xs - c.ys) <= k) if shape != "tower" else c.rect((c.w - 2 * k) // 2, 0, 2 * k, c.h)
    elif p["emblem"] == "star":
        r = 3.6 * u
        cy = m + 6.4 * u
        mark = c.poly(
            (mid, cy - r),
            (mid + r * 0.3, cy - r * 0.3),
            (mid + r, cy - r * 0.2),
            (mid + r * 0.45, cy + r * 0.3),
            (mid + r * 0.6, cy + r),
            (mid, cy + r * 0.55),
            (mid - r * 0.6, cy + r),
            (mid - r * 0.45, cy + r * 0.3),
            (mid - r, cy - r * 0.2),
            (mid - r * 0.3, cy - r * 0.3),
        )
    else:
        if shape == "round" and s > 10:
            boss = c.oval(mid - 2 * u + 0.5, (c.h - 1) / 2 - 2 * u + 0.5, 4 * u, 4 * u)
            c.paint(boss, p["trim_color"], "boss", c.ball(boss, 1.5), rim=True)
        return
    c.paint(mark & inner, p["emblem_color"], "emblem", c.ball(inner, 0.9))


def _helmet(p: Params, c: Canvas, m: int, mid: float, u: float) -> None:
    s, low, kind, color, trim = c.s, c.h - 1 - m, p["helmet"], p["color"], p["trim_color"]
    top = m + (2 if kind != "great helm" else 1) * u
    dome = c.oval(m + 2 * u, top, c.w - 2 * m - 4 * u, 13 * u)
    if kind == "great helm":
        body = dome & (c.ys < m + 8 * u) | c.rect(m + 2 * u, m + 6 * u, c.w - 2 * m - 4 * u, low - m - 6 * u + 1)
        c.paint(body, color, "helmet", c.ball(body, 1.4))
        c.paint(
            c.rect(m + 2 * u, m + 6 * u, c.w - 2 * m - 4 * u, max(1, u))
            | c.rect(mid - 0.5 * u + 0.3, top, max(1, round(1.4 * u)), low - top + 1),
            trim,
            "trim",
            0.3,
        )
        c.paint(c.mirror(c.rect(m + 3.2 * u, m + 7.6 * u, 3.2 * u, max(1, 1.4 * u))), "ink", "visor", 0)
        if s >= 16:
            for dy in (10.6, 12.4):
                c.paint(c.mirror(c.dots((m + 4.6 * u, m + dy * u), (m + 6.2 * u, m + dy * u))), "ink", "visor", 0)
    elif kind == "viking helmet":
        horn = c.taper(((m + 3 * u, m + 7 * u), (m - 1.4 * u, m + 6 * u), (m + 1.2 * u, m + u)), max(1.6, 2.8 * u), 1)
        c.paint(c.mirror(horn) & c.rect(m, m, c.w - 2 * m, c.h), "bone", "horns", c.fall(horn, 0.5, -0.7))
        body = dome & (c.ys < m + 10 * u)
        c.paint(body, color, "helmet", c.ball(body, 1.5), rim=s >= 16)
        c.paint(
            c.rect(m + 2 * u, m + 9 * u, c.w - 2 * m - 4 * u, max(1, 1.8 * u))
            | c.rect(mid - 0.6 * u + 0.3, top, max(1, round(1.5 * u)), m + 12.6 * u - top),
            trim,
            "trim",
            0.2,
            rim=s >= 24,
        )
    elif kind == "spartan helmet":
        crest = c.oval(m + 2.6 * u, m, c.w - 2 * m - 5.2 * u, 12 * u) & (c.ys < m + 5 * u)
        c.paint(crest, "red" if color != "red" else "blue", "crest", c.column(crest, 0.8) + 0.2)
        if s >= 16:  # bristles that spread from the comb
            fan = np.floor((c.xs - mid) / np.maximum(m + 9 * u - c.ys, 1) * 7 + 0.5)
            c.touch(crest & (fan % 2 == 0), -0.9)
        comb = c.oval(m + 2.6 * u, m + 2.4 * u, c.w - 2 * m - 5.2 * u, 12 * u) & (c.ys < m + 9 * u)
        body = comb | c.poly(
            (m + 2.6 * u, m + 7 * u),
            (c.w - 1 - m - 2.6 * u, m + 7 * u),
            (c.w - 1 - m - 3.2 * u, m + 11 * u),
            (mid + 1.6 * u, low),
            (mid - 1.6 * u, low),
            (m + 3.2 * u, m + 11 * u),
        )
        c.paint(body, color, "helmet", c.ball(body, 1.6), rim=s >= 16)
        if s >= 24:
            brow = c.mirror(
                c.stroke(
                    (mid, m + 7.6 * u), (mid - 2 * u, m + 6.4 * u), (m + 3 * u, m + 7 * u), width=max(1, round(0.7 * u))
                )
            )
            c.paint(brow & body, color, "helmet", 1.2)
        eye = c.poly(
            (mid - 0.7 * u, m + 9 * u),
            (m + 3.8 * u, m + 7.6 * u),
            (m + 3.8 * u, m + 9 * u),
            (mid - 1.4 * u, m + 10 * u),
        )
        slot = c.poly((mid - 0.3 * u, m + 9 * u), (mid - 1.1 * u, low), (mid, low), (mid, m + 9 * u))
        c.paint(c.mirror(eye | slot) & body, "ink", "visor", 0)
    else:
        body = dome & (c.ys < m + 9 * u) | c.mirror(c.rect(m + 2 * u, m + 7 * u, 2.4 * u, 7 * u))
        c.paint(body, color, "helmet", c.ball(body, 1.5))
        c.paint(c.rect(m + 2 * u, m + 8 * u, c.w - 2 * m - 4 * u, max(1, 1.4 * u)), trim, "trim", 0.2, rim=s >= 24)
        knob = c.oval(mid - u + 0.5, m, 2 * u, 2.4 * u)
        c.paint(knob, trim, "trim", "ball", rim=s >= 24)


def _chest(p: Params, c: Canvas, m: int, mid: float, u: float) -> None:
    low, s = c.h - 1 - m, c.s
    left, right = m + 2.4 * u, c.w - 1 - m - 2.4 * u
    body = c.poly(
        (left, m + 2 * u),
        (right, m + 2 * u),
        (right - 0.4 * u, m + 7 * u),
        (right - 1.6 * u, m + 10 * u),
        (right - 0.6 * u, low),
        (left + 0.6 * u, low),
        (left + 1.6 * u, m + 10 * u),
        (left + 0.4 * u, m + 7 * u),
    )
    c.paint(body, p["color"], "plate", 0.7 * c.column(body, 1.0) + c.ball(body, 0.4) - 0.2)
    if s >= 16:
        for x in (left + 0.4 * u, mid + 0.5):  # the two halves of the breast
            pec = c.oval(x, m + 2.6 * u, mid - left - 0.2 * u, 5.4 * u) & body
            c.paint(pec, p["color"], "plate", c.ball(pec, 1.4) + 0.1)
        ridge = c.mirror(c.stroke((mid, m + 8 * u), (left + 1.4 * u, m + 7.2 * u))) | c.rect(
            round(mid), m + 4 * u, 1, 4 * u
        )
        c.touch(ridge & body, -1.3)
    if s >= 24:
        for y in (9.4, 11):  # bands over the belly, lit along their upper edge
            c.touch(c.rect(left, m + y * u, right - left + 1, 1) & body, -1.2)
            c.touch(c.rect(left, m + y * u + 1, right - left + 1, 1) & body, 0.7)
    c.erase(c.oval(mid - 2.4 * u + 0.5, m + 0.4 * u, 4.8 * u, 3.6 * u))
    if s >= 32:
        collar = c.oval(mid - 3 * u + 0.5, m - 0.2 * u, 6 * u, 4.8 * u) & body & (c.mat > 0)
        c.paint(collar, p["trim_color"], "trim", c.fall(collar, 0.2, 0.9))
    pads = c.oval(m, m + 1.4 * u, 4.6 * u, 4.8 * u)
    c.paint(pads, p["trim_color"], "shoulders", c.ball(pads, 1.4), rim=s >= 16)
    other = pads[:, ::-1]
    c.paint(other, p["trim_color"], "shoulders", c.ball(other, 1.4) - 0.3, rim=s >= 16)
    if s >= 32:
        lip = c.rect(m, m + 4.4 * u, 4.6 * u, max(1, 0.5 * u))
        c.touch(c.mirror(lip) & (c.part == c.part_id("shoulders")), -1.1)
    c.paint(
        c.rect(left + 0.6 * u, low - 2.6 * u, right - left - 1.2 * u + 1, max(1, 1.4 * u)) & (c.mat > 0),
        p["trim_color"],
        "belt",
        c.fall(c.rect(left, low - 2.6 * u, 1, max(1, 1.4 * u)), 0.5, -0.6),
        rim=s >= 24,
    )


def _boots(p: Params, c: Canvas, m: int, mid: float, u: float) -> None:
    for x in (m, m + 7.2 * u):
        shaft = c.rect(x + 2 * u, m + 2.4 * u, 4 * u, 9 * u)
        foot = c.rect(x, m + 9 * u, 6 * u, 4.4 * u) | c.oval(x - 0.4 * u, m + 8.4 * u, 5 * u, 5 * u)
        foot &= (c.ys < m + 13.4 * u) & (c.xs >= m)
        c.paint(shaft | foot, p["color"], "boots", c.column(shaft | foot, 1.1), rim=c.s >= 16)
        c.paint(c.rect(x + 1.4 * u, m + 1.6 * u, 5 * u, max(1, 1.8 * u)), p["trim_color"], "trim", 0.1, rim=c.s >= 24)
        c.paint((c.rect(x - 0.4 * u, m + 13 * u, 6.4 * u, max(1, u))) & (c.xs >= m), "dark brown", "soles", -0.2)


def words(p: Params) -> Words:
    color, trim = f"{{{p['color']}}}", f"{{{p['trim_color']}}}"
    having: list[str | tuple[str, ...]] = []
    if p["thing"] == "shield":
        shape: tuple[str, ...] = {
            "round": ("round",),
            "tower": ("tall", "rectangular"),
            "kite": ("kite",),
            "heater": ("",),
        }[p["shape"]]
        having.append((f"a~{trim} rim", f"a~{trim} border"))
        if p["emblem"] != "none":
            having.insert(
                0,
                (
                    f"a~{{{p['emblem_color']}}} {p['emblem']}",
                    f"a~{p['emblem']} emblem" if p["emblem"] != "stripe" else "a stripe",
                ),
            )
        return Words(nouns=("shield", "shield", "knight's shield"), adjectives=(shape, color), having=tuple(having))
    if p["thing"] == "helmet":
        nouns = {
            "great helm": ("helmet", "knight helmet", "great helm"),
            "viking helmet": ("helmet", "viking helmet", "horned helmet"),
            "spartan helmet": ("helmet", "spartan helmet", "crested helmet"),
            "open helmet": ("helmet", "soldier's helmet"),
        }[p["helmet"]]
        having.append(
            {
                "great helm": (f"{trim} trim",),
                "viking helmet": ("horns", "two horns"),
                "spartan helmet": ("a crest", f"a~{{{'red' if p['color'] != 'red' else 'blue'}}} crest"),
                "open helmet": (f"{trim} trim",),
            }[p["helmet"]]
        )
        return Words(nouns=nouns, adjectives=(color,), having=tuple(having))
    if p["thing"] == "boots":
        return Words(
            nouns=("boots", "leather boots" if p["color"] == "brown" else "boots"),
            adjectives=(color,),
            having=((f"{trim} trim",),),
            plural=True,
        )
    return Words(
        nouns=("chestplate", "armour", "breastplate"),
        adjectives=(color,),
        having=((f"{trim} shoulders", f"{trim} shoulder pads"),),
    )


FAMILY = Family(
    name="armour", kind="item", parameters=PARAMETERS, draw=draw, words=words, fit=fit, sizes=SQUARE, weight=1.4
)
