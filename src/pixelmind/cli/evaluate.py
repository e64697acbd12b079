"""`pixelmind eval core`: measure weights and write report.json and report.html."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pixelmind.cli import output
from pixelmind.cli.train import Preset, Set, config_of
from pixelmind.errors import BadInput

evaluate = typer.Typer(help="Measure weights against real art.", no_args_is_help=True)


@evaluate.callback()
def _group() -> None:
    pass


@evaluate.command()
def core(
    data: Annotated[list[Path], typer.Option("--data", help="Store whose test split is asked for.")],
    out: Annotated[Path, typer.Option("--out", help="Folder of the report.")],
    weights: Annotated[
        str | None, typer.Option(help="Bundle folder, or the oracles real and shuffled. Default: released.")
    ] = None,
    judge: Annotated[Path | None, typer.Option(help="Folder of a judge. Default: the bundle's.")] = None,
    preset: Preset = "small",
    set_: Set = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    """Accuracy, fidelity, FID, KID, near copies, conformance and speed; writes report.json and report.html."""
    from pixelmind.evaluation.config import EvaluationConfig
    from pixelmind.evaluation.stage import run

    if not data:
        raise BadInput("name at least one store: --data STORE")
    figures = run(config_of(EvaluationConfig, "evaluation", preset, set_), weights, data, out, judge=judge)
    page = (out / "report.html").resolve()
    if json:
        output.print_json({"report": str(page), "figures": [f.to_dict() for f in figures]})
        return
    for figure in figures:
        spread = f" ± {figure.spread:.4g}" if figure.spread is not None else ""
        print(f"{figure.section:22} {figure.metric:44} {figure.value:.4g}{spread} {figure.unit} (n={figure.n})")
    print(page)
