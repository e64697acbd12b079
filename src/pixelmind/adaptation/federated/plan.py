"""What all know of a round before it starts, and who shares masks with whom.

Among few clients everybody is everybody's neighbour (Bonawitz et al. 2017); many stand on a ring in random order and each has
the `degree` nearest as neighbours (Bell et al. 2020, "Secure single-server aggregation with (poly)logarithmic overhead", alg. 2 and 3).
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import hypergeom

from pixelmind.errors import BadInput

COMPLETE = 64  # clients up to which everybody is everybody's neighbour


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A round of secure aggregation.

    `length` numbers mod 2^`bits` are summed over at least `minimum` clients; a secret opens with `threshold` shares out of a client's
    neighbours and itself.
    """

    round: str
    length: int
    bits: int
    threshold: int
    minimum: int
    degree: int

    def __post_init__(self) -> None:
        if self.bits not in (16, 24, 32, 40, 48, 56) or self.length < 1:
            raise BadInput(f"secure aggregation sums numbers of 16, 24, ... 56 bits, got {self.bits}")
        if self.degree < 2 or self.degree % 2 or self.minimum < 2:
            raise BadInput("secure aggregation needs an even degree and at least two clients in every sum")
        # A client tells each neighbour's fate once, so that no two sets of `threshold` can be told opposite fates: seed and mask key of one
        # client never both open, whatever the server says.
        if not self.degree + 1 >= self.threshold > (self.degree + 1) // 2:
            raise BadInput(
                f"the threshold must lie above half of {self.degree + 1} neighbours and not above them, got {self.threshold}"
            )

    @classmethod
    def choose(
        cls, clients: int, length: int, bits: int, *, dropouts: float = 1 / 3, degree: int | None = None
    ) -> Plan:
        """A plan with a fresh id for so many clients that survives this share of them lost.

        Raises:
            BadInput: fewer than 3 clients, or half of them may be lost.
        """
        if clients < 3 or not 0 <= dropouts < 0.5:
            raise BadInput("secure aggregation needs at least 3 clients and survives less than half of them lost")
        everybody = clients - 1 + (clients - 1) % 2
        if degree is None:
            degree = everybody if clients <= COMPLETE else choose_degree(clients, dropouts)
        degree = min(degree, everybody)
        threshold = (degree + 1) // 2 + 1
        if degree == everybody:
            threshold = max(threshold, math.floor((1 - dropouts) * clients))
        minimum = max(2, math.floor((1 - dropouts) * clients))
        return cls(
            round=secrets.token_hex(16), length=length, bits=bits, threshold=threshold, minimum=minimum, degree=degree
        )

    def neighbours(self, names: Sequence[str]) -> dict[str, list[str]]:
        """Each client's neighbours; the relation is symmetric."""
        if len(names) <= self.degree + 1:
            return {a: sorted(set(names) - {a}) for a in names}
        ring = list(names)
        secrets.SystemRandom().shuffle(ring)
        half, n = self.degree // 2, len(ring)
        return {a: sorted(ring[(i + k) % n] for k in range(-half, half + 1) if k) for i, a in enumerate(ring)}


def choose_degree(clients: int, dropouts: float, failure: float = 1e-6) -> int:
    """The smallest even degree with which, where this share of the clients is lost at random, a round fails with a chance below `failure`:
    some client keeps fewer than a majority of its neighbourhood (union bound over hypergeometric tails, Bell et al. 2020, lemma 3.7).
    Everybody where no smaller one does."""
    lost = math.ceil(dropouts * clients)
    for degree in range(8, clients - 1, 2):
        threshold = (degree + 1) // 2 + 1
        # More than degree + 1 - threshold of a neighbourhood of degree + 1 are lost.
        if clients * hypergeom.sf(degree + 1 - threshold, clients, lost, degree + 1) < failure:
            return degree
    return clients - 1 + (clients - 1) % 2
