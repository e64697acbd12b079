"""Settings of the encoder room, checked when they are made: the `[encoder]` table of a preset."""

from __future__ import annotations

from dataclasses import dataclass, field

from pixelmind.encoder.augment import AugmentConfig
from pixelmind.encoder.image_tower import MAX_SIDE, ImageTowerConfig
from pixelmind.errors import BadInput
from pixelmind.training.config import LoopConfig


@dataclass(frozen=True, kw_only=True)
class NetworkConfig:
    """Shapes of the trained part: image tower and text head."""

    embed_dim: int = 256
    """Length of image_features and text_features."""
    text_heads: int = 2
    """Attention-pooling heads over the token features."""
    text_hidden: int = 512
    """Hidden width of the text head."""
    image: ImageTowerConfig = field(default_factory=ImageTowerConfig)

    def __post_init__(self) -> None:
        for name in ("embed_dim", "text_heads", "text_hidden"):
            if getattr(self, name) < 1:
                raise BadInput(f"encoder.network.{name} must be at least 1, got {getattr(self, name)}")


@dataclass(frozen=True, kw_only=True)
class EncoderConfig:
    """How the encoder is trained."""

    network: NetworkConfig = field(default_factory=NetworkConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    loop: LoopConfig = field(default_factory=lambda: LoopConfig(minutes=10, batch_size=256))
    max_size_px: int = MAX_SIDE
    """Largest side of a training picture."""
    temperature: float = 0.5
    """Balance of sources and kinds in the batches: 1 as stored, 0 all alike."""
    max_captions: int = 4
    """Captions used of a picture; each costs 9 kB of cached text features."""
    val_pictures: int = 512
    """Pictures of the val split that a validation looks at."""
    test_pictures: int = 4096
    """Most pictures of the test split in the report."""
    text_cache: str = ""
    """Folder of the text cache ("": `text` inside the store, which the generator uses too)."""

    def __post_init__(self) -> None:
        if self.loop.batch_size < 2:
            raise BadInput("encoder.loop.batch_size must be at least 2: the other pairs of a batch are the negatives")
        if not 8 <= self.max_size_px <= MAX_SIDE:
            raise BadInput(f"encoder.max_size_px must lie in 8 to {MAX_SIDE}, got {self.max_size_px}")
        if not 0 <= self.temperature <= 1:
            raise BadInput(f"encoder.temperature must lie in [0, 1], got {self.temperature}")
        if self.val_pictures < 2 or self.test_pictures < 2:
            raise BadInput("encoder.val_pictures and encoder.test_pictures must be at least 2")
