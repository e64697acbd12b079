"""From simulated people who talk to the service to a candidate policy and memory, and to a store that the generator is tuned on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pixelmind import cli
from pixelmind.data.store import Store
from pixelmind.dialogue.memory import load_memory
from pixelmind.dialogue.policy import Policy, load_policy
from pixelmind.dialogue.regulars import SAYINGS
from pixelmind.dialogue.stored import read, stored
from pixelmind.errors import BadInput
from pixelmind.evaluation.testset import duplicate_pairs, load_items
from pixelmind.generator.pipeline import load
from pixelmind.serving.simulated_talk import LocalNetworks, simulate
from pixelmind.storage import Database
from pixelmind.training.weights import Bundle

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def weights(tiny_weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny generator with the released parser, policy and memory."""
    folder = tmp_path_factory.mktemp("talking")
    bundle, released = Bundle.create(folder), Bundle()
    for name, source in ((n, Bundle(tiny_weights)) for n in ("level16", "level64", "level256")):
        about = source.manifest["parts"][name]
        bundle.adopt(name, source.folder / about["file"], **_about(about))
    for name in ("intent", "policy", "memory"):
        about = released.manifest["parts"][name]
        bundle.adopt(name, released.folder / about["file"], **_about(about))
    return folder


def _about(entry: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in entry.items() if k not in ("file", "sha256", "bytes")}


@pytest.fixture(scope="module")
def talked(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which five simulated people had four dialogues each and were asked about all that was open."""
    path = tmp_path_factory.mktemp("db") / "talk.db"
    networks = LocalNetworks(load(weights, threads=1, best_of=1), Policy(cost=0.0))
    with Database(f"sqlite:///{path}") as db:
        db.upgrade()
        done = simulate(db, networks, 5, 4, 7, world=1, remember=False)
        assert done["dialogues"] == 20
        assert done["questions"] >= 8
        with pytest.raises(BadInput, match="use another --seed"):
            simulate(db, networks, 1, 1, 7, world=1)
    return path


@pytest.fixture
def command(capfd: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> tuple[int, str, str]:
        code = cli.run([str(a) for a in arguments])
        captured = capfd.readouterr()
        return code, captured.out, captured.err

    return call


def test_all_they_say_is_kept_as_simulated(talked: Path) -> None:
    found = read(talked)
    assert len(found) == 20
    assert all(d.simulated for d in found)
    assert {d.outcome for d in found} >= {"accepted", "abandoned"}
    asked = [point for d in found for point in d.points if point.asked]
    assert sum(bool(p.meant) for p in asked) >= 0.9 * len(asked) > 0
    with pytest.raises(BadInput, match="no dialogues of human people"):
        read(talked, "human")
    with Database(f"sqlite:///{talked}") as db:
        assert all(row.simulated for row in db.feedback.each())
        assert all(u.name.startswith("simulated-") for u in db.users.list())


def test_dialogues_to_a_candidate_bundle(talked: Path, weights: Path, command: Command) -> None:
    quick = [x for s in ("steps=4", "test_people=200", "prior=2", "forget=0.1") for x in ("--set", f"dialogue.{s}")]
    told = ("train", "dialogue", "--feedback", talked, "--init-from", weights, *quick)
    code, out, err = command(*told, "--out", "run")
    assert code == 0, err
    assert "dialogues: 20 (20 of simulated people)" in out
    report = json.loads(Path("run/report.json").read_text())
    assert (report["accepted"], report["simulated"], report["human"]) == (True, 20, 0)
    assert report["policy"]["words"] > 0
    assert report["policy"]["held_out"]["net"]["n"] == report["held_out"]
    assert report["memory"]["simulated"]["n"] == 200
    before, after = load_policy(weights), load_policy("run/bundle")
    assert (before.gains != after.gains, before.cost) == (True, pytest.approx(after.cost))
    kept = load_memory("run/bundle").weights == load_memory(weights).weights
    assert kept == ("kept" in report["memory"])
    assert Bundle("run/bundle").id == Bundle(weights).id  # pictures are as they were
    assert Bundle("run/bundle").manifest["dialogues"]["dialogues"] == 20

    # from the lines of the same dialogues the same policy, and a memory that is spoiled on purpose
    assert command("data", "from-dialogues", "--feedback", talked, "--out", "d.jsonl")[0] == 0
    spoiled = ("--set", "dialogue.lr=0.5", "--set", "dialogue.pairs=0")
    code, out, err = command(*told[:3], "d.jsonl", *told[4:], "--out", "no", *spoiled, "--json")
    assert code == 1
    assert "refused: answers foretold" in err
    assert json.loads(out)["accepted"] is json.loads(Path("no/report.json").read_text())["accepted"] is False
    parts = [Bundle(f).manifest["parts"] for f in ("run/bundle", "no/bundle")]
    assert parts[0]["policy"]["sha256"] == parts[1]["policy"]["sha256"]


def test_what_was_taken_tunes_the_generator(talked: Path, weights: Path, command: Command) -> None:
    code, out, err = command(
        "data", "from-dialogues", "--feedback", talked, "--out", "store", "--owner", "me", "--json"
    )
    assert code == 0, err
    accepted = [d for d in read(talked) if d.outcome == "accepted"]
    assert json.loads(out)["added"] == len(accepted) > 3
    assert (
        json.loads(command("data", "from-dialogues", "--feedback", talked, "--out", "store", "--json")[1])["added"] == 0
    )
    store = Store.open("store")
    rows = store.samples(range(len(store)))
    assert {(r.source, r.licence, r.credit, r.split, r.tags["origin"], r.tags["simulated"]) for r in rows} == {
        ("procedural-dialogue", "LicenseRef-own", "me", "train", "generated", "yes")
    }
    with Database(f"sqlite:///{talked}") as db:
        for row in rows:
            kept = db.sprites.get(
                next(d.user for d in accepted if d.taken == row.params["sprite"]), row.params["sprite"]
            )
            assert (kept.width, kept.height) == (row.width, row.height)
            if kept.source == "generated":
                assert row.captions[0] == kept.prompt
            else:
                assert len(row.captions[0]) > len(kept.prompt)
    assert duplicate_pairs(["store"]) == []  # never stands in for real art,
    with pytest.raises(BadInput, match="no test pictures"):
        load_items(["store"])  # and is never measured with
    sets = ("level16.loop.steps=2", "level16.loop.batch_size=2", "level16.loop.warmup_steps=1")
    quick = [x for s in sets for x in ("--set", f"generator.{s}")]
    tune = ("train", "generator", "--preset", "nano", "--data", "store", "--init-from", weights, "--level", 16)
    code, out, err = command(*tune, "--out", "run", *quick)
    assert code == 0, err
    assert "level16" in Bundle("run/bundle")
    assert "procedural-dialogue" in Bundle("run/bundle").manifest["parts"]["level16"]["styles"]


def test_changes_in_own_words_are_undone_said_again_and_become_labels(weights: Path, tmp_path: Path) -> None:
    networks = LocalNetworks(load(weights, threads=1, best_of=1))
    with Database(f"sqlite:///{tmp_path / 'own.db'}") as db:
        db.upgrade()
        simulate(db, networks, 4, 4, 5, own_words=1.0)
        found = list(stored(db))
        corrected = [(d, label) for d in found for label in d.labels if label.corrected]
        assert len(corrected) >= 3
        assert all(d.simulated and d.outcome == "accepted" for d, _ in corrected)
        for _, label in corrected:
            (meant,) = (op for op, (_, own) in SAYINGS.items() if any(words in label.text for words in own))
            assert (label.act, label.operation, label.region) == ("edit", meant, "whole")
        assert sum(not label.corrected for d in found for label in d.labels) > len(corrected)
        gone = corrected[0][0]
        db.sessions.delete(gone.user, gone.session)
        left = [d for d in stored(db) for label in d.labels if label.corrected]
        assert len(left) < len(corrected)  # what was deleted counts nowhere
        assert gone.session not in {d.session for d in left}


def test_weights_that_read_nothing_are_refused(tiny_weights: Path, tmp_path: Path) -> None:
    with Database(f"sqlite:///{tmp_path / 'x.db'}") as db:
        db.upgrade()
        with pytest.raises(BadInput, match="hold no intent parser"):
            simulate(db, LocalNetworks(load(tiny_weights, threads=1)), 1, 1)
