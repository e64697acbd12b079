"""Generators whose score is known beforehand: they check the harness and mark the ends of its scale.

`RealImages` answers a prompt with the real picture it was taken from (the ceiling); `ShuffledReal` with the real
picture of another prompt, cut or padded to the size asked (the floor: real-looking, right size, wrong content).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from pixelmind.evaluation.testset import TestItem
from pixelmind.pixels import quantize
from pixelmind.records import U8, Conditioning, GenerationRequest, GenerationResult, Sprite


class Generator(Protocol):
    """Anything that can be evaluated: the pipeline, a baseline, an oracle."""

    def generate_batch(self, requests: list[GenerationRequest]) -> list[GenerationResult]:
        """Answer every request with its `num_images` sprites."""
        ...


def fit(rgba: U8, height: int, width: int) -> U8:
    """Cut or pad uint8 [H, W, 4] about its middle to [height, width, 4]; new cells are clear."""
    out: U8 = np.zeros((height, width, 4), dtype=np.uint8)
    h, w = min(height, rgba.shape[0]), min(width, rgba.shape[1])
    top, left = (rgba.shape[0] - h) // 2, (rgba.shape[1] - w) // 2
    y, x = (height - h) // 2, (width - w) // 2
    out[y : y + h, x : x + w] = rgba[top : top + h, left : left + w]
    return out


def obey(rgba: U8, asked: Conditioning) -> Sprite:
    """Make a sprite that keeps to the palette and the number of colours asked for."""
    if asked.palette is not None and asked.max_colors is not None:
        return quantize.reduce_to_subset(rgba, asked.palette, asked.max_colors)
    if asked.palette is not None:
        return quantize.to_palette(rgba, asked.palette)
    if asked.max_colors is not None:
        return quantize.to_num_colors(rgba, asked.max_colors)
    return Sprite.from_rgba(rgba)


class RealImages:
    """Answers with the real picture of the prompt, `num_images` times."""

    name = "oracle: real pictures"

    def __init__(self, items: Sequence[TestItem]) -> None:
        self._items = {(i.prompt, *i.rgba.shape[:2]): i for i in reversed(items)}
        self._all = list(items)

    def pick(self, request: GenerationRequest, k: int) -> U8:
        """Return the picture that answers image `k` of a request."""
        c = request.conditioning
        item = self._items.get((c.prompt, c.height, c.width))
        return (item or self._all[request.seed % len(self._all)]).rgba

    def generate_batch(self, requests: list[GenerationRequest]) -> list[GenerationResult]:
        """Answer every request; constraints are kept."""
        out = []
        for r in requests:
            c = r.conditioning
            sprites = tuple(obey(fit(self.pick(r, k), c.height, c.width), c) for k in range(r.num_images))
            seeds = tuple(range(r.seed, r.seed + r.num_images))
            out.append(GenerationResult(sprites=sprites, seeds=seeds, seconds=0.0, weights=self.name))
        return out


class ShuffledReal(RealImages):
    """Answers with real pictures of other prompts."""

    name = "floor: shuffled real pictures"

    def pick(self, request: GenerationRequest, k: int) -> U8:
        """Return a random real picture with another prompt, of the asked size where there is one."""
        c = request.conditioning
        others = [i for i in self._all if i.prompt != c.prompt and i.rgba.shape[:2] == (c.height, c.width)]
        others = others or [i for i in self._all if i.prompt != c.prompt] or self._all
        return others[int(np.random.default_rng((request.seed, k)).integers(len(others)))].rgba
