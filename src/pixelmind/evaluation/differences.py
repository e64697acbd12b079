"""`eval compare A B`: figure by figure, what rose, what fell, and whether by more than chance.

    both reports name the prompts    paired bootstrap over prompts (Efron and Tibshirani 1993, ch. 16)
    both figures have a spread       a - b +- sqrt(spread_a^2 + spread_b^2) (MOVER for symmetric intervals, Zou and Donner 2008, eq. 3)
    neither                          told, never judged; but `MUST_HOLD` may not fall at all

The verdict is better or worse where the 95 % interval of the change leaves 0 out, on the side that the figure's direction says.
Fails when: many figures are compared, one in twenty leaves its interval by chance alone (the number compared is told beside the
verdicts); unpaired figures of the same prompts are judged too mildly, since what both share does not cancel.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from pixelmind.errors import BadInput

Verdict = Literal["better", "worse", "same", "untold"]
Report = Mapping[str, Any]
#: Figures where less is better, and those where neither more nor less is; of all others more is better.
LOWER = re.compile(
    r"\bFID\b|\bKID\b|cop(?:y|ies)\b|empty|seconds|memory|error|orphan|false alarm|redundant|iteration|minutes", re.I
)
NEITHER = re.compile(
    r"real pictures|diversity|unique colours|flat-area|unneeded|time an artwork|hash bits|cosine to the nearest", re.I
)
MUST_HOLD = ("conformance",)
RESAMPLES = 4000


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A figure in both reports: `b` - `a` with its 95 % interval [low, high] (None where no interval can be told) and the verdict on B."""

    section: str
    metric: str
    a: float
    b: float
    low: float | None
    high: float | None
    paired: bool
    verdict: Verdict

    @property
    def change(self) -> float:
        return self.b - self.a


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """All differences, figures that only one report has, and what makes the two hard to compare."""

    differences: tuple[Difference, ...]
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]
    warnings: tuple[str, ...]

    def of(self, verdict: Verdict) -> tuple[Difference, ...]:
        """Differences with this verdict, in the report's order."""
        return tuple(d for d in self.differences if d.verdict == verdict)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        rows = [{**asdict(d), "change": round(d.change, 6)} for d in self.differences]
        return {
            "regressions": [f"{d.section}: {d.metric}" for d in self.of("worse")],
            "improvements": [f"{d.section}: {d.metric}" for d in self.of("better")],
            "compared": len(self.differences),
            "differences": rows,
            "only_a": list(self.only_a),
            "only_b": list(self.only_b),
            "warnings": list(self.warnings),
        }


def direction(metric: str) -> int:
    """1 where more of a metric is better, -1 where less is, 0 where neither."""
    return 0 if NEITHER.search(metric) else -1 if LOWER.search(metric) else 1


def read_report(path: Path | str) -> dict[str, Any]:
    """A report.json, or that of the folder it lies in.

    Raises:
        BadInput: unreadable, or no report of `pixelmind eval`.
    """
    path = Path(path)
    path = path / "report.json" if path.is_dir() else path
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} is not a readable report.json; make one with: pixelmind eval core") from error
    rows = data.get("figures") if isinstance(data, dict) else None
    if not isinstance(rows, list) or not all(
        isinstance(r, dict) and {"section", "metric", "value"} <= r.keys() for r in rows
    ):
        raise BadInput(f"{path} holds no figures; make a report with: pixelmind eval core")
    return dict(data)


def _of_prompts(prompts: list[dict[str, Any]]) -> dict[str, Callable[[str], NDArray[np.float64]]]:
    """What each prompt contributes to a figure, [N]; a figure is their mean."""
    ranks = [np.asarray(p["ranks"]) for p in prompts]

    def recall(metric: str) -> NDArray[np.float64]:
        k = int(re.findall(r"@(\d+)", metric)[0])
        return np.array([float((r <= k).mean()) for r in ranks])

    def accuracy(metric: str) -> NDArray[np.float64]:
        k = int(re.findall(r"@(\d+)", metric)[0])
        return np.array([float(any(p["approved"][:k])) for p in prompts])

    return {
        r"judge R@\d+ of \d+": recall,
        r"Pixel-Accuracy@\d+ \(simulated\)": accuracy,
        "Intent Fidelity": lambda _: np.array([float(p["cosine"]) for p in prompts]),
    }


def _interval(differences: NDArray[np.float64]) -> tuple[float, float]:
    rng = np.random.default_rng(0)
    means = differences[rng.integers(0, len(differences), (RESAMPLES, len(differences)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def _paired(a: Report, b: Report, section: str, metric: str) -> tuple[float, float] | None:
    one, two = a.get("prompts") or [], b.get("prompts") or []
    if section != "prompts" or not one or [p.get("prompt") for p in one] != [p.get("prompt") for p in two]:
        return None
    for pattern, value in _of_prompts(one).items():
        if re.fullmatch(pattern, metric):
            return _interval(_of_prompts(two)[pattern](metric) - value(metric))
    return None


def _verdict(metric: str, change: float, interval: tuple[float, float] | None) -> Verdict:
    sign = direction(metric)
    if metric in MUST_HOLD and change:
        return "better" if change > 0 else "worse"
    if interval is None:
        return "same" if change == 0 else "untold"
    low, high = interval
    if sign == 0 or low <= 0 <= high:
        return "same" if low <= 0 <= high else "untold"
    return "better" if (low > 0) == (sign > 0) else "worse"


def compare_reports(a: Report, b: Report) -> Comparison:
    """What changed from report `a` to report `b`, of any kind that holds figures.

    Raises:
        BadInput: they have no figure in common.
    """
    first = {(f["section"], f["metric"]): f for f in a["figures"]}
    second = {(f["section"], f["metric"]): f for f in b["figures"]}
    differences = []
    for key, one in first.items():
        if (two := second.get(key)) is None:
            continue
        change = two["value"] - one["value"]
        interval, paired = _paired(a, b, *key), True
        if interval is None:
            paired, spreads = False, (one.get("spread"), two.get("spread"))
            width = None if None in spreads else float(np.hypot(*spreads))
            interval = None if width is None else (change - width, change + width)
        low, high = interval or (None, None)
        verdict = _verdict(key[1], change, interval)
        differences.append(
            Difference(
                section=key[0], metric=key[1], a=one["value"], b=two["value"], low=low, high=high,
                paired=paired, verdict=verdict,
            )
        )  # fmt: skip
    if not differences:
        raise BadInput("the two reports have no figure in common; compare two of one command")
    return Comparison(
        differences=tuple(differences),
        only_a=tuple(": ".join(k) for k in first if k not in second),
        only_b=tuple(": ".join(k) for k in second if k not in first),
        warnings=tuple(_warnings(a, b)),
    )


def _warnings(a: Report, b: Report) -> list[str]:
    told = []
    for what, path in (
        ("judges", ("judge", "sha256")), ("settings", ("config",)), ("test pictures", ("data", "test_pictures")),
        ("machines", ("environment", "hardware")), ("suites", ("suite",)),
    ):  # fmt: skip
        one, two = dict(a), dict(b)
        for key in path:
            one, two = (x.get(key, {}) if isinstance(x, dict) else {} for x in (one, two))
        if one != two:
            told.append(f"the two are of other {what}")
    return told
