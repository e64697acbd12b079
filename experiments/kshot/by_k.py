"""Pictures drawn in held-out styles after k = 1, 4, 8, 16 of their pictures: style FID, KID, and whether the judge tells the style.

    .venv/bin/python experiments/kshot/by_k.py --data STORE --start maml=RUN/bundle --start reptile=RUN2/bundle --rate 3 --out OUT

The methods are those of `run.py`; all but "nothing" are shown up to four pictures of the support as references. For each style and support
(--seeds of them) the captions of --count other pictures are drawn once by each method, with the same seeds. FID and KID are taken over the
pictures of all styles together, against the real ones of these captions, in the features of the released judge; style accuracy is the
share of pictures whose nearest mean of a style's real pictures (neither shown nor asked for) is their own style's. Intervals are over
styles and supports. Level 16, so pictures of up to 16 px are what it says most about. Writes OUT/by_k.json and OUT/by_k.png.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from drawn import draw, sheet

from pixelmind.adaptation import adapters, starts
from pixelmind.adaptation.meta_test import PLAIN, Bench, Method, interval
from pixelmind.adaptation.stage import HELD_OUT_SPLITS
from pixelmind.adaptation.style import references
from pixelmind.adaptation.tasks import Episode, Picture, Tasks, held_out_styles
from pixelmind.data.store import Store
from pixelmind.evaluation.judge import Judge
from pixelmind.evaluation.metrics.fid import fid
from pixelmind.evaluation.metrics.kid import mmd2
from pixelmind.files import write_json
from pixelmind.generator.bundle import Bundle
from pixelmind.generator.pipeline import PixelPipeline
from pixelmind.records import U8
from pixelmind.training.backends.local import LocalBackend
from pixelmind.training.lora import LoraConfig

SHOTS = (1, 4, 8, 16)
FEWEST = SHOTS[-1] + 16  # pictures of a style: the largest support, and others


def split(pictures: Sequence[Picture], count: int, seed: int) -> tuple[list[Picture], list[Picture], list[Picture]]:
    """(support of 16, query, others): the query never more than half of what is no support."""
    order = [pictures[i] for i in np.random.default_rng((seed, 31)).permutation(len(pictures))]
    left = order[SHOTS[-1] :]
    count = min(count, len(left) // 2)
    return order[: SHOTS[-1]], left[:count], left[count:]


def drawn(
    bench: Bench, method: Method | None, support: Sequence[Picture], query: Sequence[Picture], seed: int
) -> list[U8]:
    """The captions of the query in the style of the support; method None: references only."""
    shown = references(support)
    if method is None:
        return draw(PixelPipeline(bench.base, threads=1, best_of=1), query, references=shown)
    episode = Episode(style="", support=tuple(support), query=tuple(query))
    with torch.no_grad(), LocalBackend.choose(device="cpu").autocast():
        params = method(episode, np.random.default_rng((seed, 1)))
    about = {"weights": bench.base.id, "base": adapters.level_ids(bench.base, {bench.level: None})}
    own = adapters.Adapter(
        name="own", config=bench.lora_config, levels={bench.level: params}, references=shown, about=about
    )
    return draw(PixelPipeline(bench.base, threads=1, best_of=1, adapters=[own]), query, style="own")


def told(features: np.ndarray, means: dict[str, np.ndarray], style: str) -> np.ndarray:
    """Whether each picture, features [N, D], is nearest to its own style's mean."""
    names = sorted(means)
    distance = np.linalg.norm(features[:, None] - np.stack([means[n] for n in names]), axis=2)
    return np.array([names[i] == style for i in distance.argmin(1)], float)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", action="append", default=[], metavar="NAME=BUNDLE")
    parser.add_argument("--rate", type=float, required=True, help="of plain fine-tuning; run.py finds it")
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--held-out", type=float, default=0.25)
    args = parser.parse_args()
    torch.set_num_threads(1)
    base, judge = Bundle(None), Judge.load(Bundle(None).folder)
    given = {name: starts.find(base, Path(folder)) for name, folder in (item.split("=") for item in args.start)}
    bench = Bench(16, args.data, base, next((s.config for s in given.values() if s), LoraConfig()))
    columns = Store.open(args.data).columns("style", "source", "evaluation_only")
    known = [s or r for s, r, e in zip(columns["style"], columns["source"], columns["evaluation_only"]) if not e]
    tasks: Tasks = bench.tasks(splits=HELD_OUT_SPLITS, styles=held_out_styles(known, args.held_out), limit=160)
    of_style = {style: [p for g in groups for p in g.pictures] for style, groups in tasks.by_style.items()}
    of_style = {style: pictures for style, pictures in of_style.items() if len(pictures) >= FEWEST}
    print({style: len(pictures) for style, pictures in of_style.items()}, flush=True)
    methods: dict[str, Method | None] = {"references": None, PLAIN: bench.plain(args.rate)}
    methods |= {name: bench.of(start) for name, start in given.items() if start}
    args.out.mkdir(parents=True, exist_ok=True)
    cells: dict[str, dict[str, list[Any]]] = {}
    real: list[np.ndarray] = []
    groups: list[str] = []

    def note(name: str, k: int, pictures: list[U8], means: dict[str, np.ndarray], style: str) -> None:
        features = judge.pooled_features(pictures)
        cell = cells.setdefault(f"{name} {k}", {"features": [], "right": []})
        cell["features"].append(features)
        cell["right"].append(told(features, means, style).mean())

    for seed in range(args.seeds):
        parts = {style: split(pictures, args.count, seed) for style, pictures in of_style.items()}
        means = {style: judge.pooled_features([p.rgba for p in part[2]]).mean(0) for style, part in parts.items()}
        for style, (support, query, _) in parts.items():
            groups.append(style)
            real.append(judge.pooled_features([p.rgba for p in query]))
            note("real", 0, [p.rgba for p in query], means, style)
            plain = draw(PixelPipeline(base, threads=1, best_of=1), query)
            note("nothing", 0, plain, means, style)
            rows = [[p.rgba for p in query], plain]
            for k in SHOTS:
                for name, method in methods.items():
                    pictures = drawn(bench, method, support[:k], query, seed)
                    note(name, k, pictures, means, style)
                    rows += [pictures] if k == SHOTS[-1] else []
            if not seed:
                sheet(rows, args.out / f"{style}.png")
            print(seed, style, flush=True)
            write_json(args.out / "by_k.json", {"styles": groups, "cells": figures(cells, real, groups)})
    for name, row in figures(cells, real, groups).items():
        print(name, json.dumps(row), flush=True)
    plot(figures(cells, real, groups), args.out / "by_k.png")


def figures(cells: dict[str, dict[str, list[Any]]], real: list[np.ndarray], groups: list[str]) -> dict[str, Any]:
    """FID, KID and style accuracy of each method and k, and the gain in accuracy over references only with its interval."""
    found: dict[str, Any] = {}
    truth = np.concatenate(real)
    for name, cell in cells.items():
        features, right = np.concatenate(cell["features"]), np.array(cell["right"])
        row = {"FID": round(fid(features, truth), 3), "KID x 1000": round(1000 * mmd2(features, truth), 2)}
        row |= {"style accuracy": round(float(right.mean()), 4)}
        beside = cells.get(f"references {name.split()[-1]}")
        if beside is not None and not name.startswith("references") and len(beside["right"]) == len(right):
            gained = right - np.array(beside["right"])
            row["over references"] = [
                round(float(x), 4) for x in (gained.mean(), *interval(gained, groups[: len(right)]))
            ]
        found[name] = row if name.split()[0] != "real" else {"style accuracy": row["style accuracy"]}
    return found


def plot(found: dict[str, Any], path: Path) -> None:
    """KID and style accuracy by k."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.2), layout="constrained")
    FigureCanvasAgg(figure)
    for axes, key in zip(figure.subplots(1, 2), ("KID x 1000", "style accuracy")):
        for name in dict.fromkeys(n.rpartition(" ")[0] for n in found if not n.endswith(" 0")):
            axes.plot(range(len(SHOTS)), [found[f"{name} {k}"][key] for k in SHOTS], "o-", markersize=3, label=name)
        axes.axhline(found["nothing 0"][key], color="grey", linewidth=0.8, label="nothing shown")
        axes.set_xticks(range(len(SHOTS)), map(str, SHOTS))
        axes.set(xlabel="pictures of the style (k)", ylabel=key)
        axes.legend(fontsize=7)
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main()
