"""What a second Ray Serve replica brings: pictures a second of one and of two single-thread replicas behind the same API.

    .venv/bin/python benchmarks/replicas.py           writes benchmarks/replicas.json and prints its table of docs/scale.md

Both services stand on one Ray and take turns, each drawing the same requests from as many clients; the released weights with their
check. A machine that others use gives a service less than a core a replica: `cores` says what the replicas got, `others` what the
rest of the machine took meanwhile.
"""

from __future__ import annotations

import argparse
import os
import platform
import socket
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import psutil

from pixelmind.files import write_json
from pixelmind.serving.config import Config
from pixelmind.serving.replicas import Scale, application, serving
from pixelmind.training import cluster

OUT = Path(__file__).with_name("replicas.json")
PROMPTS = ("a red key", "a green slime with a crown", "a wooden shield", "a castle at night")


def replicas() -> list[psutil.Process]:
    """The replicas of the service that was started here last come last."""
    found = [p for p in psutil.Process().children(recursive=True) if "ServeReplica" in " ".join(p.cmdline())]
    return sorted(found, key=lambda p: p.create_time())


def spent(processes: list[psutil.Process]) -> float:
    """CPU seconds of processes so far."""
    return sum(sum(p.cpu_times()[:2]) for p in processes)


def busy() -> float:
    """CPU seconds of the whole machine so far, low priority and stolen ones too."""
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system + times.irq + times.softirq + times.steal)


def round_of(
    url: str, processes: list[psutil.Process], asked: dict[str, Any], clients: int, requests: int
) -> dict[str, float]:
    """Ask so often from so many clients at once."""
    limits = httpx.Limits(max_connections=clients)
    with httpx.Client(base_url=url, timeout=600, limits=limits) as client, ThreadPoolExecutor(clients) as pool:

        def ask(i: int) -> float:
            start = time.monotonic()
            body = {**asked, "prompt": PROMPTS[i % len(PROMPTS)], "seed": i}
            client.post("v1/images/generations", json=body).raise_for_status()
            return time.monotonic() - start

        ours, everyone, start = spent(processes), busy(), time.monotonic()
        seconds = list(pool.map(ask, range(requests)))
        wall = time.monotonic() - start
    ours, everyone = spent(processes) - ours, busy() - everyone
    return {
        "pictures_per_second": round(requests * asked["n"] / wall, 3),
        "p50_s": round(statistics.median(seconds), 2),
        "cores": round(ours / wall, 2),
        "others": round((everyone - ours) / wall, 2),
        "cpu_s_a_picture": round(ours / requests / asked["n"], 4),
    }


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """All rounds of one and of two replicas, in turn."""
    from ray import serve

    with tempfile.TemporaryDirectory() as home, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        config = Config(home=Path(home), port=port, threads=1, online=False)
        with cluster.connected(3), serving(config, Scale(2, 2), log=False) as url:
            two = replicas()
            serve.run(application(replace(config), Scale(1, 1), False), name="one", route_prefix="/one")
            one = [p for p in replicas() if p.pid not in {q.pid for q in two}]
            services = {1: (f"{url}/one/", one), 2: (f"{url}/", two)}
            asked = {"size": f"{args.size}x{args.size}", "n": args.n}
            rounds: dict[int, list[dict[str, float]]] = {1: [], 2: []}
            for number in range(args.rounds + 1):
                for count, (address, processes) in services.items():
                    requests = args.requests if number else args.clients
                    found = round_of(address, processes, asked, args.clients, requests)
                    if number:  # the first is warm-up
                        rounds[count].append(found)
                        print(count, found, flush=True)
    ratios = [b["pictures_per_second"] / a["pictures_per_second"] for a, b in zip(rounds[1], rounds[2])]
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "asked": asked | {"clients": args.clients, "requests": args.requests},
        "one": rounds[1],
        "two": rounds[2],
        "ratios": [round(r, 2) for r in ratios],
        "ratio": round(statistics.median(ratios), 2),
        "with_a_core_each": round(
            statistics.median(map(per_core, rounds[2])) / statistics.median(map(per_core, rounds[1])) * 2, 2
        ),
    }


def per_core(found: dict[str, float]) -> float:
    """Pictures a second of a core that a service had to itself."""
    return found["pictures_per_second"] / found["cores"]


def table(found: dict[str, Any]) -> str:
    """The table of docs/scale.md."""
    rows = [
        "| replicas | pictures a second | cores they got | CPU seconds a picture | p50 of a request |",
        "|--:|--:|--:|--:|--:|",
    ]
    for count, name in ((1, "one"), (2, "two")):
        middle = {key: statistics.median(r[key] for r in found[name]) for key in found[name][0]}
        speed, cores, cpu = middle["pictures_per_second"], middle["cores"], middle["cpu_s_a_picture"]
        rows.append(f"| {count} | {speed:.2f} | {cores:.2f} | {cpu:.3f} | {middle['p50_s']:.1f} s |")
    ratios = ", ".join(f"{r:.2f}" for r in found["ratios"])
    told = (
        f"two over one, round by round: {ratios}; by the cores they got, with one each: {found['with_a_core_each']:.2f}"
    )
    return "\n".join([*rows, "", told])


def main() -> None:
    """Measure, keep, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("-n", type=int, default=4, help="pictures a request")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--requests", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=5)
    os.environ["RAY_worker_niceness"] = "0"  # noqa: SIM112  (Ray's own 15 gives way to whatever else runs here)
    found = measure(parser.parse_args())
    write_json(OUT, found)
    print(table(found))


if __name__ == "__main__":
    main()
