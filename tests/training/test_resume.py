"""A run that was killed or interrupted and resumed equals the unbroken one, bit for bit."""

import os
import signal
import subprocess
import sys

import pytest
import torch

from pixelmind.training import checkpoint


def assert_same_run(one, other):
    a, b = checkpoint.newest(one), checkpoint.newest(other)
    assert {k: v for k, v in a.state.items() if k != "seconds"} == {k: v for k, v in b.state.items() if k != "seconds"}
    assert a.tensors.keys() == b.tensors.keys() == {"modules", "ema0", "ema1", "optimizer"}
    for group in a.tensors:
        assert a.tensors[group].keys() == b.tensors[group].keys()
        assert len(a.tensors[group]) > 0
        for name, value in a.tensors[group].items():
            assert torch.equal(value, b.tensors[group][name]), f"{group} {name}"


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_kill_9_after_a_checkpoint(regression, tmp_path, optimizer):
    regression.run(tmp_path / "whole", optimizer=optimizer)
    script = [sys.executable, regression.__file__, str(tmp_path / "cut"), "13", f"optimizer={optimizer}"]
    killed = subprocess.run(script, env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert [p.name for p in checkpoint.present(tmp_path / "cut")] == ["step-00000010"]
    result = regression.run(tmp_path / "cut", optimizer=optimizer)
    assert (result.step, result.finished) == (20, True)
    assert_same_run(tmp_path / "whole", tmp_path / "cut")
    first = checkpoint.load(checkpoint.folder(tmp_path / "whole", 10))
    assert not torch.equal(first.tensors["modules"]["net.0.weight"], result.modules["net"][0].weight)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_saves_and_the_same_command_goes_on(regression, tmp_path, number, capsys):
    regression.run(tmp_path / "whole")
    before = signal.getsignal(number)
    task = regression.RegressionTask(at_step=6, action=lambda: os.kill(os.getpid(), number))
    result = regression.run(tmp_path / "cut", task)
    assert (result.step, result.interrupted, result.finished) == (7, True, False)
    assert "run the same command to resume" in capsys.readouterr().err
    assert signal.getsignal(number) is before
    assert regression.run(tmp_path / "cut").finished
    assert_same_run(tmp_path / "whole", tmp_path / "cut")


def test_a_stop_before_the_first_step_still_saves(regression, tmp_path):
    task = regression.RegressionTask()
    modules = task.modules
    task.modules = lambda: os.kill(os.getpid(), signal.SIGTERM) or modules()
    result = regression.run(tmp_path, task)
    assert (result.step, result.interrupted) == (1, True)
    assert [found.name for found in checkpoint.present(tmp_path)] == ["step-00000001"]


def test_a_damaged_newest_checkpoint_costs_its_steps_only(regression, tmp_path, capsys):
    regression.run(tmp_path / "whole")
    regression.run(tmp_path / "cut", stop=lambda: len(checkpoint.present(tmp_path / "cut")) > 0)
    (checkpoint.folder(tmp_path / "cut", 10) / "modules.safetensors").write_bytes(b"")
    assert not checkpoint.folder(tmp_path / "cut", 20).exists()
    earlier = regression.run(tmp_path / "early", steps=20, stop=lambda: True)
    assert earlier.step == 1
    os.rename(checkpoint.folder(tmp_path / "early", 1), checkpoint.folder(tmp_path / "cut", 1))
    capsys.readouterr()
    regression.run(tmp_path / "cut")
    assert "falling back" in capsys.readouterr().err
    assert_same_run(tmp_path / "whole", tmp_path / "cut")


def test_prefetching_changes_nothing(regression, tmp_path):
    regression.run(tmp_path / "ahead", prefetch=3)
    regression.run(tmp_path / "inline", prefetch=0)
    assert_same_run(tmp_path / "ahead", tmp_path / "inline")
