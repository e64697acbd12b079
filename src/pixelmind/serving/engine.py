"""The engine: one thread that owns the networks, a bounded queue, and drawings batched as they come. It knows no HTTP.

Dynamic batching as in Clipper (Crankshaw et al. 2017, sec. 4.3): the first job that waits opens a batch, jobs alike join it until it is
full or its window ends. A picture's bytes depend on its request alone, so that joining a batch never changes them.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

from pixelmind.quality.after import Check
from pixelmind.serving.batching import Bucket, bucket_of
from pixelmind.serving.jobs import Busy, Cancelled, EngineClosed, EngineError, Job, Progress, QueueFull
from pixelmind.serving.progress import Abandoned, Meter, Watch

if TYPE_CHECKING:
    from pixelmind.generator.pipeline import PixelPipeline
    from pixelmind.quality.inspector import QualityInspector
    from pixelmind.records import GenerationRequest, GenerationResult

__all__ = ["Busy", "Cancelled", "Engine", "EngineClosed", "EngineError", "Job", "QueueFull", "Stats"]

T = TypeVar("T")
log = logging.getLogger("pixelmind.serving")
KEPT_TIMES = 512
FIRST_GUESS_SECONDS = 0.5  # a picture's time before one was drawn


@dataclass(frozen=True)
class Stats:
    """What waits, what runs, and what was done since the start; seconds of the last jobs, waiting included."""

    queued: int
    running: int
    images: int
    batches: int
    cancelled: int
    seconds_per_image: float
    p50: float | None
    p95: float | None
    last: float | None = None


def _loaded(pipe: PixelPipeline | Callable[[], PixelPipeline]) -> PixelPipeline:
    """The pipeline given, or the one that a call gives. A pipeline can be called too, and its class would import torch here."""
    given = hasattr(pipe, "generate_batch")
    return cast("PixelPipeline", pipe if given else cast("Callable[[], PixelPipeline]", pipe)())


class Engine:
    """Draws for many callers.

    Args:
        pipe: the loaded pipeline, or how to load it; then the worker loads it, and `ready` tells when it has.
        max_batch: pictures drawn together at most.
        max_queue: pictures that may wait.
        window_ms: how long the first job of a batch waits for others.
        inspector: what checks finished pictures, or how to load it (None where the weights hold no critic); None: nothing does.
    """

    def __init__(
        self,
        pipe: PixelPipeline | Callable[[], PixelPipeline],
        max_batch: int = 16,
        max_queue: int = 256,
        window_ms: float = 4.0,
        inspector: QualityInspector | Callable[[], QualityInspector | None] | None = None,
    ) -> None:
        self.max_batch, self.max_queue, self.window = max_batch, max_queue, window_ms / 1000
        self._load = partial(_loaded, pipe)
        self._pipe: PixelPipeline | None = None
        self._inspector = inspector
        self.meter = Meter()
        self._failure: Exception | None = None
        self._changed = threading.Condition()
        self._queue: deque[Job] = deque()
        self._running: list[Job] = []
        self._loaded, self._closing = threading.Event(), False
        self._images = self._batches = self._cancelled = 0
        self._seconds_per_image = FIRST_GUESS_SECONDS
        self._times: deque[float] = deque(maxlen=KEPT_TIMES)
        self._thread = threading.Thread(target=self._serve, name="pixelmind-engine", daemon=True)
        self._thread.start()

    # ---- for callers -------------------------------------------------------------------------------------------------
    @property
    def ready(self) -> bool:
        """Whether the networks are loaded."""
        return self._pipe is not None and not self._closing

    @property
    def failure(self) -> Exception | None:
        """Why the networks could not be loaded."""
        return self._failure

    def wait_ready(self, timeout: float | None = None) -> PixelPipeline:
        """The pipeline, once it is loaded. Use it in the engine's own thread only (`run`).

        Raises:
            Busy: not loaded in time, or it cannot be.
        """
        if not self._loaded.wait(timeout):
            raise Busy("the networks are still being loaded; try again soon", retry_after=2)
        if self._pipe is None:
            raise Busy(f"the networks could not be loaded: {self._failure}", retry_after=60)
        return self._pipe

    @property
    def pipe(self) -> PixelPipeline:
        """The pipeline; waits until it is loaded."""
        return self.wait_ready()

    def check(self) -> Check | None:
        """A check for one turn or edit, to be used in the engine's thread; None where nothing checks."""
        self.wait_ready()
        return None if self._inspector is None else Check(cast("QualityInspector", self._inspector))

    def submit(self, request: GenerationRequest, on_progress: Progress | None = None, check: bool = True) -> Job:
        """Queue a drawing. `on_progress` is called in the engine's thread. Where there is an inspector and `check` is true the answer is a
        CheckedResult.

        Raises:
            BadInput: the request cannot be drawn (told here where the networks are loaded, else by the job).
            QueueFull: too much waits. EngineClosed: no more work is taken.
        """
        if self._pipe is not None:
            self._pipe.check(request)
        return self._enter(Job(request, on_progress=on_progress, check=check))

    def submit_work(self, work: Callable[[], Any], on_progress: Progress | None = None) -> Job:
        """Queue other work of the networks, done in the engine's thread between drawings; see `submit`. What it draws is told to
        `on_progress`, and giving the job up ends it before its next denoising step."""
        return self._enter(Job(None, work, on_progress))

    def run(self, work: Callable[..., T], *args: Any) -> T:
        """Do other work of the networks (edits, turns of a dialogue) in the engine's thread and wait for it."""
        result: T = self.submit_work(partial(work, *args)).result()
        return result

    def stats(self) -> Stats:
        """Counts and times of now."""
        with self._changed:
            times = np.array(self._times)
            p50, p95 = np.quantile(times, (0.5, 0.95)).tolist() if len(times) else (None, None)
            return Stats(
                sum(job.images for job in self._queue),
                sum(job.images for job in self._running),
                self._images,
                self._batches,
                self._cancelled,
                self._seconds_per_image,
                p50,
                p95,
                self._times[-1] if self._times else None,
            )

    def close(self, timeout: float = 30.0) -> None:
        """Give up what waits and runs, and end the thread."""
        with self._changed:
            self._closing = True
            waiting, self._queue = list(self._queue), deque()
            running = list(self._running)
            self._changed.notify_all()
        for job in waiting:
            job.fail(EngineClosed("the engine was closed"))
        for job in running:
            job.abandoned = True
        self._thread.join(timeout)

    # ---- the queue ---------------------------------------------------------------------------------------------------
    def _enter(self, job: Job) -> Job:
        job._on_cancel = self._cancel
        with self._changed:
            if self._closing:
                raise EngineClosed("the engine is closed")
            waiting = sum(other.images for other in self._queue)
            if waiting + job.images > self.max_queue:
                seconds = waiting * self._seconds_per_image
                raise QueueFull(f"{waiting} pictures wait already; try again later", retry_after=max(1.0, seconds))
            self._queue.append(job)
            self._changed.notify_all()
        return job

    def _cancel(self, job: Job) -> None:
        with self._changed:
            if job.done:
                return
            self._cancelled += 1
            if job in self._queue:
                self._queue.remove(job)
                job.future.cancel()

    def _next(self) -> list[Job]:
        """The next batch; empty when the engine closes."""
        with self._changed:
            while not self._queue and not self._closing:
                self._changed.wait()
            if self._closing:
                return []
            head = self._queue.popleft()
            self._running = [head]
            if head.request is not None:
                bucket = bucket_of(head.request)
                self._take_alike(bucket)
                until = time.monotonic() + self.window
                while not self._full() and (left := until - time.monotonic()) > 0 and not self._closing:
                    self._changed.wait(left)
                    self._take_alike(bucket)
            self._running = [job for job in self._running if job.start()]
            return self._running

    def _full(self) -> bool:
        return sum(job.images for job in self._running) >= self.max_batch

    def _take_alike(self, bucket: Bucket) -> None:
        space = self.max_batch - sum(job.images for job in self._running)
        for job in list(self._queue):
            if job.request is not None and job.images <= space and bucket_of(job.request) == bucket:
                self._queue.remove(job)
                self._running.append(job)
                space -= job.images

    # ---- the worker --------------------------------------------------------------------------------------------------
    def _serve(self) -> None:
        try:
            pipe = self._load()
            if callable(self._inspector):
                self._inspector = self._inspector()
            self._pipe = pipe
        except Exception as error:
            self._failure = error
            log.error("the networks could not be loaded: %s", error)
        self._loaded.set()
        while not self._closing:
            batch = self._next()
            if not batch:
                continue
            start = time.monotonic()
            for job in batch:
                self.meter.stage("queue", start - job.created, [job])
            try:
                if self._pipe is None:
                    raise Busy(f"the networks could not be loaded: {self._failure}", retry_after=60)
                if batch[0].work is not None:
                    self._work(batch[0])
                else:
                    self._draw(batch)
            except Abandoned:
                for job in batch:
                    job.fail(Cancelled("the job was given up"))
            except Exception as error:
                for job in batch:
                    job.fail(error)
            self._count(batch, time.monotonic() - start)

    def _count(self, batch: Sequence[Job], seconds: float) -> None:
        now = time.monotonic()
        with self._changed:
            self._running = []
            done = [job for job in batch if job.request is not None and job.future.exception() is None]
            images = sum(job.images for job in done)
            self._times.extend(now - job.created for job in done)
            self._images += images
            self._batches += bool(done)
            if images:
                self._seconds_per_image += 0.2 * (seconds / images - self._seconds_per_image)

    def _work(self, job: Job) -> None:
        assert job.work is not None
        assert self._pipe is not None
        watch, start = Watch([job], [None], self.meter), time.monotonic()
        self._pipe.on_step, self._pipe.on_level = watch.on_step, watch.on_level
        try:
            job.answer(job.work())
        finally:
            self._pipe.on_step = self._pipe.on_level = None
            self.meter.stage("work", time.monotonic() - start, [job])

    def _draw(self, batch: Sequence[Job]) -> None:
        pipe = self._pipe
        assert pipe is not None
        good = [job for job in batch if self._fits(job)]
        requests = [job.request for job in good if job.request is not None]
        if not requests:
            return
        start = time.monotonic()
        watch = Watch(good, requests, self.meter)
        try:
            results = pipe.generate_batch(requests, watch.on_step, watch.on_level)
        except Abandoned:
            raise
        except Exception as error:
            if len(good) == 1:
                raise
            log.warning("a batch of %d requests failed (%s); each is drawn alone", len(good), type(error).__name__)
            for job in good:
                self._draw_alone(job)
            return
        seconds = time.monotonic() - start
        self.meter.stage("finish", time.monotonic() - watch.since, good)
        self.meter.batch(sum(job.images for job in good))
        for job, result in zip(good, results):
            try:
                job.answer(self._checked(job, replace(result, seconds=seconds)))
            except Exception as error:
                job.fail(error)

    def _draw_alone(self, job: Job) -> None:
        """Draw one of a batch that failed, so that only those fail that cannot be drawn."""
        try:
            self._draw([job])
        except Abandoned:
            job.fail(Cancelled("the job was given up"))
        except Exception as error:
            job.fail(error)

    def _checked(self, job: Job, result: GenerationResult) -> GenerationResult:
        check = self.check() if job.check and not job.abandoned else None
        if check is None:
            return result
        assert self._pipe is not None
        assert job.request is not None
        start = time.monotonic()
        checked = check.drawn(self._pipe, job.request, result)
        self.meter.stage("check", time.monotonic() - start, [job])
        return checked

    def _fits(self, job: Job) -> bool:
        """Whether a request can be drawn; else its job fails, and the others of its batch do not."""
        assert self._pipe is not None
        assert job.request is not None
        try:
            self._pipe.check(job.request)
        except Exception as error:
            job.fail(error)
            return False
        return True
