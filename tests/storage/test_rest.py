"""Users, palettes, memory, audit, quotas and idempotency keys."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from pixelmind.errors import BadInput
from pixelmind.records import Palette
from pixelmind.storage import Conflict, NotFound, OverQuota
from pixelmind.storage.audit import hashed
from pixelmind.storage.quota import Quota


def test_a_name_is_one_user_whoever_asks_first(db):
    with ThreadPoolExecutor(8) as pool:
        assert len({u.id for u in pool.map(lambda _: db.users.ensure("ada"), range(16))}) == 1
    ada = db.users.find("ada")
    assert db.users.get(ada) == db.users.get(ada.id) == ada
    assert db.users.list() == [ada]
    for bad in ("", " ", "a\nb", "x" * 101, "\0", "\ud800"):
        with pytest.raises(BadInput):
            db.users.ensure(bad)
    for missing in (lambda: db.users.find("eve"), lambda: db.users.get("usr_" + "0" * 26), lambda: db.users.get("eve")):
        with pytest.raises(NotFound):
            missing()


def test_palettes(db, user, other):
    sea = Palette(name="Sea & 'sky' ☂", colors=np.array([[0, 0, 255], [9, 8, 7]], dtype=np.uint8))
    assert db.palettes.add(user, sea) == sea
    with pytest.raises(Conflict, match="already"):
        db.palettes.add(user, sea)
    db.palettes.add(other, sea)
    db.palettes.add(user, Palette(name="ant", colors=np.zeros((256, 3), dtype=np.uint8)))
    assert [p.name for p in db.palettes.list(user)] == [sea.name, "ant"]
    assert db.palettes.get(user, sea.name) == sea
    db.palettes.delete(user, sea.name)
    for name in (sea.name, "\0", "nothing"):
        with pytest.raises(NotFound):
            db.palettes.get(user, name)
        with pytest.raises(NotFound):
            db.palettes.delete(user, name)
    assert db.palettes.get(other, sea.name) == sea
    with pytest.raises(BadInput, match="name"):
        db.palettes.add(user, Palette(name="a\0b", colors=sea.colors))


def test_memory(db, user, other):
    assert db.memory.load(user) is None
    db.memory.save(user, bytes(range(256)), {"pairs": 3})
    db.memory.save(user, b"\0new", {"pairs": 4})
    assert db.memory.load(user) == (b"\0new", {"pairs": 4})
    assert db.memory.load(other) is None
    db.memory.delete(other)
    db.memory.delete(user)
    db.memory.delete(user)
    assert db.memory.load(user) is None


def test_audit(db, user, other):
    first = db.audit.write(user, "sprite.delete", "spr_1", {"n": 1}, "req-1")
    unknown = db.audit.write(None, "key.refused", details={"reason": "wrong"})
    db.audit.write(other, "login")
    assert db.audit.list()[:2] == [first, unknown]
    assert unknown.user == ""
    assert db.audit.list(user) == [first]
    assert len(db.audit.list(after=first.id)) == 2
    assert db.audit.list(since="2199-01-01T00:00:00+00:00") == []
    assert hashed(user) != hashed(other)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.time = 1_000_000.0

    def __call__(self) -> float:
        return self.time


def test_quotas(db, user, other):
    clock = Clock()
    quota = Quota(db._tx, clock)
    assert quota.take(user, "images", 3, 5, 60) == 2
    clock.time += 20
    with pytest.raises(OverQuota) as caught:
        quota.take(user, "images", 3, 5, 60)
    assert caught.value.retry_after == pytest.approx(40)
    assert quota.take(user, "images", 2, 5, 60) == 0
    assert quota.take(other, "images", 5, 5, 60) == 0
    assert quota.take(user, "edits", 1, 5, 60) == 4
    assert quota.usage(user) == {"images": 5, "edits": 1}
    quota.give_back(user, "images", 2, 60)
    assert quota.take(user, "images", 1, 5, 60) == 1
    clock.time += 41
    assert quota.usage(user) == {"edits": 1}
    assert quota.take(user, "images", 5, 5, 60) == 0
    quota.give_back(other, "nothing", 1, 60)
    clock.time += 1_000
    quota.give_back(user, "images", 2, 60)
    assert quota.prune() == 3
    for amount, window in ((0, 60), (-1, 60), (1, 0)):
        with pytest.raises(BadInput):
            quota.take(user, "images", amount, 5, window)


def test_a_quota_holds_against_many_at_once(db, user):
    def take(_: int) -> bool:
        try:
            db.quota.take(user, "images", 1, 10, 3600)
        except OverQuota:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(take, range(32))) == 10


def test_a_repeated_request_acts_once(db, user, other, drawn):
    sprite = db.sprites.add(user, drawn())

    def work(session):
        return {"id": db.feedback.rate(user, sprite.id, {"accuracy": 4}).id}

    first = db.idempotency.run(user, "k1", "hash", work)
    assert db.idempotency.run(user, "k1", "hash", work) == first
    assert db.idempotency.find(user, "k1", "hash") == first
    assert db.idempotency.find(user, "k2", "hash") is None
    with pytest.raises(Conflict, match="another request"):
        db.idempotency.run(user, "k1", "other hash", work)
    with pytest.raises(Conflict):
        db.idempotency.find(user, "k1", "other hash")
    assert db.idempotency.find(other, "k1", "hash") is None
    assert [r.id for r in db.feedback.list(user)] == [first["id"]]
    for bad in ("", "x" * 256, "a\0", "\n"):
        with pytest.raises(BadInput, match="Idempotency-Key"):
            db.idempotency.run(user, bad, "hash", work)


def test_failed_work_leaves_neither_rows_nor_a_kept_answer(db, user, drawn):
    sprite = db.sprites.add(user, drawn())

    def fails(session):
        db.feedback.rate(user, sprite.id, {"accuracy": 4})
        db.sprites.add(user, drawn())
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        db.idempotency.run(user, "k", "h", fails)
    assert db.feedback.list() == []
    assert db.stats()["sprites"] == 1
    assert db.idempotency.run(user, "k", "h", lambda s: {"n": 1}) == {"n": 1}
    with pytest.raises(BadInput, match="JSON"):
        db.idempotency.run(user, "k3", "h", lambda s: {"n": object()})
    assert db.idempotency.find(user, "k3", "h") is None


def test_the_same_request_from_many_threads_acts_once(db, user, drawn):
    sprite = db.sprites.add(user, drawn())
    together = threading.Barrier(8)

    def send(_: int) -> str:
        together.wait(30)
        work = lambda s: {"id": db.feedback.rate(user, sprite.id, {"accuracy": 4}).id}  # noqa: E731
        return str(db.idempotency.run(user, "k", "h", work)["id"])

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(send, range(8)))
    assert answers == {row.id for row in db.feedback.list()}
    assert len(answers) == 1


def test_tidy_forgets_old_answers_only(db, user, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("pixelmind.storage.idempotency.now", lambda: "2020-01-01T00:00:00.000Z")
        db.idempotency.run(user, "old", "h", lambda s: {})
    db.idempotency.run(user, "new", "h", lambda s: {"kept": True})
    db.tidy()
    assert db.idempotency.find(user, "old", "h") is None
    assert db.idempotency.find(user, "new", "h") == {"kept": True}


def test_inner_conflicts_can_be_caught_and_the_rest_kept(db, user):
    palette = Palette(name="p", colors=np.zeros((1, 3), dtype=np.uint8))
    db.palettes.add(user, palette)

    def work(session):
        with pytest.raises(Conflict):
            db.palettes.add(user, palette)
        with pytest.raises(NotFound):
            db.keys.create("usr_" + "0" * 26, ["generate"])
        db.audit.write(user, "went on")

    db.write(work)
    assert [row.action for row in db.audit.list()] == ["went on"]
