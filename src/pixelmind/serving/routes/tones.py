"""Which tone of a drawing is best: one look at five tells what pairs of drawings tell only after many (docs/online.md)."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from pixelmind.adaptation.online import tone
from pixelmind.errors import BadInput
from pixelmind.pixels import png
from pixelmind.serving.dependencies import Anyone, IdempotencyKey, Rating, Service
from pixelmind.serving.objects import Body, SpriteObject, sprite_object
from pixelmind.serving.once import fingerprint, once
from pixelmind.serving.routes.feedback import MAX_SECONDS
from pixelmind.serving.shelf import about_row

router = APIRouter(prefix="/v1/sprites", tags=["feedback"])


class Tone(BaseModel):
    """A sprite in a tone; every cell keeps its palette entry."""

    tone: str
    png: str = Field(description="Base64 of the picture as PNG.")


class Tones(BaseModel):
    """What is shown to somebody who is asked."""

    sprite_id: str
    prompt: str
    tones: list[Tone] = Field(
        description="The sprite as it is first. One alone: no other tone keeps its colours apart."
    )


class ToneBody(Body):
    """The best tone."""

    tone: str = Field(max_length=40, description="One of those shown.")
    seconds: float | None = Field(None, ge=0, le=MAX_SECONDS)
    simulated: bool = Field(False, description="The person is simulated; such answers are always kept apart.")


class ToneAnswer(BaseModel):
    """The answer that is on disk, and the sprite in that tone."""

    id: str
    sprite: SpriteObject


@router.get("/{sprite_id}/tones", response_model=Tones)
def shown(sprite_id: str, service: Service, caller: Anyone) -> Tones:
    """A sprite in the tones to choose from."""
    row = service.db.sprites.get(caller.user, sprite_id)
    tones = [
        Tone(tone=name, png=base64.b64encode(png.encode_png(sprite)).decode())
        for name, sprite in tone.question(row.sprite).items()
    ]
    return Tones(sprite_id=row.id, prompt=row.prompt, tones=tones)


@router.post("/{sprite_id}/tones", status_code=201, response_model=ToneAnswer)
def answer(
    sprite_id: str, body: ToneBody, request: Request, service: Service, caller: Rating, key: IdempotencyKey = None
) -> Any:
    """Say which tone is best. The sprite in it is kept beside the sprite as it is."""

    def work() -> dict[str, Any]:
        before = service.db.sprites.get(caller.user, sprite_id)
        tones = tone.question(before.sprite)
        if body.tone not in tones:
            raise BadInput(f"tone is one of {', '.join(tones)}, got {body.tone!r}")
        told = {"tone": body.tone, "shown": list(tones)}
        row = service.db.feedback.event(caller.user, sprite_id, "tone", body.seconds, told, simulated=body.simulated)
        after = before
        if body.tone != tone.AS_IT_IS:
            sprite = tones[body.tone]
            sprite = replace(sprite, provenance={**sprite.provenance, "tone": body.tone})
            about: dict[str, Any] = about_row(sprite)
            after = service.db.sprites.add(
                caller.user, sprite, operation="tone", instruction=body.tone, parent=before.id, session=before.session,
                source="edited", **{**about, "prompt": about["prompt"] or before.prompt},
            )  # fmt: skip
        return {"id": row.id, "sprite": sprite_object(after).model_dump(mode="json")}

    return once(service, caller, key, fingerprint(request, body.model_dump_json()), work, learn=True)
