"""The review queue: people flag their own sprites, reviewers see everyone's and decide."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from pixelmind.pixels import png
from pixelmind.serving import reviewing
from pixelmind.serving.dependencies import Anyone, Caller, IdempotencyKey, Rating, RequestId, Reviewing, Service, State
from pixelmind.serving.objects import Body, SpriteObject, sprite_object
from pixelmind.serving.once import fingerprint, once
from pixelmind.serving.routes.sprites import KEPT
from pixelmind.storage import NotFound, ReviewRow, SpriteRow

router = APIRouter(prefix="/v1/review", tags=["review"])
MAX_TEXT = 2000


class ReviewObject(BaseModel):
    """A sprite that a person must look at."""

    id: str
    user: str = Field(description="Stands for the sprite's owner.")
    own: bool = Field(description="Whether that is the caller.")
    status: Literal["open", "done"]
    reason: str
    score: float | None = Field(description="The critic's, where it has one.")
    sprite: SpriteObject
    candidates: list[SpriteObject] = Field(description="What could take its place.")
    heatmap_url: str | None = Field(description="A PNG of where the fault is.")
    created: datetime
    decided: datetime | None
    decision: Literal["approve", "fix", "reject"] | None
    reviewer: str | None = Field(description="Stands for who decided.")
    comment: str
    replacement: str | None


class ReviewList(BaseModel):
    """A page: open ones oldest first, done ones newest first."""

    data: list[ReviewObject]
    next: str | None = Field(description="Give it as `after` for the next page.")


class FlagBody(Body):
    """A sprite of one's own, and why it should be looked at."""

    sprite_id: str = Field(max_length=64)
    reason: str = Field(min_length=1, max_length=MAX_TEXT)


class DecisionBody(Body):
    """What becomes of it."""

    decision: Literal["approve", "fix", "reject"]
    comment: str = Field("", max_length=MAX_TEXT)
    replacement: str | None = Field(None, max_length=64, description='With "fix": the sprite that takes its place.')


def _sprite(row: ReviewRow, sprite: SpriteRow) -> SpriteObject:
    """A sprite as a reviewer sees it: its picture is reached through the review, what else the owner made with it is not told."""
    url = f"/v1/review/{row.id}/sprites/{sprite.id}.png"
    return sprite_object(sprite).model_copy(update={"url": url, "parent": None, "session": None})


def _view(service: State, caller: Caller, row: ReviewRow) -> ReviewObject:
    sprite, *candidates = reviewing.sprites_of(service.db, row)
    return ReviewObject(
        id=row.id,
        user=reviewing.opaque(row.user),
        own=row.user == caller.user,
        status=row.status,  # type: ignore[arg-type]
        reason=row.reason,
        score=row.score,
        sprite=_sprite(row, sprite),
        candidates=[_sprite(row, c) for c in candidates],
        heatmap_url=None if row.heatmap is None else f"/v1/review/{row.id}/heatmap.png",
        created=row.created,  # type: ignore[arg-type]  # pydantic reads the text
        decided=row.decided,  # type: ignore[arg-type]
        decision=row.decision,  # type: ignore[arg-type]
        reviewer=None if row.reviewer is None else reviewing.opaque(row.reviewer),
        comment=row.comment,
        replacement=row.replacement,
    )


def _reviews(caller: Caller) -> bool:
    return "review" in caller.scopes


def _visible(service: State, caller: Caller, review_id: str) -> ReviewRow:
    return reviewing.visible(service.db, review_id, caller.user, _reviews(caller))


@router.get("", response_model=ReviewList)
def page(
    service: Service,
    caller: Anyone,
    status: Literal["open", "done"] = "open",
    limit: int = Query(50, ge=1, le=200),
    after: str | None = Query(None, max_length=64),
) -> ReviewList:
    """The queue: everyone's for a key with the scope review, else one's own."""
    mine = None if _reviews(caller) else caller.user
    rows = service.db.review.list(status, mine, after=after, limit=limit)
    data = []
    for row in rows:
        try:
            data.append(_view(service, caller, row))
        except NotFound:  # its sprite was deleted in this moment
            continue
    return ReviewList(data=data, next=rows[-1].id if len(rows) == limit else None)


@router.post("", status_code=201, response_model=ReviewObject)
def flag(body: FlagBody, request: Request, service: Service, caller: Rating, key: IdempotencyKey = None) -> Any:
    """Put a sprite of one's own into the queue; where it is in it already, that row."""

    def work() -> dict[str, Any]:
        row = service.db.review.flag(caller.user, body.sprite_id, body.reason)
        return _view(service, caller, row).model_dump(mode="json")

    return once(service, caller, key, fingerprint(request, body.model_dump_json()), work)


@router.get("/{review_id}", response_model=ReviewObject)
def one(review_id: str, service: Service, caller: Anyone) -> ReviewObject:
    """One review."""
    return _view(service, caller, _visible(service, caller, review_id))


@router.post("/{review_id}", response_model=ReviewObject)
def decide(
    review_id: str,
    body: DecisionBody,
    request: Request,
    service: Service,
    caller: Reviewing,
    request_id: RequestId,
    key: IdempotencyKey = None,
) -> Any:
    """Decide; it is kept as a verdict on the sprite. 409 where it was decided before."""
    decided = False

    def work() -> dict[str, Any]:
        nonlocal decided
        row = reviewing.decide(
            service.db, review_id, caller.user, body.decision, body.comment, body.replacement, request_id
        )
        decided = True
        return _view(service, caller, row).model_dump(mode="json")

    answer = once(service, caller, key, fingerprint(request, body.model_dump_json()), work)
    if decided:  # and not an answer given before
        service.metrics.decisions.labels(body.decision).inc()
    return answer


PNG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/png": {}}}}


@router.get("/{review_id}/sprites/{sprite_id}.png", response_class=Response, responses=PNG)
def picture(
    review_id: str, sprite_id: str, service: Service, caller: Anyone, scale: int = Query(1, ge=1, le=16)
) -> Response:
    """The picture under review, or of a candidate for its place."""
    row = _visible(service, caller, review_id)
    for sprite in reviewing.sprites_of(service.db, row):
        if sprite.id == sprite_id:
            return Response(png.encode_png(sprite.sprite, scale), media_type="image/png", headers=KEPT)
    raise NotFound("no such sprite in this review")


@router.get("/{review_id}/heatmap.png", response_class=Response, responses=PNG)
def heatmap(review_id: str, service: Service, caller: Anyone) -> Response:
    """Where the fault is."""
    found = _visible(service, caller, review_id).heatmap
    if found is None:
        raise NotFound("this review has no heat map")
    return Response(found, media_type="image/png", headers=KEPT)
