"""Training the memory on simulated people over many wishes, and its ablation: nothing remembered, the last pair alone, the machine.

A simulated person has a taste (a direction that draws readings of a like kind) and habits of their own for single words, and keeps to
them in 92 % of choices. A word returns in other forms ("retro", "old school").
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from pixelmind.dialogue.lexicon import read
from pixelmind.dialogue.memory import EMBEDDING, INPUTS, asking, embedded, save_network, scores, telling
from pixelmind.dialogue.ntm import NTM, NTMConfig
from pixelmind.encoder.text_tower import TextTower
from pixelmind.errors import BadInput
from pixelmind.files import write_json

Mode = Literal["machine", "last", "off"]
MODES: tuple[Mode, ...] = ("machine", "last", "off")
MOST = 4  # options of a word
FAITHFUL = 0.92


@dataclass(frozen=True, kw_only=True)
class MemoryConfig:
    """The machine, and how it is trained: steps of `batch` people with `wishes` wishes about `words` words each."""

    network: NTMConfig = field(default_factory=lambda: NTMConfig(rows=32, width=20, controller=40))
    steps: int = 4000
    batch: int = 64
    wishes: int = 14
    words: int = 6
    lr: float = 2e-3
    test_people: int = 2000
    seed: int = 0

    def __post_init__(self) -> None:
        if min(self.steps, self.batch, self.wishes, self.words, self.test_people) < 1 or self.lr <= 0:
            raise BadInput("memory: steps, batch, wishes, words, test_people and lr must be above 0")


class People:
    """Simulated people by the batch. `forms`: embeddings of each word's forms; `options` [W, 4, 32] of its readings, `exists` [W, 4]."""

    def __init__(self, tower: TextTower) -> None:
        words = [
            entry
            for table in read("defaults.toml").values()
            for entry in table.items()
            if len(entry[1]["readings"]) > 1
        ]
        self.forms = [embedded(tower, [f for f in (word, *about.get("also", ())) if f]) for word, about in words]
        self.options = torch.zeros(len(words), MOST, EMBEDDING)
        self.exists = torch.zeros(len(words), MOST, dtype=torch.bool)
        for i, (_, about) in enumerate(words):
            labels = [r["label"] for r in about["readings"]][:MOST]
            self.options[i, : len(labels)] = embedded(tower, labels)
            self.exists[i, : len(labels)] = True

    def draw(self, batch: int, wishes: int, words: int, rng: np.random.Generator) -> dict[str, Tensor]:
        """`said` [T, B, 32], `word` [T, B], `options` [T, B, 4, 32], `exists` [T, B, 4], `choice` [T, B], and `again` bool [T, B]: the
        word was said before."""
        count = len(self.forms)
        own = np.stack([rng.permutation(count)[:words] for _ in range(batch)])
        taste = torch.from_numpy(rng.standard_normal((batch, EMBEDDING))).float()
        drawn = (
            torch.einsum("be,wke->bwk", taste, self.options)
            + torch.from_numpy(rng.gumbel(0, 1, (batch, count, MOST))).float()
        )
        favourite = drawn.masked_fill(~self.exists, -torch.inf).argmax(-1)  # [B, W]
        which = own[np.arange(batch)[:, None], rng.integers(words, size=(batch, wishes))]  # [B, T]
        word = torch.from_numpy(which.T.copy())
        said = torch.stack(
            [torch.stack([self.forms[w][rng.integers(len(self.forms[w]))] for w in row]) for row in which]
        ).transpose(0, 1)
        choice = favourite.gather(1, word.T).T
        astray = torch.from_numpy(rng.random(word.shape) > FAITHFUL)
        other = torch.from_numpy(rng.integers(1 << 30, size=word.shape)) % self.exists[word].sum(-1)
        choice = torch.where(astray, other, choice)
        again = torch.stack(
            [(word[:t] == word[t]).any(0) if t else torch.zeros(batch, dtype=torch.bool) for t in range(wishes)]
        )
        return {
            "said": said,
            "word": word,
            "options": self.options[word],
            "exists": self.exists[word],
            "choice": choice,
            "again": again,
        }


def predicted(net: NTM, people: dict[str, Tensor], mode: Mode) -> Tensor:
    """Logits [T, B, 4] of each wish's choice from what came before it."""
    said, choice = people["said"], people["choice"]
    chosen = people["options"].gather(2, choice[..., None, None].expand(*choice.shape, 1, EMBEDDING))[:, :, 0]
    wishes, batch = choice.shape
    state, out = net.start(batch), []
    for t in range(wishes):
        if mode != "machine":
            state = net.start(batch)
            if mode == "last" and t:
                _, state = net(telling(said[t - 1], chosen[t - 1]), state)
        answer, _ = net(asking(said[t]), state)
        out.append(scores(answer, people["options"][t]).masked_fill(~people["exists"][t], -torch.inf))
        if mode == "machine":
            _, state = net(telling(said[t], chosen[t]), state)
    return torch.stack(out)


def fit(config: MemoryConfig, people: People, mode: Mode) -> NTM:
    """Train one machine by Adam on the cross-entropy of every choice."""
    torch.manual_seed(config.seed)
    net, rng = NTM(INPUTS, EMBEDDING, config.network), np.random.default_rng((config.seed, 21))
    optimizer = torch.optim.Adam(net.parameters(), lr=config.lr)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, config.lr, total_steps=config.steps, pct_start=0.1)
    for _ in range(config.steps):
        batch = people.draw(config.batch, config.wishes, config.words, rng)
        loss = F.cross_entropy(predicted(net, batch, mode).flatten(0, 1), batch["choice"].flatten())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 10.0)
        optimizer.step()
        schedule.step()
    return net.eval()


@torch.no_grad()
def accuracy(net: NTM, people: dict[str, Tensor], mode: Mode) -> dict[str, Tensor]:
    """Share of choices that were foretold, of each person: of words said before, of new ones after three wishes, of all after three."""
    right = (predicted(net, people, mode).argmax(-1) == people["choice"]).float()
    later = torch.arange(len(right))[:, None] >= 3
    again = people["again"]

    def share(which: Tensor) -> Tensor:
        return (right * which).sum(0) / which.sum(0).clamp(min=1)

    return {"said before": share(again & later), "new": share(~again & later), "all": share(later.expand_as(again))}


def run(config: MemoryConfig, out: Path) -> dict[str, float]:
    """Train the three, measure them on `test_people` others, write the machine as part "memory" of the bundle OUT and report.json."""
    held = np.random.default_rng((config.seed, 22))
    people = People(TextTower())
    test = people.draw(config.test_people, config.wishes, config.words, held)
    found, seconds = {}, {}
    for mode in MODES:
        begun = time.perf_counter()
        net = fit(config, people, mode)
        seconds[mode] = round(time.perf_counter() - begun, 1)
        found[mode] = accuracy(net, test, mode)
        if mode == "machine":
            save_network(net, out, steps=config.steps)
    usual = (test["choice"] == 0).float()[3:].mean()
    picks = torch.from_numpy(held.integers(config.test_people, size=(1000, config.test_people)))
    table: dict[str, float] = {"usual reading, all": float(usual)}
    for mode in MODES:
        table |= {f"{mode}, {name}": float(values.mean()) for name, values in found[mode].items()}
    for other in ("last", "off"):
        gain = (found["machine"]["all"] - found[other]["all"])[picks].mean(1)
        table[f"gain over {other}"] = float((found["machine"]["all"] - found[other]["all"]).mean())
        table[f"gain over {other}, half-width"] = float((gain.quantile(0.975) - gain.quantile(0.025)) / 2)
    write_json(out / "report.json", {"format": 1, "people": "simulated", "seconds": seconds, "figures": table})
    return table
