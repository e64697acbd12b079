"""Distributed differential privacy: every client adds its share of Skellam noise before masking, so that no sum without it exists anywhere.

A Skellam variable is the difference of two Poisson variables of one mean; sums of such are such again, so that the noise in the sum is
known exactly whoever is lost (Agarwal, Kairouz and Liu 2021; a discrete Gaussian's shares only nearly add up to one). Shares are sized
for the fewest clients that a sum may have: with more of them there is more noise than was asked, never less.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import numpy as np

from pixelmind.adaptation.federated.accounting import Rdp, skellam_rdp
from pixelmind.adaptation.federated.quantization import I64, Quantizer
from pixelmind.errors import BadInput


def secret_rng() -> np.random.Generator:
    """A generator seeded with 256 bits of the system's entropy."""
    return np.random.default_rng(secrets.randbits(256))


def skellam(variance: float, count: int, rng: np.random.Generator) -> I64:
    """int64 [count] of mean 0 and this variance: Poisson(variance / 2) - Poisson(variance / 2)."""
    return rng.poisson(variance / 2, count) - rng.poisson(variance / 2, count)


@dataclass(frozen=True, kw_only=True)
class Noise:
    """How much there is in a sum: `multiplier` times the L2 sensitivity, from at least `minimum` clients.

    `colluding`: clients that may tell the server their shares of the noise; the others add enough without them.
    """

    multiplier: float
    minimum: int
    colluding: int = 0

    def __post_init__(self) -> None:
        if not self.multiplier > 0 or not 0 <= self.colluding < self.minimum:
            raise BadInput("noise needs a multiplier above 0 and fewer colluding clients than the fewest of a sum")

    def variance(self, sensitivity: float) -> float:
        """Of the sum, in steps squared, for a part of this L2 sensitivity."""
        return (self.multiplier * sensitivity) ** 2

    def share(self, sensitivity: float, count: int, rng: np.random.Generator) -> I64:
        """One client's noise, int64 [count]."""
        return skellam(self.variance(sensitivity) / (self.minimum - self.colluding), count, rng)

    def cost(self, quantizer: Quantizer) -> Rdp:
        """What a round gives away of a client's quantised update."""
        return skellam_rdp(quantizer.l1, quantizer.l2, self.variance(quantizer.l2))

    def cost_of_bit(self, size: int) -> Rdp:
        """What a round gives away of one number that is `size` or minus `size`, against 0."""
        return skellam_rdp(size, size, self.variance(size))
