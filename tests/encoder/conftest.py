"""Shared by the encoder's tests: one thread, one loaded text tower, and a tiny drawn world of coloured shapes."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pixelmind.encoder.text_tower import TextTower


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def tower() -> TextTower:
    return TextTower()


COLORS = {"red": (200, 30, 30), "green": (40, 170, 50), "blue": (40, 60, 210), "yellow": (240, 220, 60)}
SHAPES = ("box", "cross", "ring", "bar")


def draw(color: str, shape: str, side: int, seed: int) -> np.ndarray:
    """One coloured shape on a clear canvas uint8 [side, side, 4], at a place chosen by the seed."""
    rng = np.random.default_rng(seed)
    canvas = np.zeros((side, side, 4), dtype=np.uint8)
    size = side // 2
    y, x = rng.integers(0, side - size + 1, 2)
    cells = np.zeros((size, size), dtype=bool)
    if shape == "box":
        cells[:] = True
    elif shape == "cross":
        cells[size // 2 - 1 : size // 2 + 1] = True
        cells[:, size // 2 - 1 : size // 2 + 1] = True
    elif shape == "ring":
        cells[:] = True
        cells[1:-1, 1:-1] = False
    else:
        cells[size // 2 - 1 : size // 2 + 1] = True
    canvas[y : y + size, x : x + size][cells] = (*COLORS[color], 255)
    return canvas


@pytest.fixture(scope="session")
def shapes() -> list[tuple[np.ndarray, str]]:
    """96 pictures of two sizes with captions such as "a red ring"."""
    return [
        (draw(color, shape, side, seed), f"a {color} {shape}")
        for seed in range(3)
        for side in (12, 16)
        for color in COLORS
        for shape in SHAPES
    ]
