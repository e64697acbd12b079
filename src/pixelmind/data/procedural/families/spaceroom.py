"""Inside a space station or ship: a wall with a window on space, consoles with screens and buttons, lights, pipes and a floor."""

from __future__ import annotations

from pixelmind.data.procedural.canvas import Canvas, Region, grow
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import Family, Params, choice, flag
from pixelmind.data.procedural.pen import colors
from pixelmind.data.procedural.rng import Rng

WALLS = {"grey": "iron", "white": "white", "blue": "navy", "teal": "teal", "dark": "dark grey"}
PARAMETERS = {
    "wall": choice(*WALLS, weights=(3, 3, 2, 1.5, 2)),
    "window": choice("wide", "round", "twin", weights=(4, 3, 2)),
    "view": choice("stars", "planet", "asteroids", weights=(3, 4, 2)),
    "planet_color": colors("orange", "blue", "purple", "green", "red"),
    "console": choice("panel", "desk", "none", weights=(3, 3, 1)),
    "light_color": colors("cyan", "green", "red", "yellow", "magenta"),
    "chair": flag(0.4),
    "pipes": flag(0.4),
}


def fit(p: Params, h: int, w: int) -> None:
    s = min(h, w)
    if p["view"] != "planet":
        p["planet_color"] = None
    elif p["planet_color"] == "blue" and p["wall"] == "blue":
        p["planet_color"] = "orange"
    if s < 16:
        p["pipes"], p["chair"] = False, False
        if p["window"] == "twin":
            p["window"] = "wide"
    if s < 24 or p["console"] != "desk":
        p["chair"] = False
    if p["light_color"] == "cyan" and p["wall"] == "teal":
        p["light_color"] = "yellow"


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    s, u, wall = c.s, c.s / 32, WALLS[p["wall"]]
    floor_y = round(c.h * 0.78)
    trim = "dark grey" if wall != "dark grey" else "iron"
    area = c.rect(0, 0, c.w, floor_y)
    c.paint(area, wall, "walls", 0.1, back=True)
    step = max(4, round(8 * u))
    if s >= 16:
        c.touch(area & ((c.xs + 1) % step == 0), -0.9)
        c.touch(area & (c.xs % step == 0), 0.7)
    ceiling = c.rect(0, 0, c.w, max(1, round(2.6 * u)))
    c.paint(ceiling, trim, "ceiling", -0.3, back=True)
    strip = (
        c.rect(0, c.box(ceiling)[3], c.w, max(1, round(u)))
        & (c.xs % step >= step // 4)
        & (c.xs % step < step - step // 4)
    )
    c.paint(strip, p["light_color"], "lights", 0.8, back=True)
    floor = c.rect(0, floor_y, c.w, c.h - floor_y)
    c.paint(floor, trim, "floor", -0.2, back=True)
    c.touch(c.rect(0, floor_y, c.w, max(1, round(u))), 1.2)
    if s >= 16:
        c.touch(floor & ((c.xs - (c.xs - c.w / 2) * (c.ys - floor_y) / c.h).astype(int) % step == 0), -0.9)
    _window(p, c, rng, u, floor_y, trim)
    if p["pipes"]:
        for i, y in enumerate((floor_y - round(3 * u), floor_y - round(5 * u))):
            c.paint(c.rect(0, y, c.w, max(1, round(1.4 * u))), "copper" if i else "steel", "pipes", 0.2, back=True)
            c.touch(c.rect(0, y, c.w, 1), 0.9)
            c.paint(
                c.rect(0, y, c.w, max(1, round(1.4 * u))) & (c.xs % (step * 2) < max(1, round(u))),
                trim,
                "pipes",
                0.4,
                back=True,
            )
    if p["console"] == "panel":
        _panel(p, c, rng, u, floor_y, trim)
    elif p["console"] == "desk":
        _desk(p, c, rng, u, floor_y, trim)


def _pane(p: Params, c: Canvas, rng: Rng, pane: Region) -> None:
    x, y, w, h = c.box(pane)
    c.paint(pane, "space", "window", -0.2, back=True)
    for _ in range(max(3, w * h // 24)):
        c.paint(
            c.dots((rng.integer(x, x + w - 1), rng.integer(y, y + h - 1))) & pane,
            "moon",
            "stars",
            rng.choice((-0.6, 0.4, 1.0)),
            back=True,
        )
    if p["view"] == "planet":
        d = round(h * 0.8)
        ball = c.oval(x + w * 0.5 - d * 0.2, y + h * 0.34, d, d) & pane
        c.paint(ball, p["planet_color"], "planet", c.ball(ball, 1.5), back=True)
        if c.s >= 24:
            c.touch(ball & ((c.ys - y) % max(3, h // 4) == 0), -0.8)
    elif p["view"] == "asteroids":
        for _ in range(4):
            d = max(2, round(h * rng.uniform(0.12, 0.3)))
            rock = c.oval(rng.integer(x, x + w - d), rng.integer(y, y + h - d), d + 1, d) & pane
            c.paint(rock, "brown", "asteroids", c.ball(rock, 1.5), back=True)


def _window(p: Params, c: Canvas, rng: Rng, u: float, floor_y: int, trim: str) -> None:
    top, edge = round(5 * u), max(1, round(1.2 * u))
    tall = round((floor_y - top) * (0.56 if p["console"] == "desk" else 0.6))
    if p["window"] == "wide":
        x, w = (
            round(c.w * (0.14 if p["console"] != "panel" else 0.06)),
            round(c.w * (0.72 if p["console"] != "panel" else 0.52)),
        )
        boxes = [c.rect(x, top, w, tall)]
    elif p["window"] == "twin":
        w = round(c.w * (0.34 if p["console"] != "panel" else 0.25))
        left = round(c.w * 0.1)
        gap = round(c.w * (0.12 if p["console"] != "panel" else 0.06))
        boxes = [c.rect(left, top, w, tall), c.rect(left + w + gap, top, w, tall)]
    else:
        d = min(tall + round(2 * u), round(c.w * 0.56))
        x = (c.w - d) // 2 if p["console"] != "panel" else round(c.w * 0.08)
        boxes = [c.oval(x, top - u, d, d)]
    for box in boxes:
        outer = box
        for _ in range(edge):
            outer = grow(outer)
        c.paint(outer, trim, "window", c.bevel(outer, 1.0) + 0.4, back=True)
        _pane(p, c, rng, box)


def _buttons(p: Params, c: Canvas, area: Region, gap: int) -> None:
    """Rows of small lights, most of them in the room's colour."""
    x, y, _w, _h = c.box(area)
    k = max(1, gap // 2)
    cell = (c.xs - x) // gap + (c.ys - y) // gap * 3
    on = area & ((c.xs - x) % gap < k) & ((c.ys - y) % gap < k)
    c.paint(on & (cell % 4 != 2), p["light_color"], "buttons", 0.5, back=True)
    c.paint(on & (cell % 4 == 2), "red" if p["light_color"] != "red" else "yellow", "buttons", 0.3, back=True)


def _panel(p: Params, c: Canvas, rng: Rng, u: float, floor_y: int, trim: str) -> None:
    """A tall rack on the right."""
    x, w = round(c.w * 0.68), round(c.w * 0.28)
    top = round(6 * u)
    rack = c.rect(x, top, w, floor_y - top + max(1, round(u)))
    c.paint(rack, trim, "console", c.bevel(rack, 1.0), back=True)
    screen = c.rect(x + max(1, round(u)), top + max(1, round(u)), w - 2 * max(1, round(u)), max(2, round(6 * u)))
    c.paint(screen, "ink", "screen", 0, back=True)
    sx, sy, sw, sh = c.box(screen)
    wave = abs((c.ys - sy) - sh * (0.5 + 0.3 * ((c.xs - sx) % 4 - 1.5) / 1.5)) < 0.7
    c.paint(screen & wave, p["light_color"], "screen", 0.5, back=True)
    _buttons(
        p,
        c,
        c.rect(sx, sy + sh + max(1, round(1.4 * u)), sw, max(1, floor_y - sy - sh - round(2.6 * u))),
        max(2, round(2.6 * u)),
    )


def _desk(p: Params, c: Canvas, rng: Rng, u: float, floor_y: int, trim: str) -> None:
    """A console across the front."""
    y = floor_y - round(4 * u)
    desk = c.poly((c.w * 0.12, y), (c.w * 0.88, y), (c.w * 0.96, y + 5 * u), (c.w * 0.04, y + 5 * u))
    base = c.rect(c.w * 0.08, y + 5 * u, c.w * 0.84, c.h - y - 7 * u)
    c.paint(base, trim, "console", -1.0, back=True)
    c.paint(desk, "steel" if trim != "steel" else "iron", "console", 0.2, back=True)
    c.touch(c.rect(c.w * 0.12, y, c.w * 0.76, 1), 1.0)
    for x0 in (0.2, 0.62):
        screen = c.rect(c.w * x0, y + max(1, u), max(2, c.w * 0.18), max(1, round(2.6 * u)))
        c.paint(screen, p["light_color"], "screen", 0.2, back=True)
        if c.s >= 32:
            c.touch(screen & (c.ys % 2 == 0), -1.0)
    _buttons(p, c, c.rect(c.w * 0.42, y + max(1, u), max(2, c.w * 0.16), max(1, round(3 * u))), max(2, round(2 * u)))
    if p["chair"]:
        x = round(c.w * 0.5 - 3.5 * u)
        back = c.rect(x, y + 1 * u, 7 * u, 7 * u)
        c.paint(back, "red" if p["light_color"] != "red" else "blue", "chair", c.bevel(back, 1.0), back=True)
        c.paint(c.rect(c.w * 0.5 - u, y + 8 * u, 2 * u, 2 * u), "iron", "chair", 0, back=True)


def words(p: Params) -> Words:
    seen = p["visible"]
    having: list[Fact] = []
    shape = {"wide": "a wide window", "round": "a round window", "twin": "two windows"}[p["window"]]
    having.append(shape)
    if p["view"] == "planet" and "planet" in seen:
        having.append(
            (
                f"a~{{{p['planet_color']}}} planet outside",
                "a view of a planet",
                f"a~{{{p['planet_color']}}} planet in the window",
            )
        )
    elif p["view"] == "asteroids" and "asteroids" in seen:
        having.append(("asteroids outside", "a view of asteroids"))
    elif p["view"] == "stars":
        having.append(("a view of the stars", "stars outside"))
    if "lights" in seen:
        having.append((f"{{{p['light_color']}}} lights", "glowing lights"))
    if p["console"] != "none" and "console" in seen:
        having.append(("a control panel", "a console with buttons", "a computer console"))
    if p["chair"] and "chair" in seen:
        having.append(("a chair", "a pilot's chair"))
    if p["pipes"]:
        having.append("pipes")
    look: Fact = {"dark": "dark", "white": "{white}", "grey": "{grey}", "blue": "{blue}", "teal": "{teal}"}[p["wall"]]
    return Words(
        nouns=("space station room", "spaceship interior", "space station interior", "sci-fi room", "spaceship bridge"),
        adjectives=(look,),
        having=tuple(having),
        lacking=("a console",) if p["console"] == "none" else (),
    )


FAMILY = Family(
    name="spaceroom",
    kind="scene",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=((16, 16), (24, 24), (32, 32), (32, 32), (48, 48), (64, 64), (32, 48), (24, 32), (48, 64)),
    weight=1.2,
    genres=("sci-fi", "space"),
)
