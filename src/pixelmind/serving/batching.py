"""Which drawings go well together: those with the same last level, frame, steps, guidance, strength and style of one's own."""

from __future__ import annotations

from pixelmind.records import GenerationRequest

Bucket = tuple[object, ...]
CELL = 8  # px; frames of the upper levels are whole patches of at most this size


def bucket_of(request: GenerationRequest) -> Bucket:
    """Equal for requests that share every network call."""
    c = request.conditioning
    longest = max(c.height, c.width)
    level = 16 if longest <= 16 else 64 if longest <= 64 else 256
    frame = (16, 16) if level == 16 else (-(-c.height // CELL), -(-c.width // CELL))
    seamless = (c.height, c.width) if c.seamless else None
    # weights of a style, or learned of a person, are merged into the networks for a whole batch
    own = getattr(request, "own", None) or getattr(getattr(request, "personal", None), "own", None)
    return (level, frame, request.num_inference_steps, request.guidance_scale, request.strength, seamless, own)
