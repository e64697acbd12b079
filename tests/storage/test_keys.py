"""Keys: shown once, kept as argon2id, refused when wrong, expired or revoked."""

import contextlib
import logging
import sqlite3
import statistics
import time
from datetime import UTC, datetime, timedelta

import pytest

from pixelmind.errors import BadInput
from pixelmind.storage import Database, NotFound, Unauthorized


def reason(db, token) -> str:
    with pytest.raises(Unauthorized) as caught:
        db.keys.verify(token)
    assert not token or str(token) not in str(caught.value)
    return caught.value.reason


def test_a_key_opens_for_its_owner(db, user):
    key, token = db.keys.create(user, ["feedback", "generate"], "laptop")
    assert token.startswith("pmx_")
    assert db.keys.verify(token) == key
    assert (key.user, key.user_name, key.name) == (user.id, "ada", "laptop")
    assert key.scopes == ("generate", "feedback")
    assert db.keys.list(user) == [key]
    assert db.keys.find(key.id) == key


def test_wrong_keys(db, user):
    _, token = db.keys.create(user, ["generate"])
    changed = token[:-1] + ("0" if token[-1] != "0" else "1")
    assert reason(db, changed) == "wrong"
    assert reason(db, "pmx_" + "0" * 26 + "_" + "0" * 64) == "wrong"
    for malformed in ("", "pmx_", token + "0", token.upper(), "Bearer " + token, token + "\n", "\0", None):
        assert reason(db, malformed) == "malformed"
    assert db.keys.verify(token)


def test_expiry(db, user, monkeypatch):
    key, token = db.keys.create(user, ["generate"], expires=timedelta(hours=1))
    assert db.keys.verify(token) == key
    later = (datetime.now(UTC) + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    monkeypatch.setattr("pixelmind.storage.keys.now", lambda: later)
    assert reason(db, token) == "expired"
    with pytest.raises(BadInput, match="later time"):
        db.keys.create(user, ["generate"], expires=datetime.now(UTC))


def test_revocation_holds_at_once_in_every_process(db, url, user):
    key, token = db.keys.create(user, ["generate"])
    with Database(url) as elsewhere:
        assert elsewhere.keys.verify(token) == db.keys.verify(token) == key
        revoked = db.keys.revoke(user, key.id)
        assert revoked.revoked
        assert reason(elsewhere, token) == reason(db, token) == "revoked"
    assert db.keys.revoke(user, key.id) == revoked


def test_an_unknown_scope_or_owner(db, user, other):
    for scopes in ([], ["root"], ["generate", "root"]):
        with pytest.raises(BadInput, match="scopes are"):
            db.keys.create(user, scopes)
    with pytest.raises(NotFound):
        db.keys.create("usr_" + "0" * 26, ["generate"])
    key, _ = db.keys.create(user, ["generate"])
    with pytest.raises(NotFound):
        db.keys.revoke(other, key.id)


def test_the_secret_is_nowhere(tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    path = tmp_path / "k.db"
    with Database(f"sqlite:///{path}") as db:
        db.upgrade()
        _, token = db.keys.create(db.users.ensure("ada"), ["generate"])
        db.keys.verify(token)
        raw = b"".join(p.read_bytes() for p in tmp_path.iterdir())
    secret = token.rsplit("_", 1)[1]
    assert secret.encode() not in raw
    assert secret not in caplog.text
    assert "secret_hash" not in caplog.text
    with sqlite3.connect(path) as connection:
        ((kept,),) = connection.execute("SELECT secret_hash FROM keys")
    connection.close()
    assert kept.startswith("$argon2id$")


def test_a_token_seen_before_is_fast_and_an_unknown_id_takes_as_long_as_a_wrong_secret(db, user):
    _, token = db.keys.create(user, ["generate"])
    wrong = token[:-1] + ("0" if token[-1] != "0" else "1")
    unknown = "pmx_" + "0" * 26 + "_" + token[-64:]

    def seconds(candidate: str) -> float:
        took = []
        for _ in range(7):
            start = time.thread_time()
            with contextlib.suppress(Unauthorized):
                db.keys.verify(candidate)
            took.append(time.thread_time() - start)
        return statistics.median(took)

    db.keys.verify(token)
    assert seconds(token) < seconds(wrong) / 2
    assert 0.4 < seconds(unknown) / seconds(wrong) < 2.5
