"""Simulated reviewers, labelled so, whose verdicts calibrate the critic until real people's are there.

    python experiments/critic/reviewers.py --store STORE --database reviewers.db
    pixelmind train critic --preset small --data STORE --out RUN --feedback reviewers.db

Pictures: what the released weights draw for `val` captions; into half of them a fault is put (`quality.defects`), of a severity drawn
evenly from 0.15 to 1. Eight simulated people see half of them each and reject one with the chance

    logistic(strict + 3 severity - 1 technical)

`technical` is the picture's measured technical quality in standard deviations over released drawings (`preference.features`), and `strict`
a person's own, around -2.2: of pictures without a fault and of usual quality every tenth is rejected, with a fault of medium severity every
third. The critic knows neither number. What such people show is that chances can be calibrated, not what real people think.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from pixelmind.data.store import Store
from pixelmind.preference.features import CENTRE, FEATURES, SPREAD, raw
from pixelmind.quality.defects import damage
from pixelmind.quality.defects.base import Picture
from pixelmind.quality.drawn import drawn
from pixelmind.records import Sprite
from pixelmind.storage import Database

PEOPLE, SHARE = 8, 0.5


def chance(strict: float, severity: float, technical: float) -> float:
    """Of a rejection."""
    return float(1 / (1 + np.exp(-(strict + 3 * severity - technical))))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--database", type=Path, required=True, help="new SQLite file")
    parser.add_argument("--count", type=int, default=600)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    if asked.database.exists():
        parser.error(f"{asked.database} is there already; name a new file")
    file = asked.database.with_suffix(".npz")
    pictures = drawn(Store.open(asked.store), None, asked.count, asked.seed, file, split="val")
    rng = np.random.default_rng(asked.seed)
    rows: list[tuple[Sprite, float, float]] = []
    for rgba in pictures:
        made = damage(Picture(rgba=rgba), rng) if rng.random() < 0.5 and (rgba[..., 3] > 0).sum() > 12 else None
        shown = rgba if made is None else made.rgba
        hard = np.where(shown[..., 3:] >= 128, shown | np.array([0, 0, 0, 255], np.uint8), np.uint8(0))
        if len(np.unique(hard.reshape(-1, 4), axis=0)) > 255:  # noise all over a large picture: no sprite holds so many
            made, hard = None, rgba
        sprite = Sprite.from_rgba(hard)
        k = FEATURES.index("technical")
        technical = float((raw([sprite])[0, k] - CENTRE[k]) / SPREAD[k])
        rows.append((sprite, 0.0 if made is None else made.severity, technical))
    rejected = seen = 0
    with Database(f"sqlite:///{asked.database}") as db:
        db.upgrade()
        for number in range(PEOPLE):
            user = db.users.ensure(f"simulated-reviewer-{number}")
            strict = rng.normal(-2.2, 0.4)
            for sprite, severity, technical in rows:
                if rng.random() >= SHARE:
                    continue
                identity = db.sprites.add(user, sprite, prompt="(simulated)", source="generated").id
                no = rng.random() < chance(strict, severity, technical)
                db.feedback.verdict(user, identity, "reject" if no else "approve", simulated=True)
                rejected, seen = rejected + no, seen + 1
    print(f"{seen} simulated verdicts on {len(rows)} pictures, {rejected / seen:.2f} of them rejections")


if __name__ == "__main__":
    main()
