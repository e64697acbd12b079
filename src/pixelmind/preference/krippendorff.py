"""Krippendorff's alpha: agreement of any number of annotators, with gaps, on nominal, ordinal, interval or ratio values.

Source: K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (University of Pennsylvania, 2011), sections C to E, by coincidence
matrices. alpha = 1 - D_observed / D_expected: 1 is perfect agreement, 0 what chance gives. Legend: M annotators, U units, V values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pixelmind.errors import BadInput

F64 = NDArray[np.float64]
Level = Literal["nominal", "ordinal", "interval", "ratio"]


def _nominal(values: F64, counts: F64) -> F64:
    return np.asarray(values[:, None] != values[None], np.float64)


def _ordinal(values: F64, counts: F64) -> F64:
    below = np.cumsum(counts)
    middle = below - counts / 2
    return np.asarray((middle[:, None] - middle[None]) ** 2)


def _interval(values: F64, counts: F64) -> F64:
    return np.asarray((values[:, None] - values[None]) ** 2)


def _ratio(values: F64, counts: F64) -> F64:
    total = values[:, None] + values[None]
    return np.divide(values[:, None] - values[None], total, out=np.zeros_like(total), where=total != 0) ** 2


METRICS: dict[str, Callable[[F64, F64], F64]] = {
    "nominal": _nominal,
    "ordinal": _ordinal,
    "interval": _interval,
    "ratio": _ratio,
}


def coincidences(ratings: F64) -> tuple[F64, F64]:
    """The values [V], ascending, and the coincidence matrix [V, V] of ratings [M, U] with NaN for gaps."""
    values = np.unique(ratings[~np.isnan(ratings)])
    counts = np.stack([(ratings == v).sum(0) for v in values], 1) if len(values) else np.zeros((ratings.shape[1], 0))
    paired = counts[counts.sum(1) > 1].astype(np.float64)
    weight = 1 / (paired.sum(1) - 1)
    table = np.einsum("ua,ub,u->ab", paired, paired, weight) - np.diag(paired.T @ weight)
    return values, table


def krippendorff_alpha(ratings: F64, level: Level = "nominal") -> float | None:
    """Alpha of ratings float64 [M, U] with NaN for gaps; None where nothing was rated twice or all values are the same.

    Raises:
        BadInput: no table, or an unknown level.
    """
    if ratings.ndim != 2 or level not in METRICS:
        raise BadInput(f"alpha needs a table of annotators and units, and one of {', '.join(METRICS)}")
    values, table = coincidences(ratings)
    total = table.sum()
    counts = table.sum(1)
    apart = METRICS[level](values, counts)
    expected = float((np.outer(counts, counts) * apart).sum())
    if total < 2 or expected == 0:
        return None
    return float(1 - (total - 1) * (table * apart).sum() / expected)
