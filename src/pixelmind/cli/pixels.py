"""Pixel tools: `pixelmind snap`, `pixelmind palette list|show|convert`, `pixelmind export`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pixelmind.cli import output
from pixelmind.errors import BadInput

if TYPE_CHECKING:
    from pixelmind.pixels.strip import Tag
    from pixelmind.records import Palette

palette = typer.Typer(help="List, show and convert palettes.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")]
DEFAULT_COLORS = 64
FORMAT_HELP = "png, gif, apng, sheet, sheet-array, aseprite, tiled, godot, texturepacker, or the colours alone: gpl, hex, pal, palette-png"


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
    images: Annotated[
        list[Path], typer.Argument(help="Sprites, in frame order; of a GIF, APNG or .aseprite file all its frames.")
    ],
    out: Annotated[Path, typer.Option("-o", "--out", help="File or folder/.")],
    format: Annotated[str, typer.Option(help=f"{FORMAT_HELP}.")] = "sheet",
    scale: Annotated[int, typer.Option(help="Enlarge by repeating pixels, 1 to 64.")] = 1,
    fps: Annotated[
        float | None, typer.Option(help="Frames a second, 0.1 to 100. Default: as the files say, else 5.")
    ] = None,
    tag: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME:FROM-TO[:MS]",
            help="Name a run of frames, counted from 1, and its ms a frame; repeat it for more. Default: an .aseprite file's own.",
        ),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Play once instead of for ever (gif, apng, godot).")] = False,
    corners: Annotated[
        str | None,
        typer.Option(
            metavar="NAME,NAME",
            help="tiled: the terrains of 16 corner tiles given in the order NW*8 + NE*4 + SW*2 + SE, 0 to 15.",
        ),
    ] = None,
    trim: Annotated[bool, typer.Option("--trim", help="texturepacker: leave out clear margins.")] = False,
    json: Json = False,
) -> None:
    """Write sprites as PNGs, an animation, an Aseprite file, a sheet with JSON, for Tiled or Godot, or their palette.

    --json prints {"files", "format", "frames", "width", "height", "tags"}; width and height are a frame's, before --scale.
    """
    from pixelmind.pixels import export as exporter
    from pixelmind.pixels.reading import read_frames
    from pixelmind.pixels.strip import FRAME_MS

    exporter.check(format, scale, out)
    if fps is not None and not 0.1 <= fps <= 100:
        raise BadInput(f"--fps {fps:g} is out of range: use 0.1 to 100")
    named = [_tag(text) for text in tag or ()]
    terrains = _terrains(corners)
    frames = read_frames(images)
    default = round(1000 / fps) if fps is not None else None
    durations = [default or ms or FRAME_MS for ms in frames.durations]
    for own, ms in named:
        if ms is not None and 0 <= own.first <= own.last < len(durations):
            durations[own.first : own.last + 1] = [ms] * (own.last + 1 - own.first)
    tags = [own for own, _ in named] or list(frames.tags)
    paths = exporter.save(
        frames.sprites,
        out,
        format,
        scale,
        tags=tags,
        durations=durations,
        loop=not once,
        terrains=terrains,
        trim=trim,
    )
    if json:
        first = frames.sprites[0]
        about = {"format": format, "frames": len(frames.sprites), "width": first.width, "height": first.height}
        output.print_json({"files": [str(p.resolve()) for p in paths], **about, "tags": [t.name for t in tags]})
        return
    for path in paths:
        print(path.resolve())


def _tag(text: str) -> tuple[Tag, int | None]:
    """A tag, its frames counted from 0, and the ms of its frames, of "walk:1-4:120" (counted from 1)."""
    from pixelmind.pixels.strip import MAX_MS, Tag

    found = re.fullmatch(r"(.+?):(\d{1,6})(?:-(\d{1,6}))?(?::(\d{1,9}))?", text.strip())
    if not found:
        raise BadInput(
            f"--tag {text} is not like walk:1-4 or walk:1-4:120 (name, first and last frame from 1, ms a frame)"
        )
    name, first, last, ms = found[1], int(found[2]), int(found[3] or found[2]), found[4]
    if first < 1:
        raise BadInput(f"--tag {text}: frames are counted from 1")
    if last < first:
        raise BadInput(f"--tag {text}: frame {last} comes before {first}; give the lower one first")
    if ms is not None and not 1 <= int(ms) <= MAX_MS:
        raise BadInput(f"--tag {text}: {ms} ms is out of range: use 1 to {MAX_MS}")
    return Tag(name=name, first=first - 1, last=last - 1), int(ms) if ms else None


def _terrains(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    names = [name.strip() for name in text.split(",")]
    if len(names) != 2:
        raise BadInput(f"--corners {text} is not two names like grass,water")
    return names[0], names[1]


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
    out: Annotated[Path, typer.Argument(help="File that ends in .gpl, .hex, .pal or .png.")],
) -> None:
    """Write a palette as .gpl, .hex, JASC .pal or a .png strip, one cell a colour."""
    from pixelmind.pixels import palettes

    print(palettes.save(palettes.resolve(name), out).resolve())
