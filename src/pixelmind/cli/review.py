"""`pixelmind review`: the queue of sprites that a person must look at, on this machine's database."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pixelmind.cli import output
from pixelmind.cli.db import Json, opened
from pixelmind.errors import BadInput

if TYPE_CHECKING:
    from pixelmind.records import U8
    from pixelmind.storage import Database, ReviewRow

review = typer.Typer(help="The queue of sprites that a person must look at.", no_args_is_help=True)
LOCAL = "local"
HEAT = "-heat.png"
Identity = Annotated[str, typer.Argument(metavar="ID", help="As `review list` prints it.")]


def _about(database: Database, row: ReviewRow) -> dict[str, Any]:
    from pixelmind.serving.reviewing import opaque

    sprite = database.sprites.get(row.user, row.sprite_id)
    return {
        "id": row.id,
        "status": row.status,
        "sprite": row.sprite_id,
        "user": opaque(row.user),
        "prompt": sprite.prompt,
        "reason": row.reason,
        "score": row.score,
        "families": {} if sprite.quality is None else sprite.quality["families"],
        "candidates": list(row.candidates),
        "created": row.created,
        "decision": row.decision,
        "decided": row.decided,
        "comment": row.comment,
        "replacement": row.replacement,
    }


def _line(about: dict[str, Any]) -> str:
    score = "" if about["score"] is None else f"{about['score']:.2f}"
    words = (about["id"], about["status"], about["decision"] or "", score, about["prompt"][:40], about["reason"][:60])
    return "  ".join(_plain(word) for word in words if word)


def _plain(value: Any) -> str:
    """One line of a stranger's words, without what could steer a terminal."""
    return "".join(c if c.isprintable() else " " for c in " ".join(str(value).split()))


@review.command("list")
def list_(
    status: Annotated[str, typer.Option(help="open or done.")] = "open",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 50,
    json: Json = False,
) -> None:
    """List reviews of everyone: open ones oldest first, done ones newest first."""
    with opened() as database:
        found = [_about(database, row) for row in database.review.list(status, limit=limit)]
    if json:
        output.print_json({"reviews": found})
        return
    for about in found:
        print(_line(about))
    if not found:
        output.log("there is no open review" if status == "open" else "nothing was decided yet")


@review.command()
def show(
    identity: Identity,
    heatmap: Annotated[Path | None, typer.Option(metavar="PNG", help="Write the heat map it was flagged with.")] = None,
    json: Json = False,
) -> None:
    """Show a sprite under review, and the candidates for its place."""
    from pixelmind.serving.reviewing import sprites_of

    with opened() as database:
        row = database.review.get(identity)
        about = _about(database, row)
        sprites = [] if json else [s.sprite for s in sprites_of(database, row)]
        heat = None if heatmap is None else row.heatmap
    if heatmap is not None:
        if heat is None:
            raise BadInput(f"{row.id} was flagged without a heat map; leave out --heatmap")
        output.write(heatmap, heat)
    if json:
        output.print_json(about)
        return
    output.print_previews(sprites)
    for name, value in about.items():
        if isinstance(value, dict):
            value = _chances(value)
        if value not in (None, "", []):
            print(f"{name}: {_plain(', '.join(value) if isinstance(value, list) else value)}")


def _chances(families: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {chance:.2f}" for name, chance in families.items())


@review.command()
def check(
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE...", help="Pictures at native size.")],
    heatmap: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER|PNG", help=f"Write heat maps: NAME{HEAT} in a folder, or one PNG."),
    ] = None,
    weights: Annotated[Path | None, typer.Option(help="Folder of other weights.")] = None,
    json: Json = False,
) -> None:
    """Judge pictures by the critic: the chance of a fault by family, and that a person is dissatisfied.

    Of an animation every frame is judged. --json prints {"pictures": [{"path", "frame", "dissatisfied", "flagged", "families", "score",
    "heatmap"}], "critic"}.
    """
    from pixelmind.pixels.reading import read_canvases
    from pixelmind.quality import heat_map
    from pixelmind.quality.inspector import load_inspector
    from pixelmind.records import MAX_SIZE_PX

    names: list[tuple[Path, int | None]] = []
    pictures: list[U8] = []
    for path in images:
        frames = read_canvases(path)
        height, width = frames[0].shape[:2]
        if max(height, width) > MAX_SIZE_PX:
            raise BadInput(
                f"{path} is {width}x{height} px, at most {MAX_SIZE_PX} a side are judged; enlarged art: pixelmind snap {path}"
            )
        names += [(path, number if len(frames) > 1 else None) for number in range(1, len(frames) + 1)]
        pictures += frames
    targets = output.targets(heatmap, names, HEAT)
    inspector = load_inspector(weights)
    if inspector is None:
        raise BadInput("these weights hold no critic; name others with --weights, or train one: pixelmind train critic")
    rows: list[dict[str, Any]] = []
    for (path, frame), rgba in zip(names, pictures):
        verdict = inspector.judge([rgba])[0]
        if targets:
            output.write(targets[len(rows)], heat_map.draw(rgba, verdict.heat))
        rows.append(
            {
                "path": str(path.resolve()),
                "frame": frame,
                "dissatisfied": round(verdict.dissatisfied, 4),
                "flagged": verdict.dissatisfied >= inspector.flag_at,
                "families": {name: round(chance, 4) for name, chance in verdict.families.items()},
                "score": round(verdict.score, 4),
                "heatmap": str(targets[len(rows)].resolve()) if targets else None,
            }
        )
    if json:
        output.print_json({"pictures": rows, "critic": inspector.id})
        return
    for row, (path, frame) in zip(rows, names):
        mark = "!" if row["flagged"] else " "
        name = f"{path}{f' frame {frame}' if frame else ''}"
        print(f"{mark} {row['dissatisfied']:.2f}  {_chances(row['families'])}  {name}")
    for target in targets:
        print(target.resolve())


@review.command()
def decide(
    identity: Identity,
    decision: Annotated[str, typer.Argument(metavar="DECISION", help="approve, fix or reject.")],
    comment: Annotated[str, typer.Option("--comment", "-m", help="Why.")] = "",
    replacement: Annotated[
        str | None, typer.Option(metavar="SPRITE", help='With "fix": the sprite that takes its place.')
    ] = None,
    json: Json = False,
) -> None:
    """Decide; it is kept as a verdict on the sprite."""
    from pixelmind.serving import reviewing

    with opened() as database:
        reviewer = database.users.ensure(LOCAL).id
        row = reviewing.decide(database, identity, reviewer, decision, comment, replacement)
        about = _about(database, row)
    if json:
        output.print_json(about)
    else:
        print(_line(about))
