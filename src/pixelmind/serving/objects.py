"""What the API says about sprites and pictures, as pydantic models; shared by the routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from pixelmind.storage import SpriteRow


class Body(BaseModel):
    """A request's JSON; a field nobody knows is refused, so that a slip of the pen is not passed over."""

    model_config = ConfigDict(extra="forbid")


class QualityObject(BaseModel):
    """What a check found of a picture."""

    dissatisfied: float = Field(description="Chance that a person is dissatisfied with it.")
    families: dict[str, float] = Field(description="Chance of a fault, by family: alignment, palette, proportion.")
    score: float = Field(description="The critic's; the higher, the more like real pixel art.")
    rounds: int = Field(description="Times it was mended.")
    changed_cells: int = Field(description="Cells that mending changed.")
    flagged: bool = Field(description="Whether it was put into the review queue.")
    critic: str = Field(description="Which critic.")


class SpriteObject(BaseModel):
    """A kept sprite."""

    id: str = Field(description="spr_ and 26 characters that sort by time.")
    created: str = Field(description="UTC, ISO 8601.")
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
    quality: QualityObject | None = Field(description="What the check after drawing found; null: not checked.")
    review: str | None = Field(description="Why a person is to look at it; null: nobody is.")
    url: str = Field(description="Where its PNG is.")


def sprite_object(row: SpriteRow) -> SpriteObject:
    """A row of the database as the API shows it."""
    return SpriteObject(
        id=row.id,
        created=row.created,
        width=row.width,
        height=row.height,
        colors=row.colors,
        palette=list(row.palette),
        transparent=row.transparent,
        prompt=row.prompt,
        seed=row.seed,
        weights=row.weights,
        parent=row.parent,
        operation=row.operation,
        instruction=row.instruction,
        session=row.session,
        source=row.source,
        regions=list(row.regions),
        quality=None if row.quality is None else QualityObject(**row.quality),
        review=row.review,
        url=f"/v1/sprites/{row.id}/image.png",
    )
