"""`pixelmind loop`: learn from what people said, each week, and show what came of it to a few of them first."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pixelmind.cli import output
from pixelmind.cli.db import Json, opened
from pixelmind.cli.home import home
from pixelmind.errors import BadInput

if TYPE_CHECKING:
    from pixelmind.lifecycle.registry import Registry

loop = typer.Typer(help="Retraining from use: weekly, and a major update each quarter.", no_args_is_help=True)


@loop.command()
def run(
    now: Annotated[
        bool, typer.Option("--now", help="One run at once, as cron would; else the schedule, until Ctrl-C.")
    ] = False,
    nano: Annotated[
        bool, typer.Option("--nano", help="A week on simulated people in minutes, in a place of its own; with --now.")
    ] = False,
    major: Annotated[
        bool, typer.Option("--major", help="The quarterly update: the levels are trained on first.")
    ] = False,
    preset: Annotated[str, typer.Option(help="nano, small, base, or a .toml file.")] = "small",
    data: Annotated[
        Path | None, typer.Option("--data", help="Store for the critic, the gate's FID, and --major.")
    ] = None,
    whose: Annotated[str, typer.Option(help="Learn from what human, simulated or both people said.")] = "human",
    minutes: Annotated[float, typer.Option(help="Budget of a run's training.")] = 240.0,
    people: Annotated[int, typer.Option(min=100, help="Simulated people at the rollout of --nano, at most.")] = 1500,
    json: Json = False,
) -> None:
    """Retrain on people's choices, dialogues and verdicts, gate, and roll out; the same call goes on where it stands."""
    if nano and not now:
        raise BadInput("--nano plays one week: pixelmind loop run --now --nano")
    if nano and major:
        raise BadInput("--nano plays a week; leave --major out")
    if not now:
        _schedule(_arguments(preset, data, whose, minutes))
        return
    import dataclasses

    from pixelmind.lifecycle.loop import LoopConfig, Run, summary
    from pixelmind.lifecycle.registry import Registry
    from pixelmind.lifecycle.rollout import Settings
    from pixelmind.lifecycle.simulated_week import Week, collect, ramp
    from pixelmind.serving.config import Config
    from pixelmind.storage import Database

    kind: Any = "major" if major else "weekly"
    if nano:
        place = home() / "loop-nano"
        url = f"sqlite:///{place.resolve() / 'pixelmind.db'}"
        config = LoopConfig(
            preset="nano", feedback=url, data=data, whose="simulated", minutes=minutes, rollout=Settings()
        )
        week = Week(people=people)
        with Database(url) as database:
            database.upgrade()
            kept = Registry(database, place)
            config = dataclasses.replace(
                config,
                rollout=week.settings,
                collect=lambda weights: collect(kept, week, weights, partial(_dialogues, kept, weights)),
                ramp=lambda: ramp(kept, week),
            )
            run = Run(config, kept, output.log)
            state, folder = run.run(), run.folder
    else:
        with opened() as database:
            url = Config(home=home()).database
            config = LoopConfig(
                kind=kind, preset=preset, feedback=url, data=data, whose=whose, minutes=minutes, rollout=Settings()
            )
            run = Run(config, Registry(database, home()), output.log)
            state, folder = run.run(), run.folder
    if json:
        output.print_json({**state, "folder": str(folder)})
    else:
        print("\n".join(summary(state)))
        output.log(str(folder / "summary.md"))


def _dialogues(kept: Registry, weights: Path) -> dict[str, Any]:
    """Simulated people talk to the weights, where they hold an intent parser."""
    from pixelmind.generator.pipeline import load
    from pixelmind.serving.simulated_talk import LocalNetworks, simulate
    from pixelmind.training.weights import Bundle

    if "intent" not in Bundle(weights):
        return {}
    output.log("dialogues")
    return simulate(kept.db, LocalNetworks(load(weights, best_of=1)), people=10, wishes=4, own_words=0.8)


def _arguments(preset: str, data: Path | None, whose: str, minutes: float) -> list[str]:
    told = ["--preset", preset, "--whose", whose, "--minutes", f"{minutes:g}"]
    return [*told, "--data", str(data.resolve())] if data else told


def _schedule(arguments: list[str]) -> None:
    """Stay and start the runs: Mondays at 3, and the quarter's first day at 4, by the clock of this machine; rollouts each ten minutes."""
    from pixelmind.lifecycle.schedule import serve

    serve(home(), arguments, output.log)


@loop.command()
def status(
    nano: Annotated[bool, typer.Option("--nano", help="Of the simulated weeks.")] = False, json: Json = False
) -> None:
    """Tell what the last runs did, and when the next ones are due."""
    from pixelmind.lifecycle.loop import states, summary
    from pixelmind.lifecycle.schedule import due

    place = home() / "loop-nano" if nano else home()
    found, next_ = states(place), {} if nano else due(home())
    if json:
        output.print_json({"runs": found, "next": next_})
        return
    for state in found[-3:]:
        print("\n".join([*summary(state), ""]))
    for name, moment in next_.items():
        print(f"next {name}: {moment}")
    if not found:
        output.log("the loop has not run yet (see: loop run --now)")
