"""The `[maml]` table of a preset, and how many sprites an adapter is made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from pixelmind.adaptation.maml_wrapper import INNER_STEPS, META_BATCH, META_UPDATES, RATE_GAIN
from pixelmind.errors import BadInput
from pixelmind.training.config import LoopConfig
from pixelmind.training.lora import LoraConfig

MAX_SPRITES = 16
SHOTS = (1, 4, 8, 16)
ADAPTED_LEVELS = (16, 64)


def _loop() -> LoopConfig:
    return LoopConfig(
        steps=META_UPDATES,
        batch_size=META_BATCH,
        lr=2e-3,
        warmup_steps=20,
        schedule="cosine",
        weight_decay=0.0,
        ema_halflife_samples=(1000.0,),
        log_every=1,
        validate_every=100,
    )


@dataclass(frozen=True, kw_only=True)
class MamlConfig:
    """How a start for style adapters is meta-learned. `loop.steps` are meta-updates, `loop.batch_size` is the meta-batch."""

    algorithm: Literal["maml", "fomaml", "reptile"] = "fomaml"
    levels: tuple[int, ...] = ADAPTED_LEVELS
    lora: LoraConfig = field(default_factory=LoraConfig)
    loop: LoopConfig = field(default_factory=_loop)
    inner_steps: int = INNER_STEPS
    inner_lr: float = 0.3
    """Rate of an inner step where training starts."""
    learn_rates: bool = True
    """Learn a rate a tensor and step (not by Reptile, which has no query loss)."""
    rate_gain: float = RATE_GAIN
    """How much faster than the start the logs of the rates are learned. Few numbers learn safely where a start of many is lost in noise."""
    rows: int = 8
    """Noisy views of the support, and of the query, that a step sees."""
    shots: tuple[int, ...] = SHOTS
    held_out: float = 0.25
    """Share of the styles that meta-training never sees."""
    recolor: float = 0.5
    """Share of the tasks whose pictures are all brought to one palette, drawn for it: a style that no name has."""
    shown: float = 0.5
    """Share of the meta-batches in which the support is shown as references too."""
    group_pictures: int = 256
    """Pictures kept in memory of a style and kind."""
    report_episodes: int = 48
    """Episodes of held-out styles that the report is measured on."""

    def __post_init__(self) -> None:
        if not set(self.levels) <= set(ADAPTED_LEVELS) or not self.levels:
            raise BadInput(f"maml.levels must be of {ADAPTED_LEVELS}, got {self.levels}")
        if not set(self.shots) <= set(range(1, MAX_SPRITES + 1)) or not self.shots:
            raise BadInput(f"maml.shots must lie between 1 and {MAX_SPRITES}, got {self.shots}")
        if (
            min(self.rows, self.inner_steps, self.report_episodes) < 1
            or self.group_pictures < 2
            or not self.inner_lr > 0
        ):
            raise BadInput(
                "maml.rows, inner_steps and report_episodes must be at least 1, group_pictures 2, inner_lr above 0"
            )
        for name in ("held_out", "recolor", "shown"):
            if not 0 <= getattr(self, name) < 1 + (name != "held_out"):
                raise BadInput(f"maml.{name} must lie between 0 and 1, got {getattr(self, name)}")
