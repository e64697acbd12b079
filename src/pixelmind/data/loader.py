"""Training batches from one store or several: `Loader.batch(step)` is a pure function of (stores, settings, seed, step).

Rows of one size bucket, source and kind form a stream. A stream goes round its rows in random order, each row once before
any comes again; `interleave.Mix` interleaves streams by weight, so that every stretch of a few thousand samples holds its shares. No
step needs the ones before it, so a run resumes anywhere, and the processes of a distributed run (`rank`, `world_size`)
take disjoint parts of the same global batch, which together are all of it.

Weights: a stream of source s and kind k weighs count(s, k)^(temperature - 1) a row: temperature 1 draws every picture
alike, 0 every (source, kind) alike (Devlin et al. 2019, multilingual BERT, exponentially smoothed weighting). With `mix`,
this holds within each named part and the parts have the shares named. One caption of the row is drawn evenly.

Memory: a small store's rows are drawn singly, and decoded pictures stay in a cache with a byte budget. A store above
`memory_limit` bytes on disk is shuffled by runs of neighbouring rows instead, read whole and mixed over about `SPAN` samples:
the bounded shuffle buffer of streaming readers, still addressed by step.
"""

from __future__ import annotations

import threading
import time
import zlib
from collections import Counter, OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pixelmind.data.interleave import Mix, Stream
from pixelmind.data.procedural.regions import REGIONS, region_class
from pixelmind.data.store import Store
from pixelmind.errors import BadInput
from pixelmind.pixels.png import decode_png
from pixelmind.records import MAX_SIZE_PX, SPLITS, U8, Split

I64 = NDArray[np.int64]
_OVERHEAD_BYTES = 600  # of one cached picture: Python objects around the pixels
#: Samples in the shuffle buffers of all streams together, and the longest run of neighbouring rows read at once.
SPAN, RUN = 1 << 16, 256
#: Names in `mix` that stand for many sources.
REAL, PROCEDURAL = "real", "procedural"


@dataclass(frozen=True)
class Batch:
    """One entry a sample: `rgba` uint8 [H, W, 4], alpha 0 or 255, read-only (shared with the cache).

    `palettes` uint8 [K, 3], the opaque colours. `regions` uint8 [H, W], only where the loader was asked for `masks`: each
    cell's place in `REGIONS`, None where a picture's parts are not known. `rows` are row numbers of the store (of several:
    the stores' rows are numbered one after the other).
    """

    rgba: list[U8]
    captions: list[str]
    heights: list[int]
    widths: list[int]
    kinds: list[str]
    styles: list[str]
    sources: list[str]
    palettes: list[U8]
    regions: list[U8 | None]
    rows: I64

    def __len__(self) -> int:
        return len(self.rgba)


class _Picture(NamedTuple):
    rgba: U8
    captions: tuple[str, ...]
    palette: U8
    regions: U8 | None

    @property
    def nbytes(self) -> int:
        masks = 0 if self.regions is None else self.regions.nbytes
        return (
            self.rgba.nbytes + self.palette.nbytes + masks + sum(len(c) + 60 for c in self.captions) + _OVERHEAD_BYTES
        )


class _Lru:
    """What was read last, by row number, within a byte budget."""

    def __init__(self, budget: int) -> None:
        self.budget, self.bytes = budget, 0
        self._items: OrderedDict[int, tuple[Any, int]] = OrderedDict()

    def get(self, row: int) -> Any:
        item = self._items.get(row)
        if item is None:
            return None
        self._items.move_to_end(row)
        return item[0]

    def put(self, row: int, value: Any, size: int) -> None:
        if row not in self._items:
            self._items[row] = (value, size)
            self.bytes += size
            while self.bytes > self.budget:
                self.bytes -= self._items.popitem(last=False)[1][1]


class Loader:
    """Draws batches of one split.

    Args:
        store: an open store or several, not to be appended to while the loader lives.
        split: train, val, test or judge. Evaluation-only art appears only where `evaluation_only` is set.
        batch_size: samples a batch, of each process.
        seed: with the step it decides the batch.
        kinds, sources: keep only these; None keeps all.
        mix: shares by part, such as ``{"real": 0.6, "procedural": 0.4}``, or by source, or both (then "real" is the other
            real sources); they need not sum to 1. Pictures of no part are left out. None: one part of all.
        min_size, max_size: bounds on the longer side, in px, both included.
        temperature: see the module header.
        same_size: draw each batch from one (height, width) bucket, chosen by its summed weight.
        bucket_fn: maps (heights, widths) int64 [N] to bucket numbers int64 [N], instead of exact sizes.
        max_captions: keep at most this many captions of a picture, chosen by their text; None keeps all.
        masks: read region masks too, see `Batch.regions`.
        evaluation_only: None mixes nothing in (default), True draws from evaluation-only art alone.
        cache_bytes: budget of decoded pictures of small stores.
        memory_limit: a store with more bytes on disk is streamed.
        stream_bytes: budget of pictures, still encoded, that a streamed store holds ahead.
        rank, world_size: which process this is, of how many.

    Raises:
        BadInput: nothing in the store fits these settings.
    """

    def __init__(
        self,
        store: Store | Sequence[Store],
        split: Split,
        batch_size: int,
        seed: int,
        *,
        kinds: Collection[str] | None = None,
        sources: Collection[str] | None = None,
        mix: Mapping[str, float] | None = None,
        min_size: int = 1,
        max_size: int = 64,
        temperature: float = 0.5,
        same_size: bool = False,
        bucket_fn: Callable[[I64, I64], I64] | None = None,
        max_captions: int | None = None,
        masks: bool = False,
        evaluation_only: bool = False,
        cache_bytes: int = 256 << 20,
        memory_limit: int = 4 << 30,
        stream_bytes: int = 512 << 20,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        if split not in SPLITS:
            raise BadInput(f"unknown split {split!r}; use one of {', '.join(SPLITS)}")
        if max_captions is not None and max_captions < 1:
            raise BadInput(f"loader: max_captions must be at least 1, got {max_captions}")
        if batch_size < 1 or seed < 0 or not 0 <= temperature <= 1 or not 1 <= min_size <= max_size <= MAX_SIZE_PX:
            raise BadInput("loader: batch_size >= 1, seed >= 0, temperature 0..1, 1 <= min_size <= max_size <= 256")
        if not 0 <= rank < world_size:
            raise BadInput(f"loader: rank must lie in 0..world_size - 1, got {rank} of {world_size}")
        self.stores: list[Store] = [store] if isinstance(store, Store) else list(store)
        if not self.stores:
            raise BadInput("loader: name at least one store")
        self.split, self.batch_size, self.seed = split, batch_size, seed
        self.rank, self.world_size, self.max_captions = rank, world_size, max_captions
        self._read = (*_READ, *(("mask_png", "mask_names") if masks else ()))
        self._first = np.cumsum([0, *(len(s) for s in self.stores)])  # number of each store's first row
        self._stream_of = np.array([_disk_bytes(s) > memory_limit for s in self.stores])
        kept: list[dict[str, Any]] = []
        for number, one in enumerate(self.stores):
            columns = one.columns("height", "width", "evaluation_only")
            text = {name: one.codes(name) for name in ("split", "kind", "style", "source")}
            height, width = columns["height"].astype(np.int16), columns["width"].astype(np.int16)
            longer = np.maximum(height, width)
            keep = _among(text["split"], [split]) & (longer >= min_size) & (longer <= max_size)
            keep &= columns["evaluation_only"].astype(bool) == evaluation_only
            wanted = ("kind", kinds), ("source", sources), ("source", _mixed(mix, text["source"][0]))
            for name, some in wanted:
                if some is not None:
                    keep &= _among(text[name], some)
            rows = np.flatnonzero(keep)
            kept.append({"rows": rows + self._first[number], "height": height[rows], "width": width[rows]})
            kept[-1] |= {name: (values, codes[rows]) for name, (values, codes) in text.items()}
        self.rows: I64 = np.concatenate([k["rows"] for k in kept])
        if not len(self.rows):
            asked = f"split {split}, {min_size}..{max_size} px, with the kinds and sources asked"
            raise BadInput(f"{', '.join(str(s.path) for s in self.stores)} has no picture of {asked}")
        self._height, self._width = (np.concatenate([k[name] for k in kept]) for name in ("height", "width"))
        self._names: dict[str, list[str]] = {}
        self._codes: dict[str, NDArray[np.int16]] = {}
        for name in ("kind", "style", "source"):
            self._names[name], self._codes[name] = _joined([k[name] for k in kept])
        self._make_streams(temperature, mix, same_size, bucket_fn)
        self._cache, self._ahead = _Lru(cache_bytes), _Lru(stream_bytes)
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Rows that can be drawn."""
        return len(self.rows)

    @property
    def store(self) -> Store:
        """The first store."""
        return self.stores[0]

    def _make_streams(
        self,
        temperature: float,
        mix: Mapping[str, float] | None,
        same_size: bool,
        bucket_fn: Callable[[I64, I64], I64] | None,
    ) -> None:
        height, width = self._height.astype(np.int64), self._width.astype(np.int64)
        if bucket_fn is not None:
            numbers = np.asarray(bucket_fn(height, width)).astype(np.int64)
        else:
            numbers = height * 1024 + width if same_size else np.zeros(len(self.rows), dtype=np.int64)
        owner = (np.searchsorted(self._first, self.rows, side="right") - 1).astype(np.int64)
        sources, kinds = self._codes["source"].astype(np.int64), self._codes["kind"].astype(np.int64)
        weights = _tempered(sources, kinds, temperature)
        if mix is not None:
            part = np.array([_part(mix, name) for name in self._names["source"]])[sources]
            shares = np.array([mix[name] for name in mix], dtype=np.float64)
            weights *= (shares / np.bincount(part, weights, len(mix)).clip(1e-300))[part]
            missing = [name for i, name in enumerate(mix) if mix[name] > 0 and not (part == i).any()]
            if missing:
                raise BadInput(f"mix names {missing[0]!r}, but no picture here is of it; leave it out or add its store")
        buckets, bucket = np.unique(numbers, return_inverse=True)
        stratum = ((bucket * len(self.stores) + owner) * 4096 + sources) * 4096 + kinds
        order = np.argsort(stratum, kind="stable")
        cuts = np.flatnonzero(np.diff(stratum[order])) + 1
        inside: list[list[tuple[Stream, float]]] = [[] for _ in buckets]
        self._streams: list[Stream] = []
        self._home = np.zeros(len(self.rows) if self._stream_of.any() else 0, dtype=np.int32)  # stream of each member
        for number, members in enumerate(np.split(order, cuts)):
            at, weight, key = members[0], float(weights[members].sum()), (self.seed, 3, number)
            stream = Stream(members.astype(np.uint32), key)
            if self._stream_of[owner[at]]:
                rows = int(SPAN * weight / weights.sum())
                run = max(16, min(RUN, rows // 64))
                stream = Stream(stream.members, key, run, max(16, rows // run))
                self._home[members] = number
            self._streams.append(stream)
            if weight > 0:
                inside[int(bucket[at])].append((stream, weight))
        inside = [streams for streams in inside if streams]
        self._buckets = [[stream for stream, _ in streams] for streams in inside]
        totals = [np.array([weight for _, weight in streams]) for streams in inside]
        self._mixes = [Mix(weight, 4096, (self.seed, 2, i)) for i, weight in enumerate(totals)]
        self._schedule = Mix(np.array([weight.sum() for weight in totals]), 4096, (self.seed, 1))

    def draw(self, step: int) -> tuple[I64, NDArray[np.float64]]:
        """Return members int64 [B] (positions in `rows`) and caption draws float64 [B] in [0, 1) of a step."""
        bucket, turn = (int(v[0]) for v in self._schedule.at(np.array([step])))
        start = (turn * self.world_size + self.rank) * self.batch_size
        stream, places = self._mixes[bucket].at(np.arange(start, start + self.batch_size))
        members = np.empty(self.batch_size, dtype=np.int64)
        for number in np.unique(stream).tolist():
            here = stream == number
            members[here] = self._buckets[bucket][number].at(places[here])
        return members, np.random.default_rng([self.seed, 0, step, self.rank]).random(self.batch_size)

    def batch(self, step: int) -> Batch:
        """Return the batch of a step; the same step gives the same batch in every process."""
        members, words = self.draw(step)
        pictures = self._pictures(members)
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
            regions=[p.regions for p in pictures],
            rows=self.rows[members],
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
        found: set[str] = set()
        for first, store in zip(self._first.tolist(), self.stores):
            mine = np.zeros(len(store), dtype=bool)
            mine[self.rows[(self.rows >= first) & (self.rows < first + len(store))] - first] = True
            for keep, row in zip(mine.tolist(), store.scan(["captions"])):
                if keep:
                    found.update(_some(row["captions"], self.max_captions))
        return sorted(found)

    def styles(self) -> list[tuple[str, int]]:
        """Return (style, number of rows) in order of name: a stable vocabulary for the same stores."""
        counts = Counter(self._codes["style"].tolist())
        return [(name, counts[code]) for code, name in enumerate(self._names["style"])]

    def sizes(self) -> Counter[tuple[int, int]]:
        """Return how many rows have each (height, width)."""
        return Counter(zip(self._height.tolist(), self._width.tolist()))

    @property
    def cached_bytes(self) -> int:
        """Bytes held by the cache of decoded pictures now; never above the budget."""
        return self._cache.bytes

    def take(self, rows: Sequence[int] | I64, columns: Sequence[str]) -> list[dict[str, Any]]:
        """Rows by number as in `rows` and `Batch.rows`, in the order asked."""
        numbers = np.asarray(rows, dtype=np.int64)
        owner = np.searchsorted(self._first, numbers, side="right") - 1
        out: list[dict[str, Any]] = [{}] * len(numbers)
        for number in np.unique(owner).tolist():
            at = np.flatnonzero(owner == number)
            for place, row in zip(at.tolist(), self.stores[number].take(numbers[at] - self._first[number], columns)):
                out[place] = row
        return out

    def _pictures(self, members: I64) -> list[_Picture]:
        rows = self.rows[members].tolist()
        streamed = self._stream_of[np.searchsorted(self._first, self.rows[members], side="right") - 1].tolist()
        found: dict[int, _Picture] = {}
        missing, raw = [], {}
        with self._lock:
            for row, ahead, member in zip(rows, streamed, members.tolist()):
                if ahead:
                    raw[row] = self._ahead.get(row) or member
                elif (picture := self._cache.get(row)) is not None:
                    found[row] = picture
                else:
                    missing.append(row)
        missing = sorted(set(missing))
        for row, data in zip(missing, self.take(missing, self._read)):
            found[row] = _picture(data, self.max_captions)
        for row, data in self._read_runs(raw).items():
            found[row] = _picture(data, self.max_captions)
        with self._lock:
            for row in missing:
                self._cache.put(row, found[row], found[row].nbytes)
        return [found[row] for row in rows]

    def _read_runs(self, wanted: dict[int, Any]) -> dict[int, dict[str, Any]]:
        """Encoded rows of streamed stores; of those not held ahead, the whole runs they lie in are read."""
        absent = [member for member in wanted.values() if isinstance(member, int)]
        if absent:
            runs = np.unique(np.concatenate([self._run(member) for member in absent]))
            numbers = self.rows[runs].tolist()
            fresh = dict(zip(numbers, self.take(numbers, self._read)))
            with self._lock:
                for row, data in fresh.items():
                    held = len(data["png"]) + len(data.get("mask_png") or b"")
                    self._ahead.put(row, data, held + sum(map(len, data["captions"])) + _OVERHEAD_BYTES)
            wanted = {row: fresh.get(row, data) for row, data in wanted.items()}
        return wanted

    def _run(self, member: int) -> NDArray[np.uint32]:
        stream = self._streams[self._home[member]]
        at = int(np.searchsorted(stream.members, member)) // stream.run * stream.run
        return stream.members[at : at + stream.run]


_READ = ("png", "captions", "palette")


def _some(captions: Sequence[str], limit: int | None) -> Sequence[str]:
    """At most `limit` captions in their order, the choice turning with their text so that all wordings occur."""
    if limit is None or len(captions) <= limit:
        return captions
    start = zlib.crc32(captions[0].encode()) % len(captions)
    return [captions[(start + i * len(captions) // limit) % len(captions)] for i in range(limit)]


def _picture(data: dict[str, Any], max_captions: int | None) -> _Picture:
    rgba = decode_png(data["png"])
    rgba.flags.writeable = False
    palette = np.array(data["palette"], dtype=np.uint8).reshape(-1, 3)
    return _Picture(rgba, tuple(_some(data["captions"], max_captions)), palette, regions_of(data))


@lru_cache(maxsize=65536)
def _classes(names: tuple[str, ...]) -> U8:
    return np.array([REGIONS.index(region_class(name)) for name in names], dtype=np.uint8)


def regions_of(data: dict[str, Any]) -> U8 | None:
    """Each cell's place in `REGIONS`, uint8 [H, W], of a row with columns mask_png and mask_names; None where its mask has no parts:
    a mere foreground mask says no more than alpha."""
    if len(data.get("mask_names", ())) < 3:
        return None
    regions = _classes(tuple(data["mask_names"]))[decode_png(data["mask_png"])[..., 0]]
    regions.flags.writeable = False
    return regions


def _disk_bytes(store: Store) -> int:
    return sum(path.stat().st_size for path in store.data.glob("*.lance"))


def _part(mix: Mapping[str, float], source: str) -> int:
    """Which part of the mix a source belongs to; its own name goes before what stands for many. -1: none."""
    names = list(mix)
    for name in (source, PROCEDURAL if source.startswith(PROCEDURAL) else REAL):
        if name in mix:
            return names.index(name)
    return -1


def _mixed(mix: Mapping[str, float] | None, sources: list[str]) -> list[str] | None:
    """Sources that belong to some part, or None for all."""
    if mix is None:
        return None
    if not mix or min(mix.values()) < 0 or sum(mix.values()) <= 0:
        raise BadInput("loader: mix needs shares of 0 or more, such as real 0.6, procedural 0.4")
    return [source for source in sources if _part(mix, source) >= 0]


def _joined(parts: list[tuple[list[str], NDArray[np.int32]]]) -> tuple[list[str], NDArray[np.int16]]:
    """One table of sorted used values, and each row's code in it, of several stores' coded columns."""
    used = [{values[i] for i in np.unique(codes)} for values, codes in parts]
    names = sorted(set().union(*used))
    place = {name: i for i, name in enumerate(names)}
    tables = [np.array([place.get(v, 0) for v in values] or [0], dtype=np.int16) for values, _ in parts]
    return names, np.concatenate([table[codes] for table, (_, codes) in zip(tables, parts)])


def _among(coded: tuple[list[str], NDArray[np.int32]], wanted: Collection[str]) -> NDArray[np.bool_]:
    values, codes = coded
    return np.asarray(np.isin(values, list(wanted))[codes] if values else np.zeros(0, dtype=bool))


def _tempered(sources: I64, kinds: I64, temperature: float) -> NDArray[np.float64]:
    """Weight of each row, summing to 1: count(source, kind)^(temperature - 1)."""
    _, pair, count = np.unique(sources.astype(np.int64) * 1024 + kinds, return_inverse=True, return_counts=True)
    weights = count[pair].astype(np.float64) ** (temperature - 1.0)
    return np.asarray(weights / weights.sum())


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
