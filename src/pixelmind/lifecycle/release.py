"""Grow the released weights: train on from where they stand, measure against them, replace them only if better.

The run folder holds `store/` (unless another is given), `text` features, `generator-NAME/` (one resumable run a level), `encoder/`,
`judge/`, `segmenter/`, `motion/`, and after each call `reports/released` and `reports/candidate`. On a new machine the levels start from
the weights. On a CPU with several cores the levels train side by side, one core each: two such runs see about 1.4 times the samples of one
run on two cores (docs/log.md).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch

from pixelmind.data.store import Store
from pixelmind.errors import BadInput
from pixelmind.evaluation.compare import compare_files
from pixelmind.evaluation.config import EvaluationConfig
from pixelmind.evaluation.stage import run as evaluate
from pixelmind.generator.bundle import MAX_BUNDLE_BYTES, Bundle, released
from pixelmind.generator.config import LEVELS, GeneratorConfig
from pixelmind.generator.stage import export, trainable
from pixelmind.generator.stage import run as train_generator
from pixelmind.training.task import TrainingError

COMPANIONS = (
    "encoder",
    "judge",
    "segmenter",
    "motion",
    "intent",
    "policy",
    "memory",
    "critic",
    "refiner",
)  # parts that are carried along, not trained here

FULL_RATE_MINUTES = 240.0
"""Of a level: from so long on a run that goes on from trained weights takes the preset's rate."""


@dataclass(frozen=True, kw_only=True)
class ReleaseConfig:
    """What a release call trains and measures."""

    generator: GeneratorConfig = field(default_factory=GeneratorConfig)
    evaluation: EvaluationConfig = field(default_factory=EvaluationConfig)
    preset: str = "small"
    minutes: dict[int, float] = field(default_factory=lambda: {16: 30.0, 64: 20.0, 256: 10.0})
    """Wall-clock minutes a level; 0 leaves a level as it stands."""


@dataclass(frozen=True, kw_only=True)
class ReleaseResult:
    """Whether the bundle was replaced, why or why not, and where the candidate's report lies."""

    released: bool
    reasons: tuple[str, ...]
    report: Path
    stopped: bool = False
    seconds: float = 0.0
    """Of training alone."""


def tempered(rate: float, minutes: float) -> float:
    """The learning rate of a run on a CPU that goes on from trained weights: the preset's, less where there is little time.

    Optimizers begin anew, so that their first steps are as large as the rate whatever the gradient; at full rate a quarter of an hour did
    nothing but harm (docs/log.md, nineteenth session).
    """
    return rate * min(1.0, minutes / FULL_RATE_MINUTES)


def _train(config: ReleaseConfig, store: Path, out: Path, start: Path | None, goes_on: bool) -> bool:
    """Train the levels, which `goes_on` from trained weights or not; returns whether a Ctrl-C cut them short."""
    possible = trainable(Store.open(store))
    wanted = {level: minutes for level, minutes in config.minutes.items() if minutes > 0 and level in possible}
    if torch.cuda.is_available() or (os.cpu_count() or 1) < 2 or len(wanted) < 2:
        result = train_generator(config.generator, store, out, levels=tuple(wanted), minutes=wanted, init_from=start)
        return any(r.interrupted for r in result.levels.values())
    total = max(sum(wanted.values()) / len(wanted), 0.01)  # side by side: the same core minutes, each level as long
    commands = []
    for level in wanted:
        command = [sys.executable, "-m", "pixelmind.cli", "train", "generator", "--preset", config.preset]
        command += ["--data", str(store), "--out", str(out), "--level", str(level), "--minutes", f"{total:g}"]
        command += ["--set", f"generator.level{level}.loop.threads=1"]
        if goes_on:
            rate = tempered(config.generator.level(level).loop.lr, total)
            command += ["--set", f"generator.level{level}.loop.lr={rate:.3g}"]
        commands.append(command + (["--init-from", str(start)] if start is not None else []))
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    running = [subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) for command in commands]
    codes = [_wait(process) for process in running]
    refused = [level for level, code in zip(wanted, codes) if code == 2]
    if refused:
        raise BadInput(f"level {refused[0]} could not start; the line above says why")
    failed = [level for level, code in zip(wanted, codes) if code not in (0, 130)]
    if failed:
        raise TrainingError(f"training of level {failed[0]} failed; see {out / f'level{failed[0]}' / 'log.txt'}")
    return 130 in codes


def _wait(process: subprocess.Popen[bytes]) -> int:
    """Wait for a level; Ctrl-C reaches it too, and it saves before it ends."""
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


def _export(config: GeneratorConfig, data_dir: Path, out: Path) -> None:
    """Put the newest checkpoints into the bundle of the run, with what they learnt from."""
    store = Store.open(data_dir)
    export(config, out).describe(data=store.manifest, data_sha256=store.manifest_hash)


def assemble(run_dir: Path, trained: Path, weights: Path) -> Bundle:
    """The candidate: freshly trained levels beside the encoder and judge of the run, else of the released weights.

    Raises:
        BadInput: there is no judge to measure with, or the whole is too large to release.
    """
    candidate = Bundle(trained / "bundle")
    old = Bundle(weights) if (weights / "manifest.json").is_file() else None
    for part in (*COMPANIONS, *(f"level{level}" for level in LEVELS)):
        own = run_dir / part
        source = Bundle(own) if (own / "manifest.json").is_file() else old
        if part.startswith("level") and part in candidate:
            continue
        if source is not None and part in source:
            entry = source.manifest["parts"][part]
            about = {k: v for k, v in entry.items() if k not in ("file", "sha256", "bytes")}
            candidate.adopt(part, source.folder / entry["file"], **about)
        elif part == "judge":
            raise BadInput(f"no judge to measure with; train one with: pixelmind train judge --data STORE --out {own}")
    if _size(candidate) > MAX_BUNDLE_BYTES and "level256" in candidate:
        candidate.lighten(256)
    size = _size(candidate)
    if size > MAX_BUNDLE_BYTES:
        raise BadInput(
            f"the bundle would be {size / 2**20:.1f} MiB, a release may be {MAX_BUNDLE_BYTES >> 20} MiB; use a smaller preset"
        )
    return candidate


def _size(bundle: Bundle) -> int:
    return sum(part["bytes"] for part in bundle.manifest["parts"].values())


def abilities(bundle: Bundle) -> set[str]:
    """What the networks of a bundle can be asked for: sizes, references, layouts and parts."""
    found = set()
    for level in LEVELS:
        network = bundle.manifest["parts"].get(f"level{level}", {}).get("network", {})
        if f"level{level}" in bundle:
            found.add(f"pictures up to {level} px")
        if level == LEVELS[0]:
            found |= {name for name in ("references", "layout") if network.get(name)}
    found |= {"parts of any picture"} if "segmenter" in bundle else set()
    return found | ({"a check of what is drawn"} if "critic" in bundle else set())


def swap_in(candidate: Path, weights: Path) -> None:
    """Put a copy of the candidate in the place of the released folder, by two renames."""
    fresh, old = weights.with_name(weights.name + ".new"), weights.with_name(weights.name + ".old")
    for leftover in (fresh, old):
        shutil.rmtree(leftover, ignore_errors=True)
    shutil.copytree(candidate, fresh, ignore=shutil.ignore_patterns(".*"))
    if weights.exists():
        weights.rename(old)
    fresh.rename(weights)
    shutil.rmtree(old, ignore_errors=True)


def run(
    config: ReleaseConfig,
    data_dir: Path,
    run_dir: Path,
    *,
    weights: Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> ReleaseResult:
    """Train on, evaluate the candidate and the released weights with one judge on the same prompts, and release the better.

    Args:
        config: levels' networks and budgets, how much is measured.
        data_dir: store to train and measure on.
        run_dir: folder of the release run; the same call goes on from there.
        weights: bundle to better; None means the released one.
        progress: told each section of the evaluation.

    Raises:
        BadInput, TrainingError: from training; nothing is replaced then.
    """
    weights = weights or released()
    has_weights = (weights / "manifest.json").is_file()
    out = run_dir / f"generator-{config.generator.name}"
    began = time.monotonic()
    if any(config.minutes.values()):
        fresh = has_weights and not out.exists()
        if _train(config, data_dir, out, weights if fresh else None, has_weights):
            return ReleaseResult(
                released=False, reasons=("stopped; the same command goes on",), report=out, stopped=True
            )
    seconds = time.monotonic() - began
    _export(config.generator, data_dir, out)
    candidate = assemble(run_dir, out, weights)
    reports = run_dir / "reports"
    evaluate(
        config.evaluation, candidate.folder, data_dir, reports / "candidate", judge=candidate.folder, progress=progress
    )
    report = reports / "candidate" / "report.html"
    measured = json.loads((report.parent / "report.json").read_text())
    candidate.describe(
        commit=measured["environment"].get("commit"),
        metrics={f"{f['section']}: {f['metric']}": f["value"] for f in measured["figures"]},
    )
    if has_weights:
        evaluate(config.evaluation, weights, data_dir, reports / "released", judge=candidate.folder, progress=progress)
        gains = sorted(abilities(candidate) - abilities(Bundle(weights)))
        decision = compare_files(reports / "released", reports / "candidate", gains=gains)
        if not decision.better:
            return ReleaseResult(released=False, reasons=decision.reasons, report=report, seconds=seconds)
        reasons = decision.reasons
    else:
        reasons = ("these are the first weights",)
    swap_in(candidate.folder, weights)
    return ReleaseResult(released=True, reasons=reasons, report=report, seconds=seconds)
