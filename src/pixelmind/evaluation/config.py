"""Settings of `eval core`, checked when they are made."""

from __future__ import annotations

from dataclasses import dataclass

from pixelmind.errors import BadInput


@dataclass(frozen=True, kw_only=True)
class EvaluationConfig:
    """How much is generated and measured. The defaults make about 1,000 outputs."""

    #: Prompts taken from real test pictures, procedural test pictures and evaluation-only sources.
    num_prompts: int = 200
    num_procedural: int = 32
    num_unseen: int = 64
    #: Pictures a prompt (K of Pixel-Accuracy@K) for real prompts; the other two kinds get one.
    num_images: int = 5
    #: Captions a retrieval pool.
    pool_size: int = 100
    #: Longest side in px of the pictures whose size and words are asked for.
    max_size: int = 64
    #: Random size, palette and colour-count requests of the conformance section.
    num_conformance: int = 100
    #: Requests handed to the generator at once.
    batch: int = 16
    #: Warm calls timed.
    num_timed: int = 5
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("num_prompts", "num_images", "batch", "num_timed"):
            if getattr(self, name) < 1:
                raise BadInput(f"[evaluation] {name} must be at least 1, got {getattr(self, name)}")
        for name in ("num_procedural", "num_unseen", "num_conformance", "seed"):
            if getattr(self, name) < 0:
                raise BadInput(f"[evaluation] {name} must not be negative, got {getattr(self, name)}")
        if self.pool_size < 2:
            raise BadInput(f"[evaluation] pool_size must be at least 2, got {self.pool_size}")
        if not 8 <= self.max_size <= 256:
            raise BadInput(f"[evaluation] max_size must lie between 8 and 256, got {self.max_size}")
