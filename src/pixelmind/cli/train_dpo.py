"""`pixelmind train dpo`: from stored choices to a candidate bundle and its report before and after."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import typer

from pixelmind.cli import output
from pixelmind.errors import BadInput


def train_dpo(
    config: Any,
    feedback: str | None,
    whose: str,
    data: list[Path],
    out: Path,
    levels: list[int] | None,
    weights: Path | None,
    json: bool,
) -> None:
    """Tune, measure against the start, print; exit code 1 where the candidate is refused (the run is kept).

    Raises:
        BadInput: no feedback named, unknown `whose`, more than one store, levels that DPO cannot tune; see the stage.
    """
    from pixelmind.preference.dpo_data import Whose

    if feedback is None:
        raise BadInput(
            "name the choices to learn from: --feedback DATABASE, or a FILE.jsonl of pixelmind preference export"
        )
    known = [w for w in get_args(Whose) if w]
    if whose and whose not in known:
        raise BadInput(f"unknown --whose {whose!r}; use one of {', '.join(known)}")
    if len(data) > 1:
        raise BadInput("name one store to measure on: --data STORE")
    chosen = tuple(sorted(set(levels or (16,))))
    if not set(chosen) <= {16, 64}:
        raise BadInput("dpo tunes --level 16, 64 or both")

    from pixelmind.lifecycle.preference_gate import measure
    from pixelmind.preference.stage import run

    result = run(config, feedback, out, weights=weights, whose=whose, levels=chosen)  # type: ignore[arg-type]
    if result.interrupted:
        output.log("stopped; the same command goes on")
        raise KeyboardInterrupt
    users = [p.user for p in result.train.pairs if p.simulated]
    report = measure(
        config,
        result.bundle,
        weights,
        result.held_out,
        users,
        out,
        data=data[0] if data else None,
        figures=result.levels[chosen[0]].metrics,
        longest=chosen[-1],
        tell=output.log,
    )
    told = {"bundle": str(result.bundle), "train_pairs": len(result.train), "held_out_pairs": len(result.held_out)}
    if json:
        output.print_json({**told, **report.to_dict()})
    else:
        for person in result.train.crowd.trust:
            if person.poisoned:
                output.log(f"{person.annotator} answers against the others (eta {person.eta:.2f}) and counts 0")
        print("\n".join(f"{k}: {v}" for k, v in told.items()))
        print("\n".join(lines(report)))
    if not report.accepted:
        output.log(f"refused: {'; '.join(report.reasons)}; the run is kept in {out}")
        raise typer.Exit(1)


def lines(report: Any) -> list[str]:
    """The report card in words."""
    out = []
    if (won := report.win_rate) is not None:
        out.append(
            f"win rate (simulated people, {won.prompts} held-out prompts): {won.value:.3f} [{won.low:.3f}, {won.high:.3f}]; "
            f"as they would answer {won.answered:.3f} [{won.answered_low:.3f}, {won.answered_high:.3f}]"
        )
    if report.held_out_right is not None:
        out.append(f"held-out choices foretold: {report.held_out_right:.3f}")
    for name, shift in (
        ("intent fidelity, held-out prompts", report.ifs),
        ("intent fidelity, test prompts", report.test_ifs),
        ("FID", report.fid),
        ("KID x 1000", report.kid),
    ):
        if shift is not None:
            between = "" if shift.low is None else f" [{shift.low:+.4f}, {shift.high:+.4f}]"
            out.append(f"{name}: {shift.before:.4f} -> {shift.after:.4f} ({shift.change:+.4f}{between})")
    if report.kl is not None:
        out.append(f"divergence from the reference: {report.kl:.2f} nats a picture")
    return out + [f"not measured: {line}" for line in report.lacks]
