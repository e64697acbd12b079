"""Training by Ray Train: the task is sent to the workers, each runs the one loop on its share of every step's batches.

The run folder must be one that all machines see. A worker that is lost makes all start again from the newest checkpoint.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pixelmind.errors import BadInput
from pixelmind.training import cluster
from pixelmind.training.config import LoopConfig
from pixelmind.training.task import Task, TrainingError

if TYPE_CHECKING:
    from ray.actor import ActorHandle

#: Losses of a worker that a run survives, an invocation.
LOSSES = 3
LOOK_SECONDS = 0.5


@dataclass(frozen=True)
class Outcome:
    """How the workers ended: last figures, and whether the budget was used up."""

    figures: dict[str, float]
    finished: bool


class Mailbox:
    """What passes between the command and the first worker: lines of log, the wish to stop, how it ended."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.stopping = False
        self.ended: Outcome | Exception | None = None

    def say(self, line: str) -> None:
        """Leave a line for the command to show."""
        self.lines.append(line)

    def take(self, stop: bool) -> list[str]:
        """Return the lines since the last call, and leave word whether to stop."""
        self.stopping = self.stopping or stop
        lines, self.lines = self.lines, []
        return lines

    def stop(self) -> bool:
        """Whether the workers are to save and end."""
        return self.stopping

    def end(self, how: Outcome | Exception) -> None:
        """Leave word of how it ended; the first word counts."""
        self.ended = self.ended or how

    def how(self) -> Outcome | Exception | None:
        """How it ended, if it did."""
        return self.ended


def fit(
    task: Task, config: LoopConfig, run_dir: Path, stop: Callable[[], bool], interrupted: threading.Event
) -> Outcome:
    """Train with `config.workers` workers until the budget is used up, or `stop()` or `interrupted` ask for an end.

    Raises:
        BadInput: Ray is missing, or the cluster has too few cores.
        TrainingError: diverged, the disk is full, or workers were lost again and again.
    """
    threads = config.threads or max(1, _cores() // config.workers)
    with cluster.connected(max(_cores(), threads * config.workers), what="loop.workers") as ray:
        from ray.train import FailureConfig, RunConfig, ScalingConfig
        from ray.train.torch import TorchConfig, TorchTrainer

        has = ray.cluster_resources()
        gpu = config.device != "cpu" and has.get("GPU", 0) >= config.workers
        if has.get("CPU", 0) < threads * config.workers:
            raise BadInput(
                f"{config.workers} workers with {threads} cores each need more than the {has.get('CPU', 0):g} cores of "
                "this Ray cluster: ask for fewer, or set loop.threads"
            )
        mailbox = ray.remote(num_cpus=0)(Mailbox).remote()
        asked = {
            "task": ray.put(packed(task)),
            "config": config,
            "run_dir": str(run_dir.resolve()),
            "threads": threads,
            "mailbox": mailbox,
        }
        own = run_dir.resolve() / ".ray"
        trainer = TorchTrainer(
            _work,
            train_loop_config=asked,
            torch_config=TorchConfig(backend="nccl" if gpu else "gloo"),
            scaling_config=ScalingConfig(
                num_workers=config.workers,
                use_gpu=gpu,
                resources_per_worker={"CPU": threads} | ({"GPU": 1} if gpu else {}),
            ),
            run_config=RunConfig(
                name="train", storage_path=str(own), failure_config=FailureConfig(max_failures=LOSSES)
            ),
        )
        failed: list[Exception] = []
        # In a thread: in the main one Ray Train would take Ctrl-C for itself.
        running = threading.Thread(target=_fit, args=(trainer, failed), daemon=True)
        running.start()
        while running.is_alive():
            running.join(LOOK_SECONDS)
            for line in ray.get(mailbox.take.remote(interrupted.is_set() or stop())):
                print(line, file=sys.stderr, flush=True)
        ended: Outcome | Exception | None = ray.get(mailbox.how.remote())
        shutil.rmtree(own, ignore_errors=True)
        if ray.get(mailbox.stop.remote()):
            interrupted.set()
    if isinstance(ended, Exception):
        raise ended
    if ended is None:
        why = str(failed[0]).strip().splitlines()[-1] if failed else "no worker told how it ended"
        raise TrainingError(f"the Ray workers were lost: {why}; the same command goes on from the newest checkpoint")
    return ended


def packed(task: Task) -> bytes:
    """A task as bytes, for a worker of the same version of the program. Caches and locks arrive empty and free.

    As bytes because what Ray itself unpacks is read-only.
    """
    import cloudpickle

    class Packer(cloudpickle.Pickler):
        def reducer_override(self, value: Any) -> Any:
            if isinstance(value, type(_named)) and "<locals>" not in value.__qualname__:
                owner = getattr(sys.modules.get(value.__module__), value.__name__, None)
                if owner is not value:  # a cache of an object's own
                    return _cached, (value.__wrapped__, value.cache_parameters()["maxsize"])
            for kind in (threading.Lock, threading.RLock):
                if isinstance(value, type(kind())):
                    return kind, ()
            return super().reducer_override(value)

    out = io.BytesIO()
    Packer(out).dump(task)
    return out.getvalue()


def _cached(function: Callable[..., Any], size: int | None) -> Callable[..., Any]:
    return lru_cache(maxsize=size)(function)


@lru_cache(maxsize=1)
def _named() -> None:
    """Of the type that all caches of functools have."""


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _fit(trainer: Any, failed: list[Exception]) -> None:
    try:
        trainer.fit()
    except Exception as error:  # told by the caller
        failed.append(error)


def _work(asked: dict[str, Any]) -> None:
    """One worker's whole life."""
    import time

    import cloudpickle
    import ray
    import torch
    from ray.train.torch import get_device

    from pixelmind.training.backends.distributed import DistributedBackend
    from pixelmind.training.loop import Run

    mailbox: ActorHandle = asked["mailbox"]
    if ray.get(mailbox.how.remote()) is not None:  # started again after an end that Ray took for a loss
        return
    config: LoopConfig = asked["config"]
    torch.manual_seed(config.seed)
    looked = time.monotonic()

    def stop() -> bool:
        nonlocal looked
        if time.monotonic() - looked < LOOK_SECONDS:
            return False
        looked = time.monotonic()
        return bool(ray.get(mailbox.stop.remote()))

    try:
        backend = DistributedBackend.choose(
            device=str(get_device()), autocast=config.autocast, threads=asked["threads"]
        )
        task: Task = cloudpickle.loads(ray.get(asked["task"]))
        run = Run(task, config, Path(asked["run_dir"]), backend, say=lambda line: mailbox.say.remote(line))
        result = run.train(stop if backend.rank == 0 else lambda: False, threading.Event())
        if backend.rank == 0:
            ray.get(mailbox.end.remote(Outcome(result.metrics, result.finished)))
    except (BadInput, TrainingError, OSError) as error:
        ray.get(mailbox.end.remote(error))
        raise
