"""Pictures from words, and pictures changed inside a mask, as OpenAI's clients ask for them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from pixelmind.errors import BadInput
from pixelmind.pixels import png
from pixelmind.records import U8, Conditioning, GenerationRequest, Sprite
from pixelmind.serving import drawing
from pixelmind.serving.dependencies import Caller, Generating, IdempotencyKey, Service, State
from pixelmind.serving.drawing import Drawn
from pixelmind.serving.errors import ApiError
from pixelmind.serving.image_objects import (
    MAX_PROMPT,
    Check,
    Colors,
    CompletedImage,
    Count,
    Guidance,
    ImageData,
    ImageRequest,
    ImagesAnswer,
    Partial,
    PartialImage,
    Prompt,
    Seed,
    SizeText,
    Steps,
)
from pixelmind.serving.jobs import finished
from pixelmind.serving.once import fingerprint, found
from pixelmind.serving.uploads import check_picture, read_sprite
from pixelmind.serving.waiting import STREAMED, Step, event_stream, ready, settle

router = APIRouter(prefix="/v1/images", tags=["images"])
OPENAI_STYLES = ("vivid", "natural")
EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The pictures; with `stream` events `….partial_image` and `….completed`, at last `done`.",
        "content": STREAMED,
    }
}


@dataclass(frozen=True)
class Task:
    """One request of a caller: what is asked, under which key, and how the answer is named."""

    caller: Caller
    asked: GenerationRequest
    key: str | None
    hashed: str
    name: Literal["image_generation", "image_edit"]
    stream: bool = False
    partial_images: int = 0
    check: bool = True

    @property
    def operation(self) -> str:
        """What the rows say was done."""
        return "generate" if self.name == "image_generation" else "inpaint"


@router.post("/generations", response_model=ImagesAnswer, responses=EVENTS, summary="Draw pictures from words")
async def generations(
    request: Request, body: ImageRequest, service: Service, caller: Generating, key: IdempotencyKey = None
) -> Response | ImagesAnswer:
    """OpenAI's `images.generate`. The pictures are kept as the caller's sprites."""
    _check_count(service, body.n)
    width, height = drawing.read_size(body.size)
    hashed = fingerprint(request, body.model_dump_json())

    def asked() -> GenerationRequest:
        layout = None if body.layout is None else drawing.read_sprites(service, caller, [body.layout])[0]
        if layout is not None and layout.mask is None:
            raise ApiError(400, f"the sprite {body.layout} has no mask that could be a layout", param="layout")
        style = None if body.style in OPENAI_STYLES else body.style or None
        conditioning = Conditioning(
            prompt=body.prompt,
            negative=body.negative_prompt,
            height=height,
            width=width,
            palette=drawing.read_palette(service, caller, body.palette),
            max_colors=body.colors,
            style=style,
            kind=body.kind or None,
            references=drawing.read_sprites(service, caller, body.references),
            layout=None if layout is None else layout.mask,
            layout_names=() if layout is None else layout.mask_names,
            seamless=body.seamless,
        )
        asked = GenerationRequest(
            conditioning=conditioning,
            num_images=body.n,
            seed=drawing.read_seed(body.seed, body.n),
            num_inference_steps=body.steps,
            guidance_scale=body.guidance,
        )
        return drawing.styled(service, caller, asked)

    kept, wanted = await run_in_threadpool(_kept_or, service, caller, key, hashed, asked)
    task = Task(caller, wanted, key, hashed, "image_generation", body.stream, body.partial_images, body.check)
    return await _answer(request, service, task, kept)


@router.post("/edits", response_model=ImagesAnswer, responses=EVENTS, summary="Draw a part of a picture anew")
async def edits(
    request: Request,
    service: Service,
    caller: Generating,
    prompt: Annotated[Prompt, Form()],
    image: Annotated[UploadFile | None, File(description="The picture at native size, at most 256 px a side.")] = None,
    images: Annotated[
        list[UploadFile] | None,
        File(alias="image[]", description="As `image`; further pictures show the style that is wanted."),
    ] = None,
    mask: Annotated[UploadFile | None, File(description="Of the picture's size; none draws all of it anew.")] = None,
    mask_polarity: Annotated[
        Literal["transparent", "white"],
        Form(description='Which cells are drawn anew: those the mask leaves clear (OpenAI), or its "white" ones.'),
    ] = "transparent",
    n: Annotated[Count, Form()] = 1,
    size: Annotated[SizeText, Form()] = None,
    response_format: Annotated[Literal["b64_json"], Form()] = "b64_json",
    stream: Annotated[bool, Form()] = False,
    partial_images: Annotated[Partial, Form()] = 0,
    seed: Annotated[Seed, Form()] = None,
    strength: Annotated[float, Form(gt=0, le=1, description="1 draws anew; less keeps more of what was there.")] = 1.0,
    palette: Annotated[str | None, Form(max_length=100, description="A palette's name.")] = None,
    colors: Annotated[Colors, Form()] = None,
    style: Annotated[str | None, Form(max_length=100, description="A name from GET /v1/styles.")] = None,
    kind: Annotated[str | None, Form(max_length=100)] = None,
    negative_prompt: Annotated[str, Form(max_length=MAX_PROMPT)] = "",
    steps: Annotated[Steps, Form()] = None,
    guidance: Annotated[Guidance, Form()] = None,
    check: Annotated[Check, Form()] = True,
    key: IdempotencyKey = None,
) -> Response | ImagesAnswer:
    """OpenAI's `images.edit`. Cells outside the mask come back as they were, bit for bit."""
    _check_count(service, n)
    files = [await upload.read() for upload in ([image] if image else []) + (images or [])]
    mask_file = None if mask is None else await mask.read()
    told = (prompt, mask_polarity, n, size, seed, strength, palette, colors, style, kind, negative_prompt, steps)
    hashed = fingerprint(request, repr((*told, guidance, check)), mask_file or b"", *files)

    def asked() -> GenerationRequest:
        if not files:
            raise ApiError(400, "there is no picture to change; send it as `image`", param="image")
        source, *references = [read_sprite(data) for data in files]
        if size not in (None, "auto") and drawing.read_size(size) != (source.width, source.height):
            raise ApiError(
                400,
                f"the picture is {source.width}x{source.height} px and keeps its size; leave size out",
                param="size",
            )
        conditioning = Conditioning(
            prompt=prompt,
            negative=negative_prompt,
            height=source.height,
            width=source.width,
            palette=drawing.read_palette(service, caller, palette),
            max_colors=colors,
            style=None if style in OPENAI_STYLES else style or None,
            kind=kind or None,
            references=tuple(references),
        )
        asked = GenerationRequest(
            conditioning=conditioning,
            num_images=n,
            seed=drawing.read_seed(seed, n),
            num_inference_steps=steps,
            guidance_scale=guidance,
            source=source,
            region=None if mask_file is None else _region(mask_file, source, mask_polarity),
            strength=strength,
        )
        return drawing.styled(service, caller, asked)

    kept, wanted = await run_in_threadpool(_kept_or, service, caller, key, hashed, asked)
    task = Task(caller, wanted, key, hashed, "image_edit", stream, partial_images, check)
    return await _answer(request, service, task, kept)


def _check_count(service: State, count: int) -> None:
    if count > service.config.max_images:
        raise ApiError(400, f"n is {count}; at most {service.config.max_images} pictures are drawn at once", param="n")


def _kept_or(
    service: State, caller: Caller, key: str | None, hashed: str, asked: Callable[[], GenerationRequest]
) -> tuple[Drawn | None, GenerationRequest]:
    """What was drawn under the key before, and the request."""
    answer = found(service, caller, key, hashed)
    return None if answer is None else drawing.again(service, caller, answer), asked()


def _region(data: bytes, source: Sprite, polarity: str) -> U8:
    """Cells uint8 [H, W] that a mask gives free.

    Raises:
        BadInput: no picture, or of another size. ApiError: it gives nothing free.
    """
    width, height = check_picture(data)
    if (height, width) != source.indices.shape:
        raise BadInput(
            f"the mask is {width}x{height} px, the picture {source.width}x{source.height}; give both one size"
        )
    rgba = png.decode_image(data)
    free = rgba[..., 3] < 128 if polarity == "transparent" else (rgba[..., :3].max(2) >= 128) & (rgba[..., 3] >= 128)
    if not free.any():
        other = "white" if polarity == "transparent" else "transparent"
        raise ApiError(400, f"the mask has no {polarity} cell; mark some, or say mask_polarity={other}", param="mask")
    region: U8 = free.astype(np.uint8)
    return region


async def _answer(request: Request, service: State, task: Task, kept: Drawn | None) -> Response | ImagesAnswer:
    if kept is None:
        await ready(service)
        await run_in_threadpool(drawing.take_quota, service, task.caller, task.asked.num_images)
    if task.stream:
        try:
            return _stream(request, service, task, kept)
        except Exception:
            if kept is None:
                await run_in_threadpool(drawing.give_back, service, task.caller, task.asked.num_images)
            raise
    return _plain(task, await draw(request, service, task) if kept is None else kept)


async def draw(request: Request, service: State, task: Task) -> Drawn:
    """Draw and keep what a task asks for."""
    try:
        result = await settle(request, service, service.engine.submit(task.asked, check=task.check))
    except Exception:
        await run_in_threadpool(drawing.give_back, service, task.caller, task.asked.num_images)
        raise
    return await run_in_threadpool(_keep, service, task, result)


def _keep(service: State, task: Task, result: Any) -> Drawn:
    return drawing.keep(service, task.caller, task.key, task.hashed, task.asked, result, task.operation)


def _size(sprite: Sprite) -> str:
    return f"{sprite.width}x{sprite.height}"


def _background(sprite: Sprite) -> Literal["transparent", "opaque"]:
    return "transparent" if (sprite.palette[sprite.indices, 3] == 0).any() else "opaque"


def _plain(task: Task, drawn: Drawn) -> ImagesAnswer:
    words, first = task.asked.conditioning.prompt, drawn.sprites[0]
    data = [ImageData(b64_json=b, revised_prompt=words, sprite_id=i, seed=seed) for i, seed, b in drawn.items]
    return ImagesAnswer(
        created=drawn.answer["created"],
        data=data,
        background=_background(first),
        size=_size(first),
        seconds=drawn.answer["seconds"],
        weights=drawn.answer["weights"],
    )


def _stream(request: Request, service: State, task: Task, kept: Drawn | None) -> Response:
    shown = 0

    def on_step(step: Step) -> Iterator[tuple[str, dict[str, Any]]]:
        nonlocal shown
        final = (task.asked.conditioning.height, task.asked.conditioning.width)
        if step.preview is None or shown >= task.partial_images or step.preview.indices.shape == final:
            return
        event = PartialImage(
            type=f"{task.name}.partial_image",  # type: ignore[arg-type]
            b64_json=drawing.png_text(step.preview),
            partial_image_index=shown,
            level=step.level,
            step=step.step,
            steps=step.steps,
            size=_size(step.preview),
            created_at=int(time.time()),
        )
        shown += 1
        yield event.type, event.model_dump()

    def on_result(result: Any) -> Iterator[tuple[str, dict[str, Any]]]:
        drawn = _keep(service, task, result) if kept is None else kept
        for index, ((identity, seed, b64), sprite) in enumerate(zip(drawn.items, drawn.sprites)):
            event = CompletedImage(
                type=f"{task.name}.completed",  # type: ignore[arg-type]
                b64_json=b64,
                index=index,
                sprite_id=identity,
                seed=seed,
                size=_size(sprite),
                background=_background(sprite),
                created_at=drawn.answer["created"],
            )
            yield event.type, event.model_dump()

    def on_failure() -> None:
        drawing.give_back(service, task.caller, task.asked.num_images)

    submit = (
        (lambda tell: service.engine.submit(task.asked, tell, task.check))
        if kept is None
        else (lambda _: finished(None))
    )
    failed = on_failure if kept is None else None
    return event_stream(request, service, submit, on_step, on_result, on_failure=failed, end="[DONE]")
