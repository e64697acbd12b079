"""Books and papers: open books, stacks of books, spell books with a clasp, scrolls and letters."""

from __future__ import annotations

import itertools

from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import NUMBERS, Fact, Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice, count, flag
from pixelmind.data.procedural.pen import Pen, colors
from pixelmind.data.procedural.rng import Rng

COVERS = ("red", "blue", "green", "purple", "brown", "black", "teal", "white")
PARAMETERS = {
    "book": choice("open book", "stack", "spell book", "map", "letter", weights=(4, 3, 3, 2.5, 1.5)),
    "cover_color": choice(*COVERS, weights=(4, 3, 3, 2, 3, 1, 1, 1)),
    "accent_color": colors("gold", "red", "blue", "silver", "green"),
    "number": count(2, 4),
    "symbol": choice("none", "eye", "star", "skull", "gem", weights=(2, 2, 2, 1.5, 2)),
    "bookmark": flag(0.5),
    "glow": flag(0.25),
}


def fit(p: Params, h: int, w: int) -> None:
    kind, s = p["book"], min(h, w)
    if kind != "stack":
        p["number"] = 0
    elif s < 16:
        p["number"] = min(p["number"], 3)
    if kind != "spell book" or s < 16:
        p["symbol"] = "none"
    if kind != "open book":
        p["bookmark"] = p["glow"] = False
    if s < 16:
        p["bookmark"] = p["glow"] = False
    if kind in ("map", "letter"):
        p["cover_color"] = None
    if kind == "stack" or (kind == "open book" and not p["bookmark"]) or (kind == "spell book" and s < 12):
        p["accent_color"] = None
    elif p["accent_color"] == p["cover_color"] or (p["accent_color"] == "silver" and p["cover_color"] == "white"):
        p["accent_color"] = "gold"
    if kind in ("map", "letter") and p["accent_color"] in ("gold", "silver"):
        p["accent_color"] = "red"


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    x: float
    y: float
    pen, kind, cover, accent, rim = Pen(c, stretch=1.0), p["book"], p["cover_color"], p["accent_color"], c.s >= 16
    if kind == "open book":
        c.paint(pen.rect(0, 4, 14, 13), cover, "cover", -0.2)
        page = pen.poly((0.8, 3), (4, 2), (7, 3.4), (7, 12), (4, 10.6), (0.8, 11.6))
        both = c.mirror(page)
        c.paint(both, "beige", "pages", 0.6, rim=rim)
        c.touch(page[:, ::-1], -0.5)
        gutter = pen.rect(6.5, 3, 7.5, 12.4)
        c.touch(gutter & both, -1.4)
        if c.s >= 16:
            x, y, _, _ = c.box(page)
            step = 2 if c.s < 48 else 4
            text = c.mirror(pen.poly((1.8, 4), (4, 3.2), (6, 4.2), (6, 10), (4, 9), (1.8, 10))) & (
                (c.ys - y) % step == 1
            )
            gaps = (c.xs.astype(int) * 7 + c.ys.astype(int) * 3) % 11 > 2
            c.touch(text & gaps, -1.9)
        if p["bookmark"]:
            c.paint(pen.rect(8.6, 2, 9.8, 7) | pen.rect(8.6, 11.6, 9.8, 13.6), accent, "bookmark", 0.2, rim=rim)
        if p["glow"]:
            for x, y in ((3, 0.4), (7, -0.2), (11, 0.6), (5, 1.6), (9.6, 1.4)):
                c.paint(pen.rect(x - 0.4, y, x + 0.4, y + 0.8) & ~c.figure, "flame", "sparkles", 0.5)
    elif kind == "stack":
        n = p["number"]
        start = COVERS.index(cover)
        tall = min(14 / n, 4.4)
        for i in range(n):
            color = COVERS[(start + i * 3) % len(COVERS)]
            left = (0.6, 1.6, 0, 1)[(i + start) % 4]
            right = left + 12 - (i % 2) * 0.8
            y1 = 14 - i * tall
            y0 = y1 - tall
            c.paint(
                pen.rect(left, y0, right, y1), color, "books", c.fall(pen.rect(left, y0, right, y1), 0.8, -0.9), rim=rim
            )
            pages = pen.rect(right - 3, y0 + tall * 0.25, right - 0.3, y1 - tall * 0.25)
            c.paint(pages, "beige", "pages", 0.5)
            if c.s >= 24:
                c.touch(pages & ((c.ys - pen.y(y0)) % 2 == 1), -0.8)
                c.paint(
                    pen.rect(left + 1.6, y0 + 0.2, left + 2.6, y1 - 0.2),
                    "gold" if color != "white" else "red",
                    "trim",
                    0,
                )
    elif kind == "spell book":
        c.paint(pen.rect(2.4, 1.4, 13, 14), cover, "cover", -1.2)
        c.paint(pen.rect(3, 2, 12.6, 13.2), "beige", "pages", 0)
        front = pen.rect(1, 0, 12, 12.6)
        c.paint(front, cover, "cover", c.ball(front, 1.0), rim=rim)
        c.touch(pen.rect(1, 0, 2.8, 12.6), -0.9)
        if accent:
            corner = (pen.rect(10, 0, 12, 1.2) | pen.rect(10.8, 0, 12, 2.2)) if c.s >= 16 else pen.rect(11, 0, 12, 1)
            corner |= pen.rect(10, 11.4, 12, 12.6) | pen.rect(10.8, 10.4, 12, 12.6)
            c.paint(corner | pen.rect(2.8, 0, 3.6, 12.6), accent, "trim", 0.3)
            c.paint(pen.rect(11, 5.2, 13.6, 7.4), accent, "clasp", "bevel", rim=rim)
        _symbol(p, c, pen)
    elif kind == "map":
        sheet = pen.rect(1, 1, 13, 13)
        if c.s >= 16:
            ragged = ((c.ys + c.xs).astype(int) * 5 % 7 < 2) & (sheet & ~pen.rect(1.5, 1.5, 12.5, 12.5))
            sheet &= ~ragged
        c.paint(sheet, "sandstone", "paper", c.ball(sheet, 0.9))
        if c.s >= 16:
            for x in (4.8, 9):
                c.touch(pen.rect(x, 1, x + 0.5, 13) & sheet, -0.6)
            land = pen.oval(2, 2, 6.4, 6) | pen.oval(3, 4, 8, 7.4)
            c.touch(land & sheet, -0.9)
        trail = c.empty()
        points = ((2.6, 11.4), (5, 9.4), (7, 10.4), (9, 7.4), (10, 5.4))
        for (x0, y0), (x1, y1) in itertools.pairwise(points):
            trail |= pen.line((x0, y0), (x1, y1))
        c.paint(trail & ((c.xs.astype(int) + c.ys.astype(int)) % 3 > 0), "dark brown", "trail", 0)
        mark = pen.line((8.8, 2.4), (12, 5.6), width=0.9) | pen.line((12, 2.4), (8.8, 5.6), width=0.9)
        c.paint(mark, accent, "mark", 0.2)
    else:
        sheet = pen.rect(2, 0, 12, 14)
        c.paint(sheet, "beige", "paper", c.fall(sheet, 0.8, 0.0))
        if c.s >= 12:
            step = max(2, round(pen.u * 1.6))
            text = pen.rect(3.2, 1.6, 10.8, 9.6) & ((c.ys - pen.y(1.6)) % step == 0)
            gaps = (c.xs.astype(int) * 5 + c.ys.astype(int) * 2) % 9 > 1
            c.touch(text & gaps, -1.9)
        seal = pen.oval(5.4, 9.8, 8.8, 13.2)
        c.paint(seal, accent, "seal", c.ball(seal, 1.3), rim=rim)
        if c.s >= 16:
            c.paint(pen.rect(5.8, 12.8, 6.6, 14) | pen.rect(7.6, 12.8, 8.4, 14), accent, "seal", -0.8)


def _symbol(p: Params, c: Canvas, pen: Pen) -> None:
    kind, accent = p["symbol"], p["accent_color"]
    if kind == "star":
        c.paint(pen.star(7.2, 6.2, 3.2, 1.4), accent, "symbol", 0.3)
    elif kind == "eye":
        c.paint(pen.oval(4.2, 3.8, 10.2, 8.6), "white", "symbol", 0.2, rim=c.s >= 16)
        c.paint(pen.oval(5.9, 4.8, 8.5, 7.6), accent, "symbol", 0)
        c.paint(pen.rect(6.8, 5.6, 7.6, 6.8), "ink", "symbol", 0)
    elif kind == "skull":
        c.paint(pen.oval(4.6, 3, 9.8, 7.6) | pen.rect(5.8, 6.6, 8.6, 8.8), "bone", "symbol", 0.3)
        c.paint(pen.rect(5.6, 5, 6.6, 6.2) | pen.rect(7.8, 5, 8.8, 6.2), "ink", "symbol", 0)
    elif kind == "gem":
        gem = pen.poly((7.2, 3), (9.6, 6), (7.2, 9.4), (4.8, 6))
        c.paint(gem, "red" if p["cover_color"] != "red" else "blue", "symbol", c.ball(gem, 1.7), rim=c.s >= 16)


def words(p: Params) -> Words:
    kind, cover, accent = p["book"], p["cover_color"], p["accent_color"]
    nouns = {
        "open book": ("open book", "open book", "book lying open"),
        "stack": ("stack of books", "pile of books", "stack of books"),
        "spell book": ("spell book", "magic book", "grimoire", "tome"),
        "map": ("treasure map", "old map", "map"),
        "letter": ("letter", "sealed letter", "letter on parchment"),
    }[kind]
    having: list[Fact] = []
    if kind == "open book":
        having.append(f"a~{{{cover}}} cover")
        if p["bookmark"]:
            having.append((f"a~{{{accent}}} bookmark", "a bookmark"))
        if p["glow"] and "sparkles" in p["visible"]:
            having.append(("sparkles above it", "magic sparkles"))
    elif kind == "stack":
        having.append((f"{NUMBERS[p['number']]} books", f"{p['number']} books"))
    elif kind == "spell book":
        if accent:
            having.append((f"a~{{{accent}}} clasp", f"{{{accent}}} trim"))
        if p["symbol"] != "none":
            having.append(
                {
                    "eye": ("an eye on the cover", "an eye"),
                    "star": ("a star on the cover", "a star"),
                    "skull": ("a skull on the cover", "a skull"),
                }.get(p["symbol"], ("a gem on the cover", "a gem"))
            )
    elif kind == "map":
        having.append((f"a~{{{accent}}} x on it", f"a~{{{accent}}} cross mark", "an x marking the spot"))
    else:
        having.append((f"a~{{{accent}}} wax seal", "a wax seal"))
    color = f"{{{cover}}}" if kind == "spell book" else ""
    return Words(nouns=nouns, adjectives=(color, ("glowing", "") if p["glow"] else ""), having=tuple(having))


FAMILY = Family(
    name="book",
    kind="item",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=SQUARE,
    weight=1.2,
    genres=("fantasy", "modern"),
)
