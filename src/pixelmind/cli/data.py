"""`pixelmind data import|synth|stats|show`: what training is fed with."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Annotated

import typer

from pixelmind.cli import output

data = typer.Typer(help="Import art, draw scenes, look at stores.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")]
Store = Annotated[Path, typer.Argument(metavar="STORE", help="Folder of a store.")]


@data.command("import")
def import_(
    folders: Annotated[
        list[Path], typer.Argument(metavar="DIR…", help="A game's checkout, or a folder of pictures with metadata.")
    ],
    out: Annotated[Path, typer.Option("--out", help="Store to add to; made if missing.")],
    source: Annotated[list[str] | None, typer.Option(help="Only these importers.")] = None,
    evaluation_only: Annotated[
        bool, typer.Option(help="Keep art with GPL-like licences too, for evaluation only.")
    ] = False,
    max_size: Annotated[int, typer.Option(help="Longest side kept, in pixels.")] = 256,
    json: Json = False,
) -> None:
    """Read art with words, licence and credit into a store. The same command again goes on or adds nothing."""
    from pixelmind.data.config import ImportConfig
    from pixelmind.data.stage import import_sources

    config = ImportConfig(sources=tuple(source or ()), evaluation_only=evaluation_only, max_size=max_size)
    result = import_sources(config, folders, out)
    if json:
        output.print_json(dataclasses.asdict(result))
        return
    for name, files in result.named.items():
        for line in files[:5]:
            output.log(f"{name}: left out {line}")
    print(result.summary())


@data.command()
def synth(
    out: Annotated[Path, typer.Option("--out", help="Store to add to; made if missing.")],
    n: Annotated[int, typer.Option("-n", help="Scenes to draw.")] = 10_000,
    seed: Annotated[int, typer.Option(help="Seed of the shard.")] = 0,
    family: Annotated[list[str] | None, typer.Option(help="Only these families.")] = None,
    style: Annotated[list[str] | None, typer.Option(help="Only these art styles.")] = None,
    min_size: Annotated[int, typer.Option(help="Shortest side in pixels.")] = 8,
    max_size: Annotated[int, typer.Option(help="Longest side in pixels.")] = 64,
    workers: Annotated[int, typer.Option(help="Processes that draw.")] = 1,
    json: Json = False,
) -> None:
    """Draw procedural scenes with masks and captions into a store; deterministic from the seed."""
    from pixelmind.data.procedural.config import SynthConfig
    from pixelmind.data.procedural.stage import synth as run

    config = SynthConfig(
        num_samples=n,
        seed=seed,
        families=tuple(family or ()),
        styles=tuple(style or ()),
        min_size=min_size,
        max_size=max_size,
        workers=workers,
    )
    result = run(config, out)
    if json:
        output.print_json(dataclasses.asdict(result))
        return
    print(f"{result.added} scenes added ({result.total} pictures in {result.store}), {result.seconds:.0f} s")


@data.command()
def stats(
    store: Store,
    credits: Annotated[bool, typer.Option("--credits", help="Print who must be named instead.")] = False,
    json: Json = False,
) -> None:
    """Show images, sizes, colours, licences and captions of each source."""
    from pixelmind.data import stats as figures
    from pixelmind.data.store import Store as Opened

    opened = Opened.open(store)
    if credits:
        lines = figures.credits(opened)
        if json:
            output.print_json({"credits": lines})
        else:
            print("\n".join(lines))
        return
    found = figures.stats(opened)
    if json:
        output.print_json(found)
        return
    from rich.console import Console

    Console(width=None if sys.stdout.isatty() else 160).print(figures.table(found))


@data.command()
def show(
    store: Store,
    out: Annotated[Path, typer.Option("-o", "--out", help="PNG to write.")] = Path("contact_sheet.png"),
    n: Annotated[int, typer.Option("-n", help="How many pictures.")] = 64,
    seed: Annotated[int, typer.Option(help="Which random pictures.")] = 0,
    source: Annotated[str | None, typer.Option(help="Only this source.")] = None,
    split: Annotated[str | None, typer.Option(help="Only this split.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only this kind.")] = None,
    search: Annotated[str | None, typer.Option(help="Only captions with this text.")] = None,
    scale: Annotated[int, typer.Option(help="Enlargement.")] = 2,
    columns: Annotated[int, typer.Option(help="Pictures a row.")] = 8,
    all_captions: Annotated[bool, typer.Option("--all-captions", help="All captions instead of the first.")] = False,
    json: Json = False,
) -> None:
    """Write a contact sheet of random pictures with their captions."""
    from pixelmind.data.show import show as run
    from pixelmind.data.store import Store as Opened

    rows = run(
        Opened.open(store),
        out,
        n=n,
        seed=seed,
        source=source,
        split=split,
        search=search,
        kind=kind,
        scale=scale,
        columns=columns,
        all_captions=all_captions,
    )
    if json:
        output.print_json({"path": str(out.resolve()), "rows": rows})
    else:
        print(out.resolve())
