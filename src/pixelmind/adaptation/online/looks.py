"""How a small picture looks, in numbers that people talk about: light, colours, coverage, edges, symmetry, outline.

All in units of their spread among candidates of one prompt; clear cells are left out. Three of them are near to what simulated people's
tastes are made of (`preference/features`), and are called so: `SHARED`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pixelmind.pixels.oklab import srgb_to_oklab
from pixelmind.records import U8

F64 = NDArray[np.float64]
NAMES = (
    "lightness",
    "lightness_spread",
    "chroma",
    "chroma_spread",
    "green_red",
    "blue_yellow",
    "one_hue",
    "coverage",
    "edges",
    "symmetry",
    "outline",
)
#: Contrast, hue templates and flats of simulated tastes are measured otherwise, on the finished sprite, but are about the same.
SHARED = ("lightness_spread", "one_hue", "edges")
#: Mean over finished sprites, and standard deviation among the candidates of one prompt (`experiments/online/offline.py --units`).
CENTRE = np.array([0.525, 0.176, 0.084, 0.035, 0.018, 0.019, 0.900, 0.450, 0.137, 0.704, 0.175])
SPREAD = np.array([0.054, 0.032, 0.018, 0.010, 0.016, 0.019, 0.080, 0.066, 0.024, 0.083, 0.062])


def looks(pictures: Sequence[U8]) -> F64:
    """The measures float64 [N, 11] of pictures uint8 [h, w, 4], columns NAMES; those of an empty picture are the usual ones."""
    return np.asarray((np.array([_raw(p) for p in pictures]).reshape(-1, len(NAMES)) - CENTRE) / SPREAD)


def _raw(rgba: U8) -> F64:
    drawn = rgba[..., 3] >= 128
    if not drawn.any():
        return CENTRE
    lab = srgb_to_oklab(rgba[..., :3]).astype(np.float64)
    cells = lab[drawn]
    chroma = np.hypot(cells[:, 1], cells[:, 2])
    hue = np.hypot(cells[:, 1].sum(), cells[:, 2].sum()) / max(float(chroma.sum()), 1e-6)
    down, right = drawn[1:] & drawn[:-1], drawn[:, 1:] & drawn[:, :-1]
    steps = np.concatenate(
        [np.linalg.norm(lab[1:] - lab[:-1], axis=-1)[down], np.linalg.norm(lab[:, 1:] - lab[:, :-1], axis=-1)[right]]
    )
    inner = drawn.copy()
    inner[1:] &= drawn[:-1]
    inner[:-1] &= drawn[1:]
    inner[:, 1:] &= drawn[:, :-1]
    inner[:, :-1] &= drawn[:, 1:]
    rim = drawn & ~inner
    both = drawn & drawn[:, ::-1]
    mirrored = np.linalg.norm(lab - lab[:, ::-1], axis=-1)
    return np.array(
        [
            cells[:, 0].mean(),
            cells[:, 0].std(),
            chroma.mean(),
            chroma.std(),
            cells[:, 1].mean(),
            cells[:, 2].mean(),
            hue,
            drawn.mean(),
            steps.mean() if len(steps) else 0.0,
            1 - min(1.0, (mirrored[both].sum() + (drawn & ~both).sum()) / drawn.sum()),
            (lab[inner, 0].mean() if inner.any() else cells[:, 0].mean()) - lab[rim, 0].mean() if rim.any() else 0.0,
        ]
    )
