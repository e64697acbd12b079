"""Musical instruments: guitars, drums, trumpets, pianos, harps, bells, violins and flutes."""

from __future__ import annotations

from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice
from pixelmind.data.procedural.pen import Pen, colors, snap
from pixelmind.data.procedural.rng import Rng

COLORS = ("brown", "red", "gold", "blue", "black", "white", "green", "silver", "dark brown", "purple")
KINDS = {
    "guitar": ("brown", "red", "dark brown", "black"),
    "electric guitar": ("red", "blue", "white", "green", "purple", "black"),
    "drum": ("red", "blue", "green", "white"),
    "trumpet": ("gold", "silver"),
    "piano": ("black", "brown", "white", "dark brown"),
    "harp": ("gold", "brown", "white"),
    "bell": ("gold", "silver"),
    "violin": ("brown", "red", "dark brown"),
    "flute": ("silver", "brown", "gold"),
}
PARAMETERS = {
    "instrument": choice(*KINDS),
    "color": choice(*COLORS),
    "accent_color": colors("white", "gold", "red", "blue"),
    "extra": choice("none", "notes", "sticks", weights=(5, 3, 2)),
    "note_color": colors("black", "blue", "red", "purple"),
}


def fit(p: Params, h: int, w: int) -> None:
    kind, s = p["instrument"], min(h, w)
    snap(p, "color", COLORS, KINDS[kind])
    if kind not in ("drum", "electric guitar", "bell"):
        p["accent_color"] = None
    elif p["accent_color"] == p["color"] or (kind == "bell" and p["accent_color"] in ("gold", "white")):
        p["accent_color"] = "red" if p["color"] in ("white", "gold", "silver") else "white"
    if kind == "drum" and s >= 16:
        p["extra"] = "sticks"
    elif p["extra"] == "sticks" or s < 16 or kind in ("piano", "harp"):
        p["extra"] = "none"
    if s < 12:
        p["accent_color"] = None
    if p["extra"] != "notes":
        p["note_color"] = None


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    pen, kind, color, rim = Pen(c, stretch=1.0), p["instrument"], p["color"], c.s >= 16
    if kind in ("guitar", "violin", "electric guitar"):
        _strings(p, c, pen)
    elif kind == "drum":
        shell = pen.rect(2, 5, 12, 11.4) | pen.oval(2, 9, 12, 13.6)
        c.paint(shell, color, "drum", "column")
        if p["accent_color"]:
            zig = c.empty()
            for i in range(5):
                zig |= pen.line((2 + 2 * i, 11 if i % 2 else 7.4), (4 + 2 * i, 7.4 if i % 2 else 11), width=0.5)
            c.paint(zig & shell, p["accent_color"], "pattern", 0)
        hoop = pen.rect(2, 4.6, 12, 6) | pen.oval(2, 4, 12, 8)
        c.paint(hoop, "gold", "rim", "column", rim=rim)
        c.paint(pen.oval(2, 2.6, 12, 6.6), "gold", "rim", 0.4)
        skin = pen.oval(2.8, 3, 11.2, 6.2)
        c.paint(skin, "bone", "drumhead", 0.6)
        c.touch(skin & (c.ys > pen.y(5)), -0.6)
        if p["extra"] == "sticks":
            for side in (1, -1):
                stick = pen.line((7 - side * 2, 4.6), (7 + side * 5, 0.8), width=0.6)
                tip = pen.oval(6.4 - side * 2, 3.9, 7.6 - side * 2, 5.1)
                c.paint(stick | tip, "tan", "drumsticks", 0, rim=rim)
    elif kind == "trumpet":
        loop = pen.ring(3.4, 6, 9.6, 11.6, 1.1)
        c.paint(loop, color, "trumpet", -0.5)
        tube = pen.rect(0.8, 5.4, 11, 6.8)
        for x in (5, 6.6, 8.2):
            c.paint(pen.rect(x - 0.4, 3.4, x + 0.8, 9.6), color, "valves", 0.3, rim=rim)
            c.paint(pen.rect(x - 0.4, 2.4, x + 0.8, 3.3), "white", "valves", 0)
        c.paint(tube, color, "trumpet", c.fall(tube, 1.4, -0.6), rim=rim)
        bell = pen.poly((9.6, 5.2), (12, 4.2), (12, 8), (9.6, 7)) | pen.rect(12, 3, 14, 9.2)
        bell &= ~pen.poly((12, 2.6), (13, 2.6), (12, 4)) & ~pen.poly((12, 8.2), (13, 9.4), (12, 9.4))
        c.paint(bell, color, "bell", c.fall(bell, 1.3, -1.3), rim=rim)
        c.paint(pen.rect(0, 4.8, 1, 7.4), color, "mouthpiece", 0.6)
    elif kind == "piano":
        case = pen.rect(1, 1, 13, 13.4)
        c.paint(pen.rect(1, 12.6, 3, 14) | pen.rect(11, 12.6, 13, 14), color, "piano", -1.2)
        c.paint(case, color, "piano", "bevel")
        c.paint(pen.rect(0.4, 0, 13.6, 1.6), color, "piano", 0.8, rim=rim)
        c.paint(pen.rect(4, 2.6, 10, 5.4), "white", "sheet music", 0)
        if c.s >= 24:
            c.touch(pen.rect(4.6, 3, 9.4, 5) & (c.ys % 2 == 0), -1.8)
        bed = pen.rect(0, 6.4, 14, 10)
        c.paint(bed, color, "piano", -0.6, rim=rim)
        keys = pen.rect(1, 7, 13, 9.6)
        c.paint(keys, "white", "keys", 0.2)
        x, _, w, _ = c.box(keys)
        step = 2 if c.s < 24 else 3 if c.s < 64 else 4
        if c.s >= 24:
            c.touch(keys & ((c.xs - x) % step == step - 1), -1.6)
        blacks = keys & (c.ys < pen.y(8.5)) & ((c.xs - x) % step >= step - max(1, step // 2)) & (c.xs < x + w - 1)
        c.paint(blacks & ((c.xs - x) // step % 3 != 2), "ink", "keys", 0)
        if c.s >= 24:
            c.touch(pen.rect(5, 11, 9, 13), -0.8)
            c.paint(pen.rect(6, 13, 6.6, 14) | pen.rect(7.4, 13, 8, 14), "gold", "pedals", 0.3)
    elif kind == "harp":
        c.paint(pen.limb(((3, 2), (7, 5.4), (11.4, 1)), 1.5, 1.2), color, "frame", 0.5)
        c.paint(pen.rect(2, 1.6, 3.6, 13), color, "frame", "column", rim=rim)
        body = pen.limb(((11.4, 1.4), (10, 8), (3.4, 13)), 1.4, 2.0)
        c.paint(body, color, "frame", -0.3, rim=rim)
        n = 3 if c.s < 24 else 5 if c.s < 64 else 8
        for i in range(n):
            x = 4.6 + i * 4.8 / (n - 1)
            c.paint(pen.line((x, 3.2), (x, 5.2 + (10 - x) * 1.25)) & ~c.figure, "silver", "strings", 0.6)
        c.paint(pen.rect(1, 12.8, 6, 14), color, "base", 0, rim=rim)
    elif kind == "bell":
        c.paint(pen.ring(5.4, 0, 8.6, 3.2, 1), color, "loop", 0)
        c.paint(pen.oval(5.5, 10.6, 8.5, 13.8), "iron", "clapper", "ball")
        body = (
            pen.oval(3.4, 2, 10.6, 9)
            | pen.rect(3.4, 5.4, 10.6, 9)
            | pen.poly((3.4, 8), (10.6, 8), (13, 11.4), (1, 11.4))
        )
        c.paint(body, color, "bell", c.column(body, 1.5), rim=rim)
        c.paint(pen.rect(0.8, 10.6, 13.2, 12), color, "bell", "column", rim=rim)
        if p["accent_color"]:
            bow = pen.oval(3.6, 1, 6.8, 3.6) | pen.oval(7.2, 1, 10.4, 3.6) | pen.rect(6.4, 1.6, 7.6, 3)
            c.paint(bow, p["accent_color"], "ribbon", "ball", rim=rim)
    else:
        body = pen.line((1.4, 12.6), (12.6, 1.4), width=1.5)
        c.paint(body, color, "flute", 0.2)
        c.touch(pen.line((1.2, 12.2), (12.2, 1.2)) & body, 1.0)
        for i in range(4 if c.s < 24 else 6):
            t = 3.4 + i * (6.4 / (3 if c.s < 24 else 5))
            k = pen.px(0.5)
            x, y = pen.at(t, 14 - t)
            c.paint(c.rect(x - k / 2 + 0.5, y - k / 2 + 0.5, k, k), "ink", "holes", 0)
        c.paint(
            pen.line((11.4, 2.6), (12.6, 1.4), width=1.9),
            color if color != "silver" else "dark grey",
            "mouthpiece",
            -0.8,
        )
    if p["extra"] == "notes":
        for i, (x, y) in enumerate(((1.4, 4.4), (11.6, 7.4))[: 1 if kind in ("bell", "electric guitar") else 2]):
            if kind == "trumpet":
                x, y = (12.4, 1.4) if i else (1.6, 2.6)
            head = pen.oval(x - 1.1, y - 0.8, x + 0.5, y + 0.6)
            stem = pen.rect(x - 0.1, y - 2.6, x + 0.5, y) | pen.rect(x - 0.1, y - 2.6, x + 1.4, y - 1.8)
            c.paint((head | stem) & ~c.figure, p["note_color"], "notes", 0.2)


def _strings(p: Params, c: Canvas, pen: Pen) -> None:
    kind, color, rim, big = p["instrument"], p["color"], c.s >= 16, c.s >= 24
    neck_color = "dark wood" if color not in ("dark brown", "black", "brown") else "tan"
    if kind == "electric guitar":
        body = pen.oval(3, 8, 11, 14) | pen.poly(
            (3, 6), (5, 5), (6, 9), (9, 9), (10, 6.4), (11.4, 6.2), (10.6, 11), (3.4, 11)
        )
        c.paint(body, color, "body", c.ball(body, 1.4))
        if p["accent_color"]:
            guard = pen.oval(6, 9, 10.4, 13)
            c.paint(guard, p["accent_color"], "pickguard", 0, rim=False)
    else:
        wide = 0.0 if kind == "guitar" else 0.8
        waist = pen.oval(2.6 + wide, 8, 11.4 - wide, 14) | pen.oval(3.8 + wide, 4.6, 10.2 - wide, 9.4)
        if kind == "violin" and c.s >= 16:
            waist &= ~c.mirror(pen.oval(2, 7.6, 4.6, 9.6))
        c.paint(waist, color, "body", c.ball(waist, 1.4))
        if kind == "guitar":
            ring = pen.oval(4.9, 8, 9.1, 11.6)
            c.paint(ring, "tan" if color != "brown" else "dark brown", "sound hole", 0.3)
            c.paint(pen.oval(5.5, 8.5, 8.5, 11.1), "ink", "sound hole", -0.4)
        elif big:
            c.paint(c.mirror(pen.rect(4.6, 9, 5.1, 11)), "ink", "sound hole", 0)
    c.paint(pen.rect(6.3, 1.6, 7.7, 9 if kind != "violin" else 8.4), neck_color, "neck", "column", rim=rim)
    if c.s >= 32:
        neck = pen.rect(6.3, 2, 7.7, 8)
        c.touch(neck & (c.ys % 4 == 0), 0.9)
    head = pen.rect(5.7, 0, 8.3, 2) if kind != "violin" else pen.oval(5.8, 0, 8.2, 2.2)
    c.paint(head, color if kind == "electric guitar" else neck_color, "neck", -0.3, rim=rim)
    if c.s >= 16:
        pegs = pen.rect(5, 0.4, 5.7, 1) | pen.rect(8.3, 0.4, 9, 1) | pen.rect(5, 1.4, 5.7, 2) | pen.rect(8.3, 1.4, 9, 2)
        c.paint(pegs, "silver", "pegs", 0)
    low = 0.4 if kind == "guitar" else 0.0
    c.paint(pen.rect(5.2, 11.6 + low, 8.8, 12.4 + low), "ink" if color != "black" else "tan", "bridge", 0.3)
    if c.s >= 32:
        strings = pen.rect(6.4, 2, 7.6, 11.8) & ((c.xs - c.box(pen.rect(6.4, 2, 7.6, 3))[0]) % 2 == 0)
        c.touch(strings, 0.8)


def words(p: Params) -> Words:
    kind, color = p["instrument"], p["color"]
    nouns = {
        "guitar": ("guitar", "acoustic guitar", "guitar"),
        "electric guitar": ("electric guitar", "electric guitar", "rock guitar"),
        "drum": ("drum", "snare drum", "drum"),
        "trumpet": ("trumpet", "trumpet", "brass horn" if color == "gold" else "horn"),
        "piano": ("piano", "upright piano", "piano"),
        "harp": ("harp", "harp", "lyre harp"),
        "bell": ("bell", "hand bell", "bell"),
        "violin": ("violin", "fiddle", "violin"),
        "flute": ("flute", "flute", "recorder"),
    }[kind]
    having: list[Fact] = []
    if p["extra"] == "sticks" and "drumsticks" in p["visible"]:
        having.append(("two drumsticks", "drumsticks"))
    if p["extra"] == "notes" and "notes" in p["visible"]:
        having.append((f"{{{p['note_color']}}} music notes", "music notes"))
    if p["accent_color"]:
        part = {"drum": ("pattern", "zigzag pattern"), "bell": ("ribbon", "ribbon")}.get(
            kind, ("pickguard", "pickguard")
        )
        if part[0] in p["visible"]:
            having.append(f"a~{{{p['accent_color']}}} {part[1]}")
    if kind == "piano":
        having.append(("piano keys", "keys"))
    if "strings" in p["visible"]:
        having.append("strings")
    return Words(nouns=nouns, adjectives=(f"{{{color}}}",), having=tuple(having))


FAMILY = Family(
    name="instrument",
    kind="item",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=SQUARE,
    weight=1.2,
    genres=("modern", "fantasy"),
)
