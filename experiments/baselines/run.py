"""Ours beside three baselines: the same store, mix, words and CPU seconds, the same prompts and judge. See README.md."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy import stats

sys.path.insert(0, str(Path(__file__).parent))
from five_dollar import FiveDollarPipeline, FiveDollarTask
from plain_diffusion import PlainPipeline, PlainTask

from pixelmind.data.store import Store
from pixelmind.encoder.text_cache import TextCache
from pixelmind.errors import BadInput
from pixelmind.evaluation.ablation import training
from pixelmind.evaluation.ablation.budget import CpuClock, spend
from pixelmind.evaluation.ablation.single_level import SingleLevelPipeline, SingleLevelTask
from pixelmind.evaluation.config import EvaluationConfig
from pixelmind.evaluation.figures import Figure, commit
from pixelmind.evaluation.judge import Judge
from pixelmind.evaluation.metrics.timing import warm_seconds
from pixelmind.evaluation.oracles import Generator
from pixelmind.evaluation.stage import run as evaluate
from pixelmind.files import write_bytes, write_json
from pixelmind.generator import stage
from pixelmind.generator.pipeline import load
from pixelmind.records import Conditioning, GenerationRequest
from pixelmind.training.bundle import load_into
from pixelmind.training.checkpoint import newest, run_weights
from pixelmind.training.loop import train
from pixelmind.training.task import Task

MIX = "real 0.6, procedural 0.4"
#: Batch and EMA half-life in samples, by run. A sample of a large canvas costs more, so there are fewer of them.
LOOPS = {**training.LOOPS, "plain-diffusion": (16, 1000.0), "five-dollar": (64, 2000.0)}
#: Column: section and beginning of the metric's name in report.json, digits shown, and where real pictures' figure stands.
METRICS = {
    "judge R@1": ("prompts", "judge R@1 of", 3, "ceiling"),
    "IFS": ("prompts", "Intent Fidelity", 3, "ceiling"),
    "FID": ("distribution", "FID", 1, "floor"),
    "KID x 1000": ("distribution", "KID", 1, "floor"),
    "near copies": ("copies", "near copies", 4, "baseline"),
}
MODELS = ("ours", "single-level", "plain-diffusion", "five-dollar")


def train_baseline(name: str, task: Task, out: Path, seconds: float, seed: int) -> list[CpuClock] | None:
    """One network in the shared loop, in `out`."""

    def step_on(steps: int, stop: Callable[[], bool]) -> None:
        train(task, training.loop(*LOOPS[name], steps, seed), out, resolved_config={"baseline": name}, stop=stop)

    clock = spend(seconds, out, step_on)
    return None if clock is None else [clock]


def learn(
    name: str, data: Path, out: Path, mix: str, seconds: float, seed: int
) -> tuple[Generator, list[CpuClock]] | None:
    """Train a model, or go on, and put it behind the generator's call; None where a signal cut it short."""
    label = f"{name}, seed {seed}"
    if name == "ours":
        clocks = training.train_levels(data, out, mix, seconds, seed, name="baselines")
        return None if clocks is None else (load(out / "bundle", best_of=1), clocks)
    store, cache = Store.open(data), TextCache(data / "text")
    torch.manual_seed(seed)
    task: Any
    common = {"mix": mix, "batch_size": LOOPS[name][0], "seed": seed}
    if name == "five-dollar":
        task, finish = FiveDollarTask(store, cache, **common), FiveDollarPipeline
    else:
        vocabulary = stage.store_vocabulary(store)
        cls, pipeline = {
            "single-level": (SingleLevelTask, SingleLevelPipeline),
            "plain-diffusion": (PlainTask, PlainPipeline),
        }[name]
        task = cls(store, cache, vocabulary, **common)
        finish = partial(pipeline, vocabulary=vocabulary)
    cache.ensure(task.captions())
    clocks = train_baseline(name, task, out / "run", seconds, seed)
    if clocks is None:
        return None
    load_into(task.modules(), run_weights(out / "run"), str(out))
    return finish(modules=task.modules(), name=label), clocks


def parameters(generator: Any) -> int:
    """Trained numbers of what draws, without the text trunk that all share."""
    nets = generator.denoisers.values() if hasattr(generator, "denoisers") else [generator.net]
    return sum(p.numel() for net in nets for p in net.parameters())


def row(name: str, seed: int, generator: Any, clocks: list[CpuClock], figures: Sequence[Figure]) -> dict[str, Any]:
    """All that the table needs of one model and seed."""
    request = [GenerationRequest(conditioning=Conditioning(prompt="a green slime with a crown", height=64, width=64))]
    seconds = warm_seconds(lambda: generator.generate_batch(request), num_calls=5, clock=time.process_time)
    values, real = {}, {}
    for column, (section, metric, _, reference) in METRICS.items():
        found = next((f for f in figures if f.section == section and f.metric.startswith(metric)), None)
        if found is not None:
            values[column], real[column] = found.value, getattr(found, reference)
    runs = [newest(clock.file.parent) for clock in clocks]
    return {
        "model": name,
        "seed": seed,
        "commit": commit(),
        "parameters": parameters(generator),
        "cpu_minutes": round(sum(c.spent for c in clocks) / 60, 2),
        "samples": [run.state["samples"] for run in runs if run is not None],
        "figures": {**values, "CPU s": float(np.median(seconds))},
        "real": real,
    }


def interval(values: Sequence[float]) -> float | None:
    """Half the 95 % interval of a mean over seeds (Student's t); None for one seed."""
    n = len(values)
    return float(stats.t.ppf(0.975, n - 1) * np.std(values, ddof=1) / n**0.5) if n > 1 else None


def tabulate(out: Path) -> str:
    """Gather the rows that are there into `out`/table.json and table.md; return the latter."""
    rows = [json.loads(p.read_text()) for p in sorted(out.glob("*/seed*/result.json"))]
    summary: dict[str, Any] = {}
    for name in MODELS:
        mine = [r for r in rows if r["model"] == name]
        if mine:
            series = {c: [r["figures"][c] for r in mine if c in r["figures"]] for c in (*METRICS, "CPU s")}
            summary[name] = {
                "seeds": [r["seed"] for r in mine],
                "parameters": mine[0]["parameters"],
                "cpu_minutes": float(np.mean([r["cpu_minutes"] for r in mine])),
                "samples": [float(np.mean(s)) for s in zip(*(r["samples"] for r in mine))],
                "figures": {c: {"mean": float(np.mean(v)), "half": interval(v)} for c, v in series.items() if v},
            }
    digits = {c: m[2] for c, m in METRICS.items()} | {"CPU s": 2}
    lines = ["| model | seeds | parameters | CPU min | pictures seen | " + " | ".join(digits) + " |"]
    lines.append("|---" + "|--:" * (4 + len(digits)) + "|")
    for name, s in summary.items():
        cells = [str(len(s["seeds"])), f"{s['parameters'] / 1e6:.1f} M", f"{s['cpu_minutes']:.1f}"]
        cells.append(" + ".join(f"{n:,.0f}" for n in s["samples"]))
        for column, places in digits.items():
            found = s["figures"].get(column)
            half = found and found["half"]
            cells.append("" if not found else f"{found['mean']:.{places}f}" + (f" ± {half:.{places}f}" if half else ""))
        lines.append(f"| {name} | {' | '.join(cells)} |")
    real = rows[0]["real"] if rows else {}
    shown = [f"{real[c]:.{p}f}" if real.get(c) is not None else "" for c, p in digits.items()]
    lines.append(f"| real pictures | | | | | {' | '.join(shown)} |")
    commits = sorted({r["commit"] for r in rows})
    write_json(out / "table.json", {"commits": commits, "models": summary, "real": real, "above": above(summary)})
    text = "\n".join(lines) + "\n"
    write_bytes(out / "table.md", text.encode())
    return text


def above(summary: dict[str, Any]) -> dict[str, bool]:
    """For each baseline of several seeds: does ours' interval of judge R@1 lie wholly above its interval?"""
    ends = {}
    for name, s in summary.items():
        found = s["figures"]["judge R@1"]
        if found["half"] is not None:
            ends[name] = (found["mean"] - found["half"], found["mean"] + found["half"])
    return {name: ends["ours"][0] > high for name, (_, high) in ends.items() if name != "ours" and "ours" in ends}


def main(argv: list[str] | None = None) -> int:
    """Train and evaluate what is not done yet, then print the table. Exit 1: a signal came, the same command goes on."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="store folder")
    parser.add_argument("--judge", type=Path, required=True, help="folder of the judge")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--cpu-minutes", type=float, default=12.0, help="of training, for each model and seed")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--only", choices=MODELS, help="one model")
    parser.add_argument("--mix", default=MIX, help="shares of real and drawn pictures")
    parser.add_argument("--prompts", type=int, default=200)
    parser.add_argument("--images", type=int, default=2, help="pictures a prompt")
    args = parser.parse_args(argv)
    torch.set_num_threads(1)
    try:
        judge = Judge.load(args.judge)
        config = EvaluationConfig(
            num_prompts=args.prompts, num_images=args.images, num_procedural=0, num_unseen=0, num_conformance=50
        )
        settings = {"cpu_minutes": args.cpu_minutes, "mix": args.mix, "evaluation": asdict(config)}
        settings |= {"data": Store.open(args.data).manifest_hash, "judge": judge.card["sha256"]}
        kept = args.out / "settings.json"
        if kept.is_file() and json.loads(kept.read_text()) != settings:
            raise BadInput(f"{args.out} holds results of other settings (settings.json): give another --out")
        write_json(kept, settings)
        for seed in args.seeds:
            for name in MODELS if args.only is None else (args.only,):
                out = args.out / name / f"seed{seed}"
                if (out / "result.json").is_file():
                    continue
                learned = learn(name, args.data, out, args.mix, args.cpu_minutes * 60, seed)
                if learned is None:
                    print("stopped; the same command goes on", file=sys.stderr)
                    return 1
                generator, clocks = learned
                figures = evaluate(config, generator, args.data, out / "report", judge=judge)
                write_json(out / "result.json", row(name, seed, generator, clocks, figures))
                print(f"{name}, seed {seed}\n{tabulate(args.out)}", flush=True)
    except BadInput as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(tabulate(args.out))
    return 0


if __name__ == "__main__":
    sys.exit(main())
