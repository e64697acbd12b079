"""How many answers until a ranking of candidates is right: pairs chosen by `preference.sampling` against random ones.

Sprites are drawn by a bundle, prompt by prompt; simulated people with hidden tastes and noisy answers judge them. Counted are the answers
until the Bradley-Terry ranking of one prompt's candidates reaches Kendall's tau 0.8 with the person's own order.

    python benchmarks/preference_pairs.py --candidates 12 --trials 300 [--weights BUNDLE] [--json FILE]
    python benchmarks/preference_pairs.py --features       # mean and spread of the features over these drawings

Trials go round the prompts; each has an annotator of its own. All numbers are of simulated people.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import time
from pathlib import Path

import numpy as np

from pixelmind.generator.pipeline import load
from pixelmind.pixels import export
from pixelmind.preference import features, material
from pixelmind.preference.annotators import population
from pixelmind.preference.distance import distances
from pixelmind.preference.features.intent import released_scorer
from pixelmind.preference.sampling import Group
from pixelmind.preference.study import GOAL, POLICIES, Trial, answers_needed, table

PROMPTS = Path(__file__).with_name("gallery_prompts.txt")


def sprites(args: argparse.Namespace) -> list[material.Group]:
    """Read the sprites of --sprites, or draw them and keep them there."""
    if args.sprites and args.sprites.is_dir():
        return material.from_folder(args.sprites)
    lines = [line.split("#")[0].split(maxsplit=2) for line in PROMPTS.read_text().splitlines()]
    prompts = [line[2].strip() for line in lines if len(line) == 3][:: max(1, 128 // args.prompts)][: args.prompts]
    groups = material.drawn(load(args.weights), prompts, args.candidates, (args.size, args.size))
    if args.sprites:
        for number, group in enumerate(groups):
            export.save(group.sprites, args.sprites / f"{number:03d}.png")
    return groups


def trial(shown: material.Group, count: int, weights: Path | None) -> Trial:
    """What a trial needs to know of the first `count` sprites of one prompt."""
    shown = material.Group(shown.prompt, shown.sprites[:count])
    score = released_scorer(weights)
    match = score([s.rgba() for s in shown.sprites], shown.prompt).astype(np.float64)
    ids = [str(i) for i in range(len(shown.sprites))]
    group = Group(ids=ids, apart=distances(shown.sprites), match=match)
    return Trial(group, features.measure(shown.sprites, shown.prompt, score))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prompts", type=int, default=20, help="how many of gallery_prompts.txt")
    parser.add_argument("--candidates", type=int, default=12)
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--trials", type=int, default=300)
    parser.add_argument("--limit", type=int, default=0, help="answers at most; default: all pairs")
    parser.add_argument("--temperature", type=float, default=0.15, help="noise of the answers")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--sprites", type=Path, help="folder to draw into, or to read from where it exists")
    parser.add_argument("--features", action="store_true")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    trials = [trial(group, args.candidates, args.weights) for group in sprites(args)]
    if args.features:
        found = np.concatenate([t.features for t in trials]) * features.SPREAD + features.CENTRE
        within = np.mean([(t.features * features.SPREAD).std(0) for t in trials], axis=0)
        for name, row in zip(features.FEATURES, np.stack([found.mean(0), found.std(0), within], 1)):
            print(f"{name:10} mean {row[0]:.3f}  spread {row[1]:.3f}  within a prompt {row[2]:.3f}")
        print(
            "apart",
            np.quantile(
                np.concatenate([t.group.apart[np.triu_indices(len(t.group.ids), 1)] for t in trials]),
                [0, 0.05, 0.5, 0.95],
            ),
        )
        return
    limit = args.limit or args.candidates * (args.candidates - 1) // 2
    people = population(args.trials, args.seed, temperature=args.temperature)
    needed: dict[str, list[int]] = {name: [] for name in POLICIES}
    final: dict[str, list[float]] = {name: [] for name in POLICIES}
    start = time.perf_counter()
    for number, person in enumerate(people):
        for name, policy in POLICIES.items():
            sample, own = trials[number % len(trials)], args.seed + number
            reached, taus = answers_needed(sample, person, policy, own, limit, least=2 * args.candidates)
            needed[name].append(reached)
            final[name].append(taus[min(len(taus), 2 * args.candidates) - 1])
    rows = table(needed, limit)
    print(
        f"{args.candidates} candidates, {args.trials} trials over {len(trials)} prompts, temperature {args.temperature:g}, "
        f"goal tau {GOAL}, at most {limit} answers, {time.perf_counter() - start:.0f} s"
    )
    print(f"| pairs | answers to tau {GOAL} [95 %] | of random [95 %] | never | tau after {2 * args.candidates} |")
    print("|---|--:|--:|--:|--:|")
    for r in rows:
        tau = np.mean(final[r.policy])
        print(
            f"| {r.policy} | {r.mean:.1f} [{r.low:.1f}, {r.high:.1f}] | {r.ratio:.2f} [{r.ratio_low:.2f}, {r.ratio_high:.2f}] "
            f"| {r.unreached:.0%} | {tau:.3f} |"
        )
    if args.json:
        args.json.write_text(json.dumps([dataclasses.asdict(r) for r in rows], indent=2) + "\n")


if __name__ == "__main__":
    main()
