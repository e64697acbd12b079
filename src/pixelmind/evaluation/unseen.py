"""`eval unseen`: every part on the games that nobody trained on, each game apart, beside the games that were trained on (their test split).

    judge, encoder    own caption among 100, picture to words (the encoder also words to picture)
    critic            false alarms: share of whole, real pictures that it would flag for review
    segmenter         its parts against the visible body: intersection over union, of pictures with a clear ground
    generator         the judge's share on what is drawn for that game's captions (with `draw`)

Fails when: captions differ in kind between games (a dungeon's ids against sentences), which moves retrieval as much as the art does; the
unseen games have no part masks, so the segmenter's parts by name cannot be measured, and the report says so.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pixelmind.errors import BadInput
from pixelmind.evaluation import core, measures, testset
from pixelmind.evaluation.config import EvaluationConfig
from pixelmind.evaluation.figures import Figure, environment
from pixelmind.evaluation.judge import Judge
from pixelmind.evaluation.measures import Report
from pixelmind.evaluation.metrics import bootstrap, retrieval
from pixelmind.evaluation.testset import TestItem
from pixelmind.files import write_bytes, write_json

if TYPE_CHECKING:
    from pixelmind.encoder.model import Encoder
    from pixelmind.evaluation.oracles import Generator
    from pixelmind.generator.segmenter import Segmenter
    from pixelmind.quality.inspector import QualityInspector

SEEN = "trained-on sources"
MIN_CLEAR = 0.1


@dataclasses.dataclass(frozen=True, kw_only=True)
class Parts:
    """What is measured; a part that is not there is listed as missing."""

    judge: Judge
    encoder: Encoder | None = None
    inspector: QualityInspector | None = None
    segmenter: Segmenter | None = None
    generator: Generator | None = None


def groups_of(data: Sequence[Path | str], config: EvaluationConfig, count: int) -> dict[str, list[TestItem]]:
    """Test pictures by unseen source, at most `count` each, one a cluster and caption; under SEEN those of real sources trained on.

    Raises:
        BadInput: no store, or none of its test pictures is of an evaluation-only source.
    """
    items = testset.load_items(data, max_size=config.max_size)
    sources = sorted({i.source for i in items if i.origin == "unseen"})
    if not sources:
        raise BadInput(
            "the store holds no evaluation-only art; import with: pixelmind data import DIR --evaluation-only --out STORE"
        )
    out = {}
    for name in (*sources, SEEN):
        mine = [i for i in items if (i.origin == "real" if name == SEEN else i.source == name and i.origin == "unseen")]
        out[name] = [mine[i] for i in testset.choose(mine, count, config.seed)]
    return {name: mine for name, mine in out.items() if mine}


Texts = Callable[[Sequence[str]], NDArray[np.float32]]


def _retrieval(
    report: Report,
    section: str,
    what: str,
    items: Sequence[TestItem],
    image: NDArray[np.float32],
    texts_of: Texts,
    pool_size: int,
) -> None:
    texts, pools = retrieval.build_pools(
        [i.captions for i in items], [i.cluster for i in items], range(len(items)), pool_size=pool_size
    )
    rank = retrieval.ranks(image, texts_of(texts), pools)
    pool = pools.shape[1]
    for k in (1, 5, 10):
        if pool < 2 * k:
            report.lacks(section, f"{what} R@{k}: only {pool} texts to tell from")
            continue
        hit = rank <= k
        report.add(
            section, f"{what} R@{k} of {pool}", hit.mean(), len(hit), spread=bootstrap.half_width(hit), floor=k / pool
        )


def measure(report: Report, parts: Parts, name: str, items: list[TestItem], config: EvaluationConfig) -> None:
    """All figures of one group under the section `name`."""
    pictures = [i.rgba for i in items]
    if len(items) < 2:
        report.lacks(name, f"{len(items)} picture is too few")
        return
    _retrieval(
        report, name, "judge", items, parts.judge.image_features(pictures), parts.judge.text_features, config.pool_size
    )
    if parts.encoder is None:
        report.lacks(name, "the weights hold no encoder")
    else:
        encoder, image = parts.encoder, parts.encoder.encode_images(pictures).numpy()
        _retrieval(
            report, name, "encoder", items, image, lambda t: encoder.encode_texts(list(t)).numpy(), config.pool_size
        )
    if parts.inspector is None:
        report.lacks(name, "the weights hold no critic")
    else:
        flagged = np.array([v.dissatisfied >= parts.inspector.flag_at for v in parts.inspector.judge(pictures)])
        note = "real pictures, taken to be whole, that would go to review"
        report.share(name, "critic false alarms", flagged, note=note)
    if parts.segmenter is None:
        report.lacks(name, "the weights hold no segmenter")
    else:
        _segments(report, parts.segmenter, name, pictures)
    if parts.generator is not None:
        try:
            asked = core.ask(parts.generator, parts.judge, items, config, count=config.num_unseen, num_images=1)
        except BadInput as error:
            report.lacks(name, str(error))
        else:
            drawn = Report()
            measures.measure_retrieval(drawn, asked, name)
            report.figures += [
                dataclasses.replace(f, metric=f"drawn: {f.metric}") for f in drawn.figures if "real" not in f.metric
            ]


def _segments(report: Report, segmenter: Segmenter, name: str, pictures: Sequence[NDArray[np.uint8]]) -> None:
    scores = []
    for rgba in pictures:
        body = rgba[..., 3] >= 128
        if (~body).mean() < MIN_CLEAR or not body.any():
            continue
        mask, names = segmenter.segment(rgba)
        found = mask != names.index("background") if "background" in names else np.ones(body.shape, bool)
        scores.append(float((found & body).sum() / (found | body).sum()))
    if scores:
        note = "no part masks exist for these games, so parts by name are not measured" if name != SEEN else ""
        report.add(
            name,
            "segmenter: body IoU",
            np.mean(scores),
            len(scores),
            spread=bootstrap.half_width(scores),
            ceiling=1.0,
            note=note,
        )
    else:
        report.lacks(name, "segmenter: no picture has a clear ground")


def run(
    parts: Parts,
    data: Sequence[Path | str],
    out: Path,
    config: EvaluationConfig,
    *,
    count: int = 400,
    weights_id: str = "",
    progress: Callable[[str], None] = lambda _: None,
) -> list[Figure]:
    """Measure every group and write OUT/report.json and OUT/report.md.

    Raises:
        BadInput: as `groups_of`.
    """
    report = Report()
    groups = groups_of(data, config, count)
    for name, items in groups.items():
        progress(f"{name}: {len(items)} pictures")
        measure(report, parts, name, items, config)
    seen = {f.metric: f.value for f in report.figures if f.section == SEEN}
    figures = [
        f if f.section == SEEN or f.metric not in seen else dataclasses.replace(f, baseline=seen[f.metric]) for f in report.figures
    ]  # fmt: skip
    write_json(
        out / "report.json",
        {
            "format": 1, "kind": "unseen", "weights": weights_id, "environment": environment(), "judge": parts.judge.card,
            "data": {"stores": [core.store_line(p) for p in data], "test_pictures": {k: len(v) for k, v in groups.items()}},
            "config": dataclasses.asdict(config), "figures": [f.to_dict() for f in figures], "missing": report.missing,
        },
    )  # fmt: skip
    rows = [
        f"| {f.section} | {f.metric} | {f.value:.3f} | {'' if f.spread is None else f'{f.spread:.3f}'} | {f.n} "
        f"| {'' if f.baseline is None else f'{f.baseline:.3f}'} |"
        for f in figures
    ]
    head = f"| pictures of | figure | value | ± (95 %) | n | {SEEN} |\n|---|---|--:|--:|--:|--:|\n"
    write_bytes(out / "report.md", (head + "\n".join(rows) + "\n").encode())
    return figures
