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
    inception: Annotated[
        Path | None,
        typer.Option(help="TorchScript Inception-v3 (inception-2015-12-05.pt): FID and KID in its features too."),
    ] = None,
    preset: Preset = "small",
    set_: Set = None,
    json: Json = False,
) -> None:
    """Accuracy, fidelity, FID, KID, near copies, conformance and speed; writes report.json and report.html."""
    from pixelmind.evaluation.config import EvaluationConfig
    from pixelmind.evaluation.stage import run

    if not data:
        raise BadInput("name at least one store: --data STORE")
    figures = run(
        config_of(EvaluationConfig, "evaluation", preset, set_), weights, data, out, judge=judge, inception=inception
    )
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
def external(
    prompts: Annotated[
        Path | None,
        typer.Option(help="Prompts file, .jsonl or .csv: prompt, images, width, height, palette, max_colors, id."),
    ] = None,
    images: Annotated[Path | None, typer.Option(help="Folder of the pictures it names.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder of the report.")] = None,
    data: Annotated[
        list[Path] | None,
        typer.Option("--data", help="Store whose test split holds the real pictures, for ceilings, FID, KID, copies."),
    ] = None,
    judge: Judged = None,
    export_prompts: Annotated[
        Path | None,
        typer.Option(help="Write the public list of prompts to this .jsonl or .csv and stop; needs --data."),
    ] = None,
    baselines: Annotated[
        bool,
        typer.Option("--baselines", help="Draw and score the baselines and ours into --out instead; needs --data."),
    ] = False,
    also: Annotated[
        list[str] | None,
        typer.Option(help="With --baselines: NAME=DIR, pictures of another generator for OUT/prompts.jsonl."),
    ] = None,
    only: Annotated[list[str] | None, typer.Option(help="With --baselines: only this row.")] = None,
    weights: Annotated[Path | None, typer.Option(help="Bundle folder of ours. Default: released.")] = None,
    copies: Annotated[bool, typer.Option(help="Search the store's training pictures for near copies.")] = True,
    preset: Preset = "small",
    set_: Set = None,
    json: Json = False,
) -> None:
    """Score pictures of any generator by the metrics of eval core; export the prompts; the table of baselines."""
    from pixelmind.evaluation.config import EvaluationConfig
    from pixelmind.evaluation.stage import find_judge

    config, stores = config_of(EvaluationConfig, "evaluation", preset, set_), list(data or [])
    if (export_prompts or baselines) and not stores:
        raise BadInput("name the store that the prompts come from: --data STORE")
    if export_prompts is not None:
        from pixelmind.evaluation.external import export

        count = export(config, stores, export_prompts)
        told = {"prompts": count, "path": str(export_prompts.resolve())}
        output.print_json(told) if json else print(f"{count} prompts: {told['path']}")
        return
    if out is None or not (baselines or (prompts and images)):
        raise BadInput(
            "name --prompts FILE, --images DIR and --out DIR; or --export-prompts FILE; or --baselines and --out DIR"
        )
    ruler, tell = find_judge(weights, judge), lambda line: output.log(f"eval: {line}")
    if baselines:
        from pixelmind.evaluation.baselines import run as table

        others = dict(_named(a) for a in also or ())
        rows = table(weights, stores, out, ruler, config, only=only or (), also=others, copies=copies, progress=tell)
        if json:
            plain = {k: v if isinstance(v, str) else [f.to_dict() for f in v] for k, v in rows.items()}
            output.print_json({"table": str((out / "table.md").resolve()), "rows": plain})
        else:
            print((out / "table.md").read_text() + str((out / "table.md").resolve()))
        return
    from pixelmind.evaluation.external import run

    assert prompts is not None
    assert images is not None
    _print(run(prompts, images, out, ruler, config, data=stores, copies=copies, progress=tell), out, json)


@evaluate.command()
def card(
    reports: Annotated[
        list[Path], typer.Argument(help="Reports of eval core, stress, unseen …, or the folders they lie in.")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of the card. Without it, the one report is a card already.")
    ] = None,
    against: Annotated[Path | None, typer.Option(help="The last card, to tell what changed.")] = None,
    keep: Annotated[
        Path | None, typer.Option(help="A card of the same weights, whose reports stand where no new one is named.")
    ] = None,
    readme: Annotated[
        Path | None, typer.Option(help="Page to write the table of numbers into, between its markers.")
    ] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Do not write --readme; exit code 1 where its table differs from the card's."),
    ] = False,
    json: Json = False,
) -> None:
    """Targets against measured, shortfalls, changes and galleries: card.html, card.md, report.json; the README's numbers."""
    from pixelmind.evaluation import card as cards
    from pixelmind.evaluation.differences import read_report

    if check and readme is None:
        raise BadInput("--check compares a page with the card; name it with --readme")
    if out is not None:
        made = cards.make(reports, out, against, keep)
    else:
        if len(reports) != 1 or (made := read_report(reports[0])).get("kind") != "card":
            raise BadInput("name --out DIR for the card, or one card and --readme PAGE")
    if readme is not None and check:
        differs = cards.stale(made, readme)
        for line in differs:
            print(line)
        if differs:
            output.log(
                f"{readme} differs from the card; write it anew: pixelmind eval card {reports[0]} --readme {readme}"
            )
            raise typer.Exit(1)
    elif readme is not None:
        changed = cards.write_numbers(made, readme)
        output.log(f"{readme} {'written' if changed else 'holds the numbers of the card already'}")
    if json:
        page = None if out is None else str((out / "card.html").resolve())
        output.print_json({"targets": made["targets"], "since": made["since"], "card": page})
    elif out is not None:
        for row in made["targets"]:
            print(f"{row['status']:14} {row['name']:60} {cards.number(row['value'])} ({row['target']})")
        print((out / "card.html").resolve())


def _named(text: str) -> tuple[str, Path]:
    name, _, folder = text.partition("=")
    if not name or not folder:
        raise BadInput(f"--also {text!r} is not NAME=DIR")
    return name, Path(folder)


@evaluate.command()
def unseen(
    data: Annotated[list[Path], typer.Option("--data", help="Store with evaluation-only art (shattered, nethack).")],
    out: Out,
    weights: Annotated[Path | None, typer.Option(help="Bundle folder. Default: released.")] = None,
    judge: Judged = None,
    n: Annotated[int, typer.Option("-n", help="At most so many pictures of each game.")] = 400,
    draw: Annotated[bool, typer.Option(help="Also draw the games' captions, evaluation.num_unseen of each.")] = True,
    preset: Preset = "small",
    set_: Set = None,
    json: Json = False,
) -> None:
    """Encoder, judge, critic, segmenter and generator on games nobody trained on, each apart; writes report.json and report.md."""
    from pixelmind.encoder.model import load_encoder
    from pixelmind.evaluation.config import EvaluationConfig
    from pixelmind.evaluation.stage import find_judge
    from pixelmind.evaluation.unseen import Parts, run
    from pixelmind.generator.pipeline import load
    from pixelmind.generator.segmenter import load_segmenter
    from pixelmind.quality.inspector import load_inspector
    from pixelmind.training.weights import Bundle

    if n < 2:
        raise BadInput(f"-n {n} is too few: use at least 2")
    config, bundle = config_of(EvaluationConfig, "evaluation", preset, set_), Bundle(weights)
    parts = Parts(
        judge=find_judge(weights, judge),
        encoder=load_encoder(weights) if "encoder" in bundle else None,
        inspector=load_inspector(weights),
        segmenter=load_segmenter(weights) if "segmenter" in bundle else None,
        generator=load(weights) if draw else None,
    )
    figures = run(
        parts, data, out, config, count=n, weights_id=bundle.id, progress=lambda line: output.log(f"eval: {line}")
    )
    _print(figures, out, json, page="report.md")


@evaluate.command()
def ablation(
    data: Annotated[Path, typer.Option("--data", help="Store to train on and to ask the test split of.")],
    out: Out,
    study: Annotated[
        list[str] | None,
        typer.Option(help="memory, hierarchy, check, meta, mix or choices; may be repeated. Default: all."),
    ] = None,
    weights: Annotated[Path | None, typer.Option(help="Bundle folder. Default: released.")] = None,
    judge: Judged = None,
    jobs: Annotated[int, typer.Option(min=1, help="Jobs at once, a process with one thread each.")] = 1,
    ray: Annotated[
        bool, typer.Option("--ray", help="Run the jobs on Ray: RAY_ADDRESS's cluster, else this machine.")
    ] = False,
    preset: Preset = "small",
    set_: Set = None,
    json: Json = False,
) -> None:
    """Each part with and without it: effects with intervals over seeds, plots; kept results are not made again."""
    from pixelmind.evaluation.ablation.plan import AblationConfig
    from pixelmind.evaluation.ablation.report import plan, run
    from pixelmind.training import cluster

    if ray:
        cluster.need("eval ablation --ray", "--jobs")
    config = config_of(AblationConfig, "ablation", preset, set_)
    todo = plan(study or [], config, data=data, weights=weights, judge=judge, out=out)
    figures, failed = run(todo, out, workers=jobs, ray=ray, tell=lambda line: output.log(f"eval: {line}"))
    _print(figures, out, json)
    if failed:
        raise typer.Exit(1)


@evaluate.command()
def judge(
    data: Annotated[list[Path], typer.Option("--data", help="Store that holds the labelled pictures and a val split.")],
    out: Out,
    judge: Judged = None,
    n: Annotated[int, typer.Option("-n", help="At most so many real test pictures for robustness.")] = 400,
    preset: Preset = "small",
    set_: Set = None,
    json: Json = False,
) -> None:
    """The ruler itself: agreement with hand labels, robustness, sensitivity to colour; writes report.json and report.md."""
    from pixelmind.evaluation.config import EvaluationConfig
    from pixelmind.evaluation.judge_report import run
    from pixelmind.evaluation.stage import find_judge

    if n < 2:
        raise BadInput(f"-n {n} is too few: use at least 2")
    figures = run(
        find_judge(None, judge), data, out, config_of(EvaluationConfig, "evaluation", preset, set_), count=n,
        progress=lambda line: output.log(f"eval: {line}"),
    )  # fmt: skip
    _print(figures, out, json, page="report.md")


@evaluate.command()
def satisfaction(out: Out, json: Json = False) -> None:
    """Ratings and what people did, out of the service's database, human and simulated apart; writes report.json and report.md."""
    from pixelmind.cli.db import opened
    from pixelmind.evaluation.satisfaction import run

    with opened() as db:
        figures = run(db.feedback.each(), out)
    _print(figures, out, json, page="report.md")


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
