"""A pair that a person passes over stays open, and others come first."""

from __future__ import annotations

from pixelmind.preference.pairs import next_pair
from pixelmind.storage import Database


def test_skipped_pairs_stay_open_and_are_not_offered(tmp_path, draw):
    db = Database(f"sqlite:///{tmp_path / 'skip.db'}")
    db.upgrade()
    user = db.users.ensure("local")
    for seed in range(3):
        db.sprites.add(user, draw(seed), prompt="a key", source="generated")
    seen: list[str] = []
    asked = set()
    while (offer := next_pair(db, user, skip=seen)) is not None:
        assert offer.pair_id not in seen
        seen.append(offer.pair_id)
        asked.add(frozenset((offer.left.id, offer.right.id)))
        assert len(seen) <= 6
    assert len(asked) == 3  # every two of three sprites
    assert {pair.id for pair in db.pairs.open(user)} == set(seen)
    again = next_pair(db, user)
    assert again is not None
    assert again.pair_id in seen
    db.close()
