"""Style from reference sprites: how near to a style that no weights were trained on, with k references of it and without.

    python benchmarks/references.py --data STORE --judge JUDGE [--weights BUNDLE] --out references.json

For each evaluation-only source: the captions of one half of its pictures are drawn, with k references from that half (never the picture
that is asked for), and the outputs are compared in judge features with the other half. Floor: the two halves of the real pictures.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pixelmind.evaluation import testset
from pixelmind.evaluation.judge import Judge
from pixelmind.evaluation.metrics import fid, kid
from pixelmind.evaluation.stage import find_judge
from pixelmind.files import write_json
from pixelmind.generator.pipeline import PixelPipeline, load
from pixelmind.pixels.quantize import to_num_colors
from pixelmind.records import Conditioning, GenerationRequest, Sprite

MIN_PICTURES = 100


def requests_of(items: Sequence[testset.TestItem], count: int, rng: np.random.Generator) -> list[GenerationRequest]:
    """One request a picture, with `count` other pictures as references."""
    out = []
    for index, item in enumerate(items):
        others = [i for i in range(len(items)) if items[i].cluster != item.cluster]
        shown = [items[i].rgba for i in rng.permutation(others)[:count]]
        height, width = item.rgba.shape[:2]
        references = tuple(to_num_colors(rgba, 255) for rgba in shown)
        asked = Conditioning(prompt=item.prompt, height=height, width=width, references=references)
        out.append(GenerationRequest(conditioning=asked, seed=index))
    return out


def measure(
    pipeline: PixelPipeline, judge: Judge, items: list[testset.TestItem], counts: Sequence[int], limit: int
) -> list[dict[str, Any]]:
    """A row for each number of references."""
    order = np.random.default_rng(0).permutation(len(items))
    asked = [items[i] for i in order[: len(order) // 2]][:limit]
    real = judge.pooled_features([items[i].rgba for i in order[len(order) // 2 :]][:limit])
    floor = judge.pooled_features([i.rgba for i in asked])
    rows: list[dict[str, Any]] = [
        {"references": "real", "n": len(asked), "fid": fid.fid(floor, real), "kid": kid.kid(floor, real)[0] * 1000}
    ]
    for count in counts:
        sprites: list[Sprite] = []
        wanted = requests_of(asked, count, np.random.default_rng(1))
        for first in range(0, len(wanted), 16):
            sprites += [r.sprites[0] for r in pipeline.generate_batch(wanted[first : first + 16])]
        drawn = judge.pooled_features([s.rgba() for s in sprites])
        rows.append(
            {"references": count, "n": len(drawn), "fid": fid.fid(drawn, real), "kid": kid.kid(drawn, real)[0] * 1000}
        )
        print(rows[-1], flush=True)
    return rows


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure every evaluation-only source with enough pictures; write after each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, action="append", required=True)
    parser.add_argument("--judge", type=Path)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--references", type=int, nargs="*", default=[0, 1, 4, 8])
    parser.add_argument("--limit", type=int, default=150)
    parser.add_argument("--out", type=Path, default=Path("references.json"))
    args = parser.parse_args(arguments)
    judge, pipeline = find_judge(args.weights, args.judge), load(args.weights)
    items = [i for i in testset.load_items(args.data, max_size=64) if i.origin == "unseen"]
    found: dict[str, Any] = {}
    for source in sorted({i.source for i in items}):
        own = [i for i in items if i.source == source]
        if len(own) >= MIN_PICTURES:
            print(source, flush=True)
            found[source] = measure(pipeline, judge, own, args.references, args.limit)
            write_json(args.out, {"format": 1, "weights": pipeline.bundle.id, "sources": found})


if __name__ == "__main__":
    main()
