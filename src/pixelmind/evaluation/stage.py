"""The room's callable stages: train the judge, run `eval core`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pixelmind.errors import BadInput
from pixelmind.evaluation.config import EvaluationConfig
from pixelmind.evaluation.figures import Figure
from pixelmind.evaluation.judge_task import JudgeConfig
from pixelmind.training.config import LoopConfig

if TYPE_CHECKING:
    from pixelmind.evaluation.judge import Judge
    from pixelmind.evaluation.oracles import Generator

Stores = Path | str | Sequence[Path | str]
ORACLES = ("real", "shuffled")


@dataclass(frozen=True, kw_only=True)
class JudgeStageConfig(JudgeConfig):
    """The `[judge]` table with its `[judge.loop]`."""

    loop: LoopConfig = field(default_factory=lambda: LoopConfig(steps=850, batch_size=192, lr=2e-3, weight_decay=0.1))


@dataclass(frozen=True, kw_only=True)
class JudgeResult:
    """The folder of the judge and what it reaches on held-out pairs (R@1 and R@5 of 100, image to text)."""

    folder: Path
    validation: dict[str, float]
    test: dict[str, float]
    interrupted: bool = False


def _stores(data: Stores) -> list[Path | str]:
    return [data] if isinstance(data, (str, Path)) else list(data)


def train_judge(config: JudgeStageConfig, data: Stores, out_dir: Path | str) -> JudgeResult:
    """Train the judge on the `judge` split of one or several stores and write it as a bundle into `out_dir`.

    The run (checkpoints, metrics) lies in `out_dir`/run; the same call continues it.
    """
    from pixelmind.data.store import Store
    from pixelmind.evaluation.judge import Judge, JudgeNet
    from pixelmind.evaluation.judge_task import JudgeTask, read_pairs, recall
    from pixelmind.training.config import plain
    from pixelmind.training.loop import train

    stores, out_dir = _stores(data), Path(out_dir)
    task = JudgeTask(config, stores, batch_size=config.loop.batch_size, seed=config.loop.seed)
    result = train(task, config.loop, out_dir / "run", resolved_config={"judge": plain(config)})
    final = (result.ema or [result.modules])[0]
    task.validate(final)
    last = final["judge"]
    assert isinstance(last, JudgeNet)
    best = (task.best or last).cpu().float()
    card: dict[str, Any] = {
        "steps": result.step,
        "samples": result.samples,
        "seed": config.loop.seed,
        "pictures": len(task.pairs),
        "data": [Store.open(s).manifest_hash for s in stores],
    }
    judge = Judge(best, card)
    test = recall(judge, read_pairs(stores, "test", config))
    judge.card = {**card, "validation": task.best_figures, "test": test}
    judge.save(out_dir)
    return JudgeResult(folder=out_dir, validation=task.best_figures, test=test, interrupted=result.interrupted)


def find_judge(weights: Path | str | None, judge: Path | str | None) -> Judge:
    """Load the judge at `judge`, else the one inside the bundle at `weights` (None: the released weights).

    Raises:
        BadInput: there is none.
    """
    from pixelmind.evaluation.judge import Judge
    from pixelmind.training.weights import released

    return Judge.load(judge or weights or released())


def run(
    config: EvaluationConfig,
    weights: Path | str | Generator | Literal["real", "shuffled"] | None,
    data_dir: Stores,
    out_dir: Path | str,
    *,
    judge: Judge | Path | str | None = None,
    inception: Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> list[Figure]:
    """Evaluate and write report.json, report.html and pictures/ into `out_dir`.

    Args:
        config: how much is measured.
        weights: a bundle's folder, None for the released weights, any object with `generate_batch`, or the name of an
            oracle: "real" answers with the real pictures (the ceiling), "shuffled" with other ones (the floor).
        data_dir: one store or several.
        out_dir: where the report goes.
        judge: a judge or its folder; by default the one in the bundle.
        inception: TorchScript weights of Inception-v3; FID and KID in their features too.
        progress: told each section as it begins; by default a line on stderr.

    Raises:
        BadInput: no weights, no judge, or no test pictures.
    """
    from pixelmind.evaluation import oracles, testset
    from pixelmind.evaluation.core import run_core
    from pixelmind.evaluation.judge import Judge

    stores = _stores(data_dir)
    if not stores:
        raise BadInput("name at least one store: --data STORE")
    generator: Generator
    folder: Path | str | None = None
    if isinstance(weights, str) and weights in ORACLES:
        items = testset.load_items(stores, max_size=config.max_size)
        generator = oracles.RealImages(items) if weights == "real" else oracles.ShuffledReal(items)
        name = generator.name
    elif weights is None or isinstance(weights, (str, Path)):
        from pixelmind.generator.pipeline import load

        folder = weights
        pipeline = load(weights)
        generator, name = pipeline, pipeline.bundle.id
    else:
        generator, name = weights, str(getattr(weights, "name", type(weights).__name__))
    ruler = judge if isinstance(judge, Judge) else find_judge(folder, judge)
    tell = progress or (lambda line: print(f"eval: {line}", file=sys.stderr))
    return run_core(
        config, generator, ruler, stores, Path(out_dir), weights_id=name, inception=inception, progress=tell
    )
