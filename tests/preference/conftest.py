"""Small sprites that tastes can tell apart, and an empty database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from pixelmind.preference.material import Group
from pixelmind.records import Sprite
from pixelmind.storage import Database


def blocks(seed: int, size: int = 16) -> Sprite:
    """A sprite of coloured blocks on a clear ground, another one for each seed."""
    rng = np.random.default_rng(seed)
    rgba = np.zeros((size, size, 4), np.uint8)
    for _ in range(6):
        y, x = rng.integers(0, size - 4, 2)
        high, wide = rng.integers(2, 9, 2)
        rgba[y : y + high, x : x + wide] = (*rng.integers(0, 256, 3), 255)
    return Sprite.from_rgba(rgba)


@pytest.fixture(scope="session")
def draw() -> Callable[..., Sprite]:
    """`blocks`, for tests."""
    return blocks


@pytest.fixture(scope="session")
def groups() -> list[Group]:
    """Two prompts with six and five sprites."""
    return [
        Group("a red castle", [blocks(i) for i in range(6)]),
        Group("a blue dragon", [blocks(100 + i) for i in range(5)]),
    ]


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with Database(f"sqlite:///{tmp_path / 'pixelmind.db'}") as database:
        database.upgrade()
        yield database
