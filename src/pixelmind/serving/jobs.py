"""What the engine's queue holds: drawings that can be batched, and other work of the networks."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from typing import Any

from pixelmind.records import GenerationRequest, Sprite
from pixelmind.serving import tracing

#: (level 16, 64 or 256; step from 0; steps of the level; the first picture of the level when it ends, else None)
Progress = Callable[[int, int, int, Sprite | None], None]


class EngineError(Exception):
    """The engine did not do the work. `retry_after` in seconds, 0 where coming again does not help."""

    def __init__(self, message: str, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class QueueFull(EngineError):
    """Too much work waits already."""


class Busy(EngineError):
    """The networks are not loaded yet, or could not be, or the work was not done in time."""


class Cancelled(EngineError):
    """The job was given up."""


class EngineClosed(EngineError):
    """The engine takes no more work."""


@dataclass(eq=False)
class Job:
    """Work handed to the engine. Its answer is a GenerationResult, or what the handed function returns."""

    request: GenerationRequest | None
    work: Callable[[], Any] | None = None
    on_progress: Progress | None = None
    check: bool = True
    created: float = field(default_factory=time.monotonic)
    future: Future[Any] = field(default_factory=Future)
    trace: Any = field(default_factory=tracing.current)
    abandoned: bool = False
    _on_cancel: Callable[[Job], None] | None = None

    @property
    def images(self) -> int:
        """Pictures it asks for; other work counts as one."""
        return 1 if self.request is None else self.request.num_images

    @property
    def done(self) -> bool:
        """Whether there is an answer, an error, or nobody waits any more."""
        return self.future.done()

    def result(self, timeout: float | None = None) -> Any:
        """Wait for the answer.

        Raises:
            Cancelled: it was given up. TimeoutError: not done after `timeout` seconds. Else what the work raised.
        """
        try:
            return self.future.result(timeout)
        except CancelledError as error:
            raise Cancelled("the job was given up") from error

    def cancel(self) -> None:
        """Give the job up: at once where it waits, else before the next denoising step if the whole batch is given up."""
        self.abandoned = True
        if self._on_cancel is not None:
            self._on_cancel(self)

    def start(self) -> bool:
        """Mark it as running; False where it was given up."""
        return not self.abandoned and self.future.set_running_or_notify_cancel()

    def answer(self, value: Any) -> None:
        """Set the answer, unless the job is done."""
        if not self.future.done():
            self.future.set_result(value)

    def fail(self, error: BaseException) -> None:
        """Set an error, unless the job is done."""
        if not self.future.done():
            self.future.set_exception(error)


def finished(value: Any) -> Job:
    """A job that is done already."""
    job = Job(None)
    job.answer(value)
    return job
