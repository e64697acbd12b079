"""The names that a request may give as style and kind."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from pixelmind.serving.dependencies import Anyone, Service
from pixelmind.serving.waiting import ready

router = APIRouter(prefix="/v1/styles", tags=["models"])


class Styles(BaseModel):
    """The vocabulary of the weights."""

    styles: list[str] = Field(description="For `style`.")
    kinds: list[str] = Field(description="For `kind`.")


@router.get("", summary="Styles and kinds that the weights know by name")
async def styles(service: Service, _: Anyone) -> Styles:
    """Both lists, in the weights' order."""
    await ready(service)
    known = service.engine.pipe.vocabulary
    return Styles(styles=list(known.styles), kinds=list(known.kinds))
