"""Seconds a warm call takes, by the wall clock: the median of several calls after one unmeasured warm-up.

Fails when: other programs share the cores (the spread shows it); compare only figures of one machine and one hour.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray


def warm_seconds(
    call: Callable[[], object], *, num_calls: int = 5, clock: Callable[[], float] = time.perf_counter
) -> NDArray[np.float64]:
    """Return the seconds [num_calls] of each call after one warm-up call."""
    call()
    out = []
    for _ in range(num_calls):
        start = clock()
        call()
        out.append(clock() - start)
    return np.array(out)
