"""What is known of the collected answers: counts, agreement and bias, of real people and of simulated ones apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from pixelmind.errors import BadInput
from pixelmind.preference.aggregate import contradictions, rating_choices
from pixelmind.preference.agreement import (
    Choice,
    agreement,
    alpha_of,
    reliabilities,
    self_consistency,
    side_bias,
)
from pixelmind.preference.reliability import crowd
from pixelmind.records import content_id
from pixelmind.storage import AXES, Database, FeedbackRow, NotFound, User

#: Pictures whose strengths are told, from the strongest.
MAX_STRENGTHS = 10
GROUPS = {"human": False, "simulated": True}


def summary(db: Database, user: User | str | None = None, num_resamples: int = 1000) -> dict[str, Any]:
    """Figures as plain JSON, under "human" and "simulated", of one person or of all.

    Where several people answered, a picture is known by its pixels, so that two people's copies of a sprite are one unit.
    """
    rows = [row for row in db.feedback.each(user) if row.kind != "event" or row.event]
    names = _Names(db, several=len({row.user for row in rows}) > 1)
    return {
        name: _figures([r for r in rows if r.simulated == simulated], names, num_resamples)
        for name, simulated in GROUPS.items()
    }


class _Names:
    """What pictures and people are called: a picture by its id, or where people's copies are compared by the hash of its pixels."""

    def __init__(self, db: Database, several: bool) -> None:
        self._db, self._several = db, several
        self._known: dict[str, str] = {}
        self._people: dict[str, str] = {}

    def name(self, sprite: str) -> str:
        if not self._several:
            return sprite
        if sprite not in self._known:
            try:
                self._known[sprite] = content_id(self._db.sprites.load(sprite).rgba())
            except NotFound:
                self._known[sprite] = sprite
        return self._known[sprite]

    def person(self, user: str) -> str:
        """The name of a simulated person, which tells its seed and number; real people go by their ids."""
        if user not in self._people:
            self._people[user] = self._db.users.get(user).name
        return self._people[user]


def _choices(rows: Sequence[FeedbackRow], names: _Names) -> list[Choice]:
    out = []
    for row in rows:
        if row.kind != "preference" or row.other is None:
            continue
        chosen, rejected = names.name(row.sprite), names.name(row.other)
        if chosen == rejected:
            continue
        first = min(chosen, rejected)
        value = 0.5 if row.tie else float(first == chosen)
        left = None if row.left is None else names.name(row.left) == first
        other = max(chosen, rejected)
        out.append(Choice(annotator=row.user, one=first, other=other, value=value, left=left))
    return out


def _figures(rows: Sequence[FeedbackRow], names: _Names, num_resamples: int) -> dict[str, Any]:
    choices = _choices(rows, names)
    asked = Counter((c.annotator, *c.unit) for c in choices)
    people = {row.user for row in rows}
    called = {user: names.person(user) for user in {row.user for row in rows if row.simulated}}
    return {
        "annotators": len(people),
        "choices": len(choices),
        "ties": sum(c.value == 0.5 for c in choices),
        "repeats": sum(n - 1 for n in asked.values()),
        "ratings": _ratings(rows, names, num_resamples),
        "events": dict(sorted(Counter(r.event for r in rows if r.kind == "event").items())),
        "verdicts": dict(sorted(Counter(r.verdict for r in rows if r.kind == "verdict" and r.verdict).items())),
        "self_consistency": _plain(self_consistency(choices)),
        "agreement": _plain(agreement(choices, num_resamples)),
        "side_bias": _plain(side_bias(choices)),
        "reliability": [
            asdict(r) | {"annotator": called.get(r.annotator, r.annotator)} for r in reliabilities(choices)
        ],
        "crowd": _crowd(choices, rows, names, called),
    }


def _crowd(
    choices: Sequence[Choice], rows: Sequence[FeedbackRow], names: _Names, called: dict[str, str]
) -> dict[str, Any] | None:
    """Strengths and trust by choices, and by ratings turned into choices beside them; None without any, a note where they teach nothing."""
    from_ratings = _rating_choices(rows, names)
    if not choices and not from_ratings:
        return None
    told = [*choices, *(c for c, _ in from_ratings)]
    try:
        found = crowd(told, [1.0] * len(choices) + [count for _, count in from_ratings])
    except BadInput as error:
        return {"note": str(error)}
    both = contradictions(choices)
    return {
        "choices": len(choices),
        "pairs_of_ratings": len(from_ratings),
        "ties": found.nu,
        "parts": 1 + max(s.part for s in found.strengths),
        "strengths": [asdict(s) for s in found.strengths[:MAX_STRENGTHS]],
        "pictures": len(found.strengths),
        "trust": [
            {
                **asdict(t),
                "annotator": called.get(t.annotator, t.annotator),
                "weight": t.weight,
                "poisoned": t.poisoned,
                "contradicted": both.get(t.annotator, (0, 0))[0],
                "asked_again": both.get(t.annotator, (0, 0))[1],
            }
            for t in found.trust
        ],
    }


def _rating_choices(rows: Sequence[FeedbackRow], names: _Names) -> list[tuple[Choice, float]]:
    """Each person's last mean ratings of pictures, compared within a prompt."""
    ratings: dict[tuple[str, str], float] = {}
    prompts: dict[str, str] = {}
    for row in rows:
        if row.kind == "rating" and row.ratings and row.prompt.strip():
            picture = names.name(row.sprite)
            ratings[row.user, picture] = float(np.mean(list(row.ratings.values())))
            prompts.setdefault(picture, " ".join(row.prompt.lower().split()))
    return rating_choices(ratings, prompts)


def _ratings(rows: Sequence[FeedbackRow], names: _Names, num_resamples: int) -> dict[str, Any]:
    """Number, mean and agreement (ordinal alpha) of each axis; a person's last rating of a picture counts for agreement."""
    out = {}
    rated = [row for row in rows if row.kind == "rating"]
    for axis in AXES:
        given = [row for row in rated if axis in row.ratings]
        last = {(row.user, names.name(row.sprite)): row.ratings[axis] for row in given}
        people, units = sorted({u for u, _ in last}), sorted({s for _, s in last})
        table = np.full((len(people), len(units)), np.nan)
        for (person, unit), value in last.items():
            table[people.index(person), units.index(unit)] = value
        out[axis] = {
            "n": len(given),
            "mean": float(np.mean([row.ratings[axis] for row in given])) if given else None,
            "agreement": _plain(alpha_of(table, "ordinal", num_resamples)),
        }
    return out


def _plain(found: Any) -> dict[str, Any] | None:
    return None if found is None else asdict(found)
