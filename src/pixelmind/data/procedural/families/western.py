"""Fronts of a western town: saloons, banks, sheriffs' offices, stores, and the water tower."""

from __future__ import annotations

from pixelmind.data.procedural import backdrop as bd
from pixelmind.data.procedural.canvas import Canvas, shift
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import LARGE, Family, Params, choice
from pixelmind.data.procedural.pen import Pen, colors, planks, window
from pixelmind.data.procedural.rng import Rng

PARAMETERS = {
    "building": choice("saloon", "sheriff's office", "bank", "general store", "water tower", weights=(5, 3, 2, 3, 2)),
    "wall": choice("wooden", "dark wooden", "tan", "brick", weights=(5, 3, 2, 1.5)),
    "trim_color": colors("red", "green", "blue", "white", "yellow"),
    "gable": choice("square", "stepped", "round"),
    "windows": choice("blue", "lit", "dark"),
    "beside": choice("none", "barrel", "cactus", weights=(3, 2, 2)),
    "backdrop": choice("none", "day", "sunset", "night", weights=(5, 2, 2, 1)),
}
WALLS = {"wooden": "wood", "dark wooden": "dark wood", "tan": "tan", "brick": "brick"}


def fit(p: Params, h: int, w: int) -> None:
    if p["building"] == "water tower":
        p["gable"] = p["windows"] = "none"
        if p["wall"] == "brick":
            p["wall"] = "wooden"
    if p["building"] in ("bank",) and p["wall"] == "dark wooden":
        p["wall"] = "brick"
    if min(h, w) < 16:
        p["beside"] = "none"
        if p["gable"] == "stepped":
            p["gable"] = "square"
    if min(h, w) < 12 and p["gable"] == "round":
        p["gable"] = "square"


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    x: float
    pen, kind, wall, trim, rim = Pen(c), p["building"], WALLS[p["wall"]], p["trim_color"], c.s >= 16
    if p["backdrop"] != "none":
        bd.sky(c, p["backdrop"], rng, round(c.h * 0.84))
        bd.ground(c, round(c.h * 0.84), "sand", rng)
    board = 2 if c.s < 32 else 3 if c.s < 64 else 5
    if kind == "water tower":
        for x in (3, 10):
            c.paint(pen.rect(x, 8, x + 1, 14), "dark wood", "legs", "column")
        c.paint(pen.line((3.5, 9), (10.5, 13)) | pen.line((10.5, 9), (3.5, 13)), "dark wood", "legs", -0.4)
        c.paint(pen.rect(6.7, 8, 7.3, 14), "iron", "pipe", 0)
        tank = pen.rect(1.6, 3.4, 12.4, 9)
        c.paint(tank, wall, "tank", c.column(tank, 1.2), rim=rim)
        if c.s >= 16:
            planks(c, tank, board, upright=True)
        c.paint(pen.rect(1.6, 4.6, 12.4, 5.3) | pen.rect(1.6, 7.4, 12.4, 8.1), "iron", "hoops", c.column(tank, 1.0))
        roof = pen.poly((6.6, 0.4), (7.4, 0.4), (13.4, 3.8), (0.6, 3.8))
        c.paint(roof, trim, "roof", c.column(roof, 1.2), rim=rim)
    else:
        body = pen.rect(1, 4.4, 13, 13.4)
        c.paint(body, wall, "walls", c.column(body, 0.6))
        if c.s >= 16:
            planks(c, body, board)
        if p["gable"] == "stepped":
            gable = pen.rect(1, 3.4, 13, 6.4) | pen.rect(2.6, 1.8, 11.4, 4) | pen.rect(4.4, 0.4, 9.6, 2)
        elif p["gable"] == "round":
            gable = pen.rect(1, 3, 13, 6.4) | pen.oval(3, 0.4, 11, 6)
        else:
            gable = pen.rect(1.6, 0.8, 12.4, 6.4)
        c.paint(gable, wall, "walls", 0.3, rim=rim)
        if c.s >= 16:
            planks(c, gable, board, tone=-0.6)
        if p["gable"] == "square":
            c.paint(pen.rect(1, 0, 13, 1.2), trim, "trim", 0.5, rim=rim)
        else:
            c.paint(gable & ~shift(gable, 0, 1), trim, "trim", 0.5)
        sign = pen.rect(2.6, 3, 11.4, 5.6)
        c.paint(sign, "beige" if trim != "white" else "dark wood", "sign", "bevel", rim=rim)
        _writing(p, c, pen, trim)
        porch = pen.poly((1.4, 6.4), (12.6, 6.4), (14, 8), (0, 8))
        for x0, x1 in ((2.4, 4.8), (9.2, 11.6)):
            pane = pen.rect(x0, 9, x1, 11.4)
            window(c, pane, p["windows"], rim=rim)
            if c.s >= 32:
                c.paint(
                    pen.rect(x0, 10, x1, 10.3) | pen.rect((x0 + x1) / 2 - 0.15, 9, (x0 + x1) / 2 + 0.15, 11.4),
                    "dark wood",
                    "windows",
                    0,
                )
        door = pen.rect(5.6, 8.8, 8.4, 13.4)
        c.paint(door, "ink", "door", 0.2, rim=rim)
        if kind == "saloon":
            leaf = pen.rect(5.6, 9.6, 8.4, 12)
            c.paint(leaf, trim, "door", c.fall(leaf, 0.4, -0.6))
            c.touch(pen.rect(6.9, 9.6, 7.1, 12), -2)
        else:
            c.paint(door, "dark wood" if wall != "dark wood" else "wood", "door", c.column(door, 0.9), rim=rim)
            c.paint(pen.rect(7.6, 11, 8.1, 11.6), "gold", "door", 0.4)
        c.paint(porch, trim if c.s >= 12 else "dark wood", "porch", c.fall(porch, 0.8, -0.6), rim=rim)
        for x in (0.6, 12.6):
            c.paint(pen.rect(x, 8, x + 0.8, 13.4), "dark wood" if wall != "dark wood" else "tan", "posts", 0.4, rim=rim)
        floor = pen.rect(0, 13, 14, 14)
        c.paint(floor, "dark wood" if wall != "dark wood" else "wood", "porch floor", 0.3, rim=rim)
    if p["beside"] == "barrel":
        barrel = pen.rect(10.6, 10.4, 13.6, 14)
        c.paint(barrel, "brown" if wall != "dark wood" else "tan", "barrel", c.column(barrel, 1.3), rim=True)
        c.paint(pen.rect(10.6, 11, 13.6, 11.6) | pen.rect(10.6, 12.8, 13.6, 13.4), "iron", "barrel", 0.2)
    elif p["beside"] == "cactus":
        body = (
            pen.rect(11.6, 9, 12.8, 14)
            | pen.rect(10.4, 10, 11.2, 11.8)
            | pen.rect(10.4, 11.2, 12, 12)
            | pen.rect(13.2, 9.6, 14, 11)
            | pen.rect(12.4, 10.6, 14, 11.4)
        )
        c.paint(body, "green", "cactus", c.column(body, 1.0), rim=True)


LETTERS = {"saloon": 6, "sheriff's office": 7, "bank": 4, "general store": 5}


def _writing(p: Params, c: Canvas, pen: Pen, trim: str) -> None:
    """The board's mark: a star for the sheriff, a coin for the bank, else writing too small to read."""
    ink = trim
    if p["building"] == "sheriff's office":
        c.paint(pen.star(7, 4.4, 1.6, 0.8), "gold", "star", 0.2, rim=c.s >= 32)
        if c.s < 16:
            return
        for x0, x1 in ((3.2, 5), (9, 10.8)):
            c.paint(pen.rect(x0, 4, x1, 4.6) & (c.xs % 4 > 0), ink, "sign", -0.6)
    elif p["building"] == "bank":
        c.paint(pen.oval(5.9, 3.2, 8.1, 5.4), "gold", "coin", 0.3, rim=c.s >= 24)
    else:
        x, y, w, h = c.box(pen.rect(3.4, 3.6, 10.6, 5))
        step = max(2, round(w / LETTERS[p["building"]]))
        c.paint(c.rect(x, y, w, h) & ((c.xs - x) % step < step - max(1, step // 3)), ink, "sign", -0.3)


def words(p: Params) -> Words:
    kind, trim = p["building"], p["trim_color"]
    nouns = {
        "saloon": ("saloon", "western saloon", "old west saloon"),
        "sheriff's office": ("sheriff's office", "sheriff office", "wild west jail"),
        "bank": ("western bank", "old west bank", "bank"),
        "general store": ("general store", "western store", "wild west shop"),
        "water tower": ("water tower", "western water tower", "wooden water tank"),
    }[kind]
    having: list[Fact] = []
    seen = p["visible"]
    if kind == "water tower":
        having.append((f"a~{{{trim}}} roof", f"a~pointed {{{trim}}} roof"))
    else:
        having.append(
            (f"{{{trim}}} trim", f"a~{{{trim}}} porch roof", "a porch") if "porch" in seen else f"{{{trim}}} trim"
        )
        if p["windows"] == "lit":
            having.append("lit windows")
        elif p["windows"] == "dark":
            having.append("dark windows")
        if kind == "saloon" and "door" in seen:
            having.append(("swinging doors", f"{{{trim}}} swing doors"))
        if kind == "sheriff's office" and "star" in seen:
            having.append(("a star on the sign", "a sheriff star"))
        if kind == "bank" and "coin" in seen:
            having.append("a coin on the sign")
    if p["beside"] != "none":
        having.append((f"a~{p['beside']} beside it", f"a~{p['beside']}"))
    wall: Fact = (p["wall"],) if p["wall"] != "tan" else "{tan}"
    return Words(nouns=nouns, adjectives=(wall,), having=tuple(having), place=bd.places(p))


FAMILY = Family(
    name="western",
    kind="building",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=((8, 8), *LARGE, (24, 32), (48, 32)),
    weight=1.2,
    genres=("western",),
)
