"""How the intent parser is trained: three stages, each from the weights of the one before.

art: requests of all kinds of art. pixel: the words and the syntax of pixel art. dialogue: turns of whole dialogues, which point back,
correct, take back and answer. Later stages keep a share of the earlier ones. Every example is drawn from (seed, index): none is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from pixelmind.dialogue import free, grammar, stories, turns
from pixelmind.dialogue.intent_network import (
    CHOICES,
    FLAGS,
    HISTORY,
    REFERS,
    IntentNetwork,
    IntentNetworkConfig,
    intent_losses,
)
from pixelmind.dialogue.parser import PART, IntentParser, load_parser
from pixelmind.dialogue.reading import Reader, Reading, laid_out, tags_of, text_layers, through_tower
from pixelmind.dialogue.schema import REGION_NAMES, Example
from pixelmind.encoder.text_tower import TextTower
from pixelmind.errors import BadInput
from pixelmind.files import write_json
from pixelmind.training.bundle import load_into
from pixelmind.training.config import LoopConfig, plain
from pixelmind.training.loop import TrainResult, train
from pixelmind.training.task import Modules, Task

STAGES = ("art", "pixel", "dialogue")
TOGETHER = 32  # turns of like length that go through the network at once
Source = Callable[[int], Example]


@dataclass(frozen=True, kw_only=True)
class IntentConfig:
    """The `[intent]` table of a preset."""

    network: IntentNetworkConfig = field(default_factory=IntentNetworkConfig)
    init_from: str = ""
    """Bundle whose parser the training begins with ("released": the one that comes with the program); "" for a new one."""
    loop: LoopConfig = field(default_factory=lambda: LoopConfig(minutes=10, batch_size=128))
    minutes: tuple[float, float, float] = (0.3, 0.3, 0.4)
    """Shares of the loop's minutes or steps for art, pixel and dialogue."""
    kept: float = 0.35
    """Share of the examples of a later stage that come from earlier ones."""
    free: float = 0.5
    """Share of the examples of the later stages that are freely worded (`free`, `stories`)."""
    val_examples: int = 512
    calibration_examples: int = 3000
    """Held-out examples that the temperatures are fitted on."""

    def __post_init__(self) -> None:
        if min(self.minutes) <= 0:
            raise BadInput(f"intent.minutes must all be above 0, got {list(self.minutes)}")
        if not (0 <= self.kept < 1 and 0 <= self.free < 1):
            raise BadInput(f"intent.kept and free must lie in [0, 1), got {self.kept} and {self.free}")


def points_to(example: Example) -> tuple[str, int]:
    """What a turn points to, one of REFERS, and for "turn" how many turns back (0: the one before); (-1 where not of the history)."""
    for target in example.resolved.values():
        kind, _, number = target.partition(" ")
        if kind == "turn" and number.isdigit():
            back = len(example.history) - int(number)
            return "turn", back if 0 <= back < HISTORY else -1
        if kind in ("candidate", "last"):
            return kind, -1
        if target in REGION_NAMES:
            return "region", -1
    return "nothing", -1


def targets(examples: Sequence[Example], reader: Reader, encodings: Sequence[Any], length: int) -> dict[str, Tensor]:
    """What `intent_losses` compares with: names as indices, tags long [B, length] at the first piece of each word, else -100."""
    pointed = [points_to(e) for e in examples]
    tags = np.full((len(examples), length), -100, np.int64)
    for row, (example, encoding) in enumerate(zip(examples, encodings)):
        words = reader.words(encoding)
        for word, tag in zip(words, tags_of(example.text, example.slots, words)):
            tags[row, word.piece] = tag
    out = {
        "act": [CHOICES["act"].index(e.act) for e in examples],
        "operation": [CHOICES["operation"].index(e.operation) for e in examples],
        "region": [CHOICES["region"].index(e.region) for e in examples],
        "refers": [REFERS.index(kind) for kind, _ in pointed],
        "pointer": [back if back >= 0 else -100 for _, back in pointed],
    }
    found = {name: torch.tensor(values) for name, values in out.items()}
    found["tags"] = torch.from_numpy(tags)
    for name, all_ in FLAGS.items():
        found[name] = torch.tensor([[float(x in getattr(e, name)) for x in all_] for e in examples])
    return found


class IntentTask(Task):
    """Binds the network to examples drawn from `sources` with `weights`."""

    def __init__(
        self, config: IntentConfig, sources: Sequence[Source], weights: Sequence[float], held_out: Sequence[Source]
    ) -> None:
        self.config, self.seed = config, config.loop.seed
        self.batch_samples = config.loop.batch_size
        self.sources, self.shares = list(sources), np.array(weights) / sum(weights)
        self.reader, self.tower = Reader(), TextTower(precision="auto")
        torch.manual_seed(self.seed)
        self.network = IntentNetwork(config.network)
        if config.init_from:
            started = load_parser(None if config.init_from == "released" else config.init_from, self.tower).network
            load_into({PART: self.network}, {PART: started.state_dict()}, f"the parser of {config.init_from}")
        each = config.val_examples // max(1, len(held_out))
        self.val = [source(i) for source in held_out for i in range(each)]

    def modules(self) -> dict[str, nn.Module]:
        """The one network; the tower stays frozen."""
        return {"intent": self.network}

    def to(self, device: torch.device) -> None:
        """Move the frozen tower."""
        self.tower.to(device)

    def batch(self, step: int) -> dict[str, Any]:
        """A reading and its targets. `turns.MOST` turns in a row come from one source, so that turns of one dialogue stand in one batch
        and their texts go through the tower once."""
        size = self.batch_samples
        rng = np.random.default_rng((self.seed, 5, step))
        which = rng.choice(len(self.sources), -(-size // turns.MOST), p=self.shares)
        return self.tensors([self.sources[which[i // turns.MOST]](step * size + i) for i in range(size)])

    def tensors(self, examples: Sequence[Example]) -> dict[str, Any]:
        """Examples as tensors."""
        reading, encodings = self.reader.read(
            [e.text for e in examples], [e.history for e in examples], [e.asked for e in examples]
        )
        length = max(len(e.ids) for e in encodings)
        return {"reading": reading, "target": targets(examples, self.reader, encodings, length)}

    def loss(self, batch: dict[str, Any], rng: torch.Generator) -> dict[str, Tensor]:
        """Sum of the heads' losses, turns of like length together; logged beside it: how many acts are right."""
        reading: Reading = batch["reading"]
        layers, pooled = text_layers(self.tower, reading)
        sums: dict[str, Tensor] = {}
        for rows in reading.mask.sum(1).argsort().split(TOGETHER):
            read = laid_out(layers, pooled, reading, rows)
            target = {name: value[rows] for name, value in batch["target"].items()}
            target["tags"] = target["tags"][:, : int(((read.turn == 0) & read.mask).sum(1).max())]
            target["pointer"] = torch.where(target["pointer"] < read.history.shape[1], target["pointer"], -100)
            logits = self.network(read)
            losses = intent_losses(logits, target)
            right = (logits["act"].argmax(-1) == target["act"]).float().mean()
            told = {
                "loss": torch.stack(list(losses.values())).sum(),
                "act_right": right,
                "tags": losses["tags"].detach(),
            }
            for name, value in told.items():
                share = value * (len(rows) / self.batch_samples)
                sums[name] = sums[name] + share if name in sums else share
        return sums

    def validate(self, ema_modules: Modules) -> dict[str, float]:
        """Shares of held-out drawn examples that each head gets right."""
        network = ema_modules["intent"]
        batch = self.tensors(self.val)
        logits = network(through_tower(self.tower, batch["reading"]))
        target = batch["target"]
        found = {name: float((logits[name].argmax(-1) == target[name]).float().mean()) for name in CHOICES}
        for name in FLAGS:
            found[name] = float(((logits[name] > 0) == (target[name] > 0.5)).all(-1).float().mean())
        known = target["tags"] != -100
        found["tags"] = float((logits["tags"].argmax(-1) == target["tags"])[known].float().mean())
        return found


def stage_weights(stage: str, kept: float, free: float = 0.0) -> dict[str, float]:
    """Share of examples of each curriculum in a stage: `kept` of a later stage comes from the earlier ones, in equal parts; of a later
    stage `free` is freely worded, in the last one half of it as stories."""
    place = STAGES.index(stage)
    earlier = {name: kept / place for name in STAGES[:place]}
    regular = {**earlier, stage: 1 - sum(earlier.values())}
    if not place or not free:
        return regular
    told = {"free": free / place, "stories": free - free / place}
    return {name: share * (1 - free) for name, share in regular.items()} | {k: v for k, v in told.items() if v}


def curriculum(name: str, seed: int, held_out: bool = False) -> Source:
    """What draws the examples of a stage."""
    if name in ("free", "stories"):
        return (free if name == "free" else stories).source(seed, held_out)
    return turns.source(seed, held_out) if name == "dialogue" else grammar.source(name, seed, held_out)


def fit_temperatures(network: IntentNetwork, task: IntentTask, examples: Sequence[Example]) -> dict[str, float]:
    """For each head the temperature at which its loss on held-out examples is least (Guo et al. 2017, sec. 4.2), of 33 from 1/4 to 4."""
    grid = torch.logspace(-2, 2, 33, base=2.0)
    batch = task.tensors(examples)
    with torch.no_grad():
        logits = network(through_tower(task.tower, batch["reading"]))
    found = {}
    for name in (*CHOICES, *FLAGS, "tags"):
        losses = [intent_losses({**logits, name: logits[name] / t}, batch["target"])[name] for t in grid]
        found[name] = round(float(grid[int(torch.stack(losses).argmin())]), 4)
    return found


def run(config: IntentConfig, out: Path) -> tuple[TrainResult, dict[str, float]]:
    """Train the three stages, each in its own run directory OUT/STAGE, or go on where they stand; then fit the temperatures.

    Writes a bundle with part "intent" (the EMA weights) into OUT and report.json with the shares of held-out drawn turns that each head
    gets right, after each stage. Figures on words that people wrote come from `pixelmind eval dialogue`.
    """
    shares = [part / sum(config.minutes) for part in config.minutes]
    start, reports = config.loop.init_from, dict[str, Any]()
    for stage, share in zip(STAGES, shares):
        steps = round(config.loop.steps * share)
        loop = replace(config.loop, minutes=config.loop.minutes * share, steps=steps, init_from=start)
        weights = stage_weights(stage, config.kept, config.free)
        sources = [curriculum(name, config.loop.seed) for name in weights]
        held_out = [curriculum(name, config.loop.seed, True) for name in weights]
        task = IntentTask(config, sources, list(weights.values()), held_out)
        settings = {key: value for key, value in plain(config).items() if key != "loop"}
        result = train(task, loop, out / stage, resolved_config={"intent": {**settings, "stage": stage}})
        trained = (result.ema[0] if result.ema else result.modules)["intent"]
        assert isinstance(trained, IntentNetwork)
        network = trained.cpu().eval()
        reports[stage] = {
            "samples": result.samples,
            "seconds": round(result.seconds, 1),
            **task.validate({"intent": network}),
        }
        start = str(out / stage)
        if not result.finished:
            break
    each = config.calibration_examples // len(held_out)
    temperatures = fit_temperatures(network, task, [s(10_000_000 + i) for s in held_out for i in range(each)])
    samples = sum(report["samples"] for report in reports.values())
    IntentParser(network, temperatures, task.tower).save(out, samples=samples, stage=stage)
    write_json(out / "report.json", {"format": 1, "stages": reports, "temperatures": temperatures})
    return result, {f"{stage}_{name}": value for stage, report in reports.items() for name, value in report.items()}
