"""Pixel tools: `pixelmind snap`, `pixelmind palette list|show|convert`, `pixelmind export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pixelmind.cli import output
from pixelmind.errors import BadInput

if TYPE_CHECKING:
    from pixelmind.records import Palette

palette = typer.Typer(help="List, show and convert palettes.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")]
DEFAULT_COLORS = 64


def segment(
    image: Annotated[Path | None, typer.Argument(help="Picture at native size, up to 256 px a side.")] = None,
    words: Annotated[str, typer.Option(help="What it shows, where you know it: the parts are found better.")] = "",
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Default: NAME-parts.png beside the picture.")] = None,
    weights: Annotated[Path | None, typer.Option(help="Folder of other weights.")] = None,
    list: Annotated[bool, typer.Option("--list", help="List all parts and their colours instead.")] = False,
    json: Json = False,
) -> None:
    """Find the parts of a picture (head, sword, sky, wall …): an indexed PNG, one colour a part, and how many cells each has.

    `generate --layout` reads such a picture, painted in the same colours.
    """
    import numpy as np

    from pixelmind.data.show import region_colors

    shown = region_colors()
    if list:
        colors = {name: f"#{bytes(color).hex()}" for name, color in shown.items()}
        if json:
            output.print_json(colors)
        else:
            print("\n".join(f"{color} {name}" for name, color in colors.items()))
        return
    if image is None:
        raise BadInput("name a picture, for example: pixelmind segment sprite.png")

    from pixelmind.data.stage import hard_alpha
    from pixelmind.encoder.model import shared_tower
    from pixelmind.generator.segmenter import load_segmenter
    from pixelmind.pixels import export, png
    from pixelmind.records import MAX_SIZE_PX, Sprite

    target = out or image.with_name(f"{image.stem}-parts.png")
    export.check("png", 1, target)
    rgba = png.read_image(image)
    if max(rgba.shape[:2]) > MAX_SIZE_PX:
        size = f"{rgba.shape[1]}x{rgba.shape[0]}"
        raise BadInput(
            f"{image} is {size} px, at most {MAX_SIZE_PX} a side can be read; enlarged art: pixelmind snap {image}"
        )
    rgba = hard_alpha(rgba)
    pooled = shared_tower().encode([words]).pooled[0] if words.strip() else None
    mask, names = load_segmenter(weights).segment(rgba, pooled)
    palette = np.array([(0, 0, 0, 0), *((*shown[name], 255) for name in names[1:])], dtype=np.uint8)
    sprite = Sprite(indices=mask, palette=palette, mask=mask, mask_names=names)
    (path,) = export.save([sprite], target, "png", 1)
    cells = {name: int((mask == value).sum()) for value, name in enumerate(names)}
    if json:
        output.print_json({"path": str(path.resolve()), "parts": cells})
        return
    output.print_previews([sprite])
    print(path.resolve())
    output.log(", ".join(f"{name} {count}" for name, count in sorted(cells.items(), key=lambda item: -item[1])))


def snap(
    image: Annotated[Path, typer.Argument(help="Picture to repair.")],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Default: NAME-snapped.png beside the picture.")
    ] = None,
    palette: Annotated[str | None, typer.Option(help="Built-in palette or a palette file.")] = None,
    colors: Annotated[int | None, typer.Option(help="At most this many colours, 2 to 256.")] = None,
    dither: Annotated[str | None, typer.Option(help="bayer2x2, bayer4x4 or bayer8x8.")] = None,
    size: Annotated[
        str | None, typer.Option(metavar="WxH", help="Native size, where you know it; else it is found.")
    ] = None,
    scale: Annotated[int, typer.Option(help="Enlarge the file by repeating pixels, 1 to 64.")] = 1,
    json: Json = False,
) -> None:
    """Find the native pixels of enlarged, blurred, shifted or JPEG-damaged pixel art: a true indexed sprite."""
    import numpy as np

    from pixelmind.pixels import export, palettes, png, quantize
    from pixelmind.pixels import snap as snapper
    from pixelmind.records import Sprite

    if colors is not None and not 2 <= colors <= 256:
        raise BadInput(f"--colors {colors} is out of range: use 2 to 256")
    if dither is not None and dither not in quantize.DITHERS:
        raise BadInput(f"unknown dither {dither!r}; use one of {', '.join(quantize.DITHERS)}")
    chosen = palettes.resolve(palette) if palette is not None else None
    target = out or image.with_name(f"{image.stem}-snapped.png")
    export.check("png", scale, target)
    found = snapper.snap(png.read_image(image), size=_native_size(size))
    small = found.rgba
    before = len(np.unique(small[small[..., 3] >= quantize.OPAQUE][:, :3], axis=0))
    if chosen is not None and colors is not None:
        sprite = quantize.reduce_to_subset(small, chosen, colors, dither)  # type: ignore[arg-type]
    elif chosen is not None:
        sprite = quantize.to_palette(small, chosen, dither)  # type: ignore[arg-type]
    elif colors is not None or before > 255:
        sprite = quantize.to_num_colors(small, colors or DEFAULT_COLORS, dither)  # type: ignore[arg-type]
    else:
        sprite = Sprite.from_rgba(small)
    (path,) = export.save([sprite], target, "png", scale)
    if json:
        output.print_json(
            {
                "path": str(path.resolve()),
                "width": sprite.width,
                "height": sprite.height,
                "colors": sprite.num_colors,
                "colors_before": before,
                "factor": round(sum(found.factor) / 2, 4),
                "cell": [round(f, 4) for f in reversed(found.factor)],
                "enlarged_by": found.kernel,
                "unexplained": round(found.error, 5),
                "half_clear_cells": found.half_clear,
                "note": found.note,
            }
        )
        return
    output.print_previews([sprite])
    print(path.resolve())
    down, across = found.factor
    how = {"": "", "exact": ""}.get(found.kernel, f" ({found.kernel})")
    was = (
        f"enlarged {across:.4g}x{how}"
        if abs(across - down) < 0.005 * across
        else f"enlarged {across:.4g}x{down:.4g}{how}"
    )
    output.log(
        f"was {was if found.found else 'at its own size'}, now {sprite.width}x{sprite.height}; "
        f"{before} colours, now {sprite.num_colors}; {found.half_clear} half-clear cells made clear or opaque"
    )
    if found.note:
        output.log(found.note)


def _native_size(text: str | None) -> tuple[int, int] | None:
    """(height, width) of "WxH"."""
    if text is None:
        return None
    width, by, height = text.lower().partition("x")
    if not (by and width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        raise BadInput(f"--size {text} is not a size like 32x48 (width x height)")
    return int(height), int(width)


def export(
    images: Annotated[list[Path], typer.Argument(help="Sprites, in frame order.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="File or folder/.")],
    format: Annotated[str, typer.Option(help="png, gif, aseprite or sheet.")] = "sheet",
    scale: Annotated[int, typer.Option(help="Enlarge by repeating pixels, 1 to 64.")] = 1,
    json: Json = False,
) -> None:
    """Write sprites as PNGs, one GIF, one Aseprite file, or a sprite sheet with JSON."""
    from pixelmind.pixels import export as exporter
    from pixelmind.pixels import png
    from pixelmind.records import Sprite

    exporter.check(format, scale, out)
    sprites = []
    for image in images:
        try:
            sprites.append(Sprite.from_rgba(png.read_image(image)))
        except BadInput as error:
            if str(image) in str(error):
                raise
            raise BadInput(f"{image}: {error} (see: pixelmind snap)") from error
    paths = exporter.save(sprites, out, format, scale)
    if json:
        output.print_json({"files": [str(p.resolve()) for p in paths], "frames": len(sprites)})
        return
    for path in paths:
        print(path.resolve())


def _swatches(palette: Palette, width: int = 64) -> str:
    """Colour blocks, at most `width` of them; nothing where colours cannot be shown."""
    if not output.colored():
        return ""
    blocks = "".join(f"\x1b[48;2;{r};{g};{b}m " for r, g, b in palette.colors[:width].tolist())
    return f"{blocks}\x1b[0m{' …' if len(palette) > width else ''}"


def _record(palette: Palette, title: str) -> dict[str, Any]:
    return {"name": palette.name, "title": title, "count": len(palette), "colors": list(palette.hex())}


@palette.command("list")
def list_palettes(json: Json = False) -> None:
    """List the built-in palettes with their colours."""
    from pixelmind.pixels import palettes

    known = [(palettes.get(name), palettes.title(name)) for name in palettes.names()]
    if json:
        output.print_json({"palettes": [_record(p, title) for p, title in known]})
        return
    for p, title in known:
        print(f"{p.name:18}{len(p):4}  {title:68} {_swatches(p, 32)}".rstrip())


@palette.command()
def show(name: Annotated[str, typer.Argument(metavar="NAME|FILE")], json: Json = False) -> None:
    """Show a palette's colours."""
    from pixelmind.pixels import palettes

    chosen = palettes.resolve(name)
    title = palettes.title(chosen.name) if chosen.name in palettes.names() else chosen.name
    if json:
        output.print_json(_record(chosen, title))
        return
    print(f"{title}, {len(chosen)} colours")
    for code, (r, g, b) in zip(chosen.hex(), chosen.colors.tolist()):
        print(f"\x1b[48;2;{r};{g};{b}m      \x1b[0m {code}" if output.colored() else code)


@palette.command()
def convert(
    name: Annotated[str, typer.Argument(metavar="NAME|FILE")],
    out: Annotated[Path, typer.Argument(help="File that ends in .gpl, .hex or .pal.")],
) -> None:
    """Write a palette as .gpl, .hex or JASC .pal."""
    from pixelmind.pixels import palettes

    print(palettes.save(palettes.resolve(name), out).resolve())
