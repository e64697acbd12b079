"""Faults of the pixel grid: mixels, sub-pixel shift, anti-alias halo."""

from __future__ import annotations

import numpy as np

from pixelmind.pixels.clusters import Ints
from pixelmind.pixels.oklab import srgb_to_oklab
from pixelmind.quality.defects.base import Draft, Mask, changed
from pixelmind.quality.defects.material import AROUND, JND, Material, grown, seen, window
from pixelmind.records import U8

TRIES = 4
BLEND_STEP = 8
"""Blended colours are rounded to whole steps of sRGB, so that they are few."""
GROUNDS = ((255, 255, 255), (255, 0, 255), (0, 255, 0), (128, 128, 128), (0, 0, 0))
OFTEN = (4.0, 1.0, 1.0, 1.0, 1.0)
"""Backgrounds of halos and how often each; black last and only over light rims, where it does not pass for an outline."""
BLACK, LIGHT_RIM = 4, 0.6
CONTRAST = 0.25
"""OKLab distance of a background from the rim, at least."""
CONTRAST_LEAST = 0.035
"""Mean OKLab change of the cells of a fault of the grid, at least: finer textures hide it."""


# ---- mixels ----------------------------------------------------------------------------------------------------------
def mixels(m: Material, severity: float, rng: np.random.Generator) -> Draft | None:
    """A box of the picture, or all of it, drawn in larger pixels: blocks of 2x2 or 3x3, or resampled by 1.5 without smoothing.

    Severity: share of the body's box, 0.1 + 0.9 s.
    """
    factors = (1.5, 2.0, 2.0) if m.size < 40 else (1.5, 2.0, 3.0)
    for _ in range(TRIES):
        factor = factors[rng.integers(len(factors))]
        ys, xs = window(m, 0.1 + 0.9 * severity, rng, least=6)
        (row, from_y), (column, from_x) = (_blocks(s.stop - s.start, factor, rng) for s in (ys, xs))
        inner = m.rgba[ys, xs]
        drawn = inner[from_y[row]][:, from_x[column]]
        differs = changed(inner, drawn)
        if differs.sum() < max(4, 0.06 * m.body[ys, xs].sum()):
            continue
        first_y, first_x = (np.searchsorted(index, np.arange(index[-1] + 1)) for index in (row, column))
        hit = np.logical_or.reduceat(np.logical_or.reduceat(differs, first_y, axis=0), first_x, axis=1)
        rgba, also = m.rgba.copy(), np.zeros(m.shape, bool)
        rgba[ys, xs] = drawn
        if seen(m, rgba) < CONTRAST_LEAST:
            continue
        also[ys, xs] = hit[row][:, column]
        return Draft(rgba=rgba, also=also)
    return None


def _blocks(length: int, factor: float, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """The block of each of `length` cells, and the cell that each block shows."""
    block = (np.arange(length) / factor).astype(np.int64)
    first = np.arange(block[-1] + 1) * factor
    shown = np.minimum((first + rng.integers(int(factor * 2)) / 2).astype(np.int64), length - 1)
    return block, shown


# ---- sub-pixel shift -------------------------------------------------------------------------------------------------
def subpixel(m: Material, severity: float, rng: np.random.Generator) -> Draft | None:
    """A box moved by a fraction of a pixel with bilinear smoothing: edges become blends of the colours beside them.

    Severity: the shift is 0.2 + 0.3 s px along one axis or both, over 0.3 + 0.7 s of the body's box.
    """
    fraction = 0.2 + 0.3 * severity
    for _ in range(TRIES):
        dy, dx = (fraction * int(step) for step in rng.integers(-1, 2, 2))
        if not (dy or dx):
            dx = fraction
        ys, xs = window(m, 0.3 + 0.7 * severity, rng, least=6)
        rgba = m.rgba.copy()
        rgba[ys, xs] = _shifted(m.rgba, dy, dx)[ys, xs]
        kept = np.zeros(m.shape, bool)
        kept[ys, xs] = ~_apart(m.rgba[ys, xs], rgba[ys, xs])
        rgba[kept] = m.rgba[kept]
        if changed(m.rgba, rgba).sum() >= max(5, 0.08 * m.body[ys, xs].sum()) and seen(m, rgba) >= CONTRAST_LEAST:
            return Draft(rgba=rgba)
    return None


def _shifted(rgba: U8, dy: float, dx: float) -> U8:
    """Bilinear shift of a premultiplied picture by less than 1 px, its alpha made hard again."""
    alpha = rgba[..., 3:].astype(np.float64) / 255
    soft = np.concatenate([rgba[..., :3] * alpha, alpha], axis=-1)
    for axis, by in ((0, dy), (1, dx)):
        if by:
            step = 1 if by > 0 else -1
            index = np.clip(np.arange(soft.shape[axis]) - step, 0, soft.shape[axis] - 1)
            soft = (1 - abs(by)) * soft + abs(by) * np.take(soft, index, axis=axis)
    solid = soft[..., 3] >= 0.5
    color = soft[..., :3] / np.maximum(soft[..., 3:], 1e-6)
    out = np.zeros_like(rgba)
    out[..., :3] = np.clip(np.rint(color / BLEND_STEP) * BLEND_STEP, 0, 255)
    out[..., 3] = 255
    out[~solid] = 0
    return out


def _apart(before: U8, after: U8) -> Mask:
    """Cells an eye tells apart: other alpha, or colours more than one just noticeable difference away."""
    far = ((srgb_to_oklab(before[..., :3]) - srgb_to_oklab(after[..., :3])) ** 2).sum(-1) > JND**2
    found: Mask = (before[..., 3] != after[..., 3]) | (far & (before[..., 3] > 0))
    return found


# ---- halo ------------------------------------------------------------------------------------------------------------
def halo(m: Material, severity: float, rng: np.random.Generator) -> Draft | None:
    """A stretch of the silhouette mixed with a background that is no longer there, or a blended or half-clear fringe around it.

    Severity: share of the silhouette, 0.25 + 0.75 s, and how much of the background is in it, 0.3 + 0.4 s.
    """
    rim = m.silhouette
    if rim.sum() < 8:
        return None
    rim = _stretch(rim, 0.25 + 0.75 * severity, rng)
    ground = _ground(m, rim, rng)
    mode = int(rng.integers(3))
    rgba = m.rgba.copy()
    if mode == 0:
        padded = np.pad(m.body, 1, constant_values=True)
        height, width = m.shape
        open_ = np.mean([~padded[1 + y : 1 + y + height, 1 + x : 1 + x + width] for y, x in AROUND], axis=0)
        cover = np.clip(open_[rim] * (0.8 + 1.2 * severity), 0.3, 0.8)[:, None]
        rgba[rim, :3] = np.rint((1 - cover) * m.rgba[rim, :3] + cover * ground)
        return Draft(rgba=rgba)
    fringe, color = _outside(m, rim)
    if fringe.sum() < 4:
        return None
    amount = np.clip(0.3 + 0.4 * severity + rng.uniform(-0.2, 0.2, (int(fringe.sum()), 1)), 0.1, 0.9)
    if mode == 1:
        rgba[fringe, :3] = np.rint((1 - amount) * color[fringe] + amount * ground)
        rgba[fringe, 3] = 255
    else:
        rgba[fringe, :3] = color[fringe]
        rgba[fringe, 3] = int(80 + 120 * severity)
    return Draft(rgba=rgba)


def _stretch(rim: Mask, share: float, rng: np.random.Generator) -> Mask:
    """The cells of a silhouette seen from its middle within a sector that holds a share of them."""
    places = np.argwhere(rim)
    y, x = (places - places.mean(0)).T
    order = np.argsort(np.arctan2(y, x), kind="stable")
    start, count = int(rng.integers(len(order))), max(4, round(share * len(order)))
    chosen = places[np.take(order, np.arange(start, start + count), mode="wrap")]
    out = np.zeros_like(rim)
    out[chosen[:, 0], chosen[:, 1]] = True
    return out


def _ground(m: Material, rim: Mask, rng: np.random.Generator) -> U8:
    """A background [3] that stands out from the rim's mean colour."""
    grounds = np.array(GROUNDS, np.uint8)
    far = np.linalg.norm(srgb_to_oklab(grounds) - m.lab_cells[rim].mean(0), axis=-1)
    if m.lightness[rim].mean() < LIGHT_RIM:
        far[BLACK] = 0
    fit = np.flatnonzero(far >= CONTRAST)
    weight = np.array(OFTEN)[fit]
    ground: U8 = grounds[rng.choice(fit, p=weight / weight.sum()) if len(fit) else far.argmax()]
    return ground


def _outside(m: Material, rim: Mask) -> tuple[Mask, U8]:
    """Clear cells beside a rim, and the colour [H, W, 3] of the rim's cell beside each."""
    fringe = grown(rim, corners=False) & ~m.body
    color = np.zeros((*m.shape, 3), np.uint8)
    height, width = m.shape
    padded, source = np.pad(rim, 1), np.pad(m.rgba[..., :3], ((1, 1), (1, 1), (0, 0)))
    for dy, dx in AROUND[:4]:
        here = (slice(1 + dy, 1 + dy + height), slice(1 + dx, 1 + dx + width))
        take = fringe & padded[here]
        color[take] = source[here][take]
    return fringe, color
