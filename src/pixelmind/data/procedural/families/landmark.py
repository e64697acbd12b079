"""Wells, fountains, signposts, and notice boards: what stands on a village square."""

from __future__ import annotations

from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import NUMBERS, Fact, Words
from pixelmind.data.procedural.family import TALL, Family, Params, choice, count, flag
from pixelmind.data.procedural.pen import Pen, bricks, colors, planks
from pixelmind.data.procedural.rng import Rng

PARAMETERS = {
    "landmark": choice("well", "fountain", "signpost", "notice board", weights=(4, 4, 4, 2)),
    "stone": choice("grey", "white", "sandstone", "brick", weights=(4, 2, 2, 1)),
    "roof_color": colors("red", "brown", "blue", "green", "dark grey"),
    "tiers": count(1, 2),
    "arms": count(1, 4),
    "bucket": flag(0.6),
    "papers": count(1, 4),
    "season": choice("none", "grass", "snow", weights=(3, 3, 1)),
}


def fit(p: Params, h: int, w: int) -> None:
    kind, s = p["landmark"], min(h, w)
    if kind not in ("well", "fountain"):
        p["stone"] = None
    elif kind == "fountain" and p["stone"] == "brick":
        p["stone"] = "grey"
    if kind not in ("well", "notice board"):
        p["roof_color"] = None
    if kind != "fountain":
        p["tiers"] = 0
    elif s < 16:
        p["tiers"] = 1
    if kind != "signpost":
        p["arms"] = 0
    elif s < 12:
        p["arms"] = min(p["arms"], 2)
    elif s < 16:
        p["arms"] = min(p["arms"], 3)
    if kind != "well" or s < 16:
        p["bucket"] = False
    if kind != "notice board":
        p["papers"] = 0
    elif s < 16:
        p["papers"] = min(p["papers"], 2)
    if s < 16:
        p["season"] = "none"


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    x: float
    y: float
    pen, kind, rim = Pen(c), p["landmark"], c.s >= 16
    base = 13.0 if p["season"] != "none" else 14.0
    if kind == "well":
        for x in (2, 11):
            post = pen.rect(x, 3, x + 1, 10)
            c.paint(post, "dark wood", "posts", "column")
        c.paint(pen.rect(2.6, 5, 11.4, 5.9), "wood", "beam", 0.2)
        c.paint(pen.rect(6.7, 5.6, 7.3, 8), "tan", "rope", 0)
        wall = pen.rect(1, 9, 13, base)
        c.paint(wall, p["stone"], "wall", c.column(wall, 1.2), rim=rim)
        bricks(c, wall, rng, 0.9)
        lip = pen.oval(0.6, 7.6, 13.4, 10.6)
        c.paint(lip, p["stone"], "wall", 0.6, rim=rim)
        c.paint(pen.oval(2.2, 8.3, 11.8, 10), "ink", "shaft", 0.2)
        if p["bucket"]:
            pail = pen.poly((5.4, 6.6), (8.6, 6.6), (8.2, 9.2), (5.8, 9.2))
            c.paint(pail, "wood", "bucket", c.column(pail, 1.1), rim=rim)
        roof = pen.poly((5.6, 0), (8.4, 0), (14, 4.2), (0, 4.2))
        c.paint(roof, p["roof_color"], "roof", c.fall(roof, 1.0, -0.8), rim=rim)
        if c.s >= 24:
            c.touch(roof & ((c.ys - pen.y(0)) % 3 == 2), -0.8)
        if p["season"] == "snow":
            c.paint(roof & (c.ys < pen.y(2) + c.xs.astype(int) % 3), "snow", "snow", 0)
    elif kind == "fountain":
        pool = pen.rect(0.6, 10.4, 13.4, base)
        c.paint(pool, p["stone"], "basin", c.column(pool, 1.1))
        bricks(c, pool, rng, 0.4)
        lip = pen.oval(0, 8.8, 14, 12)
        c.paint(lip, p["stone"], "basin", 0.6, rim=rim)
        water = pen.oval(1.2, 9.4, 12.8, 11.6)
        c.paint(water, "water", "water", 0.4)
        c.touch(water & ((c.xs + 2 * c.ys).astype(int) % 5 == 0), 0.9)
        c.paint(pen.rect(6.2, 5, 7.8, 10.6), p["stone"], "column", "column", rim=rim)
        tops = ((6.4, 4.2),) if p["tiers"] == 1 else ((7.2, 4.6), (4, 2.6))
        for y, half in tops:
            bowl = pen.oval(7 - half, y - 2.4, 7 + half, y + 1.4) & (c.ys >= pen.y(y - 0.6))
            c.paint(bowl, p["stone"], "bowl", c.column(bowl, 1.1), rim=rim)
            c.paint(pen.rect(7 - half + 0.5, y - 0.9, 7 + half - 0.5, y - 0.2), "water", "water", 0.8)
            if p["tiers"] == 2 and y == 7.2:
                c.paint(pen.rect(6.4, 3.4, 7.6, 6.6), p["stone"], "column", "column")
            drop = pen.limb(((7 - half, y - 0.6), (7 - half - 0.9, y + 0.4), (7 - half - 0.7, y + 3)), 0.7, 0.7)
            c.paint(c.mirror(drop), "light blue", "water", 0.4)
        y = tops[-1][0]
        jet = pen.limb(((7, y - 0.8), (5.6, y - 4), (4.2, y - 1.6)), 0.7, 0.6)
        c.paint(c.mirror(jet) | pen.rect(6.6, y - 3.4, 7.4, y - 0.6), "light blue", "water", 0.5)
    elif kind == "signpost":
        post = pen.rect(6.2, 0.6, 7.8, base)
        c.paint(post, "dark wood", "post", "column")
        n = p["arms"]
        tall = 2.2 if n <= 3 else 1.9
        for i in range(n):
            y = 1.4 + i * (tall + 0.5)
            board = pen.poly((3, y), (11.6, y), (13.6, y + tall / 2), (11.6, y + tall), (3, y + tall))
            if i % 2:
                board = board[:, ::-1]
            c.paint(board, "wood", "signs", c.fall(board, 0.8, -0.7), rim=rim)
            if c.s >= 16:
                x, _, _w, _ = c.box(board)
                text = pen.rect(4, y + tall * 0.4, 10, y + tall * 0.6) & (c.xs.astype(int) % 4 > 0)
                c.touch(text & board, -1.6)
        if p["season"] == "snow":
            c.paint(pen.rect(5.8, 0, 8.2, 1) | pen.rect(3.4, 1.2, 11, 1.7), "snow", "snow", 0.2)
    else:
        for x in (1.6, 11.2):
            c.paint(pen.rect(x, 3, x + 1.2, base), "dark wood", "post", "column")
        board = pen.rect(1, 3.6, 13, 10.4)
        c.paint(board, "wood", "board", "bevel", rim=rim)
        planks(c, board, max(2, round(pen.u * 2)))
        spots = ((2, 4.6), (8.6, 4.4), (5.4, 5.4), (9.6, 7.2))
        for i, (x, y) in enumerate(spots[: p["papers"]]):
            sheet = pen.rect(x, y, x + 2.8, y + 3.2)
            c.paint(sheet, "beige" if i % 2 == 0 else "white", "papers", 0.4, rim=rim)
            if c.s >= 24:
                c.touch(sheet & (c.ys % 2 == 0) & (c.xs > c.box(sheet)[0]), -1.4)
            c.paint(pen.rect(x + 1.1, y, x + 1.7, y + 0.6), "red", "papers", 0.2)
        roof = pen.poly((1.6, 1), (12.4, 1), (14, 3.8), (0, 3.8))
        c.paint(roof, p["roof_color"], "roof", c.fall(roof, 1.0, -0.7), rim=rim)
        if p["season"] == "snow":
            c.paint(roof & (c.ys < pen.y(2) + c.xs.astype(int) % 3), "snow", "snow", 0)
    if p["season"] != "none":
        mound = pen.oval(0.4, 12.2, 13.6, 16) & (c.ys < pen.low)
        color = "snow" if p["season"] == "snow" else "grass"
        if kind in ("signpost", "notice board"):
            c.paint(mound, color, "ground", c.fall(mound, 0.8, -0.6), rim=rim)
        else:
            c.paint(pen.rect(0, 13, 14, 14), color, "ground", 0.2, rim=rim)


def words(p: Params) -> Words:
    kind, seen = p["landmark"], p["visible"]
    nouns = {
        "well": ("well", "water well", "village well"),
        "fountain": ("fountain", "water fountain", "stone fountain" if p["stone"] == "grey" else "fountain"),
        "signpost": ("signpost", "wooden signpost", "road sign"),
        "notice board": ("notice board", "bulletin board", "quest board"),
    }[kind]
    having: list[Fact] = []
    if p["roof_color"]:
        having.append(f"a~{{{p['roof_color']}}} roof")
    if p["bucket"] and "bucket" in seen:
        having.append(("a bucket", "a wooden bucket"))
    if kind == "fountain":
        having.append(("one bowl", "a bowl") if p["tiers"] == 1 else ("two bowls", "two tiers"))
    if p["arms"]:
        n = p["arms"]
        having.append(
            ("one sign", "a single arrow") if n == 1 else (f"{NUMBERS[n]} signs", f"{n} arrows", f"{NUMBERS[n]} arms")
        )
    if p["papers"]:
        n = p["papers"]
        having.append(
            ("a sheet of paper", "one notice") if n == 1 else (f"{NUMBERS[n]} notices", f"{n} sheets of paper")
        )
    if p["season"] == "snow" and "snow" in seen:
        having.append(("snow on top", "snow on it"))
    place: tuple[Fact, ...] = (
        (("on grass",),) if p["season"] == "grass" else (("in the snow",),) if p["season"] == "snow" else ()
    )
    look: Fact = ""
    if p["stone"]:
        look = {"brick": ("brick",), "sandstone": ("sandstone",), "grey": ("{grey}", "stone")}.get(
            p["stone"], f"{{{p['stone']}}}"
        )
    lacking = ("a bucket",) if kind == "well" and not p["bucket"] else ()
    return Words(nouns=nouns, adjectives=(look,), having=tuple(having), place=place, lacking=lacking)


FAMILY = Family(
    name="landmark",
    kind="object",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=TALL,
    weight=1.2,
    genres=("fantasy", "farm"),
)
