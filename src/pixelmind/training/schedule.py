"""Learning-rate schedules: linear warm-up times constant, cosine, linear, or warm-up-stable-decay.

wsd: Hu et al. 2024 (MiniCPM, arXiv 2404.06395), §4: constant, then a decay tail; a run can be continued from the end of
any budget by warming up again, which is how the released weights grow over days.
"""

from __future__ import annotations

import math

from pixelmind.training.config import LoopConfig


def learning_rate(config: LoopConfig, phase_step: int, fraction: float) -> float:
    """Return the rate of a step, the `phase_step`-th (from 0) of a phase of which `fraction` in [0, 1] has passed.

    lr * min(1, (phase_step + 1) / warmup_steps) * decay(fraction); for wsd decay = min(1, (1 - f) / decay_fraction).
    """
    f = min(max(fraction, 0.0), 1.0)
    warm = min(1.0, (phase_step + 1) / config.warmup_steps) if config.warmup_steps else 1.0
    decay = {
        "constant": 1.0,
        "cosine": 0.5 * (1 + math.cos(math.pi * f)),
        "linear": 1 - f,
        "wsd": min(1.0, (1 - f) / config.decay_fraction),
    }[config.schedule]
    return config.lr * warm * decay
