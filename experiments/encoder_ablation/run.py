"""Train the encoder with and without each part for equal CPU time, one thread, and collect a table. See README.md."""

from __future__ import annotations

import argparse
import dataclasses
import json
import shutil
import time
from pathlib import Path
from typing import Any

import torch
from towers import FromScratch, LastLayers, LiveTextTask

from pixelmind.data.store import Store
from pixelmind.encoder.config import EncoderConfig
from pixelmind.encoder.mining import LAG
from pixelmind.encoder.task import EncoderTask
from pixelmind.training.config import apply_overrides, build, load_preset
from pixelmind.training.loop import train

OFF = ("negatives.counterfactuals=0", "negatives.mined=0.0", "negatives.mined_captions=0.0")
FALSE = (*OFF[1:], "negatives.counterfactuals=4", "negatives.apart=0.0")
APART = (*OFF[1:], "negatives.counterfactuals=4", "negatives.apart=1.0")
#: name -> (text tower, settings)
VARIANTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "plain": ("frozen", OFF),
    "counterfactuals": ("frozen", FALSE),
    "counterfactuals apart": ("frozen", APART),
    "counterfactuals apart, a third": ("frozen", (*APART[:-1], "negatives.apart=0.3")),
    "mined members": ("frozen", (*OFF, "negatives.mined=0.25")),
    "mined captions": ("frozen", (*OFF, "negatives.mined_captions=1.0")),
    "counterfactuals apart, mined members": ("frozen", (*APART[:-1], "negatives.apart=0.3", "negatives.mined=0.25")),
    "counterfactuals apart, mined captions": (
        "frozen",
        (*APART[:-1], "negatives.apart=0.3", "negatives.mined_captions=1.0"),
    ),
    "temperature schedule": ("frozen", (*OFF, "softmax.period=150")),
    "no crop": ("frozen", (*OFF, "augment.crop=0.0")),
    "no colour": ("frozen", (*OFF, "augment.jitter=0.0", "augment.hue=0.0")),
    "no grey": ("frozen", (*OFF, "augment.grayscale=0.0")),
    "last 2 text layers": ("tuned", OFF),
    "text from scratch": ("scratch", OFF),
}
COMMON = (
    "mix=real 0.6, procedural 0.4",
    "max_captions=3",
    "max_size_px=32",
    "loop.batch_size=128",
    "augment.hue_variants=3",
    "test_pictures=1200",
    "negatives.every=150",
    "negatives.pool=4096",
    "loop.warmup_steps=30",
    "loop.ema_halflife_samples=[4000]",
    "loop.threads=1",
    "loop.prefetch=0",
)


def steps_for(plain_steps: int, task: EncoderTask, plain: EncoderTask, tries: int = 10) -> int:
    """Optimiser steps that cost what `plain_steps` of the plain recipe cost: both are timed in turn, for times drift."""
    refresh, first = 0.0, 0
    if task.refresh_every:
        start = time.process_time()
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            task.refresh(task.refresh_every, task.modules())
        refresh, first = (time.process_time() - start) / task.refresh_every, task.refresh_every + LAG
    costs: dict[EncoderTask, list[float]] = {plain: [], task: []}
    for step in range(first, first + tries):
        for one, times in costs.items():
            start = time.process_time()
            batch = one.batch(step)
            with torch.autocast("cpu", torch.bfloat16):
                loss = one.loss(batch, torch.Generator())["loss"]
            loss.backward()
            times.append(time.process_time() - start)
            for module in one.modules().values():
                module.zero_grad()
    return max(8, round(plain_steps * min(costs[plain]) / (min(costs[task]) + refresh)))


def made(name: str, args: argparse.Namespace, stores: list[Store], folder: Path) -> tuple[EncoderConfig, EncoderTask]:
    """Settings and task of a variant, its weights from the seed."""
    text, settings = VARIANTS[name]
    overrides = [
        f"encoder.{s}" for s in (*COMMON, *settings, f"text_cache={args.text_cache}", f"loop.seed={args.seed}")
    ]
    config = build(EncoderConfig, apply_overrides(load_preset(args.preset), overrides)["encoder"], "encoder")
    if text == "frozen":
        return config, EncoderTask(config, stores, index_dir=folder / "mined")
    torch.manual_seed(config.loop.seed)
    tower = LastLayers() if text == "tuned" else FromScratch()
    return config, LiveTextTask(config, stores, tower, index_dir=folder / "mined")


def run(name: str, args: argparse.Namespace, stores: list[Store], plain: EncoderTask) -> dict[str, Any]:
    """Train and test one variant; what a row of the table needs."""
    folder = args.out / f"{name.replace(' ', '-')}-{args.seed}"
    shutil.rmtree(folder, ignore_errors=True)
    config, task = made(name, args, stores, folder)
    text, settings = VARIANTS[name]
    as_dear = text == "frozen" and settings[: len(OFF)] == OFF and not any("mined" in s for s in settings[len(OFF) :])
    steps = args.steps if as_dear else steps_for(args.steps, task, plain)
    loop = dataclasses.replace(config.loop, steps=steps, minutes=0.0)
    start = time.process_time()
    trained = train(task, loop, folder, resolved_config={"encoder": {"variant": name}})
    cpu = time.process_time() - start
    if trained.interrupted:
        raise SystemExit("stopped")
    if isinstance(task, LiveTextTask):
        task.text = trained.ema[0]["text"].eval()
    figures = {r.metric: [r.value, r.n] for r in task.test(trained.ema[0]["encoder"].eval())}
    shutil.rmtree(folder / "checkpoints")
    return {"variant": name, "seed": args.seed, "steps": trained.step, "cpu_seconds": round(cpu), "figures": figures}


def table(rows: list[dict[str, Any]]) -> str:
    """A Markdown table: retrieval on real test art and accuracy by kind of fact."""
    both = ("image_to_text", "text_to_image")
    facts = sorted({m for row in rows for m in row["figures"] if m.startswith("counterfactual_")})
    head = ["variant", "steps", "CPU s", "R@1", "R@5", "R@10", "R@1 of 100", "colour, real"]
    lines = [[*head, *(f.removeprefix("counterfactual_") for f in facts)]]
    for row in rows:
        got = {m: v for m, (v, _) in row["figures"].items()}
        cells = [row["variant"], str(row["steps"]), str(row["cpu_seconds"])]
        cells += [" / ".join(f"{got[f'real_{way}_{m}']:.3f}" for way in both) for m in ("r@1", "r@5", "r@10")]
        cells += [
            " / ".join(f"{got[f'real_{way}_r@1_of_100']:.2f}" for way in both),
            f"{got['colour_counterfactual']:.2f}",
        ]
        lines.append(cells + [f"{got[f]:.2f}" if f in got else "" for f in facts])
    n = {m: c for m, (_, c) in rows[0]["figures"].items()}
    counts = ["n", "", "", *[str(n["real_image_to_text_r@1"])] * 4, str(n["colour_counterfactual"])]
    lines.insert(1, counts + [str(n.get(f, 0)) for f in facts])
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def main() -> None:
    """Run what is asked for; every finished variant is kept in OUT/results.jsonl and not run again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, nargs="+", required=True, help="stores: real art, scenes with counterfactuals"
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--text-cache", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=300, help="steps of the plain recipe; the others get as much time")
    parser.add_argument("--preset", default="nano")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="*", default=list(VARIANTS), choices=list(VARIANTS))
    args = parser.parse_args()
    torch.set_num_threads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    results = args.out / "results.jsonl"
    rows = [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []
    stores = [Store.open(folder) for folder in args.data]
    _, plain = made("plain", args, stores, args.out)
    for name in args.only:
        if not any((row["variant"], row["seed"]) == (name, args.seed) for row in rows):
            rows.append(run(name, args, stores, plain))
            with open(results, "a") as file:
                file.write(json.dumps(rows[-1]) + "\n")
    print(table([row for row in rows if row["seed"] == args.seed]))


if __name__ == "__main__":
    main()
