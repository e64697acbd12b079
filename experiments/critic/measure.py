"""How well critic, refiner and inspector do, beyond what `pixelmind train critic|refiner` reports of each alone.

    python experiments/critic/measure.py --store STORE --weights BUNDLE --second CRITIC_RUN     the inspector on held-out real art
    python experiments/critic/measure.py --store STORE --weights BUNDLE --sheet                 docs/images/critic.png: caught and missed
    python experiments/critic/measure.py --store STORE --weights BUNDLE --drawn 200             flags, judge's R@1 and seconds of drawings
    python experiments/critic/measure.py --report RUN/report.json                               the critic's tables in Markdown

A fault of medium severity is put into a held-out picture, and the inspector mends what it can. Two measures of "removed", neither of which
the inspector knows: at least half of the cells at fault wear the clean picture's colour again; and, where the second critic (another seed,
another shape) found the fault before, it no longer does. Cells are moved only, nothing is drawn anew; of drawings it is as in the service.
Figures go to experiments/critic/results.json.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from pixelmind.data.store import Store
from pixelmind.files import write_bytes, write_json
from pixelmind.quality.after import Check
from pixelmind.quality.critic import load_critic
from pixelmind.quality.critic_test import held_out, judged
from pixelmind.quality.defects import DEFECTS, SEVERITIES, damage
from pixelmind.quality.defects.base import Damaged, Picture, changed
from pixelmind.quality.inspector import QualityInspector, load_inspector
from pixelmind.quality.verdict import FAMILIES
from pixelmind.records import Conditioning, GenerationRequest
from pixelmind.training.weights import released

HERE = Path(__file__).parent
IMAGE = HERE.parents[1] / "docs" / "images" / "critic.png"
sys.path.insert(0, str(HERE.parent / "defects"))


def limits_of(folder: Path) -> tuple[Any, np.ndarray]:
    """A critic and its thresholds [F]."""
    critic, about = load_critic(folder)
    return critic, np.array([about["thresholds"][f] for f in FAMILIES])


def mended(inspector: QualityInspector, second: tuple[Any, np.ndarray], pictures: list[Picture]) -> dict[str, Any]:
    """By family: shares of faults removed by either measure; and what is done to clean pictures."""
    critic, limits = second
    rows: dict[str, list[dict[str, float]]] = {f: [] for f in FAMILIES}
    for i, picture in enumerate(pictures):
        for f, family in enumerate(FAMILIES):
            made = damage(picture, np.random.default_rng((11, f, i)), family=family, severity=SEVERITIES["medium"])
            if made is None:
                continue
            out = inspector.inspect(made.rgba)
            fault = changed(picture.rgba, made.rgba)
            still = changed(picture.rgba, out.rgba) & fault
            (_, before, _), (_, after, _) = judged(critic, [made.rgba, out.rgba])
            rows[family].append(
                {
                    "cells": 1 - still.sum() / fault.sum(),
                    "half": float(still.sum() <= fault.sum() / 2),
                    "found": float(before[f] > limits[f]),
                    "gone": float(before[f] > limits[f] >= after[f]),
                    "chance before": out.before.dissatisfied,
                    "chance after": out.verdict.dissatisfied,
                }
            )
    table: dict[str, Any] = {}
    for family, some in rows.items():
        mean = {k: float(np.mean([r[k] for r in some])) for k in some[0]}
        table[family] = {
            "n": len(some),
            "cells right again": mean["cells"],
            "half of the cells right again": mean["half"],
            "gone for the second critic": mean["gone"] / max(mean["found"], 1e-9),
            "found by it before": mean["found"],
            "chance before": mean["chance before"],
            "chance after": mean["chance after"],
        }
    clean = [inspector.inspect(p.rgba) for p in pictures]
    drawn = [int((p.rgba[..., 3] > 0).sum()) for p in pictures]
    table["clean"] = {
        "n": len(pictures),
        "cells altered": float(np.mean([c.changed.sum() / n for c, n in zip(clean, drawn)])),
        "pictures altered": float(np.mean([c.changed.any() for c in clean])),
        "flagged": float(np.mean([c.flagged for c in clean])),
        "flagged before": float(np.mean([c.before.dissatisfied >= inspector.flag_at for c in clean])),
    }
    return table


def sheet(inspector: QualityInspector, pictures: list[Picture], columns: int = 4, side: int = 90) -> np.ndarray:
    """Tiles of clean, damaged, heat, mended: of each kind of fault one that was found at medium severity, and one that was missed."""
    from PIL import Image, ImageDraw, ImageFont
    from sheet import shown

    def tile(picture: Picture, made: Damaged, word: str) -> np.ndarray:
        out = inspector.inspect(made.rgba)
        heat = out.before.heats[made.family] > inspector.heat_at[made.family]
        row = [shown(picture.rgba, side), shown(made.rgba, side), shown(made.rgba, side, heat), shown(out.rgba, side)]
        pair = np.concatenate(row, 1)
        label = Image.new("RGB", (pair.shape[1], 14), (24, 24, 28))
        said = f"{word}: {made.name}, {made.family} {out.before.families[made.family]:.2f}"
        ImageDraw.Draw(label).text((4, 1), said, (230, 230, 230), ImageFont.load_default(11))
        return np.pad(np.concatenate([np.asarray(label), pair]), ((0, 4), (2, 2), (0, 0)), constant_values=24)

    tiles: list[np.ndarray] = []
    used: set[int] = set()
    for name in DEFECTS:
        wanted = {True: "caught", False: "missed"}
        for i, picture in enumerate(pictures):
            if i in used or not wanted:
                continue
            made = damage(picture, np.random.default_rng((13, i)), name=name, severity=SEVERITIES["medium"])
            if made is None or made.where.mean() > 0.5:
                continue
            found = inspector.judge([made.rgba])[0].families[made.family] >= 0.5
            if found in wanted:
                tiles.append(tile(picture, made, wanted.pop(found)))
                used.add(i)
        if wanted and len(wanted) == 1 and len(tiles) % 2:
            tiles.append(np.full_like(tiles[-1], 24))  # none was missed, or none caught: an empty place
    tiles += [np.full_like(tiles[0], 24)] * (-len(tiles) % columns)
    return np.concatenate([np.concatenate(tiles[k : k + columns], 1) for k in range(0, len(tiles), columns)])


def drawings(inspector: QualityInspector, store: Store, count: int) -> dict[str, Any]:
    """Of drawings for `val` prompts, checked as the service does: flags, cells changed, the judge's R@1 with and without, and how much more
    time it takes."""
    from pixelmind.evaluation.judge import Judge
    from pixelmind.generator.pipeline import load

    columns = store.columns("split", "source", "height", "width", "evaluation_only")
    fits = (columns["split"].astype(str) == "val") & (columns["source"].astype(str) != "procedural")
    fits &= ~columns["evaluation_only"].astype(bool)
    for side in ("height", "width"):
        fits &= (columns[side] >= 8) & (columns[side] <= 64)
    rows = np.random.default_rng(5).permutation(np.flatnonzero(fits))[:count]
    table = store.take(rows, ("captions", "height", "width"))
    pipe, judge = load(), Judge.load(released())
    before, after, outs, spent = [], [], [], {"draw": 0.0, "inspect": 0.0}
    captions = [row["captions"][0] for row in table]
    for i, row in enumerate(table):
        start = time.process_time()
        conditioning = Conditioning(prompt=captions[i], height=int(row["height"]), width=int(row["width"]))
        request = GenerationRequest(conditioning=conditioning, seed=i)
        drawn = pipe.generate_batch([request])[0]
        middle = time.process_time()
        out = Check(inspector).drawn(pipe, request, drawn).checked[0].inspected
        spent["draw"] += middle - start
        spent["inspect"] += time.process_time() - middle
        before.append(drawn.sprites[0].rgba())
        after.append(out.rgba)
        outs.append(out)
    return {
        "n": len(table),
        "CPU seconds to draw": spent["draw"] / len(table),
        "CPU seconds to inspect": spent["inspect"] / len(table),
        "share of time": spent["inspect"] / spent["draw"],
        "flagged before": float(np.mean([o.before.dissatisfied >= inspector.flag_at for o in outs])),
        "flagged": float(np.mean([o.flagged for o in outs])),
        "pictures changed": float(np.mean([o.changed.any() for o in outs])),
        "cells changed": float(np.mean([o.changed.mean() for o in outs])),
        "judge R@1 before": recall(judge, before, captions),
        "judge R@1 after": recall(judge, after, captions),
    }


def recall(judge: Any, pictures: list[np.ndarray], captions: list[str]) -> float:
    """Share of pictures whose own caption is the nearest of all, by the judge."""
    scores = judge.image_features(pictures) @ judge.text_features(captions).T
    return float((scores.argmax(1) == np.arange(len(captions))).mean())


def tables(report: dict[str, Any]) -> str:
    """Markdown of families by severity, and of kinds of fault."""
    lines = [
        "| pictures | family | AUROC low | medium | high | IoU low | medium | high | caught medium |",
        "|---|---|" + "--:|" * 7,
    ]
    for place in ("test", "unseen sources"):
        part = report[place]
        for f in FAMILIES:
            rows = [part["families"][s][f] for s in SEVERITIES]
            cells = [f"{r['auroc']:.3f}" for r in rows] + [f"{r['iou']:.2f}" for r in rows]
            caught = f"{100 * part['caught']['medium'][f]:.0f} %"
            lines.append(f"| {place} ({part['pictures']}) | {f} | {' | '.join(cells)} | {caught} |")
    lines += ["", "| fault | family | AUROC low | medium | high | IoU medium |", "|---|---|--:|--:|--:|--:|"]
    for name, kind in DEFECTS.items():
        rows = [report["test"]["defects"][s][name] for s in SEVERITIES]
        cells = [f"{r['auroc']:.3f}" for r in rows] + [f"{rows[1]['iou']:.2f}"]
        lines.append(f"| `{name}` | {kind.family} | {' | '.join(cells)} |")
    alarms = {place: f"{100 * report[place]['false_alarms']:.1f} %" for place in ("test", "unseen sources")}
    return "\n".join([*lines, "", f"false alarms: {alarms}"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", type=Path)
    parser.add_argument("--report", type=Path)
    parser.add_argument("--weights", type=Path, help="bundle with critic and refiner; default: the released one")
    parser.add_argument("--second", type=Path, help="run of a second critic")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--sheet", action="store_true")
    parser.add_argument("--drawn", type=int, default=0)
    asked = parser.parse_args()
    if asked.report is not None:
        print(tables(json.loads(asked.report.read_text())))
        return
    if asked.store is None:
        parser.error("name a store: --store STORE")
    store, inspector = Store.open(asked.store), load_inspector(asked.weights)
    if inspector is None:
        parser.error("these weights have no critic")
    file = HERE / "results.json"
    results = json.loads(file.read_text()) if file.is_file() else {}
    if asked.sheet:
        from sheet import pictures, png

        write_bytes(IMAGE, png(sheet(inspector, pictures(store, 400, 3, licence="CC0-1.0"))))
        return
    if asked.drawn:
        results["drawings"] = drawings(inspector, store, asked.drawn)
    else:
        if asked.second is None:
            parser.error("name a second critic: --second RUN")
        second = limits_of(asked.second)
        for place, evaluation_only in (("test", False), ("unseen sources", True)):
            some = held_out(store, "test", asked.count, 3, evaluation_only=evaluation_only)
            results[place] = mended(inspector, second, some)
    write_json(file, results)
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
