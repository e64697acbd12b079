"""Things of a game world: scrolls, bombs, torches, candles, barrels, crates, signs and bags."""

from __future__ import annotations

from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice
from pixelmind.data.procedural.rng import Rng

COLORS = {
    "scroll": ("red", "blue", "green"),
    "bomb": ("black", "red", "navy"),
    "torch": ("wood",),
    "candle": ("white", "red", "yellow"),
    "barrel": ("wood", "dark wood", "red", "green", "blue"),
    "crate": ("wood", "dark wood", "tan"),
    "sign": ("wood", "dark wood"),
    "bag": ("brown", "tan", "green", "red"),
}
PARAMETERS = {
    "prop": choice(*COLORS, weights=(3, 3, 3, 2, 3, 2.5, 2, 2.5)),
    "color": choice(*range(6)),
    "mark": choice("none", "star", "skull", "cross", "arrow", weights=(3, 2, 1.5, 1.5, 1)),
    "lit": choice("lit", "unlit", weights=(4, 1)),
}


def fit(p: Params, h: int, w: int) -> None:
    kind = p["prop"]
    p["color"] = COLORS[kind][p["color"] % len(COLORS[kind])] if isinstance(p["color"], int) else p["color"]
    allowed = {
        "barrel": ("skull",),
        "sign": ("arrow", "skull"),
        "bag": ("star", "cross"),
    }.get(kind, ())
    if p["mark"] not in allowed or min(h, w) < 16:
        p["mark"] = "none"
    if kind not in ("torch", "candle", "bomb"):
        p["lit"] = "none"


def _flame(c: Canvas, x: float, y: float, w: float, h: float) -> None:
    outer = c.oval(x - w / 2 + 0.5, y - h * 0.7, w, h * 0.72) | c.poly(
        (x, y - h), (x + w * 0.36, y - h * 0.42), (x - w * 0.36, y - h * 0.42)
    )
    c.paint(outer, "fire", "flame", 0)
    c.paint(c.oval(x - w * 0.25 + 0.3, y - h * 0.5, max(1, w * 0.5), max(1, h * 0.46)), "flame", "flame", 0.4)


def _mark(p: Params, c: Canvas, x: float, y: float, u: float, color: str) -> None:
    kind = p["mark"]
    if kind == "star":
        shape = (
            c.rect(x - 0.5 * u, y - 2 * u, max(1, 1.2 * u), 4.2 * u)
            | c.rect(x - 2 * u, y - 0.5 * u, 4.2 * u, max(1, 1.2 * u))
            | c.rect(x - u, y - u, 2.2 * u, 2.2 * u)
        )
    elif kind == "cross":
        shape = c.rect(x - 0.5 * u, y - 2 * u, max(1, 1.2 * u), 4.4 * u) | c.rect(
            x - 1.6 * u, y - u, 3.4 * u, max(1, 1.2 * u)
        )
    elif kind == "skull":
        shape = c.oval(x - 1.8 * u, y - 2 * u, 3.8 * u, 3.2 * u) | c.rect(x - u, y + 0.4 * u, 2.2 * u, max(1, 1.6 * u))
    elif kind == "arrow":
        shape = c.rect(x - 2.6 * u, y - 0.4 * u, 4 * u, max(1, u)) | c.poly(
            (x + u, y - 1.8 * u), (x + 3 * u, y + 0.1 * u), (x + u, y + 2 * u)
        )
    else:
        return
    c.paint(shape, color, "mark", 0.2)
    if kind == "skull":
        c.paint(
            c.rect(x - 1.2 * u, y - 0.8 * u, max(1, 0.9 * u), max(1, u))
            | c.rect(x + 0.5 * u, y - 0.8 * u, max(1, 0.9 * u), max(1, u)),
            "ink",
            "mark",
            0,
        )


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    s, m, mid, u = c.s, 0 if c.s <= 10 else 1, (c.w - 1) / 2, c.s / 16
    kind, color, low, rim = p["prop"], p["color"], c.h - 1 - m, c.s >= 16
    if kind == "scroll":
        sheet = c.rect(m + 3 * u, m + 2.4 * u, c.w - 2 * m - 6 * u, c.h - 2 * m - 5 * u)
        c.paint(sheet, "beige", "paper", c.column(sheet, 0.7))
        if s >= 16:
            text = (
                sheet
                & ((c.ys - m).astype(int) % max(2, round(1.8 * u)) == 1)
                & (c.xs > m + 4.4 * u)
                & (c.xs < c.w - m - 5.4 * u)
                & (c.ys > m + 4 * u)
                & (c.ys < low - 4.6 * u)
            )
            c.touch(text, -1.8)
        for y in (m + 0.6 * u, low - 3 * u):
            roll = c.oval(m + u, y, c.w - 2 * m - 2 * u, max(2, 3.4 * u))
            c.paint(roll, "beige", "paper", c.fall(roll, 0.8, -1.0), rim=rim)
        seal = c.oval(mid - 1.4 * u + 0.5, low - 4.4 * u, max(2, 2.8 * u), max(2, 2.8 * u))
        c.paint(seal, color, "seal", c.ball(seal, 1.2), rim=rim)
    elif kind == "bomb":
        d = 11 * u
        ball = c.oval(mid - d / 2 + 0.5, low - d + 1, d, d)
        neck = c.rect(mid + 1.4 * u, low - d - 0.2 * u, max(2, 3 * u), max(1, 2.4 * u))
        fuse = c.taper(((mid + 3 * u, low - d), (mid + 4.4 * u, m + u), (mid + 6 * u, m + 2.4 * u)), max(1, 0.8 * u), 1)
        c.paint(fuse, "tan", "fuse", 0)
        c.paint(neck, "dark grey", "neck", 0.2)
        c.paint(ball, color, "bomb", c.ball(ball, 1.8), rim=rim)
        if p["lit"] == "lit":
            c.paint(
                c.oval(mid + 5 * u, m + 0.6 * u, max(1, 2.4 * u), max(1, 2.6 * u)) & c.rect(m, m, c.w - 2 * m, c.h),
                "flame",
                "spark",
                0.3,
            )
            c.paint(c.dots((mid + 6 * u, m + 1.8 * u)), "fire", "spark", 0)
    elif kind in ("torch", "candle"):
        wide = (2 if kind == "torch" else 4) * u
        top = m + (6.6 if kind == "torch" else 5.4) * u
        stick = c.rect(mid - wide / 2 + 0.5, top, max(1, wide), low - top + 1)
        c.paint(stick, color if kind == "candle" else "wood", "stick", c.column(stick, 1.2))
        if kind == "candle":
            c.paint(c.rect(round(mid), top - 1.2 * u, max(1, 0.6 * u), max(1, 1.4 * u)), "ink", "wick", 0)
            foot = c.rect(mid - 4 * u + 0.5, low - u, 8 * u, 2 * u) & (c.ys <= low)
            c.paint(foot, "gold", "holder", c.column(foot, 1.0), rim=rim)
        else:
            cup = c.rect(mid - 2 * u + 0.5, top - 0.4 * u, 4 * u, max(1, 2.2 * u))
            c.paint(cup, "iron", "cup", c.column(cup, 0.9), rim=rim)
        if p["lit"] == "lit":
            _flame(
                c,
                mid,
                top - (0.2 if kind == "torch" else 0.8) * u,
                (5.4 if kind == "torch" else 2.8) * u,
                (6 if kind == "torch" else 4.4) * u,
            )
    elif kind == "barrel":
        body = c.rect(m + 2.4 * u, m + u, c.w - 2 * m - 4.8 * u, c.h - 2 * m - 2 * u) | c.oval(
            m + 1.2 * u, m - u, c.w - 2 * m - 2.4 * u, c.h - 2 * m + 2 * u
        ) & (c.ys > m + u) & (c.ys < low - u)
        c.paint(body, color, "barrel", c.column(body, 1.4))
        if s >= 16:
            c.touch(body & ((c.xs - m).astype(int) % max(3, round(2.4 * u)) == 0), -0.7)
        hoops = body & ((abs(c.ys - (m + 4 * u)) < max(0.6, 0.6 * u)) | (abs(c.ys - (low - 4 * u)) < max(0.6, 0.6 * u)))
        c.paint(hoops, "iron", "hoops", c.column(body, 1.2))
        _mark(p, c, mid, (c.h - 1) / 2, u, "bone")
    elif kind == "crate":
        box = c.rect(m + u, m + u, c.w - 2 * m - 2 * u, c.h - 2 * m - 2 * u)
        c.paint(box, color, "crate", -0.3)
        k = max(1, round(1.8 * u))
        c.touch(box & ((c.ys - m - u).astype(int) % max(3, round(3 * u)) == 0), -0.8)
        c.paint(
            c.stroke((m + 2 * u, low - 2 * u), (c.w - 1 - m - 2 * u, m + 2 * u), width=min(k, 2)) & box,
            color,
            "planks",
            0.7,
            rim=rim,
        )
        edge = box & ~c.rect(round(m + u) + k, round(m + u) + k, c.box(box)[2] - 2 * k, c.box(box)[3] - 2 * k)
        c.paint(edge, color, "frame", c.bevel(box, 0.6) + 0.6, rim=rim)
        if s >= 16:
            c.paint(c.mirror(c.dots((m + 1.8 * u, m + 1.8 * u), (m + 1.8 * u, low - 1.8 * u))), "iron", "nails", 0)
    elif kind == "sign":
        post = c.rect(mid - u + 0.5, m + 8 * u, max(1, 2 * u), low - m - 8 * u + 1)
        c.paint(post, "dark wood" if color == "wood" else "wood", "post", c.column(post, 1.0))
        board = c.rect(m, m + 1.6 * u, c.w - 2 * m, 7.6 * u)
        c.paint(board, color, "board", c.bevel(board, 0.7), rim=rim)
        if s >= 24:
            c.touch(board & ((c.ys - m).astype(int) % max(3, round(2.6 * u)) == 0), -0.5)
        if p["mark"] == "none":
            lines = c.rect(m + 2 * u, m + 3.8 * u, c.w - 2 * m - 4 * u, max(1, 0.8 * u)) | c.rect(
                m + 2 * u, m + 6 * u, c.w - 2 * m - 6 * u, max(1, 0.8 * u)
            )
            c.touch(lines & board, -1.9)
        _mark(p, c, mid, m + 5.2 * u, u, "bone")
    else:  # a bag
        body = c.oval(m + 0.6 * u, m + 4.4 * u, c.w - 2 * m - 1.2 * u, c.h - 2 * m - 4.4 * u) | c.rect(
            mid - 2.4 * u + 0.5, m + 2.4 * u, 4.8 * u, 4 * u
        )
        c.paint(body, color, "bag", c.ball(body, 1.5))
        if s >= 24:  # creases that run down from the string
            for dx, long in ((-2.6, 3.6), (-1.0, 2.4), (1.2, 3.0), (2.8, 4.2)):
                c.touch(
                    c.stroke((mid + dx * 0.7 * u, m + 4.6 * u), (mid + dx * 1.3 * u, m + (4.6 + long) * u)) & body, -1.0
                )
        neck = c.poly(
            (mid - 3.6 * u, m), (mid + 3.6 * u, m), (mid + 1.6 * u, m + 3.4 * u), (mid - 1.6 * u, m + 3.4 * u)
        )
        c.paint(neck, color, "bag", c.column(neck, 1.0))
        c.paint(c.rect(mid - 2.6 * u + 0.5, m + 3.2 * u, 5.2 * u, max(1, 1.2 * u)), "gold", "string", 0, rim=rim)
        _mark(p, c, mid, m + 9.4 * u, u, "gold")


def words(p: Params) -> Words:
    kind = p["prop"]
    color = "" if p["color"] in ("wood", "dark wood", "iron") else f"{{{p['color']}}}"
    nouns = {
        "scroll": ("scroll", "magic scroll", "parchment scroll"),
        "bomb": ("bomb", "bomb", "round bomb"),
        "torch": ("torch", "torch", "wooden torch"),
        "candle": ("candle", "candle", "wax candle"),
        "barrel": ("barrel", "wooden barrel", "keg"),
        "crate": ("crate", "wooden crate", "wooden box"),
        "sign": ("sign", "wooden sign", "signpost"),
        "bag": ("bag", "pouch", "sack"),
    }[kind]
    having: list[Fact] = []
    if kind == "scroll":
        having.append((f"a~{color} seal", "a wax seal"))
        color = ""
    if p["mark"] != "none" and "mark" in p["visible"]:
        having.append((f"a~{p['mark']} on it", f"a~{p['mark']}"))
    if kind == "barrel":
        having.append(("iron hoops", "metal bands"))
    lit: Fact = {"lit": ("burning", "lit"), "unlit": ("unlit",), "none": ("",)}[p["lit"]]
    if kind == "bomb":
        having.append(("a burning fuse", "a lit fuse") if p["lit"] == "lit" else ("a fuse",))
        lit = ""
    return Words(nouns=nouns, adjectives=(lit, color), having=tuple(having))


FAMILY = Family(
    name="prop",
    kind="object",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=SQUARE,
    weight=2,
    genres=("fantasy", "pirate"),
)
