"""Pixel-Accuracy@K (ours; DESIGN §3): share of prompts with an approved picture among the first K.

Approved here is *simulated*: every stated constraint holds (size, palette, colours, alpha) and the judge ranks the
prompt in its top 5 of 100 captions. Human approvals are another figure and never mixed in.

Fails when: the judge likes what a person would not (adversarial texture, right colours in the wrong shape); K pictures
of one prompt that are alike make @5 no better than @1 (see diversity).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

TOP = 5


def approved(rank: NDArray[np.int64], conforms: NDArray[np.bool_], *, top: int = TOP) -> NDArray[np.bool_]:
    """Return bool [N, K]: rank (1 is best) within `top` and all constraints hold; both inputs [N, K]."""
    return np.asarray((rank <= top) & conforms)


def hits_at(approved: NDArray[np.bool_], k: int) -> NDArray[np.bool_]:
    """Return bool [N]: any of the first k pictures of each prompt is approved. The metric is its mean."""
    if not 1 <= k <= approved.shape[1]:
        raise ValueError(f"k={k} outside 1..{approved.shape[1]} pictures a prompt")
    return np.asarray(approved[:, :k].any(axis=1))
