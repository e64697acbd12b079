"""What the places of a composed scene are made of: where and when, the rows feet stand on, soil, hills, trees, water and lamps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pixelmind.data.procedural import backdrop as bd
from pixelmind.data.procedural import weather as wt
from pixelmind.data.procedural.canvas import F32, Canvas, Region
from pixelmind.data.procedural.captions import Fact
from pixelmind.data.procedural.rng import Rng


@dataclass
class Setting:
    """Where and when: filled in before a place is drawn. `light` is the side it comes from."""

    time: str = "day"
    weather: str = "clear"
    light: str = "left"
    genre: str = "fantasy"


@dataclass(frozen=True)
class Ground:
    """Rows of a drawn place: the sky ends at `horizon`; feet stand between `far` and `near` (rows below the feet)."""

    horizon: int
    far: int
    near: int


@dataclass(frozen=True, kw_only=True)
class Place:
    """A place: its names, what follows a subject in it, and how it is drawn. `habitat`: ground, float, sea or deep."""

    name: str
    nouns: tuple[str, ...]
    at: Fact
    draw: Callable[[Canvas, Rng, Setting], Ground]
    genres: tuple[str, ...] = ()
    habitat: tuple[str, ...] = ("ground",)
    times: tuple[str, ...] = ("day", "day", "night", "sunset", "dawn")
    weathers: tuple[str, ...] = ("clear", "clouds", "clear", "clouds", "rain", "fog", "storm")
    inside: bool = False
    tint: str = ""
    #: Nouns of what the place itself shows: no subject of this name is counted there.
    shows: tuple[str, ...] = ()
    weight: float = 1.0


def wavy_line(c: Canvas, rng: Rng, base: float, height: float, cell: int) -> F32:
    """A wavy row for every column, float [1, W]."""
    wave = 0.78 * rng.smooth(1, c.w, max(3, cell))[0] + 0.22 * rng.smooth(1, c.w, max(3, cell // 4))[0]
    out: F32 = np.round(base - height * wave)[None]
    return out


def soil(c: Canvas, top: int, color: str, rng: Rng, part: str = "ground", tufts: bool = True) -> Region:
    """Ground from row `top` down: bands from light to dark, pebbles and tufts of one or three pixels."""
    area = c.rect(0, top, c.w, c.h - top)
    c.paint(
        area, color, part, bd.bands(c, area, 0.7, -0.9, c.h - top) if c.h - top < 6 else ground_bands(c, top), back=True
    )
    noise = rng.noise(c.h, c.w)
    c.touch(area & (noise > 0.975), 0.9)
    c.touch(area & (noise < 0.02), -0.9)
    if tufts:
        tips = area & (noise > 0.49) & (noise < 0.49 + 0.012)
        tips[: top + 1] = False
        blade = tips.copy()
        blade[:-1, 1:] |= tips[1:, :-1]
        blade[:-1, :-1] |= tips[1:, 1:]
        c.touch(blade & area, 1.2)
    return area


def ground_bands(c: Canvas, top: int) -> F32:
    tone = 0.7 - 1.6 * np.clip((c.ys - top) / max(c.h - top - 1, 1), 0, 1)
    whole = np.floor(np.broadcast_to(tone, (c.h, c.w)) + 0.5)
    part = np.broadcast_to(tone, (c.h, c.w)) + 0.5 - whole
    out: F32 = np.where((part < 0.22) & ((c.xs + c.ys) % 2 == 0), whole - 1, whole).astype(np.float32)
    return out


def ridge(c: Canvas, rng: Rng, base: int, height: float, cell: int, color: str, part: str, tone: float) -> Region:
    """A hill line in front of the sky, lit along its top."""
    line = wavy_line(c, rng, base, height, cell)
    body = (c.ys >= line) & (c.ys < base + 1)
    c.paint(body, color, part, tone, back=True)
    c.touch(body & (c.ys < line + 1 + c.s // 96), 0.8)
    return body


def fir(size: int, color: str, light: str, snow: bool) -> Canvas:
    """A fir of two or three tiers on a canvas of its own, `size` rows high."""
    c = Canvas(size, size * 4 // 5 // 2 * 2 + 1)
    x, side = c.w // 2, -1 if light == "left" else 1
    c.paint(c.rect(x - size // 20, size * 0.8, max(1, size // 8), size * 0.2), "dark wood", "trees", -0.4)
    tiers = 2 if size < 10 else 3
    for i in range(tiers):
        top, low = size * 0.26 * i, size * ((0.56 + 0.16 * i) if tiers == 3 else (0.6 + 0.26 * i))
        tier = (
            (np.abs(c.xs - x) <= (c.ys - top) * (size * (0.17 + 0.07 * i)) / (low - top) + 0.3)
            & (c.ys >= top)
            & (c.ys <= low)
        )
        c.paint(tier, color, "trees", -0.3)
        c.touch(tier & ((c.xs - x) * side > 0) & ((c.ys - top) > (c.xs - x) * side * 0.5), 1.0)
        c.touch(tier & (c.ys > low - 1.5), -1.0)
        if snow:
            c.paint(tier & (c.ys < top + (low - top) * 0.45), "snow", "snow", 0.2)
    return c


def firs(
    c: Canvas, rng: Rng, number: int, floor: int, low: float, high: float, color: str, light: str, snow: bool = False
) -> None:
    """Firs `low` to `high` rows high, standing on row `floor`; three of each kind are drawn and set many times."""
    kinds = [fir(max(5, round(rng.uniform(low, high))), color, light, snow) for _ in range(min(number, 4))]
    for _ in range(number):
        tree = rng.choice(kinds)
        c.stamp(tree, rng.integer(-2, c.w - 1) - tree.w // 2, floor - tree.h, back=True)


def oak(c: Canvas, x: float, floor: int, size: float, color: str) -> None:
    c.paint(
        c.rect(x - size * 0.07, floor - size * 0.45, max(1, size * 0.14), size * 0.45), "wood", "trees", -0.4, back=True
    )
    crown = (
        c.oval(x - size * 0.38, floor - size, size * 0.76, size * 0.6)
        | c.oval(x - size * 0.5, floor - size * 0.78, size * 0.5, size * 0.4)
        | c.oval(x, floor - size * 0.76, size * 0.5, size * 0.38)
    )
    c.paint(crown, color, "trees", c.ball(crown, 1.3), back=True)


def open_sky(c: Canvas, rng: Rng, s: Setting, horizon: int) -> None:
    wt.sky(c, rng, s.time, s.weather, horizon, s.light)


def standing_rows(c: Canvas, horizon: int) -> Ground:
    depth = c.h - horizon
    return Ground(horizon, horizon + max(2, round(depth * 0.22)), c.h - max(1, round(depth * 0.14)))


def waves(c: Canvas, rng: Rng, top: int, bottom: int, color: str) -> Region:
    area = c.rect(0, top, c.w, bottom - top)
    tone = 0.5 - 1.4 * np.clip((c.ys - top) / max(bottom - top, 1), 0, 1)
    c.paint(area, color, "water", np.floor(np.broadcast_to(tone, (c.h, c.w)) + 0.5), back=True)
    length = 2 + c.s // 48
    start = rng.noise(c.h, c.w // length + 1).repeat(length, 1)[:, : c.w] > 0.9
    c.touch(area & start & ((c.ys - top) % 2 == 1), 1.1)
    return area


def lamp(c: Canvas, x: int, floor: int, height: int, lit: bool) -> None:
    """A street lamp."""
    c.paint(c.rect(x, floor - height, 1, height), "iron", "lamp post", -1.0, back=True)
    c.paint(c.rect(x - 1, floor - height - 2, 3, 2), "flame" if lit else "glass", "lamps", 0.6, back=True)
    c.paint(c.rect(x - 1, floor - height - 3, 3, 1), "iron", "lamp post", -1.0, back=True)


def torch(c: Canvas, x: int, y: int) -> None:
    """A wall torch with a flame of four to nine rows."""
    k = 1 + c.s // 64
    c.paint(c.rect(x - k // 2, y + k, k, 3 * k), "dark wood", "torches", 0, back=True)
    c.paint(c.oval(x - k, y - 2 * k, 2 * k + 1, 3 * k + 1), "fire", "torches", 0.2, back=True)
    c.paint(c.oval(x - k // 2, y - k, k + k % 2, 2 * k), "flame", "torches", 0.8, back=True)
