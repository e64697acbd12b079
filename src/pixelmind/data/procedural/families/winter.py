"""Winter things: igloos, snowmen, snowy firs, sledges, snowed-in cabins and ice caves."""

from __future__ import annotations

from pixelmind.data.procedural import backdrop as bd
from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import NUMBERS, Fact, Words
from pixelmind.data.procedural.family import LARGE, Family, Params, choice, count
from pixelmind.data.procedural.pen import Pen, colors, planks, smoke, window
from pixelmind.data.procedural.rng import Rng

PARAMETERS = {
    "thing": choice("igloo", "snowman", "snowy fir", "sled", "snowy cabin", "ice cave", weights=(4, 5, 3, 2, 3, 2.5)),
    "color": colors("red", "blue", "green", "purple", "orange", "yellow"),
    "hat": choice("top hat", "bobble hat", "bucket", "none", weights=(3, 3, 1, 1)),
    "buttons": count(0, 3),
    "light": choice("lit", "dark"),
    "weather": choice("clear", "snowfall", weights=(3, 2)),
    "backdrop": bd.backdrop(0.5),
}


def fit(p: Params, h: int, w: int) -> None:
    kind, s = p["thing"], min(h, w)
    if kind in ("igloo", "ice cave") or (kind == "snowy fir" and s < 16):
        p["color"] = None
    if kind != "snowman":
        p["hat"], p["buttons"] = None, 0
    elif s < 16:
        p["buttons"] = 0
    if kind not in ("igloo", "snowy cabin"):
        p["light"] = None
    if p["backdrop"] == "none" or s < 16:
        p["weather"] = "clear"


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    pen, kind, color, rim = Pen(c), p["thing"], p["color"], c.s >= 16
    if p["backdrop"] != "none":
        horizon = round(c.h * 0.8)
        bd.sky(c, p["backdrop"], rng, horizon + 1, extras=p["weather"] == "clear")
        c.paint(
            c.ys >= horizon - (rng.smooth(1, c.w, max(4, c.w // 2)) * c.h * 0.08).round(),
            "snow",
            "snow",
            -0.3 if p["backdrop"] != "night" else -1.2,
            back=True,
        )
    _DRAW[kind](p, c, rng, pen, color, rim)
    if p["weather"] == "snowfall":
        flakes = (rng.noise(c.h, c.w) > 0.965) & ~c.figure
        c.paint(flakes, "snow", "snowflakes", 0.9, back=True)


def _igloo(p: Params, c: Canvas, rng: Rng, pen: Pen, color: str, rim: bool) -> None:
    dome = pen.oval(0, 2, 14, 16) & (c.ys < pen.low)
    c.paint(dome, "ice", "igloo", c.ball(dome, 1.6))
    if c.s >= 16:
        tall = max(2, round(pen.u * 2.4))
        x, y, _, h = c.box(dome)
        c.touch(c.bricks(x, y + h, max(4, round(tall * 1.8)), tall) & dome, -0.9)
    tunnel = pen.oval(4, 7, 10, 15) & (c.ys < pen.low)
    c.paint(tunnel, "snow", "igloo", c.ball(tunnel, 0.9), rim=rim)
    hole = pen.oval(5.2, 8.6, 8.8, 15.4) & (c.ys < pen.low)
    c.paint(hole, "flame" if p["light"] == "lit" else "ink", "entrance", -0.2 if p["light"] == "lit" else 0.3, rim=rim)


def _snowman(p: Params, c: Canvas, rng: Rng, pen: Pen, color: str, rim: bool) -> None:
    top = {"top hat": 2.4, "bobble hat": 2.0, "bucket": 2.2, "none": 0.4}[p["hat"]]
    c.paint(pen.line((4, 8), (0.8, 5.4)) | pen.line((10, 8), (13.2, 5.4)), "dark wood", "arms", 0)
    low = pen.oval(2.4, 7.6, 11.6, 14.4) & (c.ys < pen.low)
    c.paint(low, "snow", "snowman", c.ball(low, 1.4))
    middle = pen.oval(3.4, top + 3, 10.6, 10.4)
    c.paint(middle, "snow", "snowman", c.ball(middle, 1.2), rim=rim)
    head = pen.oval(4.2, top, 9.8, top + 5.2)
    c.paint(head, "snow", "head", c.ball(head, 1.2), rim=rim)
    c.paint(
        pen.rect(3.8, top + 4.4, 10.2, top + 5.5) | pen.rect(8.4, top + 5, 9.8, top + 7.6), color, "scarf", 0.1, rim=rim
    )
    k = 0.8 if c.s >= 16 else 0.5
    for x in (5.7, 8.3):
        c.paint(pen.rect(x - k / 2, top + 1.6, x + k / 2, top + 1.6 + k), "ink", "eyes", 0)
    c.paint(
        pen.poly((6.6, top + 2.4), (6.6, top + 3.3), (9.4, top + 3.1)) | pen.rect(6.6, top + 2.5, 8, top + 3.2),
        "orange",
        "nose",
        0.2,
    )
    for i in range(p["buttons"]):
        y = top + 6 + i * 1.7
        c.paint(pen.rect(6.6, y, 7.4, y + 0.8), "ink", "buttons", 0)
    if p["hat"] == "top hat":
        c.paint(pen.rect(4.8, 0, 9.2, top + 0.8), "black", "hat", "column", rim=rim)
        c.paint(pen.rect(4.8, top - 0.5, 9.2, top + 0.2), color, "hat", 0)
        c.paint(pen.rect(3.6, top + 0.2, 10.4, top + 1.1), "black", "hat", 0.4, rim=rim)
    elif p["hat"] == "bobble hat":
        cap = pen.oval(4.4, 0.6, 9.6, top + 4) & (c.ys < pen.y(top + 1))
        c.paint(cap, color, "hat", c.ball(cap, 1.2), rim=rim)
        c.paint(pen.rect(4, top + 0.2, 10, top + 1.2), "white", "hat", -0.4, rim=rim)
        c.paint(pen.oval(6, -0.2, 8, 1.4), "white", "hat", 0, rim=rim)
    elif p["hat"] == "bucket":
        pail = pen.poly((5.2, 0), (8.8, 0), (9.6, top + 1), (4.4, top + 1))
        c.paint(pail, "iron", "hat", c.column(pail, 1.3), rim=rim)


def _fir(p: Params, c: Canvas, rng: Rng, pen: Pen, color: str, rim: bool) -> None:
    c.paint(pen.rect(6, 11, 8, 13.6), "wood", "trunk", "column")
    for i, (y0, y1, half) in enumerate(((6.6, 12, 6.4), (3.4, 9, 5.0), (0.4, 5.6, 3.4))):
        layer = pen.poly((6.8, y0), (7.2, y0), (7 + half, y1), (7 - half, y1))
        c.paint(layer, "pine", "tree", c.column(layer, 1.1), rim=rim)
        cap = layer & (c.ys < pen.y(y0 + (y1 - y0) * 0.5) + ((c.xs.astype(int) + i) % 3 - 1))
        c.paint(cap, "snow", "snow", c.column(layer, 0.9))
        if color and c.s >= 16:
            for x in (-0.5, 0.2, 0.7):
                c.paint(
                    pen.oval(7 + x * half - 0.5, y1 - 1.5, 7 + x * half + 0.5, y1 - 0.5) & layer, color, "baubles", 0.4
                )
    mound = pen.oval(2, 13, 12, 15) & (c.ys < pen.low)
    c.paint(mound, "snow", "snow", 0, rim=rim)


def _sled(p: Params, c: Canvas, rng: Rng, pen: Pen, color: str, rim: bool) -> None:
    c.paint(pen.rect(2.4, 8.4, 3.4, 12) | pen.rect(8, 8.4, 9, 12), "iron", "struts", 0)
    runner = pen.rect(0.6, 11.6, 11, 12.8) | pen.limb(((10.6, 12.2), (13.8, 12), (13.2, 8.4)), 1.2, 1.0)
    c.paint(runner, "iron", "runners", c.fall(runner, 0.8, -0.4), rim=rim)
    seat = pen.rect(0.4, 6.6, 11.4, 8.6)
    c.paint(seat, color, "seat", c.fall(seat, 0.9, -0.8), rim=rim)
    back = pen.poly((0, 2), (1.6, 2), (2, 7), (0.4, 7))
    c.paint(back, "wood", "back", 0.2, rim=rim)
    if c.s >= 16:
        c.paint(pen.oval(4, 3.6, 8.6, 7), "tan", "sack", c.ball(pen.oval(4, 3.6, 8.6, 7), 1.3), rim=rim)
        c.paint(pen.rect(5.2, 3, 7.2, 4), "gold", "sack", 0)


def _cabin(p: Params, c: Canvas, rng: Rng, pen: Pen, color: str, rim: bool) -> None:
    c.paint(pen.rect(10, 1, 11.8, 5), "stone", "chimney", "column")
    c.paint(pen.rect(9.8, 0.6, 12, 1.5), "snow", "snow", 0.2)
    body = pen.rect(1.4, 6, 12.6, 13.4)
    c.paint(body, "wood", "walls", c.column(body, 0.9))
    if c.s >= 16:
        planks(c, body, max(2, round(pen.u * 1.2)))
    door = pen.rect(5.8, 9, 8.2, 13.4)
    c.paint(door, color, "door", c.column(door, 0.9), rim=rim)
    for x in (2.8, 9.2):
        window(c, pen.rect(x, 8.4, x + 2, 10.6), "lit" if p["light"] == "lit" else "blue", rim=rim)
    roof = pen.poly((3.4, 2), (10.6, 2), (14, 7), (0, 7))
    c.paint(roof, "snow", "snow", c.fall(roof, 0.7, -0.7), rim=rim)
    drips = pen.rect(0.4, 7, 13.6, 7.9) & (c.xs % 3 != 1)
    c.paint(drips, "snow", "snow", -0.9)
    drift = pen.oval(-2, 12.4, 6, 16) | pen.oval(8, 12.6, 16, 16)
    c.paint(drift & (c.ys < pen.low) & pen.rect(0, 0, 14, 14), "snow", "snow", 0, rim=rim)
    if p["backdrop"] == "none" or c.s >= 24:
        smoke(c, pen, 11, 0.8, 1, 1.4)


def _cave(p: Params, c: Canvas, rng: Rng, pen: Pen, color: str, rim: bool) -> None:
    rock = pen.poly((2, 3), (5, 0.6), (9, 1.2), (12.4, 3.6), (14, 9), (14, 14), (0, 14), (0, 8))
    c.paint(rock, "ice", "ice", c.ball(rock, 1.6))
    facets = (abs((c.xs * 2 + c.ys) % max(5, round(pen.u * 5))) < 1) & rock
    c.touch(facets, -0.9)
    hole = pen.oval(3, 4, 11, 18) & (c.ys < pen.low)
    c.paint(hole, "navy", "cave", c.fall(hole, -0.2, -1.6), rim=rim)
    for x, y in ((4.6, 7.4), (6.2, 6), (7.8, 6.4), (9.4, 8)):
        icicle = pen.poly((x - 0.7, 3.6), (x + 0.7, 3.6), (x + 0.1, y), (x - 0.1, y)) & (hole | rock)
        c.paint(icicle, "ice", "icicles", 0.7)
    cap = rock & ~(c.ys > pen.y(3.4) + (c.xs.astype(int) % 4 // 2))
    c.paint(cap, "snow", "snow", 0.2)
    c.paint(pen.rect(0, 13.2, 14, 14), "snow", "snow", -0.3)


_DRAW = {
    "igloo": _igloo,
    "snowman": _snowman,
    "snowy fir": _fir,
    "sled": _sled,
    "snowy cabin": _cabin,
    "ice cave": _cave,
}


def words(p: Params) -> Words:
    kind, color = p["thing"], p["color"]
    nouns = {
        "igloo": ("igloo", "snow house", "igloo"),
        "snowman": ("snowman", "snowman", "man of snow"),
        "snowy fir": ("christmas tree", "decorated fir tree") if color else ("fir tree", "pine tree", "snowy fir"),
        "sled": ("sled", "sledge", "sleigh"),
        "snowy cabin": ("cabin", "log cabin", "winter cabin"),
        "ice cave": ("ice cave", "frozen cave", "ice cavern"),
    }[kind]
    having: list[Fact] = []
    if kind == "snowman":
        having.append((f"a~{{{color}}} scarf", "a scarf"))
        if p["hat"] != "none":
            having.append(
                (f"a~{{{color}}} {p['hat']}",)
                if p["hat"] == "bobble hat"
                else (f"a~{p['hat']}", f"a~{p['hat']} on its head")
            )
        if p["buttons"] and "buttons" in p["visible"]:
            n = p["buttons"]
            having.append(("a button", "one button") if n == 1 else (f"{NUMBERS[n]} buttons", "buttons"))
        having.append("a carrot nose")
    elif kind == "snowy fir" and color and "baubles" in p["visible"]:
        having.append((f"{{{color}}} baubles", f"{{{color}}} ornaments"))
    elif kind == "sled":
        having.append(f"a~{{{color}}} seat")
    elif kind == "snowy cabin":
        having += [f"a~{{{color}}} door", ("snow on the roof", "a snowy roof")]
    if p["light"] == "lit":
        having.append(("a glowing entrance", "light inside") if kind == "igloo" else ("lit windows", "glowing windows"))
    if kind == "ice cave":
        having.append("icicles")
    place: list[Fact] = list(bd.places(p))
    if p["weather"] == "snowfall" and "snowflakes" in p["visible"]:
        place.append(("in falling snow", "while it snows"))
    elif p["backdrop"] != "none":
        place.append(("in the snow", "on snow"))
    snowy = ("snowy", "snow-covered") if kind in ("snowy fir", "snowy cabin") else ""
    return Words(
        nouns=nouns,
        adjectives=(snowy,),
        having=tuple(having),
        place=tuple(place),
        lacking=("a hat",) if p["hat"] == "none" else (),
    )


FAMILY = Family(
    name="winter",
    kind="object",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=((8, 8), *LARGE),
    weight=1.4,
    genres=("winter",),
)
