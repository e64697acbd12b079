"""What is said of a picture's quality: by family of fault how likely it is, where, and how likely a person is to be dissatisfied.

Array legend: H, W canvas height and width in px.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Family = Literal["alignment", "palette", "proportion"]
FAMILIES: tuple[Family, ...] = ("alignment", "palette", "proportion")
FLAG_AT = 0.5
"""A chance of dissatisfaction from which a picture goes to review, where nothing else is set."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Verdict:
    """A judgement of one picture.

    `score` is the critic's (Wasserstein; the higher, the more like real art). `families` holds each family's chance in [0, 1] that a
    fault of it is there; `heat` float32 [H, W] the chance of each cell to be at fault, and `heats` the same by family.
    `dissatisfied` is the calibrated chance that a person rejects the picture.
    """

    score: float
    families: Mapping[Family, float]
    heat: NDArray[np.float32]
    dissatisfied: float
    heats: Mapping[Family, NDArray[np.float32]] = field(default_factory=dict)

    @property
    def worst(self) -> Family:
        """The family that is most likely at fault."""
        return worst(self.families)

    def reason(self) -> str:
        """One line for a reviewer."""
        return reason(self.families)


def worst(families: Mapping[Family, float]) -> Family:
    """The likeliest of chances by family."""
    return max(FAMILIES, key=lambda f: families.get(f, 0.0))


def reason(families: Mapping[Family, float]) -> str:
    """One line on chances by family, for a person."""
    found = ", ".join(f"{f} {families[f]:.2f}" for f in FAMILIES if f in families)
    return f"{worst(families)}: likely at fault ({found})"
