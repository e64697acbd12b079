"""What a defect takes and gives: a clean picture, and the picture with one fault whose cells are known.

A defect draws on its material (facts of the picture, `material.py`) and says which cells, beside those that changed, belong to the fault.
`Defect.apply` holds what is true of all: the same size, changed cells within `where`, clear cells without colour, None where nothing
changed. Array legend: H, W canvas in px.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pixelmind.errors import BadInput
from pixelmind.quality.verdict import Family
from pixelmind.records import U8

if TYPE_CHECKING:
    from pixelmind.quality.defects.material import Material

Mask = NDArray[np.bool_]
LEAST_CHANGED = 2
"""A fault of fewer cells is none."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Picture:
    """Clean material: `rgba` uint8 [H, W, 4], alpha 0 or 255; `mask` uint8 [H, W] of region classes named by `mask_names`, where known.

    Class 0 is what belongs to no part.
    """

    rgba: U8
    mask: U8 | None = None
    mask_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        shape = self.rgba.shape
        if self.rgba.dtype != np.uint8 or len(shape) != 3 or shape[2] != 4:
            raise BadInput(f"a picture to damage must be uint8 [H, W, 4], got {self.rgba.dtype} {list(shape)}")
        if self.mask is not None and self.mask.shape != shape[:2]:
            raise BadInput(f"a mask must have its picture's size {list(shape[:2])}, got {list(self.mask.shape)}")


@dataclass(frozen=True, kw_only=True, eq=False)
class Damaged:
    """A picture with a fault: `rgba` uint8 [H, W, 4] and `where` bool [H, W], its cells at fault (all that changed are among them).

    Alpha is other than 0 or 255 only where the fault is about alpha.
    """

    rgba: U8
    where: Mask
    name: str
    family: Family
    severity: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Draft:
    """What a defect drew: the picture, and cells `also` [H, W] that show the fault though their own colour is as it was."""

    rgba: U8
    also: Mask | None = None


Draw = Callable[["Material", float, np.random.Generator], "Draft | None"]


@dataclass(frozen=True, kw_only=True)
class Defect:
    """A kind of fault. `draw`'s docstring says what it does and, after "Severity:", what a severity in (0, 1] means."""

    name: str
    family: Family
    draw: Draw = field(repr=False)
    needs_parts: bool = False

    @property
    def does(self) -> str:
        """What it does, one line."""
        return self._about()[0]

    @property
    def means(self) -> str:
        """What a severity means, one line."""
        return self._about()[1]

    def _about(self) -> tuple[str, str]:
        does, _, means = " ".join(inspect.getdoc(self.draw).split()).partition(" Severity: ")  # type: ignore[union-attr]
        return does, means

    def apply(self, picture: Picture, severity: float, rng: np.random.Generator) -> Damaged | None:
        """The picture with this fault; None where it cannot be made. The same for the same state of `rng`.

        Raises:
            BadInput: a severity outside (0, 1].
        """
        from pixelmind.quality.defects.material import Material

        return self.made(Material.from_picture(picture), severity, rng)

    def made(self, material: Material, severity: float, rng: np.random.Generator) -> Damaged | None:
        """`apply` on a picture whose facts are known already."""
        if not 0 < severity <= 1:
            raise BadInput(f"severity must lie in (0, 1], got {severity}")
        draft = self.draw(material, severity, rng)
        if draft is None:
            return None
        rgba = draft.rgba
        rgba[rgba[..., 3] == 0] = 0
        where = changed(material.rgba, rgba)
        if int(where.sum()) < LEAST_CHANGED:
            return None
        if draft.also is not None:
            where |= draft.also
        return Damaged(rgba=rgba, where=where, name=self.name, family=self.family, severity=severity)


def changed(before: U8, after: U8) -> Mask:
    """Cells [H, W] whose colour or alpha differs between two pictures [H, W, 4] without colour in clear cells."""
    one, other = (np.ascontiguousarray(rgba).view(np.uint32)[..., 0] for rgba in (before, after))
    differ: Mask = one != other
    return differ
