"""Does the policy draw what people like better? Both draw held-out prompts with the same seeds; simulated people's hidden tastes judge.

The interval is a percentile bootstrap over prompts (B. Efron and R. Tibshirani 1993, ch. 13): the pictures of a prompt stay together.
Real people's taste is not known, so theirs can only be asked for; see docs/preference.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pixelmind.preference.annotators import Annotator, population
from pixelmind.preference.features import Scorer, measure
from pixelmind.records import Conditioning, GenerationRequest, Sprite

F64 = NDArray[np.float64]
RESAMPLES = 4000


class Draws(Protocol):
    """What draws: a pipeline."""

    def generate_batch(self, requests: Sequence[GenerationRequest], /) -> Sequence[Any]: ...


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """Words and the (height, width) of what is drawn for them."""

    words: str
    size: tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class WinRate:
    """Share of pictures of the policy that are better than the reference's of the same seed, a tie one half, with a 95 % interval.

    `value` is by the hidden worth itself, `answered` as those people would answer, with their noise and ties.
    """

    value: float
    low: float
    high: float
    answered: float
    answered_low: float
    answered_high: float
    prompts: int
    pictures: int
    annotators: int
    worth_before: float
    worth_after: float


def draw(pipe: Draws, prompts: Sequence[Prompt], images: int, seed: int, batch: int = 16) -> list[tuple[Sprite, ...]]:
    """`images` pictures of each prompt; picture i of prompt n has the seed `seed` + 1000 n + i."""
    out: list[tuple[Sprite, ...]] = []
    for first in range(0, len(prompts), batch):
        requests = [
            GenerationRequest(
                conditioning=Conditioning(prompt=p.words, height=p.size[0], width=p.size[1]),
                num_images=images,
                seed=seed + 1000 * (first + n),
            )
            for n, p in enumerate(prompts[first : first + batch])
        ]
        out += [tuple(r.sprites) for r in pipe.generate_batch(requests)]
    return out


def tastes(users: Sequence[str]) -> list[Annotator]:
    """The honest tastes behind names that `population` gives with its usual settings ("simulated-SEED-NUMBER"); others are left out."""
    found = []
    for user in sorted(set(users)):
        named = re.fullmatch(r"simulated-(\d+)-(\d{3,})", user)
        if named:
            found.append(population(int(named[2]) + 1, int(named[1]))[-1])
    return found


def win_rate(
    prompts: Sequence[Prompt],
    before: Sequence[Sequence[Sprite]],
    after: Sequence[Sequence[Sprite]],
    people: Sequence[Annotator],
    scorer: Scorer | None = None,
    seed: int = 0,
) -> WinRate:
    """Let `people` judge the policy's pictures `after` against the reference's `before`, prompt by prompt."""
    wins, answers, worth = [], [], []
    for prompt, old, new in zip(prompts, before, after, strict=True):
        a, b = (measure(list(s), prompt.words, scorer) for s in (old, new))
        won, said, total = [], [], []
        for person in people:
            first, second = person.worth(a), person.worth(b)
            won.append(((second > first + 1e-9) + 0.5 * (np.abs(second - first) <= 1e-9)).mean())
            said.append(np.mean([_expected(person, y, x) for x, y in zip(first, second)]))
            total.append((first.mean(), second.mean()))
        wins.append(float(np.mean(won)))
        answers.append(float(np.mean(said)))
        worth.append(np.mean(total, axis=0))
    value, low, high = interval(wins, seed)
    answered, answered_low, answered_high = interval(answers, seed)
    mean = np.mean(worth, axis=0)
    return WinRate(
        value=value,
        low=low,
        high=high,
        answered=answered,
        answered_low=answered_low,
        answered_high=answered_high,
        prompts=len(prompts),
        pictures=sum(len(s) for s in after),
        annotators=len(people),
        worth_before=float(mean[0]),
        worth_after=float(mean[1]),
    )


def _expected(person: Annotator, policy: float, reference: float) -> float:
    """The policy's expected share of an answer, either side as often on the left."""
    left, right = person.chances(policy, reference), person.chances(reference, policy)
    return float((left[0] + left[2] / 2 + right[1] + right[2] / 2) / 2)


def interval(values: Sequence[float], seed: int = 0) -> tuple[float, float, float]:
    """Mean and its 95 % bootstrap interval."""
    v = np.asarray(values, np.float64)
    means = v[np.random.default_rng(seed).integers(0, len(v), (RESAMPLES, len(v)))].mean(1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(v.mean()), float(low), float(high)
