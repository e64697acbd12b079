"""`pixelmind data import|synth|stats|show|search`: what training is fed with."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Annotated

import typer

from pixelmind.cli import output
from pixelmind.cli.search import search

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
    snap: Annotated[
        bool, typer.Option("--snap", help="Recover the grid of enlarged or damaged pictures over 96 px.")
    ] = False,
    json: Json = False,
) -> None:
    """Read art with words, licence and credit into a store. The same command again goes on or adds nothing."""
    from pixelmind.data.config import ImportConfig
    from pixelmind.data.stage import import_sources

    config = ImportConfig(sources=tuple(source or ()), evaluation_only=evaluation_only, max_size=max_size, snap=snap)
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
    count: Annotated[int, typer.Option("--count", "-n", help="Scenes to draw.")] = 10_000,
    seed: Annotated[int, typer.Option(help="Seed of the shards.")] = 0,
    family: Annotated[list[str] | None, typer.Option(help="Only these families.")] = None,
    style: Annotated[list[str] | None, typer.Option(help="Only these art styles.")] = None,
    genre: Annotated[list[str] | None, typer.Option(help="Only these genres.")] = None,
    composed: Annotated[float, typer.Option(help="Share of scenes with several subjects in a place.")] = 0.3,
    min_size: Annotated[int, typer.Option(help="Shortest side in pixels.")] = 8,
    max_size: Annotated[int, typer.Option(help="Longest side in pixels.")] = 256,
    counterfactuals: Annotated[
        int, typer.Option(help="Captions false in one fact to keep beside each scene, at most.")
    ] = 0,
    workers: Annotated[int, typer.Option(help="Processes that draw.")] = 1,
    engine: Annotated[str, typer.Option(help="Where they run: local or ray. The store is the same.")] = "local",
    json: Json = False,
) -> None:
    """Draw procedural scenes with masks and captions into a store; a killed run goes on, and the same command again adds nothing."""
    from pixelmind.data.procedural.config import SynthConfig
    from pixelmind.data.procedural.stage import synth as run

    config = SynthConfig(
        num_samples=count,
        seed=seed,
        families=tuple(family or ()),
        styles=tuple(style or ()),
        genres=tuple(genre or ()),
        composed=composed,
        min_size=min_size,
        max_size=max_size,
        counterfactuals=counterfactuals,
        workers=workers,
        engine=engine,
    )
    result = run(config, out)
    if json:
        output.print_json(dataclasses.asdict(result))
        return
    for line in result.redrawn:
        output.log(f"drawn again: {line}")
    for reason, scenes in result.skipped.items():
        output.log(f"left out: {scenes} scenes, {reason}")
    print(f"{result.added} scenes added ({result.total} pictures in {result.store}), {result.seconds:.0f} s")


@data.command()
def check(
    store: Store,
    repair: Annotated[bool, typer.Option("--repair", help="Drop the damaged files, keep the rest.")] = False,
    json: Json = False,
) -> None:
    """Compare every file of a store with its checksum; exit code 2 if one is damaged and not dropped."""
    from pixelmind.data.store import Store as Opened
    from pixelmind.errors import CorruptFile

    wrong, lost = Opened.repair(store) if repair else (Opened.check(store), 0)
    if wrong and not repair:
        told = "; ".join(f"{name} {reason}" for name, reason in wrong.items())
        raise CorruptFile(f"{told}; keep the rest of {store} with: pixelmind data check {store} --repair")
    opened = Opened.open(store)
    if json:
        output.print_json({"rows": len(opened), "content_hash": opened.manifest_hash, "dropped": wrong, "lost": lost})
        return
    for name, reason in wrong.items():
        output.log(f"dropped {name}: {reason}")
    print(f"{len(opened)} pictures, content {opened.manifest_hash}" + (f"; {lost} lost, import again" if lost else ""))


@data.command()
def dedup(
    store: Store,
    out: Annotated[Path, typer.Option("--out", help="New store to write.")],
    json: Json = False,
) -> None:
    """Copy a store without the drawn scenes that nearly repeat another picture, mirrored or not; real art is all kept."""
    from pixelmind.data.store import Store as Opened
    from pixelmind.data.thin import thin

    result = thin(Opened.open(store), out)
    if json:
        output.print_json(dataclasses.asdict(result))
        return
    print(
        f"{result.kept} pictures kept in {result.store}, {result.dropped} near duplicates left out; "
        f"{result.crossing_before} near pairs stood in two splits"
    )


@data.command()
def edits(
    out: Annotated[Path, typer.Option("--out", help="Folder for the pairs; may be that of a store.")],
    count: Annotated[int, typer.Option("--count", help="Edit pairs wanted in all.")] = 10_000,
    seed: Annotated[int, typer.Option(help="Seed of the pairs.")] = 0,
    operation: Annotated[list[str] | None, typer.Option(help="Only these operations.")] = None,
    workers: Annotated[int, typer.Option(help="Processes that draw.")] = 1,
    show: Annotated[Path | None, typer.Option(metavar="PNG", help="Also write a contact sheet of some pairs.")] = None,
    json: Json = False,
) -> None:
    """Draw edit pairs: picture before, instruction, picture after, region. The same command again goes on or adds nothing."""
    from pixelmind.data.edits.stage import EditConfig
    from pixelmind.data.edits.stage import edits as run
    from pixelmind.data.edits.stage import show as write_sheet
    from pixelmind.data.edits.store import EditStore

    config = EditConfig(count=count, seed=seed, operations=tuple(operation or ()), workers=workers)
    result = run(config, out)
    if show is not None:
        write_sheet(EditStore.open(out), show, seed=seed)
    if json:
        output.print_json(dataclasses.asdict(result) | ({"show": str(show.resolve())} if show else {}))
        return
    print(
        f"{result.added} edit pairs added ({result.total} in {result.path}), {result.seconds:.0f} s; "
        f"{100 * result.accepted:.0f} % of the scenes drawn were fit"
    )
    if show is not None:
        print(show.resolve())


@data.command()
def stats(
    store: Store,
    credits: Annotated[bool, typer.Option("--credits", help="Print who must be named instead.")] = False,
    json: Json = False,
) -> None:
    """Show what a store holds: sources, sizes, masks, captions, licences, what is covered and what is biased."""
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

    console = Console(width=None if sys.stdout.isatty() else 160)
    for table in figures.tables(found):
        console.print(table)
    for line in found["biases"]:
        console.print(f"- {line}", highlight=False)


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
    family: Annotated[str | None, typer.Option(help="Only this procedural family.")] = None,
    genre: Annotated[str | None, typer.Option(help="Only this genre.")] = None,
    scale: Annotated[int, typer.Option(help="Enlargement.")] = 2,
    columns: Annotated[int, typer.Option(help="Pictures a row.")] = 8,
    all_captions: Annotated[bool, typer.Option("--all-captions", help="All captions instead of the first.")] = False,
    masks: Annotated[bool, typer.Option("--masks", help="Region masks beside the pictures, with a legend.")] = False,
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
        family=family,
        genre=genre,
        masks=masks,
    )
    if json:
        output.print_json({"path": str(out.resolve()), "rows": rows})
    else:
        print(out.resolve())


@data.command()
def export(
    store: Store,
    out: Annotated[Path, typer.Option("--out", help="New folder.")],
    format: Annotated[str, typer.Option(help="imagefolder (PNG files and metadata.jsonl) or parquet.")] = "imagefolder",
    source: Annotated[str, typer.Option(help="Only this source.")] = "",
    split: Annotated[str, typer.Option(help="Only this split.")] = "",
    json: Json = False,
) -> None:
    """Write the pictures, words, masks, licences and credits of a store for other programs."""
    from pixelmind.data.export import export as run
    from pixelmind.data.store import Store as Opened

    result = run(Opened.open(store), out, format, source=source, split=split)
    if json:
        output.print_json(dataclasses.asdict(result))
        return
    told = ", ".join(f"{count} {name}" for name, count in result.pictures.items())
    print(f"{sum(result.pictures.values())} pictures in {result.folder}: {told}")


@data.command("from-dialogues")
def from_dialogues(
    feedback: Annotated[str, typer.Option(help="Database of the service: URL or SQLite file.")],
    out: Annotated[
        Path, typer.Option("--out", help="Store to add to, made if missing; or FILE.jsonl for the dialogues.")
    ],
    whose: Annotated[str, typer.Option(help="human, simulated or both, where both are there.")] = "",
    owner: Annotated[str, typer.Option(help="Whom to credit. Default: each person by id.")] = "",
    licence: Annotated[str, typer.Option(help="SPDX name. Default: their owners' own, not to be given on.")] = "",
    idle_hours: Annotated[float, typer.Option(help="Silence after which a dialogue is over.")] = 24.0,
    json: Json = False,
) -> None:
    """Keep what people took in dialogues with its words, labelled as generated and never measured with; or the dialogues themselves."""
    from pixelmind.dialogue import stored, taken

    chosen = stored.whose_of(whose)
    if out.suffix == ".jsonl":
        found = stored.read(feedback, chosen, idle_hours=idle_hours)
        told = {"path": str(stored.write(found, out).resolve()), "dialogues": len(found)}
    else:
        kept = taken.write(feedback, out, chosen, owner=owner, licence=licence or taken.LICENCE, idle_hours=idle_hours)
        told = dataclasses.asdict(kept)
    if json:
        output.print_json(told)
        return
    print("\n".join(f"{key}: {value}" for key, value in told.items()))


data.command("search")(search)
