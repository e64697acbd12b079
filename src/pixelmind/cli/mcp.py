"""`pixelmind mcp`: draw and edit sprites as tools of another program's chat model, over stdin and stdout."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pixelmind.cli.home import home
from pixelmind.errors import BadInput


def mcp(
    allow: Annotated[
        list[Path] | None,
        typer.Option(metavar="FOLDER", help="Folder whose pictures and palettes may be read; repeat it for several."),
    ] = None,
    weights: Annotated[Path | None, typer.Option(help="Folder of other weights.")] = None,
    threads: Annotated[int | None, typer.Option(help="CPU threads.")] = None,
) -> None:
    """Serve the tools generate, edit, export, palettes, styles and limits by the Model Context Protocol.

    Started by an MCP client, which talks to it over stdin and stdout. Files are written to PIXELMIND_HOME/outputs alone, and read
    from there and from the folders of --allow.
    """
    if threads is not None and not 1 <= threads <= 256:
        raise BadInput(f"--threads {threads} is out of range: use 1 to 256")
    folders = [folder.expanduser() for folder in allow or []]
    for folder in folders:
        if not folder.is_dir():
            raise BadInput(f"there is no folder {folder} to allow")
    try:
        from pixelmind.serving.mcp_server import serve
    except ModuleNotFoundError as error:
        raise BadInput("this needs the MCP library: pip install 'pixelmind[mcp]'") from error
    serve(home(), folders, weights, threads)
