"""How often each lint rule fires on clean real art, and what usual shares are: python experiments/lint/measure.py --store DIR

Question: which rules tell faults from style? Three tables, all of real pictures:
    --calibrate   the share that 98 % of `train` pictures within the budget of colours keep within: what `quality/lint/usual.py` holds
    (default)     on `val` pictures: how often each rule fires and its mean count per 1,000 cells, by size class
    --faults      on the same `val` pictures damaged by `quality.defects` (and the two faults of faults.py): how often a matching rule fires
Figures go to experiments/lint/results.json.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from faults import FAULTS

from pixelmind.data.store import Store
from pixelmind.errors import BadInput
from pixelmind.files import write_json
from pixelmind.pixels.clusters import shifted
from pixelmind.pixels.png import decode_png
from pixelmind.quality.defects import DEFECTS, SEVERITIES, damage
from pixelmind.quality.defects.base import Picture
from pixelmind.quality.lint import RULES, lint, pillow
from pixelmind.quality.lint.base import CLASSES, Canvas

HERE = Path(__file__).parent
NAMES = ("to 16 px", "17 to 32 px", "33 to 64 px", "over 64 px")


def pictures(store: Store, split: str, count: int, seed: int = 0) -> list[np.ndarray]:
    """uint8 [H, W, 4] of real pictures of a split, at least 8 px a side; classes of size alike as far as they go, then at random."""
    columns = store.columns("source", "split", "height", "width", "evaluation_only")
    keep = (columns["split"].astype(str) == split) & ~columns["evaluation_only"].astype(bool)
    keep &= (np.minimum(columns["height"], columns["width"]) >= 8) & (columns["source"].astype(str) != "procedural")
    longest = np.maximum(columns["height"], columns["width"])
    rng = np.random.default_rng(seed)
    chosen: list[int] = []
    for low, high in zip((0, *CLASSES[:-1]), CLASSES):
        rows = rng.permutation(np.flatnonzero(keep & (longest > low) & (longest <= high)))
        chosen += rows[: count // len(CLASSES)].tolist()
    rest = np.setdiff1d(np.flatnonzero(keep), chosen)
    chosen += rng.permutation(rest)[: count - len(chosen)].tolist()
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
    kept = [[r for r, _ in rows if not r.count("colors").fault] for rows in by_class]
    out["any within the budget"] = {
        "fires": [float(np.mean([bool(r.findings) for r in k])) if k else 0.0 for k in kept]
    }
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


#: Rules that should notice a defect of `quality.defects`, by its name; no rule looks for the others.
MATCHING: dict[str, tuple[str, ...]] = {
    "mixels": ("mixels",),
    "sub-pixel": ("noise", "near-colors", "colors"),
    "halo": ("halo", "semi-clear"),
    "jaggies": ("jaggies",),
    "orphans": ("orphans",),
    "broken-outline": ("broken-outline", "pinholes"),
    "near-colors": ("near-colors", "noise"),
    "noise": ("noise", "near-colors", "colors"),
    "dither": ("orphans",),
    "banding": ("banding",),
    "pillow": ("pillow",),
    "holes": ("pinholes", "semi-clear"),
    "specks": ("specks",),
}


def makers() -> dict[
    str, tuple[Callable[[np.ndarray, np.random.Generator, float], np.ndarray | None], tuple[str, ...]]
]:
    """All faults: functions of a hard-edged picture, a generator and a severity, with the rules that should notice."""

    def defect(name: str) -> Callable[[np.ndarray, np.random.Generator, float], np.ndarray | None]:
        def make(rgba: np.ndarray, rng: np.random.Generator, severity: float) -> np.ndarray | None:
            made = damage(Picture(rgba=rgba), rng, name=name, severity=severity)
            return made.rgba if made is not None else None

        return make

    found = {name: (defect(name), MATCHING.get(name, ())) for name, kind in DEFECTS.items() if not kind.needs_parts}
    for name, (fault, rule) in FAULTS.items():
        found[name] = (lambda rgba, rng, severity, fault=fault: fault(rgba, rng), (rule,))
    return found


def recall(images: list[np.ndarray]) -> dict[str, dict[str, dict[str, Any]]]:
    """By fault and severity: how often a matching rule fires with it (also by size class) and without, counts more than without, and how
    its marks fit.

    Where no rule looks for a fault: how often any rule fires that did not before.
    """
    out: dict[str, dict[str, dict[str, Any]]] = {}
    hard = [np.where(x[..., 3:] >= 128, x | np.array([0, 0, 0, 255], np.uint8), np.uint8(0)) for x in images]
    clean_reports = [lint(rgba) for rgba in hard]
    for name, (make, rules) in makers().items():
        out[name] = {}
        for called, severity in SEVERITIES.items():
            fires, clean, more, hit, marked = [], [], [], [], []
            by_class: list[list[bool]] = [[] for _ in CLASSES]
            for i, (rgba, before) in enumerate(zip(hard, clean_reports)):
                hurt = make(rgba, np.random.default_rng((7, i)), severity)
                if hurt is None or (hurt == rgba).all() or before.factor > 1:
                    continue
                try:
                    after = lint(hurt)
                except BadInput:  # over 4,096 colours: refused as a photo, neither found nor missed
                    continue
                pairs = [(after.count(r), before.count(r)) for r in rules or RULES]
                fires.append(any(a.fault and (rules or not b.fault) for a, b in pairs))
                by_class[Canvas.of(rgba).size_class].append(fires[-1])
                clean.append(bool(rules) and any(b.fault for _, b in pairs))
                more.append(any(a.count > b.count for a, b in pairs))
                changed = (hurt != rgba).any(-1)
                new = np.logical_or.reduce([a.cells & ~b.cells for a, b in pairs])
                near = np.logical_or.reduce([shifted(changed, dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)])
                if rules and new.any():
                    hit.append(float((new & near).sum() / new.sum()))
                    marked.append(
                        float((changed & np.logical_or.reduce([a.cells for a, _ in pairs])).sum() / changed.sum())
                    )
            figures = {
                "fires": fires,
                "clean": clean,
                "counts more": more,
                "new marks at the fault": hit,
                "fault marked": marked,
            }
            out[name][called] = {
                "n": len(fires),
                **{k: round(float(np.mean(v)), 4) if v else 0.0 for k, v in figures.items()},
                "fires by class": [round(float(np.mean(v)), 4) if v else None for v in by_class],
            }
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
    parser.add_argument("--faults", action="store_true")
    asked = parser.parse_args()
    store = Store.open(asked.store.expanduser())
    start = time.perf_counter()
    if asked.calibrate:
        images = [x for x in pictures(store, "train", asked.count) if not lint(x, rules=["colors"]).findings]
        found = table(images)
        print(f"of {asked.count}, within budget: {found['pictures']['n']}")
        for name in RULES:
            print(f'    "{name}": ({", ".join(f"{np.ceil(1000 * v) / 1000:.3f}" for v in found[name]["q98"])}),')
        by_class: list[list[float]] = [[] for _ in CLASSES]
        for canvas in map(Canvas.of, images):
            by_class[canvas.size_class].append(max((r for _, r in pillow.clusters(canvas)), default=0.0))
        print(f"pillow.ROUND = ({', '.join(f'{np.quantile(v, 0.98):.2f}' for v in by_class)})")
        return
    images = pictures(store, "val", asked.count)
    file = HERE / "results.json"
    results = json.loads(file.read_text()) if file.is_file() else {}
    if asked.faults:
        results["faults"] = recall(images)
        columns = (*SEVERITIES, *(f"medium {name}" for name in NAMES), "counts more", "marked")
        print(f"| fault | rules | n | clean | {' | '.join(columns)} |\n|---|---|{'--:|' * (2 + len(columns))}")
        for name, rows in results["faults"].items():
            rules = ", ".join(f"`{r}`" for r in makers()[name][1]) or "(none)"
            middle = rows["medium"]
            cells = [
                middle["clean"],
                *(row["fires"] for row in rows.values()),
                *middle["fires by class"],
                middle["counts more"],
                middle["fault marked"],
            ]
            print(
                f"| {name} | {rules} | {middle['n']} | {' | '.join('' if v is None else f'{100 * v:.0f} %' for v in cells)} |"
            )
    else:
        results["clean"] = table(images)
        print(f"pictures by class: {results['clean']['pictures']['n']}, {time.perf_counter() - start:.1f} s in all")
        show(results["clean"], "fires", True)
        show(results["clean"], "any", True)
        show(results["clean"], "per_1000", False)
    tables = {key: results[key] for key in ("clean", "faults") if key in results}
    write_json(file, {"store": store.manifest_hash, "count": len(images), **tables})


if __name__ == "__main__":
    main()
