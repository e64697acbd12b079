"""The run directory contract (DESIGN §4): config.toml, environment.json, a lock; a resume must be the same run."""

from __future__ import annotations

import datetime
import json
import os
import platform
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

import torch

from pixelmind.errors import BadInput, CorruptFile
from pixelmind.files import write_bytes, write_json
from pixelmind.training.config import differences, resolved

PACKAGES = ("pixelmind", "torch", "numpy", "safetensors", "transformers", "pylance")


@contextmanager
def locked(run_dir: Path) -> Iterator[None]:
    """Hold the run directory for this process; the lock goes with the process, however it ends.

    Raises:
        BadInput: another process trains there, or the folder cannot be made.
    """
    try:
        run_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"cannot make the run folder {run_dir}: {error.strerror}") from error
    with open(run_dir / ".lock", "a") as file:
        try:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except ImportError:  # no such lock on Windows
            pass
        except OSError as error:
            raise BadInput(f"another process is training in {run_dir}: wait for it or choose another --out") from error
        yield


def check_config(run_dir: Path, config: Mapping[str, Any]) -> None:
    """Compare with the stored config.toml, if any, and store `config`.

    Raises:
        BadInput: a key differs that may not (budgets and cadences may).
    """
    path = run_dir / "config.toml"
    if path.exists():
        try:
            stored = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise CorruptFile(f"{path} cannot be read: {error}") from error
        changed = differences(stored, config)
        if changed:
            more = f" (and {len(changed) - 3} more)" if len(changed) > 3 else ""
            raise BadInput(
                f"{run_dir} was begun with another config: {'; '.join(changed[:3])}{more}; "
                "give the same again or another --out"
            )
    write_bytes(path, resolved(config).encode())


def write_environment(run_dir: Path, *, seed: int, data_hash: str, device: str, step: int) -> list[str]:
    """Write or extend environment.json: what ran where; one entry in `sessions` for each invocation.

    Returns lines worth telling the user: data or code that changed since the last session.
    """
    path = run_dir / "environment.json"
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    session = {"started": now, "from_step": step, "commit": _commit(), "data_manifest_sha256": data_hash}
    session["device"] = device
    told: list[str] = []
    try:
        sessions = json.loads(path.read_text(encoding="utf-8"))["sessions"]
    except (OSError, ValueError, KeyError):
        sessions = []
    if sessions and sessions[-1].get("data_manifest_sha256") != data_hash:
        told.append("note: the data changed since the last session of this run")
    environment = {
        "started": sessions[0]["started"] if sessions else now,
        "seed": seed,
        "commit": session["commit"],
        "data_manifest_sha256": data_hash,
        "versions": {"python": platform.python_version()} | {p: _version(p) for p in PACKAGES},
        "hardware": _hardware(device),
        "sessions": [*sessions, session],
    }
    write_json(path, environment)
    return told


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _commit() -> str | None:
    """The commit of the checkout this code runs from, with "+" where it has changes; None for an installed copy."""
    here = Path(__file__).parent
    try:
        run = [
            subprocess.run(["git", "-C", str(here), *args], capture_output=True, text=True, timeout=20)
            for args in (
                ["ls-files", "--error-unmatch", __file__],
                ["rev-parse", "HEAD"],
                ["status", "--porcelain", "-uno"],
            )
        ]
    except (OSError, subprocess.TimeoutExpired):
        return None
    if any(r.returncode for r in run):
        return None
    return run[1].stdout.strip() + ("+" if run[2].stdout.strip() else "")


def _hardware(device: str) -> dict[str, Any]:
    model = platform.processor()
    memory = None
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), model)
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "device": device,
        "cpu": model,
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "memory_bytes": memory,
        "platform": platform.platform(),
    }
