"""The speeds of the README's table on this machine: `make bench` prints them and writes benchmarks/speed.json.

Each figure is the best of several rounds (other work on the machine only ever slows a round down).
"""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

THREADS = 2


def best(call: Callable[[], object], rounds: int = 5) -> float:
    """Fewest seconds of some rounds, after one that is not counted."""
    call()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def python(code: str) -> str:
    """What a fresh interpreter prints."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def process(*arguments: str) -> float:
    """Seconds of a whole `pixelmind …` process."""
    return best(
        lambda: subprocess.run([sys.executable, "-m", "pixelmind.cli", *arguments], capture_output=True, check=True), 3
    )


def light() -> dict[str, float]:
    """What needs no weights."""
    import numpy as np

    from pixelmind.pixels import palettes, png, quantize

    timing = "import time; t = time.perf_counter(); import pixelmind; print(time.perf_counter() - t)"
    rgba = np.random.default_rng(0).integers(0, 256, (64, 64, 4), dtype=np.uint8)
    file = png.encode_png(quantize.to_palette(rgba[:32, :32], palettes.get("db32")))
    return {
        "import pixelmind, s": min(float(python(timing)) for _ in range(5)),
        "pixelmind --help, s": process("--help"),
        "PNG 32x32 decoded, a second": 500 / best(lambda: [png.decode_png(file) for _ in range(500)]),
        "quantise 64x64 to 32 colours, ms": 1000 * best(lambda: quantize.to_palette(rgba, palettes.get("db32")), 20),
    }


def drawing() -> dict[str, float]:
    """What needs the released weights."""
    import pixelmind

    pipe = pixelmind.load(threads=THREADS)
    with tempfile.TemporaryDirectory() as folder:
        command = [
            "generate",
            "8-bit castle with red flags",
            "--size",
            "64x64",
            "--seed",
            "0",
            "--no-preview",
            "-o",
            folder + "/",
        ]
        return {
            "one 64x64, warm, 2 threads, s": best(lambda: pipe("8-bit castle with red flags", size=(64, 64), seed=0)),
            "one 32x32, warm, 2 threads, s": best(lambda: pipe("a green slime with a crown", size=(32, 32), seed=0)),
            "whole generate process, 64x64, s": process(*command),
            "resident memory after drawing, MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }


def main() -> None:
    """Measure, print, write."""
    from pixelmind.errors import BadInput

    figures = light()
    try:
        figures |= drawing()
    except BadInput as error:
        print(f"not measured: {error}", file=sys.stderr)
    for name, value in figures.items():
        print(f"{name:40} {value:12.4g}")
    about = {"machine": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version()}
    Path(__file__).with_suffix(".json").write_text(json.dumps({**about, "figures": figures}, indent=2) + "\n")


if __name__ == "__main__":
    main()
