"""What keeps online adaptation from harm: bounds on a taste that foretells worse, and on weights that drift.

Taste: each choice is foretold before it is learned from, by the taste and by the words alone (the prior). Where over the last `WINDOW`
choices the taste's log chances fall `TASTE_LOSS` nats behind those of the words, the last taste that was ahead is taken up again, and
what was said since counts no more.

Weights: `anchors`, the divergence in nats from the weights as they came on pictures of fixed prompts drawn by these, at fixed noise;
`own`, the loss of fixed views of the person's sprites that are set aside. Beyond `MAX_ANCHORS`, or `OWN_RISE` above the best so far, the
best weights so far are taken up again.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pixelmind.adaptation.online.state import State

F64 = NDArray[np.float64]
WINDOW, TASTE_LOSS = 12, 2.0
MAX_ANCHORS = 15.0  # nats; a whole `train dpo` may go to 60
OWN_RISE = 0.02  # share of the best loss
ANCHORS = (
    "a red knight with a sword",
    "a small castle",
    "a green slime",
    "a healing potion",
    "an old oak tree",
    "a golden key",
    "a grey wolf",
    "a wooden chest",
)


class TasteGuard:
    """Goes with one step of one person."""

    def __init__(self, kept: State) -> None:
        self.kept = kept
        told = [(p["foretold"], p["foretold_by_words"]) for p in kept.curve if "foretold" in p and not p.get("tie")]
        self._gains: deque[float] = deque((gain(*t) for t in told if t[0] is not None), WINDOW)
        since = [p["turn"] for p in kept.curve if p.get("rolled_back", "").startswith("taste")]
        if since:  # what led to a roll-back is not held against what came after it
            later = [p for p in kept.curve if p["turn"] > since[-1] and "foretold" in p and not p.get("tie")]
            self._gains = deque((gain(p["foretold"], p["foretold_by_words"]) for p in later), WINDOW)

    def foretold(self, by_taste: float, by_words: float) -> None:
        """Note the chances that were given to a choice before it was learned from."""
        self._gains.append(gain(by_taste, by_words))

    def checked(self, taste: F64) -> tuple[F64 | None, str]:
        """The taste to go on with, and why it is not the one just learned ("" where it is)."""
        kept, behind = self.kept, sum(self._gains)
        if behind >= -TASTE_LOSS:
            if behind >= 0:
                kept.good, kept.good_turn = taste, kept.replay.turn
            return taste, ""
        kept.replay.entries = [
            replace(e, trust=0.0) if e.turn > kept.good_turn and e.kind != "liked" else e for e in kept.replay.entries
        ]
        self._gains.clear()
        return kept.good, f"taste: foretold the last choices {-behind:.1f} nats worse than the words alone"


def gain(by_taste: float, by_words: float) -> float:
    """How much better a choice was foretold by the taste, in nats."""
    return float(np.log(max(by_taste, 1e-6)) - np.log(max(by_words, 1e-6)))
