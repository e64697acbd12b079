"""Learning from stored choices: pairs in, a candidate bundle out.

    pixelmind train dpo --feedback DB|FILE.jsonl --preset small --out RUN

RUN/level16 is a run directory of the one loop (RUN/level16-2 and so on those of other seeds, where several are asked for). RUN/bundle is
the start's bundle with the tuned levels in it, the mean of their runs' weights (Wortsman et al. 2022, model soups; Ramé et al. 2024, WARP:
runs share what is taste and differ in what is noise, so for the same gain their mean lies nearer to the start). RUN/pairs.json says what
was learnt from. Whether the candidate is any better is measured by `pixelmind.lifecycle.preference_gate`.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from pixelmind.encoder.text_cache import TextCache
from pixelmind.errors import BadInput
from pixelmind.files import write_json
from pixelmind.generator.bundle import Bundle
from pixelmind.generator.conditioning import ConditionPrior
from pixelmind.generator.denoiser import Denoiser
from pixelmind.preference.dpo_config import DpoConfig
from pixelmind.preference.dpo_data import Pairs, Whose, read
from pixelmind.preference.dpo_task import DpoTask
from pixelmind.training.checkpoint import newest
from pixelmind.training.config import plain
from pixelmind.training.loop import TrainResult, train
from pixelmind.training.lora import merged_state


@dataclass(frozen=True, kw_only=True)
class DpoResult:
    """The candidate bundle, where each level's run stands (of several the last), the pairs learnt from and those held out."""

    bundle: Path
    levels: dict[int, TrainResult]
    train: Pairs
    held_out: Pairs

    @property
    def interrupted(self) -> bool:
        return any(r.interrupted for r in self.levels.values())


def run(
    config: DpoConfig,
    feedback: Path | str,
    out_dir: Path,
    *,
    weights: Path | None = None,
    whose: Whose = "",
    levels: Sequence[int] = (16,),
    stop: Callable[[], bool] | None = None,
) -> DpoResult:
    """Tune levels of a bundle to choices; the same call resumes.

    Args:
        feedback: database (URL or SQLite file) or .jsonl file of `pixelmind preference export`.
        weights: the bundle that is policy and reference at the start; None: the released one.
        whose: which choices, where both of real and of simulated people are there.
        levels: which levels to tune.
        stop: asked after each step; true ends the level as Ctrl-C would.

    Raises:
        BadInput: see `dpo_data.read`; too few pairs; a level that the bundle has not.
    """
    start = Bundle(weights)
    for level in levels:
        if f"level{level}" not in start:
            raise BadInput(f"{start.folder} has no level{level} to tune; it has {', '.join(start.manifest['parts'])}")
        if "timesteps" in start.manifest["parts"][f"level{level}"]:
            raise BadInput(f"level{level} of {start.folder} was tuned to few steps; start from weights that were not")
    pairs = read(feedback, whose, reliability=config.reliability)
    if len(pairs) < config.min_pairs:
        raise BadInput(
            f"{len(pairs)} pairs are too few to learn from, {config.min_pairs} are needed; collect more, "
            "or lower it with --set dpo.min_pairs=N"
        )
    trained, held_out = pairs.split(config.held_out)
    config = replace(config, loop=replace(config.loop, batch_size=min(config.loop.batch_size, len(trained))))
    out_dir.mkdir(parents=True, exist_ok=True)
    cache = TextCache(out_dir / "text")
    cache.ensure([p.prompt for p in pairs.pairs])
    write_json(out_dir / "pairs.json", {"feedback": str(feedback), **describe(pairs, trained, held_out)})
    first, _ = start.get_level(16)
    prior = first["prior"]
    assert isinstance(prior, ConditionPrior)
    results: dict[int, TrainResult] = {}
    for level, number in ((level, number) for level in levels for number in range(config.runs)):
        modules, vocabulary = start.get_level(level)
        denoiser = modules["denoiser"]
        assert isinstance(denoiser, Denoiser)
        own = replace(config, loop=replace(config.loop, seed=config.loop.seed + number))
        task = DpoTask(own, level, denoiser, prior, vocabulary, trained, held_out, cache)
        settings = {
            k: v
            for k, v in plain(config).items()
            if k not in ("loop", "runs") and not k.startswith(("gate_", "max_ifs", "max_fid", "min_"))
        }
        settings |= {"level": level, "start": start.id, "pairs": trained.sha256}
        folder = out_dir / run_name(level, number)
        results[level] = train(task, own.loop, folder, resolved_config={"dpo": settings}, stop=stop)
        if results[level].interrupted:
            break
    bundle = export(config, start, out_dir, levels, describe(pairs, trained, held_out))
    return DpoResult(bundle=bundle.folder, levels=results, train=trained, held_out=held_out)


def run_name(level: int, number: int) -> str:
    """Folder of a level's run, of several the one with this number from 0."""
    return f"level{level}" if not number else f"level{level}-{number + 1}"


def export(config: DpoConfig, start: Bundle, out_dir: Path, levels: Sequence[int], about: dict[str, Any]) -> Bundle:
    """Write the bundle of a run: the start's, with the mean of the newest checkpoints of each tuned level's runs."""
    folder = out_dir / "bundle"
    if not (folder / "manifest.json").is_file():
        shutil.copytree(
            start.folder, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "*.py", ".*")
        )
    bundle = Bundle(folder)
    for level in levels:
        runs = [newest(out_dir / run_name(level, number)) for number in range(config.runs)]
        found = [checkpoint for checkpoint in runs if checkpoint is not None]
        if not found:
            continue
        modules, vocabulary = start.get_level(level)
        denoiser = modules["denoiser"]
        assert isinstance(denoiser, Denoiser)
        entry = start.manifest["parts"][f"level{level}"]
        known = {k: entry[k] for k in ("samples", "seconds", "seed") if k in entry}
        states = [one.modules(0 if config.loop.ema_halflife_samples else None)["denoiser"] for one in found]
        if config.tune == "lora":
            states = [merged_state(denoiser, config.lora, state) for state in states]
        learnt = mean_of(states)
        own: dict[str, Any] = {"denoiser": learnt} | {k: v for k, v in modules.items() if k == "prior"}
        bundle.put_level(
            level, own, denoiser.config, vocabulary, **known, dpo_pairs=sum(one.state["samples"] for one in found)
        )
    bundle.describe(preferences={**about, "start": start.id, "beta": config.beta, "weighting": config.weighting})
    return bundle


def mean_of(states: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """The mean of state dicts of one network, each number in its own format."""
    return {
        key: value if len(states) == 1 else torch.stack([s[key].double() for s in states]).mean(0).to(value.dtype)
        for key, value in states[0].items()
    }


def describe(pairs: Pairs, trained: Pairs, held_out: Pairs) -> dict[str, Any]:
    """What was learnt from, as JSON: counts, whose choices, and the trust in each annotator."""
    kinds = Counter("simulated" if p.simulated else "human" for p in pairs.pairs)
    return {
        "pairs": len(pairs),
        "train": len(trained),
        "held_out": len(held_out),
        "ties": pairs.ties,
        "passed_over": pairs.passed,
        "human": kinds["human"],
        "simulated": kinds["simulated"],
        "annotators": [{**asdict(t), "weight": t.weight, "poisoned": t.poisoned} for t in pairs.crowd.trust],
    }
