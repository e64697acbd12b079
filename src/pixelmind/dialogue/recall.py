"""The memory learns on from kept dialogues: each person's answers in order are wishes to be foretold, mixed with simulated people's.

The rest of the loss is that of simulated people (`memory_stage.People`), so that what the machine learned first is kept.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from pixelmind.dialogue.defaults import entry
from pixelmind.dialogue.memory import EMBEDDING, embedded
from pixelmind.dialogue.memory_stage import MOST, MemoryConfig, People, predicted
from pixelmind.dialogue.ntm import NTM
from pixelmind.dialogue.outcomes import Dialogue
from pixelmind.encoder.text_tower import TextTower

Pair = tuple[str, tuple[str, ...], int]  # the word said, its options, the one meant


def pairs(found: Sequence[Dialogue]) -> list[list[Pair]]:
    """What each person meant by vague words, in order: answers and corrections; people with fewer than two are left out."""
    people: dict[str, list[Pair]] = defaultdict(list)
    for dialogue in found:
        for point in dialogue.points:
            labels = tuple(r.label for r in entry(point.slot, point.word)[1])[:MOST]
            if point.word and len(labels) > 1 and point.meant in labels:
                people[dialogue.user].append((point.word, labels, labels.index(point.meant)))
    return [told for _, told in sorted(people.items()) if len(told) > 1]


def batch_of(people: Sequence[Sequence[Pair]], tower: TextTower, wishes: int) -> dict[str, Tensor]:
    """As `People.draw`, with `real` bool [T, B]: not padding. A person with more than `wishes` pairs gives several rows."""
    rows = [told[i : i + wishes] for told in people for i in range(0, len(told), wishes) if len(told[i:]) > 1]
    texts = sorted({t for row in rows for word, labels, _ in row for t in (word, *labels)})
    vectors = dict(zip(texts, embedded(tower, texts))) if texts else {}
    steps, count = max((len(row) for row in rows), default=0), len(rows)
    out = {
        "said": torch.zeros(steps, count, EMBEDDING),
        "options": torch.zeros(steps, count, MOST, EMBEDDING),
        "exists": torch.zeros(steps, count, MOST, dtype=torch.bool),
        "choice": torch.zeros(steps, count, dtype=torch.long),
        "again": torch.zeros(steps, count, dtype=torch.bool),
        "real": torch.zeros(steps, count, dtype=torch.bool),
    }
    out["exists"][..., 0] = True  # of padding
    for b, row in enumerate(rows):
        for t, (word, labels, meant) in enumerate(row):
            out["said"][t, b] = vectors[word]
            for k, label in enumerate(labels):
                out["options"][t, b, k] = vectors[label]
            out["exists"][t, b, : len(labels)] = True
            out["choice"][t, b], out["real"][t, b] = meant, True
            out["again"][t, b] = word in [w for w, _, _ in row[:t]]
    return out


def tune(
    net: NTM,
    people: Sequence[Sequence[Pair]],
    simulated: People,
    tower: TextTower,
    config: MemoryConfig,
    share: float,
) -> NTM:
    """A copy of the machine after `config.steps` steps of Adam, `share` of the loss on kept pairs and the rest on simulated people."""
    net = copy.deepcopy(net).requires_grad_(True).train()
    rng = np.random.default_rng((config.seed, 23))
    kept = batch_of(people, tower, config.wishes)
    optimizer = torch.optim.Adam(net.parameters(), lr=config.lr)
    for step in range(config.steps):
        for group in optimizer.param_groups:
            group["lr"] = config.lr * (1 - step / config.steps)
        drawn = simulated.draw(config.batch, config.wishes, config.words, rng)
        loss = (1 - share) * F.cross_entropy(predicted(net, drawn, "machine").flatten(0, 1), drawn["choice"].flatten())
        rows = torch.from_numpy(rng.integers(kept["choice"].shape[1], size=config.batch))
        own = {name: value[:, rows] for name, value in kept.items()}
        real = own["real"]
        loss = loss + share * F.cross_entropy(predicted(net, own, "machine")[real], own["choice"][real])
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 10.0)
        optimizer.step()
    return net.requires_grad_(False).eval()


@torch.no_grad()
def foretold(net: NTM, batch: dict[str, Tensor]) -> Tensor:
    """[N] 1 where a choice was foretold, else 0, of every kept choice but a row's first."""
    right = (predicted(net, batch, "machine").argmax(-1) == batch["choice"]).float()
    later = batch["real"].clone()
    later[:1] = False
    return right[later]
