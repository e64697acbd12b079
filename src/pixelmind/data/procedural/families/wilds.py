"""Wild places: caves with stalactites, waterfalls, erupting volcanoes among ferns, and gorges."""

from __future__ import annotations

import numpy as np

from pixelmind.data.procedural import backdrop as bd
from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Fact, Words
from pixelmind.data.procedural.family import Family, Params, choice, flag
from pixelmind.data.procedural.pen import specks
from pixelmind.data.procedural.rng import Rng

ROCKS = {"grey": "stone", "brown": "brown", "purple": "purple", "blue": "navy"}
PARAMETERS = {
    "place": choice("cave", "waterfall", "volcano", weights=(4, 3, 3)),
    "rock": choice(*ROCKS, weights=(3, 3, 2, 2)),
    "crystal_color": choice(None, "cyan", "pink", "green", "purple", "red", weights=(2, 2, 2, 1, 1, 1)),
    "pool": choice("none", "water", "lava", weights=(2, 3, 2)),
    "opening": choice("left", "middle", "right", "none", weights=(1, 2, 1, 1)),
    "time": choice("day", "sunset", "night", weights=(3, 2, 2)),
    "plants": choice("none", "ferns", "palms", weights=(1, 2, 1)),
    "mushrooms": flag(0.3),
}


def fit(p: Params, h: int, w: int) -> None:
    kind, s = p["place"], min(h, w)
    if kind == "cave":
        p["time"], p["plants"] = None, "none"
    else:
        p["crystal_color"] = p["opening"] = None
        p["mushrooms"] = False
        p["pool"] = "lava" if kind == "volcano" else "water"
    if kind == "volcano":
        p["rock"] = "grey" if p["rock"] in ("blue", "purple") else p["rock"]
    if kind == "waterfall" and p["plants"] == "palms":
        p["plants"] = "ferns"
    if s < 16:
        p["crystal_color"], p["mushrooms"] = None, False
        p["plants"] = "none"
    if kind == "cave" and p["rock"] == "purple" and p["crystal_color"] == "purple":
        p["crystal_color"] = "cyan"
    if s < 24:
        p["mushrooms"] = False


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    u = c.s / 32
    {"cave": _cave, "waterfall": _fall, "volcano": _volcano}[p["place"]](p, c, rng, u)


def _teeth(c: Canvas, rng: Rng, n: int, low: float, high: float) -> np.ndarray:
    """Lengths of n hanging cones over the width, float [1, W] in pixels."""
    xs = np.arange(c.w)[None]
    out = np.zeros((1, c.w))
    for i in range(n):
        x, tall = c.w * (i + rng.uniform(0.2, 0.8)) / n, rng.uniform(low, high)
        half = max(1.5, tall * 0.32)
        out = np.maximum(out, tall * np.clip(1 - abs(xs - x) / half, 0, 1))
    return out.round()


def _cave(p: Params, c: Canvas, rng: Rng, u: float) -> None:
    rock = ROCKS[p["rock"]]
    c.paint(c.full(), rock, "back wall", -1.7, back=True)
    soft = rng.smooth(c.h, c.w, max(3, c.s // 5))
    c.touch(soft > 0.6, 0.6)
    if p["opening"] != "none":
        x = {"left": 0.22, "middle": 0.5, "right": 0.78}[p["opening"]] * c.w
        hole = c.oval(x - 5 * u, c.h * 0.24, 10 * u, c.h * 0.7)
        c.paint(hole, "day sky", "opening", c.fall(hole, 1.2, 0.2), back=True)
        beam = c.poly((x - 3 * u, c.h * 0.8), (x + 3 * u, c.h * 0.8), (x + 9 * u, c.h - 1), (x - 9 * u, c.h - 1))
    else:
        beam = c.empty()
    floor_y = c.h * 0.78 - (rng.smooth(1, c.w, max(4, c.w // 3)) * 3 * u).round()
    floor = c.ys >= floor_y
    c.paint(floor, rock, "floor", -0.5, back=True)
    c.touch(floor & (c.ys < floor_y + max(1, u)), 1.1)
    if p["pool"] != "none":
        pool = c.oval(c.w * 0.3, c.h * 0.84, c.w * 0.5, c.h * 0.13)
        c.paint(pool, p["pool"], "pool", 0.2, back=True)
        c.touch(pool & (rng.noise(c.h, c.w) > 0.82), 1.2)
        if p["pool"] == "lava":
            c.touch((abs(c.ys - c.h * 0.8) < 4 * u) & floor & (c.part != c.part_id("pool")), 0.5)
    n = max(3, round(c.w / (6 * max(u, 0.5))))
    top = c.ys < 2 * u + _teeth(c, rng, n, 3 * u, 11 * u) + (rng.smooth(1, c.w, max(3, c.w // 4)) * 3 * u).round()
    side = (rng.smooth(c.h, 1, max(3, c.h // 3)) * 5 * u + 1).round()
    rim = top | (c.xs < side) | (c.xs >= c.w - side[::-1])
    c.paint(rim, rock, "walls", 0.0, back=True)
    inner = rim & ~(np.roll(rim, -1, 0) & np.roll(rim, -1, 1))
    c.touch(rim & ~np.roll(rim, 1, 1), 0.8)
    c.touch(inner & (c.ys < c.h - 1) & (c.xs < c.w - 1), -0.9)
    specks(c, rim | floor, rng, 0.04)
    stumps = (c.ys > c.h - 1 - _teeth(c, rng, 3, 2 * u, 6 * u)) & (c.part != c.part_id("pool"))
    c.paint(stumps & (c.ys > c.h * 0.66), rock, "stalagmites", 0.4, back=True)
    c.touch(beam & (c.part == c.part_id("floor")), 0.8)
    if p["crystal_color"]:
        for x, tall in ((0.12, 7), (0.2, 4.6), (0.86, 6), (0.93, 4)):
            cx, base = c.w * x, round(c.h * 0.86)
            shard = c.poly(
                (cx, base - tall * u),
                (cx + 1.6 * u, base - tall * 0.6 * u),
                (cx + u, base),
                (cx - u, base),
                (cx - 1.6 * u, base - tall * 0.6 * u),
            )
            c.paint(shard, p["crystal_color"], "crystals", np.where(c.xs < cx, 0.9, -0.6) + c.ys * 0, back=True)
    if p["mushrooms"]:
        for x in (0.32, 0.74):
            cx, base = round(c.w * x), round(c.h * 0.84)
            c.paint(c.rect(cx, base - 2 * u, max(1, u), 2 * u + 1), "bone", "mushrooms", 0, back=True)
            cap = c.oval(cx - 2 * u, base - 4 * u, 5 * u, 4 * u) & (c.ys < base - u)
            c.paint(cap, "red", "mushrooms", c.ball(cap, 1.2), back=True)


def _ferns(p: Params, c: Canvas, u: float, dim: float) -> None:
    top: float
    if p["plants"] == "none":
        return
    for x in (0.08, 0.9):
        cx, base = c.w * x, c.h - 1.0
        if p["plants"] == "palms":
            top = base - 14 * u
            c.paint(
                c.taper(
                    ((cx, base), (cx + (0.5 - x) * 4 * u, base - 7 * u), (cx + (0.5 - x) * 6 * u, top)), 2 * u, 1.2 * u
                ),
                "wood",
                "plants",
                dim * 0.5,
                back=True,
            )
            cx, base = cx + (0.5 - x) * 6 * u, float(top)
        for dx, dy in ((-6, -1), (6, -1), (-4, -5), (4, -5), (0, -7)):
            leaf = c.taper(
                ((cx, base), (cx + dx * 0.4 * u, base + dy * u), (cx + dx * u, base + (dy + 3) * u)), max(1, 1.8 * u), 1
            )
            c.paint(leaf, "leaf", "plants", (0.5 if dx < 0 else -0.4) + dim * 0.5, back=True)


def _sky(p: Params, c: Canvas, rng: Rng, horizon: int) -> float:
    bd.sky(c, p["time"], rng, horizon, extras=p["time"] != "day" or p["place"] == "waterfall")
    return {"day": 0.0, "sunset": -0.5, "night": -1.1}[p["time"]]


def _fall(p: Params, c: Canvas, rng: Rng, u: float) -> None:
    rock, low = ROCKS[p["rock"]], round(c.h * 0.76)
    dim = _sky(p, c, rng, c.h)
    edge = np.round(c.h * 0.26 + rng.smooth(1, c.w, max(3, c.w // 4)) * 3 * u - 1.5 * u)
    cliff = (c.ys >= edge) & (c.ys < low + 2 * u)
    c.paint(cliff, rock, "cliff", -0.3 + dim * 0.6, back=True)
    block = rng.smooth(c.h, c.w, max(3, round(5 * u)))
    c.touch(cliff & (block > 0.6), 0.8)
    c.touch(cliff & (block < 0.32), -0.9)
    grass = cliff & (c.ys < edge + max(1, round(2 * u)) + c.xs.astype(int) % 3 // 2)
    c.paint(grass, "grass", "grass", 0.3 + dim * 0.6, back=True)
    pool = c.rect(0, low, c.w, c.h)
    c.paint(pool, "water", "water", c.fall(pool, 0.5, -0.8).round() + dim * 0.5, back=True)
    half = 4.4 * u
    mid = c.w / 2
    stream = (
        (abs(c.xs + 0.5 - mid) <= half + np.where(c.ys > low - 4 * u, 1, 0)) & (c.ys >= edge - 0) & (c.ys < low + u)
    )
    streaks = rng.noise(1, c.w)
    c.paint(
        stream,
        "water",
        "waterfall",
        0.6 + np.where(streaks > 0.6, 1.0, np.where(streaks < 0.3, -0.7, 0.0)) + dim * 0.4 + c.ys * 0,
        back=True,
    )
    c.touch(stream & ((c.ys + (streaks * 9).astype(int)) % max(4, round(5 * u)) == 0), 0.9)
    for i in range(5):
        d = round((2.6 + (i % 2)) * u) + 1
        c.paint(
            c.oval(mid - half - u + i * (2 * half + u) / 5, low - d * 0.5, d, d),
            "cloud",
            "foam",
            0.2 + dim * 0.5,
            back=True,
        )
    ripple = pool & (rng.noise(c.h, c.w // 2 + 1).repeat(2, 1)[:, : c.w] > 0.86) & ((c.ys - low) % 2 == 1)
    c.touch(ripple, 1.0)
    for x, d in ((0.14, 5), (0.8, 6)):
        stone = c.oval(c.w * x, low + 2 * u, d * u, d * 0.7 * u)
        c.paint(stone, rock, "rocks", c.ball(stone, 1.4) + dim * 0.4, back=True)
    _ferns(p, c, u, dim)


def _volcano(p: Params, c: Canvas, rng: Rng, u: float) -> None:
    horizon = round(c.h * 0.8)
    dim = _sky(p, c, rng, horizon)
    mid, top = c.w / 2 - 0.5, round(c.h * 0.32)
    for i, (d, y) in enumerate(((6, 4), (8, 9), (10, 14))):
        puff = c.oval(mid - d * u / 2 + (i - 1) * 2 * u * (i > 0), top - y * u, d * u, d * 0.8 * u)
        c.paint(puff, "dark grey", "smoke", c.ball(puff, 1.2) + 0.3 + dim * 0.4, back=True)
    cone = c.poly((mid - 3 * u, top), (mid + 3 * u, top), (mid + 14 * u, horizon), (mid - 14 * u, horizon))
    rock = {"grey": "dark grey", "brown": "dark brown"}[p["rock"]]
    jag = (rng.noise(c.h, 1) * 3 * u).round()
    c.paint(cone, rock, "volcano", np.where(c.xs < mid + jag, 0.4, -0.8) + dim * 0.4, back=True)
    specks(c, cone, rng, 0.05)
    flow = c.taper(((mid, top), (mid + 4 * u, top + 7 * u), (mid - 2 * u, horizon)), max(2, 3 * u), max(1, 2 * u))
    flow |= c.taper(
        ((mid, top), (mid - 5 * u, top + 6 * u), (mid - 7 * u, horizon - 3 * u)), max(1, 1.6 * u), max(1, u)
    )
    flow |= c.rect(mid - 2.6 * u, top, 5.6 * u, max(1, 1.4 * u))
    c.paint(flow & (cone | (c.ys < top + 2 * u)), "lava", "lava", 0.3, back=True)
    for dx, dy in ((-3, -3), (0, -5), (3, -3), (-5, 0), (5, -1)):
        k = max(1, round(1.2 * u))
        c.paint(c.rect(mid + dx * u, top + dy * u, k, k + (dx == 0)), "fire", "lava", 0.3, back=True)
    land = c.rect(0, horizon, c.w, c.h)
    c.paint(land, "grass" if p["plants"] != "none" else "dirt", "ground", -0.3 + dim * 0.6, back=True)
    c.touch(c.rect(0, horizon, c.w, max(1, round(u))), 0.9)
    specks(c, land, rng, 0.05)
    pool = c.oval(mid - 6 * u, horizon + u, 10 * u, 3.4 * u)
    c.paint(pool, "lava", "lava", 0.3, back=True)
    _ferns(p, c, u, dim)


def words(p: Params) -> Words:
    kind, seen = p["place"], p["visible"]
    nouns = {
        "cave": ("cave", "cavern", "underground cave"),
        "waterfall": ("waterfall", "waterfall landscape", "waterfall over a cliff"),
        "volcano": ("volcano", "erupting volcano", "prehistoric volcano"),
    }[kind]
    having: list[Fact] = []
    if kind == "cave":
        having.append(("stalactites", "stalactites on the ceiling"))
        if p["crystal_color"] and "crystals" in seen:
            having.append((f"{{{p['crystal_color']}}} crystals", "glowing crystals", "crystals"))
        if p["pool"] != "none" and "pool" in seen:
            having.append(
                (f"a pool of {p['pool']}", "an underground lake")
                if p["pool"] == "water"
                else ("a pool of lava", "lava")
            )
        if p["opening"] != "none":
            having.append(("an opening to the sky", "daylight coming in"))
        if p["mushrooms"] and "mushrooms" in seen:
            having.append(("{red} mushrooms", "mushrooms"))
    elif kind == "volcano":
        having += [("lava", "rivers of lava", "flowing lava"), ("smoke", "dark smoke")]
    if p["plants"] != "none" and "plants" in seen:
        having.append(("ferns", "fern plants") if p["plants"] == "ferns" else ("palm trees", "palms"))
    place: tuple[Fact, ...] = ()
    if p["time"]:
        place = (
            {
                "day": ("by day", "in daylight"),
                "sunset": ("at sunset", "in the evening"),
                "night": ("at night", "by night"),
            }[p["time"]],
        )
    look = f"{{{p['rock']}}}" if kind == "cave" else ""
    lacking = ("an exit",) if p["opening"] == "none" else ()
    return Words(nouns=nouns, adjectives=(look,), having=tuple(having), place=place, lacking=lacking)


FAMILY = Family(
    name="wilds",
    kind="scene",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    view="side",
    sizes=((16, 16), (24, 24), (32, 32), (32, 32), (48, 48), (64, 64), (32, 48), (24, 32), (48, 64)),
    weight=1.3,
    genres=("prehistoric", "fantasy"),
)
