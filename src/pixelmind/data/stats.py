"""What a store holds: figures per source, captions, the licence ledger, what is covered and what is known to be biased.

One pass over the rows; nothing but counters is kept. `credits` gives the lines that everything made from a store must carry.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pixelmind.data.licences import ALLOWED, matches
from pixelmind.data.procedural.regions import REGIONS, region_class
from pixelmind.data.store import Store

if TYPE_CHECKING:
    from rich.table import Table

TOP_SIZES = 5
#: The source of scenes that this program draws; its subjects are families.
PROCEDURAL = "procedural"
#: Longer side in px, up to and with.
SIDES = (16, 32, 64, 256)
_COLUMNS = ("source", "height", "width", "num_colors", "cluster", "captions", "mask_names", "tags")
_COUNTED = {"licences": "licence", "kinds": "kind", "styles": "style", "splits": "split"}
_HEADINGS = (
    "source",
    "images",
    "px min/med/max",
    "sizes",
    "colours",
    "captions",
    "masks",
    "licences",
    "kinds",
    "splits",
)
_MEN = re.compile(r"\b(?:man|men|male|boy|king|prince|wizard|bearded)\b")
_WOMEN = re.compile(r"\b(?:woman|women|female|girl|queen|princess|witch|lady)\b")
_UNKNOWN = "genders, skin tones and cultures are not labelled in the pictures and cannot be counted; "


@dataclass
class _Counts:
    """Counters of one source."""

    images: int = 0
    sides: Counter[int] = field(default_factory=Counter)
    sizes: Counter[tuple[int, int]] = field(default_factory=Counter)
    colors: Counter[int] = field(default_factory=Counter)
    clusters: set[int] = field(default_factory=set)
    genres: Counter[str] = field(default_factory=Counter)
    views: Counter[str] = field(default_factory=Counter)
    masks: Counter[str] = field(default_factory=Counter)
    regions: Counter[str] = field(default_factory=Counter)
    columns: dict[str, Counter[str]] = field(default_factory=lambda: {name: Counter() for name in _COUNTED})
    captions: int = 0
    lengths: Counter[int] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    distinct: set[int] = field(default_factory=set)
    men: int = 0
    women: int = 0


@lru_cache(maxsize=65536)
def _tags(text: str) -> dict[str, str]:
    found: dict[str, str] = json.loads(text)
    return found


def stats(store: Store) -> dict[str, Any]:
    """Return figures of a store as plain JSON.

    `sources`: images, sizes (min, median, max of the longer side in px; most frequent width x height; shares by longer
    side), median number of colours, captions (number, words each, vocabulary), masks by their kind,
    region class -> pictures, licences, kinds,
    styles, genres, views, splits, clusters. `coverage`: procedural family -> style -> genre -> pictures. `ledger`: a
    licence -> pictures, sources, people to name, and whether it may be trained on. `biases`: sentences with figures.
    """
    sources: dict[str, _Counts] = {}
    coverage: dict[str, dict[str, Counter[str]]] = {}
    credits: dict[str, set[tuple[str, str]]] = {}
    for row in store.scan([*_COLUMNS, *_COUNTED.values(), "credit"], batch=8192):
        counts = sources.setdefault(row["source"], _Counts())
        tags = _tags(row["tags"])
        _count(counts, row, tags)
        credits.setdefault(row["licence"], set()).add((row["source"], row["credit"]))
        if row["source"] == PROCEDURAL:
            styles = coverage.setdefault(tags.get("subject", ""), {})
            styles.setdefault(row["style"], Counter())[tags.get("genre", "")] += 1
    figures = {
        "images": len(store),
        "content_hash": store.manifest_hash,
        "clusters": sum(len(c.clusters) for c in sources.values()),
        "splits": dict(store.manifest["splits"]),
        "captions": sum(c.captions for c in sources.values()),
        "vocabulary": len(set().union(*(c.words for c in sources.values()))),
        "sources": {name: _source(counts) for name, counts in sorted(sources.items())},
        "coverage": {
            family: {style: dict(genres.most_common()) for style, genres in sorted(styles.items())}
            for family, styles in sorted(coverage.items())
        },
        "ledger": _ledger(sources, credits),
        "skipped": store.manifest["skipped"],
    }
    return figures | {"biases": _biases(sources)}


def _count(counts: _Counts, row: dict[str, Any], tags: dict[str, str]) -> None:
    counts.images += 1
    counts.sides[max(row["height"], row["width"])] += 1
    counts.sizes[row["width"], row["height"]] += 1
    counts.colors[row["num_colors"]] += 1
    counts.clusters.add(hash(row["cluster"]))
    counts.genres[tags.get("genre", "")] += 1
    counts.views[tags.get("view", "")] += 1
    names = row["mask_names"]
    counts.masks["parts" if len(names) > 2 else "foreground" if names else "none"] += 1
    if len(names) > 2:
        counts.regions.update({region_class(name) for name in names[1:]})
    for plural, name in _COUNTED.items():
        counts.columns[plural][row[name]] += 1
    text = ""
    for caption in row["captions"]:
        words = re.findall(r"[^\W_]+(?:['-][^\W_]+)*", caption)
        counts.captions += 1
        counts.lengths[len(words)] += 1
        counts.words.update(words)
        counts.distinct.add(hash(caption))
        text += " " + caption
    counts.men += bool(_MEN.search(text))
    counts.women += bool(_WOMEN.search(text))


def _median(counter: Counter[int]) -> float:
    """The median of counted values."""
    half, seen = sum(counter.values()) / 2, 0
    ordered = sorted(counter.items())
    for i, (value, count) in enumerate(ordered):
        seen += count
        if seen > half:
            return float(value)
        if seen == half:
            return (value + ordered[min(i + 1, len(ordered) - 1)][0]) / 2
    return 0.0


def _source(counts: _Counts) -> dict[str, Any]:
    sides = counts.sides
    return {
        "images": counts.images,
        "longer_side_px": {"min": min(sides), "median": _median(sides), "max": max(sides)},
        "by_longer_side": _by_side(sides),
        "top_sizes": {f"{w}x{h}": n for (w, h), n in counts.sizes.most_common(TOP_SIZES)},
        "sizes": len(counts.sizes),
        "median_colors": _median(counts.colors),
        "captions_per_image": round(counts.captions / counts.images, 2),
        "captions": _captions(counts),
        "masked": counts.images - counts.masks["none"],
        "masks": dict(counts.masks.most_common()),
        "regions": dict(counts.regions.most_common()),
        "clusters": len(counts.clusters),
        "genres": dict(counts.genres.most_common()),
        "views": dict(counts.views.most_common()),
        **{plural: dict(counter.most_common()) for plural, counter in counts.columns.items()},
    }


def _captions(counts: _Counts) -> dict[str, Any]:
    lengths = counts.lengths
    return {
        "number": counts.captions,
        "distinct": len(counts.distinct),
        "words": {
            "min": min(lengths),
            "median": _median(lengths),
            "mean": round(sum(n * c for n, c in lengths.items()) / counts.captions, 2),
            "max": max(lengths),
        },
        "vocabulary": len(counts.words),
    }


def _by_side(sides: Counter[int]) -> dict[str, int]:
    """Pictures by longer side: "1-16", "17-32", …"""
    out, low = {}, 1
    for high in SIDES:
        out[f"{low}-{high}"] = sum(n for side, n in sides.items() if low <= side <= high)
        low = high + 1
    return out


def _ledger(sources: dict[str, _Counts], credits: dict[str, set[tuple[str, str]]]) -> dict[str, dict[str, Any]]:
    """What each licence stands for and asks for."""
    out: dict[str, dict[str, Any]] = {}
    for licence in sorted(credits):
        held = {name: c.columns["licences"][licence] for name, c in sorted(sources.items())}
        out[licence] = {
            "pictures": sum(held.values()),
            "sources": {name: n for name, n in held.items() if n},
            "credit_lines": len(credits[licence]),
            "may_train": matches(licence, ALLOWED),
            "share_alike": "-SA-" in licence or bool(re.match(r"L?A?GPL|NGPL", licence)),
        }
    return out


def _biases(sources: dict[str, _Counts]) -> list[str]:
    """Sentences on what a store has much and little of, over real pictures where there are any."""
    real = {name: c for name, c in sources.items() if not name.startswith(PROCEDURAL)} or sources
    total = sum(c.images for c in real.values())
    if not total:
        return []

    def shares(counter: Counter[str]) -> str:
        return ", ".join(f"{name or 'not known'} {n / total:.1%}" for name, n in counter.most_common(8))

    def summed(pick: Callable[[_Counts], Counter[Any]]) -> Counter[Any]:
        out: Counter[Any] = Counter()
        for counts in real.values():
            out.update(pick(counts))
        return out

    own = [c.images for name, c in sources.items() if name.startswith(PROCEDURAL)]
    mixed = bool(own) and len(own) < len(sources)
    kind = "real pictures" if mixed else "pictures"
    men, women = sum(c.men for c in real.values()), sum(c.women for c in real.values())
    told = [
        f"{kind} by source: " + shares(Counter({name: c.images for name, c in real.items()})),
        f"{kind} by kind: " + shares(summed(lambda c: c.columns["kinds"])),
        f"{kind} by longer side in px: " + shares(Counter(_by_side(summed(lambda c: c.sides)))),
        f"{kind} by genre: " + shares(summed(lambda c: c.genres)),
        f"{kind} by view: " + shares(summed(lambda c: c.views)),
        f"words for men stand with {men / total:.1%} of the {kind}, words for women with {women / total:.1%}; "
        + _UNKNOWN
        + "a figure without such a word may be either",
    ]
    if mixed:
        drawn = sum(own)
        told.append(f"drawn by this program: {drawn / (drawn + total):.1%} of all pictures")
    return told


def tables(figures: dict[str, Any]) -> list[Table]:
    """Lay out the figures of `stats` for a terminal: sources, captions, licences, coverage (where there is one)."""
    out = [table(figures), _caption_table(figures["sources"]), _ledger_table(figures["ledger"])]
    if any(entry["regions"] for entry in figures["sources"].values()):
        out.append(_region_table(figures["sources"]))
    return [*out, _coverage_table(figures["coverage"])] if figures["coverage"] else out


def _rows(title: str, headings: Iterable[str], rows: Iterable[Iterable[object]], right: Iterable[str] = ()) -> Table:
    from rich.table import Table

    out = Table(title=title)
    for heading in headings:
        out.add_column(heading, justify="right" if heading in set(right) else "left")
    for row in rows:
        out.add_row(*map(str, row))
    return out


def table(figures: dict[str, Any]) -> Table:
    """The figures of each source."""
    rows = []
    for name, entry in figures["sources"].items():
        side = entry["longer_side_px"]
        rows.append(
            (
                name,
                entry["images"],
                f"{side['min']}/{side['median']:g}/{side['max']}",
                _told(entry["top_sizes"], 3),
                f"{entry['median_colors']:g}",
                f"{entry['captions_per_image']:g}",
                _told(entry["masks"], 2),
                _told(entry["licences"], 4),
                _told(entry["kinds"], 4),
                _told(entry["splits"], 4),
            )
        )
    title = f"{figures['images']} pictures, {figures['captions']} captions, {figures['clusters']} clusters"
    return _rows(title, _HEADINGS, rows, ("images", "colours", "captions"))


def _caption_table(sources: dict[str, Any]) -> Table:
    headings = ("source", "captions", "distinct", "words min/med/mean/max", "vocabulary", "genres")
    rows = []
    for name, entry in sources.items():
        told, words = entry["captions"], entry["captions"]["words"]
        length = f"{words['min']}/{words['median']:g}/{words['mean']:g}/{words['max']}"
        genres = _told({genre or "not known": n for genre, n in entry["genres"].items()}, 6)
        rows.append((name, told["number"], told["distinct"], length, told["vocabulary"], genres))
    return _rows("captions", headings, rows, ("captions", "distinct", "vocabulary"))


def _region_table(sources: dict[str, Any]) -> Table:
    """A row a region class of masks with parts: pictures that show it, by source; classes none shows are named at the foot."""
    named = {name: entry["regions"] for name, entry in sources.items() if entry["regions"]}
    counted = {region: [found.get(region, 0) for found in named.values()] for region in REGIONS}
    rows = [
        (region, *counts) for region, counts in sorted(counted.items(), key=lambda item: -sum(item[1])) if any(counts)
    ]
    missing = [region for region, counts in counted.items() if not any(counts)]
    out = _rows(f"region classes: {len(rows)} of {len(REGIONS)}", ("region", *named), rows, named)
    out.caption = f"in no mask: {', '.join(missing)}" if missing else None
    return out


def _ledger_table(ledger: dict[str, Any]) -> Table:
    headings = ("licence", "pictures", "credit lines", "may train", "share-alike", "sources")
    rows = (
        (
            licence,
            e["pictures"],
            e["credit_lines"],
            *("yes" if e[k] else "no" for k in ("may_train", "share_alike")),
            _told(e["sources"], 6),
        )
        for licence, e in ledger.items()
    )
    return _rows("licence ledger", headings, rows, ("pictures", "credit lines"))


def _coverage_table(coverage: dict[str, dict[str, dict[str, int]]]) -> Table:
    """A row a family: pictures, in how many of all styles and genres, the emptiest style, the commonest genres."""
    all_styles = sorted({style for styles in coverage.values() for style in styles})
    rows = []
    for family, styles in coverage.items():
        by_style = {style: sum(styles.get(style, {}).values()) for style in all_styles}
        genres: Counter[str] = Counter()
        for counted in styles.values():
            genres.update(counted)
        rarest = min(by_style, key=lambda style: by_style[style])
        told = _told({genre or "none": n for genre, n in genres.most_common()}, 5)
        covered = f"{sum(map(bool, by_style.values()))}/{len(all_styles)}"
        cells = sum(map(len, styles.values()))
        rows.append((family, sum(by_style.values()), covered, f"{rarest} {by_style[rarest]}", cells, told))
    headings = ("family", "pictures", "styles", "rarest style", "style x genre cells", "genres")
    title = f"coverage: {len(coverage)} families, {len(all_styles)} styles"
    return _rows(title, headings, rows, ("pictures", "styles", "style x genre cells"))


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
