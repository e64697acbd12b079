"""With the released weights: the same request gives the same bytes alone and in any batch."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from pixelmind.generator.pipeline import PixelPipeline, load
from pixelmind.pixels import palettes
from pixelmind.records import Conditioning, GenerationRequest, GenerationResult

PROMPTS = (
    "a key",
    "8-bit castle with red flags and a very long description of the moat around it, with two crocodiles in the water",
    "green slime with a crown",
    "an oak tree",
    "red dragon breathing fire over a small village at night",
)
PALETTES = (None, "pico-8", "gameboy", None, "web-safe", "nes")


@pytest.fixture(scope="module")
def released() -> PixelPipeline:
    return load(threads=1)


def requests(size: tuple[int, int], count: int, steps: int) -> list[GenerationRequest]:
    """Requests whose words, palettes and negative prompts are of different lengths."""
    found = []
    for i in range(count):
        name = PALETTES[i % len(PALETTES)]
        conditioning = Conditioning(
            prompt=PROMPTS[i % len(PROMPTS)],
            negative="a grey stone wall" if i % 3 == 2 else "",
            height=size[0],
            width=size[1],
            palette=None if name is None else palettes.get(name),
        )
        found.append(GenerationRequest(conditioning=conditioning, seed=i, num_inference_steps=steps))
    return found


def differing(pipe: PixelPipeline, asked: list[GenerationRequest], sizes: tuple[int, ...]) -> int:
    """How many sprites of batches of these sizes, in two orders, are not what they are alone."""
    alone = [pipe.generate_batch([request])[0] for request in asked]
    wrong = 0
    for size in sizes:
        for order in (list(range(size)), list(reversed(range(len(asked))))[:size]):
            together = pipe.generate_batch([asked[i] for i in order])
            wrong += sum(not same(alone[i], drawn) for i, drawn in zip(order, together))
    return wrong


def same(a: GenerationResult, b: GenerationResult) -> bool:
    for x, y in zip(a.sprites, b.sprites, strict=True):
        if not (np.array_equal(x.indices, y.indices) and np.array_equal(x.palette, y.palette)):
            return False
        if (x.mask is None) != (y.mask is None) or (x.mask is not None and not np.array_equal(x.mask, y.mask)):
            return False
    return True


def test_batches_change_no_byte(released):
    asked = requests((16, 16), 3, 4) + requests((24, 20), 2, 4)
    assert differing(released, asked, (5,)) == 0


@pytest.mark.slow
@pytest.mark.parametrize("size", [(16, 16), (32, 32), (64, 64), (48, 24), (128, 128)])
def test_batches_change_no_byte_at_any_size(released, size):
    count = 3 if max(size) > 64 else 8
    asked = requests(size, count, 8)
    assert differing(released, asked, tuple(n for n in (2, 3, 5, 8) if n <= count)) == 0


@pytest.mark.slow
def test_references_sources_and_layouts_change_no_byte(released):
    drawn = [r.sprites[0] for r in released.generate_batch(requests((32, 32), 4, 6))]
    asked = requests((32, 32), 6, 6)
    shown = iter((tuple(drawn), (), tuple(drawn[:1]), (), tuple(drawn[:3])))
    asked = [replace(r, conditioning=replace(r.conditioning, references=s)) for r, s in zip(asked, shown)]
    region = np.zeros((32, 32), np.uint8)
    region[8:24, 8:24] = 1
    asked.append(replace(requests((32, 32), 1, 6)[0], source=drawn[1], region=region, seed=5))
    layout = dict(layout=drawn[0].mask, layout_names=drawn[0].mask_names)
    plain = requests((32, 32), 1, 6)[0]
    asked.append(replace(plain, conditioning=replace(plain.conditioning, **layout), seed=6))
    asked += [
        replace(r, conditioning=replace(r.conditioning, seamless=True)) for r in islice(requests((32, 32), 4, 6), 2)
    ]
    assert differing(released, asked, (3, len(asked))) == 0
