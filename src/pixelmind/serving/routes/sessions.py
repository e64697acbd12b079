"""Dialogues: begin one, say something (with streamed progress where asked), walk its history, delete it."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterator
from functools import partial
from typing import Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from pixelmind.pixels import png
from pixelmind.serving import talk
from pixelmind.serving.dependencies import Anyone, Caller, Generating, IdempotencyKey, RequestId, Service, State
from pixelmind.serving.jobs import Job, Progress
from pixelmind.serving.once import fingerprint, found, once
from pixelmind.serving.talk_objects import (
    Go,
    NewSession,
    Renamed,
    ReplyObject,
    Said,
    SessionList,
    SessionObject,
    WholeSession,
)
from pixelmind.serving.talk_views import session_object, whole_session
from pixelmind.serving.waiting import STREAMED, Event, Step, event_stream, ready, settle
from pixelmind.storage import SessionRow

router = APIRouter(prefix="/v1/sessions", tags=["sessions"])
DAY = 86_400


def _view(service: State, user: str, row: SessionRow) -> SessionObject:
    return session_object(service.db, user, row, talk.read_state(row))


@router.post("", status_code=201, response_model=SessionObject)
def create(body: NewSession, request: Request, service: Service, caller: Generating, key: IdempotencyKey = None) -> Any:
    """Begin a dialogue, with a sprite in view where one is named: it can be changed at once."""
    seed = secrets.randbelow(1 << 31) if body.seed is None else body.seed

    def work() -> dict[str, Any]:
        settings = {"candidates": body.candidates, "seed": seed}
        row = service.db.sessions.create(caller.user, body.name.strip(), settings)
        if body.sprite_id is not None:
            row = talk.begun_with(service.db, caller.user, row, body.sprite_id)
        return _view(service, caller.user, row).model_dump(mode="json")

    return once(service, caller, key, fingerprint(request, body.model_dump_json()), work)


@router.get("", response_model=SessionList)
def page(
    service: Service,
    caller: Anyone,
    limit: int = Query(20, ge=1, le=100),
    before: str | None = Query(None, max_length=64),
) -> SessionList:
    """Dialogues, newest first."""
    rows = service.db.sessions.list(caller.user, limit, before)
    more = rows[-1].id if len(rows) == limit else None
    return SessionList(data=[_view(service, caller.user, row) for row in rows], next=more)


@router.get("/{session_id}", response_model=WholeSession)
def one(session_id: str, service: Service, caller: Anyone) -> WholeSession:
    """A dialogue with what was said and drawn."""
    row = service.db.sessions.get(caller.user, session_id)
    return whole_session(service.db, caller.user, row, talk.read_state(row))


@router.patch("/{session_id}", response_model=SessionObject)
def rename(session_id: str, body: Renamed, service: Service, caller: Generating) -> SessionObject:
    """Give a dialogue another name."""
    return _view(service, caller.user, service.db.sessions.rename(caller.user, session_id, body.name.strip()))


@router.delete("/{session_id}", status_code=204)
def delete(session_id: str, service: Service, caller: Generating, request_id: RequestId) -> Response:
    """Delete a dialogue and what was said in it; its sprites stay."""

    def work() -> None:
        service.db.sessions.delete(caller.user, session_id)
        service.db.audit.write(caller.user, "session.delete", session_id, request_id=request_id)

    service.db.write(lambda _: work())
    return Response(status_code=204)


# ---- turns -----------------------------------------------------------------------------------------------------------
STREAM = {
    200: {
        "description": "The reply; with Accept: text/event-stream the events progress, reply or error, and done.",
        "content": STREAMED,
    }
}


@router.post("/{session_id}/messages", response_model=ReplyObject, responses=STREAM)  # type: ignore[arg-type]
async def say(
    session_id: str, body: Said, request: Request, service: Service, caller: Generating, key: IdempotencyKey = None
) -> Any:
    """Say something: what to draw, what to change, an answer, undo. What cannot be done is answered in words (kind "error").

    409 where the dialogue went on meanwhile, in another tab say; nothing is kept then.
    """
    from pixelmind.dialogue.clicks import Pointing

    streamed = "text/event-stream" in request.headers.get("accept", "")
    hashed = fingerprint(request, body.model_dump_json())
    if kept := await run_in_threadpool(found, service, caller, key, hashed):
        return StreamingResponse(_told(kept), media_type="text/event-stream") if streamed else kept
    pointing = Pointing(tuple((p[0], p[1]) for p in body.points), body.region)
    opened = await run_in_threadpool(_opened, service, caller, session_id)
    message: dict[str, Any] = {"text": body.text}
    if pointing:
        message |= {"points": body.points, "region": body.region}
    await ready(service)
    own_styles = service.styles.kept(caller.user)
    personal = service.learning.personal(caller.user, service.engine.pipe)

    def submit(tell: Progress) -> Job:
        def work() -> talk.Turned:
            told = (body.text, pointing, own_styles, body.style, body.check, personal)
            return talk.turned(service.networks, opened, *told)

        return service.engine.submit_work(work, tell)

    def keep(turn: talk.Turned) -> dict[str, Any]:
        return once(service, caller, key, hashed, partial(_kept, service, caller, opened, turn, message), learn=True)

    def finished(turn: talk.Turned) -> list[Event]:
        return [("reply", keep(turn))]

    if streamed:
        return event_stream(request, service, submit, _progress, finished)
    turn = await settle(request, service, submit(lambda *_: None))
    return await run_in_threadpool(keep, turn)


@router.post("/{session_id}/go", response_model=ReplyObject)
def go(
    session_id: str, body: Go, request: Request, service: Service, caller: Generating, key: IdempotencyKey = None
) -> Any:
    """View a version of the history."""
    hashed = fingerprint(request, body.model_dump_json())
    if kept := found(service, caller, key, hashed):
        return kept
    opened = talk.opened(service.db, caller.user, session_id)
    turn = talk.gone_to(opened, body.version)
    return once(service, caller, key, hashed, partial(_kept, service, caller, opened, turn, None), learn=True)


def _opened(service: State, caller: Caller, session_id: str) -> talk.Opened:
    """The dialogue, if the person's day still has pictures for a turn."""
    found_ = talk.opened(service.db, caller.user, session_id)
    if not service.config.keys:
        return found_
    left = service.config.images_per_day - service.db.quota.usage(caller.user).get("images", 0)
    most = max(4, int(found_.row.settings.get("candidates", 2)))
    if left < most:  # take what is not there, so that the quota itself says when to come again
        service.db.quota.take(caller.user, "images", most, service.config.images_per_day, DAY)
    return found_


def _kept(
    service: State, caller: Caller, opened: talk.Opened, turn: talk.Turned, message: dict[str, Any] | None
) -> dict[str, Any]:
    """Keep a turn, and count its pictures."""
    if turn.check is not None:
        service.metrics.checked(turn.check.found)
    keeper = talk.Keeper(service.db, caller.user, opened, turn)
    if service.config.keys and (fresh := keeper.fresh()):
        service.db.quota.take(caller.user, "images", fresh, service.config.images_per_day, DAY)
    answer = keeper.keep(message)
    if message is not None:
        service.metrics.turns.labels(turn.reply.kind).inc()
    return answer


def _progress(step: Step) -> Iterator[Event]:
    preview = None if step.preview is None else base64.b64encode(png.encode_png(step.preview)).decode()
    yield "progress", {"level": step.level, "step": step.step, "steps": step.steps, "preview": preview}


def _told(kept: dict[str, Any]) -> Iterator[str]:
    """A reply that was given before, as events."""
    yield f"event: reply\ndata: {json.dumps(kept, ensure_ascii=False)}\n\n"
    yield "event: done\ndata: {}\n\n"
