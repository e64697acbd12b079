"""Edit pairs at rest: a Lance table and its manifest, alone in a folder or beside the pictures of a store.

    DIR/edits.lance   one row a pair, see `schema`; row i is pair i of the configuration
    DIR/edits.json    format version, Lance version in force, configuration, rows, pairs per operation and split, attempts, content hash

The manifest is written last and atomically and names the Lance version it speaks of, so what a killed writer left behind is neither
seen nor kept, and the same command goes on where the manifest ends.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pixelmind.data import guard
from pixelmind.data.edits.pair import Edit
from pixelmind.data.splits import split_of
from pixelmind.data.store import group_cluster
from pixelmind.errors import BadInput
from pixelmind.files import write_json
from pixelmind.pixels.png import decode_png, encode_rgba_png
from pixelmind.records import SPLITS, U8, EditPair, Sample, content_id

if TYPE_CHECKING:
    import lance
    import pyarrow as pa

os.environ.setdefault("LANCE_LOG", "error")  # read when lance is first imported

FORMAT_VERSION = 1
TABLE, MANIFEST = "edits.lance", "edits.json"
_SIDES = ("before", "after")


def schema() -> pa.Schema:
    """Arrow schema of a row. Masks and regions are grey PNGs; `instructions` says the same in several ways, the first one chosen."""
    import pyarrow as pa

    text, texts, blob, number = pa.string(), pa.list_(pa.string()), pa.binary(), pa.uint16()
    sides = [
        (f"{side}_{name}", kind)
        for side in _SIDES
        for name, kind in (
            ("id", text),
            ("png", blob),
            ("height", number),
            ("width", number),
            ("captions", texts),
            ("mask_png", blob),
            ("mask_names", texts),
            ("params", text),
            ("tags", text),
        )
    ]
    plain = ("operation", "arguments", "source", "licence", "credit", "cluster", "split")
    return pa.schema([("region_png", blob), ("instructions", texts), *((name, text) for name in plain), *sides])


def _gray(a: U8) -> bytes:
    return encode_rgba_png(np.dstack([a, a, a, np.full_like(a, 255)]))


def edit_row(edit: Edit) -> dict[str, Any]:
    """A pair as a row. It lies in the split of the scene it was made from, like that scene's pictures in a store."""
    cluster = group_cluster(edit.before.source, str(edit.before.params["cluster"]))
    row: dict[str, Any] = {
        "region_png": _gray(edit.region.astype(np.uint8) * 255),
        "instructions": list(edit.wordings),
        "operation": edit.operation,
        "arguments": json.dumps(edit.arguments, sort_keys=True),
        "source": edit.before.source,
        "licence": edit.before.licence,
        "credit": edit.before.credit,
        "cluster": cluster,
        "split": split_of(cluster),
    }
    for side, raw in zip(_SIDES, (edit.before, edit.after)):
        assert raw.mask is not None
        row |= {
            f"{side}_id": content_id(raw.rgba),
            f"{side}_png": encode_rgba_png(raw.rgba),
            f"{side}_height": raw.rgba.shape[0],
            f"{side}_width": raw.rgba.shape[1],
            f"{side}_captions": list(raw.captions),
            f"{side}_mask_png": _gray(raw.mask),
            f"{side}_mask_names": list(raw.mask_names),
            f"{side}_params": json.dumps(raw.params, sort_keys=True),
            f"{side}_tags": json.dumps(raw.tags, sort_keys=True),
        }
    return row


def row_pair(row: Mapping[str, Any]) -> EditPair:
    """A row as the record that travels between rooms."""

    def side(name: str) -> Sample:
        return Sample(
            captions=tuple(row[f"{name}_captions"]),
            mask_names=tuple(row[f"{name}_mask_names"]),
            tags=json.loads(row[f"{name}_tags"]),
            params=json.loads(row[f"{name}_params"]),
            **{field: row[f"{name}_{field}"] for field in ("id", "png", "height", "width", "mask_png")},
            **{field: row[field] for field in ("source", "licence", "credit", "cluster", "split")},
        )

    region = (decode_png(row["region_png"])[..., 0] > 0).astype(np.uint8)
    return EditPair(before=side("before"), instruction=row["instructions"][0], after=side("after"), region=region)


def _hash(total: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """The content hash after more rows: each row's hash is chained to what came before."""
    for row in rows:
        said = [row[k] for k in ("before_id", "after_id", "operation", "arguments", "instructions", "split")]
        region = hashlib.sha256(row["region_png"]).hexdigest()
        total = hashlib.sha256((total + region + json.dumps(said)).encode()).hexdigest()
    return total


class EditStore:
    """A folder of edit pairs, rows numbered 0..len-1."""

    def __init__(self, path: Path, table: lance.LanceDataset, manifest: dict[str, Any]) -> None:
        self.path, self._table, self.manifest = path, table, manifest

    @classmethod
    def open(cls, path: Path | str) -> EditStore:
        """Open the pairs at `path`.

        Raises:
            BadInput: none there. CorruptFile: manifest and table do not fit together.
        """

        path = Path(path)
        if not (path / MANIFEST).is_file():
            raise BadInput(f"no edit pairs at {path}; make some with: pixelmind data edits --count 1000 --out {path}")
        remedy = f"remove {path / TABLE} and {path / MANIFEST}"
        table, manifest = guard.open_table(
            path, TABLE, MANIFEST, FORMAT_VERSION, f"the table of edit pairs at {path}", remedy
        )
        return cls(path, table, manifest)

    @classmethod
    def open_or_create(cls, path: Path | str, config: Mapping[str, Any]) -> EditStore:
        """Open the pairs at `path`, or begin them with a configuration.

        Raises:
            BadInput: the pairs there were made with another configuration.
        """
        import lance

        path = Path(path)
        if (path / MANIFEST).is_file():
            store = cls.open(path)
            if store.manifest["config"] != dict(config):
                raise BadInput(
                    f"{path} holds edit pairs of other settings ({json.dumps(store.manifest['config'])}); name another folder"
                )
            return store
        table = lance.write_dataset(schema().empty_table(), str(path / TABLE), mode="overwrite")
        manifest = {
            "format": FORMAT_VERSION,
            "table_version": table.version,
            "config": dict(config),
            "rows": 0,
            "attempts": 0,
            "operations": {},
            "splits": dict.fromkeys(SPLITS, 0),
            "content_hash": "0" * 64,
        }
        write_json(path / MANIFEST, manifest)
        return cls(path, table, manifest)

    def __len__(self) -> int:
        return int(self.manifest["rows"])

    def append(self, rows: Sequence[Mapping[str, Any]], attempts: Sequence[int]) -> None:
        """Add rows in one commit; `attempts` are the scenes drawn for each."""
        import lance
        import pyarrow as pa

        latest = lance.dataset(str(self.path / TABLE))
        if latest.version != self.manifest["table_version"]:
            self._table.restore()  # rows that a killed writer left
        batch = pa.Table.from_pylist([dict(row) for row in rows], schema=schema())
        table = lance.write_dataset(batch, str(self.path / TABLE), mode="append")
        manifest = json.loads(json.dumps(self.manifest))
        for row, tries in zip(rows, attempts):
            entry = manifest["operations"].setdefault(row["operation"], {"pairs": 0, "attempts": 0})
            entry["pairs"] += 1
            entry["attempts"] += tries
            manifest["splits"][row["split"]] += 1
        manifest |= {
            "rows": len(self) + len(rows),
            "attempts": manifest["attempts"] + sum(attempts),
            "content_hash": _hash(manifest["content_hash"], rows),
            "table_version": table.version,
        }
        write_json(self.path / MANIFEST, manifest)
        self._table, self.manifest = table, manifest

    def take(self, indices: Sequence[int]) -> list[dict[str, Any]]:
        """Rows by number, in the order asked."""
        rows: list[dict[str, Any]] = self._table.take([int(i) for i in indices]).to_pylist() if len(indices) else []
        return rows

    def pairs(self, indices: Sequence[int]) -> list[EditPair]:
        """Records by row number."""
        return [row_pair(row) for row in self.take(indices)]

    def scan(self, columns: Sequence[str] | None = None, filter: str | None = None) -> Iterator[dict[str, Any]]:
        """Rows in order; `filter` is a condition in SQL such as ``operation = 'darken' AND split = 'train'``."""
        scanner = self._table.scanner(columns=list(columns) if columns else None, filter=filter, scan_in_order=True)
        for chunk in scanner.to_batches():
            yield from chunk.to_pylist()
