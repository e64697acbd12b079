"""Pictures that critic and refiner learn from: real art as it is, recoloured and turned over, in windows, with faults put in.

Array legend: H, W picture in px.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixelmind.data.loader import Batch, Loader
from pixelmind.data.procedural.regions import REGIONS
from pixelmind.data.store import Store
from pixelmind.pixels.clusters import shifted
from pixelmind.quality.cells import LEAST, MULTIPLE
from pixelmind.quality.defects import damage
from pixelmind.quality.defects.base import Damaged, Picture
from pixelmind.quality.verdict import FAMILIES, Family
from pixelmind.records import U8, Split

CROP = 64
"""Windows of at most this many px a side."""
MORE = 0.15
"""Chance that a damaged picture has a fault of a second family."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Pair:
    """A clean picture and the same with faults: uint8 [H, W, 4] each, and bool [F, H, W] where each family's are."""

    clean: U8
    damaged: U8
    where: NDArray[np.bool_]


def _buckets(heights: NDArray[np.int64], widths: NDArray[np.int64]) -> NDArray[np.int64]:
    h, w = (np.clip(-(-sides // MULTIPLE) * MULTIPLE, LEAST, CROP) for sides in (heights, widths))
    return np.asarray(h * 1024 + w)


def loader(store: Store, split: Split, batch: int, seed: int, mix: dict[str, float] | None) -> Loader:
    """Batches whose pictures (windows of large ones) fit one frame, with their parts where known."""
    return Loader(
        store, split, batch, seed, mix=mix, masks=True, max_size=256, bucket_fn=_buckets, max_captions=1, min_size=8
    )


def hard(rgba: U8) -> U8:
    """A picture whose alpha is 0 or 255, clear cells without colour."""
    out = rgba.copy()
    out[..., 3] = np.where(rgba[..., 3] >= 128, 255, 0)
    out[out[..., 3] == 0] = 0
    return out


def window(batch: Batch, index: int, rng: np.random.Generator) -> Picture | None:
    """A picture of a batch, or a window of a large one, perhaps turned over and recoloured; None where nearly nothing is drawn."""
    rgba, regions = batch.rgba[index], batch.regions[index]
    top, left = (int(rng.integers(max(side - CROP, 0) + 1)) for side in rgba.shape[:2])
    cut = slice(top, top + CROP), slice(left, left + CROP)
    seen = hard(rgba[cut])
    if (seen[..., 3] > 0).sum() < 12:
        return None
    mask = None if regions is None else np.where(seen[..., 3] > 0, regions[cut], np.uint8(0))
    if rng.random() < 0.5:
        seen, mask = seen[:, ::-1], None if mask is None else mask[:, ::-1]
    if rng.random() < 0.5:
        seen = recoloured(seen, rng)
    return Picture(
        rgba=np.ascontiguousarray(seen),
        mask=None if mask is None else np.ascontiguousarray(mask.astype(np.uint8)),
        mask_names=() if mask is None else REGIONS,
    )


def recoloured(rgba: U8, rng: np.random.Generator) -> U8:
    """The same picture in other colours: the three channels change places and get a contrast and a gamma each, all cells alike.

    A palette stays as harmonious as channels are alike; colours that differ still do, up to rounding.
    """
    table = np.arange(256) / 255
    out = rgba.copy()
    order = rng.permutation(3) if rng.random() < 0.7 else np.arange(3)
    gamma = np.exp(rng.normal(0, 0.15)) * np.exp(rng.normal(0, 0.05, 3))
    for to, source in enumerate(order):
        curve = np.rint(255 * table ** gamma[to]).astype(np.uint8)
        out[..., to] = curve[rgba[..., source]]
    out[rgba[..., 3] == 0] = 0
    return out


def faulty(
    picture: Picture,
    rng: np.random.Generator,
    severity: float | None = None,
    families: Sequence[Family] = FAMILIES,
) -> Pair | None:
    """The picture and the same with a fault, of families drawn evenly; at times with one of another family too."""
    where = np.zeros((len(FAMILIES), *picture.rgba.shape[:2]), bool)
    order = [FAMILIES.index(families[k]) for k in rng.permutation(len(families))]
    made: Damaged | None = None
    for k in order:
        made = damage(picture, rng, family=FAMILIES[k], severity=severity)
        if made is not None:
            where[k] |= made.where
            break
    if made is None:
        return None
    if rng.random() < MORE and set(np.unique(made.rgba[..., 3])) <= {0, 255}:
        k = FAMILIES.index(families[int(rng.integers(len(families)))])
        again = damage(
            Picture(rgba=made.rgba, mask=picture.mask, mask_names=picture.mask_names), rng, family=FAMILIES[k]
        )
        if again is not None:
            made = again
            where[k] |= again.where
    return Pair(clean=picture.rgba, damaged=made.rgba, where=where)


def near(cells: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The cells [H, W] and a rim of one cell around them, diagonally too."""
    found: NDArray[np.bool_] = np.logical_or.reduce([shifted(cells, dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)])
    return found


def suspected(where: NDArray[np.bool_], rgba: U8, rng: np.random.Generator) -> NDArray[np.bool_]:
    """What a heat map that errs might say of faults bool [H, W]: most of their cells, at times sound ones, always with a rim."""
    found = where & (rng.random(where.shape) < rng.uniform(0.6, 1))
    if not where.any() or rng.random() < 0.3:
        rows, columns = np.nonzero(rgba[..., 3] > 0)
        y, x = np.mgrid[: where.shape[0], : where.shape[1]]
        for k in rng.integers(len(rows), size=rng.integers(1, 4)) if len(rows) else ():
            found = found | ((y - rows[k]) ** 2 + (x - columns[k]) ** 2 <= rng.uniform(0, 9))
    return near(found)
