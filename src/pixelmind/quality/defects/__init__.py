"""Defect synthesis: faults of pixel art put into clean pictures, and the cells they are in: what the critic learns from and is tested on.

In: a `Picture`. Out: a `Damaged` or None. One command: `python experiments/defects/sheet.py` draws all of them. A family a set of files:
alignment (`grid_faults`, `line_faults`), palette (`color_faults`, `shade_faults`), proportion (`part_faults`, `symmetry`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from pixelmind.errors import BadInput
from pixelmind.quality.defects import color_faults, grid_faults, line_faults, part_faults, shade_faults, symmetry
from pixelmind.quality.defects.base import Damaged, Defect, Draw, Picture
from pixelmind.quality.defects.material import Material
from pixelmind.quality.verdict import FAMILIES, Family

__all__ = ["DEFECTS", "SEVERITIES", "Damaged", "Defect", "Picture", "damage"]

SEVERITIES: Mapping[str, float] = {"low": 0.25, "medium": 0.5, "high": 1.0}


def _defects(*rows: tuple[str, Family, Draw]) -> dict[str, Defect]:
    return {
        name: Defect(name=name, family=family, draw=draw, needs_parts=draw.__module__ == part_faults.__name__)
        for name, family, draw in rows
    }


DEFECTS: Mapping[str, Defect] = _defects(
    ("mixels", "alignment", grid_faults.mixels),
    ("sub-pixel", "alignment", grid_faults.subpixel),
    ("halo", "alignment", grid_faults.halo),
    ("jaggies", "alignment", line_faults.jaggies),
    ("orphans", "alignment", line_faults.orphans),
    ("broken-outline", "alignment", line_faults.broken_outline),
    ("drift", "palette", color_faults.drift),
    ("near-colors", "palette", color_faults.near_colors),
    ("noise", "palette", color_faults.noise),
    ("dither", "palette", color_faults.dither),
    ("banding", "palette", shade_faults.banding),
    ("pillow", "palette", shade_faults.pillow),
    ("holes", "palette", shade_faults.holes),
    ("specks", "palette", shade_faults.specks),
    ("displaced", "proportion", part_faults.displaced),
    ("scaled", "proportion", part_faults.scaled),
    ("missing", "proportion", part_faults.missing),
    ("doubled", "proportion", part_faults.doubled),
    ("swapped", "proportion", part_faults.swapped),
    ("asymmetry", "proportion", symmetry.asymmetry),
)
_KINDS = {family: tuple(d for d in DEFECTS.values() if d.family == family) for family in FAMILIES}
MIN_SEVERITY = 0.15
"""The least severity that is drawn where none is asked for."""


def damage(
    picture: Picture,
    rng: np.random.Generator,
    *,
    name: str | None = None,
    family: Family | None = None,
    severity: float | None = None,
) -> Damaged | None:
    """The picture with one fault: of `name`, else one of `family`, else of a family drawn evenly; None where none of these can be made.

    Kinds are drawn evenly, and others follow where one cannot be made. A severity not given is drawn evenly from 0.15 to 1.

    Raises:
        BadInput: an unknown name or family, a name of another family, or a severity outside (0, 1].
    """
    if name is not None and name not in DEFECTS:
        raise BadInput(f"unknown defect {name!r}; use one of {', '.join(DEFECTS)}")
    if family is not None and family not in FAMILIES:
        raise BadInput(f"unknown family {family!r}; use one of {', '.join(FAMILIES)}")
    if name is not None and family not in (None, DEFECTS[name].family):
        raise BadInput(f"{name} is of family {DEFECTS[name].family}, not {family}; leave the family out")
    if severity is None:
        severity = float(rng.uniform(MIN_SEVERITY, 1.0))
    if not 0 < severity <= 1:
        raise BadInput(f"severity must lie in (0, 1], got {severity}")
    material = Material.from_picture(picture)
    for kind in [DEFECTS[name]] if name is not None else _order(family, rng):
        made = kind.made(material, severity, rng)
        if made is not None:
            return made
    return None


def _order(family: Family | None, rng: np.random.Generator) -> Iterator[Defect]:
    """All kinds of a family, or of all families one after the other, in random order."""
    for f in (family,) if family is not None else [FAMILIES[i] for i in rng.permutation(len(FAMILIES))]:
        yield from (_KINDS[f][i] for i in rng.permutation(len(_KINDS[f])))
