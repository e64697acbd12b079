"""Whether the service lives, whether it can draw, its counters, and the page that documents the API."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel

from pixelmind.serving.dependencies import Caller, Service, current_user
from pixelmind.serving.errors import ApiError
from pixelmind.serving.reference import STYLE, page
from pixelmind.storage import DatabaseDown

router = APIRouter(tags=["health"])


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """Whether requests for pictures can be answered."""

    ready: bool
    networks: str
    database: str


@router.get("/healthz", summary="Whether the process lives")
def healthz() -> Alive:
    """Always 200 while the process answers."""
    return Alive()


@router.get(
    "/readyz",
    summary="Whether pictures can be drawn",
    response_model=Readiness,
    responses={503: {"model": Readiness, "description": "Not yet, or not now."}},
)
def readyz(service: Service) -> Response:
    """200 once the networks are loaded and the database answers, else 503."""
    engine = service.engine
    networks = "loaded" if engine.ready else f"failed: {engine.failure}" if engine.failure else "loading"
    try:
        service.db.ping()
        database = "answers"
    except DatabaseDown:
        database = "does not answer"
    ready = networks == "loaded" and database == "answers"
    body = Readiness(ready=ready, networks=networks, database=database)
    headers = {} if ready else {"Retry-After": "2"}
    return JSONResponse(body.model_dump(), status_code=200 if ready else 503, headers=headers)


@router.get(
    "/metrics",
    summary="Counters for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Prometheus' text."}},
)
def metrics(service: Service, caller: Annotated[Caller, Depends(current_user("admin"))]) -> Response:
    """Requests, times, queue and pictures; a service with keys wants one with the scope admin."""
    return Response(service.metrics.text(), media_type=service.metrics.content_type)


@router.get("/docs", include_in_schema=False)
def docs(request: Request) -> HTMLResponse:
    """The API's reference as one page, with nothing from elsewhere."""
    return HTMLResponse(page(request.app.openapi()))


@router.get("/docs/{name}", include_in_schema=False)
def docs_style(name: str) -> Response:
    """The page's style sheet."""
    if name != "style.css":
        raise ApiError(404, "there is no such page; the reference is at /docs")
    return Response(STYLE, media_type="text/css")
