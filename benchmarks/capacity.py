"""What a million users need: cores, replicas, disk and training, by arithmetic from what was measured.

.venv/bin/python benchmarks/capacity.py           writes docs/capacity.md from benchmarks/replicas.json and scale.json
"""

from __future__ import annotations

import json
import math
import statistics
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "capacity.md"
#: Assumed, not measured. Put your own here.
USERS, ACTIVE_A_DAY, PICTURES_A_DAY, PEAK, BUSY = 1_000_000, 0.10, 20, 3.0, 0.6
CORES_A_MACHINE, CORE_HOUR, GB_MONTH, KEPT = 64, 0.04, 0.02, 0.25


def page() -> str:
    """Every figure comes from the two files, the constants above, or their product."""
    served = json.loads((HERE / "replicas.json").read_text())
    stored = json.loads((HERE / "scale.json").read_text())
    cpu = statistics.median(r["cpu_s_a_picture"] for r in served["two"])
    row = stored["run"]["bytes_a_row"]
    day = USERS * ACTIVE_A_DAY * PICTURES_A_DAY
    mean, peak = day / 86_400, day / 86_400 * PEAK
    replicas = math.ceil(peak * cpu / BUSY)
    average = mean * cpu / BUSY
    disk = day * KEPT * 365 * row / 1e9
    rows = [
        ("pictures a day", f"{day:,.0f}", "users x share active x pictures each"),
        ("pictures a second, mean / peak", f"{mean:,.1f} / {peak:,.1f}", f"the day evenly / x {PEAK:g}"),
        ("CPU seconds a picture", f"{cpu:.3f}", "`.venv/bin/python benchmarks/replicas.py`, two replicas"),
        ("replicas of one core at the peak", f"{replicas}", f"peak x CPU seconds / {BUSY:g} busy"),
        ("replicas over the day, by autoscaling", f"{average:.0f}", "the same of the mean"),
        (f"machines of {CORES_A_MACHINE} cores at the peak", f"{math.ceil(replicas / CORES_A_MACHINE)}", ""),
        ("cost of drawing a month", f"${average * 730 * CORE_HOUR:,.0f}", f"${CORE_HOUR:g} a core hour"),
        (
            "disk after a year",
            f"{disk:,.0f} GB",
            f"{KEPT:.0%} of the pictures kept, {row:,.0f} B each as in [scale](scale.md)",
        ),
        ("cost of that disk a month", f"${disk * GB_MONTH:,.0f}", f"${GB_MONTH:g} a GB and month"),
        ("rows written a second at the peak", f"{peak * KEPT:,.0f}", "one a kept picture; one PostgreSQL"),
    ]
    lines = [
        "# Capacity: a million users",
        "",
        "Written by `benchmarks/capacity.py` from `benchmarks/replicas.json` and `benchmarks/scale.json`, not by hand.",
        "How to run it on several machines: [cluster](cluster.md).",
        "",
        f"Assumed, not measured: {USERS:,} users, {ACTIVE_A_DAY:.0%} active a day, {PICTURES_A_DAY} pictures each "
        f"({served['asked']['size']}, checked), a peak of {PEAK:g} times the mean, cores busy to {BUSY:.0%} so that queues stay short.",
        "",
        "| what | figure | from |",
        "|---|--:|---|",
        *(f"| {name} | {value} | {source} |" for name, value, source in rows),
        "",
        "Multiplied in a straight line. Measured are a replica's seconds and a row's bytes, on two cores. Not measured: more than two",
        "replicas, more than one machine, one PostgreSQL at such a rate, and the proxy of Ray Serve beyond some requests a second; put a",
        "proxy on each machine before that. Edits, turns of a dialogue and learning are not counted.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE)
