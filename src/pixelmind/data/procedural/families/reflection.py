"""Still water that mirrors what stands behind it: hills, mountains, castles, houses or firs by a lake, with sun or moon."""

from __future__ import annotations

import numpy as np

from pixelmind.data.procedural import backdrop as bd
from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import SCENIC, Family, Params, choice, flag
from pixelmind.data.procedural.rng import Rng

PARAMETERS = {
    "shore": choice("hills", "mountains", "castle", "forest", "house", weights=(2, 3, 3, 2, 2)),
    "castle_color": choice("grey", "white", "sandstone", "dark grey", weights=(3, 2, 2, 1)),
    "flag_color": choice("red", "blue", "green", "yellow", "purple"),
    "time": choice("day", "sunset", "night", "dawn", weights=(3, 3, 3, 2)),
    "disc": choice("left", "right", "none", weights=(3, 3, 2)),
    "ripples": flag(0.5),
    "boat": flag(0.3),
}


def fit(p: Params, h: int, w: int) -> None:
    s = min(h, w)
    if p["shore"] != "castle":
        p["castle_color"] = p["flag_color"] = None
    elif s < 24:
        p["flag_color"] = None
    if p["shore"] == "house" and s < 16:
        p["shore"] = "hills"
    if s < 24:
        p["boat"] = False
    if s < 16:
        p["ripples"] = False


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    s, u, time = c.s, c.s / 32, p["time"]
    dim = {"day": 0.0, "dawn": -0.2, "sunset": -0.6, "night": -1.3}[time]
    level = c.h // 2
    bd.sky(c, time, rng, level, extras=False)
    if time == "night":
        bd.stars(c, rng, level, max(3, c.w * level // 80))
    elif time == "day" and s >= 16:
        bd.cloud(c, rng.integer(0, c.w), rng.integer(1, max(2, level // 3)), rng)
    if p["disc"] != "none":
        d = max(3, round(6.4 * u))
        x = round(c.w * 0.1) if p["disc"] == "left" else round(c.w * 0.9) - d
        high = time in ("day", "night") or p["shore"] in ("forest", "mountains")
        name = "moon" if time == "night" else "sun"
        bd.disc(
            c,
            rng,
            name,
            name,
            level,
            x,
            max(1, round(level * (0.14 if high else 0.34))),
        )
    _shore(p, c, rng, level, u, dim)
    if p["boat"]:
        x, y, k = round(c.w * rng.uniform(0.3, 0.55)), level, round(7 * u)
        c.paint(c.rect(x + k // 2, y - k - 1, 1, k), "dark wood", "boat", dim, back=True)
        c.paint(
            c.poly((x + k // 2 + 1, y - k), (x + k, y - 3), (x + k // 2 + 1, y - 3)),
            "white",
            "boat",
            dim * 0.6,
            back=True,
        )
        c.paint(c.poly((x, y - 2), (x + k, y - 2), (x + k - 2, y - 1), (x + 2, y - 1)), "wood", "boat", dim, back=True)
    # the water: every row takes the row as far above the line, darker, shifted where it ripples
    rows = np.clip(level - 1 - (np.arange(level, c.h) - level), 0, level - 1)
    shift = np.zeros(len(rows), dtype=int)
    if p["ripples"]:
        wave = np.arange(len(rows)) // max(1, round(u))
        shift = np.round(np.sin(wave * 1.9) * (0.4 + wave * 0.07)).astype(int)
    cols = (np.arange(c.w)[None] + shift[:, None]).clip(0, c.w - 1)
    stars_part = c.part_id("stars")
    water, mirror = c.part_id("water"), c.part_id("reflection")
    mat, tone, part = c.mat[rows[:, None], cols], c.tone[rows[:, None], cols], c.part[rows[:, None], cols]
    sky_parts = [c.part_id(n) for n in ("sky", "clouds")]
    c.mat[level:], c.tone[level:] = mat, np.floor(tone + 0.5) - 0.9
    c.part[level:] = np.where(np.isin(part, sky_parts) | (part == stars_part), water, mirror)
    c.figure[level:] = False
    low = c.ys >= level
    if "water" not in c.materials:
        c.materials.append("water")
    if time == "day":  # the sky's blue reads as water
        is_sky = low & (c.part == water)
        c.paint(is_sky, "water", "water", c.fall(c.rect(0, level, c.w, c.h - level), 0.6, -0.7).round(), back=True)
    c.touch(c.rect(0, level, c.w, 1), 0.9 if dim > -1 else 0.6)
    glints = (
        low
        & (rng.noise(c.h, c.w // 3 + 1).repeat(3, 1)[:, : c.w] > (0.95 if not p["ripples"] else 0.9))
        & ((c.ys - level) % 3 == 2)
    )
    c.touch(glints, 0.9)


def _shore(p: Params, c: Canvas, rng: Rng, level: int, u: float, dim: float) -> None:
    kind = p["shore"]
    if kind == "mountains":
        for i in range(3):
            x, top = c.w * (0.16 + 0.34 * i + rng.uniform(-0.05, 0.05)), level * rng.uniform(0.16, 0.42)
            if p["disc"] == ("left", "", "right")[i]:  # leave the sun or the moon in sight
                top = level * 0.6
            peak = c.poly((x, top), (x + (level - top) * 0.95, level), (x - (level - top) * 0.95, level)) & (
                c.ys < level
            )
            edge = x + (c.xs.astype(int) % 2) + (c.ys * 5).astype(int) % 3 - 1
            c.paint(peak, "mountain", "mountains", np.where(c.xs < edge, 0.3, -0.9) + dim * 0.7, back=True)
            cap = peak & (c.ys < top + (level - top) * 0.34 + c.xs.astype(int) % 3)
            c.paint(cap, "snow", "snow", np.where(c.xs < edge, 0.3, -1.0) + dim * 0.6, back=True)
    elif kind == "hills":
        for i, tall in enumerate((0.62, 0.4)):
            hill = (c.ys >= level - np.round(rng.smooth(1, c.w, max(4, c.w // 2)) * level * tall + level * 0.1)) & (
                c.ys < level
            )
            c.paint(hill, "pine" if i == 0 else "grass", "hills", -0.4 * (i == 0) + dim * 0.7, back=True)
    if kind in ("forest", "house", "castle"):
        bank = c.rect(0, level - max(1, round(2 * u)), c.w, max(1, round(2 * u)))
        n = max(4, c.w // 5) if kind == "forest" else 3
        for i in range(n):
            x = c.w * (i + rng.uniform(0.2, 0.8)) / n
            if kind != "forest" and abs(x - c.w / 2) < c.w * 0.27:
                continue
            tall = level * rng.uniform(0.34, 0.7 if kind == "forest" else 0.5)
            tree = c.poly((x, level - tall), (x + tall * 0.34, level), (x - tall * 0.34, level)) & (c.ys < level)
            c.paint(tree, "pine", "trees", c.column(tree, 1.0) + dim * 0.7, back=True)
            if tall > 8:
                c.touch(tree & ((c.ys - level).astype(int) % 3 == 0), -0.8)
        c.paint(bank, "grass", "bank", 0.1 + dim * 0.7, back=True)
    mid = c.w / 2
    if kind == "castle":
        color, base = p["castle_color"], level - max(1, round(u))
        wall = c.rect(mid - 7 * u, base - 5 * u, 14 * u, 5 * u)
        c.paint(wall, color, "castle", -0.5 + dim * 0.7, back=True)
        merlon = max(1, round(u))
        battlement = c.rect(mid - 7 * u, base - 5 * u - merlon, 14 * u, merlon)
        c.paint(battlement & ((c.xs - round(mid)) // merlon % 2 == 0), color, "castle", 0.3 + dim * 0.7, back=True)
        for x, w, tall in (
            (mid - 8.4 * u, 4 * u, 8 * u),
            (mid + 4.4 * u, 4 * u, 8 * u),
            (mid - 2.4 * u, 4.8 * u, 11 * u),
        ):
            tower = c.rect(x, base - tall, w, tall)
            left, _, wide, _ = c.box(tower)
            cap = c.rect(left - (u > 0.7), base - tall - merlon, wide + 2 * (u > 0.7), merlon + 1)
            if c.s >= 48:
                cap &= ((c.xs - left) // merlon % 2 == 0) | (c.ys >= base - tall)
            lit = np.where(c.xs < left + wide * 0.4, 0.6, np.where(c.xs < left + wide * 0.75, -0.2, -1.0))
            c.paint(tower, color, "castle", lit + dim * 0.7, back=True)
            c.paint(cap, color, "castle", 0.7 + dim * 0.7, back=True)
            if c.s >= 24:
                slit = c.rect(left + wide // 2 - (wide % 2 == 0), base - tall + 2 * u, max(1, 0.9 * u), max(2, 1.8 * u))
                c.paint(slit, "flame" if p["time"] in ("night", "sunset") else "ink", "windows", 0.2, back=True)
            if p["flag_color"]:
                fx = round(x + w / 2)
                c.paint(c.rect(fx, base - tall - 4 * u, 1, 3.4 * u), "dark wood", "flagpole", dim, back=True)
                c.paint(
                    c.rect(fx + 1, base - tall - 4 * u, max(2, 2.2 * u), max(1, 1.6 * u)),
                    p["flag_color"],
                    "flags",
                    0.2 + dim * 0.4,
                    back=True,
                )
        c.paint(c.rect(mid - u, base - 2.6 * u, max(2, 2 * u), 2.6 * u), "ink", "gate", 0, back=True)
    elif kind == "house":
        base = level - max(1, round(u))
        c.paint(c.rect(mid - 4 * u, base - 4.4 * u, 8 * u, 4.4 * u), "beige", "house", 0.1 + dim * 0.7, back=True)
        roof = c.poly((mid - 0.5, base - 9 * u), (mid + 5 * u, base - 4.4 * u), (mid - 5 * u - 1, base - 4.4 * u))
        c.paint(roof, "red", "roof", np.where(c.xs < mid, 0.3, -0.8) + dim * 0.7, back=True)
        c.paint(
            c.rect(mid - 2.8 * u, base - 3.2 * u, max(1, 1.8 * u), max(1, 1.8 * u)),
            "flame" if p["time"] != "day" else "light blue",
            "windows",
            0.2,
            back=True,
        )
        c.paint(c.rect(mid + 0.8 * u, base - 3 * u, max(1, 1.8 * u), 3 * u), "dark wood", "door", dim, back=True)


def words(p: Params) -> Words:
    kind, time = p["shore"], p["time"]
    thing = {
        "hills": "hills",
        "mountains": "mountains",
        "castle": "a castle",
        "forest": "a pine forest",
        "house": "a house",
    }[kind]
    having: list[Fact] = []
    if kind == "castle":
        castle = f"a~{{{p['castle_color']}}} castle" if p["castle_color"] != "sandstone" else "a sandstone castle"
        having.append((f"{castle} mirrored in the water", f"the reflection of {castle}"))
        if p["flag_color"] and "flags" in p["visible"]:
            having.append((f"three {{{p['flag_color']}}} flags", f"{{{p['flag_color']}}} flags"))
    else:
        having.append((f"{thing} mirrored in the water", f"the reflection of {thing}"))
    body = "moon" if time == "night" else "sun"
    if p["disc"] != "none" and body in p["visible"]:
        having.append((f"a~{body}", f"the {body} on the {p['disc']}"))
    if p["boat"] and "boat" in p["visible"]:
        having.append(("a boat", "a small sailboat"))
    when = {
        "day": ("by day", "in daylight"),
        "night": ("at night", "by night"),
        "sunset": ("at sunset", "in the evening"),
        "dawn": ("at dawn", "in the early morning"),
    }[time]
    state: Fact = ("rippling", "") if p["ripples"] else ("still", "calm", "")
    return Words(
        nouns=("lake", "lake landscape", "water reflection scene"),
        adjectives=(state,),
        having=tuple(having),
        place=(when,),
        lacking=("boats",) if not p["boat"] else (),
    )


FAMILY = Family(
    name="reflection",
    kind="scene",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    view="side",
    sizes=SCENIC[1:],  # too busy for 8 px
    weight=1.3,
    genres=("fantasy", "modern"),
)
