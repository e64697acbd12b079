"""A measured figure with its floor and ceiling, and where and when it was measured."""

from __future__ import annotations

import datetime
import os
import platform
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pixelmind.records import EvalResult


@dataclass(frozen=True, kw_only=True, eq=False)
class Figure(EvalResult):
    """An EvalResult with its section and scale. `spread` is half the width of a 95 % bootstrap interval over prompts,
    unless the note says otherwise; `baseline` is the figure real pictures reach where that is not the ceiling."""

    section: str
    floor: float | None = None
    ceiling: float | None = None
    unit: str = ""


def commit() -> str:
    """Return the commit of the source tree, with "+" where files differ from it, or the package version outside one."""

    def run(*args: str) -> str:
        done = subprocess.run(
            ["git", *args], cwd=Path(__file__).parent, capture_output=True, text=True, check=True, timeout=10
        )
        return done.stdout.strip()

    try:
        return run("rev-parse", "--short=12", "HEAD") + ("+" if run("status", "--porcelain", "-uno") else "")
    except (OSError, subprocess.SubprocessError):
        from pixelmind import __version__

        return f"v{__version__}"


def environment() -> dict[str, Any]:
    """Return commit, date, hardware, versions and the command: what a reader needs to repeat the measurement."""
    import torch

    cpu = platform.machine()
    if (info := Path("/proc/cpuinfo")).is_file():
        names = [
            line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")
        ]
        cpu = names[0] if names else cpu
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU"
    return {
        "commit": commit(),
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "hardware": f"{cpu}, {os.cpu_count()} cores, {torch.get_num_threads()} threads used, {gpu}",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "command": shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]]),
    }
