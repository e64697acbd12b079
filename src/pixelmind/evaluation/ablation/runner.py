"""Runs an ablation's jobs: what is kept is not done again, several at once in processes of their own or on Ray, each with one thread."""

from __future__ import annotations

import multiprocessing
import os
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import replace
from typing import Any

from pixelmind.evaluation.ablation.plan import Job, result_of
from pixelmind.files import write_json

Tell = Callable[[str], None]


def work(job: Job) -> str:
    """Do one job and keep its result; "" or why it failed, in one line ("stopped" where a signal ended it)."""
    import torch

    from pixelmind.errors import BadInput
    from pixelmind.evaluation.ablation.studies import STUDIES, Stopped

    torch.set_num_threads(1)
    cpu, clock = time.process_time(), time.monotonic()
    try:
        values = STUDIES[job.study].run(job)
    except (Stopped, KeyboardInterrupt):
        return "stopped"
    except BadInput as error:
        return str(error)
    except Exception as error:
        return f"{type(error).__name__}: {error} ({traceback.extract_tb(error.__traceback__)[-1]})"
    write_json(
        job.folder / "result.json",
        {
            "key": job.key, "study": job.study, "arm": job.arm, "seed": job.seed, "values": {k: list(v) for k, v in values.items()},
            "cpu_seconds": round(time.process_time() - cpu, 1), "seconds": round(time.monotonic() - clock, 1),
        },
    )  # fmt: skip
    return ""


def run_jobs(
    jobs: Sequence[Job], *, workers: int = 1, ray: bool = False, tell: Tell = lambda _: None
) -> dict[str, str]:
    """Do the jobs that are not kept yet; why some failed, by "STUDY, ARM, seed N".

    Raises:
        BadInput: Ray is asked for and missing.
        KeyboardInterrupt: after a signal; what is done is kept.
    """
    left = [j for j in jobs if result_of(j) is None]
    tell(f"{len(jobs)} jobs, {len(jobs) - len(left)} kept from before")
    failed: dict[str, str] = {}

    def done(job: Job, why: str) -> None:
        name = f"{job.study}, {job.arm}, seed {job.seed}"
        kept = result_of(job)
        spent = float(kept["cpu_seconds"]) if kept else 0.0
        tell(f"{name}: {why or f'{spent:g} CPU s'}")
        if why == "stopped":
            raise KeyboardInterrupt
        if why:
            failed[name] = why

    if ray:
        _on_ray(left, done)
    elif workers == 1:
        for job in left:
            done(job, work(job))
    else:
        _in_processes(left, workers, done)
    return failed


def _in_processes(jobs: Sequence[Job], workers: int, done: Callable[[Job, str], None]) -> None:
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        waiting = {pool.submit(work, job): job for job in jobs}
        try:
            while waiting:
                for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                    done(waiting.pop(future), future.result())
        except KeyboardInterrupt:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _on_ray(jobs: Sequence[Job], done: Callable[[Job, str], None]) -> None:
    from pixelmind.training import cluster

    # Workers elsewhere see the same folders, by whole paths.
    whole = [
        replace(j, **{k: os.path.abspath(getattr(j, k)) for k in ("data", "weights", "judge", "out")}) for j in jobs
    ]
    with cluster.connected(what="eval ablation --ray") as ray:
        remote: Any = ray.remote(num_cpus=1)(work)
        waiting = {remote.remote(job): job for job in whole}
        while waiting:
            (ready, *_), _ = ray.wait(list(waiting), num_returns=1)
            done(waiting.pop(ready), ray.get(ready))
