"""Steps of online adaptation on a tiny random bundle: what is learned from, what is taken back, what survives and what goes."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from pixelmind.adaptation.online import learner as learner_
from pixelmind.adaptation.online import state, tone, weights
from pixelmind.adaptation.online.guard import TasteGuard
from pixelmind.adaptation.online.learner import Learner, OnlineConfig, load_personal
from pixelmind.adaptation.online.looks import NAMES, looks
from pixelmind.adaptation.online.replay import Entry, Replay
from pixelmind.adaptation.online.state import State
from pixelmind.encoder.config import NetworkConfig
from pixelmind.encoder.image_tower import ImageTowerConfig
from pixelmind.encoder.model import Encoder
from pixelmind.errors import BadInput, CorruptFile
from pixelmind.records import Sprite
from pixelmind.storage import Database, NotFound

from ..conftest import shape

TINY = ImageTowerConfig(conv_width=8, conv_blocks=1, width=16, depth=1, heads=2, stem=8)


@pytest.fixture(scope="module")
def bundle(style_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny bundle of styles with an encoder."""
    folder = tmp_path_factory.mktemp("online") / "bundle"
    shutil.copytree(style_bundle, folder)
    torch.manual_seed(2)
    Encoder(NetworkConfig(embed_dim=16, text_heads=1, text_hidden=16, image=TINY)).save(folder)
    return folder


@pytest.fixture(scope="module")
def learner(bundle: Path) -> Learner:
    return Learner(bundle, OnlineConfig(seconds=60.0, steps=2, min_entries=2))


class Person:
    """Somebody with drawings of two styles: the first half "sea", the second "gold"."""

    def __init__(self, home: Path) -> None:
        self.home, self.db = home, Database(f"sqlite:///{home / 'pixelmind.db'}")
        self.db.upgrade()
        self.user = self.db.users.ensure("ann")
        self.ids = [
            self.db.sprites.add(self.user, Sprite.from_rgba(shape(style, i, 16)), prompt="a gem", source="generated").id
            for style in ("sea", "gold")
            for i in range(8)
        ]

    def prefer(self, better: int, worse: int, **more: Any) -> None:
        self.db.feedback.prefer(self.user, self.ids[better], self.ids[worse], **more)

    def step(self, learner: Learner) -> learner_.Stepped:
        found = learner.step(self.db, self.home, self.user.id)
        assert found is not None
        return found


@pytest.fixture
def ann(tmp_path: Path) -> Any:
    person = Person(tmp_path)
    yield person
    person.db.close()


def test_each_interaction_is_learned_from_once_and_foretold_before(ann: Person, learner: Learner) -> None:
    for i in range(4):
        ann.prefer(i, 8 + i)
        found = ann.step(learner)
        assert (found.interactions, found.state.replay.turn) == (1, i + 1)
    curve = found.state.curve
    assert [p["turn"] for p in curve] == [1, 2, 3, 4]
    assert curve[0]["foretold"] == curve[0]["foretold_by_words"]
    assert curve[3]["foretold"] > max(0.5, curve[3]["foretold_by_words"])  # blue over gold three times before
    assert found.steps == 2
    assert learner.step(ann.db, ann.home, ann.user.id) is None
    again = state.load(ann.home, ann.user.id)
    assert again is not None
    assert again.curve == curve
    assert again.adapter is not None


def test_what_is_done_is_learned_as_it_says(ann: Person, learner: Learner) -> None:
    db, user, ids = ann.db, ann.user, ann.ids
    child = db.sprites.add(
        user, Sprite.from_rgba(shape("red", 1, 16)), prompt="a gem", parent=ids[0], source="edited"
    ).id
    up = db.sprites.add(user, Sprite.from_rgba(shape("moss", 1, 16)), prompt="a leaf", source="uploaded").id
    db.feedback.event(user, ids[0], "edit")
    db.feedback.event(user, ids[0], "view")
    db.feedback.verdict(user, ids[1], "reject")
    db.feedback.event(user, ids[2], "export")
    db.feedback.rate(user, ids[3], {"accuracy": 3})
    ann.prefer(4, 5, tie=True)
    ann.prefer(6, 7, simulated=True)
    found = ann.step(learner)
    assert [p["kind"] for p in found.state.curve] == ["edit", "verdict", "export", "preference", "upload"]
    entries = found.state.replay.entries
    pairs = {(e.one, e.other): e for e in entries if e.kind == "pair"}
    assert pairs[child, ids[0]].trust == 0.5
    assert sum(other == ids[1] for _, other in pairs) == 2
    assert sum(one == ids[2] for one, _ in pairs) == 2
    assert pairs[ids[4], ids[5]].tie
    assert (ids[6], ids[7]) not in pairs
    assert {e.one for e in entries if e.kind == "liked"} == {ids[2], up}


def test_deleted_sprites_and_people_are_forgotten(ann: Person, learner: Learner) -> None:
    for i in range(3):
        ann.prefer(i, 8 + i)
    kept = ann.step(learner).state
    assert ann.ids[0] in kept.described
    ann.db.sprites.delete(ann.user, ann.ids[0])
    ann.prefer(4, 12)
    kept = ann.step(learner).state
    assert ann.ids[0] not in kept.described
    assert all(ann.ids[0] not in (e.one, e.other) for e in kept.replay.entries)
    assert len(list(state.files(ann.home, ann.user.id))) == 2
    state.begin_anew(ann.home, ann.user.id, "9999")
    ann.prefer(5, 13)
    found = learner.step(ann.db, ann.home, ann.user.id)
    assert found is None  # of before that moment
    assert state.forget(ann.home, ann.user.id)
    assert not state.folder_of(ann.home, ann.user.id).exists()
    assert not state.forget(ann.home, ann.user.id)
    with pytest.raises(NotFound):
        learner.step(ann.db, ann.home, "usr_nobody")


def test_drawing_is_with_these_weights_only(ann: Person, learner: Learner) -> None:
    assert load_personal(ann.home, ann.user.id, learner.bundle) is None
    for i in range(3):
        ann.prefer(i, 8 + i)
    kept = ann.step(learner).state
    own = load_personal(ann.home, ann.user.id, learner.bundle)
    assert own is not None
    assert own.id == kept.id
    assert own.own is not None
    kept.weights = {**kept.weights, "level16": "0" * 12}
    state.save(kept, ann.home)
    assert load_personal(ann.home, ann.user.id, learner.bundle) is None
    found = learner.step(ann.db, ann.home, ann.user.id, force=True)  # learned anew from what was done
    assert found is not None
    assert found.state.taste == pytest.approx(own.mean)
    (state.folder_of(ann.home, ann.user.id) / "state.json").write_text("{}")
    with pytest.raises(CorruptFile, match="adapt online reset"):
        state.load(ann.home, ann.user.id)


# ---- the guard -------------------------------------------------------------------------------------------------------
def test_a_poisoned_stream_of_likes_is_taken_back(ann: Person, bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sprites set aside are of the person's style; then noise is liked, at a rate that spoils the weights."""
    hasty = Learner(bundle, OnlineConfig(seconds=60.0, steps=6, rows=4, min_entries=2, lr=0.03))
    monkeypatch.setattr(weights, "MAX_ANCHORS", 1e9)  # so that only the sprites set aside can tell
    own = [Entry(key=f"k{i}", kind="liked", one=ann.ids[i % 8], prompt="a gem") for i in range(24)]
    kept = State(user=ann.user.id, weights=hasty.ids, replay=Replay(None, own, 1))
    assert any(e.aside for e in own)
    for _ in range(3):
        assert hasty.adapter.step(ann.db, kept, 4, 8, time.monotonic() + 600) == (8, "")
    good = kept.best
    rng = np.random.default_rng(0)
    noise = np.concatenate([rng.integers(0, 256, (16, 16, 3)), np.full((16, 16, 1), 255)], -1).astype(np.uint8)
    noise[..., :3] &= 0xE0
    poison = ann.db.sprites.add(ann.user, Sprite.from_rgba(noise), prompt="a gem", source="generated").id
    aside = [e for e in kept.replay.entries if e.aside]
    kept.replay.entries = aside + [
        Entry(key=f"p{i}", kind="liked", one=poison, prompt="a gem", turn=2) for i in range(9)
    ]
    kept.replay.entries = [e for e in kept.replay.entries if not (e.aside and e.one == poison)]
    steps, why = hasty.adapter.step(ann.db, kept, 4, 6, time.monotonic() + 600)
    assert steps == 6
    assert "sprites set aside rose" in why
    assert good is not None
    assert kept.adapter is good
    assert all(e.error == 0.0 for e in kept.replay.entries if e.one == poison and e.error is not None)


def test_weights_that_drift_from_the_anchors_are_taken_back(ann: Person, bundle: Path) -> None:
    hasty = Learner(bundle, OnlineConfig(seconds=60.0, steps=4, rows=4, min_entries=2, lr=0.5))
    pairs = [Entry(key=f"k{i}", kind="pair", one=ann.ids[i], other=ann.ids[8 + i], prompt="a gem") for i in range(8)]
    kept = State(user=ann.user.id, weights=hasty.ids, replay=Replay(None, pairs, 1))
    _, why = hasty.adapter.step(ann.db, kept, 4, 4, time.monotonic() + 600)
    assert "anchors drifted" in why or "no numbers" in why
    assert kept.adapter is None


def test_a_taste_that_foretells_worse_than_words_is_taken_back() -> None:
    pairs = [Entry(key=f"k{i}", kind="pair", one="a", other="b", turn=i + 1) for i in range(8)]
    kept = State(user="u", weights={}, replay=Replay(None, pairs, 8), good=np.array([1.0]), good_turn=3)
    guard = TasteGuard(kept)
    taste = np.array([5.0])
    assert guard.checked(taste) == (taste, "")
    kept.good, kept.good_turn = np.array([1.0]), 3
    for _ in range(6):
        guard.foretold(0.3, 0.5)  # each 0.51 nats behind
    found, why = guard.checked(taste)
    assert found is kept.good
    assert "3.1 nats worse" in why
    assert [e.trust for e in kept.replay.entries] == [1, 1, 1, 0, 0, 0, 0, 0]


# ---- looks and tone --------------------------------------------------------------------------------------------------
def test_tone_follows_a_sure_taste_and_nobody_elses() -> None:
    sprite = Sprite.from_rgba(shape("sea", 3, 16))
    tried = tone.variants(sprite)
    assert all((t.indices == sprite.indices).all() and t.num_colors == sprite.num_colors for t in tried)
    spread = [row[NAMES.index("lightness_spread")] for row in looks([t.rgba() for t in tried])]
    likes = np.zeros(len(NAMES))
    likes[NAMES.index("lightness_spread")] = 1.0
    sure, unsure = np.eye(len(NAMES)) * 1e-6, np.eye(len(NAMES)) * 100.0
    best = tone.toned(sprite, likes, sure)
    assert looks([best.rgba()])[0, NAMES.index("lightness_spread")] == pytest.approx(max(spread))
    assert tone.toned(sprite, likes, unsure) is sprite
    assert tone.toned(sprite, np.zeros(len(NAMES)), sure) is sprite
    empty = Sprite.from_rgba(np.zeros((8, 8, 4), np.uint8))
    assert tone.toned(empty, likes, sure) is empty
    assert np.isfinite(looks([empty.rgba(), sprite.rgba()])).all()


def test_a_question_about_the_tone_is_learned_from(ann: Person, learner: Learner) -> None:
    """Each answer is better than all others shown; the tone that was liked is foretold, and what was asked of a deleted sprite goes."""
    asked = tone.question(ann.db.sprites.get(ann.user, ann.ids[0]).sprite)
    assert next(iter(asked)) == tone.AS_IT_IS
    assert len(asked) >= 4
    best = "strong and vivid"
    for i in range(6):
        ann.db.feedback.event(ann.user, ann.ids[i], "tone", details={"tone": best, "shown": list(asked)})
    ann.db.feedback.event(ann.user, ann.ids[6], "tone", details={"tone": "no such tone"})  # says nothing
    found = ann.step(learner)
    assert found.interactions == 6
    kept = found.state
    assert {e.kind for e in kept.replay.entries} == {"tone"}
    assert {e.one for e in kept.replay.entries} == {f"{i}#{best}" for i in ann.ids[:6]}
    assert all(e.sprites == (e.one.partition("#")[0],) for e in kept.replay.entries)
    curve = [p for p in kept.curve if "foretold" in p]
    assert curve[-1]["foretold"] > curve[0]["foretold"]
    personal = load_personal(ann.home, ann.user.id, learner.bundle)
    assert personal is not None
    other = ann.db.sprites.get(ann.user, ann.ids[7]).sprite
    shown = tone.question(other)
    seen = looks([s.rgba() for s in shown.values()]) @ personal.mean[-len(NAMES) :]
    assert list(shown)[int(seen.argmax())] == best
    assert found.steps == 0  # the weights are not learned from tones
    before = len(kept.replay)
    ann.db.sprites.delete(ann.user, ann.ids[0])
    again = learner.step(ann.db, ann.home, ann.user.id, force=True)
    assert again is not None
    assert len(again.state.replay) < before
    assert not any(ann.ids[0] in x for e in again.state.replay.entries for x in (e.one, e.other))


# ---- the command line ------------------------------------------------------------------------------------------------
def test_the_command_line_steps_tells_and_resets(
    ann: Person, bundle: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from pixelmind import cli

    monkeypatch.setenv("PIXELMIND_HOME", str(ann.home))
    monkeypatch.delenv("PIXELMIND_DATABASE_URL", raising=False)

    def command(*arguments: object) -> tuple[int, str, str]:
        code = cli.run(["adapt", "online", *(str(a) for a in arguments)])
        told = capfd.readouterr()
        return code, told.out, told.err

    ann.prefer(0, 8)
    assert "nothing was learned of ann" in command("status", "--user", "ann")[1]
    code, out, err = command("step", "--user", "ann", "--steps", 0, "--weights", bundle, "--json")
    assert code == 0, err
    told = json.loads(out)
    assert (told["interactions"], told["turns"], told["rolled_back"]) == (1, 1, "")
    assert command("step", "--user", "ann", "--weights", bundle)[1] == "ann did nothing new\n"
    assert json.loads(command("status", "--user", "ann", "--json")[1])["choices"] == 1
    assert "preference" in command("curve", "--user", "ann")[1]
    assert len(json.loads(command("curve", "--user", "ann", "--json")[1])["curve"]) == 1
    assert command("reset", "--user", "ann")[:2] == (0, "nothing is known of ann any more\n")
    assert json.loads(command("status", "--user", "ann", "--json")[1])["turns"] == 0
    for wrong, says in (
        (("status", "--user", "zoe"), "knows nobody called 'zoe'; people there: ann"),
        (("step", "--seconds", 0), "out of range"),
        (("step", "--steps", -1), "out of range"),
    ):
        code, out, err = command(*wrong)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert says in err


def test_bad_settings_and_weights(style_bundle: Path) -> None:
    with pytest.raises(BadInput, match="no encoder"):
        Learner(style_bundle)
    with pytest.raises(BadInput, match="seconds, rows, lr and beta"):
        OnlineConfig(seconds=0)
    with pytest.raises(BadInput, match="no id"):
        state.folder_of(Path("x"), "../y")
