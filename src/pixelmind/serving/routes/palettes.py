"""Palettes: the built-in ones and a person's own."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field, model_validator

from pixelmind.errors import BadInput
from pixelmind.pixels import palettes
from pixelmind.pixels.strip import safe_stem
from pixelmind.records import MAX_PALETTE, Palette
from pixelmind.serving.dependencies import Anyone, Caller, Generating, IdempotencyKey, Service, State
from pixelmind.serving.downloads import file_answer
from pixelmind.serving.editing import read_color
from pixelmind.serving.objects import Body
from pixelmind.serving.once import fingerprint, once
from pixelmind.storage import Conflict, NotFound

router = APIRouter(prefix="/v1/palettes", tags=["palettes"])
MAX_FILE = 100_000
MEDIA = {"gpl": "text/plain", "hex": "text/plain", "pal": "text/plain", "png": "image/png"}


class PaletteObject(BaseModel):
    """A palette."""

    name: str
    title: str
    colors: list[str] = Field(description="#rrggbb, in order.")
    builtin: bool


class PaletteList(BaseModel):
    """All palettes: one's own first, then the built-in ones."""

    data: list[PaletteObject]


class PaletteBody(Body):
    """A palette of one's own: the text of a file, or colours."""

    name: str = Field(min_length=1, max_length=100)
    text: str | None = Field(
        None, max_length=MAX_FILE, description="A .hex (Lospec), .gpl (GIMP) or .pal (JASC) file's."
    )
    colors: list[Annotated[str, Field(max_length=7)]] | None = Field(
        None, min_length=1, max_length=MAX_PALETTE, description="#rrggbb each."
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> PaletteBody:
        if (self.text is None) == (self.colors is None):
            raise ValueError("give either text or colors")
        return self

    def palette(self) -> Palette:
        """The palette; repeated colours once.

        Raises:
            BadInput: no fit name, or unreadable colours.
        """
        name = " ".join(self.name.split())
        if not name or any(c in "/\\" for c in name) or name.startswith("."):
            raise BadInput("a palette's name has no slashes, and does not begin with a dot")
        if self.text is not None:
            return palettes.parse(self.text.lstrip("\ufeff").encode(), name, told="text")
        colors = dict.fromkeys(read_color(text) for text in self.colors or ())
        return Palette(name=name, colors=np.array(list(colors), np.uint8))


def _own(palette: Palette) -> PaletteObject:
    return PaletteObject(name=palette.name, title=palette.name, colors=list(palette.hex()), builtin=False)


def _builtin(name: str) -> PaletteObject:
    found = palettes.get(name)
    return PaletteObject(name=found.name, title=palettes.title(found.name), colors=list(found.hex()), builtin=True)


def _is_builtin(name: str) -> bool:
    try:
        palettes.get(name)
    except BadInput:
        return False
    return True


def _find(service: State, caller: Caller, name: str) -> tuple[Palette, bool]:
    """A palette of one's own or a built-in one, and whether it is built in.

    Raises:
        NotFound: neither.
    """
    try:
        return service.db.palettes.get(caller.user, name), False
    except NotFound:
        if _is_builtin(name):
            return palettes.get(name), True
        raise


@router.get("", response_model=PaletteList)
def page(service: Service, caller: Anyone) -> PaletteList:
    """All palettes."""
    own = [_own(palette) for palette in service.db.palettes.list(caller.user)]
    return PaletteList(data=[*own, *(_builtin(name) for name in palettes.names())])


@router.get("/{name}", response_model=PaletteObject)
def one(name: str, service: Service, caller: Anyone) -> PaletteObject:
    """One palette."""
    palette, builtin = _find(service, caller, name)
    return _builtin(palette.name) if builtin else _own(palette)


@router.post("", status_code=201, response_model=PaletteObject)
def add(body: PaletteBody, request: Request, service: Service, caller: Generating, key: IdempotencyKey = None) -> Any:
    """Keep a palette of one's own. 409 where there is one of this name."""
    palette = body.palette()

    def work() -> dict[str, Any]:
        if _is_builtin(palette.name):
            raise Conflict(f"there is a built-in palette {palette.name}; take another name")
        return _own(service.db.palettes.add(caller.user, palette)).model_dump(mode="json")

    return once(service, caller, key, fingerprint(request, body.model_dump_json()), work)


@router.delete("/{name}", status_code=204)
def delete(name: str, service: Service, caller: Generating) -> Response:
    """Delete a palette of one's own."""
    service.db.palettes.delete(caller.user, name)
    return Response(status_code=204)


@router.get("/{name}/download", response_class=Response, responses={200: {"content": {"*/*": {}}}})
def download(
    name: str, service: Service, caller: Anyone, format: Literal["gpl", "hex", "pal", "png"] = "gpl"
) -> Response:
    """A palette as a file."""
    palette, _ = _find(service, caller, name)
    body = palettes.encode(palette, f".{format}")
    return file_answer(f"{safe_stem(palette.name)}.{format}", MEDIA[format], body)
