"""Painters of places in the open air; each fills the canvas and tells where feet stand."""

from __future__ import annotations

import numpy as np

from pixelmind.data.procedural import backdrop as bd
from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.rng import Rng
from pixelmind.data.procedural.setting import (
    Ground,
    Setting,
    firs,
    ground_bands,
    lamp,
    oak,
    open_sky,
    ridge,
    soil,
    standing_rows,
    waves,
    wavy_line,
)


def meadow(c: Canvas, rng: Rng, s: Setting) -> Ground:
    horizon = round(c.h * rng.uniform(0.58, 0.66))
    open_sky(c, rng, s, horizon + 1)
    if c.s >= 24:
        ridge(c, rng, horizon, c.h * 0.16, c.w // 3, "grass|far", "hills", -0.2)
    if c.s >= 64 and rng.chance(0.6):
        for _ in range(c.w // 22):
            oak(c, rng.integer(0, c.w), horizon + 2, rng.uniform(9, 9 + c.s / 14), "leaf|far")
    area = soil(c, horizon, "grass", rng)
    noise = rng.noise(c.h, c.w)
    for color, low in (("red", 0.0), ("yellow", 0.3), ("white", 0.6)):
        c.paint(area & (noise > low) & (noise < low + 0.004) & (c.ys > horizon + 1), color, "flowers", 0.5, back=True)
    return standing_rows(c, horizon)


def hills(c: Canvas, rng: Rng, s: Setting) -> Ground:
    horizon = round(c.h * 0.62)
    open_sky(c, rng, s, horizon + 1)
    ridge(c, rng, horizon, c.h * 0.34, c.w // 4 + 4, "grass|far", "hills", -0.4)
    ridge(c, rng, horizon, c.h * 0.2, c.w // 3 + 3, "grass|far", "hills", -1.2)
    ridge(c, rng, horizon + 1, c.h * 0.1, c.w // 2 + 3, "grass", "hills", -0.9)
    soil(c, horizon, "grass", rng)
    return standing_rows(c, horizon)


def mountains(c: Canvas, rng: Rng, s: Setting) -> Ground:
    horizon = round(c.h * 0.66)
    open_sky(c, rng, s, horizon + 1)
    side = -1 if s.light == "left" else 1
    number = max(2, round(c.w / max(26, c.h * 0.45)) + 1)
    for depth in (1, 0):
        for i in range(number + depth):
            x = c.w * (i + rng.uniform(0.2, 0.8)) / (number + depth) - depth * c.w * 0.1
            top = horizon - c.h * (rng.uniform(0.36, 0.52) if depth else rng.uniform(0.2, 0.34))
            half = (horizon - top) * rng.uniform(0.8, 1.15)
            peak = c.poly((x, top), (x + half, horizon), (x - half, horizon)) & (c.ys < horizon)
            jag = np.round(rng.smooth(1, c.h, 3 + c.s // 32)[0] * (3 + c.s / 16) - 1)[: c.h][:, None]
            lit = peak & ((c.xs - x - jag * side) * side > 0)
            color = "mountain|far" if depth else "mountain"
            c.paint(peak, color, "mountains", -1.0, back=True)
            c.paint(lit, color, "mountains", 0.3, back=True)
            edge = (horizon - top) * 0.3 + (np.abs(c.xs * 3 + jag * 2).astype(int) % (4 + c.s // 24))
            cap = peak & (c.ys < top + edge)
            c.paint(
                cap,
                "snow|far" if depth else "snow",
                "snow caps",
                np.where(lit, 0.4, -1.1).astype(np.float32),
                back=True,
            )
    if c.s >= 48:
        firs(c, rng, c.w // 9, horizon + 2, 7, 8 + c.s / 14, "pine|far", s.light)
    soil(c, horizon, "grass", rng)
    return standing_rows(c, horizon)


def forest(c: Canvas, rng: Rng, s: Setting) -> Ground:
    horizon = round(c.h * 0.64)
    open_sky(c, rng, s, horizon + 1)
    top = min(46.0, 10 + c.s * 0.34)
    for row, color in enumerate(("pine|far", "pine|far", "pine")):
        number, scale = max(3, round(c.w / (4.2 + row * 2.5 + c.s / 24))), top * (0.8 + 0.14 * row)
        firs(c, rng, number, horizon + 1 + row, scale * 0.62, scale, color, s.light)
    soil(c, horizon, "dark green" if rng.chance(0.5) else "grass", rng)
    return standing_rows(c, horizon)


def snowfield(c: Canvas, rng: Rng, s: Setting) -> Ground:
    horizon = round(c.h * 0.62)
    open_sky(c, rng, s, horizon + 1)
    ridge(c, rng, horizon, c.h * 0.22, c.w // 3 + 4, "snow|far", "hills", -1.0)
    firs(c, rng, max(2, c.w // 14), horizon + 2, 8, 8 + c.s * 0.14, "pine", s.light, snow=True)
    soil(c, horizon, "snow", rng, "snow", tufts=False)
    return standing_rows(c, horizon)


def desert(c: Canvas, rng: Rng, s: Setting) -> Ground:
    horizon = round(c.h * 0.62)
    open_sky(c, rng, s, horizon + 1)
    ridge(c, rng, horizon, c.h * 0.2, c.w // 3 + 4, "sandstone|far" if rng.chance(0.5) else "sand|far", "dunes", -0.6)
    ridge(c, rng, horizon + 1, c.h * 0.1, c.w // 2 + 4, "sand", "dunes", -0.5)
    area = soil(c, horizon, "sand", rng, "sand", tufts=False)
    wave = (np.round(np.sin(c.xs / (5 + c.s / 16)) * 1.5) + c.ys).astype(int) % max(5, c.h // 10) == 0
    c.touch(area & wave & (rng.smooth(c.h, c.w, 8) > 0.6), -0.7)
    return standing_rows(c, horizon)


def beach(c: Canvas, rng: Rng, s: Setting) -> Ground:
    horizon = round(c.h * 0.46)
    open_sky(c, rng, s, horizon)
    shore = round(c.h * 0.66)
    waves(c, rng, horizon, c.h, "sea")
    line = wavy_line(c, rng, shore + c.h * 0.03, c.h * 0.07, c.w // 3)
    sand = c.ys >= line
    c.paint(sand, "sand", "sand", ground_bands(c, shore), back=True)
    noise = rng.noise(c.h, c.w)
    c.touch(sand & (noise > 0.975), -0.9)
    c.paint((c.ys == line - 1) | ((c.ys == line - 2) & (c.xs % 3 == 0)), "cloud", "foam", 0.2, back=True)
    return Ground(horizon, shore + max(2, c.h // 16), c.h - max(1, c.h // 20))


def sea(c: Canvas, rng: Rng, s: Setting) -> Ground:
    horizon = round(c.h * 0.56)
    open_sky(c, rng, s, horizon)
    if c.s >= 48 and rng.chance(0.5):
        x = rng.integer(0, c.w)
        c.paint(
            c.oval(x, horizon - c.h * 0.06, c.w * 0.3, c.h * 0.12) & (c.ys < horizon),
            "mountain|far",
            "island",
            0,
            back=True,
        )
    waves(c, rng, horizon, c.h, "sea")
    return Ground(horizon, horizon + max(3, c.h // 7), c.h - max(2, c.h // 6))


def street(c: Canvas, rng: Rng, s: Setting) -> Ground:
    pavement = round(c.h * 0.7)
    open_sky(c, rng, s, pavement)
    neon = s.genre == "cyberpunk"
    lit = s.time != "day"
    for depth in (1, 0):
        x = -rng.integer(0, 6)
        while x < c.w:
            bw = rng.integer(8 + c.s // 16, 12 + c.s // 7)
            top = pavement - rng.integer(round(c.h * (0.4 if depth else 0.22)), round(c.h * (0.62 if depth else 0.46)))
            color = rng.choice(
                ("navy", "mountain") if neon or depth else ("brick", "stone", "tan", "mountain", "dark grey")
            )
            block = c.rect(x, top, bw, pavement - top)
            c.paint(block, color + ("|far" if depth else ""), "buildings", -0.7 if neon else -0.3, back=True)
            c.touch(c.rect(x if s.light == "left" else x + bw - 1, top, 1, pavement - top), 0.9)
            c.touch(c.rect(x, top, bw, 1), 0.9)
            kw, kh = (2, 3) if c.s >= 64 else (1, 2)
            panes = block & ((c.xs - x - 2) % (kw + 2) < kw) & ((c.ys - top - 2) % (kh + 2) < kh)
            panes &= (c.xs >= x + 2) & (c.xs < x + bw - 2) & (c.ys > top + 1) & (c.ys < pavement - 3)
            lights = (
                rng.noise(c.h // (kh + 2) + 1, c.w // (kw + 2) + 1).repeat(kh + 2, 0).repeat(kw + 2, 1)[: c.h, : c.w]
                > 0.45
            )
            c.paint(panes, "ink", "windows", 0.4, back=True)
            glow = rng.choice(("cyan", "magenta", "screen")) if neon else "flame"
            if depth == 0 or lit:
                c.paint(panes & (lights if lit else ~lights), glow if lit else "glass", "windows", 0.2, back=True)
            x += bw + (rng.integer(1, 4) if not depth else 0)
    c.paint(c.rect(0, pavement, c.w, c.h - pavement), "light grey", "pavement", -0.4, back=True)
    c.touch(c.rect(0, pavement, c.w, 1), 0.9)
    road = pavement + max(2, round(c.h * 0.1))
    c.touch((c.ys >= pavement + 1) & (c.ys < road) & ((c.xs + (c.ys - pavement)) % (6 + c.s // 16) == 0), -0.8)
    c.paint(c.rect(0, road, c.w, c.h - road), "dark grey", "road", -0.6, back=True)
    c.touch(c.rect(0, road, c.w, 1), 1.4)
    dash = (c.ys == round((road + c.h) / 2)) & (c.xs % (8 + c.s // 16) < 4 + c.s // 32)
    c.paint(dash, "white", "markings", -0.4, back=True)
    for x in range(c.w // 7, c.w, max(24, c.w // 3)):
        if c.s >= 32:
            lamp(c, x, pavement + 1, min(30, 8 + c.h // 6), lit)
    return Ground(pavement, pavement + max(2, (road - pavement) // 2), c.h - max(1, c.h // 24))


def rooftop(c: Canvas, rng: Rng, s: Setting) -> Ground:
    floor = round(c.h * 0.74)
    street(c, rng, s)
    slab = c.rect(0, floor, c.w, c.h - floor)
    c.paint(slab, "dark grey", "roof", -0.2, back=True)
    c.touch(c.rect(0, floor, c.w, 1 + c.s // 64), 1.3)
    c.touch(c.rect(0, floor + 3 + c.s // 24, c.w, 1), -1.0)
    c.touch(slab & (c.ys > floor + 3) & c.bricks(0, floor, 8 + c.s // 24, 5 + c.s // 48), -0.7)
    return Ground(floor, floor + 2, floor + max(3, (c.h - floor) // 2))


def graveyard(c: Canvas, rng: Rng, s: Setting) -> Ground:
    horizon = round(c.h * 0.6)
    open_sky(c, rng, s, horizon + 1)
    ridge(c, rng, horizon, c.h * 0.16, c.w // 3 + 4, "dark green|far", "hills", -0.8)
    soil(c, horizon, "dark green", rng)
    fence = horizon + 2
    c.paint(c.rect(0, fence - c.h // 14 - 1, c.w, 1), "iron", "fence", -1.0, back=True)
    c.paint(
        c.rect(0, fence - c.h // 9 - 2, c.w, c.h // 9 + 2) & (c.xs % (3 + c.s // 24) == 1),
        "iron",
        "fence",
        -0.8,
        back=True,
    )
    for _ in range(2 + c.w // 22):
        k = rng.integer(4, 5 + min(c.s, 128) // 14)
        x, y = rng.integer(0, c.w - k), horizon + rng.integer(2, max(3, round((c.h - horizon) * 0.5)))
        stone = c.rect(x, y - k, k, k) | c.oval(x, y - k - k // 2, k, k)
        if (c.part[stone] == c.part_id("tombstones")).any():
            continue
        c.paint(stone, "stone", "tombstones", c.bevel(stone, 0.8), back=True)
        if k > 5:
            c.touch(c.rect(x + k // 2, y - k, 1, k // 2) | c.rect(x + k // 2 - 1, y - k + 1, 3, 1), -1.2)
    return standing_rows(c, horizon)


def farm(c: Canvas, rng: Rng, s: Setting) -> Ground:
    horizon = round(c.h * 0.56)
    open_sky(c, rng, s, horizon + 1)
    ridge(c, rng, horizon, c.h * 0.12, c.w // 2 + 3, "grass|far", "hills", -0.3)
    soil(c, horizon, "grass", rng)
    mid, bottom = horizon + max(2, c.h // 12), round(c.h * 0.78)
    field = c.rect(0, mid, c.w, bottom - mid)
    c.paint(field, "dirt", "field", 0.2, back=True)
    for y in range(mid, bottom, max(2, c.h // 24)):
        c.touch(c.rect(0, y, c.w, 1), -1.0)
        sprouts = (c.ys == y + 1) & ((c.xs + y) % max(3, c.s // 14) == 0) & field
        c.paint(sprouts, "lime", "crops", 0.0, back=True)
        if c.s >= 64:
            c.paint(
                (c.ys == y) & (((c.xs + y + 1) % max(3, c.s // 14)) % max(3, c.s // 14) < 2) & field,
                "leaf",
                "crops",
                0.4,
                back=True,
            )
    k = max(5, c.s // 10)
    post = (c.xs % k < 1 + c.s // 64) & (c.ys >= horizon - c.h // 14) & (c.ys < mid)
    c.paint(post | ((c.ys == horizon - c.h // 20) | (c.ys == mid - 2)), "wood", "fence", 0.3, back=True)
    return Ground(horizon, bottom, c.h - max(1, c.h // 24))


def bridge(c: Canvas, rng: Rng, s: Setting, wooden: bool = False) -> Ground:
    water, deck = round(c.h * 0.72), round(c.h * 0.66)
    open_sky(c, rng, s, water)
    ridge(c, rng, water - 1, c.h * 0.3, c.w // 3 + 4, "grass|far", "hills", -0.4)
    if c.s >= 32:
        firs(c, rng, c.w // 12, water - 1, 6, 7 + c.s / 12, "pine|far", s.light)
    waves(c, rng, water, c.h, "water")
    thick = max(3, round(c.h * 0.1))
    span = max(14, round(c.w / max(1, round(c.w / max(20, c.h * 0.5)))))
    body = c.rect(0, deck, c.w, thick)
    if wooden:
        c.paint(body, "wood", "bridge", 0.3, back=True)
        c.touch(body & (c.xs % (4 + c.s // 32) == 0), -1.0)
        c.touch(c.rect(0, deck + thick - 1, c.w, 1), -1.2)
        for x in range(span // 4, c.w, span // 2):
            pile = c.rect(x, deck + thick, max(2, c.s // 24), c.h - deck - thick - c.h // 16)
            c.paint(pile, "dark wood", "bridge", c.column(pile, 1.0), back=True)
            c.paint(c.rect(x, deck - c.h // 10, max(1, c.s // 32), c.h // 10), "dark wood", "railing", 0.2, back=True)
        c.paint(c.rect(0, deck - c.h // 10, c.w, max(1, c.s // 48)), "dark wood", "railing", 0.4, back=True)
    else:
        body = c.rect(0, deck, c.w, c.h - deck)
        for x in range(-span // 2, c.w + span, span):
            hole = c.ellipse(x + span / 2, c.h * 1.0, span * 0.38, (c.h - deck - thick) * 1.0)
            body &= ~hole
        c.paint(body, "stone", "bridge", -0.1, back=True)
        bw, bh = (5, 3) if c.s < 64 else (8, 5)
        c.touch(body & c.bricks(0, deck, bw, bh), -0.7)
        c.touch(bd.halo(~body & (c.ys > deck)) & body & (c.ys > deck), 0.9)
        c.paint(c.rect(0, deck, c.w, max(1, c.s // 32)), "light grey", "bridge", 0.3, back=True)
        top = c.rect(0, deck - max(1, c.h // 32) - 1, c.w, max(1, c.h // 32) + 1) & (
            c.xs % (6 + c.s // 16) < 3 + c.s // 24
        )
        c.paint(top, "stone", "parapet", 0.2, back=True)
    stand = deck + max(1, thick // 3)
    return Ground(water, stand, stand)


def wooden_bridge(c: Canvas, rng: Rng, s: Setting) -> Ground:
    return bridge(c, rng, s, wooden=True)
