"""Settings of the encoder room, checked when they are made: the `[encoder]` table of a preset."""

from __future__ import annotations

from dataclasses import dataclass, field

from pixelmind.data.config import mix_of
from pixelmind.encoder.augment import AugmentConfig
from pixelmind.encoder.image_tower import MAX_SIDE, ImageTowerConfig
from pixelmind.encoder.mining import LAG
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
    word_rows: int = 0
    """Rows of a trained table of word pieces that is added to the token features (0: none)."""
    word_dim: int = 64
    """Length of its rows."""
    word_dropout: float = 0.1
    """Share of texts that are read without them in training."""
    image: ImageTowerConfig = field(default_factory=ImageTowerConfig)

    def __post_init__(self) -> None:
        for name in ("embed_dim", "text_heads", "text_hidden", "word_dim"):
            if getattr(self, name) < 1:
                raise BadInput(f"encoder.network.{name} must be at least 1, got {getattr(self, name)}")
        if self.word_rows < 0 or not 0 <= self.word_dropout < 1:
            raise BadInput("encoder.network: word_rows >= 0 and word_dropout in [0, 1) are needed")


@dataclass(frozen=True, kw_only=True)
class NegativesConfig:
    """What a picture is set against beside the other pairs of its batch."""

    counterfactuals: int = 4
    """Most captions false of a picture in one fact that stand against it (0: none)."""
    apart: float = 0.3
    """Weight of a loss of their own, beside their place among all captions (0: none)."""
    stored: float = 0.5
    """How often a picture whose store keeps counterfactuals is shown with them."""
    stored_pictures: int = 65_536
    """Most pictures that bring stored counterfactuals (each costs about 90 kB of cached text features)."""
    mined: float = 0.25
    """Share of a batch, up to a half, that are near neighbours of other members (0: none)."""
    mined_captions: float = 0.0
    """Captions of further neighbours that stand against all pictures of a batch, as a share of it (0: none)."""
    every: int = 500
    """Steps between two indices of neighbours."""
    pool: int = 16_384
    """Most pictures in an index, picked evenly."""
    neighbours: int = 16
    """Neighbours kept of each picture."""

    def __post_init__(self) -> None:
        if self.counterfactuals < 0 or self.stored_pictures < 0 or not 0 <= self.apart < float("inf"):
            raise BadInput("encoder.negatives.counterfactuals, apart and stored_pictures must be at least 0")
        for name, most in (("stored", 1), ("mined", 0.5), ("mined_captions", 1)):
            if not 0 <= getattr(self, name) <= most:
                raise BadInput(f"encoder.negatives.{name} must lie in [0, {most}], got {getattr(self, name)}")
        if self.every <= LAG or self.pool < 2 or self.neighbours < 1:
            raise BadInput(
                f"encoder.negatives: every above {LAG}, pool at least 2 and neighbours at least 1 are needed"
            )


@dataclass(frozen=True, kw_only=True)
class SoftmaxConfig:
    """The temperature of the loss: learned, or on a schedule."""

    period: int = 0
    """Steps of a cosine between `high` and `low` and back (0: the temperature is learned)."""
    high: float = 0.15
    """Highest temperature of the schedule."""
    low: float = 0.05
    """Lowest temperature of the schedule."""

    def __post_init__(self) -> None:
        if self.period < 0 or not 0.01 <= self.low <= self.high:
            raise BadInput("encoder.softmax: period >= 0 and 0.01 <= low <= high are needed")


@dataclass(frozen=True, kw_only=True)
class EncoderConfig:
    """How the encoder is trained."""

    network: NetworkConfig = field(default_factory=NetworkConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    negatives: NegativesConfig = field(default_factory=NegativesConfig)
    softmax: SoftmaxConfig = field(default_factory=SoftmaxConfig)
    loop: LoopConfig = field(default_factory=lambda: LoopConfig(minutes=10, batch_size=256))
    max_size_px: int = MAX_SIDE
    """Largest side of a training picture."""
    temperature: float = 0.5
    """Balance of sources and kinds in the batches: 1 as stored, 0 all alike."""
    mix: str = ""
    """Shares of real and procedural art, or of sources, such as "real 0.6, procedural 0.4" ("": by `temperature` alone)."""
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
        if self.negatives.every <= LAG * self.loop.accumulate:
            raise BadInput(
                f"encoder.negatives.every counts batches and must be above {LAG * self.loop.accumulate} here"
            )
        if self.loop.prefetch >= LAG:
            raise BadInput(f"encoder.loop.prefetch must be below {LAG}, got {self.loop.prefetch}")
        if self.mix:
            mix_of(self.mix)
        if not 0 <= self.temperature <= 1:
            raise BadInput(f"encoder.temperature must lie in [0, 1], got {self.temperature}")
        if self.val_pictures < 2 or self.test_pictures < 2:
            raise BadInput("encoder.val_pictures and encoder.test_pictures must be at least 2")
