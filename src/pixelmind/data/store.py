"""The store: pictures with words at rest, as a Lance table (random access, appends, versions) and a manifest.

    DIR/samples.lance    one row a picture, see `SCHEMA`
    DIR/manifest.json    format version, Lance version in force, rows, per-source counts, licences, credits and skipped
                         files, per-split counts, content hash, size and sha256 of each data file, shards drawn

The manifest is written last and atomically, and names the Lance version it speaks of: a writer killed half-way leaves
rows that no reader sees and that the next writer discards. One process writes at a time; readers are never disturbed.
After Lance was used in a process its forked children die: use threads, or `spawn`.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pixelmind.data import dedup, guard
from pixelmind.data.splits import split_of
from pixelmind.errors import BadInput, CorruptFile
from pixelmind.files import write_json
from pixelmind.pixels.png import decode_png
from pixelmind.records import SPLITS, U8, Sample, content_id

if TYPE_CHECKING:
    import lance
    import pyarrow as pa

os.environ.setdefault("LANCE_LOG", "error")  # read when lance is first imported: no notes of its own on stderr

FORMAT_VERSION = 1
TABLE, MANIFEST = "samples.lance", "manifest.json"
_HASHED = ("id", "cluster", "split", "licence", "captions")


def schema() -> pa.Schema:
    """Arrow schema of a row. `palette` is flat RGB, `tags` and `params` are JSON; kind, style, group come from them."""
    import pyarrow as pa

    text, texts, blob = pa.string(), pa.list_(pa.string()), pa.binary()
    return pa.schema(
        [
            ("id", text),
            ("png", blob),
            ("height", pa.uint16()),
            ("width", pa.uint16()),
            ("captions", texts),
            ("source", text),
            ("licence", text),
            ("credit", text),
            ("kind", text),
            ("style", text),
            ("group", text),
            ("tags", text),
            ("palette", pa.list_(pa.uint8())),
            ("num_colors", pa.uint16()),
            ("mask_png", blob),
            ("mask_names", texts),
            ("params", text),
            ("phash", pa.uint64()),
            ("signature", pa.binary(dedup.SIGNATURE_BYTES)),
            ("cluster", text),
            ("split", text),
            ("evaluation_only", pa.bool_()),
        ]
    )


def sample_row(sample: Sample) -> dict[str, Any]:
    """Turn a Sample into a row, filling what is empty: id, palette, phash, signature, cluster (group or id), split.

    Raises:
        BadInput: the PNG cannot be read, its size is not the stated one, it has no caption, or an unknown split.
    """
    rgba = decode_png(sample.png)
    if rgba.shape[:2] != (sample.height, sample.width):
        raise BadInput(f"sample says {sample.width}x{sample.height}, its PNG is {rgba.shape[1]}x{rgba.shape[0]}")
    if not sample.captions:
        raise BadInput("a sample needs at least one caption")
    colors = _colors(rgba)
    phash, signature = dedup.fingerprint(rgba)
    identity = sample.id or content_id(rgba)
    group = str(sample.params.get("group", "") or "")
    cluster = sample.cluster or (group_cluster(sample.source, group) if group else identity)
    split = sample.split or split_of(cluster)
    if split not in SPLITS:
        raise BadInput(f"unknown split {split!r}; use one of {', '.join(SPLITS)}")
    return {
        "id": identity,
        "png": sample.png,
        "height": sample.height,
        "width": sample.width,
        "captions": list(sample.captions),
        "source": sample.source,
        "licence": sample.licence,
        "credit": sample.credit,
        "kind": sample.tags.get("kind", ""),
        "style": sample.tags.get("style", "") or sample.source,
        "group": group,
        "tags": json.dumps(sample.tags, ensure_ascii=False, sort_keys=True),
        "palette": colors.reshape(-1).tolist(),
        "num_colors": len(colors),
        "mask_png": sample.mask_png,
        "mask_names": list(sample.mask_names),
        "params": json.dumps(sample.params, ensure_ascii=False, sort_keys=True),
        "phash": sample.phash or phash,
        "signature": signature,
        "cluster": cluster,
        "split": split,
        "evaluation_only": sample.tags.get("evaluation_only") == "yes",
    }


def _colors(rgba: U8) -> U8:
    """Opaque colours uint8 [K, 3] of uint8 [H, W, 4], sorted by red, green, blue."""
    packed = np.ascontiguousarray(rgba).view(np.uint32)[..., 0]
    colors = np.unique(packed[rgba[..., 3] >= 128] | np.uint32(255 << 24))[:, None].view(np.uint8)[:, :3]
    return np.asarray(colors[np.lexsort(colors.T[::-1])])


def row_sample(row: dict[str, Any]) -> Sample:
    """Turn a row back into a Sample."""
    plain = ("id", "png", "height", "width", "source", "licence", "credit", "mask_png", "phash", "cluster", "split")
    return Sample(
        captions=tuple(row["captions"]),
        mask_names=tuple(row["mask_names"]),
        tags=json.loads(row["tags"]),
        params=json.loads(row["params"]),
        **{name: row[name] for name in plain},
    )


def group_cluster(source: str, group: str) -> str:
    """Cluster id of pictures that an importer says belong together (frames, views, scenes from one drawing)."""
    return hashlib.sha256(f"group:{source}:{group}".encode()).hexdigest()


def _row_hash(row: dict[str, Any]) -> int:
    digest = hashlib.sha256(json.dumps([row[name] for name in _HASHED], ensure_ascii=False).encode()).digest()
    return int.from_bytes(digest, "big")


def _keys(ids: Sequence[str]) -> NDArray[np.uint64]:
    return np.array([int(i[:16], 16) for i in ids], dtype=np.uint64)


def _empty_manifest() -> dict[str, Any]:
    return {
        "format": FORMAT_VERSION,
        "table_version": 1,
        "rows": 0,
        "content_hash": "0" * 64,
        "splits": dict.fromkeys(SPLITS, 0),
        "sources": {},
        "skipped": {},
        "files": {},
    }


class Store:
    """A folder of samples. Rows are numbered 0..len-1 in stored order; `take` and `column` speak of these numbers."""

    def __init__(self, path: Path, table: lance.LanceDataset, manifest: dict[str, Any]) -> None:
        self.path, self._table, self.manifest = path, table, manifest
        self._known: NDArray[np.uint64] | None = None
        self._held = False

    @classmethod
    def create(cls, path: Path | str) -> Store:
        """Make an empty store.

        Raises:
            BadInput: the folder already holds a store.
        """
        import lance

        path = Path(path)
        if (path / MANIFEST).exists():
            raise BadInput(f"{path} already holds a store; open it, or name another folder")
        with guard.disk_room(path):
            path.mkdir(parents=True, exist_ok=True)
            with guard.writer_lock(path):
                table = lance.write_dataset(schema().empty_table(), str(path / TABLE), mode="overwrite")
                manifest = _empty_manifest() | {"table_version": table.version}
                write_json(path / MANIFEST, manifest)
        return cls(path, table, manifest)

    @classmethod
    def open(cls, path: Path | str) -> Store:
        """Open a store at the version its manifest names.

        Raises:
            BadInput: no store there. CorruptFile: manifest and table do not fit together, or a file is cut off.
        """
        store = cls._read(Path(path))
        wrong = guard.wrong_sizes(store.data, store.manifest.get("files", {}))
        if wrong:
            name, reason = next(iter(wrong.items()))
            raise CorruptFile(f"{store.data / name} {reason}; keep the rest with: pixelmind data check {path} --repair")
        return store

    @classmethod
    def _read(cls, path: Path) -> Store:

        if not (path / MANIFEST).is_file():
            raise BadInput(f"no store at {path}; make one with: pixelmind data import DIR --out {path}")
        remedy = "import it again"
        table, manifest = guard.open_table(path, TABLE, MANIFEST, FORMAT_VERSION, f"the store at {path}", remedy)
        return cls(path, table, manifest)

    @classmethod
    def open_or_create(cls, path: Path | str) -> Store:
        """Open the store at `path`, or make an empty one."""
        return cls.open(path) if (Path(path) / MANIFEST).is_file() else cls.create(path)

    def __len__(self) -> int:
        return int(self.manifest["rows"])

    @property
    def data(self) -> Path:
        """Folder of the table's data files."""
        return self.path / TABLE / "data"

    @property
    def manifest_hash(self) -> str:
        """Hash of the content (ids, clusters, splits, licences, captions), whatever the order of rows."""
        return str(self.manifest["content_hash"])

    def column(self, name: str) -> NDArray[Any]:
        """Return a column as an array of len(self); text and lists come as dtype object."""
        column = self._table.to_table(columns=[name]).column(0)
        return np.asarray(column.to_numpy())

    def codes(self, name: str) -> tuple[list[str], NDArray[np.int32]]:
        """Return the sorted distinct values of a text column and each row's index into them, int32 [len(self)]."""
        column = self._table.to_table(columns=[name]).column(0).combine_chunks().dictionary_encode()
        values = column.dictionary.to_pylist()
        order = sorted(range(len(values)), key=values.__getitem__)
        rank = np.empty(len(values), dtype=np.int32)
        rank[order] = np.arange(len(values), dtype=np.int32)
        return [values[i] for i in order], rank[column.indices.to_numpy()]

    def columns(self, *names: str) -> dict[str, NDArray[Any]]:
        """Return several columns, see `column`."""
        table = self._table.to_table(columns=list(names))
        return {name: np.asarray(table.column(name).to_numpy()) for name in names}

    def take(self, indices: Sequence[int] | NDArray[Any], columns: Sequence[str] | None = None) -> list[dict[str, Any]]:
        """Return rows by number, in the order asked (repeats allowed)."""
        numbers = [int(i) for i in indices]
        if not numbers:
            return []
        return self._table.take(numbers, columns=list(columns) if columns else None).to_pylist()

    def samples(self, indices: Sequence[int] | NDArray[Any]) -> list[Sample]:
        """Return whole Samples by row number."""
        return [row_sample(row) for row in self.take(indices)]

    def scan(
        self, columns: Sequence[str] | None = None, filter: str | None = None, batch: int = 1024
    ) -> Iterator[dict[str, Any]]:
        """Yield rows in stored order; `filter` is a condition in SQL such as ``split = 'test' AND width <= 32``."""
        scanner = self._table.scanner(columns=list(columns) if columns else None, filter=filter, batch_size=batch)
        for chunk in scanner.to_batches():
            yield from chunk.to_pylist()

    def signatures(self) -> U8:
        """Return the column of signatures as uint8 [len(self), 48]."""
        column = self._table.to_table(columns=["signature"]).column(0).combine_chunks()
        return np.frombuffer(column.buffers()[1], dtype=np.uint8)[: len(self) * dedup.SIGNATURE_BYTES].reshape(
            len(self), dedup.SIGNATURE_BYTES
        )

    def batches(self, start: int, end: int, size: int = 4096) -> Iterator[pa.RecordBatch]:
        """Yield whole rows start..end - 1 as Arrow batches of at most `size`."""
        yield from self._table.scanner(offset=start, limit=end - start, batch_size=size).to_batches()

    def known(self, ids: Sequence[str]) -> NDArray[np.bool_]:
        """Tell for each id whether the store holds it."""
        if self._known is None:
            batches = self._table.scanner(columns=["id"]).to_batches()
            self._known = np.sort(np.concatenate([_keys([]), *(_keys(b.column(0).to_pylist()) for b in batches)]))
        keys = _keys(ids)
        if not len(self._known):
            return np.zeros(len(keys), dtype=bool)
        found = np.searchsorted(self._known, keys)
        return np.asarray(self._known[np.minimum(found, len(self._known) - 1)] == keys)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the store for writing, over several appends, and take in what other writers committed before.

        Raises:
            BadInput: another process is writing it.
        """
        if self._held:
            yield
            return
        with guard.writer_lock(self.path), guard.disk_room(self.path):
            now = Store._read(self.path)
            if now.manifest != self.manifest:
                self._table, self.manifest, self._known = now._table, now.manifest, None
            self._held = True
            try:
                yield
            finally:
                self._held = False

    def append(self, samples: Iterable[Sample], batch: int = 512) -> int:
        """Add samples whose id is not stored yet, in one commit; return how many were added. See `sample_row`."""
        return self.append_rows((sample_row(s) for s in samples), batch=batch)

    def append_rows(self, rows: Iterable[dict[str, Any]], batch: int = 512) -> int:
        """Add rows shaped as `schema`; like `append`. Memory holds one batch at a time."""
        import pyarrow as pa

        return self.append_batches(pa.RecordBatch.from_pylist(c, schema=schema()) for c in _chunks(rows, batch))

    def append_batches(
        self, source: Iterable[pa.RecordBatch], entries: Callable[[list[str]], Mapping[str, Any]] | None = None
    ) -> int:
        """Add Arrow batches shaped as `schema`, like `append`.

        `entries` is given the names of the new data files and returns what goes into the manifest with the same commit.

        Raises:
            BadInput: another process is writing the store, or the disk is full.
        """
        import lance
        import pyarrow as pa

        with self.writing():
            total, fresh = int(self.manifest["content_hash"], 16), []
            manifest, seen = json.loads(json.dumps(self.manifest)), set()

            def batches() -> Iterator[pa.RecordBatch]:
                nonlocal total
                for batch in source:
                    ids = batch.column("id").to_pylist()
                    keys, keep = _keys(ids), []
                    for row, (key, old) in enumerate(zip(keys.tolist(), self.known(ids))):
                        if not old and key not in seen:
                            seen.add(key)
                            keep.append(row)
                    if not keep:
                        continue
                    batch = batch.take(pa.array(keep, type=pa.int64())) if len(keep) < len(ids) else batch
                    rows = batch.select([*_HASHED, "source", "credit"]).to_pylist()
                    for row in rows:
                        total = (total + _row_hash(row)) % 2**256
                        _count(manifest, row)
                    fresh.append(keys[keep])
                    yield batch

            stream = _Stream(batches())
            first = next(stream, None)
            if first is None:
                stream.check()
                if entries:
                    self._commit(self._table, manifest, entries)
                return 0
            self._rewind()
            reader = pa.RecordBatchReader.from_batches(schema(), stream.after(first))
            try:
                table = lance.write_dataset(reader, str(self.path / TABLE), mode="append")
            except Exception:
                stream.check()
                raise
            added = sum(len(keys) for keys in fresh)
            self._known = np.sort(np.concatenate([self._known if self._known is not None else _keys([]), *fresh]))
            self._commit(table, manifest | {"rows": len(self) + added, "content_hash": f"{total:064x}"}, entries)
        return added

    def merge_captions(self, captions: Mapping[str, Sequence[str]]) -> int:
        """Add captions to stored rows by id (those an exact duplicate brought); return how many rows changed."""
        import pyarrow as pa

        if not captions:
            return 0
        with self.writing():
            changed, total = [], int(self.manifest["content_hash"], 16)
            for row in self.scan(list(_HASHED)):
                more = [c for c in captions.get(row["id"], ()) if c not in row["captions"]]
                if more:
                    merged = row["captions"] + more
                    total += _row_hash(row | {"captions": merged}) - _row_hash(row)
                    changed.append({"id": row["id"], "captions": merged})
            if changed:
                self._rewind()
                fields = pa.schema([schema().field("id"), schema().field("captions")])
                update = self._table.merge_insert("id").when_matched_update_all()
                update.execute(pa.Table.from_pylist(changed, schema=fields))
                self._commit(self._table, self.manifest | {"content_hash": f"{total % 2**256:064x}"})
        return len(changed)

    def note(self, **entries: Any) -> None:
        """Write entries such as ``skipped`` into the manifest."""
        with self.writing():
            self._commit(self._table, self.manifest | entries)

    @classmethod
    def check(cls, path: Path | str) -> dict[str, str]:
        """Compare every data file with its recorded size and checksum: what is wrong, by file name; empty if nothing.

        Raises:
            BadInput: no store there. CorruptFile: manifest or table cannot be read at all.
        """
        store = cls._read(Path(path))
        return guard.wrong_files(store.data, store.manifest.get("files", {}))

    @classmethod
    def repair(cls, path: Path | str) -> tuple[dict[str, str], int]:
        """Drop the data files that `check` finds wrong, keep the rest; return them and how many rows they held.

        The same import or synth command then brings the lost rows back.
        """
        import lance

        store = cls._read(Path(path))
        with store.writing():
            wrong = guard.wrong_files(store.data, store.manifest.get("files", {}))
            if not wrong:
                return {}, 0
            store._rewind()
            gone = [f.fragment_id for f in store._table.get_fragments() if wrong.keys() & _paths([f])]
            operation = lance.LanceOperation.Delete([], gone, "damaged")
            table = lance.LanceDataset.commit(str(store.path / TABLE), operation, read_version=store._table.version)
            before, manifest = len(store), json.loads(json.dumps(store.manifest))
            manifest |= {"sources": {}, "splits": dict.fromkeys(SPLITS, 0)}
            for run in manifest.get("synth", {}).values():
                run["commits"] = [c for c in run["commits"] if c["file"] not in wrong]
            store._table, store._known, total = table, None, 0
            for row in store.scan([*_HASHED, "source", "credit"]):
                total = (total + _row_hash(row)) % 2**256
                _count(manifest, row)
            manifest |= {"rows": table.count_rows(), "content_hash": f"{total:064x}"}
            store._commit(table, manifest)
            for name in wrong:
                (store.data / name).unlink(missing_ok=True)
            return wrong, before - len(store)

    def _rewind(self) -> None:
        """Discard rows that a killed writer left behind the manifest's version."""
        import lance

        latest = lance.dataset(str(self.path / TABLE))
        if latest.version != self.manifest["table_version"]:
            self._table.restore()
        else:
            self._table = latest

    def _commit(
        self,
        table: lance.LanceDataset,
        manifest: dict[str, Any],
        entries: Callable[[list[str]], Mapping[str, Any]] | None = None,
    ) -> None:
        known = manifest.get("files", {})
        files = guard.fingerprints(self.data, sorted(_paths(table.get_fragments())), known)
        manifest = manifest | {"table_version": table.version, "files": files}
        if entries is not None:
            manifest |= entries([name for name in files if name not in known])
        write_json(self.path / MANIFEST, manifest)
        self._table, self.manifest = table, manifest


def _paths(fragments: Iterable[Any]) -> set[str]:
    return {file.path for fragment in fragments for file in fragment.data_files()}


class _Stream:
    """An iterator that keeps its own exception, which would come out of Arrow's C stream as another type."""

    def __init__(self, source: Iterator[Any]) -> None:
        self._source, self._error = source, None  # type: Iterator[Any], BaseException | None

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        try:
            return next(self._source)
        except StopIteration:
            raise
        except BaseException as error:
            self._error = error
            raise

    def after(self, first: Any) -> Iterator[Any]:
        yield first
        yield from self

    def check(self) -> None:
        if self._error is not None:
            raise self._error


def _chunks(rows: Iterable[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    chunk: list[dict[str, Any]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _count(manifest: dict[str, Any], row: dict[str, Any]) -> None:
    entry = manifest["sources"].setdefault(row["source"], {"images": 0, "splits": {}, "licences": {}, "credits": {}})
    entry["images"] += 1
    for field, name in (("splits", row["split"]), ("licences", row["licence"]), ("credits", row["credit"])):
        entry[field][name] = entry[field].get(name, 0) + 1
    manifest["splits"][row["split"]] += 1
