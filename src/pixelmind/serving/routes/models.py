"""The weights, as OpenAI's clients list models."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from pixelmind.serving.dependencies import Anyone, Service, State
from pixelmind.serving.waiting import ready
from pixelmind.storage import NotFound

router = APIRouter(prefix="/v1/models", tags=["models"])
NAME = "pixelmind"


class Model(BaseModel):
    """One set of weights."""

    id: str
    object: Literal["model"] = "model"
    created: int = Field(default=0, description="Unix seconds; 0 where it is not known.")
    owned_by: str = "pixelmind"
    weights: str = Field(description="The bundle's id, as sprites tell it.")


class Models(BaseModel):
    """All of them."""

    object: Literal["list"] = "list"
    data: list[Model]


async def _models(service: State) -> list[Model]:
    await ready(service)
    identity = service.engine.pipe.bundle.id
    return [Model(id=NAME, weights=identity), Model(id=identity, weights=identity)]


@router.get("", summary="The weights that draw")
async def models(service: Service, _: Anyone) -> Models:
    """The service's weights under their name and under their own id."""
    return Models(data=await _models(service))


@router.get("/{name}", summary="One set of weights")
async def model(name: str, service: Service, _: Anyone) -> Model:
    """One of those that are listed."""
    for found in await _models(service):
        if found.id == name:
            return found
    raise NotFound(f"there is no model {name[:60]!r} here; GET /v1/models lists them")
