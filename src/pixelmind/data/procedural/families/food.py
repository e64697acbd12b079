"""Food: fruit, vegetables, bread, cheese, meat, fish, pizza, cake, drinks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pixelmind.data.procedural.canvas import Canvas, grow
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice, flag
from pixelmind.data.procedural.rng import Rng

#: food: the colours it comes in
FOODS: dict[str, tuple[str, ...]] = {
    "apple": ("red", "green", "yellow", "gold"),
    "cherry": ("red",),
    "orange": ("orange",),
    "banana": ("yellow",),
    "pear": ("lime", "yellow"),
    "carrot": ("orange",),
    "bread": ("tan",),
    "cheese": ("yellow",),
    "fish": ("light blue", "orange", "silver", "green"),
    "pizza": ("red",),
    "cake": ("pink", "white", "brown"),
    "meat": ("brown",),
    "egg": ("white", "beige"),
    "donut": ("pink", "brown", "white", "light blue"),
    "burger": ("tan",),
    "ice cream": ("pink", "white", "brown", "lime"),
    "watermelon": ("red",),
    "grapes": ("purple", "green"),
    "lemon": ("yellow",),
    "cookie": ("tan",),
    "beer": ("gold",),
    "cup": ("white", "red", "blue"),
}
PARAMETERS = {
    "food": choice(*FOODS),
    "color": choice(0, 1, 2, 3),
    "bite": flag(0.15),
    "leaf": flag(0.6),
    "topping_color": choice("red", "green", "yellow", "brown", "purple"),
}


def fit(p: Params, h: int, w: int) -> None:
    options = FOODS[p["food"]]
    p["color"] = options[p["color"] % len(options)] if isinstance(p["color"], int) else p["color"]
    if p["food"] not in ("apple", "cookie", "donut") or min(h, w) < 16:
        p["bite"] = False
    if p["food"] not in ("apple", "orange", "pear", "lemon"):
        p["leaf"] = False
    if p["food"] not in ("cake", "ice cream") or min(h, w) < 16:
        p["topping_color"] = None


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    m = 0 if c.s <= 10 else 1
    _DRAW[p["food"]](p, c, rng, m, (c.w - 1) / 2, c.s / 16)


def _fruit(p: Params, c: Canvas, rng: Rng, m: int, mid: float, u: float) -> None:
    s, kind = c.s, p["food"]
    top = m + round((3 if s > 10 else 1.5) * u)
    w, h = c.w - 2 * m - (2 * round(u) if kind != "apple" else round(u)), c.h - m - top
    w -= (c.w - w) % 2
    x = (c.w - w) // 2
    if kind == "pear":
        body = c.oval(x + u, c.h - m - h * 0.62, w - 2 * u, h * 0.62) | c.oval(
            mid - 2.6 * u + 0.5, top, 5.2 * u, h * 0.6
        )
    elif kind == "lemon":
        body = c.oval(x, top + h * 0.12, w, h * 0.78) | c.mirror(
            c.rect(x - (s > 10), top + h * 0.44, max(1, u * 1.6), max(1, h * 0.16))
        )
    elif kind == "apple":
        body = c.mirror(c.oval(x, top, w * 0.62, h * 0.92)) | c.oval(x + u, top + h * 0.3, w - 2 * u, h * 0.7)
    else:
        body = c.oval(x, top, w, h)
    c.paint(body, p["color"], "fruit", c.ball(body, 1.6))
    if kind == "orange" and s >= 16:
        c.touch(body & (rng.noise(c.h, c.w) > 0.92), -0.8)
    stem = c.rect(mid, max(m, top - 2 * u), max(1, round(u * 0.8)), max(1, 2.6 * u))
    c.paint(stem, "dark brown", "stem", 0, rim=s >= 24)
    if p["leaf"]:
        leaf = c.taper(
            ((mid + u, top - u), (mid + 2.4 * u, max(m, top - 2.6 * u)), (mid + 4 * u, max(m, top - 1.4 * u))),
            max(1.6, 1.6 * u),
            1,
        )
        c.paint(leaf, "leaf", "leaf", "ball", rim=s >= 24)
    if p["bite"]:
        bite = c.ellipse(x + w, top + h * 0.4, 3 * u, 3 * u)
        c.paint(grow(bite) & body, "beige", "flesh", 0.3)
        c.erase(bite)


def _cherry(p: Params, c: Canvas, rng: Rng, m: int, mid: float, u: float) -> None:
    d = max(3, round(5.6 * u))
    for x, y in ((m, c.h - m - d), (c.w - m - d, c.h - m - d - round(1.5 * u))):
        c.paint(
            c.taper(((x + d / 2, y + 1), (mid, y - 3 * u), (mid + u, m + u)), 1, max(1, u * 0.7)),
            "dark green",
            "stem",
            0.3,
        )
        ball = c.oval(x, y, d, d)
        c.paint(ball, "red", "fruit", c.ball(ball, 1.7), rim=c.s > 16)
    leaf = c.oval(mid + u, m, max(2, 5 * u), max(2, 2.6 * u))
    c.paint(leaf, "leaf", "leaf", "ball", rim=c.s > 16)


def _banana(p: Params, c: Canvas, rng: Rng, m: int, mid: float, u: float) -> None:
    ox, oy = mid - 7 * u, m - u
    outer = c.ellipse(ox + 9.4 * u, oy + 3.4 * u, 8.4 * u, 11.4 * u)
    inner = c.ellipse(ox + 11.2 * u, oy + 1.0 * u, 7.4 * u, 9.2 * u)
    body = outer & ~inner & c.rect(m, m + 1.6 * u, c.w - 2 * m, c.h - 2 * m) & (c.xs < ox + 14.2 * u)
    ridge = c.ellipse(ox + 10.2 * u, oy + 2.2 * u, 7.8 * u, 10.4 * u)
    c.paint(body, "yellow", "fruit", np.where(ridge, 0.8, -0.6) + 0.5 * c.ball(body, 1.0))
    stem = c.rect(ox + 0.9 * u, m, max(1, 1.5 * u), max(1, 2.4 * u)) | (body & (c.xs > ox + 13.2 * u))
    c.paint(stem & c.rect(m, m, c.w - 2 * m, c.h - 2 * m), "dark brown", "stem", 0)


def _carrot(p: Params, c: Canvas, rng: Rng, m: int, mid: float, u: float) -> None:
    for dx in (-2.2, 0, 2.2):
        frond = c.taper(
            ((mid, m + 5 * u), (mid + dx * u, m + 3 * u), (mid + dx * u * 1.3, m + 0.6 * u)),
            max(1.6, 1.9 * u),
            max(1, 1.3 * u),
        )
        c.paint(frond, "leaf", "leaves", "fall", rim=c.s >= 24)
    root = c.poly(
        (mid - 2.8 * u, m + 5 * u),
        (mid + 2.8 * u, m + 5 * u),
        (mid + 2.2 * u, m + 9 * u),
        (mid, c.h - m - 1),
        (mid - 2.2 * u, m + 9 * u),
    )
    c.paint(root, "orange", "carrot", c.column(root, 1.3), rim=c.s >= 16)
    if c.s >= 16:
        c.touch(root & ((c.ys - m).astype(int) % max(3, round(2.6 * u)) == 0) & (c.xs < mid + u), -0.9)


def _bread(p: Params, c: Canvas, rng: Rng, m: int, mid: float, u: float) -> None:
    loaf = c.oval(m, m + 4 * u, c.w - 2 * m, 8 * u) | (c.rect(m + u, m + 7 * u, c.w - 2 * m - 2 * u, 6 * u))
    c.paint(loaf, "tan", "bread", c.fall(loaf, 1.0, -1.0) + c.ball(loaf, 0.5))
    for i in range(3):
        x = m + (3 + 4 * i) * u
        c.paint(
            c.stroke((x, m + 8.4 * u), (x + 2 * u, m + 5 * u), width=max(1, round(u * 0.8))) & loaf,
            "beige",
            "bread",
            0.5,
        )


def _cheese(p: Params, c: Canvas, rng: Rng, m: int, mid: float, u: float) -> None:
    top = c.poly((m, m + 7 * u), (c.w - 1 - m - 3 * u, m + 2.6 * u), (c.w - 1 - m, m + 6.6 * u))
    side = c.rect(m, m + 7 * u, c.w - 2 * m, 6 * u)
    c.paint(side, "yellow", "cheese", c.column(side, 0.6) - 0.4)
    c.paint(top, "yellow", "cheese", 0.9, rim=c.s >= 24)
    for x, y, d in ((3, 9, 2.4), (8, 8, 2), (10.4, 10.4, 2.4), (9, 4.4, 1.6)):
        hole = c.oval(m + x * u, m + y * u, max(1, d * u), max(1, d * u)) & (side | top)
        c.paint(hole, "gold", "holes", -0.7)


def _fish(p: Params, c: Canvas, rng: Rng, m: int, mid: float, u: float) -> None:
    y = (c.h - 1) / 2
    tail = c.poly((c.w - 1 - m, y - 4 * u), (c.w - 1 - m, y + 4 * u), (c.w - 6 * u - m, y))
    fin = c.poly((mid - 2 * u, y - 2.6 * u), (mid + 2.6 * u, y - 5 * u), (mid + 3 * u, y - 1.4 * u))
    c.paint(tail, p["color"], "tail", c.fall(tail, 0.2, -1.2))
    c.paint(fin, p["color"], "fin", -0.8)
    body = c.oval(m, y - 3.9 * u, 12 * u, 7.8 * u)
    c.paint(body, p["color"], "body", c.fall(body, 1.3, -1.1), rim=c.s >= 16)
    if c.s >= 24:
        c.touch(
            body & (c.xs > m + 4.6 * u) & ((c.xs + c.ys).astype(int) % 4 == 0) & ((c.xs - c.ys).astype(int) % 4 == 0),
            0.9,
        )
        c.contour(c.taper(((m + 3.8 * u, y - 2.6 * u), (m + 4.9 * u, y), (m + 3.8 * u, y + 2.6 * u)), 1, 1) & body)
    eye = c.oval(m + 1.6 * u, y - 1.8 * u, max(1, 2 * u), max(1, 2 * u))
    if c.s >= 16:
        c.paint(eye, "white", "eye", 0.3)
    c.paint(c.rect(m + 2.2 * u, y - 1.2 * u, max(1, round(u * 0.9)), max(1, round(u * 0.9))), "ink", "eye", 0)


def _pizza(p: Params, c: Canvas, rng: Rng, m: int, mid: float, u: float) -> None:
    crust = c.poly(
        (m, m + 2 * u), (c.w - 1 - m, m + 2 * u), (c.w - 1 - m - u, m + 4.4 * u), (m + u, m + 4.4 * u)
    ) | c.rect(m + u, m + u, c.w - 2 * m - 2 * u, 2 * u)
    slice_ = c.poly((m + u, m + 4 * u), (c.w - 1 - m - u, m + 4 * u), (mid, c.h - 1 - m))
    c.paint(slice_, "yellow", "cheese", c.fall(slice_, 0.2, -0.4))
    for x, y in ((-3, 5.4), (2, 5.2), (-0.6, 8.6), (1.0, 11.4)):
        d = max(2, round(2.8 * u)) if c.s > 10 else 1
        salami = c.oval(mid + x * u - d / 2 + 0.5, m + y * u, d, d) & slice_
        c.paint(salami, "red", "salami", c.ball(salami, 1.0), rim=c.s >= 24)
    c.paint(crust, "tan", "crust", c.fall(crust, 0.9, -0.7), rim=c.s >= 16)


def _cake(p: Params, c: Canvas, rng: Rng, m: int, mid: float, u: float) -> None:
    icing = p["color"]
    body = c.rect(m + u, m + 7 * u, c.w - 2 * m - 2 * u, c.h - 2 * m - 8 * u)
    c.paint(body, "tan" if icing != "brown" else "beige", "cake", c.column(body, 0.9))
    c.paint(c.rect(m + u, m + 10 * u, c.w - 2 * m - 2 * u, max(1, u)), icing, "icing", -0.2)
    top = c.oval(m + u, m + 4.6 * u, c.w - 2 * m - 2 * u, 4 * u) | c.rect(
        m + u, m + 6.4 * u, c.w - 2 * m - 2 * u, max(1, 1.6 * u)
    )
    drips = c.rect(m + u, m + 7 * u, c.w - 2 * m - 2 * u, 2.4 * u) & ((c.xs - m) // max(1, round(u)) % 3 == 0)
    c.paint(top | drips, icing, "icing", c.fall(top, 0.9, -0.6), rim=c.s >= 24)
    c.paint(c.rect(m, c.h - m - max(1, u), c.w - 2 * m, max(1, u)), "silver", "plate", 0)
    if p["topping_color"]:
        berry = c.oval(mid - 1.4 * u, m + 2.6 * u, max(2, 3 * u), max(2, 3 * u))
        c.paint(berry, p["topping_color"], "topping", c.ball(berry, 1.4), rim=True)


def _meat(p: Params, c: Canvas, rng: Rng, m: int, mid: float, u: float) -> None:
    bone = c.stroke(
        (c.w - 6 * u - m, c.h - 6 * u - m), (c.w - 2.4 * u - m, c.h - 2.4 * u - m), width=max(1, round(1.8 * u))
    )
    knob = c.oval(c.w - m - 2.4 * u, c.h - m - 4.2 * u, max(2, 2.4 * u), max(2, 2.4 * u)) | c.oval(
        c.w - m - 4.2 * u, c.h - m - 2.4 * u, max(2, 2.4 * u), max(2, 2.4 * u)
    )
    c.paint(bone | knob, "bone", "bone", "ball")
    body = c.oval(m, m, 11 * u, 10.4 * u) | c.oval(m + 4 * u, m + 4 * u, 7 * u, 7 * u)
    c.paint(body, "brown", "meat", c.ball(body, 1.7), rim=c.s >= 16)


def _egg(p: Params, c: Canvas, rng: Rng, m: int, mid: float, u: float) -> None:
    body = c.oval(mid - 5 * u + 0.5, m + 4.6 * u, 10 * u, c.h - 2 * m - 4.6 * u) | c.oval(
        mid - 3.9 * u + 0.5, m + u, 7.8 * u, 10 * u
    )
    c.paint(body, p["color"], "egg", c.ball(body, 1.2))


def _donut(p: Params, c: Canvas, rng: Rng, m: int, mid: float, u: float) -> None:
    y = (c.h - 1) / 2
    ring = c.ellipse(mid, y + u * 0.4, 7 * u, 6.4 * u)
    c.paint(ring, "tan", "dough", c.ball(ring, 1.2))
    icing = c.ellipse(mid, y - u * 0.3, 6.3 * u, 5.4 * u)
    c.paint(icing, p["color"], "icing", c.ball(icing, 1.2))
    if c.s >= 16:
        for i, color in enumerate(("yellow", "cyan", "red", "lime", "violet", "yellow", "cyan", "red")):
            x, yy = (
                mid + (4.3 * u) * (1, 0.7, 0, -0.7, -1, -0.7, 0, 0.7)[i],
                y - u * 0.3 + 3.7 * u * (0, 0.7, 1, 0.7, 0, -0.7, -1, -0.7)[i],
            )
            c.paint(c.rect(x, yy, max(1, round(u * 0.7)), max(1, round(u * 0.5))) & icing, color, "sprinkles", 0.3)
    hole = c.ellipse(mid, y, 2 * u, 1.8 * u)
    c.touch(grow(hole) & ~hole & ring, -1)
    c.erase(hole)
    if p["bite"]:
        c.erase(c.ellipse(c.w - 1 - m, y - 4 * u, 3.2 * u, 3 * u))


def _burger(p: Params, c: Canvas, rng: Rng, m: int, mid: float, u: float) -> None:
    w, x = c.w - 2 * m, m
    bottom = c.oval(x, m + 9 * u, w, 5.4 * u) & (c.ys >= m + 10.6 * u)
    c.paint(bottom, "tan", "bun", c.fall(bottom, 0.2, -1.0))
    layers = (
        ("brown", "meat", 9.2, 2.0),
        ("yellow", "cheese", 8.4, 1.2),
        ("red", "tomato", 7.6, 1.0),
        ("leaf", "salad", 6.8, 1.2),
    )
    for color, part, y, h in layers:
        c.paint(
            c.rect(
                x if part in ("salad", "meat") else x + u,
                m + y * u,
                w if part in ("salad", "meat") else w - 2 * u,
                max(1, h * u),
            ),
            color,
            part,
            -0.2 if part == "meat" else 0.3,
        )
    top = c.oval(x, m + 1.4 * u, w, 11 * u) & (c.ys < m + 6.9 * u)
    c.paint(top, "tan", "bun", c.ball(top, 1.5))
    if c.s >= 16:
        for dx, dy in ((-3, 3.6), (0, 2.6), (3, 3.8), (-1.2, 4.6), (1.8, 5)):
            c.paint(c.dots((mid + dx * u, m + dy * u)), "beige", "bun", 0.6)


def _ice_cream(p: Params, c: Canvas, rng: Rng, m: int, mid: float, u: float) -> None:
    cone = c.poly((mid - 3.6 * u, m + 8 * u), (mid + 3.6 * u, m + 8 * u), (mid, c.h - 1 - m))
    c.paint(cone, "tan", "cone", c.column(cone, 1.0))
    if c.s >= 16:
        c.touch(cone & (((c.xs + c.ys).astype(int) % 3 == 0) | ((c.xs - c.ys).astype(int) % 3 == 0)), -0.6)
    scoop = c.oval(mid - 4.6 * u + 0.5, m + 1.8 * u, 9.2 * u, 7.6 * u)
    c.paint(scoop, p["color"], "ice cream", c.ball(scoop, 1.4), rim=c.s >= 16)
    if p["topping_color"]:
        cherry = c.oval(mid - u, m, max(2, 2.6 * u), max(2, 2.6 * u))
        c.paint(cherry, p["topping_color"], "topping", c.ball(cherry, 1.3), rim=c.s >= 24)


def _watermelon(p: Params, c: Canvas, rng: Rng, m: int, mid: float, u: float) -> None:
    y = m + 4 * u
    half = c.oval(m, y - (c.w - 2 * m) * 0.5, c.w - 2 * m, c.w - 2 * m) & (c.ys >= y)
    c.paint(half, "green", "rind", c.fall(half, 0.2, -0.9))
    white = c.oval(m + 1.2 * u, y - (c.w - 2 * m) * 0.5 + 1.2 * u, c.w - 2 * m - 2.4 * u, c.w - 2 * m - 2.4 * u) & (
        c.ys >= y
    )
    c.paint(white, "lime", "rind", 1.2)
    flesh = c.oval(m + 2 * u, y - (c.w - 2 * m) * 0.5 + 2 * u, c.w - 2 * m - 4 * u, c.w - 2 * m - 4 * u) & (c.ys >= y)
    c.paint(flesh, "red", "flesh", c.ball(flesh, 0.8))
    for dx, dy in ((-3.4, 1.6), (0, 2), (3.2, 1.6), (-1.6, 4), (1.8, 4)):
        c.paint(c.rect(mid + dx * u, y + dy * u, max(1, round(u * 0.6)), max(1, round(u))) & flesh, "ink", "seeds", 0)


def _grapes(p: Params, c: Canvas, rng: Rng, m: int, mid: float, u: float) -> None:
    d = max(2, round(3.8 * u))
    c.paint(c.rect(mid, m, max(1, u), 4 * u), "dark brown", "stem", 0)
    for row, n in enumerate((4, 3, 2, 1)):
        for i in range(n):
            x = mid + (i - (n - 1) / 2) * d * 0.92 - d / 2 + 0.5
            grape = c.oval(round(x), round(m + (3 + row * 2.9) * u), d, d)
            c.paint(grape, p["color"], "grapes", c.ball(grape, 1.5), rim=c.s >= 16)
    leaf = c.oval(mid + u, m, max(2, 4.6 * u), max(2, 3 * u))
    c.paint(leaf, "leaf", "leaf", "ball", rim=c.s >= 16)


def _cookie(p: Params, c: Canvas, rng: Rng, m: int, mid: float, u: float) -> None:
    body = c.oval(m + u * 0.5, m + u * 0.5, c.w - 2 * m - u, c.h - 2 * m - u)
    c.paint(body, "tan", "cookie", c.ball(body, 1.3))
    for x, y in ((4, 4), (8.6, 3), (10.6, 7.4), (6.6, 7.6), (4, 10), (9.4, 11)):
        chip = c.oval(m + x * u, m + y * u, max(1, 1.9 * u), max(1, 1.9 * u)) & body
        c.paint(chip, "dark brown", "chocolate", c.ball(chip, 0.8) if c.s > 16 else 0)
    if p["bite"]:
        c.erase(c.ellipse(c.w - 1 - m, m + 2 * u, 4 * u, 4 * u))


def _beer(p: Params, c: Canvas, rng: Rng, m: int, mid: float, u: float) -> None:
    x, w, y = m + 2 * u, 9 * u, m + 3 * u
    handle = c.oval(x + w - 2 * u, y + 2 * u, 5 * u, 7 * u) & ~c.oval(x + w - u, y + 3.4 * u, 2.8 * u, 4.2 * u)
    c.paint(handle, "glass", "mug", -0.2)
    mug = c.rect(x, y, w, c.h - m - y)
    c.paint(mug, "glass", "mug", c.column(mug, 0.8))
    beer = c.rect(x + max(1, u), y + u, w - 2 * max(1, u), c.h - m - y - 2 * max(1, u))
    c.paint(beer, "gold", "beer", c.column(beer, 1.2))
    foam = (
        c.oval(x - u * 0.5, y - 2 * u, 4 * u, 4 * u)
        | c.oval(x + 2.6 * u, y - 2.6 * u, 4.4 * u, 4.4 * u)
        | c.oval(x + 6 * u, y - 2 * u, 3.6 * u, 4 * u)
        | c.rect(x, y, w, 1.6 * u)
    )
    c.paint(foam & (c.ys >= m), "white", "foam", c.fall(foam, 0.5, -0.6), rim=c.s >= 24)


def _cup(p: Params, c: Canvas, rng: Rng, m: int, mid: float, u: float) -> None:
    x, w, y = m + u, 10 * u, m + 6 * u
    handle = c.oval(x + w - 2 * u, y + u, 5 * u, 5.4 * u) & ~c.oval(x + w - u, y + 2.2 * u, 2.8 * u, 3 * u)
    c.paint(handle, p["color"], "cup", -0.5)
    cup = c.poly((x, y), (x + w - 1, y), (x + w - 1 - 1.6 * u, c.h - m - 1), (x + 1.6 * u, c.h - m - 1))
    c.paint(cup, p["color"], "cup", c.column(cup, 1.2))
    c.paint(c.rect(x + u, y, w - 2 * u, max(1, u)), "dark brown", "coffee", 0)
    for i in (0, 1):
        steam = c.taper(
            (
                (x + (3 + 3.4 * i) * u, y - u),
                (x + (1.6 + 3.4 * i) * u, y - 3 * u),
                (x + (3 + 3.4 * i) * u, m + 0.4 * u),
            ),
            1,
            1,
        )
        c.paint(steam, "light grey", "steam", 0.4)


_DRAW: dict[str, Callable[[Params, Canvas, Rng, int, float, float], None]] = {
    "apple": _fruit,
    "orange": _fruit,
    "pear": _fruit,
    "lemon": _fruit,
    "cherry": _cherry,
    "banana": _banana,
    "carrot": _carrot,
    "bread": _bread,
    "cheese": _cheese,
    "fish": _fish,
    "pizza": _pizza,
    "cake": _cake,
    "meat": _meat,
    "egg": _egg,
    "donut": _donut,
    "burger": _burger,
    "ice cream": _ice_cream,
    "watermelon": _watermelon,
    "grapes": _grapes,
    "cookie": _cookie,
    "beer": _beer,
    "cup": _cup,
}
_NOUNS = {
    "cherry": ("cherries", "pair of cherries", "cherry"),
    "bread": ("bread", "loaf of bread"),
    "cheese": ("cheese", "piece of cheese", "cheese wedge"),
    "pizza": ("pizza", "slice of pizza", "pizza slice"),
    "meat": ("meat", "meat on the bone", "chicken leg"),
    "burger": ("burger", "hamburger", "cheeseburger"),
    "watermelon": ("watermelon", "slice of watermelon", "watermelon slice"),
    "grapes": ("grapes", "bunch of grapes"),
    "beer": ("beer", "mug of beer", "beer mug"),
    "cup": ("cup", "cup of coffee", "coffee mug", "mug of coffee"),
    "donut": ("donut", "doughnut"),
    "ice cream": ("ice cream", "ice cream cone"),
    "cake": ("cake", "birthday cake"),
}


def words(p: Params) -> Words:
    kind, color = p["food"], p["color"]
    named = kind not in (
        "cherry",
        "orange",
        "carrot",
        "bread",
        "pizza",
        "meat",
        "burger",
        "watermelon",
        "cookie",
        "beer",
        "banana",
        "lemon",
        "cheese",
    )
    having: list[Fact] = []
    if p["bite"]:
        having.append(("a bite taken out", "a bite mark"))
    if p["leaf"]:
        having.append(("a leaf", "a {green} leaf"))
    if p["topping_color"]:
        having.append((f"a~{{{p['topping_color']}}} berry on top", "a berry on top"))
    more: dict[str, list[Fact]] = {
        "donut": [("sprinkles", f"{{{color}}} icing")],
        "burger": [("cheese and salad", "salad and tomato")],
        "cake": [(f"{{{color}}} icing", "icing")],
        "cookie": [("chocolate chips", "chocolate")],
        "cheese": ["holes"],
        "pizza": [("salami", "cheese and salami")],
        "beer": [("foam", "a head of foam")],
        "cup": [("steam", "hot coffee")],
        "carrot": [("{green} leaves", "leaves")],
        "watermelon": ["seeds"],
    }
    having += more.get(kind, [])
    return Words(
        nouns=_NOUNS.get(kind, (kind, kind)),
        adjectives=((f"{{{color}}}",) if named else ("", "tasty") if kind not in ("cup",) else "",),
        having=tuple(having),
        plural=kind in ("cherry", "bread", "cheese", "meat", "grapes"),
    )


FAMILY = Family(
    name="food",
    kind="item",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=SQUARE,
    weight=2,
    genres=("modern", "fantasy", "farm"),
)
