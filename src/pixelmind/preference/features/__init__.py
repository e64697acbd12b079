"""What a taste can be about, measured: harmony of colours, contrast, match with the words, technical quality.

Every measure takes a Sprite and returns a number in [0, 1], more is better (the match is a cosine). `measure` puts the four side by
side in units of their spread over released drawings, which is what tastes are weights of. None of this knows the judge.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from pixelmind.errors import BadInput
from pixelmind.preference.features.color_count import color_thrift
from pixelmind.preference.features.contrast import contrast
from pixelmind.preference.features.flats import flatness
from pixelmind.preference.features.harmony import harmony
from pixelmind.preference.features.near_colors import distinct_colors
from pixelmind.preference.features.orphans import orphan_free
from pixelmind.records import U8, Sprite

F64 = NDArray[np.float64]
#: Order of the columns of `measure`.
FEATURES = ("harmony", "contrast", "intent", "technical")
#: Cosine of words and pictures uint8 [H, W, 4]: float32 [N].
Scorer = Callable[[Sequence[U8], str], NDArray[np.float32]]
#: Mean and standard deviation of each over 240 released drawings (`python benchmarks/preference_pairs.py --features`).
CENTRE = np.array([0.955, 0.424, 0.644, 0.858])
SPREAD = np.array([0.097, 0.143, 0.099, 0.101])


def technical(sprite: Sprite) -> float:
    """Technical quality in [0, 1]: the mean of its four measures."""
    parts = (orphan_free(sprite), distinct_colors(sprite), flatness(sprite), color_thrift(sprite))
    return sum(parts) / len(parts)


def raw(sprites: Sequence[Sprite], prompt: str = "", scorer: Scorer | None = None) -> F64:
    """The features as they are, float64 [N, 4]; without a scorer or words the match is its usual value.

    Raises:
        BadInput: no sprite.
    """
    if not sprites:
        raise BadInput("there is no sprite to measure")
    out = np.array([(harmony(s), contrast(s), CENTRE[2], technical(s)) for s in sprites])
    if scorer is not None and prompt.strip():
        out[:, 2] = scorer([s.rgba() for s in sprites], prompt)
    return out


def measure(sprites: Sequence[Sprite], prompt: str = "", scorer: Scorer | None = None) -> F64:
    """The features in standard deviations from the mean of released drawings, float64 [N, 4], columns FEATURES."""
    return np.asarray((raw(sprites, prompt, scorer) - CENTRE) / SPREAD)
