"""What the fault table (`faults.py`) stands on: a service in a process of its own that is started again when it dies, as Docker's
`restart: unless-stopped` does, and people whose requests bear keys and are sent again until they are answered."""

from __future__ import annotations

import contextlib
import mmap
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from pixelmind.storage import Database

HERE = Path(__file__).parent
WRITERS = 4
SECONDS = 120.0  # for anything to happen


def soon(true: Callable[[], Any], what: str, seconds: float = SECONDS) -> Any:
    """The first true answer."""
    until = time.monotonic() + seconds
    while not (found := true()):
        if time.monotonic() > until:
            raise AssertionError(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.05)
    return found


class Layer:
    """A wall clock that jumps and a disk that is slow, for the processes started with `environment`.

    Raises:
        OSError, subprocess.CalledProcessError: there is no C compiler.
    """

    def __init__(self, folder: Path) -> None:
        library, told = folder / "layer.so", folder / "layer.told"
        told.write_bytes(bytes(16))
        command = ["cc", "-shared", "-fPIC", "-O2", "-o", library, HERE / "fault_layer.c", "-ldl"]
        subprocess.run(command, check=True, capture_output=True)
        with told.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 16)
        self.environment = {"LD_PRELOAD": str(library), "FAULT_LAYER": str(told)}

    def clock(self, seconds: int) -> None:
        """How far the wall clock is off."""
        self._map[:8] = struct.pack("l", seconds)

    def disk(self, milliseconds: int) -> None:
        """By how much each flush to disk is longer."""
        self._map[8:] = struct.pack("l", milliseconds)


class Service:
    """`pixelmind serve` on a home of its own."""

    def __init__(self, home: Path, arguments: tuple[str, ...] = (), **environment: str) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.home, self.log = home, home.parent / f"{home.name}.log"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        base = {k: v for k, v in os.environ.items() if k != "PIXELMIND_DATABASE_URL"}
        self.environment = base | {"PIXELMIND_HOME": str(home), "OMP_NUM_THREADS": "1"} | environment
        self.command = [
            sys.executable,
            "-m",
            "pixelmind.cli",
            "serve",
            "--no-log",
            "--port",
            str(self.port),
            "--threads",
            "1",
        ]
        self.command += arguments
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and return at once."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, env=self.environment, stdout=log, stderr=log)

    def answers(self, path: str = "/readyz") -> bool:
        """Whether a page answers 200."""
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()[-2000:]
        try:
            return httpx.get(self.url + path, timeout=30).status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """SIGKILL, and start again."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.start()

    def children(self) -> list[int]:
        """Processes that it started."""
        assert self.process is not None
        found = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return [int(pid) for path in found for pid in path.read_text().split()]

    def cli(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Another command of the program on the same home."""
        command = [sys.executable, "-m", "pixelmind.cli", *words]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True)

    def database(self) -> Database:
        """The same database, from here."""
        return Database(self.environment.get("PIXELMIND_DATABASE_URL") or f"sqlite:///{self.home / 'pixelmind.db'}")

    @contextmanager
    def running(self) -> Iterator[Service]:
        """Until the end, ready to draw at its beginning."""
        self.start()
        try:
            soon(self.answers, "the service is ready")
            yield self
        finally:
            assert self.process is not None
            self.process.kill()
            self.process.wait()


class People:
    """Send numbered requests, feedback and drawings in turn, each with its key until it is answered.

    `kept` holds the id that was acknowledged for each number, `refused` what came instead by status (0: no answer).
    """

    def __init__(self, service: Service) -> None:
        self.service = service
        self.kept: dict[int, str] = {}
        self.refused: Counter[int] = Counter()
        self.seconds: list[float] = []
        self.last = 0.0
        self._given_up = False
        self._numbers = iter(range(1_000_000))
        self._lock, self._done = threading.Lock(), threading.Event()
        with httpx.Client(base_url=service.url, timeout=60) as client:
            body = {"prompt": "a key", "size": "16x16", "steps": 2, "seed": 999_999_999}
            self.sprite = (
                client.post("/v1/images/generations", json=body).raise_for_status().json()["data"][0]["sprite_id"]
            )
        self._threads = [threading.Thread(target=self._serve, daemon=True) for _ in range(WRITERS)]

    def __enter__(self) -> People:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._given_up = kind is not None
        self._done.set()
        for thread in self._threads:
            thread.join(SECONDS)

    def _serve(self) -> None:
        with httpx.Client(base_url=self.service.url, timeout=60) as client:
            while not self._done.is_set():
                with self._lock:
                    number = next(self._numbers)
                start = time.monotonic()
                while not self._ask(client, number):
                    time.sleep(0.1)
                    if self._given_up:
                        return
                self.seconds.append(time.monotonic() - start)

    def _ask(self, client: httpx.Client, number: int) -> bool:
        if number % 2:
            path, body = "/v1/feedback", {"sprite_id": self.sprite, "event": "view", "seconds": number % 86_400}
        else:
            path, body = (
                "/v1/images/generations",
                {"prompt": "a key", "size": "16x16", "steps": 4, "seed": number, "check": False},
            )
        status = 0
        with contextlib.suppress(httpx.TransportError):
            answer = client.post(path, json=body, headers={"Idempotency-Key": f"number {number}"})
            status = answer.status_code
        if status not in (200, 201):
            self.refused[status] += 1
            return False
        told = answer.json()
        self.kept[number] = told["id"] if number % 2 else told["data"][0]["sprite_id"]
        self.last = time.monotonic()
        return True

    def more(self, count: int) -> float:
        """Wait until so many more were acknowledged; the seconds until the first of them."""
        start, before = time.monotonic(), len(self.kept)
        soon(lambda: len(self.kept) > before, "a request is answered again")
        first = self.last - start
        soon(lambda: len(self.kept) >= before + count, f"{count} requests are answered")
        return max(0.0, first)

    def prove(self) -> tuple[int, int]:
        """(acknowledged and not there, there twice), once all have ended."""
        with self.service.database() as db:
            user = db.users.ensure("local")
            assert db.check().problems == ()
            feedback = list(db.feedback.each(user, "event"))
            sprites, before = [], None
            while page := db.sprites.list(user, 500, before):
                sprites += page
                before = page[-1].id
        there = {row.id for row in feedback} | {row.id for row in sprites}
        numbers = Counter(int(row.seconds or 0) for row in feedback if row.event == "view")
        seeds = Counter(row.seed for row in sprites if row.source == "generated")
        lost = sum(identity not in there for identity in self.kept.values())
        return lost, sum(count - 1 for counts in (numbers, seeds) for count in counts.values())
