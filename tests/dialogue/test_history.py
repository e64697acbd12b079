"""The history as a tree: nothing is lost, versions come back byte for byte, a save is whole or not at all."""

import contextlib
import json

import numpy as np
import pytest
from drawn_sprites import castle, hero
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmind.dialogue.history import INDEX, VERSIONS, History
from pixelmind.errors import BadInput, CorruptFile
from pixelmind.records import Sprite


def numbered(n: int) -> Sprite:
    return Sprite(
        indices=np.full((8, 8), n % 3, np.uint8),
        palette=np.array([(n % 256, n // 256, i, 255) for i in range(3)], np.uint8),
        provenance={"n": n},
    )


def test_undo_redo_and_branches():
    history = History()
    a, b, c = (history.add(numbered(n), f"say {n}", f"done {n}") for n in range(3))
    assert history.undo() is b
    assert history.undo() is a
    with pytest.raises(BadInput, match="nothing to undo: this is the first picture"):
        history.undo()
    assert history.redo(2) is c
    with pytest.raises(BadInput, match="nothing to redo"):
        history.redo()
    history.undo()
    d = history.add(numbered(3))  # a branch beside c
    assert [v.number for v in history.children(b.number)] == [c.number, d.number]
    history.undo()
    assert history.redo() is d  # the branch that was left last
    assert history.go(c.number) is c
    assert history.undo(99) is a
    assert history.redo(2) is c
    assert history.first() is a
    assert [v.number for v in history.path()] == [0]
    new = history.add(hero(), new=True)
    assert new.parent is None
    assert history.first() is new
    with pytest.raises(BadInput, match="no version 9; there are 0 to 4"):
        history.go(9)
    with pytest.raises(BadInput, match="1 or more"):
        history.undo(0)


def test_an_empty_history():
    with pytest.raises(BadInput, match="no picture yet"):
        History().undo()


@settings(max_examples=25, deadline=None)
@given(moves=st.lists(st.sampled_from(["add", "undo", "redo", "go", "new"]), max_size=25), seed=st.integers(0, 999))
def test_every_version_comes_back_byte_for_byte(tmp_path_factory, moves, seed):
    rng, history, added = np.random.default_rng(seed), History(), []
    for step, move in enumerate(["add", *moves]):
        try:
            if move in ("add", "new"):
                added.append(history.add(numbered(step), new=move == "new").sprite.to_dict())
            elif move == "go":
                history.go(int(rng.integers(0, len(history))))
            else:
                (history.undo if move == "undo" else history.redo)()
        except BadInput:
            continue
    assert [v.sprite.to_dict() for v in history.versions] == added
    folder = tmp_path_factory.mktemp("history")
    history.save(folder)
    again = History.load(folder)
    assert [v.sprite.to_dict() for v in again.versions] == added
    assert again.current.number == history.current.number
    for one, other in zip(history.versions, again.versions):
        assert (one.number, one.parent, one.said, one.done) == (other.number, other.parent, other.said, other.done)
        assert one.sprite.indices.tobytes() == other.sprite.indices.tobytes()
    for step in ("redo", "undo"):
        for this in (history, again):
            with contextlib.suppress(BadInput):  # both refuse alike, which the next line compares
                getattr(this, step)()
        assert again.current.number == history.current.number


def test_saving_again_writes_new_versions_only_and_a_killed_save_leaves_the_old_history(tmp_path, monkeypatch):
    history = History()
    history.add(castle(), "draw a castle")
    history.save(tmp_path)
    first = {p.name: p.stat().st_mtime_ns for p in (tmp_path / VERSIONS).iterdir()}
    history.add(hero(), "a hero", "I drew a hero.")
    monkeypatch.setattr("pixelmind.files.write_json", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        history.save(tmp_path)
    monkeypatch.undo()
    assert len(History.load(tmp_path)) == 1
    history.save(tmp_path)
    assert len(History.load(tmp_path)) == 2
    assert History.load(tmp_path).current.done == "I drew a hero."
    assert {p.name: p.stat().st_mtime_ns for p in (tmp_path / VERSIONS).iterdir() if p.name in first} == first


def test_damage_is_told(tmp_path):
    with pytest.raises(BadInput, match="no history"):
        History.load(tmp_path)
    history = History()
    history.add(castle())
    history.save(tmp_path)
    (version,) = (tmp_path / VERSIONS).iterdir()
    whole = version.read_bytes()
    version.write_bytes(whole[:-9])
    with pytest.raises(CorruptFile, match=r"version .* is damaged"):
        History.load(tmp_path)
    version.write_bytes(whole)
    index = json.loads((tmp_path / INDEX).read_text())
    for wrong in ({"current": 7}, {"format": 99}, {"versions": [{}]}, {"next": [[0, 5]]}):
        (tmp_path / INDEX).write_text(json.dumps(index | wrong))
        with pytest.raises(BadInput):
            History.load(tmp_path)
    (tmp_path / INDEX).write_text("{")
    with pytest.raises(CorruptFile):
        History.load(tmp_path)
