"""A service under steady load for half an hour: does its memory grow, do its answers get slower, does anything fail?

    .venv/bin/python benchmarks/soak.py                 30 minutes; writes benchmarks/soak.json, exit code 1 where a bound is broken
    .venv/bin/python benchmarks/soak.py --minutes 4

`pixelmind serve` as it is, in a process of its own, with checks and online learning. Requests are due at fixed times and go round a fixed
list: drawings of 16, 32 and 64 px, an edit, a turn of a dialogue, feedback, a list, a picture, /metrics. First come 60 verdicts, so that a
taste is learned, and the warm-up, a sixth of the time at full speed; the rest is cut into five parts of the same requests. Bounds: resident
memory, last part over first, grows by less than 2 %; each part's p95 lies within 10 % of that of all parts; no request fails. The process
that learns from use is a figure of its own: it is there only while people react.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import psutil
from fault_service import HERE, Service

from pixelmind.files import write_json

OUT = HERE / "soak.json"
PROMPTS = ("a red key", "a green slime with a crown", "a wooden shield", "a blue potion", "an oak tree", "a castle")
PARTS = 5
GROWTH, SPREAD = 0.02, 0.10


@dataclass
class Load:
    """Requests sent by `clients` threads, at first one after another, so that all of them meet, then due every `period` seconds.

    `seen`: (due after the start, kind, seconds, status).
    """

    url: str
    period: float
    clients: int = 2
    seen: list[tuple[float, str, float, int]] = field(default_factory=list)

    def teach(self, verdicts: int = 60) -> None:
        """Let a taste with weights of its own be learned first: loading it is one step of memory, not growth. The home is thrown away after
        the run, so nothing of it is ever taken for what people said."""
        with httpx.Client(base_url=self.url, timeout=120) as client:
            for i in range(verdicts):
                sprite = self._draw(client, 20_000_000 + i, 16).json()["data"][0]["sprite_id"]
                body = {"sprite_id": sprite, "verdict": "reject" if i % 3 else "approve"}
                client.post("/v1/feedback", json=body).raise_for_status()
            until = time.monotonic() + 300
            while client.get("/v1/account/online").json()["learning"] and time.monotonic() < until:
                time.sleep(1)
            self._draw(client, 30_000_000, 64).raise_for_status()

    def run(self, warm: float, seconds: float) -> None:
        """Send for so long, at full speed until `warm`."""
        numbers, start, lock = count(), time.monotonic(), threading.Lock()
        paced = 0

        def serve() -> None:
            nonlocal paced
            with httpx.Client(base_url=self.url, timeout=60) as client:
                sprite = self._draw(client, 10_000_000, 16).json()["data"][0]["sprite_id"]
                session = client.post("/v1/sessions", json={"candidates": 1}).json()["id"]
                while True:
                    with lock:
                        number, due = next(numbers), time.monotonic() - start
                        if due >= warm:
                            due = warm + paced * self.period
                            number, paced = paced, paced + 1
                    if due >= seconds:
                        return
                    time.sleep(max(0.0, start + due - time.monotonic()))
                    kind, began = KINDS[number % len(KINDS)], time.monotonic()
                    try:
                        answer = self._ask(client, kind, number, sprite, session)
                        status = answer.status_code
                        if kind == "draw 16":
                            sprite = answer.json()["data"][0]["sprite_id"]
                        if kind == "turn" and number % 200 < len(KINDS):
                            session = client.post("/v1/sessions", json={"candidates": 1}).json()["id"]
                    except (httpx.HTTPError, KeyError, ValueError):
                        status = 0
                    self.seen.append((due, kind, time.monotonic() - began, status))

        threads = [threading.Thread(target=serve) for _ in range(self.clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _draw(self, client: httpx.Client, number: int, size: int) -> httpx.Response:
        body = {"prompt": PROMPTS[number % len(PROMPTS)], "size": f"{size}x{size}", "seed": number}
        return client.post("/v1/images/generations", json=body)

    def _ask(self, client: httpx.Client, kind: str, number: int, sprite: str, session: str) -> httpx.Response:
        if kind.startswith("draw"):
            return self._draw(client, number, int(kind.split()[1]))
        if kind == "edit":
            return client.post(f"/v1/sprites/{sprite}/edits", json={"instruction": "make it blue"})
        if kind == "turn":
            text = f"{PROMPTS[number // 7 % len(PROMPTS)]}, 16x16"
            return client.post(f"/v1/sessions/{session}/messages", json={"text": text})
        if kind == "feedback":
            verdict = "approve" if number % 2 else "reject"
            return client.post("/v1/feedback", json={"sprite_id": sprite, "verdict": verdict})
        paths = {"list": "/v1/sprites", "picture": f"/v1/sprites/{sprite}/image.png", "metrics": "/metrics"}
        return client.get(paths[kind])


KINDS = ("draw 16", "draw 32", "list", "draw 16", "edit", "feedback", "draw 64", "picture", "turn", "metrics")


def watch(pid: int, every: float, stop: threading.Event) -> list[tuple[float, float, float]]:
    """(seconds, MiB of the service, MiB of its processes) until stopped."""
    process, start, found = psutil.Process(pid), time.monotonic(), []
    while not stop.wait(every):
        below = 0.0
        for child in process.children():
            try:
                below += child.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        found.append((time.monotonic() - start, process.memory_info().rss / 2**20, below / 2**20))
    return found


def p95(seconds: list[float]) -> float:
    """In milliseconds."""
    return statistics.quantiles(seconds, n=20, method="inclusive")[-1] * 1000


def figures(load: Load, memory: list[tuple[float, float, float]], seconds: float) -> dict[str, Any]:
    """What the run shows, and which bounds it breaks."""
    warm, part = seconds / 6, seconds * 5 / 6 / PARTS
    inside = lambda moment, i: warm + i * part <= moment < warm + (i + 1) * part  # noqa: E731
    rss = [statistics.median(m for at, m, _ in memory if inside(at, i)) for i in range(PARTS)]
    below = [statistics.median(b for at, _, b in memory if inside(at, i)) for i in range(PARTS)]
    times = [[took for due, _, took, _ in load.seen if inside(due, i)] for i in range(PARTS)]
    whole = p95([took for one in times for took in one])
    parts = [p95(one) for one in times]
    failed = sum(not 200 <= status < 300 for *_, status in load.seen)
    growth, spread = rss[-1] / rss[0] - 1, max(abs(one / whole - 1) for one in parts)
    broken = [
        said
        for wrong, said in (
            (growth >= GROWTH, f"memory grows by {growth:.1%}"),
            (spread > SPREAD, f"p95 differs by {spread:.1%}"),
            (failed > 0, f"{failed} requests failed"),
        )
        if wrong
    ]
    return {
        "minutes": round(seconds / 60, 1),
        "requests": len(load.seen),
        "failed": failed,
        "mib": [round(m, 1) for m in rss],
        "growth": round(growth, 4),
        "learning_process_mib": [round(b, 1) for b in below],
        "p95_ms": [round(one, 1) for one in parts],
        "p95_ms_of_all": round(whole, 1),
        "p95_spread": round(spread, 4),
        "load": round(os.getloadavg()[0], 1),
        "broken": broken,
    }


def main() -> int:
    """Run, write, print; 0 where all bounds hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--period", type=float, default=0.5, help="seconds between requests")
    parser.add_argument("--out", type=Path, default=OUT)
    asked = parser.parse_args()
    seconds = 60 * asked.minutes
    with tempfile.TemporaryDirectory(prefix="soak-") as folder, Service(Path(folder) / "home").running() as service:
        assert service.process is not None
        load = Load(service.url, asked.period)
        load.teach()
        stop, memory = threading.Event(), list[tuple[float, float, float]]()
        pid, every = service.process.pid, max(0.5, seconds / 360)
        watcher = threading.Thread(target=lambda: memory.extend(watch(pid, every, stop)))
        watcher.start()
        load.run(seconds / 6, seconds)
        stop.set()
        watcher.join()
        found = figures(load, memory, seconds)
    write_json(asked.out, found)
    for name, value in found.items():
        print(f"{name}: {value}")
    return int(bool(found["broken"]))


if __name__ == "__main__":
    sys.exit(main())
