"""What people said of pictures, for the critic: rejected drawings are fakes to learn from, and all of them calibrate its scores.

Half of the people are learnt from, the others are asked how far the chances can be believed; of one person alone half of the pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelmind.errors import BadInput
from pixelmind.quality.calibration import Calibration, assess
from pixelmind.quality.dissatisfaction import Example, Examples
from pixelmind.quality.inspector import FEATURES, QualityInspector
from pixelmind.records import U8


def rejected(examples: Examples) -> list[U8]:
    """The pictures uint8 [H, W, 4] whose verdicts say reject, each once; not the losers of choices, which may be good ones."""
    found = {r.sprite_id: r.sprite.rgba() for r in examples.rows if r.dissatisfied and r.kind in ("verdict", "review")}
    return list(found.values())


def halves(rows: Sequence[Example], seed: int) -> NDArray[np.bool_]:
    """Which examples [N] are learnt from: whole people, of one person alone whole pictures."""
    people = sorted({r.user for r in rows})
    names = [r.user if len(people) > 1 else r.sprite_id for r in rows]
    known = sorted(set(names))
    order = np.random.default_rng((seed, 8)).permutation(len(known))
    learnt = {known[i] for i in order[: -(-len(known) // 2)]}
    return np.array([name in learnt for name in names])


def calibrate(inspector: QualityInspector, examples: Examples, seed: int = 0) -> tuple[Calibration, dict[str, Any]]:
    """The calibration on all examples, and figures of one fitted on half of the people on the others, with 95 % intervals.

    Raises:
        BadInput: nothing to learn from, or one kind of example only.
    """
    if not len(examples):
        raise BadInput("there is nothing to calibrate on: collect verdicts, ratings or choices first")
    seen: dict[str, NDArray[np.float64]] = {}
    for row in examples.rows:
        if row.sprite_id not in seen:
            seen[row.sprite_id] = inspector.features(row.sprite.rgba())[0]
    x = np.stack([seen[r.sprite_id] for r in examples.rows])
    y, w = examples.dissatisfied, examples.weights
    told: dict[str, Any] = {"whose": examples.whose, "examples": len(examples), "people": len(set(examples.users))}
    half = halves(examples.rows, seed)
    try:
        fitted = Calibration.fit(x[half], y[half], w[half])
        users = [u for u, learnt in zip(examples.users, half) if not learnt]
        several = users if len(set(users)) > 1 else None
        figures = assess(fitted.chance(x[~half]), y[~half], w[~half], several)
        told |= {name: [f.value, f.low, f.high] for name, f in figures.items()}
        base = float(np.average(y[half], weights=w[half]))
        told["brier of the base rate"] = float(np.average((y[~half] - base) ** 2, weights=w[~half]))
    except BadInput as error:
        told["not assessed"] = str(error)
    return Calibration.fit(x, y, w, whose=examples.whose, names=FEATURES), told
