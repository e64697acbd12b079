"""Simulated people at the collection of preferences: they get sprites, are offered pairs as real people are, and answer into a database.

All they say is stored as simulated, by users whose names begin with "simulated".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from pixelmind.errors import BadInput
from pixelmind.preference.annotators import Annotator
from pixelmind.preference.features import F64, Scorer, measure
from pixelmind.preference.material import Group
from pixelmind.preference.pairs import MAX_GROUP, MAX_SPRITES, next_pair
from pixelmind.preference.sampling import Policy
from pixelmind.storage import Database

#: (annotator number, annotators)
Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Simulated:
    """What was written. `poisoned` names the dishonest ones, which the database does not."""

    annotators: int
    sprites: int
    choices: int
    ties: int
    ratings: int
    poisoned: tuple[str, ...]


def simulate(
    db: Database,
    groups: Sequence[Group],
    people: Sequence[Annotator],
    answers: int,
    seed: int = 0,
    *,
    scorer: Scorer | None = None,
    policy: Policy | None = None,
    rate: bool = True,
    on_person: Progress | None = None,
) -> Simulated:
    """Let each annotator answer up to `answers` offered pairs and rate every sprite.

    Args:
        db: an upgraded database.
        groups: sprites by prompt; each annotator gets copies of its own.
        people: the annotators.
        answers: pairs an annotator, fewer where none is left.
        seed: of the pairs and of the noise; the same arguments on a fresh database give the same answers.
        scorer: match of words and pictures; None: everyone is indifferent to it.
        policy: how pairs are chosen.
        rate: whether sprites are rated too.
        on_person: told of progress.

    Raises:
        BadInput: too many sprites, or an annotator who has been in this database before.
    """
    total = sum(len(g.sprites) for g in groups)
    if total > MAX_SPRITES or any(len(g.sprites) > MAX_GROUP for g in groups):
        raise BadInput(
            f"at most {MAX_SPRITES} sprites, {MAX_GROUP} of one prompt, can be asked about at once; use fewer than {total}"
        )
    if answers < 1:
        raise BadInput(f"each annotator must answer at least one pair, got {answers}")
    for person in people:
        if db.sprites.list(db.users.ensure(person.user), limit=1):
            raise BadInput(f"{person.user} has answered in this database before; use another --seed")
    measured = [measure(g.sprites, g.prompt, scorer) for g in groups]
    counts = {"choices": 0, "ties": 0, "ratings": 0}
    for number, person in enumerate(people):
        _one(db, groups, measured, person, number, answers, seed, policy, rate, counts)
        if on_person is not None:
            on_person(number + 1, len(people))
    return Simulated(
        annotators=len(people), sprites=total, poisoned=tuple(p.user for p in people if p.poison), **counts
    )


def _one(
    db: Database,
    groups: Sequence[Group],
    measured: Sequence[F64],
    person: Annotator,
    number: int,
    answers: int,
    seed: int,
    policy: Policy | None,
    rate: bool,
    counts: dict[str, int],
) -> None:
    user = db.users.ensure(person.user)
    rng = np.random.default_rng([seed, number])
    features: dict[str, F64] = {}
    for group, rows in zip(groups, measured):
        for sprite, row in zip(group.sprites, rows):
            features[db.sprites.add(user, sprite, prompt=group.prompt, source="generated").id] = row
    worth = {identity: float(person.worth(row[None])[0]) for identity, row in features.items()}
    for _ in range(answers):
        offer = next_pair(db, user, seed + number, policy)
        if offer is None:
            break
        left, right = offer.left.id, offer.right.id
        outcome = person.choose(worth[left], worth[right], rng)
        chosen, rejected = (right, left) if outcome == "right" else (left, right)
        tie = outcome == "tie"
        db.feedback.prefer(user, chosen, rejected, tie=tie, pair_id=offer.pair_id, left=left, simulated=True)
        counts["choices"] += 1
        counts["ties"] += tie
    if rate:
        for identity, row in features.items():
            db.feedback.rate(user, identity, person.rate(row, rng), simulated=True)
            counts["ratings"] += 1
