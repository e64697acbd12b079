"""Endless random orders that can be entered anywhere: a stream goes round its rows, a mix interleaves streams by weight.

Both are pure functions of position, so nothing before a position has to be replayed to resume there.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

I64 = NDArray[np.int64]


class Mix:
    """Interleaves streams by weight: maps positions of the mix to (stream, position in that stream).

    Section e of the mix holds positions floor(e * section * w) .. floor((e + 1) * section * w) of a stream of weight w, at
    random places from (key, e), in order. So any position is found at once, and each stream is gone through without a gap.
    """

    def __init__(self, weights: NDArray[np.float64], section: int, key: tuple[int, ...]) -> None:
        self._share, self._key = section * weights / weights.sum(), key
        self._section = lru_cache(maxsize=4)(self._shuffled)

    def _starts(self, section: int) -> I64:
        return np.floor(section * self._share).astype(np.int64)

    def _shuffled(self, section: int) -> tuple[NDArray[np.int32], I64]:
        low, high = self._starts(section), self._starts(section + 1)
        counts = high - low
        stream = np.repeat(np.arange(len(low), dtype=np.int32), counts)
        stream = np.random.default_rng([*self._key, section]).permutation(stream)
        place = np.empty(len(stream), dtype=np.int64)
        place[np.argsort(stream, kind="stable")] = np.arange(len(stream)) - np.repeat(
            np.cumsum(counts) - counts, counts
        )
        return stream, place + low[stream]

    def at(self, positions: I64) -> tuple[I64, I64]:
        """Return stream numbers and positions in them, int64 [P], of ascending `positions` int64 [P]."""
        first = max(0, int(positions[0] // self._share.sum()) - 1)
        while int(self._starts(first + 1).sum()) <= positions[0]:
            first += 1
        streams, places, start = [], [], int(self._starts(first).sum())
        while len(positions):
            stream, place = self._section(first)
            here = positions[: np.searchsorted(positions, start + len(stream))] - start
            streams.append(stream[here])
            places.append(place[here])
            positions = positions[len(here) :]
            start, first = start + len(stream), first + 1
        return np.concatenate(streams).astype(np.int64), np.concatenate(places)


class Stream:
    """Goes round `members`, row numbers in some order, for ever, each round in a new random order.

    The order is one of whole runs of `run` neighbours; `buffer` runs at a time are mixed with each other: the bounded
    shuffle buffer of a streaming reader. With runs of 1 it is a plain permutation.
    """

    def __init__(self, members: NDArray[np.uint32], key: tuple[int, ...], run: int = 1, buffer: int = 1) -> None:
        self.members, self.run, self._buffer, self._key = members, run, buffer, key
        self._order = lru_cache(maxsize=2)(self._ordered)
        self._mixed = lru_cache(maxsize=2)(self._shuffled)

    def _ordered(self, round_: int) -> tuple[I64, I64]:
        """Runs in the order of a round, and how many members come before each buffer."""
        runs = -(-len(self.members) // self.run)
        order = np.random.default_rng([*self._key, round_]).permutation(runs)
        if self.run == 1:
            return order, np.zeros(1, dtype=np.int64)
        sizes = np.full(runs, self.run)
        sizes[order == runs - 1] = len(self.members) - (runs - 1) * self.run
        return order, (np.cumsum(sizes) - sizes)[:: self._buffer]

    def _shuffled(self, round_: int, buffer: int) -> I64:
        """Places in `members` of one buffer of a round, in the order drawn."""
        order = self._order(round_)[0]
        if self.run == 1:
            return order
        runs = order[buffer * self._buffer : (buffer + 1) * self._buffer]
        places = (runs[:, None] * self.run + np.arange(self.run)).ravel()
        places = places[places < len(self.members)]
        return np.random.default_rng([*self._key, round_, 1 + buffer]).permutation(places)

    def at(self, positions: I64) -> I64:
        """Members at ascending positions of the stream, int64 [P]."""
        out, count = [], len(self.members)
        while len(positions):
            round_, inside = divmod(int(positions[0]), count)
            starts = self._order(round_)[1]
            buffer = int(np.searchsorted(starts, inside, side="right")) - 1
            places = self._mixed(round_, buffer)
            start = round_ * count + int(starts[buffer])
            here = positions[: np.searchsorted(positions, start + len(places))] - start
            out.append(self.members[places[here]])
            positions = positions[len(here) :]
        return np.concatenate(out).astype(np.int64)
