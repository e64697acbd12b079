"""A checker by a plain rule, with the interface of the inspector: a cell unlike its four neighbours is at fault."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pixelmind.quality.inspector import Inspected, Mask, Regenerate
from pixelmind.quality.verdict import Verdict
from pixelmind.records import U8


def orphans(rgba: U8) -> Mask:
    """Drawn cells bool [H, W] that differ from all four neighbours; beyond the edge nothing is like a cell."""
    framed = np.pad(rgba.astype(int), ((1, 1), (1, 1), (0, 0)), constant_values=-1)
    height, width = rgba.shape[:2]
    out = rgba[..., 3] > 0
    for y, x in ((0, 1), (2, 1), (1, 0), (1, 2)):
        out &= (framed[y : y + height, x : x + width] != rgba).any(-1)
    return out


class OrphanInspector:
    """Gives an orphan the colour of its left neighbour, or where `redraws` lets the orphans be drawn anew. A person is `share` dissatisfied
    where a picture has `share` times `most` orphans."""

    id = "0f0f0f0f0f0f"

    def __init__(self, flag_at: float = 0.5, most: int = 10, mends: bool = True, redraws: bool = False) -> None:
        self.flag_at, self.most, self.mends, self.redraws = flag_at, most, mends, redraws
        self.judged = 0

    def judge(self, pictures: Sequence[U8]) -> list[Verdict]:
        """A verdict of each."""
        out = []
        for rgba in pictures:
            self.judged += 1
            wrong = orphans(rgba)
            share = min(1.0, int(wrong.sum()) / self.most)
            families = {"alignment": share, "palette": 0.0, "proportion": 0.0}
            heat = wrong.astype(np.float32)
            out.append(Verdict(score=-share, families=families, heat=heat, dissatisfied=share, heats={}))  # type: ignore[arg-type]
        return out

    def inspect(
        self,
        rgba: U8,
        *,
        allowed: U8 | None = None,
        max_colors: int | None = None,
        keep: Mask | None = None,
        regenerate: Regenerate | None = None,
        rounds: int = 3,
    ) -> Inspected:
        """One round of mending."""
        before = self.judge([rgba])[0]
        wrong = orphans(rgba) & ~(np.zeros(rgba.shape[:2], bool) if keep is None else keep)
        out = rgba
        if wrong.any() and self.redraws and regenerate is not None:
            out = regenerate(rgba, wrong)
        elif self.mends and wrong[:, 1:].any():
            out = rgba.copy()
            out[:, 1:][wrong[:, 1:]] = rgba[:, :-1][wrong[:, 1:]]
        after = self.judge([out])[0]
        changed = (out != rgba).any(-1)
        return Inspected(
            rgba=out,
            before=before,
            verdict=after,
            changed=changed,
            rounds=int(changed.any()),
            flagged=after.dissatisfied >= self.flag_at,
        )
