"""What can be drawn: every request is checked before a network runs."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from pixelmind.errors import BadInput
from pixelmind.generator.conditioning import Vocabulary
from pixelmind.generator.references import MAX_REFERENCES
from pixelmind.records import MIN_SIZE_PX, GenerationRequest

MAX_PROMPT_CHARS = 1000
MAX_IMAGES = 64
MAX_STEPS = 200


def check_request(request: GenerationRequest, levels: Sequence[int], vocabulary: Vocabulary) -> None:
    """Refuse what cannot be drawn, in one line that says what to do.

    Raises:
        BadInput: prompt, size, colours, style, kind, count, steps or guidance out of range.
    """
    c = request.conditioning
    if not c.prompt.strip():
        raise BadInput("the prompt is empty; describe what to draw, for example: a green slime with a crown")
    for name, text in (("prompt", c.prompt), ("negative prompt", c.negative)):
        if len(text) > MAX_PROMPT_CHARS:
            raise BadInput(f"the {name} has {len(text)} characters; use at most {MAX_PROMPT_CHARS}")
    largest = max(levels)
    for name, value in (("width", c.width), ("height", c.height)):
        if not MIN_SIZE_PX <= value <= largest:
            raise BadInput(
                f"{name} {value} px is out of range; these weights draw {MIN_SIZE_PX} to {largest} px a side"
            )
    if c.max_colors is not None and not 2 <= c.max_colors <= 255:
        raise BadInput(f"{c.max_colors} colours cannot be used; ask for 2 to 255")
    if c.negative.strip() and c.negative.strip().lower() == c.prompt.strip().lower():
        raise BadInput("the negative prompt is the prompt itself: nothing would be left; name what to keep out")
    if c.palette is not None:
        count = len(c.palette)
        if count < 2:
            raise BadInput(f"the palette {c.palette.name} has one colour; a picture needs at least 2")
        if c.max_colors is not None and c.max_colors > count:
            raise BadInput(
                f"{c.max_colors} colours are asked, the palette {c.palette.name} has {count}; ask for at most {count}, or leave one out"
            )
    if len(c.references) > MAX_REFERENCES:
        raise BadInput(f"{len(c.references)} reference pictures cannot be shown; give at most {MAX_REFERENCES}")
    if c.layout is not None:
        if c.layout.shape != (c.height, c.width):
            raise BadInput(
                f"the layout is {c.layout.shape[1]}x{c.layout.shape[0]} px, asked are {c.width}x{c.height}; give both one size"
            )
        if int(c.layout.max()) >= len(c.layout_names):
            raise BadInput(f"the layout has values up to {int(c.layout.max())}, but {len(c.layout_names)} names")
        if c.seamless:
            raise BadInput("a layout and seamless edges cannot be asked for together; leave one out")
    if not 1 <= request.num_images <= MAX_IMAGES:
        raise BadInput(f"{request.num_images} images cannot be made at once; ask for 1 to {MAX_IMAGES}")
    if request.num_inference_steps is not None and not 1 <= request.num_inference_steps <= MAX_STEPS:
        raise BadInput(f"{request.num_inference_steps} steps are out of range; use 1 to {MAX_STEPS}")
    if request.guidance_scale is not None and not 0 <= request.guidance_scale <= 20:
        raise BadInput(f"guidance {request.guidance_scale} is out of range; use 0 to 20")
    if not 0 <= request.seed < 1 << 53:
        raise BadInput(f"seed {request.seed} is out of range; use 0 to {(1 << 53) - 1}")
    for what, asked, known in (("style", c.style, vocabulary.styles), ("kind", c.kind, vocabulary.kinds)):
        if asked is not None and asked not in known:
            near = difflib.get_close_matches(asked, known, n=3, cutoff=0.4) or list(known)[:5]
            raise BadInput(
                f"unknown {what} {asked!r}; did you mean {', '.join(near)}? these weights know: {', '.join(known)}"
            )
