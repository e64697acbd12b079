"""`pixelmind db`: the service's database, brought up to date and looked at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from pixelmind.cli import output
from pixelmind.cli.home import home
from pixelmind.errors import BadInput

if TYPE_CHECKING:
    from pixelmind.storage import Database

db = typer.Typer(
    help="The service's database: PIXELMIND_DATABASE_URL, else a file in PIXELMIND_HOME.", no_args_is_help=True
)
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@contextmanager
def opened(upgrade: bool = True) -> Iterator[Database]:
    """The service's database, by default with its tables up to date.

    Raises:
        BadInput: no such database, or it does not answer.
    """
    from pixelmind.serving.config import Config
    from pixelmind.storage import Database, DatabaseDown

    try:
        with Database(Config(home=home()).database) as database:
            if upgrade:
                database.upgrade()
            yield database
    except DatabaseDown as error:
        raise BadInput(f"{error}; PIXELMIND_DATABASE_URL names another database") from error


@db.command("upgrade")
def upgrade_() -> None:
    """Make the tables, or bring them to this version of the program. The service does so itself when it starts."""
    with opened() as database:
        print(f"{database.url} is at revision {database.check().revision}")


@db.command()
def check(json: Json = False) -> None:
    """Say of which revision the tables are and whether the file is sound; exit code 1 where it is not."""
    with opened(upgrade=False) as database:
        found = database.check()
    if json:
        output.print_json(vars(found))
    else:
        print(f"{found.url} ({found.server}) is at revision {found.revision}")
        for problem in found.problems:
            output.log(f"problem: {problem}")
    if found.problems:
        raise typer.Exit(1)


@db.command()
def audit(
    user: Annotated[str | None, typer.Option("--user", help="Only of this user.")] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="TIME", help="Since 2026-01-31 or later in it.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 100,
    json: Json = False,
) -> None:
    """Print the audit log, oldest first: when, who, what was done, to what, in which request."""
    with opened() as database:
        who = None if user is None else database.users.find(user)
        found = database.audit.list(who, since, limit=limit)
    if json:
        output.print_json({"lines": [vars(line) for line in found]})
        return
    for line in found:
        print("  ".join(filter(None, (line.created, line.user, line.action, line.target, line.request_id))))
    if not found:
        output.log("the audit log has no such line")
