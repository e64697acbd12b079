"""Every first-level candidate of each prompt drawn to its end, so that any way of choosing among them can be replayed without drawing.

    python experiments/online/material.py --part test --prompts 100 --out test.npz

A candidate's bits do not depend on the others, so what a choice keeps is what the pipeline would draw.
Kept of each candidate: what the first level predicted at each step (uint8 16x16 RGBA), the encoder's features of that, the final sprite.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from prompts import PARTS, prompts
from torch import Tensor

from pixelmind.encoder.model import load_encoder
from pixelmind.generator import pipeline
from pixelmind.generator.candidates import BEST_OF, Candidates
from pixelmind.generator.canvas import from_canvas
from pixelmind.preference.features import measure
from pixelmind.preference.features.intent import scorer_of
from pixelmind.records import Conditioning, GenerationRequest

KEPT_STEPS = (1, 2, 3, 4, 6, 8, 15)  # of 16; the second is the first at which candidates are dropped


class Recorded(Candidates):
    """Drops nobody, and keeps what it was shown."""

    log: ClassVar[list[tuple[float, list[Any]]]] = []

    def __call__(self, t: float, frames: Tensor) -> Tensor | None:
        if t > 0:
            self.log.append((t, [from_canvas(frame.numpy()) for frame in frames]))
        return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=list(PARTS), required=True)
    parser.add_argument("--prompts", type=int, required=True)
    parser.add_argument("--images", type=int, default=1, help="seeds a prompt")
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)
    pipe = pipeline.load(best_of=1)
    pipe.segmenter = None  # nobody asks for the parts
    encoder = load_encoder()
    scorer = scorer_of(encoder)
    pipeline.Candidates = Recorded  # type: ignore[misc]
    words = prompts(args.part, args.prompts)
    rows: dict[str, list[Any]] = {
        k: [] for k in ("prompt", "seed", "early", "features", "text", "final", "measured", "final_features")
    }
    began = time.monotonic()
    for n, prompt in enumerate(words):
        text = encoder.encode_texts([prompt])[0].numpy()
        for i in range(args.images):
            seed = 10**6 * (1 + PARTS[args.part]) + args.seed + 1000 * n + i
            cond = Conditioning(prompt=prompt, height=args.size, width=args.size)
            how = pipeline._How(None, None, 1.0, False, None)
            Recorded.log.clear()
            seeds = [seed + j * pipeline.CANDIDATE_STRIDE for j in range(BEST_OF)]
            with torch.inference_mode():
                canvases, pooled = pipe._draw([cond] * BEST_OF, seeds, [None] * BEST_OF, how)
                request = GenerationRequest(conditioning=cond)
                sprites = [pipe._finish(c, w, request, s, None) for c, w, s in zip(canvases, pooled, seeds)]
            early = np.array([Recorded.log[step][1] for step in KEPT_STEPS])  # [S, k, 16, 16, 4]
            rows["prompt"].append(prompt)
            rows["seed"].append(seed)
            rows["early"].append(early)
            rows["features"].append(
                encoder.encode_images(list(early.reshape(-1, *early.shape[2:]))).numpy().reshape(*early.shape[:2], -1)
            )
            rows["text"].append(text)
            final = [s.rgba() for s in sprites]
            rows["final"].append(np.array(final))
            rows["final_features"].append(encoder.encode_images(final).numpy())
            rows["measured"].append(measure(sprites, prompt, scorer))
        if n % 10 == 9:
            print(f"{n + 1} of {len(words)} prompts, {time.monotonic() - began:.0f} s", flush=True)
    times = np.array([Recorded.log[step][0] for step in KEPT_STEPS])
    np.savez_compressed(
        args.out, times=times, weights=pipe.bundle.id, size=args.size, **{k: np.array(v) for k, v in rows.items()}
    )


if __name__ == "__main__":
    main()
