"""Isometric scenes: a room with two walls and furniture, or a block of land with what grows on it."""

from __future__ import annotations

from pixelmind.data.procedural.canvas import Canvas, Region
from pixelmind.data.procedural.captions import Words
from pixelmind.data.procedural.family import Family, Params, choice, flag
from pixelmind.data.procedural.rng import Rng

PARAMETERS = {
    "scene": choice("room", "block", weights=(3, 2)),
    "wall_color": choice("beige", "light blue", "pink", "green", "purple", "grey", "teal", "white"),
    "floor": choice("wood", "stone", "carpet", weights=(4, 2, 2)),
    "carpet_color": choice("red", "blue", "green", "purple"),
    "furniture": choice("bed", "table", "desk", "sofa", "bookshelf", weights=(3, 2, 2, 2, 2)),
    "window": flag(0.6),
    "plant": flag(0.45),
    "ground": choice("grass", "sand", "snow", "stone", "water", weights=(4, 2, 2, 2, 2)),
    "on_top": choice("nothing", "tree", "house", "rock", "cactus", "crystal", weights=(2, 3, 2, 1, 1, 1)),
}


def fit(p: Params, h: int, w: int) -> None:
    s = min(h, w)
    if p["scene"] == "room":
        p["ground"] = p["on_top"] = None
        if p["floor"] != "carpet":
            p["carpet_color"] = None
        if s < 24:
            p["plant"] = False
            p["furniture"] = p["furniture"] if p["furniture"] in ("bed", "table", "sofa") else "bed"
    else:
        p.update(wall_color=None, floor=None, carpet_color=None, furniture=None, window=False, plant=False)
        if p["on_top"] == "cactus":
            p["ground"] = "sand"
        if p["ground"] == "water":
            p["on_top"] = "nothing"
        if p["on_top"] == "tree" and p["ground"] in ("stone",):
            p["ground"] = "grass"


def _box(
    c: Canvas,
    x: float,
    y: float,
    a: float,
    b: float,
    z: float,
    color: str,
    part: str,
    tone: float = 0.0,
    rim: bool = True,
) -> Region:
    """An isometric box whose bottom front corner is at (x, y): `a` along the right edge, `b` along the left edge, `z` high; 2:1 slopes."""
    left = c.poly((x, y), (x - b, y - b / 2), (x - b, y - b / 2 - z), (x, y - z))
    right = c.poly((x, y), (x + a, y - a / 2), (x + a, y - a / 2 - z), (x, y - z))
    top = c.poly((x, y - z), (x + a, y - a / 2 - z), (x + a - b, y - (a + b) / 2 - z), (x - b, y - b / 2 - z))
    if rim:
        c.paint(left | right | top, color, part, tone, rim=c.s >= 24)
    c.paint(left, color, part, tone - 0.3)
    c.paint(right, color, part, tone - 1.2)
    c.paint(top, color, part, tone + 0.9)
    return left | right | top


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    m = 0 if c.s <= 10 else 1
    half = (c.s - 2 * m) / 2 - 0.5
    mid = (c.w - 1) / 2
    if p["scene"] == "room":
        _room(p, c, rng, m, mid, half)
    else:
        _block(p, c, rng, m, mid, half)


def _room(p: Params, c: Canvas, rng: Rng, m: int, mid: float, half: float) -> None:
    s = c.s
    by = c.h - 1 - m - (c.h - s) / 2
    back = by - half  # back corner of the floor
    z = back - m - (c.h - s) / 2
    slab = max(1, round(s * 0.05))
    by -= slab
    back -= slab
    z -= slab
    edge_l = c.poly((mid, by + slab), (mid - half, by - half / 2 + slab), (mid - half, by - half / 2), (mid, by))
    c.paint(edge_l, "dark wood", "floor", 0)
    c.paint(edge_l[:, ::-1], "dark wood", "floor", -1)
    floor = c.poly((mid, by), (mid + half, by - half / 2), (mid, back), (mid - half, by - half / 2))
    color = {"wood": "tan", "stone": "stone", "carpet": p["carpet_color"]}[p["floor"]]
    c.paint(floor, color, "floor", 0.2)
    if s >= 16 and p["floor"] != "carpet":
        k = max(3, s // 8)
        c.touch(floor & ((c.xs + 2 * c.ys).astype(int) % (2 * k) < 2), -0.7)
        if p["floor"] == "stone":
            c.touch(floor & ((2 * c.ys - c.xs + 1000).astype(int) % (2 * k) < 2), -0.7)
    elif s >= 24:
        inner = c.poly(
            (mid, by - s * 0.09),
            (mid + half - s * 0.18, by - half / 2),
            (mid, back + s * 0.09),
            (mid - half + s * 0.18, by - half / 2),
        )
        c.touch(floor & ~inner, 0.8)
    left = c.poly((mid - half, by - half / 2), (mid, back), (mid, back - z), (mid - half, by - half / 2 - z))
    right = left[:, ::-1]
    c.paint(left, p["wall_color"], "walls", -0.9)
    c.paint(right & ~left, p["wall_color"], "walls", 0.2)
    c.contour(c.stroke((mid, back - z), (mid, back)) & (left | right))
    if s >= 24:
        for side, wall in ((1, right), (-1, left)):
            base = c.poly(
                (mid, back), (mid + side * half, by - half / 2), (mid + side * half, by - half / 2 - 1), (mid, back - 1)
            )
            c.paint(base & wall, "wood", "walls", 0.2 if side > 0 else -0.6)
    if p["window"]:
        x0, x1 = mid + half * 0.3, mid + half * 0.72
        y0, y1 = back + half * 0.15 - z * 0.35, back + half * 0.36 - z * 0.35
        pane = c.poly((x0, y0), (x1, y1), (x1, y1 - z * 0.4), (x0, y0 - z * 0.4))
        c.paint(pane, "day sky", "window", 0.4, rim=s >= 16)
        if s >= 32:
            c.paint(
                c.stroke(((x0 + x1) / 2, (y0 + y1) / 2), ((x0 + x1) / 2, (y0 + y1) / 2 - z * 0.4)), "white", "window", 0
            )
    if p["furniture"] == "bookshelf":
        x, y = mid - half * 0.28, back + half * 0.5
        shelf = _box(c, x, y, half * 0.24, half * 0.5, z * 0.8, "wood", "bookshelf")
        face = (
            c.poly(
                (x - 1, y - 2),
                (x - half * 0.5 + 1, y - half * 0.25 - 1),
                (x - half * 0.5 + 1, y - half * 0.25 - z * 0.74),
                (x - 1, y - z * 0.74),
            )
            & shelf
        )
        noise = rng.noise(1, c.w)[0]
        for i, color2 in enumerate(("red", "blue", "green", "gold")):
            row = face & ((c.ys + c.xs * -0.5 + 1000).astype(int) % max(3, round(z * 0.22)) != 0)
            c.paint(row & (noise >= i / 4)[None] & (noise < (i + 1) / 4)[None], color2, "books", -0.2)
    elif p["furniture"] == "bed":
        x, y = mid - half * 0.1, by - half * 0.34
        _box(c, x, y, half * 0.62, half * 0.42, max(2, z * 0.2), "wood", "bed")
        y -= max(1, z * 0.2)
        _box(
            c,
            x,
            y,
            half * 0.44,
            half * 0.42,
            max(1, z * 0.12),
            "blue" if p["wall_color"] != "light blue" else "red",
            "bed",
            rim=False,
        )
        _box(c, x + half * 0.44, y - half * 0.22, half * 0.18, half * 0.42, max(1, z * 0.14), "white", "bed", rim=False)
    elif p["furniture"] == "sofa":
        x, y = mid + half * 0.06, by - half * 0.36
        color2 = "red" if p["wall_color"] != "pink" else "teal"
        _box(c, x + half * 0.44, y - half * 0.1, half * 0.14, half * 0.58, max(2, z * 0.5), color2, "sofa")
        _box(c, x + half * 0.16, y - half * 0.02, half * 0.3, half * 0.54, max(2, z * 0.24), color2, "sofa")
    else:
        x, y = mid, by - half * 0.4
        leg = max(1, round(s * 0.05))
        zz = max(2, z * 0.34)
        for dx, dy in ((0, 0), (half * 0.42, -half * 0.21), (-half * 0.42, -half * 0.21)):
            c.paint(c.rect(x + dx - leg // 2, y + dy - zz, leg, zz), "dark wood", p["furniture"], -0.4)
        _box(c, x, y - zz, half * 0.5, half * 0.5, max(1, z * 0.08), "wood", p["furniture"])
        if p["furniture"] == "desk" and s >= 24:
            _box(
                c,
                x + half * 0.1,
                y - zz - half * 0.24 - 1,
                half * 0.06,
                half * 0.28,
                max(3, z * 0.26),
                "dark grey",
                "computer",
            )
            screen = c.poly(
                (x + half * 0.08, y - zz - half * 0.26 - 1),
                (x - half * 0.14, y - zz - half * 0.36 - 1),
                (x - half * 0.14, y - zz - half * 0.36 - z * 0.2),
                (x + half * 0.08, y - zz - half * 0.26 - z * 0.2),
            )
            c.paint(screen, "screen", "computer", 0.4)
    if p["plant"]:
        x, y = mid - half * 0.66, by - half * 0.42
        pot = c.rect(x - s * 0.05, y - s * 0.08, max(2, s * 0.11), max(2, s * 0.1))
        c.paint(pot, "brick", "plant", c.column(pot, 0.9), rim=s >= 32)
        leaves = c.oval(x - s * 0.09, y - s * 0.26, s * 0.19, s * 0.2)
        c.paint(leaves, "leaf", "plant", c.ball(leaves, 1.3) + (rng.noise(c.h, c.w) > 0.7) * -0.9, rim=s >= 24)


def _block(p: Params, c: Canvas, rng: Rng, m: int, mid: float, half: float) -> None:
    s = c.s
    tall = p["on_top"] not in ("nothing", None)
    k = half * (0.86 if tall and s > 10 else 1)
    by = c.h - 1 - m - (c.h - s) / 2
    z = k * (0.5 if tall else 0.8)
    color = {"grass": "dirt", "sand": "sand", "snow": "dirt", "stone": "stone", "water": "dirt"}[p["ground"]]
    _box(c, mid, by, k, k, z, color, "block")
    top_y = by - z
    top = c.poly((mid, top_y), (mid + k, top_y - k / 2), (mid, top_y - k), (mid - k, top_y - k / 2))
    cover = {"grass": "grass", "sand": "sand", "snow": "snow", "stone": "stone", "water": "water"}[p["ground"]]
    lip = max(1, round(s * 0.06))
    if p["ground"] in ("grass", "snow", "water"):
        side = c.poly((mid - k, top_y - k / 2), (mid, top_y), (mid, top_y + lip), (mid - k, top_y - k / 2 + lip))
        ragged = (c.xs.astype(int) % 3 == 0) if p["ground"] != "water" else (c.xs < -1)
        drop = (
            c.poly((mid - k, top_y - k / 2), (mid, top_y), (mid, top_y + lip + 1), (mid - k, top_y - k / 2 + lip + 1))
            & ragged
        )
        c.paint(side | drop, cover, "ground", -0.4)
        c.paint((side | drop)[:, ::-1] & ~(c.xs < mid), cover, "ground", -1.2)
    c.paint(top, cover, "ground", 0.5)
    noise = rng.noise(c.h, c.w)
    c.touch(top & (noise > 0.9), 0.8)
    c.touch(top & (noise < 0.1), -0.9)
    cx, cy, kind = mid, top_y - k / 2, p["on_top"]
    room = cy - m
    if kind == "tree":
        c.paint(
            c.rect(cx - s * 0.04 + 0.5, cy - room * 0.35, max(1, s * 0.08), room * 0.35 + s * 0.03),
            "wood",
            "tree",
            "column",
        )
        crown = c.oval(cx - s * 0.2, m, s * 0.41, room * 0.78)
        c.paint(crown, "leaf" if p["ground"] != "snow" else "pine", "tree", c.ball(crown, 1.4), rim=True)
    elif kind == "house":
        a = k * 0.46
        zz = room * 0.3
        _box(c, cx, cy + a / 2, a, a, zz, "beige", "house")
        y = cy + a / 2 - zz
        roof_l = c.poly((cx, y + 1), (cx - a - 1, y - a / 2), (cx, max(m, y - a - room * 0.2)))
        roof_r = c.poly((cx, y + 1), (cx + a + 1, y - a / 2), (cx, max(m, y - a - room * 0.2)))
        c.paint(roof_l, "red", "house", 0.4, rim=True)
        c.paint(roof_r, "red", "house", -0.9)
        door = c.poly(
            (cx - a * 0.7, cy + a * 0.15),
            (cx - a * 0.4, cy + a * 0.3),
            (cx - a * 0.4, cy + a * 0.3 - zz * 0.6),
            (cx - a * 0.7, cy + a * 0.15 - zz * 0.6),
        )
        c.paint(door, "dark wood", "house", 0)
    elif kind == "rock":
        rock = c.oval(cx - s * 0.17, cy - s * 0.2, s * 0.35, s * 0.27)
        c.paint(rock, "stone", "rock", c.ball(rock, 1.5), rim=True)
    elif kind == "cactus":
        body = (
            c.rect(cx - s * 0.05, cy - room * 0.66, max(2, s * 0.11), room * 0.66 + 1)
            | c.stroke(
                (cx - s * 0.15, cy - room * 0.5),
                (cx - s * 0.15, cy - room * 0.28),
                (cx, cy - room * 0.28),
                width=max(1, s // 18),
            )
            | c.stroke(
                (cx + s * 0.15, cy - room * 0.58),
                (cx + s * 0.15, cy - room * 0.38),
                (cx, cy - room * 0.38),
                width=max(1, s // 18),
            )
        )
        c.paint(body, "green", "cactus", c.column(body, 1.0), rim=True)
    elif kind == "crystal":
        shard = c.poly(
            (cx, max(m, cy - room * 0.8)),
            (cx + s * 0.1, cy - room * 0.4),
            (cx + s * 0.04, cy + 1),
            (cx - s * 0.04, cy + 1),
            (cx - s * 0.1, cy - room * 0.4),
        )
        c.paint(shard, "cyan", "crystal", 0.6, rim=True)
        c.touch(shard & (c.xs > cx), -1.5)


def words(p: Params) -> Words:
    if p["scene"] == "room":
        having: list[str | tuple[str, ...]] = [(f"{{{p['wall_color']}}} walls", "two walls")]
        having.append(
            {
                "wood": ("a wooden floor",),
                "stone": ("a stone floor",),
                "carpet": (f"a~{{{p['carpet_color']}}} carpet", "a carpet"),
            }[p["floor"]]
        )
        having.insert(
            0,
            {
                "bed": ("a bed",),
                "table": ("a table",),
                "desk": ("a desk", "a desk and a computer" if "computer" in p["visible"] else "a desk"),
                "sofa": ("a sofa", "a couch"),
                "bookshelf": ("a bookshelf", "a shelf full of books"),
            }[p["furniture"]],
        )
        if p["window"]:
            having.append("a window")
        if p["plant"]:
            having.append(("a plant", "a potted plant"))
        return Words(
            nouns=(
                "isometric room",
                "isometric room",
                "room in isometric view",
                "isometric bedroom" if p["furniture"] == "bed" else "isometric interior",
            ),
            having=tuple(having),
        )
    ground = {
        "grass": ("grass", "grassy"),
        "sand": ("sand", "desert"),
        "snow": ("snow", "snowy"),
        "stone": ("stone",),
        "water": ("water",),
    }[p["ground"]]
    top = () if p["on_top"] == "nothing" else (f"a~{p['on_top']}", f"a~{p['on_top']} on top")
    return Words(
        nouns=("isometric block", "isometric tile", "isometric cube"),
        adjectives=(ground,),
        having=(top,) if top else (),
    )


FAMILY = Family(
    name="isometric",
    kind="scene",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    view="isometric",
    sizes=((16, 16), (24, 24), (32, 32), (32, 32), (48, 48), (64, 64)),
    weight=1.3,
    genres=("modern", "fantasy"),
)
