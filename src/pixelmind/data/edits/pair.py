"""One edit: the picture before, what was said, the picture after, and the region that was allowed to change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pixelmind.data.edits.color import Region
from pixelmind.data.procedural.stage import to_sample
from pixelmind.data.sources.base import RawSprite
from pixelmind.records import EditPair


@dataclass(frozen=True, kw_only=True)
class Edit:
    """An edit pair as drawn.

    `region` bool [H, W] of the canvas before: cells outside it are bit-identical in both pictures (all cells where the size changes).
    `arguments` with `operation` say exactly what was done; where `operation` is in `exact.NAMES` they suffice to do it again.
    `wordings`: what people may say for it, the first one chosen as the instruction.
    """

    before: RawSprite
    after: RawSprite
    region: Region
    operation: str
    arguments: dict[str, Any] = field(default_factory=dict)
    wordings: tuple[str, ...] = ()

    @property
    def instruction(self) -> str:
        return self.wordings[0]

    def changed(self) -> Region:
        """Cells that differ, bool [H, W]; all of them where the size differs. Clear cells are alike whatever lies under them."""
        a, b = self.before.rgba, self.after.rgba
        if a.shape != b.shape:
            return np.ones(a.shape[:2], dtype=bool)
        out: Region = (a != b).any(-1) & ((a[..., 3] > 0) | (b[..., 3] > 0))
        return out

    def fault(self) -> str:
        """Why this is no edit pair: empty where it is one."""
        changed = self.changed()
        if not changed.any():
            return "nothing changed"
        if (changed & ~self.region).any():
            return "changed outside its region"
        return ""

    def to_record(self) -> EditPair:
        """As the record that travels between rooms."""
        return EditPair(
            before=to_sample(self.before),
            instruction=self.instruction,
            after=to_sample(self.after),
            region=self.region.astype(np.uint8),
        )
