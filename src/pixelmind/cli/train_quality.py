"""`pixelmind train critic` and `pixelmind train refiner`: from a store, and what people said, to a part of a bundle and its report."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

from pixelmind.cli import output
from pixelmind.errors import BadInput


def train_quality(
    what: str,
    config: Any,
    feedback: str | None,
    whose: str,
    data: list[Path],
    out: Path,
    weights: Path | None,
    json: bool,
) -> None:
    """Train the critic or the refiner, measure, print; a run that was stopped goes on with the same command.

    Raises:
        BadInput: no store or several, unknown `whose`; see the stages.
    """
    if len(data) != 1:
        raise BadInput(f"the {what} learns from one store; import everything into the same one: --data STORE")
    if what == "critic":
        from pixelmind.quality import critic_stage
        from pixelmind.quality.dissatisfaction import Whose

        known = [w for w in get_args(Whose) if w]
        if whose and whose not in known:
            raise BadInput(f"unknown --whose {whose!r}; use one of {', '.join(known)}")
        trained, report = critic_stage.run(
            config,
            data[0],
            out,
            weights=weights,
            feedback=feedback,
            whose=whose,  # type: ignore[arg-type]
        )
        figures = critic_stage.told(report)
    else:
        from pixelmind.quality import refiner_stage

        trained, report = refiner_stage.run(config, data[0], out)
        figures = refiner_stage.told(report)
    result = {"bundle": out, "samples": trained.samples, **figures}
    if json:
        output.print_json(result)
    elif not trained.interrupted:
        print("\n".join(f"{key}: {value}" for key, value in result.items()))
    if trained.interrupted:
        raise KeyboardInterrupt
