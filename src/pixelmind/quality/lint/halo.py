"""Anti-alias halo: cells of the silhouette that are a mix of the body's colour and a background that is no longer there.

A picture smoothed on white (or black, or a key colour) and then cut out keeps a fringe. A cell of the silhouette is fringe where its
colour lies between that of the cell behind it and the background, `LEAST` to `MOST` of the way and within `OFF` of the line between them in
sRGB (where editors blend), and is worn almost only on the silhouette by few cells. The background is whichever of `GROUNDS` explains the
most cells. Unit: cells; the share is of the silhouette. Cannot tell: a rim light, and on black a shade darker than the body, are
drawn the same; half-clear fringes are counted by `semi-clear`.
"""

from __future__ import annotations

import numpy as np

from pixelmind.pixels.clusters import Mask, shifted
from pixelmind.quality.lint.base import STEPS4, Canvas, Found, Options, counted

LEAST, MOST, OFF = 0.15, 0.9, 10.0
FAR = 90.0  # sRGB distance from the body's colour to a background that could show
ON_RIM, FEW = 0.75, 0.2
GROUNDS = ((255, 255, 255), (0, 0, 0), (255, 0, 255), (128, 128, 128))


def find(canvas: Canvas, options: Options) -> Found:
    """Fringe cells for the background that explains the most."""
    rim = canvas.silhouette
    of = int(rim.sum())
    if not of:
        return counted(canvas.none(), 0)
    on_rim = np.bincount(canvas.number[rim], minlength=len(canvas.colors))
    fringe = (on_rim >= ON_RIM * canvas.cells_of) & (on_rim <= FEW * of)
    rgb = canvas.rgba[..., :3].astype(np.float64)
    found = [_towards(canvas, rgb, rim & fringe[canvas.number], np.array(ground, float)) for ground in GROUNDS]
    return counted(max(found, key=lambda m: int(m.sum())), of)


def _towards(canvas: Canvas, rgb: np.ndarray, rim: Mask, ground: np.ndarray) -> Mask:
    """Cells of `rim` whose colour lies between the cell behind and the background."""
    out = canvas.none()
    for dy, dx in STEPS4:
        behind = np.stack([_moved(rgb[..., i], dy, dx) for i in range(3)], axis=-1)
        open_ = rim & ~shifted(canvas.body, -dy, -dx, True) & shifted(canvas.body, dy, dx) & ~shifted(rim, dy, dx)
        way = ground - behind
        length = np.sqrt((way**2).sum(-1))
        along = ((rgb - behind) * way).sum(-1) / np.maximum(length, 1e-9) ** 2
        off = np.sqrt((((rgb - behind) - along[..., None] * way) ** 2).sum(-1))
        out |= open_ & (length >= FAR) & (along >= LEAST) & (along <= MOST) & (off <= OFF)
    return out


def _moved(values: np.ndarray, dy: int, dx: int) -> np.ndarray:
    """Values of the neighbour at (dy, dx), the cell's own past the canvas."""
    padded = np.pad(values, 1, mode="edge")
    height, width = values.shape
    return padded[1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width]
