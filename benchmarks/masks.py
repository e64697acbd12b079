"""How right the masks are that come with sprites: region classes of drawn `test` scenes, whose parts are known.

A scene is noised a little (`--strength`, as for image-to-image), drawn by all levels with its caption, and the parts named in the sprite
(by region heads and segmenter together) are compared with the true ones, cell by opaque cell. mIoU: mean over the classes that occur.

    python benchmarks/masks.py --data STORE [--weights BUNDLE]
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from pixelmind.data.loader import regions_of
from pixelmind.data.procedural.regions import REGIONS
from pixelmind.data.store import Store
from pixelmind.generator.inpaint import Source
from pixelmind.generator.pipeline import PixelPipeline, _How, load
from pixelmind.pixels.png import decode_png
from pixelmind.pixels.quantize import to_num_colors
from pixelmind.records import Conditioning, GenerationRequest


def confusion(
    pipe: PixelPipeline, data: Path, largest: int, smallest: int, limit: int, strength: float, split: str
) -> np.ndarray:
    """Cells by true and found class, int64 [R, R], over `limit` scenes."""
    store, counts = Store.open(data), np.zeros((len(REGIONS), len(REGIONS)), np.int64)
    rows = store.columns("split", "source", "width", "height")
    longest = np.maximum(rows["width"], rows["height"])
    fits = (rows["split"] == split) & (rows["source"] == "procedural") & (longest <= largest) & (longest >= smallest)
    picks = np.random.default_rng(0).permutation(np.flatnonzero(fits))[:limit]
    for row in store.take(picks, ["png", "mask_png", "mask_names", "captions"]):
        rgba = decode_png(row["png"])
        true = regions_of(row)
        if true is None:
            continue
        request = GenerationRequest(
            conditioning=Conditioning(prompt=row["captions"][0], height=rgba.shape[0], width=rgba.shape[1]),
            source=to_num_colors(rgba, 255),
            strength=strength,
        )
        with torch.inference_mode():
            how = _How(None, None, strength, False, None)
            (drawn,), words = pipe._draw([request.conditioning], [0], [Source.of(request)], how)
            sprite = pipe._finish(drawn, words[0], replace(request, source=None), 0, None)
        if sprite.mask is None or sprite.mask_names is None:
            raise SystemExit("error: these weights name no parts; name others with --weights")
        found = np.array([REGIONS.index(name) for name in sprite.mask_names])[sprite.mask]
        opaque = rgba[..., 3] > 0
        np.add.at(counts, (true[opaque], found[opaque]), 1)
    return counts


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a row a range of sizes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--limit", type=int, default=300)
    parser.add_argument("--split", default="test")
    parser.add_argument("--strength", type=float, default=0.2)
    args = parser.parse_args(arguments)
    pipe = load(args.weights, best_of=1)
    for smallest, largest in ((8, 16), (17, 64), (65, 256)):
        counts = confusion(pipe, args.data, largest, smallest, args.limit, args.strength, args.split)
        right, true, found = np.diag(counts), counts.sum(1), counts.sum(0)
        seen = true > 0
        miou = (right[seen] / (true + found - right)[seen]).mean()
        accuracy = right.sum() / counts.sum()
        print(
            f"{smallest} to {largest} px: mIoU {miou:.3f} over {seen.sum()} classes, cells right {accuracy:.3f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
