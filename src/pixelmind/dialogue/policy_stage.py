"""Learning the clarifying policy on simulated people, and measuring it beside never asking, always asking and asking at random."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pixelmind.dialogue.defaults import fill, open_points
from pixelmind.dialogue.policy import MAX_QUESTIONS, Policy
from pixelmind.dialogue.simulated import Chooser, Person, always, answered, at_random, match, never, person, talk
from pixelmind.errors import BadInput
from pixelmind.files import write_json

#: Populations that are learned from. Which reading of a word is frequent differs between them, since nobody knows it beforehand.
WORLDS = 50


@dataclass(frozen=True, kw_only=True)
class PolicyConfig:
    """People to learn from and to measure on, the observations that a word's slot counts for, and the share of always-asking's
    questions that may be asked."""

    people: int = 40000
    test_people: int = 2000
    shrinkage: float = 10.0
    share: float = 0.5
    seed: int = 0

    def __post_init__(self) -> None:
        if min(self.people, self.test_people) < 10:
            raise BadInput("policy.people and policy.test_people must be at least 10")
        if not 0 < self.share <= 1 or self.shrinkage < 0:
            raise BadInput("policy.share must be above 0 to 1 and policy.shrinkage at least 0")


def learn(people: list[Person], shrinkage: float, rng: np.random.Generator) -> dict[str, float]:
    """Mean gain of asking about each word, shrunk to its slot's mean (James & Stein's way of borrowing strength; the slot counts for
    `shrinkage` observations)."""
    seen: dict[str, list[float]] = {}
    for one in people:
        before = match(fill(one.says)[0], one)
        for point in open_points(one.says):
            gain = match(fill(answered(one.says, point, one, rng))[0], one) - before
            for name in (point.slot, f"{point.slot}/{point.word}"):
                seen.setdefault(name, []).append(gain)
    gains = {name: float(np.mean(found)) for name, found in seen.items()}
    for name, found in seen.items():
        slot, _, word = name.partition("/")
        if word:
            gains[name] = (sum(found) + shrinkage * gains[slot]) / (len(found) + shrinkage)
    return gains


def served(people: list[Person], choose: Chooser, seed: int, most: int = MAX_QUESTIONS) -> np.ndarray:
    """[N, 2]: match and questions of each person."""
    return np.array([talk(p, choose, np.random.default_rng((seed, 13, i)), most) for i, p in enumerate(people)])


def fit(config: PolicyConfig) -> Policy:
    """Learn the gains on half the people; on the other half choose the cost of a question: the least whose number of questions stays
    within `share` of always-asking's."""
    people = [person(i, config.seed + 1, world=i % WORLDS) for i in range(config.people)]
    half = config.people // 2
    gains = learn(people[:half], config.shrinkage, np.random.default_rng((config.seed, 14)))
    most = 0.97 * config.share * served(people[half:], always, config.seed)[:, 1].mean()
    for cost in np.linspace(0.0, 0.3, 61):
        policy = Policy(gains, float(cost))
        if served(people[half:], lambda w, n, _, policy=policy: policy.choose(w, n), config.seed)[:, 1].mean() <= most:  # type: ignore[misc]
            break
    return policy


def compare(policy: Policy, config: PolicyConfig) -> dict[str, dict[str, float]]:
    """Each way of asking on people of populations that it was not learned on: mean match and questions, and the gain over never asking
    with the half-width of its 95 % interval (paired bootstrap)."""
    people = [person(i, config.seed + 2, world=WORLDS + i % WORLDS) for i in range(config.test_people)]
    ways: dict[str, Chooser] = {
        "never": never,
        "random": at_random,
        "policy": lambda w, n, _: policy.choose(w, n),
        "always": always,
    }
    found = {name: served(people, way, config.seed + 3) for name, way in ways.items()}
    rng = np.random.default_rng((config.seed, 15))
    picks = rng.integers(config.test_people, size=(1000, config.test_people))
    base = found["never"][:, 0]
    out = {}
    for name, rows in found.items():
        gains = rows[picks, 0].mean(1) / base[picks].mean(1) - 1
        out[name] = {
            "match": float(rows[:, 0].mean()),
            "questions": float(rows[:, 1].mean()),
            "gain": float(rows[:, 0].mean() / base.mean() - 1),
            "gain_spread": float((np.quantile(gains, 0.975) - np.quantile(gains, 0.025)) / 2),
        }
    return out


def run(config: PolicyConfig, out: Path) -> dict[str, float]:
    """Learn, measure on `test_people` simulated people of other populations, write a bundle with part "policy" and
    report.json into OUT, and return the figures."""
    policy = fit(config)
    table = compare(policy, config)
    policy.save(out, people=config.people)
    write_json(out / "report.json", {"format": 1, "people": "simulated", "cost": policy.cost, "ways": table})
    return {f"{way}, {name}": value for way, row in table.items() for name, value in row.items()}
