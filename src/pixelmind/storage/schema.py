"""The tables' versions: Alembic migrations that lie in this package, run in one transaction under a lock."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, exc, text
from sqlalchemy.orm import Session

from pixelmind.errors import BadInput
from pixelmind.storage.transactions import Transactions

PLACE = Path(__file__).with_name("migrations")
#: Any number of ours: processes that start together upgrade one after the other.
ADVISORY_LOCK = 0x70_69_78_65_6C
_alone = threading.Lock()  # Alembic's environment is one for a process


def config() -> Config:
    """Alembic's settings for this package; there is no alembic.ini."""
    found = Config()
    found.set_main_option("script_location", str(PLACE).replace("%", "%%"))
    return found


def newest() -> str:
    """The revision that this program works with."""
    head = ScriptDirectory.from_config(config()).get_current_head()
    assert head is not None
    return head


def revision(connection: Connection) -> str | None:
    """The revision of a database's tables; None: it has none."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(transactions: Transactions) -> str:
    """Bring the tables to the newest revision, whole or not at all; that revision.

    Raises:
        DatabaseDown: not reachable. BadInput: the tables are of a newer program.
    """
    settings = config()

    def work(session: Session) -> None:
        connection = session.connection()
        if not transactions.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        settings.attributes["connection"] = connection
        try:
            command.upgrade(settings, "head")
        except CommandError as error:
            raise BadInput(
                f"the database is of revision {revision(connection)}, which this program does not know; update pixelmind"
            ) from error

    with _alone:
        transactions.write(work)
    return newest()


def check(transactions: Transactions) -> tuple[str | None, str, str, list[str]]:
    """Revision, newest revision, the server's version, and what is wrong.

    Raises:
        DatabaseDown: not reachable.
    """
    wanted = newest()

    def work(session: Session) -> tuple[str | None, str, list[str]]:
        connection = session.connection()
        found = revision(connection)
        problems = []
        if found is None:
            problems.append("it has no tables; run: pixelmind db upgrade")
        elif found != wanted:
            problems.append(f"its tables are of revision {found}, not {wanted}; run: pixelmind db upgrade")
        if transactions.is_sqlite:
            problems += _sqlite_problems(connection)
        version: Any = connection.dialect.server_version_info
        return found, f"{connection.dialect.name} {'.'.join(map(str, version or ()))}", problems

    found, server, problems = transactions.read(work)
    return found, wanted, server, problems


def _sqlite_problems(connection: Connection) -> list[str]:
    try:
        lines = [str(row[0]) for row in connection.execute(text("PRAGMA quick_check(10)"))]
        broken = len(connection.execute(text("PRAGMA foreign_key_check")).all())
    except exc.DatabaseError as error:
        return [f"the file is damaged: {error.orig}"]
    out = [] if lines == ["ok"] else [f"the file is damaged: {line}" for line in lines]
    return out + ([f"{broken} rows refer to rows that are not there"] if broken else [])
