"""`pixelmind models`: registered weights, where they come from, and which of them the service draws with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pixelmind.cli import output
from pixelmind.cli.db import Json, opened
from pixelmind.cli.home import home
from pixelmind.errors import BadInput, CorruptFile

if TYPE_CHECKING:
    from pixelmind.lifecycle.registry import Registry
    from pixelmind.storage import ModelRow

models = typer.Typer(
    help="Registered weights: candidate, canary, champion, retired. The service draws with the champion.",
    no_args_is_help=True,
)
Name = Annotated[str, typer.Argument(metavar="ID", help="As `models list` prints it, or its beginning.")]
Reason = Annotated[str, typer.Option("--reason", help="Kept beside the change.")]


@contextmanager
def registry() -> Iterator[Registry]:
    """The registry of PIXELMIND_HOME and its database."""
    with opened() as database:
        from pixelmind.lifecycle.registry import Registry

        yield Registry(database, home())


def _told(found: ModelRow, registry: Registry) -> dict[str, Any]:
    return {**vars(found), "folder": str(registry.folder(found))}


@models.command("list")
def list_(json: Json = False) -> None:
    """List models, oldest first: id, state, weights, when added, note."""
    with registry() as kept:
        found = [_told(row, kept) for row in kept.db.models.list()]
    if json:
        output.print_json({"models": found})
        return
    for row in found:
        print(
            "  ".join((row["id"], f"{row['state']:9}", row["weights"], row["created"], row["lineage"]["note"])).rstrip()
        )
    if not found:
        output.log("nothing is registered; the service draws with the released weights (see: models add)")


@models.command()
def show(identity: Name, json: Json = False) -> None:
    """Show a model's lineage, its figures, and what happened to it."""
    with registry() as kept:
        row = kept.db.models.get(identity)
        found = {**_told(row, kept), "events": [vars(event) for event in kept.db.models.events(row.id)]}
    if json:
        output.print_json(found)
        return
    told = found["lineage"]
    for key in ("id", "state", "weights", "created", "replaced", "folder"):
        print(f"{key}: {found[key] or '-'}")
    for key in ("note", "data_sha256", "commit", "version"):
        print(f"{key}: {told[key] or '-'}")
    print(f"parents: {' '.join(told['parents']) or '-'}")
    for kind, name in (("licences", "licence"), ("evaluation_only", "evaluation only")):
        for licence, sources in told[kind].items():
            print(f"{name} {licence}: {', '.join(f'{count} of {source}' for source, count in sources.items())}")
    for figure, value in told["metrics"].items():
        print(f"{figure}: {value}")
    for event in found["events"]:
        print(f"{event['created']}  {event['before'] or 'new'} -> {event['after']}: {event['reason']}")


@models.command()
def add(
    bundle: Annotated[
        Path | None, typer.Argument(metavar="[BUNDLE]", help="Folder; default: the released weights.")
    ] = None,
    parent: Annotated[
        list[str] | None, typer.Option("--parent", metavar="ID", help="A model that it was trained from; repeat it.")
    ] = None,
    note: Annotated[str, typer.Option("--note", help="What it is.")] = "",
    json: Json = False,
) -> None:
    """Copy a bundle into the registry as a candidate; the first time the released weights become the champion."""
    with registry() as kept:
        found = _told(kept.add(bundle, parents=parent or (), note=note), kept)
    if json:
        output.print_json(found)
    else:
        print(f"{found['id']} is {found['state']}")


@models.command()
def promote(name: Name, reason: Reason = "promoted", json: Json = False) -> None:
    """Make a model the champion, in one step; running services draw with it as soon as they have loaded it."""
    with registry() as kept:
        found = _told(kept.promote(name, reason), kept)
    if json:
        output.print_json(found)
    else:
        print(f"{found['id']} is champion, in place of {found['replaced'] or 'none'}")


@models.command()
def rollback(reason: Reason = "rolled back", json: Json = False) -> None:
    """Put the champion before back, in one step; a rollout that runs is stopped."""
    with registry() as kept:
        found = _told(kept.rollback(reason), kept)
    if json:
        output.print_json(found)
    else:
        print(f"{found['id']} is champion again")


@models.command()
def retire(name: Name, reason: Reason = "retired", json: Json = False) -> None:
    """Take a model out of use; its files stay."""
    with registry() as kept:
        found = _told(kept.db.models.retire(name, reason), kept)
    if json:
        output.print_json(found)
    else:
        print(f"{found['id']} is retired")


@models.command()
def verify(
    name: Annotated[str | None, typer.Argument(metavar="[ID]", help="Default: all that are not retired.")] = None,
    json: Json = False,
) -> None:
    """Check that files are those registered, and their signatures where a key is configured; exit code 1 where not.

    PIXELMIND_SIGNING_KEY names the PEM file of an Ed25519 private key that signs what is added, PIXELMIND_PUBLIC_KEY a public one.
    """
    problems = {}
    with registry() as kept:
        rows = [kept.db.models.get(name)] if name else [r for r in kept.db.models.list() if r.state != "retired"]
        for row in rows:
            try:
                kept.verify(row.id)
            except CorruptFile as error:
                problems[row.id] = str(error)
        signed = bool(kept.keys)
    if not rows:
        raise BadInput("nothing is registered; add a bundle first: pixelmind models add")
    if json:
        output.print_json(
            {"verified": [r.id for r in rows if r.id not in problems], "problems": problems, "signatures": signed}
        )
    else:
        for row in rows:
            print(
                f"{row.id}: {'problem' if row.id in problems else 'as registered' + (' and signed' if signed else '')}"
            )
        for problem in problems.values():
            output.log(f"problem: {problem}")
    if problems:
        raise typer.Exit(1)
