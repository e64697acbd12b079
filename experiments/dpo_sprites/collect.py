"""Draw pairs of 16x16 sprites for training prompts, and let simulated people choose: the material of `study.py`.

    python experiments/dpo_sprites/collect.py --store STORE --out pairs.jsonl --pairs 2000

Prompts are captions of the store's train split; both pictures of a pair are single drawings (no ranked candidates) by the released
weights, or by those of --weights: a second round asks about what the first has learnt to draw. Eight annotators (`population(8, 0)`)
take turns. Who answers a tie is asked again, so all are decided. The same call goes on where it was cut off.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch

from pixelmind.data.store import Store
from pixelmind.generator.pipeline import load
from pixelmind.preference.annotators import population
from pixelmind.preference.features import measure
from pixelmind.preference.features.intent import released_scorer
from pixelmind.preference.win_rate import Prompt, draw


def captions(store: Path, split: str, count: int, seed: int) -> list[str]:
    """Captions of real and drawn pictures up to 24 px, one a picture, each once, in random order."""
    kept: dict[str, None] = {}
    where = f"split = '{split}' AND NOT evaluation_only AND height <= 24 AND width <= 24"
    for row in Store.open(store).scan(["captions"], filter=where):
        kept[row["captions"][0]] = None
    names = sorted(kept)
    return [names[i] for i in np.random.default_rng(seed).permutation(len(names))[:count]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pairs", type=int, default=2000)
    parser.add_argument("--people", type=int, default=8)
    parser.add_argument("--weights", type=Path, help="bundle that draws; default: the released one")
    parser.add_argument(
        "--seed", type=int, default=0, help="of the prompts, the pictures and the answers; the people stay the same"
    )
    args = parser.parse_args()
    torch.set_num_threads(1)
    pipe, scorer = load(args.weights, best_of=1), released_scorer()
    pipe.segmenter = None  # nobody asks for the parts
    people = population(args.people, 0)
    words = captions(args.store, "train", args.pairs, args.seed)
    began = time.monotonic()
    kept = args.out.read_text(encoding="utf-8").splitlines(keepends=True) if args.out.is_file() else []
    done = len(kept) // 32 * 32
    with open(args.out, "w", encoding="utf-8") as file:
        file.writelines(kept[:done])
        for first in range(done, len(words), 32):
            prompts = [Prompt(words=w, size=(16, 16)) for w in words[first : first + 32]]
            for n, (prompt, sprites) in enumerate(
                zip(prompts, draw(pipe, prompts, 2, (args.seed + 1) * 10**6 + 1000 * first, 32))
            ):
                rng = np.random.default_rng([args.seed, first + n])
                features = measure(sprites, prompt.words, scorer)
                pair = None
                while pair is None:
                    person = people[(first + n) % args.people]
                    worth = person.worth(features)
                    pair = person.pair(prompt.words, *sprites, person.choose(worth[0], worth[1], rng))
                file.write(json.dumps(pair.to_dict(), ensure_ascii=False) + "\n")
            file.flush()
            print(f"{first + len(prompts)} of {len(words)} prompts, {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
