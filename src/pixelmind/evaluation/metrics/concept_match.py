"""Concept match: the form of Intent Fidelity for drawn prompts, whose every concept is known (after zero-shot classification,
Radford et al. 2021, section 3.1, with the judge).

For each concept of a prompt (its subject, genre, view, style …) the picture is held against the true value and every other value that
the concept takes in the test set; the score is the share of the others that the true value beats, a tie counting half. Mean over
concepts: 0.5 by chance, 1 where the judge always finds the true value nearest.
Fails when: values mean nearly the same (hut, house), which caps the score of the true pictures too, hence the ceiling beside it; the
judge knows a concept badly (the ceiling of that concept is low).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray


def concept_match(
    image_features: NDArray[np.floating],
    concepts: Sequence[Mapping[str, str]],
    value_features: Mapping[str, Mapping[str, NDArray[np.floating]]],
) -> NDArray[np.float64]:
    """Return the score [N] of each picture; nan where none of its concepts has another value.

    Args:
        image_features: [N, D], unit length.
        concepts: of each picture, concept to true value.
        value_features: concept to value to the unit-length text features [D] of that value.
    """
    out = np.full(len(image_features), np.nan)
    for i, (image, known) in enumerate(zip(image_features, concepts)):
        scores = []
        for name, value in known.items():
            values = value_features.get(name, {})
            others = [f for v, f in values.items() if v != value]
            if value not in values or not others:
                continue
            own, rest = float(image @ values[value]), np.stack(others) @ image
            scores.append(float((rest < own).mean() + 0.5 * (rest == own).mean()))
        if scores:
            out[i] = float(np.mean(scores))
    return out
