"""Checkpoints: `checkpoints/step-00001000/` with modules, ema0, ema1 and optimizer as safetensors, and state.json.

Nothing is pickled. A checkpoint is written to a hidden folder, flushed to disk and renamed, so that a kill at any
moment leaves the older ones whole; state.json holds the sha256 of every file and is verified on loading.
No RNG state is stored: every draw of the loop is a function of (seed, step), see seeds.py.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from pixelmind.errors import BadInput, CorruptFile
from pixelmind.training.bundle import StateDict, read_tensors, sha256_file, to_bytes, unflatten

VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """A verified checkpoint: where it lies, its tensors by file ("modules", "ema0", "optimizer") and its scalars."""

    path: Path
    tensors: dict[str, StateDict]
    state: dict[str, Any]

    def modules(self, ema: int | None = None) -> dict[str, StateDict]:
        """Return {module: state dict} of the trained weights, or of EMA number `ema`."""
        return unflatten(self.tensors["modules" if ema is None else f"ema{ema}"])


def folder(run_dir: Path, step: int) -> Path:
    """Where the checkpoint of a step lies."""
    return run_dir / "checkpoints" / f"step-{step:08d}"


def present(run_dir: Path) -> list[Path]:
    """All checkpoint folders of a run, newest first, unverified."""
    return sorted((run_dir / "checkpoints").glob("step-*"), reverse=True)


def save(
    run_dir: Path, step: int, tensors: Mapping[str, Mapping[str, Tensor]], state: Mapping[str, Any], keep: int
) -> Path:
    """Write the checkpoint of `step` whole or not at all, then drop all but the `keep` newest."""
    target = folder(run_dir, step)
    temporary = target.with_name(f".writing-{target.name}")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        hashes = {}
        for name, group in tensors.items():
            data = to_bytes(group)
            hashes[name] = hashlib.sha256(data).hexdigest()
            _write(temporary / f"{name}.safetensors", data)
        body = {"version": VERSION, "step": step, **state, "sha256": hashes}
        _write(temporary / "state.json", (json.dumps(body, indent=2) + "\n").encode())
        _sync(temporary)
        if target.exists():  # a damaged one that was fallen back from
            shutil.rmtree(target)
        os.rename(temporary, target)
        _sync(target.parent)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    for old in present(run_dir)[keep:]:
        shutil.rmtree(old, ignore_errors=True)
    return target


def _write(path: Path, data: bytes) -> None:
    with open(path, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(directory: Path) -> None:
    if os.name == "posix":
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def load(path: Path) -> Checkpoint:
    """Read one checkpoint and verify every hash.

    Raises:
        CorruptFile: a file is missing, damaged or of a newer version.
    """
    try:
        state = json.loads((path / "state.json").read_text(encoding="utf-8"))
        hashes = dict(state.pop("sha256"))
        version = state.pop("version")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CorruptFile(f"checkpoint {path} cannot be read: {error!r}") from error
    if version > VERSION:
        raise CorruptFile(f"checkpoint {path} is of version {version}, this program knows {VERSION}: update pixelmind")
    tensors = {}
    for name, expected in hashes.items():
        file = path / f"{name}.safetensors"
        if not file.is_file() or sha256_file(file) != expected:
            raise CorruptFile(f"checkpoint {path} is damaged: {file.name} does not match its sha256")
        tensors[name] = read_tensors(file)
    return Checkpoint(path=path, tensors=tensors, state=state)


def newest(run_dir: Path, warn: Callable[[str], None] = lambda line: None) -> Checkpoint | None:
    """Return the newest whole checkpoint, or None where there is none; `warn` is told of each damaged one passed over.

    Raises:
        CorruptFile: there are checkpoints, but all are damaged.
    """
    paths = present(run_dir)
    for path in paths:
        try:
            return load(path)
        except CorruptFile as error:
            warn(f"{error}; falling back to the one before")
    if paths:
        raise CorruptFile(f"all {len(paths)} checkpoints in {run_dir} are damaged: remove that folder to start anew")
    return None


def run_weights(run_dir: Path | str, ema: int = 0) -> dict[str, StateDict]:
    """Return {module: state dict} of a run's newest checkpoint: EMA number `ema`, or the live weights if it has none.

    Raises:
        BadInput: the folder holds no checkpoint.
    """
    found = newest(Path(run_dir))
    if found is None:
        raise BadInput(f"{run_dir} holds no checkpoint: train there first")
    return found.modules(ema if f"ema{ema}" in found.tensors else None)
