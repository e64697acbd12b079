"""`pixelmind keys`: API keys for the service, shown once when they are made."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from pixelmind.cli import output
from pixelmind.cli.db import Json, opened

keys = typer.Typer(help="API keys for a service with more than one user.", no_args_is_help=True)
LOCAL = "local"


@keys.command()
def create(
    user: Annotated[str, typer.Option("--user", help="Whose key it is; a new name makes a new user.")] = LOCAL,
    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", help="generate, feedback, review or admin; may be given several times."),
    ] = None,
    name: Annotated[str, typer.Option("--name", help="A note to tell keys apart.")] = "",
    days: Annotated[float | None, typer.Option("--days", min=0.0, max=36500.0, help="Days until it expires.")] = None,
    json: Json = False,
) -> None:
    """Make a key and print its token, which is kept nowhere. Without --scope it may generate and give feedback."""
    with opened() as database:
        until = None if days is None else timedelta(days=days)
        key, token = database.keys.create(database.users.ensure(user), scope or ["generate", "feedback"], name, until)
        database.audit.write(key.user, "key.create", key.id, {"scopes": list(key.scopes), "from": "command line"})
    if json:
        output.print_json({"id": key.id, "user": user, "scopes": key.scopes, "expires": key.expires, "token": token})
        return
    output.log(f"key {key.id} of {user} for {', '.join(key.scopes)}; this is the only time that its token is shown:")
    print(token)


@keys.command("list")
def list_(
    user: Annotated[str | None, typer.Option("--user", help="Only this user's.")] = None, json: Json = False
) -> None:
    """List keys without their tokens, which nobody can read again."""
    with opened() as database:
        people = database.users.list() if user is None else [database.users.find(user)]
        found = [key for person in people for key in database.keys.list(person)]
    if json:
        output.print_json({"keys": [vars(key) for key in found]})
        return
    for key in found:
        state = "revoked" if key.revoked else f"expires {key.expires}" if key.expires else "does not expire"
        print("  ".join((key.id, key.user_name, ",".join(key.scopes), f"made {key.created}", state, key.name)).rstrip())


@keys.command()
def revoke(identity: Annotated[str, typer.Argument(metavar="ID", help="As `keys list` prints it.")]) -> None:
    """Close a key for good; the running service refuses it at once."""
    with opened() as database:
        key = database.keys.find(identity)
        database.keys.revoke(key.user, identity)
        database.audit.write(key.user, "key.revoke", key.id, {"from": "command line"})
    print(f"{identity} of {key.user_name} is revoked")
