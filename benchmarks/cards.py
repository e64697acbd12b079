"""Fill the tables of docs/data_card.md and write docs/credits.md from the manifest that the weights carry.

    .venv/bin/python benchmarks/cards.py [--manifest FILE]

FILE is a bundle's manifest.json (default: the released one) or a store's.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

from pixelmind.files import write_bytes
from pixelmind.training.weights import released

DOCS = Path(__file__).resolve().parent.parent / "docs"
SPLITS = ("train", "val", "test", "judge")


def source_table(data: dict[str, Any]) -> str:
    """One row a source: pictures, pictures a split, licences, how many are credited."""
    rows = ["| source | pictures | train / val / test / judge | licences | credits |", "|---|--:|--:|---|--:|"]
    for name, entry in sorted(data["sources"].items()):
        splits = " / ".join(f"{entry['splits'].get(s, 0):,}" for s in SPLITS)
        licences = ", ".join(f"{k} ({v:,})" for k, v in sorted(entry["licences"].items(), key=lambda x: -x[1]))
        rows.append(f"| {name} | {entry['images']:,} | {splits} | {licences} | {len(entry['credits'])} |")
    splits = " / ".join(f"{data['splits'].get(s, 0):,}" for s in SPLITS)
    rows.append(f"| **all** | **{data['rows']:,}** | {splits} | | |")
    return "\n".join(rows)


def skipped_table(data: dict[str, Any]) -> str:
    """One row a source: what was left out and why."""
    rows = ["| source | left out |", "|---|---|"]
    for name, reasons in sorted(data.get("skipped", {}).items()):
        told = ", ".join(f"{count:,} {reason}" for reason, count in sorted(reasons.items(), key=lambda x: -x[1]))
        rows.append(f"| {name} | {told} |")
    return "\n".join(rows)


def credits(data: dict[str, Any]) -> str:
    """docs/credits.md: everybody to name, by source."""
    lines = [
        "# Credits",
        "",
        "The pictures that the weights, the judge and the tests learnt from or were measured on, by source. Thank you.",
        "Licences a source: see the [data card](data_card.md). Written by `benchmarks/cards.py` from the manifest.",
    ]
    for name, entry in sorted(data["sources"].items()):
        lines += ["", f"## {name}", ""]
        lines += [
            f"- {who} ({count:,})" for who, count in sorted(entry["credits"].items(), key=lambda x: (-x[1], x[0]))
        ]
    return "\n".join(lines) + "\n"


def fill(text: str, name: str, table: str) -> str:
    """Replace what stands between `<!-- NAME -->` and `<!-- /NAME -->`."""
    changed, count = re.subn(
        rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", lambda m: f"{m[1]}{table}\n{m[2]}", text, flags=re.S
    )
    if count != 1:
        sys.exit(f"error: docs/data_card.md has no <!-- {name} --> … <!-- /{name} -->")
    return changed


def main() -> None:
    """Read the manifest, write both pages."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--manifest", type=Path, default=released() / "manifest.json")
    path = parser.parse_args().manifest
    if not path.is_file():
        sys.exit(f"error: no manifest at {path}; name a bundle's or a store's: --manifest FILE")
    data = json.loads(path.read_text(encoding="utf-8"))
    data = data.get("data", data)
    if "sources" not in data:
        sys.exit(f"error: {path} says nothing about data; finish a training run, or name the store's: --manifest FILE")
    card = DOCS / "data_card.md"
    text = fill(card.read_text(encoding="utf-8"), "sources", source_table(data))
    text = fill(text, "manifest", f"Store `{data['content_hash'][:12]}`.")
    write_bytes(card, fill(text, "skipped", skipped_table(data)).encode())
    print(card)
    print(write_bytes(DOCS / "credits.md", credits(data).encode()))


if __name__ == "__main__":
    main()
