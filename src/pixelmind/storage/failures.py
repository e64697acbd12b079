"""What a database's error means for the caller: whose fault it is, and whether trying again can help."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import exc

from pixelmind.errors import BadInput
from pixelmind.storage.errors import Conflict, DatabaseDown, DiskFull, NotFound

#: SQLSTATE classes and codes of PostgreSQL (its appendix A).
FOREIGN_KEY, UNIQUE, DISK_FULL, NO_TABLE, NO_COLUMN = "23503", "23505", "53100", "42P01", "42703"
RACES = ("40001", "40P01")
_EMPTY = "the database lacks tables of this version; run: pixelmind db upgrade"


@dataclass(frozen=True)
class Failure:
    """The error to raise, and whether the whole unit of work may be tried again."""

    error: Exception
    again: bool = False


def understood(error: exc.SQLAlchemyError, is_sqlite: bool) -> Failure:
    """Our error for one of SQLAlchemy's. Messages name no values."""
    if isinstance(error, exc.TimeoutError):
        return Failure(DatabaseDown("all connections to the database are in use; nothing was written"))
    if not isinstance(error, exc.DBAPIError):
        if isinstance(error, exc.StatementError) and isinstance(error.orig, BadInput):
            return Failure(error.orig)
        return Failure(error)
    return _sqlite(error) if is_sqlite else _postgresql(error)


def _sqlite(error: exc.DBAPIError) -> Failure:
    code = str(getattr(error.orig, "sqlite_errorname", None) or "")
    text = str(error.orig)
    if text.startswith("no such savepoint") and (first := _behind(error)) is not None:
        return _sqlite(first)  # a full disk or a failed read ends the whole transaction, and its savepoints with it
    if code == "SQLITE_CONSTRAINT_FOREIGNKEY":
        return Failure(_gone())
    if code in ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"):
        return Failure(_taken())
    if isinstance(error, exc.IntegrityError | exc.DataError):
        return Failure(BadInput(f"the database does not take this: {text}"))
    if code == "SQLITE_FULL":
        return Failure(DiskFull("no room is left for the database; nothing was written"))
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return Failure(DatabaseDown("another program holds the database; nothing was written"))
    if text.startswith(("no such table", "no such column")) or "has no column" in text:
        return Failure(DatabaseDown(_EMPTY))
    if isinstance(error, exc.DatabaseError) and code != "SQLITE_ERROR":
        return Failure(DatabaseDown(f"the database does not answer: {text}"), again=True)
    return Failure(error)


def _behind(error: BaseException) -> exc.DBAPIError | None:
    """The database's error that another one hides."""
    found = error.__context__
    while found is not None:
        if isinstance(found, exc.DBAPIError) and not str(found.orig).startswith("no such savepoint"):
            return found
        found = found.__context__
    return None


def _postgresql(error: exc.DBAPIError) -> Failure:
    code = str(getattr(error.orig, "sqlstate", None) or "")
    if code == FOREIGN_KEY:
        return Failure(_gone())
    if code == UNIQUE:
        return Failure(_taken())
    if isinstance(error, exc.IntegrityError | exc.DataError):
        return Failure(BadInput(f"the database does not take this: {_first_line(error)}"))
    if code == DISK_FULL:
        return Failure(DiskFull("no room is left for the database; nothing was written"))
    if code in (NO_TABLE, NO_COLUMN):
        return Failure(DatabaseDown(_EMPTY))
    if code in RACES:
        return Failure(DatabaseDown("others kept changing the same rows; nothing was written"), again=True)
    if error.connection_invalidated or isinstance(error, exc.OperationalError | exc.InterfaceError | exc.InternalError):
        return Failure(DatabaseDown(f"the database does not answer: {_first_line(error)}"), again=True)
    return Failure(error)


def _first_line(error: exc.DBAPIError) -> str:
    return (str(error.orig).strip().splitlines() or [type(error.orig).__name__])[0]


def _gone() -> NotFound:
    return NotFound("something that this refers to is not there")


def _taken() -> Conflict:
    return Conflict("it exists already")
