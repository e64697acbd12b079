"""The pixel grid of a picture: exact integer enlargements, and grids that were resampled, shifted, drift or are damaged.

Exact: colour changes of a k-times nearest-neighbour enlargement lie only at multiples of k, so k is the greatest common
divisor of the positions of all changes and of the canvas sides. Colours under clear cells do not count.

Damaged (`search`):
    periods   peaks of the spectra of edge and curvature profiles of both axes, over the whole canvas and in windows
    grids     for each period: the even grid from corner to corner; the best segmentation into flat cells (dynamic
              programming over the lines, with a spring towards the period), free or pinned to the canvas; and the
              even grid fitted to those lines, so that phase and period are found to a fraction of a pixel
    choice    each grid, with each way to enlarge (nearest, area, soft, bilinear, bicubic, lanczos), is solved for its
              cells by least squares and asked to draw the picture again. Lowest wins: log of the generalised
              cross-validation error (Craven and Wahba 1979), plus a price on cells (a grid twice as fine always draws
              at least as well), on uneven grids and on cells that are not square, less the weight of the period's peak

Cells are square to within a few per cent and at least 2 px wide; a cell cut by the canvas counts if half of it is there.
Legend: H, W canvas; L length of an axis; n cells of an axis; C channels; R sketch columns; lines float [n + 1] in px.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pixelmind.records import U8

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

SMALLEST = 8  # cells on the longer axis
SKETCH = 16  # random projections of an axis' lines of pixels (Johnson and Lindenstrauss 1984)
SATURATION = 0.5  # an edge stronger than this counts no more
KERNELS = ("nearest", "area", "soft", "bilinear", "bicubic", "lanczos")
FLOOR, ROUGH_FLOOR = (1.5 / 255) ** 2, (4 / 255) ** 2  # a picture drawn this well is drawn exactly; same for one axis
# What follows was chosen on the tune half of benchmarks/snap.py.
CELL_PRICE = 0.3
PRICES = {"even": 0.0, "shifted": 0.1, "pinned": 0.1, "drifting": 0.3}
SPRING = 0.3
SQUARENESS = 0.2 / (2 * 0.02**2)
PEAK_WEIGHT = 1.5
COMMON_SIDES = frozenset([8, 16, 24, 32, 48, 64, 96, 128])
COMMON_BONUS = 0.05


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A grid over a picture: `lines` of rows and of columns in px, float [n + 1] each, and how it came to be.

    `how`: even, shifted, pinned or drifting; `kernel`: the way to enlarge that explains the picture best; `period` in
    px and the height of its spectral `peak` in [0, 1]; `score` (lower is better) and `error`, the mean squared error
    of the picture that the cells draw.
    """

    lines: tuple[F64, F64]
    how: str
    kernel: str
    period: float
    peak: float
    score: float = np.inf
    error: float = np.inf

    @property
    def cells(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.lines[0]) - 1, len(self.lines[1]) - 1


def detect_upscale(rgba: U8, min_side: int = 1) -> int:
    """Return the greatest k so that uint8 [H, W, 4] is a k-times enlargement of sides of at least `min_side` px.

    1 where it is none; also for a canvas of one colour, which shows no grid.
    """
    packed = np.ascontiguousarray(np.where(rgba[..., 3:] == 0, 0, rgba)).view(np.uint32)[..., 0]
    rows = np.flatnonzero((packed[1:] != packed[:-1]).any(axis=1)) + 1
    columns = np.flatnonzero((packed[:, 1:] != packed[:, :-1]).any(axis=0)) + 1
    if not len(rows) and not len(columns):
        return 1
    factor = int(np.gcd.reduce(np.concatenate([rows, columns, packed.shape])))
    divisors = [k for k in range(1, factor + 1) if factor % k == 0 and min(packed.shape) // k >= min_side]
    return max(divisors, default=1)


def undo_upscale(rgba: U8, min_side: int = 1) -> tuple[U8, int]:
    """Return the canvas at its true size and the factor that was undone (1: unchanged)."""
    factor = detect_upscale(rgba, min_side)
    return np.ascontiguousarray(rgba[::factor, ::factor]), factor


def features(rgba: U8) -> F32:
    """Premultiplied colour, and alpha where the picture uses it: float32 [H, W, 3 or 4] in [0, 1]."""
    out: F32 = rgba.astype(np.float32) / np.float32(255)
    out[..., :3] *= out[..., 3:]
    return out if (rgba[..., 3] < 255).any() else out[..., :3]


def _sketch(canvas: F32, axis: int) -> F32:
    """Random projections [L, R] whose squared differences are those of whole lines of pixels, on average."""
    lines = np.moveaxis(canvas, axis, 0).reshape(canvas.shape[axis], -1)
    random = np.random.default_rng(0).standard_normal((lines.shape[1], SKETCH), dtype=np.float32)
    return np.asarray(lines @ random / np.sqrt(SKETCH * lines.shape[1]), dtype=np.float32)


# ---- periods


def _profile(canvas: F32, axis: int, order: int) -> F64:
    """Mean absolute difference of first or second order along an axis, less its moving mean."""
    steps = np.minimum(np.abs(np.diff(canvas, order, axis=axis)).sum(axis=2), SATURATION)
    profile: F64 = steps.mean(axis=1 - axis, dtype=np.float64)
    reach = max(3, len(profile) // 8)
    padded = np.pad(profile, reach, "reflect" if len(profile) > reach else "edge")
    return np.asarray(profile - np.convolve(padded, np.full(2 * reach + 1, 1 / (2 * reach + 1)), "valid"))


def _spectrum(profile: F64, frequencies: F64, window: int) -> F64:
    """Amplitude at `frequencies` (cycles a pixel), from Hann windows of `window` px that overlap by half."""
    window = min(window, len(profile))
    size = 1 << int(np.ceil(np.log2(16 * window)))
    shape = np.hanning(window + 2)[1:-1] if window < len(profile) else np.ones(window)
    power = np.zeros(size // 2 + 1)
    for start in range(0, len(profile) - window + 1, max(1, window // 2)):
        power += np.abs(np.fft.rfft(profile[start : start + window] * shape, size)) ** 2
    power /= (profile @ profile + 1e-12) * window
    return np.interp(frequencies, np.fft.rfftfreq(size), np.sqrt(power))


def _periods(canvas: F32) -> list[tuple[float, float]]:
    """Return candidate periods in px with the height of their peak in (0, 1], highest first.

    Edges of a nearest enlargement lie on the cells' borders and knots of a bilinear one on their centres, where only
    the second difference sees them. Windows catch periods that drift.
    """
    longest = max(canvas.shape[:2])
    frequencies = np.arange((SMALLEST - 0.5) / longest, 0.5, 0.12 / longest)
    found: list[tuple[float, float]] = []
    total = np.zeros(len(frequencies))
    for window in (longest, max(24, longest // 3)):
        for order in (1, 2):
            spectra = [_spectrum(_profile(canvas, axis, order), frequencies, window) for axis in (0, 1)]
            height = np.sqrt(spectra[0] ** 2 + spectra[1] ** 2)
            height /= height.max() + 1e-12
            total = np.maximum(total, height)
            inner = np.flatnonzero((height[1:-1] >= height[:-2]) & (height[1:-1] > height[2:])) + 1
            best = inner[np.argsort(-height[inner])][:8]
            found += [(float(height[i]), float(frequencies[i])) for i in best]
    chosen: list[float] = []
    for _, frequency in sorted(found, reverse=True):
        for f in (frequency, frequency / 2):
            if frequencies[0] <= f <= 0.5 and all(abs(f - other) * longest > 0.35 for other in chosen):
                chosen.append(f)
    return [(1 / f, float(np.interp(f, frequencies, total))) for f in chosen]


# ---- grids


def _even(length: int, n: int) -> F64:
    return np.linspace(0.0, length, n + 1)


def _cell_costs(sketch: F32, longest: int) -> F64:
    """Squared deviation [L + 1, longest + 1] inside the cell of length d that ends at b, inf where it leaves the axis."""
    length = len(sketch)
    values = sketch.astype(np.float64)
    sums = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    squares = np.concatenate([[0.0], np.cumsum((values**2).sum(axis=1))])
    costs = np.full((length + 1, longest + 1), np.inf)
    for d in range(1, min(longest, length) + 1):
        inside = sums[d:] - sums[:-d]
        costs[d:, d] = np.maximum(0, squares[d:] - squares[:-d] - (inside**2).sum(axis=1) / d)
    return costs


def _segment(costs: F64, period: float, spring: float, shortest: int, pinned: bool) -> F64:
    """Lines of the cheapest cut into cells near `period` px; free ends may leave a part of a cell over."""
    length, longest = costs.shape[0] - 1, costs.shape[1] - 1
    priced = (costs + spring * ((np.arange(longest + 1) - period) / period) ** 2)[:, shortest:]
    best, back = np.full(length + 1, np.inf), np.full(length + 1, -1)
    best[0] = 0.0
    parts = np.arange(1, min(int(np.ceil(0.95 * period)), length, longest) + 1)
    if not pinned:
        best[parts] = costs[parts, parts] + 0.02 * spring
    reach = np.concatenate([np.full(longest, np.inf), best])  # reach[b + longest] = best[b]
    for b in range(shortest, length + 1):
        options = reach[b : b + longest - shortest + 1][::-1] + priced[b]
        d = int(options.argmin())
        if options[d] < reach[b + longest]:
            reach[b + longest], back[b] = options[d], b - shortest - d
    end = length
    if not pinned:
        ends = reach[longest + length - parts] + costs[length, parts] + 0.02 * spring
        if ends.min() < reach[longest + length]:
            end = length - int(parts[int(ends.argmin())])
    lines = [end]
    while back[lines[-1]] >= 0:
        lines.append(int(back[lines[-1]]))
    return np.array(lines[::-1], dtype=np.float64)


def _whole(lines: F64, length: int, period: float) -> F64:
    """Add the cells at the ends that the canvas cuts but leaves at least half."""
    head = [lines[0] - period] if lines[0] >= 0.5 * period else []
    tail = [lines[-1] + period] if length - lines[-1] >= 0.5 * period else []
    return np.concatenate([head, lines, tail])


def _shifted(start: float, period: float, length: int) -> F64:
    """An even grid with a line at `start`, from the first to the last cell of which half is on the canvas."""
    start -= np.floor(start / period + 0.5) * period
    return np.asarray(start + period * np.arange(int(np.floor((length - start) / period + 0.5)) + 1), dtype=np.float64)


def _refined(sketch: F32, lines: F64, period: float, kernel: str) -> F64:
    """Fit an even grid by compass search over its two ends, begun at the better of the lines found and the period."""
    length, index = len(sketch), np.arange(len(lines))
    edges = np.abs(np.diff(sketch, axis=0)).sum(axis=1)
    weight = edges[np.clip(lines.astype(int) - 1, 0, length - 2)] + 1e-3 * edges.mean() + 1e-9
    slope, start = np.polyfit(index, lines, 1, w=np.sqrt(weight))
    cells = max(1, round(length / period))

    def error(ends: tuple[float, float]) -> float:
        return _axis_error(sketch, _shifted(ends[0], (ends[1] - ends[0]) / cells, length), kernel)

    phases = [(p * period, (p + cells) * period) for p in np.arange(-0.5, 0.5, 1 / 6)]
    best_error, best = min((error(ends), ends) for ends in [(start, start + slope * cells), *phases])
    step = 0.1 * period
    while step > 0.06:  # px
        shifts = ((step, step), (-step, -step), (0.0, step), (0.0, -step))  # move the whole grid, stretch it
        lowest, ends = min((error(ends), ends) for ends in [(best[0] + a, best[1] + b) for a, b in shifts])
        if lowest < best_error:
            best_error, best = lowest, ends
        else:
            step /= 2
    return _shifted(best[0], (best[1] - best[0]) / cells, length)


# ---- choice


def _design(lines: F64, length: int, kernel: str) -> tuple[F32, slice]:
    """How each pixel between the first and the last line mixes the cells: float32 [pixels, n], and which pixels."""
    n, centres = len(lines) - 1, np.arange(length) + 0.5
    first, last = np.searchsorted(centres, [lines[0], lines[-1]])
    at = np.interp(centres[first:last], lines, np.arange(n + 1.0)).astype(np.float32)
    u = at[:, None] - (np.arange(n, dtype=np.float32) + np.float32(0.5))
    a = np.abs(u)
    pixel = min(1.0, n / (lines[-1] - lines[0]))  # width of a pixel in cells
    if kernel == "nearest":
        weight = ((u >= -0.5) & (u < 0.5)).astype(np.float32)
    elif kernel == "bicubic":  # Keys 1981, a = -1/2
        near, far = 1.5 * a**3 - 2.5 * a**2 + 1, -0.5 * a**3 + 2.5 * a**2 - 4 * a + 2
        weight = np.where(a < 1, near, np.where(a < 2, far, 0.0))
    elif kernel == "lanczos":
        weight = np.where(a < 3, np.sinc(u) * np.sinc(u / 3), 0.0)
    else:  # flat in the middle, a ramp between neighbours of one pixel, of half a cell or of a whole one
        ramp = {"area": pixel, "soft": max(0.5, pixel), "bilinear": 1.0}[kernel]
        weight = np.clip(((1 + ramp) / 2 - a) / ramp, 0.0, 1.0)
    total = weight.sum(axis=1, keepdims=True)
    return (weight / np.where(np.abs(total) < 1e-3, 1.0, total)).astype(np.float32), slice(first, last)


def _inverse(design: F32) -> F32:
    """Least squares cells of pixels, [n, pixels]; nearly empty cells stay near 0."""
    gram = design.T @ design
    gram[np.diag_indices(len(gram))] += 1e-4
    return np.asarray(np.linalg.solve(gram, design.T), dtype=np.float32)


def _axis_error(sketch: F32, lines: F64, kernel: str) -> float:
    """Generalised cross-validation error of one axis: mean squared residual over (1 - n / L)^2."""
    n = len(lines) - 1
    if n < 2 or n >= 0.6 * len(sketch):
        return np.inf
    design, inside = _design(lines, len(sketch), kernel)
    values = sketch[inside]
    gram = design.T @ design
    gram[np.diag_indices(n)] += 1e-4
    moment = design.T @ values
    residual = values - design @ np.linalg.solve(gram, moment)
    return float((residual * residual).sum()) / len(values) / (1 - n / len(values)) ** 2


def solve(canvas: F32, grid: Grid, rounds: int = 2) -> tuple[F32, float]:
    """Cells float32 [n, n, C] of a grid, and the mean squared error of the picture they draw.

    Resampling overshoots and is cut at 0 and 1: where the picture is at a limit and the model beyond, the model is
    believed in the next round.
    """
    (by_row, rows), (by_column, columns) = (
        _design(lines, length, grid.kernel) for lines, length in zip(grid.lines, canvas.shape)
    )
    target = np.moveaxis(canvas[rows, columns], 2, 0)
    left, right = _inverse(by_row), _inverse(by_column).T
    wanted = target
    for _ in range(rounds):
        cells = np.asarray(left @ wanted @ right, dtype=np.float32)
        drawn = np.asarray(by_row @ cells @ by_column.T, dtype=np.float32)
        beyond = ((target <= 0.002) & (drawn < 0)) | ((target >= 0.998) & (drawn > 1))
        wanted = np.where(beyond, drawn, target)
    error = np.clip(drawn, 0, 1) - target
    return np.moveaxis(cells, 0, 2), float((error * error).mean())


def _score(grid: Grid, error: float, shape: tuple[int, int], floor: float) -> float:
    """What a grid costs; see the head of this file. `error` is a generalised cross-validation error."""
    rows, columns = grid.cells
    aspect = np.log((shape[0] / rows) / (shape[1] / columns)) if grid.how != "even" else 0.0
    common = sum(side in COMMON_SIDES for side in grid.cells)
    return float(
        np.log(error + floor)
        + CELL_PRICE * np.log(rows * columns)
        + PRICES[grid.how]
        + SQUARENESS * aspect**2
        - COMMON_BONUS * common
        - PEAK_WEIGHT * grid.peak
    )


def search(canvas: F32, size: tuple[int, int] | None = None) -> list[Grid]:
    """Return grids of float32 [H, W, C] (see `features`) with their scores, best first; empty where none is possible.

    `size` asks for a number of (rows, columns) and then there is always an answer: at worst the even grid.
    """
    shape = canvas.shape[0], canvas.shape[1]
    if size is None and (max(shape) < 2 * SMALLEST or min(shape) < 4):
        return []
    sketches = _sketch(canvas, 0), _sketch(canvas, 1)

    def rough(grid: Grid) -> Grid:
        error = sum(_axis_error(s, lines, grid.kernel) for s, lines in zip(sketches, grid.lines))
        return replace(grid, score=_score(grid, error, shape, ROUGH_FLOOR))

    def best_of(grid: Grid, kernels: tuple[str, ...]) -> list[Grid]:
        return sorted((rough(replace(grid, kernel=k)) for k in kernels), key=lambda g: g.score)

    periods = [(max(shape) / max(size), 1.0)] if size else _periods(canvas)
    even = []
    for period, peak in periods:
        cells = size or tuple(max(1, round(side / period)) for side in shape)
        lines = _even(shape[0], cells[0]), _even(shape[1], cells[1])
        even.append(
            best_of(Grid(lines=lines, how="even", kernel="", period=period, peak=peak), ("area", "bilinear"))[0]
        )
    order = sorted(even, key=lambda g: g.score)
    chosen = {g.period: g for g in [*even[:4], *order[:5]]}.values()
    grids = []
    for grid in chosen:
        grids += best_of(grid, KERNELS)[:2] + _cut(grid, sketches, best_of)
    likely = {g.period: g for g in sorted(grids, key=lambda g: g.score)}
    for grid in list(likely.values())[:3]:
        grids += _shift(grid, sketches, best_of)
    grids = [g for g in grids if np.isfinite(g.score) and (size is None or g.cells == size)]
    heads = [min((g for g in grids if g.period == e.period), key=lambda g: g.score, default=e) for e in even[:4]]
    if size and not grids:
        grids = [replace(even[0], kernel="area")]
    final = []
    for grid in {id(g): g for g in [*heads, *sorted(grids, key=lambda g: g.score)[:10]]}.values():
        _, error = solve(canvas, grid)
        freedom = 1 - grid.cells[0] * grid.cells[1] / (shape[0] * shape[1])
        final.append(replace(grid, error=error, score=_score(grid, error / freedom**2, shape, FLOOR)))
    return sorted(final, key=lambda g: g.score)


BestOf = Callable[[Grid, tuple[str, ...]], list[Grid]]


def _cut(grid: Grid, sketches: tuple[F32, F32], best_of: BestOf) -> list[Grid]:
    """Return grids near the period of `grid` whose lines were cut one by one, with free ends and with pinned ones."""
    found: list[Grid] = []
    period = grid.period
    shortest, longest = max(2, int(0.65 * period)), max(3, int(np.ceil(1.4 * period)))
    costs = [_cell_costs(s, longest) for s in sketches]
    springs = [SPRING * float(((s - s.mean(axis=0)) ** 2).sum()) / max(grid.cells) for s in sketches]
    for how in ("drifting", "pinned"):
        cuts = [_segment(c, period, spring, shortest, how == "pinned") for c, spring in zip(costs, springs)]
        if min(map(len, cuts)) > 4:
            rows, columns = (_whole(cut, len(s), period) for cut, s in zip(cuts, sketches))
            found += best_of(replace(grid, lines=(rows, columns), how=how), ("nearest", "area", "soft"))[:1]
    return found


def _shift(grid: Grid, sketches: tuple[F32, F32], best_of: BestOf) -> list[Grid]:
    """Return the even grid near `grid` that begins and ends where it fits best."""
    rows, columns = (_refined(s, lines, grid.period, "area") for s, lines in zip(sketches, grid.lines))
    return best_of(replace(grid, lines=(rows, columns), how="shifted"), KERNELS[1:5])[:2]
