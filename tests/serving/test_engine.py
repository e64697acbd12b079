"""The engine: batches, bytes that do not depend on them, giving up, progress, bounds."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from pixelmind.errors import BadInput
from pixelmind.generator.pipeline import PixelPipeline, load
from pixelmind.pixels import palettes
from pixelmind.records import Conditioning, GenerationRequest, GenerationResult, Sprite
from pixelmind.serving.batching import bucket_of
from pixelmind.serving.engine import Busy, Cancelled, Engine, EngineClosed, Job, QueueFull


def asked(
    prompt: str = "a disc", size: tuple[int, int] = (16, 16), steps: int = 2, seed: int = 0, n: int = 1, **more: object
) -> GenerationRequest:
    conditioning = Conditioning(prompt=prompt, height=size[0], width=size[1], **more)
    return GenerationRequest(conditioning=conditioning, seed=seed, num_images=n, num_inference_steps=steps)


def equal(a: Sprite, b: Sprite) -> bool:
    masks = (a.mask is None) == (b.mask is None) and (a.mask is None or np.array_equal(a.mask, b.mask))
    return masks and np.array_equal(a.indices, b.indices) and np.array_equal(a.palette, b.palette)


def same(a: GenerationResult, b: GenerationResult) -> bool:
    return a.seeds == b.seeds and all(map(equal, a.sprites, b.sprites))


class Gate:
    """Work that holds the engine's thread until it is opened, so that a test can fill the queue."""

    def __init__(self, engine: Engine) -> None:
        self._open, self._reached = threading.Event(), threading.Event()
        self.job = engine.submit_work(self._wait)
        assert self._reached.wait(10)

    def _wait(self) -> None:
        self._reached.set()
        assert self._open.wait(30)

    def open(self) -> None:
        self._open.set()


@pytest.fixture
def engine(tiny_pipe: PixelPipeline) -> Iterator[Engine]:
    engine = Engine(tiny_pipe, max_batch=8, max_queue=24)
    yield engine
    engine.close()


def test_alone_and_in_batches_the_same_bytes(engine):
    shown = engine.submit(asked("a reference", (24, 24), n=2)).result(60).sprites
    requests = [
        asked("a disc", (16, 16), seed=1),
        asked("a rather long description of a blue disc with a golden rim and a shadow", (16, 16), seed=2),
        asked("a disc", (16, 16), seed=3, palette=palettes.get("pico-8")),
        asked("two discs on a table", (16, 16), seed=4, palette=palettes.get("gameboy"), negative="a red wall"),
        asked("a key", (16, 16), seed=5, references=shown),
        asked("a key", (16, 16), seed=6, n=3),
        asked("a castle", (48, 24), seed=7),
        asked("a tower", (48, 24), seed=8, palette=palettes.get("nes")),
        asked("a tile", (32, 32), seed=9, seamless=True),
        asked("a tile of grass", (32, 32), seed=10, seamless=True),
    ]
    alone = [engine.submit(request).result(60) for request in requests]
    before = engine.stats().batches
    gate = Gate(engine)
    jobs = [engine.submit(request) for request in reversed(requests)]
    gate.open()
    together = [job.result(60) for job in reversed(jobs)]
    assert all(same(a, b) for a, b in zip(alone, together))
    assert engine.stats().batches - before == 3  # one a bucket
    assert len({s.indices.tobytes() for result in alone for s in result.sprites}) > 8  # they do differ


def test_buckets_hold_what_shares_every_network_call():
    first = bucket_of(asked())
    assert bucket_of(asked("other words", (12, 9), seed=3)) == first
    assert bucket_of(asked(steps=3)) != first
    assert bucket_of(asked(size=(24, 24))) != first
    assert bucket_of(asked(size=(24, 24))) == bucket_of(asked(size=(20, 23)))
    assert bucket_of(asked(size=(24, 24), seamless=True)) != bucket_of(asked(size=(20, 24), seamless=True))


def test_a_waiting_job_is_given_up_at_once(engine):
    gate = Gate(engine)
    job, kept = engine.submit(asked(seed=1)), engine.submit(asked(seed=2))
    job.cancel()
    assert job.done
    with pytest.raises(Cancelled):
        job.result(0)
    gate.open()
    assert kept.result(30).seeds == (2,)
    assert engine.stats().cancelled == 1


def test_a_running_job_ends_before_its_next_step(engine):
    steps: list[int] = []
    job: list[Job] = []
    started = threading.Event()

    def on_progress(level: int, step: int, of: int, preview: Sprite | None) -> None:
        steps.append(step)
        started.wait(10)
        job[0].cancel()

    job.append(engine.submit(asked(steps=50), on_progress))
    started.set()
    with pytest.raises(Cancelled):
        job[0].result(30)
    assert len(steps) == 1


def test_a_batch_goes_on_for_those_who_still_wait(engine):
    gate = Gate(engine)
    jobs: list[Job] = []
    jobs.append(engine.submit(asked(seed=1, steps=6), lambda *_: jobs[0].cancel()))
    jobs.append(engine.submit(asked(seed=2, steps=6)))
    gate.open()
    assert same(jobs[1].result(30), engine.submit(asked(seed=2, steps=6)).result(30))


def test_progress_comes_with_previews_of_each_level(engine):
    seen: list[tuple[int, int, int, Sprite | None]] = []
    palette = palettes.get("pico-8")
    job = engine.submit(asked(size=(72, 80), steps=4, palette=palette, n=2), lambda *step: seen.append(step))
    result = job.result(120)
    previews = [(level, s) for level, _, _, s in seen if s is not None]
    assert [level for level, _ in previews] == [16, 64, 256]
    assert [max(s.indices.shape) for _, s in previews] == [16, 64, 80]
    assert previews[-1][1].indices.shape == result.sprites[0].indices.shape
    allowed = {tuple(c) for c in palette.colors}
    assert all({tuple(c[:3]) for c in s.palette[s.palette[:, 3] == 255]} <= allowed for _, s in previews)
    steps = [(level, step) for level, step, _, s in seen if s is None]
    assert steps == sorted(set(steps))
    assert all(step < of for _, step, of, _ in seen)


def test_other_work_runs_in_the_same_thread_and_reports_what_it_draws(engine):
    names = {engine.run(lambda: threading.current_thread().name) for _ in range(2)}
    assert names == {"pixelmind-engine"}
    seen: list[int] = []
    pipe = engine.pipe
    job = engine.submit_work(lambda: pipe.generate_batch([asked(steps=3)]), lambda level, step, *_: seen.append(step))
    (drawn,) = job.result(30)
    assert seen == [0, 1, 2, 2]
    assert same(drawn, engine.submit(asked(steps=3)).result(30))
    assert pipe.on_step is None
    with pytest.raises(ZeroDivisionError):
        engine.run(lambda: 1 // 0)
    assert engine.run(max, 3, 5) == 5


def test_given_up_work_ends_before_its_next_step(engine):
    pipe, job = engine.pipe, []
    work = lambda: pipe.generate_batch([asked(steps=50)])  # noqa: E731
    job.append(engine.submit_work(work, lambda *_: job[0].cancel()))
    with pytest.raises(Cancelled):
        job[0].result(30)


def test_bad_requests_are_told_at_once_and_spoil_no_batch(tiny_weights):
    slow = Engine(lambda: (time.sleep(0.3), load(tiny_weights, threads=1))[1])
    try:
        bad, good = slow.submit(asked(style="no such style")), slow.submit(asked())
        with pytest.raises(BadInput, match="unknown style"):
            bad.result(30)
        assert len(good.result(30).sprites) == 1
        with pytest.raises(BadInput, match="out of range"):
            slow.submit(asked(size=(16, 999)))
    finally:
        slow.close()


def test_of_a_batch_that_fails_only_those_fail_that_cannot_be_drawn(engine, monkeypatch):
    pipe, drawn = engine.pipe, []

    def generate(requests, *told):
        drawn.append([r.seed for r in requests])
        if any(r.seed == 2 for r in requests):
            raise MemoryError("no room for this one")
        return PixelPipeline.generate_batch(pipe, requests, *told)

    alone = engine.submit(asked(seed=3)).result(30)
    monkeypatch.setattr(pipe, "generate_batch", generate)
    gate = Gate(engine)
    jobs = [engine.submit(asked(seed=seed)) for seed in (1, 2, 3)]
    gate.open()
    with pytest.raises(MemoryError):
        jobs[1].result(30)
    assert jobs[0].result(30).seeds == (1,)
    assert same(jobs[2].result(30), alone)
    assert drawn == [[1, 2, 3], [1], [2], [3]]
    assert engine.submit(asked(seed=4)).result(30).seeds == (4,)


def test_the_queue_is_bounded(engine):
    gate = Gate(engine)
    jobs = [engine.submit(asked(seed=i, n=8)) for i in range(3)]
    with pytest.raises(QueueFull, match="24 pictures wait") as full:
        engine.submit(asked())
    assert full.value.retry_after >= 1
    assert engine.stats().queued == 24
    jobs[0].cancel()
    more = engine.submit(asked(n=8))
    gate.open()
    assert len(more.result(60).sprites) == 8


def test_closing_gives_up_what_waits_and_runs(tiny_pipe):
    engine = Engine(tiny_pipe)
    running = threading.Event()
    first = engine.submit(asked(steps=100), lambda *_: running.set())
    assert running.wait(10)
    second = engine.submit(asked(size=(32, 32)))
    engine.close()
    for job in (first, second):
        with pytest.raises((Cancelled, EngineClosed)):
            job.result(1)
    with pytest.raises(EngineClosed):
        engine.submit(asked())


def test_weights_that_cannot_be_loaded_are_told(tmp_path):
    engine = Engine(lambda: load(tmp_path / "nothing"))
    with pytest.raises(Busy, match="could not be loaded"):
        engine.wait_ready(10)
    with pytest.raises(Busy, match="could not be loaded"):
        engine.submit(asked()).result(10)
    assert not engine.ready
    assert isinstance(engine.failure, BadInput)
    engine.close()
