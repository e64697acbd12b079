"""The gallery: 128 fixed prompts, seed 0, drawn one by one and shown exactly as they come out, good and bad.

    .venv/bin/python benchmarks/gallery.py [--weights BUNDLE]

Writes docs/images/gallery.png (all up to 64 px, enlarged twice), docs/images/gallery_large.png (the larger ones),
docs/images/hero.png (eight of them, named in HERO, enlarged three times) and docs/gallery.md (what was asked and what came
back). Nothing is drawn twice and nothing is picked by eye: the prompts stand in gallery_prompts.txt and were written before any
output was seen.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pixelmind import load
from pixelmind.errors import BadInput
from pixelmind.files import write_bytes
from pixelmind.pixels import palettes, png
from pixelmind.pixels.preview import contact_sheet
from pixelmind.records import Sprite

HERE = Path(__file__).resolve().parent
PROMPTS = HERE / "gallery_prompts.txt"
DOCS = HERE.parent / "docs"
SEED = 0
COLUMNS, SCALE = 8, 2
HERO_SCALE, HERO_GAP = 3, 4  # enlargement; clear columns between two sprites, in sprite pixels
#: The README's picture: prompts of the list at 32x32, one from most groups, whatever they look like.
HERO = (
    "8-bit castle with red flags",
    "a green slime with a crown",
    "a knight in silver armor with a red cape",
    "a red dragon breathing fire",
    "a flaming battle axe",
    "a small house with a blue roof",
    "an oak tree",
    "a sailing ship",
)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One line of the list: words, (width, height) in px and a palette's name or None."""

    prompt: str
    width: int
    height: int
    palette: str | None


def read_prompts(path: Path) -> list[Asked]:
    """Read lines `SIZE PALETTE PROMPT`; empty lines and lines that begin with # do not count.

    Raises:
        BadInput: a line of another form, or an unknown palette.
    """
    asked = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        found = re.fullmatch(r"(\d+)x(\d+)\s+(\S+)\s+(\S.*)", line.strip())
        if not found:
            raise BadInput(f"{path}:{number}: a line reads SIZE PALETTE PROMPT, for example: 32x32 - a red potion")
        palette = None if found[3] == "-" else found[3]
        if palette is not None:
            palettes.get(palette)
        asked.append(Asked(prompt=found[4], width=int(found[1]), height=int(found[2]), palette=palette))
    return asked


def row(sprites: Sequence[Sprite], gap: int) -> Sprite:
    """Set sprites side by side on their lower edge, `gap` clear columns apart: one exact indexed sprite.

    Raises:
        BadInput: more than 255 colours together.
    """
    height = max(s.height for s in sprites)
    width = sum(s.width for s in sprites) + gap * (len(sprites) - 1)
    canvas = np.zeros((height, width, 4), dtype=np.uint8)
    left = 0
    for sprite in sprites:
        canvas[height - sprite.height :, left : left + sprite.width] = sprite.rgba()
        left += sprite.width + gap
    return Sprite.from_rgba(canvas)


def page(asked: Sequence[Asked], sprites: Sequence[Sprite], weights: str) -> str:
    """The text of docs/gallery.md."""
    lines = [
        "# Gallery",
        "",
        f"All {len(asked)} prompts of [gallery_prompts.txt](../benchmarks/gallery_prompts.txt), seed {SEED}, one picture",
        "each, exactly as they came out. The prompts were written before any output was seen; nothing was drawn twice,",
        "picked or touched up. What is good and what is not stands in the [log](log.md).",
        "",
        f"Weights `{weights}`. Made by `.venv/bin/python benchmarks/gallery.py`, which also writes this page.",
        "",
        "![Sprites up to 64 px with their prompts](images/gallery.png)",
        "",
        "![Larger pictures with their prompts](images/gallery_large.png)",
        "",
        f'Each one again: `pixelmind generate "PROMPT" --size SIZE --seed {SEED}`, with `--palette PALETTE` where one is named.',
        "Another processor or thread count may round differently and move a few pixels.",
        "",
        "| | prompt | size | palette | colours |",
        "|--:|---|---|---|--:|",
    ]
    for number, (a, s) in enumerate(zip(asked, sprites), 1):
        lines.append(f"| {number} | {a.prompt} | {a.width}x{a.height} | {a.palette or 'free'} | {s.num_colors} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Draw everything and write the two pictures and the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--weights", type=Path, help="bundle to draw with; default: the released weights")
    parser.add_argument("--out", type=Path, default=DOCS, help="folder of gallery.md and images/; default: docs")
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count() or 1))
    options = parser.parse_args()
    try:
        asked = read_prompts(PROMPTS)
        pipe = load(options.weights, threads=options.threads)
        sprites = []
        for number, a in enumerate(asked, 1):
            result = pipe(a.prompt, size=(a.height, a.width), palette=a.palette, seed=SEED)
            sprites.append(result.sprites[0])
            print(f"{number}/{len(asked)} {a.prompt} ({result.seconds:.2f} s)", file=sys.stderr)
    except BadInput as error:
        sys.exit(f"error: {error}")
    captions = [f"{number} {a.prompt}" for number, a in enumerate(asked, 1)]
    small = [i for i, s in enumerate(sprites) if max(s.height, s.width) <= 64]
    large = [i for i in range(len(sprites)) if i not in small]
    for name, shown, columns in (("gallery.png", small, COLUMNS), ("gallery_large.png", large, 3)):
        sheet, pictures = io.BytesIO(), [sprites[i].rgba() for i in shown]
        contact_sheet(pictures, [captions[i] for i in shown], columns=columns, scale=SCALE).save(
            sheet, "PNG", optimize=True
        )
        write_bytes(options.out / "images" / name, sheet.getvalue())
    drawn = {a.prompt: s for a, s in zip(asked, sprites)}
    write_bytes(
        options.out / "images" / "hero.png", png.encode_png(row([drawn[p] for p in HERO], HERO_GAP), HERO_SCALE)
    )
    path = write_bytes(options.out / "gallery.md", page(asked, sprites, pipe.bundle.id).encode())
    print(path)


if __name__ == "__main__":
    main()
