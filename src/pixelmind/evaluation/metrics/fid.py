"""Fréchet distance between two feature clouds (FID, Heusel et al. 2017, eq. 6; here in judge features, not Inception).

    d² = |m1 - m2|² + Tr(C1 + C2 - 2 (C1 C2)^½)

Tr (C1 C2)^½ is the sum of square roots of the eigenvalues of C1^½ C2 C1^½, which is symmetric: no complex square root.

Fails when: n is small (biased upwards by about D²/n; compare only at equal n and beside the real-vs-real floor),
features are far from Gaussian, or copies of training pictures are made (a memoriser scores best: read near copies
beside it). Values are not comparable with Inception FID of papers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def moments(features: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean [D] and unbiased covariance [D, D] of features [N, D], N >= 2."""
    f = features.astype(np.float64)
    return f.mean(axis=0), np.atleast_2d(np.cov(f, rowvar=False))


def gaussian_distance(
    mean1: NDArray[np.float64], cov1: NDArray[np.float64], mean2: NDArray[np.float64], cov2: NDArray[np.float64]
) -> float:
    """Return the squared Fréchet distance of two Gaussians, >= 0."""
    values, vectors = np.linalg.eigh(cov1)
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    cross = np.sqrt(np.linalg.eigvalsh(root @ cov2 @ root).clip(0)).sum()
    return max(0.0, float(((mean1 - mean2) ** 2).sum() + np.trace(cov1) + np.trace(cov2) - 2 * cross))


def fid(a: NDArray[np.floating], b: NDArray[np.floating]) -> float:
    """Return the Fréchet distance between features [N, D] and [M, D]."""
    return gaussian_distance(*moments(a), *moments(b))


def half_width(a: NDArray[np.floating], b: NDArray[np.floating], *, num_resamples: int = 30, seed: int = 0) -> float:
    """Return half the width of a 95 % interval: 1.96 bootstrap standard deviations over pictures of both sets.

    The bootstrap's mean is biased upwards (repeated rows lower the rank), so its spread is used and not its quantiles.
    """
    rng = np.random.default_rng(seed)
    values = [fid(a[rng.integers(0, len(a), len(a))], b[rng.integers(0, len(b), len(b))]) for _ in range(num_resamples)]
    return 1.96 * float(np.std(values))
