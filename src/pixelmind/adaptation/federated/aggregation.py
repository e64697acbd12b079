"""From updates to the next shared adapter: FedAvg (McMahan et al. 2017, alg. 1), and where single updates are seen (no secure
aggregation) the median and the trimmed mean (Yin et al. 2018, def. 1 and 2), which a few poisoned updates cannot carry away.

Secure aggregation and robust rules exclude each other: a server that sees sums only can bound a client by its clip norm, and no more.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pixelmind.adaptation.federated.quantization import F64, clip_norm
from pixelmind.errors import BadInput

Rule = Literal["mean", "median", "trimmed"]


def aggregate(
    updates: Sequence[F64],
    weights: Sequence[float],
    rule: Rule = "mean",
    *,
    clip: float = math.inf,
    trim: float = 0.1,
) -> F64:
    """One update of many, float64 [length].

    Args:
        weights: pictures of each client; the median and the trimmed mean count everybody once.
        clip: the most an update's L2 norm can be.
        trim: share of the values left out at either end of each number.

    Raises:
        BadInput: no updates, unequal lengths, NaN or infinity, or weights that are not above 0.
    """
    if not updates or len(weights) != len(updates):
        raise BadInput("there are no updates to average, or not a weight for each")
    if any(u.shape != updates[0].shape for u in updates) or not all(0 < w < math.inf for w in weights):
        raise BadInput("updates must be of one length and weights above 0")
    if not 0 <= trim < 0.5:
        raise BadInput(f"trim must lie from 0 to below 0.5, got {trim}")
    clipped = np.stack([clip_norm(u.astype(np.float64), clip) for u in updates])
    if rule == "median":
        return np.asarray(np.median(clipped, axis=0))
    if rule == "trimmed":
        cut = math.ceil(trim * len(clipped)) if trim else 0
        cut = min(cut, (len(clipped) - 1) // 2)
        return np.asarray(np.sort(clipped, axis=0)[cut : len(clipped) - cut].mean(axis=0))
    share = np.asarray(weights, np.float64) / np.sum(weights)
    return np.asarray(share @ clipped)


@dataclass(kw_only=True)
class ServerOptimizer:
    """What the server makes of a round's mean update. Without momentum and `adam` FedAvg: it is added `lr` times. With momentum FedAvgM
    (Hsu et al. 2019, sec. 4.3), with `adam` FedAdam (Reddi et al. 2021, "Adaptive federated optimization", alg. 2; `lr` is then the step
    of a number that always moves one way). Both see the mean only, so that they cost no privacy."""

    lr: float = 1.0
    momentum: float = 0.0
    adam: bool = False
    second: float = 0.99
    tau: float = 1e-3
    moved: F64 | None = None
    squares: F64 | None = None

    def __post_init__(self) -> None:
        if not 0 < self.lr <= 100 or not 0 <= self.momentum < 1:
            raise BadInput(
                f"the server's rate lies above 0, its momentum from 0 to below 1, got {self.lr}, {self.momentum}"
            )

    def step(self, mean: F64) -> F64:
        """The change of the shared adapter, float64 [length]."""
        before = np.zeros_like(mean) if self.moved is None else self.moved
        if not self.adam:
            self.moved = self.momentum * before + mean
            return self.lr * self.moved
        squares = np.full_like(mean, self.tau**2) if self.squares is None else self.squares
        self.moved = self.momentum * before + (1 - self.momentum) * mean
        self.squares = self.second * squares + (1 - self.second) * mean**2
        return np.asarray(self.lr * self.moved / (np.sqrt(self.squares) + self.tau))


@dataclass(frozen=True, kw_only=True)
class AdaptiveClip:
    """A clip norm that follows a quantile of the clients' norms (Andrew et al. 2021, "Differentially private learning with adaptive
    clipping", alg. 1): each client says only whether its norm is below, under mask and noise."""

    norm: float
    quantile: float = 0.5
    rate: float = 0.2

    def __post_init__(self) -> None:
        if not 0 < self.norm < math.inf or not 0 < self.quantile < 1 or not self.rate > 0:
            raise BadInput("adaptive clipping needs a norm and a rate above 0 and a quantile between 0 and 1")

    def bit(self, norm: float) -> int:
        """1 where a norm is not clipped, else -1: twice the paper's b - 1/2."""
        return 1 if norm <= self.norm else -1

    def after(self, total: float, clients: int) -> AdaptiveClip:
        """For the next round, from the (noisy) sum of the bits of so many clients."""
        below = 0.5 + total / (2 * clients)
        norm = self.norm * math.exp(-self.rate * (min(max(below, 0.0), 1.0) - self.quantile))
        return AdaptiveClip(norm=norm, quantile=self.quantile, rate=self.rate)
