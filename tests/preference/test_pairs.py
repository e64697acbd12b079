"""The next pair from a real database, and what is made of the answers: figures and records."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from pixelmind.errors import BadInput
from pixelmind.pixels.png import decode_png
from pixelmind.preference import export as exporting
from pixelmind.preference.annotators import population
from pixelmind.preference.export import export, records
from pixelmind.preference.pairs import answer_of, group_rows, next_pair
from pixelmind.preference.simulate import simulate
from pixelmind.preference.stats import summary
from pixelmind.records import Feedback, PreferencePair
from pixelmind.storage import Database


def stocked(db: Database, draw, count: int = 4, name: str = "ada", first: int = 0) -> tuple[str, list[str]]:
    """A user with `count` sprites of one prompt."""
    user = db.users.ensure(name).id
    return user, [db.sprites.add(user, draw(first + i), prompt="A red  castle").id for i in range(count)]


def test_an_empty_database_has_nothing_to_ask(db, draw) -> None:
    user = db.users.ensure("ada").id
    assert next_pair(db, user, 0) is None
    db.sprites.add(user, draw(1), prompt="one of its kind")
    assert next_pair(db, user, 0) is None
    assert db.pairs.open(user) == []


def test_an_offer_stands_until_it_is_answered(db, draw) -> None:
    user, ids = stocked(db, draw)
    offer = next_pair(db, user, 1)
    assert offer is not None
    assert {offer.left.id, offer.right.id} <= set(ids)
    assert offer.prompt == "A red  castle"
    assert offer.reason == "uncertain"
    again = next_pair(db, user, 2)
    assert again is not None
    assert again.pair_id == offer.pair_id
    db.feedback.prefer(user, offer.left.id, offer.right.id, pair_id=offer.pair_id)
    after = next_pair(db, user, 2)
    assert after is not None
    assert {after.left.id, after.right.id} != {offer.left.id, offer.right.id}


def test_a_deleted_sprite_takes_its_offer_along(db, draw) -> None:
    user, _ = stocked(db, draw)
    offer = next_pair(db, user, 1)
    assert offer is not None
    db.sprites.delete(user, offer.left.id)
    after = next_pair(db, user, 1)
    assert after is not None
    assert offer.left.id not in (after.left.id, after.right.id)


def test_all_pairs_are_asked_once_and_then_some_repeated(db, draw) -> None:
    user, ids = stocked(db, draw, 4)
    asked = []
    while (offer := next_pair(db, user, 3)) is not None:
        asked.append((frozenset((offer.left.id, offer.right.id)), offer.reason))
        tie = len(asked) == 2
        db.feedback.prefer(user, offer.right.id, offer.left.id, tie=tie, pair_id=offer.pair_id)
    fresh = [pair for pair, reason in asked if reason == "uncertain"]
    assert len(fresh) == len(set(fresh)) == 6
    assert {i for pair in fresh for i in pair} == set(ids)
    assert sum(reason == "repeat" for _, reason in asked) == 1
    assert len(db.pairs.answered(user)) == len(asked)


def test_nobody_is_shown_anothers_sprites(db, draw) -> None:
    ada, _ = stocked(db, draw)
    bob, his = stocked(db, draw, 2, "bob", 50)
    offer = next_pair(db, bob, 0)
    assert offer is not None
    assert {offer.left.id, offer.right.id} == set(his)
    assert all(row.user == ada for row in db.sprites.list(ada))


def test_the_same_state_and_seed_offer_the_same(tmp_path, draw) -> None:
    numbers = []
    for name in ("one", "two"):
        with Database(f"sqlite:///{tmp_path / name}.db") as db:
            db.upgrade()
            user, ids = stocked(db, draw)
            offer = next_pair(db, user, 7)
            assert offer is not None
            numbers.append((ids.index(offer.left.id), ids.index(offer.right.id)))
    assert numbers[0] == numbers[1]


def test_what_is_compared_with_what(db, draw) -> None:
    user = db.users.ensure("ada").id
    session = db.sessions.create(user).id
    one, other = (db.sprites.add(user, draw(i), prompt=p).id for i, p in ((1, "a Red castle"), (2, "a red castle ")))
    db.sprites.add(user, draw(3, 24), prompt="a red castle")  # another size
    db.sprites.add(user, draw(4), prompt="a red castle", source="uploaded")
    db.sprites.add(user, draw(5))  # neither words nor a dialogue
    talked = [db.sprites.add(user, draw(i), session=session).id for i in (6, 7)]
    found = [[row.id for row in rows] for rows in group_rows(db.sprites.list(user))]
    assert sorted(found) == sorted([[one, other], talked])


def test_answers_keep_their_sides(db, draw) -> None:
    user, (one, other, *_) = stocked(db, draw)
    rows = [
        db.feedback.prefer(user, one, other, left=other),
        db.feedback.prefer(user, one, other, left=one),
        db.feedback.prefer(user, one, other),
        db.feedback.prefer(user, one, other, tie=True, left=other),
        db.feedback.rate(user, one, {"accuracy": 3}),
    ]
    told = [answer_of(row) for row in rows]
    assert [(a.left, a.right, a.outcome) for a in told if a] == [
        (other, one, "right"),
        (one, other, "left"),
        (one, other, "left"),
        (other, one, "tie"),
    ]
    assert told[-1] is None


@pytest.fixture(scope="module")
def template(tmp_path_factory, groups) -> Path:
    """A database in which four simulated people, one of them poisoned, who agree in taste have answered."""
    file = tmp_path_factory.mktemp("answered") / "pixelmind.db"
    with Database(f"sqlite:///{file}") as db:
        db.upgrade()
        done = simulate(db, groups, population(4, 5, spread=0.0, temperature=0.1, tie=0.05, poisoned=1), 25, 5)
        assert (done.annotators, done.sprites, done.poisoned) == (4, 11, ("simulated-5-003",))
        assert done.choices == len(list(db.feedback.pairs(ties=True)))
        assert done.ties == done.choices - len(list(db.feedback.pairs()))
        assert done.ratings == 44
    assert not file.with_name("pixelmind.db-wal").exists()
    return file


@pytest.fixture
def answered(template, tmp_path) -> Iterator[Database]:
    """A copy of that."""
    shutil.copy(template, tmp_path / "answered.db")
    with Database(f"sqlite:///{tmp_path / 'answered.db'}") as db:
        yield db


def test_simulated_people_are_labelled_everywhere(answered) -> None:
    rows = list(answered.feedback.each())
    assert rows
    assert all(row.simulated for row in rows)
    assert all(answered.users.get(row.user).name.startswith("simulated-5-") for row in rows)
    assert all(record.simulated for record in records(answered))
    assert list(records(answered, simulated=False)) == []


def test_the_same_seed_simulates_the_same_answers(tmp_path, groups) -> None:
    told = []
    for name in ("one", "two"):
        with Database(f"sqlite:///{tmp_path / name}.db") as db:
            db.upgrade()
            simulate(db, groups, population(2, 9), 8, 9)
            told.append([(r.chosen, r.rejected) for r in records(db) if isinstance(r, PreferencePair)])
    assert told[0] == told[1]
    assert len(told[0]) > 8


def test_people_come_once(answered, groups) -> None:
    with pytest.raises(BadInput, match="another --seed"):
        simulate(answered, groups, population(1, 5), 3, 5)
    with pytest.raises(BadInput, match="at most"):
        simulate(answered, [*groups] * 30, population(1, 6), 3, 6)
    with pytest.raises(BadInput, match="at least one"):
        simulate(answered, groups, population(1, 6), 0, 6)


def test_figures_tell_people_apart_and_find_the_liar(answered, draw) -> None:
    ada, (one, other, *_) = stocked(answered, draw)
    answered.feedback.prefer(ada, one, other, left=one)
    answered.feedback.rate(ada, one, {"accuracy": 4, "technical": 2})
    answered.feedback.event(ada, one, "export")
    answered.feedback.verdict(ada, one, "approve")
    found = summary(answered, num_resamples=100)
    human, simulated = found["human"], found["simulated"]
    assert (human["annotators"], human["choices"], human["events"]) == (1, 1, {"export": 1})
    assert human["verdicts"] == {"approve": 1}
    assert human["ratings"]["accuracy"] == {"n": 1, "mean": 4.0, "agreement": None}
    assert human["agreement"] is None
    assert simulated["annotators"] == 4
    assert simulated["repeats"] > 0
    assert simulated["self_consistency"]["value"] > 0.6
    assert simulated["agreement"]["units"] > 10
    assert simulated["side_bias"]["low"] < 0.5 < simulated["side_bias"]["high"]
    assert simulated["ratings"]["technical"]["n"] == 44
    with_others = {r["annotator"]: r["with_others"]["value"] for r in simulated["reliability"]}
    assert min(with_others, key=lambda name: with_others[name]) == "simulated-5-003"
    assert json.loads(json.dumps(found)) == found


def test_figures_of_an_empty_database(db) -> None:
    found = summary(db)
    assert found["human"]["choices"] == found["simulated"]["annotators"] == 0
    assert found["human"]["agreement"] is None


def test_figures_of_one_person(answered) -> None:
    mine = summary(answered, answered.users.find("simulated-5-001"))
    assert mine["simulated"]["annotators"] == 1
    assert mine["simulated"]["agreement"] is None


def test_records_come_back_from_json_lines(answered, tmp_path) -> None:
    out = tmp_path / "new" / "all.jsonl"
    counts = export(answered, out)
    told = [json.loads(line) for line in out.read_text().splitlines()]
    kinds = {"PreferencePair": PreferencePair, "Feedback": Feedback}
    back = [kinds[line["record"]].from_dict(line) for line in told]
    assert back == list(records(answered))
    assert counts == {"pairs": len(list(answered.feedback.pairs())), "feedback": 44}


def test_parquet_holds_the_pictures(answered, tmp_path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    out = tmp_path / "all.parquet"
    export(answered, out)
    rows = parquet.read_table(out).to_pylist()
    first = next(r for r in records(answered) if isinstance(r, PreferencePair))
    assert np.array_equal(decode_png(rows[0]["chosen"]), first.chosen.rgba())
    assert rows[0]["prompt"] == first.prompt
    assert all(row["simulated"] for row in rows)
    assert rows[-1]["accuracy"] in range(1, 6)


def test_exports_are_whole_or_not_there(answered, tmp_path, monkeypatch) -> None:
    out = tmp_path / "all.jsonl"
    out.write_text("old\n")

    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(exporting.os, "fsync", broken)
    with pytest.raises(BadInput, match="No space left"):
        export(answered, out)
    assert out.read_text() == "old\n"
    assert [p.name for p in tmp_path.glob("*all.jsonl*")] == ["all.jsonl"]


def test_exports_that_cannot_be(answered, tmp_path) -> None:
    with pytest.raises(BadInput, match=r"\.jsonl or \.parquet"):
        export(answered, tmp_path / "x.csv")
    with pytest.raises(BadInput, match="nothing to export"):
        export(answered, tmp_path / "x.jsonl", simulated=False)
    assert not list(tmp_path.glob("x*"))
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="cannot write"):
        export(answered, tmp_path / "file" / "x.jsonl")


def test_choices_about_deleted_sprites_are_passed_over(db, draw, tmp_path: Path) -> None:
    user, (one, other, third, _) = stocked(db, draw)
    db.feedback.prefer(user, one, other)
    db.feedback.prefer(user, other, third)
    db.sprites.delete(user, one)
    (pair,) = records(db)
    assert isinstance(pair, PreferencePair)
    assert not pair.simulated
