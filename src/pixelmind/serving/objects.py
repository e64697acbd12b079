"""What the API says about sprites and pictures, as pydantic models; shared by the routes."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from pixelmind.records import Sprite

if TYPE_CHECKING:
    from pixelmind.storage import SpriteRow


class Body(BaseModel):
    """A request's JSON; a field nobody knows is refused, so that a slip of the pen is not passed over."""

    model_config = ConfigDict(extra="forbid")


class SpriteObject(BaseModel):
    """A kept sprite."""

    id: str = Field(description="spr_ and 26 characters that sort by time.")
    created: datetime
    width: int = Field(description="px")
    height: int = Field(description="px")
    colors: int = Field(description="Opaque colours really used.")
    palette: list[str] = Field(description="Opaque colours as #rrggbb, in the palette's order.")
    transparent: bool = Field(description="Whether any cell is clear.")
    prompt: str
    seed: int | None
    weights: str = Field(description="The bundle that drew it; empty for what was uploaded.")
    parent: str | None = Field(description="The sprite it was made from.")
    operation: str
    instruction: str
    session: str | None
    source: str = Field(description='"generated", "edited" or "uploaded".')
    regions: list[str] = Field(description="Names of the parts that its mask knows.")
    url: str = Field(description="Where its PNG is.")


def hex_colors(sprite: Sprite) -> list[str]:
    """Opaque colours in the palette's order, "#rrggbb"."""
    return ["#{:02x}{:02x}{:02x}".format(*(int(v) for v in entry[:3])) for entry in sprite.palette if entry[3] == 255]


def region_names(sprite: Sprite) -> list[str]:
    """Names of the parts that the mask holds, without the background."""
    if sprite.mask is None:
        return []
    held = {int(v) for v in set(sprite.mask.ravel().tolist())}
    return [name for i, name in enumerate(sprite.mask_names) if i in held and name != "background"]


def sprite_object(row: SpriteRow) -> SpriteObject:
    """A row of the database as the API shows it."""
    sprite = row.sprite
    return SpriteObject(
        id=row.id,
        created=row.created,
        width=sprite.width,
        height=sprite.height,
        colors=sprite.num_colors,
        palette=hex_colors(sprite),
        transparent=bool((sprite.rgba()[..., 3] == 0).any()),
        prompt=row.prompt,
        seed=row.seed,
        weights=row.weights,
        parent=row.parent,
        operation=row.operation,
        instruction=row.instruction,
        session=row.session,
        source=row.source,
        regions=region_names(sprite),
        url=f"/v1/sprites/{row.id}/image.png",
    )
