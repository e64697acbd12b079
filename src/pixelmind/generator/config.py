"""Configuration of the generator's levels: network, conditioning drop-out, noise levels and training budget."""

from __future__ import annotations

from dataclasses import dataclass, field

from pixelmind.data.config import mix_of
from pixelmind.errors import BadInput
from pixelmind.generator.denoiser import DenoiserConfig
from pixelmind.generator.references import MAX_REFERENCES
from pixelmind.training.config import LoopConfig

LEVELS = (16, 64, 256)  # longest side in px of each level's canvases

_CHANCES = (
    *(
        "drop_text",
        "drop_style",
        "drop_kind",
        "drop_token",
        "drop_references",
        "drop_style_shown",
        "drop_layout",
        "drop_region",
    ),
    *("palette_batches", "reference_batches", "layout_batches", "recolor"),
)


def below(level: int) -> int:
    """The level whose canvases an upper level starts from."""
    return LEVELS[LEVELS.index(level) - 1]


@dataclass(frozen=True, kw_only=True)
class LevelConfig:
    """How one level is trained. All probabilities are a row's chance of not being told something."""

    level: int = 16
    """Longest side in px of the level's canvases: one of LEVELS."""
    network: DenoiserConfig = field(default_factory=DenoiserConfig)
    loop: LoopConfig = field(default_factory=lambda: LoopConfig(minutes=60))
    drop_text: float = 0.1
    """Chance that a row loses its words (classifier-free guidance, Ho & Salimans 2022)."""
    drop_style: float = 0.3
    drop_kind: float = 0.2
    drop_token: float = 0.1
    """Chance of each single text token to be hidden, so that short prompts work."""
    palette_batches: float = 0.4
    """Share of batches that are told their palette."""
    reference_batches: float = 0.4
    """Share of batches whose rows are shown up to `max_references` other pictures of their style."""
    drop_references: float = 0.2
    """Chance of a row of such a batch to be shown none."""
    drop_style_shown: float = 0.7
    """Chance of a row that is shown references to lose the name of its style, so that the pictures tell it."""
    max_references: int = 4
    recolor: float = 0.3
    """Share of those batches in which each style is brought to a palette of its own: styles that no name has."""
    layout_batches: float = 0.25
    """Share of batches that are told where the parts are, of the pictures whose parts are known."""
    drop_layout: float = 0.2
    drop_region: float = 0.3
    """Chance of each single part of a layout that is told to be left out of it."""
    region_weight: float = 0.03
    """Weight of the region head's loss beside the velocity loss; 0 trains none."""
    palette_weight: float = 0.03
    """Weight of the palette head's loss; 0 trains none."""
    mirror: float = 0.5
    """Chance of a left-right mirrored canvas where the caption names no side."""
    t_mean: float = 0.4
    """Mean of the logit-normal noise level; higher spends training on composition, lower on detail."""
    t_std: float = 0.9
    coarse_noise: float = 0.4
    """Largest noise level mixed into the coarse canvas (noise conditioning augmentation, Ho et al. 2022)."""
    crop: int = 32
    """Upper levels train on windows of at most this many px a side most of the time, and else on fewer rows, so that large
    canvases cost no more."""
    fade_samples: int = 20_000
    """Samples over which an upper level's output is faded in over the canvas it starts from (Karras et al. 2018, fig. 2)."""
    temperature: float = 0.5
    """Balance of sources and kinds: 1 draws rows evenly, 0 draws groups evenly."""
    max_captions: int = 4
    """Captions used of a picture; each costs 9 kB of cached text features. Drawn scenes have more, and there are many of them."""
    mix: str = ""
    """Shares of parts or sources, such as "real 0.6, procedural 0.4"; empty leaves it to the temperature."""

    def __post_init__(self) -> None:
        if self.level not in LEVELS:
            raise BadInput(f"generator.level {self.level} is not one of {LEVELS}")
        if self.network.in_channels != (4 if self.level == 16 else 8):
            raise BadInput(
                f"generator.network.in_channels must be 4 on level 16 and 8 above, got {self.network.in_channels}"
            )
        if self.crop % self.network.patch or self.level % self.network.patch:
            raise BadInput("generator.crop and level must be whole patches")
        if self.mix:
            mix_of(self.mix)
        if self.fade_samples < 0:
            raise BadInput(f"generator.fade_samples must not be negative, got {self.fade_samples}")
        if not 0 <= self.max_references <= MAX_REFERENCES:
            raise BadInput(
                f"generator.max_references must lie between 0 and {MAX_REFERENCES}, got {self.max_references}"
            )
        if self.region_weight < 0 or self.palette_weight < 0:
            raise BadInput("generator.region_weight and palette_weight must not be negative")
        for name in (*_CHANCES, "coarse_noise", "mirror"):
            if not 0 <= getattr(self, name) <= 1:
                raise BadInput(f"generator.{name} must lie between 0 and 1, got {getattr(self, name)}")


@dataclass(frozen=True, kw_only=True)
class GeneratorConfig:
    """The `[generator]` table of a preset: one table a level, trained in order."""

    level16: LevelConfig = field(default_factory=LevelConfig)
    level64: LevelConfig = field(default_factory=lambda: LevelConfig(level=64, network=DenoiserConfig(in_channels=8)))
    level256: LevelConfig = field(
        default_factory=lambda: LevelConfig(level=256, crop=64, network=DenoiserConfig(in_channels=8, patch=8))
    )
    name: str = "small"
    """Preset name, recorded in the weights' manifest."""

    def __post_init__(self) -> None:
        for level in LEVELS:
            if self.level(level).level != level:
                raise BadInput(f"generator.level{level}.level must be {level}, got {self.level(level).level}")

    def level(self, level: int) -> LevelConfig:
        """Configuration of one of LEVELS."""
        return {16: self.level16, 64: self.level64, 256: self.level256}[level]
