"""`pixelmind train dialogue` and `train parser`: from kept dialogues to a candidate policy and memory, or parser, and their report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from pixelmind.cli import output
from pixelmind.errors import BadInput


def train_from_dialogues(
    what: str,
    config: Any,
    feedback: str | None,
    whose: str,
    data: list[Path],
    out: Path,
    levels: list[int] | None,
    weights: Path | None,
    json: bool,
) -> None:
    """Learn ("dialogue" or "parser"), measure against the start, print; exit code 1 where the candidate is refused (the run is kept).

    Raises:
        BadInput: no feedback named, unknown `whose`, a store or levels, which this does not use; see the stages.
    """
    from pixelmind.dialogue import outcome_stage, parser_stage
    from pixelmind.dialogue.stored import whose_of

    if feedback is None:
        raise BadInput(
            "name the dialogues to learn from: --feedback DATABASE, or a FILE.jsonl of pixelmind data from-dialogues"
        )
    if data or levels:
        raise BadInput(f"{what} learns from --feedback alone; leave --data and --level out")
    stage: Any = parser_stage if what == "parser" else outcome_stage
    result = stage.run(config, feedback, out, weights=weights, whose=whose_of(whose))
    told = {"bundle": str(result.bundle), "report": str(out / "report.json")}
    if json:
        output.print_json({**told, **result.report})
    else:
        lines = parser_lines if what == "parser" else dialogue_lines
        print("\n".join([*(f"{k}: {v}" for k, v in told.items()), *lines(result.report)]))
    if result.reasons:
        output.log(f"refused: {'; '.join(result.reasons)}; the run is kept in {out}")
        raise typer.Exit(1)


def dialogue_lines(report: dict[str, Any]) -> list[str]:
    """The report on policy and memory in words."""
    outcomes = ", ".join(f"{count} {name}" for name, count in report["outcomes"].items())
    out = [
        f"dialogues: {report['dialogues']} ({_whose(report)}): {outcomes}",
        f"questions: {report['questions']} asked, {report['answered']} answered; {report['corrected']} defaults corrected",
    ]
    for where, name in (("held_out", "held-out dialogues"), ("simulated", "simulated people")):
        for what, found in report["policy"][where].items():
            out.append(f"policy, {name}, {what}: {_shift(found)}")
        if found := report["memory"].get(where):
            out.append(f"memory, {name}, foretold: {_shift(found)}")
    if kept := report["memory"].get("kept"):
        out.append(f"memory: as it was ({kept})")
    return out


def _shift(found: dict[str, Any]) -> str:
    if not found["n"]:
        return "not measured"
    return f"{found['before']:.3f} -> {found['after']:.3f} ({found['difference']:+.3f} ± {found['half_width']:.3f}, n = {found['n']})"


def parser_lines(report: dict[str, Any]) -> list[str]:
    """The report on the parser in words."""
    out = [f"dialogues: {report['dialogues']}, with labelled turns {report['labelled']} ({_whose(report)})"]
    for key, name in (("train", "learned from"), ("held_out", "held out")):
        out.append(f"turns {name}: {report[key]['corrected']} corrected, {report[key]['confirmed']} confirmed")
    for where, figures in report["figures"].items():
        out += [f"{where}, {what}: {_shift(found)}" for what, found in figures.items()]
    return out


def _whose(report: dict[str, Any]) -> str:
    return ", ".join(f"{report[kind]} of {kind} people" for kind in ("human", "simulated") if report[kind])
