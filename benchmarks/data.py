"""The data room's figures of the README's table: loader, drawn scenes, peak memory of an import.

    .venv/bin/python benchmarks/data.py [--store STORE] [--art ../shared/data]

What is not named is not measured. Other work on the machine only ever slows a round down, so rates are the best of some.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pixelmind.data.loader import Loader
from pixelmind.data.procedural.config import SynthConfig
from pixelmind.data.procedural.stage import scene_at
from pixelmind.data.store import Store

BATCH, BATCHES, ROUNDS = 128, 100, 3
SCENES = 300


def loader_rates(path: Path) -> tuple[float, float]:
    """Samples a second of the training split, up to 64 px, captions and palettes included: first pass, then from the cache."""
    loader = Loader(Store.open(path), "train", BATCH, 0)
    rates = []
    for _ in range(ROUNDS + 1):
        start = time.perf_counter()
        for step in range(BATCHES):
            loader.batch(step)
        rates.append(BATCH * BATCHES / (time.perf_counter() - start))
    return rates[0], max(rates[1:])


def scene_rate() -> float:
    """64x64 scenes a second in this process, of all families and styles, with masks and captions."""
    config = SynthConfig(num_samples=SCENES, min_size=64, max_size=64, progress=False)
    best = 0.0
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for index in range(SCENES):
            scene_at(config, index)
        best = max(best, SCENES / (time.perf_counter() - start))
    return best


def import_memory(art: Path) -> tuple[float, int]:
    """Peak resident MiB of one process that imports every source, evaluation-only art too, and the pictures it added."""
    code = (
        "import resource, sys; from pathlib import Path;"
        "from pixelmind.data.config import ImportConfig; from pixelmind.data.stage import import_sources;"
        "r = import_sources(ImportConfig(evaluation_only=True, progress=False), [Path(sys.argv[1])], Path(sys.argv[2]));"
        "print('peak', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, r.added)"
    )
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", code, str(art.resolve()), f"{folder}/store"]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"peak (\d+) (\d+)", said)
    assert found is not None
    return int(found[1]) / 1024, int(found[2])


def main() -> None:
    """Measure what was named, print, write benchmarks/data.json."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--store", type=Path, help="a store with a train split")
    parser.add_argument("--art", type=Path, help="folder of art to import (some minutes)")
    options = parser.parse_args()
    figures: dict[str, float] = {"drawn scenes, 64x64 a second": scene_rate()}
    if options.store:
        first, cached = loader_rates(options.store)
        figures |= {"loader, samples a second, first pass": first, "loader, samples a second, cached": cached}
    if options.art:
        figures["peak memory of the import, MiB"], figures["pictures imported"] = import_memory(options.art)
    for name, value in figures.items():
        print(f"{name:40} {value:12.5g}")
    Path(__file__).with_suffix(".json").write_text(json.dumps({"figures": figures}, indent=2) + "\n")


if __name__ == "__main__":
    main()
