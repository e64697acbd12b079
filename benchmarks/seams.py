"""How well the edges of `--seamless` tiles meet.

Rank of the seam: the share of a tile's other pairs of neighbouring rows and columns that differ less than the two edges that meet when
the tile is laid beside itself. 0.5 is no seam, 1 the plainest line of the picture.

    python benchmarks/seams.py
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pixelmind.generator.pipeline import PixelPipeline, load

TILES = (
    "grass",
    "stone brick wall",
    "wooden planks",
    "lava",
    "blue water",
    "desert sand with small stones",
    "cobblestone floor",
    "dirt",
)


def seam_rank(rgba: np.ndarray) -> float:
    """Rank of the seam of a tile uint8 [H, W, 4], the mean of both axes, ties counted half."""
    ranks = []
    for axis in (0, 1):
        rgb = np.moveaxis(rgba[..., :3].astype(float), axis, 0)
        steps = np.abs(rgb - np.roll(rgb, -1, axis=0)).mean(axis=(1, 2))
        inner, seam = steps[:-1], steps[-1]
        ranks.append(((inner < seam).mean() + (inner <= seam).mean()) / 2)
    return float(np.mean(ranks))


def measure(pipe: PixelPipeline, side: int, seeds: int, seamless: bool) -> float:
    """Mean rank over all tiles and seeds."""
    drawn = [
        sprite
        for words in TILES
        for sprite in pipe(words, size=(side, side), kind="tile", seamless=seamless, seed=1, num_images=seeds).sprites
    ]
    return float(np.mean([seam_rank(s.rgba()) for s in drawn]))


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a row a size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--sides", type=int, nargs="*", default=[16, 32])
    parser.add_argument("--seeds", type=int, default=2)
    args = parser.parse_args(arguments)
    pipe = load(args.weights)
    for side in args.sides:
        plain, seamless = (measure(pipe, side, args.seeds, flag) for flag in (False, True))
        print(f"{side}x{side}: rank of the seam {plain:.2f} without --seamless, {seamless:.2f} with it")


if __name__ == "__main__":
    main()
