"""Units of work on SQLite or PostgreSQL: whole or not at all, on disk when they return, tried again where that is safe.

SQLite: write-ahead log with synchronous=FULL, one writer at a time (a lock here, BEGIN IMMEDIATE and a busy timeout between
processes), readers beside it. PostgreSQL: READ COMMITTED for writes, REPEATABLE READ for reads, synchronous_commit on.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, exc, make_url
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from pixelmind.errors import BadInput
from pixelmind.storage import json_text
from pixelmind.storage.errors import DatabaseDown
from pixelmind.storage.failures import Failure, understood

T = TypeVar("T")
PAUSES = (0.05, 0.25)
MAX_CONNECTIONS = 48
WRITE = "pixelmind_write"


def read_url(text: str) -> URL:
    """A database URL, checked; postgresql:// means the driver psycopg.

    Raises:
        BadInput: neither SQLite with a file nor PostgreSQL.
    """
    try:
        url = make_url(text)
    except exc.ArgumentError as error:
        raise BadInput(
            "the database URL cannot be read; write sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME"
        ) from error
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername == "postgresql+psycopg":
        return url
    if url.drivername != "sqlite":
        raise BadInput(f"databases are sqlite:/// and postgresql+psycopg://, not {url.drivername}://")
    if not url.database or ":memory:" in url.database or url.query:
        raise BadInput("a SQLite database needs a file and no options: sqlite:///FILE")
    return url.set(database=str(Path(url.database).expanduser().absolute()))


class Transactions:
    """The connections to one database, shared by all threads."""

    def __init__(self, url: str, busy_seconds: float = 5.0) -> None:
        self.url = read_url(url)
        self.is_sqlite = self.url.drivername == "sqlite"
        self.busy_seconds = busy_seconds
        self._lock = threading.Lock()
        self._local = threading.local()
        common: dict[str, Any] = {
            "pool_size": 8,
            "max_overflow": MAX_CONNECTIONS - 8,
            "pool_timeout": 10.0,
            "hide_parameters": True,
            "json_serializer": json_text.dumps,
        }
        if self.is_sqlite:
            self.engine = self._reader = create_engine(self.url, connect_args={"timeout": busy_seconds}, **common)
            self._prepare_sqlite()
        else:
            settings = "-c synchronous_commit=on -c timezone=UTC -c lock_timeout=10s"
            arguments: dict[str, Any] = {"connect_timeout": 5, "tcp_user_timeout": 10_000, "options": settings}
            try:
                self.engine = create_engine(self.url, connect_args=arguments, pool_pre_ping=True, **common)
            except ImportError as error:
                raise BadInput("PostgreSQL needs its driver: pip install 'pixelmind[postgres]'") from error
            self._reader = self.engine.execution_options(isolation_level="REPEATABLE READ")
        self._writer: Engine = self.engine.execution_options(**{WRITE: True})

    def _prepare_sqlite(self) -> None:
        assert self.url.database is not None
        path = Path(self.url.database)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                path.touch(mode=0o600)
            wait = max(self.busy_seconds, 5.0)
            with contextlib.closing(sqlite3.connect(path, timeout=wait)) as connection:
                _to_wal(connection, time.monotonic() + wait)
        except (OSError, sqlite3.Error) as error:
            raise DatabaseDown(f"the database {path} cannot be opened: {error}") from error

        @event.listens_for(self.engine, "connect")
        def _connect(connection: sqlite3.Connection, _: object) -> None:
            connection.isolation_level = None  # transactions are begun below, not guessed by the driver
            for pragma in ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
                connection.execute(f"PRAGMA {pragma}")

        @event.listens_for(self.engine, "begin")
        def _begin(connection: Connection) -> None:
            write = connection.get_execution_options().get(WRITE, False)
            connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    def read(self, work: Callable[[Session], T]) -> T:
        """Run `work` on one consistent view. Inside a unit of work of this thread it is part of that.

        Raises:
            DatabaseDown: not reachable after three tries.
        """
        return self._run(work, write=False)

    def write(self, work: Callable[[Session], T]) -> T:
        """Run `work` and commit; when this returns, it is on disk. Inside a unit of work of this thread it is part of that and
        commits with it. `work` may be called again after a failure before its commit, so it must not act elsewhere.

        Raises:
            DatabaseDown: not reachable after three tries, or lost during the commit (the message then says so).
        """
        return self._run(work, write=True)

    def close(self) -> None:
        """Close all connections. A later call opens new ones."""
        self.engine.dispose()

    @contextlib.contextmanager
    def _turn(self, write: bool) -> Iterator[None]:
        if not (write and self.is_sqlite):
            yield
            return
        if not self._lock.acquire(timeout=30.0):
            raise DatabaseDown("other writes did not end within 30 seconds; nothing was written")
        try:
            yield
        finally:
            self._lock.release()

    def _run(self, work: Callable[[Session], T], write: bool) -> T:
        outer: Session | None = getattr(self._local, "session", None)
        if outer is not None:
            return self._join(outer, work, write)
        for pause in (*PAUSES, None):
            try:
                with self._turn(write):
                    return self._once(work, write)
            except _Failed as failed:
                if pause is None or not failed.failure.again:
                    raise failed.failure.error from failed.__cause__
            time.sleep(pause)
        raise AssertionError

    def _join(self, session: Session, work: Callable[[Session], T], write: bool) -> T:
        if not write:
            return work(session)
        if not self._local.write:
            raise RuntimeError("a write inside a read; begin with write")
        try:
            with session.begin_nested():  # so that the outer work can go on after, say, a Conflict
                return work(session)
        except exc.IntegrityError as error:
            raise understood(error, self.is_sqlite).error from error

    def _once(self, work: Callable[[Session], T], write: bool) -> T:
        session = Session(self._writer if write else self._reader, expire_on_commit=False)
        self._local.session, self._local.write = session, write
        committing = False
        try:
            out = work(session)
            if write:
                session.flush()
                committing = True
                session.commit()
            return out
        except exc.SQLAlchemyError as error:
            failure = understood(error, self.is_sqlite)
            if committing and not self.is_sqlite and isinstance(failure.error, DatabaseDown):
                lost = (
                    "the database was lost during a commit; whether it was written is not known: send it again with its"
                )
                failure = Failure(DatabaseDown(f"{lost} Idempotency-Key"), again=False)
            raise _Failed(failure) from error
        finally:
            self._local.session = None
            with contextlib.suppress(exc.SQLAlchemyError):
                session.close()  # rolls back what was not committed, and ends a read


def _to_wal(connection: sqlite3.Connection, until: float) -> None:
    """Switch to the write-ahead log; another process that does so just now locks the file, and SQLite does not wait for that by itself."""
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() >= until:
                raise
            time.sleep(0.02)


class _Failed(Exception):
    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure.error))
        self.failure = failure
