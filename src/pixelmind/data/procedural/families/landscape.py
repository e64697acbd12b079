"""Landscapes: a sky at a time of day, sun or moon, mountains or hills, sea, trees, and the weather."""

from __future__ import annotations

import numpy as np

from pixelmind.data.procedural import backdrop as bd
from pixelmind.data.procedural.canvas import Canvas, Region
from pixelmind.data.procedural.captions import Words
from pixelmind.data.procedural.family import Family, Params, choice, count
from pixelmind.data.procedural.rng import Rng

PARAMETERS = {
    "land": choice(
        "meadow",
        "sea",
        "desert",
        "snow",
        "forest",
        "lake",
        "beach",
        "volcano",
        "city",
        "hills",
        weights=(3, 3, 2, 2, 3, 2, 2, 1, 2, 2),
    ),
    "time": choice("day", "night", "sunset", "dawn", weights=(4, 3, 3, 1.5)),
    "peaks": count(0, 3),
    "trees": choice("none", "few", "many", weights=(3, 3, 2)),
    "disc": choice("shown", "hidden", weights=(4, 1)),
    "disc_side": choice("left", "right"),
    "weather": choice("clear", "clouds", "rain", "snowfall", weights=(4, 4, 1, 1)),
    "extra": choice("none", "house", "boat", "birds", "river", weights=(5, 1.5, 1.5, 1.5, 1)),
}


def fit(p: Params, h: int, w: int) -> None:
    s, land = min(h, w), p["land"]
    if land in ("sea", "desert", "city", "beach", "volcano"):
        p["trees"] = "none"
    if land == "forest":
        p["trees"] = "many"
    if land in ("volcano", "city", "beach", "hills"):
        p["peaks"] = 0
    if p["weather"] == "snowfall" and land not in ("snow", "forest", "hills"):
        p["weather"] = "clouds"
    if p["weather"] == "rain" and land in ("snow", "desert"):
        p["weather"] = "clear"
    if p["weather"] in ("rain", "snowfall"):
        p["disc"] = "hidden"
    if s < 16:
        p["weather"] = "clear"
    if p["extra"] == "boat" and land not in ("sea", "lake"):
        p["extra"] = "none"
    if p["extra"] == "house" and (land not in ("meadow", "snow", "hills") or s < 24):
        p["extra"] = "none"
    if p["extra"] == "river" and (land not in ("meadow", "snow", "desert") or s < 16):
        p["extra"] = "none"
    if p["extra"] == "birds" and (s < 24 or p["time"] == "night"):
        p["extra"] = "none"
    if p["disc"] == "hidden":
        p["disc_side"] = None


def _ridge(c: Canvas, rng: Rng, base: int, height: float, rough: int) -> Region:
    """Everything from a wavy line down to row `base`."""
    line = rng.smooth(1, c.w, rough)[0]
    return (c.ys >= np.round(base - height * line)[None]) & (c.ys < base)


def _pine(c: Canvas, x: int, floor: int, size: int, color: str, tone: float) -> None:
    tip = c.poly((x, floor - size), (x + size * 0.36, floor - 1), (x - size * 0.36, floor - 1))
    c.paint(tip, color, "trees", c.column(tip, 1.1) + tone, back=True)
    if size >= 7:
        c.touch(tip & ((c.ys - floor).astype(int) % 3 == 0), -0.8)


def draw(p: Params, c: Canvas, rng: Rng) -> None:
    s, time, land = c.s, p["time"], p["land"]
    horizon = round(c.h * (0.55 if land in ("sea", "lake", "beach") else 0.62))
    dim = {"day": 0.0, "night": -1.5, "sunset": -0.8, "dawn": -0.2}[time]
    bd.sky(
        c,
        "storm" if p["weather"] in ("rain", "snowfall") and time == "day" else time,
        rng,
        c.h if s < 12 else horizon + 2,
        extras=False,
    )
    if time == "night" and p["weather"] != "rain":
        bd.stars(c, rng, horizon, max(3, c.w * horizon // 70))
    if p["disc"] == "shown":
        d = max(3, round(s * 0.2))
        x = (
            rng.integer(1, max(1, c.w // 2 - d - 1))
            if p["disc_side"] == "left"
            else rng.integer(c.w // 2 + 1, max(c.w // 2 + 1, c.w - d - 1))
        )
        y = rng.integer(1, max(1, horizon // 3)) if time in ("day", "night") else horizon - d + max(1, d // 3)
        bd.disc(c, rng, "moon" if time == "night" else "sun", "moon" if time == "night" else "sun", horizon, x, y)
    if p["weather"] in ("clouds", "rain"):
        for _ in range(2 if s < 32 else 3):
            bd.cloud(
                c,
                rng.integer(2, c.w - 2),
                rng.integer(1, max(2, horizon // 2)),
                rng,
                "cloud"
                if p["weather"] == "clouds" and time == "day"
                else "grey"
                if p["weather"] == "rain"
                else "violet"
                if time == "night"
                else "pink",
            )
    for i in range(p["peaks"]):
        x = round(c.w * (i + 0.5) / p["peaks"] + rng.uniform(-0.1, 0.1) * c.w)
        top = horizon - round(c.h * rng.uniform(0.24, 0.42))
        half = (horizon - top) * rng.uniform(0.75, 1.1)
        peak = c.poly((x, top), (x + half, horizon), (x - half, horizon)) & (c.ys < horizon)
        jag = np.round(rng.smooth(1, c.h, 3)[0] * 3 - 1)[: c.h][:, None]
        lit = peak & (c.xs < x + jag)
        c.paint(peak, "mountain", "mountains", -0.9 + dim * 0.7, back=True)
        c.paint(lit, "mountain", "mountains", 0.3 + dim * 0.7, back=True)
        if s >= 12:
            cap = peak & (c.ys < top + (horizon - top) * 0.33 + ((c.xs + jag).astype(int) % 3))
            c.paint(
                cap, "snow", "snow caps", np.where(c.xs < x + jag, 0.4, -1.0).astype(np.float32) + dim * 0.6, back=True
            )
    if land == "volcano":
        x, top = c.w // 2, round(c.h * 0.24)
        cone = c.poly((x - s * 0.08, top), (x + s * 0.08, top), (x + s * 0.42, horizon), (x - s * 0.42, horizon))
        c.paint(cone, "dark grey", "volcano", np.where(c.xs < x, 0.2, -0.9).astype(np.float32), back=True)
        flow = c.taper(
            ((x, top), (x + s * 0.06, top + s * 0.2), (x - s * 0.06, horizon)), max(2, s * 0.08), max(1, s * 0.05)
        ) | c.rect(x - s * 0.07, top, s * 0.16, max(1, s * 0.04))
        c.paint(flow, "lava", "lava", 0.3, back=True)
        for k in range(3):
            puff = max(2, s * (0.1 + 0.04 * k))
            c.paint(
                c.oval(x - puff / 2 + k * s * 0.05, top - s * 0.07 - k * s * 0.07, puff, puff) & (c.ys < top),
                "dark grey",
                "smoke",
                0.4 * k,
                back=True,
            )
    _land(p, c, rng, horizon, dim)
    if p["trees"] != "none":
        n = {"few": 3, "many": max(5, c.w // 4)}[p["trees"]] if s >= 12 else 2
        color = "pine" if land in ("snow", "forest", "hills") else "leaf"
        spots = sorted((rng.integer(0, c.w - 1), rng.unit()) for _ in range(n))
        for x, depth in sorted(spots, key=lambda v: v[1]):
            floor = round(horizon + 1 + (c.h - horizon) * 0.55 * depth)
            size = max(3, round(s * (0.16 + 0.2 * depth)))
            if land in ("snow", "forest", "hills"):
                _pine(c, x, floor, size, color, dim * 0.6)
            else:
                c.paint(
                    c.rect(x, floor - size // 2, max(1, size // 6), size // 2), "wood", "trees", dim * 0.6, back=True
                )
                crown = c.oval(x - size * 0.4, floor - size, max(2, size * 0.9), max(2, size * 0.7))
                c.paint(crown, color, "trees", c.ball(crown, 1.2) + dim * 0.6, back=True)
    if p["weather"] in ("rain", "snowfall"):
        noise = rng.noise(c.h, c.w)
        if p["weather"] == "rain":
            drops = noise > 0.965
            drops[1:] |= (noise > 0.965)[:-1]
            c.paint(drops, "light blue", "rain", 0.6, back=True)
        else:
            c.paint(noise > 0.95, "snow", "snowflakes", 0.8, back=True)
    _extra(p, c, rng, horizon, dim)


def _land(p: Params, c: Canvas, rng: Rng, horizon: int, dim: float) -> None:
    s, land, time = c.s, p["land"], p["time"]
    below = c.rect(0, horizon, c.w, c.h - horizon)
    if land in ("sea", "lake", "beach"):
        water = (
            below
            if land != "lake"
            else c.oval(c.w * -0.1, horizon + (c.h - horizon) * 0.12, c.w * 1.2, (c.h - horizon) * 0.8)
        )
        if land == "lake":
            bd.ground(c, horizon, "grass", rng, "grass")
            c.touch(below, dim * 0.6)
        c.paint(
            water & below,
            "sea" if land != "lake" else "water",
            "water",
            bd.bands(c, below, 0.6, -0.8, c.h) + dim * 0.5,
            back=True,
        )
        waves = (
            water & below & (rng.noise(c.h, c.w // 2 + 1).repeat(2, 1)[:, : c.w] > 0.88) & ((c.ys - horizon) % 2 == 1)
        )
        c.touch(waves, 1.1)
        if p["disc"] == "shown" and time != "day":
            where = np.flatnonzero(np.isin(c.part, [c.part_id("sun"), c.part_id("moon")]).any(0))
            if len(where):
                mid = where.mean()
                glint = (
                    water
                    & below
                    & (np.abs(c.xs - mid) <= len(where) * 0.4)
                    & ((c.ys - horizon) % 2 == 0)
                    & (rng.noise(c.h, c.w) > 0.25)
                )
                c.paint(glint, "moon" if time == "night" else "sun", "reflection", -0.3, back=True)
        if land == "beach":
            line = np.round(c.h * 0.8 + rng.smooth(1, c.w, max(4, c.w // 3))[0] * c.h * 0.1 - c.h * 0.05)[None]
            c.paint(c.ys >= line, "sand", "sand", 0.1 + dim * 0.5, back=True)
            c.paint(
                (c.ys == line - 1) | ((c.ys == line - 2) & (c.xs % 3 == 0)), "cloud", "foam", 0.1 + dim * 0.4, back=True
            )
            c.touch((line < c.ys) & (rng.noise(c.h, c.w) > 0.94), -0.9)
        return
    if land == "city":
        c.paint(below, "dark grey", "ground", -0.8 + dim * 0.3, back=True)
        x = 0
        while x < c.w:
            bw = rng.integer(max(3, s // 10), max(4, s // 5))
            top = horizon - rng.integer(round(c.h * 0.15), round(c.h * 0.42))
            block = c.rect(x, top, bw, c.h - top)
            c.paint(block, rng.choice(("navy", "dark grey", "mountain")), "buildings", -0.4 + dim * 0.3, back=True)
            c.touch(c.rect(x, top, 1, c.h - top), 0.8)
            k = 1 if s < 48 else 2  # windows of one pixel, or of two by two with a gap
            noise = rng.noise(c.h, c.w)[:: 2 * k, :: 2 * k].repeat(2 * k, 0).repeat(2 * k, 1)[: c.h, : c.w]
            noise = noise if k > 1 else rng.noise(c.h, c.w)
            column, row = (c.xs - x - k) % (2 * k), (c.ys - top - k) % (2 * k + (k == 1))
            lit = (
                block & (noise > 0.45) & (column < k) & (row < k) & (c.xs >= x + k) & (c.xs < x + bw - 1) & (c.ys > top)
            )
            c.paint(lit, "flame" if time != "day" else "light blue", "windows", 0.2, back=True)
            x += bw
        return
    color = {"desert": "sand", "snow": "snow", "volcano": "dirt"}.get(land, "grass")
    if land in ("hills", "desert", "snow") and s >= 12:
        far = _ridge(c, rng, horizon + 2, c.h * (0.28 if land == "hills" else 0.14), max(4, c.w // 3))
        c.paint(far, color, "hills", (-0.4 if land == "snow" else 0.5) + dim * 0.7, back=True)
        mid = _ridge(c, rng, c.h, c.h * 0.3, max(4, c.w // 2)) | c.rect(0, round(c.h * 0.82), c.w, c.h)
        c.paint(below, color, "ground", dim * 0.7 + (0.3 if land == "snow" else 0), back=True)
        c.paint(mid & below, color, "ground", -0.7 + dim * 0.7, back=True)
    else:
        if land == "meadow" and s >= 24 and not p["peaks"]:  # woods along the horizon, so that the plain has depth
            woods = _ridge(c, rng, horizon + 1, c.h * 0.1, max(3, c.w // 8))
            c.paint(woods, "pine", "hills", -0.2 + dim * 0.7, back=True)
            c.touch(woods & ~np.roll(woods, 1, 0), 0.8)
        c.paint(below, color, "ground", bd.bands(c, below, 0.6, -0.9, c.h) + dim * 0.7, back=True)
        if land == "meadow" and s >= 32:  # tufts, larger toward the front
            for _ in range(c.w // 3):
                y = rng.integer(horizon + 2, c.h - 2)
                k = 1 + round(2.4 * (y - horizon) / (c.h - horizon) * s / 64)
                x = rng.integer(0, c.w - 1)
                blades = (
                    c.stroke((x, y), (x, y - k)) | c.stroke((x - k, y - k), (x, y)) | c.stroke((x + k, y - k), (x, y))
                )
                c.touch(blades & below, 1.0 if rng.chance(0.6) else -1.0)
    noise = rng.noise(c.h, c.w)
    c.touch(below & (noise > 0.95) & (c.ys > horizon), 1.0)
    if land == "meadow" and s >= 24 and p["time"] == "day":
        c.paint(below & (noise < 0.02), "yellow", "flowers", 0.4, back=True)
        c.paint(below & (noise > 0.02) & (noise < 0.04), "red", "flowers", 0.4, back=True)


def _extra(p: Params, c: Canvas, rng: Rng, horizon: int, dim: float) -> None:
    s, kind = c.s, p["extra"]
    if kind == "river":
        x = rng.uniform(0.4, 0.6) * c.w
        river = c.taper(
            ((x, horizon), (x - c.w * 0.25, (c.h + horizon) / 2), (x + c.w * 0.05, c.h + 2)),
            max(1.6, s * 0.05),
            s * 0.34,
        ) & (c.ys >= horizon)
        c.paint(river, "water", "river", 0.2 + dim * 0.5, back=True)
        c.touch(river & (rng.noise(c.h, c.w) > 0.88), 1)
    elif kind == "house":
        k = max(5, round(s * 0.18))
        x, y = rng.integer(1, c.w - k - 2), horizon + round((c.h - horizon) * 0.25) - k
        wall = c.rect(x, y + k // 2, k, k // 2 + 1)
        c.paint(wall, "beige", "house", dim * 0.5, back=True)
        c.paint(
            c.poly((x + (k - 1) / 2, y - k // 8), (x + k, y + k // 2), (x - 1, y + k // 2)),
            "red",
            "house",
            dim * 0.5,
            back=True,
        )
        c.paint(
            c.rect(x + k // 2 - 1, y + k - k // 4, max(1, k // 4), k // 4 + 1),
            "flame" if p["time"] == "night" else "dark brown",
            "house",
            0,
            back=True,
        )
    elif kind == "boat":
        k = max(4, round(s * 0.2))
        x, y = rng.integer(1, c.w - k - 2), round(horizon + (c.h - horizon) * 0.35)
        c.paint(
            c.poly((x, y), (x + k, y), (x + k - k // 4, y + k // 4), (x + k // 4, y + k // 4)),
            "wood",
            "boat",
            dim * 0.4,
            back=True,
        )
        c.paint(
            c.poly((x + k // 2, y - k), (x + k // 2, y - 2), (x + k - 1, y - 2)), "white", "boat", dim * 0.4, back=True
        )
        c.paint(c.rect(x + k // 2 - 1, y - k, 1, k), "dark wood", "boat", 0, back=True)
    elif kind == "birds":
        for _ in range(3):
            x, y = rng.integer(3, c.w - 4), rng.integer(2, horizon // 2)
            c.paint(
                c.dots((x - 2, y - 1), (x - 1, y), (x, y + 0.6), (x + 1, y), (x + 2, y - 1)),
                "ink",
                "birds",
                0,
                back=True,
            )


def words(p: Params) -> Words:
    land, time = p["land"], p["time"]
    nouns = {
        "meadow": ("landscape", "meadow", "field", "grassy meadow"),
        "sea": ("sea", "ocean", "seascape", "sea view"),
        "desert": ("desert", "desert landscape", "sandy desert"),
        "snow": ("snowy landscape", "winter landscape", "snow field"),
        "forest": ("forest", "pine forest", "wood of pines"),
        "lake": ("lake", "lake landscape", "pond"),
        "beach": ("beach", "sandy beach", "seashore"),
        "volcano": ("volcano", "erupting volcano", "volcano landscape"),
        "city": ("city", "city skyline", "skyline", "cityscape"),
        "hills": ("hills", "rolling hills", "grassy hills"),
    }[land]
    having: list[str | tuple[str, ...]] = []
    seen = p["visible"]
    if p["peaks"] and "mountains" in seen:
        having.append(
            ("a mountain", "a mountain in the background")
            if p["peaks"] == 1
            else ("mountains", "mountains in the background")
        )
    body = "moon" if time == "night" else "sun"
    if p["disc"] == "shown" and body in seen:
        having.append(
            (f"a~{body}", f"a~full {body}" if body == "moon" else f"the {body}", f"the {body} on the {p['disc_side']}")
        )
    if "clouds" in seen:
        having.append("clouds")
    if "stars" in seen:
        having.append(("stars", "a starry sky"))
    if p["trees"] == "few" and land != "forest":
        having.append(("trees", "a few trees"))
    elif p["trees"] == "many" and land != "forest":
        having.append(("many trees", "trees"))
    if p["extra"] in seen:
        having.append(
            {
                "house": ("a house", "a small house"),
                "boat": ("a boat", "a sailing boat"),
                "birds": ("birds", "three birds", "birds in the sky"),
                "river": ("a river", "a stream"),
            }[p["extra"]]
        )
    when = {
        "day": ("by day", "during the day", "in daylight"),
        "night": ("at night", "by night", "under a night sky"),
        "sunset": ("at sunset", "at dusk", "in the evening"),
        "dawn": ("at dawn", "at sunrise", "in the morning"),
    }[time]
    place: list[str | tuple[str, ...]] = [when]
    if p["weather"] in ("rain", "snowfall"):
        place.append(
            {
                "rain": ("in the rain", "on a rainy day" if time == "day" else "in the rain"),
                "snowfall": ("in falling snow", "while it snows"),
            }[p["weather"]]
        )
    return Words(nouns=nouns, having=tuple(having), place=tuple(place), plural=land == "hills")


FAMILY = Family(
    name="landscape",
    kind="scene",
    parameters=PARAMETERS,
    draw=draw,
    words=words,
    fit=fit,
    view="side",
    sizes=((8, 8), (16, 16), (24, 24), (32, 32), (48, 48), (64, 64), (32, 48), (24, 32), (32, 64), (48, 64), (16, 24)),
    weight=2,
    genres=("fantasy", "modern"),
)
