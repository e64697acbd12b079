"""What people say and do about their sprites; on disk before it is acknowledged."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, model_validator

from pixelmind.serving.dependencies import IdempotencyKey, Rating, Service
from pixelmind.serving.objects import Body
from pixelmind.serving.once import fingerprint, once

router = APIRouter(prefix="/v1/feedback", tags=["feedback"])
MAX_COMMENT = 2000
MAX_SECONDS = 86_400.0
Event = Literal["view", "select", "edit", "export", "iterate", "abandon", "return", "undo", "share"]


class Ratings(Body):
    """From 1 to 5 on any of the three axes."""

    accuracy: int | None = Field(None, ge=1, le=5, strict=True, description="It shows what was asked.")
    aesthetics: int | None = Field(None, ge=1, le=5, strict=True, description="It is beautiful.")
    technical: int | None = Field(None, ge=1, le=5, strict=True, description="It is well made, pixel by pixel.")


class FeedbackBody(Body):
    """Ratings, a verdict or something that was done, about one sprite; several at once are kept together."""

    sprite_id: str = Field(max_length=64)
    ratings: Ratings | None = None
    verdict: Literal["approve", "reject"] | None = None
    event: Event | None = None
    seconds: float | None = Field(None, ge=0, le=MAX_SECONDS, description="How long the event took.")
    comment: str = Field("", max_length=MAX_COMMENT)
    simulated: bool = Field(False, description="The person is simulated; such feedback is always kept apart.")

    @model_validator(mode="after")
    def _says_something(self) -> FeedbackBody:
        if not (self.given() or self.verdict or self.event):
            raise ValueError("give ratings, a verdict or an event")
        return self

    def given(self) -> dict[str, int]:
        """The axes rated."""
        return {} if self.ratings is None else {k: v for k, v in self.ratings.model_dump().items() if v is not None}


class Kept(BaseModel):
    """Feedback that is on disk."""

    id: str
    ids: list[str] = Field(description="A row each for ratings, verdict and event.")


@router.post("", status_code=201, response_model=Kept)
def give(body: FeedbackBody, request: Request, service: Service, caller: Rating, key: IdempotencyKey = None) -> Any:
    """Rate a sprite, approve or reject it, or tell what was done with it."""
    store = service.db.feedback

    def work() -> dict[str, Any]:
        rows = []
        if ratings := body.given():
            rows.append(
                store.rate(caller.user, body.sprite_id, ratings, simulated=body.simulated, comment=body.comment)
            )
        if body.verdict is not None:
            said = body.comment if not rows else ""
            rows.append(store.verdict(caller.user, body.sprite_id, body.verdict, said, simulated=body.simulated))
        if body.event is not None:
            about = {"comment": body.comment} if body.comment and not rows else {}
            rows.append(
                store.event(caller.user, body.sprite_id, body.event, body.seconds, about, simulated=body.simulated)
            )
        return {"id": rows[0].id, "ids": [row.id for row in rows]}

    return once(service, caller, key, fingerprint(request, body.model_dump_json()), work, learn=True)
