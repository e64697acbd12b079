"""The release stage: train the released weights further, measure old and new by one judge, replace only if better.

Training goes on in the run folder where one exists, else it starts from the released weights. The new files lie beside
the old ones under names of their own before the manifest that points to them is replaced, so that a reader always sees
a whole bundle.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pixelmind import files
from pixelmind.errors import BadInput
from pixelmind.evaluation.compare import Decision, compare_files
from pixelmind.evaluation.config import EvaluationConfig

if TYPE_CHECKING:
    from pixelmind.generator.bundle import Bundle
    from pixelmind.generator.config import GeneratorConfig


@dataclass(frozen=True, kw_only=True)
class ReleaseConfig:
    """What is trained and for how many minutes a level, how it is measured, and by how much it must be better."""

    generator: GeneratorConfig
    minutes: dict[int, float]
    evaluation: EvaluationConfig
    margin: float = 0.0

    def __post_init__(self) -> None:
        if not self.minutes or any(m <= 0 for m in self.minutes.values()):
            raise BadInput("release: every level needs minutes above 0")


@dataclass(frozen=True, kw_only=True)
class ReleaseResult:
    """Whether the weights were replaced and why; `report` is the candidate's page, `stopped` a Ctrl-C in training."""

    released: bool
    stopped: bool
    reasons: tuple[str, ...]
    weights: str
    report: Path


def run(
    config: ReleaseConfig,
    data_dir: Path | str,
    out_dir: Path | str,
    *,
    weights: Path | str | None = None,
    tell: Callable[[str], None] = lambda line: print(f"release: {line}", file=sys.stderr),
) -> ReleaseResult:
    """Continue, evaluate, compare, and replace `weights` (default: the package's own) only if the result is better.

    Raises:
        BadInput: no released weights or judge yet, or no store.
    """
    from pixelmind.evaluation.stage import run as evaluate
    from pixelmind.generator import stage
    from pixelmind.generator.bundle import Bundle

    data_dir, out_dir = Path(data_dir), Path(out_dir)
    old = Bundle(weights)
    if "judge" not in old:
        raise BadInput(
            f"the weights at {old.folder} have no judge to compare with; make a whole bundle with: bash runs/laptop.sh"
        )
    tell(f"training from {out_dir if (out_dir / 'bundle').is_dir() else old.folder}")
    levels = tuple(config.minutes)
    trained = stage.run(
        config.generator, data_dir, out_dir, levels=levels, minutes=config.minutes, init_from=old.folder
    )
    new = Bundle(trained.bundle)
    report = out_dir / "eval" / new.id
    if any(r.interrupted for r in trained.levels.values()):
        reasons = ("training was stopped; run the same command again",)
        return ReleaseResult(released=False, stopped=True, reasons=reasons, weights=old.id, report=report)
    if _drawing_parts(new) == _drawing_parts(old):
        reasons = ("training changed nothing",)
        return ReleaseResult(released=False, stopped=False, reasons=reasons, weights=old.id, report=report)
    tell(f"evaluating the candidate {new.id}")
    evaluate(config.evaluation, new.folder, data_dir, report, judge=old.folder)
    decision = _against(old, report, config, data_dir, out_dir, tell, evaluate)
    if decision.better:
        install(new, old, report)
        tell(f"replaced the weights at {old.folder}")
    return ReleaseResult(
        released=decision.better,
        stopped=False,
        reasons=decision.reasons,
        weights=old.id,
        report=report / "report.html",
    )


def _drawing_parts(bundle: Bundle) -> tuple[str, ...]:
    return tuple(sorted(p["sha256"] for name, p in bundle.manifest["parts"].items() if name.startswith("level")))


def _against(
    old: Bundle,
    candidate: Path,
    config: ReleaseConfig,
    data_dir: Path,
    out_dir: Path,
    tell: Callable[[str], None],
    evaluate: Callable[..., Any],
) -> Decision:
    """Compare with the released weights' report; it is measured anew where it is missing or of another yardstick."""
    known = out_dir / "eval" / old.id
    if (known / "report.json").is_file():
        try:
            return compare_files(known, candidate, margin=config.margin)
        except BadInput as error:
            tell(f"{error}: measuring the released weights again")
    else:
        tell(f"evaluating the released weights {old.id}")
    evaluate(config.evaluation, old.folder, data_dir, known, judge=old.folder)
    return compare_files(known, candidate, margin=config.margin)


def install(new: Bundle, old: Bundle, report: Path) -> None:
    """Put the levels of `new` into the folder of `old`, which keeps its other parts; at no moment is it half new."""
    parts, before = dict(old.manifest["parts"]), {p["file"] for p in old.manifest["parts"].values()}
    for name, about in new.manifest["parts"].items():
        if name.startswith("level"):
            file = f"{name}-{about['sha256'][:8]}.safetensors"
            files.write_bytes(old.folder / file, (new.folder / about["file"]).read_bytes())
            parts[name] = {**about, "file": file}
    about_new = {k: v for k, v in new.manifest.items() if k not in ("format", "parts")}
    figures = json.loads((report / "report.json").read_text())
    old.describe(**about_new, parts=parts, metrics=figures["figures"], measured=figures["environment"])
    for gone in before - {p["file"] for p in parts.values()}:
        (old.folder / gone).unlink(missing_ok=True)
