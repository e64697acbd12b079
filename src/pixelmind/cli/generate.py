"""`pixelmind generate`: words to sprites with the released weights (or any bundle)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pixelmind.cli import output
from pixelmind.cli.home import home, output_stem
from pixelmind.cli.pixels import FORMAT_HELP
from pixelmind.errors import BadInput

if TYPE_CHECKING:
    from pixelmind.generator.own_styles import OwnStyle
    from pixelmind.records import U8, Sprite

MAX_PROMPT_CHARS, MAX_IMAGES, MAX_COLORS = 1000, 64, 256
MAX_SEED = 2**53 - 1
MIN_SIDE, MAX_SIDE, MAX_REFERENCES = 8, 256, 8
Check = Annotated[
    bool, typer.Option("--check/--no-check", help="Look for faults in what was drawn and mend small ones.")
]
Style = Annotated[str | None, typer.Option(help="Style known to the weights, or one of your own (see: adapt style).")]


def parse_size(text: str) -> tuple[int, int]:
    """Return (width, height) of "64x48", or of "64" for a square.

    Raises:
        BadInput: not of that form, or a side outside 8 to 256 px.
    """
    found = re.fullmatch(r"\s*(\d{1,9})(?:\s*[xX×]\s*(\d{1,9}))?\s*", text)
    if not found:
        raise BadInput(f"size {text!r} is not WIDTHxHEIGHT in pixels, for example --size 64x64")
    width = int(found[1])
    height = int(found[2] or found[1])
    if not (MIN_SIDE <= width <= MAX_SIDE and MIN_SIDE <= height <= MAX_SIDE):
        raise BadInput(f"size {width}x{height} is out of range: each side must be {MIN_SIDE} to {MAX_SIDE} px")
    return width, height


def tell_doubt(sprite: Sprite, name: str) -> None:
    """Say so on stderr where the check after drawing still found fault with a sprite."""
    from pixelmind.quality.after import doubt

    why = doubt(sprite)
    if why is not None:
        output.log(f"{name} may have a fault, {why}; where: pixelmind review check")


def check(prompt: str, n: int, colors: int | None, steps: int | None, guidance: float | None, seed: int | None) -> None:
    """Refuse a request that no weights could fulfil, before anything heavy is loaded.

    Raises:
        BadInput: with one line that says what to do.
    """
    if not prompt.strip():
        raise BadInput('the prompt is empty; describe what to draw, for example: pixelmind generate "a red castle"')
    if len(prompt) > MAX_PROMPT_CHARS:
        raise BadInput(f"the prompt has {len(prompt)} characters; use at most {MAX_PROMPT_CHARS}")
    if not 1 <= n <= MAX_IMAGES:
        raise BadInput(f"-n {n} is out of range: ask for 1 to {MAX_IMAGES} images")
    if colors is not None and not 2 <= colors <= MAX_COLORS:
        raise BadInput(f"--colors {colors} is out of range: use 2 to {MAX_COLORS}")
    if steps is not None and not 1 <= steps <= 200:
        raise BadInput(f"--steps {steps} is out of range: use 1 to 200")
    if guidance is not None and not 0 <= guidance <= 20:
        raise BadInput(f"--guidance {guidance:g} is out of range: use 0 to 20")
    if seed is not None and not 0 <= seed <= MAX_SEED:
        raise BadInput(f"--seed {seed} is out of range: use 0 to {MAX_SEED}")


def _source(image: Path, size: str | None, region: str | None, weights: Path | None) -> tuple[Sprite, U8 | None]:
    """The picture to change and where, uint8 [H, W] (None: everywhere).

    Raises:
        BadInput: unreadable, too large or too small a picture, a region that is neither a part of it nor a mask of its size.
    """
    import numpy as np

    from pixelmind.generator.inpaint import outpaint
    from pixelmind.pixels import png
    from pixelmind.records import Sprite

    rgba = png.read_image(image)
    height, width = rgba.shape[:2]
    if not (min(height, width) >= MIN_SIDE and max(height, width) <= MAX_SIDE):
        raise BadInput(
            f"{image} is {width}x{height} px, each side must be 8 to 256; enlarged art: pixelmind snap {image}"
        )
    source = Sprite.from_rgba(rgba)
    wide, high = (width, height) if size is None else parse_size(size)
    if (wide, high) != (width, height):
        if region is not None:
            raise BadInput(
                "--size larger than the picture draws around it and --region inside it; ask for one at a time"
            )
        return outpaint(source, high, wide, (high - height) // 2, (wide - width) // 2)
    if region is None:
        return source, None
    if Path(region).suffix or Path(region).exists():
        mask = png.read_image(Path(region))
        if mask.shape[:2] != (height, width):
            raise BadInput(
                f"the mask {region} is {mask.shape[1]}x{mask.shape[0]} px, the picture {width}x{height}; give both one size"
            )
        return source, ((mask[..., :3].max(2) >= 128) & (mask[..., 3] >= 128)).astype(np.uint8)
    from pixelmind.generator.segmenter import load_segmenter

    parts, names = load_segmenter(weights).segment(source.rgba())
    if region not in names:
        raise BadInput(f"no part {region!r} is found in {image}; there are: {', '.join(names)}; or give a mask picture")
    return source, (parts == names.index(region)).astype(np.uint8)


def read_references(paths: Sequence[Path]) -> list[Sprite]:
    """Reference pictures as sprites.

    Raises:
        BadInput: too many, unreadable, animated, too large, or with half-clear cells.
    """
    import numpy as np

    from pixelmind.pixels import png, quantize
    from pixelmind.records import Sprite

    if len(paths) > MAX_REFERENCES:
        raise BadInput(f"{len(paths)} references are too many: give at most {MAX_REFERENCES}")
    found = []
    for path in paths:
        rgba = png.read_image(path, still=True)
        height, width = rgba.shape[:2]
        if max(height, width) > MAX_SIDE:
            raise BadInput(
                f"{path} is {width}x{height} px, at most {MAX_SIDE} a side can be shown; enlarged art: pixelmind snap {path}"
            )
        soft = int(((rgba[..., 3] > 0) & (rgba[..., 3] < 255)).sum())
        if soft:
            raise BadInput(
                f"{path} has {soft} half-clear cells, true pixel art has none; mend it first: pixelmind snap {path}"
            )
        if not rgba[..., 3].any():
            raise BadInput(f"{path} is empty: every cell is clear")
        few = len(np.unique(rgba[rgba[..., 3] > 0], axis=0)) <= 255
        found.append(Sprite.from_rgba(rgba) if few else quantize.to_num_colors(rgba, 255))
    return found


def read_layout(path: Path) -> Sprite:
    """A picture in the colours of `pixelmind segment` as a sprite whose mask names the parts.

    Raises:
        BadInput: unreadable, too small or large, or a colour that means no part.
    """
    import numpy as np

    from pixelmind.data.show import region_colors
    from pixelmind.pixels import png
    from pixelmind.records import Sprite

    rgba = png.read_image(path)
    height, width = rgba.shape[:2]
    if not (min(height, width) >= MIN_SIDE and max(height, width) <= MAX_SIDE):
        raise BadInput(f"{path} is {width}x{height} px, each side must be {MIN_SIDE} to {MAX_SIDE} px")
    meant = {color: name for name, color in region_colors().items()}
    mask, names = np.zeros((height, width), np.uint8), ["background"]
    for color in np.unique(rgba[rgba[..., 3] >= 128][:, :3], axis=0).tolist():
        if tuple(color) not in meant:
            raise BadInput(
                f"{path}: the colour #{bytes(color).hex()} means no part; its parts' colours are listed by: pixelmind segment --list"
            )
        mask[(rgba[..., :3] == color).all(-1) & (rgba[..., 3] >= 128)] = len(names)
        names.append(meant[tuple(color)])
    if len(names) == 1:
        raise BadInput(f"the layout {path} is empty: paint at least one part")
    palette = np.array([(0, 0, 0, 0), *((128, 128, 128, 255) for _ in names[1:])], np.uint8)
    return Sprite(indices=mask, palette=palette, mask=mask, mask_names=tuple(names))


def own_styles(style: str | None) -> list[OwnStyle]:
    """The style of that name made by `pixelmind adapt style`, where there is one.

    Raises:
        BadInput, CorruptFile: it cannot be read.
    """
    if style is None or not (home() / "adapters").is_dir():
        return []
    from pixelmind.adaptation.adapters import Kept

    kept = Kept(home())
    return [kept[style]] if style in kept else []


def generate(
    prompt: Annotated[str, typer.Argument(help="What to draw, 1 to 1000 characters.")],
    n: Annotated[int, typer.Option("-n", help="How many images.")] = 1,
    size: Annotated[
        str | None, typer.Option(help="WIDTHxHEIGHT in pixels, each 8 to 256. Default: 32x32, or that of --image.")
    ] = None,
    image: Annotated[
        Path | None, typer.Option(help="Picture to change, at native size. With a larger --size it is drawn on around.")
    ] = None,
    region: Annotated[
        str | None,
        typer.Option(metavar="NAME|MASK", help="Draw anew only this part (sky, hat …) or a mask's bright cells."),
    ] = None,
    strength: Annotated[float, typer.Option(help="How far --image may change, above 0 to 1.")] = 1.0,
    palette: Annotated[str | None, typer.Option(help="Built-in palette (see: palette list) or a palette file.")] = None,
    colors: Annotated[int | None, typer.Option(help="At most this many colours, 2 to 256.")] = None,
    style: Style = None,
    kind: Annotated[str | None, typer.Option(help="What it shows: character, creature, item, building, tile …")] = None,
    reference: Annotated[
        list[Path] | None, typer.Option(help="Picture whose style is wanted, at native size; repeat it for up to 8.")
    ] = None,
    layout: Annotated[
        Path | None,
        typer.Option(
            help="Where the parts go: a picture of that size in the colours of `pixelmind segment`; clear is open."
        ),
    ] = None,
    seamless: Annotated[bool, typer.Option("--seamless", help="Let the edges meet, for tiles.")] = False,
    negative: Annotated[str, typer.Option(help="What to keep out.")] = "",
    seed: Annotated[int | None, typer.Option(help="Same seed, same pictures. Default: drawn anew and printed.")] = None,
    steps: Annotated[int | None, typer.Option(help="Sampling steps. Default: the weights' own.")] = None,
    guidance: Annotated[float | None, typer.Option(help="How closely to follow the words, 0 to 20.")] = None,
    out: Annotated[
        str | None, typer.Option("-o", "--out", help="File or folder/. Default: PIXELMIND_HOME/outputs.")
    ] = None,
    format: Annotated[str, typer.Option(help=f"{FORMAT_HELP}.")] = "png",
    scale: Annotated[int, typer.Option(help="Enlarge the file by repeating pixels, 1 to 64.")] = 1,
    weights: Annotated[Path | None, typer.Option(help="Folder of other weights.")] = None,
    threads: Annotated[int | None, typer.Option(help="CPU threads.")] = None,
    check_: Check = True,
    preview: Annotated[bool, typer.Option(help="Show the pictures in the terminal.")] = True,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    """Draw sprites from words: exact size, exact palette, alpha 0 or 255.

    --json prints {"images": [{"path", "width", "height", "colors", "seed"}], "seconds", "weights"}; width and height
    are those of the sprite, before --scale.
    """
    check(prompt, n, colors, steps, guidance, seed)
    if image is None and (region is not None or strength != 1):
        raise BadInput("--region and --strength change a picture; name it with --image")
    source, changed = (None, None) if image is None else _source(image, size, region, weights)
    parts = None if layout is None else read_layout(layout)
    if source is not None:
        width, height = source.width, source.height
    elif size is None and parts is not None:
        width, height = parts.width, parts.height
    else:
        width, height = parse_size(size or "32x32")
    shown = read_references(reference or [])

    from pixelmind.pixels import export, palettes

    if threads is not None and not 1 <= threads <= 256:
        raise BadInput(f"--threads {threads} is out of range: use 1 to 256")
    if seed is None:
        seed = secrets.randbelow(2**31)
    target = out if out is not None else output_stem(prompt, width, height, seed)
    export.check(format, scale, target)
    chosen = palettes.resolve(palette) if palette is not None else None

    from pixelmind.generator.pipeline import load
    from pixelmind.quality.after import load_check
    from pixelmind.records import Conditioning, GenerationRequest

    pipeline = load(weights, threads=threads, adapters=own_styles(style))
    conditioning = Conditioning(
        prompt=prompt,
        negative=negative,
        height=height,
        width=width,
        palette=chosen,
        max_colors=None if colors is None else min(colors, 255),  # one entry is kept for clear cells
        style=style,
        kind=kind,
        references=tuple(shown),
        layout=None if parts is None else parts.mask,
        layout_names=() if parts is None else parts.mask_names,
        seamless=seamless,
    )
    request = GenerationRequest(
        conditioning=conditioning,
        num_images=n,
        seed=seed,
        num_inference_steps=steps,
        guidance_scale=guidance,
        source=source,
        region=changed,
        strength=strength,
    )
    result = pipeline.generate_batch([request])[0]
    checks = load_check(weights) if check_ else None
    if checks is not None:
        result = checks.drawn(pipeline, request, result)
    paths = export.save(result.sprites, target, format, scale)
    own = paths if format == "png" else paths[:1] * n
    if json:
        images = [
            {
                "path": str(path.resolve()),
                "width": s.width,
                "height": s.height,
                "colors": s.num_colors,
                "seed": image_seed,
            }
            for path, s, image_seed in zip(own, result.sprites, result.seeds)
        ]
        output.print_json({"images": images, "seconds": round(result.seconds, 3), "weights": result.weights})
        return
    if preview:
        output.print_previews(result.sprites)
    for path in paths:
        print(path.resolve())
    last = f" to {seed + n - 1}" if n > 1 else ""
    output.log(f"seed {seed}{last}, {result.seconds:.2f} s, weights {result.weights}")
    for path, sprite in zip(own, result.sprites):
        tell_doubt(sprite, path.name)
