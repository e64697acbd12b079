"""Flowers: tulips, roses, daisies, sunflowers and bells, growing, in a pot or in a vase."""

from __future__ import annotations

import math

from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import TALL, Family, Params, choice, count
from pixelmind.data.procedural.rng import Rng

PARAMETERS = {
    "flower": choice("daisy", "tulip", "rose", "sunflower", "bell", "cactus", weights=(4, 3.5, 3, 2.5, 1.5, 2)),
    "color": choice(
        "red", "yellow", "pink", "white", "purple", "blue", "orange", "light blue", weights=(5, 3, 3, 3, 2, 2, 2, 1)
    ),
    "stand": choice("none", "pot", "vase", weights=(5, 4, 1.5)),
    "pot_color": choice("brick", "blue", "white", "green"),
    "number": count(1, 3),
}


def fit(p: Params, h: int, w: int) -> None:
    if p["flower"] == "sunflower":
        p["color"] = "yellow"
    if p["flower"] == "cactus":
        p["stand"] = "pot" if p["stand"] == "vase" else p["stand"]
        p["number"] = 1
    if min(h, w) < 16:
        p["stand"], p["number"] = "none", 1
    if p["flower"] == "sunflower" or min(h, w) < 24:
        p["number"] = 1
    if p["stand"] == "none":
        p["pot_color"] = None
    elif p["stand"] == "vase":
        p["pot_color"] = "light blue" if p["color"] != "light blue" else "white"


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    s, m, mid, u = c.s, 0 if c.s <= 10 else 1, (c.w - 1) / 2, c.s / 16
    low = c.h - 1 - m
    floor = low + 1 if p["stand"] == "none" else low - 4.4 * u
    if p["flower"] == "cactus":
        _cactus(p, c, m, mid, u, floor)
    else:
        n = p["number"]
        for i in range(n):
            dx = (i - (n - 1) / 2) * 4.6 * u
            r = (3.4 if n == 1 else 2.4) * u * (1.25 if p["flower"] == "sunflower" else 1)
            top = m + r + (0 if i == n // 2 else 2.4 * u)
            stem = c.taper(
                ((mid + dx * 0.25, floor), (mid + dx * 0.4, (floor + top) / 2), (mid + dx, top)),
                max(1, u * 0.9),
                max(1, u * 0.9),
            )
            c.paint(stem, "leaf", "stem", -0.4)
            if i == n // 2:
                leaf = c.taper(
                    ((mid, floor - u), (mid - 3 * u, floor - 3.4 * u), (mid - 4.6 * u, floor - 3 * u)),
                    max(1.6, 1.8 * u),
                    1,
                )
                c.paint(c.mirror(leaf) if s >= 16 else leaf, "leaf", "leaves", c.fall(leaf, 0.6, -0.4), rim=s >= 24)
            _head(p, c, mid + dx, top, r)
    if p["stand"] != "none":
        if p["stand"] == "pot":
            pot = c.poly((mid - 3.6 * u, floor), (mid + 3.6 * u, floor), (mid + 2.4 * u, low), (mid - 2.4 * u, low))
            c.paint(pot, p["pot_color"], "pot", c.column(pot, 1.2), rim=s >= 16)
            c.paint(
                c.rect(mid - 4 * u + 0.5, floor - 0.6 * u, 8 * u, max(1, 1.6 * u)),
                p["pot_color"],
                "pot",
                0.4,
                rim=s >= 24,
            )
        else:
            vase = c.oval(mid - 2.8 * u + 0.5, floor + 0.4 * u, 5.6 * u, 4.6 * u) | c.rect(
                mid - 1.4 * u + 0.5, floor - 0.6 * u, 2.8 * u, 3 * u
            )
            c.paint(vase & (c.ys <= low), p["pot_color"], "vase", c.ball(vase, 1.4), rim=s >= 16)


def _head(p: Params, c: Canvas, x: float, y: float, r: float) -> None:
    s, kind, color = c.s, p["flower"], p["color"]
    heart = "gold" if color not in ("yellow", "orange") else "brown"
    if kind in ("daisy", "sunflower"):
        n = 5 if s < 24 and kind == "daisy" else 8
        petals = c.empty()
        for i in range(n):
            a = 2 * math.pi * i / n - math.pi / 2
            k = max(1, r * (0.62 if n == 8 else 0.8))
            petals |= c.ellipse(
                x + math.cos(a) * r * 0.66, y + math.sin(a) * r * 0.66, max(0.6, k / 2 + 0.2), max(0.6, k / 2 + 0.2)
            )
        c.paint(petals, color, "petals", c.ball(petals, 1.2), rim=s >= 16)
        if s >= 24 and n == 8:
            for i in range(n):
                a = 2 * math.pi * (i + 0.5) / n - math.pi / 2
                c.touch(
                    c.stroke(
                        (x + math.cos(a) * r * 0.4, y + math.sin(a) * r * 0.4),
                        (x + math.cos(a) * r * 0.8, y + math.sin(a) * r * 0.8),
                    )
                    & petals,
                    -0.8,
                )
        k = r * (0.46 if kind == "daisy" else 0.62)
        middle = c.ellipse(x, y, max(0.6, k), max(0.6, k))
        c.paint(middle, heart if kind == "daisy" else "dark brown", "heart", c.ball(middle, 1.0), rim=s >= 24)
    elif kind == "tulip":
        cup = c.poly(
            (x - r * 0.8, y - r),
            (x - r * 0.4, y - r * 0.3),
            (x, y - r),
            (x + r * 0.4, y - r * 0.3),
            (x + r * 0.8, y - r),
            (x + r * 0.8, y + r * 0.3),
            (x, y + r),
            (x - r * 0.8, y + r * 0.3),
        )
        c.paint(cup, color, "petals", c.column(cup, 1.3), rim=s >= 16)
    elif kind == "rose":
        bloom = c.ellipse(x, y, r * 0.9, r * 0.9)
        c.paint(bloom, color, "petals", c.ball(bloom, 1.4), rim=s >= 16)
        if s >= 16:
            c.touch(
                c.taper(((x - r * 0.4, y + r * 0.1), (x, y + r * 0.7), (x + r * 0.5, y - r * 0.1)), 1, 1) & bloom, -1.2
            )
            c.touch(c.taper(((x + r * 0.3, y - r * 0.2), (x, y - r * 0.7), (x - r * 0.3, y)), 1, 1) & bloom, -1.2)
    else:
        cup = c.poly(
            (x - r * 0.5, y - r * 0.6),
            (x + r * 0.5, y - r * 0.6),
            (x + r * 0.9, y + r * 0.7),
            (x - r * 0.9, y + r * 0.7),
        ) | c.ellipse(x, y - r * 0.4, r * 0.6, r * 0.6)
        c.paint(cup, color, "petals", c.column(cup, 1.2), rim=s >= 16)
        c.paint(c.rect(x - 0.4, y + r * 0.7, max(1, r * 0.2), max(1, r * 0.3)), heart, "heart", 0.3)


def _cactus(p: Params, c: Canvas, m: int, mid: float, u: float, floor: float) -> None:
    s, top = c.s, m + 2 * u
    arms = c.stroke(
        (mid - 4.6 * u, top + 3 * u), (mid - 4.6 * u, top + 5.4 * u), (mid, top + 5.4 * u), width=max(1, round(2 * u))
    ) | c.stroke(
        (mid + 4.4 * u, top + 1.6 * u), (mid + 4.4 * u, top + 4 * u), (mid, top + 4 * u), width=max(1, round(2 * u))
    )
    body = c.rect(mid - 2 * u + 0.5, top + u, 4 * u, floor - top - u) | c.oval(mid - 2 * u + 0.5, top, 4 * u, 4 * u)
    c.paint(arms, "green", "cactus", c.fall(arms, 0.4, -0.8))
    c.paint(body, "green", "cactus", c.column(body, 1.3), rim=s >= 16)
    if s >= 16:
        c.touch(body & ((c.ys - m).astype(int) % 3 == 0) & ((c.xs - round(mid)).astype(int) % 3 == 0), 1.2)
    bloom = c.oval(mid - 1.4 * u + 0.5, m, max(2, 2.8 * u), max(2, 2.6 * u))
    c.paint(bloom, p["color"], "petals", c.ball(bloom, 1.2), rim=s >= 24)


def words(p: Params) -> Words:
    kind, color, n = p["flower"], f"{{{p['color']}}}", p["number"]
    having: list[Fact] = []
    place: tuple[Fact, ...] = ()
    if p["stand"] != "none":
        pot = "" if p["pot_color"] == "brick" else f"{{{p['pot_color']}}}"
        place = ((f"in a~{pot} {p['stand']}", f"in a~{p['stand']}"),)
    if kind == "cactus":
        return Words(
            nouns=("cactus", "cactus", "desert cactus"),
            adjectives=("{green}",),
            having=((f"a~{color} flower", "a flower"),),
            place=place,
        )
    having.append((f"{color} petals", f"{{{'green'}}} leaves"))
    plain = {
        "daisy": ("flower", "daisy"),
        "tulip": ("flower", "tulip"),
        "rose": ("flower", "rose"),
        "sunflower": ("sunflower", "flower"),
        "bell": ("flower", "bell flower"),
    }[kind]
    if n == 1:
        return Words(nouns=(*plain, plain[0]), adjectives=(color,), having=tuple(having), place=place)
    nouns = {
        "daisy": ("flowers", "daisies"),
        "tulip": ("flowers", "tulips"),
        "rose": ("flowers", "roses"),
        "bell": ("flowers", "bell flowers"),
    }[kind]
    return Words(
        nouns=nouns, adjectives=({2: ("two", "2"), 3: ("three", "3")}[n], color), having=(), place=place, plural=True
    )


FAMILY = Family(
    name="flower",
    kind="plant",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=TALL,
    weight=1.4,
    genres=("fantasy", "farm"),
)
