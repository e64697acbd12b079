"""Splits by the hash of the cluster, so that no near duplicate crosses from one split to another.

train 72 %, judge 20 % (only the evaluation judge may train on it), val 3 %, test 5 %. A picture's split depends on its
cluster id alone: adding art never moves what is already there.
"""

from __future__ import annotations

import hashlib

from pixelmind.records import Split

#: Shares in the order in which the unit interval is cut.
SHARES: tuple[tuple[Split, float], ...] = (("train", 0.72), ("judge", 0.20), ("val", 0.03), ("test", 0.05))


def split_of(cluster: str) -> Split:
    """Return the split of a cluster id: sha256's first 8 bytes as a number in [0, 1) against the cumulative shares."""
    point = int.from_bytes(hashlib.sha256(cluster.encode()).digest()[:8], "big") / 2**64
    edge = 0.0
    for name, share in SHARES:
        edge += share
        if point < edge:
            return name
    return SHARES[-1][0]
