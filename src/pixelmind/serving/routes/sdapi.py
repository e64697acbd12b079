"""The shape of AUTOMATIC1111's stable-diffusion-webui, for programs that know it: txt2img and what they look up before.

Its API: the webui's wiki page "API". Fields that mean nothing here are passed over.
"""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from pixelmind.records import MAX_SIZE_PX, MIN_SIZE_PX, Conditioning, GenerationRequest
from pixelmind.serving import drawing
from pixelmind.serving.dependencies import Anyone, Generating, IdempotencyKey, Service, State
from pixelmind.serving.errors import ApiError
from pixelmind.serving.image_objects import MAX_PROMPT, Check, Guidance, Prompt, Steps
from pixelmind.serving.once import fingerprint, found
from pixelmind.serving.routes.images import Task, draw
from pixelmind.serving.waiting import ready

router = APIRouter(prefix="/sdapi/v1", tags=["sdapi"])
SAMPLER = "PixelMind"
Side = Annotated[int, Field(ge=MIN_SIZE_PX, le=MAX_SIZE_PX, description="px, the picture's own cells")]


class Txt2Img(BaseModel):
    """The webui's body; unknown fields are passed over, as the webui does."""

    model_config = ConfigDict(extra="ignore")

    prompt: Prompt
    negative_prompt: str = Field("", max_length=MAX_PROMPT)
    width: Side = 64
    height: Side = 64
    steps: Steps = None
    cfg_scale: Guidance = None
    seed: int = Field(-1, ge=-1, le=(1 << 53) - 1, description="-1 draws a seed by lot.")
    batch_size: int = Field(1, ge=1, le=64)
    n_iter: int = Field(1, ge=1, le=64)
    tiling: bool | None = Field(None, description="Edges meet.")
    check: Check = True
    styles: list[Annotated[str, Field(max_length=100)]] = Field(
        default_factory=list, max_length=1, description="A name from GET /v1/styles."
    )


class Txt2ImgAnswer(BaseModel):
    """The webui's answer; `info` is JSON in a string."""

    images: list[str] = Field(description="Indexed PNGs at native size, base64.")
    parameters: dict[str, str | int | float | bool | list[str] | None]
    info: str


class SdModel(BaseModel):
    """One set of weights."""

    title: str
    model_name: str
    hash: str
    sha256: str | None = None
    filename: str = ""
    config: str | None = None


class Sampler(BaseModel):
    """One sampler."""

    name: str
    aliases: list[str] = []
    options: dict[str, str] = {}


class Options(BaseModel):
    """The one option there is to see."""

    sd_model_checkpoint: str
    sd_checkpoint_hash: str
    samples_format: str = "png"


@router.post("/txt2img", summary="Draw pictures from words")
async def txt2img(
    request: Request, body: Txt2Img, service: Service, caller: Generating, key: IdempotencyKey = None
) -> Txt2ImgAnswer:
    """The webui's txt2img. The pictures are kept as the caller's sprites; `info` tells their ids."""
    count = body.batch_size * body.n_iter
    if count > service.config.max_images:
        raise ApiError(
            400, f"batch_size x n_iter is {count}; at most {service.config.max_images} pictures are drawn at once"
        )
    conditioning = Conditioning(
        prompt=body.prompt,
        negative=body.negative_prompt,
        height=body.height,
        width=body.width,
        seamless=bool(body.tiling),
        style=body.styles[0] if body.styles else None,
    )
    asked = GenerationRequest(
        conditioning=conditioning,
        num_images=count,
        seed=drawing.read_seed(None if body.seed == -1 else body.seed, count),
        num_inference_steps=body.steps,
        guidance_scale=body.cfg_scale,
    )
    asked = await run_in_threadpool(drawing.styled, service, caller, asked)
    task = Task(caller, asked, key, fingerprint(request, body.model_dump_json()), "image_generation", check=body.check)
    answer = await run_in_threadpool(found, service, caller, key, task.hashed)
    if answer is not None:
        drawn = await run_in_threadpool(drawing.again, service, caller, answer)
    else:
        await ready(service)
        await run_in_threadpool(drawing.take_quota, service, caller, count)
        drawn = await draw(request, service, task)
    items = drawn.items
    seeds = [seed for _, seed, _ in items]
    info = {
        "prompt": body.prompt,
        "all_prompts": [body.prompt] * count,
        "negative_prompt": body.negative_prompt,
        "seed": seeds[0],
        "all_seeds": seeds,
        "width": body.width,
        "height": body.height,
        "steps": body.steps,
        "cfg_scale": body.cfg_scale,
        "sampler_name": SAMPLER,
        "batch_size": body.batch_size,
        "sd_model_hash": drawn.answer["weights"],
        "sprite_ids": [identity for identity, _, _ in items],
    }
    return Txt2ImgAnswer(images=[b for _, _, b in items], parameters=body.model_dump(), info=json.dumps(info))


async def _weights(service: State) -> str:
    await ready(service)
    return service.engine.pipe.bundle.id


@router.get("/sd-models", summary="The weights")
async def sd_models(service: Service, _: Anyone) -> list[SdModel]:
    """One entry: the weights that this service draws with."""
    identity = await _weights(service)
    return [SdModel(title=f"pixelmind [{identity}]", model_name="pixelmind", hash=identity)]


@router.get("/samplers", summary="The samplers")
def samplers(_: Anyone) -> list[Sampler]:
    """One entry."""
    return [Sampler(name=SAMPLER)]


@router.get("/options", summary="The options")
async def options(service: Service, _: Anyone) -> Options:
    """What programs look up before they draw."""
    identity = await _weights(service)
    return Options(sd_model_checkpoint=f"pixelmind [{identity}]", sd_checkpoint_hash=identity)
