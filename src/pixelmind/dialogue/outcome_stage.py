"""Interactive training: kept dialogues in, a candidate bundle with a new clarifying policy and memory out, and a report before and after.

    pixelmind train dialogue --feedback DB|FILE.jsonl --whose human --out RUN

RUN/bundle is the start's bundle with the parts "policy" and "memory" learned on; RUN/report.json says from what, and whether it is any
better on held-out dialogues and on simulated people. A candidate that is worse beyond the stated margins is refused. The memory is replaced
only where it foretells held-out answers better: what a person told it can be read by the weights that it was told to alone.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from pixelmind.dialogue import memory, policy
from pixelmind.dialogue.memory_stage import MemoryConfig, People, accuracy
from pixelmind.dialogue.ntm import NTM
from pixelmind.dialogue.outcomes import Dialogue
from pixelmind.dialogue.policy import Policy, load_policy
from pixelmind.dialogue.policy_stage import WORLDS, served
from pixelmind.dialogue.recall import batch_of, foretold, pairs, tune
from pixelmind.dialogue.simulated import person
from pixelmind.dialogue.stored import IDLE_HOURS, Whose, read, split
from pixelmind.dialogue.worth import evidence, relearned, replayed
from pixelmind.encoder.text_tower import TextTower
from pixelmind.errors import BadInput
from pixelmind.files import write_json
from pixelmind.training.weights import Bundle


@dataclass(frozen=True, kw_only=True)
class DialogueConfig:
    """How much is learned from kept dialogues, and what a candidate may lose.

    `prior`: observations that the policy before counts for, for each word; `silence`: what an accepted default that nobody spoke of counts.
    `steps`, `batch`, `lr` are the memory's; of its loss `share` * n / (n + `pairs`) is on the n kept answers. `margin`: how far match less
    the cost of questions, or the share of answers foretold, may fall on held-out dialogues, if that is beyond its 95 % interval too;
    `forget`: how far on simulated people.
    """

    idle_hours: float = IDLE_HOURS
    held_out: float = 0.3
    min_dialogues: int = 10
    prior: float = 10.0
    silence: float = 0.25
    steps: int = 300
    batch: int = 32
    lr: float = 1e-4
    share: float = 0.5
    pairs: float = 100.0
    margin: float = 0.01
    forget: float = 0.02
    test_people: int = 2000
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.held_out < 1 or not 0 <= self.share < 1:
            raise BadInput("dialogue.held_out must be above 0 and below 1, dialogue.share from 0 to below 1")
        if min(self.idle_hours, self.prior, self.silence, self.margin, self.forget, self.pairs) < 0 or self.prior == 0:
            raise BadInput(
                "dialogue.idle_hours, silence, pairs, margin and forget must be at least 0, dialogue.prior above 0"
            )
        if min(self.steps, self.batch, self.min_dialogues) < 1 or self.test_people < 10 or self.lr <= 0:
            raise BadInput(
                "dialogue.steps, batch and min_dialogues must be at least 1, test_people at least 10, lr above 0"
            )

    @property
    def memory(self) -> MemoryConfig:
        """The memory's own settings."""
        return MemoryConfig(
            steps=self.steps, batch=self.batch, lr=self.lr, seed=self.seed, test_people=self.test_people
        )


@dataclass(frozen=True, kw_only=True)
class DialogueResult:
    """The candidate bundle, its report (as in report.json), and why it is refused; no reason: accepted."""

    bundle: Path
    report: dict[str, Any]
    reasons: tuple[str, ...]


def run(
    config: DialogueConfig, feedback: Path | str, out: Path, *, weights: Path | None = None, whose: Whose = ""
) -> DialogueResult:
    """Learn from kept dialogues. The same call again writes the same candidate.

    Args:
        feedback: a database (URL or SQLite file) or a .jsonl file of `pixelmind data from-dialogues`.
        out: run folder.
        weights: the bundle to better; None: the released one.
        whose: whose dialogues, where both of real and of simulated people are there.

    Raises:
        BadInput: see `stored.read`; too few dialogues, all abandoned, none with an answered question; weights without dialogue parts.
    """
    start = Bundle(weights)
    if policy.PART not in start and memory.PART not in start:
        raise BadInput(
            f"the weights at {start.folder} have neither a policy nor a memory to better; name others with --init-from"
        )
    found = read(feedback, whose, idle_hours=config.idle_hours)
    _check(found, config)
    train, held_out = split(found, config.held_out)
    before = load_policy(start.folder)
    after = relearned(before, train, config.prior, config.silence)
    figures: dict[str, Any] = {"policy": compare_policies(before, after, held_out, config)}
    net = None
    if memory.PART not in start:
        figures["memory"] = {"kept": "the weights have no memory"}
    elif not (told := pairs(train)):
        figures["memory"] = {"kept": "nobody answered twice, so there is nothing to remember"}
    else:
        tower = TextTower()
        simulated = People(tower)
        old = memory.load_memory(start.folder, tower).net
        count = sum(map(len, told))
        net = tune(old, told, simulated, tower, config.memory, config.share * count / (count + config.pairs))
        figures["memory"] = compare_memories(old, net, held_out, simulated, tower, config)
    reasons = tuple(decide(figures, config))
    if net is not None and figures["memory"]["held_out"].get("difference", 0.0) <= 0:
        net, figures["memory"]["kept"] = (
            None,
            "no better on held-out answers, and a new one would not know what the old one was told",
        )
    about = {"feedback": str(feedback), **describe(found, train, held_out, config)}
    bundle = export(start, out / "bundle", after, net, about)
    report = {"format": 1, **about, "start": start.id, **figures, "accepted": not reasons, "reasons": list(reasons)}
    write_json(out / "report.json", report)
    return DialogueResult(bundle=bundle.folder, report=report, reasons=reasons)


def _check(found: Sequence[Dialogue], config: DialogueConfig) -> None:
    if all(d.outcome == "abandoned" for d in found):
        raise BadInput(
            f"all {len(found)} dialogues were abandoned, so nothing in them tells what was wanted; collect others"
        )
    if not any(point.asked and point.meant for d in found for point in d.points):
        raise BadInput(
            f"none of the {len(found)} dialogues holds an answered question, so there is nothing to learn about asking; "
            "collect dialogues of this version of the service"
        )
    if len(found) < config.min_dialogues:
        raise BadInput(
            f"{len(found)} dialogues are too few to learn from, {config.min_dialogues} are needed; collect more, "
            "or lower it with --set dialogue.min_dialogues=N"
        )


def describe(
    found: Sequence[Dialogue], train: Sequence[Dialogue], held_out: Sequence[Dialogue], config: DialogueConfig
) -> dict[str, Any]:
    """What was learned from, as JSON."""
    outcomes, kinds = Counter(d.outcome for d in found), Counter(d.simulated for d in found)
    points = [point for d in found for point in d.points]
    return {
        "dialogues": len(found),
        "people": len({d.user for d in found}),
        "human": kinds[False],
        "simulated": kinds[True],
        "outcomes": {name: outcomes[name] for name in ("accepted", "iterated", "abandoned")},
        "train": len(train),
        "held_out": len(held_out),
        "questions": sum(p.asked for p in points),
        "answered": sum(p.asked and bool(p.meant) for p in points),
        "corrected": sum(not p.asked and bool(p.meant) for p in points),
        "observations": sum(len(evidence(d, config.silence)) for d in found),
        "config": asdict(config),
    }


# ---- before and after ------------------------------------------------------------------------------------------------
def shift(before: np.ndarray, after: np.ndarray, seed: int) -> dict[str, Any]:
    """Means of paired figures, their difference and the half-width of its 95 % interval (paired bootstrap)."""
    if not len(before):
        return {"n": 0}
    picks = np.random.default_rng((seed, 24)).integers(len(before), size=(1000, len(before)))
    low, high = np.quantile((after - before)[picks].mean(1), [0.025, 0.975])
    return {
        "before": float(before.mean()),
        "after": float(after.mean()),
        "difference": float((after - before).mean()),
        "half_width": float(high - low) / 2,
        "n": len(before),
    }


def compare_policies(
    before: Policy, after: Policy, held_out: Sequence[Dialogue], config: DialogueConfig
) -> dict[str, Any]:
    """Match, questions, and match less what the questions cost ("net"): on held-out dialogues, of the match that their answers won back
    (`worth.replayed`), and on simulated people of populations that neither was learned on."""
    people = [person(i, config.seed + 2, world=WORLDS + i % WORLDS) for i in range(config.test_people)]
    out: dict[str, Any] = {"words": sum(before.gains.get(k) != v for k, v in after.gains.items())}
    for name, rows in (
        ("held_out", [replayed(p, held_out, config.silence) for p in (before, after)]),
        (
            "simulated",
            [served(people, lambda w, n, _, p=p: p.choose(w, n), config.seed + 3) for p in (before, after)],  # type: ignore[misc]
        ),
    ):
        old, new = rows
        out[name] = {
            "match": shift(old[:, 0], new[:, 0], config.seed),
            "questions": shift(old[:, 1], new[:, 1], config.seed),
            "net": shift(old @ (1.0, -before.cost), new @ (1.0, -before.cost), config.seed),
        }
    return out


def compare_memories(
    before: NTM,
    after: NTM,
    held_out: Sequence[Dialogue],
    people: People,
    tower: TextTower,
    config: DialogueConfig,
) -> dict[str, Any]:
    """Share of choices foretold on held-out people's answers (all but the first of a person) and on simulated people (`memory_stage`)."""
    settings = config.memory
    own = batch_of(pairs(held_out), tower, settings.wishes)
    drawn = people.draw(settings.test_people, settings.wishes, settings.words, np.random.default_rng((config.seed, 22)))

    def plain(values: Tensor) -> np.ndarray:
        return np.asarray(values.numpy(), dtype=float)

    kept = [plain(foretold(net, own)) if own["choice"].numel() else np.zeros(0) for net in (before, after)]
    simulated = [plain(accuracy(net, drawn, "machine")["all"]) for net in (before, after)]
    return {
        "held_out": shift(kept[0], kept[1], config.seed),
        "simulated": shift(simulated[0], simulated[1], config.seed),
    }


def decide(figures: dict[str, Any], config: DialogueConfig) -> list[str]:
    """Why a candidate is refused: see `DialogueConfig`."""
    asked, recalled = figures["policy"], figures["memory"]
    checks = [
        ("match less the cost of questions on held-out dialogues", asked["held_out"]["net"], config.margin, True),
        ("match less the cost of questions on simulated people", asked["simulated"]["net"], config.forget, False),
        ("answers foretold on held-out dialogues", recalled.get("held_out", {"n": 0}), config.margin, True),
        ("answers foretold on simulated people", recalled.get("simulated", {"n": 0}), config.forget, False),
    ]
    return [
        f"{what} falls from {found['before']:.3f} to {found['after']:.3f}, more than {margin:g}"
        for what, found, margin, noisy in checks
        if found["n"] and found["difference"] < -margin and (not noisy or found["difference"] + found["half_width"] < 0)
    ]


def copied(start: Bundle, folder: Path) -> Bundle:
    """A copy of the start's bundle, to put learned parts into.

    Raises:
        BadInput: the folder is that of the start.
    """
    if folder.resolve() == start.folder.resolve():
        raise BadInput(f"{folder} is the bundle that is learned from; name another run folder with --out")
    shutil.copytree(
        start.folder, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "*.py", ".*")
    )
    return Bundle(folder)


def export(start: Bundle, folder: Path, learned: Policy, net: NTM | None, about: dict[str, Any]) -> Bundle:
    """The start's bundle with the learned parts in it; see `copied`."""
    bundle = copied(start, folder)
    told = {"dialogues": about["dialogues"]}
    learned.save(folder, **{**_kept(start, policy.PART), **told})
    if net is not None:
        memory.save_network(
            net, folder, **{k: v for k, v in _kept(start, memory.PART).items() if k != "network"}, **told
        )
    bundle.describe(dialogues={**about, "start": start.id})
    return bundle


def _kept(start: Bundle, part: str) -> dict[str, Any]:
    """What a part's entry tells of its first training."""
    entry = start.manifest["parts"].get(part, {})
    return {k: v for k, v in entry.items() if k in ("people", "steps")}
