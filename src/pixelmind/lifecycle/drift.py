"""Drift: whether what people ask for, and what is drawn for them, is still what it was when the champion began.

The reference window is the first pictures that a model drew for people, the current one the last of them; both are read from the database,
so that what somebody deletes counts nowhere. Prompts are compared by their sentence embeddings, pictures by plain figures, each with a
kernel two-sample test (Gretton et al. 2012, sec. 5: MMD with a Gaussian kernel of the median distance, p by permutation). Which figure
moved is told by the population stability index, sum (q - p) ln(q / p) over the reference's deciles.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pixelmind.pixels.oklab import srgb_to_oklab
from pixelmind.preference.features.contrast import contrast
from pixelmind.preference.features.flats import equal_neighbours
from pixelmind.preference.features.orphans import orphan_share
from pixelmind.records import Sprite
from pixelmind.storage import Database, SpriteRow

F64 = NDArray[np.float64]
#: Embeddings [N, D] of N prompts.
Encode = Callable[[Sequence[str]], F64]
REFERENCE, WINDOW = 800, 200
PERMUTATIONS = 999
BINS = 10
#: Of a picture: longest side in octaves, colours, share of opaque cells, mean OKLab lightness and chroma, contrast, shares of equal
#: neighbours and of lone cells.
FIGURES = ("side", "colors", "opaque", "lightness", "chroma", "contrast", "flats", "orphans")


@dataclass(frozen=True)
class Drift:
    """`distance` is MMD²; `p` the chance of one as large without drift; `psi` by figure, where there are figures."""

    distance: float
    p: float
    psi: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Look:
    """The current window of a model against its reference. `last` is the newest picture looked at."""

    prompts: Drift
    outputs: Drift
    last: str


def figures(sprite: Sprite) -> list[float]:
    """The numbers of `FIGURES`."""
    shown = sprite.palette[sprite.indices[sprite.palette[sprite.indices, 3] == 255]]
    lab = srgb_to_oklab(shown[:, :3]).astype(np.float64) if len(shown) else np.zeros((1, 3))
    chroma = float(np.hypot(lab[:, 1], lab[:, 2]).mean())
    side, opaque = float(np.log2(max(sprite.indices.shape))), len(shown) / sprite.indices.size
    plain = [side, float(sprite.num_colors), opaque, float(lab[:, 0].mean()), chroma]
    return [*plain, contrast(sprite), equal_neighbours(sprite), orphan_share(sprite)]


def two_sample(a: F64, b: F64, permutations: int = PERMUTATIONS, seed: int = 0) -> tuple[float, float]:
    """MMD² (biased, so above 0) of samples [N, D] and [M, D], and the permutation test's p of at least 1 / (permutations + 1)."""
    both = np.concatenate([a, b])
    squared = (both**2).sum(1)
    away = np.maximum(squared[:, None] + squared[None] - 2 * both @ both.T, 0)
    kernel = np.exp(-away / max(float(np.median(away[~np.eye(len(both), dtype=bool)])), 1e-12))
    weights = np.concatenate([np.full(len(a), 1 / len(a)), np.full(len(b), -1 / len(b))])
    rng = np.random.default_rng(seed)
    shuffled = np.stack([weights, *(rng.permutation(weights) for _ in range(permutations))])
    found = ((shuffled @ kernel) * shuffled).sum(1)
    return float(found[0]), float((found >= found[0] - 1e-15).mean())


def stability(reference: F64, now: F64) -> float:
    """The population stability index of two samples of a number; below 0.1 is usually called stable, above 0.25 moved."""
    edges = np.unique(np.quantile(reference, np.linspace(0, 1, BINS + 1)[1:-1]))
    shares = []
    for sample in (reference, now):
        counts = np.bincount(np.searchsorted(edges, sample, side="left"), minlength=len(edges) + 1)
        shares.append((counts + 0.5) / (counts.sum() + 0.5 * len(counts)))
    old, new = shares
    return float(((new - old) * np.log(new / old)).sum())


@dataclass(frozen=True)
class Window:
    """Pictures as numbers: embeddings of their prompts [N, D], and `FIGURES` [N, 8]."""

    prompts: F64
    outputs: F64

    @classmethod
    def of(cls, rows: Sequence[SpriteRow], encode: Encode) -> Window:
        """Measure pictures."""
        return cls(encode([row.prompt for row in rows]), np.array([figures(row.sprite) for row in rows]))

    def against(self, reference: Window) -> tuple[Drift, Drift]:
        """Drift of prompts, and of outputs in the reference's spreads."""
        spread = np.maximum(reference.outputs.std(0), 1e-6)
        psi = {name: stability(reference.outputs[:, i], self.outputs[:, i]) for i, name in enumerate(FIGURES)}
        outputs = two_sample(reference.outputs / spread, self.outputs / spread)
        return Drift(*two_sample(reference.prompts, self.prompts)), Drift(*outputs, psi)


class Watch:
    """Looks at one database's pictures; the reference is kept while the model stays the same.

    Args:
        encode: embeds prompts.
        reference, window: pictures of each.
    """

    def __init__(self, db: Database, encode: Encode, reference: int = REFERENCE, window: int = WINDOW) -> None:
        self.db, self.encode, self.size, self.window = db, encode, reference, window
        self._weights, self._reference = "", None
        self._began = self._last = ""

    _reference: Window | None

    def look(self, weights: str) -> Look | None:
        """Compare the last pictures of these weights with the first; None where there are too few, or fewer than a window are new since the
        last look.

        Raises:
            DatabaseDown.
        """
        if weights != self._weights:
            self._weights, self._reference, self._last = weights, None, ""
        now = self.db.sprites.drawn(weights, self.window, newest=True)
        if len(now) < self.window or now[-1].id <= max(self._last, self._began):
            return None  # the oldest of them was looked at before, or belongs to the reference
        if self._reference is None:
            first = self.db.sprites.drawn(weights, self.size)
            if len(first) < self.size:
                return None
            self._began = first[-1].id
            if now[-1].id <= self._began:
                return None
            self._reference = Window.of(first, self.encode)
        self._last = now[0].id
        return Look(*Window.of(now, self.encode).against(self._reference), self._last)
