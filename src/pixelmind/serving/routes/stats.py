"""Figures for the studio's page: what a person made and said, and how fast the service is."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from pixelmind.preference.agreement import Choice, self_consistency
from pixelmind.serving.dependencies import Anyone, Service
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
