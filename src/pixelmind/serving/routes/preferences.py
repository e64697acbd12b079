"""Which of two is better: pairs worth asking about, and the answers."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from pixelmind.preference.pairs import next_pair
from pixelmind.serving.dependencies import IdempotencyKey, Rating, Service
from pixelmind.serving.objects import Body, SpriteObject, sprite_object
from pixelmind.serving.once import fingerprint, once
from pixelmind.serving.routes.feedback import MAX_SECONDS

router = APIRouter(prefix="/v1/preferences", tags=["feedback"])


class Pair(BaseModel):
    """Two sprites side by side."""

    pair_id: str
    prompt: str
    left: SpriteObject
    right: SpriteObject
    reason: str = Field(description="Why this pair is worth asking about.")


class PreferenceBody(Body):
    """A choice between two sprites."""

    chosen: str = Field(max_length=64, description="The better sprite.")
    rejected: str = Field(max_length=64)
    pair_id: str | None = Field(None, max_length=64, description="The pair that this answers.")
    tie: bool = Field(False, description="Neither is better; the order then means nothing.")
    seconds: float | None = Field(None, ge=0, le=MAX_SECONDS)
    simulated: bool = Field(False, description="The person is simulated; such choices are always kept apart.")


class Chosen(BaseModel):
    """A choice that is on disk."""

    id: str


@router.get("/next", response_model=Pair, responses={204: {"description": "There is nothing (left) to ask."}})
def next_(
    service: Service,
    caller: Rating,
    skip: Annotated[str, Query(max_length=2000, description="Ids of pairs to leave out, with commas between.")] = "",
) -> Any:
    """The next pair worth asking about."""
    left_out = frozenset(re.findall(r"par_\w+", skip))
    offer = next_pair(service.db, caller.user, skip=left_out)
    if offer is None:
        return Response(status_code=204)
    return Pair(
        pair_id=offer.pair_id,
        prompt=offer.prompt,
        left=sprite_object(offer.left),
        right=sprite_object(offer.right),
        reason=offer.reason,
    )


@router.post("", status_code=201, response_model=Chosen)
def choose(body: PreferenceBody, request: Request, service: Service, caller: Rating, key: IdempotencyKey = None) -> Any:
    """Say which is better."""

    def work() -> dict[str, Any]:
        row = service.db.feedback.prefer(
            caller.user,
            body.chosen,
            body.rejected,
            tie=body.tie,
            pair_id=body.pair_id,
            simulated=body.simulated,
            seconds=body.seconds,
        )
        return {"id": row.id}

    return once(service, caller, key, fingerprint(request, body.model_dump_json()), work, learn=True)
