"""What critic and refiner see of a picture: its colours, and facts of each cell that faults show in and convolutions find hard to work out.

Channels, CHANNELS in all; the first LOCAL are all that the refiner and the critic's scorer look at:
    0..3    premultiplied RGBA in [-1, 1], a clear cell -1 throughout
    4       1 where alpha is neither 0 nor 255
    5       1 within the picture, 0 in the frame around it
    6..13   1 where the neighbour (STEPS8) wears another colour; the frame is of no colour
    14..17  OKLab distance to the neighbour right, below, below right, below left, where both are drawn, over FAR, at most 1
    18      share of the drawn cells that wear the cell's colour: 1 + log2(share) / 12, at least 0; clear cells 0
    19      OKLab distance to the nearest other colour of the picture, over NEAR, at most 1; clear cells 1
    20..    what the cell has to do with cells far away (`relations.py`)

Array legend: H, W picture in px; C channels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from pixelmind.errors import BadInput
from pixelmind.generator.canvas import place
from pixelmind.quality import relations
from pixelmind.quality.lint.base import Canvas
from pixelmind.records import U8

F32 = NDArray[np.float32]
LOCAL = 20
CHANNELS = LOCAL + relations.CHANNELS
STEPS8 = ((0, 1), (1, 0), (1, 1), (1, -1), (0, -1), (-1, 0), (-1, -1), (-1, 1))
FAR, NEAR = 0.5, 0.08
MULTIPLE, LEAST = 8, 16
"""Frames have sides that are whole multiples of MULTIPLE, at least LEAST, in px."""


def cells(rgba: U8, channels: int = CHANNELS) -> F32:
    """The channels float32 [C, H, W] of a picture uint8 [H, W, 4] with straight alpha; C is CHANNELS or LOCAL.

    Raises:
        BadInput: not such an array, or another number of channels.
    """
    if channels not in (LOCAL, CHANNELS):
        raise BadInput(f"a picture has {LOCAL} or {CHANNELS} channels, not {channels}")
    if rgba.dtype != np.uint8 or rgba.ndim != 3 or rgba.shape[2] != 4 or 0 in rgba.shape:
        raise BadInput(f"a picture must be uint8 [H, W, 4], got {rgba.dtype} {list(rgba.shape)}")
    canvas = Canvas.of(rgba)
    height, width = canvas.shape
    out = np.zeros((channels, height, width), np.float32)
    alpha = canvas.rgba[..., 3].astype(np.float32) / 255
    out[:3] = np.moveaxis(canvas.rgba[..., :3], -1, 0) * (alpha * (2 / 255)) - 1
    out[3] = 2 * alpha - 1
    out[4] = (alpha > 0) & (alpha < 1)
    out[5] = 1
    framed = np.pad(canvas.number, 1, constant_values=-1)
    beside = [framed[1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width] for dy, dx in STEPS8]
    for k, other in enumerate(beside):
        out[6 + k] = other != canvas.number
    lab, drawn = canvas.lab.astype(np.float32), canvas.colors[:, 3] > 0
    for k, other in enumerate(beside[:4]):
        apart = np.sqrt(((lab[canvas.number] - lab[other]) ** 2).sum(-1))
        out[14 + k] = np.where(drawn[canvas.number] & drawn[other] & (other >= 0), np.minimum(apart / FAR, 1), 0)
    number = canvas.cells_of
    share = number / max(1, int(number[drawn].sum()))
    rare = np.where(drawn, np.maximum(1 + np.log2(np.maximum(share, 1e-9)) / 12, 0), 0)
    nearest = np.ones(len(lab))
    if drawn.sum() > 1:
        nearest[drawn] = np.minimum(cKDTree(lab[drawn]).query(lab[drawn], k=2)[0][:, 1] / NEAR, 1)
    out[18], out[19] = rare[canvas.number], nearest[canvas.number]
    if channels > LOCAL:
        out[LOCAL:] = relations.relations(canvas)
    return out


def frame_sides(height: int, width: int) -> tuple[int, int]:
    """Sides in px of the frame around a picture."""
    up, across = (max(LEAST, -(-side // MULTIPLE) * MULTIPLE) for side in (height, width))
    return up, across


def framed(rgba: U8, height: int, width: int, channels: int = CHANNELS) -> tuple[F32, int, int]:
    """The channels [C, height, width] of a picture in the middle of a clear frame, and its top and left there."""
    found = cells(rgba, channels)
    out = np.zeros((channels, height, width), np.float32)
    out[:4], out[19] = -1, 1
    out[:4], top, left = place(found[:4], height, width)
    out[4:, top : top + found.shape[1], left : left + found.shape[2]] = found[4:]
    return out, top, left
