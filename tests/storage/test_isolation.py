"""Nobody reads or changes what is another person's: every method that takes a person, with ids of everyone, drawn by hypothesis."""

import inspect
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmind.records import Palette, Sprite
from pixelmind.storage import Database, NotFound, User
from pixelmind.storage.ids import ALPHABET, LENGTH

STORES = ("users", "keys", "sprites", "sessions", "feedback", "pairs", "review", "palettes", "memory", "audit")
STORES += ("idempotency", "quota", "account")
#: Methods that name no row of somebody: they begin at the caller's own name, and are tested to give only the caller's.
OWN = {
    "users.get", "keys.create", "keys.list", "sprites.list", "sessions.create", "sessions.list", "feedback.list", "feedback.each",
    "feedback.pairs", "feedback.means", "pairs.open", "pairs.answered", "review.list", "palettes.add", "palettes.list", "memory.save",
    "memory.load", "memory.delete", "audit.write", "audit.list", "idempotency.run", "idempotency.find", "quota.take",
    "quota.give_back", "quota.usage", "account.export", "account.delete",
}  # fmt: skip


@dataclass(frozen=True)
class World:
    """Ann owns everything that there is; Eve owns one of each kind, too, so that her calls could succeed."""

    db: Database
    ann: User
    eve: User
    theirs: dict[str, str]
    hers: dict[str, str]


def _furnish(db: Database, user: User, sprite: Sprite) -> dict[str, str]:
    session = db.sessions.create(user, "private", {"secret": 1})
    db.sessions.save(user, session.id, {"said": "secret"}, [{"text": "secret"}], 0)
    one = db.sprites.add(user, sprite, prompt="secret", session=session.id)
    two = db.sprites.add(user, sprite, prompt="secret", parent=one.id)
    key, _ = db.keys.create(user, ["generate"])
    db.feedback.rate(user, one.id, {"accuracy": 3}, comment="secret")
    db.feedback.prefer(user, one.id, two.id)
    db.review.flag(user, one.id, "secret")
    db.memory.save(user, b"secret", {})
    pair = db.pairs.offer(user, one.id, two.id)
    colors = np.zeros((1, 3), dtype=np.uint8)
    db.palettes.add(user, Palette(name=f"of {user.name}", colors=colors))
    db.idempotency.run(user, "key", "h", lambda s: {"secret": user.name})
    db.quota.take(user, "images", 1, 10, 3600)
    db.audit.write(user, "secret")
    found = {"sprite": one.id, "second": two.id, "session": session.id, "key": key.id, "pair": pair}
    return {**found, "palette": f"of {user.name}"}


def _world(url: str, sprite: Sprite) -> World:
    db = Database(url)
    ann, eve = db.users.ensure("ann"), db.users.ensure("eve")
    return World(db, ann, eve, _furnish(db, ann, sprite), _furnish(db, eve, sprite))


@pytest.fixture(scope="module")
def sqlite_world(sqlite_template, tmp_path_factory, drawn):
    path = tmp_path_factory.mktemp("world") / "w.db"
    shutil.copy(sqlite_template, path)
    world = _world(f"sqlite:///{path}", drawn())
    yield world
    world.db.close()


@pytest.fixture(scope="module")
def postgresql_world(cluster, drawn):
    url = cluster.url(cluster.create())
    with Database(url) as db:
        db.upgrade()
    world = _world(url, drawn())
    yield world
    world.db.close()


@pytest.fixture
def world(kind, request) -> World:
    return request.getfixturevalue(f"{kind}_world")


Call = Callable[[Database, User, dict[str, str]], Any]
#: Each method that names a row, called by `user` with ids `i` of which at least one is not theirs.
CALLS: dict[str, Call] = {
    "sprites.add": lambda db, user, i: db.sprites.add(user, ANY, parent=i["sprite"], session=i["session"]),
    "sprites.get": lambda db, user, i: db.sprites.get(user, i["sprite"]),
    "sprites.children": lambda db, user, i: db.sprites.children(user, i["sprite"]),
    "sprites.ancestors": lambda db, user, i: db.sprites.ancestors(user, i["sprite"]),
    "sprites.lineage": lambda db, user, i: db.sprites.lineage(user, i["sprite"]),
    "sprites.delete": lambda db, user, i: db.sprites.delete(user, i["sprite"]),
    "sessions.get": lambda db, user, i: db.sessions.get(user, i["session"]),
    "sessions.save": lambda db, user, i: db.sessions.save(user, i["session"], {}, [{"text": "mine now"}], 1),
    "sessions.messages": lambda db, user, i: db.sessions.messages(user, i["session"]),
    "sessions.rename": lambda db, user, i: db.sessions.rename(user, i["session"], "mine now"),
    "sessions.delete": lambda db, user, i: db.sessions.delete(user, i["session"]),
    "keys.revoke": lambda db, user, i: db.keys.revoke(user, i["key"]),
    "feedback.rate": lambda db, user, i: db.feedback.rate(user, i["sprite"], {"accuracy": 1}),
    "feedback.event": lambda db, user, i: db.feedback.event(user, i["sprite"], "view"),
    "feedback.verdict": lambda db, user, i: db.feedback.verdict(user, i["sprite"], "reject"),
    "feedback.prefer": lambda db, user, i: db.feedback.prefer(user, i["sprite"], i["second"], pair_id=i["pair"]),
    "pairs.offer": lambda db, user, i: db.pairs.offer(user, i["sprite"], i["second"]),
    "pairs.get": lambda db, user, i: db.pairs.get(user, i["pair"]),
    "review.flag": lambda db, user, i: db.review.flag(user, i["sprite"], "mine now", candidates=[i["second"]]),
    "palettes.get": lambda db, user, i: db.palettes.get(user, i["palette"]),
    "palettes.delete": lambda db, user, i: db.palettes.delete(user, i["palette"]),
}
#: Which ids a call uses.
USES = {
    "sprites.add": ("sprite", "session"),
    "feedback.prefer": ("sprite", "second", "pair"),
    "pairs.offer": ("sprite", "second"),
}
USES |= {"review.flag": ("sprite", "second"), "keys.revoke": ("key",), "pairs.get": ("pair",)}
USES |= {name: ("session",) for name in CALLS if name.startswith("sessions.")}
USES |= {name: ("palette",) for name in CALLS if name.startswith("palettes.")}
ANY = Sprite(indices=np.zeros((8, 8), np.uint8), palette=np.array([[1, 2, 3, 255]], np.uint8))


def _takes_a_person(method: Any) -> bool:
    return bool({"user", "reviewer"} & set(inspect.signature(method).parameters))


def test_every_method_that_takes_a_person_is_tested(world):
    methods = {
        f"{store}.{name}"
        for store in STORES
        for name, method in inspect.getmembers(getattr(world.db, store), inspect.ismethod)
        if not name.startswith("_") and _takes_a_person(method)
    }
    assert methods == set(CALLS) | OWN | {"review.decide"}


def _all(db: Database, user: User) -> dict[str, bytes]:
    return dict(db.account.export(user))


invented = st.text(ALPHABET, min_size=LENGTH - 1, max_size=LENGTH - 1)


def test_another_persons_rows_are_not_found_and_stay(world):
    before = _all(world.db, world.ann), _all(world.db, world.eve)

    @settings(max_examples=80, deadline=None)
    @given(data=st.data(), name=st.sampled_from(sorted(CALLS)))
    def try_(data, name):
        ids = dict(world.hers)
        for which in data.draw(st.sets(st.sampled_from(USES.get(name, ("sprite",))), min_size=1)):
            exists = data.draw(st.booleans())
            ids[which] = (
                world.theirs[which]
                if exists
                else world.theirs[which][:4] + data.draw(invented) + "01"[which == "second"]
            )
        with pytest.raises(NotFound) as caught:
            CALLS[name](world.db, world.eve, ids)
        assert "secret" not in str(caught.value)

    try_()
    assert (_all(world.db, world.ann), _all(world.db, world.eve)) == before


def test_what_is_missing_and_what_is_anothers_look_the_same(world):
    ghosts = {which: f"{row[:4]}{'0' * 25}{n}" for n, (which, row) in enumerate(world.theirs.items())}
    for name, call in CALLS.items():
        messages = set()
        for ids in (world.theirs, ghosts):
            with pytest.raises(NotFound) as caught:
                call(world.db, world.eve, {**ids, "palette": "of ann"})
            messages.add(str(caught.value))
        assert len(messages) == 1, name


def test_lists_hold_only_ones_own(world):
    db, eve = world.db, world.eve
    rows: list[Any] = [*db.sprites.list(eve), *db.sessions.list(eve), *db.feedback.list(eve), *db.feedback.each(eve)]
    rows += [*db.feedback.pairs(eve), *db.pairs.open(eve), *db.pairs.answered(eve), *db.review.list(user=eve)]
    rows += [*db.keys.list(eve), *db.audit.list(eve)]
    assert {row.user for row in rows} == {eve.id}
    assert [p.name for p in db.palettes.list(eve)] == ["of eve"]
    assert db.idempotency.find(eve, "key", "h") == {"secret": "eve"}
    assert db.sprites.list(eve, session=world.theirs["session"]) == []
    assert all(row.id != world.theirs["sprite"] for row in db.sprites.list(eve, before=world.theirs["second"]))
    text = b"".join(_all(db, eve).values())
    assert not any(identity.encode() in text for identity in world.theirs.values())
