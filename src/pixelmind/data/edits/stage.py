"""The stage `edits`: draw edit pairs into a table, the same rows for the same configuration, going on where an earlier run ended."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pixelmind.data.edits.operations import OPERATIONS, draw
from pixelmind.data.edits.pair import Edit
from pixelmind.data.edits.store import EditStore, edit_row
from pixelmind.data.procedural.rng import Rng
from pixelmind.errors import BadInput
from pixelmind.files import write_bytes
from pixelmind.pixels.png import decode_png
from pixelmind.pixels.preview import contact_sheet
from pixelmind.records import U8

#: Scenes drawn for one pair before another operation takes its turn.
MAX_ATTEMPTS = 60
CHUNK = 256


@dataclass(frozen=True, kw_only=True)
class EditConfig:
    """What `edits` draws."""

    #: Edit pairs wanted in all.
    count: int = 10_000
    #: Seed of the table; pair i follows from (seed, i).
    seed: int = 0
    #: Operations, by name; empty means all, equally often.
    operations: tuple[str, ...] = ()
    #: Processes that draw; 1 draws in this one.
    workers: int = 1
    #: Show progress on stderr.
    progress: bool = True

    def __post_init__(self) -> None:
        if self.count < 1:
            raise BadInput(f"the count of edit pairs must be at least 1, got {self.count}")
        if self.workers < 1:
            raise BadInput("workers must be at least 1")
        unknown = [name for name in self.operations if name not in OPERATIONS]
        if unknown:
            raise BadInput(f"no edit operation named {unknown[0]!r}; there are: {', '.join(OPERATIONS)}")

    def identity(self) -> dict[str, Any]:
        """What decides which pairs are drawn."""
        return {"seed": self.seed, "operations": list(self.operations)}


@dataclass(frozen=True, kw_only=True)
class EditResult:
    """What a run of `edits` did: pairs added and in the table now, pairs and share of accepted scenes by operation, speed."""

    path: Path
    added: int
    total: int
    operations: dict[str, int]
    acceptance: dict[str, float]
    accepted: float
    splits: dict[str, int]
    content_hash: str
    seconds: float
    pairs_per_second: float


def edit_at(config: EditConfig, index: int) -> tuple[Edit, int]:
    """Pair number `index` and the scenes drawn for it: a pure function of (config.identity(), index).

    Raises:
        BadInput: none of the operations asked for can be drawn.
    """
    rng = Rng(config.seed, "edits", index)
    names = list(config.operations or OPERATIONS)
    tries = 0
    for name in rng.shuffled(names):
        for attempt in range(MAX_ATTEMPTS):
            tries += 1
            edit = draw(name, (config.seed * 2**32 + index) * MAX_ATTEMPTS + attempt)
            if edit is not None:
                return edit, tries
    raise BadInput(
        f"no scene fits {', '.join(names)} in {MAX_ATTEMPTS} attempts; ask for other operations or another seed"
    )


def edits(config: EditConfig, out_dir: Path | str) -> EditResult:
    """Bring the table at `out_dir` to `config.count` pairs; the same call again adds nothing, an interrupted one goes on.

    Raises:
        BadInput: see `EditConfig`, `EditStore.open_or_create`; another process writes to the folder.
    """
    from pixelmind.data import guard

    start, path = time.monotonic(), Path(out_dir)
    with guard.disk_room(path):
        path.mkdir(parents=True, exist_ok=True)
        with guard.writer_lock(path):
            store = EditStore.open_or_create(path, config.identity())
            before = len(store)
            for rows, attempts in _chunks(config, before):
                store.append(rows, attempts)
    counts = {name: (v["pairs"], v["attempts"]) for name, v in sorted(store.manifest["operations"].items())}
    seconds = time.monotonic() - start
    return EditResult(
        path=path,
        added=len(store) - before,
        total=len(store),
        operations={name: pairs for name, (pairs, _) in counts.items()},
        acceptance={name: round(pairs / tries, 3) for name, (pairs, tries) in counts.items()},
        accepted=round(len(store) / max(1, store.manifest["attempts"]), 3),
        splits=dict(store.manifest["splits"]),
        content_hash=store.manifest["content_hash"],
        seconds=seconds,
        pairs_per_second=(len(store) - before) / max(seconds, 1e-9),
    )


def _draw(job: tuple[EditConfig, int, int]) -> tuple[list[dict[str, Any]], list[int]]:
    config, low, high = job
    drawn = [edit_at(config, i) for i in range(low, high)]
    return [edit_row(edit) for edit, _ in drawn], [tries for _, tries in drawn]


def _chunks(config: EditConfig, first: int) -> Iterator[tuple[list[dict[str, Any]], list[int]]]:
    """Rows in order from number `first`; drawn in `config.workers` processes (spawned, since Lance does not survive a fork)."""
    from rich.console import Console
    from rich.progress import track

    jobs = [(config, i, min(i + CHUNK, config.count)) for i in range(first, config.count, CHUNK)]
    bar: dict[str, Any] = {
        "description": "editing",
        "total": len(jobs),
        "console": Console(stderr=True),
        "disable": not config.progress,
    }
    if config.workers == 1:
        for job in track(jobs, **bar):
            yield _draw(job)
        return
    import multiprocessing

    with multiprocessing.get_context("spawn").Pool(config.workers) as pool:
        yield from track(pool.imap(_draw, jobs), **bar)


# ---- contact sheet -----------------------------------------------------------------------------------------------------
def triptych(before: U8, after: U8, region: U8 | np.ndarray) -> U8:
    """Before, after and region side by side on one canvas, uint8 [max H, W + W' + W + 4, 4]; the region white on black."""
    mask = np.where((np.asarray(region) > 0)[..., None], 255, 0).astype(np.uint8).repeat(3, -1)
    mask = np.dstack([mask, np.full(mask.shape[:2], 255, dtype=np.uint8)])
    panels = [before, after, mask]
    out = np.zeros((max(p.shape[0] for p in panels), sum(p.shape[1] for p in panels) + 4, 4), dtype=np.uint8)
    x = 0
    for panel in panels:
        out[: panel.shape[0], x : x + panel.shape[1]] = panel
        x += panel.shape[1] + 2
    return out


def sheet(
    triples: Sequence[tuple[U8, U8, Any]], texts: Sequence[str], out_png: Path | str, columns: int = 4, scale: int = 2
) -> None:
    """Write a contact sheet of edits with their instructions."""
    file = io.BytesIO()
    contact_sheet([triptych(*t) for t in triples], texts, columns=columns, scale=scale).save(file, "PNG")
    write_bytes(out_png, file.getvalue())


def show(store: EditStore, out_png: Path | str, n: int = 48, seed: int = 0, operation: str | None = None) -> list[int]:
    """Write a contact sheet of `n` random pairs, before | after | region with the instruction below; return their row numbers.

    Raises:
        BadInput: no pair fits.
    """
    names = [row["operation"] for row in store.scan(["operation"])]
    fit = [i for i, name in enumerate(names) if operation in (None, name)]
    if n < 1 or not fit:
        raise BadInput(f"no edit pair in {store.path} fits; it holds: {', '.join(sorted(set(names))) or 'nothing'}")
    rows = sorted(Rng(seed, "show").shuffled(fit)[:n])
    data = store.take(rows)
    triples = [
        (decode_png(r["before_png"]), decode_png(r["after_png"]), decode_png(r["region_png"])[..., 0]) for r in data
    ]
    sheet(triples, [f"{r['operation']}: {r['instructions'][0]}" for r in data], out_png)
    return rows
