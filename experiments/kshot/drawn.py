"""Pictures drawn in a style from 16 of its sprites, against real ones: nothing shown, references only, and an adapter.

    .venv/bin/python experiments/kshot/drawn.py --data STORE --style crawl/creature --style shattered/item --out OUT

For each style and kind: 16 pictures are the support, up to --count others the query. Their captions are drawn at their sizes by each
method; FID and KID (in the features of the released judge) are taken between what was drawn and the query's real pictures, and between
two halves of real ones as a floor. Few pictures: FID is biased upwards, so compare methods only, and look at KID's interval.
Writes OUT/drawn.json and a sheet OUT/STYLE.png: real, nothing, references, adapter.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from pixelmind.adaptation import starts
from pixelmind.adaptation.style import StyleConfig, fit
from pixelmind.adaptation.tasks import Picture, read_groups
from pixelmind.data.store import Store
from pixelmind.evaluation.judge import Judge
from pixelmind.evaluation.metrics.fid import fid
from pixelmind.evaluation.metrics.kid import mmd2
from pixelmind.generator.bundle import Bundle
from pixelmind.generator.pipeline import PixelPipeline
from pixelmind.records import U8, Conditioning, GenerationRequest

SUPPORT = 16


def request(picture: Picture, seed: int, **told: Any) -> GenerationRequest:
    height, width = picture.rgba.shape[:2]
    c = Conditioning(
        prompt=picture.caption, height=max(8, height), width=max(8, width), kind=picture.kind or None, **told
    )
    return GenerationRequest(conditioning=c, seed=seed)


def draw(pipe: PixelPipeline, pictures: Sequence[Picture], **told: Any) -> list[U8]:
    """One picture a caption, as RGBA."""
    requests = [request(p, 1000 + i, **told) for i, p in enumerate(pictures)]
    return [
        result.sprites[0].rgba()
        for first in range(0, len(requests), 16)
        for result in pipe.generate_batch(requests[first : first + 16])
    ]


def interval(a: np.ndarray, b: np.ndarray) -> list[float]:
    """95 % interval of KID x 1000 by the jackknife over the drawn pictures (a bootstrap's repeats would bias the distance)."""
    every = 1000 * np.array([mmd2(np.delete(a, i, axis=0), b) for i in range(len(a))])
    half = 1.96 * float(np.sqrt((len(a) - 1) * every.var()))
    middle = 1000 * mmd2(a, b)
    return [round(middle - half, 2), round(middle + half, 2)]


def sheet(rows: Sequence[Sequence[U8]], path: Path, columns: int = 12, scale: int = 2) -> None:
    """The first pictures of each row on mid grey."""
    side = max(max(p.shape[:2]) for row in rows for p in row[:columns]) + 2
    canvas = np.full((len(rows) * side, columns * side, 3), 112, np.uint8)
    for y, row in enumerate(rows):
        for x, rgba in enumerate(row[:columns]):
            h, w = rgba.shape[:2]
            part = canvas[y * side : y * side + h, x * side : x * side + w]
            part[rgba[..., 3] > 0] = rgba[rgba[..., 3] > 0][:, :3]
    Image.fromarray(canvas.repeat(scale, 0).repeat(scale, 1)).save(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--style", action="append", required=True, metavar="STYLE/KIND")
    parser.add_argument("--count", type=int, default=48)
    parser.add_argument("--steps", type=int, default=StyleConfig().steps)
    parser.add_argument("--lr", type=float, default=StyleConfig().lr)
    parser.add_argument("--start", type=Path)
    args = parser.parse_args()
    torch.set_num_threads(1)
    bundle, store = Bundle(), Store.open(args.data)
    judge, start = Judge.load(bundle.folder), starts.find(bundle, args.start)
    found = {}
    args.out.mkdir(parents=True, exist_ok=True)
    for name in args.style:
        style, _, kind = name.partition("/")
        held_back = style in ("shattered", "nethack")
        splits = ("train", "val", "test", "judge") if held_back else ("val", "test")
        groups = read_groups(
            store,
            16,
            4,
            splits=splits,
            styles=frozenset({style}),
            limit=SUPPORT + args.count,
            evaluation_only=held_back,
        )
        group = next(g for g in groups if g.kind == kind)
        support, query = group.pictures[:SUPPORT], group.pictures[SUPPORT:]
        config = StyleConfig(steps=args.steps, lr=args.lr, seconds=3600)
        made = fit([replace(p) for p in support], "own", bundle, config, start=start)
        pipe = PixelPipeline(bundle, threads=1, adapters=[made.adapter])
        rows: dict[str, list[U8]] = {"real": [p.rgba for p in query]}
        rows["nothing"] = draw(pipe, query)
        rows["references"] = draw(pipe, query, references=made.adapter.references)
        rows["adapter"] = draw(pipe, query, style="own")
        features = {key: judge.pooled_features(pictures) for key, pictures in rows.items()}
        real = features["real"]
        half = len(real) // 2
        cells = {"floor, halves of real": {"KID x 1000": round(1000 * mmd2(real[:half], real[half:]), 2)}}
        for key in ("nothing", "references", "adapter"):
            cells[key] = {
                "FID": round(fid(features[key], real), 3),
                "KID x 1000": round(1000 * mmd2(features[key], real), 2),
                "interval": interval(features[key], real),
            }
        found[name] = {"pictures": len(query), "loss_before": made.before, "loss_after": made.after, **cells}
        print(name, json.dumps(found[name]), flush=True)
        sheet(list(rows.values()), args.out / f"{style}.png")
        (args.out / "drawn.json").write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
