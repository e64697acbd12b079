"""Match of words and picture: the cosine of the released encoder (CLIP; Radford et al. 2021, arXiv 2103.00020).

This is the encoder that ranks the generator's candidates, never the judge: what tastes of simulated people teach must not lean to
what is measured in the end.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pixelmind.preference.features import Scorer
from pixelmind.records import U8

if TYPE_CHECKING:
    from pixelmind.encoder.model import Encoder


def scorer_of(encoder: Encoder) -> Scorer:
    """The match as a loaded encoder sees it."""

    def score(images: Sequence[U8], prompt: str) -> NDArray[np.float32]:
        return np.asarray(encoder.score(images, prompt), np.float32)

    return score


@functools.cache
def released_scorer(folder: Path | str | None = None) -> Scorer:
    """The match as the encoder of a bundle (default: the released one) sees it, loaded at the first call.

    Raises:
        BadInput: no encoder there. CorruptFile: it is damaged.
    """
    from pixelmind.encoder.model import load_encoder

    return scorer_of(load_encoder(folder))
