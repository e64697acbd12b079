"""`pixelmind adapt online`: what is learned of a person from what they do in the service; by hand, without a service running."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pixelmind.cli import output
from pixelmind.cli.db import Json, opened
from pixelmind.cli.home import home
from pixelmind.errors import BadInput

if TYPE_CHECKING:
    from pixelmind.storage import Database

online = typer.Typer(help="Learning from what a person does; the service does it by itself.", no_args_is_help=True)
User = Annotated[str, typer.Option("--user", help="Name in the service's database; of a service without keys: local.")]
LOCAL = "local"
BAR = 40  # characters a chance of 1


def _id(db: Database, name: str) -> str:
    from pixelmind.storage import NotFound

    try:
        return db.users.find(name).id
    except NotFound as error:
        known = ", ".join(sorted(u.name for u in db.users.list())[:8])
        raise BadInput(f"the database knows nobody called {name!r}; people there: {known or 'none'}") from error


@online.command()
def step(
    user: User = LOCAL,
    seconds: Annotated[float, typer.Option(help="Time limit of the step.")] = 3.0,
    steps: Annotated[int | None, typer.Option(help="Most first-order steps; 0 leaves the weights alone.")] = None,
    weights: Annotated[Path | None, typer.Option(help="Folder of other weights.")] = None,
    json: Json = False,
) -> None:
    """Learn from what a person did since the last time.

    --json prints {"user", "interactions", "steps", "rolled_back", "seconds", "turns"}.
    """
    from pixelmind.adaptation.online.learner import Learner, OnlineConfig

    if not 0 < seconds <= 600:
        raise BadInput(f"--seconds {seconds:g} is out of range: use up to 600")
    if steps is not None and not 0 <= steps <= 1000:
        raise BadInput(f"--steps {steps} is out of range: use 0 to 1000")
    config = OnlineConfig(seconds=seconds) if steps is None else OnlineConfig(seconds=seconds, steps=steps)
    with opened() as db:
        identity = _id(db, user)
        found = Learner(weights, config).step(db, home(), identity)
    told: dict[str, Any] = {"user": user, "interactions": 0, "steps": 0, "rolled_back": "", "seconds": 0.0}
    if found is not None:
        told |= {k: v for k, v in vars(found).items() if k != "state"} | {"turns": found.state.replay.turn}
    if json:
        output.print_json({"turns": _turns(identity), **told})
    elif found is None:
        print(f"{user} did nothing new")
    else:
        print(f"learned from {found.interactions} interactions of {user} in {found.seconds:.1f} s, {found.steps} steps")
        if found.rolled_back:
            output.log(f"rolled back: {found.rolled_back}")


def _turns(identity: str) -> int:
    from pixelmind.adaptation.online import state

    kept = state.load(home(), identity)
    return 0 if kept is None else kept.replay.turn


@online.command()
def status(user: User = LOCAL, json: Json = False) -> None:
    """Say how much was learned of a person.

    --json prints {"user", "turns", "choices", "liked", "weights", "adapter", "simulated", "bytes"}.
    """
    from pixelmind.adaptation.online import state

    with opened() as db:
        identity = _id(db, user)
    kept = state.load(home(), identity)
    entries = [] if kept is None else kept.replay.entries
    told: dict[str, Any] = {
        "user": user,
        "turns": 0 if kept is None else kept.replay.turn,
        "choices": sum(e.kind == "pair" for e in entries),
        "liked": sum(e.kind == "liked" for e in entries),
        "weights": {} if kept is None else kept.weights,
        "adapter": kept is not None and kept.adapter is not None,
        "simulated": kept is not None and kept.simulated,
        "bytes": sum(len(data) for _, data in state.files(home(), identity)),
    }
    if json:
        output.print_json(told)
    elif not told["turns"]:
        print(f"nothing was learned of {user} yet; it begins with choices, ratings, edits or exports in the studio")
    else:
        who = f"{user} (a simulated person)" if told["simulated"] else user
        print(f"{who}: {told['turns']} interactions, {told['choices']} pairs, {told['liked']} liked sprites kept")


@online.command()
def curve(user: User = LOCAL, json: Json = False) -> None:
    """Print a person's learning curve: the chance given to each choice before it was learned from. --json prints {"user", "curve"}."""
    from pixelmind.adaptation.online import state

    with opened() as db:
        identity = _id(db, user)
    kept = state.load(home(), identity)
    points = [] if kept is None else kept.curve
    if json:
        output.print_json({"user": user, "curve": points})
        return
    for point in points:
        told = point.get("foretold")
        bar = "" if told is None else f"{told:.2f} {'#' * round(BAR * told)}"
        print(f"{point['turn']:>5} {point['kind']:<10} {bar}".rstrip())
        if point.get("rolled_back"):
            print(f"      rolled back: {point['rolled_back']}")
    if not points:
        output.log(f"nothing was learned of {user} yet")


@online.command()
def reset(user: User = LOCAL) -> None:
    """Delete what was learned of a person, for good; only what they do from now on is learned from."""
    from pixelmind.adaptation.online import state
    from pixelmind.storage.ids import now

    with opened() as db:
        identity = _id(db, user)
        state.begin_anew(home(), identity, now())
        db.audit.write(identity, "online.delete", details={"from": "command line"})
    print(f"nothing is known of {user} any more")
