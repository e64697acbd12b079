"""A critic and a refiner of a few hundred untrained weights, put into a bundle."""

from __future__ import annotations

from pathlib import Path

import torch

from pixelmind.quality.critic import Critic, CriticConfig
from pixelmind.quality.refiner import Refiner, RefinerConfig
from pixelmind.quality.verdict import FAMILIES


def put(folder: Path, threshold: float = 0.0, heat_at: float = 0.5) -> None:
    """Put both into the bundle at `folder` (made where there is none). The higher the thresholds of the families' logits, the seldomer
    is a picture flagged."""
    torch.manual_seed(0)
    about = {"thresholds": {f: threshold for f in FAMILIES}, "heat_at": {f: heat_at for f in FAMILIES}}
    Critic(CriticConfig(widths=(16, 24), hidden=16, scorer=(8, 16))).save(folder, **about)
    Refiner(RefinerConfig(widths=(16, 24), keys=8)).save(folder, move_at=0.1)
