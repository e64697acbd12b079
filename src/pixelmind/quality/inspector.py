"""The inspector: critic, refiner and calibration together. It judges a finished picture, mends what it can, says whether to ask a person.

A round moves cells to colours near them (`refiner`) or, where the caller can draw, draws the flagged cells anew; it is kept only where
the critic likes the picture no less. Nothing outside the cells that were hot at first and a rim of one cell around them ever changes,
and no colour comes in by a move. Pictures are judged one by one, so that what else is drawn in the same breath makes no difference.

Array legend: H, W picture in px; F families.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from pixelmind.errors import BadInput
from pixelmind.quality.calibration import Calibration
from pixelmind.quality.cells import frame_sides, framed
from pixelmind.quality.critic import PART, Critic
from pixelmind.quality.examples import CROP, near
from pixelmind.quality.refiner import PART as REFINER
from pixelmind.quality.refiner import Refiner
from pixelmind.quality.verdict import FAMILIES, FLAG_AT, Verdict
from pixelmind.records import U8
from pixelmind.training.backends.local import bf16_pays
from pixelmind.training.weights import Bundle

Mask = NDArray[np.bool_]
Regenerate = Callable[[U8, Mask], U8]
"""(picture uint8 [H, W, 4], cells bool [H, W] to draw anew) -> the picture with them drawn anew."""
ROUNDS = 3
FEATURES = ("score", *(f"{family} logit" for family in FAMILIES))
"""What a calibration is fitted on, in this order."""
LOOK = 0.25
"""A family's heat is looked at where its chance is this (0.5 counts as found); at less, moves harm sound art (docs/quality.md)."""
MOST = 0.4
"""Share of the drawn cells that a round may move: where all is at fault, moves take the colours out of a picture."""
AROUND = 8
"""Cells around the suspected ones that the refiner sees of a picture above CROP px a side."""
BETTER = 0.05
"""A picture drawn anew is kept where the chance of dissatisfaction falls by this at least; else the first try is as good."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Inspected:
    """What came of an inspection: the picture (the very array that came in where nothing was done), verdicts of before and after."""

    rgba: U8
    before: Verdict
    verdict: Verdict
    changed: Mask
    rounds: int
    flagged: bool


class QualityInspector:
    """See the header. `id` names the critic's weights."""

    def __init__(
        self,
        critic: Critic,
        about: Mapping[str, Any],
        refiner: Refiner | None = None,
        move_at: float = 0.5,
        flag_at: float = FLAG_AT,
    ) -> None:
        """Put networks together.

        Args:
            critic, about: as `load_critic` gives them; `about` holds thresholds and, where it was calibrated, the calibration.
            refiner: moves cells; None leaves pictures as they are.
            move_at: chance that a cell's colour is wrong from which it is moved.
            flag_at: chance of dissatisfaction from which a person should look.

        Raises:
            BadInput: thresholds that are not there, or `flag_at` outside (0, 1].
        """
        if not 0 < flag_at <= 1:
            raise BadInput(f"flag_at must lie in (0, 1], got {flag_at}")
        try:
            self._limits = np.array([float(about["thresholds"][f]) for f in FAMILIES])
            self.heat_at = {f: float(about["heat_at"][f]) for f in FAMILIES}
        except (KeyError, TypeError, ValueError) as error:
            raise BadInput("the critic has no thresholds; train it anew with: pixelmind train critic") from error
        calibrated = about.get("calibration")
        self.calibration = Calibration.from_dict(calibrated) if calibrated else None
        self.critic, self.refiner, self.move_at, self.flag_at = critic, refiner, move_at, flag_at
        self.id = str(about.get("sha256", ""))[:12]
        self._bf16 = bf16_pays(torch.device("cpu"))

    def _autocast(self) -> AbstractContextManager[object]:
        return torch.autocast("cpu", torch.bfloat16) if self._bf16 else nullcontext()

    @torch.no_grad()
    def features(self, rgba: U8) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        """FEATURES [1 + F] and heat chances [F, H, W] of a picture uint8 [H, W, 4]."""
        height, width = rgba.shape[:2]
        frame, top, left = framed(rgba, *frame_sides(height, width), self.critic.config.channels)
        with self._autocast():
            found = self.critic(torch.from_numpy(frame)[None])
        heat = found.heat[0, :, top : top + height, left : left + width].float().sigmoid().numpy()
        return np.array([float(found.score[0]), *found.families[0].double().tolist()]), heat

    def verdict(self, features: NDArray[np.float64], heat: NDArray[np.float32]) -> Verdict:
        """The verdict of what `features` measured.

        A family's chance is 0.5 where its logit is at its threshold. Where nothing was calibrated the chance of dissatisfaction is the
        largest of them.
        """
        chances = 1 / (1 + np.exp(-np.clip(features[1:] - self._limits, -50, 50)))
        calibrated = self.calibration
        dissatisfied = float(chances.max()) if calibrated is None else float(calibrated.chance(features[None])[0])
        return Verdict(
            score=float(features[0]),
            families=dict(zip(FAMILIES, chances.tolist())),
            heat=heat.max(0),
            dissatisfied=dissatisfied,
            heats=dict(zip(FAMILIES, heat)),
        )

    def judge(self, pictures: Sequence[U8]) -> list[Verdict]:
        """A verdict of each picture uint8 [H, W, 4], of any size."""
        return [self.verdict(*self.features(rgba)) for rgba in pictures]

    def hot(self, verdict: Verdict) -> Mask:
        """Cells [H, W] that the heat of a family says are at fault whose chance is at least LOOK."""
        found = np.zeros(verdict.heat.shape, bool)
        for family in FAMILIES:
            if verdict.families[family] >= LOOK:
                found |= verdict.heats[family] > self.heat_at[family]
        return found

    def inspect(
        self,
        rgba: U8,
        *,
        allowed: U8 | None = None,
        max_colors: int | None = None,
        keep: Mask | None = None,
        regenerate: Regenerate | None = None,
        rounds: int = ROUNDS,
    ) -> Inspected:
        """Judge a picture and mend it in at most `rounds` rounds.

        Args:
            rgba: uint8 [H, W, 4], alpha 0 or 255.
            allowed: uint8 [K, 3], the colours that what is drawn anew may have; None: any.
            max_colors: at most so many opaque colours after drawing anew.
            keep: bool [H, W], cells that must stay as they are.
            regenerate: draws cells anew; None: cells are moved only.
            rounds: 0 judges only.
        """
        before = now = self.judge([rgba])[0]
        area = near(self.hot(before))
        if keep is not None:
            area &= ~keep
        picture, done, moving = rgba, 0, self.refiner is not None
        for _ in range(rounds if area.any() else 0):
            tried, least = self._moved(picture, area) if moving else None, 0.0
            if tried is None:
                moving = False
                if regenerate is None or now.dissatisfied < self.flag_at:
                    break
                tried, least = self._anew(picture, area, allowed, max_colors, regenerate), BETTER
            done += 1
            after = None if tried is None else self.judge([tried])[0]
            if tried is None or after is None or now.dissatisfied - after.dissatisfied < least:
                moving = False
                continue
            picture, now = tried, after
        return Inspected(
            rgba=picture,
            before=before,
            verdict=now,
            changed=(picture != rgba).any(-1),
            rounds=done,
            flagged=now.dissatisfied >= self.flag_at,
        )

    def _moved(self, rgba: U8, area: Mask) -> U8 | None:
        """With the cells of the area moved whose colour is likely wrong; None where there is none."""
        assert self.refiner is not None
        cut = (slice(None), slice(None)) if max(area.shape) <= CROP else _around(area)
        seen = np.ascontiguousarray(rgba[cut])
        with self._autocast():
            best, wrong = self.refiner.moves(seen, area[cut])
        cells = area[cut] & (wrong >= self.move_at) & (best != seen).any(-1)
        if not 0 < cells.sum() <= MOST * (rgba[..., 3] > 0).sum():
            return None
        out = rgba.copy()
        out[cut][cells] = best[cells]
        return out if (out[..., 3] > 0).any() else None

    def _anew(
        self, rgba: U8, area: Mask, allowed: U8 | None, max_colors: int | None, regenerate: Regenerate
    ) -> U8 | None:
        """With the area drawn anew; None where that breaks a constraint."""
        drawn = regenerate(rgba, area)
        if drawn.shape != rgba.shape or (drawn[~area] != rgba[~area]).any():
            return None
        colors = np.unique(drawn[drawn[..., 3] > 0][:, :3], axis=0)
        if max_colors is not None and len(colors) > max_colors:
            return None
        if allowed is not None and not (colors[:, None] == allowed[None]).all(-1).any(1).all():
            return None
        return drawn


def _around(area: Mask) -> tuple[slice, slice]:
    """The box around some cells of a large picture, and AROUND cells more: what is seen of it in training is no larger either."""
    rows, columns = np.flatnonzero(area.any(1)), np.flatnonzero(area.any(0))
    return tuple(slice(max(0, int(side[0]) - AROUND), int(side[-1]) + 1 + AROUND) for side in (rows, columns))  # type: ignore[return-value]


def load_inspector(folder: Path | str | None = None, flag_at: float = FLAG_AT) -> QualityInspector | None:
    """The inspector of a bundle (default: the released one); None where it holds no critic.

    Raises:
        BadInput: no bundle there. CorruptFile: damaged, or a hash differs.
    """
    bundle = Bundle(folder)
    if PART not in bundle:
        return None
    tensors, about = bundle.get(PART)
    refiner, move_at = None, 0.5
    if REFINER in bundle:
        found, told = bundle.get(REFINER)
        refiner, move_at = Refiner.from_network(told, found), float(told.get("move_at", 0.5))
    return QualityInspector(Critic.from_network(about, tensors), about, refiner, move_at, flag_at)
