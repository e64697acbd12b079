"""Planets and moons: gas giants with bands, worlds with continents and clouds, cratered, lava and ice worlds, rings and moons."""

from __future__ import annotations

import numpy as np

from pixelmind.data.procedural import backdrop as bd
from pixelmind.data.procedural.canvas import Canvas, Region
from pixelmind.data.procedural.captions import NUMBERS, Fact, Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice, count, flag
from pixelmind.data.procedural.pen import colors
from pixelmind.data.procedural.rng import Rng

PARAMETERS = {
    "planet": choice(
        "gas giant", "ocean world", "cratered", "lava world", "ice world", "desert world", weights=(4, 4, 3, 2, 2, 2)
    ),
    "color": colors("orange", "blue", "purple", "tan", "red", "teal", "grey", "green", "pink"),
    "second_color": colors("beige", "green", "white", "brown", "violet"),
    "ring": choice("none", "thin", "wide", weights=(4, 2, 2)),
    "ring_color": choice("tan", "white", "violet", "light blue", "pink"),
    "moons": count(0, 2),
    "backdrop": choice("none", "stars", "nebula", weights=(3, 2, 1)),
    "tilted": flag(0.5, minor=True),
}
FIXED = {
    "lava world": ("dark grey", "lava"),
    "ice world": ("ice", "white"),
    "cratered": (None, None),
    "desert world": ("sandstone", "brown"),
}


def fit(p: Params, h: int, w: int) -> None:
    kind, s = p["planet"], min(h, w)
    if kind in FIXED:
        if kind != "cratered":
            p["color"] = None
        p["second_color"] = None
    elif p["second_color"] == p["color"] or (p["color"], p["second_color"]) in (
        ("tan", "beige"),
        ("purple", "violet"),
        ("orange", "brown"),
        ("pink", "white"),
        ("tan", "brown"),
    ):
        p["second_color"] = "brown" if p["color"] == "pink" else "white"
    if kind == "ocean world" and p["second_color"] in ("white",):
        p["second_color"] = "beige"
    if s < 12:
        p["ring"] = "none" if p["ring"] == "thin" else p["ring"]
    if p["ring"] == "none":
        p["ring_color"], p["tilted"] = None, False
    if s < 24:
        p["moons"] = min(p["moons"], 1) if s >= 16 else 0
        p["backdrop"] = "stars" if p["backdrop"] == "nebula" else p["backdrop"]
    if p["ring"] != "none":
        p["moons"] = min(p["moons"], 1)


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    s, m = c.s, 0 if c.s <= 10 else 1
    if p["backdrop"] != "none":
        c.paint(c.full(), "space", "sky", 0, back=True)
        if p["backdrop"] == "nebula":
            cloud = rng.smooth(c.h, c.w, max(6, s // 3))
            c.paint(cloud > 0.62, "purple", "nebula", -1.4, back=True)
            c.paint(cloud > 0.74, "magenta", "nebula", -1.2, back=True)
        bd.stars(c, rng, c.h, max(3, c.h * c.w // 60))
    d = round((s - 2 * m) * (0.6 if p["ring"] != "none" else 0.78 if p["moons"] else 0.94))
    d += (c.w - d) % 2
    x, y = (c.w - d) // 2, (c.h - d) // 2
    ball = c.oval(x, y, d, d)
    if p["moons"] and p["ring"] == "none":
        shift = round(s * 0.07)
        x, y = x - shift, y + shift
        ball = c.oval(x, y, d, d)
    ring, front = _ring(p, c, d)
    if p["ring"] != "none":
        c.paint(ring & ~front, p["ring_color"], "ring", -0.9)
    _surface(p, c, rng, ball, d, x, y)
    if p["ring"] != "none":
        c.paint(ring & front, p["ring_color"], "ring", 0.4, rim=s >= 16)
        if s >= 32:
            gap = _ring(p, c, d, 0.86)[0] & ~_ring(p, c, d, 0.8)[0] & front & ring
            c.touch(gap, -1.2)
        shade = np.roll(ring & front, -max(1, s // 24), 0) & ball & ~ring
        c.touch(shade, -1.0)
    for i in range(p["moons"]):
        k = max(2, round(s * (0.16 if i == 0 else 0.11)))
        mx, my = (c.w - m - k, m) if i == 0 else (m, m + round(s * 0.06))
        if i == 1:
            my = c.h - m - k if p["ring"] != "none" else m
        moon = c.oval(mx, my, k, k)
        c.paint(moon, "light grey" if p["color"] != "grey" else "beige", "moon", c.ball(moon, 1.6), rim=s >= 16)


def _ring(p: Params, c: Canvas, d: int, scale: float = 1.0) -> tuple[Region, Region]:
    """The ring's cells and the half-plane in front of the planet."""
    cx, cy = (c.w - 1) / 2, (c.h - 1) / 2
    slope = -0.28 if p["tilted"] else 0.0
    u, v = c.xs - cx, (c.ys - cy) - slope * (c.xs - cx)
    a = min(c.w / 2 - 1, d * 0.82) * scale
    b = max(1.6, a * 0.26)
    width = 0.8 if p["ring"] == "thin" else 0.62
    outer = (u / a) ** 2 + (v / b) ** 2 <= 1
    inner = (u / (a * width)) ** 2 + (v / max(0.6, b * width)) ** 2 < 1
    out: Region = outer & ~inner
    return out, np.broadcast_to(v >= 0, out.shape)


def _surface(p: Params, c: Canvas, rng: Rng, ball: Region, d: int, x: int, y: int) -> None:
    kind, s = p["planet"], c.s
    base, second = FIXED.get(kind, (p["color"], p["second_color"]))
    base, second = base or p["color"], second or p["second_color"]
    light = c.ball(ball, 1.9)
    c.paint(ball, base, "planet", light, rim=s >= 16)
    cell = max(3, d // 4)
    noise = rng.smooth(c.h, c.w, cell)
    fine = rng.smooth(c.h, c.w, max(2, d // 9))
    if kind == "gas giant":
        wobble = np.round((noise - 0.5) * d * 0.08)
        t = (c.ys - y + wobble) / d
        for low, high in ((0.14, 0.24), (0.42, 0.54), (0.7, 0.78)):
            c.paint(ball & (t >= low) & (t < high), second, "bands", light)
        if s >= 16:
            c.touch(ball & (t >= 0.3) & (t < 0.36), -0.7)
            spot = c.oval(x + d * 0.55, y + d * 0.56, d * 0.24, d * 0.15)
            c.paint(spot & ball, "red" if base not in ("red", "orange", "pink") else "white", "storm", light)
    elif kind == "ocean world":
        land = ball & (noise * 0.7 + fine * 0.3 > 0.52)
        c.paint(land, second, "land", light)
        if s >= 24:
            c.touch(land & ~np.roll(land, -1, 0), -0.7)
        clouds = ball & (np.roll(fine, d // 3, 1) > 0.78) & (s >= 24)
        c.paint(clouds, "cloud", "clouds", light * 0.6)
        c.paint(ball & (c.ys < y + d * 0.1), "snow", "ice cap", light * 0.6)
    elif kind == "cratered":
        n = 4 if s < 24 else 7 if s < 64 else 14
        for i in range(n):
            k = max(2, round(d * (0.26 if i == 0 else rng.uniform(0.1, 0.2))))
            cx, cy = x + rng.uniform(0.1, 0.78) * d, y + rng.uniform(0.1, 0.78) * d
            hole = c.oval(round(cx), round(cy), k, k) & ball
            c.touch(hole, -1.0)
            if k >= 4:
                c.touch(hole & ~np.roll(np.roll(hole, -1, 0), -1, 1), 1.6)
    elif kind == "lava world":
        veins = ball & (abs(fine - 0.5) < (0.07 if s >= 24 else 0.1))
        c.paint(veins, "lava", "lava", 0.4)
        c.paint(veins & (noise > 0.6), "flame", "lava", 0.2)
    elif kind == "ice world":
        c.paint(ball & (noise > 0.56), "snow", "ice", light * 0.7)
        if s >= 16:
            c.touch(ball & (abs(fine - 0.5) < 0.05), -1.0)
    else:
        t = (c.ys - y + np.round((noise - 0.5) * d * 0.3)) / d
        c.touch(ball & (np.floor(t * 7) % 2 == 0), -0.8)
        c.paint(ball & (fine > 0.74), "brown", "rocks", light)


def words(p: Params) -> Words:
    kind = p["planet"]
    nouns = {
        "gas giant": ("planet", "gas giant", "gas planet"),
        "ocean world": ("planet", "ocean planet", "earth-like planet"),
        "cratered": ("planet", "cratered moon", "rocky planet"),
        "lava world": ("lava planet", "volcanic planet", "planet of lava"),
        "ice world": ("ice planet", "frozen planet", "icy planet"),
        "desert world": ("desert planet", "sandy planet", "planet"),
    }[kind]
    seen = p["visible"]
    having: list[Fact] = []
    if p["ring"] != "none" and "ring" in seen:
        having.append((f"a~{{{p['ring_color']}}} ring", f"{{{p['ring_color']}}} rings", f"a~{p['ring']} ring"))
    if p["moons"] and "moon" in seen:
        having.append(
            ("a moon", "one moon", "a small moon")
            if p["moons"] == 1
            else (f"{NUMBERS[p['moons']]} moons", "two small moons")
        )
    if kind == "gas giant" and "bands" in seen:
        having.append((f"{{{p['second_color']}}} stripes", f"{{{p['second_color']}}} bands"))
    if kind == "ocean world" and "land" in seen:
        having.append((f"{{{p['second_color']}}} continents", f"{{{p['second_color']}}} land"))
    if kind == "cratered":
        having.append("craters")
    if kind == "lava world" and "lava" in seen:
        having.append(("glowing cracks", "rivers of lava"))
    place: tuple[Fact, ...] = ()
    if p["backdrop"] == "stars":
        place = (("in space", "among the stars", "in a starry sky"),)
    elif p["backdrop"] == "nebula":
        place = (("in space", "in front of a nebula"),)
    color = f"{{{p['color']}}}" if p["color"] else ""
    lacking = tuple(x for x, yes in (("rings", p["ring"] == "none"), ("moons", not p["moons"])) if yes)
    return Words(nouns=nouns, adjectives=(color,), having=tuple(having), place=place, lacking=lacking)


FAMILY = Family(
    name="planet",
    kind="object",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=SQUARE,
    weight=1.3,
    genres=("space", "sci-fi"),
)
