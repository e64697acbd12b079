"""Near-duplicate removal: of drawn scenes that look alike keep one, in a new store.

Scenes whose parameters differ can look alike all the same, mirrored ones too, and then stand in different splits. Sought by
`dedup.near_pairs`: no picture is compared with all others, so ten million take minutes. A row is dropped if it is near one
that is kept and goes before it: real art first (it is never dropped: its near copies share a cluster, so a split), then the
test, val and judge splits, then train. So nothing that is held out stays near a training picture.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pixelmind.data import dedup
from pixelmind.data.store import Store

if TYPE_CHECKING:
    import pyarrow as pa

_ORDER = ("test", "val", "judge", "train")
#: Rows copied into one data file of the new store.
_FILE_ROWS = 1 << 18


@dataclass(frozen=True, kw_only=True)
class ThinResult:
    """What `thin` did: rows kept and dropped, and from which splits; near pairs that crossed splits before."""

    store: Path
    kept: int
    dropped: int
    dropped_splits: dict[str, int]
    crossing_before: int


def thin(store: Store, out_dir: Path | str, source: str = "procedural") -> ThinResult:
    """Copy a store without the near duplicates among rows whose source begins with `source`; see the module header.

    Memory: the hashes, signatures and pairs, about 250 bytes a row.

    Raises:
        BadInput: `out_dir` already holds a store, or the disk is full.
    """
    out = Store.create(out_dir)
    names, code = store.codes("source")
    split_names, split = store.codes("split")
    droppable = np.array([name.startswith(source) for name in names] or [False])[code]
    rank = np.array([_ORDER.index(name) for name in split_names] or [0])[split]
    pairs = dedup.near_pairs(store.column("phash").astype(np.uint64), store.signatures(), mirror=True)
    keep = first_of(np.where(droppable, 1 + rank, 0), droppable, pairs)
    crossing = int((split[pairs[:, 0]] != split[pairs[:, 1]]).sum())
    with out.writing():
        start = 0
        while start < len(store):
            end = min(start + _FILE_ROWS, len(store))
            out.append_batches(_rows(store, keep, start, end))
            start = end
        out.note(skipped=store.manifest["skipped"] | {source: {"near duplicate": int((~keep).sum())}})
    gone = Counter(split_names[i] for i in split[~keep].tolist())
    return ThinResult(
        store=out.path,
        kept=len(out),
        dropped=int((~keep).sum()),
        dropped_splits=dict(gone),
        crossing_before=crossing,
    )


def first_of(rank: NDArray[np.int64], droppable: NDArray[np.bool_], pairs: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which rows stay, bool [N]: by rank, then number, each row that is near one that stays goes, if it may."""
    place = np.empty(len(rank), dtype=np.int64)
    place[np.lexsort((np.arange(len(rank)), rank))] = np.arange(len(rank))
    turned = place[pairs[:, 0]] > place[pairs[:, 1]]
    early, late = np.where(turned[:, None], pairs[:, ::-1], pairs).T
    order = np.argsort(place[early], kind="stable")
    keep = np.ones(len(rank), dtype=bool)
    for one, other in zip(early[order].tolist(), late[order].tolist()):
        if keep[one] and droppable[other]:
            keep[other] = False
    return keep


def _rows(store: Store, keep: NDArray[np.bool_], start: int, end: int) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    for batch in store.batches(start, end):
        here = keep[start : start + batch.num_rows]
        start += batch.num_rows
        if here.any():
            yield batch.filter(pa.array(here))
