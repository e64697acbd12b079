"""`pixelmind edit`: a sprite and an instruction to a new sprite in which nothing else changed."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pixelmind.cli import output
from pixelmind.cli.generate import MAX_SEED, Check, Style, own_styles, tell_doubt
from pixelmind.cli.home import home
from pixelmind.errors import BadInput

if TYPE_CHECKING:
    from pixelmind.records import U8, Sprite


def _region(text: str | None, sprite: Sprite) -> tuple[str, U8 | None]:
    """What --region says: words for a part, or cells uint8 [H, W] of a mask picture, a box or the part at a point.

    Raises:
        BadInput: an unreadable mask, one of another size, or a place outside the canvas.
    """
    import numpy as np

    from pixelmind.dialogue.regions import pointed_at
    from pixelmind.pixels import png

    if text is None:
        return "", None
    if re.fullmatch(r"\s*\d+\s*(,\s*\d+\s*){1,3}", text):
        numbers = [int(n) for n in text.split(",")]
        if len(numbers) == 3:
            raise BadInput(f"--region {text} has three numbers; give x,y or x,y,width,height")
        return "", pointed_at(sprite, *numbers).astype(np.uint8)
    if Path(text).suffix.lower() in (".png", ".gif", ".bmp", ".webp") or Path(text).is_file():
        mask = png.read_image(Path(text))
        if mask.shape[:2] != sprite.indices.shape:
            raise BadInput(
                f"the mask {text} is {mask.shape[1]}x{mask.shape[0]} px, the picture {sprite.width}x{sprite.height}; give both one size"
            )
        cells = ((mask[..., :3].max(2) >= 128) & (mask[..., 3] >= 128)).astype(np.uint8)
        if not cells.any():
            raise BadInput(f"the mask {text} marks nothing; paint the cells to change white")
        return "", cells
    return text, None


def edit(
    image: Annotated[Path, typer.Argument(help="Sprite at native size.")],
    instruction: Annotated[str, typer.Argument(help='What to change: "make the sky darker".')],
    region: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|MASK.png|x,y[,w,h]",
            help="Where: a part, a mask's bright cells, a box, or the part at a cell.",
        ),
    ] = None,
    style: Style = None,
    seed: Annotated[int, typer.Option(help="Of what is drawn anew; the same seed draws the same.")] = 0,
    out: Annotated[str | None, typer.Option("-o", "--out", help="File. Default: IMAGE-edited.png.")] = None,
    scale: Annotated[int, typer.Option(help="Enlarge the file by repeating pixels, 1 to 64.")] = 1,
    weights: Annotated[Path | None, typer.Option(help="Folder of other weights.")] = None,
    threads: Annotated[int | None, typer.Option(help="CPU threads.")] = None,
    check: Check = True,
    preview: Annotated[bool, typer.Option(help="Show the pictures in the terminal.")] = True,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    """Change what an instruction says, and nothing else: cells outside stay bit for bit as they were.

    --json prints {"images": [{"path", "width", "height", "colors", "seed"}], "seconds", "weights", "region", "operation",
    "changed_cells", "changed_outside", "sentence"}; width and height are those of the sprite, before --scale, and seed is null where
    nothing was drawn.
    """
    start = time.perf_counter()
    if not 0 <= seed <= MAX_SEED:
        raise BadInput(f"--seed {seed} is out of range: use 0 to {MAX_SEED}")
    if threads is not None and not 1 <= threads <= 256:
        raise BadInput(f"--threads {threads} is out of range: use 1 to 256")

    from dataclasses import replace

    from pixelmind.dialogue import edits
    from pixelmind.dialogue.instruction import understood
    from pixelmind.pixels import export
    from pixelmind.pixels.metadata import read_sprite
    from pixelmind.training.weights import Bundle

    if (home() / "adapters").is_dir():
        from pixelmind.adaptation.adapters import names
        from pixelmind.generator.own_styles import named

        instruction, worded = named(instruction, names(home()))
        style = style or worded
    target = export.check("png", scale, out or image.with_name(f"{image.stem}-edited.png"))
    sprite = read_sprite(image)
    if not sprite.palette[sprite.indices, 3].any():
        raise BadInput(f"{image} is empty: every cell is clear, so there is nothing to change")
    bundle, pipe = Bundle(weights), None
    parser = None
    if "intent" in bundle:
        from pixelmind.dialogue.parser import load_parser

        parser = load_parser(bundle.folder)
    request = understood(instruction, sprite, seed, parser)
    words, pointed = _region(region, sprite)
    if words:
        request = replace(request, place=words, region="")
    elif pointed is not None:
        request = replace(request, pointed=pointed)

    if edits.needs_drawing(request):
        from pixelmind.generator.pipeline import load

        pipe = load(weights, threads=threads, adapters=own_styles(style))
        request = replace(request, style=style)
    elif sprite.mask is None and edits.needs_parts(request) and "segmenter" in bundle:
        from pixelmind.generator.segmenter import load_segmenter

        sprite = edits.with_parts(sprite, load_segmenter(weights))
    result = edits.apply(sprite, request, pipe)
    if check and pipe is not None:
        from pixelmind.quality.after import load_check

        checks = load_check(weights)
        result = result if checks is None else checks.edited(sprite, request, result)
    (path,) = export.save([result.sprite], target, "png", scale)
    if json:
        about = {"path": str(path.resolve()), "width": result.sprite.width, "height": result.sprite.height}
        output.print_json(
            {
                "images": [{**about, "colors": result.sprite.num_colors, "seed": seed if pipe is not None else None}],
                "seconds": round(time.perf_counter() - start, 3),
                "weights": bundle.id,
                "region": result.place,
                "operation": result.operation,
                "changed_cells": result.changed_cells,
                "changed_outside": result.changed_outside,
                "sentence": result.sentence,
            }
        )
        return
    if preview:
        output.print_previews([sprite, result.sprite])
    print(path.resolve())
    output.log(result.sentence)
    tell_doubt(result.sprite, path.name)
