"""DPO at level 16 on simulated people's choices of 16x16 sprites: amount of data against win rate.

    python experiments/dpo_sprites/collect.py --store STORE --out pairs.jsonl --pairs 2300
    python experiments/dpo_sprites/study.py --store STORE --pairs pairs.jsonl --out RESULTS --sizes 250 500 1000 2000 --seeds 0 1 2

Held-out prompts are captions of the store's val split. Reference and candidate draw them with the same seeds; the eight annotators whose
choices were learnt from judge by their hidden tastes. Every finished run is a line of RESULTS/results.jsonl and is not run again.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
from collect import captions

from pixelmind.cli.train import config_of
from pixelmind.evaluation.stage import find_judge
from pixelmind.generator.pipeline import PixelPipeline, load
from pixelmind.lifecycle.preference_gate import SEED, divergence, fidelity
from pixelmind.preference.annotators import population
from pixelmind.preference.dpo_config import DpoConfig
from pixelmind.preference.features.intent import released_scorer
from pixelmind.preference.stage import run
from pixelmind.preference.win_rate import Prompt, draw, win_rate
from pixelmind.records import Sprite


def before(pipe: PixelPipeline, prompts: list[Prompt], images: int, kept: Path) -> list[tuple[Sprite, ...]]:
    """The reference's pictures, drawn once and kept."""
    if not kept.is_file():
        drawn = draw(pipe, prompts, images, SEED)
        kept.write_text(json.dumps([[s.to_dict() for s in group] for group in drawn]))
    return [tuple(Sprite.from_dict(s) for s in group) for group in json.loads(kept.read_text())]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--sizes", type=int, nargs="+", default=[250, 500, 1000, 2000])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--prompts", type=int, default=120)
    parser.add_argument("--images", type=int, default=2)
    parser.add_argument("--best-of", type=int, default=1)
    parser.add_argument("--people", type=int, default=8)
    parser.add_argument(
        "--start",
        type=Path,
        help="bundle of an earlier round to go on from; win rate and KL are still against the released weights",
    )
    parser.add_argument("--set", action="append", default=[], dest="set_")
    args = parser.parse_args()
    torch.set_num_threads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    config = config_of(DpoConfig, "dpo", "small", ["dpo.loop.threads=1", "dpo.held_out=0.0", "dpo.runs=1", *args.set_])
    people, scorer, judge = population(args.people, 0), released_scorer(), find_judge(None, None)
    prompts = [Prompt(words=w, size=(16, 16)) for w in captions(args.store, "val", args.prompts, 1)]
    reference = load(best_of=args.best_of)
    old = before(reference, prompts, args.images, args.out / f"before-{args.prompts}-{args.images}-{args.best_of}.json")
    results = args.out / "results.jsonl"
    done = [json.loads(line) for line in results.read_text().splitlines()] if results.is_file() else []
    lines = args.pairs.read_text().splitlines()
    for seed in args.seeds:
        for size in args.sizes:
            if len(lines) < size:
                print(f"only {len(lines)} pairs, {size} left out")
                continue
            key = {
                "start": str(args.start or ""),
                "size": size,
                "seed": seed,
                "best_of": args.best_of,
                "prompts": args.prompts,
                "set": args.set_,
            }
            if any(all(d[k] == v for k, v in key.items()) for d in done):
                continue
            name = "-".join(
                [str(size), str(seed), *(s.partition("=")[0].rsplit(".")[-1] + s.partition("=")[2] for s in args.set_)]
            )
            part = args.out / f"pairs-{size}-{seed}.jsonl"
            picks = np.random.default_rng(seed).permutation(len(lines))[:size] if seed else range(size)
            part.write_text("\n".join(lines[i] for i in picks) + "\n")
            began = time.monotonic()
            own = replace(config, loop=replace(config.loop, seed=seed))
            result = run(own, part, args.out / f"run-{name}", weights=args.start)
            seconds = time.monotonic() - began
            candidate = load(result.bundle, best_of=args.best_of)
            new = draw(candidate, prompts, args.images, SEED)
            row = {
                **key,
                "seconds": round(seconds),
                "steps": own.loop.steps,
                "win": asdict(win_rate(prompts, old, new, people, scorer)),
                "ifs": asdict(fidelity(judge, prompts, old, new)),
                "kl": divergence(candidate, reference, prompts[:40], new[:40]),
                "train": {k: v for k, v in result.levels[16].metrics.items() if k in ("dpo", "right", "kl")},
            }
            done.append(row)
            with open(results, "a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
            won, ifs = row["win"], row["ifs"]
            print(
                f"{name}: win {won['value']:.3f} [{won['low']:.3f}, {won['high']:.3f}], answered {won['answered']:.3f}, "
                f"IFS {ifs['after'] - ifs['before']:+.4f} [{ifs['low']:+.4f}, {ifs['high']:+.4f}], KL {row['kl']:.1f}, "
                f"train {row['train']}, {seconds:.0f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
