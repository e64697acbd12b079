"""How well a style is drawn from k = 1, 4, 8, 16 of its pictures: MAML, FOMAML, Reptile, plain fine-tuning, references only.

    .venv/bin/python experiments/kshot/run.py --data STORE --start maml=RUN/bundle --start reptile=RUN2/bundle --out OUT

The figure is the denoiser's own loss on pictures of the style that were not shown (the query), with the same noise for all methods,
paired by episode. Episodes are of styles held out from meta-training and from pictures of the `val` and `test` splits; with --unseen
of evaluation-only art, which no weights were trained on. Every method is shown the support as references, but "nothing". Plain
fine-tuning takes the steps of SGD that the others take, at the rate that is best for it on the styles of meta-training; --long adds
AdamW steps as `adapt style` takes them.

Writes OUT/results.json and OUT/kshot.png.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from pixelmind.adaptation import starts
from pixelmind.adaptation.config import SHOTS
from pixelmind.adaptation.meta_test import NOTHING, PLAIN, REFERENCES, Bench, Method, episodes, gain
from pixelmind.adaptation.stage import HELD_OUT_SPLITS
from pixelmind.adaptation.tasks import Tasks, held_out_styles
from pixelmind.data.store import Store
from pixelmind.generator.bundle import Bundle
from pixelmind.training.backends.local import LocalBackend
from pixelmind.training.lora import LoraConfig, Params


def measure(
    bench: Bench, tasks: Tasks, methods: dict[str, Method], shots: tuple[int, ...], count: int, seed: int
) -> dict[str, Any]:
    """Query losses by method and k, each one's gain over references only, and over plain fine-tuning, with their intervals."""
    rows: dict[str, Any] = {}
    for k in shots:
        drawn = episodes(tasks, k, count, seed)
        styles = [e.style for e in drawn]
        losses = bench.losses(methods, drawn)
        rows[str(k)] = {}
        for name, values in losses.items():
            over = gain(losses[REFERENCES], values, styles)
            row = {
                "loss": round(float(values.mean()), 5),
                "gain": round(over.value, 5),
                "interval": [round(over.low, 5), round(over.high, 5)],
            }
            told = f"k={k} {name}: loss {values.mean():.4f}, gain {over.value:+.5f} [{over.low:+.5f}, {over.high:+.5f}]"
            if name not in (NOTHING, REFERENCES, PLAIN) and PLAIN in losses:
                over = gain(losses[PLAIN], values, styles)
                row["over_fine_tuning"] = [round(x, 5) for x in (over.value, over.low, over.high)]
                told += f"; over fine-tuning {over.value:+.5f} [{over.low:+.5f}, {over.high:+.5f}]"
            rows[str(k)][name] = row
            print(told, flush=True)
    return rows


def draw_figure(found: dict[str, Any], path: Path) -> None:
    """The gain over references only against k."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.5, 3.4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    shots = list(found["query_loss"])
    for j, name in enumerate(n for n in found["query_loss"][shots[0]] if n != "references"):
        cells = [found["query_loss"][k][name] for k in shots]
        gain = np.array([c["gain"] for c in cells])
        low, high = np.array([c["interval"] for c in cells]).T
        x = np.arange(len(shots)) + (j - 2) * 0.06
        axes.errorbar(x, gain, [gain - low, high - gain], marker="o", markersize=3, capsize=2, label=name)
    axes.axhline(0, color="grey", linewidth=0.8)
    axes.set_xticks(range(len(shots)), shots)
    axes.set(xlabel="pictures of the style (k)", ylabel="lower query loss than with references only")
    axes.legend(fontsize=7)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=130)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--start", action="append", default=[], metavar="NAME=BUNDLE", help="a meta-learned start")
    parser.add_argument("--level", type=int, default=16)
    parser.add_argument("--shots", default=",".join(map(str, SHOTS)))
    parser.add_argument("--episodes", type=int, default=48)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--long", type=int, default=0, help="also AdamW for so many steps, as `adapt style`")
    parser.add_argument("--lr", type=float, default=1e-3, help="of --long")
    parser.add_argument("--rate", type=float, help="of plain fine-tuning; default: the best on other styles")
    parser.add_argument("--unseen", action="store_true")
    parser.add_argument("--held-out", type=float, default=0.25)
    args = parser.parse_args()
    torch.set_num_threads(1)
    began = time.process_time()
    base = Bundle(args.weights)
    given = {}
    for item in args.start:
        name, _, folder = item.partition("=")
        given[name] = starts.find(base, Path(folder))
    config = next((s.config for s in given.values() if s), LoraConfig())
    bench = Bench(args.level, args.data, base, config)
    columns = Store.open(args.data).columns("style", "source", "evaluation_only")
    known = [s or r for s, r, e in zip(columns["style"], columns["source"], columns["evaluation_only"]) if not e]
    held_out = held_out_styles(known, args.held_out)
    with torch.no_grad(), LocalBackend.choose(device="cpu").autocast():
        rate = args.rate
        if rate is None:
            rate = bench.best_rate(bench.tasks(splits=HELD_OUT_SPLITS, without=held_out, limit=64), 24, print)
        if args.unseen:
            tasks = bench.tasks(splits=("train", "val", "test", "judge"), evaluation_only=True, limit=128)
        else:
            tasks = bench.tasks(splits=HELD_OUT_SPLITS, styles=held_out, limit=128)
        methods: dict[str, Method] = {PLAIN: bench.plain(rate)}
        if args.long:
            methods[f"{args.long} AdamW steps"] = bench.adamw(bench.zero, args.long, args.lr)
        for name, start in given.items():
            assert start is not None
            methods[f"{name}, no step"] = _stay(start.levels[args.level])
            methods[name] = bench.of(start)
            if args.long:
                methods[f"{name}, {args.long} more"] = _then(bench, start, args.level, args.long, args.lr)
        shots = tuple(int(k) for k in args.shots.split(","))
        rows = measure(bench, tasks, methods, shots, args.episodes, args.seed)
    found = {
        "level": args.level,
        "styles": tasks.styles,
        "episodes": args.episodes,
        "rate": rate,
        "long": [args.long, args.lr],
        "starts": {name: dict(start.about) for name, start in given.items() if start},
        "weights": base.id,
        "query_loss": rows,
        "cpu_seconds": round(time.process_time() - began),
    }
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "results.json").write_text(json.dumps(found, indent=2) + "\n")
    draw_figure(found, args.out / "kshot.png")


def _stay(start: Params) -> Method:
    return lambda episode, rng: start


def _then(bench: Bench, start: starts.Start, level: int, steps: int, lr: float) -> Method:
    inner = bench.of(start)
    return lambda episode, rng: bench.adamw(inner(episode, rng), steps, lr)(episode, rng)


if __name__ == "__main__":
    main()
