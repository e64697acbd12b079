"""What a request may ask for."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from pixelmind.records import MAX_PALETTE, MIN_SIZE_PX
from pixelmind.serving.dependencies import Anyone, Service
from pixelmind.serving.drawing import DEFAULT_SIZE, MAX_SEED
from pixelmind.serving.image_objects import MAX_PROMPT
from pixelmind.serving.waiting import ready

router = APIRouter(prefix="/v1/limits", tags=["limits"])


class Limits(BaseModel):
    """Bounds, all inclusive. Sizes are px of the picture's own cells."""

    min_size: int
    max_size: int = Field(description="The largest level of these weights.")
    default_size: str
    max_images: int = Field(description="Of one request.")
    max_prompt_chars: int
    min_colors: int = 2
    max_colors: int = MAX_PALETTE - 1
    max_references: int
    max_steps: int
    max_guidance: float = 20.0
    max_seed: int
    max_json_bytes: int
    max_upload_bytes: int
    max_queue: int = Field(description="Pictures that may wait; beyond it the answer is 429.")
    requests_per_minute: int | None = Field(description="Of one key; null: no limit.")
    images_per_day: int | None = Field(description="Of one user; null: no limit.")
    images_used_today: int | None


@router.get("", summary="What a request may ask for")
async def limits(service: Service, caller: Anyone) -> Limits:
    """The bounds of this service and its weights, and what is left of the caller's day."""
    from starlette.concurrency import run_in_threadpool

    from pixelmind.generator.references import MAX_REFERENCES
    from pixelmind.generator.requests import MAX_STEPS

    await ready(service)
    pipe, config = service.engine.pipe, service.config
    used = (await run_in_threadpool(service.db.quota.usage, caller.user)).get("images", 0) if config.keys else None
    return Limits(
        min_size=MIN_SIZE_PX,
        max_size=max(pipe.denoisers),
        default_size="{}x{}".format(*DEFAULT_SIZE),
        max_images=config.max_images,
        max_prompt_chars=MAX_PROMPT,
        max_references=MAX_REFERENCES if pipe.denoisers[16].config.references else 0,
        max_steps=MAX_STEPS,
        max_seed=MAX_SEED,
        max_json_bytes=config.max_json_bytes,
        max_upload_bytes=config.max_upload_bytes,
        max_queue=config.max_queue,
        requests_per_minute=config.requests_per_minute if config.keys else None,
        images_per_day=config.images_per_day if config.keys else None,
        images_used_today=used,
    )
