"""Steps against quality against seconds: one row for each bundle and number of first-level steps, on the same prompts and judge.

    python benchmarks/steps.py --data STORE --judge JUDGE --weights BUNDLE --steps 2 4 8 16 [--tuned TUNED_BUNDLE] --out steps.json

A tuned bundle (`pixelmind train few-steps`) is asked for its own number of steps. The encoder ranks nothing here, so that the network is
measured alone. Diversity is the mean pairwise distance of pictures of one prompt in judge features, as a share of that of real pictures
that share a caption: a tuned network that draws the same picture for every seed would show it here.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pixelmind.evaluation import core, measures, testset
from pixelmind.evaluation.config import EvaluationConfig
from pixelmind.evaluation.judge import Judge
from pixelmind.evaluation.stage import find_judge
from pixelmind.files import write_json
from pixelmind.generator.pipeline import PixelPipeline, load
from pixelmind.records import Conditioning, GenerationRequest, GenerationResult

COLUMNS = ("weights", "steps", "calls", "judge R@1", "share of real", "KID x 1000", "diversity", "seconds 64x64")


class WithSteps:
    """A pipeline asked for `steps` first-level steps; None leaves the weights' own."""

    def __init__(self, pipeline: PixelPipeline, steps: int | None) -> None:
        self.pipeline, self.steps = pipeline, steps

    def generate_batch(self, requests: Sequence[GenerationRequest]) -> list[GenerationResult]:
        """Draw every request with those steps."""
        return self.pipeline.generate_batch([replace(r, num_inference_steps=self.steps) for r in requests])


def calls(pipeline: PixelPipeline, steps: int | None) -> int:
    """Network calls of one 64x64 picture; a guided call counts twice."""
    seen: list[tuple[int, int, int]] = []
    asked = GenerationRequest(conditioning=Conditioning(prompt="x", height=64, width=64), num_inference_steps=steps)
    pipeline.generate_batch([asked], on_step=lambda *call: seen.append(call))
    return sum(1 if pipeline.tuned[level] else 2 for level, _, _ in seen)


def row(
    weights: Path | None, steps: int | None, judge: Judge, items: list[Any], config: EvaluationConfig
) -> dict[str, Any]:
    """Figures of one setting."""
    pipeline = load(weights, best_of=1)
    generator = WithSteps(pipeline, steps)
    asked = core.ask(generator, judge, items, config, count=config.num_prompts, num_images=config.num_images)
    report = measures.Report()
    measures.measure_retrieval(report, asked, "prompts")
    measures.measure_distribution(report, judge, asked, items, config.seed)
    measures.measure_speed(report, generator, config, "a castle")
    found = {f.metric: f for f in report.figures}
    share, variety = found["judge R@1 share"], found["diversity a prompt"]
    return {
        "weights": pipeline.bundle.id,
        "steps": steps or len(pipeline.tuned[16]),
        "calls": calls(pipeline, steps),
        "judge R@1": found[f"judge R@1 of {config.pool_size}"].value,
        "share of real": share.value,
        "share, half width": share.spread,
        "KID x 1000": found["KID x 1000"].value,
        "diversity": variety.value / variety.baseline if variety.baseline else None,
        "seconds 64x64": next(f.value for f in report.figures if f.section == "speed"),
    }


def table(rows: Sequence[dict[str, Any]]) -> str:
    """The rows as Markdown."""
    lines = ["| " + " | ".join(COLUMNS) + " |", "|" + " --- |" * len(COLUMNS)]
    for r in rows:
        cells = [f"{r[c]:.3f}" if isinstance(r[c], float) else str(r[c]) for c in COLUMNS]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and write every row as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, action="append", required=True)
    parser.add_argument("--judge", type=Path)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--steps", type=int, nargs="*", default=[2, 4, 8, 16])
    parser.add_argument("--tuned", type=Path, nargs="*", default=[])
    parser.add_argument("--prompts", type=int, default=150)
    parser.add_argument("--images", type=int, default=4)
    parser.add_argument("--out", type=Path, default=Path("steps.json"))
    args = parser.parse_args(arguments)
    config = EvaluationConfig(num_prompts=args.prompts, num_images=args.images)
    judge = find_judge(args.weights, args.judge)
    items = testset.load_items(args.data, max_size=config.max_size)
    wanted: list[tuple[Path | None, int | None]] = [(args.weights, n) for n in args.steps]
    wanted += [(folder, None) for folder in args.tuned]
    rows = []
    for weights, steps in wanted:
        rows.append(row(weights, steps, judge, items, config))
        about = {"prompts": args.prompts, "images": args.images, "threads": os.environ.get("OMP_NUM_THREADS", "all")}
        write_json(args.out, {"format": 1, **about, "rows": rows})
        print(table(rows), flush=True)


if __name__ == "__main__":
    main()
