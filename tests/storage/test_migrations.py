"""Migrations make exactly the tables that the models say, from nothing, on both databases."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from pixelmind.errors import BadInput
from pixelmind.storage import Database, DatabaseDown, schema
from pixelmind.storage.models import Base
from pixelmind.storage.transactions import Transactions


def run_alembic(transactions: Transactions, what, *arguments) -> None:
    config = schema.config()

    def work(session):
        config.attributes["connection"] = session.connection()
        what(config, *arguments)

    transactions.write(work)


def test_from_nothing_to_the_models(empty_url):
    transactions = Transactions(empty_url)
    assert schema.check(transactions)[0] is None
    assert schema.upgrade(transactions) == schema.newest()
    with transactions.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []
        tables = set(inspect(connection).get_table_names())
        assert tables == set(Base.metadata.tables) | {"alembic_version"}
        checks = {c["name"] for t in Base.metadata.tables for c in inspect(connection).get_check_constraints(t)}
        assert checks == {
            str(c.name) for t in Base.metadata.tables.values() for c in t.constraints if str(c.name).startswith("ck_")
        }
    transactions.close()


def test_down_and_up_again(empty_url):
    transactions = Transactions(empty_url)
    schema.upgrade(transactions)
    run_alembic(transactions, command.downgrade, "base")
    with transactions.engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    assert schema.upgrade(transactions) == schema.newest()
    assert schema.check(transactions)[3] == []
    transactions.close()


def test_a_second_upgrade_changes_nothing(db, user):
    assert db.upgrade() == db.check().revision == db.check().newest
    assert db.users.get(user) == user


def test_many_that_start_at_once_upgrade_once(empty_url):
    def start(_: int) -> str:
        with Database(empty_url) as db:
            return db.upgrade()

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(start, range(4))) == {schema.newest()}


def test_a_failed_upgrade_leaves_nothing(empty_url, monkeypatch):
    transactions = Transactions(empty_url)
    transactions.write(lambda s: s.execute(text("CREATE TABLE pairs (x INTEGER)")))
    with pytest.raises(Exception, match="pairs"):
        schema.upgrade(transactions)
    with transactions.engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["pairs"]
    transactions.close()


def test_a_newer_database_is_left_alone(db, url):
    db.write(lambda s: s.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    try:
        with Database(url) as newer:
            with pytest.raises(BadInput, match="9999, which this program does not know"):
                newer.upgrade()
            problem = f"its tables are of revision 9999, not {schema.newest()}; run: pixelmind db upgrade"
            assert newer.check().problems == (problem,)
    finally:
        db.write(lambda s: s.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": schema.newest()}))


def test_without_tables_the_error_says_what_to_do(empty_url):
    with Database(empty_url) as db, pytest.raises(DatabaseDown, match="pixelmind db upgrade"):
        db.users.ensure("ada")
