"""A week of the loop on simulated people: they choose and rate, and come to the rollout. All they say is stored as simulated.

What they see in the rollout are `POOL` pictures of each model for each prompt, drawn once with the same seeds; each person gets some of
their arm's. So the rollout compares these pictures, not all that the models could draw.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from pixelmind.lifecycle import rollout
from pixelmind.lifecycle.registry import Registry
from pixelmind.preference import material
from pixelmind.preference.annotators import Annotator, population
from pixelmind.preference.features import F64, Scorer, measure
from pixelmind.preference.simulate import simulate
from pixelmind.preference.win_rate import Prompt, draw
from pixelmind.records import Sprite
from pixelmind.storage import Database, RolloutRow
from pixelmind.training.weights import Bundle

PROMPTS = (*material.PROMPTS, "a red potion", "a wooden shield", "a blue gem", "a small tree")
POOL = 4
BATCH = 25
POOL_SEED = 7_000_000
Pool = list[tuple[str, Sprite, F64]]


@dataclass(frozen=True, kw_only=True)
class Week:
    """How many people, choices and pictures. `people` come to the rollout at most; a rollout without a decision by then is refused."""

    annotators: int = 6
    answers: int = 12
    pictures: int = 4
    size: tuple[int, int] = (16, 16)
    people: int = 1500
    seed: int = 0

    @property
    def settings(self) -> rollout.Settings:
        """Of its rollout: stages of 50 people, and no waiting."""
        return rollout.Settings(
            stage_units=50, stage_hours=0.0, window_hours=1.0, max_units=self.people, simulated=True
        )


def scorer_of(weights: Path) -> Scorer | None:
    """Match of words and pictures by the weights' encoder; None where they hold none."""
    if "encoder" not in Bundle(weights):
        return None
    from pixelmind.preference.features.intent import released_scorer

    return released_scorer(weights)


def collect(registry: Registry, week: Week, weights: Path, also: Callable[[], Any] | None = None) -> dict[str, Any]:
    """Let annotators choose between pictures of the weights and rate them; `also` is done after (dialogues, say). Once a database."""
    from pixelmind.generator.pipeline import load

    people = population(week.annotators, week.seed)
    db = registry.db
    if db.sprites.list(db.users.ensure(people[0].user), limit=1):
        return {"choices": "collected before"}
    groups = material.drawn(load(weights, best_of=1), PROMPTS, week.pictures, week.size, week.seed)
    done = db.write(lambda _: simulate(db, groups, people, week.answers, week.seed, scorer=scorer_of(weights)))
    told = {"choices": done.choices, "ratings": done.ratings}
    return told if also is None else {**told, **also()}


def ramp(registry: Registry, week: Week) -> dict[str, Any]:
    """Let people come until the rollout that runs has ended."""
    db = registry.db
    row = db.rollouts.running()
    if row is None:
        return {}
    scorer = scorer_of(registry.folder(row.control))
    pools = {"control": _pool(registry.folder(row.control), week, scorer)}
    pools["treatment"] = _pool(registry.folder(row.treatment), week, scorer)
    number = len(db.rollouts.outcomes(row.id, simulated=True, before="9999"))
    while (row := db.rollouts.running()) is not None:
        people = population(BATCH, week.seed + 1 + number)
        _batch(db, row, number, people, pools)
        number += BATCH
        rollout.judge(db, datetime.now(UTC) + timedelta(hours=2))
    return {"people": number}


def _pool(weights: Path, week: Week, scorer: Scorer | None) -> Pool:
    """(prompt, sprite, features [4]) of what a model draws."""
    from pixelmind.generator.pipeline import load

    prompts = [Prompt(words=words, size=week.size) for words in PROMPTS]
    drawn = draw(load(weights, best_of=1), prompts, POOL, POOL_SEED)
    return [
        (prompt.words, sprite, row)
        for prompt, sprites in zip(prompts, drawn)
        for sprite, row in zip(sprites, measure(sprites, prompt.words, scorer))
    ]


def _batch(db: Database, row: RolloutRow, number: int, people: list[Annotator], pools: dict[str, Pool]) -> None:
    """Some people come, in one transaction."""

    def work(_: object) -> None:
        for i, person in enumerate(people):
            _visit(db, row, number + i, person, pools)

    db.write(work)


def _visit(db: Database, row: RolloutRow, number: int, person: Annotator, pools: dict[str, Pool]) -> None:
    """Somebody comes, gets two pictures of their arm, and rates them."""
    rng = np.random.default_rng([number, 9])
    user = db.users.ensure(f"simulated-visitor-{number}")
    shown = rollout.expose(db, row, user.id, datetime.now(UTC))
    assert shown is not None
    pool = pools[shown.arm]
    for pick in rng.choice(len(pool), 2, replace=False):
        words, sprite, features = pool[pick]
        kept = db.sprites.add(user, sprite, prompt=words, source="generated")
        db.feedback.rate(user, kept.id, person.rate(features, rng), simulated=True)
    db.rollouts.count(row.id, shown.unit, shown.stage, 1, 0, 0.2)
