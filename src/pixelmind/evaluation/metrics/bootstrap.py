"""Percentile bootstrap of a mean: its interval, and how sure a paired difference is (Efron and Tibshirani 1993, ch. 13); of a share
the Wilson score interval (Wilson 1927), which stays honest at 0 and at all of n.

Fails when: n is tiny (under ~20 the interval is too narrow) or the rows are not independent. Rows here are prompts;
several pictures of one prompt must be averaged first, else the interval is too narrow.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def half_width(values: ArrayLike, *, num_resamples: int = 1000, confidence: float = 0.95, seed: int = 0) -> float:
    """Return half the width of the bootstrap interval of the mean of `values` [N]; 0.0 for fewer than 2 values."""
    v = np.asarray(values, dtype=np.float64)
    if len(v) < 2:
        return 0.0
    rng = np.random.default_rng(seed)
    means = v[rng.integers(0, len(v), (num_resamples, len(v)))].mean(axis=1)
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(high - low) / 2


def probability_of_rise(differences: ArrayLike, *, num_resamples: int = 4000, seed: int = 0) -> float:
    """Share of bootstrap means of the paired `differences` [N] above 0, ties counted half; 0.5 for no values."""
    d = np.asarray(differences, dtype=np.float64)
    if not len(d):
        return 0.5
    rng = np.random.default_rng(seed)
    means = d[rng.integers(0, len(d), (num_resamples, len(d)))].mean(axis=1)
    return float((means > 1e-12).mean() + 0.5 * (np.abs(means) <= 1e-12).mean())


def wilson(count: int, n: int) -> tuple[float, float]:
    """Return the 95 % Wilson score interval of a share, `count` of `n` >= 1."""
    from scipy.stats import binomtest

    ci = binomtest(count, n).proportion_ci(0.95, "wilson")
    return float(ci.low), float(ci.high)
