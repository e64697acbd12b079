"""Dialogues: saved under a version check, with what was said in order."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from pixelmind.errors import BadInput
from pixelmind.storage import Conflict, NotFound


def test_a_dialogue_goes_on(db, user):
    row = db.sessions.create(user, "castle", {"candidates": 4})
    assert (row.version, row.name, row.settings, row.state) == (0, "castle", {"candidates": 4}, {})
    row = db.sessions.save(user, row.id, {"turns": [1]}, [{"role": "user", "text": "a castle\0\ud800"}], 0)
    row = db.sessions.save(
        user, row.id, {"turns": [1, 2]}, [{"role": "assistant", "text": "here", "sprites": ["x"]}, {"role": "user"}], 1
    )
    assert row.version == 2
    assert db.sessions.get(user, row.id) == row
    assert db.sessions.get(user, row.id).state == {"turns": [1, 2]}
    said = db.sessions.messages(user, row.id)
    assert [m["number"] for m in said] == [0, 1, 2]
    assert said[0]["text"] == "a castle\0\ud800"
    assert said[1] == {
        "role": "assistant",
        "text": "here",
        "sprites": ["x"],
        "number": 1,
        "created": said[1]["created"],
    }
    assert db.sessions.messages(user, row.id, after=1) == said[2:]
    assert db.sessions.rename(user, row.id, "tower").name == "tower"


def test_a_stale_save_changes_nothing(db, user):
    row = db.sessions.create(user)
    db.sessions.save(user, row.id, {"a": 1}, [{"text": "first"}], 0)
    with pytest.raises(Conflict, match="version 1, not 0"):
        db.sessions.save(user, row.id, {"a": 2}, [{"text": "second"}], 0)
    assert db.sessions.get(user, row.id).state == {"a": 1}
    assert len(db.sessions.messages(user, row.id)) == 1


def test_of_many_saves_at_once_one_wins(db, user):
    row = db.sessions.create(user)

    def save(n: int) -> bool:
        try:
            db.sessions.save(user, row.id, {"by": n}, [{"by": n}], 0)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(save, range(8)))
    assert sum(won) == 1
    assert db.sessions.get(user, row.id).state == {"by": won.index(True)}
    assert [m["by"] for m in db.sessions.messages(user, row.id)] == [won.index(True)]


def test_pages_and_delete(db, user, other, drawn):
    rows = [db.sessions.create(user, str(i)) for i in range(4)]
    db.sessions.create(other)
    assert db.sessions.list(user, limit=2) == rows[:1:-1]
    assert db.sessions.list(user, before=rows[2].id) == rows[1::-1]
    sprite = db.sprites.add(user, drawn(), session=rows[0].id)
    db.sessions.save(user, rows[0].id, {}, [{"text": "x"}], 0)
    db.sessions.delete(user, rows[0].id)
    assert db.sprites.get(user, sprite.id).session is None
    with pytest.raises(NotFound):
        db.sessions.messages(user, rows[0].id)


@pytest.mark.parametrize("bad", [{"x": float("nan")}, {"x": {1, 2}}, {"x": b"1"}])
def test_what_is_no_json_is_refused(db, user, bad):
    with pytest.raises(BadInput, match="JSON"):
        db.sessions.create(user, settings=bad)
    row = db.sessions.create(user)
    with pytest.raises(BadInput, match="JSON"):
        db.sessions.save(user, row.id, bad, [], 0)
    with pytest.raises(BadInput, match="JSON"):
        db.sessions.save(user, row.id, {}, [bad], 0)
    assert db.sessions.get(user, row.id).version == 0
