"""Training batches from a store: `Loader.batch(step)` is a pure function of (store, settings, seed, step).

A row of source s and kind k is drawn with probability proportional to count(s, k)^(temperature - 1): temperature 1
draws every picture alike, 0 every (source, kind) alike (Devlin et al. 2019, multilingual BERT, exponentially smoothed
weighting). One caption of the row is drawn evenly. Decoded pictures stay in a cache with a byte budget.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pixelmind.data.store import Store
from pixelmind.errors import BadInput
from pixelmind.pixels.png import decode_png
from pixelmind.records import MAX_SIZE_PX, SPLITS, U8, Split

I64 = NDArray[np.int64]
_OVERHEAD_BYTES = 600  # of one cached picture: Python objects around the pixels


@dataclass(frozen=True)
class Batch:
    """One entry a sample: `rgba` uint8 [H, W, 4], alpha 0 or 255, read-only (shared with the cache).

    `palettes` uint8 [K, 3], the opaque colours; `rows` are row numbers of the store.
    """

    rgba: list[U8]
    captions: list[str]
    heights: list[int]
    widths: list[int]
    kinds: list[str]
    styles: list[str]
    sources: list[str]
    palettes: list[U8]
    rows: I64

    def __len__(self) -> int:
        return len(self.rgba)


class _Picture(NamedTuple):
    rgba: U8
    captions: tuple[str, ...]
    palette: U8

    @property
    def nbytes(self) -> int:
        return self.rgba.nbytes + self.palette.nbytes + sum(len(c) + 60 for c in self.captions) + _OVERHEAD_BYTES


class Loader:
    """Draws batches of one split.

    Args:
        store: an open store, not to be appended to while the loader lives.
        split: train, val, test or judge. Evaluation-only art appears only where `evaluation_only` is set.
        batch_size: samples a batch.
        seed: with the step it decides the batch.
        kinds, sources: keep only these; None keeps all.
        min_size, max_size: bounds on the longer side, in px, both included.
        temperature: see the module header.
        same_size: draw each batch from one (height, width) bucket, chosen by its summed weight.
        bucket_fn: maps (heights, widths) int64 [N] to bucket numbers int64 [N], instead of exact sizes.
        evaluation_only: None mixes nothing in (default), True draws from evaluation-only art alone.
        cache_bytes: budget of decoded pictures.

    Raises:
        BadInput: nothing in the store fits these settings.
    """

    def __init__(
        self,
        store: Store,
        split: Split,
        batch_size: int,
        seed: int,
        *,
        kinds: Collection[str] | None = None,
        sources: Collection[str] | None = None,
        min_size: int = 1,
        max_size: int = 64,
        temperature: float = 0.5,
        same_size: bool = False,
        bucket_fn: Callable[[I64, I64], I64] | None = None,
        evaluation_only: bool = False,
        cache_bytes: int = 256 << 20,
    ) -> None:
        if split not in SPLITS:
            raise BadInput(f"unknown split {split!r}; use one of {', '.join(SPLITS)}")
        if batch_size < 1 or seed < 0 or not 0 <= temperature <= 1 or not 1 <= min_size <= max_size <= MAX_SIZE_PX:
            raise BadInput("loader: batch_size >= 1, seed >= 0, temperature 0..1, 1 <= min_size <= max_size <= 256")
        self.store, self.split, self.batch_size, self.seed = store, split, batch_size, seed
        columns = store.columns("height", "width", "evaluation_only")
        text = {name: store.codes(name) for name in ("split", "kind", "style", "source")}
        height, width = columns["height"].astype(np.int64), columns["width"].astype(np.int64)
        longer = np.maximum(height, width)
        keep = _among(text["split"], [split]) & (longer >= min_size) & (longer <= max_size)
        keep &= columns["evaluation_only"].astype(bool) == evaluation_only
        for name, wanted in (("kind", kinds), ("source", sources)):
            if wanted is not None:
                keep &= _among(text[name], wanted)
        self.rows: I64 = np.flatnonzero(keep)
        if not len(self.rows):
            asked = f"split {split}, {min_size}..{max_size} px, with the kinds and sources asked"
            raise BadInput(f"{store.path} has no picture of {asked}")
        self._height, self._width = height[self.rows], width[self.rows]
        self._names: dict[str, list[str]] = {}
        self._codes: dict[str, NDArray[np.int32]] = {}
        for name in ("kind", "style", "source"):
            used, codes = np.unique(text[name][1][self.rows], return_inverse=True)
            self._names[name], self._codes[name] = [text[name][0][i] for i in used], codes.astype(np.int32)
        self.weights = _tempered(self._codes["source"], self._codes["kind"], temperature)
        self._buckets = self._make_buckets(same_size, bucket_fn)
        self._bucket_cdf = _cdf(np.array([self.weights[members].sum() for members, _ in self._buckets]))
        self._cache: OrderedDict[int, _Picture] = OrderedDict()
        self._cache_bytes, self._budget, self._lock = 0, cache_bytes, threading.Lock()

    def __len__(self) -> int:
        """Rows that can be drawn."""
        return len(self.rows)

    def _make_buckets(
        self, same_size: bool, bucket_fn: Callable[[I64, I64], I64] | None
    ) -> list[tuple[I64, NDArray[np.float64]]]:
        if bucket_fn is not None:
            numbers = np.asarray(bucket_fn(self._height, self._width))
        elif same_size:
            numbers = self._height * 1024 + self._width
        else:
            numbers = np.zeros(len(self.rows), dtype=np.int64)
        order = np.argsort(numbers, kind="stable")
        cuts = np.flatnonzero(np.diff(numbers[order])) + 1
        return [(members, _cdf(self.weights[members])) for members in np.split(order, cuts)]

    def draw(self, step: int) -> tuple[I64, NDArray[np.float64]]:
        """Return members int64 [B] (positions in `rows`) and caption draws float64 [B] in [0, 1) of a step."""
        rng = np.random.default_rng([self.seed, step])
        bucket, points, words = rng.random(), rng.random(self.batch_size), rng.random(self.batch_size)
        members, cdf = self._buckets[int(np.searchsorted(self._bucket_cdf, bucket, side="right"))]
        return members[np.searchsorted(cdf, points, side="right")], words

    def batch(self, step: int) -> Batch:
        """Return the batch of a step; the same step gives the same batch in every process."""
        members, words = self.draw(step)
        rows = self.rows[members]
        pictures = self._pictures(rows)
        names = {
            name: [values[code] for code in self._codes[name][members].tolist()] for name, values in self._names.items()
        }
        return Batch(
            rgba=[p.rgba for p in pictures],
            captions=[p.captions[int(u * len(p.captions))] for p, u in zip(pictures, words.tolist())],
            heights=self._height[members].tolist(),
            widths=self._width[members].tolist(),
            kinds=names["kind"],
            styles=names["style"],
            sources=names["source"],
            palettes=[p.palette for p in pictures],
            rows=rows,
        )

    def iterate(self, start_step: int = 0, ahead: int = 4) -> Iterator[Batch]:
        """Yield batches of start_step, start_step + 1, … for ever, made up to `ahead` in advance by one thread."""
        from pixelmind.training.prefetch import Prefetcher

        prefetcher = Prefetcher(self.batch, start_step, ahead)
        try:
            while True:
                yield prefetcher.next()
        finally:
            prefetcher.close()

    def captions(self) -> list[str]:
        """Return the sorted unique captions that this loader can draw (for a cache of text features)."""
        lists = self.store.column("captions")[self.rows]
        return sorted({caption for captions in lists for caption in captions})

    def styles(self) -> list[tuple[str, int]]:
        """Return (style, number of rows) in order of name: a stable vocabulary for one store."""
        counts = Counter(self._codes["style"].tolist())
        return [(name, counts[code]) for code, name in enumerate(self._names["style"])]

    def sizes(self) -> Counter[tuple[int, int]]:
        """Return how many rows have each (height, width)."""
        return Counter(zip(self._height.tolist(), self._width.tolist()))

    @property
    def cached_bytes(self) -> int:
        """Bytes held by the cache now; never above the budget."""
        return self._cache_bytes

    def _pictures(self, rows: I64) -> list[_Picture]:
        wanted = rows.tolist()
        found: dict[int, _Picture] = {}
        with self._lock:
            for row in wanted:
                picture = self._cache.get(row)
                if picture is not None:
                    found[row] = picture
                    self._cache.move_to_end(row)
        missing = sorted(set(wanted) - found.keys())
        for row, data in zip(missing, self.store.take(missing, ("png", "captions", "palette"))):
            found[row] = self._picture(data)
        with self._lock:
            for row in missing:
                if row not in self._cache:
                    self._cache[row] = found[row]
                    self._cache_bytes += found[row].nbytes
            while self._cache_bytes > self._budget:
                self._cache_bytes -= self._cache.popitem(last=False)[1].nbytes
        return [found[row] for row in wanted]

    @staticmethod
    def _picture(data: dict[str, Any]) -> _Picture:
        rgba = decode_png(data["png"])
        rgba.flags.writeable = False
        palette = np.array(data["palette"], dtype=np.uint8).reshape(-1, 3)
        return _Picture(rgba, tuple(data["captions"]), palette)


def padded_to(multiple: int) -> Callable[[I64, I64], I64]:
    """Return a `bucket_fn` that batches pictures whose sides round up to the same multiples of `multiple` px.

    Exact sizes scatter real art over hundreds of buckets of a few pictures, which then fill a batch with repeats.
    """
    if multiple < 1:
        raise BadInput(f"sizes are rounded up to a multiple of at least 1 px, got {multiple}")
    return lambda heights, widths: -(-heights // multiple) * 1024 + -(-widths // multiple)


def _among(coded: tuple[list[str], NDArray[np.int32]], wanted: Collection[str]) -> NDArray[np.bool_]:
    values, codes = coded
    return np.asarray(np.isin(values, list(wanted))[codes] if values else np.zeros(0, dtype=bool))


def _tempered(sources: NDArray[np.int32], kinds: NDArray[np.int32], temperature: float) -> NDArray[np.float64]:
    """Weight of each row, summing to 1: count(source, kind)^(temperature - 1)."""
    _, pair, count = np.unique(sources.astype(np.int64) * 1024 + kinds, return_inverse=True, return_counts=True)
    weights = count[pair].astype(np.float64) ** (temperature - 1.0)
    return np.asarray(weights / weights.sum())


def _cdf(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    total = np.cumsum(weights)
    return np.asarray(np.append(total[:-1] / total[-1], 1.0 + 1e-12))


def benchmark(loader: Loader, seconds: float = 3.0) -> dict[str, float]:
    """Measure samples per second of CPU time of all threads (so: on one core, whatever else the machine does).

    `first_pass` starts from a cold cache, `cached` goes on from there; each takes half of `seconds`.
    """

    def rate(from_step: int, limit: float) -> tuple[float, int]:
        start, step = time.process_time(), from_step
        while time.process_time() - start < limit:
            loader.batch(step)
            step += 1
        return (step - from_step) * loader.batch_size / (time.process_time() - start), step

    first, step = rate(0, seconds / 2)
    cached, _ = rate(step, seconds / 2)
    return {"first_pass": first, "cached": cached, "rows": len(loader), "cache_bytes": loader.cached_bytes}
