"""`pixelmind keys` and `pixelmind db`."""

import json

import pytest

from pixelmind import cli
from pixelmind.storage import Database, Unauthorized


@pytest.fixture
def command(capfd, tmp_path, monkeypatch):
    monkeypatch.setenv("PIXELMIND_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PIXELMIND_DATABASE_URL", raising=False)
    monkeypatch.delenv("PIXELMIND_DEBUG", raising=False)

    def call(*arguments):
        code = cli.run(list(arguments))
        captured = capfd.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.fixture
def on_both(command, empty_url, monkeypatch):
    """The command line on a database of each kind."""
    monkeypatch.setenv("PIXELMIND_DATABASE_URL", empty_url)
    return command


def test_the_life_of_a_key(on_both, empty_url):
    code, token, said = on_both(
        "keys", "create", "--user", "ada", "--scope", "review", "--scope", "generate", "--days", "1"
    )
    assert code == 0
    assert "only time" in said
    assert token.strip() not in said
    with Database(empty_url) as db:
        key = db.keys.verify(token.strip())
        assert (key.user_name, key.scopes) == ("ada", ("generate", "review"))
        assert key.expires is not None
        _, listed, _ = on_both("keys", "list")
        assert key.id in listed
        assert token.strip()[-64:] not in listed
        assert on_both("keys", "revoke", key.id)[1] == f"{key.id} of ada is revoked\n"
        with pytest.raises(Unauthorized, match="revoked"):
            db.keys.verify(token.strip())
        assert [(row.user, row.action) for row in db.audit.list()] == [
            (key.user, "key.create"),
            (key.user, "key.revoke"),
        ]
    _, listed, _ = on_both("keys", "list", "--user", "ada", "--json")
    (row,) = json.loads(listed)["keys"]
    assert row["revoked"]
    assert "token" not in row


def test_the_audit_log_is_read(on_both):
    assert on_both("db", "audit")[1] == ""
    for name in ("ada", "ben"):
        on_both("keys", "create", "--user", name)
    code, told, _ = on_both("db", "audit", "--user", "ada", "--json")
    (line,) = json.loads(told)["lines"]
    assert (code, line["action"], line["details"]["from"]) == (0, "key.create", "command line")
    both = on_both("db", "audit")[1].splitlines()
    assert len(both) == 2
    assert both[0].split("  ")[1:] == [line["user"], "key.create", line["target"]]
    assert on_both("db", "audit", "--limit", "1")[1].splitlines() == both[:1]
    assert on_both("db", "audit", "--since", "2099-01-01")[1] == ""
    assert on_both("db", "audit", "--since", "yesterday")[0] == 2
    assert on_both("db", "audit", "--user", "eve")[0] == 2


def test_json_and_defaults(command, tmp_path):
    code, out, said = command("keys", "create", "--json")
    made = json.loads(out)
    assert (code, said, made["user"], made["scopes"], made["expires"]) == (
        0,
        "",
        "local",
        ["generate", "feedback"],
        None,
    )
    with Database(f"sqlite:///{tmp_path / 'home' / 'pixelmind.db'}") as db:
        assert db.keys.verify(made["token"]).id == made["id"]


def test_db_check_and_upgrade(on_both):
    code, out, said = on_both("db", "check")
    assert (code, said) == (1, "problem: it has no tables; run: pixelmind db upgrade\n")
    assert "revision None" in out
    assert on_both("db", "upgrade")[0] == 0
    code, out, _ = on_both("db", "check", "--json")
    assert code == 0
    assert json.loads(out)["problems"] == []


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("keys", "create", "--scope", "root"), "scopes are generate"),
        (("keys", "create", "--user", ""), "a user's name"),
        (("keys", "create", "--days", "0"), "later time"),
        (("keys", "revoke", "key_1"), "no such key"),
        (("keys", "list", "--user", "nobody"), "no user nobody"),
    ],
)
def test_bad_input_is_one_line(command, arguments, line):
    code, out, said = command(*arguments)
    assert (code, out) == (2, "")
    assert line in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("url", "line"),
    [
        ("mysql://me:geheim@host/x", "databases are sqlite:/// and postgresql+psycopg://, not mysql://"),
        ("nonsense", "cannot be read"),
        ("sqlite://", "needs a file"),
        ("sqlite:////proc/nowhere/x.db", "cannot be opened"),
        ("postgresql://me:geheim@127.0.0.1:1/x", "does not answer"),
    ],
)
def test_a_wrong_database_is_one_line_without_its_password(command, monkeypatch, url, line):
    monkeypatch.setenv("PIXELMIND_DATABASE_URL", url)
    code, out, said = command("db", "check")
    assert (code, out) == (2, "")
    assert line in said
    assert "geheim" not in said
    assert said.count("\n") == 1
