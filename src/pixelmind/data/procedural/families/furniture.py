"""Furniture seen from the front: beds, tables, chairs, bookshelves, wardrobes and sofas."""

from __future__ import annotations

from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice
from pixelmind.data.procedural.pen import Pen, colors, planks
from pixelmind.data.procedural.rng import Rng

WOODS = {"wooden": "wood", "dark wooden": "dark wood", "white": "white", "black": "black", "light wooden": "tan"}
PARAMETERS = {
    "furniture": choice("bed", "table", "chair", "bookshelf", "wardrobe", "sofa", weights=(4, 3, 3, 3, 2, 3)),
    "frame": choice(*WOODS, weights=(5, 3, 2, 1, 2)),
    "cloth_color": colors("red", "blue", "green", "purple", "teal", "pink", "yellow", "grey"),
    "item": choice("nothing", "vase", "candle", "book", "plate", weights=(2, 2, 2, 2, 1)),
    "shelves": choice(2, 3, 4, weights=(2, 4, 2)),
    "book_order": choice(0, 1, 2, minor=True),
}
BOOKS = ("red", "blue", "green", "gold", "purple", "teal", "beige")


def fit(p: Params, h: int, w: int) -> None:
    kind, s = p["furniture"], min(h, w)
    if kind not in ("bed", "chair", "sofa"):
        p["cloth_color"] = None
    if kind != "table" or s < 12:
        p["item"] = "nothing"
    if kind != "bookshelf":
        p["shelves"], p["book_order"] = 0, 0
    elif s < 12:
        p["shelves"] = 2
    elif s < 24:
        p["shelves"] = min(p["shelves"], 3)
    if kind == "sofa" and p["frame"] == "white":
        p["frame"] = "wooden"


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    pen, wood, kind, rim = Pen(c), WOODS[p["frame"]], p["furniture"], c.s >= 16
    if kind == "bed":
        c.paint(pen.rect(0, 10, 1, 13) | pen.rect(13, 10, 14, 13), wood, "legs", -0.8)
        mattress = pen.rect(1, 6, 13, 10)
        c.paint(mattress, "white", "mattress", c.fall(mattress, 0.2, -0.8))
        pillow = pen.oval(1, 4, 5, 8)
        c.paint(pillow, "white", "pillow", c.ball(pillow, 1.0), rim=rim)
        cover = pen.rect(5, 5, 13, 10) | pen.rect(4, 6, 5, 10)
        c.paint(cover, p["cloth_color"], "blanket", c.fall(cover, 1.0, -1.0), rim=rim)
        if c.s >= 24:
            c.touch(pen.rect(5, 5.6, 6, 10), 0.8)
            c.touch(pen.line((9, 6), (8.6, 10)) & cover, -0.8)
        head = pen.rect(0, 2, 1, 12)
        c.paint(head | pen.rect(13, 5, 14, 12), wood, "frame", 0.2, rim=rim)
        rail = pen.rect(0, 9.5, 14, 11.4)
        c.paint(rail, wood, "frame", "bevel", rim=rim)
        if c.s >= 32:
            c.paint(pen.oval(-0.2, 1.2, 1.2, 2.6) | pen.oval(12.8, 4.2, 14.2, 5.6), wood, "frame", 0.8)
    elif kind == "table":
        legs = pen.rect(1, 6, 3, 14) | pen.rect(11, 6, 13, 14)
        c.paint(legs, wood, "legs", -0.6)
        if c.s >= 16:
            c.touch(pen.rect(1, 6, 1.6, 14) | pen.rect(11, 6, 11.6, 14), 0.8)
        c.paint(pen.rect(2, 6, 12, 7.5), wood, "table", -1.1)
        top = pen.rect(0, 4.4, 14, 6.4)
        c.paint(top, wood, "table", "bevel", rim=rim)
        if c.s >= 48:
            planks(c, pen.rect(2, 6.4, 12, 7.5), 9, upright=True)
            c.touch(pen.line((2, 5.3), (6, 5.3)) | pen.line((8, 5.6), (12, 5.6)), -0.7)
        _item(p, c, pen)
    elif kind == "chair":
        c.paint(pen.rect(3, 1, 4.5, 8) | pen.rect(9.5, 1, 11, 8), wood, "chair", "column")
        back = pen.rect(3, 0.5, 11, 2.5) | pen.rect(4, 4, 10, 5.5)
        c.paint(back, wood, "chair", "bevel", rim=rim)
        c.paint(pen.rect(2.5, 9, 4.5, 14) | pen.rect(9.5, 9, 11.5, 14), wood, "legs", -0.5, rim=False)
        c.paint(pen.rect(4.5, 11, 9.5, 12), wood, "legs", -1.2)
        seat = pen.poly((3, 7), (11, 7), (12, 9), (2, 9)) | pen.rect(2, 8.6, 12, 9.6)
        c.paint(seat, p["cloth_color"], "seat", c.fall(seat, 1.1, -1.0), rim=rim)
    elif kind == "bookshelf":
        _shelf(p, c, pen, wood)
    elif kind == "wardrobe":
        body = pen.rect(2, 0.6, 12, 13)
        c.paint(pen.rect(2, 12, 4, 14) | pen.rect(10, 12, 12, 14), wood, "legs", -1.0)
        c.paint(body, wood, "wardrobe", c.column(body, 0.8))
        for x0, x1 in ((3, 6.6), (7.4, 11)):
            for y0, y1 in ((2.4, 6.4), (7.6, 11.6)):
                panel = pen.rect(x0, y0, x1, y1)
                c.touch(panel, -0.7)
                if c.s >= 24:
                    c.touch(panel, c.bevel(panel, -0.8))
        c.contour(pen.rect(6.7, 1.6, 7.3, 12.6) if c.s >= 32 else c.dots())
        if c.s < 32:
            c.touch(pen.rect(6.5, 2, 7.5, 12), -1.2)
        top = pen.rect(1, 0, 13, 1.6)
        c.paint(top | pen.rect(1, 12, 13, 13), wood, "wardrobe", "bevel", rim=rim)
        knobs = pen.rect(5.4, 6.6, 6.2, 7.6) | pen.rect(7.8, 6.6, 8.6, 7.6)
        c.paint(knobs, "gold", "handles", 0.6)
    else:
        color = p["cloth_color"]
        c.paint(pen.rect(1, 12, 3, 13.4) | pen.rect(11, 12, 13, 13.4), wood, "legs", -0.4)
        back = pen.rect(1, 4, 13, 9) | pen.rect(2, 3, 12, 4)
        c.paint(back, color, "sofa", c.fall(back, 0.8, -0.6))
        seat = pen.rect(2, 8, 12, 10.4)
        c.paint(seat, color, "cushions", "bevel", rim=rim)
        c.paint(pen.rect(1, 10, 13, 12.2), color, "sofa", -0.9, rim=c.s >= 24)
        arm = pen.rect(0, 7, 2, 12.2) | pen.oval(-0.2, 6, 2.6, 8.6)
        c.paint(c.mirror(arm), color, "sofa", c.fall(arm, 0.9, -0.6), rim=rim)
        c.touch(pen.line((7, 4), (7, 10)) & (back | seat), -1.0)
        if c.s >= 32:
            for x in (3.4, 5.4, 8.6, 10.6):
                c.touch(pen.rect(x - 0.2, 5.8, x + 0.3, 6.2), -1.2)


def _item(p: Params, c: Canvas, pen: Pen) -> None:
    rim = c.s >= 24
    if p["item"] == "vase":
        c.paint(pen.line((7, 2.4), (7, 1)), "leaf", "vase", 0)
        pot = pen.oval(5.6, 2, 8.4, 5) & pen.rect(0, 0, 14, 4.6) | pen.rect(6, 1.8, 8, 3)
        c.paint(pot, "light blue", "vase", c.column(pot, 1.2), rim=rim)
        c.paint(pen.oval(6, 0, 8, 1.8), "red", "vase", 0.4)
    elif p["item"] == "candle":
        c.paint(pen.rect(6.4, 2, 7.6, 4.4), "white", "candle", "column", rim=rim)
        c.paint(pen.rect(6.5, 0.2, 7.5, 1.8), "flame", "flame", 0.5)
    elif p["item"] == "book":
        book = pen.rect(4, 3, 10, 4.4)
        c.paint(book, "red", "book", "bevel", rim=rim)
        c.paint(pen.rect(9, 3.4, 10, 4), "beige", "book", 0.4)
    elif p["item"] == "plate":
        c.paint(pen.rect(4, 3.7, 10, 4.4), "white", "plate", 0.2, rim=rim)
        c.paint(pen.oval(5.4, 1.6, 8.6, 4.2) & pen.rect(0, 0, 14, 3.7), "tan", "bread", "ball", rim=rim)


def _shelf(p: Params, c: Canvas, pen: Pen, wood: str) -> None:
    body = pen.rect(1, 0, 13, 14)
    c.paint(body, wood, "shelf", "bevel")
    n, wide = p["shelves"], pen.px(1)
    edge = pen.rect(2, 1, 12, 13)
    x0, y0, w, h = c.box(edge)
    board = max(1, pen.px(0.8))
    color = 0
    for i in range(n):
        top, bottom = y0 + round(h * i / n), y0 + round(h * (i + 1) / n) - board
        room = c.rect(x0, top, w, bottom - top)
        c.paint(room, wood, "shelf", -1.8)
        x = x0
        while x < x0 + w:
            color += 1
            k = (color * 5 + i * 3 + p["book_order"] * 2) % len(BOOKS)
            thick = min(wide + ((color * 7 + i) % 3 == 0) * (c.s >= 32), x0 + w - x)
            lower = (color * 3 + i) % 3 * (bottom - top) // 7 + 1 if bottom - top > 2 else 0
            spine = c.rect(x, top + lower, thick, bottom - top - lower)
            if (color + i + p["book_order"]) % 9:
                c.paint(spine, BOOKS[k], "books", 0.2)
                if thick > 1:
                    c.touch(c.rect(x + thick - 1, top, 1, bottom - top) & spine, -1.0)
                if thick > 2 and bottom - top > 7:
                    c.touch(c.rect(x, bottom - 3, thick - 1, 1), 1.2)
            x += thick


def words(p: Params) -> Words:
    kind, frame = p["furniture"], p["frame"]
    nouns = {
        "bed": ("bed", "single bed", "bed"),
        "table": ("table", "dining table", "table"),
        "chair": ("chair", "chair", "dining chair"),
        "bookshelf": ("bookshelf", "bookcase", "shelf of books"),
        "wardrobe": ("wardrobe", "closet", "armoire"),
        "sofa": ("sofa", "couch", "sofa"),
    }[kind]
    having: list[Fact] = []
    cloth = p["cloth_color"]
    if kind == "bed":
        having += [(f"a~{{{cloth}}} blanket", f"{{{cloth}}} covers"), ("a pillow", "a {white} pillow")]
    if kind == "chair":
        having.append(f"a~{{{cloth}}} seat")
    if kind == "bookshelf":
        having += [("books", "colorful books"), (f"{p['shelves']} shelves", "shelves")]
    if p["item"] != "nothing":
        thing = {"vase": "a vase with a {red} flower", "candle": "a burning candle", "book": "a {red} book"}.get(
            p["item"], "a plate of bread"
        )
        having.append((thing, f"{thing} on it"))
    look: Fact = (frame,) if frame.endswith("wooden") else f"{{{frame}}}"
    if kind == "sofa":
        look = f"{{{cloth}}}"
    return Words(nouns=nouns, adjectives=(look,), having=tuple(having))


FAMILY = Family(
    name="furniture",
    kind="object",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=SQUARE,
    weight=1.4,
    genres=("fantasy", "modern", "farm"),
)
