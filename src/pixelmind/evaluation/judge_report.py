"""`eval judge`: can the ruler be trusted? Its agreement with hand labels, what shakes it, and what it tells apart.

hand labels   balanced accuracy at a threshold no label had a say in, by kind of pair; the labeller's own second look beside it
robustness    pictures mirrored, shifted, brighter, darker: the same picture in other cells should keep its rank
sensitivity   pictures in other hues, and captions with another colour: there the cosine should fall
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pixelmind.evaluation import core, hand_labels, testset
from pixelmind.evaluation.config import EvaluationConfig
from pixelmind.evaluation.figures import Figure, environment
from pixelmind.evaluation.judge import Judge
from pixelmind.evaluation.measures import Report
from pixelmind.evaluation.metrics import bootstrap, intent_fidelity, retrieval
from pixelmind.evaluation.testset import TestItem
from pixelmind.files import write_bytes, write_json
from pixelmind.pixels.oklab import oklab_to_srgb, srgb_to_oklab
from pixelmind.quality.critic_test import auroc
from pixelmind.records import U8

SECTION, ROBUST, SENSITIVE = "judge", "judge: robustness", "judge: sensitivity"
AGREEMENT = "balanced accuracy against hand labels"
COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white", "grey")
_COLOUR = re.compile(rf"\b({'|'.join(COLOURS)})\b")


def shifted(rgba: U8, dx: int, dy: int) -> U8:
    """The picture uint8 [H, W, 4] moved by (dx, dy) px; what enters is clear, what leaves is lost."""
    out = np.zeros_like(rgba)
    h, w = rgba.shape[:2]
    out[max(dy, 0) : h + min(dy, 0), max(dx, 0) : w + min(dx, 0)] = rgba[
        max(-dy, 0) : h + min(-dy, 0), max(-dx, 0) : w + min(-dx, 0)
    ]
    return out


def turned(rgba: U8, degrees: float) -> U8:
    """The picture with every hue turned in OKLab (Ottosson 2020), lightness and chroma kept as far as sRGB goes."""
    lab = srgb_to_oklab(np.ascontiguousarray(rgba[..., :3]).reshape(-1, 3))
    angle = np.deg2rad(degrees)
    a, b = lab[:, 1].copy(), lab[:, 2].copy()
    lab[:, 1], lab[:, 2] = a * np.cos(angle) - b * np.sin(angle), a * np.sin(angle) + b * np.cos(angle)
    return np.dstack([oklab_to_srgb(lab).reshape(*rgba.shape[:2], 3), rgba[..., 3:]])


def lit(rgba: U8, factor: float) -> U8:
    """The picture with OKLab lightness times `factor`."""
    lab = srgb_to_oklab(np.ascontiguousarray(rgba[..., :3]).reshape(-1, 3))
    lab[:, 0] = np.clip(lab[:, 0] * factor, 0, 1)
    return np.dstack([oklab_to_srgb(lab).reshape(*rgba.shape[:2], 3), rgba[..., 3:]])


#: Changes after which the words still fit. A shift is for pictures with a clear rim only: else the picture loses cells.
CHANGES: dict[str, Callable[[U8], U8]] = {
    "mirrored": lambda x: np.ascontiguousarray(x[:, ::-1]),
    "shifted by 1 px": lambda x: shifted(x, 1, 0),
    "10 % lighter": lambda x: lit(x, 1.1),
    "10 % darker": lambda x: lit(x, 0.9),
}


def has_rim(rgba: U8) -> bool:
    """Whether the right-hand column is clear, so that a shift by one loses nothing."""
    return not rgba[:, -1, 3].any()


def measure_labels(report: Report, judge: Judge, data: Sequence[Path | str], config: EvaluationConfig) -> None:
    """Agreement with the hand labels, all and by kind of pair."""
    labels = hand_labels.read_labels()
    at = hand_labels.threshold_of(judge, data, seed=config.seed)
    known, cosine, said = hand_labels.agreement(judge, labels, hand_labels.pictures(labels, data), at)
    if len(known) < len(labels):
        report.lacks(
            SECTION, f"{len(labels) - len(known)} of {len(labels)} labelled pictures are not in the stores' test split"
        )
    truth = np.array([x.label for x in known], bool)
    if len(known) < 2 or truth.all() or not truth.any():
        report.lacks(SECTION, f"{AGREEMENT}: only {len(known)} labelled pictures at hand")
        return
    again = hand_labels.second_look(labels)
    note = f"{int(truth.sum())} yes, {int((~truth).sum())} no; yes from a cosine of {at:.3f} on, set on the val split"
    report.add(
        SECTION, AGREEMENT, hand_labels.balanced_accuracy(said, truth), len(known), spread=hand_labels.interval(said, truth),
        floor=0.5, ceiling=1.0, baseline=again[0] if again else None, note=note,
    )  # fmt: skip
    report.add(
        SECTION, "AUROC against hand labels", auroc(cosine[truth], cosine[~truth]), len(known), floor=0.5, ceiling=1.0
    )
    agrees = said == truth
    report.share(SECTION, "agrees where the label is yes", agrees[truth])
    report.share(SECTION, "agrees where the label is no", agrees[~truth])
    for kind in sorted({x.kind for x in known}):
        mine = np.array([x.kind == kind for x in known])
        report.share(SECTION, f"agrees on {kind}", agrees[mine], note=f"{truth[mine].mean():.2f} of them labelled yes")
    if again:
        report.add(SECTION, "labels alike in a second look", again[0], again[2], spread=again[1])
    report.curves["labels"] = [
        {"id": x.id, "kind": x.kind, "label": x.label, "cosine": round(float(c), 4)} for x, c in zip(known, cosine)
    ]


def measure_robustness(report: Report, judge: Judge, items: Sequence[TestItem], config: EvaluationConfig) -> None:
    """R@1 of the changed pictures beside the pictures as they are, and how often the first caption stays the same."""
    texts, pools = retrieval.build_pools(
        [i.captions for i in items], [i.cluster for i in items], range(len(items)), pool_size=config.pool_size, seed=config.seed
    )  # fmt: skip
    text = judge.text_features(texts)
    own = text[pools[:, 0]]
    plain = judge.image_features([i.rgba for i in items])
    rim = np.array([has_rim(i.rgba) for i in items])
    first = _first(plain, text, pools)
    for name, change in CHANGES.items():
        rows = np.flatnonzero(rim) if name.startswith("shifted") else np.arange(len(items))
        if not len(rows):
            report.lacks(ROBUST, f"{name}: no picture has a clear rim")
            continue
        seen = judge.image_features([change(items[int(i)].rgba) for i in rows])
        hit = retrieval.ranks(seen, text, pools[rows]) == 1
        was = retrieval.ranks(plain[rows], text, pools[rows]) == 1
        same = _first(seen, text, pools[rows]) == first[rows]
        report.add(
            ROBUST, f"{name}: judge R@1 of {pools.shape[1]}", hit.mean(), len(rows), spread=bootstrap.half_width(hit), ceiling=was.mean()
        )  # fmt: skip
        report.share(ROBUST, f"{name}: first caption stays", same, ceiling=1.0)
        change_of = intent_fidelity.cosines(seen, own[rows]) - intent_fidelity.cosines(plain[rows], own[rows])
        report.add(
            ROBUST, f"{name}: change of cosine", change_of.mean(), len(rows), spread=bootstrap.half_width(change_of)
        )


def measure_sensitivity(report: Report, judge: Judge, items: Sequence[TestItem]) -> None:
    """Captions that name a colour: turned hues, and the caption with another colour, should both fit worse (0.5 is chance)."""
    rows = [(i, m.group(1)) for i in items if (m := _COLOUR.search(i.prompt.lower()))]
    if len(rows) < 2:
        report.lacks(SENSITIVE, f"{len(rows)} captions name a colour: too few")
        return
    own = judge.text_features([i.prompt for i, _ in rows])
    plain = intent_fidelity.cosines(judge.image_features([i.rgba for i, _ in rows]), own)
    hued = [n for n, (_, colour) in enumerate(rows) if colour not in ("black", "white", "grey")]
    if hued:
        seen = judge.image_features([turned(rows[n][0].rgba, 120) for n in hued])
        fell = intent_fidelity.cosines(seen, own[hued]) < plain[hued]
        report.share(SENSITIVE, "hues turned by 120 degrees: fits worse", fell, floor=0.5, ceiling=1.0)
    swapped = [
        _COLOUR.sub(COLOURS[(COLOURS.index(colour) + 3) % len(COLOURS)], i.prompt.lower(), count=1)
        for i, colour in rows
    ]
    fell = (
        intent_fidelity.cosines(judge.image_features([i.rgba for i, _ in rows]), judge.text_features(swapped)) < plain
    )
    report.share(SENSITIVE, "another colour named: fits worse", fell, floor=0.5, ceiling=1.0)


def _first(image: NDArray[np.float32], text: NDArray[np.float32], pools: NDArray[np.int64]) -> NDArray[np.int64]:
    """Pool column [N] of the caption that fits each picture best."""
    return np.asarray(np.einsum("nd,npd->np", image, text[pools]).argmax(axis=1))


def run(
    judge: Judge,
    data: Sequence[Path | str],
    out: Path,
    config: EvaluationConfig,
    *,
    count: int = 400,
    progress: Callable[[str], None] = lambda _: None,
) -> list[Figure]:
    """Measure the judge on real test pictures and write OUT/report.json and OUT/report.md.

    Raises:
        BadInput: the stores lack real pictures in `val` or `test`.
    """
    report = Report()
    progress("hand labels")
    measure_labels(report, judge, data, config)
    real = [i for i in testset.load_items(data, max_size=config.max_size) if i.origin == "real"]
    items = [real[i] for i in testset.choose(real, count, config.seed)]
    if len(items) < 2:
        report.lacks(ROBUST, f"{len(items)} real test pictures are too few")
    else:
        progress(f"robustness on {len(items)} pictures")
        measure_robustness(report, judge, items, config)
        measure_sensitivity(report, judge, items)
    write_json(
        out / "report.json",
        {
            "format": 1, "kind": "judge", "environment": environment(), "judge": judge.card,
            "data": {"stores": [core.store_line(p) for p in data], "test_pictures": len(items)},
            "config": asdict(config), "figures": [f.to_dict() for f in report.figures], "missing": report.missing,
            "labels": report.curves.get("labels", []),
        },
    )  # fmt: skip
    rows = [
        f"| {f.section} | {f.metric} | {f.value:.3f} | {'' if f.spread is None else f'{f.spread:.3f}'} | {f.n} "
        f"| {'' if f.ceiling is None else f'{f.ceiling:.3f}'} | {f.note} |"
        for f in report.figures
    ]
    head = "| section | figure | value | ± (95 %) | n | at best | note |\n|---|---|--:|--:|--:|--:|---|\n"
    write_bytes(out / "report.md", (head + "\n".join(rows) + "\n").encode())
    return report.figures
