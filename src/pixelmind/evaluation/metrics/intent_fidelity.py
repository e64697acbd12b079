"""Intent Fidelity Score: mean cosine of judge text and image embeddings (CLIPScore, Hessel et al. 2021, eq. 1, w = 1).

A bare cosine says nothing, so it is shown between a floor (shuffled real pairs) and a ceiling (real pairs), and as the
share of the way from one to the other.

Fails when: the judge is uncalibrated across prompts (long captions score lower), and it rewards pictures that please
the judge; the share can pass 1 for a generator that draws the obvious picture where real art is quirky.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def cosines(image_features: NDArray[np.floating], text_features: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the cosine [N] of paired rows of two [N, D] arrays (any length of rows; a zero row gives 0)."""
    a, b = image_features.astype(np.float64), text_features.astype(np.float64)
    norm = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    result: NDArray[np.float64] = (a * b).sum(axis=1) / np.maximum(norm, 1e-12)
    return result


def shuffled_cosines(image_features: NDArray[np.floating], text_features: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return cosines [N] of every picture with the caption half the list away: no pair stays (for N >= 2)."""
    return cosines(image_features, np.roll(text_features, max(1, len(text_features) // 2), axis=0))


def share(value: float, floor: float, ceiling: float) -> float:
    """Return how far `value` lies from floor (0) to ceiling (1); nan where the judge cannot tell them apart."""
    return (value - floor) / (ceiling - floor) if ceiling > floor else float("nan")
