"""Flat-area ratio: share of neighbouring drawn cells (left-right, up-down) of the same colour (ours; the "flats" of docs/log.md).

Real pixel art has clean flats: a ratio far below that of real pictures of the same sizes is speckle, far above it a blob.
Fails when: read alone. A dither is speckled on purpose; a single square is flat.
"""

from __future__ import annotations

from pixelmind.records import U8


def flat_area_ratio(rgba: U8) -> float:
    """Return the share in [0, 1] of 4-neighbour pairs of cells with alpha above 0 that are equal; nan where there is no such pair."""
    equal = pairs = 0
    for a, b in ((rgba[1:], rgba[:-1]), (rgba[:, 1:], rgba[:, :-1])):
        both = (a[..., 3] > 0) & (b[..., 3] > 0)
        pairs += int(both.sum())
        equal += int(((a == b).all(axis=-1) & both).sum())
    return equal / pairs if pairs else float("nan")
