"""Captions false of a picture in one fact, as the store keeps them: read for training, and asked for the report.

They are made with the scenes (`pixelmind data synth --counterfactuals N`, `pixelmind.data.edits.counterfactuals`) and lie in
a row's params beside the true caption each differs from and the kind of fact.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pixelmind.data.loader import PROCEDURAL, Loader
from pixelmind.records import EvalResult

_CHUNK = 4096


class Fact(NamedTuple):
    """A true caption, one that is false in one fact, and the kind of fact ("color", "count", …)."""

    true: str
    false: str
    kind: str


def evenly(rows: NDArray[np.int64], limit: int) -> NDArray[np.int64]:
    """At most `limit` of the rows, evenly picked in their order."""
    return rows[np.unique(np.linspace(0, len(rows) - 1, min(limit, len(rows))).astype(np.int64))]


def is_procedural(loader: Loader) -> NDArray[np.bool_]:
    """Which of `loader.rows` are drawn scenes: bool [len(loader)]."""
    return np.array([r["source"].startswith(PROCEDURAL) for r in loader.take(loader.rows, ("source",))], dtype=bool)


def stored_facts(loader: Loader, limit: int) -> dict[int, tuple[Fact, ...]]:
    """Counterfactuals by row number, of at most `limit` of the loader's drawn scenes, evenly picked."""
    scenes = evenly(loader.rows[is_procedural(loader)], limit)
    found: dict[int, tuple[Fact, ...]] = {}
    for start in range(0, len(scenes), _CHUNK):
        rows = scenes[start : start + _CHUNK]
        for row, data in zip(rows.tolist(), loader.take(rows, ("params",))):
            facts = _facts(json.loads(data["params"]))
            if facts:
                found[row] = facts
    return found


def _facts(params: dict[str, Any]) -> tuple[Fact, ...]:
    return tuple(Fact(c["true_caption"], c["caption"], c["fact"]) for c in params.get("counterfactuals", ()))


def by_fact(kinds: Sequence[str], won: Sequence[bool]) -> list[EvalResult]:
    """The share won of each kind of fact, in order of name, with its n; chance is 0.5."""
    note = "the true caption beats the same caption made false in one fact"
    results = []
    for kind in sorted(set(kinds)):
        mine = [w for k, w in zip(kinds, won) if k == kind]
        value = float(np.mean(mine))
        results.append(EvalResult(metric=f"counterfactual_{kind}", value=value, n=len(mine), baseline=0.5, note=note))
    return results
