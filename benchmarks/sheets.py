"""Draw the contact sheets of docs/data_sheets.md: 64 scenes a genre, and one sheet of compositions.

python benchmarks/sheets.py [--count 12000]
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from pixelmind.data.procedural.config import SynthConfig
from pixelmind.data.procedural.family import GENRES
from pixelmind.data.procedural.scene import families
from pixelmind.data.procedural.stage import synth
from pixelmind.data.show import show
from pixelmind.data.store import Store

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "images" / "genres"

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=12_000)
    args = parser.parse_args()
    lines = [
        "# Contact sheets of the drawn scenes",
        "",
        f"64 scenes a genre at native size, drawn at random from `pixelmind data synth --count {args.count}` (seed 0), each with",
        f"its first caption; nothing was picked. There are {len(families())} families. Made by `python benchmarks/sheets.py`.",
        "They are training data: `generate` never draws with them.",
    ]
    with tempfile.TemporaryDirectory() as folder:
        synth(SynthConfig(num_samples=args.count), Path(folder) / "store")
        store = Store.open(Path(folder) / "store")
        for genre in GENRES:
            name = f"{genre.replace(' ', '-')}.png"
            show(store, FOLDER / name, n=64, genre=genre, scale=1, columns=8)
            lines += ["", f"## {genre}", "", f"![64 {genre} scenes](images/genres/{name})"]
    (ROOT / "docs" / "data_sheets.md").write_text("\n".join(lines) + "\n")
