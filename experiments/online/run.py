"""The whole way, drawn: simulated people choose, the learner steps after each choice, and held-out prompts are drawn for them.

    python experiments/online/run.py --people 4 --prompts 24 --out run.json

Four ways with the same seeds: the pipeline as it is, with the adapter alone, with taste and tone alone, and with all. Also the time of
steps, and what an adapter and a taste cost a drawing (CPU seconds, in turn).
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from offline import interval
from prompts import prompts

from pixelmind.adaptation.online.learner import Learner, OnlineConfig, load_personal
from pixelmind.adaptation.online.personal import PersonalTaste, prior
from pixelmind.adaptation.online.taste import unknown
from pixelmind.files import write_json
from pixelmind.generator.own_styles import lent
from pixelmind.generator.pipeline import PixelPipeline, load
from pixelmind.preference.annotators import Annotator, population
from pixelmind.preference.features import measure
from pixelmind.preference.features.intent import scorer_of
from pixelmind.preference.win_rate import Prompt, draw
from pixelmind.storage import Database

SIZE = (32, 32)
WAYS = ("adapter", "taste", "all")


def live(
    pipe: PixelPipeline, learner: Learner, person: Annotator, number: int, choices: int, home: Path, db: Database
) -> list[float]:
    """Let a person choose between two pictures of each of `choices` prompts, drawn with what was learned by then; seconds of each step."""
    user, rng, seconds = db.users.ensure(person.user).id, np.random.default_rng((23, number)), []
    scorer = scorer_of(learner.encoder)
    words = prompts("learn", 80)
    for i in range(choices):
        prompt = words[(number * choices + i) % len(words)]
        with lent(pipe, {}, load_personal(home, user, learner.bundle)):
            pair = draw(pipe, [Prompt(words=prompt, size=SIZE)], 2, 10**7 + 1000 * number + 2 * i)[0]
        ids = [db.sprites.add(user, s, prompt=prompt).id for s in pair]
        worth = person.worth(measure(pair, prompt, scorer))
        said = person.choose(worth[0], worth[1], rng)
        one, other = ids[::-1] if said == "right" else ids
        db.feedback.prefer(user, one, other, tie=said == "tie", simulated=True)
        began = time.process_time()
        learner.step(db, home, user)
        seconds.append(time.process_time() - began)
    return seconds


def latency(pipe: PixelPipeline, own: PersonalTaste, times: int) -> dict[str, float]:
    """Median CPU seconds of a drawing in each way, round-robin."""
    taste = PersonalTaste(own.id, own.mean, own.covariance)
    ways: dict[str, PersonalTaste | None] = {"as it is": None, "taste and tone": taste, "all": own}
    found: dict[str, list[float]] = {name: [] for name in ways}
    for side in (32, 64):
        for i in range(times):
            for name, known in ways.items():
                began = time.process_time()
                with lent(pipe, {}, known):
                    pipe("a red knight", size=(side, side), seed=i)
                found.setdefault(f"{name}, {side} px", []).append(time.process_time() - began)
    return {name: float(np.median(values)) for name, values in found.items() if values}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=4)
    parser.add_argument("--prompts", type=int, default=24)
    parser.add_argument("--choices", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--times", type=int, default=7)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)
    pipe, learner = load(), Learner(config=OnlineConfig(seconds=60.0, min_entries=2))
    pipe.segmenter = None
    learner.adapter.warm()
    held_out = [Prompt(words=w, size=SIZE) for w in prompts("test", args.prompts)]
    before = draw(pipe, held_out, 1, 3 * 10**6)
    nothing = unknown(prior(learner.encoder.config.embed_dim))
    wins: dict[str, list[Any]] = {way: [] for way in WAYS}
    seconds: list[float] = []
    with tempfile.TemporaryDirectory() as folder, Database(f"sqlite:///{folder}/run.db") as db:
        db.upgrade()
        for number, person in enumerate(population(args.people, args.seed)):
            seconds += live(pipe, learner, person, number, args.choices, Path(folder), db)
            own = load_personal(Path(folder), db.users.find(person.user).id, learner.bundle)
            assert own is not None
            size = own.covariance.shape[0]
            taste = PersonalTaste(own.id, own.mean, own.covariance)
            weights = PersonalTaste(own.id, nothing.mean, nothing.covariance[-size:, -size:], own.own)
            for way, known in zip(WAYS, (weights, taste, own)):
                with lent(pipe, {}, known):
                    after = draw(pipe, held_out, 1, 3 * 10**6)
                row = []
                for prompt, old, new in zip(held_out, before, after):
                    a, b = person.worth(measure([old[0], new[0]], prompt.words, scorer_of(learner.encoder)))
                    row.append(0.5 if abs(b - a) < 1e-9 else float(b > a))
                wins[way].append(row)
                print(
                    person.user, way, round(float(np.mean(row)), 3), "adapter" if own.own else "no adapter", flush=True
                )
        cost = latency(pipe, own, args.times)
    rows = {way: interval(np.array(w)) for way, w in wins.items()}
    about = {"people": args.people, "prompts": args.prompts, "choices": args.choices, "simulated": True}
    steps = {"median": float(np.median(seconds)), "worst": float(np.max(seconds)), "n": len(seconds)}
    write_json(args.out, {**about, "win": rows, "step_cpu_seconds": steps, "drawing_cpu_seconds": cost})
    print(rows, steps, cost)


if __name__ == "__main__":
    main()
