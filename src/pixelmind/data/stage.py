"""The import stage: checkouts and folders in, a store out.

    read      each source's importer yields pictures; each becomes a row or a named reason to leave it out
    hold      rows go to DIR/.import/SOURCE-KEY, a source at a time; a finished source is not read again after a kill
    cluster   exact duplicates merge their captions, near duplicates and groups share a cluster (`dedup`)
    write     one append of all new rows, with the split of their cluster (`splits`)

Peak memory is one batch of pictures plus the hashes, ids and captions of all rows.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import pkgutil
import re
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelmind.data import dedup, licences, sources
from pixelmind.data.config import ImportConfig
from pixelmind.data.sources.base import KINDS, Importer, RawSprite, Skipped
from pixelmind.data.splits import split_of
from pixelmind.data.store import Store, sample_row, schema
from pixelmind.errors import BadInput
from pixelmind.files import write_json
from pixelmind.pixels.grid import detect_upscale
from pixelmind.pixels.png import encode_png, encode_rgba_png
from pixelmind.pixels.quantize import to_num_colors
from pixelmind.pixels.snap import snap
from pixelmind.records import MIN_SIZE_PX, U8, Sample, Sprite

HOLD = ".import"
#: Tried in this order; the first that detects a folder reads it. `folder` takes any folder of pictures, so it is last.
LAST = ("sheet", "aseprite", "folder")
#: How many skipped files a source's manifest entry names; all are counted.
NAMED_SKIPS = 50
TRIM_SIDE = 32
SNAP_SIDE = 96  # with `snap`, only what is longer is searched for a lost grid
FAINT, SHADOW, SHADOW_CHROMA = 32, 80, 24  # cells of less alpha, or half clear, dark and grey, are no loss to a picture
_VIEW = re.compile(
    r"(?:,? (?:(?:front|back|side|top|bottom|left|right|isometric) view|small icon"
    r"|(?:seen|viewed) from (?:the |its )?(?:front|back|behind|side|above|below|left|right)"
    r"|facing (?:the )?(?:left|right|front|back|away|up|down|forward|backward|north|south|east|west)))+$"
)


@dataclass(frozen=True, kw_only=True)
class ImportResult:
    """What an import did. `added` rows are new; `skipped` counts reasons per source, `named` some of the files."""

    store: Path
    added: int
    total: int
    duplicates: int
    captions_merged: int
    sources: dict[str, int]
    splits: dict[str, int]
    skipped: dict[str, dict[str, int]]
    named: dict[str, list[str]]
    seconds: float

    def summary(self) -> str:
        """Say in some lines what was added and what was left out, and why."""
        lines = [f"{self.added} pictures added ({self.total} in {self.store}), {self.duplicates} exact duplicates"]
        for name, reasons in self.skipped.items():
            told = ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items(), key=lambda r: -r[1]))
            lines.append(f"{name}: {self.sources.get(name, 0)} read, left out: {told or 'none'}")
        return "\n".join(lines)


@dataclass
class _Tally:
    read: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    named: list[str] = field(default_factory=list)

    def skip(self, reason: str, path: str = "") -> None:
        self.reasons[reason] += 1
        if path and len(self.named) < NAMED_SKIPS:
            self.named.append(f"{path}: {reason}")


def importers() -> list[Importer]:
    """All importers: the modules of `data.sources` and the entry points in the group ``pixelmind.importers``."""
    found: dict[str, Importer] = {}
    for info in sorted(pkgutil.iter_modules(sources.__path__), key=lambda m: m.name):
        module = importlib.import_module(f"{sources.__name__}.{info.name}")
        for importer in [getattr(module, "IMPORTER", None), *getattr(module, "IMPORTERS", ())]:
            if importer is not None:
                found[importer.name] = importer
    for point in entry_points(group="pixelmind.importers"):
        importer = point.load()
        found.setdefault(importer.name, importer)
    return sorted(found.values(), key=lambda i: (LAST.index(i.name) if i.name in LAST else -1, i.name))


def find_sources(in_dirs: list[Path], names: tuple[str, ...] = ()) -> list[tuple[Importer, Path]]:
    """Pair each folder with the importer that understands it; a parent of many checkouts is expanded one level.

    Raises:
        BadInput: a missing folder, an unknown importer name, or a folder that no importer understands.
    """
    if not in_dirs:
        raise BadInput(
            "name at least one folder to import: a game's checkout, a folder of pictures, or a parent of such"
        )
    known = importers()
    wrong = set(names) - {i.name for i in known}
    if wrong:
        raise BadInput(f"no importer {sorted(wrong)[0]!r}; there are: {', '.join(i.name for i in known)}")
    games = [i for i in known if i.name not in LAST]
    pairs = []
    for root in map(Path, in_dirs):
        if not root.is_dir():
            raise BadInput(f"{root} is not a folder; name a game's checkout or a folder of pictures")
        children = sorted(p for p in root.iterdir() if p.is_dir() and not p.name.startswith("."))
        own = next((i for i in games if i.detect(root)), None)
        inside = [(i, c) for c in children for i in games if i.detect(c)] if own is None else []
        if own is None and not inside:
            own = next((i for i in known if i.detect(root)), None)
            if own is None:
                raise BadInput(f"no importer understands {root}; a plain folder needs a metadata.jsonl or metadata.csv")
        pairs += inside if own is None else [(own, root)]
    pairs = [(i, p) for i, p in pairs if not names or i.name in names]
    if not pairs:
        raise BadInput(f"none of {', '.join(map(str, in_dirs))} holds a source named {', '.join(names)}")
    return pairs


def prepare(raw: RawSprite, config: ImportConfig) -> Sample | Skipped:
    """Turn an importer's picture into a Sample at its true size with hard alpha, or say why it is left out."""
    path = str(raw.params.get("path", "") or (raw.captions[0] if raw.captions else ""))
    if raw.rgba.dtype != np.uint8 or raw.rgba.ndim != 3 or raw.rgba.shape[2] != 4:
        return Skipped(path=path, reason="not an RGBA picture")
    captions = tuple(dict.fromkeys(" ".join(c.split()) for c in raw.captions if c and c.strip()))
    if not captions:
        return Skipped(path=path, reason="no caption")
    if raw.tags.get("kind") not in KINDS:
        return Skipped(path=path, reason=f"unknown kind {raw.tags.get('kind')!r}")
    tags, licence = dict(raw.tags), licences.normalise(raw.licence)
    if licences.matches(licence, config.licences):
        licence = licences.chosen(licence, config.licences)
    elif config.evaluation_only and licences.matches(licence, licences.EVALUATION_ONLY):
        tags["evaluation_only"] = "yes"
    else:
        stated = licence not in ("", "LicenseRef-unknown")
        how = "put a LICENSE file into the folder, or `licence` into its metadata.jsonl"
        reason = f"licence {licence} is not on the allow-list" if stated else f"no licence is stated: {how}"
        return Skipped(path=path, reason=reason)
    rgba, mask = hard_alpha(raw.rgba), raw.mask
    bright = raw.rgba[..., :3].max(axis=2)
    shadow = (bright < SHADOW) & (bright - raw.rgba[..., :3].min(axis=2) < SHADOW_CHROMA)
    lost = (raw.rgba[..., 3] >= FAINT) & (rgba[..., 3] == 0) & ~shadow
    if lost.sum() > (rgba[..., 3] > 0).sum():
        return Skipped(path=path, reason="mostly half transparent")
    visible = rgba[rgba[..., 3] > 0]
    if not len(visible):
        return Skipped(path=path, reason="empty picture")
    if (visible == visible[0]).all() and len(visible) == rgba.shape[0] * rgba.shape[1]:
        return Skipped(path=path, reason="one flat colour")
    factor = detect_upscale(rgba, MIN_SIZE_PX)
    if factor > 1:
        rgba, mask = rgba[::factor, ::factor], None if mask is None else mask[::factor, ::factor]
    elif config.snap and mask is None and max(rgba.shape[:2]) > SNAP_SIDE:
        rgba = snap(rgba).rgba
    if max(rgba.shape[:2]) > config.max_size:
        return Skipped(path=path, reason=f"larger than {config.max_size} px")
    box = trim_box(rgba)
    rgba, mask = pad(rgba[box]), None if mask is None else pad(mask[box])
    try:
        sprite = Sprite.from_rgba(rgba)
    except BadInput:
        sprite = to_num_colors(rgba, 255)
    return Sample(
        png=encode_png(sprite),
        height=rgba.shape[0],
        width=rgba.shape[1],
        captions=captions,
        source=raw.source,
        licence=licence,
        credit=raw.credit,
        tags=tags,
        mask_png=None if mask is None else encode_mask(mask),
        mask_names=raw.mask_names if mask is not None else (),
        params={"group": f"{tags.get('style', '')}: {subject(captions[0])}"} | raw.params,
        split="test" if "evaluation_only" in tags else "",
    )


def encode_mask(mask: U8) -> bytes:
    """Return a grey PNG of region classes uint8 [H, W]; read it back with ``decode_png(data)[..., 0]``."""
    return encode_rgba_png(np.stack([mask, mask, mask, np.full_like(mask, 255)], axis=2))


def hard_alpha(rgba: U8) -> U8:
    """Alpha >= 128 becomes 255, all below (half-clear shadows too) becomes (0, 0, 0, 0)."""
    opaque = rgba[..., 3:] >= 128
    return np.where(opaque, rgba | np.array([0, 0, 0, 255], dtype=np.uint8), 0).astype(np.uint8)


def trim_box(rgba: U8) -> tuple[slice, slice]:
    """Return the part of a canvas to keep: all of it, or less where a canvas over 32 px is two thirds margin.

    Then it is the smallest box around what is visible with sides that are multiples of 16 and at least 32.
    """
    seen = [np.flatnonzero((rgba[..., 3] > 0).any(axis=1 - axis)) for axis in (0, 1)]
    extents = [int(at[-1] - at[0]) + 1 for at in seen]
    if max(rgba.shape[:2]) <= TRIM_SIDE or extents[0] * extents[1] * 3 > rgba.shape[0] * rgba.shape[1]:
        return slice(None), slice(None)
    out = []
    for side, at, extent in zip(rgba.shape[:2], seen, extents):
        keep = min(side, max(TRIM_SIDE, -(-extent // 16) * 16))
        start = min(max(0, int(at[0]) - (keep - extent) // 2), side - keep)
        out.append(slice(start, start + keep))
    return out[0], out[1]


def subject(caption: str) -> str:
    """Return a caption without the view it ends on: pictures of one style and subject share a cluster."""
    return _VIEW.sub("", caption)


def pad(canvas: U8) -> U8:
    """Pad sides below 8 px to 8 with clear (zero) cells, the picture in the middle, rounding towards the top left."""
    missing = [max(0, MIN_SIZE_PX - side) for side in canvas.shape[:2]]
    if not any(missing):
        return canvas
    border = [(m // 2, m - m // 2) for m in missing] + [(0, 0)] * (canvas.ndim - 2)
    return np.pad(canvas, border)


def import_sources(config: ImportConfig, in_dirs: list[Path], out_dir: Path) -> ImportResult:
    """Read all sources under `in_dirs` into the store at `out_dir` (made if missing). The same call again adds nothing.

    Raises:
        BadInput: see `find_sources`, `Store.open`; another process writes the store, or the disk is full.
    """
    pairs = find_sources(in_dirs, config.sources)
    store = Store.open_or_create(out_dir)
    with store.writing():
        return _import(config, pairs, store)


def _import(config: ImportConfig, pairs: list[tuple[Importer, Path]], store: Store) -> ImportResult:
    start = time.monotonic()
    former = Store.open(config.keep_splits) if config.keep_splits is not None else None
    hold = store.path / HOLD
    with _progress(config) as progress:
        held = [_hold(importer, root, config, hold, progress) for importer, root in pairs]
        progress("clustering", None)
        plan = _plan(store, [folder for folder, _ in held], former)
        progress(f"writing {len(plan.place)} pictures", None)
        added = store.append_rows(_planned(plan, [folder for folder, _ in held]), batch=config.batch)
    merged = store.merge_captions(plan.captions)
    tallies: dict[str, _Tally] = {}
    for (importer, _), (_, tally) in zip(pairs, held):
        whole = tallies.setdefault(importer.name, _Tally())
        whole.read += tally.read
        whole.reasons += tally.reasons
        whole.named += tally.named
    for source, reasons in plan.left_out.items():
        tallies.setdefault(source, _Tally()).reasons += reasons
    skipped = {name: dict(tally.reasons) for name, tally in tallies.items()}
    store.note(skipped=store.manifest["skipped"] | skipped)
    shutil.rmtree(hold, ignore_errors=True)
    return ImportResult(
        store=store.path,
        added=added,
        total=len(store),
        duplicates=plan.duplicates,
        captions_merged=merged,
        sources={name: tally.read for name, tally in tallies.items()},
        splits=dict(store.manifest["splits"]),
        skipped=skipped,
        named={name: tally.named for name, tally in tallies.items()},
        seconds=time.monotonic() - start,
    )


class _progress:
    """A spinner on stderr that tells source and count; silent where the config says so."""

    def __init__(self, config: ImportConfig) -> None:
        from rich.console import Console
        from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
        console = Console(stderr=True)
        self._bar = Progress(*columns, console=console, disable=not config.progress or not console.is_terminal)
        self._tell = console.print if config.progress and not console.is_terminal else None
        self._task: Any = None

    def __enter__(self) -> _progress:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, what: str, done: int | None) -> None:
        if done is None:
            self._task = self._bar.add_task(what, total=None)
            if self._tell:
                self._tell(what)
        else:
            self._bar.update(self._task, completed=done)


def _hold(importer: Importer, root: Path, config: ImportConfig, hold: Path, progress: _progress) -> tuple[Path, _Tally]:
    """Read one source into a folder of Parquet files, unless a killed import already finished it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    asked = [importer.name, str(root.resolve()), config.licences, config.evaluation_only, config.max_size]
    folder = hold / f"{importer.name}-{hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:12]}"
    done = folder / "done.json"
    if done.is_file():
        data = json.loads(done.read_text())
        return folder, _Tally(read=data["read"], reasons=Counter(data["reasons"]), named=data["named"])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    progress(f"{importer.name}  {root}", None)
    rows: list[dict[str, Any]] = []
    tally, part = _Tally(), 0

    def flush() -> None:
        nonlocal part
        pq.write_table(pa.Table.from_pylist(rows, schema=schema()), folder / f"{part:05d}.parquet")
        rows.clear()
        part += 1

    for raw in importer.read(root):
        item = prepare(raw, config) if isinstance(raw, RawSprite) else raw
        if isinstance(item, Skipped):
            tally.skip(item.reason, item.path)
            continue
        tally.read += 1
        rows.append(sample_row(item))
        if len(rows) == config.batch:
            flush()
            progress("", tally.read)
    if rows:
        flush()
    progress("", tally.read)
    write_json(done, {"read": tally.read, "reasons": tally.reasons, "named": tally.named})
    return folder, tally


def _parts(folders: list[Path]) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(folder.glob("*.parquet"))


@dataclass
class _Plan:
    #: For each new id: the cluster and split it is stored with.
    place: dict[str, tuple[str, str]]
    #: Captions of new ids, all copies together.
    words: dict[str, list[str]]
    #: Captions that copies bring to stored ids.
    captions: dict[str, list[str]]
    duplicates: int
    left_out: dict[str, Counter[str]]


def _plan(store: Store, folders: list[Path], former: Store | None) -> _Plan:
    """Decide cluster and split of every held row; stored rows, and those of a former store, keep theirs."""
    import pyarrow.parquet as pq

    light = ["id", "captions", "source", "group", "phash", "signature", "evaluation_only"]
    words: dict[str, list[str]] = {}
    captions: dict[str, list[str]] = {}
    rows: dict[str, tuple[str, str, int, bytes, bool]] = {}  # id -> source, group, phash, signature, evaluation only
    copies = 0
    for part in _parts(folders):
        table = pq.read_table(part, columns=light).to_pylist()
        for row, old in zip(table, store.known([r["id"] for r in table])):
            key, only = row["id"], row["evaluation_only"]
            copies += bool(old) or key in rows
            target = captions if old else words
            held = target.setdefault(key, [])
            held += [c for c in row["captions"] if c not in held]
            if not old and (key not in rows or rows[key][4] > only):
                rows[key] = (row["source"], row["group"], row["phash"], row["signature"], only)
    names = ("id", "source", "group", "phash", "signature", "evaluation_only", "cluster", "split")
    stored, kept = store.columns(*names), {}
    if former is not None:
        old = former.columns(*names)
        fresh = ~store.known(old["id"].tolist())
        held_groups = [rows[i][1] if i in rows else g for i, g in zip(old["id"], old["group"])]
        old["group"] = np.array(held_groups, dtype=object)
        stored = {name: np.concatenate([stored[name], old[name][fresh]]) for name in names}
        places = zip(old["id"], old["cluster"], old["split"])
        kept = {i: (cluster, split) for i, cluster, split in places if rows.pop(i, None)}
    ids = np.array([*stored["id"], *rows], dtype=object)
    new = list(rows.values())
    column = {
        name: np.array([*stored[name], *(r[i] for r in new)], dtype=object)
        for i, name in enumerate(("source", "group", "phash", "signature"))
    }
    only = np.array([*stored["evaluation_only"], *(r[4] for r in new)], dtype=bool)
    labels, copied = _labels(column, only, stored["cluster"])
    left_out: dict[str, Counter[str]] = {}
    place = kept | _place(ids, labels, stored["cluster"], stored["split"], only, column["source"], left_out)
    for row in (copied[copied >= len(stored["id"])]).tolist():
        place.pop(ids[row], None)
        left_out.setdefault(column["source"][row], Counter())[
            "evaluation only, near copy of art that may be trained on"
        ] += 1
    return _Plan(place=place, words=words, captions=captions, duplicates=copies, left_out=left_out)


def _labels(
    column: dict[str, NDArray[Any]], only: NDArray[np.bool_], clusters: NDArray[Any]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Connected components of near duplicates and groups, int64 [N], and the evaluation-only rows near to others.

    Stored rows (the first `len(clusters)`) hang together by cluster and group, not by likeness. Evaluation-only rows
    never join the components of others.
    """
    hashes = column["phash"].astype(np.uint64)
    marks = np.frombuffer(b"".join(column["signature"]), dtype=np.uint8).reshape(len(hashes), dedup.SIGNATURE_BYTES)
    named = column["group"] != ""
    groups = np.where(named, column["source"] + "\0" + column["group"], "").astype(object)
    near = dedup.near_pairs(hashes, marks, mirror=True)
    pairs = np.concatenate([near[near.max(axis=1) >= len(clusters)], dedup.group_pairs(groups)])
    mixed = only[pairs[:, 0]] != only[pairs[:, 1]]
    copied = np.unique(pairs[mixed][only[pairs[mixed]]])
    pairs = np.concatenate([pairs[~mixed], dedup.group_pairs(clusters)])
    return dedup.components(len(hashes), pairs), copied


def _place(
    ids: NDArray[Any],
    labels: NDArray[np.int64],
    clusters: NDArray[Any],
    splits: NDArray[Any],
    only: NDArray[np.bool_],
    sources_of: NDArray[Any],
    left_out: dict[str, Counter[str]],
) -> dict[str, tuple[str, str]]:
    """Give each new row the stored cluster of its component, else the smallest id in it.

    Where a component touches stored clusters of different splits, near duplicates would cross: it is left out.
    """
    count, place = len(clusters), {}
    homes: dict[int, set[tuple[str, str]]] = {}
    for label, cluster, split in zip(labels[:count].tolist(), clusters, splits):
        homes.setdefault(label, set()).add((cluster, split))
    first: dict[int, str] = {}
    for label, identity in zip(labels[count:].tolist(), ids[count:]):
        first[label] = min(first.get(label, identity), identity)
    for row in range(count, len(ids)):
        label, identity = int(labels[row]), ids[row]
        home = homes.get(label, set())
        if len({split for _, split in home}) > 1:
            left_out.setdefault(sources_of[row], Counter())["near copy of stored pictures in two splits"] += 1
        elif home:
            place[identity] = min(home)
        else:
            place[identity] = (first[label], "test" if only[row] else split_of(first[label]))
    return place


def _planned(plan: _Plan, folders: list[Path]) -> Iterator[dict[str, Any]]:
    """Stream the held rows that the plan stores, with cluster, split and merged captions."""
    import pyarrow.parquet as pq

    written: set[str] = set()
    for trainable in (True, False):  # an allowed copy goes before an evaluation-only one
        for part in _parts(folders):
            for row in pq.read_table(part).to_pylist():
                if row["id"] in written or row["id"] not in plan.place or row["evaluation_only"] == trainable:
                    continue
                written.add(row["id"])
                cluster, split = plan.place[row["id"]]
                yield row | {"cluster": cluster, "split": split, "captions": plan.words[row["id"]]}
