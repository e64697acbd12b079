"""`pixelmind memory`: what is remembered of a person, taken out or deleted."""

from __future__ import annotations

import json as json_
import shutil
from pathlib import Path
from typing import Annotated

import typer

from pixelmind.cli import output
from pixelmind.cli.home import home
from pixelmind.errors import BadInput

memory = typer.Typer(help="What `chat --user NAME` remembers of a person.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name given to chat --user.")]


def _about(name: str) -> tuple[Path, dict[str, object]]:
    from pixelmind.dialogue.memory import ABOUT, place_of

    place = place_of(home() / "memory", name)
    if not (place / ABOUT).is_file():
        raise BadInput(f"nothing is remembered of {name}; it begins with: pixelmind chat --user {name}")
    about: dict[str, object] = json_.loads((place / ABOUT).read_text())
    return place, about


@memory.command()
def show(name: Name) -> None:
    """Print as JSON how much is remembered, its version and size."""
    place, about = _about(name)
    size = sum(p.stat().st_size for p in place.iterdir())
    output.print_json({"name": name, **about, "bytes": size, "path": str(place)})


@memory.command()
def export(name: Name, out: Annotated[Path, typer.Option("-o", "--out", help="Folder to make.")]) -> None:
    """Copy all that is remembered into a folder: the state as safetensors and a description."""
    place, _ = _about(name)
    if out.exists():
        raise BadInput(f"{out} exists; name a folder that does not")
    try:
        shutil.copytree(place, out)
    except OSError as error:
        raise BadInput(f"cannot write {out}: {error.strerror or error}") from error
    print(out.resolve())


@memory.command()
def delete(name: Name) -> None:
    """Delete all that is remembered of a person, for good."""
    from pixelmind.dialogue.memory import delete as forget

    forget(home() / "memory", name)
    print(f"nothing is remembered of {name} any more")
