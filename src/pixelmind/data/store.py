"""The store: pictures with words at rest, as a Lance table (random access, appends, versions) and a manifest.

    DIR/samples.lance    one row a picture, see `SCHEMA`
    DIR/manifest.json    format version, Lance version in force, rows, per-source counts, licences, credits and skipped
                         files, per-split counts, content hash

The manifest is written last and atomically, and names the Lance version it speaks of: a writer killed half-way leaves
rows that no reader sees and that the next writer discards. After Lance was used in a process its forked children die:
use threads, or `spawn`.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pixelmind.data import dedup
from pixelmind.data.splits import split_of
from pixelmind.errors import BadInput, CorruptFile
from pixelmind.files import write_json
from pixelmind.pixels.png import decode_png
from pixelmind.records import SPLITS, Sample, content_id

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
    colors = np.unique(rgba[rgba[..., 3] >= 128][:, :3], axis=0)
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
        "phash": sample.phash or dedup.phash(rgba),
        "signature": dedup.signature(rgba),
        "cluster": cluster,
        "split": split,
        "evaluation_only": sample.tags.get("evaluation_only") == "yes",
    }


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
    }


class Store:
    """A folder of samples. Rows are numbered 0..len-1 in stored order; `take` and `column` speak of these numbers."""

    def __init__(self, path: Path, table: lance.LanceDataset, manifest: dict[str, Any]) -> None:
        self.path, self._table, self.manifest = path, table, manifest
        self._known: NDArray[np.uint64] | None = None

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
        path.mkdir(parents=True, exist_ok=True)
        table = lance.write_dataset(schema().empty_table(), str(path / TABLE), mode="overwrite")
        manifest = _empty_manifest() | {"table_version": table.version}
        write_json(path / MANIFEST, manifest)
        return cls(path, table, manifest)

    @classmethod
    def open(cls, path: Path | str) -> Store:
        """Open a store at the version its manifest names.

        Raises:
            BadInput: no store there. CorruptFile: manifest and table do not fit together.
        """
        import lance

        path = Path(path)
        if not (path / MANIFEST).is_file():
            raise BadInput(f"no store at {path}; make one with: pixelmind data import DIR --out {path}")
        try:
            manifest = json.loads((path / MANIFEST).read_text())
            if manifest["format"] > FORMAT_VERSION:
                raise BadInput(f"{path} was written by a newer pixelmind (format {manifest['format']}); update it")
            table = lance.dataset(str(path / TABLE), version=manifest["table_version"])
            rows = table.count_rows()
        except (OSError, ValueError, KeyError, TypeError) as error:
            if type(error) is BadInput:
                raise
            raise CorruptFile(f"the store at {path} is damaged ({type(error).__name__}); import it again") from error
        if rows != manifest["rows"]:
            raise CorruptFile(f"{path} holds {rows} rows, its manifest says {manifest['rows']}; import it again")
        return cls(path, table, manifest)

    @classmethod
    def open_or_create(cls, path: Path | str) -> Store:
        """Open the store at `path`, or make an empty one."""
        return cls.open(path) if (Path(path) / MANIFEST).is_file() else cls.create(path)

    def __len__(self) -> int:
        return int(self.manifest["rows"])

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

    def append(self, samples: Iterable[Sample], batch: int = 512) -> int:
        """Add samples whose id is not stored yet, in one commit; return how many were added. See `sample_row`."""
        return self.append_rows((sample_row(s) for s in samples), batch=batch)

    def append_rows(self, rows: Iterable[dict[str, Any]], batch: int = 512) -> int:
        """Add rows shaped as `schema`; like `append`. Memory holds one batch at a time."""
        import lance
        import pyarrow as pa

        total, fresh, seen = int(self.manifest["content_hash"], 16), [], set()
        manifest = json.loads(json.dumps(self.manifest))

        def batches() -> Iterator[pa.RecordBatch]:
            nonlocal total
            for chunk in _chunks(rows, batch):
                keep = []
                for row, old in zip(chunk, self.known([r["id"] for r in chunk])):
                    if not old and row["id"] not in seen:
                        seen.add(row["id"])
                        keep.append(row)
                if not keep:
                    continue
                for row in keep:
                    total = (total + _row_hash(row)) % 2**256
                    _count(manifest, row)
                fresh.append(_keys([r["id"] for r in keep]))
                yield pa.RecordBatch.from_pylist(keep, schema=schema())

        stream = _Stream(batches())
        first = next(stream, None)
        if first is None:
            stream.check()
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
        self._commit(table, manifest | {"rows": len(self) + added, "content_hash": f"{total:064x}"})
        return added

    def merge_captions(self, captions: Mapping[str, Sequence[str]]) -> int:
        """Add captions to stored rows by id (those an exact duplicate brought); return how many rows changed."""
        import pyarrow as pa

        changed, total = [], int(self.manifest["content_hash"], 16)
        if captions:
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
        self._commit(self._table, self.manifest | entries)

    def _rewind(self) -> None:
        """Discard rows that a killed writer left behind the manifest's version."""
        import lance

        latest = lance.dataset(str(self.path / TABLE))
        if latest.version != self.manifest["table_version"]:
            self._table.restore()
        else:
            self._table = latest

    def _commit(self, table: lance.LanceDataset, manifest: dict[str, Any]) -> None:
        manifest = manifest | {"table_version": table.version}
        write_json(self.path / MANIFEST, manifest)
        self._table, self.manifest = table, manifest


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
