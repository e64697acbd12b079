"""The mean of several runs' weights, and the way from the start to it made longer or shorter.

    python experiments/dpo_sprites/soup.py --store STORE --runs A/bundle B/bundle C/bundle --out SOUP --scales 0.5 1 1.5

Runs of other seeds from one start go their own ways where they fit noise, and the same way where they fit taste; the mean keeps what they
share (Wortsman et al. 2022, model soups; Ramé et al. 2024, WARP, stages 2 and 3). Each scale's bundle is SOUP/SCALE. Win rate and
divergence are against the released weights: on the 200 prompts of `study.py`, or with --choose on 100 others, to choose a scale by.
"""

from __future__ import annotations

import argparse
import json
import shutil
from dataclasses import asdict
from pathlib import Path

import torch
from collect import captions
from study import before

from pixelmind.evaluation.stage import find_judge
from pixelmind.generator.bundle import Bundle
from pixelmind.generator.pipeline import load
from pixelmind.lifecycle.preference_gate import SEED, divergence, fidelity
from pixelmind.preference.annotators import population
from pixelmind.preference.features.intent import released_scorer
from pixelmind.preference.win_rate import Prompt, draw, win_rate


def mix(runs: list[Path], scale: float, out: Path) -> Path:
    """Write the released bundle with level 16 = released + scale (mean of runs - released); return its folder."""
    start = Bundle(None)
    modules, vocabulary = start.get_level(16)
    denoiser = modules["denoiser"]
    states = [Bundle(run).get_level(16)[0]["denoiser"].state_dict() for run in runs]
    ours = {k: v.double() for k, v in denoiser.state_dict().items()}
    means = {k: torch.stack([s[k].double() for s in states]).mean(0) for k in ours}
    moves = [torch.cat([(s[k].double() - ours[k]).flatten() for k in ours]) for s in states]
    for i, one in enumerate(moves):
        for other in moves[:i]:
            print(f"cosine of two runs' changes {torch.cosine_similarity(one, other, dim=0):.3f}", flush=True)
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(start.folder, out, ignore=shutil.ignore_patterns("__pycache__", "*.py", ".*"))
    denoiser.load_state_dict(
        {k: (v + scale * (means[k] - v)).to(denoiser.state_dict()[k].dtype) for k, v in ours.items()}
    )
    entry = start.manifest["parts"]["level16"]
    known = {k: entry[k] for k in ("samples", "seconds", "seed") if k in entry}
    Bundle(out).put_level(16, modules, denoiser.config, vocabulary, **known)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--runs", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--scales", type=float, nargs="+", default=[1.0])
    parser.add_argument("--prompts", type=int, default=200)
    parser.add_argument("--images", type=int, default=2)
    parser.add_argument("--choose", action="store_true", help="100 prompts that `study.py` does not report on")
    args = parser.parse_args()
    torch.set_num_threads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    people, scorer, judge = population(8, 0), released_scorer(), find_judge(None, None)
    words = captions(args.store, "val", args.prompts + 100, 1)
    words = words[args.prompts :] if args.choose else words[: args.prompts]
    prompts = [Prompt(words=w, size=(16, 16)) for w in words]
    reference = load(best_of=1)
    old = before(reference, prompts, args.images, args.out / f"before-{len(prompts)}-{args.images}-{args.choose}.json")
    for scale in args.scales:
        candidate = load(mix(args.runs, scale, args.out / f"{scale:g}"), best_of=1)
        new = draw(candidate, prompts, args.images, SEED)
        row = {
            "runs": [str(r) for r in args.runs],
            "scale": scale,
            "choose": args.choose,
            "prompts": len(prompts),
            "win": asdict(win_rate(prompts, old, new, people, scorer)),
            "ifs": asdict(fidelity(judge, prompts, old, new)),
            "kl": divergence(candidate, reference, prompts[:40], new[:40]),
        }
        with open(args.out / "results.jsonl", "a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        won, ifs = row["win"], row["ifs"]
        print(
            f"scale {scale:g}: win {won['value']:.3f} [{won['low']:.3f}, {won['high']:.3f}], IFS {ifs['after'] - ifs['before']:+.4f} "
            f"[{ifs['low']:+.4f}, {ifs['high']:+.4f}], KL {row['kl']:.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
