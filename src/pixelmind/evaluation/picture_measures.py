"""Figures of pictures by themselves, of style groups and of concepts, each beside that of real pictures: for `eval core` and `external`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np

from pixelmind.evaluation.judge import Judge
from pixelmind.evaluation.measures import Asked, Report
from pixelmind.evaluation.metrics import (
    bootstrap,
    concept_match,
    fid,
    flat_area,
    kid,
    orphan_pixels,
    palette_adherence,
    unique_colors,
)
from pixelmind.evaluation.metrics.conformance import Drawn
from pixelmind.evaluation.testset import TestItem
from pixelmind.records import U8, GenerationRequest

#: A style group needs so many pictures on each side.
MIN_GROUP = 40
OF_A_PICTURE: dict[str, Callable[[U8], float]] = {
    "unique colours": unique_colors.unique_colors,
    "flat-area ratio": flat_area.flat_area_ratio,
    "orphan pixels": orphan_pixels.orphan_share,
}


def measure_pictures(report: Report, groups: Sequence[tuple[Drawn, ...]], real: Sequence[U8]) -> None:
    """Colours, flats and orphans (n counts prompts) beside those of the real pictures of the prompts, where there are any."""
    for name, measure in OF_A_PICTURE.items():
        rows = np.array([np.nanmean([measure(s.rgba()) for s in group] or [np.nan]) for group in groups], float)
        rows = rows[np.isfinite(rows)]
        known = [v for v in map(measure, real) if np.isfinite(v)]
        report.add(
            "pixels",
            name,
            rows.mean() if len(rows) else float("nan"),
            len(rows),
            spread=bootstrap.half_width(rows),
            baseline=np.mean(known) if known else None,
            note="baseline: the real pictures of the prompts" if known else "",
        )


def measure_adherence(
    report: Report, requests: Sequence[GenerationRequest], groups: Sequence[tuple[Drawn, ...]]
) -> None:
    """Palette adherence of the pictures for which a palette was asked (n counts pictures)."""
    kept = [
        palette_adherence.palette_adherence(s.rgba(), r.conditioning.palette.colors)
        for r, group in zip(requests, groups)
        if r.conditioning.palette is not None
        for s in group
    ]
    kept = [k for k in kept if np.isfinite(k)]
    if not kept:
        report.lacks("pixels", "palette adherence: no prompt asked for a palette")
        return
    report.add(
        "pixels",
        "palette adherence",
        np.mean(kept),
        len(kept),
        spread=bootstrap.half_width(kept),
        ceiling=1.0,
        note="share of opaque cells in the palette asked for",
    )


def measure_styles(report: Report, judge: Judge, asked: Asked, real_items: Sequence[TestItem], seed: int) -> None:
    """FID and KID of each style group that is large enough, at equal n, beside two halves of its real pictures."""
    drawn: defaultdict[str, list[U8]] = defaultdict(list)
    real: defaultdict[str, list[U8]] = defaultdict(list)
    for item, group in zip(asked.items, asked.sprites):
        drawn[item.style] += [s.rgba() for s in group]
    for item in real_items:
        real[item.style].append(item.rgba)
    measured = 0
    for style in sorted(drawn):
        n = min(len(drawn[style]), len(real[style]) // 2)
        if n < MIN_GROUP:
            continue
        measured += 1
        rng = np.random.default_rng(seed)
        made = judge.pooled_features([drawn[style][i] for i in rng.permutation(len(drawn[style]))[:n]])
        true = judge.pooled_features([real[style][i] for i in rng.permutation(len(real[style]))[: 2 * n]])
        value, spread = kid.kid(made, true[:n], seed=seed)
        floor, _ = kid.kid(true[n:], true[:n], seed=seed)
        note = "spread: standard deviation over subsets"
        report.add(
            "styles", f"KID x 1000, {style}", 1000 * value, n, spread=1000 * spread, floor=1000 * floor, note=note
        )
        note = f"n is not above {made.shape[1]}: biased high, read KID" if n <= made.shape[1] else ""
        floor = fid.fid(true[n:], true[:n])
        report.add("styles", f"FID, {style}", fid.fid(made, true[:n]), n, floor=floor, note=note)
    if not measured:
        report.lacks(
            "styles", f"no style has {MIN_GROUP} drawn and {2 * MIN_GROUP} real pictures; ask for more prompts"
        )


def measure_concepts(report: Report, judge: Judge, asked: Asked, items: Sequence[TestItem]) -> None:
    """Concept match of drawn prompts, of the pictures that came (ceiling: the scenes that the prompts were taken from)."""
    values: defaultdict[str, set[str]] = defaultdict(set)
    for item in items:
        for name, value in item.concepts.items():
            values[name].add(value)
    texts = sorted({v for known in values.values() for v in known})
    if not texts:
        report.lacks("concepts", "the drawn test pictures tell no concepts")
        return
    features = dict(zip(texts, judge.text_features(texts)))
    known = {name: {v: features[v] for v in sorted(vs)} for name, vs in values.items()}
    told = [item.concepts for item in asked.items]
    score = concept_match.concept_match(asked.generated[:, 0], told, known)
    true = None if asked.real is None else concept_match.concept_match(asked.real, told, known)
    good = np.isfinite(score)
    report.add(
        "concepts",
        "concept match",
        score[good].mean() if good.any() else float("nan"),
        int(good.sum()),
        spread=bootstrap.half_width(score[good]),
        floor=0.5,
        ceiling=None if true is None or not good.any() else true[good].mean(),
        note=f"of {', '.join(f'{k} ({len(v)} values)' for k, v in sorted(values.items()))}; ceiling: the true scenes",
    )
