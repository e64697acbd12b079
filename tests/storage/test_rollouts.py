"""Registered models change state in one commit each; exposures keep their chances, and what came of them is counted once."""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from pixelmind.errors import BadInput
from pixelmind.storage import Conflict, NotFound

START = datetime.now(UTC)
IDS = ("a" * 16, "b" * 16, "c" * 16)


@pytest.fixture
def models(db):
    """A champion and two candidates."""
    for identity in IDS:
        db.models.add(identity, "w", "0" * 64, {"parents": []}, champion=identity == IDS[0])
    return db.models


def states(db) -> list[str]:
    return [db.models.get(identity).state for identity in IDS]


def test_promote_and_roll_back(db, models):
    assert models.promote("b", "better").replaced == IDS[0]
    assert states(db) == ["retired", "champion", "candidate"]
    models.promote("c")
    assert models.rollback("worse").id == IDS[1]
    assert states(db) == ["retired", "champion", "retired"]
    assert models.rollback().id == IDS[0]
    with pytest.raises(Conflict, match="no champion before"):
        models.rollback()
    told = [(e.before, e.after, e.reason) for e in models.events("b")]
    assert told == [
        ("", "candidate", "added"),
        ("candidate", "champion", "better"),
        ("champion", "retired", "promoted"),
        ("retired", "champion", "worse"),
        ("champion", "retired", "rolled back"),
    ]


def test_what_cannot_be(db, models):
    for wrong, error, match in (
        (lambda: models.promote("a"), Conflict, "champion already"),
        (lambda: models.retire("a"), Conflict, "promote another"),
        (lambda: models.promote("d"), NotFound, "models list"),
        (lambda: models.get("a%"), NotFound, "no model"),
        (lambda: models.add(IDS[1], "w", "0" * 64, {}), Conflict, "registered already"),
        (lambda: models.add("d" * 16, "w", "0" * 64, {}, champion=True), Conflict, "champion already"),
        (lambda: db.rollouts.start("a", {}, 0.5), Conflict, "only a candidate"),
        (lambda: db.rollouts.end("rol", "won", {}), BadInput, "promoted, refused or stopped"),
    ):
        with pytest.raises(error, match=match):
            wrong()
    models.add("ab" * 8, "w", "0" * 64, {})
    with pytest.raises(BadInput, match="several"):
        models.get("a")
    assert states(db) == ["champion", "candidate", "candidate"]


def test_one_champion_whatever_happens_at_once(db, models):
    def race(name: str) -> None:
        for _ in range(5):
            with contextlib.suppress(Conflict):
                models.promote(name)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(race, "abc"))
    assert sorted(states(db)) == ["champion", "retired", "retired"]


@pytest.mark.parametrize(
    ("how", "after"),
    [
        ("promoted", ["retired", "champion", "candidate"]),
        ("refused", ["champion", "retired", "candidate"]),
        ("stopped", ["champion", "candidate", "candidate"]),
    ],
)
def test_a_rollout_ends_with_its_models(db, models, how, after):
    row = db.rollouts.start("b", {"margin": 0}, 0.01)
    assert states(db) == ["champion", "canary", "candidate"]
    with pytest.raises(Conflict, match="runs already"):
        db.rollouts.start("c", {}, 0.01)
    assert db.rollouts.advance(row.id, 1, 0.05)
    assert not db.rollouts.advance(row.id, 1, 0.05)  # somebody else did
    assert db.rollouts.running().share == 0.05
    assert db.rollouts.end(row.id, how, {"reason": "because"})
    assert not db.rollouts.end(row.id, "stopped", {})
    assert states(db) == after
    found = db.rollouts.get(row.id)
    assert (found.state, found.conclusion) == (how, {"reason": "because"})
    assert db.rollouts.running() is None


@pytest.mark.parametrize(("by_hand", "state"), [("b", "promoted"), ("c", "stopped")])
def test_promoting_by_hand_ends_the_rollout(db, models, by_hand, state):
    row = db.rollouts.start("b", {}, 0.5)
    models.promote(by_hand)
    assert db.rollouts.get(row.id).state == state
    assert "canary" not in states(db)


def test_chances_follow_what_was_shown(db, models, user, other):
    row = db.rollouts.start("b", {}, 0.25)
    first = db.rollouts.expose(row, user, user.id, "new", 0.3, 24, START)
    assert (first.arm, first.chance, first.stage) == ("control", 0.25, 0)
    assert db.rollouts.expose(row, user, user.id, "new", 0.3, 24) == first  # at most once a stage
    shown = db.rollouts.expose(row, other, other.id, "new", 0.2, 24, START)
    assert shown.arm == "treatment"
    db.rollouts.advance(row.id, 1, 0.5)
    row = db.rollouts.running()
    later = START + timedelta(hours=1)
    second = db.rollouts.expose(row, user, user.id, "new", 0.3, 24, later)
    assert (second.arm, second.chance) == ("treatment", pytest.approx(0.25 / 0.75))
    assert db.rollouts.expose(row, other, other.id, "new", 0.2, 24, later).chance == 1.0
    ends = [o.exposure.until for o in db.rollouts.outcomes(row.id, before="9999")]
    assert ends == sorted(ends)
    assert ends[0] == second.created  # the first stage's row ended there
    assert db.rollouts.outcomes(row.id, before=ends[0])[0].exposure.stage == 0


def test_outcomes_are_of_the_window_and_of_one_kind_of_people(db, models, user, drawn):
    before = db.sprites.add(user, drawn(1), prompt="before")
    row = db.rollouts.start("b", {}, 0.5)
    db.rollouts.expose(row, user, user.id, "new", 0.1, 24)
    db.rollouts.count(row.id, user.id, 0, 3, 1, 1.5)
    db.rollouts.count(row.id, user.id, 0, 1, 0, 0.5)
    good = db.sprites.add(user, drawn(2), prompt="x")
    marked = db.sprites.add(user, drawn(3), prompt="x")
    db.feedback.rate(user, good.id, {"accuracy": 5, "technical": 2})
    db.feedback.verdict(user, marked.id, "reject")
    db.feedback.event(user, good.id, "export")
    db.feedback.event(user, good.id, "view")
    db.feedback.rate(user, good.id, {"accuracy": 1}, simulated=True)
    db.feedback.rate(user, before.id, {"accuracy": 1})
    db.feedback.prefer(user, good.id, marked.id)
    assert db.rollouts.outcomes(row.id) == []  # its window is open
    (found,) = db.rollouts.outcomes(row.id, before="9999")
    assert sorted(found.satisfaction) == [0.0, 0.25, 1.0]
    assert (found.sprites, found.used, found.checked) == (2, {good.id}, 0)
    assert (found.exposure.requests, found.exposure.errors, found.exposure.seconds) == (4, 1, 2.0)
    (simulated,) = db.rollouts.outcomes(row.id, simulated=True, before="9999")
    assert simulated.satisfaction == [0.0]
    files = dict(db.account.export(user))
    assert b'"arm": "treatment"' in files["exposures.jsonl"]
    db.account.delete(user)
    assert db.rollouts.outcomes(row.id, before="9999") == []
