"""Stores for other programs: an ImageFolder with metadata.jsonl, or Parquet files as Hugging Face datasets reads them.

Licence and credit go with every picture. An exported ImageFolder can be imported again: pixels, licences and credits
come back the same, words as an import cleans them. The folder appears whole or not at all.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pixelmind.data import guard
from pixelmind.data.stats import credits
from pixelmind.data.store import Store
from pixelmind.errors import BadInput
from pixelmind.records import SPLITS

FORMATS = ("imagefolder", "parquet")
ROWS_A_FILE = 10_000  # pictures in one Parquet file, and in one folder of pictures
_COLUMNS = (
    "id",
    "png",
    "height",
    "width",
    "captions",
    "source",
    "licence",
    "credit",
    "tags",
    "split",
    "mask_png",
    "mask_names",
)


@dataclass(frozen=True, kw_only=True)
class ExportResult:
    """Where the export lies, and its pictures by split."""

    folder: Path
    pictures: dict[str, int]


def export(
    store: Store, out_dir: Path | str, form: str = "imagefolder", *, source: str = "", split: str = ""
) -> ExportResult:
    """Write the pictures of a store to a new folder.

    Args:
        store: what to export.
        out_dir: folder that does not exist yet.
        form: "imagefolder" (PNG files and masks, metadata.jsonl) or "parquet" (train-00000.parquet …, pictures inside).
        source, split: only these pictures; empty means all.

    Raises:
        BadInput: an unknown format, source or split, a folder that exists, nothing to export, a full disk.
    """
    out = Path(out_dir)
    if form not in FORMATS:
        raise BadInput(f"unknown format {form!r}; use one of {', '.join(FORMATS)}")
    for what, name, known in (("source", source, tuple(store.manifest["sources"])), ("split", split, SPLITS)):
        if name and name not in known:
            raise BadInput(f"no {what} named {name!r} in {store.path}; there are: {', '.join(known)}")
    if out.exists():
        raise BadInput(f"{out} exists; name a new folder")
    told = [f"{column} = '{name}'" for column, name in (("source", source), ("split", split)) if name]
    partial = out.with_name(out.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    with guard.disk_room(out.parent):
        partial.mkdir(parents=True)
        try:
            rows = store.scan(_COLUMNS, filter=" AND ".join(told) or None, batch=256)
            counts = _image_folder(rows, partial) if form == "imagefolder" else _parquet(rows, partial)
            if not counts:
                raise BadInput(
                    f"{store.path} holds no picture of {' and '.join(told) or 'any kind'}; nothing was written"
                )
            (partial / "CREDITS.txt").write_text("\n".join(credits(store)) + "\n", encoding="utf-8")
            partial.rename(out)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return ExportResult(folder=out, pictures=counts)


def _about(row: dict[str, Any]) -> dict[str, Any]:
    """The words and origins of a picture; tags (kind, style, genre, view …) as columns of their own."""
    own = {"captions": row["captions"], "licence": row["licence"], "credit": row["credit"], "source": row["source"]}
    return json.loads(row["tags"]) | own | {"id": row["id"], "split": row["split"], "regions": row["mask_names"]}


def _image_folder(rows: Iterator[dict[str, Any]], folder: Path) -> dict[str, int]:
    counts: dict[str, int] = {}
    with open(folder / "metadata.jsonl", "w", encoding="utf-8") as listing:
        for row in rows:
            number = counts.get(row["split"], 0)
            counts[row["split"]] = number + 1
            name = f"{row['split']}/{number // ROWS_A_FILE:04d}/{row['id'][:20]}.png"
            _write(folder / name, row["png"])
            about = {"file_name": name} | _about(row)
            if row["mask_png"] is not None:
                about["mask_file_name"] = f"masks/{name}"
                _write(folder / "masks" / name, row["mask_png"])
            listing.write(json.dumps(about, ensure_ascii=False) + "\n")
    return counts


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _parquet(rows: Iterator[dict[str, Any]], folder: Path) -> dict[str, int]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    picture = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    texts = pa.list_(pa.string())
    schema = pa.schema(
        [
            ("image", picture),
            ("captions", texts),
            ("mask", picture),
            ("regions", texts),
            *((name, pa.string()) for name in ("kind", "style", "genre", "view", "source", "licence", "credit", "id")),
        ]
    )
    counts: dict[str, int] = {}
    held: dict[str, list[dict[str, Any]]] = {}

    def flush(split: str) -> None:
        part = (counts[split] - 1) // ROWS_A_FILE
        pq.write_table(pa.Table.from_pylist(held.pop(split), schema), folder / f"{split}-{part:05d}.parquet")

    for row in rows:
        about, split = _about(row), row["split"]
        image = {"bytes": row["png"], "path": f"{row['id'][:20]}.png"}
        mask = None if row["mask_png"] is None else {"bytes": row["mask_png"], "path": f"{row['id'][:20]}-mask.png"}
        held.setdefault(split, []).append({**about, "image": image, "mask": mask})
        counts[split] = counts.get(split, 0) + 1
        if counts[split] % ROWS_A_FILE == 0:
            flush(split)
    for split in list(held):
        flush(split)
    return counts
