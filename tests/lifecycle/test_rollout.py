"""A rollout on a real database: who gets what, and what stops it, carries it on, or ends it."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from pixelmind import cli
from pixelmind.errors import BadInput
from pixelmind.lifecycle import rollout
from pixelmind.lifecycle.registry import Keys, Registry
from pixelmind.lifecycle.rollout import Settings, assign, draw, expose, judge, report, segment_of, start
from pixelmind.records import Sprite
from pixelmind.storage.ids import new_id

QUICK = Settings(shares=(0.2, 0.5), stage_units=10, stage_hours=0.0, window_hours=1 / 60, max_units=400, simulated=True)
LATER = datetime.now(UTC) + timedelta(hours=12)  # after every window of minutes, however long the tests take


@pytest.fixture
def candidate(db, tmp_path, first, made) -> str:
    return Registry(db, tmp_path / "home", Keys()).add(made(1.0)).id


def person(db, row, i: int, rating: dict[str, int], requests: int = 1, errors: int = 0, seconds: float = 0.2) -> str:
    """Somebody simulated who comes, is shown their arm, draws, and rates by it; the arm."""
    user = db.users.ensure(f"simulated-{i}")
    shown = expose(db, row, user.id, datetime.now(UTC))
    db.rollouts.count(row.id, shown.unit, row.stage, requests, errors, seconds)
    sprite = Sprite.from_rgba(np.full((8, 8, 4), 255, np.uint8))
    made = db.sprites.add(user, sprite, prompt="x")
    db.feedback.rate(user, made.id, {"accuracy": rating[shown.arm]}, simulated=True)
    return shown.arm


def crowd(db, row, people: range, rating: dict[str, int], worse: dict[str, float] | None = None) -> None:
    """Many of them, in one transaction; `worse` are the counters of those who get the treatment."""

    def work(_: object) -> None:
        for i in people:
            treated = assign(row, db.users.ensure(f"simulated-{i}").id, LATER).arm == "treatment"
            person(db, row, i, rating, **(worse or {} if treated else {}))

    db.write(work)


def test_assignment_is_the_same_everywhere_and_of_the_shares(db, candidate):
    row = start(db, candidate, Settings(shares=(0.25, 0.5)))
    users, now = [new_id("usr") for _ in range(2000)], datetime.now(UTC)
    found = [assign(row, user, now) for user in users]
    assert found == [assign(row, user, now) for user in users]
    treated = Counter(a.arm for a in found)["treatment"]
    assert abs(treated - 500) < 4 * (2000 * 0.25 * 0.75) ** 0.5
    db.rollouts.advance(row.id, 1, 0.5)
    row = db.rollouts.running()
    then = [assign(row, user, now) for user in users]
    assert all(b.arm == "treatment" for a, b in zip(found, then) if a.arm == "treatment")
    assert draw("a", "new", "u") != draw("b", "new", "u")
    assert draw("", "new", "u") == pytest.approx(int("e9205ae1bfe5cbf5", 16) / 2**64)  # printf ':new:u' | sha256sum


def test_segments_and_days(db, candidate):
    old, now = "usr_" + "0" * 26, datetime.now(UTC)
    assert (segment_of(old, now), segment_of(new_id("usr"), now)) == ("regular", "new")
    row = start(db, candidate, Settings(unit="day", segment="regular"))
    assert assign(row, new_id("usr"), now) is None
    days = [assign(row, old, now + timedelta(days=d)) for d in range(40)]
    assert len({a.unit for a in days}) == 40
    assert days[0].unit.endswith(f"/{now:%Y-%m-%d}")


def test_a_better_one_goes_all_the_way(db, candidate):
    champion = db.models.champion().id
    row, decisions = start(db, candidate, QUICK), []
    i = 0
    while (row := db.rollouts.running()) is not None and i < 400:
        crowd(db, row, range(i, i + 20), {"control": 2, "treatment": 5})
        i += 20
        decisions.append(judge(db, LATER).decision)
    assert decisions[0] == "advance"
    assert set(decisions[1:-1]) <= {"wait"}
    assert decisions[-1] == "promoted"
    assert (db.models.champion().id, db.models.get(champion).state) == (candidate, "retired")
    ended = db.rollouts.list()[0]
    assert ended.conclusion["satisfaction"]["low"] > 0
    assert ended.conclusion["segments"]["new"]["num_treatment"] > 0
    assert judge(db) is None


def test_a_worse_one_is_refused(db, candidate):
    row = start(db, candidate, QUICK)
    crowd(db, row, range(60), {"control": 5, "treatment": 2})
    assert judge(db, LATER).reason.startswith("satisfaction is worse")
    assert db.models.get(candidate).state == "retired"


@pytest.mark.parametrize(
    ("worse", "why"), [({"seconds": 3.0}, "latency"), ({"requests": 4, "errors": 1, "seconds": 0.6}, "errors")]
)
def test_guardrails(db, candidate, worse, why):
    row = start(db, candidate, QUICK)
    crowd(db, row, range(120), {"control": 4, "treatment": 4}, worse)
    found = judge(db, LATER)
    assert found.decision == "refused"
    assert found.reason.startswith(why)


def test_failures_stop_it_before_any_window_ends(db, candidate):
    row = start(db, candidate, Settings(shares=(0.5,), window_hours=24.0))
    crowd(db, row, range(40), {"control": 4, "treatment": 4}, {"requests": 2, "errors": 2})
    found = judge(db)
    assert (found.decision, "requests failed" in found.reason) == ("refused", True)
    assert db.rollouts.running() is None


def test_without_a_gain_the_champion_stays(db, candidate):
    row = start(
        db, candidate, Settings(shares=(0.5,), stage_hours=0, window_hours=1 / 60, max_units=40, simulated=True)
    )
    crowd(db, row, range(40), {"control": 3, "treatment": 3})
    found = judge(db, LATER)
    assert (found.decision, found.reason.startswith("no gain was shown")) == ("refused", True)


def test_real_and_simulated_people_are_not_mixed(db, candidate):
    row = start(db, candidate, Settings(shares=(0.5,), window_hours=1 / 60))
    crowd(db, row, range(30), {"control": 1, "treatment": 5})
    assert report(db, row, LATER).satisfaction.num_treatment == 0


def test_settings_are_checked():
    for wrong in (
        {"shares": (0.5, 0.2)},
        {"shares": (1.0,)},
        {"shares": ()},
        {"alpha": 0.0},
        {"unit": "team"},
        {"max_units": 0},
    ):
        with pytest.raises(BadInput):
            Settings(**wrong)


def test_commands(first, made, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PIXELMIND_HOME", str(tmp_path / "cli"))
    monkeypatch.delenv("PIXELMIND_DATABASE_URL", raising=False)

    def run(*words: str) -> tuple[int, str, str]:
        code = cli.run(list(words))
        told = capsys.readouterr()
        return code, told.out, told.err

    assert run("rollout", "status") == (0, "", "no rollout was started (see: rollout start)\n")
    assert run("rollout", "stop")[0] == 2
    assert run("rollout", "start", "abc")[0] == 2
    identity = json.loads(run("models", "add", str(made(1.0)), "--json")[1])["id"]
    assert run("rollout", "start", identity, "--shares", "50,20")[0] == 2
    code, out, _ = run("rollout", "start", identity[:6], "--shares", "10,50", "--max-units", "50", "--unit", "day")
    assert (code, f"{identity} is shown to 10 %" in out) == (0, True)
    assert run("rollout", "start", identity)[0] == 2
    told = json.loads(run("rollout", "status", "--json")[1])
    assert (told["state"], told["report"]["decision"], told["settings"]["unit"]) == ("running", "wait", "day")
    assert "0 units" in run("rollout", "status")[1]
    assert json.loads(run("rollout", "step", "--json")[1])["decision"] == "wait"
    assert "stopped" in run("rollout", "stop", "--reason", "lunch")[1]
    assert "lunch" in run("rollout", "status")[1]
    assert run("rollout", "step")[0] == 0
    assert "candidate" in run("models", "list")[1]


def test_crash_rule_needs_some_requests():
    assert rollout.crashed([]) == ""
