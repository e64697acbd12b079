"""Underwater scenes: corals, seaweed, fish, bubbles, a sunken chest or wreck, rays of light from above."""

from __future__ import annotations

import math

from pixelmind.data.procedural import backdrop as bd
from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import NUMBERS, Fact, Words
from pixelmind.data.procedural.family import SCENIC, Family, Params, choice, count, flag
from pixelmind.data.procedural.pen import colors, specks
from pixelmind.data.procedural.rng import Rng

PARAMETERS = {
    "coral_color": colors("pink", "orange", "red", "purple", "yellow", "magenta"),
    "fish": count(0, 4),
    "fish_color": colors("orange", "yellow", "red", "white", "lime"),
    "seaweed": choice("none", "some", "much", weights=(1, 3, 2)),
    "sunken": choice("nothing", "chest", "anchor", "amphora", "submarine", weights=(3, 3, 2, 1.5, 2)),
    "depth": choice("shallow", "deep", weights=(3, 2)),
    "rays": flag(0.5),
    "bubbles": flag(0.6),
}


def fit(p: Params, h: int, w: int) -> None:
    s = min(h, w)
    if s < 16:
        p["fish"], p["sunken"], p["bubbles"] = min(p["fish"], 1), "nothing", False
        p["seaweed"] = "some" if p["seaweed"] == "much" else p["seaweed"]
    elif s < 24:
        p["fish"] = min(p["fish"], 2)
    if not p["fish"]:
        p["fish_color"] = None
    if p["depth"] == "deep":
        p["rays"] = False


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    s, u = c.s, c.s / 32
    floor = round(c.h * 0.8)
    deep = p["depth"] == "deep"
    color = "sea" if deep else "water"
    full = c.full()
    c.paint(full, color, "water", bd.bands(c, full, 0.2 if deep else 1.4, -1.8 if deep else -1.0, floor), back=True)
    if p["rays"]:
        for i in range(3):
            x = c.w * (0.12 + 0.3 * i) + rng.uniform(0, 0.1) * c.w
            ray = c.poly((x, 0), (x + 3 * u, 0), (x + 9 * u, floor), (x + 3 * u, floor))
            c.touch(ray, 0.7)
    line = floor - (rng.smooth(1, c.w, max(4, c.w // 3)) * 3 * u).round()
    sand = c.ys >= line
    back = c.ys >= line - (rng.smooth(1, c.w, max(3, c.w // 5)) * 7 * u).round() - 2 * u
    c.paint(back & ~sand, "navy" if deep else "sea", "rocks", -0.2 if not deep else -0.8, back=True)
    c.paint(sand, "sand", "sand", -0.2 if not deep else -1.2, back=True)
    c.touch(sand & (c.ys < line + max(1, round(u))), 0.8)
    specks(c, sand, rng, 0.05)
    n = {"none": 0, "some": 2, "much": 5}[p["seaweed"]]
    for i in range(n):
        x = (
            c.w * (0.1 + 0.8 * (i + rng.uniform(0.1, 0.9)) / n)
            if n > 2
            else c.w * (0.07 + 0.78 * i + rng.uniform(0, 0.08))
        )
        tall = c.h * rng.uniform(0.22, 0.42)
        sway = rng.choice((-1.0, 1.0)) * 1.6 * u
        steps = max(3, round(tall))
        weed = c.empty()
        for k in range(steps):
            dx = sway * math.sin(k / max(3.0, 4.2 * u))
            weed |= c.rect(x + dx, floor + 1 - k, max(1, round((1.8 - k / steps) * u)), 1)
        c.paint(weed, "leaf" if i % 2 else "green", "seaweed", 0.2 - (1.0 if deep else 0), back=True)
    corals = 2 if s < 24 else 3 if s < 48 else 4
    for i in range(corals):
        at = i / max(1, corals - 1)
        if p["sunken"] not in ("nothing", "submarine"):  # leave its place free
            at = at * 0.5 if at < 0.5 else 0.86 + 0.28 * (at - 0.5)
        x = round(c.w * (0.16 + 0.66 * at) + rng.uniform(-0.04, 0.04) * c.w)
        shade = p["coral_color"] if i % 2 == 0 else ("violet" if p["coral_color"] != "purple" else "pink")
        _coral(
            c,
            rng,
            x,
            floor + round(2 * u),
            u * rng.uniform(0.9, 1.3),
            shade,
            (i + rng.integer(0, 1)) % 3,
            -0.5 if deep else 0.1,
        )
    _sunken(p, c, rng, floor, u)
    for i in range(p["fish"]):
        k = max(3, round((5 if i == 0 else 4) * u * (1.3 if p["fish"] == 1 else 1)))
        x = round(c.w * ((0.16, 0.56, 0.34, 0.7)[i] + rng.uniform(-0.06, 0.06)))
        y = round(c.h * (0.14, 0.26, 0.44, 0.5)[i])
        _fish(c, x, y, k, p["fish_color"], rng.chance(0.5), i)
    if p["bubbles"]:
        x = c.w * rng.uniform(0.3, 0.7)
        for i in range(4):
            d = max(1, round((1.4 + 0.5 * (i % 2)) * u))
            bx, by = round(x + (i % 2) * 2 * u), round(floor - (6 + 5.4 * i) * u)
            ring = c.oval(bx, by, d, d)
            c.paint(ring, "cyan", "bubbles", 0.8, back=True)
            if d > 3:
                c.paint(c.oval(bx + 1, by + 1, d - 2, d - 2), color, "bubbles", 0.6, back=True)


def _coral(c: Canvas, rng: Rng, x: int, y: int, u: float, color: str, kind: int, tone: float) -> None:
    if kind == 0:  # branching
        body = c.rect(x, y - 7 * u, max(1, 1.6 * u), 7 * u)
        for dx, top in ((-3.2, 6), (3.4, 5.2), (-1.6, 9), (2, 9.6)):
            body |= c.stroke(
                (x, y - 2.4 * u - abs(dx) * 0.3 * u), (x + dx * u, y - top * u), width=max(1, round(1.3 * u))
            )
        c.paint(body, color, "coral", c.fall(body, 0.9, -0.7) + tone, back=True)
    elif kind == 1:  # brain
        body = c.oval(x - 4 * u, y - 6 * u, 8.6 * u, 8 * u) & (c.ys < y)
        c.paint(body, color, "coral", c.ball(body, 1.5) + tone, back=True)
        if c.s >= 24:
            c.touch(body & ((c.xs + 2 * c.ys).astype(int) % 5 == 0), -0.8)
    else:  # tubes
        for dx, top in ((-2.6, 5), (0, 8), (2.6, 6.2)):
            tube = c.rect(x + dx * u, y - top * u, max(2, 2.2 * u), top * u)
            c.paint(tube, color, "coral", c.column(tube, 1.1) + tone, back=True)
            c.touch(c.rect(x + dx * u, y - top * u, max(2, 2.2 * u), 1), -1.6)


def _fish(c: Canvas, x: int, y: int, k: int, color: str, left: bool, index: int) -> None:
    tall = max(2, round(k * 0.7))
    body = c.oval(x, y, k, tall)
    tail = c.poly((x - 1, y + tall / 2 - 0.5), (x - k * 0.4, y), (x - k * 0.4, y + tall - 1))
    cells = body | tail
    eye = c.dots((x + k * 0.7, y + tall * 0.3))
    stripe = c.rect(x + k * 0.4, y, max(1, k // 6), tall) & body
    if left:
        cols = [*range(c.w)]
        centre = x + k // 2
        mirror = [min(max(2 * centre - v, 0), c.w - 1) for v in cols]
        cells, eye, stripe = cells[:, mirror], eye[:, mirror], stripe[:, mirror]
    c.paint(cells, color, "fish", c.fall(cells, 0.9, -0.8), back=True)
    if k >= 5:
        c.paint(stripe, "white" if color != "white" else "orange", "fish", 0.3, back=True)
    if k >= 4:
        c.paint(eye, "ink", "fish", 0, back=True)


def _sunken(p: Params, c: Canvas, rng: Rng, floor: int, u: float) -> None:
    kind, x, y = p["sunken"], round(c.w * 0.46), floor + round(3 * u)
    if kind == "chest":
        body = c.rect(x, y - 4 * u, 8 * u, 4 * u)
        c.paint(c.rect(x + u, y - 5 * u, 6 * u, 2 * u), "gold", "chest", 0.6, back=True)
        c.paint(body, "wood", "chest", c.fall(body, 0.6, -0.8), back=True)
        lid = c.poly((x - u, y - 8 * u), (x + 7 * u, y - 8 * u), (x + 8 * u, y - 5.4 * u), (x, y - 5.4 * u))
        c.paint(lid, "wood", "chest", 0.4, back=True)
        c.paint(c.rect(x + 3.4 * u, y - 4 * u, max(1, 1.4 * u), max(1, 1.6 * u)), "gold", "chest", 0.4, back=True)
    elif kind == "anchor":
        w = max(1, round(1.3 * u))
        body = c.rect(x + 3 * u, y - 10 * u, w, 10 * u) | c.rect(x + 0.6 * u, y - 8 * u, 6 * u, w)
        body |= c.stroke(
            (x - 0.6 * u, y - 3.4 * u),
            (x + 1 * u, y - u),
            (x + 3.4 * u, y - 0.4 * u),
            (x + 5.8 * u, y - u),
            (x + 7.4 * u, y - 3.4 * u),
            width=w,
        )
        body |= c.oval(x + 2.2 * u, y - 12 * u, 3.2 * u, 3.2 * u) & ~c.oval(x + 3.2 * u, y - 11 * u, 1.2 * u, 1.2 * u)
        c.paint(body, "dark grey", "anchor", c.ball(body, 1.0), back=True)
    elif kind == "amphora":
        body = c.oval(x, y - 8 * u, 6 * u, 8 * u) | c.rect(x + 2 * u, y - 10 * u, 2.2 * u, 3 * u)
        c.paint(body, "brick", "amphora", c.column(body, 1.3), back=True)
        c.paint(c.rect(x + u, y - 10.4 * u, 4 * u, max(1, u)), "brick", "amphora", 0.6, back=True)
        c.paint(c.rect(x, y - 5 * u, 6 * u, max(1, u)) & body, "ink", "amphora", 0.3, back=True)
    elif kind == "submarine":
        y = round(c.h * 0.48)
        body = c.oval(x, y, 13 * u, 6 * u)
        c.paint(c.rect(x + 5 * u, y - 2 * u, 3.4 * u, 3 * u), "yellow", "submarine", 0.2, back=True)
        c.paint(
            c.rect(x + 6.4 * u, y - 4 * u, max(1, u), 2 * u) | c.rect(x + 6.4 * u, y - 4 * u, 2.4 * u, max(1, u)),
            "iron",
            "submarine",
            0.2,
            back=True,
        )
        c.paint(c.rect(x - u, y + 1.4 * u, max(1, 1.4 * u), 3.4 * u), "iron", "submarine", 0.3, back=True)
        c.paint(body, "yellow", "submarine", c.fall(body, 0.9, -1.2), back=True)
        for i in range(3):
            d = max(1, round(1.8 * u))
            c.paint(c.oval(x + (3 + 3 * i) * u, y + 1.8 * u, d, d), "cyan", "submarine", 0.3, back=True)


def words(p: Params) -> Words:
    seen = p["visible"]
    having: list[Fact] = []
    if "coral" in seen:
        having.append((f"{{{p['coral_color']}}} corals", "corals", f"{{{p['coral_color']}}} coral"))
    if p["fish"] and "fish" in seen:
        n = p["fish"]
        having.append(
            (f"a~{{{p['fish_color']}}} fish", "one fish", "a fish")
            if n == 1
            else (f"{NUMBERS[n]} {{{p['fish_color']}}} fish", f"{n} fish", f"{{{p['fish_color']}}} fish")
        )
    if p["seaweed"] != "none" and "seaweed" in seen:
        having.append(("seaweed", "{green} seaweed"))
    if p["sunken"] != "nothing" and p["sunken"] in seen:
        having.append(
            {
                "chest": ("a sunken treasure chest", "a treasure chest"),
                "anchor": ("an old anchor", "an anchor"),
                "amphora": ("a sunken amphora", "a clay jar"),
                "submarine": ("a {yellow} submarine", "a submarine"),
            }[p["sunken"]]
        )
    if p["bubbles"] and "bubbles" in seen:
        having.append("bubbles")
    if p["rays"]:
        having.append(("rays of light", "sunbeams"))
    lacking = tuple(x for x, yes in (("fish", not p["fish"]), ("seaweed", p["seaweed"] == "none")) if yes)
    return Words(
        nouns=("coral reef", "underwater scene", "reef", "sea floor", "underwater landscape"),
        adjectives=(("deep", "dark") if p["depth"] == "deep" else ("shallow", "bright", ""),),
        having=tuple(having),
        place=(("under the sea", "underwater", "at the bottom of the sea"),),
        lacking=lacking,
    )


FAMILY = Family(
    name="reef",
    kind="scene",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    view="side",
    sizes=SCENIC[1:],  # too busy for 8 px
    weight=1.3,
    genres=("underwater", "pirate"),
)
