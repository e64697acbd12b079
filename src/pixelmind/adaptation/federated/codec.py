"""What one client sends in a round, as whole numbers, and what the sum of many says: clip, round, weigh, add noise; and back.

Without noise, updates are weighted by pictures (FedAvg); the weight is one more number of the vector, so that it stays as hidden as the
rest. With noise everybody counts once, since a weight would be given away too. With an adaptive clip norm there is a number for the bit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pixelmind.adaptation.federated.accounting import Rdp
from pixelmind.adaptation.federated.aggregation import AdaptiveClip
from pixelmind.adaptation.federated.noise import Noise
from pixelmind.adaptation.federated.quantization import F64, I64, Quantizer, bits_for
from pixelmind.errors import BadInput

BIT = 2**10  # the bit's size in steps, fine enough for its noise


@dataclass(frozen=True, kw_only=True)
class Summed:
    """What a sum says: the mean update float64 [length], the weight in it, and the clip norm of the next round."""

    mean: F64
    weight: float
    clip: AdaptiveClip | None


@dataclass(frozen=True, kw_only=True)
class Codec:
    """The numbers of a round, known to all its clients.

    `max_weight` caps how much a client can count; `noise` None: no differential privacy. `bit_noise` is the noise of the clip's bit.
    """

    quantizer: Quantizer
    max_weight: int = 1
    noise: Noise | None = None
    clip: AdaptiveClip | None = None
    bit_noise: Noise | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.max_weight <= self.quantizer.levels:
            raise BadInput(f"max_weight must lie between 1 and {self.quantizer.levels}, got {self.max_weight}")
        if self.noise is not None and self.max_weight != 1:
            raise BadInput("with differential privacy every client counts once: max_weight must be 1")
        if self.clip is not None and (self.bit_noise is None) != (self.noise is None):
            raise BadInput("an adaptive clip norm needs noise for its bit where the updates have noise")

    @classmethod
    def choose(
        cls,
        length: int,
        clip: float,
        *,
        max_weight: int,
        multiplier: float = 0.0,
        least: int = 2,
        adaptive: AdaptiveClip | None = None,
    ) -> Codec:
        """The codec of a round.

        Args:
            clip: most that an update's L2 norm can be; where `adaptive` is given, its norm counts.
            multiplier: noise over sensitivity; 0 for none, where clients count by up to `max_weight` pictures.
            least: fewest clients of a sum.
        """
        quantizer = Quantizer(length=length, clip=clip if adaptive is None else adaptive.norm)
        if not multiplier:
            return cls(quantizer=quantizer, max_weight=max_weight, clip=adaptive)
        noise = Noise(multiplier=multiplier, minimum=least)
        bit = None if adaptive is None else Noise(multiplier=max(least / 10, 1.0), minimum=least)
        return cls(quantizer=quantizer, noise=noise, clip=adaptive, bit_noise=bit)

    @property
    def length(self) -> int:
        """Numbers of a vector: the update, its weight where weights are sent, the bit where the clip norm adapts."""
        return self.quantizer.length + (self.noise is None) + (self.clip is not None)

    def bits(self, clients: int) -> int:
        """The modulus that holds the sum of so many clients."""
        variance = most = 0.0
        if self.noise is not None:
            per = clients / (self.noise.minimum - self.noise.colluding)  # all add their share, whoever was planned for
            variance = per * self.noise.variance(self.quantizer.l2)
        if self.bit_noise is not None:
            per = clients / (self.bit_noise.minimum - self.bit_noise.colluding)
            variance = max(variance, per * self.bit_noise.variance(BIT))
        most = max(self.quantizer.levels + 1, BIT)
        return bits_for(clients, most, variance)

    def cost(self) -> Rdp:
        """What a round gives away of a client.

        Raises:
            ValueError: there is no noise.
        """
        if self.noise is None:
            raise ValueError("without noise no amount of privacy is promised")
        cost = self.noise.cost(self.quantizer)
        return cost if self.bit_noise is None else cost + self.bit_noise.cost_of_bit(BIT)

    def encode(self, update: F64, weight: int, rng: np.random.Generator) -> I64:
        """A client's vector, int64 [length], noise included.

        Raises:
            BadInput: no pictures, or NaN or infinity in the update.
        """
        if weight < 1:
            raise BadInput("a client without pictures has nothing to send; leave it out of the round")
        counted = min(weight, self.max_weight)
        norm = float(np.linalg.norm(update))
        scaled = update * min(1.0, self.quantizer.clip / norm) if 0 < norm < np.inf else update
        whole = self.quantizer.quantize(scaled * (counted / self.max_weight), rng)
        parts = [whole]
        if self.noise is None:
            parts.append(np.array([counted]))
        else:
            parts[0] = whole + self.noise.share(self.quantizer.l2, len(whole), rng)
        if self.clip is not None:
            bit = np.array([self.clip.bit(norm) * BIT])
            parts.append(bit if self.bit_noise is None else bit + self.bit_noise.share(BIT, 1, rng))
        return np.concatenate(parts).astype(np.int64)

    def decode(self, total: I64, clients: int) -> Summed:
        """What the sum over so many clients says.

        Raises:
            BadInput: another length, or weights that cannot be.
        """
        if total.shape != (self.length,) or clients < 1:
            raise BadInput(f"the sum of this round has {self.length} numbers, not {list(total.shape)}")
        weight = float(clients)
        if self.noise is None:
            weight = float(total[self.quantizer.length])
            if not clients <= weight <= clients * self.max_weight:
                raise BadInput(f"weights of {weight:g} cannot come from {clients} clients; the sum is dropped")
        mean = self.quantizer.dequantize(total[: self.quantizer.length]) * (self.max_weight / weight)
        clip = None if self.clip is None else self.clip.after(float(total[-1]) / BIT, clients)
        return Summed(mean=mean, weight=weight, clip=clip)
