"""Updates as whole numbers, so that sums under masks are exact.

An update is clipped to L2 norm `clip`, which is `levels` steps, and rounded to whole steps at random so that its mean is kept. Rounding
is repeated until the norm has not grown beyond a bound, which is what the noise is measured against (Kairouz, Liu and Steinke 2021, "The
distributed discrete Gaussian mechanism for federated learning with secure aggregation", alg. 1 and prop. 26). No rotation is needed: the
modulus is wide enough for any update of that norm.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixelmind.errors import BadInput

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
LEVELS = 2**16
_LOG_BETA = 0.5  # a rounding is drawn anew with a chance of at most exp(-0.5)


def clip_norm(update: F64, clip: float) -> F64:
    """The update, scaled down where its L2 norm is above `clip`.

    Raises:
        BadInput: it holds NaN or infinity.
    """
    norm = float(np.linalg.norm(update))
    if not math.isfinite(norm):
        raise BadInput("the update holds NaN or infinity; it was not sent")
    return update * (clip / norm) if norm > clip else update


@dataclass(frozen=True, kw_only=True)
class Quantizer:
    """Whole numbers of updates float64 [length] and back."""

    length: int
    clip: float
    levels: int = LEVELS

    def __post_init__(self) -> None:
        if self.length < 1 or not 0 < self.clip < math.inf or not 2 <= self.levels <= 2**30:
            raise BadInput("an update needs a length, a clip norm above 0 and 2 to 2^30 levels")

    @property
    def step(self) -> float:
        """What 1 stands for."""
        return self.clip / self.levels

    @property
    def l2(self) -> float:
        """The most a quantised update's L2 norm can be, in steps."""
        root = math.sqrt(self.length)
        likely = self.levels**2 + self.length / 4 + math.sqrt(2 * _LOG_BETA) * (self.levels + root / 2)
        return min(self.levels + root, math.sqrt(likely))

    @property
    def l1(self) -> float:
        """The most its L1 norm can be: whole numbers are at most their squares."""
        return self.l2 * min(math.sqrt(self.length), self.l2)

    def quantize(self, update: F64, rng: np.random.Generator) -> I64:
        """int64 [length] of L2 norm at most `l2`; its mean over the rounding is, nearly, the clipped update in steps.

        Raises:
            BadInput: another length, or NaN or infinity.
        """
        if update.shape != (self.length,):
            raise BadInput(f"an update of this round has {self.length} numbers, not {list(update.shape)}")
        exact = clip_norm(update.astype(np.float64), self.clip) / self.step
        low = np.floor(exact)
        while True:
            rounded = (low + (rng.random(self.length) < exact - low)).astype(np.int64)
            if np.sqrt(np.square(rounded.astype(np.float64)).sum()) <= self.l2:
                return rounded

    def dequantize(self, total: I64) -> F64:
        """The sum of updates from the sum of whole numbers."""
        return np.asarray(total * self.step, np.float64)


def bits_for(clients: int, most: int, variance: float = 0.0) -> int:
    """The fewest bits, in whole bytes, that hold the sum of `clients` numbers of at most `most` and noise of this variance.

    A number wraps around with a chance below 1e-12 (Bernstein's inequality); that costs quality, never privacy.

    Raises:
        BadInput: more than 56.
    """
    tail = 10 * math.sqrt(variance) + 60 * (variance > 0)
    bits = max(16, 8 * math.ceil(math.log2(2 * (clients * most + tail) + 2) / 8))
    if bits > 56:
        raise BadInput(f"sums of {clients} updates with this noise do not fit into 56 bits; take fewer levels")
    return bits
