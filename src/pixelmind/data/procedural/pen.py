"""A drawing pen in design units, and the textures and lights that many families share.

A family draws on a grid of 14 units, which is exactly the room inside the outline of a 16x16 sprite; the pen rounds to whole pixels so that
shapes that share an edge meet, and mirrored shapes stay mirror images. Coordinates are edges: a unit cell is (x, y) to (x + 1, y + 1).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from pixelmind.data.procedural.canvas import Canvas, Region, Tone
from pixelmind.data.procedural.family import Param, Params, choice
from pixelmind.data.procedural.rng import Rng

UNITS = 14
Point = tuple[float, float]


class Pen:
    """Maps 14 x 14 design units to a canvas: centred, standing on the bottom margin, stretched by at most `stretch`."""

    def __init__(self, c: Canvas, stretch: float = 1.5, margin: int | None = None) -> None:
        self.c = c
        self.m = (0 if c.s <= 10 else 1) if margin is None else margin
        side = c.s - 2 * self.m
        width, height = min(c.w - 2 * self.m, round(side * stretch)), min(c.h - 2 * self.m, round(side * stretch))
        width -= (c.w - width) % 2
        self.width, self.height = width, height
        self.ux, self.uy = width / UNITS, height / UNITS
        self.u = min(self.ux, self.uy)
        self.mid = c.w / 2
        self.low = c.h - self.m

    def x(self, x: float) -> float:
        """Pixel edge of a design edge, the same distance from the middle on both sides."""
        d = (x - UNITS / 2) * self.ux
        half = (self.width % 2) / 2
        return self.mid + math.copysign(math.floor(abs(d) - half + 0.5) + half, d) if abs(d) > 0.01 else self.mid

    def y(self, y: float) -> int:
        """Pixel edge of a design edge, counted from the ground."""
        return self.low - math.floor((UNITS - y) * self.uy + 0.5)

    def px(self, units: float) -> int:
        """A thickness in pixels, at least one."""
        return max(1, round(units * self.u))

    def rect(self, x0: float, y0: float, x1: float, y1: float) -> Region:
        """The rectangle between two corners; never thinner than a pixel."""
        left, right, top, bottom = self.x(x0), self.x(x1), self.y(y0), self.y(y1)
        if right - left < 1:
            left = math.floor((left + right) / 2 + 0.01)
            right = left + 1
        top = min(top, bottom - 1)
        return self.c.rect(math.floor(left), top, math.ceil(right) - math.floor(left), bottom - top)

    def oval(self, x0: float, y0: float, x1: float, y1: float) -> Region:
        """The ellipse in a box."""
        left, right, top, bottom = self.x(x0), self.x(x1), self.y(y0), self.y(y1)
        return self.c.oval(left, top, max(1, right - left), max(1, bottom - top))

    def poly(self, *points: Point) -> Region:
        """A polygon whose every row is one run of cells (convex shapes and most roofs); corners are edges, as in `rect`."""
        c = self.c
        pts = [(self.x(x), float(self.y(y))) for x, y in points]
        centre = c.ys[:, 0] + 0.5
        left, right = np.full(c.h, 1e9), np.full(c.h, -1e9)
        for (x0, y0), (x1, y1) in zip(pts, pts[1:] + pts[:1]):
            if y0 == y1:
                continue
            at = x0 + (centre - y0) * ((x1 - x0) / (y1 - y0))
            on = (centre > min(y0, y1)) & (centre < max(y0, y1))
            left, right = np.where(on, np.minimum(left, at), left), np.where(on, np.maximum(right, at), right)
        xs = c.xs + 0.5
        return (xs >= left[:, None] - 0.02) & (xs <= right[:, None] + 0.02)

    def line(self, *points: Point, width: float = 0.0) -> Region:
        """A polyline of `width` units (one pixel where thinner)."""
        return self.c.stroke(*(self.at(x, y) for x, y in points), width=self.px(width))

    def limb(self, points: Sequence[Point], start: float, end: float) -> Region:
        """A smooth curve whose width goes from `start` to `end` units; three points make a Bezier curve."""
        return self.c.taper([self.at(x, y) for x, y in points], max(1, start * self.u), max(1, end * self.u))

    def at(self, x: float, y: float) -> Point:
        """Pixel position (cell index) of a design point."""
        return self.mid + (x - UNITS / 2) * self.ux - 0.5, self.low - (UNITS - y) * self.uy - 0.5

    def ring(self, x0: float, y0: float, x1: float, y1: float, width: float) -> Region:
        """An elliptic ring."""
        return self.oval(x0, y0, x1, y1) & ~self.oval(x0 + width, y0 + width, x1 - width, y1 - width)

    def star(self, cx: float, cy: float, outer: float, inner: float, points: int = 5) -> Region:
        """A star with its first point up: the union of its kites."""
        out = self.c.empty()
        ox, oy = self.mid + (cx - UNITS / 2) * self.ux, self.low - (UNITS - cy) * self.uy
        dx, dy = self.c.xs + 0.5 - ox, self.c.ys + 0.5 - oy
        angle = np.arctan2(dx, -dy) % (2 * math.pi / points)
        half = math.pi / points
        angle = np.minimum(angle, 2 * half - angle)
        r = np.hypot(dx, dy) / self.u
        edge = outer * inner * math.sin(half) / (inner * np.sin(half - angle) + outer * np.sin(angle))
        return out | (r <= edge + 0.12)


def colors(*names: str) -> Param:
    """A colour parameter, the first ones likelier."""
    return choice(*names, weights=tuple(1 + 4 / (1 + i) for i in range(len(names))))


def snap(p: Params, key: str, order: Sequence[Any], allowed: Sequence[Any]) -> None:
    """Lower a parameter to the values a kind has: others become one of them by their place in `order`."""
    if p[key] not in allowed and p[key] is not None:
        p[key] = allowed[list(order).index(p[key]) % len(allowed)]


def planks(c: Canvas, region: Region, step: int, upright: bool = False, tone: float = -0.8) -> None:
    """Joints of boards, `step` pixels apart from the region's own edge."""
    x, y, _, _ = c.box(region)
    where = (c.xs - x) if upright else (c.ys - y)
    if step >= 2:
        c.touch(region & (where % step == step - 1), tone)


def bricks(
    c: Canvas, region: Region, rng: Rng, amount: float = 0.6, tone: float = -0.8, size: int | None = None
) -> None:
    """Part of the joints of a brick bond, so that the wall does not shimmer; nothing on small canvases."""
    if c.s < 24:
        return
    tall = size or (3 if c.s < 40 else 4 if c.s < 96 else 6)
    x, y, _, h = c.box(region)
    joints = c.bricks(x, y + h, tall * 2, tall) & region
    rows, cols = -(-c.h // tall), -(-c.w // (tall * 2))
    keep = rng.noise(rows, cols).repeat(tall, 0).repeat(tall * 2, 1)[: c.h, : c.w] < amount
    c.touch(joints & keep, tone)


def specks(c: Canvas, region: Region, rng: Rng, amount: float = 0.06, light: float = 0.9, dark: float = -0.9) -> None:
    """Scattered light and dark cells; pairs on large canvases."""
    noise = rng.noise(c.h, c.w)
    if c.s >= 48:
        noise = np.minimum(noise, np.roll(noise, 1, 1)) if amount < 0.5 else noise
        c.touch(region & (noise < amount * 0.5), dark)
        c.touch(region & (np.roll(noise, (3, 5), (0, 1)) < amount * 0.4), light)
        return
    c.touch(region & (noise < amount), dark)
    c.touch(region & (noise > 1 - amount), light)


def flame(c: Canvas, pen: Pen, x: float, y: float, w: float, h: float, hot: str = "flame", color: str = "fire") -> None:
    """A flame that stands on (x, y), `w` x `h` units."""
    outer = pen.oval(x - w / 2, y - h * 0.66, x + w / 2, y) | pen.poly(
        (x - w * 0.1, y - h), (x + w * 0.1, y - h), (x + w * 0.46, y - h * 0.36), (x - w * 0.46, y - h * 0.36)
    )
    c.paint(outer, color, "flame", 0)
    if h * pen.u >= 4:
        core = pen.oval(x - w * 0.25, y - h * 0.5, x + w * 0.25, y)
        c.paint(core, hot, "flame", 0.4)
    if h * pen.u >= 14:
        side = pen.poly((x + w * 0.3, y - h * 0.8), (x + w * 0.5, y - h * 0.3), (x + w * 0.2, y - h * 0.3))
        c.paint(side, color, "flame", -0.4)


def window(c: Canvas, region: Region, state: str, part: str = "windows", rim: bool = False) -> None:
    """A pane: 'lit', 'dark' or 'blue', with a glint on larger canvases."""
    color, tone = {"lit": ("flame", 0.0), "dark": ("ink", 0.2), "blue": ("light blue", 0.0)}[state]
    c.paint(region, color, part, tone, rim=rim)
    _x, y, w, h = c.box(region)
    if min(w, h) >= 3:
        c.touch(region & (c.ys == y), 0.9)
        c.touch(region & (c.ys == y + h - 1), -0.7)


def frame(c: Canvas, region: Region, color: str, part: str, tone: Tone = 0.0) -> Region:
    """The ring of cells just outside a region (with its corners), painted."""
    x, y, w, h = c.box(region)
    ring = c.rect(x - 1, y - 1, w + 2, h + 2) & ~c.rect(x, y, w, h)
    return c.paint(ring, color, part, tone)


def smoke(
    c: Canvas, pen: Pen, x: float, y: float, n: int, size: float, drift: float = 0.8, color: str = "light grey"
) -> None:
    """Puffs that rise from (x, y) and grow, on clear cells and backdrop only."""
    free = ~c.figure
    for i in range(n):
        d = size * (1 + 0.35 * i)
        puff = pen.oval(x + drift * i - d / 2, y - size * 0.8 * i - d, x + drift * i + d / 2, y - size * 0.8 * i) & free
        c.paint(puff, color, "smoke", c.ball(puff, 1.2))
