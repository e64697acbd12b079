"""What a store holds: a table per source, and the lines of credit that everything made from it must carry."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pixelmind.data.store import Store

if TYPE_CHECKING:
    from rich.table import Table

TOP_SIZES = 5
_COUNTED = {"licences": "licence", "kinds": "kind", "styles": "style", "splits": "split"}
_HEADINGS = ("source", "images", "px min/med/max", "sizes", "colours", "captions", "licences", "kinds", "splits")


def stats(store: Store) -> dict[str, Any]:
    """Return figures of a store as plain JSON.

    Per source: images, sizes (min, median, max of the longer side in px; most frequent width x height), median number
    of colours, captions per image, share of pictures with a mask, licences, kinds, styles, splits, clusters, skipped.
    """
    names = ("source", "height", "width", "num_colors", "cluster", "captions", "mask_names", *_COUNTED.values())
    columns = store.columns(*names)
    sources = {}
    for source in sorted(set(columns["source"].tolist())):
        mine = columns["source"] == source
        sources[source] = _source({name: values[mine] for name, values in columns.items()})
    return {
        "images": len(store),
        "content_hash": store.manifest_hash,
        "clusters": len(set(columns["cluster"].tolist())),
        "splits": dict(store.manifest["splits"]),
        "captions": int(sum(map(len, columns["captions"]))),
        "sources": sources,
        "skipped": store.manifest["skipped"],
    }


def _source(columns: dict[str, NDArray[Any]]) -> dict[str, Any]:
    longer = np.maximum(columns["height"], columns["width"])
    sizes = Counter(zip(columns["width"].tolist(), columns["height"].tolist())).most_common(TOP_SIZES)

    def counts(name: str) -> dict[str, int]:
        return dict(Counter(columns[name].tolist()).most_common())

    return {
        "images": len(longer),
        "longer_side_px": {"min": int(longer.min()), "median": float(np.median(longer)), "max": int(longer.max())},
        "top_sizes": {f"{w}x{h}": n for (w, h), n in sizes},
        "median_colors": float(np.median(columns["num_colors"])),
        "captions_per_image": round(float(np.mean([len(c) for c in columns["captions"]])), 2),
        "masked": int(sum(len(m) > 0 for m in columns["mask_names"])),
        "clusters": len(set(columns["cluster"].tolist())),
        **{plural: counts(name) for plural, name in _COUNTED.items()},
    }


def table(figures: dict[str, Any]) -> Table:
    """Lay out the figures of `stats` for a terminal."""
    from rich.table import Table

    out = Table(title=f"{figures['images']} pictures, {figures['captions']} captions, {figures['clusters']} clusters")
    for heading in _HEADINGS:
        out.add_column(heading, justify="right" if heading in ("images", "colours", "captions") else "left")
    for name, entry in figures["sources"].items():
        side = entry["longer_side_px"]
        out.add_row(
            name,
            str(entry["images"]),
            f"{side['min']}/{side['median']:g}/{side['max']}",
            _told(entry["top_sizes"], 3),
            f"{entry['median_colors']:g}",
            f"{entry['captions_per_image']:g}",
            _told(entry["licences"], 4),
            _told(entry["kinds"], 4),
            _told(entry["splits"], 4),
        )
    return out


def _told(counts: dict[str, int], most: int) -> str:
    told = [f"{name} {count}" for name, count in list(counts.items())[:most]]
    return ", ".join(told + ["…"] * (len(counts) > most))


def credits(store: Store) -> list[str]:
    """Return one line per source, licence and person to name, ordered, with how many pictures each stands for."""
    lines = Counter(zip(*(store.column(name).tolist() for name in ("source", "licence", "credit"))))
    return [
        f"{source} ({licence}): {' '.join(credit.split())} [{count} picture{'s' * (count > 1)}]"
        for (source, licence, credit), count in sorted(lines.items())
    ]
