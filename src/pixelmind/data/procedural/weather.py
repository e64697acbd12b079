"""Skies with sun, moon, stars and clouds of native size, and the weather laid over a finished scene: index-space operations only."""

from __future__ import annotations

import numpy as np

from pixelmind.data.procedural import backdrop as bd
from pixelmind.data.procedural.canvas import Canvas, Region
from pixelmind.data.procedural.captions import Fact
from pixelmind.data.procedural.ramps import tinted
from pixelmind.data.procedural.rng import Rng

TIMES: dict[str, Fact] = {
    "day": ("by day", "in daylight", "during the day"),
    "night": ("at night", "by night", "in the dark of night", "at nighttime"),
    "sunset": ("at sunset", "at dusk", "in the evening", "at twilight"),
    "dawn": ("at dawn", "at sunrise", "in the early morning"),
}
WEATHER: dict[str, tuple[Fact, ...]] = {
    "clear": (),
    "clouds": (),
    "rain": (("in the rain", "while it rains", "in rainy weather"),),
    "snow": (("in falling snow", "while it snows", "in a snowfall"),),
    "fog": (("in the fog", "in the mist", "in foggy weather"),),
    "storm": (("in a thunderstorm", "in a storm", "in stormy weather"),),
}
#: The light of a time under the open sky, and what weather makes of it; names of `ramps.TINTS`.
LIGHT = {"day": "", "night": "night", "sunset": "sunset", "dawn": "dawn"}


def tint_of(time: str, weather: str) -> str:
    """The tint of things in the open air."""
    if weather in ("storm", "rain") and time != "night":
        return "storm"
    return "fog" if weather == "fog" and time == "day" else LIGHT[time]


def sky(c: Canvas, rng: Rng, time: str, weather: str, horizon: int, light: str) -> None:
    """Fill the rows above `horizon`; sun or moon on the side the light comes from ("left" or "right"), stars and clouds in pixels."""
    grey = weather in ("storm", "rain", "snow", "fog") and time != "night"
    bd.sky(c, "storm" if grey else time, rng, horizon, extras=False)
    if time == "night" and weather in ("clear", "clouds"):
        stars(c, rng, horizon)
    if weather in ("clear", "clouds"):
        name = "moon" if time == "night" else "sun"
        disc(c, rng, name, horizon, light, low=time in ("sunset", "dawn"))
    if weather in ("clouds", "storm", "rain"):
        shade = {"night": "mountain", "sunset": "pink", "dawn": "pink"}.get(time, "cloud") if not grey else "grey"
        for _ in range(2 + c.w * horizon // 2600):
            u = rng.integer(2, 3 + min(c.s, 160) // 24)
            cloud(c, rng.integer(-u, c.w), rng.integer(1, max(2, horizon // 2 - u)), u, shade)
    if weather == "storm":
        x, y = rng.integer(c.w // 6, c.w - c.w // 6), rng.integer(0, max(1, horizon // 5))
        points: list[tuple[float, float]] = [(x, y)]
        while y < horizon * 0.8:
            x, y = x + rng.choice((-4, -3, 3, 4)) * (1 + c.s // 96), y + rng.integer(3, 6) * (1 + c.s // 96)
            points.append((x, y))
        bolt = c.stroke(*points, width=1 + c.s // 72) & (c.ys < horizon)
        c.paint(bolt, "flame", "lightning", 1.4, back=True)


def stars(c: Canvas, rng: Rng, horizon: int) -> None:
    """Single-pixel stars in two strengths, a few as crosses."""
    noise = rng.noise(c.h, c.w)
    high = c.ys < horizon - 1
    c.paint((noise > 0.988) & high, "moon", "stars", np.where(noise > 0.994, 0.0, -1.4).astype(np.float32), back=True)
    for _ in range(c.w * horizon // 2500):
        x, y = rng.integer(2, c.w - 3), rng.integer(2, max(2, horizon - 4))
        c.paint(c.dots((x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)), "moon", "stars", -1.4, back=True)
        c.paint(c.dots((x, y)), "moon", "stars", 1.0, back=True)


def disc(c: Canvas, rng: Rng, name: str, horizon: int, light: str, low: bool) -> None:
    """Sun or moon, at most 30 px, near the horizon where `low`."""
    d = min(30, max(4, round(5 + c.s * 0.085)))
    x = rng.integer(c.w // 12, max(c.w // 12, c.w // 3 - d))
    y = horizon - round(d * rng.uniform(0.7, 1.15)) if low else rng.integer(max(1, c.s // 24), max(2, horizon // 4))
    x = x if light == "left" else c.w - d - x
    body = c.oval(x, y, d, d) & (c.ys < horizon)
    if c.s >= 48 and name == "sun":
        glow = c.oval(x - 2, y - 2, d + 4, d + 4) & ~body & (c.ys < horizon)
        c.touch(glow, 0.9)
    c.paint(body, name, name, 0.8, back=True)
    if name == "moon" and d >= 7:
        for fx, fy, k in ((0.52, 0.2, 0.28), (0.2, 0.55, 0.22), (0.6, 0.62, 0.16)):
            c.touch(c.oval(x + d * fx, y + d * fy, max(1, d * k), max(1, d * k)) & body, -1.2)


def cloud(c: Canvas, x: int, y: int, u: int, color: str) -> None:
    """A flat-bottomed cloud about 7 u wide with a shaded foot."""
    body = (
        c.oval(x - 2 * u, y, 3 * u, 2 * u)
        | c.oval(x - u // 2, y - u // 2, 3 * u, 2.5 * u)
        | c.oval(x + u, y + u * 0.3, 3 * u, 1.7 * u)
    )
    body &= (c.ys < y + 2 * u - 0.5) & (c.part > 0)
    c.paint(body, color, "clouds", 0.4, back=True)
    c.touch(body & (c.ys >= y + 2 * u - max(2, u * 0.7)), -0.9)
    low = c.box(body)
    c.touch(body & (c.ys < low[1] + 1 + u // 4), 0.8)


def overlay(c: Canvas, cells: Region, color: str, part: str, tone: float) -> None:
    """Paint over whatever is there without changing what counts as figure, so that no outline is drawn around it."""
    keep = c.figure.copy()
    c.paint(cells, color, part, tone)
    c.figure = keep


def falling(c: Canvas, rng: Rng, weather: str) -> None:
    """Rain or snow over the whole picture, in streaks or flakes of native size."""
    if weather in ("rain", "storm"):
        start = rng.noise(c.h, c.w) > (0.988 if weather == "rain" else 0.982)
        drops, length = start.copy(), 2 + c.s // 40
        for k in range(1, length):
            drops[k:, : c.w - k // 2] |= start[: c.h - k, k // 2 :]
        overlay(c, drops, "light blue", "rain", 0.8)
    elif weather == "snow":
        noise = rng.noise(c.h, c.w)
        flakes = noise > 0.982
        if c.s >= 64:
            big = noise > 0.997
            flakes |= big
            flakes[:, 1:] |= big[:, :-1]
            flakes[1:] |= big[:-1]
        overlay(c, flakes, "snow", "snowflakes", 1.0)


def fog(c: Canvas, rng: Rng, horizon: int, tint: str = "") -> None:
    """Banks of mist over the far ground: long ovals whose edge is a checkerboard."""
    checker = (c.xs + c.ys) % 2 == 0
    for _ in range(2 + c.h // 24):
        w, h = rng.integer(c.w // 3, c.w), rng.integer(2, 3 + c.h // 16)
        x, y = rng.integer(-w // 3, c.w - w // 2), horizon + rng.integer(-c.h // 6, c.h // 7)
        body, core = c.oval(x, y, w, h), c.oval(x + 2, y + 1, w - 4, max(1, h - 2))
        overlay(c, (body & checker) | (core if h > 3 else core & checker), tinted("cloud", tint), "fog", -0.4)
