"""Memory: what this process holds in RAM, and the most it has held (Linux: VmRSS and VmHWM of /proc/self/status), in MiB.

Fails when: the evaluation itself holds stores and the judge, so it is an upper bound of what drawing needs; shared pages count fully.
The bench of the README measures drawing in a process of its own.
"""

from __future__ import annotations

from pathlib import Path


def resident_mib(status: Path = Path("/proc/self/status")) -> tuple[float, float] | None:
    """Return (now, at most so far) in MiB; None where the system does not tell."""
    try:
        rows = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        now, most = (int(rows[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
    except (OSError, KeyError, ValueError):
        return None
    return now, most
