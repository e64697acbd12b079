"""What `eval core` measures: sprites and features in, figures out. Nothing is generated here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pixelmind.evaluation import testset
from pixelmind.evaluation.config import EvaluationConfig
from pixelmind.evaluation.figures import Figure
from pixelmind.evaluation.judge import Judge
from pixelmind.evaluation.metrics import (
    bootstrap,
    conformance,
    diversity,
    fid,
    intent_fidelity,
    kid,
    memory,
    near_copies,
    pixel_accuracy,
    retrieval,
    timing,
)
from pixelmind.evaluation.metrics.conformance import Drawn
from pixelmind.evaluation.oracles import Generator
from pixelmind.evaluation.testset import TestItem
from pixelmind.records import U8, Conditioning, GenerationRequest


@dataclass
class Report:
    """What is gathered on the way to report.json."""

    figures: list[Figure] = field(default_factory=list)
    missing: list[dict[str, str]] = field(default_factory=list)
    prompts: list[dict[str, Any]] = field(default_factory=list)
    curves: dict[str, Any] = field(default_factory=dict)

    def share(self, section: str, metric: str, hits: NDArray[np.bool_], **told: Any) -> None:
        """Add the share of `hits` [N] with half its Wilson interval; `told` as in `add`."""
        low, high = bootstrap.wilson(int(hits.sum()), len(hits))
        self.add(section, metric, hits.mean(), len(hits), spread=(high - low) / 2, **told)

    def add(
        self,
        section: str,
        metric: str,
        value: Any,
        n: int,
        *,
        spread: Any = None,
        floor: Any = None,
        baseline: Any = None,
        ceiling: Any = None,
        note: str = "",
        unit: str = "",
    ) -> None:
        """Add a figure; numbers are rounded to 6 digits, and None where they are not finite."""

        def number(x: Any) -> float | None:
            return round(float(x), 6) + 0.0 if x is not None and np.isfinite(x) else None

        if (measured := number(value)) is None:
            self.lacks(section, f"{metric} is not defined here (n = {n})")
            return
        figure = Figure(
            section=section,
            metric=metric,
            value=measured,
            n=n,
            spread=number(spread),
            floor=number(floor),
            baseline=number(baseline),
            ceiling=number(ceiling),
            note=note,
            unit=unit,
        )
        self.figures.append(figure)

    def lacks(self, section: str, reason: str) -> None:
        """Note a section that could not be measured."""
        self.missing.append({"section": section, "reason": reason})


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Prompts of one origin with the answers. N prompts, K pictures a prompt; `pools` int64 [N, P] into `texts`."""

    items: list[TestItem]
    requests: list[GenerationRequest]
    sprites: Sequence[tuple[Drawn, ...]]
    pools: NDArray[np.int64]
    text_features: NDArray[np.float32]
    generated: NDArray[np.float32]  # [N, K, D] unit-length
    ranks: NDArray[np.int64]  # [N, K]
    real: NDArray[np.float32] | None  # [N, D] unit-length; None: no real pictures are at hand
    real_ranks: NDArray[np.int64] | None  # [N]
    conforms: NDArray[np.bool_] | None = None  # [N, K]; None: to be told from the sprites


def measure_retrieval(report: Report, asked: Asked, section: str) -> None:
    """R@1 and R@5 of the pool on generated and on real pictures, and their share."""
    n, pool = asked.pools.shape
    for k in (1, 5):
        if pool < 2 * k:
            report.lacks(
                section, f"judge R@{k}: {pool} texts a pool are too few to tell anything; import more test pictures"
            )
            continue
        hits = (asked.ranks <= k).mean(axis=1)
        real = None if asked.real_ranks is None else retrieval.recall_at(asked.real_ranks, k)
        report.add(
            section,
            f"judge R@{k} of {pool}",
            hits.mean(),
            n,
            spread=bootstrap.half_width(hits),
            floor=k / pool,
            ceiling=real,
        )
        if k == 1 and real is not None:
            share = hits.mean() / real if real else float("nan")
            spread = bootstrap.half_width(hits / real) if real else None
            note = "generated / real pictures"
            report.add(
                section,
                "judge R@1 share",
                share,
                n,
                spread=spread,
                floor=k / pool / real if real else None,
                ceiling=1.0,
                note=note,
            )
    if asked.real_ranks is None:
        return
    real_hits = asked.real_ranks <= 1
    report.add(
        section,
        f"judge R@1 of {pool}, real pictures",
        real_hits.mean(),
        n,
        spread=bootstrap.half_width(real_hits),
        floor=1 / pool,
    )


def measure_alignment(report: Report, asked: Asked) -> None:
    """Pixel-Accuracy@K and Intent Fidelity of the real test prompts, and the per-source retrieval."""
    n, num_images = asked.ranks.shape
    conforms = asked.conforms
    if conforms is None:
        pairs = zip(asked.requests, asked.sprites)
        conforms = np.array([[not conformance.violations(s, r.conditioning) for s in group] for r, group in pairs])
    approved = pixel_accuracy.approved(asked.ranks, conforms)
    real_ranks = asked.real_ranks
    ceiling = None if real_ranks is None else (real_ranks <= pixel_accuracy.TOP).mean()
    pool = asked.pools.shape[1]
    for k in (1, 3, 5):
        if k > num_images:
            report.lacks(f"Pixel-Accuracy@{k}", f"only {num_images} pictures a prompt were asked for")
            continue
        if pool < 2 * pixel_accuracy.TOP:
            report.lacks(f"Pixel-Accuracy@{k}", f"{pool} texts a pool are too few to tell anything")
            continue
        hits = pixel_accuracy.hits_at(approved, k)
        least, most = bootstrap.wilson(int(hits.sum()), n)
        chance = 1 - (1 - pixel_accuracy.TOP / pool) ** k
        report.add(
            "prompts",
            f"Pixel-Accuracy@{k} (simulated)",
            hits.mean(),
            n,
            spread=(most - least) / 2,
            floor=chance,
            ceiling=ceiling,
            note="floor: chance; ceiling: one real picture a prompt",
        )
    own_text = asked.text_features[asked.pools[:, 0]]
    score = np.mean([intent_fidelity.cosines(asked.generated[:, j], own_text) for j in range(num_images)], axis=0)
    if asked.real is None:
        low, top = intent_fidelity.shuffled_cosines(asked.generated[:, 0], own_text), None
    else:
        low, top = intent_fidelity.shuffled_cosines(asked.real, own_text), intent_fidelity.cosines(asked.real, own_text)
    report.add(
        "prompts",
        "Intent Fidelity",
        score.mean(),
        n,
        spread=bootstrap.half_width(score),
        floor=low.mean(),
        ceiling=None if top is None else top.mean(),
        note="floor: shuffled generated pairs" if top is None else "",
    )
    report.curves["intent"] = {"generated": score.tolist(), "shuffled": low.tolist()}
    if top is not None:
        report.add(
            "prompts",
            "Intent Fidelity share",
            intent_fidelity.share(score.mean(), low.mean(), top.mean()),
            n,
            spread=bootstrap.half_width(score) / (top.mean() - low.mean()) if top.mean() > low.mean() else None,
            floor=0.0,
            ceiling=1.0,
            note="from shuffled real pairs (0) to real pairs (1)",
        )
        report.curves["intent"]["real"] = top.tolist()
    ks = sorted({1, 2, 3, 5, 10, 20, 50, asked.pools.shape[1]})
    report.curves["recall"] = {
        "k": ks,
        "generated": [float((asked.ranks <= k).mean()) for k in ks],
    }
    if real_ranks is not None:
        report.curves["recall"]["real"] = [retrieval.recall_at(real_ranks, k) for k in ks]
    for source, count in Counter(i.source for i in asked.items).most_common():
        rows = np.array([i.source == source for i in asked.items])
        if count >= 10:
            report.add(
                "by source",
                f"judge R@1, {source}",
                (asked.ranks[rows] <= 1).mean(),
                count,
                spread=bootstrap.half_width((asked.ranks[rows] <= 1).mean(axis=1)),
                ceiling=None if real_ranks is None else (real_ranks[rows] <= 1).mean(),
            )
    for i, item in enumerate(asked.items):
        report.prompts.append(
            {
                "prompt": item.prompt,
                "height": asked.requests[i].conditioning.height,
                "width": asked.requests[i].conditioning.width,
                "source": item.source,
                "seed": asked.requests[i].seed,
                "max_colors": asked.requests[i].conditioning.max_colors,
                "ranks": asked.ranks[i].tolist(),
                "real_rank": None if real_ranks is None else int(real_ranks[i]),
                "cosine": round(float(score[i]), 4),
                "approved": approved[i].tolist(),
            }
        )


class Features(Protocol):
    """What FID and KID are taken in."""

    def pooled_features(self, pictures: Sequence[U8]) -> NDArray[np.float32]:
        """Features [N, D] of uint8 RGBA pictures."""
        ...


def measure_distances(
    report: Report, features: Features, asked: Asked, real_items: Sequence[TestItem], seed: int, kind: str = ""
) -> bool:
    """FID and KID at equal n beside the real-vs-real floor, in judge features or those of another `kind`; whether there was enough art."""
    order = [(k, i) for k in range(asked.ranks.shape[1]) for i in range(len(asked.items))]
    n = min(len(order), len(real_items) // 2)
    if n < 2:
        report.lacks("distribution", f"needs at least 4 real test pictures, there are {len(real_items)}")
        return False
    rows = np.random.default_rng(seed).permutation(len(real_items))[: 2 * n]
    generated = features.pooled_features([asked.sprites[i][k].rgba() for k, i in order[:n]])
    real = features.pooled_features([real_items[i].rgba for i in rows])
    half, other = real[:n], real[n:]
    dim = generated.shape[1]
    note = f"{kind or 'judge'} features ({dim}); floor: two halves of the real test pictures at the same n"
    if n <= dim:
        note += f"; n is not above {dim}, so the covariance is singular and FID biased high"
    told = f", {kind} features" if kind else ""
    report.add(
        "distribution",
        f"FID{told}",
        fid.fid(generated, half),
        n,
        spread=fid.half_width(generated, half, seed=seed),
        floor=fid.fid(other, half),
        note=note,
        unit="lower is better",
    )
    value, spread = kid.kid(generated, half, seed=seed)
    floor, _ = kid.kid(other, half, seed=seed)
    report.add(
        "distribution",
        f"KID x 1000{told}",
        1000 * value,
        n,
        spread=1000 * spread,
        floor=1000 * floor,
        note="spread: standard deviation over subsets",
        unit="lower is better",
    )
    return True


def measure_distribution(report: Report, judge: Judge, asked: Asked, real_items: Sequence[TestItem], seed: int) -> None:
    """FID and KID in judge features at equal n beside the real-vs-real floor, and diversity."""
    if not measure_distances(report, judge, asked, real_items, seed):
        return
    if asked.ranks.shape[1] < 2:
        report.lacks("diversity", "needs at least 2 pictures a prompt")
        return
    each = np.array([diversity.pairwise_distance(g) for g in asked.generated])
    embedded = judge.image_features([i.rgba for i in real_items])
    groups: dict[str, list[int]] = {}
    for row, item in enumerate(real_items):
        groups.setdefault(item.prompt, []).append(row)
    alike = [diversity.pairwise_distance(embedded[rows]) for rows in groups.values() if len(rows) > 1]
    report.add(
        "distribution",
        "diversity a prompt",
        each.mean(),
        len(each),
        spread=bootstrap.half_width(each),
        baseline=np.mean(alike) if alike else None,
        ceiling=diversity.pairwise_distance(embedded),
        note=f"baseline: real pictures that share a caption ({len(alike)} captions); ceiling: any two real pictures",
    )


def measure_copies(
    report: Report,
    groups: Sequence[tuple[Drawn, ...]],
    real_items: Sequence[TestItem],
    data: Sequence[Path | str],
    seed: int,
) -> None:
    """Share of outputs (K pictures for each prompt of `groups`) nearer to a training picture than the threshold, and
    exact copies."""
    outputs = [s for group in groups for s in group]
    pairs = [
        (near_copies.crop_visible(a), near_copies.crop_visible(b)) for a, b in testset.duplicate_pairs(data, seed=seed)
    ]
    twins = np.array(
        [min(near_copies.pixel_distance(a, b), near_copies.pixel_distance(a[:, ::-1], b)) for a, b in pairs]
    )
    pictures = [s.rgba() for s in outputs] + [i.rgba for i in real_items]
    matches = near_copies.nearest(pictures, testset.training_pictures(data))
    made, held = matches[: len(outputs)], matches[len(outputs) :]
    if not any(m.id for m in made):
        report.lacks("copies", "the store has no training pictures")
        return
    if not len(twins):
        report.lacks(
            "copies", "the store has no near-duplicate clusters to set the threshold by; only exact copies are counted"
        )
    distance, held_out = np.array([m.distance for m in made]), np.array([m.distance for m in held])
    threshold = near_copies.choose_threshold(twins)
    near = distance <= threshold
    note = f"distance <= {threshold:.4f}, the median of {len(twins)} near-duplicate pairs; baseline: held-out real ones"
    report.add(
        "copies",
        "near copies of training pictures",
        near.mean(),
        len(made),
        spread=bootstrap.half_width(near.reshape(len(groups), -1).mean(axis=1)),
        baseline=(held_out <= threshold).mean(),
        note=note,
        unit="target < 0.01",
    )
    report.add(
        "copies",
        "exact copies",
        np.mean([m.exact for m in made]),
        len(made),
        baseline=np.mean([m.exact for m in held]),
        note="same visible pixels, mirrored ones too",
    )
    report.curves["copies"] = {
        "generated": distance.tolist(),
        "held-out real": held_out.tolist(),
        "threshold": threshold,
    }


def measure_conformance(
    report: Report, requests: Sequence[GenerationRequest], sprites: Sequence[tuple[Drawn, ...]]
) -> None:
    """Share of outputs that keep to every stated constraint; what failed is named."""
    failed = [conformance.violations(s, r.conditioning) for r, group in zip(requests, sprites) for s in group]
    counts = Counter(name for f in failed for name in f)
    note = ", ".join(f"{k}: {v} failed" for k, v in counts.items()) or f"checked: {', '.join(conformance.CHECKS)}"
    low, high = bootstrap.wilson(sum(not f for f in failed), len(failed))
    report.add(
        "pixels",
        "conformance",
        np.mean([not f for f in failed]),
        len(failed),
        spread=(high - low) / 2,
        ceiling=1.0,
        note=note,
        unit="target 1",
    )
    empty = np.mean([conformance.is_empty(s) for group in sprites for s in group])
    report.add(
        "pixels", "empty canvases", empty, len(failed), note="one colour or nothing at all", unit="lower is better"
    )


def measure_speed(report: Report, generator: Generator, config: EvaluationConfig, prompt: str) -> None:
    """Median seconds of a warm call for one 64x64 picture."""
    asked = Conditioning(prompt=prompt, height=64, width=64)
    request = [GenerationRequest(conditioning=asked)]
    seconds = timing.warm_seconds(lambda: generator.generate_batch(request), num_calls=config.num_timed)
    report.add(
        "speed",
        "seconds for one 64x64, warm",
        float(np.median(seconds)),
        len(seconds),
        spread=float(np.ptp(seconds)) / 2,
        note="median; spread: half the range",
        unit="s",
    )
    held = memory.resident_mib()
    if held is not None:
        note = f"this process, with judge and stores; at most so far {held[1]:.0f} MiB"
        report.add("speed", "resident memory after drawing", held[0], 1, note=note, unit="MiB")
