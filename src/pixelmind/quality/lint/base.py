"""What rules read and what they return.

Array legend: H, W canvas in px; K colours used. A cell is clear at alpha 0, half clear between, opaque at 255; the body is what has
alpha 128 or more. The silhouette are the cells of the body with a cell beside them (not diagonally) that is not body; the
canvas's own edge makes no silhouette.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pixelmind.pixels.clusters import Ints, Mask, shifted
from pixelmind.pixels.oklab import srgb_to_oklab
from pixelmind.records import U8, Palette

F64 = NDArray[np.float64]
#: Longest side up to so many px: the size classes that thresholds are told for.
CLASSES = (16, 32, 64, 1024)
STEPS4 = ((-1, 0), (0, 1), (1, 0), (0, -1))


@dataclass(frozen=True, kw_only=True, eq=False)
class Canvas:
    """A picture with its colours numbered: `number` [H, W] into `colors` uint8 [K, 4]; all clear cells are one colour."""

    rgba: U8
    number: Ints
    colors: U8

    @classmethod
    def of(cls, rgba: U8) -> Canvas:
        """Number the colours of uint8 [H, W, 4]."""
        clean = np.ascontiguousarray(np.where(rgba[..., 3:] == 0, np.uint8(0), rgba))
        used, number = np.unique(clean.view(np.uint32)[..., 0], return_inverse=True)
        colors = np.ascontiguousarray(used[:, None]).view(np.uint8)
        return cls(rgba=clean, number=number.reshape(rgba.shape[:2]).astype(np.int64), colors=colors)

    @property
    def shape(self) -> tuple[int, int]:
        return self.number.shape[0], self.number.shape[1]

    @property
    def size_class(self) -> int:
        """Index into CLASSES."""
        return next((i for i, side in enumerate(CLASSES) if max(self.shape) <= side), len(CLASSES) - 1)

    @cached_property
    def drawn(self) -> Mask:
        """Cells that are not clear."""
        found: Mask = self.rgba[..., 3] > 0
        return found

    @cached_property
    def body(self) -> Mask:
        """Cells of alpha 128 or more."""
        found: Mask = self.rgba[..., 3] >= 128
        return found

    @cached_property
    def lab(self) -> F64:
        """OKLab of the colours, [K, 3]."""
        return srgb_to_oklab(self.colors[:, :3]).astype(np.float64)

    @cached_property
    def cells_of(self) -> Ints:
        """How many cells wear each colour, [K]."""
        return np.bincount(self.number.ravel(), minlength=len(self.colors)).astype(np.int64)

    @cached_property
    def lightness(self) -> F64:
        """OKLab L of each cell, [H, W]."""
        return np.asarray(self.lab[self.number, 0])

    @cached_property
    def silhouette(self) -> Mask:
        """See the header."""
        return self.body & np.logical_or.reduce([~shifted(self.body, dy, dx, True) for dy, dx in STEPS4])

    def none(self) -> Mask:
        """No cell."""
        return np.zeros(self.shape, bool)


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was asked: a limit of colours (None: by size) and a palette to keep to."""

    max_colors: int | None = None
    palette: Palette | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Found:
    """What a rule counts: `count` of its unit, out of `of` that could have been, where, and a limit of its own on the share.

    `says` takes the place of the rule's own words for what is wrong, and after a ";" those for what to do.
    """

    count: int
    of: int
    cells: Mask
    limit: float | None = None
    says: str = ""

    @property
    def share(self) -> float:
        return self.count / self.of if self.of else 0.0


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule: its name, what it counts (`unit`, singular), what it is a share of, a colour to mark it with.

    `advice` is one line: what is wrong; what to do.

    `usual` is the share that 98 % of real pictures of each size class keep within (`usual.py`); 0: nothing is usual.
    """

    name: str
    unit: str
    of: str
    advice: str
    color: tuple[int, int, int]
    find: Callable[[Canvas, Options], Found]
    usual: tuple[float, ...] = (0.0,) * len(CLASSES)


@dataclass(frozen=True, kw_only=True, eq=False)
class Finding:
    """What a rule counted in a picture.

    `count` is in the rule's unit and `share` is of what the rule says; `cells` bool [H, W] are those at fault, of the picture as it was
    given. `usual` is the share up to which it is not held against a picture, `fault` whether it is beyond.
    """

    rule: str
    count: int
    share: float
    cells: Mask
    message: str
    usual: float = 0.0
    fault: bool = True


@dataclass(frozen=True, kw_only=True, eq=False)
class LintReport:
    """All counts of a picture, one a rule in the rules' order; `factor` is the enlargement that was undone first (1: none).

    `size` is (height, width) in true px, `colors` how many opaque colours are used.
    """

    counts: tuple[Finding, ...]
    size: tuple[int, int]
    colors: int
    factor: int = 1

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is beyond the usual."""
        return tuple(f for f in self.counts if f.fault)

    def count(self, rule: str) -> Finding:
        """What a rule counted."""
        return next(f for f in self.counts if f.rule == rule)


def counted(mask: Mask, of: int, **more: float | str | None) -> Found:
    """Cells at fault, counted one by one."""
    return Found(count=int(mask.sum()), of=of, cells=mask, **more)  # type: ignore[arg-type]


def plural(count: int, unit: str) -> str:
    """A count with its unit, such as 1 cell or 2 cells."""
    return f"{count:,} {unit}" if count == 1 else f"{count:,} {unit}s"


def union(masks: Sequence[Mask], shape: tuple[int, int]) -> Mask:
    """Cells of any mask."""
    found: Mask = np.logical_or.reduce([np.zeros(shape, bool), *masks])
    return found
