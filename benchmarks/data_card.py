"""Fill the measured parts of docs/data_card.md from a store.

    .venv/bin/python benchmarks/data_card.py STORE [--before STORE]

What stands between `<!-- stats:NAME -->` and `<!-- /stats:NAME -->` is written anew: sources, captions, faults (with
`--before`, those of an older store beside them), licences, coverage and biases. The tables of the released weights in
the same page come from `cards.py`.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import Any

from captions import count_faults, known_words
from cards import DOCS, fill

from pixelmind.data.stats import stats
from pixelmind.data.store import Store
from pixelmind.files import write_bytes


def _table(head: str, rows: list[str]) -> str:
    columns = head.count("|") - 1
    return "\n".join([head, "|---" + "|--:" * (columns - 1) + "|", *rows])


def sources(figures: dict[str, Any]) -> str:
    """One row a source: pictures, masks, sizes."""
    rows = []
    for name, e in figures["sources"].items():
        masks, side = e["masks"], e["by_longer_side"]
        sides = " | ".join(f"{n:,}" for n in side.values())
        rows.append(
            f"| {name} | {e['images']:,} | {masks.get('parts', 0):,} | {masks.get('foreground', 0):,} | {sides} | {e['sizes']:,} |"
        )
    sides = " | ".join(f"{s} px" for s in next(iter(figures["sources"].values()))["by_longer_side"])
    return _table(f"| source | pictures | part masks | foreground masks | {sides} | different sizes |", rows)


def captions(figures: dict[str, Any]) -> str:
    """One row a source: captions, their length and vocabulary."""
    rows = []
    for name, e in figures["sources"].items():
        c = e["captions"]
        words = f"{c['words']['min']} / {c['words']['median']:g} / {c['words']['max']}"
        rows.append(f"| {name} | {c['number']:,} | {c['distinct']:,} | {words} | {c['vocabulary']:,} |")
    rows.append(f"| **all** | {figures['captions']:,} | | | {figures['vocabulary']:,} |")
    return _table("| source | captions | distinct | words min / median / max | vocabulary |", rows)


def faults(now: dict[str, dict[str, int]], before: dict[str, dict[str, int]]) -> str:
    """One row a source: the share of captions with a fault."""

    def told(c: dict[str, int] | None) -> str:
        return (
            f"{c['faulty_captions']:,} of {c['captions']:,} ({c['faulty_captions'] / c['captions']:.1%})" if c else ""
        )

    rows = [f"| {name} | {told(before.get(name))} | {told(c)} |" for name, c in sorted(now.items())]
    return _table("| source | before | now |", rows)


def licences(figures: dict[str, Any]) -> str:
    """One row a licence: the ledger."""
    rows = []
    for name, e in figures["ledger"].items():
        held = ", ".join(f"{source} {n:,}" for source, n in e["sources"].items())
        flags = " | ".join("yes" if e[key] else "no" for key in ("may_train", "share_alike"))
        rows.append(f"| {name} | {e['pictures']:,} | {e['credit_lines']} | {flags} | {held} |")
    return _table("| licence | pictures | credit lines | may train | share-alike | sources |", rows)


def coverage(figures: dict[str, Any]) -> str:
    """How much of family x style x genre the procedural scenes of the store fill."""
    found = figures["coverage"]
    if not found:
        return "This store holds no procedural scenes."
    styles = {style for by_style in found.values() for style in by_style}
    genres: Counter[str] = Counter()
    pairs, cells = 0, 0
    for by_style in found.values():
        pairs += len(by_style)
        for by_genre in by_style.values():
            cells += len(by_genre)
            genres.update(by_genre)
    told = ", ".join(f"{genre or 'none'} {n:,}" for genre, n in genres.most_common())
    return (
        f"{len(found)} families in {len(styles)} styles: {pairs:,} of {len(found) * len(styles):,} pairs hold a scene, "
        f"{cells:,} cells of family x style x genre. By genre: {told}."
    )


def main() -> None:
    """Measure the store and write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("store", type=Path)
    parser.add_argument("--before", type=Path)
    args = parser.parse_args()
    store, known = Store.open(args.store), known_words()
    figures = stats(store)
    before = count_faults(Store.open(args.before), known)[0] if args.before else {}
    parts = {
        "sources": sources(figures),
        "captions": captions(figures),
        "faults": faults(count_faults(store, known)[0], before),
        "licences": licences(figures),
        "coverage": coverage(figures),
        "biases": "\n".join(f"- {line}" for line in figures["biases"]),
    }
    card = DOCS / "data_card.md"
    text = card.read_text(encoding="utf-8")
    for name, part in parts.items():
        text = fill(text, f"stats:{name}", part)
    print(write_bytes(card, text.encode()))


if __name__ == "__main__":
    main()
