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
