"""What a subject family is: its parameters with their ranges, how it is drawn and what may be said of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pixelmind.data.procedural.canvas import Canvas
from pixelmind.data.procedural.captions import Words
from pixelmind.data.procedural.rng import Rng

Params = dict[str, Any]

#: Worlds a subject may belong to. A scene has the genre of its family, or of what it is composed of.
GENRES = (
    "fantasy",
    "sci-fi",
    "cyberpunk",
    "horror",
    "farm",
    "western",
    "pirate",
    "space",
    "underwater",
    "steampunk",
    "post-apocalyptic",
    "prehistoric",
    "feudal japan",
    "modern",
    "winter",
    "ancient",
)
Size = tuple[int, int]

SQUARE: tuple[Size, ...] = ((8, 8), (16, 16), (16, 16), (24, 24), (32, 32), (32, 32), (48, 48), (64, 64))
TALL: tuple[Size, ...] = (*SQUARE, (24, 16), (32, 16), (48, 32), (32, 24))
WIDE: tuple[Size, ...] = (*SQUARE, (16, 24), (32, 48), (24, 32))
SCENIC: tuple[Size, ...] = (
    (8, 8),
    (16, 16),
    (24, 24),
    (32, 32),
    (32, 32),
    (48, 48),
    (64, 64),
    (32, 48),
    (24, 32),
    (48, 64),
)
LARGE: tuple[Size, ...] = ((16, 16), (24, 24), (32, 32), (32, 32), (48, 48), (64, 64))


@dataclass(frozen=True)
class Param:
    """A parameter's values with weights. `minor` ones change details only, so scenes that differ in them alone are near duplicates."""

    values: tuple[Any, ...]
    weights: tuple[float, ...] | None = None
    minor: bool = False


def choice(*values: Any, weights: tuple[float, ...] | None = None, minor: bool = False) -> Param:
    """One of the values."""
    return Param(values, weights, minor)


def count(low: int, high: int, minor: bool = False) -> Param:
    """A whole number in low..high."""
    return Param(tuple(range(low, high + 1)), None, minor)


def flag(probability: float, minor: bool = False) -> Param:
    """True with this probability."""
    return Param((True, False), (probability, 1 - probability), minor)


@dataclass(frozen=True, kw_only=True)
class Family:
    """One subject family; a module in `families/` registers it as FAMILY.

    `fit(params, height, width)` lowers parameters to what the size can show, in place, so that the record says what was drawn.
    `draw(params, canvas, rng)` paints it; `words(params)` tells what may be said, its nouns whatever is visible; `genres` are the worlds
    it belongs to, the likeliest first. A parameter whose name ends in "color" names a colour.
    """

    name: str
    kind: str
    parameters: Mapping[str, Param]
    draw: Callable[[Params, Canvas, Rng], None]
    words: Callable[[Params], Words]
    fit: Callable[[Params, int, int], None] | None = None
    sizes: tuple[Size, ...] = SQUARE
    view: str = "front"
    weight: float = 1.0
    genres: tuple[str, ...] = ("fantasy",)

    def sample(self, rng: Rng) -> Params:
        """Draw every parameter from its range."""
        return {k: rng.choice(p.values, p.weights) for k, p in self.parameters.items()}
