"""What the API says about dialogues, as pydantic models."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from pixelmind.serving.image_objects import Check
from pixelmind.serving.objects import Body, SpriteObject

MAX_TEXT = 8000
MAX_NAME = 100
MAX_POINTS = 256
MAX_SEED = (1 << 53) - 1
Kind = Literal["question", "sprites", "edit", "history", "answer", "saved", "error"]
Name = Annotated[str, Field(max_length=MAX_NAME, description="Shown in lists.")]
Points = Annotated[
    list[Annotated[list[Annotated[int, Field(ge=0, le=255)]], Field(min_length=2, max_length=2)]],
    Field(max_length=MAX_POINTS, description="Cells [x, y] clicked; each means the piece of its part that holds it."),
]
Region = Annotated[str, Field(max_length=100, description='The name of a part, such as "sky".')]


class NewSession(Body):
    """How a dialogue begins."""

    name: Name = ""
    candidates: int = Field(2, ge=1, le=8, description="Sprites drawn for a wish.")
    seed: int | None = Field(None, ge=0, le=MAX_SEED, description="Same seed and words, same dialogue. Default: drawn.")
    sprite_id: str | None = Field(None, max_length=64, description="A sprite of one's own that it begins with.")


class Renamed(Body):
    """Another name."""

    name: Name


class Said(Body):
    """A turn of the person."""

    text: str = Field(min_length=1, max_length=MAX_TEXT)
    points: Points = Field(default_factory=list)
    region: Region = ""
    check: Check = True
    style: str | None = Field(
        None, max_length=100, description='A name from GET /v1/styles, for this turn and later ones; "" ends it.'
    )


class Go(Body):
    """A version of the history."""

    version: int = Field(ge=0, le=1_000_000, description="Its number, as the history tells it.")


class OptionObject(BaseModel):
    """An answer that can be picked."""

    label: str
    sprite: SpriteObject | None = Field(description="What it would look like.")


class QuestionObject(BaseModel):
    """A question about one open point."""

    slot: str
    kind: str = Field(description='"reference" questions show pictures.')
    text: str
    options: list[OptionObject]


class SessionObject(BaseModel):
    """A dialogue."""

    id: str
    created: datetime
    updated: datetime
    name: str
    turns: int = Field(description="Turns of the person that were answered.")
    version: int = Field(description="Rises with each turn.")
    current: SpriteObject | None = Field(description="The sprite in view.")
    candidates: list[SpriteObject]
    question: QuestionObject | None


class MessageObject(BaseModel):
    """One message."""

    role: Literal["user", "assistant"]
    text: str
    kind: str = Field(description="Of the assistant's: as a reply's. Of the person's: empty.")
    sprites: list[str] = Field(description="Ids of the sprites shown.")
    created: datetime


class VersionObject(BaseModel):
    """One version of the history; a tree, by `parent`."""

    number: int
    parent: int | None
    said: str
    done: str
    sprite_id: str
    current: bool


class WholeSession(SessionObject):
    """A dialogue with what was said and drawn."""

    messages: list[MessageObject]
    history: list[VersionObject]


class SessionList(BaseModel):
    """A page of dialogues, newest first."""

    data: list[SessionObject]
    next: str | None = Field(description="Give it as `before` for the next page.")


class EditObject(BaseModel):
    """What an edit changed."""

    region: str
    operation: str
    changed_cells: int
    changed_outside: int = Field(description="Cells that were not to change and did: 0.")
    changed: str = Field(description="Base64 of a byte 0 or 1 for each cell of the canvas before, row by row.")


class FileObject(BaseModel):
    """A file that is ready."""

    name: str
    format: str
    sprite_id: str
    url: str


class ReplyObject(BaseModel):
    """The answer to a turn."""

    kind: Kind
    text: str
    sprites: list[SpriteObject]
    question: QuestionObject | None
    edit: EditObject | None
    download: FileObject | None = Field(description='Where kind is "saved".')
    session: SessionObject
