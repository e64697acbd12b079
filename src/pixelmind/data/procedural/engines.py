"""Where shards are drawn: in processes of this machine, or by Ray Data (on Ray). Both yield the same shards, in any order."""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from pixelmind.errors import BadInput
from pixelmind.training import cluster

J = TypeVar("J")
R = TypeVar("R")
ENGINES = ("local", "ray")
#: Shards asked for ahead of the slowest, a worker: bounds what waits in memory.
AHEAD = 2
#: Jobs of one pass of Ray Data.
PASS = 4096


def check(engine: str) -> None:
    """See that an engine can run here.

    Raises:
        BadInput: an unknown engine, or Ray is not installed.
    """
    if engine not in ENGINES:
        raise BadInput(f"no engine {engine!r}; there are: {', '.join(ENGINES)}")
    if engine == "ray":
        cluster.need("--engine ray", instead="--engine local")


def run(engine: str, workers: int, work: Callable[[J], R], jobs: Iterable[J]) -> Iterator[R]:
    """Yield `work(job)` of every job as it is done; `work` must be importable by name. Give it an engine that `check` passes.

    Raises:
        BadInput: a worker was killed.
    """
    if engine == "ray":
        return _ray(workers, work, jobs)
    return map(work, jobs) if workers == 1 else _local(workers, work, jobs)


def _end_with_parent() -> None:
    """End this worker when the process that started it is gone, even by kill -9."""

    def watch() -> None:
        parent = multiprocessing.parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _local(workers: int, work: Callable[[J], R], jobs: Iterable[J]) -> Iterator[R]:
    """Spawned processes (Lance does not survive a fork)."""
    spawn, queue = multiprocessing.get_context("spawn"), iter(jobs)
    with ProcessPoolExecutor(workers, mp_context=spawn, initializer=_end_with_parent) as pool:
        waiting: set[Future[R]] = {pool.submit(work, job) for job in islice(queue, workers * AHEAD)}
        try:
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    waiting |= {pool.submit(work, job) for job in islice(queue, 1)}
                    yield future.result()
        except BrokenProcessPool as error:
            raise BadInput(
                "a drawing process was killed, perhaps for memory; give the same command again with fewer --workers: "
                "finished shards are kept"
            ) from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _ray(workers: int, work: Callable[[J], R], jobs: Iterable[J]) -> Iterator[R]:
    """A pass of Ray Data over the jobs, a core and a block each, on the cluster that RAY_ADDRESS names, else on this machine alone."""
    import cloudpickle

    with cluster.connected(workers, what="--engine ray"):
        import ray.data as data

        logging.getLogger("ray.data").setLevel(logging.ERROR)  # which its import sets
        queue = iter(jobs)
        # A pass at a time, so that a billion scenes are no longer list than a million.
        while part := [{"job": cloudpickle.dumps(job)} for job in islice(queue, PASS)]:
            rows = data.from_items(part, override_num_blocks=len(part)).map(
                partial(_row, work=work), num_cpus=1, compute=data.TaskPoolStrategy(size=min(workers, len(part)))
            )
            for row in rows.iter_rows():
                yield cloudpickle.loads(row["result"])


def _row(row: dict[str, Any], work: Callable[[Any], Any]) -> dict[str, Any]:
    """A job as a row of Ray Data, done. Packed, since Arrow has no type for it."""
    import cloudpickle

    return {"result": cloudpickle.dumps(work(cloudpickle.loads(row["job"])))}
