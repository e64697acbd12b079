"""Bodies of the image routes, in OpenAI's shape with fields of ours beside."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from pixelmind.serving.objects import Body

MAX_PROMPT = 1000
Prompt = Annotated[str, Field(min_length=1, max_length=MAX_PROMPT, description="What to draw, in English.")]
Colors = Annotated[int | None, Field(ge=2, le=255, description="At most so many opaque colours.")]
Seed = Annotated[
    int | None, Field(ge=0, le=(1 << 53) - 1, description="The same seed draws the same bytes; image i has seed + i.")
]
Steps = Annotated[
    int | None, Field(ge=1, le=200, description="Network calls of the first level; the weights know best.")
]
Guidance = Annotated[
    float | None, Field(ge=0, le=20, description="Strength of the words on the first level; 1 is none.")
]
Count = Annotated[int, Field(ge=1, description="Pictures; GET /v1/limits tells how many at most.")]
SizeText = Annotated[
    str | None,
    Field(
        max_length=20, description='"64x64": width and height in the picture\'s own cells, 8 to 256; "auto" is 64x64.'
    ),
]
Check = Annotated[
    bool,
    Field(description="Look for faults in what was drawn and mend small ones, where the service does; else leave it."),
]
Partial = Annotated[
    int,
    Field(ge=0, le=3, description="With `stream`: at most so many previews, of the levels 16, 64 and 256 as they end."),
]


class ImageRequest(Body):
    """OpenAI's body of /v1/images/generations; those of its fields that mean nothing for pixel art are taken and passed over."""

    prompt: Prompt
    n: Count = 1
    size: SizeText = None
    response_format: Literal["b64_json"] = Field(
        "b64_json", description="Pictures come in the answer; there are no links."
    )
    model: str | None = Field(None, max_length=100, description="Passed over: a service has one set of weights.")
    user: str | None = Field(None, max_length=256, description="Passed over.")
    stream: bool = Field(False, description="Answer by server-sent events.")
    partial_images: Partial = 0
    background: Literal["transparent", "opaque", "auto"] | None = Field(None, description="Passed over.")
    moderation: Literal["low", "auto"] | None = Field(None, description="Passed over.")
    output_compression: int | None = Field(None, ge=0, le=100, description="Passed over: PNG loses nothing.")
    output_format: Literal["png"] | None = Field(None, description="Indexed PNG.")
    quality: str | None = Field(None, max_length=20, description="Passed over.")

    seed: Seed = None
    palette: str | list[Annotated[str, Field(max_length=16)]] | None = Field(
        None, description="A palette's name, or its colours as #rrggbb; nothing else is used.", max_length=256
    )
    colors: Colors = None
    style: str | None = Field(
        None, max_length=100, description="A name from GET /v1/styles. OpenAI's own two are passed over."
    )
    kind: str | None = Field(None, max_length=100, description="A name from GET /v1/styles.")
    negative_prompt: str = Field("", max_length=MAX_PROMPT, description="What to keep out.")
    steps: Steps = None
    guidance: Guidance = None
    references: list[Annotated[str, Field(max_length=40)]] = Field(
        default_factory=list, max_length=8, description="Ids of sprites whose style is wanted."
    )
    layout: str | None = Field(
        None, max_length=40, description="Id of a sprite of this size whose parts say where things go."
    )
    seamless: bool = Field(False, description="Edges meet, for tiles.")
    check: Check = True


class ImageData(BaseModel):
    """One picture."""

    b64_json: str = Field(description="Indexed PNG at native size, base64.")
    revised_prompt: str = Field(description="The words it was drawn from.")
    sprite_id: str = Field(description="Where it is kept: /v1/sprites/ID.")
    seed: int


class ImagesAnswer(BaseModel):
    """OpenAI's answer, with `seconds` of the drawing and the `weights` that drew."""

    created: int = Field(description="Unix seconds.")
    data: list[ImageData]
    background: Literal["transparent", "opaque"]
    output_format: Literal["png"] = "png"
    size: str
    seconds: float
    weights: str


class PartialImage(BaseModel):
    """Event `image_generation.partial_image` or `image_edit.partial_image`: a preview at its level's own size."""

    type: Literal["image_generation.partial_image", "image_edit.partial_image"]
    b64_json: str
    partial_image_index: int
    level: int = Field(description="16, 64 or 256.")
    step: int
    steps: int
    size: str
    background: Literal["auto"] = "auto"
    output_format: Literal["png"] = "png"
    quality: Literal["auto"] = "auto"
    created_at: int


class TokenDetails(BaseModel):
    """OpenAI's clients look for it; nothing here is paid by the token."""

    image_tokens: int = 0
    text_tokens: int = 0


class Usage(BaseModel):
    """OpenAI's clients look for it; nothing here is paid by the token."""

    input_tokens: int = 0
    input_tokens_details: TokenDetails = TokenDetails()
    output_tokens: int = 0
    total_tokens: int = 0


class CompletedImage(BaseModel):
    """Event `image_generation.completed` or `image_edit.completed`, one a picture."""

    type: Literal["image_generation.completed", "image_edit.completed"]
    b64_json: str
    index: int
    sprite_id: str
    seed: int
    size: str
    background: Literal["transparent", "opaque"]
    output_format: Literal["png"] = "png"
    quality: Literal["auto"] = "auto"
    created_at: int
    usage: Usage = Usage()
