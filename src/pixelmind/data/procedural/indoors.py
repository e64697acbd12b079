"""Painters of places without weather: rooms, caves, space, the moon and the bottom of the sea."""

from __future__ import annotations

import numpy as np

from pixelmind.data.procedural import weather as wt
from pixelmind.data.procedural.canvas import Canvas, shrink
from pixelmind.data.procedural.rng import Rng
from pixelmind.data.procedural.setting import (
    Ground,
    Setting,
    ground_bands,
    ridge,
    soil,
    standing_rows,
    torch,
    wavy_line,
)


def dungeon(c: Canvas, rng: Rng, s: Setting) -> Ground:
    floor = round(c.h * 0.7)
    stone = rng.choice(("stone", "dark grey", "brick", "mountain"))
    wall = c.rect(0, 0, c.w, floor)
    c.paint(wall, stone, "wall", -0.7, back=True)
    bw, bh = (6, 4) if c.s < 64 else (10, 6) if c.s < 160 else (12, 7)
    c.touch(c.bricks(0, 0, bw, bh) & wall, -0.8)
    shade = rng.noise(c.h // bh + 1, c.w // bw + 2).repeat(bh, 0).repeat(bw, 1)[: c.h, : c.w]
    c.touch(wall & (shade > 0.85), 0.6)
    c.touch(c.rect(0, 0, c.w, max(1, c.h // 12)), -1.0)
    step = max(20, c.w // max(2, c.w // 48))
    for x in range(step // 2, c.w, step):
        y = round(floor * 0.42)
        light = np.hypot((c.xs - x), (c.ys - y) * 1.1)
        for r, add in ((c.s * 0.2 + 4, 0.5), (c.s * 0.11 + 3, 0.6)):
            c.touch(wall & (light < r + ((c.xs + c.ys) % 2) * 1.4), add)
        torch(c, x, y)
        if c.s >= 48:
            px, pw = x + step // 2, max(4, c.s // 14)
            pillar = c.rect(px - pw // 2, 0, pw, floor + 1)
            c.paint(pillar, stone, "pillars", c.column(pillar, 1.1) - 0.2, back=True)
            ends = c.rect(px - pw // 2 - 1, 0, pw + 2, 2 + c.s // 64) | c.rect(
                px - pw // 2 - 1, floor - 1 - c.s // 64, pw + 2, 3 + c.s // 64
            )
            c.paint(ends, stone, "pillars", 0.4, back=True)
    ground = c.rect(0, floor, c.w, c.h - floor)
    c.paint(ground, "iron", "floor", -0.3, back=True)
    c.touch(c.rect(0, floor, c.w, 1), -1.2)
    row, y = 0, floor + 2
    while y < c.h:  # tiles grow toward the front
        c.touch(c.rect(0, y, c.w, 1), -0.8)
        gap = 3 + row * 2
        k = 8 + c.s // 12 + row * 3
        c.touch((c.ys > y) & (c.ys < y + gap) & ((c.xs + row * k // 2) % k == 0) & ground, -0.8)
        y, row = y + gap, row + 1
    return Ground(floor, floor + max(2, (c.h - floor) // 4), c.h - max(1, c.h // 24))


def cave(c: Canvas, rng: Rng, s: Setting) -> Ground:
    floor = round(c.h * 0.7)
    hot = s.genre in ("fantasy", "horror") and rng.chance(0.6)
    c.paint(c.full(), "dark brown" if hot else "mountain", "wall", -1.6, back=True)
    rough = rng.smooth(c.h, c.w, max(4, c.s // 6))
    c.touch(rough > 0.6, 0.6)
    c.touch(rough > 0.75, 0.5)
    for _ in range(3 + c.w // 10):
        x, length, w = rng.integer(0, c.w), rng.uniform(0.1, 0.3) * min(c.h, 160), rng.uniform(2, 3 + c.s / 24)
        spike = c.poly((x - w, 0), (x + w, 0), (x, length))
        c.paint(spike, "dark brown" if hot else "mountain", "rocks", c.column(spike, 0.8) - 0.4, back=True)
    ground = c.ys >= wavy_line(c, rng, floor + 2, c.h * 0.05, c.w // 4)
    c.paint(ground, "dark brown" if hot else "stone", "ground", -0.7, back=True)
    noise = rng.noise(c.h, c.w)
    c.touch(ground & (noise > 0.96), 0.8)
    c.touch(ground & (noise < 0.03), -0.8)
    if hot:
        pool = c.rect(0, round(c.h * 0.9), c.w, c.h) | (
            ground & (rng.smooth(c.h, c.w, max(5, c.w // 6)) > 0.72) & (c.ys > floor + 4)
        )
        c.paint(pool, "lava", "lava", 0.2, back=True)
        c.touch(pool & (rng.noise(c.h, c.w // 3 + 1).repeat(3, 1)[:, : c.w] > 0.8), 1.0)
    elif c.s >= 24:
        for _ in range(2 + c.w // 24):
            x, k = rng.integer(2, c.w - 3), rng.uniform(3, 4 + c.s / 16)
            gem = c.poly((x, floor - k * 2 + 2), (x + k * 0.5, floor + 2), (x - k * 0.5, floor + 2))
            c.paint(gem, rng.choice(("cyan", "magenta", "violet")), "crystals", c.column(gem, 1.4), back=True)
    return Ground(floor, floor + max(2, (c.h - floor) // 4), c.h - max(1, c.h // 8))


def interior(c: Canvas, rng: Rng, s: Setting) -> Ground:
    floor = round(c.h * 0.7)
    color = rng.choice(("beige", "light blue", "olive", "tan", "violet", "wood"))
    wall = c.rect(0, 0, c.w, floor)
    c.paint(wall, color, "wall", -0.3, back=True)
    k = 5 + c.s // 20
    if color == "wood":
        c.touch(wall & (c.ys % k == 0), -0.8)
    else:
        c.touch(wall & ((c.xs // k) % 2 == 0), -0.5)
    c.touch(c.rect(0, 0, c.w, max(1, c.h // 20)), -0.8)
    ww, wh = max(7, round(c.s * 0.24)), max(7, round(c.s * 0.24))
    middles = [c.w // 4, 3 * c.w // 4][: 1 + (c.w >= 64)]
    for x in middles:
        x0, y0 = x - ww // 2, max(2, c.h // 7)
        c.paint(c.rect(x0 - 1, y0 - 1, ww + 2, wh + 2), "dark wood", "window frame", 0.4, back=True)
        pane = c.rect(x0, y0, ww, wh)
        c.paint(
            pane,
            {"day": "day sky", "night": "night sky", "sunset": "dusk glow", "dawn": "dawn glow"}[s.time],
            "window",
            0.2,
            back=True,
        )
        c.touch(pane & ((c.xs - x0 + c.ys - y0) % (wh + 3) < 2 + c.s // 64), 1.0)
        c.paint(
            c.rect(x0 + ww // 2, y0, 1, wh) | c.rect(x0, y0 + wh // 2, ww, 1),
            "dark wood",
            "window frame",
            0.4,
            back=True,
        )
    ground = c.rect(0, floor, c.w, c.h - floor)
    plank = max(3, (c.h - floor) // 5)
    c.paint(c.rect(0, floor - 1 - c.s // 48, c.w, 1 + c.s // 48), "dark wood", "wall", 0.4, back=True)
    c.paint(ground, "wood" if color != "wood" else "tan", "floor", 0.2, back=True)
    c.touch(ground & ((c.ys - floor) % plank == plank - 1), -1.0)
    c.touch(ground & ((c.xs + ((c.ys - floor) // plank) * (9 + c.s // 16)) % (18 + c.s // 8) == 0), -1.0)
    if c.s >= 40:
        _furnish(c, rng, floor, middles, ww, wh, color)
    return Ground(floor, floor + max(2, (c.h - floor) // 4), c.h - max(1, c.h // 24))


def _furnish(c: Canvas, rng: Rng, floor: int, middles: list[int], ww: int, wh: int, wall: str) -> None:
    """What makes a room lived in: curtains, a picture, a rug, and a shelf with books where the wall is high enough."""
    y0, k = max(2, c.h // 7), 1 + c.s // 80
    cloth = rng.choice(("red", "green", "navy", "purple", "tan"))
    cloth = "red" if cloth == wall else cloth
    for x in middles:
        for side in (-1, 1):
            x0 = x - ww // 2 - 2 - 2 * k if side < 0 else x - ww // 2 + ww + 1
            drape = c.rect(x0, y0 - 1, 2 * k + 1, wh + 3 + k)
            c.paint(drape, cloth, "curtains", c.column(drape, 0.8), back=True)
        c.paint(c.rect(x - ww // 2 - 3 - 2 * k, y0 - 1 - k, ww + 6 + 4 * k, k), "dark wood", "curtains", 0.6, back=True)
    free = c.w // 2 if len(middles) > 1 else 3 * c.w // 4
    pw, ph = max(7, c.s // 8) // 2 * 2 + 1, max(6, c.s // 10)
    px, py = free - pw // 2, y0 + wh // 4
    c.paint(
        c.rect(px - 1, py - 1, pw + 2, ph + 2),
        "gold",
        "picture",
        c.fall(c.rect(px - 1, py - 1, pw + 2, ph + 2)),
        back=True,
    )
    scene = c.rect(px, py, pw, ph)
    c.paint(scene, "day sky", "picture", 0.3, back=True)
    c.paint(scene & (c.ys > py + ph * 0.6 - abs(c.xs - free) * 0.25), "grass", "picture", 0.0, back=True)
    if c.s >= 64:  # a shelf under the picture
        sw, sy = max(9, c.s // 6), py + ph + max(6, c.s // 9)
        x = free - sw // 2
        c.paint(c.rect(x - k, sy, sw + 2 * k, k), "dark wood", "shelf", 0.5, back=True)
        while x < free + sw // 2 - 2 * k:
            tall = rng.integer(2 + k, 3 + 2 * k)
            spine = c.rect(x, sy - tall, k + 1, tall)
            c.paint(
                spine, rng.choice(("red", "blue", "green", "gold", "brown")), "shelf", c.column(spine, 0.8), back=True
            )
            x += k + rng.choice((1, 1, 2))
    rug = c.ellipse(c.w * rng.uniform(0.35, 0.65), floor + (c.h - floor) * 0.56, c.w * 0.3, (c.h - floor) * 0.28)
    c.paint(rug, cloth, "rug", -0.6, back=True)
    inner = shrink(shrink(rug)) if c.s >= 64 else shrink(rug)
    c.paint(inner, cloth, "rug", 0.2, back=True)
    if c.s >= 64:
        c.touch(shrink(shrink(inner)) & ((c.xs + c.ys) % 4 == 0), 0.9)


def space(c: Canvas, rng: Rng, s: Setting) -> Ground:
    c.paint(c.full(), "space", "sky", -0.6, back=True)
    if c.s >= 24:  # a nebula in dithered steps
        cloud = rng.smooth(c.h, c.w, max(6, c.s // 4))
        checker = ((c.xs + c.ys) % 2) * 0.06
        color = rng.choice(("purple", "navy", "dark red", "teal"))
        c.paint(cloud + checker > 0.68, color, "nebula", -1.9, back=True)
        c.paint(cloud + checker > 0.8, color, "nebula", -1.0, back=True)
    wt.stars(c, rng, c.h + 1)
    for _ in range(1 if c.s < 96 else rng.integer(1, 2)):
        d = min(64, max(7, round(c.s * rng.uniform(0.16, 0.3))))
        x, y = rng.integer(-d // 4, c.w - d), rng.integer(0, max(1, c.h // 2 - d // 2))
        body = c.oval(x, y, d, d)
        c.paint(
            body,
            rng.choice(("orange", "teal", "tan", "light blue", "dark red", "violet")),
            "planet",
            c.ball(body, 1.7) - 0.2,
            back=True,
        )
        if rng.chance(0.4):
            ring = c.ellipse(x + d / 2, y + d / 2, d * 0.8, d * 0.2) & ~c.ellipse(
                x + d / 2, y + d / 2 - 1, d * 0.62, d * 0.12
            )
            c.paint(ring & ~(body & (c.ys < y + d / 2)), "tan", "planet", 0.4, back=True)
        else:
            c.touch(body & (rng.smooth(c.h, c.w, max(3, d // 4)) > 0.62), -0.7)
    return Ground(c.h // 2, round(c.h * 0.45), c.h - max(2, c.h // 10))


def moonscape(c: Canvas, rng: Rng, s: Setting) -> Ground:
    horizon = round(c.h * 0.62)
    c.paint(c.full(), "space", "sky", -0.6, back=True)
    wt.stars(c, rng, horizon)
    d = min(40, max(5, c.s // 5))
    x = c.w // 8 if s.light == "left" else c.w - c.w // 8 - d
    body = c.oval(x, max(1, c.h // 10), d, d)
    c.paint(body, "blue", "planet", c.ball(body, 1.5), back=True)
    c.paint(body & (rng.smooth(c.h, c.w, max(3, d // 3)) > 0.6), "green", "planet", 0.0, back=True)
    ridge(c, rng, horizon, c.h * 0.1, c.w // 4 + 3, "grey|far", "hills", -1.4)
    soil(c, horizon, "light grey", rng, tufts=False)
    for _ in range(2 + c.w // 20):
        y = rng.integer(horizon + 1, c.h - 2)
        rx = (2 + c.s / 24) * (0.6 + 1.3 * (y - horizon) / max(1, c.h - horizon))
        cx = rng.integer(0, c.w)
        c.touch(c.ellipse(cx, y, rx, max(0.8, rx * 0.4)) & (c.ys > horizon), -1.2)
        c.touch(c.ellipse(cx, y + 0.8, rx * 0.8, max(0.6, rx * 0.3)) & (c.ys > horizon), 0.7)
    return standing_rows(c, horizon)


def underwater(c: Canvas, rng: Rng, s: Setting) -> Ground:
    bed = round(c.h * 0.8)
    tone = 1.4 - 2.9 * np.clip(c.ys / c.h, 0, 1)
    whole = np.floor(np.broadcast_to(tone, (c.h, c.w)) + 0.5)
    part = np.broadcast_to(tone, (c.h, c.w)) + 0.5 - whole
    c.paint(c.full(), "sea", "water", np.where((part < 0.2) & ((c.xs + c.ys) % 2 == 0), whole - 1, whole), back=True)
    lean = 0.5 if s.light == "left" else -0.5
    for _ in range(2 + c.w // 40):
        x, w = rng.integer(-c.h // 3, c.w + c.h // 3), rng.integer(3, 5 + c.s // 14)
        ray = (c.xs - x - c.ys * lean >= 0) & (c.xs - x - c.ys * lean < w) & (c.ys < bed * rng.uniform(0.5, 0.9))
        c.touch(ray, 0.7)
    line = wavy_line(c, rng, bed + c.h * 0.05, c.h * 0.09, c.w // 3)
    sand = c.ys >= line
    c.paint(sand, "sand|deep", "sand", ground_bands(c, bed), back=True)
    c.touch(sand & (rng.noise(c.h, c.w) > 0.97), -0.8)
    for _ in range(2 + c.w // 14):
        x, height = rng.integer(1, c.w - 2), rng.uniform(0.1, 0.26) * min(c.h, 150)
        y = round(float(line[0, x])) + 2
        for i in range(round(height)):
            sway = round(np.sin(i / 3.0 + x) * (0.8 + c.s / 160))
            c.paint(
                c.rect(x + sway, y - i, 1 + c.s // 64, 1), rng.choice(("green", "dark green")), "seaweed", 0, back=True
            )
    for _ in range(2 + c.w * c.h // 700):
        x, y, d = rng.integer(0, c.w - 1), rng.integer(0, bed), rng.choice((1, 1, 2, 3)) if c.s >= 48 else 1
        bubble = c.oval(x, y, d, d)
        c.paint(bubble, "light blue", "bubbles", 0.8, back=True)
    return Ground(c.h // 3, bed + max(1, c.h // 20), c.h - max(1, c.h // 20))
