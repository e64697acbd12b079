"""Palette adherence: share of the opaque cells whose colour is one of the palette asked for (ours; the cell-wise form of conformance).

1 by construction where a generator picks palette entries; it tells how far others are from it. A picture without an opaque cell has none.
Fails when: a palette is kept by two of its colours alone (read unique colours beside it); nearness is not credited: one step off is off.
"""

from __future__ import annotations

import numpy as np

from pixelmind.records import U8


def palette_adherence(rgba: U8, palette: U8) -> float:
    """Return the share in [0, 1] of opaque cells of uint8 [H, W, 4] in the colours uint8 [K, 3]; nan where no cell is opaque."""
    opaque = rgba[rgba[..., 3] == 255][:, :3].astype(np.int64)
    if not len(opaque):
        return float("nan")
    code = np.array([65536, 256, 1])
    return float(np.isin(opaque @ code, palette[:, :3].astype(np.int64) @ code).mean())
