"""A tiny regression, for tests, and a script that dies at a step: `regression_task.py RUN KILL_AT key=value…`."""

import os
import signal
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

from pixelmind.training import LoopConfig, apply_overrides, build, seeds
from pixelmind.training.loop import TrainResult, train
from pixelmind.training.task import Task


class RegressionTask(Task):
    batch_samples = 8
    data_hash = "0" * 64

    def __init__(self, *, at_step=None, action=None, width: int = 8) -> None:
        torch.manual_seed(0)
        self.embed = nn.Embedding(5, width)
        self.net = nn.Sequential(
            nn.Linear(4, width), nn.BatchNorm1d(width), nn.Dropout(0.1), nn.Linear(width, width), nn.GELU(),
            nn.Linear(width, 1),
        )  # fmt: skip
        self.at_step, self.action, self.calls = at_step, action, 0

    def modules(self):
        return {"net": self.net, "embed": self.embed}

    def batch(self, step):
        rng = seeds.numpy_rng(0, step, "batch")
        x = rng.standard_normal((8, 4), dtype=np.float32)
        return {"x": torch.from_numpy(x), "kind": torch.from_numpy(rng.integers(0, 5, 8)), "step": step}

    def loss(self, batch, rng):
        if batch["step"] == self.at_step:
            result = self.action()
            if result is not None:
                return {"loss": self.net(batch["x"]).sum() * result}
        x, target = batch["x"], batch["x"].sum(1, keepdim=True)
        noisy = x + 0.1 * torch.randn(x.shape, generator=rng, device=x.device)
        hidden = self.net[:3](noisy) + self.embed(batch["kind"])
        error = (self.net[3:](hidden).float() - target).square().mean()
        return {"loss": error, "mae": error.sqrt()}

    def sample(self, ema_modules):
        assert not ema_modules["net"].training
        assert not torch.is_grad_enabled()
        return np.full((4, 6, 3), 200, dtype=np.uint8)

    def validate(self, ema_modules):
        rng = torch.Generator().manual_seed(0)
        ema_modules["net"](torch.randn(8, 4, generator=rng))
        return {"weight": float(ema_modules["net"][3].weight.sum())}


LOOP = {
    "steps": 20, "lr": 0.02, "warmup_steps": 5, "ema_halflife_samples": [200.0, 20.0], "ema_every": 3, "threads": 1,
    "checkpoint_every_steps": 10, "log_every": 4, "seed": 3,
}  # fmt: skip


def run(run_dir: Path | str, task: Task | None = None, *, room=None, stop=None, **loop) -> TrainResult:
    config = build(LoopConfig, {**LOOP, **loop})
    return train(task or RegressionTask(), config, run_dir, resolved_config={"room": room or {"width": 8}}, stop=stop)


if __name__ == "__main__":
    die = RegressionTask(at_step=int(sys.argv[2]), action=lambda: os.kill(os.getpid(), signal.SIGKILL))
    run(sys.argv[1], die, **apply_overrides({"loop": LOOP}, [f"loop.{item}" for item in sys.argv[3:]])["loop"])
