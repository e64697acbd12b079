"""Insects: butterflies, bees, beetles, ladybirds, ants and dragonflies, from above or in flight."""

from __future__ import annotations

from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Fact, Words, counted
from pixelmind.data.procedural.family import SQUARE, Family, Params, choice
from pixelmind.data.procedural.grid import Grid, paint_rows
from pixelmind.data.procedural.rng import Rng

COLORS = {
    "butterfly": ("orange", "blue", "purple", "yellow"),
    "bee": ("yellow", "orange"),
    "beetle": ("green", "blue", "black", "purple"),
    "ladybug": ("red", "orange", "yellow"),
    "ant": ("red", "black", "brown"),
    "dragonfly": ("green", "blue", "red", "purple"),
}
PARAMETERS = {
    "insect": choice(*COLORS, weights=(4, 3, 3, 3, 2, 2)),
    "color": choice(0, 1, 2, 3),
    "mark_color": choice("white", "black", "yellow", "red", "cyan"),
    "pattern": choice("plain", "spots", "edges", weights=(2, 3, 2)),
    "spots": choice(2, 4, 6),
    "horn": choice("none", "horn", "jaws", weights=(2, 2, 2)),
    "wings": choice("spread", "folded", weights=(1, 2)),
}


def fit(p: Params, h: int, w: int) -> None:
    kind, s = p["insect"], min(h, w)
    if isinstance(p["color"], int):
        p["color"] = COLORS[kind][p["color"] % len(COLORS[kind])]
    if kind != "butterfly":
        p["pattern"] = "plain"
    if kind == "ladybug":
        p["mark_color"] = "black"
    elif p["pattern"] == "plain":
        p["mark_color"] = None
    elif p["mark_color"] == p["color"]:
        p["mark_color"] = "white"
    if s <= 10:
        p["pattern"] = "spots" if p["pattern"] != "plain" else "plain"
        p["horn"] = "none"
    if kind != "beetle":
        p["horn"] = "none"
    p["spots"] = 0 if kind != "ladybug" else min(p["spots"], 2 if s <= 10 else 4 if s < 20 else 6)
    if kind not in ("beetle", "ladybug") or s < 14:
        p["wings"] = "folded" if kind in ("beetle", "ladybug", "ant") else "spread"


_TINY = {
    "butterfly": ("WW....WW", "WWW..WWW", "WMWKKWMW", "WWWKKWWW", ".WWKKWW.", ".WMKKMW.", ".WWKKWW.", "..W..W.."),
    "bee": ("........", ".II.II..", "..IIII..", ".CKCKCK.", "CECKCKCK", "CCCKCKCK", ".CKCKCK.", "........"),
    "beetle": ("...KK...", "K.KKKK.K", ".CCKCCC.", "KCCKCCCK", ".CCKCCC.", "KCCKCCCK", ".CCKCCC.", "K.CCCC.K"),
    "ladybug": ("...KK...", "..KKKK..", ".CCKCCC.", "CMCKCCMC", "CCCKCCCC", "CCCKCCCC", ".CCKCCC.", "..CCCC.."),
    "ant": ("..K..K..", "...CC...", "K.CCCC.K", ".K.CC.K.", "K..CC..K", ".KCCCCK.", "K.CCCC.K", "...CC..."),
    "dragonfly": ("...KK...", "III..III", "IIICCIII", "...CC...", "III..III", ".IICCII.", "...CC...", "...CC..."),
}


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    kind, color = p["insect"], p["color"]
    if c.s <= 10:
        base = "ink" if color != "black" else "dark grey"
        if kind == "dragonfly":
            base = color
        legend = {
            "C": (color, "body" if kind != "ladybug" else "shell", 0.1),
            "W": (color, "wings", 0.0),
            "I": ("ice", "wings", 0.2),
            "K": (base, "body", 0.2),
            "E": ("ink", "eyes", 0.0),
            "M": (p["mark_color"] or color, "spots" if p["mark_color"] else "wings", 0.0),
        }
        paint_rows(c, _TINY[kind], legend)
        return
    g = Grid(c)
    {
        "butterfly": _butterfly,
        "bee": _bee,
        "beetle": _beetle,
        "ladybug": _ladybug,
        "ant": _ant,
        "dragonfly": _dragonfly,
    }[kind](p, c, g)


def _butterfly(p: Params, c: Canvas, g: Grid) -> None:
    color = p["color"]
    feel = g.stroke((7.6, 4.4), (6, 1.6), (5.2, 1.2))
    c.paint(g.sides(feel), "ink", "antennae", 0.4)
    lower = g.oval(1.8, 8.2, 6, 6.8) | g.poly((7.4, 8.6), (4, 15), (6, 15.4))
    upper = g.oval(0.2, 1.8, 7.2, 7.2) | g.poly((7.8, 8.6), (0.6, 3.6), (7.4, 6.4))
    for part, tone in ((lower, -0.5), (upper, 0.2)):
        c.paint(part, color, "wings", c.ball(part, 1.2) + tone, rim=g.fine)
        other = part[:, ::-1] & ~part
        c.paint(other, color, "wings", c.ball(other, 1.2) + tone - 0.3, rim=g.fine)
    both = g.sides(upper | lower)
    if p["pattern"] == "spots":
        dots = g.oval(1.8, 3.4, 2.6, 2.6) | g.oval(4, 6, 1.4, 1.4) | g.oval(3.4, 10.6, 2.2, 2.2)
        c.paint(g.sides(dots) & both, p["mark_color"], "spots", 0.1, rim=g.fine)
    elif p["pattern"] == "edges":
        inner = (
            g.oval(1.2, 2.8, 5.4, 5.2)
            | g.oval(2.8, 9.2, 4, 4.6)
            | g.poly((7.6, 8.4), (2.4, 5), (6.8, 7))
            | g.rect(5, 7, 3, 3)
        )
        c.paint(both & ~g.sides(inner), p["mark_color"], "edges", 0)
    if g.fine:
        veins = g.stroke((7.4, 8.4), (2, 4)) | g.stroke((7.4, 8.6), (4, 13.6))
        c.touch(g.sides(veins) & both, -0.7)
    body = g.oval(7.2, 3.8, 1.6, 10.2)
    c.paint(body, "ink" if color != "black" else "brown", "body", c.ball(body, 1.6) + 0.5, rim=False)


def _bee(p: Params, c: Canvas, g: Grid) -> None:
    color = p["color"]
    for x, tone in ((8.2, -0.4), (5.4, 0.3)):
        wing = g.oval(x, 1, 4.4, 6.6)
        c.paint(wing, "ice", "wings", c.fall(wing, 0.4, -0.5) + tone, rim=g.fine)
        if g.large:
            c.touch(g.stroke((x + 2.2, 7), (x + 2, 2)) & wing, -0.8)
    legs = g.stroke((5.6, 12), (5, 14.6)) | g.stroke((7.8, 12.6), (7.6, 15)) | g.stroke((10, 12), (10.4, 14.4))
    c.paint(legs, "ink", "legs", 0.2)
    sting = g.poly((13.4, 8.8), (15.9, 9.6), (13.4, 10.4))
    c.paint(sting, "ink", "sting", 0.3)
    body = g.oval(2.6, 5.6, 11.6, 7.6)
    c.paint(body, color, "body", c.ball(body, 1.5), rim=True)
    for x in (6.2, 9, 11.6):
        stripe = g.rect(x, 5, 1.4, 9) & body
        c.paint(stripe, "black", "stripes", c.ball(body, 1.0) - 0.3)
    head = g.oval(1, 6.2, 4.6, 5.2)
    c.paint(head, color, "head", c.ball(head, 1.1), rim=g.fine)
    c.paint(g.oval(2, 7.6, 1.5, 1.9), "ink", "eyes", 0)
    if g.fine:
        c.paint(g.dots((2.6, 8)), "white", "eyes", 0.4)
    c.paint(g.stroke((3, 6.4), (2.2, 4), (1, 3.6)) | g.stroke((4, 6.2), (4, 3.8), (3, 3)), "ink", "antennae", 0.3)


def _six_legs(c: Canvas, g: Grid, color: str, ys: tuple[float, float, float], reach: float = 0.6) -> None:
    for y, dy in zip(ys, (-1.8, 0.4, 2.2)):
        leg = g.stroke((5, y), (reach + 1.2, y + dy * 0.3), (reach, y + dy), width=0.8)
        c.paint(g.sides(leg), color, "legs", 0.2)


def _open_wings(c: Canvas, g: Grid) -> None:
    wing = g.oval(0.2, 7.4, 6.4, 4) | g.poly((6.6, 7), (0.4, 9), (1, 11), (6.6, 9.6))
    g.pair(wing, "ice", "wings", 0.8, rim=g.fine)


def _beetle(p: Params, c: Canvas, g: Grid) -> None:
    color = p["color"]
    dark = "ink" if color != "black" else "dark brown"
    _six_legs(c, g, dark, (6.4, 9, 11.4))
    if p["wings"] == "spread":
        _open_wings(c, g)
    if p["horn"] == "horn":
        horn = g.taper(((8, 4), (8, 0.4)), 1.6, 0.8) | g.sides(g.stroke((8, 1.4), (6.4, 0.2), width=0.7))
        c.paint(horn, dark, "horn", 0.5, rim=g.fine)
    elif p["horn"] == "jaws":
        jaw = g.taper(((6.8, 4), (4.2, 2.4), (6.4, 0.2)), 1.3, 0.6)
        c.paint(g.sides(jaw), dark, "jaws", 0.5, rim=g.fine)
    head = g.oval(5.4, 2.4, 5.2, 3.6)
    c.paint(head, dark, "head", c.ball(head, 1.2) + 0.4, rim=g.fine)
    c.paint(g.sides(g.rect(5.8, 2.9, 0.9, 0.9)), "yellow", "eyes", 0.2)
    chest = g.oval(4.4, 4, 7.2, 3.6)
    c.paint(chest, color, "body", c.ball(chest, 1.2) - 0.3, rim=True)
    shell = g.oval(3.4, 5.8, 9.2, 9.8)
    if p["wings"] == "spread":
        half = g.oval(1.8, 6.6, 5.6, 9) & ~g.rect(7.2, 0, 9, 16)
        g.pair(half, color, "shell", 1.4, rim=True)
        c.paint(g.oval(6.2, 7, 3.6, 8), dark, "body", 0.6, rim=False)
        return
    c.paint(shell, color, "shell", c.ball(shell, 1.7), rim=True)
    c.contour(g.rect(7.7, 6, 0.6, 10) & shell)
    if g.large:
        c.touch(g.sides(g.stroke((6, 7.4), (5.6, 14))) & shell, -0.9)


def _ladybug(p: Params, c: Canvas, g: Grid) -> None:
    color = p["color"]
    _six_legs(c, g, "ink", (6.6, 9, 11.2))
    if p["wings"] == "spread":
        _open_wings(c, g)
    c.paint(g.sides(g.stroke((7, 3), (5.6, 0.8))), "ink", "antennae", 0.3)
    head = g.oval(4.8, 1.8, 6.4, 5)
    c.paint(head, "ink", "head", c.ball(head, 1.2) + 0.5)
    c.paint(g.sides(g.oval(5.6, 2.8, 1.3, 1.3)), "white", "eyes", 0.2)
    shell = g.oval(2.4, 4.4, 11.2, 11.2)
    if p["wings"] == "spread":
        c.paint(g.oval(5.4, 5.4, 5.2, 10), "ink", "body", 0.6)
        half = g.oval(1.4, 5, 6, 10.4) & ~g.rect(7.3, 0, 9, 16)
        g.pair(half, color, "shell", 1.5, rim=True)
    else:
        c.paint(shell, color, "shell", c.ball(shell, 1.6), rim=True)
        c.paint(g.rect(7.7, 4.6, 0.6, 11) & shell, "ink", "shell", 0)
    n = p["spots"] // 2
    for x, y, d in ((4.4, 7.4, 1.9), (4.6, 11.2, 1.9), (3.2, 9.8, 1.2))[:n]:
        if p["wings"] == "spread":
            x -= 0.9
        c.paint(g.sides(g.oval(x, y, d, d)), "black", "spots", 0)


def _ant(p: Params, c: Canvas, g: Grid) -> None:
    color = p["color"]
    _six_legs(c, g, color, (6, 7.6, 9), 0.8)
    c.touch(c.part == c.part_id("legs"), -0.9)
    c.paint(g.sides(g.stroke((7, 2), (5.2, 1), (4.8, 0))), color, "antennae", -0.5)
    for x, y, w, h, part in ((5, 9, 6, 6.8, "body"), (6.2, 5.6, 3.6, 4, "body"), (5.2, 1.4, 5.6, 4.6, "head")):
        blob = g.oval(x, y, w, h)
        c.paint(blob, color, part, c.ball(blob, 1.5), rim=True)
    if g.fine:
        c.touch(g.rect(5.4, 11.6, 5.2, 0.6) | g.rect(5.6, 13.4, 4.8, 0.6), -0.9)
    c.paint(g.sides(g.rect(5.9, 2.8, 1.1, 1.2)), "ink" if color != "black" else "yellow", "eyes", 0)


def _dragonfly(p: Params, c: Canvas, g: Grid) -> None:
    color = p["color"]
    for y, tilt in ((4.6, -1.4), (6.8, 1.4)):
        wing = g.poly((7.4, y), (1, y + tilt - 0.9), (0.2, y + tilt + 0.4), (1.2, y + tilt + 1.6), (7.4, y + 1.2))
        g.pair(wing, "ice", "wings", 0.8, rim=g.fine)
        if g.fine:
            c.touch(g.sides(g.stroke((7, y + 0.6), (1.4, y + tilt + 0.3))), -0.8)
    tail = g.taper(((8, 7), (8, 15.2)), 1.8, 1.0)
    c.paint(tail, color, "tail", c.column(tail, 1.1))
    c.touch(tail & (c.ys.astype(int) % g.px(1.3) == 0), -1.0)
    chest = g.oval(6.4, 3.6, 3.2, 5)
    c.paint(chest, color, "body", c.ball(chest, 1.3), rim=True)
    head = g.oval(6.2, 1.6, 3.6, 2.8)
    c.paint(head, color, "head", c.ball(head, 1.0), rim=g.fine)
    c.paint(g.sides(g.oval(5.4, 1.2, 2, 2)), "red" if color != "red" else "cyan", "eyes", 0.2, rim=g.fine)


def words(p: Params) -> Words:
    kind, seen = p["insect"], p["visible"]
    nouns = {
        "butterfly": ("butterfly", "butterfly", "moth"),
        "bee": ("bee", "bee", "honey bee", "bumblebee"),
        "beetle": (
            "beetle",
            "beetle",
            "rhinoceros beetle" if p["horn"] == "horn" else "stag beetle" if p["horn"] == "jaws" else "bug",
        ),
        "ladybug": ("ladybug", "ladybird", "ladybug"),
        "ant": ("ant", "ant", "giant ant"),
        "dragonfly": ("dragonfly", "dragonfly"),
    }[kind]
    having: list[Fact] = []
    mark = f"{{{p['mark_color']}}}"
    if kind == "ladybug":
        having.append(counted(p["spots"], f"{mark} spot"))
    elif p["pattern"] == "spots" and "spots" in seen:
        having.append((f"{mark} spots", "spots on its wings", "spotted wings"))
    elif p["pattern"] == "edges":
        having.append((f"{mark} edges", f"{mark} wing edges"))
    if "stripes" in seen:
        having.append(("stripes", "{black} stripes"))
    if "antennae" in seen:
        having.append(("antennae", "two antennae"))
    if p["wings"] == "spread" and "wings" in seen:
        having.append(("spread wings", "open wings", "wings"))
    if p["horn"] != "none":
        having.append({"horn": ("a horn", "a big horn"), "jaws": ("big jaws", "pincers")}[p["horn"]])
    return Words(
        nouns=nouns,
        adjectives=(f"{{{p['color']}}}",),
        having=tuple(having),
        place=(("from above", "") if kind not in ("bee",) else "flying",),
    )


FAMILY = Family(
    name="insect",
    kind="creature",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    view="top",
    sizes=SQUARE,
    genres=("farm", "fantasy"),
)
