"""`pixelmind review`: the queue of sprites that a person must look at, on this machine's database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pixelmind.cli import output
from pixelmind.cli.db import Json, opened

if TYPE_CHECKING:
    from pixelmind.storage import Database, ReviewRow

review = typer.Typer(help="The queue of sprites that a person must look at.", no_args_is_help=True)
LOCAL = "local"
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
def show(identity: Identity, json: Json = False) -> None:
    """Show a sprite under review, and the candidates for its place."""
    from pixelmind.serving.reviewing import sprites_of

    with opened() as database:
        row = database.review.get(identity)
        about = _about(database, row)
        sprites = [] if json else [s.sprite for s in sprites_of(database, row)]
    if json:
        output.print_json(about)
        return
    output.print_previews(sprites)
    for name, value in about.items():
        if value not in (None, "", []):
            print(f"{name}: {_plain(', '.join(value) if isinstance(value, list) else value)}")


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
