"""Diversity: mean pairwise cosine distance of the pictures made for one prompt, in judge features (as the pairwise
LPIPS of Zhu et al. 2017, BicycleGAN §4.2, with the judge in place of LPIPS).

Shown beside the same figure for real pictures that share one caption. Far below it: the generator repeats itself.
Fails when: noise and rubbish are diverse too; read it only beside retrieval.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def pairwise_distance(features: NDArray[np.floating]) -> float:
    """Return the mean of 1 - cosine over all pairs of rows of [K, D], K >= 2."""
    f = features.astype(np.float64)
    f = f / np.maximum(np.linalg.norm(f, axis=1, keepdims=True), 1e-12)
    k = len(f)
    if k < 2:
        raise ValueError("diversity needs at least two pictures")
    return float(1 - ((f.sum(axis=0) ** 2).sum() - (f**2).sum()) / (k * (k - 1)))
