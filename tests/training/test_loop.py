import errno
import itertools
import json
import tomllib
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from pixelmind.errors import BadInput, CorruptFile
from pixelmind.training import bundle, checkpoint, loop, run_dir
from pixelmind.training.config import LoopConfig
from pixelmind.training.diagnose import first_nonfinite
from pixelmind.training.task import Task, TrainingError


def rows(path):
    return [json.loads(line) for line in (path / "metrics.jsonl").read_text().splitlines()]


def test_the_run_directory_is_the_contract(regression, tmp_path, capsys):
    result = regression.run(tmp_path, validate_every=10, sample_every=10)
    names = {"config.toml", "environment.json", "metrics.jsonl", "log.txt", "checkpoints", "samples", "tensorboard"}
    assert names <= {p.name for p in tmp_path.iterdir()}
    config = tomllib.loads((tmp_path / "config.toml").read_text())
    assert config["room"] == {"width": 8}
    assert config["loop"]["lr"] == 0.02
    environment = json.loads((tmp_path / "environment.json").read_text())
    assert environment["seed"] == 3
    assert environment["data_manifest_sha256"] == "0" * 64
    assert environment["versions"]["torch"] == torch.__version__
    assert [s["from_step"] for s in environment["sessions"]] == [0]
    assert sorted(p.name for p in (tmp_path / "samples").iterdir()) == ["00000010.png", "00000020.png"]
    assert np.asarray(Image.open(tmp_path / "samples" / "00000020.png")).shape == (4, 6, 3)
    assert [r["step"] for r in rows(tmp_path) if "loss" in r] == [4, 8, 12, 16, 20]
    assert [r["samples"] for r in rows(tmp_path) if "loss" in r] == [32, 64, 96, 128, 160]
    told = {"mae", "lr", "grad_norm", "samples_per_second", "seconds"}
    assert all(told <= r.keys() for r in rows(tmp_path) if "loss" in r)
    assert "val_weight_ema1" in rows(tmp_path)[-1]
    assert result.metrics["val_weight"] == pytest.approx(float(result.ema[0]["net"][3].weight.sum()), rel=1e-5)
    assert (result.step, result.samples, result.finished, result.skipped) == (20, 160, True, 0)
    out = capsys.readouterr()
    assert out.out == ""
    assert "begun at step 0" in out.err
    assert "done: step 20" in out.err


def test_it_learns(regression, tmp_path):
    regression.run(tmp_path, steps=200, log_every=10, checkpoint_every_steps=0, autocast="none")
    losses = [r["loss"] for r in rows(tmp_path) if "loss" in r]
    assert losses[-1] < 0.4 * losses[0]


def test_same_command_after_the_end_does_nothing_and_more_steps_go_on(regression, tmp_path, capsys):
    regression.run(tmp_path)
    again = regression.run(tmp_path)
    assert (again.step, again.finished) == (20, True)
    assert "already trained for 20 steps" in capsys.readouterr().err
    more = regression.run(tmp_path, steps=30)
    assert (more.step, more.samples, more.finished) == (30, 240, True)
    rates = [r["lr"] for r in rows(tmp_path) if "loss" in r and r["step"] > 20]
    assert rates[0] == pytest.approx(0.02 * 4 / 5)  # warmed up anew, 4 of 5 steps in
    assert len(json.loads((tmp_path / "environment.json").read_text())["sessions"]) == 2


def test_minutes_are_a_budget_of_each_invocation(regression, tmp_path, monkeypatch):
    clock = itertools.count()
    monkeypatch.setattr(loop, "time", SimpleNamespace(monotonic=lambda: next(clock) / 100))
    first = regression.run(tmp_path, steps=0, minutes=0.1, log_every=1, checkpoint_every_steps=0)
    assert first.finished
    rates = [r["lr"] for r in rows(tmp_path) if "loss" in r]
    assert rates[0] == pytest.approx(0.02 / 5)
    assert max(rates) == pytest.approx(0.02)
    assert rates[-1] < 0.002
    second = regression.run(tmp_path, steps=0, minutes=0.1, log_every=1, checkpoint_every_steps=0)
    assert second.finished
    assert second.step > first.step
    assert second.seconds > first.seconds
    rates = [r["lr"] for r in rows(tmp_path) if "loss" in r and r["step"] > first.step]
    assert rates[0] == pytest.approx(0.02 / 5)
    assert rates[-1] < 0.002


def test_minutes_cut_a_run_by_steps_without_ending_its_phase(regression, tmp_path):
    result = regression.run(tmp_path, steps=10**6, minutes=1e-9)
    assert (result.finished, result.interrupted) == (False, False)
    assert checkpoint.newest(tmp_path).state["phase_start"] == 0


def test_another_config_is_refused_by_key(regression, tmp_path):
    regression.run(tmp_path, steps=1)
    with pytest.raises(BadInput, match=r"begun with another config: room.width was 8, now 9"):
        regression.run(tmp_path, room={"width": 9})
    with pytest.raises(BadInput, match=r"loop.lr was 0.02, now 0.5"):
        regression.run(tmp_path, lr=0.5)
    assert regression.run(tmp_path, steps=2, threads=1, log_every=1).step == 2


def test_one_process_at_a_time(regression, tmp_path):
    with run_dir.locked(tmp_path), pytest.raises(BadInput, match="another process is training"):
        regression.run(tmp_path, steps=1)


def test_rows_after_the_checkpoint_are_not_told_twice(regression, tmp_path):
    boom = regression.RegressionTask(at_step=18, action=lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        regression.run(tmp_path, boom)
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write('{"step": 17, "lo')
    assert [r["step"] for r in rows_whole(tmp_path)] == [4, 8, 12, 16]
    regression.run(tmp_path)
    assert [r["step"] for r in rows(tmp_path) if "loss" in r] == [4, 8, 12, 16, 20]


def rows_whole(path):
    return [json.loads(x) for x in (path / "metrics.jsonl").read_text().splitlines() if x.endswith("}")]


def test_a_non_finite_step_is_skipped(regression, tmp_path, capsys):
    before = {}

    def nan():
        before.update({k: p.detach().clone() for k, p in task.net.named_parameters()})
        return float("nan")

    task = regression.RegressionTask(at_step=2, action=nan)
    result = regression.run(tmp_path, task, steps=3)
    assert (result.step, result.skipped) == (3, 1)
    assert "skipped" in capsys.readouterr().err
    assert all(torch.equal(p, before[k]) for k, p in result.modules["net"].named_parameters())


def test_divergence_stops_with_one_clear_line(regression, tmp_path):
    task = regression.RegressionTask()
    task.loss = lambda batch, rng: {"loss": task.net(batch["x"]).sum() * float("inf")}
    with pytest.raises(
        TrainingError, match=r"diverged: 4 steps in a row .* at step 4, first in the gradient of net\..* lower lr"
    ):
        regression.run(tmp_path, task, max_nonfinite=4)


def test_the_layer_that_diverged_is_named() -> None:
    class Root(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x.sqrt()

    net = torch.nn.Sequential(torch.nn.Linear(2, 2), Root(), torch.nn.Linear(2, 1))
    torch.nn.init.constant_(net[0].bias, -9.0)
    assert first_nonfinite({"net": net}, lambda: net(torch.zeros(1, 2))) == "layer net.1"
    torch.nn.init.constant_(net[0].bias, 9.0)
    assert first_nonfinite({"net": net}, lambda: net(torch.zeros(1, 2))) == "the loss itself"
    torch.nn.init.constant_(net[2].weight, float("inf"))
    assert first_nonfinite({"net": net}, lambda: None) == "weight net.2.weight"


def test_disk_full_while_saving(regression, tmp_path, monkeypatch):
    real, written = checkpoint._write, []

    def nearly_full(path, data):
        written.append(path)
        if len(written) > 5:  # the second checkpoint
            path.write_bytes(data[:10])
            raise OSError(errno.ENOSPC, "No space left on device")
        real(path, data)

    monkeypatch.setattr(checkpoint, "_write", nearly_full)
    with pytest.raises(TrainingError, match=r"disk full .* \(step-00000010 is whole\): free some space"):
        regression.run(tmp_path)
    monkeypatch.undo()
    assert [p.name for p in (tmp_path / "checkpoints").iterdir()] == ["step-00000010"]
    assert regression.run(tmp_path).step == 20


def test_disk_full_while_logging(regression, tmp_path, monkeypatch):
    def full(self, step, values, *, tell=True):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(loop.RunLog, "metrics", full)
    with pytest.raises(TrainingError, match=r"disk full .* \(there is no checkpoint yet\)"):
        regression.run(tmp_path)


def test_start_from_released_weights_or_another_run(regression, tmp_path):
    first = regression.run(tmp_path / "first", steps=5)
    file = tmp_path / "w.safetensors"
    bundle.export_weights(first.ema[0], file)
    half = regression.run(tmp_path / "a", steps=1, lr=1e-20, init_from=str(file))
    assert torch.allclose(half.modules["net"][0].weight, first.ema[0]["net"][0].weight, atol=1e-3)
    assert torch.equal(half.modules["net"][0].weight, first.ema[0]["net"][0].weight.half().float())
    whole = regression.run(tmp_path / "b", steps=1, lr=1e-20, init_from=str(tmp_path / "first"))
    assert torch.equal(whole.modules["net"][0].weight, first.ema[0]["net"][0].weight)
    with pytest.raises(BadInput, match=r"do not fit net.0.weight: \(8, 4\), not \(6, 4\)"):
        regression.run(tmp_path / "c", regression.RegressionTask(width=6), init_from=str(file))


def test_a_checkpoint_of_another_network_is_refused(regression, tmp_path):
    regression.run(tmp_path, steps=1)
    with pytest.raises((BadInput, CorruptFile), match="do not fit"):
        regression.run(tmp_path, regression.RegressionTask(width=6))


def test_errors_of_the_batch_thread_come_through(regression, tmp_path):
    task = regression.RegressionTask()
    task.batch = lambda step: 1 / 0
    with pytest.raises(ZeroDivisionError):
        regression.run(tmp_path, task, prefetch=2)


class Quadratic(Task):
    """loss = c * sum(w): the gradient is c everywhere."""

    batch_samples = 1

    def __init__(self, slope: float) -> None:
        self.net = nn.Linear(4, 1, bias=False)
        self.slope = slope

    def modules(self):
        return {"net": self.net}

    def batch(self, step):
        return None

    def loss(self, batch, rng):
        self.seen = torch.rand(1, generator=rng).item(), torch.rand(1).item()
        return {"loss": self.net.weight.sum() * self.slope}


def test_gradient_norm_is_clipped_and_told_unclipped(tmp_path):
    task = Quadratic(3.0)
    steps = []
    task.net.weight.register_post_accumulate_grad_hook(lambda p: steps.append(p.grad))
    config = LoopConfig(steps=1, grad_clip=1.5, log_every=1, ema_halflife_samples=())
    result = loop.train(task, config, tmp_path, resolved_config={})
    assert result.metrics["grad_norm"] == pytest.approx(6.0)  # sqrt(4 * 3²)
    assert torch.allclose(steps[0], torch.full((1, 4), 0.75), atol=1e-5)  # 3 * 1.5 / 6
    assert result.ema == [task.modules()]


def test_random_draws_depend_on_seed_and_step_only(tmp_path):
    seen = []
    for name, seed, steps in (("a", 1, 3), ("b", 1, 3), ("c", 2, 3), ("d", 1, 2)):
        task = Quadratic(1.0)
        torch.rand(5)
        loop.train(task, LoopConfig(steps=steps, seed=seed), tmp_path / name, resolved_config={})
        seen.append(task.seen)
    assert seen[0] == seen[1]
    assert len({*seen[0], *seen[2], *seen[3]}) == 6


def test_nothing_to_train_is_said(tmp_path):
    task = Quadratic(1.0)
    task.net.requires_grad_(False)
    with pytest.raises(BadInput, match="nothing to train"):
        loop.train(task, LoopConfig(steps=1), tmp_path, resolved_config={})


def test_a_terminal_sees_a_bar(regression, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setattr("pixelmind.training.logging.REFRESH_SECONDS", 0.0)
    regression.run(tmp_path, steps=6)
    shown = capsys.readouterr().err
    assert "samples/s" in shown
    assert "step 4 samples" not in shown
    assert "step 4 samples" in (tmp_path / "log.txt").read_text()
