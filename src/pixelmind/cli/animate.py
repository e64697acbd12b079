"""`pixelmind animate`: a figure to a strip of it walking or breathing, as sheet + JSON and GIF."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pixelmind.cli import generate, output
from pixelmind.cli.home import output_stem
from pixelmind.errors import BadInput

if TYPE_CHECKING:
    from pixelmind.records import Sprite

FPS = {"walk": 8.0, "idle": 4.0}


def _read(image: Path) -> Sprite:
    from pixelmind.pixels import png
    from pixelmind.records import Sprite

    try:
        return Sprite.from_rgba(png.read_image(image))
    except BadInput as error:
        if str(image) in str(error):
            raise
        raise BadInput(f"{image}: {error} (see: pixelmind snap)") from error


def _target(out: str | None, stem: Path) -> Path:
    """The sheet's file; the GIF and the JSON lie beside it under the same name.

    Raises:
        BadInput: an ending other than .gif and .png.
    """
    from pixelmind.pixels import export

    if out is None:
        return stem.with_name(f"{stem.name}.png")
    return export.check("gif" if out.lower().endswith(".gif") else "sheet", 1, out).with_suffix(".png")


def animate(
    image: Annotated[Path | None, typer.Argument(help="Figure on a clear ground, at native size.")] = None,
    prompt: Annotated[str | None, typer.Option(help="Draw the figure from words first, instead of IMAGE.")] = None,
    action: Annotated[str, typer.Option(help="walk or idle.")] = "walk",
    frames: Annotated[int, typer.Option(help="Frames in the strip, 2 to 64.")] = 4,
    fps: Annotated[float | None, typer.Option(help="Frames a second. Default: 8 walking, 4 idle.")] = None,
    size: Annotated[str | None, typer.Option(help="WIDTHxHEIGHT of a --prompt's figure. Default: 32x32.")] = None,
    style: generate.Style = None,
    seed: Annotated[int | None, typer.Option(help="Same seed, same figure. Default: drawn anew and printed.")] = None,
    out: Annotated[
        str | None,
        typer.Option("-o", "--out", help="OUT.gif or OUT.png; both and OUT.json are written. Default: NAME-ACTION."),
    ] = None,
    scale: Annotated[int, typer.Option(help="Enlarge the files by repeating pixels, 1 to 64.")] = 1,
    weights: Annotated[Path | None, typer.Option(help="Folder of other weights.")] = None,
    check: generate.Check = True,
    preview: Annotated[bool, typer.Option(help="Show the frames in the terminal.")] = True,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    """Make a figure walk or breathe: a sprite sheet with Aseprite's JSON, and a GIF, in the figure's own palette.

    --json prints {"sheet", "json", "gif", "action", "frames", "width", "height", "colors", "anchor_drift", "seed"}; width and
    height are a frame's before --scale, anchor_drift is how far the ground line strays, in px.
    """
    if (image is None) == (prompt is None):
        raise BadInput("name one picture to animate, or describe one with --prompt")
    if image is not None and (size is not None or style is not None or seed is not None):
        raise BadInput("--size, --style and --seed are for --prompt; a picture keeps its size and look")
    if action not in FPS:
        raise BadInput(f"unknown action {action!r}; use one of {', '.join(FPS)}")
    if not 2 <= frames <= 64:
        raise BadInput(f"--frames {frames} is out of range: use 2 to 64")
    fps = FPS[action] if fps is None else fps
    if not 0.5 <= fps <= 50:
        raise BadInput(f"--fps {fps:g} is out of range: use 0.5 to 50")
    if prompt is not None:
        generate.check(prompt, 1, None, None, None, seed)
        width, height = generate.parse_size(size or "32x32")
        seed = secrets.randbelow(2**31) if seed is None else seed

    from pixelmind.pixels import export

    if image is not None:
        target = _target(out, image.with_name(f"{image.stem}-{action}"))
    else:
        target = _target(out, output_stem(f"{prompt} {action}", width, height, seed or 0))
    export.check("sheet", scale, target)
    if image is not None and any(target.with_suffix(s).resolve() == image.resolve() for s in (".png", ".gif")):
        raise BadInput(f"{target.stem} would overwrite the picture; give another name with -o")
    sprite = _read(image) if image is not None else None

    from pixelmind.generator.motion import anchor_drift, load_motion, save_strip

    motion = load_motion(weights)
    if sprite is None:
        from pixelmind.generator.pipeline import load
        from pixelmind.quality.after import load_check
        from pixelmind.records import Conditioning, GenerationRequest

        pipe = load(weights, adapters=generate.own_styles(style))
        conditioning = Conditioning(prompt=prompt or "", height=height, width=width, kind="character", style=style)
        request = GenerationRequest(conditioning=conditioning, seed=seed or 0)
        result = pipe.generate_batch([request])[0]
        checks = load_check(weights) if check else None
        (sprite,) = (result if checks is None else checks.drawn(pipe, request, result)).sprites
    strip = motion.animate(sprite, action, frames)  # type: ignore[arg-type]
    sheet, description, gif = save_strip(strip, target, action, fps, scale)  # type: ignore[arg-type]
    drift = anchor_drift(strip)
    if json:
        about = {"width": sprite.width, "height": sprite.height, "colors": sprite.num_colors, "anchor_drift": drift}
        paths = {"sheet": str(sheet.resolve()), "json": str(description.resolve()), "gif": str(gif.resolve())}
        output.print_json({**paths, "action": action, "frames": frames, **about, "seed": seed})
        return
    if preview:
        output.print_previews(strip)
    for path in (sheet, description, gif):
        print(path.resolve())
    if prompt is not None:
        generate.tell_doubt(sprite, sheet.name)
    output.log(f"{action}, {frames} frames, ground line moves {drift} px" + ("" if seed is None else f", seed {seed}"))
