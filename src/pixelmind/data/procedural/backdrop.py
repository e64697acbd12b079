"""Skies, grounds and plain cards behind a subject, shared by the families."""

from __future__ import annotations

import numpy as np

from pixelmind.data.procedural.canvas import F32, Canvas, Region, grow
from pixelmind.data.procedural.captions import Fact
from pixelmind.data.procedural.family import Param, choice
from pixelmind.data.procedural.rng import Rng

#: What a caption says of a backdrop.
PLACES: dict[str, tuple[Fact, ...]] = {
    "none": (),
    "day": (("by day", "under a {blue} sky", "in daylight", "on a sunny day"),),
    "night": (("at night", "under a night sky", "by night", "in the dark of night"),),
    "sunset": (("at sunset", "at dusk", "under a sunset sky"),),
    "dawn": (("at dawn", "at sunrise", "in the early morning"),),
    "storm": (("in a storm", "under a {grey} stormy sky", "on a stormy day"),),
}


def backdrop(none: float = 0.72) -> Param:
    """The parameter `backdrop` of a family: clear with probability `none`."""
    rest = (1 - none) / 4
    return choice(
        "none", "day", "night", "sunset", "dawn", weights=(none, rest * 1.4, rest * 1.3, rest * 0.8, rest * 0.5)
    )


def places(p: dict[str, object]) -> tuple[Fact, ...]:
    """The `place` facts of the backdrop, without sky colours where they would be hidden."""
    return PLACES[str(p.get("backdrop", "none"))]


def bands(c: Canvas, region: Region, top: float, bottom: float, horizon: int) -> F32:
    """Tone offsets going down in clean bands with a dithered row between them."""
    t = np.clip(c.ys / max(horizon - 1, 1), 0, 1)
    tone = np.broadcast_to(top + (bottom - top) * t, (c.h, c.w)).astype(np.float32)
    if c.s < 24:
        return np.floor(tone + 0.5)
    whole = np.floor(tone + 0.5)
    part = tone + 0.5 - whole
    checker = ((c.xs + c.ys) % 2) * 0.5 + 0.25
    return np.where(part < 0.3, np.where(checker > part / 0.3 * 0.5 + 0.25, whole - 1, whole), whole)


def sky(c: Canvas, time: str, rng: Rng, horizon: int, *, extras: bool = True) -> None:
    """Fill the rows above `horizon` with the sky of a time of day; `extras` adds a sun or moon, stars or clouds."""
    area = c.rect(0, 0, c.w, horizon)
    if time == "day":
        c.paint(area, "day sky", "sky", bands(c, area, -0.6, 1.8, horizon), back=True)
    elif time == "night":
        c.paint(area, "night sky", "sky", bands(c, area, -1.4, 0.9, horizon), back=True)
    elif time == "storm":
        c.paint(area, "storm sky", "sky", bands(c, area, -1.4, 0.8, horizon), back=True)
    else:
        upper, lower = ("dusk sky", "dusk glow") if time == "sunset" else ("dawn sky", "dawn glow")
        cut = round(horizon * 0.5)
        c.paint(area, upper, "sky", bands(c, area, -1.3, 1.0, cut), back=True)
        tone = np.broadcast_to(-0.4 + 2.0 * (c.ys - cut) / max(horizon - cut, 1), (c.h, c.w)).astype(np.float32)
        low = c.rect(0, cut, c.w, horizon - cut)
        if c.s >= 24:
            low |= c.rect(0, cut - 1, c.w, 1) & (c.xs % 2 == 0)
        c.paint(low, lower, "sky", np.floor(tone + 0.5), back=True)
    if not extras:
        return
    if time == "night":
        stars(c, rng, horizon, max(2, c.w * horizon // 90))
        disc(c, rng, "moon", "moon", horizon)
    elif time == "day":
        for _ in range(rng.integer(1, 2 if c.s < 32 else 3)):
            cloud(c, rng.integer(0, c.w), rng.integer(1, max(2, horizon // 2)), rng)


def stars(c: Canvas, rng: Rng, horizon: int, number: int) -> None:
    """Scatter single-pixel stars, some larger on large canvases."""
    for _ in range(number):
        x, y = rng.integer(0, c.w - 1), rng.integer(0, max(0, horizon - 2))
        c.paint(c.dots((x, y)), "moon", "stars", rng.choice((-1.0, 0.0, 1.0)), back=True)
        if c.s >= 48 and rng.chance(0.12):
            c.paint(c.dots((x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)), "moon", "stars", -1.6, back=True)


def disc(c: Canvas, rng: Rng, color: str, part: str, horizon: int, x: int | None = None, y: int | None = None) -> None:
    """A sun or a moon in the sky."""
    d = max(3, round(c.s * 0.2))
    x = (
        (rng.integer(0, max(0, c.w // 4)) if rng.chance(0.5) else rng.integer(c.w - c.w // 4 - d, c.w - d))
        if x is None
        else x
    )
    y = rng.integer(0, max(0, horizon // 3 - d // 2)) if y is None else y
    body = c.oval(x, y, d, d) & (c.ys < horizon)
    c.paint(body, color, part, 0.6, back=True)
    if part == "moon" and d >= 6:
        c.touch(c.oval(x + d * 0.5, y + d * 0.25, d * 0.3, d * 0.3) & body, -1.2)
        c.touch(c.oval(x + d * 0.2, y + d * 0.6, d * 0.2, d * 0.2) & body, -1.2)


def cloud(c: Canvas, x: int, y: int, rng: Rng, color: str = "cloud") -> None:
    """A flat-bottomed cloud of two or three puffs."""
    u = max(2, round(c.s * 0.09))
    body = (
        c.oval(x - 2 * u, y, 3 * u, 2 * u)
        | c.oval(x - u // 2, y - u // 2, 3 * u, 2.5 * u)
        | c.oval(x + u, y + u * 0.3, 2.5 * u, 1.7 * u)
    )
    body &= c.ys < y + 2 * u - 0.5
    body &= c.part > 0
    c.paint(body, color, "clouds", 0.3, back=True)
    c.touch(body & ~shift_up(body), -1.1)


def shift_up(region: Region) -> Region:
    """The region moved one row up: cells of `region & ~shift_up(region)` are its lower edge."""
    out = np.zeros_like(region)
    out[:-1] = region[1:]
    return out


def ground(c: Canvas, y: int, color: str, rng: Rng, part: str = "ground") -> None:
    """Fill the rows from `y` down, lighter edge on top and a few tufts or pebbles."""
    area = c.rect(0, y, c.w, c.h - y)
    c.paint(area, color, part, -0.6, back=True)
    c.touch(c.rect(0, y, c.w, 1 if c.s < 48 else 2), 1.2)
    noise = rng.noise(c.h, c.w)
    c.touch(area & (noise > 0.93) & (c.ys > y), 1.0)
    c.touch(area & (noise < 0.06) & (c.ys > y), -1.0)


def halo(region: Region) -> Region:
    """The cells just around a region."""
    return grow(region) & ~region
