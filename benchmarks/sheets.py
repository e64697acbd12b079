"""Draw the contact sheets of docs/data: 64 scenes a genre, 16 a family.

python benchmarks/sheets.py STORE      (a store made by: pixelmind data synth --count 300000 --out STORE)
"""

from __future__ import annotations

import argparse
from pathlib import Path

from pixelmind.data.procedural.family import GENRES
from pixelmind.data.procedural.scene import families
from pixelmind.data.show import show
from pixelmind.data.store import Store

FOLDER = Path(__file__).parents[1] / "docs" / "data"

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    store = Store.open(parser.parse_args().store)
    lines = [
        "# Contact sheets of the drawn scenes",
        "",
        f"At native size, taken at random from the {len(store):,} scenes of `pixelmind data synth --count {len(store)}` (seed 0),",
        "each with its first caption; nothing was picked. Made by `python benchmarks/sheets.py STORE`.",
        "They are training data: `generate` never draws with them.",
        "",
        f"[Genres](#genres) ({len(GENRES)}, 64 scenes each) · [Families](#families) ({len(families())}, 16 scenes each)",
    ]
    for title, names, count in (("Genres", GENRES, 64), ("Families", sorted(families()), 16)):
        lines += ["", f"## {title}"]
        for name in names:
            picture = f"{title.lower()}/{name.replace(' ', '-')}.png"
            key = "genre" if title == "Genres" else "family"
            show(store, FOLDER / picture, n=count, scale=1, columns=8, **{key: name})
            lines += ["", f"### {name}", "", f"![{count} {name} scenes]({picture})"]
    (FOLDER / "sheets.md").write_text("\n".join(lines) + "\n")
