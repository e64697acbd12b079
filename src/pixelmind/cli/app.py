"""All commands in the way of data: pictures in, training, words to sprites, pixel tools, evaluation, release."""

from __future__ import annotations

from typing import Annotated

import click
import typer
import typer.core

from pixelmind import __version__
from pixelmind.cli import (
    adapt,
    animate,
    chat,
    data,
    db,
    edit,
    evaluate,
    generate,
    keys,
    lint,
    loop,
    mcp,
    memory,
    models,
    pixels,
    preference,
    review,
    rollout,
    serve,
    train,
)

#: The order of `pixelmind --help`: the way of data, not the alphabet.
ORDER = (
    "generate",
    "edit",
    "chat",
    "memory",
    "animate",
    "snap",
    "lint",
    "segment",
    "palette",
    "export",
    "data",
    "train",
    "adapt",
    "eval",
    "release",
    "models",
    "rollout",
    "loop",
    "studio",
    "serve",
    "review",
    "preference",
    "mcp",
    "keys",
    "db",
)


class InOrder(typer.core.TyperGroup):
    """A group that lists its commands in ORDER."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in ORDER."""
        return sorted(super().list_commands(ctx), key=ORDER.index)


app = typer.Typer(
    cls=InOrder,
    help="Words to true pixel art: exact size, exact palette, alpha 0 or 255. Offline.",
    no_args_is_help=True,
    add_completion=False,
    suggest_commands=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"pixelmind {__version__}")
        raise typer.Exit


@app.callback()
def _top(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    pass


app.command("generate")(generate.generate)
app.command("edit")(edit.edit)
app.command("chat")(chat.chat)
app.add_typer(memory.memory, name="memory")
app.command("animate")(animate.animate)
app.command("snap")(pixels.snap)
app.command("lint")(lint.lint)
app.command("segment")(pixels.segment)
app.add_typer(pixels.palette, name="palette")
app.command("export")(pixels.export)
app.add_typer(data.data, name="data")
app.command("train")(train.train)
app.add_typer(adapt.adapt, name="adapt")
app.add_typer(evaluate.evaluate, name="eval")
app.command("release")(train.release)
app.add_typer(models.models, name="models")
app.add_typer(rollout.rollout, name="rollout")
app.add_typer(loop.loop, name="loop")
app.command("studio")(serve.studio)
app.command("serve")(serve.serve)
app.add_typer(review.review, name="review")
app.add_typer(keys.keys, name="keys")
app.add_typer(db.db, name="db")
app.add_typer(preference.preference, name="preference")
app.command("mcp")(mcp.mcp)
