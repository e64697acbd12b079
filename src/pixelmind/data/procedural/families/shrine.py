"""Feudal Japan: pagodas, torii gates, shrines, stone lanterns and samurai castles, with cherry trees."""

from __future__ import annotations

from pixelmind.data.procedural import backdrop as bd
from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import NUMBERS, Fact, Words
from pixelmind.data.procedural.family import TALL, Family, Params, choice, count, flag
from pixelmind.data.procedural.pen import Pen, colors
from pixelmind.data.procedural.rng import Rng

PARAMETERS = {
    "building": choice("pagoda", "torii gate", "shrine", "stone lantern", weights=(4, 4, 3, 2)),
    "roof_color": colors("dark grey", "red", "green", "blue", "brown"),
    "wall_color": choice("white", "red", "beige", "brown", weights=(4, 3, 2, 2)),
    "tiers": count(2, 4),
    "lit": flag(0.5),
    "blossom": flag(0.35),
    "backdrop": bd.backdrop(0.55),
}


def fit(p: Params, h: int, w: int) -> None:
    kind, s = p["building"], min(h, w)
    if kind != "pagoda":
        p["tiers"] = 0
    elif s < 12:
        p["tiers"] = 2
    elif s < 24:
        p["tiers"] = min(p["tiers"], 3)
    if kind == "torii gate":
        p["lit"] = False
        p["wall_color"] = "red" if p["wall_color"] in ("white", "beige") else p["wall_color"]
        if p["roof_color"] in (p["wall_color"], "green", "blue"):
            p["roof_color"] = "dark grey"
    elif kind == "stone lantern":
        p["wall_color"] = p["roof_color"] = None
    elif p["wall_color"] == p["roof_color"]:
        p["roof_color"] = "dark grey"
    if s < 24:
        p["blossom"] = False
    if s < 12:
        p["lit"] = False


def _roof(c: Canvas, pen: Pen, y: float, half: float, tall: float, color: str, rim: bool) -> None:
    """A curved roof with lifted eaves, standing on row y."""
    body = pen.poly((7 - half * 0.45, y - tall), (7 + half * 0.45, y - tall), (7 + half, y), (7 - half, y))
    tip = pen.poly(
        (7 - half - 0.7, y - tall * 0.5), (7 - half + 0.3, y - tall * 0.5 + 0.2), (7 - half + 1.4, y), (7 - half, y)
    )
    c.paint(body | c.mirror(tip), color, "roof", c.fall(body, 1.1, -0.8), rim=rim)
    if c.s >= 32:
        x, top, _w, _h = c.box(body)
        c.touch(body & ((c.xs - x) % 3 == 1) & (c.ys > top), -0.7)


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    pen, kind, rim = Pen(c), p["building"], c.s >= 16
    if p["backdrop"] != "none":
        bd.sky(c, p["backdrop"], rng, round(c.h * 0.86))
        bd.ground(c, round(c.h * 0.86), "grass", rng)
    if p["blossom"]:
        trunk = pen.limb(((1.2, 13.6), (1.6, 10), (0.6, 7)), 1.1, 0.7) | pen.limb(
            ((1.6, 10), (2.4, 8), (3, 7)), 0.7, 0.5
        )
        c.paint(trunk, "dark wood", "tree", -0.2)
        tufts = (
            (-1.4, 4.4, 2.2, 7.6),
            (1.8, 5.4, 4.6, 8),
            (-1, 2.4, 1.8, 5),
            (0.6, 3.4, 3.6, 6.4),
            (-0.8, 6.2, 2.6, 8.8),
        )
        frame, crown = c.rect(pen.m, pen.m, c.w - 2 * pen.m, c.h), c.empty()
        for spot in tufts:
            crown |= pen.oval(*spot) & frame
        c.paint(crown, "pink", "blossom", -0.6, rim=rim)
        for spot in tufts:  # clump over clump
            tuft = pen.oval(*spot) & frame
            c.paint(tuft, "pink", "blossom", 0.5 * c.ball(crown, 1.0) + c.ball(tuft, 1.2))
        if c.s >= 24:
            c.touch(crown & (rng.noise(c.h, c.w) > 0.93), 1.2)
    wall, roof = p["wall_color"], p["roof_color"]
    if kind == "pagoda":
        n = p["tiers"]
        base = pen.rect(2, 13, 12, 14)
        c.paint(base, "stone", "base", "bevel")
        floor, room = 13.0, 11.4
        tall = room / n
        for i in range(n):
            half = 4.2 - i * 2.2 / n
            y = floor - i * tall
            body = pen.rect(7 - half, y - tall * (0.55 if i == n - 1 else 1), 7 + half, y)
            c.paint(body, wall, "walls", c.column(body, 0.9), rim=rim)
            if c.s >= 16:
                for k in (-1, 1) if i else (-1, 0, 1):
                    x = 7 + k * half * 0.55
                    opening = (
                        pen.rect(x - 0.5, y - tall * 0.42, x + 0.5, y - tall * 0.1)
                        if k or i
                        else pen.rect(6.2, y - tall * 0.5, 7.8, y)
                    )
                    c.paint(opening, "flame" if p["lit"] and (k or i) else "ink", "windows" if k or i else "door", 0.2)
            else:
                c.paint(
                    pen.rect(6.4, y - tall * 0.4, 7.6, y - (tall * 0.1 if i else 0)),
                    "flame" if p["lit"] else "ink",
                    "windows",
                    0.2,
                )
            _roof(c, pen, y - tall * 0.5, half + 1.6, tall * 0.5, roof, rim)
        c.paint(pen.rect(6.6, 0, 7.4, floor - n * tall + 0.2), "gold", "finial", 0.3)
    elif kind == "torii gate":
        for x in (2.4, 9.8):
            c.paint(pen.rect(x - 0.3, 13, x + 2.1, 14), "stone", "base", "bevel", rim=False)
            post = pen.rect(x, 2, x + 1.8, 13.2)
            c.paint(post, wall, "posts", c.column(post, 1.2))
        low = pen.rect(1, 5, 13, 6.4)
        c.paint(low, wall, "beams", c.fall(low, 0.8, -0.6), rim=rim)
        c.paint(pen.rect(6.2, 3, 7.8, 5), wall, "beams", -0.2)
        if c.s >= 16:
            c.paint(pen.rect(6.3, 3.2, 7.7, 4.8), "gold", "plaque", 0)
        beam = pen.rect(0.8, 2, 13.2, 3.4)
        c.paint(beam, wall, "beams", c.fall(beam, 0.6, -0.8), rim=rim)
        top = pen.rect(0.6, 0.8, 13.4, 2.1) | c.mirror(pen.poly((0, 0), (1.2, 0.4), (2.4, 1.4), (0, 1.6)))
        c.paint(top, roof, "roof", c.fall(top, 1.0, -0.6), rim=rim)
    elif kind == "shrine":
        c.paint(pen.rect(0.6, 12.6, 13.4, 14), "stone", "base", "bevel")
        if c.s >= 16:
            c.paint(pen.rect(5, 12.6, 9, 13.2) | pen.rect(4.6, 13.2, 9.4, 14), "stone", "steps", 0.7)
        body = pen.rect(2.4, 7, 11.6, 12.6)
        c.paint(body, wall, "walls", c.column(body, 0.8))
        for x in (2.4, 4.9, 8.3, 10.8):
            c.paint(pen.rect(x, 7, x + 0.8, 12.6), "red" if wall != "red" else "dark brown", "posts", 0, rim=False)
        doors = pen.rect(5.7, 8.4, 8.3, 12.6)
        c.paint(doors, "flame" if p["lit"] else "beige", "door", 0)
        x, y, w, h = c.box(doors)
        if c.s >= 16:
            c.paint(
                doors & (((c.xs - x) % max(2, round(w / 2)) == 0) | ((c.ys - y) % max(2, round(h / 3)) == 0)),
                "dark wood",
                "door",
                0,
            )
        _roof(c, pen, 7.6, 6.2, 4.4, roof, rim)
        ridge = pen.rect(3.6, 2.4, 10.4, 3.6)
        c.paint(ridge, roof, "roof", 0.9, rim=rim)
        if c.s >= 16:
            horns = pen.line((3.6, 2.6), (2.6, 0.8), width=0.5)
            c.paint(c.mirror(horns), "gold", "finial", 0)
    else:
        for region, part in (
            (pen.rect(3, 12.4, 11, 14), "base"),
            (pen.rect(5.4, 8.4, 8.6, 12.6), "post"),
            (pen.rect(3.4, 7.4, 10.6, 9), "base"),
        ):
            c.paint(region, "stone", part, c.column(region, 1.1), rim=rim)
        box = pen.rect(4.4, 4, 9.6, 7.6)
        c.paint(box, "stone", "lantern", c.column(box, 1.0), rim=rim)
        c.paint(pen.rect(5.8, 4.8, 8.2, 7), "flame" if p["lit"] else "ink", "light", 0.3, rim=rim)
        cap = pen.poly((6, 1), (8, 1), (12.4, 4.4), (1.6, 4.4))
        c.paint(cap, "stone", "roof", c.column(cap, 1.2), rim=rim)
        c.paint(pen.oval(5.9, 0, 8.1, 2), "stone", "finial", 0.5, rim=rim)
        if c.s >= 24:
            c.paint(
                (rng.noise(c.h, c.w) > 0.7) & (c.ys >= pen.y(12.6)) & (c.part == c.part_id("base")), "leaf", "moss", 0
            )


def words(p: Params) -> Words:
    kind = p["building"]
    nouns = {
        "pagoda": ("pagoda", "japanese pagoda", "japanese temple"),
        "torii gate": ("torii gate", "torii", "japanese shrine gate"),
        "shrine": ("shrine", "japanese shrine", "shinto shrine"),
        "stone lantern": ("stone lantern", "japanese stone lantern", "garden lantern"),
    }[kind]
    having: list[Fact] = []
    if kind == "pagoda":
        n = NUMBERS[p["tiers"]]
        having.append((f"{n} tiers", f"{n} roofs", f"{p['tiers']} storeys"))
    if p["roof_color"]:
        having.append(
            (f"{{{p['roof_color']}}} roofs",)
            if kind == "pagoda"
            else (f"a~{{{p['roof_color']}}} {'top beam' if kind == 'torii gate' else 'roof'}",)
        )
    if p["lit"]:
        having.append(
            {"stone lantern": ("a light inside", "a glowing light"), "shrine": ("a glowing door", "light inside")}.get(
                kind, ("lit windows", "glowing windows")
            )
        )
    if p["blossom"] and "blossom" in p["visible"]:
        having.append(("a cherry tree", "a {pink} cherry tree", "cherry blossoms"))
    color = f"{{{p['wall_color']}}}" if p["wall_color"] else ""
    return Words(nouns=nouns, adjectives=(color,), having=tuple(having), place=bd.places(p))


FAMILY = Family(
    name="shrine",
    kind="building",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=TALL,
    weight=1.3,
    genres=("feudal japan",),
)
