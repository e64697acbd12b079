"""Many threads and processes, a locked file, no room left, a server that goes and comes back: nothing half written, one clear error."""

import contextlib
import functools
import os
import shutil
import sqlite3
import subprocess
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from pixelmind.errors import BadInput
from pixelmind.storage import Database, DatabaseDown, DiskFull, NotFound, SpriteRow, User
from pixelmind.storage.sprites import Sprites
from pixelmind.storage.transactions import Transactions, read_url


def test_32_threads_write_and_read(db, user, drawn):
    sprite = db.sprites.add(user, drawn())

    def work(n: int) -> set[str]:
        made = set()
        for i in range(5):
            made.add(db.feedback.event(user, sprite.id, "view", details={"n": n, "i": i}).id)
            assert made <= {row.id for row in db.feedback.list(user)}  # one reads what one wrote
        return made

    with ThreadPoolExecutor(32) as pool:
        made = set().union(*pool.map(work, range(32)))
    assert len(made) == 160
    assert {row.id for row in db.feedback.each(user)} == made


def test_two_programs_write_to_one_file(url, user, db, drawn):
    sprite = db.sprites.add(user, drawn())
    with Database(url, 60.0) as first, Database(url, 60.0) as second, ThreadPoolExecutor(16) as pool:
        each = [first, second] * 8
        list(pool.map(lambda d: [d.feedback.rate(user, sprite.id, {"accuracy": 1}) for _ in range(6)], each))
    assert len(db.feedback.list(user)) == 96


def test_readers_are_not_kept_waiting_by_a_writer(db, user, drawn):
    sprite = db.sprites.add(user, drawn())
    inside, done = threading.Event(), threading.Event()

    def slow(session):
        db.feedback.rate(user, sprite.id, {"accuracy": 1})
        inside.set()
        assert done.wait(30)

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(db.write, slow)
        assert inside.wait(30)
        assert db.feedback.list(user) == []  # not committed, so not there
        done.set()
        writing.result(30)
    assert len(db.feedback.list(user)) == 1


def test_a_unit_of_work_is_whole_or_not_at_all(db, user, drawn):
    def work(session):
        sprite = db.sprites.add(user, drawn())
        db.feedback.rate(user, sprite.id, {"accuracy": 1})
        assert db.feedback.list(user)
        raise NotFound("no such thing")

    with pytest.raises(NotFound, match="no such thing"):
        db.write(work)
    kept = db.stats()
    assert (kept.pop("feedback"), kept.pop("ratings"), set(kept.values())) == ({}, {}, {0})


def test_a_write_inside_a_read_is_a_mistake_in_the_program(db, user):
    with pytest.raises(RuntimeError, match="begin with write"):
        db._tx.read(lambda s: db.audit.write(user, "x"))


def test_a_locked_file_is_waited_for_then_said(tmp_path, drawn):
    path = tmp_path / "pixelmind.db"
    with Database(f"sqlite:///{path}", busy_seconds=0.3) as db:
        db.upgrade()
        user = db.users.ensure("ada")
        sprite = db.sprites.add(user, drawn())
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            start = time.monotonic()
            with pytest.raises(DatabaseDown, match="another program holds the database; nothing was written"):
                db.feedback.rate(user, sprite.id, {"accuracy": 1})
            assert time.monotonic() - start > 0.25
            assert db.feedback.list(user) == []
            holder.execute("ROLLBACK")
            db.feedback.rate(user, sprite.id, {"accuracy": 1})
    assert not (tmp_path / "pixelmind.db-wal").exists()


def test_a_lock_given_up_in_time_is_no_error(tmp_path):
    path = tmp_path / "pixelmind.db"
    with Database(f"sqlite:///{path}") as db:
        db.upgrade()
        holder = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        holder.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(0.4, lambda: holder.execute("ROLLBACK"))
        timer.start()
        assert db.users.ensure("ada")
        timer.join()
        holder.close()


def test_no_room_in_sqlite(sqlite_template, tmp_path, drawn):
    url = f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'small.db')}"
    transactions = Transactions(url)
    event.listen(transactions.engine, "connect", lambda c, _: c.execute("PRAGMA max_page_count=70"))
    with Database(url) as db:
        user = db.users.ensure("ada")
    sprites, kept = Sprites(transactions), list[str]()

    def fill_up() -> None:
        for seed in range(1_000):
            kept.append(sprites.add(user, drawn(seed, 64)).id)

    with pytest.raises(DiskFull, match="no room"):
        fill_up()
    assert 1 <= len(kept) < 100
    assert [row.id for row in sprites.list(user, limit=1000)] == kept[::-1]
    assert all(row.sprite for row in sprites.list(user, limit=1000))
    sprites.delete(user, kept[0])
    sprites.add(user, drawn(0, 64))  # room again
    transactions.close()
    with Database(url) as db:
        assert db.check().problems == ()


@pytest.fixture
def small_disk():
    """A file system of 3 MB, in a folder that the server's user may enter."""
    place = Path(tempfile.mkdtemp(prefix="pmx-disk-", dir="/tmp"))
    place.chmod(0o755)
    options = ["-t", "tmpfs", "-o", "size=3m,mode=777", "tmpfs"]
    can = shutil.which("mount") and os.geteuid() == 0
    if not can or subprocess.run(["mount", *options, place], check=False).returncode:
        place.rmdir()
        pytest.skip("a file system can be mounted by root only")
    yield place
    subprocess.run(["umount", "-l", place], check=True)
    place.rmdir()


def fill(db: Database, user: User, sprite: SpriteRow, kept: list[str]) -> None:
    """Write feedback, noting what is acknowledged, until no more goes."""
    for n in range(10_000):
        filler = os.urandom(10_000).hex()
        kept.append(db.feedback.event(user, sprite.id, "view", details={"n": n, "filler": filler}).id)


def test_no_room_on_a_real_disk(small_disk, drawn):
    acknowledged: list[str] = []
    with Database(f"sqlite:///{small_disk / 'pixelmind.db'}") as db:
        db.upgrade()
        user = db.users.ensure("ada")
        sprite = db.sprites.add(user, drawn())
        with pytest.raises(DiskFull):
            fill(db, user, sprite, acknowledged)
        assert [row.id for row in db.feedback.list(user)] == acknowledged
        with pytest.raises(DiskFull):
            db.feedback.event(user, sprite.id, "view", details={"filler": "x" * 200_000})
        assert db.check().problems == ()
    with Database(f"sqlite:///{small_disk / 'pixelmind.db'}") as db:
        assert len(acknowledged) == len(db.feedback.list(user)) > 10


def test_no_room_in_postgresql(small_disk, own_cluster, drawn):
    space = small_disk / "space"
    space.mkdir(mode=0o700)
    owner = os.stat(own_cluster.folder)
    os.chown(space, owner.st_uid, owner.st_gid)
    own_cluster.run(f"CREATE TABLESPACE small LOCATION '{space}'")
    name = own_cluster.create()
    acknowledged: list[str] = []
    with Database(own_cluster.url(name)) as db:
        db.upgrade()
        user = db.users.ensure("ada")
        sprite = db.sprites.add(user, drawn())
        db.write(lambda s: s.execute(text("ALTER TABLE feedback SET TABLESPACE small")))
        with pytest.raises(DiskFull):
            fill(db, user, sprite, acknowledged)
        assert [row.id for row in db.feedback.list(user)] == acknowledged
        assert len(acknowledged) > 10
    own_cluster.run(f"DROP DATABASE {name}")
    own_cluster.run("DROP TABLESPACE small")


def test_a_server_that_goes_and_comes_back(own_cluster, drawn):
    url = own_cluster.url(own_cluster.create())
    with Database(url) as db:
        db.upgrade()
        user = db.users.ensure("ada")
        sprite = db.sprites.add(user, drawn())
        kept = db.feedback.rate(user, sprite.id, {"accuracy": 1})

        def interrupted(session):
            db.feedback.rate(user, sprite.id, {"accuracy": 2})
            own_cluster.stop()
            db.feedback.rate(user, sprite.id, {"accuracy": 3})

        with pytest.raises(DatabaseDown, match="does not answer"):
            db.write(interrupted)
        for call in (
            db.ping,
            db.check,
            lambda: db.sprites.list(user),
            lambda: db.feedback.rate(user, sprite.id, {"accuracy": 4}),
        ):
            start = time.monotonic()
            with pytest.raises(DatabaseDown, match="does not answer"):
                call()
            assert time.monotonic() - start < 30
        own_cluster.start()
        db.ping()
        assert db.feedback.list(user) == [kept]
        assert db.feedback.rate(user, sprite.id, {"accuracy": 5}).ratings == {"accuracy": 5}


def test_a_server_restart_between_calls_is_not_noticed(own_cluster):
    with Database(own_cluster.url(own_cluster.create())) as db:
        db.upgrade()
        user = db.users.ensure("ada")
        own_cluster.stop()
        own_cluster.start()
        assert db.users.get(user) == user
        own_cluster.stop()
        own_cluster.start()
        assert db.audit.write(user, "still here")


CUT = "SELECT pg_terminate_backend(pg_backend_pid())"


def test_a_lost_connection_is_tried_again_before_the_commit(own_cluster):
    with Database(own_cluster.url(own_cluster.create())) as db:
        db.upgrade()
        user = db.users.ensure("ada")
        calls = []

        def cut(times: int, session: Session) -> str:
            calls.append(db.audit.write(user, "tried").id)
            if len(calls) <= times:
                session.execute(text(CUT))
            return "done"

        assert db.write(functools.partial(cut, 2)) == "done"
        assert [row.id for row in db.audit.list()] == calls[2:]
        calls.clear()
        with pytest.raises(DatabaseDown, match="does not answer"):
            db.write(functools.partial(cut, 3))
        assert len(calls) == 3
        assert len(db.audit.list()) == 1


def test_a_connection_lost_in_the_commit_is_not_tried_again_but_told(own_cluster):
    with Database(own_cluster.url(own_cluster.create())) as db:
        db.upgrade()
        user = db.users.ensure("ada")
        for statement in (
            f"CREATE FUNCTION cut() RETURNS trigger AS $$ BEGIN PERFORM ({CUT}); RETURN NULL; END $$ LANGUAGE plpgsql",
            "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON audit DEFERRABLE INITIALLY DEFERRED "
            "FOR EACH ROW EXECUTE FUNCTION cut()",
        ):
            db.write(lambda s, sql=statement: s.execute(text(sql)))
        calls = []
        with pytest.raises(
            DatabaseDown, match="whether it was written is not known: send it again with its Idempotency-Key"
        ):
            db.write(lambda s: calls.append(db.audit.write(user, "x")))
        assert len(calls) == 1
        assert db.audit.list() == []


def test_a_damaged_table(tmp_path):
    path = tmp_path / "pixelmind.db"
    with Database(f"sqlite:///{path}") as db:
        db.upgrade()
        db.users.ensure("ada")
    with contextlib.closing(sqlite3.connect(path)) as connection:
        ((page, size),) = connection.execute(
            "SELECT rootpage, page_size FROM sqlite_master, pragma_page_size WHERE name = 'users'"
        )
    data = bytearray(path.read_bytes())
    data[(page - 1) * size : page * size] = b"\xff" * size
    path.write_bytes(data)
    with Database(f"sqlite:///{path}") as db:
        assert any("damaged" in problem for problem in db.check().problems)


def test_a_damaged_file(tmp_path):
    path = tmp_path / "pixelmind.db"
    with Database(f"sqlite:///{path}") as db:
        db.upgrade()
        db.users.ensure("ada")
    data = bytearray(path.read_bytes())
    data[4096 * 3 :] = os.urandom(len(data) - 4096 * 3)
    path.write_bytes(data)
    with pytest.raises(DatabaseDown, match="malformed"):
        Database(f"sqlite:///{path}")
    path.write_bytes(b"this is no database" * 500)
    with pytest.raises(DatabaseDown, match="cannot be opened"):
        Database(f"sqlite:///{path}")


def test_urls():
    assert read_url("postgres://me@host/x").drivername == "postgresql+psycopg"
    assert read_url("sqlite:///x.db").database == os.path.abspath("x.db")
    for url in ("sqlite://", "sqlite:///:memory:", "sqlite:///x.db?mode=ro", "oracle://x", "", "x"):
        with pytest.raises(BadInput):
            read_url(url)
    with Database("postgresql://me:geheim@127.0.0.1:1/x") as db:
        assert "geheim" not in db.url
        with pytest.raises(DatabaseDown) as caught:
            db.ping()
    assert "geheim" not in str(caught.value)


def test_values_never_stand_in_errors(db, user):
    with pytest.raises(Exception, match="no_such_function") as caught:
        db.write(lambda s: s.execute(text("SELECT no_such_function(:x)"), {"x": "geheim"}))
    assert "geheim" not in str(caught.value)
    assert "geheim" not in str(caught.value.__cause__)


def test_errors_of_the_program_are_not_called_the_databases(db):
    with pytest.raises(ZeroDivisionError):
        db.write(lambda s: 1 / 0)
