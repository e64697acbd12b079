"""When the loop runs: APScheduler with a job store in HOME/loop/jobs.db, so that a run missed while nothing was on is made up for.

A job is a process of its own, the very command that cron can start instead:

    0 3 * * 1            pixelmind loop run --now
    0 4 1 1,4,7,10 *     pixelmind loop run --now --major --data STORE
    */10 * * * *         pixelmind rollout step
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pixelmind.errors import BadInput

#: A run that was missed is made up for within so many seconds.
LATE = 3 * 86_400


def command(*words: str) -> int:
    """Run `pixelmind ...` as a process; its exit code. Module-level, so that the job store can name it."""
    return subprocess.run([sys.executable, "-m", "pixelmind.cli", *words]).returncode


def scheduler_on(home: Path) -> tuple[Any, Any]:
    """A scheduler that is not started, and its job store, which can be read and written. A scheduler that was only started to be looked at
    would, as it ends, strike off what is due.

    Raises:
        BadInput: APScheduler is not installed.
    """
    try:
        from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
        from apscheduler.schedulers.background import BackgroundScheduler
    except ImportError as error:
        raise BadInput("the schedule needs APScheduler; install it with: pip install 'pixelmind[loop]'") from error
    place = home / "loop"
    place.mkdir(parents=True, exist_ok=True)
    store = SQLAlchemyJobStore(url=f"sqlite:///{(place / 'jobs.db').resolve()}")
    scheduler = BackgroundScheduler(jobstores={"default": store})
    store.start(scheduler, "default")
    return scheduler, store


def plan(scheduler: Any, store: Any, arguments: Sequence[str]) -> None:
    """Put the jobs into a scheduler that is not started. One that is there as asked for keeps when it is due, also if that has passed."""
    weekly = ["loop", "run", "--now", *arguments]
    jobs: dict[str, tuple[list[str], str, dict[str, Any]]] = {
        "weekly": (weekly, "cron", {"day_of_week": "mon", "hour": 3, "misfire_grace_time": LATE}),
        "rollout": (["rollout", "step"], "interval", {"minutes": 10, "misfire_grace_time": 60}),
    }
    if "--data" in arguments:
        when = {"month": "1,4,7,10", "day": 1, "hour": 4, "misfire_grace_time": LATE}
        jobs["major"] = ([*weekly, "--major"], "cron", when)
    for old in store.get_all_jobs():
        if old.id not in jobs or list(old.args) != jobs[old.id][0]:
            store.remove_job(old.id)
    for name, (words, trigger, when) in jobs.items():
        if store.lookup_job(name) is None:
            scheduler.add_job(f"{__name__}:command", trigger, words, id=name, coalesce=True, max_instances=1, **when)


def serve(home: Path, arguments: Sequence[str], tell: Callable[[str], None]) -> None:
    """Start the jobs when they are due, until Ctrl-C."""
    scheduler, store = scheduler_on(home)
    plan(scheduler, store, arguments)
    if "--data" not in arguments:
        tell("no major update is planned: it trains on a store; name one with --data STORE")
    tell("the loop waits for its time; Ctrl-C ends it (when: pixelmind loop status)")
    scheduler.start()
    try:
        threading.Event().wait()
    finally:
        scheduler.shutdown(wait=False)


def due(home: Path) -> dict[str, str]:
    """When each job runs next, by its name; nothing where none was planned."""
    if not (home / "loop" / "jobs.db").is_file():
        return {}
    _, store = scheduler_on(home)
    try:
        return {job.id: job.next_run_time.isoformat() for job in store.get_all_jobs() if job.next_run_time}
    finally:
        store.shutdown()
