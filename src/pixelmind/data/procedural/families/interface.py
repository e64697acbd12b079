"""Parts of a game's interface: health bars, buttons, frames, item slots, dialogue boxes, sliders, check boxes and rows of hearts."""

from __future__ import annotations

from pixelmind.data.procedural.canvas import Canvas, Region, shrink
from pixelmind.data.procedural.captions import NUMBERS, Fact, Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, Size, choice, count
from pixelmind.data.procedural.pen import colors
from pixelmind.data.procedural.rng import Rng

FRAMES = {"gold": "gold", "silver": "silver", "wooden": "wood", "stone": "stone", "black": "black", "white": "white"}
PARAMETERS = {
    "widget": choice(
        "health bar",
        "button",
        "frame",
        "item slot",
        "dialogue box",
        "slider",
        "check box",
        "hearts",
        weights=(4, 3, 2, 2, 2, 1.5, 1.5, 2),
    ),
    "frame": choice(*FRAMES, weights=(3, 3, 2, 2, 2, 1.5)),
    "color": colors("red", "green", "blue", "yellow", "purple", "orange", "teal", "dark grey"),
    "level": count(0, 4),
    "cap": choice("none", "heart", "drop", "star", weights=(3, 2, 1, 1)),
    "corners": choice("square", "cut"),
}


def fit(p: Params, h: int, w: int) -> None:
    kind, s = p["widget"], min(h, w)
    if kind not in ("health bar", "slider", "hearts", "check box"):
        p["level"] = 0
    if kind == "check box":
        p["level"] = min(p["level"], 1)
    if kind == "hearts":
        n = hearts(h, w)
        p["level"] = min(p["level"], n)
        p["frame"] = None
        p["color"] = "red" if p["color"] in ("dark grey", "orange", "teal") else p["color"]
    if kind != "health bar" or s < 12 or w < 20:
        p["cap"] = "none"
    if kind == "hearts" or s < 12:
        p["corners"] = "square"


def hearts(h: int, w: int) -> int:
    """Hearts that have room in a row."""
    return max(1, min(5, w // max(5, min(h, 10))))


HEART = {
    5: (".#.#.", "#####", "#####", ".###.", "..#.."),
    7: (".##.##.", "#######", "#######", "#######", ".#####.", "..###..", "...#..."),
    9: (
        ".##...##.",
        "####.####",
        "#########",
        "#########",
        "#########",
        ".#######.",
        "..#####..",
        "...###...",
        "....#....",
    ),
}


def _frame(p: Params, c: Canvas, x: int, y: int, w: int, h: int, thick: int) -> Region:
    """A bevelled frame; returns the region inside."""
    color = FRAMES[p["frame"]]
    box = c.rect(x, y, w, h)
    if p["corners"] == "cut":
        for cx in (x, x + w - 1):
            for cy in (y, y + h - 1):
                box &= ~c.dots((cx, cy))
    inside = c.rect(x + thick, y + thick, w - 2 * thick, h - 2 * thick)
    c.paint(box, color, "frame", "bevel")
    if thick > 1:
        c.touch(shrink(box) & ~inside, 0.3)
    if thick > 2:
        for cx in (x + 1, x + w - thick):
            for cy in (y + 1, y + h - thick):
                c.touch(c.rect(cx, cy, thick - 1, thick - 1), 1.0)
    return inside


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    m, kind, s = (0 if c.s <= 10 else 1), p["widget"], c.s
    w, h = c.w - 2 * m, c.h - 2 * m
    thick = 1 if s < 24 else 2 if s < 64 else 3
    if kind == "hearts":
        _hearts(p, c, m)
    elif kind == "health bar":
        tall = min(h, max(4, round(w * 0.3)))
        y, x = (c.h - tall) // 2, m
        cap = 0 if p["cap"] == "none" else min(tall, 9 if tall >= 9 else 7 if tall >= 7 else 5)
        inside = _frame(p, c, x + cap // 2, y, w - cap // 2, tall, thick)
        c.paint(inside, "ink", "bar", 0.3)
        bx, by, bw, bh = c.box(inside)
        bx, bw = bx + (cap - cap // 2), bw - (cap - cap // 2)
        fill = c.rect(bx, by, round(bw * p["level"] / 4), bh)
        if p["level"]:
            c.paint(fill, p["color"], "bar", 0)
            c.touch(c.rect(bx, by, c.w, max(1, bh // 3)) & fill, 1.0)
            if bh > 2:
                c.touch(c.rect(bx, by + bh - max(1, bh // 4), c.w, bh) & fill, -1.0)
        if c.w >= 32:
            for i in (1, 2, 3):
                c.touch(c.rect(bx + round(bw * i / 4) - 1, by, 1, bh) & inside, -1.2)
        if cap:
            _cap(p, c, m, (c.h - cap) // 2, cap)
    elif kind == "button":
        tall = min(h, max(6, round(w * 0.5)))
        y = (c.h - tall) // 2
        inside = _frame(p, c, m, y, w, tall, thick)
        c.paint(inside, p["color"], "button", c.bevel(inside, 1.0))
        bx, by, bw, bh = c.box(inside)
        if bh >= 6:
            c.touch(c.rect(bx, by + bh - max(1, bh // 5), bw, bh) & inside, -0.9)
        _lines(c, bx, by, bw, bh, 1, p["color"])
    elif kind == "frame":
        inside = _frame(p, c, m, m, w, h, thick + (s >= 16))
        c.paint(inside, p["color"], "panel", -0.4)
        ring = inside & ~shrink(inside)
        c.touch(ring, -1.0)
    elif kind == "item slot":
        k = min(w, h)
        inside = _frame(p, c, (c.w - k) // 2, (c.h - k) // 2, k, k, thick)
        c.paint(inside, p["color"], "slot", c.fall(inside, -1.2, -0.2))
        c.touch(inside, c.bevel(inside, -0.9))
    elif kind == "dialogue box":
        tall = min(h, max(8, round(w * 0.62)))
        y = (c.h - tall) // 2
        inside = _frame(p, c, m, y, w, tall, thick)
        c.paint(inside, p["color"], "panel", -0.6)
        bx, by, bw, bh = c.box(inside)
        _lines(c, bx, by, bw, bh, 3 if bh >= 10 else 2, p["color"])
        if bh >= 9:
            k = max(1, s // 20)
            tri = c.rect(bx + bw - 3 * k - 2, by + bh - 2 * k - 1, 3 * k, k) | c.rect(
                bx + bw - 2 * k - 2, by + bh - k - 1, k, k
            )
            c.paint(tri, "gold" if p["color"] != "yellow" else "red", "arrow", 0.5)
    elif kind == "slider":
        tall = max(2, min(h // 3, round(w * 0.16)))
        y = (c.h - tall) // 2
        rail = c.rect(m, y, w, tall)
        c.paint(rail, FRAMES[p["frame"]], "track", "bevel")
        k = min(h, max(4, round(w * 0.26)))
        k -= (k - tall) % 2
        x = m + round((w - k) * p["level"] / 4)
        if tall > 2:
            c.paint(c.rect(m + 1, y + 1, x - m, tall - 2), p["color"], "track", 0.2)
        knob = c.oval(x, (c.h - k) // 2, k, k)
        c.paint(knob, p["color"], "knob", c.ball(knob, 1.4), rim=s >= 16)
    else:
        k = min(w, h)
        x, y = (c.w - k) // 2, (c.h - k) // 2
        inside = _frame(p, c, x, y, k, k, thick)
        c.paint(inside, "ink" if p["color"] == "white" else "white", "box", -0.2)
        c.touch(inside & ~shrink(inside), -0.8)
        if p["level"]:
            tick = c.stroke(
                (x + k * 0.24, y + k * 0.5),
                (x + k * 0.42, y + k * 0.68),
                (x + k * 0.74, y + k * 0.3),
                width=max(1, round(k * 0.14)),
            )
            c.paint(tick & inside, p["color"], "tick", 0)


def _lines(c: Canvas, x: int, y: int, w: int, h: int, n: int, color: str) -> None:
    """Rows of writing, too small to read."""
    tall = max(1, h // (2 * n + 3))
    ink = "white" if color not in ("yellow",) else "ink"
    for i in range(n):
        row = y + round(h * (i + 1) / (n + 1)) - (tall + 1) // 2
        long = w * (0.6 if n == 1 else (0.8, 0.7, 0.5)[i])
        left = x + (w - long) / 2 if n == 1 else x + max(1, w * 0.1)
        text = c.rect(left, row, long, tall) & ((c.xs - round(left)) // max(1, tall) % 5 != 3)
        c.paint(text, ink, "text", 0.2)


def _cap(p: Params, c: Canvas, x: int, y: int, k: int) -> None:
    if p["cap"] == "heart":
        shape = c.art(HEART[k], x, y)
        c.paint(shape, "red" if p["color"] != "red" else "pink", "symbol", c.ball(shape, 1.2), rim=True)
    elif p["cap"] == "drop":
        shape = c.oval(x, y + k * 0.3, k, k * 0.7) | c.poly(
            (x + (k - 1) / 2, y), (x + k - 2, y + k * 0.5), (x + 1, y + k * 0.5)
        )
        c.paint(shape, "cyan", "symbol", c.ball(shape, 1.2), rim=True)
    else:
        shape = (
            c.oval(x + k * 0.2, y + k * 0.2, k * 0.6, k * 0.6)
            | c.rect(x, y + k // 2 - k // 6, k, max(1, k // 3))
            | c.rect(x + k // 2 - k // 6, y, max(1, k // 3), k)
        )
        c.paint(shape, "gold" if p["color"] != "yellow" else "white", "symbol", c.ball(shape, 1.2), rim=True)


def _hearts(p: Params, c: Canvas, m: int) -> None:
    n = hearts(c.h, c.w)
    room = (c.w - 2 * m) // n
    k = max(size for size in HEART if size <= max(5, min(room - (n > 1), c.h - 2 * m)))
    scale = max(1, min((room - 1) // k, (c.h - 2 * m) // k)) if n == 1 or room > 2 * k else 1
    rows = tuple("".join(mark * scale for mark in row) for row in HEART[k] for _ in range(scale))
    size, gap = k * scale, room
    left = (c.w - (n - 1) * gap - size) // 2
    for i in range(n):
        shape = c.art(rows, left + i * gap, (c.h - size) // 2)
        full = i < p["level"]
        c.paint(
            shape,
            p["color"] if full else "dark grey",
            "hearts" if full else "empty hearts",
            c.ball(shape, 1.2) if full else -0.6,
        )
        if full and size >= 7:
            c.tone[c.dots((left + i * gap + size // 5, (c.h - size) // 2 + size // 5))] = 4


def words(p: Params) -> Words:
    kind, color, level = p["widget"], f"{{{p['color']}}}", p["level"]
    nouns: dict[str, tuple[str, ...]] = {
        "health bar": ("health bar", "hp bar", "progress bar", "life bar"),
        "button": ("button", "ui button", "menu button"),
        "frame": ("panel frame", "ui frame", "menu panel", "window frame"),
        "item slot": ("inventory slot", "item slot", "ui slot"),
        "dialogue box": ("dialogue box", "text box", "message box"),
        "slider": ("slider", "volume slider", "ui slider"),
        "check box": ("checkbox", "check box", "tick box"),
        "hearts": ("life hearts", "health hearts", "row of hearts"),
    }
    having: list[Fact] = []
    adjective: Fact = ""
    if p["frame"]:
        name = p["frame"]
        look = f"{{{name}}}" if name in ("black", "white", "gold", "silver") else name
        having.append((f"a~{look} frame", f"a~{look} border") if kind != "slider" else f"a~{look} track")
    if kind == "health bar":
        adjective = (
            ("empty",),
            ("a quarter full", "low"),
            ("half full", "half-full"),
            ("three quarters full",),
            ("full",),
        )[level]
        color = color if level else ""
        if level == 1:
            adjective = ("nearly empty", "low")
        if p["cap"] != "none":
            having.append((f"a~{p['cap']} at the left end", f"a~{p['cap']}"))
    elif kind == "check box":
        adjective = ("checked", "ticked") if level else ("unchecked", "empty")
        color = ""
        if level:
            having.append(f"a~{{{p['color']}}} tick")
    elif kind == "slider":
        having.append(
            (
                ("its knob at the left end",),
                ("its knob left of the middle",),
                ("its knob in the middle",),
                ("its knob right of the middle",),
                ("its knob at the right end",),
            )[level]
        )
    elif kind == "hearts":
        if level:
            having.append(
                (
                    f"{NUMBERS[level]} full heart{'s' if level > 1 else ''}",
                    f"{level} full heart{'s' if level > 1 else ''}",
                )
            )
        adjective = "" if level else "empty"
        color = color if level else ""
    elif kind in ("dialogue box", "button") and "text" in p["visible"]:
        having.append(("text", "writing on it"))
    return Words(nouns=nouns[kind], adjectives=(adjective, color), having=tuple(having), plural=kind == "hearts")


WIDE_SIZES: tuple[Size, ...] = ((8, 16), (8, 24), (8, 32), (16, 32), (16, 48), (16, 64), (24, 48), (32, 64))
FAMILY = Family(
    name="interface",
    kind="icon",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=(*SQUARE, *WIDE_SIZES),
    weight=1.4,
    genres=("fantasy", "modern", "sci-fi"),
)
