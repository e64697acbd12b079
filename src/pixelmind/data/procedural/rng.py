"""Random choices that are the same on every machine and every Python: only `random.Random.random()` is used, whose stream is guaranteed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")


class Rng:
    """A named stream of choices. Streams with different keys are independent, so changing one part of a scene leaves the rest."""

    def __init__(self, *key: object) -> None:
        self._random = random.Random(":".join(str(k) for k in key)).random

    def unit(self) -> float:
        """Uniform in [0, 1)."""
        return self._random()

    def integer(self, low: int, high: int) -> int:
        """Uniform in low..high, both included; `low` where the range is empty."""
        return low + int(self._random() * (high - low + 1)) if high > low else low

    def uniform(self, low: float, high: float) -> float:
        """Uniform in [low, high)."""
        return low + self._random() * (high - low)

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self._random() < probability

    def choice(self, items: Sequence[T], weights: Sequence[float] | None = None) -> T:
        """One item, weighted where weights are given."""
        if weights is None:
            return items[int(self._random() * len(items))]
        left = self._random() * sum(weights)
        for item, weight in zip(items, weights):
            left -= weight
            if left < 0:
                return item
        return items[-1]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """A new list in random order."""
        out, draw = list(items), self._random
        for i in range(len(out) - 1, 0, -1):
            j = int(draw() * (i + 1))
            out[i], out[j] = out[j], out[i]
        return out

    def subset(self, items: Sequence[T], low: int, high: int) -> list[T]:
        """Between `low` and `high` items (as many as there are) in their own order."""
        count = self.integer(low, high)
        if len(items) < 2:
            return list(items[:count])
        return [items[i] for i in sorted(self.shuffled(range(len(items)))[:count])]

    def noise(self, height: int, width: int) -> NDArray[np.float32]:
        """White noise in [0, 1), float32 [height, width], from an integer hash."""
        base = np.uint32(self.integer(0, 2**31 - 1))
        n = np.arange(height * width, dtype=np.uint32) * np.uint32(2654435761) + base
        n ^= n >> np.uint32(15)
        n *= np.uint32(2246822519)
        n ^= n >> np.uint32(13)
        n *= np.uint32(3266489917)
        n ^= n >> np.uint32(16)
        return (n >> np.uint32(8)).astype(np.float32).reshape(height, width) / np.float32(1 << 24)

    def smooth(self, height: int, width: int, cell: int, wrap: bool = False) -> NDArray[np.float32]:
        """Value noise in [0, 1), float32 [height, width], bilinear between points `cell` pixels apart; `wrap` makes it tile."""
        rows, cols = max(1, -(-height // cell)), max(1, -(-width // cell))
        grid = self.noise(rows + 1, cols + 1)
        if wrap:
            grid[-1], grid[:, -1] = grid[0], grid[:, 0]
        y, x = np.arange(height) * (rows / height), np.arange(width) * (cols / width)
        y0, x0 = y.astype(int), x.astype(int)
        fy, fx = (y - y0).astype(np.float32)[:, None], (x - x0).astype(np.float32)[None]
        top = grid[y0][:, x0] * (1 - fx) + grid[y0][:, x0 + 1] * fx
        low = grid[y0 + 1][:, x0] * (1 - fx) + grid[y0 + 1][:, x0 + 1] * fx
        out: NDArray[np.float32] = top * (1 - fy) + low * fy
        return out
