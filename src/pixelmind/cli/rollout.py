"""`pixelmind rollout`: a candidate beside the champion, shown to a growing share of people, until the figures say what to do."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pixelmind.cli import output
from pixelmind.cli.db import Json, opened
from pixelmind.errors import BadInput

if TYPE_CHECKING:
    from pixelmind.lifecycle.rollout import Report

rollout = typer.Typer(help="A candidate beside the champion, shown to a growing share of people.", no_args_is_help=True)


@rollout.command()
def start(
    model: Annotated[str, typer.Argument(metavar="ID", help="A candidate, as `models list` prints it.")],
    shares: Annotated[str, typer.Option(help="Percent of the units that get it, stage by stage.")] = "1,5,25,50",
    unit: Annotated[
        str, typer.Option(help="What is drawn: user, or day (each person's days, for few people).")
    ] = "user",
    segment: Annotated[str | None, typer.Option(help="Only new people (seven days), or regular ones.")] = None,
    stage_units: Annotated[int, typer.Option(min=1, help="Units of a stage, at least.")] = 50,
    stage_hours: Annotated[float, typer.Option(min=0.0, max=8784.0, help="Hours of a stage, at least.")] = 24.0,
    window_hours: Annotated[float, typer.Option(max=8784.0, help="How long what a unit does counts.")] = 24.0,
    max_units: Annotated[int, typer.Option(min=1, help="Units that said how satisfied they are, at most.")] = 20_000,
    max_days: Annotated[float, typer.Option(help="Days in all, at most.")] = 56.0,
    margin: Annotated[float, typer.Option(help="Share of the champion's satisfaction that it may lie below.")] = 0.0,
    simulated: Annotated[bool, typer.Option("--simulated", help="Only what simulated people say counts.")] = False,
    json: Json = False,
) -> None:
    """Show a candidate to a small share of people, and to more as long as nothing speaks against it.

    The service looks at it every ten seconds; without a running service, `rollout step` does so once. At the end it is champion or retired.
    """
    from pixelmind.lifecycle import rollout as rollouts

    try:
        parts = tuple(float(part) / 100 for part in shares.split(","))
    except ValueError as error:
        raise BadInput(f"--shares {shares!r} are no percentages; write them as 1,5,25,50") from error
    settings = rollouts.Settings(
        unit=unit,  # type: ignore[arg-type]
        segment=segment,  # type: ignore[arg-type]
        shares=parts,
        stage_units=stage_units,
        stage_hours=stage_hours,
        window_hours=window_hours,
        max_units=max_units,
        max_days=max_days,
        margin=margin,
        simulated=simulated,
    )
    with opened() as database:
        row = rollouts.start(database, model, settings)
    if json:
        output.print_json(vars(row))
    else:
        print(f"{row.id}: {row.treatment} is shown to {100 * row.share:g} %, {row.control} to the others")


@rollout.command()
def status(json: Json = False) -> None:
    """Tell how the running rollout stands, else how the last one ended."""
    with opened() as database:
        from pixelmind.lifecycle import rollout as rollouts

        rows = database.rollouts.list()
        if not rows:
            if json:
                output.print_json({})
            else:
                output.log("no rollout was started (see: rollout start)")
            return
        row = rows[-1]
        found = rollouts.report(database, row) if row.state == "running" else None
    if json:
        output.print_json({**vars(row), "report": None if found is None else found.to_dict()})
        return
    print(f"{row.id}: {row.treatment} beside {row.control}, {row.state}, since {row.created}")
    if found is None:
        print(f"ended {row.ended}: {(row.conclusion or {}).get('reason', '')}")
        return
    hours = (datetime.now(UTC) - datetime.fromisoformat(row.stage_began)).total_seconds() / 3600
    print(
        f"stage {row.stage + 1}: {100 * row.share:g} %, {found.stage_units} units in {hours:.1f} hours; {found.units} in all"
    )
    for line in lines(found):
        print(line)


@rollout.command()
def step(json: Json = False) -> None:
    """Look at the rollout once and do what follows: wait, go on, promote or refuse. For cron, where no service runs."""
    with opened() as database:
        from pixelmind.lifecycle import rollout as rollouts

        found = rollouts.judge(database)
    if json:
        output.print_json({} if found is None else found.to_dict())
    elif found is None:
        output.log("no rollout runs")
    else:
        print(f"{found.decision}: {found.reason}")


@rollout.command()
def stop(
    reason: Annotated[str, typer.Option("--reason", help="Kept beside it.")] = "stopped by hand", json: Json = False
) -> None:
    """Stop the rollout: everybody gets the champion again, and the canary is a candidate as before."""
    with opened() as database:
        row = database.rollouts.running()
        if row is None or not database.rollouts.end(row.id, "stopped", {"reason": reason}):
            raise BadInput("no rollout runs")
    if json:
        output.print_json({"id": row.id, "state": "stopped"})
    else:
        print(f"{row.id} is stopped; everybody gets {row.control}")


def lines(found: Report) -> list[str]:
    """A report in words."""
    out = [f"{found.decision}: {found.reason}"]
    named: dict[str, Any] = {"satisfaction": found.satisfaction, **found.guardrails}
    named |= {f"satisfaction of {name} people": d for name, d in found.segments.items()}
    for name, d in named.items():
        if d.num_control + d.num_treatment:
            out.append(
                f"{name}: {d.treatment:.4f} of {d.num_treatment} units against {d.control:.4f} of {d.num_control}; "
                f"difference {d.effect:+.4f} [{d.low:+.4f}, {d.high:+.4f}]"
            )
    return out
