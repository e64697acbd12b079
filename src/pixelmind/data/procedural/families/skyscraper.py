"""City buildings: towers, stepped high-rises, blocks of flats and offices, with neon signs, antennas and roof gardens."""

from __future__ import annotations

from pixelmind.data.procedural import backdrop as bd
from pixelmind.data.procedural.canvas import Canvas, Region
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import TALL, Family, Params, choice
from pixelmind.data.procedural.pen import Pen, colors
from pixelmind.data.procedural.rng import Rng

WALLS = {
    "grey": "grey",
    "blue glass": "blue",
    "brick": "brick",
    "dark": "dark grey",
    "white": "white",
    "beige": "beige",
    "purple": "purple",
}
PARAMETERS = {
    "building": choice("tower", "stepped tower", "block", "twin towers", weights=(4, 3, 3, 1.5)),
    "wall": choice(*WALLS, weights=(3, 3, 2, 3, 1.5, 1.5, 1)),
    "windows": choice("lit", "blue", "dark", "some lit", weights=(3, 3, 1, 3)),
    "roof": choice("flat", "antenna", "water tank", "spire", "dome", weights=(2, 3, 2, 2, 1)),
    "sign": choice("none", "vertical sign", "billboard", weights=(4, 3, 2)),
    "sign_color": colors("pink", "cyan", "magenta", "yellow", "green", "red"),
    "backdrop": bd.backdrop(0.6),
}


def fit(p: Params, h: int, w: int) -> None:
    s = min(h, w)
    if s < 16:
        p["sign"] = "none"
        if p["building"] in ("stepped tower", "twin towers"):
            p["building"] = "tower"
        if p["roof"] in ("water tank", "dome"):
            p["roof"] = "flat"
    if p["building"] == "twin towers":
        p["sign"] = "none"
        p["roof"] = p["roof"] if p["roof"] in ("flat", "antenna", "spire") else "antenna"
    if p["sign"] == "none":
        p["sign_color"] = None
    if s < 16 and p["windows"] == "some lit":
        p["windows"] = "lit"
    if p["wall"] == "blue glass" and p["windows"] == "blue":
        p["windows"] = "some lit" if s >= 16 else "lit"


def _grid(p: Params, c: Canvas, rng: Rng, block: Region) -> None:
    """Rows of windows over a wall, some of them lit by chance."""
    x, y, w, h = c.box(block)
    unit = 2 if c.s < 24 else 3 if c.s < 48 else 4 if c.s < 96 else 7
    pane_w, pane_h = max(1, unit - (1 if unit < 5 else 3)), max(1, unit - 1)
    cols = max(1, (w - 1) // unit)
    left = x + (w - cols * unit + unit - pane_w) // 2
    inside = block & (c.xs >= left) & (c.xs < left + cols * unit) & (c.ys >= y + 1) & (c.ys < y + h - max(2, unit))
    panes = inside & ((c.xs - left) % unit < pane_w) & ((c.ys - y - 1) % (unit + 1 if unit > 2 else 2) < pane_h)
    if unit == 2:
        panes = inside & ((c.xs - left) % 2 == 0) & ((c.ys - y) % 3 > 0)
    noise = rng.noise(c.h // unit + 2, c.w // unit + 2).repeat(unit, 0).repeat(unit, 1)[: c.h + unit, : c.w + unit]
    noise = noise[(c.ys[:, 0].astype(int) - y) % (c.h + unit)][:, (c.xs[0].astype(int) - left) % (c.w + unit)]
    lit = {"lit": 1.0, "some lit": 0.45, "blue": 0.0, "dark": 0.0}[p["windows"]]
    cold = "ink" if p["windows"] in ("dark", "some lit") else "light blue"
    c.paint(panes, cold, "windows", 0.2)
    if lit:
        c.paint(panes & (noise <= lit), "flame", "windows", 0.2)
    if unit >= 4 and cold == "light blue":
        c.touch(panes & ((c.xs - left) % unit + (c.ys - y - 1) % (unit + 1) == 1), 0.9)


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    pen, color, rim = Pen(c, stretch=2.0), WALLS[p["wall"]], c.s >= 16
    if p["backdrop"] != "none":
        bd.sky(c, p["backdrop"], rng, round(c.h * 0.9))
        bd.ground(c, round(c.h * 0.9), "dark grey", rng)
    kind, top = p["building"], 0.0
    roof_room = {"flat": 0.6, "antenna": 2.6, "water tank": 2.4, "spire": 3.0, "dome": 1.8}[p["roof"]]
    if c.s < 12:
        roof_room = min(roof_room, 2.0)
    top = roof_room
    tops: list[tuple[float, float, float]] = []
    shapes: dict[str, list[tuple[float, float, float]]] = {
        "tower": [(3, 11, top)],
        "stepped tower": [(1, 13, 8.6), (2.4, 11.6, top + 3), (4, 10, top)],
        "block": [(1, 13, max(top, 3.4))],
        "twin towers": [(1, 6.4, top + 1.4), (7.6, 13, top)],
    }
    blocks = shapes[kind]
    if c.s < 12 and kind == "tower":
        blocks = [(2, 12, top)]
    if kind == "stepped tower":
        blocks.reverse()
    for x0, x1, y in blocks:
        body = pen.rect(x0, y, x1, 14)
        c.paint(body, color, "walls", c.column(body, 0.9), rim=rim)
        _grid(p, c, rng, body)
        ledge = pen.rect(x0 - 0.4, y, x1 + 0.4, y + 0.5)
        if c.s >= 16:
            c.paint(ledge & pen.rect(0, 0, 14, 14), color, "walls", 0.9)
        if kind != "stepped tower" or y == top:
            tops.append((x0, x1, y))
    x0, x1, _ = blocks[-1]
    mid = (x0 + x1) / 2 if kind != "twin towers" else 7.0
    if kind != "twin towers":
        door = pen.rect(mid - 1.2, 12, mid + 1.2, 14)
        c.paint(door, "ink", "door", 0.3, rim=c.s >= 24)
        if c.s >= 24:
            c.paint(
                pen.rect(mid - 1.8, 11.5, mid + 1.8, 12.1), "dark grey" if color != "dark grey" else "grey", "door", 0.4
            )
    for x0, x1, y in tops:
        m = (x0 + x1) / 2
        if p["roof"] == "antenna":
            c.paint(pen.rect(m - 0.2, y - roof_room, m + 0.2, y), "iron", "antenna", 0)
            c.paint(pen.rect(m - 0.4, y - roof_room, m + 0.4, y - roof_room + 0.6), "red", "antenna", 0.4)
            if c.s >= 24:
                c.paint(pen.rect(m - 1, y - 1.2, m + 1, y - 0.8), "iron", "antenna", 0)
        elif p["roof"] == "spire":
            spire = pen.poly((m, y - roof_room), (m + 1.4, y), (m - 1.4, y))
            c.paint(spire, color, "roof", c.column(spire, 1.2), rim=rim)
        elif p["roof"] == "water tank":
            tank = pen.rect(m - 1.4, y - 2, m + 1.4, y - 0.5)
            c.paint(
                pen.rect(m - 1.2, y - 0.6, m - 0.7, y) | pen.rect(m + 0.7, y - 0.6, m + 1.2, y),
                "dark wood",
                "tank",
                -0.6,
            )
            c.paint(tank, "wood", "tank", c.column(tank, 1.2), rim=rim)
            c.paint(pen.poly((m, y - 3), (m + 1.7, y - 2), (m - 1.7, y - 2)), "dark wood", "tank", 0.2)
        elif p["roof"] == "dome":
            dome = pen.oval(m - 2, y - 1.8, m + 2, y + 2.2) & pen.rect(0, -5, 14, y)
            c.paint(dome, "teal", "roof", c.ball(dome, 1.4), rim=rim)
    if p["sign"] == "vertical sign":
        left = (x0 if kind != "stepped tower" else 1.0) - 0.8
        plate = pen.rect(left, 5.6, left + 2, 11)
        c.paint(plate, "ink", "sign", 0.2, rim=rim)
        x, y, w, h = c.box(plate)
        glow = (
            c.rect(x, y, w, h) & ((c.ys - y) % 3 != 2) & (c.xs > x) & (c.xs < x + w - 1)
            if w > 2
            else plate & ((c.ys - y) % 3 != 2)
        )
        c.paint(glow & (c.ys < y + h - 1), p["sign_color"], "sign", 0.6)
    elif p["sign"] == "billboard":
        plate = pen.rect(mid - 3.4, 6, mid + 3.4, 9.4)
        c.paint(plate, "ink", "sign", 0.2, rim=rim)
        x, y, w, h = c.box(plate)
        inner = c.rect(x + 1, y + 1, w - 2, h - 2)
        c.paint(inner, p["sign_color"], "sign", 0.4)
        marks = inner & ((c.xs - x) % max(3, w // 5) != 0) & ((c.ys - y) % max(2, h // 3) == max(2, h // 3) // 2)
        c.touch(marks, -1.8)


def words(p: Params) -> Words:
    kind = p["building"]
    nouns = {
        "tower": ("skyscraper", "office tower", "high-rise", "tower block"),
        "stepped tower": ("skyscraper", "stepped skyscraper", "art deco skyscraper"),
        "block": ("apartment building", "office building", "city building", "block of flats"),
        "twin towers": ("twin tower building", "twin tower skyscraper"),
    }[kind]
    having: list[Fact] = [
        {
            "lit": ("lit windows", "glowing windows", "{yellow} windows"),
            "blue": ("{blue} windows", "glass windows"),
            "dark": ("dark windows",),
            "some lit": ("some lit windows", "a few lit windows"),
        }[p["windows"]]
    ]
    seen = p["visible"]
    if p["roof"] == "antenna" and "antenna" in seen:
        having.append(("an antenna on the roof", "an antenna") if kind != "twin towers" else "antennas")
    elif p["roof"] == "spire":
        having.append(("a spire", "a pointed top") if kind != "twin towers" else "spires")
    elif p["roof"] == "water tank" and "tank" in seen:
        having.append(("a water tank on the roof", "a rooftop water tank"))
    elif p["roof"] == "dome":
        having.append(("a dome", "a domed roof"))
    if p["sign_color"]:
        color = p["sign_color"]
        thing = "billboard" if p["sign"] == "billboard" else "neon sign"
        having.append((f"a~{{{color}}} {thing}", f"a~{thing}", f"a~glowing {{{color}}} sign"))
    wall: Fact = {
        "brick": ("brick", "brick built"),
        "blue glass": ("{blue}", "glass"),
        "dark": ("{dark grey}", "dark"),
    }.get(p["wall"], f"{{{p['wall']}}}")
    return Words(
        nouns=nouns,
        adjectives=(("tall", "") if kind != "block" else "", wall),
        having=tuple(having),
        place=bd.places(p),
    )


FAMILY = Family(
    name="skyscraper",
    kind="building",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    sizes=TALL,
    weight=1.3,
    genres=("modern", "cyberpunk"),
)
