"""The stage `synth`: draw scenes into a store, the same rows for the same config, appended to whatever the store holds.

    draw      shard i is a pure function of (config, i): the scenes i * S .. (i + 1) * S, as one Arrow file
    hold      each shard is written whole to DIR/.synth/RUN/ as soon as it is drawn, its checksum in its name
    commit    in the order of their numbers, some shards at a time become one data file of the table, sorted by size and
              kind, so that like rows lie together and a loader reads them in long runs

A run that was killed goes on with the shards it holds. The manifest tells which scenes are committed, and in which file.
Memory is a few shards a worker and one commit in the main process, whatever the count.
"""

from __future__ import annotations

import gc
import hashlib
import io
import json
import resource
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pixelmind.data import guard
from pixelmind.data.procedural import engines
from pixelmind.data.procedural.config import SynthConfig
from pixelmind.data.procedural.scene import draw_scene, plan
from pixelmind.data.sources.base import RawSprite
from pixelmind.errors import BadInput, CorruptFile
from pixelmind.files import write_bytes
from pixelmind.records import Sample, Sprite

if TYPE_CHECKING:
    from pixelmind.data.store import Store

HOLD = ".synth"
#: Scenes that become one data file of the table at least, but for the last.
COMMIT_SCENES = 1 << 16
Job = tuple[SynthConfig, int]
_GREYS = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 4, axis=1)  # a mask's classes as opaque greys
_GREYS[:, 3] = 255


@dataclass(frozen=True, kw_only=True)
class SynthResult:
    """What a run of `synth` did: rows added and in the store now, scenes drawn per family and style, seconds.

    `redrawn` names held shards that were thrown away, with the reason; `skipped` counts scenes that could not be drawn.
    `cpu_seconds` is the time of all workers; `peak_mib` holds (scenes done, highest peak memory of a worker in MiB).
    """

    store: Path
    added: int
    total: int
    families: dict[str, int]
    styles: dict[str, int]
    splits: dict[str, int]
    seconds: float
    skipped: dict[str, int] = field(default_factory=dict)
    redrawn: tuple[str, ...] = ()
    cpu_seconds: float = 0.0
    peak_mib: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True)
class Shard:
    """A drawn shard: an Arrow IPC file of rows, and what drawing it took. Its notes are in the file's metadata."""

    index: int
    data: bytes
    cpu_seconds: float
    peak_mib: float


def scene_at(config: SynthConfig, index: int) -> RawSprite:
    """Scene number `index` of a seed: a pure function of (config, index)."""
    seed = config.seed * 2**32 + index
    asked = plan(
        seed,
        names=config.families,
        styles=config.styles,
        genres=config.genres,
        fits=config.fits,
        composed=config.composed,
    )
    return draw_scene(seed, **asked)


def to_sample(raw: RawSprite, counterfactuals: int = 0) -> Sample:
    """A scene as a row of the store; scenes that differ in details, style or size alone share a group, so a cluster and a split.

    With `counterfactuals`, up to as many captions that are false in one fact lie in ``params["counterfactuals"]``.
    """
    from pixelmind.pixels.png import encode_png, encode_rgba_png

    mask = raw.mask if raw.mask is not None else np.zeros(raw.rgba.shape[:2], dtype=np.uint8)
    params = {**raw.params, "group": raw.params["cluster"]}
    if counterfactuals:
        from pixelmind.data.edits.counterfactuals import as_params

        params["counterfactuals"] = as_params(raw, int(raw.params["seed"]), counterfactuals)
    return Sample(
        png=encode_rgba_png(raw.rgba),
        height=raw.rgba.shape[0],
        width=raw.rgba.shape[1],
        captions=raw.captions,
        source=raw.source,
        licence=raw.licence,
        credit=raw.credit,
        tags=raw.tags,
        mask_png=encode_png(Sprite(indices=mask, palette=_GREYS[: int(mask.max()) + 1])),
        mask_names=raw.mask_names,
        params=params,
    )


@contextmanager
def _uncollected() -> Iterator[None]:
    """No search for reference cycles meanwhile: drawing makes hardly any, and rows pile up that it would go through."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def draw_shard(job: Job) -> Shard:
    """Draw shard `index` of a config: the scenes from `index * config.shard` on, as many as the shard and the count hold."""
    import pyarrow as pa

    from pixelmind.data.store import sample_row, schema

    start, (config, index) = time.process_time(), job
    rows, skipped = [], Counter[str]()
    by_family, by_style = Counter[str](), Counter[str]()
    with _uncollected():
        for number in range(index * config.shard, min((index + 1) * config.shard, config.num_samples)):
            try:
                sample = to_sample(scene_at(config, number), config.counterfactuals)
            except RuntimeError as error:  # a scene with nothing in it
                skipped[str(error).split(" for seed")[0]] += 1
                continue
            rows.append(sample_row(sample))
            by_family[sample.tags["subject"]] += 1
            by_style[sample.tags["style"]] += 1
    notes = json.dumps({"families": by_family, "styles": by_style, "skipped": skipped}, sort_keys=True)
    table = pa.Table.from_pylist(rows, schema=schema().with_metadata({"notes": notes}))
    out = io.BytesIO()
    with pa.ipc.new_file(out, table.schema) as writer:
        writer.write_table(table)
    return Shard(index, out.getvalue(), time.process_time() - start, peak_mib())


def peak_mib() -> float:
    """Highest resident memory of this process so far, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


@lru_cache(maxsize=1)
def renderer() -> str:
    """Hash of the code that draws: shards of two versions of it are never mixed under one seed."""
    digest, folder = hashlib.sha256(), Path(__file__).parent
    for path in sorted(folder.rglob("*.py")) + sorted(folder.rglob("*.toml")):
        if path.name not in ("stage.py", "engines.py"):
            digest.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def run_key(config: SynthConfig) -> str:
    """Name of a run: what decides its scenes, but not how many; a larger count goes on where a smaller one ended."""
    free = ("num_samples", "workers", "engine", "progress")
    asked = {name: value for name, value in vars(config).items() if name not in free}
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:12]


def synth(config: SynthConfig, out_dir: Path | str) -> SynthResult:
    """Draw `config.num_samples` scenes into the store at `out_dir` (made if missing). The same call again adds nothing.

    Raises:
        BadInput: see `SynthConfig`, `Store.open`; another process writes the store, the disk is full, or the run was
            begun by another version of the renderer.
    """
    store, redrawn = _opened(config, Path(out_dir))
    with store.writing():
        return _Run(config, store, redrawn).result()


def _opened(config: SynthConfig, path: Path) -> tuple[Store, list[str]]:
    """Open or make the store; data files of this very run that are damaged are dropped from it, to be drawn again."""
    from pixelmind.data.store import MANIFEST, Store

    wrong = Store.check(path) if (path / MANIFEST).is_file() else {}
    if wrong:
        manifest = json.loads((path / MANIFEST).read_text())
        own = {c["file"] for c in manifest.get("synth", {}).get(run_key(config), {"commits": []})["commits"]}
        if not wrong.keys() <= own:
            name = min(wrong.keys() - own)
            raise CorruptFile(
                f"{name} of {path} {wrong[name]}; keep the rest with: pixelmind data check {path} --repair"
            )
        Store.repair(path)
    return Store.open_or_create(path), [f"{name} {reason}" for name, reason in wrong.items()]


class _Run:
    """One call of `synth`: which shards are missing, where they are held, what was counted."""

    def __init__(self, config: SynthConfig, store: Store, redrawn: list[str]) -> None:
        self.config, self.store, self.start = config, store, time.monotonic()
        self.key, self.size = run_key(config), config.shard
        self.hold = store.path / HOLD / self.key
        record = store.manifest.get("synth", {}).get(self.key, {"renderer": renderer(), "commits": []})
        if record["renderer"] != renderer():
            raise BadInput(
                f"{store.path} was begun by another version of the scene renderer; draw into a new folder, or with another --seed"
            )
        self.commits: list[dict[str, Any]] = record["commits"]
        last = -(-config.num_samples // self.size)
        self.missing = [i for i in range(last) if not self._committed(i)]
        self.counts: dict[str, Counter[str]] = {"families": Counter(), "styles": Counter(), "skipped": Counter()}
        self.redrawn = redrawn
        self.added, self.cpu, self.peak = 0, 0.0, 0.0
        self.peaks: list[tuple[int, float]] = []

    def _scenes(self, index: int) -> tuple[int, int]:
        return index * self.size, min((index + 1) * self.size, self.config.num_samples)

    def _committed(self, index: int) -> bool:
        low, high = self._scenes(index)
        return any(c["from"] <= low and high <= c["to"] for c in self.commits)

    def result(self) -> SynthResult:
        held = {i: path for i in self.missing if (path := self._held(i)) is not None}
        todo = [i for i in self.missing if i not in held]
        done, waiting, group = 0, iter(self.missing), list[tuple[int, Path]]()
        following = next(waiting, None)
        shards = engines.run(self.config.engine, self.config.workers, draw_shard, ((self.config, i) for i in todo))
        with _Progress(self.config, sum(map(self._size, todo))) as progress:
            for shard in shards if todo else ():
                held[shard.index] = self._keep(shard)
                done += self._size(shard.index)
                progress(done)
                if shard.peak_mib > self.peak:
                    self.peak = shard.peak_mib
                    self.peaks.append((done, self.peak))
                while following is not None and following in held:
                    group.append((following, held.pop(following)))
                    following = next(waiting, None)
                    if len(group) * self.size >= COMMIT_SCENES:
                        self._commit(group)
                        group = []
            group += sorted(held.items())
            if group:
                self._commit(group)
        shutil.rmtree(self.hold, ignore_errors=True)
        if self.hold.parent.is_dir() and not any(self.hold.parent.iterdir()):
            self.hold.parent.rmdir()
        if done and (not self.peaks or self.peaks[-1][0] < done):
            self.peaks.append((done, self.peak))
        if self.counts["skipped"]:
            self.store.note(
                skipped=self.store.manifest["skipped"] | {f"synth {self.key}": dict(self.counts["skipped"])}
            )
        return SynthResult(
            store=self.store.path,
            added=self.added,
            total=len(self.store),
            families=dict(self.counts["families"].most_common()),
            styles=dict(self.counts["styles"].most_common()),
            splits=dict(self.store.manifest["splits"]),
            seconds=time.monotonic() - self.start,
            skipped=dict(self.counts["skipped"]),
            redrawn=tuple(self.redrawn),
            cpu_seconds=self.cpu,
            peak_mib=tuple(self.peaks),
        )

    def _size(self, index: int) -> int:
        low, high = self._scenes(index)
        return high - low

    def _held(self, index: int) -> Path | None:
        """The held file of a shard, if its checksum is right; a wrong one is thrown away and drawn again."""
        low, high = self._scenes(index)
        for path in sorted(self.hold.glob(f"{low:012d}-{high:012d}.*.arrow")):
            if guard.sha256_file(path) == path.name.split(".")[1]:
                return path
            self.redrawn.append(f"{path.name}: wrong checksum")
            path.unlink()
        return None

    def _keep(self, shard: Shard) -> Path:
        self.cpu += shard.cpu_seconds
        low, high = self._scenes(shard.index)
        name = f"{low:012d}-{high:012d}.{hashlib.sha256(shard.data).hexdigest()}.arrow"
        return write_bytes(self.hold / name, shard.data)

    def _commit(self, group: list[tuple[int, Path]]) -> None:
        """Append neighbouring shards as one data file, with the manifest's note of which scenes it holds."""
        import pyarrow as pa

        tables, notes = [], []
        for _, path in group:
            with pa.OSFile(str(path)) as file:
                table = pa.ipc.open_file(file).read_all()
            notes.append(json.loads(table.schema.metadata[b"notes"]))
            tables.append(table.replace_schema_metadata(None))
        rows = pa.concat_tables(tables).sort_by(
            [("height", "ascending"), ("width", "ascending"), ("kind", "ascending")]
        )
        fresh: list[dict[str, Any]] = []
        for index, _ in group:
            low, high = self._scenes(index)
            if fresh and fresh[-1]["to"] == low:
                fresh[-1]["to"] = high
            else:
                fresh.append({"from": low, "to": high})
        runs = self.store.manifest.get("synth", {})

        def entries(files: list[str]) -> dict[str, Any]:
            commits = [*self.commits, *(span | {"file": "".join(files)} for span in fresh)]
            return {"synth": runs | {self.key: {"renderer": renderer(), "commits": commits}}}

        self.added += self.store.append_batches(rows.combine_chunks().to_batches(max_chunksize=4096), entries)
        self.commits = self.store.manifest["synth"][self.key]["commits"]
        for note in notes:
            for name, counter in self.counts.items():
                counter.update(note[name])
        for _, path in group:
            path.unlink(missing_ok=True)


class _Progress:
    """Scenes done, scenes a second and time left: a bar on a terminal, else a line every half minute on stderr."""

    EVERY_S = 30.0

    def __init__(self, config: SynthConfig, total: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        console = Console(stderr=True)
        columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]} scenes/s"), TimeRemainingColumn())
        self._bar = Progress(*columns, console=console, disable=not (config.progress and console.is_terminal))
        self._task = self._bar.add_task("drawing", total=total, rate="0")
        self._tell = config.progress and not console.is_terminal
        self._total, self._start = total, time.monotonic()
        self._told = self._start

    def __enter__(self) -> _Progress:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, done: int) -> None:
        now = time.monotonic()
        rate = done / max(now - self._start, 1e-9)
        self._bar.update(self._task, completed=done, rate=f"{rate:,.0f}")
        if self._tell and now - self._told >= self.EVERY_S:
            self._told, left = now, (self._total - done) / rate / 60
            print(f"{done:,} of {self._total:,} scenes, {rate:,.0f} a second, {left:,.0f} min left", file=sys.stderr)
