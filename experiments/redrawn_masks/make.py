"""Scenes as the generator redraws them, with the parts of the scene: what the segmenter meets in use.

    python experiments/redrawn_masks/make.py STORE --count 3000 --large 800

Drawn scenes of the `train` split are noised to t = 0.2 and drawn again by all levels with one of their captions, in a quarter of the usual
steps, and added to STORE as pictures of the source "redrawn" with the mask of the scene. Train on them with

    pixelmind train segmenter --data STORE --set 'segmenter.mix="redrawn 0.4, procedural 0.4, real 0.2"' ...
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from pixelmind.data.store import Store
from pixelmind.generator.inpaint import Source
from pixelmind.generator.pipeline import PixelPipeline, _How, load
from pixelmind.pixels.png import decode_png, encode_rgba_png
from pixelmind.pixels.quantize import to_num_colors
from pixelmind.records import Conditioning, GenerationRequest, Sample

STRENGTH, STEPS = 0.2, 4


def redrawn(pipe: PixelPipeline, rows: list[dict], rng: np.random.Generator) -> list[Sample]:
    """The rows drawn again, their masks kept."""
    requests = []
    for row in rows:
        rgba, caption = decode_png(row["png"]), row["captions"][int(rng.integers(len(row["captions"])))]
        asked = Conditioning(prompt=caption[:1000], height=rgba.shape[0], width=rgba.shape[1])
        source = to_num_colors(rgba, 255)
        requests.append(GenerationRequest(conditioning=asked, source=source, strength=STRENGTH))
    how = _How(STEPS, None, STRENGTH, False, None)
    with torch.inference_mode():
        seeds = rng.integers(1 << 31, size=len(rows)).tolist()
        drawn, words = pipe._draw([r.conditioning for r in requests], seeds, [Source.of(r) for r in requests], how)
        sprites = [pipe._finish(d, w, replace(r, source=None), 0, None) for d, w, r in zip(drawn, words, requests)]
    return [
        Sample(
            png=encode_rgba_png(s.rgba()),
            height=row["height"],
            width=row["width"],
            captions=tuple(row["captions"]),
            source="redrawn",
            licence=row["licence"],
            credit=row["credit"],
            tags={"kind": row["kind"], "style": "redrawn"},
            mask_png=row["mask_png"],
            mask_names=tuple(row["mask_names"]),
            split="train",
        )
        for row, s in zip(rows, sprites)
    ]


def main() -> None:
    """Draw, a few rows at a time, so that a broken run leaves what it made."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", type=Path)
    parser.add_argument("--count", type=int, default=3000, help="scenes of up to 64 px")
    parser.add_argument("--large", type=int, default=800, help="scenes above 64 px")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    store, pipe, rng = Store.open(args.store), load(best_of=1), np.random.default_rng(args.seed)
    pipe.segmenter = None
    table = store.columns("split", "source", "width", "height")
    longest = np.maximum(table["width"], table["height"])
    fits = (table["split"] == "train") & (table["source"] == "procedural")
    columns = ["png", "mask_png", "mask_names", "captions", "height", "width", "licence", "credit", "kind"]
    picks = [
        rng.permutation(np.flatnonzero(fits & (longest <= 64)))[: args.count],
        rng.permutation(np.flatnonzero(fits & (longest > 64)))[: args.large],
    ]
    for chosen, batch in zip(picks, (16, 4)):
        order = chosen[np.lexsort((table["width"][chosen], table["height"][chosen]))]  # like sizes share frames
        for first in range(0, len(order), 256):
            made: list[Sample] = []
            rows = store.take(order[first : first + 256], columns)
            for at in range(0, len(rows), batch):
                made += redrawn(pipe, rows[at : at + batch], rng)
            store.append(made)
            print(f"{first + len(rows)} of {len(order)}", flush=True)


if __name__ == "__main__":
    main()
