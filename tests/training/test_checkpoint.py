import errno
import json

import pytest
import torch

from pixelmind.errors import BadInput, CorruptFile
from pixelmind.training import checkpoint


def save(run_dir, step, keep=2):
    tensors = {"modules": {"net.w": torch.full((3,), float(step))}, "ema0": {"net.w": torch.full((3,), step + 0.5)}}
    return checkpoint.save(run_dir, step, tensors, {"samples": step * 8}, keep)


def test_round_trip_and_only_the_newest_are_kept(tmp_path):
    for step in (5, 10, 1000):
        save(tmp_path, step)
    assert [p.name for p in checkpoint.present(tmp_path)] == ["step-00001000", "step-00000010"]
    found = checkpoint.newest(tmp_path)
    assert found.state == {"step": 1000, "samples": 8000}
    assert torch.equal(found.modules()["net"]["w"], torch.full((3,), 1000.0))
    assert torch.equal(found.modules(ema=0)["net"]["w"], torch.full((3,), 1000.5))
    assert torch.equal(checkpoint.run_weights(tmp_path)["net"]["w"], torch.full((3,), 1000.5))


def test_nothing_is_pickled(tmp_path):
    assert {p.suffix for p in save(tmp_path, 1).iterdir()} == {".safetensors", ".json"}


def test_no_checkpoint(tmp_path):
    assert checkpoint.newest(tmp_path) is None
    with pytest.raises(BadInput, match="no checkpoint"):
        checkpoint.run_weights(tmp_path)


def _flip_byte(path):
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))


@pytest.mark.parametrize(
    "damage",
    [
        lambda p: _flip_byte(p / "modules.safetensors"),
        lambda p: (p / "ema0.safetensors").unlink(),
        lambda p: (p / "state.json").write_text("{"),
        lambda p: (p / "state.json").write_text("[]"),
        lambda p: (p / "state.json").unlink(),
    ],
)
def test_a_damaged_newest_falls_back_with_one_warning(tmp_path, damage):
    save(tmp_path, 5)
    damage(save(tmp_path, 10))
    told = []
    assert checkpoint.newest(tmp_path, told.append).state["step"] == 5
    assert len(told) == 1
    assert "falling back" in told[0]
    save(tmp_path, 10)  # training on writes over the damaged one
    assert checkpoint.newest(tmp_path).state["step"] == 10


def test_all_damaged_or_too_new_is_an_error(tmp_path):
    path = save(tmp_path, 5)
    state = json.loads((path / "state.json").read_text())
    (path / "state.json").write_text(json.dumps(state | {"version": 99}))
    with pytest.raises(CorruptFile, match="version 99"):
        checkpoint.load(path)
    with pytest.raises(CorruptFile, match="all 1 checkpoints"):
        checkpoint.newest(tmp_path)


def test_a_full_disk_leaves_the_older_checkpoint_and_no_half_one(tmp_path, monkeypatch):
    save(tmp_path, 5)

    def full(path, data):
        path.write_bytes(data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(checkpoint, "_write", full)
    with pytest.raises(OSError, match="No space"):
        save(tmp_path, 10)
    assert [p.name for p in (tmp_path / "checkpoints").iterdir()] == ["step-00000005"]
    assert checkpoint.newest(tmp_path).state["step"] == 5
