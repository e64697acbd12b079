"""What ten choices are worth: simulated people choose among drawn pictures, and held-out prompts are drawn for each of them.

    python experiments/online/offline.py --learn learn.npz --held-out test.npz --people 40 --seed 1 --out figures.json --figure curve.png
    python experiments/online/offline.py --learn learn.npz --held-out dev.npz --units

The pipeline's rounds and the person's tone are replayed on drawn candidates (`material.py`), so that any number of people costs nothing.
Choices are between the two pictures that the pipeline gives for two seeds of a prompt, in turn over the prompts; the people's hidden worth
judges without noise. The rows "tones" are of questions about the tone instead: a drawing as it is and in four tones, of which the person
takes one. Settings were chosen on the part `dev` with populations 100, 200 and 300; the reported prompts and people are others.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from pixelmind.adaptation.online import looks, personal, tone
from pixelmind.adaptation.online.taste import Prior, Taste, learn, unknown
from pixelmind.encoder.model import load_encoder
from pixelmind.files import write_json
from pixelmind.preference.annotators import Annotator, population
from pixelmind.preference.features import measure
from pixelmind.preference.features.intent import scorer_of
from pixelmind.records import Sprite

F64 = NDArray[np.float64]
COUNTS = (0, 3, 5, 10, 20, 40)
SEEN = (0, 4)  # places among the kept steps at which the pipeline drops candidates, (0.94, 2) and (0.63, 1)
LEFT = (2, 1)
KINDS: tuple[personal.Kind, ...] = ("all", "looks", "encoder", "unshared")
WAYS = ("both", "ranking", "tone")


@dataclass
class Material:
    """N drawings of k candidates: descriptions where some are dropped [N, 2, k, D] and finished [N, k, D], measured [N, k, 4], sprites."""

    prompts: list[str]
    early: F64
    end: F64
    measured: F64
    sprites: list[list[Sprite]]
    text: torch.Tensor


def read(path: Path) -> Material:
    """The drawings of a file of `material.py`, seen as the pipeline and the learner see them."""
    d, encoder = np.load(path), load_encoder()
    n, _, k = d["features"].shape[:3]
    early, end = [], []
    for i in range(n):
        text = torch.from_numpy(d["text"][i])
        sprites = [Sprite.from_rgba(f) for f in d["final"][i]]
        end.append(personal.described(encoder, sprites, text.expand(k, -1)))
        seen = [torch.from_numpy(f) for f in d["features"][i][list(SEEN)]]
        early.append([personal.describe(list(p), f, f @ text) for p, f in zip(d["early"][i][list(SEEN)], seen)])
    sprites = [[Sprite.from_rgba(f) for f in row] for row in d["final"]]
    return Material(
        list(d["prompt"]), np.array(early), np.array(end), d["measured"], sprites, torch.from_numpy(d["text"])
    )


def kept(worth: F64) -> int:
    """The candidate that the rounds leave, by worth [2, k] where some are dropped."""
    left = np.arange(worth.shape[1])
    for row, keep in zip(worth, LEFT):
        left = np.sort(left[np.argsort(-row[left], kind="stable")[:keep]])
    return int(left[0])


def units(m: Material) -> dict[str, Any]:
    """Means and spreads that the constants of `looks` and `personal` come from."""
    raw = m.end[..., -len(looks.NAMES) :] * looks.SPREAD + looks.CENTRE
    match = m.end[..., 0] * personal.MATCH_SPREAD
    wide = m.end.shape[-1] - 1 - len(looks.NAMES)
    features = m.end[..., 1 : 1 + wide] * personal.FEATURES_SPREAD * np.sqrt(wide)
    return {
        "centre": raw.mean((0, 1)).round(3).tolist(),
        "spread": raw.std(1).mean(0).round(3).tolist(),
        "match": round(float(match.std(1).mean()), 3),
        "features": round(float(features.std(1).mean()), 4),
    }


class Study:
    """Held-out prompts with everything that can come out of them, measured once."""

    def __init__(self, learn_: Material, held_out: Material) -> None:
        self.learn, self.test, self.encoder = learn_, held_out, load_encoder()
        self.scorer = scorer_of(self.encoder)
        self._toned: dict[tuple[int, int], tuple[F64, F64]] = {}
        self._asked: dict[int, tuple[F64, F64]] = {}

    def tones(self, prompt: int, candidate: int) -> tuple[F64, F64]:
        """Looks and measures of the variants of a finished picture."""
        if (prompt, candidate) not in self._toned:
            tried = tone.variants(self.test.sprites[prompt][candidate])
            seen = looks.looks([v.rgba() for v in tried])
            self._toned[prompt, candidate] = seen, measure(tried, self.test.prompts[prompt], self.scorer)
        return self._toned[prompt, candidate]

    def choices(self, person: Annotator, number: int, count: int) -> tuple[F64, list[bool]]:
        """Differences of descriptions of what the person chose between, [count, D], and which were ties."""
        m, rng = self.learn, np.random.default_rng((17, number))
        order = rng.permutation(len(m.prompts) // 2)
        rows, ties = [], []
        for i in range(count):
            one, other = 2 * order[i % len(order)], 2 * order[i % len(order)] + 1
            if i >= len(order):  # asked again with other candidates of the same prompts
                a, b = rng.choice(m.measured.shape[1], 2, replace=False)
                other = one
            else:
                a, b = (kept(m.early[n, :, :, 0]) for n in (one, other))
            worth = person.worth(np.stack([m.measured[one, a], m.measured[other, b]]))
            said = person.choose(worth[0], worth[1], rng)
            difference = m.end[one, a] - m.end[other, b]
            rows.append(-difference if said == "right" else difference)
            ties.append(said == "tie")
        return np.array(rows).reshape(count, m.end.shape[-1]), ties

    def questions(self, person: Annotator, number: int, count: int) -> list[F64]:
        """Differences of descriptions of `count` answered questions about the tone, [shown - 1, D] each: the taken one less each other."""
        m, rng, found = self.learn, np.random.default_rng((19, number)), []
        order = rng.permutation(len(m.prompts) // 2)
        for i in range(count):
            described, measured = self.asked(2 * int(order[i % len(order)]))
            worth, best = person.worth(measured), 0
            for j in range(1, len(worth)):  # the better of two, one after another, as noisily as in pairs
                if person.choose(worth[best], worth[j], rng) == "right":
                    best = j
            found.append(described[best] - np.delete(described, best, axis=0))
        return found

    def asked(self, prompt: int) -> tuple[F64, F64]:
        """Descriptions and measures of what a question about a drawing's tone shows."""
        if prompt not in self._asked:
            m = self.learn
            shown = list(tone.question(m.sprites[prompt][kept(m.early[prompt, :, :, 0])]).values())
            described = personal.described(self.encoder, shown, m.text[prompt].expand(len(shown), -1))
            self._asked[prompt] = described, measure(shown, m.prompts[prompt], self.scorer)
        return self._asked[prompt]

    def wins(self, person: Annotator, taste: Taste, way: str) -> F64:
        """1, 0.5 or 0 for each held-out prompt: is what the person gets better than what the pipeline gives everybody?"""
        m, size = self.test, len(looks.NAMES)
        mean, covariance = taste.mean[-size:], taste.covariance[-size:, -size:]
        out = []
        for n in range(len(m.prompts)):
            base = kept(m.early[n, :, :, 0])
            own = kept(m.early[n] @ taste.mean) if way in ("both", "ranking") else base
            seen, measured = self.tones(n, own)
            which = tone.chosen(seen, mean, covariance) if way in ("both", "tone") else 0
            after, before = person.worth(measured[which][None])[0], person.worth(m.measured[n, base][None])[0]
            out.append(0.5 if abs(after - before) < 1e-9 else float(after > before))
        return np.array(out)


def interval(wins: F64, seed: int = 0, resamples: int = 2000) -> tuple[float, float, float]:
    """Mean of wins [people, prompts] and its 95 % bootstrap interval over both, people and prompts drawn anew each time."""
    rng = np.random.default_rng(seed)
    people, prompts = wins.shape
    means = [
        wins[np.ix_(rng.integers(0, people, people), rng.integers(0, prompts, prompts))].mean()
        for _ in range(resamples)
    ]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(wins.mean()), float(low), float(high)


def meta_prior(study: Study, prior: Prior, people: list[Annotator]) -> Prior:
    """A prior learned from other simulated people's forty choices: mean and spread of their looks' weights (empirical Bayes)."""
    size, found = len(looks.NAMES), []
    for number, person in enumerate(people):
        x, ties = study.choices(person, 1000 + number, 40)
        found.append(learn(prior, x, np.ones(40), ties).mean[-size:])
    mean, scale = prior.mean.copy(), prior.scale.copy()
    mean[-size:], scale[-size:] = np.mean(found, 0), np.maximum(np.std(found, 0), 0.05)
    return Prior(mean=mean, scale=scale)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--learn", type=Path, required=True)
    parser.add_argument("--held-out", type=Path, required=True)
    parser.add_argument("--people", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1, help="of the population")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--figure", type=Path)
    parser.add_argument("--units", action="store_true")
    args = parser.parse_args()
    held_out = read(args.held_out)
    if args.units:
        print(json.dumps(units(held_out)))
        return
    study, people, found = Study(read(args.learn), held_out), population(args.people, args.seed), []
    said = [study.choices(p, n, max(COUNTS)) for n, p in enumerate(people)]
    wide = held_out.end.shape[-1] - 1 - len(looks.NAMES)
    for kind in KINDS:
        prior = personal.prior(wide, kind)
        for count in COUNTS if kind == "all" else (10,):
            tastes = [learn(prior, x[:count], np.ones(count), t[:count]) if count else unknown(prior) for x, t in said]
            for way in WAYS if count == 10 or kind == "all" else ("both",):
                wins = np.array([study.wins(p, t, way) for p, t in zip(people, tastes)])
                value, low, high = interval(wins)
                by_person = wins.mean(1)
                row = {"features": kind, "choices": count, "way": way, "win": value, "low": low, "high": high}
                row |= {"people_above_half": float((by_person > 0.5).mean()), "worst": float(by_person.min())}
                found.append(row)
                print(f"{kind:8} {count:3} choices, {way:7}: {value:.3f} [{low:.3f}, {high:.3f}]", flush=True)
    answers = [study.questions(p, n, max(COUNTS)) for n, p in enumerate(people)]
    prior = personal.prior(wide)
    for count in COUNTS[1:]:
        rows = [np.concatenate(a[:count]) for a in answers]
        tastes = [learn(prior, x, np.ones(len(x)), [False] * len(x)) for x in rows]
        wins = np.array([study.wins(p, t, "tone") for p, t in zip(people, tastes)])
        value, low, high = interval(wins)
        found.append({"features": "tones", "choices": count, "way": "tone", "win": value, "low": low, "high": high})
        print(f"tones    {count:3} answers, tone  : {value:.3f} [{low:.3f}, {high:.3f}]", flush=True)
    meta = meta_prior(study, personal.prior(wide), population(args.people, 200))
    for count in (0, 3, 10, 40):
        tastes = [learn(meta, x[:count], np.ones(count), t[:count]) if count else unknown(meta) for x, t in said]
        wins = np.array([study.wins(p, t, "tone") for p, t in zip(people, tastes)])
        value, low, high = interval(wins)
        found.append({"features": "meta", "choices": count, "way": "tone", "win": value, "low": low, "high": high})
        print(f"meta     {count:3} choices, tone   : {value:.3f} [{low:.3f}, {high:.3f}]", flush=True)
    about = {"people": args.people, "seed": args.seed, "prompts": len(held_out.prompts), "simulated": True}
    if args.out is not None:
        write_json(args.out, {**about, "rows": found})
    if args.figure is not None:
        draw(found, args.figure)


def draw(rows: list[dict[str, Any]], path: Path) -> None:
    """The learning curve: choices against win rate."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axis = plt.subplots(figsize=(6, 3.6), layout="constrained")
    for way, color in zip(WAYS, ("C0", "C1", "C2")):
        mine = [r for r in rows if r["features"] == "all" and r["way"] == way]
        x = [r["choices"] for r in mine]
        axis.plot(
            x, [r["win"] for r in mine], "o-", color=color, label={"both": "ranking and tone"}.get(way, way + " alone")
        )
        if way == "both":
            axis.fill_between(x, [r["low"] for r in mine], [r["high"] for r in mine], color=color, alpha=0.2)
    mine = [r for r in rows if r["features"] == "tones"]
    x = [r["choices"] for r in mine]
    axis.plot(x, [r["win"] for r in mine], "s-", color="C3", label="tone, asked about the tone")
    axis.fill_between(x, [r["low"] for r in mine], [r["high"] for r in mine], color="C3", alpha=0.2)
    axis.axhline(0.5, color="black", linewidth=0.8)
    axis.axhline(0.65, color="green", linestyle=":", label="asked: 0.65")
    axis.set(xlabel="choices", ylabel="win rate over the pipeline as it is", title="simulated people, held-out prompts")
    axis.legend()
    figure.savefig(path, dpi=80)


if __name__ == "__main__":
    main()
