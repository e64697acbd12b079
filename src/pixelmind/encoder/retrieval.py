"""How good a shared space is: retrieval both ways, alignment and uniformity, and words of colour.

Recall@K as in Radford et al. 2021 (CLIP, arXiv 2103.00020) §3; alignment and uniformity: Wang & Isola 2020
(arXiv 2005.10242), eq. 5 and 6 with alpha = 2, t = 2. Pictures with the same caption are all right answers to it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pixelmind.encoder.augment import hue_caption
from pixelmind.records import EvalResult

F32 = NDArray[np.float32]
Bools = NDArray[np.bool_]
_ARTICLES = frozenset(("a", "an", "the", "some"))


def caption_key(caption: str) -> str:
    """What makes two captions the same: their words, without case, articles and punctuation."""
    words = "".join(c if c.isalnum() else " " for c in caption.lower()).split()
    return " ".join(w for w in words if w not in _ARTICLES) or caption


def same_words(captions: Sequence[str]) -> Bools:
    """Bool [N, N]: which captions say the same."""
    _, group = np.unique([caption_key(c) for c in captions], return_inverse=True)
    return np.asarray(group[:, None] == group[None])


def ranks(similarity: F32, relevant: Bools) -> NDArray[np.int64]:
    """Rank from 0 of each row's best relevant column, [N]; ties with wrong columns count against it."""
    best = np.where(relevant, similarity, -np.inf).max(1, keepdims=True)
    return np.asarray(((similarity >= best) & ~relevant).sum(1))


def recall_at(rank: NDArray[np.int64], k: int) -> float:
    """Share of rows whose best relevant column is among the first k."""
    return float((rank < k).mean())


def ranks_among(similarity: F32, relevant: Bools, candidates: int, seed: int = 0) -> NDArray[np.int64]:
    """Ranks as in `ranks`, each row against `candidates` - 1 wrong columns drawn anew without replacement.

    Rows with fewer wrong columns than that are left out.
    """
    rng = np.random.default_rng(seed)
    found = []
    for row, right in zip(similarity, relevant):
        wrong = row[~right]
        if len(wrong) >= candidates - 1:
            found.append((rng.choice(wrong, candidates - 1, replace=False) >= row[right].max()).sum())
    return np.array(found, dtype=np.int64)


def alignment(x: F32, y: F32) -> float:
    """Mean squared distance of paired unit vectors [N, E] (Wang & Isola eq. 5, alpha = 2); lower is better."""
    return float(((x - y) ** 2).sum(1).mean())


def uniformity(x: F32) -> float:
    """log E exp(-2 |x - y|²) over distinct pairs of unit vectors [N, E] (eq. 6, t = 2); lower is more uniform."""
    squared = np.clip(2 - 2 * (x @ x.T).astype(np.float64), 0, None)[np.triu_indices(len(x), 1)]
    return float(np.log(np.exp(-2 * squared).mean()))


def report(image_features: F32, text_features: F32, captions: Sequence[str]) -> list[EvalResult]:
    """Figures of N pairs [N, E]: R@1/5/10 both ways over all N and R@1 of 100, alignment and uniformity."""
    n = len(captions)
    relevant = same_words(captions)
    distinct = len({caption_key(c) for c in captions})
    similarity = image_features @ text_features.T
    results = []
    for name, sim in (("image_to_text", similarity), ("text_to_image", similarity.T)):
        rank = ranks(sim, relevant)
        note = f"{n} candidates with {distinct} different captions; any of the same words is right"
        for k in (1, 5, 10):
            results.append(EvalResult(metric=f"{name}_r@{k}", value=recall_at(rank, k), n=n, baseline=k / n, note=note))
        few = ranks_among(sim, relevant, 100)
        if len(few):
            value = recall_at(few, 1)
            results.append(EvalResult(metric=f"{name}_r@1_of_100", value=value, n=len(few), baseline=0.01))
        results.append(EvalResult(metric=f"{name}_median_rank", value=float(np.median(rank)) + 1, n=n))
    results.append(EvalResult(metric="alignment", value=alignment(image_features, text_features), n=n))
    for name, x in (("image", image_features), ("text", text_features)):
        results.append(EvalResult(metric=f"uniformity_{name}", value=uniformity(x), n=n))
    return results


def colour_counterfactuals(captions: Sequence[str], variants: int) -> dict[int, list[str]]:
    """For each caption that names a hue: its wordings with other hues (caption number -> wrong captions)."""
    found = {i: [t for k in range(variants) if (t := hue_caption(c, k)) and t != c] for i, c in enumerate(captions)}
    return {i: wrong for i, wrong in found.items() if wrong}
