"""How fast and how steady the service is: what the API adds to the engine, what batching gains, memory over time, and the start.

    .venv/bin/python benchmarks/serving.py            writes benchmarks/serving.json and prints the table of docs/api.md

A real server (`pixelmind serve`'s app behind uvicorn) and real clients on one machine, with the released weights and their check. On a shared machine
seconds say little, so variants take turns in rounds and are compared within a round; processor seconds stand beside the clock's.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil

from pixelmind.files import write_json
from pixelmind.generator.pipeline import PixelPipeline, load
from pixelmind.quality.inspector import load_inspector
from pixelmind.records import Conditioning, GenerationRequest
from pixelmind.serving.app import create_app
from pixelmind.serving.config import Config
from pixelmind.serving.engine import Engine

OUT = Path(__file__).with_name("serving.json")
PROMPTS = (
    "a red key",
    "a green slime with a crown",
    "a wooden shield",
    "a castle at night",
    "a blue potion",
    "an oak tree",
)
CLIENTS = 32


@contextmanager
def served(engine: Engine, folder: Path) -> Iterator[str]:
    """The app on a free port, in this process; its address."""
    import uvicorn

    app = create_app(Config(home=folder), engine=engine)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


def asked(i: int, size: int, steps: int | None) -> GenerationRequest:
    """Request i of a run."""
    conditioning = Conditioning(prompt=PROMPTS[i % len(PROMPTS)], height=size, width=size)
    return GenerationRequest(conditioning=conditioning, seed=i, num_inference_steps=steps)


def body(i: int, size: int, steps: int | None) -> dict[str, Any]:
    """The same request as JSON."""
    return {"prompt": PROMPTS[i % len(PROMPTS)], "size": f"{size}x{size}", "seed": i, "steps": steps}


def quantiles(seconds: list[float]) -> dict[str, float]:
    """p50 and p95 in milliseconds."""
    ordered = sorted(1000 * s for s in seconds)
    return {"p50_ms": round(statistics.median(ordered), 2), "p95_ms": round(ordered[int(0.95 * (len(ordered) - 1))], 2)}


def overhead(engine: Engine, url: str, rounds: int) -> dict[str, Any]:
    """What HTTP, validation, the database and the encoding add: each round asks the engine and then the API for the same picture.

    The API's time minus the time that the job itself took in the engine (waiting and drawing), request by request.
    """
    alone, whole, added, cpu = [], [], [], []
    with httpx.Client(base_url=url, timeout=120) as client:
        for i in range(rounds + 3):
            start, work = time.perf_counter(), time.process_time()
            engine.submit(asked(i, 16, None)).result()
            direct, direct_cpu = time.perf_counter() - start, time.process_time() - work
            start, work = time.perf_counter(), time.process_time()
            client.post("/v1/images/generations", json=body(i, 16, None)).raise_for_status()
            api, api_cpu = time.perf_counter() - start, time.process_time() - work
            if i >= 3:
                alone.append(direct)
                whole.append(api)
                added.append(api - (engine.stats().last or 0.0))
                cpu.append(api_cpu - direct_cpu)
    return {
        "engine": quantiles(alone),
        "api": quantiles(whole),
        "added": quantiles(added),
        "added_cpu_with_client": quantiles(cpu),
        "requests": rounds,
    }


def burst(url: str, size: int) -> None:
    """In a process of its own: `CLIENTS` clients that ask once each, together; prints the seconds of all, of each, and failed ones."""
    clients = [httpx.Client(base_url=url, timeout=600) for _ in range(CLIENTS)]
    for client in clients:
        client.get("/healthz")
    gate = threading.Barrier(CLIENTS + 1)

    def one(i: int) -> tuple[float, bool]:
        gate.wait()
        start = time.perf_counter()
        answer = clients[i].post("/v1/images/generations", json=body(i, size, None))
        return time.perf_counter() - start, answer.status_code != 200

    with ThreadPoolExecutor(CLIENTS) as pool:
        waiting = [pool.submit(one, i) for i in range(CLIENTS)]
        gate.wait()
        start = time.perf_counter()
        found = [w.result() for w in waiting]
    whole = time.perf_counter() - start
    print(json.dumps({"seconds": whole, "each": [t for t, _ in found], "failed": sum(wrong for _, wrong in found)}))


def _burst(url: str, size: int) -> dict[str, Any]:
    command = [sys.executable, __file__, "--burst", url, str(size)]
    found: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found


def concurrent(pipe: PixelPipeline, folder: Path, size: int, rounds: int) -> dict[str, Any]:
    """32 clients, batches of up to 16 against none, in turns; processor seconds of the service alone (clients are another process)."""
    engines = {
        "batched": Engine(pipe, 16, inspector=load_inspector()),
        "unbatched": Engine(pipe, 1, window_ms=0, inspector=load_inspector()),
    }
    found: dict[str, list[dict[str, float]]] = {name: [] for name in engines}
    failed = 0
    for _ in range(rounds):
        for name, engine in engines.items():
            with served(engine, folder) as url:
                cpu = time.process_time()
                ran = _burst(url, size)
                cpu = time.process_time() - cpu
            failed += ran["failed"]
            p95 = sorted(ran["each"])[int(0.95 * (CLIENTS - 1))]
            # queue length x service time a picture = CLIENTS x (seconds / CLIENTS)
            found[name].append({"seconds": ran["seconds"], "cpu": cpu, "p95_over_queue_time": p95 / ran["seconds"]})
    for engine in engines.values():
        engine.close()
    pairs = list(zip(found["batched"], found["unbatched"]))
    return {
        "size": size,
        "clients": CLIENTS,
        "rounds": rounds,
        "failed": failed,
        "throughput_ratio": round(statistics.median(b["seconds"] / a["seconds"] for a, b in pairs), 3),
        "cpu_ratio": round(statistics.median(b["cpu"] / a["cpu"] for a, b in pairs), 3),
        "batched_cpu_seconds_per_picture": round(statistics.median(a["cpu"] for a, _ in pairs) / CLIENTS, 4),
        "p95_over_queue_time": round(max(a["p95_over_queue_time"] for a, _ in pairs), 3),
    }


def memory(engine: Engine, url: str, requests: int) -> dict[str, Any]:
    """Resident memory of this process while 16x16 sprites of one step are asked for, in tenths of the run."""
    process, seen = psutil.Process(), []
    with httpx.Client(base_url=url, timeout=120) as client:
        for i in range(requests):
            client.post("/v1/images/generations", json=body(i, 16, 1)).raise_for_status()
            if (i + 1) % max(1, requests // 10) == 0:
                seen.append(round(process.memory_info().rss / 2**20, 1))
    half = seen[len(seen) // 2 :]
    return {"requests": requests, "mib": seen, "growth_of_second_half_mib": round(half[-1] - half[0], 1)}


def restart(folder: Path, times: int) -> dict[str, Any]:
    """From `pixelmind serve` to /readyz 200: seconds of the clock, and of the processor in the new process."""
    seconds, cpu = [], []
    for _ in range(times):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, "-m", "pixelmind.cli", "serve", "--no-log", "--port", str(port)]
        start = time.perf_counter()
        program = subprocess.Popen(
            command,
            env={**os.environ, "PIXELMIND_HOME": str(folder)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            while True:
                try:
                    if httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == 200:
                        break
                except httpx.TransportError:
                    pass
                time.sleep(0.05)
            seconds.append(time.perf_counter() - start)
            times_of = psutil.Process(program.pid).cpu_times()
            cpu.append(times_of.user + times_of.system)
        finally:
            program.terminate()
            program.wait(30)
    return {"ready_seconds": round(min(seconds), 2), "cpu_seconds": round(min(cpu), 2), "times": times}


def main() -> None:
    """Measure all of it, or what is named, and keep it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("overhead", "concurrent", "memory", "restart"), action="append")
    parser.add_argument("--burst", nargs=2, metavar=("URL", "SIZE"), help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", type=int, nargs="+", default=[16, 32, 64])
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--threads", type=int, default=int(os.environ.get("OMP_NUM_THREADS", "2")))
    arguments = parser.parse_args()
    if arguments.burst:
        burst(arguments.burst[0], int(arguments.burst[1]))
        return
    wanted = arguments.only or ["restart", "overhead", "concurrent", "memory"]
    found: dict[str, Any] = json.loads(OUT.read_text()) if OUT.is_file() else {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pipe = load(threads=arguments.threads)
        found["about"] = {
            "weights": pipe.bundle.id,
            "machine": platform.machine(),
            "cores": os.cpu_count(),
            "threads": arguments.threads,
        }
        found["about"]["load"] = round(os.getloadavg()[0], 1)

        def measured(part: str, work: Callable[[], Any]) -> None:
            if part in wanted:
                found[part] = work()
                print(part, json.dumps(found[part]), flush=True)
                write_json(OUT, found)

        measured("restart", lambda: restart(folder / "restart", 3))
        measured(
            "concurrent", lambda: [concurrent(pipe, folder / "c", size, arguments.rounds) for size in arguments.sizes]
        )
        engine = Engine(pipe, inspector=load_inspector())
        with served(engine, folder / "one") as url:
            measured("overhead", lambda: overhead(engine, url, 40 * arguments.rounds // 3))
            measured("memory", lambda: memory(engine, url, arguments.requests))
        engine.close()


if __name__ == "__main__":
    main()
