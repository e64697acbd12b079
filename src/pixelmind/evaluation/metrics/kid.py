"""Kernel Inception Distance (Bińkowski et al. 2018, §4): unbiased MMD² with k(x, y) = (x·y / D + 1)³.

Unbiased at any n (its expectation is 0 for equal distributions, so single values may be slightly negative), which is
why it stands beside FID. Reported as the mean over random subsets with the standard deviation over them.

Fails when: like FID it rewards memorising; the subset deviation is not a confidence interval of the full-sample value.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def mmd2(a: NDArray[np.floating], b: NDArray[np.floating]) -> float:
    """Return the unbiased MMD² estimate between [N, D] and [M, D], N, M >= 2."""
    x, y = a.astype(np.float64), b.astype(np.float64)
    dim = x.shape[1]

    def kernel(p: NDArray[np.float64], q: NDArray[np.float64]) -> NDArray[np.float64]:
        out: NDArray[np.float64] = (p @ q.T / dim + 1) ** 3
        return out

    kxx, kyy = kernel(x, x), kernel(y, y)
    n, m = len(x), len(y)
    within = (kxx.sum() - np.trace(kxx)) / (n * (n - 1)) + (kyy.sum() - np.trace(kyy)) / (m * (m - 1))
    return float(within - 2 * kernel(x, y).mean())


def kid(
    a: NDArray[np.floating], b: NDArray[np.floating], *, num_subsets: int = 50, subset_size: int = 500, seed: int = 0
) -> tuple[float, float]:
    """Return mean and standard deviation of MMD² over random subsets (drawn without replacement in each).

    Sets no larger than a subset are drawn by halves: the whole set again and again would tell a deviation of 0.
    """
    rng = np.random.default_rng(seed)
    smallest = min(len(a), len(b))
    size = subset_size if subset_size < smallest else max(2, smallest // 2)
    values = [
        mmd2(a[rng.choice(len(a), size, replace=False)], b[rng.choice(len(b), size, replace=False)])
        for _ in range(num_subsets)
    ]
    return float(np.mean(values)), float(np.std(values))
