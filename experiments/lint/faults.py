"""Faults put into clean pictures for measuring the lint: each as a person's slip would leave it, at the size a reviewer would call medium.

A fault takes uint8 [H, W, 4] of alpha 0 or 255 and returns the picture with it, or None where it cannot be made there.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pixelmind.pixels.clusters import shifted
from pixelmind.pixels.oklab import oklab_to_srgb, srgb_to_oklab
from pixelmind.quality.lint.base import STEPS4, Canvas
from pixelmind.quality.lint.outline import outlined
from pixelmind.quality.lint.pillow import depth
from pixelmind.records import U8

Fault = Callable[[U8, np.random.Generator], "U8 | None"]


def _some(cells: np.ndarray, share: float, rng: np.random.Generator, least: int = 1) -> np.ndarray | None:
    """Random cells [n, 2] of a mask, a share of them and at least `least`; None where it has fewer."""
    places = np.argwhere(cells)
    count = max(least, round(share * len(places)))
    return rng.permutation(places)[:count] if len(places) >= max(count, 1) else None


def orphans(rgba: U8, rng: np.random.Generator) -> U8 | None:
    """6 % of the inner cells take another colour of the picture."""
    canvas = Canvas.of(rgba)
    places = _some(canvas.body & ~canvas.silhouette, 0.06, rng, 3)
    used = canvas.colors[canvas.colors[:, 3] == 255]
    if places is None or len(used) < 2:
        return None
    out = rgba.copy()
    out[places[:, 0], places[:, 1]] = used[rng.integers(0, len(used), len(places))]
    return out


def jaggies(rgba: U8, rng: np.random.Generator) -> U8 | None:
    """10 % of the silhouette's cells are rubbed out or grown by one cell outwards."""
    canvas = Canvas.of(rgba)
    places = _some(canvas.silhouette, 0.1, rng, 3)
    if places is None:
        return None
    out = rgba.copy()
    for y, x in places:
        dy, dx = STEPS4[rng.integers(4)]
        if rng.random() < 0.5:
            out[y, x] = 0
        elif 0 <= y + dy < rgba.shape[0] and 0 <= x + dx < rgba.shape[1]:
            out[y + dy, x + dx] = rgba[y, x]
    return out


def mixels(rgba: U8, rng: np.random.Generator) -> U8 | None:
    """A box of half the sides around a drawn cell is drawn again in pixels of 2 px."""
    high, wide = (max(8, side // 2) // 2 * 2 for side in rgba.shape[:2])
    places = _some(rgba[..., 3] > 0, 0, rng)
    if places is None or high > rgba.shape[0] or wide > rgba.shape[1]:
        return None
    y = int(np.clip(places[0, 0] - high // 2, 0, rgba.shape[0] - high))
    x = int(np.clip(places[0, 1] - wide // 2, 0, rgba.shape[1] - wide))
    out = rgba.copy()
    out[y : y + high, x : x + wide] = rgba[y : y + high : 2, x : x + wide : 2].repeat(2, 0).repeat(2, 1)
    return out


def specks(rgba: U8, rng: np.random.Generator) -> U8 | None:
    """Three cells of the margin, away from the body, take a colour of it."""
    body = rgba[..., 3] > 0
    near = np.logical_or.reduce([shifted(body, dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)])
    places, colors = _some(~near, 0, rng, 3), rgba[body]
    if places is None or not len(colors):
        return None
    out = rgba.copy()
    out[places[:, 0], places[:, 1]] = colors[rng.integers(0, len(colors), len(places))]
    return out


def pinholes(rgba: U8, rng: np.random.Generator) -> U8 | None:
    """2 % of the inner cells, at least two, become clear."""
    places = _some(depth(rgba[..., 3] > 0) > 2, 0.02, rng, 2)
    if places is None:
        return None
    out = rgba.copy()
    out[places[:, 0], places[:, 1]] = 0
    return out


def broken_outline(rgba: U8, rng: np.random.Generator) -> U8 | None:
    """8 % of the outline's cells, at least two, take the colour of the cell behind them."""
    canvas = Canvas.of(rgba)
    color = outlined(canvas)
    if color is None:
        return None
    places = _some(canvas.silhouette & (canvas.number == color), 0.08, rng, 2)
    out, done = rgba.copy(), False
    for y, x in [] if places is None else places:
        for dy, dx in STEPS4:
            inside = 0 <= y + dy < rgba.shape[0] and 0 <= x + dx < rgba.shape[1]
            if inside and rgba[y + dy, x + dx, 3] and canvas.number[y + dy, x + dx] != color:
                out[y, x], done = rgba[y + dy, x + dx], True
                break
    return out if done else None


def doubles(rgba: U8, rng: np.random.Generator) -> U8 | None:
    """30 % of the outline's clean diagonal steps, at least two, get the cell inside their corner."""
    canvas = Canvas.of(rgba)
    color = outlined(canvas, 0.6)
    if color is None:
        return None
    line = canvas.number == color
    corner = np.zeros(line.shape, bool)
    for dy in (-1, 1):
        for dx in (-1, 1):
            corner |= ~line & canvas.body & shifted(line, dy, 0) & shifted(line, 0, dx) & ~shifted(line, dy, dx)
    places = _some(corner, 0.3, rng, 2)
    if places is None:
        return None
    out = rgba.copy()
    out[places[:, 0], places[:, 1]] = canvas.colors[color]
    return out


def halo(rgba: U8, rng: np.random.Generator) -> U8 | None:
    """Half of the silhouette is blended with white, 25 to 75 %."""
    places = _some(Canvas.of(rgba).silhouette, 0.5, rng, 4)
    if places is None:
        return None
    out = rgba.copy()
    share = rng.uniform(0.25, 0.75, (len(places), 1))
    cells = places[:, 0], places[:, 1]
    out[(*cells, slice(3))] = np.rint(rgba[cells][:, :3] * (1 - share) + 255 * share)
    return out


def half_clear(rgba: U8, rng: np.random.Generator) -> U8 | None:
    """A tenth of the silhouette gets an alpha of 60 to 200."""
    places = _some(Canvas.of(rgba).silhouette, 0.1, rng)
    if places is None:
        return None
    out = rgba.copy()
    out[places[:, 0], places[:, 1], 3] = rng.integers(60, 200, len(places))
    return out


def near_duplicates(rgba: U8, rng: np.random.Generator) -> U8 | None:
    """A third of the cells of each of the three commonest colours move by about 0.02 in OKLab."""
    canvas = Canvas.of(rgba)
    used = np.flatnonzero(canvas.colors[:, 3] == 255)
    used = used[np.argsort(-canvas.cells_of[used], kind="stable")][:3]
    out = rgba.copy()
    for color in used:
        lab = srgb_to_oklab(canvas.colors[color, :3]) + np.array([0.016, 0, 0]) + rng.normal(0, 0.006, 3)
        cells = (canvas.number == color) & (rng.random(canvas.shape) < 1 / 3)
        out[cells, :3] = oklab_to_srgb(lab)
    return out if (out != rgba).any() else None


def pillow(rgba: U8, rng: np.random.Generator) -> U8 | None:
    """Inside its rim the body is drawn again in rings of one colour, lighter by 0.07 in OKLab L a ring."""
    deep = depth(rgba[..., 3] > 0)
    if deep.max() < 5:
        return None
    inner = deep > 1
    lab = srgb_to_oklab(rgba[inner][:, :3]).mean(0)
    out = rgba.copy()
    for ring in range(2, int(deep.max()) + 1):
        light = float(np.clip(lab[0] - 0.2 + 0.07 * min(ring - 2, 6), 0.1, 0.95))
        out[deep == ring, :3] = oklab_to_srgb(np.array([light, lab[1], lab[2]]))
    return out


def banding(rgba: U8, rng: np.random.Generator) -> U8 | None:
    """Along the border of its two commonest neighbours of a ramp's step or two, one cell of the colour half-way."""
    canvas = Canvas.of(rgba)
    best, pair = 0, None
    body = canvas.body
    for a, b in ((canvas.number[:-1], canvas.number[1:]), (canvas.number[:, :-1].T, canvas.number[:, 1:].T)):
        both = (body[:-1] & body[1:]) if a.shape == body[1:].shape else (body[:, :-1] & body[:, 1:]).T
        pairs, times = np.unique(np.sort(np.stack([a[both], b[both]]), axis=0), axis=1, return_counts=True)
        for (one, other), n in zip(pairs.T, times):
            far = float(np.sqrt(((canvas.lab[one] - canvas.lab[other]) ** 2).sum()))
            if (
                one != other
                and 0.08 < far < 0.35
                and n > best
                and abs(canvas.lab[one, 0] - canvas.lab[other, 0]) > 0.05
            ):
                best, pair = int(n), (one, other)
    if pair is None or best < 6:
        return None
    one, other = (canvas.number == color for color in pair)
    strip = one & np.logical_or.reduce([shifted(other, dy, dx) for dy, dx in STEPS4])
    out = rgba.copy()
    out[strip, :3] = oklab_to_srgb((canvas.lab[pair[0]] + canvas.lab[pair[1]]) / 2)
    return out


#: By name: the fault and the rules that should notice it.
FAULTS: dict[str, tuple[Fault, tuple[str, ...]]] = {
    "mixels": (mixels, ("mixels",)),
    "half-clear rim": (half_clear, ("semi-clear",)),
    "specks": (specks, ("specks",)),
    "pinholes": (pinholes, ("pinholes",)),
    "orphans": (orphans, ("orphans",)),
    "jaggies": (jaggies, ("jaggies",)),
    "doubles": (doubles, ("doubles",)),
    "broken outline": (broken_outline, ("broken-outline",)),
    "halo on white": (halo, ("halo",)),
    "banding": (banding, ("banding",)),
    "pillow": (pillow, ("pillow",)),
    "near duplicates": (near_duplicates, ("near-colors",)),
}
