"""Ratings, events, verdicts and choices: kept as given, read page by page, refused where they make no sense."""

import pytest

from pixelmind.errors import BadInput
from pixelmind.records import Feedback, PreferencePair
from pixelmind.storage import EVENTS, Conflict, NotFound, feedback


@pytest.fixture
def two(db, user, drawn):
    return db.sprites.add(user, drawn(1), prompt="castle"), db.sprites.add(user, drawn(2), prompt="tower")


def test_all_kinds(db, user, two):
    a, b = two
    rated = db.feedback.rate(user, a.id, {"accuracy": 1, "technical": 5}, comment="too dark")
    seen = db.feedback.event(user, a.id, "view", 2.5, {"zoom": 4})
    judged = db.feedback.verdict(user, b.id, "reject", "no door", simulated=True)
    chosen = db.feedback.prefer(user, a.id, b.id, left=b.id, seconds=1)
    assert db.feedback.list() == db.feedback.list(user) == [rated, seen, judged, chosen]
    assert rated.ratings == {"accuracy": 1, "technical": 5}
    assert (rated.prompt, rated.comment, rated.simulated) == ("castle", "too dark", False)
    assert (seen.event, seen.seconds, seen.details) == ("view", 2.5, {"zoom": 4})
    assert (judged.verdict, judged.comment, judged.simulated) == ("reject", "no door", True)
    assert (chosen.sprite, chosen.other, chosen.left, chosen.tie) == (a.id, b.id, b.id, False)
    for kind, row in {"rating": rated, "event": seen, "verdict": judged, "preference": chosen}.items():
        assert db.feedback.list(kind=kind) == [row]
    assert db.feedback.list(sprite=b.id) == [judged, chosen]
    assert db.feedback.list(since=chosen.created)[-1] == chosen
    assert db.feedback.list(since="2199-01-01T00:00:00Z") == []
    record = rated.record()
    assert isinstance(record, Feedback)
    assert (record.user, record.ratings, record.created) == (user.id, rated.ratings, rated.created)
    assert judged.record().event == "reject"
    assert {db.feedback.event(user, a.id, e).event for e in EVENTS} == set(EVENTS)


def test_pairs_become_records(db, user, other, two, drawn):
    a, b = two
    theirs = [db.sprites.add(other, drawn(i)).id for i in (5, 6)]
    db.feedback.prefer(user, a.id, b.id, prompt="a castle by the sea")
    db.feedback.prefer(user, b.id, a.id, tie=True)
    db.feedback.prefer(other, *theirs, simulated=True)
    real, simulated = list(db.feedback.pairs())
    assert (real.chosen, real.rejected, real.simulated, simulated.simulated) == (a.id, b.id, False, True)
    assert list(db.feedback.pairs(user)) == list(db.feedback.pairs(simulated=False)) == [real]
    assert list(db.feedback.pairs(simulated=True)) == [simulated]
    assert [p.tie for p in db.feedback.pairs(user, ties=True)] == [False, True]
    record = real.record()
    assert isinstance(record, PreferencePair)
    assert (record.prompt, record.chosen, record.rejected) == ("a castle by the sea", drawn(1), drawn(2))
    assert simulated.record().simulated


def test_long_lists_are_read_page_by_page(db, user, two, monkeypatch):
    monkeypatch.setattr(feedback, "PAGE", 3)
    made = [db.feedback.rate(user, two[0].id, {"accuracy": 1 + i % 5}).id for i in range(8)]
    assert [row.id for row in db.feedback.each(user)] == made
    assert [row.id for row in db.feedback.list(after=made[2], limit=2)] == made[3:5]


def test_means(db, user, other, two):
    assert db.feedback.means() == {}
    for value in (1, 2, 5):
        db.feedback.rate(user, two[0].id, {"accuracy": value})
    db.feedback.rate(user, two[0].id, {"technical": 4}, simulated=True)
    assert db.feedback.means() == {"accuracy": pytest.approx(8 / 3), "technical": 4.0}
    assert db.feedback.means(simulated=True) == {"technical": 4.0}
    assert db.feedback.means(other) == {}
    assert db.stats(user)["feedback"] == {"rating": 4}
    assert db.stats(other)["feedback"] == {}


def test_an_offered_pair_is_answered_once(db, user, two):
    a, b = two
    pair = db.pairs.offer(user, a.id, b.id, "uncertain")
    (row,) = db.pairs.open(user)
    assert (row.id, row.left, row.right, row.reason, row.answered) == (pair, a.id, b.id, "uncertain", None)
    assert db.pairs.answered(user) == []
    kept = db.feedback.prefer(user, b.id, a.id, pair_id=pair)
    assert (kept.pair, kept.left) == (pair, a.id)
    assert db.pairs.open(user) == []
    (row,) = db.pairs.answered(user)
    assert row.answered == kept.created
    assert db.pairs.get(user, pair) == row
    with pytest.raises(Conflict, match="answered before"):
        db.feedback.prefer(user, b.id, a.id, pair_id=pair)
    assert len(db.feedback.list(user)) == 1


def test_bad_input(db, user, two, drawn):
    a, b = two
    for ratings in ({}, {"accuracy": 0}, {"accuracy": 6}, {"accuracy": 2.5}, {"accuracy": True}, {"beauty": 3}):
        with pytest.raises(BadInput, match="rat"):
            db.feedback.rate(user, a.id, ratings)
    with pytest.raises(BadInput, match="events are"):
        db.feedback.event(user, a.id, "explode")
    for seconds in (-1, float("nan"), float("inf")):
        with pytest.raises(BadInput, match="seconds"):
            db.feedback.event(user, a.id, "view", seconds)
    with pytest.raises(BadInput, match="JSON"):
        db.feedback.event(user, a.id, "view", details={"x": object()})
    with pytest.raises(BadInput, match="approve or reject"):
        db.feedback.verdict(user, a.id, "maybe")
    with pytest.raises(BadInput, match="different"):
        db.feedback.prefer(user, a.id, a.id)
    with pytest.raises(BadInput, match="left"):
        db.feedback.prefer(user, a.id, b.id, left="spr_" + "0" * 26)
    third = db.sprites.add(user, drawn(3))
    pair = db.pairs.offer(user, a.id, b.id)
    with pytest.raises(BadInput, match="its pair"):
        db.feedback.prefer(user, a.id, third.id, pair_id=pair)
    with pytest.raises(NotFound):
        db.feedback.prefer(user, a.id, b.id, pair_id="par_" + "0" * 26)
    with pytest.raises(BadInput, match="different"):
        db.pairs.offer(user, a.id, a.id)
    with pytest.raises(BadInput, match="kinds"):
        db.feedback.list(kind="praise")
    with pytest.raises(BadInput, match="is no time"):
        db.feedback.list(since="today")
    assert db.feedback.list() == []
