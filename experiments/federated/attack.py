"""What a sum of updates tells somebody who attacks it, with and without noise, against what (ε, δ) allows.

Membership: is this client's update in the sum of 10, or are there zeros in its place? The updates are real (simulated clients' own steps on
unseen art); noise, clipping and rounding are those of the federation. One adversary knows the update only, one also all others', and a
third chose an update as large as the clip norm. The
threshold is fixed beforehand, halfway between what both cases give on average. The advantage (true minus false alarms) can be at most
(e^ε - 1 + 2 δ) / (e^ε + 1).

Canaries (Carlini et al. 2019, "The secret sharer"): a client learns a sprite of random cells by heart; by how much its loss falls under
the new shared adapter is ranked among 31 other random sprites. Exposure is log2(32 / rank): 5 bits where it is always first, 1.32 by
chance.

.venv/bin/python experiments/federated/attack.py --data ~/.pixelmind/release/store --out runs-federated
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import numpy as np

from pixelmind.adaptation.federated.accounting import Budget, least_noise
from pixelmind.adaptation.federated.codec import Codec
from pixelmind.adaptation.federated.noise import skellam
from pixelmind.adaptation.federated.quantization import F64, I64, clip_norm
from pixelmind.adaptation.federated.simulation import Simulation, SimulationConfig
from pixelmind.adaptation.tasks import Picture
from pixelmind.data.store import Store
from pixelmind.encoder.text_cache import TextCache
from pixelmind.files import write_json
from pixelmind.generator.bundle import Bundle

COHORT, CLIP, DELTA = 10, 4.0, 1e-5
EPSILONS = (math.inf, 8.0, 2.0, 0.5)
ADVERSARIES = ("knows the update", "knows all others too", "the same, update as large as may be")
CANDIDATES, CAPTION = 32, "a strange tile"


def codec_for(length: int, epsilon: float) -> Codec:
    """A round that costs this ε by itself; infinite: no noise."""
    if math.isinf(epsilon):
        return Codec.choose(length, CLIP, max_weight=1)
    make = lambda z: Codec.choose(length, CLIP, max_weight=1, multiplier=z, least=COHORT)  # noqa: E731
    return make(least_noise(lambda z: make(z).cost(), 1, Budget(epsilon=epsilon, delta=DELTA)))


def noise_of(codec: Codec, rng: np.random.Generator) -> I64:
    """The noise of a sum of exactly as many clients as are needed; all their shares together are one Skellam variable."""
    if codec.noise is None:
        return np.zeros(codec.quantizer.length, np.int64)
    return skellam(codec.noise.variance(codec.quantizer.l2), codec.quantizer.length, rng)


def membership(updates: list[F64], trials: int) -> list[dict[str, object]]:
    """Advantage of both adversaries by ε."""
    rows: list[dict[str, object]] = []
    for epsilon in EPSILONS:
        rng = np.random.default_rng(0)
        codec = codec_for(len(updates[0]), epsilon)
        whole = [codec.quantizer.quantize(u, rng) for u in updates]
        largest = [codec.quantizer.quantize(u * (CLIP / np.linalg.norm(u)), rng) for u in updates]
        right: dict[str, list[tuple[bool, bool]]] = {who: [] for who in ADVERSARIES}
        overlap = np.mean([np.dot(a, b) for i, a in enumerate(whole) for b in whole[:i]])
        for trial in range(trials):
            order = rng.permutation(len(whole)).tolist()
            target, others = whole[order[0]].astype(float), sum(whole[i] for i in order[1:COHORT])
            inside = bool(trial % 2)
            noise = noise_of(codec, rng)
            size, told = float(target @ target), float((others + noise + inside * target) @ target)
            right[ADVERSARIES[0]].append((inside, told > size / 2 + (COHORT - 1) * overlap))
            right[ADVERSARIES[1]].append((inside, float((noise + inside * target) @ target) > size / 2))
            worst = largest[order[0]].astype(float)
            told = float((noise + inside * worst) @ worst)
            right[ADVERSARIES[2]].append((inside, told > float(worst @ worst) / 2))
        row: dict[str, object] = {
            "epsilon": "none" if math.isinf(epsilon) else epsilon,
            "noise": 0.0 if codec.noise is None else round(codec.noise.multiplier, 3),
            "bound": 1.0 if math.isinf(epsilon) else (math.expm1(epsilon) + 2 * DELTA) / (math.exp(epsilon) + 1),
        }
        for who, told_ in right.items():
            hit, false = (np.mean([g for i, g in told_ if i == wanted]) for wanted in (True, False))
            half = 1.96 * math.sqrt((hit * (1 - hit) + false * (1 - false)) / (trials / 2))
            row[who] = [float(hit - false), half]
        rows.append(row)
    return rows


def random_sprite(rng: np.random.Generator) -> Picture:
    """16x16 cells of four random colours."""
    colors = rng.integers(0, 256, (4, 3), dtype=np.uint8)
    cells = rng.integers(0, 4, (16, 16))
    rgba = np.concatenate([colors[cells], np.full((16, 16, 1), 255, np.uint8)], axis=2)
    return Picture(rgba=rgba, caption=CAPTION)


def canaries(run: Simulation, updates: list[F64], count: int, steps: int) -> dict[str, list[float]]:
    """Exposure of each canary where its client's update is seen alone, and in sums by ε."""
    trainer, found = run.trainer, {}
    zero = np.zeros(trainer.length)
    for seed in range(count):
        rng = np.random.default_rng((seed, 5))
        sprites = [random_sprite(rng) for _ in range(CANDIDATES)]
        views = [trainer.views([s], 7) for s in sprites]
        before = np.array([trainer.measure(zero, v) for v in views])
        mine = clip_norm(trainer.train(zero, [sprites[0]] * 4, steps, rng), CLIP)
        others = [clip_norm(updates[i], CLIP) for i in rng.permutation(len(updates))[: COHORT - 1].tolist()]
        cases: dict[str, F64] = {"alone": mine}
        for epsilon in EPSILONS:
            codec = codec_for(trainer.length, epsilon)
            total = sum(codec.quantizer.quantize(u, rng) for u in [mine, *others]) + noise_of(codec, rng)
            name = "sum" if math.isinf(epsilon) else f"sum, ε {epsilon:g}"
            cases[name] = codec.quantizer.dequantize(total) / COHORT
        for name, shared in cases.items():
            gain = before - np.array([trainer.measure(shared, v) for v in views])
            rank = 1 + int((gain[1:] >= gain[0]).sum())
            found.setdefault(name, []).append(math.log2(CANDIDATES / rank))
        print(f"canary {seed}: " + ", ".join(f"{k} {v[-1]:.2f}" for k, v in found.items()), flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--trials", type=int, default=600)
    parser.add_argument("--canaries", type=int, default=8)
    parser.add_argument("--steps", type=int, default=20)
    options = parser.parse_args()
    data = options.data.expanduser()
    config = SimulationConfig(
        clients=20, steps=5, rows=4, lr=4e-3, pictures=(8, 24), unseen=True, baselines=False, seed=3
    )
    run = Simulation(config, Store.open(data), Bundle(None), data)
    TextCache(data / "text").ensure([CAPTION])
    run.trainer.words = TextCache(data / "text").get
    zero = np.zeros(run.trainer.length)
    updates = [
        run.trainer.train(zero, run.clients[n].train, config.steps, np.random.default_rng((3, i)))
        for i, n in enumerate(sorted(run.clients))
    ]
    rows = membership(updates, options.trials)
    print(
        f"norms of the updates: {np.percentile([np.linalg.norm(u) for u in updates], [0, 50, 100]).round(2)}, clip {CLIP}"
    )
    print(f"| ε of the round | noise | {' | '.join(ADVERSARIES)} | bound |")
    print("|---|--:|--:|--:|--:|--:|")
    for row in rows:
        told = [f"{row[w][0]:.2f} ± {row[w][1]:.2f}" for w in ADVERSARIES]  # type: ignore[index]
        print(f"| {row['epsilon']} | {row['noise']} | {' | '.join(told)} | {row['bound']:.3f} |", flush=True)
    write_json(options.out / "attack.json", {"membership": rows})
    exposure = canaries(run, updates, options.canaries, options.steps)
    print("| seen | exposure, mean of canaries, bits |")
    print("|---|--:|")
    for name, values in exposure.items():
        print(f"| {name} | {np.mean(values):.2f} |")
    write_json(options.out / "attack.json", {"membership": rows, "exposure": exposure})


if __name__ == "__main__":
    main()
