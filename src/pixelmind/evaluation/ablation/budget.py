"""Equal compute: train a task for so many CPU seconds, over any number of interruptions, and decay the rate at their end.

The loop's budgets are steps or wall-clock time; on a busy machine neither is compute. So a run goes at a constant rate until
three quarters of its CPU seconds are spent (wsd: Hu et al. 2024, arXiv 2404.06395, sec. 4); the steps of the last quarter, the
decay, follow from what a step has cost.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

from pixelmind.files import write_json
from pixelmind.training.checkpoint import newest
from pixelmind.training.loop import TrainResult

DECAY = 0.25  # share of the steps in which the rate falls to 0; LoopConfig.decay_fraction
UNBOUNDED = 10**9


class CpuClock:
    """Counts the CPU seconds of a run's steps in `run_dir`/cpu.json; as the loop's `stop`, it ends the constant part."""

    def __init__(self, run_dir: Path, seconds: float) -> None:
        self.file, self.seconds = run_dir / "cpu.json", seconds
        kept = json.loads(self.file.read_text()) if self.file.is_file() else {"step": 0, "cpu_seconds": 0.0, "steps": 0}
        found = newest(run_dir)
        self.step = 0 if found is None else int(found.state["step"])
        # the count is written now and then; steps after the last checkpoint were lost and are done again
        self.spent = kept["cpu_seconds"] * self.step / max(kept["step"], 1)
        self.steps = int(kept["steps"])
        self.finished = found is not None and bool(found.state["finished"])
        self.last: float | None = None
        self.written = time.monotonic()

    def __call__(self) -> bool:
        """Called after each step; true when the decay must begin."""
        now = time.process_time()
        self.step += 1
        self.spent += now - (now if self.last is None else self.last)
        self.last = now
        over = not self.steps and self.spent >= (1 - DECAY) * self.seconds
        if over:
            self.steps = max(self.step + 1, round(self.step / (1 - DECAY)))
        if over or time.monotonic() - self.written > 20 or self.step == self.steps:
            self.written = time.monotonic()
            write_json(self.file, {"step": self.step, "cpu_seconds": round(self.spent, 2), "steps": self.steps})
        return over


def spend(
    seconds: float, run_dir: Path, train: Callable[[int, Callable[[], bool]], TrainResult | None]
) -> CpuClock | None:
    """Call `train(steps, stop)` until the run in `run_dir` has used its CPU seconds; None where a signal cut it short."""
    clock = CpuClock(run_dir, seconds)
    while not clock.finished:
        before = clock.steps
        train(clock.steps or UNBOUNDED, clock)
        steps = clock.steps
        clock = CpuClock(run_dir, seconds)
        if not clock.finished and steps == before:
            return None
    return clock
