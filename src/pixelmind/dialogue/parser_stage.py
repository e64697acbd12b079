"""The intent parser learns from use: labelled turns of kept dialogues in, a candidate bundle with a tuned parser out, and a report.

    pixelmind train parser --feedback DB|FILE.jsonl --whose human --out RUN

RUN/tuning is a run directory of the one loop: the start's parser is tuned for a few steps on batches that mix people's turns (`labels`)
with the grammar's curricula of the last stage of its first training. The candidate lies between both (weight interpolation, Wortsman et al.
2022, arXiv 2109.01903), which keeps most of what is learned and forgets next to nothing. RUN/bundle is the start's bundle with that part
"intent", RUN/report.json says from what, and whether held-out people are read any better. Nothing that a person said is written down there.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from pixelmind.dialogue.intent_network import IntentNetwork
from pixelmind.dialogue.intent_task import IntentConfig, IntentTask, Source, curriculum, fit_temperatures, stage_weights
from pixelmind.dialogue.labels import Label
from pixelmind.dialogue.outcome_stage import DialogueResult, copied, shift
from pixelmind.dialogue.outcomes import Dialogue
from pixelmind.dialogue.parser import PART, IntentParser, load_parser
from pixelmind.dialogue.schema import Example
from pixelmind.dialogue.stored import IDLE_HOURS, Whose, read, split
from pixelmind.errors import BadInput
from pixelmind.files import write_json
from pixelmind.training.config import LoopConfig, plain
from pixelmind.training.loop import train
from pixelmind.training.weights import Bundle

#: What is right of a turn: act; region and operation; all slots; all open points.
FIGURES = ("act", "region and operation", "slots", "open points")
#: Where in the held-out streams of the grammar the temperatures and the figures take their examples.
CALIBRATED_AT, MEASURED_AT = 20_000_000, 30_000_000
TOGETHER = 64


def _loop() -> LoopConfig:
    return LoopConfig(
        steps=150, batch_size=64, lr=2e-4, warmup_steps=15, weight_decay=0.0, decay_fraction=0.5, threads=1,
        ema_halflife_samples=(),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ParserConfig:
    """How much the parser learns from kept dialogues, and what a candidate may lose.

    `share` * n / (n + `turns`) of the examples are people's n turns, half of these corrected ones; the rest is the grammar's. `towards`:
    how far the candidate lies from the start's weights to the tuned ones. `min_corrected`: corrected turns needed, `min_held_out` of them
    held-out people's. `margin`: how far what is read right may fall, of the grammar's turns, or of confirmed ones beyond the 95 % interval
    too. `test_examples` and `calibration_examples`: of the grammar, held out.
    """

    loop: LoopConfig = field(default_factory=_loop)
    idle_hours: float = IDLE_HOURS
    held_out: float = 0.3
    min_corrected: int = 10
    min_held_out: int = 5
    share: float = 0.5
    turns: float = 100.0
    towards: float = 0.6
    margin: float = 0.01
    test_examples: int = 2000
    calibration_examples: int = 1000

    def __post_init__(self) -> None:
        if not 0 < self.held_out < 1 or not 0 < self.share < 1 or not 0 < self.towards <= 1:
            raise BadInput(
                "parser.held_out and parser.share must be above 0 and below 1, parser.towards above 0 and at most 1"
            )
        if min(self.idle_hours, self.turns, self.margin) < 0:
            raise BadInput("parser.idle_hours, turns and margin must be at least 0")
        if min(self.min_corrected, self.min_held_out) < 1 or min(self.test_examples, self.calibration_examples) < 10:
            raise BadInput(
                "parser.min_corrected and min_held_out must be at least 1, test_examples and calibration_examples at least 10"
            )


def run(
    config: ParserConfig, feedback: Path | str, out: Path, *, weights: Path | None = None, whose: Whose = ""
) -> DialogueResult:
    """Tune the parser to kept dialogues; the same call resumes.

    Args:
        feedback: a database (URL or SQLite file) or a .jsonl file of `pixelmind data from-dialogues`.
        out: run folder.
        weights: the bundle to better; None: the released one.
        whose: whose dialogues, where both of real and of simulated people are there.

    Raises:
        BadInput: see `stored.read`; too few corrected turns; weights without a parser; a run on other turns is in `out`.
        KeyboardInterrupt: stopped; the same call goes on.
    """
    start = Bundle(weights)
    if PART not in start:
        raise BadInput(f"the weights at {start.folder} have no parser to better; name others with --init-from")
    dialogues = read(feedback, whose, idle_hours=config.idle_hours)
    labelled = [d for d in dialogues if d.labels]
    trained, held_out = split(labelled, config.held_out) if labelled else ([], [])
    _check(len(dialogues), trained, held_out, config)
    learned, kept = _labels(trained), _labels(held_out)

    mix = stage_weights("dialogue", IntentConfig.kept, IntentConfig.free)
    sources = [curriculum(name, config.loop.seed) for name in mix]
    unseen = [curriculum(name, config.loop.seed, True) for name in mix]
    share = config.share * len(learned) / (len(learned) + config.turns)
    groups = [[label for label in learned if label.corrected is which] for which in (True, False)]
    groups = [group for group in groups if group]
    before = load_parser(start.folder)
    settings = IntentConfig(
        network=before.network.config, init_from=str(start.folder), loop=config.loop, val_examples=100
    )
    task = IntentTask(
        settings,
        [*sources, *(_drawn(group, config.loop.seed) for group in groups)],
        [*((1 - share) * weight for weight in mix.values()), *(share / len(groups) for _ in groups)],
        unseen,
    )
    about = {"start": start.manifest["parts"][PART]["sha256"], "turns": _digest(learned)}
    told = {"parser": {"people": share, **about}}
    result = train(task, config.loop, out / "tuning", resolved_config=told)
    if result.interrupted:
        raise KeyboardInterrupt
    network = (result.ema[0] if result.ema else result.modules)["intent"]
    assert isinstance(network, IntentNetwork)
    network = network.cpu().eval().requires_grad_(False)
    states = before.network.state_dict(), network.state_dict()
    network.load_state_dict({name: value.lerp(states[1][name], config.towards) for name, value in states[0].items()})
    task.to(torch.device("cpu"))
    temperatures = fit_temperatures(network, task, _some(unseen, CALIBRATED_AT, config.calibration_examples))

    before.tower = task.tower
    after = IntentParser(network, temperatures, task.tower)
    figures = compare(before, after, kept, _some(unseen, MEASURED_AT, config.test_examples), config.loop.seed)
    reasons = tuple(decide(figures, config.margin))
    report = {
        "format": 1,
        "feedback": str(feedback),
        **describe(labelled, len(dialogues)),
        "train": _counts(learned),
        "held_out": _counts(kept),
        "share": share,
        "samples": result.samples,
        "seconds": round(result.seconds, 1),
        "start": about["start"],
        "temperatures": temperatures,
        "config": plain(config),
        "figures": figures,
        "accepted": not reasons,
        "reasons": list(reasons),
    }
    bundle = copied(start, out / "bundle")
    entry = start.manifest["parts"][PART]
    own = {k: v for k, v in entry.items() if k in ("samples", "stage")}
    after.save(bundle.folder, **own, tuned={"turns": len(learned), "samples": result.samples})
    bundle.describe(parser={k: report[k] for k in ("people", "human", "simulated", "train", "start")})
    write_json(out / "report.json", report)
    return DialogueResult(bundle=bundle.folder, report=report, reasons=reasons)


def _check(found: int, train: Sequence[Dialogue], held_out: Sequence[Dialogue], config: ParserConfig) -> None:
    learned, kept = _labels(train), _labels(held_out)
    if not learned and not kept:
        raise BadInput(
            f"none of the {found} dialogues was accepted and holds a turn with its reading; collect dialogues of this version of the "
            "service"
        )
    learned, kept = ([label for label in labels if label.corrected] for labels in (learned, kept))
    if len(learned) + len(kept) < config.min_corrected:
        raise BadInput(
            f"{len(learned) + len(kept)} corrected turns are too few to learn from, {config.min_corrected} are needed; collect more, "
            "or lower it with --set parser.min_corrected=N"
        )
    if not learned or len(kept) < config.min_held_out:
        raise BadInput(
            f"of {len(learned) + len(kept)} corrected turns {len(kept)} are held out, where {config.min_held_out} are needed to measure, "
            "and some to learn from; collect more, or change parser.min_held_out or held_out with --set"
        )


def _labels(dialogues: Sequence[Dialogue]) -> list[Label]:
    return [label for dialogue in dialogues for label in dialogue.labels]


def _counts(labels: Sequence[Label]) -> dict[str, int]:
    corrected = sum(label.corrected for label in labels)
    return {"confirmed": len(labels) - corrected, "corrected": corrected}


def _digest(labels: Sequence[Label]) -> str:
    return hashlib.sha256(json.dumps([label.to_dict() for label in labels], sort_keys=True).encode()).hexdigest()


def _drawn(examples: Sequence[Example], seed: int) -> Source:
    """Examples by index, drawn evenly."""
    return lambda index: examples[int(np.random.default_rng((seed, 31, index)).integers(len(examples)))]


def _some(sources: Sequence[Source], start: int, count: int) -> list[Example]:
    """So many examples of the sources in equal parts, those of one dialogue in their order."""
    return [source(start + i) for source in sources for i in range(count // len(sources))]


def describe(labelled: Sequence[Dialogue], dialogues: int) -> dict[str, Any]:
    """What was learned from, as JSON: dialogues with labels, of how many, and whose they are."""
    kinds = Counter(d.simulated for d in labelled)
    return {
        "dialogues": dialogues,
        "labelled": len(labelled),
        "people": len({d.user for d in labelled}),
        "human": kinds[False],
        "simulated": kinds[True],
    }


# ---- before and after ------------------------------------------------------------------------------------------------
def right(parser: IntentParser, examples: Sequence[Example]) -> NDArray[np.float64]:
    """Whether each turn is read right, float64 [N, FIGURES] of 0 and 1."""
    out = []
    for at in range(0, len(examples), TOGETHER):
        some = examples[at : at + TOGETHER]
        read = parser.parse_batch([e.text for e in some], [e.history for e in some], [e.asked for e in some])
        for intent, e in zip(read, some):
            slots = {slot: tuple(pieces) for slot, pieces in e.slots.items() if pieces}
            change = (intent.operation, intent.region) == (e.operation, e.region)
            out.append(
                (intent.act == e.act, change, dict(intent.slots) == slots, set(intent.ambiguous) == set(e.ambiguous))
            )
    return np.array(out, np.float64).reshape(-1, len(FIGURES))


def compare(
    before: IntentParser, after: IntentParser, kept: Sequence[Label], grammar: Sequence[Example], seed: int
) -> dict[str, Any]:
    """Shares read right before and after: act, region and operation of held-out people's turns, all FIGURES of the grammar's."""
    out = {}
    for name, examples, count in (
        ("corrected", [label for label in kept if label.corrected], 2),
        ("confirmed", [label for label in kept if not label.corrected], 2),
        ("grammar", list(grammar), len(FIGURES)),
    ):
        old, new = right(before, examples), right(after, examples)
        out[name] = {what: shift(old[:, i], new[:, i], seed) for i, what in enumerate(FIGURES[:count])}
    return out


def decide(figures: dict[str, Any], margin: float) -> list[str]:
    """Why a candidate is refused: corrected turns of held-out people must clearly be read better, beyond the 95 % interval; see
    `ParserConfig` for the rest."""
    won, reasons = figures["corrected"]["region and operation"], []
    if won["difference"] <= won["half_width"]:
        reasons.append(
            f"region and operation of corrected turns of held-out people: from {won['before']:.3f} to {won['after']:.3f} "
            f"(± {won['half_width']:.3f}) is not clearly better"
        )
    for where in ("confirmed", "grammar"):
        for what, found in figures[where].items():
            if not found["n"] or found["difference"] >= -margin:
                continue
            if where == "grammar" or found["difference"] + found["half_width"] < 0:
                reasons.append(
                    f"{what} of {where} turns falls from {found['before']:.3f} to {found['after']:.3f}, more than {margin:g}"
                )
    return reasons
