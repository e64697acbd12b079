"""`pixelmind eval …`: measure weights and write report.json with a page, and compare two reports."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pixelmind.cli import output
from pixelmind.cli.train import Preset, Set, config_of
from pixelmind.errors import BadInput

if TYPE_CHECKING:
    from pixelmind.evaluation.figures import Figure

evaluate = typer.Typer(help="Measure weights against real art.", no_args_is_help=True)
Judged = Annotated[Path | None, typer.Option("--judge", help="Folder of a judge. Default: the bundle's.")]
Out = Annotated[Path, typer.Option("--out", help="Folder of the report.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")]


@evaluate.command()
def core(
    data: Annotated[list[Path], typer.Option("--data", help="Store whose test split is asked for.")],
    out: Out,
    weights: Annotated[
        str | None, typer.Option(help="Bundle folder, or the oracles real and shuffled. Default: released.")
    ] = None,
    judge: Judged = None,
    preset: Preset = "small",
    set_: Set = None,
    json: Json = False,
) -> None:
    """Accuracy, fidelity, FID, KID, near copies, conformance and speed; writes report.json and report.html."""
    from pixelmind.evaluation.config import EvaluationConfig
    from pixelmind.evaluation.stage import run

    if not data:
        raise BadInput("name at least one store: --data STORE")
    figures = run(config_of(EvaluationConfig, "evaluation", preset, set_), weights, data, out, judge=judge)
    _print(figures, out, json)


@evaluate.command()
def copies(
    data: Annotated[list[Path], typer.Option("--data", help="Store that the weights were trained on.")],
    out: Out,
    weights: Annotated[Path | None, typer.Option(help="Bundle folder. Default: released.")] = None,
    n: Annotated[int, typer.Option("-n", help="Pictures to ask for, one a caption of the train split.")] = 1000,
    judge: Judged = None,
    json: Json = False,
) -> None:
    """Nearest training pictures by pixels, hash and judge features; writes report.json, report.html and copies.png."""
    from pixelmind.evaluation.copies import run

    figures = run(weights, data, out, count=n, judge=judge, progress=lambda line: output.log(f"eval: {line}"))
    _print(figures, out, json, sheet=str((out / "copies.png").resolve()))


@evaluate.command()
def dialogue(
    out: Out,
    requests: Annotated[Path, typer.Option(help="Folder of requests.jsonl and dialogues.jsonl.")] = Path(
        "tests/assets/requests"
    ),
    weights: Annotated[Path | None, typer.Option(help="Bundle folder. Default: released.")] = None,
    development: Annotated[
        bool, typer.Option("--development", help="Measure on the part whose errors may be looked at; list them.")
    ] = False,
    json: Json = False,
) -> None:
    """How well turns are understood, on words that people wrote; writes report.json and report.md."""
    from pixelmind.evaluation.dialogue import run

    _print(run(weights, requests, out, development), out, json, page="report.md")


@evaluate.command()
def stress(
    out: Out,
    weights: Annotated[Path | None, typer.Option(help="Bundle folder. Default: released.")] = None,
    prompts: Annotated[
        Path | None,
        typer.Option(help="Folder of ambiguous, edge and adversarial.jsonl. Default: the suite that comes along."),
    ] = None,
    threads: Annotated[int | None, typer.Option(help="CPU threads.")] = None,
    json: Json = False,
) -> None:
    """Hand-written hard prompts through what chat and generate call; writes report.json and report.html with every failure."""
    from pixelmind.evaluation import suite
    from pixelmind.evaluation.stress import run

    figures = run(
        weights,
        out,
        folder=prompts or suite.FOLDER,
        threads=threads,
        progress=lambda line: output.log(f"eval: {line}"),
    )
    _print(figures, out, json)


@evaluate.command()
def compare(
    a: Annotated[Path, typer.Argument(help="Report (or its folder) from before.")],
    b: Annotated[Path, typer.Argument(help="Report (or its folder) of the same command, from after.")],
    json: Json = False,
) -> None:
    """What became better or worse from report A to B, with 95 % intervals; exit code 1 where anything became worse."""
    from pixelmind.evaluation.differences import compare_reports, read_report

    found = compare_reports(read_report(a), read_report(b))
    worse, better = found.of("worse"), found.of("better")
    if json:
        output.print_json(found.to_dict())
    else:
        for verdict in ("worse", "better", "untold"):
            for d in found.of(verdict):
                inside = "no interval" if d.low is None else f"95 % {d.low:+.4g} to {d.high:+.4g}"
                told = "changed" if verdict == "untold" else verdict
                print(f"{told:8} {d.section:22} {d.metric:44} {d.a:.4g} -> {d.b:.4g} ({d.change:+.4g}, {inside})")
        for line in found.warnings:
            output.log(f"eval: {line}")
        print(f"{len(worse)} worse, {len(better)} better, {len(found.differences)} compared")
    if worse:
        raise typer.Exit(1)


def _print(figures: Sequence[Figure], out: Path, json: bool, *, page: str = "report.html", **files: str) -> None:
    report = (out / page).resolve()
    if json:
        output.print_json({"report": str(report), **files, "figures": [f.to_dict() for f in figures]})
        return
    for figure in figures:
        spread = f" ± {figure.spread:.4g}" if figure.spread is not None else ""
        print(f"{figure.section:22} {figure.metric:44} {figure.value:.4g}{spread} {figure.unit} (n={figure.n})")
    print(report)
