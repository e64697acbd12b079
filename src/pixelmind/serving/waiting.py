"""How a route waits for the engine without holding a thread, and gives the job up when its client has gone.

>>> result = await settle(request, service, service.engine.submit(asked))                     # doctest: +SKIP
>>> reply = await perform(request, service, talk.say, text)                                   # doctest: +SKIP
>>> return event_stream(request, service, service.engine.submit_work, work, finish)           # doctest: +SKIP
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from fastapi import Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from pixelmind.records import Sprite
from pixelmind.serving.engine import Busy, Cancelled, Job
from pixelmind.serving.errors import as_api_error, body
from pixelmind.serving.fleet import FAILED
from pixelmind.serving.jobs import Progress

if TYPE_CHECKING:
    from pixelmind.serving.dependencies import State

T = TypeVar("T")
KEEP_ALIVE_SECONDS = 15.0
READY_SECONDS = 30.0


async def ready(service: State) -> None:
    """Wait a while for the networks to be loaded.

    Raises:
        Busy: they are not.
    """
    if not service.engine.ready:
        await run_in_threadpool(service.engine.wait_ready, READY_SECONDS)


async def _gone(request: Request) -> None:
    """Return when the client has hung up. The body must have been read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def settle(request: Request, service: State, job: Job) -> Any:
    """The job's answer.

    Raises:
        Cancelled: the client has gone. Busy: not done in time. Else what the job raised.
    """
    answer = asyncio.ensure_future(asyncio.wrap_future(job.future))
    gone = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait((answer, gone), timeout=service.config.wait_seconds, return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            return answer.result()
        if gone.done():
            service.metrics.gone.inc()
            raise Cancelled("the client has gone")
        raise Busy("the picture was not drawn in time; ask for less, or try again later", retry_after=30)
    except asyncio.CancelledError as error:
        if answer.cancelled():
            raise Cancelled("the job was given up") from error
        raise
    finally:
        gone.cancel()
        if not job.done:
            job.cancel()
        answer.cancel()


async def perform(request: Request, service: State, work: Callable[..., T], *args: Any) -> T:
    """Do work of the networks in the engine's thread; see `Engine.run` and `settle`."""
    await ready(service)
    result: T = await settle(request, service, service.engine.submit_work(partial(work, *args)))
    return result


@dataclass(frozen=True)
class Step:
    """One report of progress: see `jobs.Progress`."""

    level: int
    step: int
    steps: int
    preview: Sprite | None


Event = tuple[str, dict[str, Any]]
#: `content` of an operation's answer that may be such a stream: what each event is.
STREAMED: dict[str, Any] = {
    "text/event-stream": {
        "schema": {
            "type": "object",
            "required": ["event", "data"],
            "properties": {
                "event": {"type": "string"},
                "data": {"type": "string", "description": "JSON of the event's own shape."},
            },
        }
    }
}


def _encoded(name: str, data: Any) -> bytes:
    """One event as the HTML standard's section 9.2 wants it; JSON has no raw line ends."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def _ended(data: str) -> bytes:
    return f"event: done\ndata: {data}\n\n".encode()


def event_stream(
    request: Request,
    service: State,
    submit: Callable[[Progress], Job],
    on_step: Callable[[Step], Iterable[Event]],
    on_result: Callable[[Any], Iterable[Event]],
    on_failure: Callable[[], None] | None = None,
    end: str = "{}",
) -> StreamingResponse:
    """Server-sent events of one job: those of its steps, those of its answer (made in a thread, so that it may write to the database), and
    at last `done` with the data `end`. An error after the start is an event `error` with the usual body. `on_failure` is called, in a
    thread, where there is no answer. Errors of `submit` are raised before anything is sent."""
    loop = asyncio.get_running_loop()
    steps: asyncio.Queue[Step | None] = asyncio.Queue()

    def tell(level: int, step: int, of: int, preview: Sprite | None) -> None:
        loop.call_soon_threadsafe(steps.put_nowait, Step(level, step, of, preview))

    job = submit(tell)
    job.future.add_done_callback(lambda _: loop.call_soon_threadsafe(steps.put_nowait, None))

    async def stream() -> AsyncIterator[bytes]:
        gone = asyncio.ensure_future(_gone(request))
        answered = False
        try:
            while (found := await _either(steps, gone)) is not None:
                if isinstance(found, Step):
                    for event in on_step(found):
                        yield _encoded(*event)
                else:
                    yield b": still here\n\n"
            if gone.done() and not job.done:
                service.metrics.gone.inc()
                return
            value = job.result(0)
            answered = True
            for event in await run_in_threadpool(lambda: list(on_result(value))):
                yield _encoded(*event)
            yield _ended(end)
        except Exception as error:
            told = as_api_error(error)
            request.scope[FAILED] = told.status >= 500
            yield _encoded("error", body(told))
            yield _ended(end)
        finally:
            gone.cancel()
            if not job.done:
                job.cancel()
            if not answered and on_failure is not None:
                await asyncio.shield(run_in_threadpool(on_failure))

    return StreamingResponse(stream(), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


class _Quiet:
    """Nothing happened for a while."""


async def _either(steps: asyncio.Queue[Step | None], gone: asyncio.Future[None]) -> Step | _Quiet | None:
    """The next step; None where the job is done or the client has gone."""
    step = asyncio.ensure_future(steps.get())
    try:
        await asyncio.wait((step, gone), timeout=KEEP_ALIVE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if step.done():
            return step.result()
        return None if gone.done() else _Quiet()
    finally:
        step.cancel()
