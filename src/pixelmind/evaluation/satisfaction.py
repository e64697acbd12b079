"""`eval satisfaction`: what people said and did, out of the service's database; simulated and human people in sections of their own."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from pixelmind.evaluation.figures import Figure, environment
from pixelmind.evaluation.metrics import satisfaction
from pixelmind.evaluation.metrics.satisfaction import Measured, Reaction
from pixelmind.files import write_bytes, write_json

if TYPE_CHECKING:
    from pixelmind.storage import FeedbackRow

AXES = ("accuracy", "aesthetics", "technical")
SECTIONS = {"satisfaction (human)": False, "satisfaction (simulated)": True}


def measure(rows: Iterable[FeedbackRow]) -> tuple[list[Figure], list[dict[str, str]]]:
    """Figures of both kinds of people, and what could not be measured."""
    by_kind: dict[bool, list[Reaction]] = {False: [], True: []}
    for row in rows:
        by_kind[row.simulated].append(
            Reaction(
                user=row.user, created=row.created, sprite=row.sprite, ratings=dict(row.ratings), event=row.event, seconds=row.seconds,
            )
        )  # fmt: skip
    figures, missing = [], []
    for section, simulated in SECTIONS.items():
        mine = by_kind[simulated]
        found: dict[str, tuple[Measured | None, str]] = {
            "explicit, 1 to 5": (satisfaction.explicit(mine), "mean over people"),
            **{f"explicit, {axis}": (satisfaction.explicit(mine, axis), "mean over people") for axis in AXES},
            "time an artwork": (satisfaction.seconds_an_artwork(mine), "median over sprites, s"),
            "retention, next day or later": (satisfaction.retention(mine), "of people who could come back"),
            "iteration requests a sprite": (satisfaction.iteration_requests(mine), "mean over people"),
        }
        for metric, (value, note) in found.items():
            if value is None:
                missing.append({"section": section, "reason": f"{metric}: nothing on record"})
                continue
            figures.append(
                Figure(section=section, metric=metric, value=value.value, n=value.n, spread=value.spread, note=note)
            )
    return figures, missing


def run(rows: Iterable[FeedbackRow], out: Path) -> list[Figure]:
    """Measure and write OUT/report.json and OUT/report.md; with nothing on record the report says so."""
    figures, missing = measure(rows)
    plain = [f.to_dict() for f in figures]
    about = {"format": 1, "kind": "satisfaction", "environment": environment(), "figures": plain, "missing": missing}
    write_json(out / "report.json", about)
    lines = [
        f"| {f.section} | {f.metric} | {f.value:.3g} | {'' if f.spread is None else f'{f.spread:.2g}'} | {f.n} | {f.note} |"
        for f in figures
    ]
    gaps = [f"- {m['section']}: {m['reason']}" for m in missing]
    head = "| people | figure | value | ± (95 %) | n | |\n|---|---|--:|--:|--:|---|\n"
    write_bytes(out / "report.md", (head + "\n".join([*lines, "", *gaps]) + "\n").encode())
    return figures
