"""A canary beside the champion: who gets which, what is looked at, and when it goes on, stops or is promoted.

The share of the canary rises 1 -> 5 -> 25 -> 50 %, and 100 % is its promotion. Units (people, or people's days) are drawn by a salted
hash, so that everybody gets the same each time, in every process; who had the canary keeps it as the share rises. At every look:

    guardrails   errors, latency, flags and engagement clearly worse than allowed, or failures one after another -> refused
    satisfaction interval below 0 -> refused; above -margin of the control at the last share -> promoted
    a stage's units and hours are over -> next share; most units or days are over without a decision -> refused

Figures of real people and of simulated ones are never mixed.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import numpy as np

from pixelmind.errors import BadInput
from pixelmind.lifecycle.statistics import Difference, Series, best_rho, difference
from pixelmind.storage import Database, Exposure, Outcome, RolloutRow
from pixelmind.storage.ids import ALPHABET, iso

Segment = Literal["new", "regular"]
NEW_DAYS = 7.0


@dataclass(frozen=True)
class Metric:
    """A figure of a unit. `spread` is a guess at its variance, which sets where its interval is tightest, not whether it is right; `worse`
    is +1 where more is worse; `allowed` is how much worse the canary may be."""

    spread: float
    worse: int = 1
    allowed: float = 0.0


SATISFACTION = Metric(spread=0.05, worse=-1)
GUARDRAILS = {
    "engagement": Metric(spread=0.1, worse=-1),  # share of a unit's sprites that were chosen, exported or shared
    "latency": Metric(spread=0.1, allowed=math.log(1.25)),  # log of the seconds of a request
    "errors": Metric(spread=0.01, allowed=0.01),  # share of requests that failed
    "flags": Metric(spread=0.05, allowed=0.05),  # share of checked sprites that were flagged
}
#: Of the canary's requests, before any window has ended: so many, and such a share of them failed.
CRASH_REQUESTS, CRASH_SHARE = 10, 0.5


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a rollout is done. `window_hours`: how long what a unit does after it was shown its arm counts; `alpha` of the satisfaction's
    interval, `guard_alpha` of each guardrail's; `margin`: share of the control's satisfaction that the canary may lie below."""

    unit: Literal["user", "day"] = "user"
    segment: Segment | None = None
    shares: tuple[float, ...] = (0.01, 0.05, 0.25, 0.5)
    stage_units: int = 50
    stage_hours: float = 24.0
    window_hours: float = 24.0
    max_units: int = 20_000
    max_days: float = 56.0
    alpha: float = 0.05
    guard_alpha: float = 0.01
    margin: float = 0.0
    simulated: bool = False

    def __post_init__(self) -> None:
        rising = all(a < b for a, b in zip((0.0, *self.shares), (*self.shares, 1.0)))
        if not self.shares or not rising:
            raise BadInput(f"the shares of a rollout must rise between 0 and 1, got {list(self.shares)}")
        if self.unit not in ("user", "day") or self.segment not in (None, "new", "regular"):
            raise BadInput("a rollout's unit is user or day, its segment new or regular")
        if not (0 < self.alpha < 1 and 0 < self.guard_alpha < 1 and 0 <= self.margin < 1):
            raise BadInput("alpha and guard_alpha must lie between 0 and 1, margin in [0, 1)")
        if self.stage_units < 1 or self.max_units < 1 or self.max_days <= 0:
            raise BadInput("stage_units and max_units must be at least 1, max_days above 0")
        if not 0 <= self.stage_hours <= 24 * 366 or not 0 < self.window_hours <= 24 * 366:
            raise BadInput("hours of a stage must be 0 to 8784, those of the window above 0")

    @classmethod
    def of(cls, row: RolloutRow) -> Settings:
        """Those that a rollout was started with."""
        return cls(**{**row.settings, "shares": tuple(row.settings["shares"])})


@dataclass(frozen=True)
class Assignment:
    """What a unit gets."""

    unit: str
    segment: Segment
    draw: float
    arm: Literal["control", "treatment"]


def segment_of(user: str, moment: datetime) -> Segment:
    """Whether somebody came less than seven days before; the id tells when (`storage.ids`)."""
    milliseconds = 0
    for letter in user[4:14]:
        milliseconds = milliseconds << 5 | ALPHABET.index(letter)
    return "new" if moment.timestamp() - milliseconds / 1000 < 86_400 * NEW_DAYS else "regular"


def draw(salt: str, segment: str, unit: str) -> float:
    """A number in [0, 1) that depends on these words alone: the first 53 bits of their sha256."""
    digest = hashlib.sha256(f"{salt}:{segment}:{unit}".encode()).digest()
    return (int.from_bytes(digest[:8]) >> 11) / 2.0**53


def assign(row: RolloutRow, user: str, moment: datetime) -> Assignment | None:
    """What somebody gets; None where they are of a segment that takes no part."""
    settings = Settings.of(row)
    segment = segment_of(user, datetime.fromisoformat(row.created))
    if settings.segment not in (None, segment):
        return None
    unit = user if settings.unit == "user" else f"{user}/{moment.astimezone(UTC):%Y-%m-%d}"
    drawn = draw(row.salt, segment, unit)
    return Assignment(unit, segment, drawn, "treatment" if drawn < row.share else "control")


def expose(db: Database, row: RolloutRow, user: str, moment: datetime) -> Exposure | None:
    """Write down that somebody was shown their arm; None where they take no part."""
    found = assign(row, user, moment)
    if found is None:
        return None
    hours = Settings.of(row).window_hours
    return db.rollouts.expose(row, user, found.unit, found.segment, found.draw, hours, moment)


def start(db: Database, model: str, settings: Settings) -> RolloutRow:
    """Begin to compare a candidate with the champion.

    Raises:
        NotFound, Conflict: see `storage.Rollouts.start`.
    """
    return db.rollouts.start(model, asdict(settings), settings.shares[0])


@dataclass(frozen=True, kw_only=True)
class Report:
    """What is known of a rollout, and what follows: "wait", "advance", "promoted" or "refused"."""

    decision: str
    reason: str
    satisfaction: Difference
    guardrails: dict[str, Difference]
    segments: dict[str, Difference]
    units: int
    stage_units: int

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON; what is endless or not known is null."""
        return _plain(asdict(self))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


def values(outcome: Outcome) -> dict[str, float]:
    """The figures of a unit that are known."""
    e = outcome.exposure
    done = e.requests - e.errors
    found = {
        "satisfaction": float(np.mean(outcome.satisfaction)) if outcome.satisfaction else None,
        "engagement": min(1.0, len(outcome.used) / outcome.sprites) if outcome.sprites else None,
        "latency": math.log(e.seconds / done) if done and e.seconds > 0 else None,
        "errors": e.errors / e.requests if e.requests else None,
        "flags": outcome.flagged / outcome.checked if outcome.checked else None,
    }
    return {name: value for name, value in found.items() if value is not None}


def series(outcomes: Sequence[Outcome]) -> dict[str, Series]:
    """Each figure's units in order."""
    rows = [(o.exposure, values(o)) for o in outcomes]

    def of(name: str) -> Series:
        known = [(e.arm == "treatment", e.chance, found[name]) for e, found in rows if name in found]
        treated, chance, outcome = zip(*known) if known else ((), (), ())
        return Series(np.array(treated, bool), np.array(chance, np.float64), np.array(outcome, np.float64))

    return {name: of(name) for name in ("satisfaction", *GUARDRAILS)}


def compared(found: Series, metric: Metric, alpha: float, settings: Settings) -> Difference:
    """A difference whose interval is tightest a quarter of the way to `max_units`, half of them treated."""
    return difference(found, alpha, best_rho(settings.max_units / 4 * metric.spread / 4, alpha))


def decide(
    settings: Settings, stage: int, found: dict[str, Series], *, stage_units: int, stage_hours: float, days: float
) -> tuple[str, str, Difference, dict[str, Difference]]:
    """(decision, reason, satisfaction, guardrails) from each figure's series.

    Args:
        stage: number of the share, from 0.
        stage_units: units exposed in this stage.
        stage_hours, days: since the stage and the rollout began.
    """
    last = stage == len(settings.shares) - 1
    main = compared(found["satisfaction"], SATISFACTION, settings.alpha, settings)
    guards = {name: compared(found[name], m, settings.guard_alpha, settings) for name, m in GUARDRAILS.items()}

    def told() -> tuple[str, str]:
        for name, d in guards.items():
            if GUARDRAILS[name].worse * (d.low if GUARDRAILS[name].worse > 0 else d.high) > GUARDRAILS[name].allowed:
                return "refused", f"{name}: {d.effect:+.4g} [{d.low:+.4g}, {d.high:+.4g}] is worse than allowed"
        interval = f"{main.effect:+.4f} [{main.low:+.4f}, {main.high:+.4f}] against {main.control:.4f}"
        if main.high < 0:
            return "refused", f"satisfaction is worse: {interval}"
        if last and main.num_treatment and main.low > -settings.margin * max(main.control, 0.0):
            return "promoted", f"satisfaction holds: {interval}"
        if len(found["satisfaction"]) >= settings.max_units or days >= settings.max_days:
            return "refused", f"no gain was shown in {len(found['satisfaction'])} units and {days:.1f} days: {interval}"
        if not last and stage_units >= settings.stage_units and stage_hours >= settings.stage_hours:
            return "advance", f"{stage_units} units saw {100 * settings.shares[stage]:g} %"
        said = len(found["satisfaction"])
        return (
            "wait",
            f"{said} units said how satisfied they are: {interval}"
            if said
            else "nobody has said yet how satisfied they are",
        )

    return *told(), main, guards


def crashed(outcomes: Sequence[Outcome]) -> str:
    """Why the canary is stopped before any window ends; "" where it is not."""
    shown = [o.exposure for o in outcomes if o.exposure.arm == "treatment"]
    requests, errors = sum(e.requests for e in shown), sum(e.errors for e in shown)
    if requests >= CRASH_REQUESTS and errors > CRASH_SHARE * requests:
        return f"{errors} of {requests} requests failed"
    return ""


def report(db: Database, row: RolloutRow, moment: datetime | None = None) -> Report:
    """What is known of a rollout now."""
    settings, now = Settings.of(row), moment or datetime.now(UTC)
    everything = db.rollouts.outcomes(row.id, simulated=settings.simulated, before="9999")
    ended = [o for o in everything if o.exposure.until <= iso(now)]
    found = series(ended)
    in_stage = sum(o.exposure.stage == row.stage for o in everything)
    begun = datetime.fromisoformat(row.created)
    decision, reason, main, guards = decide(
        settings,
        row.stage,
        found,
        stage_units=in_stage,
        stage_hours=(now - datetime.fromisoformat(row.stage_began)) / timedelta(hours=1),
        days=(now - begun) / timedelta(days=1),
    )
    if why := crashed(everything):
        decision, reason = "refused", why
    segments = {
        name: compared(
            series([o for o in ended if o.exposure.segment == name])["satisfaction"],
            SATISFACTION,
            settings.alpha,
            settings,
        )
        for name in sorted({o.exposure.segment for o in ended})
    }
    return Report(
        decision=decision,
        reason=reason,
        satisfaction=main,
        guardrails=guards,
        segments=segments,
        units=len(everything),
        stage_units=in_stage,
    )


def judge(db: Database, moment: datetime | None = None) -> Report | None:
    """Look at the rollout that runs and do what follows, in one commit; None where none runs. Safe to call at any time, in any process."""
    row = db.rollouts.running()
    if row is None:
        return None
    found = report(db, row, moment)
    if found.decision == "advance":
        began = None if moment is None else iso(moment)
        db.rollouts.advance(row.id, row.stage + 1, Settings.of(row).shares[row.stage + 1], began)
    elif found.decision in ("promoted", "refused"):
        db.rollouts.end(row.id, found.decision, found.to_dict())
    return found
