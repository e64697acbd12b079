"""What keeps a store whole: one writer at a time, checksums of its files, and a full disk told plainly."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pixelmind.errors import BadInput, CorruptFile

LOCK = ".writer"


@contextmanager
def writer_lock(folder: Path) -> Iterator[None]:
    """Hold a store for writing; the lock goes with the process, however it ends.

    Raises:
        BadInput: another writer holds it (its process is named).
    """
    with open(folder / LOCK, "a+") as file:
        try:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except ImportError:  # no such lock on Windows
            pass
        except OSError as error:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise BadInput(
                f"{folder} is being written by process {holder}; wait for it to end, or write to another folder"
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def open_table(
    folder: Path, table: str, manifest: str, newest_format: int, what: str, remedy: str
) -> tuple[Any, dict[str, Any]]:
    """The Lance table of `folder` at the version its manifest names, and the manifest.

    Raises:
        BadInput: the format is newer than `newest_format`.
        CorruptFile: one of the two cannot be read, or they disagree on the rows; says `what` is damaged and its `remedy`.
    """
    import lance

    try:
        stated = json.loads((folder / manifest).read_text())
        if stated["format"] > newest_format:
            raise BadInput(f"{folder} was written by a newer pixelmind (format {stated['format']}); update it")
        rows = (found := lance.dataset(str(folder / table), version=stated["table_version"])).count_rows()
        expected = stated["rows"]
    except BadInput:
        raise
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CorruptFile(f"{what} is damaged ({type(error).__name__}); {remedy}") from error
    if rows != expected:
        raise CorruptFile(f"{what} holds {rows} rows, its manifest says {expected}; {remedy}")
    return found, stated


@contextmanager
def disk_room(folder: Path) -> Iterator[None]:
    """Turn a full disk into one clear line.

    Raises:
        BadInput: the disk under `folder` is full, or the folder cannot be written.
    """
    try:
        yield
    except (OSError, RuntimeError) as error:
        if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or "No space left" in str(error):
            raise BadInput(
                f"the disk under {folder} is full; free some space and give the same command again: "
                "what was committed is kept"
            ) from error
        raise


def sha256_file(path: Path) -> str:
    """Checksum of a file as hex, read in pieces."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fingerprints(folder: Path, names: list[str], known: Mapping[str, list[int | str]]) -> dict[str, list[int | str]]:
    """Size in bytes and sha256 of each named file in `folder`; what `known` holds is not read again."""
    return {
        name: known[name] if name in known else [(folder / name).stat().st_size, sha256_file(folder / name)]
        for name in names
    }


def wrong_sizes(folder: Path, files: Mapping[str, list[int | str]]) -> dict[str, str]:
    """Files that are missing or not as long as recorded, with the reason (cheap: reads no data)."""
    found = {}
    for name, (size, _) in files.items():
        try:
            now = (folder / name).stat().st_size
        except OSError:
            found[name] = "is missing"
            continue
        if now != size:
            found[name] = f"is cut off: {now} of {size} bytes" if now < int(size) else f"has {now} bytes, not {size}"
    return found


def wrong_files(folder: Path, files: Mapping[str, list[int | str]]) -> dict[str, str]:
    """Like `wrong_sizes`, and files whose checksum is not the recorded one (reads everything)."""
    found = wrong_sizes(folder, files)
    for name, (_, checksum) in files.items():
        if name not in found and sha256_file(folder / name) != checksum:
            found[name] = "has a wrong checksum"
    return found
