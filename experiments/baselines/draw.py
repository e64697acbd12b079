"""Draws a trained baseline's pictures for a list of prompts, so that `pixelmind eval external` can put them into its table.

    python experiments/baselines/draw.py --data STORE --model five-dollar --run RUNS/five-dollar/seed0 --prompts PROMPTS --out PICTURES
    pixelmind eval external --baselines --data STORE --out TABLE --also five-dollar=PICTURES

PROMPTS is TABLE/prompts.jsonl, or what `pixelmind eval external --export-prompts` writes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from run import MIX, MODELS, learn

from pixelmind.evaluation import prompts_file
from pixelmind.files import write_bytes
from pixelmind.pixels import palettes
from pixelmind.pixels.png import encode_png
from pixelmind.records import Conditioning, GenerationRequest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", choices=MODELS, required=True)
    parser.add_argument("--run", type=Path, required=True, help="folder of the trained model and seed")
    parser.add_argument("--prompts", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)
    if not any(args.run.rglob("cpu.json")):
        raise SystemExit(f"no trained {args.model} in {args.run}: train it with experiments/baselines/run.py")
    learned = learn(args.model, args.data, args.run, MIX, 0.0, int(args.run.name.removeprefix("seed")))
    assert learned is not None
    for n, asked in enumerate(prompts_file.read(args.prompts)):
        conditioning = Conditioning(
            prompt=asked.prompt,
            height=asked.height,
            width=asked.width,
            max_colors=asked.max_colors,
            palette=palettes.resolve(asked.palette) if asked.palette else None,
        )
        request = GenerationRequest(conditioning=conditioning, num_images=len(asked.images), seed=1000 * n)
        for name, sprite in zip(asked.images, learned[0].generate_batch([request])[0].sprites):
            write_bytes(args.out / name, encode_png(sprite))


if __name__ == "__main__":
    main()
