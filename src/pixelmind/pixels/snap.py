"""Snap: the native picture behind fake pixel art that was enlarged, resampled, shifted, drifts, or was saved as JPEG.

The grid comes from `pixelmind.pixels.grid`. Cells of a blurred enlargement are solved for by least squares, as the grid
was; cells with a flat middle take its median. Colours that the damage drove apart are merged: each colour, the commonest
first, joins the nearest one before it within a distance in OKLab that follows the unexplained error, and groups take
their mean. A picture with no grid that explains it comes back as it is, but for alpha, which is always 0 or 255.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pixelmind.errors import BadInput
from pixelmind.pixels import grid as grids
from pixelmind.pixels.oklab import oklab_to_srgb, srgb_to_oklab
from pixelmind.pixels.quantize import OPAQUE, to_num_colors
from pixelmind.records import U8

SEARCH_SIDE, COLOR_SIDE = 512, 1024  # longer sides are averaged down, for the search and for the colours
#: Unexplained error over the mean squared step between neighbouring cells, up to which a grid is believed. Chosen on
#: the tune half of benchmarks/snap.py and on undamaged art from there.
BELIEVED, BELIEVED_LARGE, BELIEVED_FLAT, BELIEVED_SMALL = 0.06, 0.1, 0.005, 0.002
LARGE_CELL, FEW_COLORS, FEW_CELLS = 4.0, 64, 12
#: How much worse the same grid must draw the picture when it is moved by half a cell: any grid draws a smooth picture.
MOVED_WORSE = 1.5
FLAT_CELL = 4.0  # px; cells of sharp enlargements from here on have a flat middle
MERGE_LEAST, MERGE_MOST, MERGE_PER_ERROR = 0.004, 0.03, 2.0  # OKLab
#: OKLab is steep at black, where one code value is further than the eye sees: groups are formed as if nothing were darker.
DARKEST = 8
NO_GRID = "no enlarged grid found, left at its size; if you know the native size, name it with --size"


@dataclass(frozen=True, kw_only=True)
class Snapped:
    """The native picture uint8 [h, w, 4] with alpha 0 or 255, and how it was found.

    `factor`: px a cell, vertically and horizontally; (1, 1) where nothing was undone. `rows`, `columns`: edges of the
    cells in px. `kernel`: the way of enlarging that explains the picture best, "exact" for repeated pixels. `error`:
    RMS of what cells, enlarged again, leave unexplained, in [0, 1]. `half_clear`: cells whose alpha was made hard.
    `note`: a line for people where something is to be said.
    """

    rgba: U8
    factor: tuple[float, float] = (1.0, 1.0)
    rows: tuple[float, ...] = ()
    columns: tuple[float, ...] = ()
    kernel: str = ""
    error: float = 0.0
    half_clear: int = 0
    note: str = ""

    @property
    def found(self) -> bool:
        """Whether a grid was found and undone."""
        return self.factor != (1.0, 1.0)


def snap(rgba: U8, colors: int | None = None, size: tuple[int, int] | None = None) -> Snapped:
    """Recover the native picture of uint8 [H, W, 4].

    Args:
        rgba: the picture; any size, any damage.
        colors: keep at most this many opaque colours.
        size: the native (height, width), where it is known; else it is found.

    Raises:
        BadInput: not an RGBA canvas, a size that the picture cannot hold, or a count of colours outside 1..256.
    """
    if rgba.dtype != np.uint8 or rgba.ndim != 3 or rgba.shape[2] != 4 or rgba.size == 0:
        raise BadInput(f"a canvas must be uint8 [height, width, 4], got {rgba.dtype} {list(rgba.shape)}")
    if size is not None and not all(1 <= n <= side for n, side in zip(size, rgba.shape)):
        raise BadInput(
            f"a {rgba.shape[1]}x{rgba.shape[0]} picture has no {size[1]}x{size[0]} cells; name a smaller size"
        )
    result = _recover(rgba, size)
    if colors is not None:
        result = replace(result, rgba=to_num_colors(result.rgba, colors).rgba())
    return result


def _recover(rgba: U8, size: tuple[int, int] | None) -> Snapped:
    if (rgba == rgba[0, 0]).all() or not rgba[..., 3].any():
        return _hardened(Snapped(rgba=rgba, note="one colour only, there is no grid to find; left as it is"))
    small, factor = grids.undo_upscale(rgba)
    if factor > 1 and size in (None, small.shape[:2]):
        lines = [tuple(np.arange(0.0, side + 1, factor)) for side in rgba.shape[:2]]
        whole = Snapped(rgba=small, factor=(factor, factor), rows=lines[0], columns=lines[1], kernel="exact")
        return _hardened(whole)
    if size == rgba.shape[:2]:
        return _hardened(Snapped(rgba=rgba))
    canvas, reduction = _canvas(rgba, SEARCH_SIDE)
    found = grids.search(canvas, size)
    if not found:
        return _hardened(Snapped(rgba=rgba, note=NO_GRID))
    best = found[0]
    cells, _ = grids.solve(canvas, best)
    if size is None and not _believable(rgba, canvas, cells, best, reduction):
        return _hardened(Snapped(rgba=rgba, note=NO_GRID))
    fine, fine_reduction = _canvas(rgba, COLOR_SIDE)
    scaled = [lines * reduction / fine_reduction for lines in best.lines]
    best = replace(best, lines=(scaled[0], scaled[1]))
    factors = [float(np.mean(np.diff(lines))) for lines in scaled]
    flat = best.kernel in ("nearest", "area", "soft") and min(factors) >= FLAT_CELL
    cells = _middles(fine, best) if flat else grids.solve(fine, best)[0]
    error = float(np.sqrt(best.error))
    out = _colors(cells, error)
    soft = 0 if cells.shape[2] == 3 else int(((cells[..., 3] > 0.1) & (cells[..., 3] < 0.9)).sum())
    rows, columns = (tuple(float(v) for v in lines * fine_reduction) for lines in scaled)
    return Snapped(
        rgba=out,
        factor=(factors[0] * fine_reduction, factors[1] * fine_reduction),
        rows=rows,
        columns=columns,
        kernel=best.kernel,
        error=error,
        half_clear=soft,
    )


def _hardened(result: Snapped) -> Snapped:
    """Make alpha 0 or 255; a picture whose alpha is hard already stays as it is, to the bit."""
    alpha = result.rgba[..., 3:]
    soft = int(((alpha > 0) & (alpha < 255)).sum())
    if not soft:
        return result
    rgba = np.where(alpha >= OPAQUE, result.rgba | np.array([0, 0, 0, 255], dtype=np.uint8), 0).astype(np.uint8)
    return replace(result, rgba=rgba, half_clear=soft)


def _canvas(rgba: U8, longest: int) -> tuple[grids.F32, int]:
    """Return the features of a picture, averaged down by a whole number where a side is above `longest`, and that number."""
    reduction = -(-max(rgba.shape[:2]) // longest)
    if reduction == 1:
        return grids.features(rgba), 1
    small = np.asarray(Image.fromarray(rgba).convert("RGBa").reduce(reduction), dtype=np.float32) / np.float32(255)
    return (small if (rgba[..., 3] < 255).any() else small[..., :3]), reduction


def _believable(rgba: U8, canvas: grids.F32, cells: grids.F32, grid: grids.Grid, reduction: int) -> bool:
    """Whether a grid explains the picture well enough that it was made so, and is not native art that looks alike."""
    moved = [lines + 0.5 * grid.period for lines in grid.lines]
    if grids.solve(canvas, replace(grid, lines=(moved[0], moved[1])))[1] < MOVED_WORSE * grid.error:
        return False
    steps = [float((np.diff(cells, axis=axis) ** 2).mean()) for axis in (0, 1) if cells.shape[axis] > 1]
    ratio = grid.error / max(float(np.mean(steps)), 1e-12)
    if max(grid.cells) < FEW_CELLS:
        return grid.how == "even" and ratio <= BELIEVED_SMALL
    if reduction == 1 and len(np.unique(np.ascontiguousarray(rgba).view(np.uint32))) <= FEW_COLORS:
        return ratio <= BELIEVED_FLAT
    return ratio <= (BELIEVED_LARGE if grid.period * reduction >= LARGE_CELL else BELIEVED)


def _middles(canvas: grids.F32, grid: grids.Grid) -> grids.F32:
    """Median [n, n, C] of the middle half of each cell, over at most 9 x 9 pixels of it."""
    index = []
    for lines, length in zip(grid.lines, canvas.shape):
        inner = np.clip(lines, 0, length)
        start, extent = inner[:-1], np.diff(inner)
        count = int(np.clip(round(float(np.median(extent)) / 2), 2, 9))
        at = start[:, None] + extent[:, None] * np.linspace(0.25, 0.75, count)
        index.append(np.clip(at.astype(int), 0, length - 1))
    samples = canvas[index[0][:, :, None, None], index[1][None, None]]
    return np.asarray(np.median(samples, axis=(1, 3)), dtype=np.float32)


def _colors(cells: grids.F32, error: float) -> U8:
    """Premultiplied cells [n, n, 3 or 4] as uint8 RGBA with hard alpha, near-equal colours merged.

    Damage pulls what lies at a limit inwards, since the other side is cut off: values within `error` of it go back.
    """
    reach, limit = float(np.clip(MERGE_PER_ERROR * error, MERGE_LEAST, MERGE_MOST)), max(error, 2 / 255)
    opaque = np.ones(cells.shape[:2], dtype=bool) if cells.shape[2] == 3 else cells[..., 3] >= 0.5
    color = cells[..., :3] if cells.shape[2] == 3 else cells[..., :3] / np.maximum(cells[..., 3:], 0.5)
    out = np.zeros((*cells.shape[:2], 4), dtype=np.uint8)
    color = np.where(color < limit, 0.0, np.where(color > 1 - limit, 1.0, color))
    seen = np.rint(color[opaque] * 255).astype(np.uint8)
    if len(seen):
        out[opaque] = np.concatenate([merged(seen, reach), np.full((len(seen), 1), 255, dtype=np.uint8)], axis=1)
    return out


def merged(colors: U8, reach: float) -> U8:
    """Merge uint8 sRGB colours [N, 3] that lie within `reach` of a commoner one in OKLab; groups take their mean."""
    values, inverse, counts = np.unique(colors, axis=0, return_inverse=True, return_counts=True)
    lab: NDArray[np.float64] = srgb_to_oklab(values).astype(np.float64)
    floored = srgb_to_oklab(np.maximum(values, DARKEST)).astype(np.float64)
    leaders, group = np.empty_like(lab), np.zeros(len(values), dtype=np.int64)
    total = 0
    for index in np.argsort(-counts, kind="stable"):
        distance = ((leaders[:total] - floored[index]) ** 2).sum(axis=1)
        nearest = int(distance.argmin()) if total else 0
        if not total or distance[nearest] > reach**2:
            nearest, total = total, total + 1
            leaders[nearest] = floored[index]
        group[index] = nearest
    weight = np.bincount(group, counts, minlength=total)
    means = np.stack([np.bincount(group, counts * lab[:, c], minlength=total) / weight for c in range(3)], axis=1)
    alone = np.bincount(group, minlength=total) == 1  # a colour by itself keeps its very value
    shown = np.where(alone[group][:, None], values, oklab_to_srgb(means)[group]).astype(np.uint8)
    return shown[inverse.reshape(-1)]
