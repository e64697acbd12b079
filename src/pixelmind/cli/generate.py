"""`pixelmind generate`: words to sprites with the released weights (or any bundle)."""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import Annotated

import typer

from pixelmind.cli import output
from pixelmind.cli.home import output_stem
from pixelmind.errors import BadInput

MAX_PROMPT_CHARS, MAX_IMAGES, MAX_COLORS = 1000, 64, 256
MAX_SEED = 2**53 - 1
MIN_SIDE, MAX_SIDE = 8, 256


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


def generate(
    prompt: Annotated[str, typer.Argument(help="What to draw, 1 to 1000 characters.")],
    n: Annotated[int, typer.Option("-n", help="How many images.")] = 1,
    size: Annotated[str, typer.Option(help="WIDTHxHEIGHT in pixels, each 8 to 256.")] = "32x32",
    palette: Annotated[str | None, typer.Option(help="Built-in palette (see: palette list) or a palette file.")] = None,
    colors: Annotated[int | None, typer.Option(help="At most this many colours, 2 to 256.")] = None,
    style: Annotated[str | None, typer.Option(help="Style known to the weights.")] = None,
    kind: Annotated[str | None, typer.Option(help="What it shows: character, creature, item, building, tile …")] = None,
    reference: Annotated[list[Path] | None, typer.Option(help="Reference pictures (not in this version).")] = None,
    negative: Annotated[str, typer.Option(help="What to keep out.")] = "",
    seed: Annotated[int | None, typer.Option(help="Same seed, same pictures. Default: drawn anew and printed.")] = None,
    steps: Annotated[int | None, typer.Option(help="Sampling steps. Default: the weights' own.")] = None,
    guidance: Annotated[float | None, typer.Option(help="How closely to follow the words, 0 to 20.")] = None,
    out: Annotated[
        str | None, typer.Option("-o", "--out", help="File or folder/. Default: PIXELMIND_HOME/outputs.")
    ] = None,
    format: Annotated[str, typer.Option(help="png, gif, aseprite or sheet.")] = "png",
    scale: Annotated[int, typer.Option(help="Enlarge the file by repeating pixels, 1 to 64.")] = 1,
    weights: Annotated[Path | None, typer.Option(help="Folder of other weights.")] = None,
    threads: Annotated[int | None, typer.Option(help="CPU threads.")] = None,
    preview: Annotated[bool, typer.Option(help="Show the pictures in the terminal.")] = True,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    """Draw sprites from words: exact size, exact palette, alpha 0 or 255.

    --json prints {"images": [{"path", "width", "height", "colors", "seed", "parts"}], "seconds", "weights"}; width and height
    are those of the sprite, before --scale; parts counts the cells of each region class the weights found.
    """
    if reference:
        raise BadInput(
            "--reference is not in this version; leave it out and describe the style in words or with --style"
        )
    check(prompt, n, colors, steps, guidance, seed)
    width, height = parse_size(size)

    from pixelmind.pixels import export, palettes

    if threads is not None and not 1 <= threads <= 256:
        raise BadInput(f"--threads {threads} is out of range: use 1 to 256")
    if seed is None:
        seed = secrets.randbelow(2**31)
    target = out if out is not None else output_stem(prompt, width, height, seed)
    export.check(format, scale, target)
    chosen = palettes.resolve(palette) if palette is not None else None

    from pixelmind.generator.pipeline import load

    pipeline = load(weights, threads=threads)
    result = pipeline(
        prompt,
        negative_prompt=negative,
        size=(height, width),
        palette=chosen,
        max_colors=None if colors is None else min(colors, 255),  # one entry is kept for clear cells
        style=style,
        kind=kind,
        num_images=n,
        seed=seed,
        num_inference_steps=steps,
        guidance_scale=guidance,
    )
    paths = export.save(result.sprites, target, format, scale)  # type: ignore[arg-type]
    own = paths if format == "png" else paths[:1] * n
    if json:
        images = [
            {
                "path": str(path.resolve()),
                "width": s.width,
                "height": s.height,
                "colors": s.num_colors,
                "seed": image_seed,
                "parts": {name: int((s.mask == k).sum()) for k, name in enumerate(s.mask_names)}
                if s.mask is not None
                else None,
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
