"""How often one caller may come: token buckets (one a caller and kind), refilled evenly over a minute."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from pixelmind.serving.errors import ApiError

MAX_CALLERS = 10_000


class Limiter:
    """Buckets in memory; the longest unused are forgotten beyond MAX_CALLERS. Safe to call from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()  # tokens, when

    def take(self, kind: str, who: str, per_minute: int, cost: float = 1.0) -> None:
        """Take `cost` from the bucket of `who`, which holds `per_minute` and is refilled in a minute.

        Raises:
            ApiError: 429 with the seconds to wait, when it does not hold that much.
        """
        self._touch(kind, who, per_minute, cost, cost)

    def check(self, kind: str, who: str, per_minute: int) -> None:
        """Raise as `take(1)` would, but take nothing."""
        self._touch(kind, who, per_minute, 1.0, 0.0)

    def _touch(self, kind: str, who: str, per_minute: int, needed: float, cost: float) -> None:
        now, rate = self._clock(), per_minute / 60
        with self._lock:
            tokens, since = self._buckets.pop((kind, who), (float(per_minute), now))
            tokens = min(per_minute, tokens + (now - since) * rate)
            short = needed - tokens
            self._buckets[kind, who] = (tokens if short > 0 else tokens - cost, now)
            while len(self._buckets) > MAX_CALLERS:
                self._buckets.popitem(last=False)
        if short > 0:
            what = "wrong keys" if kind == "failure" else "requests"
            raise ApiError(429, f"too many {what}: {per_minute} a minute are taken", retry_after=short / rate)
