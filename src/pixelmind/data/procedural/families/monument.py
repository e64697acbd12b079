"""Ancient monuments: pyramids, step pyramids, temples with columns, single columns, obelisks, statues and standing stones."""

from __future__ import annotations

from pixelmind.data.procedural import backdrop as bd
from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import NUMBERS, Fact, Words
from pixelmind.data.procedural.family import LARGE, Family, Params, choice, count, flag
from pixelmind.data.procedural.pen import Pen, bricks, specks
from pixelmind.data.procedural.rng import Rng

STONES = {"sandstone": "sandstone", "marble": "white", "grey stone": "stone", "black stone": "black"}
PARAMETERS = {
    "monument": choice(
        "pyramid",
        "step pyramid",
        "temple",
        "column",
        "obelisk",
        "statue",
        "stone circle",
        weights=(4, 3, 4, 2, 2, 2.5, 2),
    ),
    "stone": choice(*STONES, weights=(5, 3, 3, 1)),
    "columns": count(3, 6),
    "entrance": choice("dark", "lit", "none", weights=(4, 1, 2)),
    "gold_tip": flag(0.3),
    "state": choice("whole", "broken", "mossy", weights=(5, 2, 2)),
    "backdrop": bd.backdrop(0.55),
}


def fit(p: Params, h: int, w: int) -> None:
    kind, s = p["monument"], min(h, w)
    if kind != "temple":
        p["columns"] = 0
    elif s < 24:
        p["columns"] = min(p["columns"], 3 if s < 12 else 4)
    if kind not in ("pyramid", "step pyramid"):
        p["entrance"] = "none"
    if s < 12 and p["entrance"] == "lit":
        p["entrance"] = "dark"
    if kind not in ("pyramid", "obelisk"):
        p["gold_tip"] = False
    if (kind not in ("temple", "column", "statue") and p["state"] == "broken") or (s < 16 and p["state"] != "whole"):
        p["state"] = "whole"
    if kind == "temple" and p["stone"] == "sandstone" and s < 12:
        p["state"] = "whole"
    if kind == "stone circle":
        p["stone"] = "grey stone" if p["stone"] in ("sandstone", "marble") else p["stone"]


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    top: float
    x: float
    pen, kind, stone, rim = Pen(c), p["monument"], STONES[p["stone"]], c.s >= 16
    if p["backdrop"] != "none":
        bd.sky(c, p["backdrop"], rng, round(c.h * 0.82))
        bd.ground(c, round(c.h * 0.82), "sand" if p["stone"] in ("sandstone", "marble") else "grass", rng)
    row = max(2, round(pen.u * 1.6))
    if kind == "pyramid":
        whole = pen.poly((6.6, 1), (7.4, 1), (14, 14), (0, 14))
        dark = whole & (c.xs > pen.mid + (c.ys - pen.y(1)) * 0.16)
        c.paint(whole, stone, "pyramid", 0.4)
        c.touch(dark, -1.4)
        if c.s >= 16:
            c.touch(whole & ((pen.low - 1 - c.ys) % row == row - 1), -1.0)
        if c.s >= 32:
            c.touch(whole & ((c.xs + (c.ys // row) * (row // 2 + 1)) % (2 * row) == 0), -0.8)
        if p["gold_tip"]:
            tip = whole & (c.ys < pen.y(4))
            c.paint(tip, "gold", "tip", 0.6)
            c.touch(tip & dark, -1.3)
    elif kind == "step pyramid":
        n = 4 if c.s >= 12 else 3
        for i in range(n):
            y1 = 14 - i * 10.4 / n
            half = 7 - i * 5 / n
            step = pen.rect(7 - half, y1 - 10.4 / n, 7 + half, y1)
            c.paint(step, stone, "pyramid", "bevel", rim=rim)
            bricks(c, step, rng, 0.5)
        shrine = pen.rect(5, 1.6, 9, 3.8)
        c.paint(shrine, stone, "temple", c.column(shrine, 0.9), rim=rim)
        c.paint(pen.rect(4.4, 0.6, 9.6, 1.8), stone, "temple", 0.7, rim=rim)
        stairs = pen.poly((6, 3.6), (8, 3.6), (8.8, 14), (5.2, 14))
        c.paint(stairs, stone, "stairs", 0.2, rim=rim)
        c.touch(stairs & (c.ys % 2 == 0), -1.1)
        if p["entrance"] != "none":
            c.paint(pen.rect(6.2, 2.2, 7.8, 3.8), "flame" if p["entrance"] == "lit" else "ink", "entrance", 0)
    elif kind == "temple":
        _temple(p, c, pen, rng, stone)
    elif kind == "column":
        top = 1.6 if p["state"] != "broken" else 5.0
        shaft = pen.rect(4.6, top, 9.4, 12.6)
        if p["state"] == "broken":
            shaft &= ~pen.poly((7, 4.6), (9.6, 4.6), (9.6, 7.4))
        c.paint(shaft, stone, "column", "column")
        if c.s >= 16:
            x, _, w, _ = c.box(shaft)
            c.touch(shaft & ((c.xs - x) % max(2, round(w / 4)) == max(2, round(w / 4)) - 1), -0.9)
        c.paint(pen.rect(3.4, 11.8, 10.6, 13) | pen.rect(2.6, 12.8, 11.4, 14), stone, "base", "bevel", rim=rim)
        if p["state"] != "broken":
            c.paint(pen.rect(3.6, 1.2, 10.4, 2.4) | pen.rect(2.6, 0, 11.4, 1.3), stone, "capital", "bevel", rim=rim)
            if c.s >= 24:
                c.paint(c.mirror(pen.oval(2.4, 0.8, 5, 3.4)), stone, "capital", 0.2, rim=True)
    elif kind == "obelisk":
        body = pen.poly((5.4, 3), (8.6, 3), (9.6, 12), (4.4, 12))
        c.paint(body, stone, "obelisk", c.column(body, 1.1))
        tip = pen.poly((6.7, 0), (7.3, 0), (8.6, 3), (5.4, 3))
        c.paint(tip, "gold" if p["gold_tip"] else stone, "tip", c.column(tip, 1.3), rim=rim)
        if c.s >= 16:
            marks = pen.rect(6.3, 4, 7.7, 11) & (c.ys % 3 != 0) & ((c.xs * 3 + c.ys * 5).astype(int) % 4 != 1)
            c.touch(marks, -1.2)
        c.paint(pen.rect(3.4, 11.6, 10.6, 13) | pen.rect(2.4, 12.8, 11.6, 14), stone, "base", "bevel", rim=rim)
    elif kind == "statue":
        c.paint(pen.rect(3, 11, 11, 12.4) | pen.rect(2, 12.2, 12, 14), stone, "base", "bevel")
        robe = pen.poly((5.2, 4.4), (8.8, 4.4), (10, 11.2), (4, 11.2))
        c.paint(robe, stone, "statue", c.column(robe, 1.2), rim=rim)
        if c.s >= 24:
            for x in (5.8, 7.6):
                c.touch(pen.line((x, 6.4), (x + (x - 7) * 0.4, 11)) & robe, -0.9)
        c.paint(pen.line((8.6, 5.2), (10.6, 6.6), (10, 8.4), width=1.3), stone, "statue", -0.4, rim=rim)
        if p["state"] != "broken":
            c.paint(pen.line((5.2, 5.2), (3.4, 4), (3, 1.6), width=1.3), stone, "statue", 0.5, rim=rim)
            c.paint(pen.oval(1.9, 0, 4.1, 2), "gold" if c.s >= 12 else stone, "torch", 0.3, rim=rim)
            head = pen.oval(5.4, 0.8, 8.6, 4.4)
            c.paint(head, stone, "head", c.ball(head, 1.5), rim=rim)
            if c.s >= 24:
                c.touch(pen.rect(6.2, 2.3, 6.7, 2.8) | pen.rect(7.3, 2.3, 7.8, 2.8), -1.5)
        else:
            c.paint(pen.poly((6.2, 3.4), (8, 4), (8, 4.8), (6, 4.8)), stone, "statue", 0.4)
    else:
        for x, top in ((0.4, 6), (11.2, 6.4)):
            slab = pen.poly((x + 0.2, top), (x + 2.2, top), (x + 2.4, 13), (x, 13))
            c.paint(slab, stone, "stones", c.column(slab, 1.0) - 0.5)
        for x in (3.6, 8):
            slab = pen.poly((x + 0.2, 4), (x + 2.2, 4), (x + 2.4, 14), (x, 14))
            c.paint(slab, stone, "stones", c.column(slab, 1.2), rim=rim)
            specks(c, slab, rng, 0.05)
        lintel = pen.rect(2.8, 1.6, 11.2, 4.2)
        c.paint(lintel, stone, "stones", c.fall(lintel, 0.9, -0.8), rim=rim)
        specks(c, lintel, rng, 0.05)
    if p["entrance"] != "none" and kind == "pyramid":
        door = pen.rect(6, 11, 8, 14)
        c.paint(pen.rect(5.3, 10.3, 8.7, 14), stone, "entrance", -0.4, rim=rim)
        c.paint(door, "flame" if p["entrance"] == "lit" else "ink", "entrance", 0)
    if p["state"] == "mossy":
        noise = rng.smooth(c.h, c.w, max(2, c.s // 8))
        c.paint(
            c.figure & (noise > 0.66) & (c.ys > c.h * 0.3), "olive", "moss", (rng.noise(c.h, c.w) > 0.6) * 0.9 - 0.3
        )


def _temple(p: Params, c: Canvas, pen: Pen, rng: Rng, stone: str) -> None:
    n, rim = p["columns"], c.s >= 16
    c.paint(pen.rect(1.6, 5, 12.4, 12), "ink", "interior", 0.3)
    for i in range(n):
        x = 1.4 + i * (11.2 - 1.5) / (n - 1)
        top = 5.0
        if p["state"] == "broken" and i == n - 2:
            top = 8.6
        shaft = pen.rect(x, top, x + 1.5, 12)
        c.paint(shaft, stone, "columns", c.column(shaft, 1.2), rim=c.s >= 24)
        if c.s >= 24:
            c.paint(pen.rect(x - 0.3, 11.4, x + 1.8, 12), stone, "columns", 0.7)
            if top == 5.0:
                c.paint(pen.rect(x - 0.3, 5, x + 1.8, 5.6), stone, "columns", 0.7)
    for i, (x0, y) in enumerate(((0.8, 12), (0, 13))):
        c.paint(pen.rect(x0, y, 14 - x0, y + 1), stone, "steps", 0.6 - i * 0.6, rim=c.s >= 16)
    beam = pen.rect(0.6, 3.8, 13.4, 5.2)
    gable = pen.poly((6.6, 0.2), (7.4, 0.2), (13.8, 4), (0.2, 4))
    if p["state"] == "broken":
        gap = pen.poly((9, 0), (14, 0), (14, 6), (11.6, 6), (10.6, 3))
        beam, gable = beam & ~gap, gable & ~gap
    c.paint(beam, stone, "roof", c.fall(beam, 0.8, -0.5), rim=rim)
    c.paint(gable, stone, "roof", 0.5, rim=rim)
    inner = pen.poly((6.8, 1.4), (7.2, 1.4), (11, 3.7), (3, 3.7)) & gable
    c.touch(inner, -1.1)


def words(p: Params) -> Words:
    kind = p["monument"]
    nouns = {
        "pyramid": ("pyramid", "egyptian pyramid", "ancient pyramid"),
        "step pyramid": ("step pyramid", "aztec pyramid", "mayan temple"),
        "temple": ("temple", "greek temple", "ancient temple"),
        "column": ("column", "stone column", "ancient pillar"),
        "obelisk": ("obelisk", "ancient obelisk", "stone obelisk"),
        "statue": ("statue", "ancient statue"),
        "stone circle": ("dolmen", "stone circle", "megalithic stone gate"),
    }[kind]
    having: list[Fact] = []
    if p["columns"]:
        n = p["columns"]
        having.append((f"{NUMBERS[n]} columns", f"{n} columns", "columns"))
    if p["entrance"] != "none":
        having.append(
            ("a glowing entrance", "a lit doorway") if p["entrance"] == "lit" else ("a dark entrance", "a doorway")
        )
    if p["gold_tip"]:
        having.append(("a {gold} tip", "a {gold} capstone"))
    if p["state"] == "mossy" and "moss" in p["visible"]:
        having.append(("moss", "moss on it"))
    state: Fact = ("broken", "ruined", "crumbling") if p["state"] == "broken" else ""
    looks: dict[str, Fact] = {
        "sandstone": ("sandstone",),
        "marble": ("marble", "{white} marble"),
        "grey stone": ("{grey}", ""),
        "black stone": "{black}",
    }
    look = looks[p["stone"]]
    return Words(nouns=nouns, adjectives=(state, look), having=tuple(having), place=bd.places(p))


FAMILY = Family(
    name="monument",
    kind="building",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=((8, 8), *LARGE, (32, 24), (24, 32), (32, 48)),
    weight=1.4,
    genres=("ancient", "fantasy"),
)
