"""A person's sprites: uploads, lists, pictures, cells, lineage, downloads, edits and exchanged colours."""

from __future__ import annotations

import base64
import secrets
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, File, Form, Query, Request, Response, UploadFile
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from pixelmind.pixels import png
from pixelmind.records import Sprite
from pixelmind.serving import downloads, editing, reviewing, uploads
from pixelmind.serving.dependencies import Anyone, Generating, IdempotencyKey, RequestId, Service, State
from pixelmind.serving.image_objects import Check
from pixelmind.serving.objects import Body, SpriteObject, sprite_object
from pixelmind.serving.once import fingerprint, found, once
from pixelmind.serving.shelf import about_row
from pixelmind.serving.talk_objects import MAX_SEED, Points, Region
from pixelmind.serving.waiting import perform
from pixelmind.storage import SpriteRow

router = APIRouter(prefix="/v1/sprites", tags=["sprites"])
MAX_INSTRUCTION = 1000
Format = Literal[
    "png", "gif", "apng", "sheet", "sheet-array", "aseprite", "tiled", "godot", "texturepacker", "gpl", "hex", "pal",
    "palette-png",
]  # fmt: skip
#: A stored sprite never changes, so that a browser may keep its picture; another key may not see it.
KEPT = {"Cache-Control": "private, max-age=3600", "Vary": "Authorization"}


class SpriteList(BaseModel):
    """A page of sprites, newest first."""

    data: list[SpriteObject]
    next: str | None = Field(description="Give it as `before` for the next page.")


class Cells(BaseModel):
    """A sprite cell by cell."""

    width: int
    height: int
    palette: list[list[int]] = Field(description="[r, g, b, a], a 0 or 255; only entry 0 may be clear.")
    indices: str = Field(description="Base64 of a byte a cell, row by row: its entry of the palette.")
    mask: str | None = Field(description="Base64 of a byte a cell: its part, one of mask_names.")
    mask_names: list[str]


class Node(BaseModel):
    """A sprite of a family."""

    id: str
    parent: str | None
    operation: str
    instruction: str
    created: str


class Lineage(BaseModel):
    """What a sprite was made from, and all that was made from that."""

    nodes: list[Node] = Field(description="Oldest first.")
    current: str


class EditBody(Body):
    """What to change, and where."""

    instruction: str = Field(min_length=1, max_length=MAX_INSTRUCTION)
    region: Region = ""
    mask: str | None = Field(
        None, max_length=400_000, description="Base64 PNG of the sprite's size, white where it may change."
    )
    points: Points = Field(default_factory=list)
    seed: int | None = Field(None, ge=0, le=MAX_SEED, description="Of what is drawn anew. Default: drawn.")
    check: Check = True
    style: str | None = Field(None, max_length=100, description="Of what is drawn anew; a name from GET /v1/styles.")


class Swap(BaseModel):
    """A colour and what takes its place."""

    from_: str = Field(alias="from", max_length=7, description="#rrggbb")
    to: str = Field(max_length=7, description="#rrggbb")


class RecolorBody(Body):
    """Colours exchanged for others, all at once."""

    swaps: list[Swap] = Field(min_length=1, max_length=256)
    locked: list[Annotated[str, Field(max_length=7)]] = Field(
        default_factory=list, max_length=256, description="Colours that must stay."
    )


class EditAnswer(BaseModel):
    """A changed sprite, and what changed."""

    sprite: SpriteObject
    text: str
    region: str
    operation: str
    changed_cells: int
    changed_outside: int = Field(description="Cells that were not to change and did: 0.")
    changed: str = Field(description="Base64 of a byte 0 or 1 for each cell of the canvas before, row by row.")


# ---- keeping ---------------------------------------------------------------------------------------------------------
@router.post("", status_code=201, response_model=SpriteObject)
def upload(
    request: Request,
    service: Service,
    caller: Generating,
    file: Annotated[UploadFile, File(description="A PNG, GIF, BMP or WebP at native size, up to 256 px a side.")],
    prompt: Annotated[str, Form(max_length=1000, description="What it shows.")] = "",
    key: IdempotencyKey = None,
) -> Any:
    """Keep a picture of one's own."""
    data = file.file.read(service.config.max_upload_bytes + 1)
    sprite = uploads.read_sprite(data)
    about = about_row(sprite)
    about["prompt"] = prompt.strip() or about["prompt"]

    def work() -> dict[str, Any]:
        row = service.db.sprites.add(caller.user, sprite, source="uploaded", operation="upload", **about)
        return sprite_object(row).model_dump(mode="json")

    return once(service, caller, key, fingerprint(request, data, prompt), work, learn=True)


@router.get("", response_model=SpriteList)
def page(
    service: Service,
    caller: Anyone,
    limit: int = Query(50, ge=1, le=200),
    before: str | None = Query(None, max_length=64),
    session: str | None = Query(None, max_length=64),
) -> SpriteList:
    """Sprites, newest first."""
    rows = service.db.sprites.list(caller.user, limit, before, session)
    more = rows[-1].id if len(rows) == limit else None
    return SpriteList(data=[sprite_object(row) for row in rows], next=more)


@router.get("/{sprite_id}", response_model=SpriteObject)
def one(sprite_id: str, service: Service, caller: Anyone) -> SpriteObject:
    """One sprite."""
    return sprite_object(service.db.sprites.get(caller.user, sprite_id))


@router.delete("/{sprite_id}", status_code=204)
def delete(sprite_id: str, service: Service, caller: Generating, request_id: RequestId) -> Response:
    """Delete a sprite and what was said about it, for good."""

    def work() -> dict[str, Any]:
        service.db.sprites.delete(caller.user, sprite_id)
        service.db.audit.write(caller.user, "sprite.delete", sprite_id, request_id=request_id)
        return {}

    service.db.write(lambda _: work())
    return Response(status_code=204)


# ---- looking ---------------------------------------------------------------------------------------------------------
@router.get("/{sprite_id}/image.png", response_class=Response, responses={200: {"content": {"image/png": {}}}})
def image(
    sprite_id: str, service: Service, caller: Anyone, scale: int = Query(1, ge=1, le=32, description="Whole times.")
) -> Response:
    """The picture as an indexed PNG."""
    row = service.db.sprites.get(caller.user, sprite_id)
    downloads.check_scale(row, scale)
    return Response(png.encode_png(row.sprite, scale), media_type="image/png", headers=KEPT)


@router.get("/{sprite_id}/cells", response_model=Cells)
def cells(sprite_id: str, service: Service, caller: Anyone) -> Cells:
    """The picture cell by cell."""
    sprite = service.db.sprites.get(caller.user, sprite_id).sprite

    def packed(values: Any) -> str:
        return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()

    return Cells(
        width=sprite.width,
        height=sprite.height,
        palette=sprite.palette.tolist(),
        indices=packed(sprite.indices),
        mask=None if sprite.mask is None else packed(sprite.mask),
        mask_names=list(sprite.mask_names),
    )


@router.get("/{sprite_id}/lineage", response_model=Lineage)
def lineage(sprite_id: str, service: Service, caller: Anyone) -> Lineage:
    """The family of a sprite."""
    rows = service.db.sprites.lineage(caller.user, sprite_id)
    nodes = [
        Node(id=r.id, parent=r.parent, operation=r.operation, instruction=r.instruction, created=r.created)
        for r in rows
    ]
    return Lineage(nodes=nodes, current=sprite_id)


@router.get("/{sprite_id}/download", response_class=Response, responses={200: {"content": {"*/*": {}}}})
def download(
    sprite_id: str,
    service: Service,
    caller: Anyone,
    format: Format = "png",
    scale: int = Query(1, ge=1, le=64, description="Whole times; formats that keep native pixels take 1."),
) -> Response:
    """The sprite as a file, or a zip of several; it counts as an export of it."""
    row = service.db.sprites.get(caller.user, sprite_id)
    made = downloads.packed(row, format, scale)
    service.db.feedback.event(caller.user, sprite_id, "export", details={"format": format, "scale": scale})
    return downloads.file_answer(made.name, made.media, made.body)


# ---- changing --------------------------------------------------------------------------------------------------------
def keep_edit(service: State, user: str, before: SpriteRow, edited: editing.Edited, instruction: str) -> dict[str, Any]:
    """Keep an edit: the sprite after it, and that the one before was edited."""
    about: dict[str, Any] = about_row(edited.sprite) | {"seed": edited.seed}
    row = service.db.sprites.add(
        user,
        edited.sprite,
        operation=edited.operation,
        instruction=instruction,
        parent=before.id,
        session=before.session,
        source="edited",
        **{**about, "prompt": about["prompt"] or before.prompt},
    )
    (row,) = reviewing.flag(service.db, user, [(row, edited.checked)])
    service.db.feedback.event(user, before.id, "edit", details={"operation": edited.operation})
    return EditAnswer(
        sprite=sprite_object(row),
        text=edited.text,
        region=edited.region,
        operation=edited.operation,
        changed_cells=edited.changed_cells,
        changed_outside=edited.changed_outside,
        changed=editing.packed(edited.changed),
    ).model_dump(mode="json")


@router.post("/{sprite_id}/edits", response_model=EditAnswer)
async def edit(
    sprite_id: str, body: EditBody, request: Request, service: Service, caller: Generating, key: IdempotencyKey = None
) -> Any:
    """Change what an instruction says and nothing else; the sprite before is kept."""
    from pixelmind.dialogue.clicks import Pointing

    hashed = fingerprint(request, body.model_dump_json())
    if kept := await run_in_threadpool(found, service, caller, key, hashed):
        return kept
    before, sprite = await run_in_threadpool(_read, service, caller.user, sprite_id)
    pointing = Pointing(tuple((p[0], p[1]) for p in body.points), body.region)
    mask = None if body.mask is None else uploads.read_mask(body.mask, sprite)
    seed = secrets.randbelow(1 << 31) if body.seed is None else body.seed
    told = (body.instruction, pointing, mask, seed, body.style or None, service.styles.kept(caller.user), body.check)
    done = await perform(request, service, editing.edit, service.networks, sprite, *told)
    if done.checked is not None:
        service.metrics.checked([done.checked])

    def work() -> dict[str, Any]:
        return keep_edit(service, caller.user, before, done, body.instruction)

    return await run_in_threadpool(once, service, caller, key, hashed, work, learn=True)


def _read(service: State, user: str, sprite_id: str) -> tuple[SpriteRow, Sprite]:
    row = service.db.sprites.get(user, sprite_id)
    return row, row.sprite


@router.post("/{sprite_id}/recolor", response_model=EditAnswer)
def recolor(
    sprite_id: str,
    body: RecolorBody,
    request: Request,
    service: Service,
    caller: Generating,
    key: IdempotencyKey = None,
) -> Any:
    """Exchange colours for others; the sprite before is kept."""
    hashed = fingerprint(request, body.model_dump_json())
    if kept := found(service, caller, key, hashed):
        return kept
    row = service.db.sprites.get(caller.user, sprite_id)
    done = editing.recolor(row.sprite, [(s.from_, s.to) for s in body.swaps], body.locked)
    said = ", ".join(f"{s.from_} to {s.to}" for s in body.swaps)
    return once(service, caller, key, hashed, lambda: keep_edit(service, caller.user, row, done, said), learn=True)
