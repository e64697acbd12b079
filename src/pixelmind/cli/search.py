"""`pixelmind data search`: pictures of a store by words or by a picture, on a contact sheet."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Annotated

import typer

from pixelmind.cli import output
from pixelmind.errors import BadInput


def search(
    store: Annotated[Path, typer.Argument(metavar="STORE", help="Folder of a store.")],
    words: Annotated[str, typer.Argument(metavar="[WORDS]", help='What to look for, such as "red dragon".')] = "",
    image: Annotated[
        Path | None, typer.Option("--image", help="A picture to find others like; with words, both count.")
    ] = None,
    out: Annotated[Path, typer.Option("-o", "--out", help="PNG to write.")] = Path("search.png"),
    n: Annotated[int, typer.Option("-n", help="How many pictures.")] = 16,
    encoder: Annotated[
        Path | None,
        typer.Option(help="Run of `train encoder`. Default: PIXELMIND_HOME/release/encoder, else the released one."),
    ] = None,
    scale: Annotated[int, typer.Option(help="Enlargement.")] = 2,
    columns: Annotated[int, typer.Option(help="Pictures a row.")] = 8,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    """Find pictures by words or by a picture, and write them, nearest first, on a contact sheet."""
    from pixelmind.data.store import Store
    from pixelmind.encoder.search import Searcher
    from pixelmind.files import write_bytes
    from pixelmind.pixels.png import decode_png, read_image
    from pixelmind.pixels.preview import contact_sheet

    if not words.strip() and image is None:
        raise BadInput("say what to search for: words, or a picture with --image PATH")
    if n < 1 or scale < 1 or columns < 1:
        raise BadInput("-n, --scale and --columns must be at least 1")
    picture = None if image is None else read_image(image)
    opened = Store.open(store)
    searcher = Searcher(opened, encoder or _usual(), lambda done, total: output.log(f"features: {done:,} of {total:,}"))
    found = searcher.find(words, picture, n)
    rows = opened.take([f.row for f in found], ("id", "png", "captions", "source", "licence", "credit"))
    texts = [f"{f.score:.2f} {row['captions'][0]}" for f, row in zip(found, rows)]
    sheet, file = (
        contact_sheet([decode_png(row["png"]) for row in rows], texts, columns=columns, scale=scale),
        io.BytesIO(),
    )
    sheet.save(file, "PNG")
    write_bytes(out, file.getvalue())
    if json:
        kept = ("id", "captions", "source", "licence", "credit")
        results = [
            {"row": f.row, "score": round(f.score, 4)} | {k: row[k] for k in kept} for f, row in zip(found, rows)
        ]
        output.print_json({"path": str(out.resolve()), "results": results})
        return
    print("\n".join(texts))
    print(out.resolve())


def _usual() -> Path:
    """The trained encoder of the release run, or the one that comes with the package.

    Raises:
        BadInput: there is none.
    """
    from pixelmind.cli.home import home
    from pixelmind.encoder.model import PART
    from pixelmind.training.weights import MANIFEST, Bundle, released

    for folder in (home() / "release" / "encoder", released()):
        if (folder / MANIFEST).is_file() and PART in Bundle(folder):
            return folder
    where = home() / "release" / "encoder"
    raise BadInput(
        f"no trained encoder; name one with --encoder RUN, or train: pixelmind train encoder --data STORE --out {where}"
    )
