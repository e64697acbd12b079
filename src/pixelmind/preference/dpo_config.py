"""Settings of learning from preferences, checked when they are made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from pixelmind.errors import BadInput
from pixelmind.generator.schedule import T_MIN
from pixelmind.preference.dpo import Weighting
from pixelmind.training.config import LoopConfig
from pixelmind.training.lora import LoraConfig


def _loop() -> LoopConfig:
    return LoopConfig(
        steps=40,
        batch_size=256,
        lr=8e-5,
        warmup_steps=4,
        weight_decay=0.0,
        ema_halflife_samples=(),
        log_every=4,
    )


@dataclass(frozen=True, kw_only=True)
class DpoConfig:
    """The `[dpo]` table of a preset. `loop.batch_size` counts pairs."""

    beta: float = 0.1
    """Pull to the reference: the smaller, the further the policy may go for the same choices."""
    weighting: Weighting = "velocity"
    noise_levels: tuple[float, float] = (0.05, 1.0)
    """Lowest and highest noise level that pairs are seen at."""
    tune: Literal["all", "lora", "modulation", "offsets"] = "all"
    """What is trained: all weights of the level, low-rank changes of its attention and MLP, or only what modulates its blocks by noise
    level and words, or of this the offsets alone. The fewer, the less can few pairs be learnt by heart."""
    lora: LoraConfig = field(default_factory=lambda: LoraConfig(rank=16, alpha=16.0))
    """Of `tune = "lora"`."""
    draws: int = 1
    """Noise levels of a pair whose mean enters the loss."""
    drop_text: float = 0.1
    """Chance of a pair to lose its words, so that guidance keeps something to point away from."""
    told_style: float = 0.7
    """Chance of a pair to be told the styles of its pictures, as in drawing; else none."""
    mirror: float = 0.5
    """Chance of a pair to be mirrored, where the words name no side."""
    sft: float = 0.0
    """Weight of the ordinary denoising loss on the chosen pictures."""
    max_kl: float = 60.0
    """Bound of the divergence from the reference in nats a picture (`dpo.path_kl`); a candidate beyond it is refused."""
    kl_penalty: float = 1.0
    """Weight of the share by which a batch lies above the bound."""
    held_out: float = 0.1
    """Share of the prompts whose pairs are only measured on."""
    reliability: bool = True
    """Weigh pairs by how reliable their annotators are."""
    runs: int = 1
    """Runs of other seeds, one after the other, whose weights are averaged; a mean goes less far from the start for the same win rate."""
    min_pairs: int = 20
    """Fewer pairs than this are refused."""
    gate_prompts: int = 100
    """Held-out prompts of the report before and after."""
    gate_images: int = 2
    """Pictures a prompt, drawn by both with the same seeds."""
    max_ifs_drop: float = 0.01
    """A candidate whose judge intent fidelity falls by more is refused."""
    max_fid_rise: float = 0.1
    """A candidate whose FID or KID rises by more than this share of the reference's is refused."""
    min_win_rate: float = 0.5
    """A candidate that wins fewer comparisons is refused."""
    loop: LoopConfig = field(default_factory=_loop)

    def __post_init__(self) -> None:
        for name in ("beta", "max_kl"):
            if not getattr(self, name) > 0:
                raise BadInput(f"dpo.{name} must be above 0, got {getattr(self, name)}")
        for name in ("sft", "kl_penalty", "max_ifs_drop", "max_fid_rise"):
            if getattr(self, name) < 0:
                raise BadInput(f"dpo.{name} must not be negative, got {getattr(self, name)}")
        for name in ("drop_text", "told_style", "mirror", "min_win_rate"):
            if not 0 <= getattr(self, name) <= 1:
                raise BadInput(f"dpo.{name} must lie between 0 and 1, got {getattr(self, name)}")
        if not T_MIN <= self.noise_levels[0] < self.noise_levels[1] <= 1:
            raise BadInput(f"dpo.noise_levels must rise from {T_MIN:g} or more to 1 or less, got {self.noise_levels}")
        if not 0 <= self.held_out < 1:
            raise BadInput(f"dpo.held_out must lie in [0, 1), got {self.held_out}")
        for name in ("draws", "runs", "min_pairs", "gate_prompts", "gate_images"):
            if getattr(self, name) < 1:
                raise BadInput(f"dpo.{name} must be at least 1, got {getattr(self, name)}")
