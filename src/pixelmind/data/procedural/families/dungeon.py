"""Rooms from above: walls around a floor, a door, torches, and what stands inside."""

from __future__ import annotations

import numpy as np

from pixelmind.data.procedural.canvas import Canvas, grow
from pixelmind.data.procedural.captions import Words, counted
from pixelmind.data.procedural.families import chest, slime
from pixelmind.data.procedural.family import Family, Params, choice, count, flag
from pixelmind.data.procedural.rng import Rng

WALLS = {
    "stone": "stone",
    "dark stone": "dark grey",
    "brick": "brick",
    "wood": "wood",
    "ice": "ice",
    "sandstone": "sandstone",
    "purple": "purple",
}
FLOORS = {"stone": "iron", "wood": "tan", "grass": "grass", "sand": "sand", "carpet": "red", "dirt": "dirt"}
PARAMETERS = {
    "wall": choice(*WALLS, weights=(5, 3, 2, 2, 1, 1.5, 1)),
    "floor": choice(*FLOORS, weights=(5, 3, 1, 1, 1.5, 2)),
    "door": choice("top", "bottom", "left", "right", "none", weights=(3, 3, 2, 2, 1)),
    "torches": count(0, 2),
    "object": choice(
        "chest", "slime", "skeleton", "stairs", "altar", "pool", "table", "nothing", weights=(4, 3, 2, 2, 1, 1.5, 2, 1)
    ),
    "slime_color": choice("green", "red", "blue", "purple"),
    "pillars": flag(0.3),
    "rug": flag(0.15),
}


def fit(p: Params, h: int, w: int) -> None:
    s = min(h, w)
    if s < 24:
        p["pillars"] = p["rug"] = False
    if s < 16:
        p["torches"] = 0
        p["object"] = p["object"] if p["object"] in ("chest", "slime", "stairs", "nothing") else "chest"
    if p["object"] in ("pool", "table"):
        p["rug"] = False
    if p["object"] != "slime":
        p["slime_color"] = None
    if p["floor"] == "carpet":
        p["rug"] = False


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    s, wall, floor = c.s, WALLS[p["wall"]], FLOORS[p["floor"]]
    t = max(1, round(s * 0.1))
    front = t + (round(s * 0.1) if s >= 16 else 1)  # the back wall shows its face
    c.paint(c.full(), wall, "walls", -0.4 if s >= 16 else 0.2, back=True)
    face = c.rect(t, t, c.w - 2 * t, front - t + 1)
    c.paint(face, wall, "walls", -1.0, back=True)
    if s >= 24:
        c.touch(c.bricks(0, 0, max(4, s // 6), max(3, s // 10)), -0.7)
        c.touch(c.rect(t, t, c.w - 2 * t, 1), 0.9)
    ground = c.rect(t, front, c.w - 2 * t, c.h - front - t)
    c.paint(ground, floor, "floor", 0.0, back=True)
    k = max(3, s // 6)
    if p["floor"] in ("stone",):
        c.touch(ground & (((c.xs - t) % k == k - 1) | ((c.ys - front) % k == k - 1)), -0.8)
    elif p["floor"] == "wood":
        c.touch(ground & ((c.ys - front) % max(2, k // 2 + 1) == max(2, k // 2 + 1) - 1), -0.8)
    else:
        noise = rng.noise(c.h, c.w)
        few = 0.5 if s >= 24 else 1.0
        if p["floor"] == "carpet" and s >= 24:  # a woven pattern
            c.touch(ground & ((c.xs + c.ys) % 6 == 0) & ((c.xs - c.ys) % 6 == 0), 0.9)
            c.touch(ground & ((c.xs + c.ys) % 6 == 3) & ((c.xs - c.ys) % 6 == 3), -0.9)
        else:
            c.touch(ground & (noise > 1 - 0.08 * few), 0.8)
            c.touch(ground & (noise < 0.08 * few), -0.8)
        if p["floor"] == "grass" and s >= 24:  # tufts of three blades
            tips = ground & (noise > 0.5) & (noise < 0.515)
            tips[:-1, 1:] |= tips[1:, :-1].copy()
            c.touch(tips & ground, 1.0)
    c.touch(c.rect(t, front, c.w - 2 * t, 1), -1.0)
    c.touch(c.rect(t, front, 1, c.h - front - t), -0.6)
    mid, my = (c.w - 1) / 2, (front + c.h - t - 1) / 2
    d = max(2, round(s * 0.18))
    d += (c.w - d) % 2
    if p["door"] == "top":
        door = c.rect((c.w - d) // 2, t if s >= 16 else 0, d, front - t + (0 if s >= 16 else 1))
        c.paint(door, "wood", "door", c.column(door, 0.8), back=True)
        c.touch(door & ((c.xs - (c.w - d) // 2) % 2 == 1), -0.6)
    elif p["door"] == "bottom":
        gap = c.rect((c.w - d) // 2, c.h - t, d, t)
        c.paint(gap, "dark wood", "door", 0.2, back=True)
    elif p["door"] != "none":
        x = 0 if p["door"] == "left" else c.w - t
        c.paint(c.rect(x, my - d / 2, t, d), "dark wood", "door", 0.2, back=True)
    if p["rug"]:
        rug = c.rect(mid - s * 0.24, my - s * 0.2, s * 0.5, s * 0.42)
        c.paint(rug, "red", "rug", 0, back=True)
        c.paint(
            rug & ~c.rect(round(mid - s * 0.24) + 1, round(my - s * 0.2) + 1, round(s * 0.5) - 2, round(s * 0.42) - 2),
            "gold",
            "rug",
            0,
            back=True,
        )
    for i in range(p["torches"]):
        x = round(c.w * (0.25 if i == 0 else 0.75) - 0.5)
        y = t + max(0, (front - t) // 2 - 1)
        k2 = max(1, round(s * 0.04))
        c.paint(c.rect(x, y + k2, k2, k2 + 1), "dark wood", "torches", 0, back=True)
        c.paint(c.rect(x, y - k2 + 1, k2, k2 + 1), "fire", "torches", 0.3, back=True)
        c.paint(c.dots((x, y)), "flame", "torches", 0.5, back=True)
        if s >= 24:
            c.touch(c.ellipse(x, front + 1, s * 0.11, s * 0.08) & ground, 0.7)
    if p["pillars"]:
        k3 = max(3, round(s * 0.1))
        for x in (t + 2, c.w - t - 2 - k3):
            for y in (front + 2, c.h - t - 2 - k3):
                pillar = c.rect(x, y, k3, k3)
                c.touch(c.rect(x + 1, y + 1, k3, k3) & ground, -1)
                c.paint(pillar, wall, "pillars", c.bevel(pillar, 0.9) + 0.5, back=True)
    _object(p, c, mid, my)


def _object(p: Params, c: Canvas, mid: float, my: float) -> None:
    s, kind = c.s, p["object"]
    k = max(2, round(s * 0.26)) // 2 * 2 + c.w % 2
    x, y = (c.w - k) // 2, round(my - k / 2 + 0.5)
    if kind in ("chest", "slime") and s >= 24:
        _inset(p, c, mid, my)
    elif kind == "chest":
        body = c.rect(x, y + k // 4, k, k - k // 4)
        c.paint(body, "wood", "chest", c.fall(body, 0.8, -0.9), back=True)
        c.paint(c.rect(x, y + k // 2, k, 1), "dark wood", "chest", -0.6, back=True)
        c.paint(c.rect(round(mid - 0.4), y + k // 2, 2 - c.w % 2, 1), "gold", "chest", 0.5, back=True)
    elif kind == "slime":
        body = c.oval(x, y, k, k) & (c.ys < y + k * 0.86)
        c.paint(body, p["slime_color"], "slime", c.ball(body, 1.4), back=True)
        c.paint(c.mirror(c.dots((mid - 0.6, y + k * 0.45))), "ink", "slime", 0, back=True)
    elif kind == "skeleton":
        head = c.oval(x + k * 0.15, y - k * 0.3, k * 0.7, k * 0.66)
        ribs = c.rect(mid - k * 0.25, y + k * 0.36, max(2, k * 0.5), k * 0.36) & ((c.ys - y) % 2 == 0) | c.rect(
            mid - 0.4, y + k * 0.3, 2 - c.w % 2, k * 0.5
        )
        legs = c.mirror(c.rect(mid - k * 0.25, y + k * 0.78, 1, k * 0.36))
        c.paint(legs | ribs, "bone", "skeleton", -0.2, back=True)
        c.paint(head, "bone", "skeleton", 0.4, back=True)
        c.paint(c.mirror(c.rect(mid - k * 0.2, y, max(1, k // 6), max(1, k // 6))), "ink", "skeleton", 0, back=True)
    elif kind == "stairs":
        hole = c.rect(x, y, k, k)
        c.paint(hole, "ink", "stairs", -0.4, back=True)
        steps = max(2, k // 2)
        for i in range(steps):
            c.paint(
                c.rect(x, y + i * k / steps, k, max(1, round(k / steps) - (1 if k >= 6 else 0))),
                "stone",
                "stairs",
                1.2 - 2.8 * i / steps,
                back=True,
            )
    elif kind == "altar":
        block = c.rect(x - 1, y, k + 2, round(k * 0.7))
        c.paint(block, "light grey", "altar", c.bevel(block, 0.8), back=True)
        c.paint(c.rect(x + k // 4, y - 1, k - 2 * (k // 4), max(1, k // 4)), "dark red", "altar", 0, back=True)
        c.paint(c.mirror(c.rect(x - 1, y - max(2, k // 3), 1, max(2, k // 3))), "flame", "altar", 0.3, back=True)
    elif kind == "pool":
        pool = c.oval(mid - k + 0.5, my - k * 0.6, 2 * k, k * 1.3)
        c.paint(pool, "stone", "pool", 0.6, back=True)
        water = c.oval(mid - k + 1.5, my - k * 0.6 + 1, 2 * k - 2, k * 1.3 - 2)
        c.paint(water, "water", "pool", c.fall(water, -0.8, 0.6), back=True)
        c.touch(water & ((c.xs + 2 * c.ys).astype(int) % 7 == 0), 1)
    elif kind == "table":
        top = c.rect(mid - k * 0.8 + 0.5, my - k * 0.4, round(k * 1.6) // 2 * 2 + c.w % 2, round(k * 0.7))
        c.paint(top, "wood", "table", c.bevel(top, 0.8) + 0.4, back=True)
        c.paint(
            c.rect(mid - k * 0.8 + 0.5, my + k * 0.3, round(k * 1.6) // 2 * 2 + c.w % 2, max(1, k // 4)),
            "dark wood",
            "table",
            -0.4,
            back=True,
        )
        c.paint(
            c.mirror(c.oval(mid - k * 1.2, my - k * 0.2, max(2, k * 0.36), max(2, k * 0.36))),
            "dark wood",
            "chairs",
            0.4,
            back=True,
        )


def _inset(p: Params, c: Canvas, mid: float, my: float) -> None:
    """A chest or a slime as its own family draws it, with a dark line round it and a shadow on the floor."""
    if p["object"] == "chest":
        family: Family = chest.FAMILY
        fixed: Params = {"body": "wood", "state": "closed", "lock": "lock", "lid": "round"}
    else:
        family = slime.FAMILY
        fixed = {
            "color": p["slime_color"],
            "eyes": 2,
            "wears": "nothing",
            "shape": "dome",
            "core": "none",
            "backdrop": "none",
        }
        fixed |= {"drips": False, "mood": "happy"}
    side = max(6, round(c.s * 0.36)) // 2 * 2 + c.w % 2
    figure = Canvas(side, side)
    inner = family.sample(Rng("dungeon", p["object"])) | fixed
    if family.fit:
        family.fit(inner, side, side)
    family.draw(inner, figure, Rng("dungeon", "draw"))
    figure = figure.cropped()
    x, y = round(mid - (figure.w - 1) / 2), round(my - figure.h / 2)
    c.touch(c.ellipse(mid + 1, y + figure.h - 0.5, figure.w * 0.56, max(1.0, figure.h * 0.12)), -0.9)
    figure.parts = [figure.parts[0], *(p["object"] for _ in figure.parts[1:])]
    room = c.line.copy()
    cells = c.stamp(figure, x, y, back=True)
    c.line = np.where(cells, c.line, room)
    c.contour(grow(cells) & ~cells)


def words(p: Params) -> Words:
    having: list[str | tuple[str, ...]] = []
    if p["object"] != "nothing":
        having.append(
            {
                "chest": ("a chest", "a treasure chest in the middle"),
                "slime": (f"a~{{{p['slime_color']}}} slime", "a slime"),
                "skeleton": ("a skeleton",),
                "stairs": ("stairs", "stairs leading down"),
                "altar": ("an altar",),
                "pool": ("a pool of water", "a pool"),
                "table": ("a table", "a table and chairs"),
            }[p["object"]]
        )
    if p["torches"]:
        having.append(counted(p["torches"], "torch", "torches"))
    if p["door"] != "none":
        having.append(
            (
                "a door",
                {
                    "top": "a door at the top",
                    "bottom": "a door at the bottom",
                    "left": "a door on the left",
                    "right": "a door on the right",
                }[p["door"]],
            )
        )
    if p["pillars"]:
        having.append(("four pillars", "pillars"))
    if p["rug"]:
        having.append(("a {red} rug", "a rug"))
    wall = {
        "stone": ("stone walls",),
        "dark stone": ("dark stone walls",),
        "brick": ("brick walls",),
        "wood": ("wooden walls",),
        "ice": ("icy walls",),
        "sandstone": ("sandstone walls",),
        "purple": ("{purple} walls",),
    }[p["wall"]]
    floor = {
        "stone": ("a stone floor",),
        "wood": ("a wooden floor",),
        "grass": ("a grass floor",),
        "sand": ("a sandy floor",),
        "carpet": ("a {red} carpet", "a carpet"),
        "dirt": ("a dirt floor",),
    }[p["floor"]]
    return Words(
        nouns=("dungeon room", "dungeon", "room", "dungeon room from above", "dungeon chamber"),
        having=(*having, wall, floor),
        place=(("seen from above", "from above", "top down view"),),
        lacking=("a door",) if p["door"] == "none" else (),
    )


FAMILY = Family(
    name="dungeon",
    kind="scene",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    view="top",
    sizes=((8, 8), (16, 16), (24, 24), (32, 32), (32, 32), (48, 48), (64, 64), (48, 64), (24, 32), (32, 48)),
    weight=1.4,
    genres=("fantasy", "horror"),
)
