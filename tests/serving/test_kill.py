"""Feedback that the API acknowledged is there after kill -9 of the whole service, and nothing is there twice."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from service_parts import blob

from pixelmind.serving.app import open_database
from pixelmind.serving.config import Config

WRITERS = 4


@contextmanager
def program(home: Path, weights: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """`pixelmind serve` in a process of its own, and its address once it lives."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "pixelmind.cli",
        "serve",
        "--no-log",
        "--port",
        str(port),
        "--weights",
        str(weights),
    ]
    environment = {**os.environ, "PIXELMIND_HOME": str(home)}
    environment.pop("PIXELMIND_DATABASE_URL", None)
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        url = f"http://127.0.0.1:{port}"
        try:
            until = time.monotonic() + 120
            while True:
                try:
                    if httpx.get(f"{url}/healthz").status_code == 200:
                        break
                except httpx.TransportError:
                    assert running.poll() is None
                    assert time.monotonic() < until
                    time.sleep(0.05)
            yield running, url
        finally:
            running.kill()


@pytest.mark.slow
def test_killed_in_the_middle_of_feedback(tmp_path: Path, tiny_weights: Path) -> None:
    writes, kills, rng = 300, 5, random.Random(0)
    with open_database(Config(home=tmp_path)) as db:
        user = db.users.ensure("local")
        sprite = db.sprites.add(user, blob()).id
    kept: dict[int, str] = {}

    def write(url: str, numbers: list[int]) -> None:
        with httpx.Client(base_url=url, timeout=60) as client:
            for number in numbers:
                body: dict[str, Any] = {"sprite_id": sprite, "event": "view", "seconds": number}
                try:
                    answer = client.post("/v1/feedback", json=body, headers={"Idempotency-Key": f"write {number}"})
                except httpx.TransportError:
                    return
                assert answer.status_code == 201
                kept[number] = answer.json()["id"]

    for round_ in range(kills + 1):
        rest = [n for n in range(writes) if n not in kept]
        enough = len(kept) + len(rest) // (kills - round_ + 1) - WRITERS
        with program(tmp_path, tiny_weights) as (running, url):
            threads = [threading.Thread(target=write, args=(url, rest[i::WRITERS])) for i in range(WRITERS)]
            for thread in threads:
                thread.start()
            if round_ < kills:
                while len(kept) < enough:
                    time.sleep(0.001)
                time.sleep(rng.random() * 0.02)  # anywhere in a write
                running.send_signal(signal.SIGKILL)
            for thread in threads:
                thread.join()
    with open_database(Config(home=tmp_path)) as db:
        assert db.check().problems == ()
        rows = list(db.feedback.each(user))
    assert {row.seconds: row.id for row in rows} == {float(number): identity for number, identity in kept.items()}
    assert set(kept) == set(range(writes))
    assert max(Counter(row.seconds for row in rows).values()) == 1
