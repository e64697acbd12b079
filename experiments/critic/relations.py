"""How much single numbers of a picture's relations tell of a fault, without any network.

    python experiments/critic/relations.py --store STORE [--count 300]

Prints for each kind of fault, at medium severity on real `val` pictures, the AUROC of: the most twins that lie the same way apart, times
their share of all twins; and the most pairs of neighbouring colours that are the same step apart in OKLab.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from pixelmind.data.store import Store
from pixelmind.quality.critic_test import auroc, held_out
from pixelmind.quality.defects import DEFECTS, SEVERITIES, damage
from pixelmind.quality.lint.base import Canvas
from pixelmind.quality.relations import relations
from pixelmind.records import U8


def told(rgba: U8) -> tuple[float, float]:
    """The two numbers of a picture uint8 [H, W, 4]."""
    found = relations(Canvas.of(rgba))
    return float((found[0] * found[1]).max()), float(found[4:6].max())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--count", type=int, default=300)
    options = parser.parse_args()
    pictures = held_out(Store.open(options.store), "val", options.count, 0)
    clean = np.array([told(p.rgba) for p in pictures])
    for name in DEFECTS:
        made = (
            damage(p, np.random.default_rng((1, i)), name=name, severity=SEVERITIES["medium"])
            for i, p in enumerate(pictures)
        )
        hurt = np.array([told(m.rgba) for m in made if m is not None])
        print(
            f"{name:15} n={len(hurt):3} twins {auroc(hurt[:, 0], clean[:, 0]):.2f} steps {auroc(hurt[:, 1], clean[:, 1]):.2f}"
        )


if __name__ == "__main__":
    main()
