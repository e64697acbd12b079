"""Seamless terrain tiles: grass, stone, brick, planks, sand, water, lava, snow, dirt, ice, cobble, tiles, metal, leaves."""

from __future__ import annotations

import numpy as np

from pixelmind.data.procedural.canvas import Canvas, shift
from pixelmind.data.procedural.captions import Words
from pixelmind.data.procedural.family import Family, Params, choice, flag
from pixelmind.data.procedural.rng import Rng

KINDS = (
    "grass",
    "stone",
    "bricks",
    "planks",
    "sand",
    "water",
    "lava",
    "snow",
    "dirt",
    "ice",
    "cobblestone",
    "floor tiles",
    "metal",
    "leaves",
    "path",
    "ore",
)
COLORED = {
    "bricks": ("brick", "grey", "dark grey", "sandstone", "white", "blue", "purple", "green"),
    "planks": ("wood", "dark wood", "tan", "grey"),
    "stone": ("stone", "dark grey", "brown", "purple"),
    "cobblestone": ("stone", "dark grey", "sandstone"),
    "floor tiles": ("white", "red", "blue", "green", "grey", "purple"),
    "metal": ("steel", "iron", "copper"),
    "leaves": ("leaf", "orange", "red", "pink"),
    "ore": ("stone", "dark grey"),
    "water": ("water", "sea", "teal"),
    "grass": ("grass", "dark green", "olive", "teal"),
}
SINGLE = {"sand": "sand", "lava": "lava", "snow": "snow", "dirt": "dirt", "ice": "ice", "path": "dirt"}
PARAMETERS = {
    "tile": choice(*KINDS, weights=(4, 3, 4, 3, 2, 3, 2, 2, 2, 1.5, 2, 3, 1.5, 1.5, 1, 2.5)),
    "tint": choice(0, 1, 2, 3, 4, 5, weights=(4, 2, 2, 1.5, 1, 1)),
    "detail": choice("none", "flowers", "moss", "cracks", "pebbles", weights=(5, 2, 2, 2, 1)),
    "mineral": choice("gold", "red", "cyan", "green", "purple", "silver", "black"),
    "grain": choice(0, 1, 2, minor=True),
    "checker": flag(0.5),
}


def fit(p: Params, h: int, w: int) -> None:
    tile = p["tile"]
    options = COLORED.get(tile, (SINGLE.get(tile, "stone"),))
    p["tint"] = options[p["tint"] % len(options)] if isinstance(p["tint"], int) else p["tint"]
    allowed = {
        "grass": ("flowers", "pebbles"),
        "stone": ("cracks", "moss"),
        "bricks": ("moss", "cracks"),
        "cobblestone": ("moss",),
        "sand": ("pebbles",),
        "dirt": ("pebbles",),
        "floor tiles": ("cracks",),
    }.get(tile, ())
    if p["detail"] not in allowed or min(h, w) < 16:
        p["detail"] = "none"
    if tile != "ore":
        p["mineral"] = None
    if tile != "floor tiles":
        p["checker"] = False


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    s, tile, full = c.s, p["tile"], c.full()
    noise = rng.noise(c.h, c.w)
    cell = max(4, s // 4)
    soft = rng.smooth(c.h, c.w, cell, wrap=True)

    def base(tone: np.ndarray | float) -> None:
        c.paint(full, p["tint"], tile, tone, back=True)

    if tile == "grass":
        base(np.round((soft - 0.5) * 2.2 - 0.1))
        blades = noise > 0.9
        c.touch(blades, 1.0)
        c.touch(np.roll(blades, 1, 0) & ~blades, -1.0)
    elif tile in ("stone", "ore"):
        base(np.round((soft - 0.5) * 2.6))
        c.touch(noise > 0.92, 0.8)
        c.touch(noise < 0.08, -0.8)
        if tile == "ore":
            for _ in range(3 if s < 24 else 5):
                x, y, d = rng.integer(1, c.w - 4), rng.integer(1, c.h - 4), max(2, round(s * rng.uniform(0.12, 0.2)))
                vein = c.oval(x, y, d + rng.integer(0, 1), d)
                c.touch(shift(vein, 1, 1) & ~vein, -1.3)
                c.paint(vein, p["mineral"], "ore", c.ball(vein, 1.6), back=True)
    elif tile == "bricks":
        bw, bh = max(4, c.w // (2 if s < 24 else 4)), max(2 if s < 12 else 4, c.h // (4 if s < 40 else 8))
        joints = ((c.ys % bh) == bh - 1) | (((c.xs + (c.ys // bh % 2) * (bw // 2)) % bw) == bw - 1)
        ident = (c.ys // bh) * 31 + ((c.xs + (c.ys // bh % 2) * (bw // 2)) // bw % (c.w // bw)) * 17
        shade = ((ident * 7 + p["grain"] * 5) % 5) / 4 - 0.5
        base(np.round(shade * 1.1) * 0.9)
        c.touch(~joints & (np.roll(joints, 1, 0) | np.roll(joints, 1, 1)), 0.8 if s >= 16 else 0)
        c.tone[joints] = 0.3
        c.touch(~joints & (noise > 0.93), -0.6)
    elif tile == "planks":
        ph = max(2, c.h // 4)
        ident = c.ys // ph
        offset = (ident * (c.w // 2 + 3)) % c.w
        joints = (c.ys % ph == ph - 1) | ((c.xs + offset) % c.w == 0)
        base(np.broadcast_to(((ident * 3 + p["grain"]) % 3 - 1) * 0.5, (c.h, c.w)).astype(np.float32))
        grain = rng.noise(c.h, max(1, c.w // 4)).repeat(4, 1)[:, : c.w]
        if grain.shape[1] == c.w:
            c.touch(~joints & (grain > 0.78), -0.7)
        c.touch((c.ys % ph == 0) & ~joints, 0.7 if ph > 2 else 0)
        c.tone[joints] = 0.2
        if s >= 24:
            c.paint(((c.xs + offset) % c.w == 2) & (c.ys % ph == ph // 2), "iron", "nails", 0, back=True)
    elif tile in ("sand", "snow", "dirt", "path"):
        base(np.round((soft - 0.5) * 1.8) * 0.6)
        c.touch(noise > 0.93, 0.8)
        c.touch(noise < 0.07, -0.9)
        if tile == "sand" and s >= 16:
            ripple = ((c.ys + np.round(np.sin(c.xs / c.w * 6.2832) * s * 0.05) + p["grain"]) % (s // 4)) == 0
            c.paint(
                ripple & (soft > 0.4), "tan", tile, -0.4, back=True
            )  # another colour, so that small palettes keep it
        if tile == "path":
            for _ in range(5):
                x, y, d = rng.integer(0, c.w - 4), rng.integer(0, c.h - 4), max(2, s // 7)
                stone = c.oval(x, y, d + 1, d)
                c.paint(stone, "stone", "stones", c.ball(stone, 1.2), back=True)
    elif tile == "water":
        wave = np.sin((c.ys + np.sin(c.xs / c.w * 6.2832) * s * 0.06) / c.h * 6.2832 * 2 + p["grain"])
        base(np.round(wave * 0.8) * 0.7)
        length = max(2, s // 8)
        start = (noise > 0.982 if s >= 24 else noise > 0.96) & (wave > 0.1)
        crest = start.copy()
        for k in range(1, length):
            crest |= np.roll(start, k, 1)
        c.touch(crest, 1.6)
        ends = np.roll(start, -1, 1) | np.roll(start, length, 1)  # the ends of a crest turn down
        c.touch(np.roll(ends, 1, 0) & ~crest, 1.2)
    elif tile == "lava":
        base(np.where(soft > 0.55, -1.4, np.where(soft > 0.45, -0.2, 0.9)).astype(np.float32))
        hot = soft < 0.3
        c.paint(hot, "flame", tile, 0, back=True)
        c.paint(soft > 0.68, "dark red", tile, -0.8, back=True)
    elif tile == "ice":
        base(np.round((soft - 0.5) * 1.5))
        shine = ((c.xs + c.ys) % (s // 2 if s >= 16 else 8) < max(1, s // 16)) & (soft > 0.42)
        c.touch(shine, 1.4)
        c.touch(((c.xs + c.ys) % (s // 2 if s >= 16 else 8) == max(1, s // 16)) & (soft > 0.5), -0.5)
    elif tile == "cobblestone":
        n = max(2, round(s / 8) + 1)
        pts = [
            ((i + rng.uniform(0.2, 0.8)) * c.w / n, (j + rng.uniform(0.2, 0.8)) * c.h / n, rng.uniform(-0.5, 0.5))
            for i in range(n)
            for j in range(n)
        ]
        best, second, tone = np.full((c.h, c.w), 1e9), np.full((c.h, c.w), 1e9), np.zeros((c.h, c.w), dtype=np.float32)
        slope = np.zeros((c.h, c.w), dtype=np.float32)
        for px, py, shade in pts:
            dx = (c.xs - px + c.w / 2) % c.w - c.w / 2
            dy = (c.ys - py + c.h / 2) % c.h - c.h / 2
            d = np.sqrt(dx * dx + dy * dy)
            nearer = d < best
            second = np.where(nearer, best, np.minimum(second, d))
            tone = np.where(nearer, shade, tone)
            slope = np.where(nearer, -(dx + dy) / (c.w / n), slope)
            best = np.where(nearer, d, best)
        base((tone + slope * 1.5).astype(np.float32))
        c.tone[second - best < max(1.0, s / 26)] = 0.2
    elif tile == "floor tiles":
        k = max(4, c.w // (2 if s < 32 else 4))
        base(0.2)
        if p["checker"]:
            other = "black" if p["tint"] != "grey" else "white"
            c.paint((c.xs // k + c.ys // k) % 2 == 1, other, tile, 0.2, back=True)
        if s >= 16:
            c.touch((c.xs % k == 0) | (c.ys % k == 0), 0.8)
        c.touch((c.xs % k == k - 1) | (c.ys % k == k - 1), -1.4)
    elif tile == "metal":
        k = c.w if s < 32 else c.w // 2
        base(np.broadcast_to(np.round(((c.xs + c.ys) % k) / k * -1.6 + 0.8), (c.h, c.w)).astype(np.float32))
        c.touch((c.xs % k == 0) | (c.ys % k == 0), 1)
        c.touch((c.xs % k == k - 1) | (c.ys % k == k - 1), -1.5)
        if s >= 16:
            i, j = (c.xs % k), (c.ys % k)
            rivet = ((i == 2) | (i == k - 3)) & ((j == 2) | (j == k - 3))
            c.tone[rivet] = 4
            c.touch(np.roll(np.roll(rivet, 1, 0), 1, 1), -1.2)
    else:  # leaves
        fine = rng.smooth(c.h, c.w, max(2, s // 8), wrap=True)
        base(np.round((fine - 0.5) * 4.2))
        c.touch((fine > 0.6) & (np.roll(fine, 1, 0) <= 0.6), 0.8)
    _detail(p, c, rng, noise, soft)


def _detail(p: Params, c: Canvas, rng: Rng, noise: np.ndarray, soft: np.ndarray) -> None:
    kind, s = p["detail"], c.s
    if kind == "flowers":
        for i in range(3 if s < 24 else 7):
            x, y, color = rng.integer(1, c.w - 2), rng.integer(1, c.h - 2), ("yellow", "white", "red")[i % 3]
            petals = c.dots((x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)) if s >= 24 else c.dots((x, y))
            c.paint(petals, color, "flowers", 0.3, back=True)
            c.paint(c.dots((x, y)), "gold" if color != "yellow" and s >= 24 else color, "flowers", 0.3, back=True)
    elif kind == "moss":
        moss = (soft > 0.6) & (noise > 0.25)
        c.paint(moss, "olive", "moss", (noise > 0.7) * 1.0 - 0.5, back=True)
    elif kind == "cracks":
        x, y = rng.integer(s // 4, c.w // 2), rng.integer(1, c.h // 3)
        points: list[tuple[float, float]] = [(x, y)]
        for _ in range(4):
            x, y = (
                min(c.w - 2, max(1, x + rng.integer(-s // 8, s // 6))),
                min(c.h - 2, y + rng.integer(s // 12, s // 6)),
            )
            points.append((x, y))
        crack = c.stroke(*points)
        c.tone[crack] = 0
        c.touch(shift(crack, 1, 1) & ~crack, 0.7)
    elif kind == "pebbles":
        for _ in range(3 if s < 24 else 6):
            x, y, d = rng.integer(1, c.w - 4), rng.integer(1, c.h - 4), max(2, s // 12)
            stone = c.oval(x, y, d + 1, d)
            c.touch(shift(stone, 0, 1) & ~stone, -1)
            c.paint(stone, "grey", "pebbles", c.ball(stone, 1.2), back=True)


def words(p: Params) -> Words:
    tile, tint = p["tile"], p["tint"]
    named = {
        "grey",
        "dark grey",
        "white",
        "blue",
        "purple",
        "green",
        "red",
        "brown",
        "teal",
        "dark green",
        "olive",
        "orange",
        "pink",
        "tan",
    }
    color = (
        f"{{{tint}}}"
        if tint in named
        else {
            "brick": "",
            "sandstone": "sandstone",
            "dark wood": "dark",
            "copper": "copper",
            "iron": "iron",
            "grass": "",
            "leaf": "{green}",
        }.get(tint, "")
    )
    nouns = {
        "grass": ("grass", "grass tile", "grass texture", "lawn"),
        "stone": ("stone", "stone tile", "stone texture", "rock"),
        "bricks": ("brick wall", "brick tile", "brick texture"),
        "planks": ("wooden planks", "wood planks", "plank floor", "wooden floor"),
        "sand": ("sand", "sand tile", "desert sand texture"),
        "water": ("water", "water tile", "water texture"),
        "lava": ("lava", "lava tile", "molten lava"),
        "snow": ("snow", "snow tile", "snow texture"),
        "dirt": ("dirt", "dirt tile", "soil texture"),
        "ice": ("ice", "ice tile", "frozen ice"),
        "cobblestone": ("cobblestone", "cobblestone tile", "cobblestone floor"),
        "floor tiles": ("tiled floor", "floor tiles", "tile floor"),
        "metal": ("metal plate", "metal tile", "metal floor"),
        "leaves": ("leaves", "leaf texture", "foliage"),
        "path": ("dirt path", "path tile", "stony path"),
        "ore": ("ore", "ore block", "ore in stone"),
    }[tile]
    having: list[str | tuple[str, ...]] = []
    if p["detail"] != "none":
        having.append(
            {
                "flowers": ("flowers", "little flowers"),
                "moss": ("moss",),
                "cracks": ("cracks", "a crack"),
                "pebbles": ("pebbles", "small stones"),
            }[p["detail"]]
        )
    adjectives: list[str | tuple[str, ...]] = [("seamless", "", "")]
    if tile == "ore":
        adjectives.append((f"{{{p['mineral']}}}",))
    elif p["checker"]:
        adjectives.append(("checkered", "chequered", f"{color} checkered" if color else "checkered"))
    else:
        adjectives.append(color)
    return Words(
        nouns=nouns,
        adjectives=tuple(adjectives),
        having=tuple(having),
        plural=tile not in ("bricks", "floor tiles", "metal", "path"),
    )


FAMILY = Family(
    name="terrain",
    kind="tile",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    view="top",
    sizes=((8, 8), (16, 16), (16, 16), (16, 16), (24, 24), (32, 32), (32, 32), (48, 48), (64, 64)),
    weight=2,
)
