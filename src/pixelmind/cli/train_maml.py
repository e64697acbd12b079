"""`pixelmind train maml`: from styles, and people's own sprites, to a candidate start for adapters and its report before and after."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, get_args

import typer

from pixelmind.cli import output
from pixelmind.errors import BadInput


def train_maml(
    config: Any,
    feedback: str | None,
    whose: str,
    data: list[Path],
    out: Path,
    levels: list[int] | None,
    weights: Path | None,
    json: bool,
) -> None:
    """Meta-learn, test on held-out styles, print; exit code 1 where the start is refused (the run is kept).

    Raises:
        BadInput: no store or several, unknown `whose`; see the stage.
    """
    from pixelmind.adaptation.feedback import Whose
    from pixelmind.adaptation.stage import run

    if len(data) != 1:
        raise BadInput("maml learns from one store; import everything into the same one: --data STORE")
    known = [w for w in get_args(Whose) if w]
    if whose and whose not in known:
        raise BadInput(f"unknown --whose {whose!r}; use one of {', '.join(known)}")
    if levels:
        config = dataclasses.replace(config, levels=tuple(levels))
    result = run(config, data[0], out, weights=weights, feedback=feedback, whose=whose, tell=output.log)  # type: ignore[arg-type]
    if result.interrupted:
        output.log("stopped; the same command goes on")
        raise KeyboardInterrupt
    told = {"bundle": str(result.bundle), "held_out": ", ".join(result.held_out), "people": result.people}
    told |= {"accepted": not result.reasons, **result.figures()}
    if json:
        output.print_json(told)
    else:
        print("\n".join(f"{key}: {value}" for key, value in told.items()))
    if result.reasons:
        output.log(f"refused: {'; '.join(result.reasons)}; the run is kept in {out}")
        raise typer.Exit(1)
