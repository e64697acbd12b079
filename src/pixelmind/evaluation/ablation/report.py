"""From an ablation's kept results to report.json, report.html, report.md and plots."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from pixelmind.errors import BadInput
from pixelmind.evaluation.ablation.effects import Effect, effects, interval
from pixelmind.evaluation.ablation.plan import AblationConfig, Job, Study, result_of
from pixelmind.evaluation.ablation.runner import run_jobs
from pixelmind.evaluation.ablation.studies import STUDIES
from pixelmind.evaluation.core import store_line
from pixelmind.evaluation.figures import Figure, environment
from pixelmind.evaluation.report import inline, template
from pixelmind.files import write_bytes, write_json

Results = Mapping[tuple[str, int], Mapping[str, Sequence[float]]]


def plan(
    names: Sequence[str], config: AblationConfig, *, data: Path, weights: Path | None, judge: Path | None, out: Path
) -> list[Job]:
    """All jobs of the named studies (none: all of them), study by study, seed by seed.

    Raises:
        BadInput: an unknown study, no store, no weights, no judge.
    """
    from pixelmind.data.store import Store
    from pixelmind.evaluation.stage import find_judge
    from pixelmind.training.weights import Bundle

    unknown = [n for n in names if n not in STUDIES]
    if unknown:
        raise BadInput(f"there is no study {', '.join(unknown)}; choose among {', '.join(STUDIES)}")
    bundle = Bundle(weights)
    judge_id = str(find_judge(weights, judge).card.get("sha256", ""))[:12]
    common: dict[str, Any] = {
        "data": str(data), "data_hash": Store.open(data).manifest_hash, "weights": str(bundle.folder), "weights_id": bundle.id,
        "judge": str(judge or bundle.folder), "judge_id": judge_id, "out": str(out), "config": config,
    }  # fmt: skip
    return [
        Job(study=name, arm=arm, seed=seed, **common)
        for name in (names or STUDIES)
        for seed in config.seeds
        for arm in STUDIES[name].arms
    ]


def run(
    jobs: Sequence[Job],
    out: Path,
    *,
    workers: int = 1,
    ray: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> tuple[list[Figure], dict[str, str]]:
    """Do what is missing and write the report of all; figures, and why jobs failed by name."""
    failed = run_jobs(jobs, workers=workers, ray=ray, tell=tell)
    return write(jobs, out, failed), failed


def write(jobs: Sequence[Job], out: Path, failed: Mapping[str, str]) -> list[Figure]:
    """The report of the jobs' kept results."""
    found: list[dict[str, Any]] = []
    figures: list[Figure] = []
    plots: list[tuple[str, bytes]] = []
    for name in dict.fromkeys(j.study for j in jobs):
        study, mine = STUDIES[name], [j for j in jobs if j.study == name]
        kept = {(j.arm, j.seed): r for j in mine if (r := result_of(j)) is not None}
        results = {k: r["values"] for k, r in kept.items()}
        rows = effects(results, study.arms)
        figures += [_figure(study, e) for e in rows]
        cpu = sum(float(r["cpu_seconds"]) for r in kept.values())
        found.append(
            {
                "study": name, "question": study.question, "arms": study.arms, "item": study.item, "simulated": study.simulated,
                "jobs": len(mine), "done": len(kept), "cpu_seconds": round(cpu), "means": _means(study, results),
                "effects": [asdict(e) | {"verdict": e.verdict} for e in rows],
            }
        )  # fmt: skip
        if results:
            png = plot(study, results)
            write_bytes(out / f"{name}.png", png)
            plots.append((name, png))
    first = jobs[0]
    report = {
        "format": 1, "kind": "ablation", "weights": first.weights_id, "environment": environment(),
        "judge": {"sha256": first.judge_id}, "data": {"stores": [store_line(Path(first.data))]}, "config": asdict(first.config),
        "figures": [f.to_dict() for f in figures], "studies": found,
        "missing": [{"section": "ablation", "reason": f"{k}: {why}"} for k, why in failed.items()],
    }  # fmt: skip
    write_json(out / "report.json", report)
    page = template("ablation.html.j2").render(data=report, plots={n: inline(p) for n, p in plots})
    write_bytes(out / "report.html", page.encode())
    write_bytes(out / "report.md", markdown(report).encode())
    return figures


def _figure(study: Study, e: Effect) -> Figure:
    note = f"{study.item}s of {e.seeds} seeds; whole ({study.arms[0]}) {e.whole:.4g}, here {e.mean:.4g}; d {e.d:+.2f}; {e.verdict}"
    return Figure(
        section=f"{study.name}{' (simulated people)' if study.simulated else ''}",
        metric=f"{e.arm}: {e.measure}",
        value=round(e.difference, 6),
        n=e.items,
        spread=round((e.high - e.low) / 2, 6),
        baseline=0.0,
        note=note,
    )


def _means(study: Study, results: Results) -> dict[str, dict[str, list[float]]]:
    """Mean and 95 % interval by measure and arm."""
    out: dict[str, dict[str, list[float]]] = {}
    for arm in study.arms:
        seeds = sorted(s for a, s in results if a == arm)
        for measure in results[arm, seeds[0]] if seeds else ():
            values = [np.asarray(results[arm, s][measure], float) for s in seeds]
            mean = float(np.mean([v.mean() for v in values]))
            out.setdefault(measure, {})[arm] = [round(x, 6) for x in (mean, *interval(values))]
    return out


def plot(study: Study, results: Results) -> bytes:
    """One panel a measure: arms against their mean with interval, seeds as dots; a curve where arms are numbers. PNG."""
    from matplotlib.figure import Figure as Canvas

    means = _means(study, results)
    figure = Canvas(
        figsize=(1.2 + 3.6 * len(means), 0.9 + 0.42 * max(4, len(study.arms))), dpi=100, layout="constrained"
    )
    for k, (measure, by_arm) in enumerate(means.items()):
        axes = figure.add_subplot(1, len(means), k + 1)
        arms = [a for a in study.arms if a in by_arm]
        middle = np.array([by_arm[a][0] for a in arms])
        errors = np.array([[by_arm[a][0] - by_arm[a][1], by_arm[a][2] - by_arm[a][0]] for a in arms]).T.clip(0)
        if study.axis:
            x = [float(a) for a in arms]
            axes.errorbar(x, middle, errors, marker="o", markersize=3, capsize=2)
            axes.set(xlabel=study.axis, ylabel=measure)
        else:
            y = np.arange(len(arms))[::-1]
            axes.errorbar(middle, y, xerr=errors, fmt="s", markersize=4, capsize=2)
            for arm, at in zip(arms, y):
                dots = [float(np.mean(results[a, s][measure])) for a, s in results if a == arm]
                axes.plot(dots, [at - 0.18] * len(dots), ".", color="grey", markersize=4)
            axes.set_yticks(y, arms if k == 0 else [""] * len(arms))
            axes.set_xlabel(measure, fontsize=8)
            axes.set_ylim(-0.6, len(arms) - 0.4)
        axes.tick_params(labelsize=8)
        axes.spines[["top", "right"]].set_visible(False)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def markdown(report: Mapping[str, Any]) -> str:
    """The report as one Markdown page."""
    about = report["environment"]
    lines = [
        "# Ablations", "",
        f"Weights `{report['weights']}`, {about['date'][:10]}, commit `{about['commit']}`, {about['hardware']}.", "",
        "```", about["command"], "```", "",
    ]  # fmt: skip
    for s in report["studies"]:
        told = ", simulated people" if s["simulated"] else ""
        lines += [
            f"## {s['study']}: {s['question']}",
            "",
            f"{s['done']} of {s['jobs']} jobs, {s['cpu_seconds']} CPU s{told}.",
            "",
        ]
        lines += ["| arm | measure | mean | whole | difference [95 %] | d | n | |", "|---|---|--:|--:|---|--:|--:|---|"]
        lines += [
            f"| {e['arm']} | {e['measure']} | {e['mean']:.4g} | {e['whole']:.4g} | {e['difference']:+.4g} [{e['low']:+.4g}, "
            f"{e['high']:+.4g}] | {e['d']:+.2f} | {e['items']} | {e['verdict']} |"
            for e in s["effects"]
        ] + [""]
    return "\n".join(lines)
