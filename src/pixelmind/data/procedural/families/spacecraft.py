"""Spacecraft: shuttles, satellites, space stations, landers, probes and starfighters, alone or in space."""

from __future__ import annotations

from pixelmind.data.procedural import backdrop as bd
from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice, flag
from pixelmind.data.procedural.pen import Pen, colors
from pixelmind.data.procedural.rng import Rng

PARAMETERS = {
    "craft": choice(
        "shuttle", "satellite", "space station", "lander", "starfighter", "cargo ship", weights=(3, 3, 2.5, 2, 3, 2)
    ),
    "hull_color": colors("white", "silver", "grey", "red", "blue", "green", "gold", "black"),
    "trim_color": colors("red", "blue", "orange", "yellow", "green", "cyan"),
    "panel_color": choice("blue", "gold", "navy", weights=(4, 2, 2)),
    "engines": choice("on", "off", weights=(3, 2)),
    "backdrop": choice("none", "space", weights=(3, 1)),
    "planet": flag(0.4),
    "planet_color": choice("orange", "teal", "purple", "red", "green"),
}


def fit(p: Params, h: int, w: int) -> None:
    kind = p["craft"]
    if kind not in ("satellite", "space station"):
        p["panel_color"] = None
    else:
        p["engines"] = "none"
    if p["trim_color"] == p["hull_color"]:
        p["trim_color"] = "orange"
    if kind in ("satellite", "space station", "lander") and p["hull_color"] in ("red", "green", "blue", "black"):
        p["hull_color"] = "silver"
    if p["backdrop"] == "none" or min(h, w) < 24:
        p["planet"] = False
    if not p["planet"]:
        p["planet_color"] = None


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    x: float
    y: float
    pen, kind, hull, trim, rim = Pen(c, stretch=1.0), p["craft"], p["hull_color"], p["trim_color"], c.s >= 16
    if p["backdrop"] == "space":
        c.paint(c.full(), "space", "sky", 0, back=True)
        bd.stars(c, rng, c.h, max(3, c.h * c.w // 60))
        if p["planet"]:
            ball = c.oval(-c.s * 0.25, c.h - c.s * 0.42, c.s * 0.75, c.s * 0.75)
            c.paint(ball, p["planet_color"], "planet", c.ball(ball, 1.6) - 0.3, back=True)
    on = p["engines"] == "on"
    if kind == "shuttle":
        if on:
            _jet(c, pen, 7, 11.6, 3.2, 2.4)
        wing = pen.poly((5, 5), (5, 12), (0.4, 12), (0.4, 10.6), (3.4, 7))
        c.paint(c.mirror(wing), hull, "wings", -0.6)
        c.paint(c.mirror(pen.poly((0.4, 10.6), (5, 10.6), (5, 12), (0.4, 12))), trim, "wings", -0.2)
        body = pen.oval(4.2, 0, 9.8, 8) | pen.rect(4.2, 4, 9.8, 12)
        c.paint(body, hull, "hull", "column", rim=rim)
        c.paint(pen.poly((5.4, 3), (8.6, 3), (9, 5), (5, 5)), "ink", "windows", 0.8, rim=rim)
        c.paint(pen.rect(6.6, 6, 7.4, 12), trim, "fin", 0.2)
        c.paint(pen.rect(5, 11.4, 6.4, 12.6) | pen.rect(7.6, 11.4, 9, 12.6), "dark grey", "engines", 0)
    elif kind == "satellite":
        for x0, x1 in ((0, 4.4), (9.6, 14)):
            panel = pen.rect(x0, 4.6, x1, 10)
            c.paint(panel, p["panel_color"], "panels", c.ball(panel, 0.9))
            x, y, w, h = c.box(panel)
            step = max(2, w // 3)
            if c.s >= 16:
                c.touch(panel & (((c.xs - x) % step == step - 1) & (c.xs < x + w - 1) | (c.ys == y + h // 2)), -1.2)
        c.paint(pen.rect(4, 6.8, 10, 7.6), "iron", "arm", 0)
        body = pen.rect(5, 3.6, 9, 11)
        c.paint(body, hull, "hull", "column", rim=rim)
        c.paint(pen.rect(5, 5.6, 9, 6.4) | pen.rect(5, 8.4, 9, 9.2), trim, "trim", c.column(body, 0.8))
        dish = pen.oval(4, -0.6, 10, 3) & pen.rect(0, 1, 14, 4)
        c.paint(pen.rect(6.7, 2.4, 7.3, 4), "iron", "antenna", 0)
        c.paint(dish, "white" if hull != "white" else "silver", "dish", "ball", rim=rim)
        c.paint(pen.rect(6.7, 11, 7.3, 13), "iron", "antenna", 0)
        c.paint(pen.oval(6.2, 12.4, 7.8, 14), trim, "antenna", 0.5)
    elif kind == "space station":
        c.paint(pen.rect(6.5, 1, 7.5, 13), "iron", "spine", "column")
        for y in (1.4, 10):
            for x0, x1 in ((0, 5.4), (8.6, 14)):
                panel = pen.rect(x0, y, x1, y + 2.6)
                c.paint(panel, p["panel_color"], "panels", c.fall(panel, 0.7, -0.7))
                if c.s >= 16:
                    x, _, w, _ = c.box(panel)
                    c.touch(panel & ((c.xs - x) % max(2, w // 4) == 0), -1.0)
            c.paint(pen.rect(5, y + 1, 9, y + 1.6), "iron", "spine", 0)
        ring = pen.ring(2, 4.2, 12, 9.8, 1.5)
        c.paint(ring, hull, "ring", c.ball(ring, 1.3), rim=rim)
        hub = pen.oval(4.9, 4.9, 9.1, 9.1)
        c.paint(hub, hull, "hull", c.ball(hub, 1.5), rim=rim)
        c.paint(pen.rect(5.6, 6.6, 8.4, 7.4), trim, "trim", 0.2)
        if c.s >= 24:
            for x in (2.6, 4, 9.4, 10.8):
                c.paint(pen.rect(x, 6.8, x + 0.5, 7.3) & ring, "flame", "windows", 0.4)
    elif kind == "lander":
        if on:
            _jet(c, pen, 7, 10.8, 2.6, 2.8)
        for side in (0, 1):
            leg = pen.line((4.6, 8.6), (1.6, 12.8), width=0.8) | pen.rect(0.4, 12.6, 3, 13.6)
            c.paint(leg[:, ::-1] if side else leg, "iron", "legs", 0.2 - side * 0.6)
        c.paint(pen.rect(5.6, 9.6, 8.4, 11), "dark grey", "engine", 0)
        base = pen.poly((3, 6.6), (11, 6.6), (12, 8), (11, 10), (3, 10), (2, 8))
        c.paint(base, "gold" if hull != "gold" else "silver", "base", c.ball(base, 1.3), rim=rim)
        top = pen.poly((5, 1.6), (9, 1.6), (11, 4), (10, 7), (4, 7), (3, 4))
        c.paint(top, hull, "hull", c.ball(top, 1.4), rim=rim)
        c.paint(
            pen.poly((4.6, 3.4), (6.6, 3.4), (6.4, 5), (4.4, 5)) | pen.poly((7.4, 3.4), (9.4, 3.4), (9.6, 5), (7.6, 5)),
            "ink",
            "windows",
            0.8,
        )
        c.paint(pen.rect(6, 5.6, 8, 7), trim, "hatch", 0)
        c.paint(pen.rect(6.8, 0, 7.2, 1.6), "iron", "antenna", 0)
        c.paint(pen.rect(8, 0.4, 10, 1), "iron", "antenna", 0.4)
    elif kind == "starfighter":
        if on:
            for x in (4, 10):
                _jet(c, pen, x, 11.4, 2, 2.6)
        wing = pen.poly((6, 5), (6, 10.6), (0.4, 12.6), (0.4, 10))
        c.paint(c.mirror(wing), hull, "wings", -0.3)
        c.touch((wing[:, ::-1]), -0.7)
        c.paint(c.mirror(pen.rect(0, 7, 1, 13)), trim, "guns", 0.2, rim=rim)
        c.paint(c.mirror(pen.rect(3, 8.4, 5, 12)), "dark grey", "engines", "column", rim=rim)
        body = pen.poly((6.4, 0), (7.6, 0), (9.4, 7), (8.8, 12.4), (5.2, 12.4), (4.6, 7))
        c.paint(body, hull, "hull", "column", rim=rim)
        glass = pen.oval(5.7, 4, 8.3, 8.2)
        c.paint(glass, "cyan", "cockpit", c.ball(glass, 1.7), rim=rim)
        c.paint(pen.rect(6.3, 9, 7.7, 12.4), trim, "trim", 0.2)
    else:  # cargo ship, seen from the side
        if on:
            for y in (6, 9.6):
                jet = pen.poly((0, y - 0.2), (2.4, y - 1), (2.4, y + 1), (0, y + 0.2))
                c.paint(jet, "cyan", "flame", 0.5)
        for i, x in enumerate((3.6, 6.4)):
            box = pen.rect(x, 3, x + 2.6, 5.4)
            c.paint(box, trim if i == 0 else "dark grey", "cargo", "bevel", rim=rim)
        body = pen.poly((2.4, 5), (10, 5), (14, 8), (13, 10), (10, 11), (2.4, 11))
        c.paint(body, hull, "hull", c.fall(body, 1.2, -1.4), rim=rim)
        c.paint(pen.rect(1.6, 5, 3, 7) | pen.rect(1.6, 8.8, 3, 10.8), "dark grey", "engines", "fall", rim=rim)
        c.paint(pen.poly((10, 5.6), (11.4, 6.4), (12.6, 7.6), (10, 7.6)), "cyan", "cockpit", 0.4, rim=rim)
        c.paint(pen.rect(3, 8, 13.4, 8.8) & body, trim, "trim", 0)
        if c.s >= 24:
            for x in (4.6, 6.2, 7.8):
                c.paint(pen.rect(x, 6.4, x + 0.7, 7.1), "flame", "windows", 0.3)


def _jet(c: Canvas, pen: Pen, x: float, y: float, w: float, h: float) -> None:
    """Exhaust that points down from (x, y)."""
    outer = pen.poly((x - w / 2, y), (x + w / 2, y), (x + w * 0.3, y + h * 0.5), (x, y + h), (x - w * 0.3, y + h * 0.5))
    c.paint(outer, "fire", "flame", 0.1)
    c.paint(pen.poly((x - w / 4, y), (x + w / 4, y), (x, y + h * 0.6)), "flame", "flame", 0.5)


def words(p: Params) -> Words:
    kind = p["craft"]
    nouns = {
        "shuttle": ("space shuttle", "shuttle", "spacecraft"),
        "satellite": ("satellite", "space satellite", "orbiting satellite"),
        "space station": ("space station", "orbital station", "station in orbit"),
        "lander": ("moon lander", "lunar lander", "lander"),
        "starfighter": ("starfighter", "space fighter", "spaceship"),
        "cargo ship": ("cargo spaceship", "space freighter", "spaceship"),
    }[kind]
    having: list[Fact] = []
    if p["panel_color"]:
        having.append((f"{{{p['panel_color']}}} solar panels", "solar panels"))
    if p["engines"] == "on" and "flame" in p["visible"]:
        having.append(("burning engines", "its engines firing"))
    if any(part in p["visible"] for part in ("trim", "fin", "hatch", "cargo", "guns")):
        having.append((f"{{{p['trim_color']}}} markings", f"{{{p['trim_color']}}} trim"))
    if p["planet"] and "planet" in p["visible"]:
        having.append((f"a~{{{p['planet_color']}}} planet behind it", "a planet in the background"))
    place: tuple[Fact, ...] = (("in space", "among the stars", "in outer space"),) if p["backdrop"] == "space" else ()
    return Words(nouns=nouns, adjectives=(f"{{{p['hull_color']}}}",), having=tuple(having), place=place)


FAMILY = Family(
    name="spacecraft",
    kind="vehicle",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=SQUARE,
    weight=1.3,
    genres=("space", "sci-fi"),
)
