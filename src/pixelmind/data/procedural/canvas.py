"""The drawing board: regions without anti-aliasing, painted with a colour name and a tone; the art style turns those into colours later.

Every cell holds a material (a colour name, 0 = clear), a tone (0 deep shadow, 1 shadow, 2 base, 3 light, 4 shine), the part of the subject
it belongs to (the region mask), and whether it is an inner contour. A region is bool [H, W]. Light comes from the top left.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Region = NDArray[np.bool_]
F32 = NDArray[np.float32]
Tone = float | NDArray[np.floating] | str

#: 4x4 ordered-dither thresholds in (0, 1) (Bayer, "An optimum method for two-level rendition", 1973).
BAYER = (np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], dtype=np.float32) + 0.5) / 16


def shift(a: Region, dx: int, dy: int) -> Region:
    """`a` moved by (dx, dy) pixels; what comes in from outside is zero."""
    out = np.zeros_like(a)
    h, w = a.shape
    if abs(dx) < w and abs(dy) < h:
        out[max(dy, 0) : h + min(dy, 0), max(dx, 0) : w + min(dx, 0)] = a[
            max(-dy, 0) : h - max(dy, 0), max(-dx, 0) : w - max(dx, 0)
        ]
    return out


def grow(r: Region) -> Region:
    """The region and its four-neighbours."""
    out = r.copy()
    out[1:] |= r[:-1]
    out[:-1] |= r[1:]
    out[:, 1:] |= r[:, :-1]
    out[:, :-1] |= r[:, 1:]
    return out


def shrink(r: Region) -> Region:
    """The region without the cells that touch its outside (the canvas border counts as outside)."""
    out = r.copy()
    out[1:] &= r[:-1]
    out[:-1] &= r[1:]
    out[:, 1:] &= r[:, :-1]
    out[:, :-1] &= r[:, 1:]
    out[0] = out[-1] = False
    out[:, 0] = out[:, -1] = False
    return out


class Canvas:
    """A canvas of `h` x `w` cells. Coordinates are (x, y) in pixels from the top left."""

    def __init__(self, height: int, width: int) -> None:
        self.h, self.w = height, width
        self.s = min(height, width)
        self.mat = np.zeros((height, width), dtype=np.uint8)
        self.part = np.zeros((height, width), dtype=np.uint8)
        self.tone = np.full((height, width), 2, dtype=np.float32)
        self.line = np.zeros((height, width), dtype=bool)
        self.figure = np.zeros((height, width), dtype=bool)
        self.materials = ["clear"]
        self.parts = ["background"]
        self.ys = np.arange(height, dtype=np.float32)[:, None]
        self.xs = np.arange(width, dtype=np.float32)[None, :]

    # ---- regions -------------------------------------------------------------------------------------------------
    def empty(self) -> Region:
        """No cell."""
        return np.zeros((self.h, self.w), dtype=bool)

    def full(self) -> Region:
        """Every cell."""
        return np.ones((self.h, self.w), dtype=bool)

    def rect(self, x: float, y: float, w: float, h: float) -> Region:
        """A rectangle with its top left at (x, y), clipped to the canvas."""
        out = self.empty()
        x, y = round(x), round(y)
        out[max(y, 0) : max(y + round(h), 0), max(x, 0) : max(x + round(w), 0)] = True
        return out

    def oval(self, x: float, y: float, w: float, h: float) -> Region:
        """The ellipse that fills the box (x, y, w, h); round at small sizes too."""
        return self.ellipse(x + (w - 1) / 2, y + (h - 1) / 2, max(w / 2 - 0.1, 0.5), max(h / 2 - 0.1, 0.5))

    def ellipse(self, cx: float, cy: float, rx: float, ry: float) -> Region:
        """Cells whose centre lies in the ellipse about (cx, cy)."""
        out, rx, ry = self.empty(), max(rx, 0.01), max(ry, 0.01)
        cols = slice(max(0, math.floor(cx - rx)), max(0, math.ceil(cx + rx) + 1))
        rows = slice(max(0, math.floor(cy - ry)), max(0, math.ceil(cy + ry) + 1))
        out[rows, cols] = ((self.xs[:, cols] - cx) / rx) ** 2 + ((self.ys[rows] - cy) / ry) ** 2 <= 1
        return out

    def poly(self, *points: tuple[float, float]) -> Region:
        """A filled polygon with its corners included, even-odd rule."""
        sides = zip(points, points[1:] + points[:1])
        edges = [(x0, y0, (x1 - x0) / (y1 - y0), min(y0, y1), max(y0, y1)) for (x0, y0), (x1, y1) in sides if y0 != y1]
        out = self.stroke(*points, points[0])
        if edges:
            x, y, slope, top, bottom = np.array(edges, dtype=np.float32).T[:, :, None, None]
            crosses = (self.ys >= top) & (self.ys < bottom)  # [edges, H, 1]
            out |= np.logical_xor.reduce(self.xs < np.where(crosses, x + (self.ys - y) * slope, -np.inf))
        return out

    def stroke(self, *points: tuple[float, float], width: int = 1) -> Region:
        """A polyline of `width` pixels, one cell a step (Bresenham's run along the longer axis)."""
        h, w, floor = self.h, self.w, math.floor
        cells = bytearray(h * w)  # takes single cells faster than the array that looks at it
        out = np.frombuffer(cells, dtype=bool).reshape(h, w)
        for (x0, y0), (x1, y1) in zip(points, points[1:] or points):
            if (y1, x1) < (y0, x0):  # always downwards, so that mirrored lines are mirror images
                x0, y0, x1, y1 = x1, y1, x0, y0
            dx, dy = x1 - x0, y1 - y0
            steps = max(1, math.ceil(max(abs(dx), abs(dy))))
            for i in range(steps + 1):
                at = x0 + dx * i / steps
                x = math.ceil(at - 0.5) if dx < 0 else floor(at + 0.5)
                y = floor(y0 + dy * i / steps + 0.5)
                if width == 1:
                    if 0 <= y < h and 0 <= x < w:
                        cells[y * w + x] = True
                    continue
                x, y = x - (width - 1) // 2, y - (width - 1) // 2
                if width < 3:
                    out[max(y, 0) : max(y + width, 0), max(x, 0) : max(x + width, 0)] = True
                else:
                    out |= self.oval(x, y, width, width)
        return out

    def taper(self, points: Sequence[tuple[float, float]], start: float, end: float) -> Region:
        """A smooth limb through the points (quadratic Bezier for three, else a polyline), its width going from `start` to `end` pixels."""
        out = self.empty()
        if len(points) == 3:
            (ax, ay), (bx, by), (cx, cy) = points
            n = max(2, round(math.hypot(ax - bx, ay - by) + math.hypot(bx - cx, by - cy)))
            path = []
            for i in range(n + 1):
                t = i / n
                u = 1 - t
                path.append((u * u * ax + 2 * u * t * bx + t * t * cx, u * u * ay + 2 * u * t * by + t * t * cy))
        else:
            path = []
            for (ax, ay), (bx, by) in itertools.pairwise(points):
                n = max(1, round(max(abs(ax - bx), abs(ay - by))))
                path += [(ax + (bx - ax) * i / n, ay + (by - ay) * i / n) for i in range(n + 1)]
        last = max(1, len(path) - 1)
        wide = []
        for i, (x, y) in enumerate(path):
            d = start + (end - start) * i / last
            if d >= 1.6:
                wide.append((x, y, d / 2, d / 2 * (d / 2)))
                continue
            row, col = math.floor(y + 0.5), math.floor(x + 0.5)
            if 0 <= row < self.h and 0 <= col < self.w:
                out[row, col] = True
        for k in range(0, len(wide), 16):  # neighbours together, in the box that holds them
            x, y, r, square = np.array(wide[k : k + 16]).T
            x0, x1 = max(0, math.floor((x - r).min())), min(self.w, math.ceil((x + r).max()) + 1)
            y0, y1 = max(0, math.floor((y - r).min())), min(self.h, math.ceil((y + r).max()) + 1)
            if y0 < y1 and x0 < x1:
                x, y, square = np.array((x, y, square), dtype=np.float32)[:, :, None, None]
                gaps = (self.xs[:, x0:x1] - x) ** 2 + (self.ys[y0:y1] - y) ** 2  # [discs, rows, columns]
                out[y0:y1, x0:x1] |= (gaps <= square).any(0)
        return out

    def dots(self, *points: tuple[float, float]) -> Region:
        """Single cells."""
        out = self.empty()
        for x, y in points:
            row, col = math.floor(y + 0.5), math.floor(x + 0.5)
            if 0 <= row < self.h and 0 <= col < self.w:
                out[row, col] = True
        return out

    def art(self, rows: Sequence[str], x: int, y: int, ink: str = "#") -> Region:
        """The cells marked `ink` in rows of text, laid at (x, y): hand-set shapes for the smallest sizes."""
        out = self.empty()
        for dy, row in enumerate(rows):
            for dx, mark in enumerate(row):
                if mark in ink and 0 <= y + dy < self.h and 0 <= x + dx < self.w:
                    out[y + dy, x + dx] = True
        return out

    def mirror(self, region: Region) -> Region:
        """The region and its mirror image about the vertical middle."""
        return region | region[:, ::-1]

    def flood(self, x: int, y: int) -> Region:
        """Cells joined to (x, y) through the same material (four-neighbours)."""
        same = self.mat == self.mat[y, x]
        out = self.dots((x, y))
        while True:
            more = grow(out) & same
            if (more == out).all():
                return out
            out = more

    # ---- tones ---------------------------------------------------------------------------------------------------
    @staticmethod
    def box(region: Region) -> tuple[int, int, int, int]:
        """Bounding box (x, y, w, h) of a region; zeros where empty."""
        rows, cols = region.any(1).tobytes(), region.any(0).tobytes()
        x, y = cols.find(1), rows.find(1)
        return (x, y, cols.rfind(1) + 1 - x, rows.rfind(1) + 1 - y) if x >= 0 else (0, 0, 0, 0)

    def ball(self, region: Region, strength: float = 1.5) -> F32:
        """Tone offsets of a round body lit from the top left."""
        x, y, w, h = self.box(region)
        nx = (self.xs - (x + (w - 1) / 2)) / max(w / 2, 1)
        ny = (self.ys - (y + (h - 1) / 2)) / max(h / 2, 1)
        d = np.sqrt((nx + 0.4) ** 2 + (ny + 0.45) ** 2)
        out: F32 = (strength * (0.95 - 1.15 * d)).astype(np.float32)
        return out

    def column(self, region: Region, strength: float = 1.3) -> F32:
        """Tone offsets of an upright cylinder lit from the left."""
        x, _, w, _ = self.box(region)
        nx = (self.xs - x + 0.5) / max(w, 1)
        return self._spread(strength * (1 - 2.8 * np.abs(nx - 0.28)))

    def fall(self, region: Region, top: float = 1.0, bottom: float = -1.0) -> F32:
        """Tone offsets going from `top` to `bottom` down the region."""
        _, y, _, h = self.box(region)
        t = (self.ys - y) / max(h - 1, 1)
        return self._spread(top + (bottom - top) * t)

    def _spread(self, line: NDArray[np.floating]) -> F32:
        """A row or column of tones, repeated over the canvas."""
        out = np.empty((self.h, self.w), dtype=np.float32)
        out[:] = line
        return out

    def bevel(self, region: Region, strength: float = 1.0) -> F32:
        """Light on the top and left edges, shadow on the bottom and right edges."""
        lit = region & ~(shift(region, 0, 1) & shift(region, 1, 0))
        dark = region & ~(shift(region, 0, -1) & shift(region, -1, 0))
        return strength * (lit.astype(np.float32) - dark)

    def dither(self, tone: F32) -> F32:
        """Whole tones by ordered dither."""
        tiled = np.tile(BAYER, (self.h // 4 + 1, self.w // 4 + 1))[: self.h, : self.w]
        out: F32 = np.floor(tone + tiled).astype(np.float32)
        return out

    def bricks(self, x: int, y: int, width: int, height: int) -> Region:
        """The joints of a brick bond with bricks of width x height (joint included), its origin at (x, y)."""
        row = np.floor_divide(self.ys - y, height)
        return ((self.ys - y) % height == height - 1) | ((self.xs - x + (row % 2) * (width // 2)) % width == width - 1)

    # ---- paint ---------------------------------------------------------------------------------------------------
    def part_id(self, name: str) -> int:
        """Class of a part, made on first use."""
        if name not in self.parts:
            self.parts.append(name)
        return self.parts.index(name)

    def paint(
        self, region: Region, color: str, part: str, tone: Tone = 0.0, *, rim: bool = False, back: bool = False
    ) -> Region:
        """Paint cells with a named colour at base tone + `tone`.

        Args:
            tone: an offset, an array of offsets, or the name of one of the shadings `ball`, `column`, `fall`, `bevel`.
            rim: mark the painted cells just around the region as inner contour, so that the part stands out.
            back: the cells are backdrop (not outlined).
        """
        if color not in self.materials:
            self.materials.append(color)
        if rim:
            self.line |= grow(region) & ~region & self.figure
        offset = getattr(self, tone)(region) if isinstance(tone, str) else tone
        self.mat[region] = self.materials.index(color)
        self.part[region] = self.part_id(part)
        if isinstance(offset, np.ndarray):
            np.add(offset, 2, out=self.tone, where=region)
        else:
            self.tone[region] = 2 + offset
        outside = ~region
        self.line &= outside
        if back:
            self.figure &= outside
        else:
            self.figure |= region
        return region

    def touch(self, region: Region, tone: float | F32) -> None:
        """Add to the tone of cells already painted."""
        np.add(self.tone, tone, out=self.tone, where=region)

    def contour(self, region: Region) -> None:
        """Mark painted cells as inner contour."""
        self.line |= region & (self.mat > 0)

    def erase(self, region: Region) -> None:
        """Make cells clear."""
        self.mat[region] = 0
        self.part[region] = 0
        self.line[region] = False
        self.figure[region] = False

    def stamp(
        self,
        other: Canvas,
        x: int,
        y: int,
        *,
        prefix: str = "",
        tint: Callable[[str], str] | None = None,
        rim: bool = False,
        back: bool = False,
    ) -> Region:
        """Lay the figure of another canvas (not its backdrop) with its top left at (x, y), cell for cell; returns the cells covered.

        Args:
            prefix: put before its part names ("knight/" + "helmet").
            tint: renames materials, see `ramps.tinted`.
            rim: mark figure cells just around it as inner contour.
            back: it becomes backdrop (not outlined).
        """
        y0, x0, y1, x1 = max(y, 0), max(x, 0), min(y + other.h, self.h), min(x + other.w, self.w)
        out = self.empty()
        if y0 >= y1 or x0 >= x1:
            return out
        src, dst = np.s_[y0 - y : y1 - y, x0 - x : x1 - x], np.s_[y0:y1, x0:x1]
        cells = other.figure[src]
        out[dst] = cells
        if rim:
            self.line |= grow(out) & ~out & self.figure
        names = [tint(m) if tint and i else m for i, m in enumerate(other.materials)]
        for name in names:
            if name not in self.materials:
                self.materials.append(name)
        mats = np.array([self.materials.index(name) for name in names], dtype=np.uint8)
        parts = np.array([self.part_id(prefix + n) if i else 0 for i, n in enumerate(other.parts)], dtype=np.uint8)
        np.copyto(self.mat[dst], mats[other.mat[src]], where=cells)
        np.copyto(self.part[dst], parts[other.part[src]], where=cells)
        np.copyto(self.tone[dst], other.tone[src], where=cells)
        np.copyto(self.line[dst], other.line[src], where=cells)
        np.copyto(self.figure[dst], not back, where=cells)
        return out

    def cropped(self) -> Canvas:
        """The figure's bounding box as a canvas of its own (backdrop cells inside it are no figure)."""
        x, y, w, h = self.box(self.figure)
        out = Canvas(max(h, 1), max(w, 1))
        out.materials, out.parts = list(self.materials), list(self.parts)
        for name in ("mat", "part", "tone", "line", "figure"):
            if w:
                setattr(out, name, getattr(self, name)[y : y + h, x : x + w].copy())
        return out

    def flip(self) -> None:
        """Mirror all that is painted, left to right."""
        for name in ("mat", "part", "tone", "line", "figure"):
            setattr(self, name, getattr(self, name)[:, ::-1].copy())
