"""Shamir's secret sharing (Shamir 1979, "How to share a secret") of 32 bytes in the field of the first prime above 2^256.

Any `threshold` shares give the secret back; fewer say nothing about it.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from functools import lru_cache

from pixelmind.adaptation.federated.messages import Refused

PRIME = 2**256 + 297
SECRET_BYTES, SHARE_BYTES = 32, 33


def split(secret: bytes, threshold: int, points: Sequence[int]) -> dict[int, bytes]:
    """Shares of 33 bytes at these points, whole numbers from 1 to 65535, each another.

    Raises:
        ValueError: not 32 bytes, or points or threshold that cannot be.
    """
    if len(secret) != SECRET_BYTES or len(set(points)) != len(points) or not all(0 < x < 2**16 for x in points):
        raise ValueError("a secret has 32 bytes, and shares have points of their own between 1 and 65535")
    if not 1 <= threshold <= len(points):
        raise ValueError(f"{len(points)} shares cannot have a threshold of {threshold}")
    coefficients = [int.from_bytes(secret, "big"), *(secrets.randbelow(PRIME) for _ in range(threshold - 1))]
    shares = {}
    for x in points:
        value = 0
        for coefficient in reversed(coefficients):
            value = (value * x + coefficient) % PRIME
        shares[x] = value.to_bytes(SHARE_BYTES, "big")
    return shares


def combine(shares: Mapping[int, bytes], threshold: int) -> bytes:
    """The secret from at least `threshold` shares by their points: Lagrange's polynomial at 0, and at every share that is too many.

    Raises:
        Refused: too few, malformed, or not all of one polynomial.
    """
    if len(shares) < threshold:
        raise Refused(f"{len(shares)} shares, {threshold} are needed")
    values = {x: int.from_bytes(share, "big") for x, share in shares.items()}
    if any(len(s) != SHARE_BYTES for s in shares.values()) or any(v >= PRIME for v in values.values()):
        raise Refused("malformed share")
    points = tuple(sorted(values)[:threshold])
    at = lambda x: sum(w * values[i] for w, i in zip(_weights(points, x), points)) % PRIME  # noqa: E731
    secret = at(0)
    if any(at(x) != values[x] for x in values.keys() - set(points)) or secret >= 2**256:
        raise Refused("the shares do not fit each other")
    return secret.to_bytes(SECRET_BYTES, "big")


@lru_cache(maxsize=4096)
def _weights(points: tuple[int, ...], x: int) -> tuple[int, ...]:
    """What Lagrange's polynomial through `points` makes of each value at x."""
    found = []
    for i in points:
        above, below = 1, 1
        for j in points:
            if i != j:
                above, below = above * (x - j) % PRIME, below * (i - j) % PRIME
        found.append(above * pow(below, -1, PRIME) % PRIME)
    return tuple(found)
