"""Figures for the studio's page: what a person made and said, and how fast the service is."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from pixelmind.preference.agreement import Choice, self_consistency
from pixelmind.serving.dependencies import Admin, Anyone, Service
from pixelmind.serving.figures import figures
from pixelmind.storage import Database

router = APIRouter(prefix="/v1/stats", tags=["stats"])


class Latency(BaseModel):
    """Time of a picture from its request to its answer, waiting included."""

    p50: float | None
    p95: float | None


class Stats(BaseModel):
    """Counts of the caller's own things; the queue and times are the service's."""

    sprites: int
    sessions: int
    ratings: dict[str, float] = Field(description="Means of 5, by axis.")
    pairs: int
    agreement: float | None = Field(description="Share of pairs, asked again, that were answered the same way.")
    open_reviews: int
    flag_rate: float | None = Field(
        description="Share of checked pictures that were flagged; of all for a reviewer, else of one's own."
    )
    queue: int = Field(description="Pictures that wait.")
    latency_ms: Latency


class Times(BaseModel):
    """How often, and how long it took, of a route or a stage."""

    name: str
    count: float
    p50_ms: float | None
    p95_ms: float | None


class Gpu(BaseModel):
    """A card."""

    gpu: str
    utilization: float


class ServiceStats(BaseModel):
    """The service's own figures since it started, all callers together."""

    seconds: float = Field(description="Since the start.")
    requests: float
    failed_share: float | None
    by_status: dict[str, float]
    routes: list[Times] = Field(description="The most used.")
    stages: list[Times]
    waiting: float
    waiting_limit: float
    running: float
    pictures: float
    pictures_a_batch: float | None
    inspected: float
    flagged: dict[str, float] = Field(description="Pictures by fault.")
    mended: dict[str, float] = Field(description="Pictures by fault.")
    decisions: dict[str, float] = Field(description="Of reviewers.")
    turns: dict[str, float] = Field(description="Of dialogues, by the kind of reply.")
    question_share: float | None
    learning: dict[str, float] = Field(description="Steps of online adaptation, and what came of them.")
    rollout_share: float
    drift: dict[str, float] = Field(description="Chance of the last window without drift.")
    stability: dict[str, float] = Field(description="Population stability index by figure.")
    cpu_seconds: float
    memory_bytes: float
    open_files: float
    gpus: list[Gpu]


def consistency(db: Database, user: str) -> float | None:
    """How often a person answers a pair, asked again, the same way; None without a repeat."""
    choices = []
    for row in db.feedback.pairs(user, simulated=False, ties=True):
        one, other = sorted((row.chosen, row.rejected))
        value = 0.5 if row.tie else float(one == row.chosen)
        left = None if row.left is None else row.left == one
        choices.append(Choice(annotator=row.user, one=one, other=other, value=value, left=left))
    found = self_consistency(choices)
    return None if found is None else found.value


@router.get("/service", response_model=ServiceStats, summary="The service's figures")
def service_stats(service: Service, caller: Admin) -> dict[str, Any]:
    """What `/metrics` counts, as a page can show it."""
    return figures(service.metrics)


@router.get("", response_model=Stats)
def stats(service: Service, caller: Anyone) -> Stats:
    """The figures."""
    kept, engine = service.db.stats(caller.user), service.engine.stats()
    seen = service.db.stats() if "review" in caller.scopes else kept
    p50, p95 = (None if seconds is None else 1000 * seconds for seconds in (engine.p50, engine.p95))
    return Stats(
        sprites=kept["sprites"],
        sessions=kept["sessions"],
        ratings=kept["ratings"],
        pairs=kept["pairs"],
        agreement=consistency(service.db, caller.user),
        open_reviews=seen["open_reviews"],
        flag_rate=seen["flagged"] / seen["checked"] if seen["checked"] else None,
        queue=engine.queued,
        latency_ms=Latency(p50=p50, p95=p95),
    )
