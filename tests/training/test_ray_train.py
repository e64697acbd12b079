"""Two workers of Ray Train against one process with the same batches a step. Tolerance: see docs/cluster.md."""

import dataclasses
import json
import os
import signal
from pathlib import Path

import pytest
import torch

from pixelmind.errors import BadInput
from pixelmind.training import LoopConfig, checkpoint
from pixelmind.training.config import shared_out
from pixelmind.training.task import TrainingError

#: Largest difference of a weight, a figure or an optimiser's state, relative to the largest in its tensor.
TOLERANCE = 1e-5
#: Its running statistics are those of the first worker's batches; no network of ours has any.
BATCH_NORM = ("running_mean", "running_var", "num_batches_tracked")
LOOP = {"steps": 12, "accumulate": 2, "autocast": "none", "checkpoint_every_steps": 4, "ema_every": 2, "device": "cpu"}


def rows(run):
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]


def worst(one, two):
    found, other = checkpoint.newest(one), checkpoint.newest(two)
    assert found.state["step"] == other.state["step"] == LOOP["steps"]
    assert found.tensors.keys() == other.tensors.keys() == {"modules", "optimizer", "ema0", "ema1"}
    differences = []
    for group, tensors in found.tensors.items():
        assert tensors.keys() == other.tensors[group].keys()
        for name, value in tensors.items():
            if name.rpartition(".")[2] not in BATCH_NORM:
                scale = value.abs().max().clamp_min(1e-12)
                differences.append(((value - other.tensors[group][name]).abs().max() / scale).item())
    return max(differences)


def test_batches_add_up_to_a_step_of_them_all(regression, tmp_path):
    done = regression.run(tmp_path / "two", **LOOP)
    assert done.samples == 12 * 2 * 8
    whole = regression.run(tmp_path / "one", **LOOP | {"accumulate": 1})
    assert not torch.equal(done.modules["net"][0].weight, whole.modules["net"][0].weight)
    regression.run(tmp_path / "cut", **LOOP, stop=iter([False] * 6 + [True]).__next__)
    assert checkpoint.newest(tmp_path / "cut").state["step"] == 7
    regression.run(tmp_path / "cut", **LOOP)
    assert worst(tmp_path / "cut", tmp_path / "two") == 0  # resumed is the same run, bit for bit


def test_a_run_from_before_accumulate_resumes(regression, tmp_path):
    regression.run(tmp_path, steps=2, checkpoint_every_steps=0)
    config = tmp_path / "config.toml"
    config.write_text("".join(line for line in config.read_text().splitlines(True) if "accumulate" not in line))
    assert regression.run(tmp_path, steps=4, checkpoint_every_steps=0).step == 4
    with pytest.raises(BadInput, match=r"loop\.accumulate was 1, now 2"):
        regression.run(tmp_path, steps=6, accumulate=2)


def test_workers_that_cannot_share_a_step_are_refused(regression, tmp_path):
    with pytest.raises(BadInput, match=r"accumulate=3 .*workers=2"):
        regression.run(tmp_path, workers=2, accumulate=3)


def test_a_config_is_shared_out_with_the_samples_a_step_kept():
    @dataclasses.dataclass(frozen=True)
    class Room:
        loop: LoopConfig
        width: int = 8

    def shared(**loop):
        return shared_out(Room(LoopConfig(steps=1, **loop)), 2).loop

    for loop, (batch_size, accumulate) in (
        ({"batch_size": 64}, (32, 2)),
        ({"batch_size": 64, "accumulate": 4}, (64, 4)),
    ):
        got = shared(**loop)
        assert (got.batch_size, got.accumulate, got.workers) == (batch_size, accumulate, 2)
    for wrong in ({"batch_size": 63}, {"accumulate": 3}):
        with pytest.raises(BadInput, match="2 workers cannot share a step"):
            shared(**wrong)
    with pytest.raises(BadInput, match="takes no --workers"):
        shared_out(Room(8), 2)


@pytest.fixture
def workers_find_the_task(ray_here, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))


@pytest.mark.ray
@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("workers_find_the_task")
class TestTwoWorkers:
    def test_they_train_as_one_process(self, regression, tmp_path, capfd):
        ray = regression.run(tmp_path / "ray", **LOOP, workers=2)
        assert (ray.step, ray.finished, ray.samples) == (12, True, 12 * 2 * 8)
        one = regression.run(tmp_path / "local", **LOOP)
        assert worst(tmp_path / "ray", tmp_path / "local") <= TOLERANCE
        for here, there in zip(rows(tmp_path / "ray"), rows(tmp_path / "local"), strict=True):
            for name in ("loss", "mae", "grad_norm", "lr", "val_weight"):
                assert here.get(name, 0) == pytest.approx(there.get(name, 0), rel=TOLERANCE)
        assert ray.metrics["val_weight"] == pytest.approx(one.metrics["val_weight"], rel=TOLERANCE)
        torch.testing.assert_close(ray.ema[0]["net"][0].weight, one.ema[0]["net"][0].weight, rtol=1e-4, atol=1e-6)
        said = capfd.readouterr().err
        assert "begun at step 0" in said
        assert "2 workers, each cpu x1, float32" in said
        assert not list(tmp_path.glob("*/.ray"))

    def test_a_run_may_change_its_workers(self, regression, tmp_path):
        cut = regression.run(tmp_path / "cut", **LOOP, stop=iter([False] * 4 + [True]).__next__)
        assert (cut.step, cut.interrupted) == (5, True)
        assert regression.run(tmp_path / "cut", **LOOP, workers=2).finished
        regression.run(tmp_path / "local", **LOOP)
        assert worst(tmp_path / "cut", tmp_path / "local") <= TOLERANCE

    def test_a_killed_worker_costs_no_more_than_the_last_checkpoint(self, regression, tmp_path):
        mark = tmp_path / "killed"

        def die():  # once, in whichever worker takes the batch
            if not mark.exists():
                mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)

        task = regression.RegressionTask(at_step=13, action=die)
        assert regression.run(tmp_path / "ray", task, **LOOP, workers=2).finished
        assert mark.exists()
        assert "resumed at step 4" in (tmp_path / "ray" / "log.txt").read_text()
        regression.run(tmp_path / "local", **LOOP)
        assert worst(tmp_path / "ray", tmp_path / "local") <= TOLERANCE

    def test_divergence_and_a_wish_to_stop_reach_the_command(self, regression, tmp_path):
        task = regression.RegressionTask(at_step=5, action=lambda: float("nan"))
        with pytest.raises(TrainingError, match="diverged: 1 steps in a row"):
            regression.run(tmp_path / "ray", task, **LOOP, workers=2, max_nonfinite=1)
        ended = regression.run(tmp_path / "stop", **LOOP | {"steps": 10**6}, workers=2, stop=lambda: True)
        assert ended.interrupted
        assert not ended.finished
        assert 0 < ended.step < 10**6
        assert checkpoint.newest(tmp_path / "stop").state["step"] == ended.step
