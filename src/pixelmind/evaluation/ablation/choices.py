"""How much feedback adapts how much: simulated people choose among drawings, and held-out prompts are drawn for each of them.

A person's choices are between two drawings of one prompt of the store's `val` split, answered with noise, ties and lapses; what is learned
(`adaptation/online/taste.py`) sets the tone of drawings of `test` prompts. The person's hidden worth then judges without noise: 1 where the
adapted drawing is better than the plain one, 0.5 where they are equal. The drawings are the same for all people.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from pixelmind.adaptation.online import looks, personal, tone
from pixelmind.adaptation.online.taste import Taste, learn, unknown
from pixelmind.data.store import Store
from pixelmind.errors import BadInput
from pixelmind.evaluation.ablation.plan import Job, Values
from pixelmind.generator.pipeline import PixelPipeline, load
from pixelmind.pixels.png import encode_png
from pixelmind.preference.annotators import population
from pixelmind.preference.features import measure
from pixelmind.preference.features.intent import scorer_of
from pixelmind.records import Conditioning, GenerationRequest, Sample, Sprite

#: The most first: it is the whole that fewer choices are compared with.
COUNTS = (40, 20, 10, 5, 0)
SIDE = 32


def prompts(data: Path, split: str, count: int, seed: int) -> list[str]:
    """Different first captions of real pictures of a split, drawn evenly.

    Raises:
        BadInput: there are none.
    """
    where = f"split = '{split}' AND evaluation_only = false AND width <= 64 AND height <= 64"
    rows = Store.open(data).scan(["captions", "source"], filter=where)
    words = sorted({r["captions"][0] for r in rows if not r["source"].startswith("procedural")})
    if not words:
        raise BadInput(
            f"{data} has no real pictures in the {split} split; import art: pixelmind data import DIR --out {data}"
        )
    order = np.random.default_rng(seed).permutation(len(words))[:count]
    return [words[i] for i in order]


def draw(pipe: PixelPipeline, words: Sequence[str], side: int, seed: int, images: int) -> list[tuple[Sprite, ...]]:
    """`images` drawings of each prompt at side x side px."""
    requests = [
        GenerationRequest(
            conditioning=Conditioning(prompt=w, height=side, width=side), num_images=images, seed=seed + 1000 * n
        )
        for n, w in enumerate(words)
    ]
    out: list[tuple[Sprite, ...]] = []
    for first in range(0, len(requests), 8):
        out += [r.sprites for r in pipe.generate_batch(requests[first : first + 8])]
    return out


@lru_cache(maxsize=2)
def _material(data: str, weights: str, learned: int, held_out: int):
    """Descriptions and measures of the pairs to choose from, and of every tone of the held-out drawings."""
    from pixelmind.encoder.model import load_encoder

    encoder, pipe = load_encoder(weights), load(weights)
    scorer = scorer_of(encoder)
    ask, test = prompts(Path(data), "val", learned, 1), prompts(Path(data), "test", held_out, 2)
    pairs = draw(pipe, ask, SIDE, 7_000_000, 2)
    text = encoder.encode_texts(ask)
    described = [personal.described(encoder, p, t.expand(2, -1)) for p, t in zip(pairs, text)]
    measured = [measure(p, w, scorer) for p, w in zip(pairs, ask)]
    toned = []
    for (sprite,), words in zip(draw(pipe, test, SIDE, 9_000_000, 1), test):
        tried = tone.variants(sprite)
        toned.append((looks.looks([v.rgba() for v in tried]), measure(tried, words, scorer)))
    return described, measured, toned


def run(job: Job) -> Values:
    """The win rate of each of a seed's people after so many choices, over held-out prompts."""
    config, count = job.config, int(job.arm)
    described, measured, toned = _material(job.data, job.weights, config.choice_prompts, config.test_prompts)
    size, wins = len(looks.NAMES), []
    for number, person in enumerate(population(config.people, 1000 + job.seed)):
        rng = np.random.default_rng((17, job.seed, number))
        order = rng.permutation(len(described))
        rows, ties = [], []
        for i in range(count):
            pair = order[i % len(order)]
            worth = person.worth(measured[pair])
            said = person.choose(worth[0], worth[1], rng)
            difference = described[pair][0] - described[pair][1]
            rows.append(-difference if said == "right" else difference)
            ties.append(said == "tie")
        prior = personal.prior(described[0].shape[1] - 1 - size)
        taste: Taste = learn(prior, np.array(rows), np.ones(count), ties) if count else unknown(prior)
        own = []
        for seen, what in toned:
            which = tone.chosen(seen, taste.mean[-size:], taste.covariance[-size:, -size:])
            after, before = person.worth(what[[which, 0]])
            own.append(0.5 if abs(after - before) < 1e-9 else float(after > before))
        wins.append(float(np.mean(own)))
    return {"win rate over the drawing as it is": wins}


def add_liked(store: Path, weights: str, count: int, source: str) -> int:
    """Add `count` drawings at 16x16, each the one of two that a simulated person took, to a store's `train` split; how many are new."""
    from pixelmind.encoder.model import load_encoder

    encoder, pipe = load_encoder(weights), load(weights, best_of=1)
    scorer, people = scorer_of(encoder), population(8, 0)
    words = prompts(store, "train", count, 3)
    rng = np.random.default_rng(5)

    def samples() -> Iterator[Sample]:
        for n, (w, pair) in enumerate(zip(words, draw(pipe, words, 16, 11_000_000, 2))):
            person = people[n % len(people)]
            worth = person.worth(measure(pair, w, scorer))
            taken = pair[1 if person.choose(worth[0], worth[1], rng) == "right" else 0]
            yield Sample(
                png=encode_png(taken), height=16, width=16, captions=(w,), source=source, licence="LicenseRef-own",
                credit=person.user, tags={"origin": "generated", "simulated": "yes", "subject": w}, split="train",
            )  # fmt: skip

    return Store.open(store).append(samples())
