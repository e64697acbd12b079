"""The fault table: what is broken while people use the service, what was acknowledged and lost, and whether it came back by itself.

    .venv/bin/python benchmarks/faults.py               all rows; writes benchmarks/faults.json and prints the table of docs/hardening.md
    .venv/bin/python benchmarks/faults.py --only killed --only disk-full

Real processes with the released weights on folders of their own, on this machine alone. Rows that this machine cannot break (no right to
mount, no C compiler, no PostgreSQL) say so and are not counted as passed.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
from fault_service import HERE, Layer, People, Service, soon

from pixelmind.files import write_json
from pixelmind.training.weights import Bundle, released

OUT = HERE / "faults.json"
DAY = 86_400


class NotHere(Exception):
    """This machine cannot break that."""


@dataclass(frozen=True)
class Found:
    """What a row saw. `seconds`: until the first answer after the fault was over, or until the work was done."""

    acknowledged: int
    lost: int
    twice: int
    seconds: float
    saw: str

    @property
    def passed(self) -> bool:
        """Nothing lost, nothing twice; a row that does not recover raises."""
        return not (self.lost or self.twice)


def _found(people: People, seconds: float, saw: str) -> Found:
    told = ", ".join(f"{count} x {status or 'no answer'}" for status, count in sorted(people.refused.items()))
    return Found(
        len(people.kept), *people.prove(), round(seconds, 1), f"{saw}; meanwhile {told or 'no request failed'}"
    )


# ---- the service -----------------------------------------------------------------------------------------------------
def killed(place: Path) -> Found:
    """kill -9 of the service while it draws, 5 times"""
    with Service(place / "home").running() as service:
        with People(service) as people:
            slowest = 0.0
            for _ in range(5):
                people.more(12)
                soon(
                    lambda: "pixelmind_running_images 0.0" not in httpx.get(f"{service.url}/metrics", timeout=30).text,
                    "it draws",
                )
                service.kill()
                slowest = max(slowest, people.more(1))
            people.more(12)
        return _found(people, slowest, "killed in the middle of batches")


def disk_full(place: Path) -> Found:
    """The disk of database and files is full"""
    home = place / "home"
    home.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", home], capture_output=True).returncode:
        raise NotHere("a small disk cannot be mounted here")
    try:
        with Service(home).running() as service:
            with People(service) as people:
                people.more(12)
                ballast = os.open(home / "ballast", os.O_CREAT | os.O_WRONLY)
                with suppress(OSError):
                    while os.write(ballast, bytes(4096)):
                        pass
                os.close(ballast)
                soon(lambda: people.refused[507] >= 8, "the full disk is told")
                assert service.answers("/healthz")
                (home / "ballast").unlink()
                seconds = people.more(12)
            return _found(people, seconds, "the same process goes on once there is room")
    finally:
        subprocess.run(["umount", "-l", home], check=True)


def disk_slow(place: Path) -> Found:
    """Each flush to disk takes 0.4 s longer"""
    layer = _layer(place)
    with Service(place / "home", **layer.environment).running() as service:
        with People(service) as people:
            people.more(40)
            before = sorted(people.seconds)
            people.seconds.clear()
            layer.disk(400)
            people.more(24)
            during = sorted(people.seconds)
            layer.disk(0)
            seconds = people.more(24)
        assert not people.refused
        saw = f"a request takes {before[len(before) // 2]:.2f} s before, {during[len(during) // 2]:.2f} s with it (medians)"
        return _found(people, seconds, saw)


def clock_jumps(place: Path) -> Found:
    """The wall clock jumps a day ahead, two back, and is a day behind after a kill -9"""
    layer = _layer(place)
    with Service(place / "home", **layer.environment).running() as service:
        with People(service) as people:
            people.more(12)
            slowest = 0.0
            for off in (DAY, -DAY):
                layer.clock(off)
                slowest = max(slowest, people.more(12))
            service.kill()
            slowest = max(slowest, people.more(12))
        assert set(people.refused) <= {0, 503}
        newest = httpx.get(f"{service.url}/v1/sprites", timeout=30).json()["data"][0]["seed"]
        assert newest >= max(n for n in people.kept if n % 2 == 0) - 16, "what was made last is shown first"
        return _found(people, slowest, "order kept")


def database_restarts(place: Path) -> Found:
    """PostgreSQL dies (SIGQUIT) and is started again, 3 times"""
    spec = importlib.util.spec_from_file_location("clusters", HERE.parent / "tests" / "storage" / "conftest.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["clusters"] = module
    spec.loader.exec_module(module)
    programs = module.programs()
    if programs is None:
        raise NotHere("PostgreSQL is not installed")
    cluster = module.Cluster(programs, fsync=True)
    try:
        with Service(place / "home", PIXELMIND_DATABASE_URL=cluster.url(cluster.create())).running() as service:
            with People(service) as people:
                slowest = 0.0
                for _ in range(3):
                    people.more(12)
                    cluster.stop(signal.SIGQUIT)
                    seen = people.refused[503]
                    soon(lambda: people.refused[503] > seen, "a lost database is told")  # noqa: B023
                    assert service.answers("/healthz")
                    cluster.start()
                    slowest = max(slowest, people.more(1))
                people.more(12)
            return _found(people, slowest, "the same process of the service goes on")
    finally:
        cluster.close()


def weights_damaged(place: Path) -> Found:
    """A bit of the champion's weights flips, while it is in use and before a start"""
    with Service(place / "home").running() as service:
        bundle = Bundle(shutil.copytree(released(), place / "other"))
        bundle.describe(note="the same weights under another manifest")
        assert service.cli("models", "add", str(bundle.folder)).returncode == 0
        listed = json.loads(service.cli("models", "list", "--json").stdout)["models"]
        ids = {row["state"]: row["id"] for row in listed}
        assert service.cli("models", "promote", ids["candidate"]).returncode == 0
        soon(lambda: f"drawing with model {ids['candidate']}" in service.log.read_text(), "the new champion draws")
        path = service.home / "models" / ids["candidate"] / "level16.safetensors"
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 4
        path.write_bytes(data)
        with People(service) as people:
            people.more(8)
            assert service.cli("models", "verify", ids["candidate"]).returncode == 1
            service.kill()
            seconds = people.more(8)
            assert f"model {ids['candidate']} cannot be drawn with" in service.log.read_text()
            assert service.cli("models", "rollback").returncode == 0
            assert service.cli("models", "promote", ids["candidate"]).returncode == 2
            people.more(8)
        return _found(people, seconds, "at the start the champion before it draws; promoting it is refused")


# ---- its workers -----------------------------------------------------------------------------------------------------
def style_worker_killed(place: Path) -> Found:
    """kill -9 of the process that makes a style, then of the service"""
    with Service(place / "home").running() as service:
        picture = httpx.get(service.url + _drawn(service)["url"], timeout=60).content
        files = [("images", ("red_key.png", picture, "image/png"))]
        answer = httpx.post(f"{service.url}/v1/styles", data={"name": "mine"}, files=files, timeout=60)
        assert answer.status_code == 202, answer.text

        def told() -> dict[str, Any]:
            found: dict[str, Any] = httpx.get(f"{service.url}/v1/styles/mine", timeout=60).json()
            return found

        soon(lambda: told()["progress"] > 0, "it learns")
        os.kill(service.children()[0], signal.SIGKILL)
        soon(lambda: "started anew" in service.log.read_text(), "the death is seen")
        soon(lambda: service.children(), "it is started anew")
        service.kill()
        start = time.monotonic()
        soon(service.answers, "the service is ready")
        soon(lambda: told()["status"] in ("ready", "failed"), "the style is made", 240)
        lost = int(told()["status"] != "ready")
        assert not list((service.home / "styles-waiting").iterdir())
        return Found(1, lost, 0, round(time.monotonic() - start, 1), "the style that was acknowledged is made")


def online_worker_killed(place: Path) -> Found:
    """kill -9 of the process that learns from use"""
    with Service(place / "home").running() as service:
        sprites = [_drawn(service, seed)["sprite_id"] for seed in range(4)]

        def say(verdict: str, sprite: str) -> None:
            body = {"sprite_id": sprite, "verdict": verdict}
            httpx.post(f"{service.url}/v1/feedback", json=body, timeout=60).raise_for_status()

        def turns() -> int:
            return int(httpx.get(f"{service.url}/v1/account/online", timeout=60).json()["turns"])

        say("approve", sprites[0])
        os.kill(soon(service.children, "the process is there")[0], signal.SIGKILL)
        soon(lambda: "its process was ended" in service.log.read_text(), "the death is seen")
        assert turns() == 0
        start = time.monotonic()
        for sprite, verdict in zip(sprites[1:], ("reject", "approve", "reject")):
            say(verdict, sprite)
        learned = soon(lambda: turns() >= 4 and turns(), "all four are learned from")
        return Found(
            4,
            4 - learned,
            learned - 4,
            round(time.monotonic() - start, 1),
            "the next reaction brings the lost one along",
        )


def loop_killed(place: Path) -> Found:
    """kill -9 of a run of the loop in each of its steps"""
    service = Service(place / "home")  # for its commands alone
    home, kills, start = service.home / "loop-nano", 0, time.monotonic()
    command = [*service.command[:3], "loop", "run", "--now", "--nano", "--people", "100", "--json"]
    wanted = ["collect", "dpo", "dialogue", "candidate", "canary", "ramp"]
    state: dict[str, Any] = {}
    while True:
        with (place / "loop.log").open("w+") as log:
            process = subprocess.Popen(command, env=service.environment, stdout=subprocess.DEVNULL, stderr=log)
            while process.poll() is None:
                said = (place / "loop.log").read_text().split()
                if wanted and wanted[0] in said:
                    wanted.pop(0)
                    time.sleep(0.1 if kills > 2 else 1.0)
                    process.send_signal(signal.SIGKILL)
                    process.wait()
                    kills += 1
                time.sleep(0.01)
        if process.returncode != -signal.SIGKILL:
            break
    assert process.returncode == 0, (place / "loop.log").read_text()[-2000:]
    (path,) = home.glob("loop/*/state.json")
    state = json.loads(path.read_text())
    assert state["outcome"] in ("refused", "promoted", "nothing to ship"), state
    from pixelmind.storage import Database

    with Database(f"sqlite:///{home / 'pixelmind.db'}") as db:
        assert db.check().problems == ()
        models, rollouts = db.models.list(), db.rollouts.list()
    twice = max(0, len(models) - 2) + max(0, len(rollouts) - 1)
    saw = f"killed {kills} times; the same command goes on and ends: {state['outcome']}, one candidate, one rollout"
    return Found(len(state["steps"]), 0, twice, round(time.monotonic() - start, 1), saw)


# ---- what a test breaks ----------------------------------------------------------------------------------------------
def _by_test(about: str, node: str) -> Callable[[Path], Found]:
    def row(place: Path) -> Found:
        start = time.monotonic()
        command = [sys.executable, "-m", "pytest", "-q", "-m", "slow or not slow", "-p", "no:cacheprovider", node]
        done = subprocess.run(command, cwd=HERE.parent, capture_output=True, text=True)
        if " skipped" in done.stdout and " passed" not in done.stdout:
            raise NotHere(f"{node} was skipped")
        assert done.returncode == 0, done.stdout[-3000:]
        return Found(0, 0, 0, round(time.monotonic() - start, 1), f"`{node}`")

    row.__doc__ = about
    return row


TESTS = {
    "batch": (
        "A batch of the engine dies with an error",
        "tests/serving/test_engine.py::test_of_a_batch_that_fails_only_those_fail_that_cannot_be_drawn",
    ),
    "storage": (
        "20 kill -9 in 1,000 writes, PostgreSQL crashing too",
        "tests/storage/test_durability.py::test_killed_20_times_in_1000_writes",
    ),
    "training": ("kill -9 of training", "tests/training/test_resume.py::test_kill_9_after_a_checkpoint"),
    "federated": (
        "kill -9 of a federation's client, then of its server",
        "tests/adaptation/federated/test_processes.py::test_killed_processes_come_back",
    ),
}
ROWS: dict[str, Callable[[Path], Found]] = {
    "killed": killed,
    "disk-full": disk_full,
    "disk-slow": disk_slow,
    "clock": clock_jumps,
    "database": database_restarts,
    "weights": weights_damaged,
    "style-worker": style_worker_killed,
    "online-worker": online_worker_killed,
    "loop": loop_killed,
    **{name: _by_test(*told) for name, told in TESTS.items()},
}


def _layer(place: Path) -> Layer:
    try:
        return Layer(place)
    except (OSError, subprocess.CalledProcessError) as error:
        raise NotHere("no C compiler (cc)") from error


def _drawn(service: Service, seed: int = 0) -> dict[str, Any]:
    body = {"prompt": "a red key", "size": "16x16", "seed": seed, "check": False}
    answer = (
        httpx.post(f"{service.url}/v1/images/generations", json=body, timeout=120).raise_for_status().json()["data"][0]
    )
    return {**answer, "url": f"/v1/sprites/{answer['sprite_id']}/image.png"}


def run(name: str) -> Found:
    """Break one thing.

    Raises:
        NotHere: it cannot be broken here. AssertionError: it did not come back.
    """
    with tempfile.TemporaryDirectory(prefix=f"faults-{name}-", ignore_cleanup_errors=True) as folder:
        return ROWS[name](Path(folder))


def main() -> int:
    """Break all, or what is named; 0 where every row passed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=tuple(ROWS), action="append")
    names = parser.parse_args().only or list(ROWS)
    kept: dict[str, Any] = json.loads(OUT.read_text()) if OUT.is_file() else {}
    for name in names:
        print(f"{name}: {ROWS[name].__doc__}", file=sys.stderr, flush=True)
        about = {"fault": ROWS[name].__doc__}
        try:
            found = run(name)
            kept[name] = about | asdict(found) | {"passed": found.passed}
        except NotHere as why:
            kept[name] = about | {"passed": False, "saw": f"not broken: {why}"}
        except (AssertionError, httpx.HTTPError, OSError) as error:
            place = error.__traceback__ and traceback.extract_tb(error.__traceback__)[-1]
            kept[name] = about | {
                "passed": False,
                "saw": f"{type(error).__name__}: {error} ({place and place.line})"[:2000],
            }
        print(f"  {kept[name]}", file=sys.stderr, flush=True)
        write_json(OUT, {n: kept[n] for n in ROWS if n in kept})
    print("| fault | acknowledged | lost | twice | back after, s | what was seen |\n|---|--:|--:|--:|--:|---|")
    for name in names:
        row = kept[name]
        figures = [str(row.get(key, "")) for key in ("acknowledged", "lost", "twice", "seconds")]
        print(f"| {' | '.join([row['fault'], *figures, row['saw']])} |")
    failed = [name for name in names if not kept[name]["passed"]]
    print(f"{len(names) - len(failed)} of {len(names)} rows passed" + (f"; not: {', '.join(failed)}" if failed else ""))
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
