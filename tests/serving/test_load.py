"""Many clients at once, and many requests one after another, against a real server with a small local generator."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psutil
import pytest
from service_parts import Running, serving

from pixelmind.generator.denoiser import Condition
from pixelmind.generator.pipeline import PixelPipeline
from pixelmind.generator.stepper import Stepper
from pixelmind.records import Conditioning, GenerationRequest
from pixelmind.serving.engine import Engine

CLIENTS = 32
PROMPTS = ("a key", "a green slime with a crown and a long red cape", "a shield", "an oak tree in autumn")


def body(i: int, steps: int = 2) -> dict[str, Any]:
    more = {"palette": "pico-8"} if i % 3 == 0 else {}
    return {"prompt": PROMPTS[i % len(PROMPTS)], "size": "16x16", "seed": i, "steps": steps, **more}


@pytest.fixture
def busy(make_service: Any, tiny_pipe: PixelPipeline) -> Iterator[tuple[Running, Engine, str]]:
    engine = Engine(tiny_pipe, max_batch=16)
    service = make_service(engine=engine)
    with serving(service.app) as url:
        yield service, engine, url
    engine.close()


def test_many_clients_share_batches_and_get_their_own_pictures(busy):
    service, engine, url = busy
    with httpx.Client(base_url=url, timeout=120) as client:
        alone = [client.post("/v1/images/generations", json=body(i)).json()["data"][0]["b64_json"] for i in range(8)]
    before, start = engine.stats(), time.perf_counter()
    seconds: list[float] = []

    def one(client_number: int) -> list[tuple[int, int, str]]:
        found = []
        with httpx.Client(base_url=url, timeout=120) as client:
            for i in range(client_number, 3 * CLIENTS, CLIENTS):
                sent = time.perf_counter()
                answer = client.post("/v1/images/generations", json=body(i % 8))
                seconds.append(time.perf_counter() - sent)
                found.append((i % 8, answer.status_code, answer.json()["data"][0]["b64_json"]))
        return found

    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = [answer for found in pool.map(one, range(CLIENTS)) for answer in found]
    whole = time.perf_counter() - start
    assert len(answers) == 3 * CLIENTS
    assert all(status == 200 and picture == alone[i] for i, status, picture in answers)
    after = engine.stats()
    assert after.images - before.images == 3 * CLIENTS
    assert after.batches - before.batches <= 3 * CLIENTS / 4
    assert (after.queued, after.running, after.cancelled) == (0, 0, 0)
    service_time = whole / (3 * CLIENTS)
    p95 = statistics.quantiles(seconds, n=20)[-1]
    assert (
        p95 <= 1.5 * CLIENTS * service_time
    )  # never more than the queue before it, and half of that for the noise of the machine
    assert len(service.db.sprites.list(service.db.users.ensure("local"), limit=200)) == 3 * CLIENTS + 8


def test_a_drawing_leaves_nothing_for_the_collector(tiny_pipe):
    asked = GenerationRequest(conditioning=Conditioning(prompt="a key", height=24, width=24), num_inference_steps=2)
    gc.collect()
    gc.disable()
    try:
        tiny_pipe.generate_batch([asked])
        left = [found for found in gc.get_objects() if type(found) in (Stepper, Condition)]
    finally:
        gc.enable()
    assert left == []  # a ring would hold their tensors until a full collection, which hardly ever comes


def grown(url: str, requests: int) -> float:
    """MiB that this process holds more at the end of `requests` requests than after the first third."""
    process, at = psutil.Process(), 0.0
    with httpx.Client(base_url=url, timeout=120) as client:
        for i in range(requests):
            client.post("/v1/images/generations", json=body(i, steps=1)).raise_for_status()
            if i == requests // 3:
                at = process.memory_info().rss
    return float(process.memory_info().rss - at) / 2**20


def test_memory_stays_where_it_is(busy):
    assert grown(busy[2], 150) < 24


@pytest.mark.slow
def test_memory_stays_where_it_is_over_two_thousand_requests(busy):
    assert grown(busy[2], 2000) < 24
