"""How often each lint rule fires on clean real art, and what usual shares are: python experiments/lint/measure.py --store DIR

Question: which rules tell faults from style? Three tables, all on pictures of up to 64 px and above, real ones only:
    --calibrate   the share that 98 % of `train` pictures within the budget of colours keep within: what `quality/lint/usual.py` holds
    (default)     on `val` pictures: how often each rule fires and its mean count per 1,000 cells, by size class
    --defects     on the same `val` pictures damaged by `quality.defects`: how often the matching rule fires, or counts more than before
Figures go to experiments/lint/results.json.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np

from pixelmind.data.store import Store
from pixelmind.files import write_json
from pixelmind.pixels.png import decode_png
from pixelmind.quality.lint import RULES, lint
from pixelmind.quality.lint.base import CLASSES, Canvas

HERE = Path(__file__).parent
NAMES = ("to 16 px", "17 to 32 px", "33 to 64 px", "over 64 px")
#: Rules that should notice a defect, by its name.
MATCHING = {
    "mixels": ("mixels",),
    "halo": ("halo", "semi-clear"),
    "jaggies": ("jaggies",),
    "orphan_pixels": ("orphans",),
    "broken_outline": ("broken-outline",),
    "stray_transparency": ("semi-clear", "pinholes", "specks"),
    "near_duplicates": ("near-colors", "colors"),
    "banding": ("banding",),
    "pillow_shading": ("pillow",),
}


def pictures(store: Store, split: str, count: int, seed: int = 0) -> list[np.ndarray]:
    """uint8 [H, W, 4] of real pictures of a split, each class of size as often as it comes, at least 8 px a side."""
    columns = store.columns("source", "split", "height", "width", "evaluation_only")
    keep = (columns["split"].astype(str) == split) & ~columns["evaluation_only"].astype(bool)
    keep &= (np.minimum(columns["height"], columns["width"]) >= 8) & (columns["source"].astype(str) != "procedural")
    longest = np.maximum(columns["height"], columns["width"])
    rng = np.random.default_rng(seed)
    chosen: list[int] = []
    for low, high in zip((0, *CLASSES[:-1]), CLASSES):
        rows = rng.permutation(np.flatnonzero(keep & (longest > low) & (longest <= high)))
        chosen += rows[: count // len(CLASSES)].tolist()
    return [decode_png(row["png"]) for row in store.take(chosen, ("png",))]


def table(images: list[np.ndarray]) -> dict[str, dict[str, list[float]]]:
    """By rule and class: share of pictures at fault, mean count per 1,000 cells, and the 98 % quantile of the share."""
    by_class: list[list] = [[] for _ in CLASSES]
    for rgba in images:
        report = lint(rgba)
        by_class[Canvas.of(rgba[:: report.factor, :: report.factor]).size_class].append(
            (report, rgba.shape[0] * rgba.shape[1])
        )
    out: dict[str, dict[str, list[float]]] = {"pictures": {"n": [len(rows) for rows in by_class]}}
    out["any"] = {"fires": [float(np.mean([bool(r.findings) for r, _ in rows])) if rows else 0.0 for rows in by_class]}
    out["colors used"] = {
        "q98": [float(np.quantile([r.colors for r, _ in rows], 0.98)) if rows else 0.0 for rows in by_class]
    }
    for name in RULES:
        found = [[(r.count(name), cells) for r, cells in rows] for rows in by_class]
        out[name] = {
            "fires": [float(np.mean([f.fault for f, _ in rows])) if rows else 0.0 for rows in found],
            "any": [float(np.mean([f.count > 0 for f, _ in rows])) if rows else 0.0 for rows in found],
            "per_1000": [
                float(np.mean([1000 * f.count / cells for f, cells in rows])) if rows else 0.0 for rows in found
            ],
            "q98": [
                float(np.quantile([f.share for f, _ in rows], 0.98, method="higher")) if rows else 0.0 for rows in found
            ],
        }
    return out


def recall(images: list[np.ndarray], severities: dict[str, float]) -> dict[str, dict[str, dict[str, float]]]:
    """By defect and severity: how often a matching rule fires on the damaged pictures, on the clean ones, and counts more than before."""
    from pixelmind.quality.defects import DEFECTS, damage
    from pixelmind.quality.defects.base import Picture

    out: dict[str, dict[str, dict[str, float]]] = {}
    for name in DEFECTS:
        rules = MATCHING.get(name, ())
        out[name] = {}
        for called, severity in severities.items():
            fired, clean, more, any_rule, where = [], [], [], [], []
            for i, rgba in enumerate(images):
                hard = np.where(rgba[..., 3:] >= 128, rgba | np.array([0, 0, 0, 255], np.uint8), np.uint8(0))
                hurt = damage(Picture(rgba=hard), np.random.default_rng((7, i)), name=name, severity=severity)
                if hurt is None:
                    continue
                before, after = lint(hard), lint(hurt.rgba)
                fired.append(any(after.count(r).fault for r in rules))
                clean.append(any(before.count(r).fault for r in rules))
                more.append(any(after.count(r).count > before.count(r).count for r in rules))
                any_rule.append(any(a.fault and not b.fault for a, b in zip(after.counts, before.counts)))
                new = (
                    np.logical_or.reduce([after.count(r).cells & ~before.count(r).cells for r in rules])
                    if rules
                    else None
                )
                if new is not None and new.any():
                    where.append(float((new & hurt.where).sum() / new.sum()))
            if fired:
                figures = {
                    "fires": fired,
                    "clean": clean,
                    "more": more,
                    "any rule newly": any_rule,
                    "marked at fault": where or [0.0],
                }
                out[name][called] = {"n": len(fired), **{k: round(float(np.mean(v)), 4) for k, v in figures.items()}}
    return out


def show(found: dict[str, dict[str, list[float]]], key: str, percent: bool) -> None:
    """A Markdown table of one figure."""
    print(f"\n| {key} | {' | '.join(NAMES)} |\n|---|{'--:|' * len(NAMES)}")
    for name, figures in found.items():
        if key in figures:
            cells = [f"{100 * v:.1f} %" if percent else f"{v:.2f}" for v in figures[key]]
            print(f"| `{name}` | {' | '.join(cells)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", type=Path, default=Path("~/.pixelmind/release/store"))
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--calibrate", action="store_true")
    parser.add_argument("--defects", action="store_true")
    asked = parser.parse_args()
    store = Store.open(asked.store.expanduser())
    start = time.perf_counter()
    if asked.calibrate:
        images = pictures(store, "train", asked.count)
        found = table([rgba for rgba in images if not lint(rgba, rules=["colors"]).findings])
        print(f"of {len(images)}, within budget: {found['pictures']['n']}")
        for name in RULES:
            print(f'    "{name}": ({", ".join(f"{np.ceil(1000 * v) / 1000:.3f}" for v in found[name]["q98"])}),')
        return
    images = pictures(store, "val", asked.count)
    file = HERE / "results.json"
    results = json.loads(file.read_text()) if file.is_file() else {}
    if asked.defects:
        from pixelmind.quality.defects import SEVERITIES

        results["defects"] = recall(images, dict(SEVERITIES))
        for name, rows in results["defects"].items():
            for called, figures in rows.items():
                print(name, called, figures)
    else:
        results["clean"] = table(images)
        print(f"pictures by class: {results['clean']['pictures']['n']}, {time.perf_counter() - start:.1f} s in all")
        show(results["clean"], "fires", True)
        show(results["clean"], "any", True)
        show(results["clean"], "per_1000", False)
    tables = {key: results[key] for key in ("clean", "defects") if key in results}
    write_json(file, {"store": store.manifest_hash, "count": len(images), **tables})


if __name__ == "__main__":
    main()
