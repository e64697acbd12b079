"""Mushrooms: toadstools with spots, alone or in a group, some with a face."""

from __future__ import annotations

from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice, count, flag
from pixelmind.data.procedural.rng import Rng

PARAMETERS = {
    "cap_color": choice(
        "red",
        "brown",
        "purple",
        "blue",
        "green",
        "orange",
        "yellow",
        "pink",
        "white",
        weights=(6, 3, 2, 2, 1.5, 1.5, 1, 1, 1),
    ),
    "spots": choice("white spots", "none", "yellow spots", weights=(5, 2, 1)),
    "number": count(1, 3),
    "face": flag(0.25),
    "glow": flag(0.12),
}


def fit(p: Params, h: int, w: int) -> None:
    if min(h, w) < 16:
        p["number"], p["face"] = 1, False
    if p["number"] > 1:
        p["face"] = False
    if p["cap_color"] in ("white", "yellow") and p["spots"] != "none":
        p["spots"] = "none"
    if min(h, w) < 24:
        p["glow"] = False


def _one(p: Params, c: Canvas, x: float, floor: float, w: float, h: float) -> None:
    s, mid = c.s, x + (w - 1) / 2
    stem_w = max(2, round(w * 0.36)) // 2 * 2 + (round(w) % 2)
    cap_h = round(h * 0.58)
    stem = c.rect(round(mid - (stem_w - 1) / 2), floor - h + cap_h - 1, stem_w, h - cap_h + 1) | (
        c.rect(round(mid - (stem_w - 1) / 2) - 1, floor - max(1, h * 0.12), stem_w + 2, max(1, h * 0.12))
        if s >= 16
        else c.empty()
    )
    c.paint(stem, "beige", "stem", c.column(stem, 1.2), rim=s >= 16)
    cap = c.oval(x, floor - h, w, cap_h * 1.7) & (c.ys < floor - h + cap_h)
    if p["glow"]:
        aura = c.oval(x - 1, floor - h - 1, w + 2, cap_h * 1.7 + 2) & (c.ys < floor - h + cap_h + 1) & (c.mat == 0)
        c.paint(aura, "cyan", "glow", 0.5)
    c.paint(cap, p["cap_color"], "cap", c.ball(cap, 1.5), rim=s >= 16)
    if s >= 12:
        c.touch(cap & (c.ys >= round(floor - h + cap_h) - 1), -1)
    if w >= 20:  # gills under the brim, in the shade
        low = round(floor - h + cap_h)
        gills = c.oval(x + w * 0.08, low - h * 0.07, w * 0.84, max(3, h * 0.14))
        c.paint(gills, "beige", "gills", c.fall(gills, -1.4, -0.4), rim=True)
        c.touch(gills & ((c.xs - round(mid)) % 3 == 0), -0.8)
        c.paint(stem & (c.ys >= low), "beige", "stem", c.column(stem, 1.2))
    if p["spots"] != "none":
        color, u = p["spots"].split()[0], w / 14
        for dx, dy, d in (
            ((-4, 0.62, 2.6), (0, 0.26, 3.2), (4, 0.56, 2.4), (0.6, 0.78, 1.8))
            if s > 10
            else ((-2.6, 0.6, 2), (2, 0.4, 2))
        ):
            spot = (
                c.oval(
                    mid + dx * u - d * u / 2 + 0.5,
                    floor - h + cap_h * dy - d * u / 2,
                    max(1, d * u),
                    max(1, d * u * 0.86),
                )
                & cap
            )
            c.paint(spot, color, "spots", c.ball(spot, 0.6) if s > 20 else 0.2)
    if p["face"]:
        y = floor - (h - cap_h) * 0.62
        c.paint(c.mirror(c.rect(mid - stem_w * 0.28, y, max(1, s // 20), max(2, s // 12))), "ink", "face", 0)
        if s >= 24:
            c.paint(c.rect(round(mid - 0.5), y + max(2, s // 12), 2 - c.w % 2, 1), "dark red", "face", 0)


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    m = 0 if c.s <= 10 else 1
    floor, w = c.h - m, c.w - 2 * m
    if p["number"] > 1:
        _one(p, c, m + w * 0.44, floor, w * 0.5 // 2 * 2, c.s * 0.5)
    if p["number"] > 2:
        _one(p, c, m, floor, w * 0.4 // 2 * 2, c.s * 0.42)
    if p["number"] == 1:
        _one(p, c, m, floor, w, c.h - 2 * m)
    else:
        _one(p, c, m + w * 0.08 + (w * 0.1 if p["number"] == 3 else 0), floor, w * 0.62 // 2 * 2, c.s * 0.82)


def words(p: Params) -> Words:
    n, cap = p["number"], f"{{{p['cap_color']}}}"
    having: list[str | tuple[str, ...]] = []
    if p["spots"] != "none":
        color = p["spots"].split()[0]
        having.append((f"{{{color}}} spots", f"{{{color}}} dots", "spots"))
    if p["face"]:
        having.append(("a face", "eyes"))
    if n == 1:
        having.append((f"a~{cap} cap",))
        return Words(
            nouns=("mushroom", "mushroom", "toadstool"),
            adjectives=(("glowing",) if p["glow"] else "", cap),
            having=tuple(having),
        )
    return Words(
        nouns=("mushrooms", "toadstools", "mushrooms"),
        adjectives=({2: ("two", "2"), 3: ("three", "3")}[n], ("glowing",) if p["glow"] else "", cap),
        having=tuple(having),
        plural=True,
    )


FAMILY = Family(name="mushroom", kind="plant", parameters=PARAMETERS, draw=draw, words=words, fit=fit, sizes=SQUARE)
