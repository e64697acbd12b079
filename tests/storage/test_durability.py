"""What was acknowledged is there after kill -9, and nothing is there twice: a real process, killed in the middle of its writes.

Each write bears an idempotency key; after each kill a new process is given all that was not acknowledged, as a client would send it
again. On PostgreSQL the server itself crashes, too, in the long version.
"""

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from pixelmind.storage import Database

BURST = Path(__file__).with_name("burst.py")


def burst(url, user, sprite, numbers, stop_after, kill) -> dict[int, str]:
    """Run the process over `numbers`; after `stop_after` acknowledged ones `kill` it (None: let it end). What it acknowledged."""
    process = subprocess.Popen(
        [sys.executable, str(BURST), url, user, sprite], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )  # fmt: skip
    with process:
        process.stdin.write("\n".join(map(str, numbers)))
        process.stdin.close()
        lines = []
        for line in process.stdout:
            lines.append(line)
            if kill and len(lines) == stop_after:
                kill(process)
        said = process.stderr.read()
    assert kill or process.returncode == 0, said
    return {int(number): identity for number, identity in (line.split() for line in lines if line.endswith("\n"))}


def prove(url, drawn, writes: int, kills: int, crash=None) -> str:
    """Do `writes` under `kills` and check every row; the figures in one line."""
    rng = random.Random(writes)
    with Database(url) as db:
        db.upgrade()
        user = db.users.ensure("ada")
        sprite = db.sprites.add(user, drawn())
    acknowledged: dict[int, str] = {}
    killed, start = Counter(), time.monotonic()

    def kill(process) -> None:
        time.sleep(rng.random() * 0.02)  # anywhere in a write
        if crash is not None and killed["process"] % 5 == 4:
            crash()
            killed["server"] += 1
        process.send_signal(signal.SIGKILL)
        killed["process"] += 1

    for round_ in range(kills + 1):
        rest = [n for n in range(writes) if n not in acknowledged]
        last = round_ == kills
        stop_after = max(1, len(rest) // (kills - round_ + 1) - 4) if not last else 0
        found = burst(url, user.id, sprite.id, rest, stop_after, None if last else kill)
        assert not set(found) & set(acknowledged)
        acknowledged |= found
    seconds = time.monotonic() - start
    with Database(url) as db:
        assert db.check().problems == ()
        rows = list(db.feedback.each(user))
        by_number = Counter(row.details["number"] for row in rows)
        stored = {row.details["number"]: row.id for row in rows}
    lost = [n for n, identity in acknowledged.items() if stored.get(n) != identity]
    twice = [n for n, count in by_number.items() if count > 1]
    assert (lost, twice) == ([], [])
    assert set(acknowledged) == set(stored) == set(range(writes))
    assert killed["process"] == kills
    return f"{writes} writes, {kills} kills, {killed['server']} server crashes, 0 lost, 0 twice, {seconds:.0f} s"


@pytest.fixture
def durable(kind, request, tmp_path):
    """The URL of an empty database that syncs, and how to crash its server (None: it has none)."""
    if kind == "sqlite":
        return f"sqlite:///{tmp_path / 'pixelmind.db'}", None
    cluster = request.getfixturevalue("own_cluster")

    def crash() -> None:
        cluster.stop(signal.SIGQUIT)
        cluster.start()

    return cluster.url(cluster.create()), crash


def test_killed_3_times_in_90_writes(durable, drawn):
    print(prove(durable[0], drawn, writes=90, kills=3))


@pytest.mark.slow
def test_killed_20_times_in_1000_writes(durable, drawn):
    print(prove(*durable[:1], drawn, writes=1_000, kills=20, crash=durable[1]))
