"""A database of each kind for each test: a SQLite file, and a PostgreSQL cluster of our own that ends with the tests."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest

from pixelmind.records import Sprite
from pixelmind.storage import Database, User

KINDS = ("sqlite", "postgresql")
REQUIRED = os.environ.get("PIXELMIND_REQUIRE_POSTGRES") == "1"


def programs() -> Path | None:
    """Where initdb and postgres lie: Debian's newest, or on the path."""
    found = [p for p in Path("/usr/lib/postgresql").glob("*/bin") if (p / "initdb").exists()]
    if found:
        return max(found, key=lambda p: float(p.parent.name))
    path = shutil.which("initdb")
    return Path(path).resolve().parent if path else None


class Cluster:
    """A PostgreSQL server on a socket in a folder of its own, as another user where we are root. It stops when this process ends."""

    def __init__(self, bin_: Path, fsync: bool) -> None:
        self._bin = bin_
        self.folder = Path(tempfile.mkdtemp(prefix="pmx-pg-", dir="/tmp"))
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            try:
                who = pwd.getpwnam("postgres")
            except KeyError:
                who = pwd.getpwnam("nobody")
            os.chown(self.folder, who.pw_uid, who.pw_gid)
            self._as = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}
        options = ["-A", "trust", "-U", "pixelmind", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        made = subprocess.run(
            [bin_ / "initdb", "-D", self.folder / "data", *options], capture_output=True, text=True, cwd="/", **self._as
        )
        assert made.returncode == 0, made.stderr
        self._settings = [f"fsync={'on' if fsync else 'off'}", "listen_addresses=", "max_connections=120"]
        self._names = itertools.count()
        self._server: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start the server, where it does not run, and wait until it answers."""
        if self._server is not None and self._server.poll() is None:
            return
        # It ends with this process. Not by preexec_fn: that runs the fork hooks, of which Lance's warns.
        setpriv = shutil.which("setpriv")
        ends_with_us = [setpriv, "--pdeathsig", "INT", "--"] if setpriv else []
        settings = [a for s in self._settings for a in ("-c", s)]
        with open(self.folder / "log", "ab") as log:
            self._server = subprocess.Popen(
                [*ends_with_us, self._bin / "postgres", "-D", self.folder / "data", "-k", self.folder, *settings],
                stdout=log,
                stderr=log,
                cwd="/",
                **self._as,
            )
        for _ in range(600):
            try:
                psycopg.connect(self._address("postgres")).close()
                return
            except psycopg.OperationalError:
                assert self._server.poll() is None, (self.folder / "log").read_text()
                time.sleep(0.05)
        raise AssertionError("PostgreSQL did not start")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop: SIGINT ends sessions and writes all out, SIGQUIT ends at once, as a crash does."""
        if self._server is not None and self._server.poll() is None:
            self._server.send_signal(how)
            self._server.wait(120)

    def close(self) -> None:
        """Stop and remove everything."""
        self.stop(signal.SIGQUIT)  # nothing of it is needed any more
        shutil.rmtree(self.folder, ignore_errors=True)

    def create(self) -> str:
        """A new database; its name."""
        name = f"test{next(self._names)}"
        self.run(f"CREATE DATABASE {name}")
        return name

    def run(self, statement: str, name: str = "postgres") -> None:
        """Run a statement outside any transaction."""
        with psycopg.connect(self._address(name), autocommit=True) as connection:
            connection.execute(statement)

    def url(self, name: str) -> str:
        """The URL of a database of this server."""
        return f"postgresql+psycopg://pixelmind@/{name}?host={self.folder}"

    def _address(self, name: str) -> str:
        return f"host={self.folder} user=pixelmind dbname={name}"


def start_cluster(fsync: bool) -> Cluster:
    """A server, or a skip (in CI a failure) that says why there is none."""
    bin_ = programs()
    if bin_ is None:
        if REQUIRED:
            pytest.fail("PostgreSQL must be here (PIXELMIND_REQUIRE_POSTGRES=1) and is not: apt-get install postgresql")
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    return Cluster(bin_, fsync)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A server for all tests that need not survive a crash of the machine."""
    found = start_cluster(fsync=False)
    yield found
    found.close()


@pytest.fixture(scope="session")
def syncing_cluster() -> Iterator[Cluster]:
    """A server with fsync on."""
    found = start_cluster(fsync=True)
    yield found
    found.close()


@pytest.fixture
def own_cluster(syncing_cluster) -> Iterator[Cluster]:
    """A server with fsync on that the test may stop."""
    yield syncing_cluster
    syncing_cluster.start()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory) -> Path:
    """A SQLite file with all tables."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    with Database(f"sqlite:///{path}") as database:
        database.upgrade()
    return path


@pytest.fixture(scope="session")
def postgresql_shared(cluster) -> str:
    """The name of a PostgreSQL database with all tables; a new one for each test would cost half a second each."""
    name: str = cluster.create()
    with Database(cluster.url(name)) as database:
        database.upgrade()
    return name


@pytest.fixture(params=KINDS)
def kind(request) -> str:
    """Every test that asks for a database runs on both."""
    return str(request.param)


@pytest.fixture
def empty_url(kind, request, tmp_path) -> str:
    """The URL of a database without tables."""
    if kind == "sqlite":
        return f"sqlite:///{tmp_path / 'new' / 'pixelmind.db'}"
    cluster = request.getfixturevalue("cluster")
    return str(cluster.url(cluster.create()))


@pytest.fixture
def url(kind, request, tmp_path) -> str:
    """The URL of a database with all tables and no rows."""
    if kind == "sqlite":
        path = tmp_path / "pixelmind.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    cluster = request.getfixturevalue("cluster")
    name = request.getfixturevalue("postgresql_shared")
    cluster.run("DELETE FROM users; DELETE FROM audit; DELETE FROM models", name)
    return str(cluster.url(name))


@pytest.fixture
def db(url) -> Iterator[Database]:
    """An empty database."""
    with Database(url) as database:
        yield database


@pytest.fixture
def user(db) -> User:
    """Somebody."""
    return db.users.ensure("ada")


@pytest.fixture
def other(db) -> User:
    """Somebody else."""
    return db.users.ensure("bob")


@pytest.fixture(scope="session")
def drawn() -> Callable[..., Sprite]:
    """A small sprite with a clear cell, three colours, a mask and provenance; another seed, another picture."""

    def draw(seed: int = 0, size: int = 8) -> Sprite:
        rng = np.random.default_rng(seed)
        indices = rng.integers(0, 4, (size, size), dtype=np.uint8)
        indices[0, 0] = 0
        palette = np.zeros((4, 4), dtype=np.uint8)
        palette[1:] = [*((*rng.integers(0, 256, 3), 255) for _ in range(3))]
        mask = (indices > 0).astype(np.uint8)
        about = {"prompt": f"castle {seed}", "seed": seed, "edits": [{"region": "sky", "cells": [1, 2]}], "kept": None}
        return Sprite(indices=indices, palette=palette, mask=mask, mask_names=("background", "body"), provenance=about)

    return draw
