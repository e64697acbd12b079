"""What was said, out of the database as records: JSON Lines or Parquet, written whole or not at all.

JSON Lines: one PreferencePair or Feedback record a line, as `to_dict` gives them. Parquet: one row each, pictures as PNG. Ties are not
pairs and are left out; who is simulated stands in every row.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from pixelmind.errors import BadInput
from pixelmind.pixels.png import encode_png
from pixelmind.records import Feedback, PreferencePair
from pixelmind.storage import AXES, Database, NotFound, User

SUFFIXES = (".jsonl", ".parquet")
BATCH = 256


def records(
    db: Database, user: User | str | None = None, simulated: bool | None = None
) -> Iterator[PreferencePair | Feedback]:
    """All choices, then all ratings, events and verdicts, oldest first; `simulated` asks for those of simulated people, or of real ones.

    Choices about sprites that were deleted meanwhile are passed over.
    """
    for choice in db.feedback.pairs(user, simulated):
        try:
            yield choice.record()
        except NotFound:
            continue
    for row in db.feedback.each(user):
        if row.kind != "preference" and simulated in (None, row.simulated):
            yield row.record()


def export(
    db: Database, out: Path | str, user: User | str | None = None, simulated: bool | None = None
) -> dict[str, int]:
    """Write the records to FILE.jsonl or FILE.parquet; how many of each kind there were.

    Raises:
        BadInput: another ending, nothing to write, a place that cannot be written, or Parquet without its library.
    """
    path = Path(out).expanduser()
    if path.suffix not in SUFFIXES:
        raise BadInput(f"{path.name} must end in {' or '.join(SUFFIXES)}")
    counts = {"pairs": 0, "feedback": 0}

    def counted() -> Iterator[PreferencePair | Feedback]:
        for record in records(db, user, simulated):
            counts["pairs" if isinstance(record, PreferencePair) else "feedback"] += 1
            yield record

    write = _write_lines if path.suffix == ".jsonl" else _write_parquet
    with _whole(path) as file:
        write(file, counted())
        if not any(counts.values()):
            raise BadInput("there is nothing to export: no one has chosen or rated yet")
    return counts


@contextmanager
def _whole(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes its place when all of it is on disk, and leaves nothing behind if something fails before."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise BadInput(f"cannot write {path}: {error.strerror or error}") from error
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError as error:
        Path(temporary).unlink(missing_ok=True)
        raise BadInput(f"cannot write {path}: {error.strerror or error}") from error
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _write_lines(file: IO[bytes], found: Iterator[PreferencePair | Feedback]) -> None:
    for record in found:
        file.write(json.dumps(record.to_dict(), ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


def _row(record: PreferencePair | Feedback) -> dict[str, Any]:
    row: dict[str, Any] = {"record": type(record).__name__, "user": record.user, "simulated": record.simulated}
    if isinstance(record, PreferencePair):
        return {
            **row,
            "prompt": record.prompt,
            "chosen": encode_png(record.chosen),
            "rejected": encode_png(record.rejected),
        }
    return {
        **row,
        "sprite_id": record.sprite_id,
        "event": record.event,
        "created": record.created,
        **{axis: record.ratings.get(axis) for axis in AXES},
    }


def _write_parquet(file: IO[bytes], found: Iterator[PreferencePair | Feedback]) -> None:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise BadInput("Parquet needs pyarrow: pip install 'pixelmind[train]'; or write .jsonl") from error
    text, picture, number = pa.string(), pa.binary(), pa.int8()
    schema = pa.schema(
        [
            ("record", text),
            ("user", text),
            ("simulated", pa.bool_()),
            ("prompt", text),
            ("chosen", picture),
            ("rejected", picture),
            ("sprite_id", text),
            ("event", text),
            ("created", text),
            *((axis, number) for axis in AXES),
        ]
    )
    with pq.ParquetWriter(file, schema) as writer:
        rows: list[dict[str, Any]] = []
        for record in found:
            rows.append(_row(record))
            if len(rows) == BATCH:
                writer.write_table(pa.Table.from_pylist(rows, schema))
                rows = []
        writer.write_table(pa.Table.from_pylist(rows, schema))
