"""The names that a request may give as style and kind, and styles of the caller's own: made from a few sprites, listed, deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, File, Form, Response, UploadFile
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from pixelmind.serving.dependencies import Anyone, Generating, RequestId, Service, State
from pixelmind.serving.errors import ApiError
from pixelmind.serving.style_making import MAX_SPRITES, Status, Style
from pixelmind.serving.waiting import ready

router = APIRouter(prefix="/v1/styles", tags=["models"])


class OwnStyleObject(BaseModel):
    """A style of the caller's own."""

    name: str = Field(description="For `style`, once it is ready.")
    own: bool = Field(True, description="Always true.")
    status: Status = Field(description='"unusable": damaged, or made for other weights.')
    progress: float = Field(description="0 to 1.")
    pictures: int = Field(description="Sprites that it was made from.")
    bytes: int
    weights: str = Field(description="The bundle it was made for.")
    created: datetime
    error: str | None = Field(description="Why it failed or cannot be used, in one line.")


class Styles(BaseModel):
    """The vocabulary of the weights, and the caller's own styles."""

    styles: list[str] = Field(description="For `style`.")
    kinds: list[str] = Field(description="For `kind`.")
    own: list[OwnStyleObject] = Field(description="The caller's own, by name.")


def _object(style: Style) -> OwnStyleObject:
    return OwnStyleObject(own=True, **vars(style))


def _found(service: State, user: str, name: str) -> OwnStyleObject:
    for style in service.styles.list(user, service.engine.pipe):
        if style.name == name:
            return _object(style)
    raise ApiError(404, f"you have no style {name[:40]!r}")


@router.get("", summary="Styles and kinds that can be asked for by name")
async def styles(service: Service, caller: Anyone) -> Styles:
    """The weights' own in their order, then the caller's, with those that are being made or could not be."""
    await ready(service)
    pipe = service.engine.pipe
    own = await run_in_threadpool(service.styles.list, caller.user, pipe)
    return Styles(
        styles=list(pipe.vocabulary.styles), kinds=list(pipe.vocabulary.kinds), own=[_object(style) for style in own]
    )


@router.get("/{style_name}", summary="One style of the caller's own")
async def one(style_name: str, service: Service, caller: Anyone) -> OwnStyleObject:
    """How far it is, or why it failed."""
    await ready(service)
    return await run_in_threadpool(_found, service, caller.user, style_name)


@router.post("", status_code=202, summary="Make a style from sprites")
async def make(
    service: Service,
    caller: Generating,
    request_id: RequestId,
    name: Annotated[str, Form(max_length=100, description="Up to 40 small letters, digits, - and _.")],
    images: Annotated[
        list[UploadFile] | None,
        File(description=f"1 to {MAX_SPRITES} sprites at native size. Their file names say what they show."),
    ] = None,
) -> OwnStyleObject:
    """It is made in the background, in about a minute, one after another; GET it until its status is "ready" or "failed".

    409 where there is one of this name; 429 where one of the caller's is being made, or too many wait.
    """
    files = [(upload.filename or "", await upload.read()) for upload in images or []]
    await ready(service)

    def work() -> OwnStyleObject:
        service.styles.submit(caller.user, name, files, service.engine.pipe)
        service.db.audit.write(caller.user, "style.make", name, request_id=request_id)
        return _found(service, caller.user, name)

    return await run_in_threadpool(work)


@router.delete("/{style_name}", status_code=204, summary="Delete a style of the caller's own")
def delete(style_name: str, service: Service, caller: Generating, request_id: RequestId) -> Response:
    """For good; one that is being made is given up. Pictures drawn in it stay."""
    service.styles.remove(caller.user, style_name)
    service.db.audit.write(caller.user, "style.delete", style_name, request_id=request_id)
    return Response(status_code=204)
