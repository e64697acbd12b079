"""The critic's figures on held-out pictures: how well it tells damaged from clean and finds the cells, how often it errs on clean art.

AUROC is the chance that a damaged picture gets a higher logit than a clean one, ties half (Mann & Whitney 1947; Fawcett 2006).

Array legend: N pictures, F families; H, W picture in px.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

from pixelmind.data.loader import PROCEDURAL, regions_of
from pixelmind.data.procedural.regions import REGIONS
from pixelmind.data.store import Store
from pixelmind.pixels.png import decode_png
from pixelmind.quality.cells import frame_sides, framed
from pixelmind.quality.critic import Critic
from pixelmind.quality.defects import DEFECTS, damage
from pixelmind.quality.defects.base import Picture
from pixelmind.quality.examples import hard
from pixelmind.quality.verdict import FAMILIES
from pixelmind.records import U8, Split

F64 = NDArray[np.float64]
BATCH = 16
HEAT_AT = tuple(np.round(np.arange(0.1, 0.95, 0.05), 2).tolist())


def auroc(damaged: ArrayLike, clean: ArrayLike) -> float:
    """Area under the ROC curve of logits of damaged pictures [N] against those of clean ones [M]; nan where one is empty."""
    a, b = np.asarray(damaged, np.float64), np.asarray(clean, np.float64)
    if not len(a) or not len(b):
        return float("nan")
    ranks = rankdata(np.concatenate([a, b]))
    return float((ranks[: len(a)].sum() - len(a) * (len(a) + 1) / 2) / (len(a) * len(b)))


def iou(found: NDArray[np.bool_], where: NDArray[np.bool_]) -> float:
    """Intersection over union of two masks; 1 where both are empty."""
    either = int((found | where).sum())
    return int((found & where).sum()) / either if either else 1.0


def held_out(
    store: Store,
    split: Split,
    count: int,
    seed: int,
    *,
    evaluation_only: bool = False,
    max_side: int = 64,
) -> list[Picture]:
    """Up to `count` pictures of a split, of up to `max_side` px, evenly over its sources.

    Real art, of a store without any drawn scenes. Of evaluation-only art all splits are taken: nobody trains on any of it.
    """
    columns = store.columns("split", "height", "width", "evaluation_only", "source")
    source = columns["source"].astype(str)
    fits = columns["evaluation_only"].astype(bool) == evaluation_only
    if not evaluation_only:
        fits &= columns["split"].astype(str) == split
    real = np.char.find(source, PROCEDURAL) < 0
    fits &= real if real.any() else ~real
    for side in ("height", "width"):
        fits &= (columns[side] >= 8) & (columns[side] <= max_side)
    rng = np.random.default_rng((seed, 5))
    queues = [rng.permutation(np.flatnonzero(fits & (source == name))) for name in np.unique(source[fits])]
    rows: list[int] = []
    for turn in range(max((len(q) for q in queues), default=0)):
        rows += [int(q[turn]) for q in queues if turn < len(q)]
        if len(rows) >= count:
            break
    found = []
    for row in store.take(rows[:count], ("png", "mask_png", "mask_names")):
        rgba = hard(decode_png(row["png"]))
        if (rgba[..., 3] > 0).sum() < 12:
            continue
        regions = regions_of(row)
        mask = None
        if regions is not None and len(np.unique(regions)) > 2:
            mask = np.where(rgba[..., 3] > 0, regions, np.uint8(0)).astype(np.uint8)
        found.append(Picture(rgba=rgba, mask=mask, mask_names=() if mask is None else REGIONS))
    return found


@torch.no_grad()
def judged(critic: Critic, pictures: Sequence[U8]) -> list[tuple[float, F64, NDArray[np.float32]]]:
    """(score, family logits [F], heat chances [F, H, W]) of pictures uint8 [H, W, 4]; alike frames together."""
    groups: dict[tuple[int, int], list[int]] = {}
    for i, picture in enumerate(pictures):
        groups.setdefault(frame_sides(*picture.shape[:2]), []).append(i)
    out: list[Any] = [None] * len(pictures)
    for (up, across), members in groups.items():
        for start in range(0, len(members), BATCH):
            some = members[start : start + BATCH]
            frames, tops, lefts = zip(*(framed(pictures[i], up, across, critic.config.channels) for i in some))
            found = critic(torch.from_numpy(np.stack(frames)))
            heat = found.heat.float().sigmoid().numpy()
            for k, i in enumerate(some):
                height, width = pictures[i].shape[:2]
                cut = heat[k, :, tops[k] : tops[k] + height, lefts[k] : lefts[k] + width]
                out[i] = float(found.score[k]), found.families[k].double().numpy(), cut.copy()
    return out


@dataclass(frozen=True, kw_only=True, eq=False)
class Case:
    """What the critic said of one damaged picture."""

    name: str
    family: int
    severity: str
    logits: F64
    score: float
    ious: F64
    """With the heat of its family at each of HEAT_AT."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What the critic said of clean pictures (logits [N, F], scores [N]) and of the same damaged."""

    clean: F64
    scores: F64
    cases: Sequence[Case]
    heat_at: Mapping[str, float] = field(default_factory=dict)

    def figures(self, family: int, keep: Callable[[Case], bool]) -> dict[str, float]:
        """ "auroc" (by the family's logit), "iou" (mean over pictures, at the family's heat threshold), "n"."""
        cases = [c for c in self.cases if c.family == family and keep(c)]
        at = HEAT_AT.index(self.heat_at.get(FAMILIES[family], 0.5))
        return {
            "auroc": auroc([c.logits[family] for c in cases], self.clean[:, family]),
            "iou": float(np.mean([c.ious[at] for c in cases])) if cases else float("nan"),
            "n": float(len(cases)),
        }

    def by_family(self, severity: str) -> dict[str, dict[str, float]]:
        """Figures of each family at a severity."""
        return {name: self.figures(f, lambda c: c.severity == severity) for f, name in enumerate(FAMILIES)}

    def by_defect(self, severity: str) -> dict[str, dict[str, float]]:
        """Figures of each kind of fault at a severity, where it could be made."""
        cases = [c for c in self.cases if c.severity == severity]
        return {
            kind.name: self.figures(FAMILIES.index(kind.family), {c for c in cases if c.name == kind.name}.__contains__)
            for kind in DEFECTS.values()
        }

    def score_auroc(self, severity: str) -> float:
        """By the Wasserstein score alone, over all families."""
        return auroc([-c.score for c in self.cases if c.severity == severity], -self.scores)

    def best_heat(self) -> dict[str, float]:
        """The threshold of HEAT_AT with the best mean IoU of each family."""
        found: dict[str, float] = {}
        for f, name in enumerate(FAMILIES):
            ious = [c.ious for c in self.cases if c.family == f]
            found[name] = HEAT_AT[int(np.mean(ious, axis=0).argmax())] if ious else 0.5
        return found

    def alarms(self, thresholds: Mapping[str, float]) -> float:
        """Share of the clean pictures with a family's logit above its threshold."""
        limits = np.array([thresholds[name] for name in FAMILIES])
        return float((self.clean > limits).any(1).mean()) if len(self.clean) else float("nan")

    def caught(self, thresholds: Mapping[str, float], severity: str) -> dict[str, float]:
        """By family: share of its damaged pictures with any family's logit above its threshold."""
        limits = np.array([thresholds[name] for name in FAMILIES])
        out: dict[str, float] = {}
        for f, name in enumerate(FAMILIES):
            hits = [bool((c.logits > limits).any()) for c in self.cases if c.family == f and c.severity == severity]
            out[name] = float(np.mean(hits)) if hits else float("nan")
        return out


def thresholds(clean: F64, alarms: float) -> dict[str, float]:
    """Logits [F] above which a family counts as found: of the clean pictures [N, F] a share `alarms` has one, of each family alike."""
    low, high = 0.0, 1.0
    for _ in range(40):
        share = (low + high) / 2
        limits = np.quantile(clean, 1 - share, axis=0)
        if (clean > limits).any(1).mean() > alarms:
            high = share
        else:
            low = share
    return dict(zip(FAMILIES, np.quantile(clean, 1 - low, axis=0).tolist()))


def measure(
    critic: Critic,
    pictures: Sequence[Picture],
    severities: Mapping[str, float],
    seed: int,
    heat_at: Mapping[str, float] | None = None,
) -> Measured:
    """Judge clean pictures and, of each family and severity, each with one fault of a kind drawn evenly."""
    said = judged(critic, [p.rgba for p in pictures])
    cases: list[Case] = []
    for level, (word, severity) in enumerate(severities.items()):
        for f, family in enumerate(FAMILIES):
            made = [
                damage(p, np.random.default_rng((seed, 6, level, f, i)), family=family, severity=severity)
                for i, p in enumerate(pictures)
            ]
            some = [m for m in made if m is not None]
            for m, (score, logits, heat) in zip(some, judged(critic, [m.rgba for m in some])):
                ious = np.array([iou(heat[f] > at, m.where) for at in HEAT_AT])
                cases.append(Case(name=m.name, family=f, severity=word, logits=logits, score=score, ious=ious))
    clean = np.array([logits for _, logits, _ in said]).reshape(-1, len(FAMILIES))
    scores = np.array([score for score, _, _ in said])
    return Measured(clean=clean, scores=scores, cases=cases, heat_at=heat_at or {})
