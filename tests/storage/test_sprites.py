"""Sprites come back equal in every field, in pages, with their family."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sqlalchemy import event

from pixelmind.errors import BadInput
from pixelmind.records import Sprite
from pixelmind.storage import Database, NotFound
from pixelmind.storage.sprites import Sprites, pack, unpack
from pixelmind.storage.transactions import Transactions

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def sprites(draw):
    count = draw(st.integers(1, 256))
    palette = draw(hnp.arrays(np.uint8, (count, 4)))
    palette[:, 3] = 255
    if draw(st.booleans()):
        palette[0] = 0
    shape = draw(st.tuples(st.integers(1, 24), st.integers(1, 24)))
    indices = draw(hnp.arrays(np.uint8, shape, elements=st.integers(0, count - 1)))
    names = draw(st.none() | st.lists(st.text(max_size=8), min_size=1, max_size=5))
    mask = None if names is None else draw(hnp.arrays(np.uint8, shape, elements=st.integers(0, len(names) - 1)))
    about = draw(st.dictionaries(st.text(), json_values, max_size=4))
    return Sprite(indices=indices, palette=palette, mask=mask, mask_names=tuple(names or ()), provenance=about)


@given(sprites())
def test_packing_loses_nothing(sprite):
    assert unpack(pack(sprite)) == sprite


def test_a_sprite_of_a_newer_program_is_refused(drawn, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(Sprite, "version", Sprite.version + 1)
        newer = pack(drawn())
    with pytest.raises(BadInput, match="update pixelmind"):
        unpack(newer)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sprite=sprites(), prompt=st.text(max_size=40))
def test_a_stored_sprite_is_the_same(db, user, sprite, prompt):
    row = db.sprites.add(user, sprite, prompt=prompt, seed=2**63 - 1)
    found = db.sprites.get(user, row.id)
    assert found == row
    assert found.sprite == sprite
    assert (found.width, found.height, found.colors) == (sprite.width, sprite.height, sprite.num_colors)
    assert found.transparent == bool((sprite.rgba()[..., 3] == 0).any())
    assert found.prompt == prompt.replace("\0", "\ufffd")
    assert len(found.palette) == int((sprite.palette[:, 3] == 255).sum())


def test_text_that_no_database_takes_is_shown_as_such(db, user, drawn):
    row = db.sprites.add(
        user, drawn(), prompt="a\0b\ud800c'); DROP TABLE sprites; --", instruction="<script>alert(1)</script>"
    )
    assert row.prompt == "a\ufffdb\ufffdc'); DROP TABLE sprites; --"
    assert db.sprites.get(user, row.id).instruction == "<script>alert(1)</script>"


def test_a_row_tells_what_the_studio_needs(db, user, drawn):
    session = db.sessions.create(user)
    parent = db.sprites.add(user, drawn(), prompt="castle", weights="abc", seed=5)
    about = dict(operation="recolor", instruction="redder", source="edited", session=session.id, parent=parent.id)
    row = db.sprites.add(user, drawn(1), prompt="castle", **about)
    assert row.regions == ("body",)
    assert all(len(c) == 7 and c[0] == "#" for c in row.palette)
    assert (row.user, row.parent, row.session, row.source, row.operation) == (
        user.id,
        parent.id,
        session.id,
        "edited",
        "recolor",
    )
    assert (parent.seed, parent.weights, row.seed) == (5, "abc", None)
    assert row.created.endswith("Z")


def test_pages_are_newest_first_and_whole(db, user, other, drawn):
    session = db.sessions.create(user)
    ids = [db.sprites.add(user, drawn(i), session=session.id if i % 2 else None).id for i in range(7)]
    db.sprites.add(other, drawn())
    pages, before = [], None
    while page := db.sprites.list(user, limit=3, before=before):
        pages.append([row.id for row in page])
        before = page[-1].id
    assert [len(p) for p in pages] == [3, 3, 1]
    assert [i for page in pages for i in page] == ids[::-1]
    assert [row.id for row in db.sprites.list(user, session=session.id)] == ids[5:0:-2]
    for limit in (0, -1, 1001):
        with pytest.raises(BadInput, match="limit"):
            db.sprites.list(user, limit=limit)


def test_families(db, user, drawn):
    root = db.sprites.add(user, drawn(0))
    left = db.sprites.add(user, drawn(1), parent=root.id)
    right = db.sprites.add(user, drawn(2), parent=root.id)
    leaf = db.sprites.add(user, drawn(3), parent=left.id)
    db.sprites.add(user, drawn(4))
    assert db.sprites.children(user, root.id) == [left, right]
    assert db.sprites.ancestors(user, leaf.id) == [left, root]
    assert db.sprites.ancestors(user, root.id) == []
    assert db.sprites.lineage(user, right.id) == [root, left, right, leaf]


def test_a_long_chain_is_read_at_once(db, user, drawn):
    chain = [db.sprites.add(user, drawn()).id]
    for _ in range(60):
        chain.append(db.sprites.add(user, drawn(), parent=chain[-1]).id)
    assert [row.id for row in db.sprites.ancestors(user, chain[-1])] == chain[-2::-1]


def test_delete_takes_what_was_said_and_joins_the_family(db, user, drawn):
    root, middle = db.sprites.add(user, drawn()), None
    middle = db.sprites.add(user, drawn(), parent=root.id)
    leaf = db.sprites.add(user, drawn(), parent=middle.id)
    db.feedback.rate(user, middle.id, {"accuracy": 2})
    kept = db.feedback.rate(user, leaf.id, {"accuracy": 3})
    held = db.sprites.get(user, middle.id)
    db.sprites.delete(user, middle.id)
    assert db.sprites.ancestors(user, leaf.id) == [root]
    assert db.feedback.list(user) == [kept]
    with pytest.raises(NotFound):
        held.sprite  # noqa: B018
    with pytest.raises(NotFound):
        db.sprites.delete(user, middle.id)


def test_bad_input(db, user, drawn):
    with pytest.raises(BadInput, match="source"):
        db.sprites.add(user, drawn(), source="stolen")
    with pytest.raises(BadInput, match="63 bits"):
        db.sprites.add(user, drawn(), seed=2**63)
    ghost = "spr_" + "0" * 26
    with pytest.raises(NotFound, match="parent"):
        db.sprites.add(user, drawn(), parent=ghost)
    with pytest.raises(NotFound, match="not there"):
        db.sprites.add("usr_" + "0" * 26, drawn())
    with pytest.raises(NotFound, match="no such user"):
        db.sprites.add("local", drawn())
    assert db.stats()["sprites"] == 0


def test_lists_never_read_pictures(url, drawn):
    with Database(url) as db:
        user = db.users.ensure("ada")
        for i in range(3):
            db.sprites.add(user, drawn(i))
    transactions = Transactions(url)
    asked: list[str] = []
    event.listen(transactions.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    rows = Sprites(transactions).list(user)
    assert len(rows) == 3
    assert asked
    assert not any("sprite_cells" in statement for statement in asked)
    assert rows[0].sprite == drawn(2)
    assert sum("sprite_cells" in statement for statement in asked) == 1
    assert rows[0].sprite is rows[0].sprite
    transactions.close()
