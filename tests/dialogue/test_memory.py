"""The memory: what is told comes back, asking changes nothing, states are kept, versioned, deleted; the simulated people are as said."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from pixelmind import cli
from pixelmind.dialogue.memory import EMBEDDING, Memory, delete, embedded, load_memory, scores, telling
from pixelmind.dialogue.memory_stage import MOST, MemoryConfig, People, accuracy, predicted
from pixelmind.dialogue.ntm import NTM, NTMConfig
from pixelmind.encoder.text_tower import TextTower
from pixelmind.errors import BadInput, CorruptFile


@pytest.fixture(scope="module")
def tower() -> TextTower:
    return TextTower()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("memory")
    quick = ["memory.steps=250", "memory.test_people=300", "memory.wishes=8", "memory.words=3", "memory.lr=0.005"]
    assert cli.run(["train", "memory", "--out", str(out), *(x for s in quick for x in ("--set", s))]) == 0
    return out


def test_scores_by_hand() -> None:
    options = torch.eye(EMBEDDING)[None, :3]
    answer = torch.zeros(1, EMBEDDING)
    answer[0, 1] = 4.0
    assert scores(answer, options).tolist() == [[0.0, 10.0, 0.0]]


def test_words_of_like_meaning_are_near(tower: TextTower) -> None:
    retro, old, dragon = embedded(tower, ["retro", "old school", "dragon"])
    assert float(retro @ old) > float(retro @ dragon)
    assert telling(retro[None], old[None]).shape == (1, 2 * EMBEDDING + 1)


def test_people_keep_to_their_habits(tower: TextTower) -> None:
    people = People(tower)
    drawn = people.draw(200, 12, 3, np.random.default_rng(0))
    assert drawn["said"].shape == (12, 200, EMBEDDING)
    assert bool(drawn["exists"].gather(2, drawn["choice"][..., None]).all())
    same = total = 0
    for b in range(200):
        for word in set(drawn["word"][:, b].tolist()):
            found = drawn["choice"][:, b][drawn["word"][:, b] == word]
            same += int((found == found.mode().values).sum())
            total += len(found)
    assert same / total > 0.88
    assert not bool(drawn["again"][0].any())
    assert drawn["options"].shape[2] == MOST


def test_the_machine_beats_nothing_remembered(folder: Path) -> None:
    figures = json.loads((folder / "report.json").read_text())
    assert figures["people"] == "simulated"
    found = figures["figures"]
    assert found["machine, said before"] > found["off, said before"] + 0.03


def test_only_the_last_pair_is_seen_without_the_machine(tower: TextTower) -> None:
    net = NTM(2 * EMBEDDING + 1, EMBEDDING, NTMConfig(rows=8, width=8, controller=8)).eval()
    drawn = People(tower).draw(4, 6, 2, np.random.default_rng(1))
    changed = {**drawn, "choice": drawn["choice"].clone()}
    changed["choice"][0] = (changed["choice"][0] + 1) % drawn["exists"][0].sum(-1)
    with torch.no_grad():
        differ = {
            m: [not torch.equal(a, b) for a, b in zip(predicted(net, drawn, m), predicted(net, changed, m))]
            for m in ("machine", "last", "off")
        }
    assert differ["off"] == [False] * 6
    assert differ["last"] == [False, True, False, False, False, False]
    assert differ["machine"][0] is False
    assert all(differ["machine"][1:])
    assert set(accuracy(net, drawn, "off")) == {"said before", "new", "all"}


def test_asking_changes_nothing_and_the_size_stays(folder: Path, tower: TextTower, tmp_path: Path) -> None:
    memory = load_memory(folder, tower)
    assert memory.recall("retro", ["a", "b"]) == [0.5, 0.5]
    memory.remember("retro", "NES colours")
    before = memory.state.memory.clone()
    assert sum(memory.recall("retro", ["NES colours", "Game Boy colours"])) == pytest.approx(1.0)
    assert torch.equal(before, memory.state.memory)
    size = memory.state.memory.numel()
    for _ in range(30):
        memory.remember("cozy", "warm evening light")
    assert (memory.state.memory.numel(), memory.pairs) == (size, 31)


def test_kept_versioned_restored_and_deleted(folder: Path, tower: TextTower, tmp_path: Path) -> None:
    memory = load_memory(folder, tower)
    memory.remember("retro", "NES colours")
    place = memory.save(tmp_path, "ann")
    memory.remember("cute", "pink colours")
    memory.save(tmp_path, "ann")
    assert json.loads((place / "memory.json").read_text())["version"] == 2
    assert sorted(p.name for p in place.iterdir()) == ["2-state.safetensors", "memory.json"]
    again = load_memory(folder, tower)
    assert again.restore(tmp_path, "ann")
    options = ["NES colours", "Game Boy colours"]
    assert again.recall("retro", options) == pytest.approx(memory.recall("retro", options))
    assert not again.restore(tmp_path, "bob")
    other = Memory(again.net, "other weights", tower)
    assert not other.restore(tmp_path, "ann")
    (place / "2-state.safetensors").write_bytes(b"x")
    with pytest.raises(CorruptFile, match="memory delete ann"):
        again.restore(tmp_path, "ann")
    delete(tmp_path, "ann")
    assert not place.exists()
    for name in ("ann", "../x"):
        with pytest.raises(BadInput):
            delete(tmp_path, name)


def test_bad_settings(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        MemoryConfig(steps=0)
    assert cli.run(["memory", "show", "nobody"]) == 2
    assert cli.run(["memory", "show", "../x"]) == 2
