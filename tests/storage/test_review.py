"""The review queue: one open row a sprite, decided once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from pixelmind.errors import BadInput
from pixelmind.storage import Conflict, NotFound


def test_from_flag_to_decision(db, user, other, drawn):
    bad, better = (db.sprites.add(user, drawn(i)) for i in (1, 2))
    row = db.review.flag(user, bad.id, "blurred", 0.25, b"\x89PNG", [better.id])
    assert (row.status, row.score, row.candidates, row.heatmap) == ("open", 0.25, (better.id,), b"\x89PNG")
    assert db.review.flag(user, bad.id, "again") == row
    assert db.review.list() == [db.review.get(row.id)] == [row]
    assert db.review.get(row.id).sprite == drawn(1)
    assert db.stats()["open_reviews"] == 1
    done = db.review.decide(row.id, other, "fix", "smoothed", better.id)
    assert (done.status, done.decision, done.reviewer, done.replacement) == ("done", "fix", other.id, better.id)
    assert db.review.list() == []
    assert db.review.list("done", user) == [done]
    assert db.review.list("done", other) == []
    with pytest.raises(Conflict, match="decided before: fix"):
        db.review.decide(row.id, other, "approve")
    again = db.review.flag(user, bad.id, "once more")
    assert again.id != row.id
    assert db.review.list(None) == [again, done]


def test_open_ones_come_oldest_first_in_pages(db, user, drawn):
    rows = [db.review.flag(user, db.sprites.add(user, drawn(i)).id, str(i)) for i in range(5)]
    assert db.review.list(limit=2) == rows[:2]
    assert db.review.list(after=rows[1].id) == rows[2:]
    for row in rows:
        db.review.decide(row.id, user, "reject")
    assert [r.id for r in db.review.list("done", limit=2)] == [r.id for r in rows[:2:-1]]
    assert [r.id for r in db.review.list("done", after=rows[3].id)] == [r.id for r in rows[2::-1]]


def test_of_many_flags_and_decisions_at_once_one_counts(db, user, drawn):
    sprite = db.sprites.add(user, drawn())
    with ThreadPoolExecutor(8) as pool:
        flagged = list(pool.map(lambda n: db.review.flag(user, sprite.id, str(n)), range(8)))
    assert len({row.id for row in flagged}) == 1

    def decide(n: int) -> bool:
        try:
            db.review.decide(flagged[0].id, user, "approve", str(n))
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(decide, range(8))) == 1


def test_a_sprite_tells_what_the_check_found_and_why_it_is_looked_at(db, user, other, drawn):
    found = {"dissatisfied": 0.7, "families": {"palette": 0.8}, "flagged": True}
    told = [replace(drawn(i), provenance={"quality": {**found, "flagged": i == 0}}) for i in range(3)]
    bad, fine = (db.sprites.add(user, sprite).id for sprite in told[:2])
    unknown, upload = db.sprites.add(user, drawn(3)).id, db.sprites.add(user, told[0], source="uploaded").id
    assert db.sprites.get(user, bad).quality == found
    assert [db.sprites.get(user, s).quality for s in (unknown, upload)] == [None, None]
    assert (db.stats(user)["checked"], db.stats(user)["flagged"], db.stats(other)["checked"]) == (2, 1, 0)
    row = db.review.flag(user, bad, "banding", candidates=[fine])
    assert [r.review for r in db.sprites.list(user)] == [None, None, None, "banding"]
    db.review.decide(row.id, other, "approve")
    assert db.sprites.get(user, bad).review is None


def test_bad_input(db, user, other, drawn):
    sprite, theirs = db.sprites.add(user, drawn()), db.sprites.add(other, drawn())
    third = db.users.ensure("eve")
    row = db.review.flag(user, sprite.id, "why")
    with pytest.raises(BadInput, match="decisions are"):
        db.review.decide(row.id, user, "burn")
    with pytest.raises(BadInput, match="fix"):
        db.review.decide(row.id, user, "approve", replacement=sprite.id)
    with pytest.raises(NotFound):
        db.review.decide(row.id, third, "fix", replacement=theirs.id)
    with pytest.raises(NotFound):
        db.review.get("rev_" + "0" * 26)
    with pytest.raises(BadInput, match="status"):
        db.review.list("lost")
    assert db.review.get(row.id).status == "open"
    assert db.review.decide(row.id, other, "fix", replacement=theirs.id).replacement == theirs.id
