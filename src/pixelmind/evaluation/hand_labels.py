"""Does the judge say what somebody who looks says? Hand labels of picture-prompt pairs, and the judge's agreement with them.

    suite/labels.jsonl    one pair a line: `id`, `prompt`, `picture` (a store's picture id, or "drawn:N" for cell N of labels.png),
                          `kind` (how the pair came about; not shown to who labels), `label` (true: shows what the words say)
    suite/labels.png      the drawn pictures, one a cell of CELL px, each in its cell's upper left; real art stays in its store

The judge says yes where the cosine of words and picture is at least a threshold. That is set on the store's `val` split, of which no
label is made: where own against other pictures' captions are told apart best. So no label has a say in it.

Fails when: pairs are easier than those the judge is asked about (hence the figures by kind of pair), or the labeller errs (hence the
second look at some of them, `again`, whose agreement with the first bounds what a judge can reach).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pixelmind.data.store import Store
from pixelmind.errors import BadInput
from pixelmind.evaluation.judge import Judge
from pixelmind.evaluation.metrics import bootstrap, intent_fidelity
from pixelmind.pixels.png import decode_png
from pixelmind.records import U8

CELL, COLUMNS = 64, 16
DRAWN = "drawn:"


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """A pair of words and picture and what was seen in it; `again` is the second look, where one was taken."""

    id: str
    prompt: str
    picture: str
    kind: str
    label: bool
    width: int
    height: int
    again: bool | None = None


def read_labels(text: str | None = None) -> list[Labelled]:
    """The labels shipped with the package, or those of a JSON Lines text.

    Raises:
        BadInput: a line is no label.
    """
    if text is None:
        text = resources.files(__package__).joinpath("suite/labels.jsonl").read_text(encoding="utf-8")
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                found.append(Labelled(**json.loads(line)))
            except (ValueError, TypeError) as error:
                raise BadInput(
                    f"line {number} of the labels is not one; it needs id, prompt, picture, kind, label, width and height"
                ) from error
    return found


def cell(sheet: U8, index: int, height: int, width: int) -> U8:
    """The picture uint8 [height, width, 4] in a cell of the sheet of drawn pictures."""
    top, left = index // COLUMNS * CELL, index % COLUMNS * CELL
    return sheet[top : top + height, left : left + width]


def pictures(labels: Sequence[Labelled], data: Sequence[Path | str], sheet: U8 | None = None) -> dict[str, U8]:
    """The pictures of the labels that are at hand, by label id; those of art that the stores lack are left out."""
    if sheet is None:
        sheet = decode_png(resources.files(__package__).joinpath("suite/labels.png").read_bytes())
    found = {
        x.id: cell(sheet, int(x.picture.removeprefix(DRAWN)), x.height, x.width)
        for x in labels
        if x.picture.startswith(DRAWN)
    }
    wanted: dict[str, list[str]] = {}
    for x in labels:
        if not x.picture.startswith(DRAWN):
            wanted.setdefault(x.picture, []).append(x.id)
    for path in data:
        for row in Store.open(path).scan(["id", "png"], filter="split = 'test'"):
            for name in wanted.get(row["id"], ()):
                found[name] = decode_png(row["png"])
    return found


def balanced_accuracy(said: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    """Mean of sensitivity and specificity (Brodersen et al. 2010) of answers [N]; nan where one class is missing."""
    if truth.all() or not truth.any():
        return float("nan")
    return float((said[truth].mean() + (~said[~truth]).mean()) / 2)


def interval(said: NDArray[np.bool_], truth: NDArray[np.bool_], *, resamples: int = 2000, seed: int = 0) -> float:
    """Half the width of the 95 % bootstrap interval of the balanced accuracy, pairs drawn anew."""
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, len(said), (resamples, len(said)))
    low, high = np.nanquantile([balanced_accuracy(said[r], truth[r]) for r in rows], [0.025, 0.975])
    return float(high - low) / 2


def threshold(own: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    """The cosine at which own pairs [N] and others [M] are told apart best by balanced accuracy; between two values."""
    values = np.unique(np.concatenate([own, other]))
    if len(values) < 2:
        raise BadInput("own and other pairs have one cosine: the judge tells nothing apart")
    between = (values[1:] + values[:-1]) / 2
    reached = [(own >= t).mean() + (other < t).mean() for t in between]
    return float(between[int(np.argmax(reached))])


def threshold_of(judge: Judge, data: Sequence[Path | str], *, count: int = 1000, seed: int = 0) -> float:
    """The threshold on real pictures of the stores' `val` split with their first captions, against another's caption.

    Raises:
        BadInput: fewer than two such pictures.
    """
    rows = []
    for path in data:
        where = "split = 'val' AND width <= 64 AND height <= 64 AND evaluation_only = false"
        rows += [
            (r["captions"][0], decode_png(r["png"]))
            for r in Store.open(path).scan(["captions", "png", "source"], filter=where)
            if not r["source"].startswith("procedural")
        ]
    if len(rows) < 2:
        raise BadInput(
            "the stores have no real pictures in their val split; import art: pixelmind data import DIR --out STORE"
        )
    order = np.random.default_rng(seed).permutation(len(rows))[:count]
    image = judge.image_features([rows[i][1] for i in order])
    text = judge.text_features([rows[i][0] for i in order])
    return threshold(intent_fidelity.cosines(image, text), intent_fidelity.shuffled_cosines(image, text))


def agreement(
    judge: Judge, labels: Sequence[Labelled], found: dict[str, U8], at: float
) -> tuple[list[Labelled], NDArray[np.float64], NDArray[np.bool_]]:
    """The labels whose pictures are at hand, the judge's cosines [N], and what it says at the threshold [N]."""
    known = [x for x in labels if x.id in found]
    if not known:
        return [], np.zeros(0), np.zeros(0, bool)
    cosine = intent_fidelity.cosines(
        judge.image_features([found[x.id] for x in known]), judge.text_features([x.prompt for x in known])
    )
    return known, cosine, cosine >= at


def second_look(labels: Sequence[Labelled]) -> tuple[float, float, int] | None:
    """Share of labels that came out alike in the second look, half its interval, and of how many; None where there was none."""
    both = [x.label == x.again for x in labels if x.again is not None]
    if not both:
        return None
    low, high = bootstrap.wilson(sum(both), len(both))
    return float(np.mean(both)), (high - low) / 2, len(both)
