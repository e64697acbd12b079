"""Shapes in sixteenths of the picture: a creature is set out once on a 16 x 16 grid and drawn at any size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pixelmind.data.procedural.canvas import Canvas, Region

Point = tuple[float, float]


class Grid:
    """A 16 x 16 grid laid over the largest square of a canvas (bottom, middle), inside the outline's margin.

    All arguments are in grid units; `px` gives a length in pixels, at least one.
    """

    def __init__(self, canvas: Canvas) -> None:
        self.c = canvas
        self.m = 0 if canvas.s <= 10 else 1
        self.k = (canvas.s - 2 * self.m) / 16
        self.ox = (canvas.w - canvas.s) / 2 + self.m
        self.oy = canvas.h - canvas.s + self.m
        self.frame = canvas.rect(self.m, self.m, canvas.w - 2 * self.m, canvas.h - 2 * self.m)
        self.fine = canvas.s >= 24
        self.large = canvas.s >= 48

    def px(self, length: float) -> int:
        """A length in whole pixels, at least one."""
        return max(1, round(length * self.k))

    def at(self, x: float, y: float) -> Point:
        """The cell at a grid point."""
        return self.ox + x * self.k - 0.5, self.oy + y * self.k - 0.5

    def rect(self, x: float, y: float, w: float, h: float) -> Region:
        """A box; at least one cell."""
        x0, y0 = round(self.ox + x * self.k), round(self.oy + y * self.k)
        x1, y1 = round(self.ox + (x + w) * self.k), round(self.oy + (y + h) * self.k)
        return self.c.rect(x0, y0, max(1, x1 - x0), max(1, y1 - y0)) & self.frame

    def oval(self, x: float, y: float, w: float, h: float) -> Region:
        """An ellipse in a box; at least one cell."""
        x0, y0 = round(self.ox + x * self.k), round(self.oy + y * self.k)
        x1, y1 = round(self.ox + (x + w) * self.k), round(self.oy + (y + h) * self.k)
        return self.c.oval(x0, y0, max(1, x1 - x0), max(1, y1 - y0)) & self.frame

    def poly(self, *points: Point) -> Region:
        """A filled polygon."""
        return self.c.poly(*(self.at(*p) for p in points)) & self.frame

    def taper(self, points: Sequence[Point], start: float, end: float) -> Region:
        """A limb through the points that narrows from `start` to `end` units."""
        return self.c.taper([self.at(*p) for p in points], max(1, start * self.k), max(1, end * self.k)) & self.frame

    def stroke(self, *points: Point, width: float = 0.0) -> Region:
        """A polyline."""
        return self.c.stroke(*(self.at(*p) for p in points), width=self.px(width)) & self.frame

    def dots(self, *points: Point) -> Region:
        """Single cells."""
        return self.c.dots(*(self.at(*p) for p in points)) & self.frame

    def sides(self, region: Region) -> Region:
        """The region and its mirror image."""
        return self.c.mirror(region)

    def pair(self, region: Region, color: str, part: str, strength: float = 1.2, *, rim: bool = False) -> None:
        """Paint a region and its mirror image, each shaded as a body of its own, the right one a little darker."""
        c = self.c
        c.paint(region, color, part, c.ball(region, strength), rim=rim)
        other = region[:, ::-1] & ~region
        c.paint(other, color, part, c.ball(other, strength) - 0.3, rim=rim)


def paint_rows(c: Canvas, rows: Sequence[str], legend: Mapping[str, tuple[str, str, float]]) -> None:
    """Paint a hand-set pattern at the bottom middle: each letter of `legend` is (colour, part, tone offset)."""
    x, y = (c.w - max(map(len, rows))) // 2, c.h - len(rows)
    for mark, (color, part, tone) in legend.items():
        region = c.art(rows, x, y, mark)
        if region.any():
            c.paint(region, color, part, tone)
