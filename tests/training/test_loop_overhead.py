"""What the loop adds to bare training, in CPU seconds of one thread (wall clocks lie on a shared machine)."""

import itertools
import time

import pytest
import torch
from torch import nn

from pixelmind.training import LoopConfig
from pixelmind.training.loop import Run, train
from pixelmind.training.seeds import numpy_rng
from pixelmind.training.task import Task

STEPS, BATCH, ROUNDS = 30, 64, 5


def network():
    torch.manual_seed(0)
    sizes = [256, 1200, 1200, 1200, 1200, 256]
    layers = [layer for a, b in itertools.pairwise(sizes) for layer in (nn.Linear(a, b), nn.GELU())]
    return nn.Sequential(*layers[:-1])


class Autoencode(Task):
    batch_samples = BATCH

    def __init__(self):
        self.net = network()

    def modules(self):
        return {"net": self.net}

    def batch(self, step):
        return torch.from_numpy(numpy_rng(0, step).standard_normal((BATCH, 256), dtype="f"))

    def loss(self, batch, rng):
        return {"loss": (self.net(batch) - batch).square().mean()}


def bare():
    task, began = Autoencode(), time.process_time()
    live = [p.detach() for p in task.net.parameters()]
    mean = [p.clone() for p in live]
    adamw = torch.optim.AdamW(task.net.parameters(), lr=1e-3, fused=True)
    for step in range(STEPS):
        with torch.autocast("cpu", torch.bfloat16):
            loss = task.loss(task.batch(step), None)["loss"]
        loss.backward()
        torch.nn.utils.clip_grad_norm_(task.net.parameters(), 1.0)
        adamw.step()
        adamw.zero_grad()
        if step % 4 == 3:
            torch._foreach_lerp_(mean, live, 0.01)
    return time.process_time() - began


def ours(run_dir, monkeypatch):
    marks = []
    real = Run.train

    def timed(self, *asked):
        marks.append(time.process_time())
        return real(self, *asked)

    monkeypatch.setattr(Run, "train", timed)
    monkeypatch.setattr(Run, "_finish", lambda self, window, *, cut: marks.append(time.process_time()))
    train(Autoencode(), LoopConfig(steps=STEPS, autocast="bf16", prefetch=0), run_dir, resolved_config={})
    monkeypatch.undo()
    return marks[1] - marks[0]


@pytest.mark.slow
def test_the_loop_costs_under_three_percent(tmp_path, monkeypatch):
    bare()
    pairs = [(bare(), ours(tmp_path / str(i), monkeypatch)) for i in range(ROUNDS)]
    assert min(p[1] for p in pairs) < 1.03 * min(p[0] for p in pairs), pairs
