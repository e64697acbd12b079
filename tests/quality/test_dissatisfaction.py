"""Stored verdicts, ratings and choices as labelled pictures, from a small real database, up to a calibration."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from pixelmind.errors import BadInput
from pixelmind.quality.calibration import Calibration
from pixelmind.quality.dissatisfaction import balanced, read
from pixelmind.records import Sprite
from pixelmind.storage import Database, User


def block(shade: int) -> Sprite:
    rgba = np.zeros((8, 8, 4), np.uint8)
    rgba[2:6, 2:6] = (shade, 255 - shade, 40, 255)
    return Sprite.from_rgba(rgba)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with Database(f"sqlite:///{tmp_path / 'pixelmind.db'}") as database:
        database.upgrade()
        yield database


def some(db: Database, user: User, count: int) -> list[str]:
    return [db.sprites.add(user, block(10 * i), prompt="a block").id for i in range(count)]


def test_labels_of_every_kind(db: Database) -> None:
    ann, ben = db.users.ensure("ann"), db.users.ensure("ben")
    a, b, c, d, e = some(db, ann, 5)
    db.feedback.verdict(ann, a, "reject")
    db.feedback.verdict(ann, b, "approve")
    db.feedback.rate(ann, c, {"accuracy": 5, "technical": 2})
    db.feedback.rate(ann, d, {"accuracy": 3, "aesthetics": 4})
    db.feedback.prefer(ann, b, e)
    db.feedback.event(ann, e, "undo")
    (own,) = some(db, ben, 1)
    db.feedback.rate(ben, own, {"technical": 1})
    found = read(db)
    assert [(r.sprite_id, r.dissatisfied, r.weight, r.user, r.kind) for r in found.rows] == [
        (a, True, 1.0, ann.id, "verdict"),
        (b, False, 1.0, ann.id, "verdict"),
        (c, True, 1.0, ann.id, "rating"),
        (d, False, 1.0, ann.id, "rating"),
        (b, False, 0.5, ann.id, "choice"),
        (e, True, 0.5, ann.id, "choice"),
        (own, True, 1.0, ben.id, "rating"),
    ]
    assert (found.passed, found.whose, len(found)) == (0, "human", 7)
    assert not any(r.simulated for r in found.rows)
    assert (found.sprites[2].rgba() == block(20).rgba()).all()
    assert found.dissatisfied.tolist() == [1, 0, 1, 0, 0, 1, 1]


def test_the_last_word_on_a_picture_counts(db: Database) -> None:
    ann = db.users.ensure("ann")
    a, b = some(db, ann, 2)
    db.feedback.verdict(ann, a, "reject")
    db.feedback.rate(ann, a, {"technical": 1})
    db.feedback.verdict(ann, b, "reject")
    db.feedback.verdict(ann, a, "approve")
    db.feedback.rate(ann, a, {"technical": 4})
    found = read(db)
    assert [(r.sprite_id, r.dissatisfied) for r in found.rows] == [(b, True), (a, False), (a, False)]


def test_a_review_is_its_reviewers(db: Database) -> None:
    """As the service writes it: the decision on the review, a verdict on the owner's sprite that names it."""
    ann, eve = db.users.ensure("ann"), db.users.ensure("eve")
    (a,) = some(db, ann, 1)
    review = db.review.flag(ann, a, "halo", 0.7)
    db.review.decide(review.id, eve, "fix")
    db.feedback.verdict(ann, a, "reject", details={"review": review.id, "decision": "fix", "by": "reviewer"})
    db.feedback.verdict(ann, a, "approve")  # the owner likes it: this does not take the reviewer's place
    found = read(db)
    assert [(r.user, r.dissatisfied, r.kind) for r in found.rows] == [
        (eve.id, True, "review"),
        (ann.id, False, "verdict"),
    ]


def test_real_and_simulated_people_are_not_mixed_unasked(db: Database, tmp_path: Path) -> None:
    ann, sim = db.users.ensure("ann"), db.users.ensure("simulated 7")
    (a,), (b, c) = some(db, ann, 1), some(db, sim, 2)
    db.feedback.verdict(ann, a, "reject")
    db.feedback.verdict(sim, b, "approve", simulated=True)
    db.feedback.rate(sim, c, {"technical": 1}, simulated=True)
    with pytest.raises(BadInput, match=r"real people said \(1\) and simulated ones \(2\); say whose"):
        read(db)
    assert [r.sprite_id for r in read(db, "human").rows] == [a]
    simulated = read(tmp_path / "pixelmind.db", "simulated")
    assert [(r.sprite_id, r.user, r.simulated) for r in simulated.rows] == [
        (b, "simulated 7", True),
        (c, "simulated 7", True),
    ]
    assert simulated.whose == "simulated"
    both = read(db, "both")
    assert (len(both), both.whose) == (3, "both")


def test_ties_uploads_and_deleted_pictures_are_passed_over(db: Database) -> None:
    ann = db.users.ensure("ann")
    a, b, c = some(db, ann, 3)
    upload = db.sprites.add(ann, block(99), source="uploaded").id
    db.feedback.prefer(ann, a, b, tie=True)
    db.feedback.verdict(ann, upload, "reject")
    with pytest.raises(BadInput, match="only ties, and words on pictures that were uploaded or deleted"):
        read(db)
    db.feedback.verdict(ann, c, "reject")
    found = read(db)
    assert ([r.sprite_id for r in found.rows], found.passed) == ([c], 3)
    db.sprites.delete(ann, c)
    with pytest.raises(BadInput, match="only ties"):
        read(db)


def test_nobody_outweighs_all_others(db: Database) -> None:
    ann, ben = db.users.ensure("ann"), db.users.ensure("ben")
    for sprite in some(db, ann, 8):
        db.feedback.verdict(ann, sprite, "reject")
    for sprite in some(db, ben, 2):
        db.feedback.verdict(ben, sprite, "approve")
    assert read(db).weights.tolist() == [1.0] * 10
    assert read(db, most=4).weights.tolist() == [0.5] * 8 + [1.0] * 2
    assert balanced(np.array([3.0, 1.0, 1.0]), ["a", "a", "b"], 2).tolist() == [1.5, 0.5, 1.0]
    with pytest.raises(BadInput, match="above 0"):
        read(db, most=0)


def test_refuses_what_holds_nothing(db: Database, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no verdict, rating or choice of people"):
        read(db)
    ann = db.users.ensure("ann")
    (a,) = some(db, ann, 1)
    db.feedback.event(ann, a, "undo")
    with pytest.raises(BadInput, match="no verdict, rating or choice of people"):
        read(db)
    db.feedback.verdict(ann, a, "reject")
    with pytest.raises(BadInput, match="no verdict, rating or choice of simulated people"):
        read(db, "simulated")
    with pytest.raises(BadInput, match="there is no database"):
        read(tmp_path / "none.db")
    assert not (tmp_path / "none.db").exists()
    (tmp_path / "text.db").write_text("no database " * 1000)
    with pytest.raises(BadInput) as caught:
        read(tmp_path / "text.db")
    assert "\n" not in str(caught.value)


def test_from_feedback_to_a_calibration(db: Database) -> None:
    """People who reject what has many clear cells: the chance follows the share of them."""
    rng = np.random.default_rng(0)
    for person in range(4):
        user = db.users.ensure(f"simulated {person}")
        for _ in range(25):
            share = rng.random()
            rgba = np.zeros((8, 8, 4), np.uint8)
            rgba[rng.random((8, 8)) >= share] = (200, 40, 40, 255)
            sprite = db.sprites.add(user, Sprite.from_rgba(rgba)).id
            verdict = "reject" if rng.random() < 1 / (1 + np.exp(-8 * (share - 0.5))) else "approve"
            db.feedback.verdict(user, sprite, verdict, simulated=True)
    found = read(db)
    clear = [float((s.rgba()[..., 3] == 0).mean()) for s in found.sprites]
    fitted = Calibration.fit(clear, found.dissatisfied, found.weights, whose=found.whose, names=("clear",))
    assert fitted.whose == "simulated"
    assert fitted.examples == 100
    few, many = fitted.chance([0.1, 0.9])
    assert few < 0.25
    assert many > 0.75
