"""Satisfaction: what people said and what they did (DESIGN section 3); simulated and human people are never put together.

    explicit             mean rating from 1 to 5, each person's mean first, so that one diligent rater does not decide
    time an artwork      median over sprites of the seconds spent on them (neither more nor less is better)
    retention            of people whose first day lies at least `days` before the last one on record: share seen again on a later day
    iteration requests   edits, iterations and undos a sprite that was touched at all

Implicit signs are those of Hassan et al. 2013, "Beyond clicks: query reformulation as a predictor of search satisfaction" (requests again
as a sign of discontent), and the usual N-day retention. Intervals are bootstrapped over people; under two people there is none.
Fails when: only the content ones rate; a long time is love or trouble; people have two accounts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from pixelmind.evaluation.metrics.bootstrap import half_width, wilson

AGAIN = ("edit", "iterate", "undo")


@dataclass(frozen=True, kw_only=True)
class Reaction:
    """One reaction: who, when (ISO 8601), to which sprite; ratings by axis, or an event with its seconds."""

    user: str
    created: str
    sprite: str
    ratings: dict[str, int] = field(default_factory=dict)
    event: str = ""
    seconds: float | None = None


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A figure with its n and half a 95 % interval (None where none can be told)."""

    value: float
    n: int
    spread: float | None


def explicit(reactions: Iterable[Reaction], axis: str | None = None) -> Measured | None:
    """Mean over people of their mean rating, of one axis or of all; n counts people. None where nobody rated."""
    by_user: defaultdict[str, list[float]] = defaultdict(list)
    for r in reactions:
        values = [v for name, v in r.ratings.items() if axis in (None, name)]
        if values:
            by_user[r.user].append(float(np.mean(values)))
    return _over_people([float(np.mean(v)) for v in by_user.values()])


def seconds_an_artwork(reactions: Iterable[Reaction]) -> Measured | None:
    """Median over sprites of the seconds of all their events; n counts sprites."""
    spent: defaultdict[str, float] = defaultdict(float)
    for r in reactions:
        if r.seconds is not None:
            spent[r.sprite] += r.seconds
    if not spent:
        return None
    values = np.array(list(spent.values()))
    rng = np.random.default_rng(0)
    medians = np.median(values[rng.integers(0, len(values), (1000, len(values)))], axis=1)
    low, high = np.quantile(medians, [0.025, 0.975])
    return Measured(
        value=float(np.median(values)), n=len(values), spread=float(high - low) / 2 if len(values) > 1 else None
    )


def retention(reactions: Sequence[Reaction], days: int = 1) -> Measured | None:
    """Share of people seen again at least `days` days after their first; n counts those who could have been."""
    seen: defaultdict[str, set[datetime]] = defaultdict(set)
    for r in reactions:
        seen[r.user].add(datetime.fromisoformat(r.created).replace(hour=0, minute=0, second=0, microsecond=0))
    if not seen:
        return None
    last, wait = max(max(s) for s in seen.values()), timedelta(days=days)
    could = [s for s in seen.values() if min(s) + wait <= last]
    if not could:
        return None
    back = sum(any(d >= min(s) + wait for d in s) for s in could)
    low, high = wilson(back, len(could))
    return Measured(value=back / len(could), n=len(could), spread=(high - low) / 2)


def iteration_requests(reactions: Iterable[Reaction]) -> Measured | None:
    """Mean over people of events of AGAIN a sprite of theirs that has any event; n counts people."""
    touched: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for r in reactions:
        if r.event:
            mine = touched[r.user]
            mine[r.sprite] = mine.get(r.sprite, 0) + (r.event in AGAIN)
    return _over_people([float(np.mean(list(mine.values()))) for mine in touched.values()])


def _over_people(values: Sequence[float]) -> Measured | None:
    if not values:
        return None
    return Measured(value=float(np.mean(values)), n=len(values), spread=half_width(values) if len(values) > 1 else None)
