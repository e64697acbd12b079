"""Changing a picture inside a region: what is known of it at each level, and the exact join at the end.

Every cell outside the region has the source's colour in the result, because the result is put together from the two
pictures cell by cell; the sampling only sees to it that what is drawn inside goes with what is around.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pixelmind.errors import BadInput
from pixelmind.generator.canvas import F32, area_average, place, to_canvas
from pixelmind.pixels import quantize
from pixelmind.records import MAX_PALETTE, MAX_SIZE_PX, U8, GenerationRequest, Sprite


@dataclass(frozen=True)
class Source:
    """A native canvas [4, H, W] and, of each cell, whether it is to be drawn anew, bool [H, W]."""

    canvas: F32
    redraw: NDArray[np.bool_]

    @classmethod
    def of(cls, request: GenerationRequest) -> Source | None:
        """The source of a request; None where it asks for a new picture.

        Raises:
            BadInput: size, region or strength do not fit.
        """
        if request.source is None:
            if request.region is not None or request.strength != 1:
                raise BadInput("a region or a strength needs a picture to change; give the picture, or leave them out")
            return None
        size, asked = request.source.indices.shape, (request.conditioning.height, request.conditioning.width)
        if size != asked:
            raise BadInput(
                f"the picture is {size[1]}x{size[0]} px, asked are {asked[1]}x{asked[0]}; give it that size first"
            )
        if not 0 < request.strength <= 1:
            raise BadInput(f"strength {request.strength:g} is out of range; use a number above 0 and up to 1")
        region = np.ones(size, np.uint8) if request.region is None else request.region
        if region.shape != size:
            raise BadInput(
                f"the region is {region.shape[1]}x{region.shape[0]} px, the picture {size[1]}x{size[0]}; give both one size"
            )
        if not region.any():
            raise BadInput("the region is empty: nothing would change; mark the cells to draw anew")
        return cls(to_canvas(request.source.rgba()), region > 0)


def known_frames(
    sources: list[Source | None], sizes: list[tuple[int, int]], frame: tuple[int, int]
) -> tuple[Tensor, Tensor] | None:
    """What a level knows: canvases [B, 4, h, w] and cells to keep bool [B, 1, h, w] in frames; None where nothing is known.

    A coarse cell is kept when no part of it is drawn anew; so is the clear frame around a picture.
    """
    if not any(sources):
        return None
    canvases, keeps = [], []
    for source, (height, width) in zip(sources, sizes):
        if source is None:
            canvases.append(np.zeros((4, *frame), np.float32))
            keeps.append(np.zeros((1, *frame), bool))
            continue
        small = area_average(source.canvas, height, width)
        drawn = area_average(source.redraw[None].astype(np.float32), height, width)
        canvas, top, left = place(small, *frame)
        keep = np.ones((1, *frame), bool)
        keep[:, top : top + height, left : left + width] = drawn == 0
        canvases.append(canvas)
        keeps.append(keep)
    return torch.from_numpy(np.stack(canvases)), torch.from_numpy(np.stack(keeps))


def join(drawn: Sprite, source: Sprite, redraw: NDArray[np.bool_]) -> Sprite:
    """The drawn picture inside the region, the source's own cells everywhere else."""
    inside, outside = drawn.rgba(), source.rgba()
    kept = len(np.unique(outside[~redraw], axis=0)) if not redraw.all() else 0
    if kept + len(drawn.palette) > MAX_PALETTE:  # only pictures of hundreds of colours come here
        inside = quantize.to_num_colors(inside, max(2, MAX_PALETTE - 1 - kept)).rgba()
    return Sprite.from_rgba(np.where(redraw[..., None], inside, outside))


def outpaint(source: Sprite, height: int, width: int, top: int, left: int) -> tuple[Sprite, U8]:
    """Put a picture on a larger clear canvas; return it and the region around it, which is to be drawn.

    Raises:
        BadInput: the picture does not fit there.
    """
    h, w = source.indices.shape
    if not (0 <= top <= height - h and 0 <= left <= width - w) or max(height, width) > MAX_SIZE_PX:
        raise BadInput(f"a {w}x{h} px picture at ({left}, {top}) does not fit into {width}x{height} px")
    rgba = np.zeros((height, width, 4), np.uint8)
    rgba[top : top + h, left : left + w] = source.rgba()
    region = np.ones((height, width), np.uint8)
    region[top : top + h, left : left + w] = 0
    return Sprite.from_rgba(rgba), region
